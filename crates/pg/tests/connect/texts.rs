//! What errors about TLS advise.

use std::fmt::Write as _;

use nicol_pg::{ConnectionUrl, connect};
use testkit::{Authority, TlsOptions, TlsServer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::with;

const ACCESS: &str = "hostssl all certified all cert
hostssl all md5 all md5
hostssl all all all scram-sha-256
local all all scram-sha-256
";

#[tokio::test]
async fn an_error_says_what_to_change() {
    let (authority, other) = (Authority::new("nicol test authority"), Authority::new("another authority"));
    let server = TlsServer::start(&TlsOptions {
        certificate: Some(&authority.server(&["localhost"])),
        client_authority: Some(authority.pem()),
        access: ACCESS,
        settings: &[("ssl_min_protocol_version", "TLSv1.3")],
        ..TlsOptions::default()
    });
    let plain = TlsServer::start(&TlsOptions::default());
    let expired = TlsServer::start(&TlsOptions {
        certificate: Some(&authority.expired(&["localhost"])),
        ..TlsOptions::default()
    });
    let url = ConnectionUrl::parse(&with(&server, "sslmode=require")).unwrap();
    let (client, connection) = connect(&url).await.unwrap();
    tokio::spawn(connection);
    let roles =
        "create role certified login; set password_encryption = 'md5'; create role md5 login password 's'";
    client.batch_execute(roles).await.unwrap();
    for folder in [&server, &plain, &expired] {
        folder.write("ca.pem", authority.pem());
        folder.write("other.pem", other.pem());
        for (name, certificate) in
            [("right", authority.client("certified", 2)), ("other", other.client("certified", 3))]
        {
            folder.write(&format!("{name}.crt"), &certificate.certificate);
            folder.write(&format!("{name}.key"), &certificate.key);
        }
    }
    let cases = [
        (
            &server,
            "sslmode=verify-full&sslrootcert={dir}/other.pem",
            "set `sslrootcert` to the server's certificate authority",
        ),
        (
            &server,
            "sslmode=verify-full&sslrootcert={dir}/ca.pem&host=127.0.0.1",
            "connect with a host name that is a subject alternative name",
        ),
        (&server, "sslmode=verify-full&sslrootcert={dir}/missing.pem", "set `sslrootcert` to a PEM file"),
        (&server, "sslmode=disable", "what the server's `pg_hba.conf` requires: TLS (`sslmode=require`)"),
        (&server, "sslmode=require&user=certified", "or a client certificate (`sslcert` and `sslkey`)"),
        (
            &server,
            "sslmode=require&user=certified&sslcert={dir}/other.crt&sslkey={dir}/other.key",
            "the server rejected the certificate in `sslcert`",
        ),
        (
            &server,
            "sslmode=require&user=certified&sslcert={dir}/right.crt&sslkey={dir}/other.key",
            "`sslcert` and `sslkey` must belong together",
        ),
        (
            &server,
            "sslmode=require&user=md5&password=s&channel_binding=require",
            "`channel_binding=require` needs TLS and a password",
        ),
        (
            &server,
            "sslmode=require&ssl_max_protocol_version=TLSv1.2",
            "the server has no version of TLS in common",
        ),
        (&plain, "sslmode=require", "enable TLS on the server"),
        (&plain, "channel_binding=require", "`channel_binding=require` needs TLS and a password"),
        (
            &plain,
            "sslmode=require&sslnegotiation=direct",
            "remove `sslnegotiation=direct`, which needs PostgreSQL 17 with TLS",
        ),
        (
            &expired,
            "sslmode=verify-ca&sslrootcert={dir}/ca.pem",
            "renew the server's certificate, which has expired",
        ),
    ];
    let mut wrong = String::new();
    for (server, parameters, expected) in cases {
        let url = ConnectionUrl::parse(&with(server, parameters)).unwrap();
        let text = connect(&url).await.unwrap_err().to_string();
        if !text.split_once("\nhelp: ").is_some_and(|(_, help)| help.contains(expected)) {
            writeln!(wrong, "{parameters}: {text}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[tokio::test]
async fn each_parameter_of_tls_has_its_effect() {
    let authority = Authority::new("nicol test authority");
    let server = TlsServer::start(&TlsOptions {
        certificate: Some(&authority.server(&["localhost"])),
        ..TlsOptions::default()
    });
    let version = async |parameters: &str| {
        let url = ConnectionUrl::parse(&with(&server, parameters)).unwrap();
        let (client, connection) = connect(&url).await.map_err(|error| error.code())?;
        tokio::spawn(connection);
        let sql = "select version, current_setting('server_version_num')::int >= 170000 from pg_stat_ssl \
            where pid = pg_backend_pid()";
        let row = client.query_one(sql, &[]).await.unwrap();
        Ok::<_, &str>((row.get::<_, String>(0), row.get::<_, bool>(1)))
    };
    let (newest, has_direct) = version("sslmode=require").await.unwrap();
    assert_eq!(newest, "TLSv1.3");
    assert_eq!(
        version("sslmode=require&ssl_min_protocol_version=TLSv1.3").await,
        Ok((newest.clone(), has_direct))
    );
    let older = version("sslmode=require&ssl_max_protocol_version=TLSv1.2&channel_binding=require").await;
    assert_eq!(older, Ok(("TLSv1.2".to_owned(), has_direct)));
    let direct = version("sslmode=require&sslnegotiation=direct&channel_binding=require").await;
    assert_eq!(direct, if has_direct { Ok((newest, true)) } else { Err("P1011") });
}

/// The name is in the first message of the handshake, unencrypted.
#[tokio::test]
async fn the_host_is_named_in_the_handshake_unless_sslsni_is_0() {
    for (parameter, is_named) in [("sslsni=1", true), ("sslsni=0", false)] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url =
            format!("postgresql://a@db.example.com:{port}/b?sslmode=require&hostaddr=127.0.0.1&{parameter}");
        let url = ConnectionUrl::parse(&url).unwrap();
        let (outcome, hello) = tokio::join!(connect(&url), async {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut request = [0; 8];
            client.read_exact(&mut request).await.unwrap();
            client.write_all(b"S").await.unwrap();
            let mut hello = vec![0; 4096];
            let length = client.read(&mut hello).await.unwrap();
            hello.truncate(length);
            hello
        });
        outcome.unwrap_err();
        let name = b"db.example.com";
        assert_eq!(hello.windows(name.len()).any(|part| part == name), is_named, "{parameter}");
    }
}
