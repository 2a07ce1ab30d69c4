//! What the parameters of TLS accept and reject, and the codes of errors.

use testkit::{Authority, Certificate, TlsOptions, TlsServer};

use crate::check;

fn start(certificate: &Certificate) -> TlsServer {
    TlsServer::start(&TlsOptions { certificate: Some(certificate), ..TlsOptions::default() })
}

fn start_with_rules(certificate: &Certificate, access: &str) -> TlsServer {
    TlsServer::start(&TlsOptions { certificate: Some(certificate), access, ..TlsOptions::default() })
}

#[tokio::test]
async fn each_sslmode_checks_what_libpqs_does() {
    let authority = Authority::new("nicol test authority");
    let server = start(&authority.server(&["localhost"]));
    server.write("ca.pem", authority.pem());
    server.write("other.pem", Authority::new("another authority").pem());
    server.write("empty.pem", "");
    check(
        &server,
        &[
            ("", Ok(true)),
            ("sslmode=disable", Ok(false)),
            ("sslmode=allow", Ok(false)),
            ("sslmode=prefer", Ok(true)),
            ("sslmode=prefer&sslrootcert={dir}/other.pem", Ok(true)),
            ("sslmode=require", Ok(true)),
            ("sslmode=require&sslrootcert={dir}/ca.pem", Ok(true)),
            ("sslmode=require&sslrootcert={dir}/other.pem", Err("P1011")),
            ("sslmode=require&sslcert={dir}/other.pem", Err("P1011")),
            ("sslmode=require&sslaccept=strict", Err("P1011")),
            ("sslmode=prefer&sslaccept=strict", Err("P1011")),
            ("sslmode=require&sslaccept=strict&sslcert={dir}/ca.pem", Ok(true)),
            ("sslmode=verify-ca", Err("P1011")),
            ("sslmode=verify-ca&sslrootcert={dir}/ca.pem", Ok(true)),
            ("sslmode=verify-ca&sslrootcert={dir}/other.pem", Err("P1011")),
            ("sslmode=verify-full", Err("P1011")),
            ("sslmode=verify-full&sslrootcert={dir}/ca.pem", Ok(true)),
            ("sslmode=verify-full&sslrootcert={dir}/other.pem", Err("P1011")),
            ("sslmode=verify-full&sslrootcert={dir}/missing.pem", Err("P1011")),
            ("sslmode=verify-full&sslrootcert={dir}/empty.pem", Err("P1011")),
            ("sslrootcert=system", Err("P1011")),
            ("sslmode=require&channel_binding=require", Ok(true)),
            ("sslmode=require&channel_binding=disable", Ok(true)),
            ("sslmode=disable&channel_binding=require", Err("P1011")),
            // The name in the URL is checked, not the address.
            ("sslmode=verify-full&sslrootcert={dir}/ca.pem&hostaddr=127.0.0.1", Ok(true)),
            ("sslmode=verify-full&sslrootcert={dir}/ca.pem&host=127.0.0.1", Err("P1011")),
            (
                "sslmode=verify-full&sslrootcert={dir}/ca.pem&host=db.example.com&hostaddr=127.0.0.1",
                Err("P1011"),
            ),
            ("sslmode=verify-ca&sslrootcert={dir}/ca.pem&host=db.example.com&hostaddr=127.0.0.1", Ok(true)),
            // A socket counts as secure in every mode.
            ("sslmode=verify-full&host={dir}/data", Ok(false)),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_certificate_that_signs_itself_can_be_trusted_as_it_is() {
    let server = start(&Certificate::self_signed(&["localhost"]));
    server.write("other.pem", Authority::new("another authority").pem());
    check(
        &server,
        &[
            ("sslmode=require", Ok(true)),
            ("sslmode=verify-ca", Err("P1011")),
            ("sslmode=verify-ca&sslrootcert={dir}/server.crt", Ok(true)),
            ("sslmode=verify-full&sslrootcert={dir}/server.crt", Ok(true)),
            ("sslmode=verify-full&sslrootcert={dir}/server.crt&host=127.0.0.1", Err("P1011")),
            ("sslmode=verify-full&sslrootcert={dir}/other.pem", Err("P1011")),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_expired_certificate_is_refused_where_it_is_checked() {
    let server = start(&Certificate::self_signed_expired(&["localhost"]));
    check(
        &server,
        &[("sslmode=require", Ok(true)), ("sslmode=verify-ca&sslrootcert={dir}/server.crt", Err("P1011"))],
    )
    .await;
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_tls_is_required() {
    let server = TlsServer::start(&TlsOptions::default());
    check(
        &server,
        &[
            ("sslmode=disable", Ok(false)),
            ("sslmode=allow", Ok(false)),
            ("sslmode=prefer", Ok(false)),
            ("sslmode=require", Err("P1011")),
            ("sslmode=verify-full", Err("P1011")),
            ("sslmode=prefer&channel_binding=require", Err("P1011")),
        ],
    )
    .await;
}

#[tokio::test]
async fn access_rules_decide_between_tls_and_none() {
    let authority = Authority::new("nicol test authority");
    let certificate = authority.server(&["localhost"]);
    let only_tls = start_with_rules(&certificate, "hostssl all all all scram-sha-256\n");
    check(
        &only_tls,
        &[("sslmode=disable", Err("P1010")), ("sslmode=allow", Ok(true)), ("sslmode=prefer", Ok(true))],
    )
    .await;
    let no_tls = start_with_rules(&certificate, "hostnossl all all all scram-sha-256\n");
    check(
        &no_tls,
        &[("sslmode=require", Err("P1010")), ("sslmode=allow", Ok(false)), ("sslmode=prefer", Ok(false))],
    )
    .await;
}

#[tokio::test]
async fn a_client_certificate_stands_in_for_the_password() {
    let authority = Authority::new("nicol test authority");
    let server = TlsServer::start(&TlsOptions {
        certificate: Some(&authority.server(&["localhost"])),
        client_authority: Some(authority.pem()),
        access: "hostssl all all all cert\n",
        ..TlsOptions::default()
    });
    for (name, certificate) in
        [("right", authority.client("postgres", 2)), ("wrong", authority.client("bob", 3))]
    {
        server.write(&format!("{name}.crt"), &certificate.certificate);
        server.write(&format!("{name}.key"), &certificate.key);
    }
    check(
        &server,
        &[
            ("sslmode=require&sslcert={dir}/right.crt&sslkey={dir}/right.key", Ok(true)),
            ("sslmode=require&sslcert={dir}/wrong.crt&sslkey={dir}/wrong.key", Err("P1010")),
            ("sslmode=require&sslcert={dir}/right.crt&sslkey={dir}/wrong.key", Err("P1011")),
            ("sslmode=require&sslcert={dir}/right.crt&sslkey={dir}/right.crt", Err("P1011")),
            ("sslmode=require", Err("P1010")),
        ],
    )
    .await;
}
