//! Connections to real servers: what each `sslmode` accepts and rejects, and which error each failure gives.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use nicol_pg::tokio_postgres::AsyncMessage;
use nicol_pg::{ConnectError, ConnectionUrl, Connector, connect};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use server::{Certificate, PASSWORD, Server};

const PASSWORDS: &str = "host all all all scram-sha-256\nlocal all all scram-sha-256\n";

/// Returns whether the connection uses TLS, or the code of the error.
async fn attempt(url: &str) -> Result<bool, &'static str> {
    let (client, connection) = match connect(&ConnectionUrl::parse(url).unwrap()).await {
        Ok(connected) => connected,
        Err(error) => {
            let text = report(&error);
            assert!(!text.contains(PASSWORD) && !text.contains("s3cr3t"), "{text}");
            return Err(error.code());
        }
    };
    tokio::spawn(connection);
    let row =
        client.query_one("select ssl from pg_stat_ssl where pid = pg_backend_pid()", &[]).await.unwrap();
    Ok(row.get(0))
}

fn report(error: &ConnectError) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

async fn check(server: &Server, cases: &[(&str, Result<bool, &'static str>)]) {
    let mut wrong = Vec::new();
    for (parameters, expected) in cases {
        let parameters = parameters.replace("{dir}", server.dir.path().to_str().unwrap());
        let got = attempt(&server.url(&format!("postgres?{parameters}"))).await;
        if got != *expected {
            wrong.push(format!("{parameters}: expected {expected:?}, got {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    Authority { issuer: Issuer::new(params, key), pem }
}

impl Authority {
    fn sign(&self, names: &[&str], common_name: &str) -> Certificate {
        let mut params =
            CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
        params.distinguished_name.push(DnType::CommonName, common_name);
        let key = KeyPair::generate().unwrap();
        Certificate {
            certificate: params.signed_by(&key, &self.issuer).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }
}

#[tokio::test]
async fn each_sslmode_checks_what_libpqs_does() {
    let authority = authority("nicol test authority");
    let server = Server::start(Some(&authority.sign(&["localhost"], "server")), None, PASSWORDS);
    server.write("ca.pem", &authority.pem);
    server.write("other.pem", &self::authority("another authority").pem);
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
            ("sslmode=disable&channel_binding=require", Err("P1000")),
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
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap().pem();
    let server = Server::start(Some(&Certificate { certificate, key: key.serialize_pem() }), None, PASSWORDS);
    server.write("other.pem", &authority("another authority").pem);
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
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap().pem();
    let server = Server::start(Some(&Certificate { certificate, key: key.serialize_pem() }), None, PASSWORDS);
    check(
        &server,
        &[("sslmode=require", Ok(true)), ("sslmode=verify-ca&sslrootcert={dir}/server.crt", Err("P1011"))],
    )
    .await;
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_tls_is_required() {
    let server = Server::start(None, None, PASSWORDS);
    check(
        &server,
        &[
            ("sslmode=disable", Ok(false)),
            ("sslmode=allow", Ok(false)),
            ("sslmode=prefer", Ok(false)),
            ("sslmode=require", Err("P1011")),
            ("sslmode=verify-full", Err("P1011")),
            ("sslmode=prefer&channel_binding=require", Err("P1000")),
        ],
    )
    .await;
}

#[tokio::test]
async fn access_rules_decide_between_tls_and_none() {
    let authority = authority("nicol test authority");
    let certificate = authority.sign(&["localhost"], "server");
    let only_tls = Server::start(Some(&certificate), None, "hostssl all all all scram-sha-256\n");
    check(
        &only_tls,
        &[("sslmode=disable", Err("P1010")), ("sslmode=allow", Ok(true)), ("sslmode=prefer", Ok(true))],
    )
    .await;
    let no_tls = Server::start(Some(&certificate), None, "hostnossl all all all scram-sha-256\n");
    check(
        &no_tls,
        &[("sslmode=require", Err("P1010")), ("sslmode=allow", Ok(false)), ("sslmode=prefer", Ok(false))],
    )
    .await;
}

#[tokio::test]
async fn a_client_certificate_stands_in_for_the_password() {
    let authority = authority("nicol test authority");
    let server = Server::start(
        Some(&authority.sign(&["localhost"], "server")),
        Some(&authority.pem),
        "hostssl all all all cert\n",
    );
    let ann = authority.sign(&[], "ann");
    server.write("ann.crt", &ann.certificate);
    server.write("ann.key", &ann.key);
    let bob = authority.sign(&[], "bob");
    server.write("bob.crt", &bob.certificate);
    server.write("bob.key", &bob.key);
    check(
        &server,
        &[
            ("sslmode=require&sslcert={dir}/ann.crt&sslkey={dir}/ann.key", Ok(true)),
            ("sslmode=require&sslcert={dir}/bob.crt&sslkey={dir}/bob.key", Err("P1010")),
            ("sslmode=require&sslcert={dir}/ann.crt&sslkey={dir}/bob.key", Err("P1011")),
            ("sslmode=require&sslcert={dir}/ann.crt&sslkey={dir}/ann.crt", Err("P1011")),
            ("sslmode=require", Err("P1010")),
        ],
    )
    .await;
}

#[tokio::test]
async fn each_bad_day_has_its_code() {
    let server = Server::start(None, None, PASSWORDS);
    let port = server.port;
    for (url, code) in [
        (format!("postgresql://ann:wrong@localhost:{port}/postgres"), "P1000"),
        (format!("postgresql://ann@localhost:{port}/postgres"), "P1000"),
        (format!("postgresql://nobody:s3cr3t@localhost:{port}/postgres"), "P1000"),
        (server.url("missing"), "P1003"),
        ("postgresql://ann:s3cr3t@localhost:1/postgres".to_owned(), "P1001"),
        ("postgresql://ann:s3cr3t@no.such.host.invalid/postgres".to_owned(), "P1001"),
        ("postgresql://ann:s3cr3t@localhost/postgres?host=/no/such/folder".to_owned(), "P1001"),
    ] {
        assert_eq!(attempt(&url).await, Err(code), "{url}");
    }

    let (client, connection) =
        connect(&ConnectionUrl::parse(&server.url("postgres")).unwrap()).await.unwrap();
    tokio::spawn(connection);
    for sql in [
        "create role bob login password 's3cr3t'",
        "create database closed",
        "revoke connect on database closed from public",
    ] {
        client.batch_execute(sql).await.unwrap();
    }
    assert_eq!(attempt(&format!("postgresql://bob:s3cr3t@localhost:{port}/closed")).await, Err("P1010"));
    client.batch_execute("alter role bob connection limit 0").await.unwrap();
    assert_eq!(attempt(&format!("postgresql://bob:s3cr3t@localhost:{port}/postgres")).await, Err("P2037"));
}

#[tokio::test]
async fn a_silent_server_is_left_after_connect_timeout() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let before = Instant::now();
    let url = format!("postgresql://ann:s3cr3t@127.0.0.1:{port}/postgres?connect_timeout=1");
    let attempt = tokio::time::timeout(Duration::from_mins(1), attempt(&url));
    assert_eq!(attempt.await.expect("it does not wait without end"), Err("P1002"));
    assert!(before.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_server_that_hangs_up_is_closed() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    assert_eq!(attempt(&format!("postgresql://ann:s3cr3t@127.0.0.1:{port}/postgres")).await, Err("P1017"));
}

#[tokio::test]
async fn the_next_host_is_tried_when_one_is_down_but_not_when_one_refuses() {
    let server = Server::start(None, None, PASSWORDS);
    let port = server.port;
    let hosts = |ports: &str, user: &str| {
        format!("postgresql://{user}@x/postgres?host=localhost,localhost&port={ports}")
    };
    let ann = "ann:s3cr3t%2F%40%3A%3F%23";
    assert_eq!(attempt(&hosts(&format!("1,{port}"), ann)).await, Ok(false));
    assert_eq!(attempt(&hosts(&format!("{port},1"), "ann:wrong")).await, Err("P1000"));
    assert_eq!(attempt(&hosts(&format!("1,{port}"), "ann:wrong")).await, Err("P1000"));
    let writable =
        hosts(&format!("{port},1"), ann) + "&target_session_attrs=read-write&load_balance_hosts=random";
    assert_eq!(attempt(&writable).await, Ok(false));
}

#[tokio::test]
async fn a_connection_delivers_notifications_and_can_be_cancelled() {
    let authority = authority("nicol test authority");
    let server = Server::start(Some(&authority.sign(&["localhost"], "server")), None, PASSWORDS);
    let url = ConnectionUrl::parse(
        &server.url("postgres?sslmode=require&application_name=nicol%20test&options=-c%20datestyle%3DGerman"),
    )
    .unwrap();
    let connector = Connector::new(&url).unwrap();
    let (client, connection) = connector.connect().await.unwrap();
    assert!(connection.parameter("server_version").is_some());
    let (sender, receiver) = std::sync::mpsc::channel();
    let connection = tokio::spawn(connection.on_message(move |message| {
        if let AsyncMessage::Notification(notification) = message {
            sender.send(notification.payload().to_owned()).unwrap();
        }
    }));
    client.batch_execute("listen news; notify news, 'spring'").await.unwrap();
    assert_eq!(receiver.try_recv().unwrap(), "spring");
    for (setting, value) in [
        ("application_name", "nicol test"),
        ("datestyle", "German, DMY"),
        ("search_path", "\"$user\", public"),
    ] {
        let row = client.query_one("select current_setting($1)", &[&setting]).await.unwrap();
        assert_eq!(row.get::<_, &str>(0), value);
    }

    let token = client.cancel_token();
    let (slept, cancelled) = tokio::join!(client.batch_execute("select pg_sleep(60)"), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        connector.cancel(&token).await
    });
    cancelled.unwrap();
    assert_eq!(slept.unwrap_err().code().unwrap().code(), nicol_pg::sqlstate::QUERY_CANCELED);
    drop(client);
    connection.await.unwrap().unwrap();
}
