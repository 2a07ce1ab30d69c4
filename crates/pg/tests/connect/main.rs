//! Connections to real servers: what each `sslmode` accepts and rejects, and which error each failure gives.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod libpq;
mod poolers;
mod texts;
mod tls;

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use nicol_pg::tokio_postgres::AsyncMessage;
use nicol_pg::{ConnectError, ConnectionUrl, Connector, connect};
use testkit::{Authority, Standby, TlsOptions, TlsServer};

/// Returns whether the connection uses TLS, or the code of the error.
async fn attempt(url: &str) -> Result<bool, &'static str> {
    let url = ConnectionUrl::parse(url).unwrap();
    let (client, connection) = match connect(&url).await {
        Ok(connected) => connected,
        Err(error) => {
            let text = report(&error);
            assert!(url.password().is_none_or(|password| !text.contains(password)), "{text}");
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

/// Compares attempts at the server with these parameters, where `{dir}` is its folder.
async fn check(server: &TlsServer, cases: &[(&str, Result<bool, &'static str>)]) {
    let mut wrong = Vec::new();
    for (parameters, expected) in cases {
        let got = attempt(&with(server, parameters)).await;
        if got != *expected {
            wrong.push(format!("{parameters}: expected {expected:?}, got {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns a URL of the server with these parameters, where `{dir}` is its folder.
fn with(server: &TlsServer, parameters: &str) -> String {
    let parameters = parameters.replace("{dir}", server.folder().to_str().unwrap());
    format!("{}?{parameters}", server.url().to_url_with_password())
}

#[tokio::test]
async fn each_bad_day_has_its_code() {
    let server = TlsServer::start(&TlsOptions::default());
    let port = server.port();
    for (url, code) in [
        (format!("postgresql://postgres:wrong@localhost:{port}/postgres"), "P1000"),
        (format!("postgresql://postgres@localhost:{port}/postgres"), "P1000"),
        (format!("postgresql://nobody:s3cr3t@localhost:{port}/postgres"), "P1000"),
        (server.url().with_database("missing").to_url_with_password(), "P1003"),
        ("postgresql://ann:s3cr3t@localhost:1/postgres".to_owned(), "P1001"),
        ("postgresql://ann:s3cr3t@no.such.host.invalid/postgres".to_owned(), "P1001"),
        ("postgresql://ann:s3cr3t@localhost/postgres?host=/no/such/folder".to_owned(), "P1001"),
    ] {
        assert_eq!(attempt(&url).await, Err(code), "{url}");
    }

    let (client, connection) = connect(&server.url()).await.unwrap();
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
    let server = TlsServer::start(&TlsOptions::default());
    let port = server.port();
    let hosts = |ports: &str, user: &str| {
        format!("postgresql://{user}@x/postgres?host=localhost,localhost&port={ports}")
    };
    let url = server.url().to_url_with_password();
    let right = url.strip_prefix("postgresql://").unwrap().split('@').next().unwrap();
    assert_eq!(attempt(&hosts(&format!("1,{port}"), right)).await, Ok(false));
    assert_eq!(attempt(&hosts(&format!("{port},1"), "postgres:wrong")).await, Err("P1000"));
    assert_eq!(attempt(&hosts(&format!("1,{port}"), "postgres:wrong")).await, Err("P1000"));
    let writable =
        hosts(&format!("{port},1"), right) + "&target_session_attrs=read-write&load_balance_hosts=random";
    assert_eq!(attempt(&writable).await, Ok(false));
}

#[tokio::test]
async fn a_connection_delivers_notifications_and_can_be_cancelled() {
    let authority = Authority::new("nicol test authority");
    let server = TlsServer::start(&TlsOptions {
        certificate: Some(&authority.server(&["localhost"])),
        ..TlsOptions::default()
    });
    server.write("ca.pem", authority.pem());
    let parameters = "sslmode=verify-full&sslrootcert={dir}/ca.pem&channel_binding=require\
        &application_name=nicol%20test&options=-c%20datestyle%3DGerman";
    let url = ConnectionUrl::parse(&with(&server, parameters)).unwrap();
    let connector = Connector::new(&url).unwrap();
    let (client, connection) = connector.connect().await.unwrap();
    assert!(connection.parameter("server_version").is_some());
    let (process_id, cancel) = (connection.process_id(), connection.cancel_handle());
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

    let row = client.query_one("select pg_backend_pid()", &[]).await.unwrap();
    assert_eq!(process_id, Some(row.get::<_, i32>(0)));

    let (slept, cancelled) = tokio::join!(client.batch_execute("select pg_sleep(60)"), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        connector.cancel(&cancel).await
    });
    cancelled.unwrap();
    assert_eq!(slept.unwrap_err().code().unwrap().code(), nicol_pg::sqlstate::QUERY_CANCELED);
    drop(client);
    connection.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_server_of_the_wanted_kind_is_found() {
    let servers = Standby::start(&[]).await;
    let (primary, standby) = (servers.primary().url(), servers.standby().url());
    let mut wrong = Vec::new();
    let mut check = async |hosts: &[&ConnectionUrl], wanted: &str, expected: Result<&str, &str>| {
        let ports: Vec<_> = hosts.iter().map(|url| url.port().to_string()).collect();
        let names: Vec<_> = hosts.iter().map(|_| "127.0.0.1").collect();
        let user = primary.to_url_with_password();
        let user = user.strip_prefix("postgresql://").unwrap().split('@').next().unwrap();
        let url = format!(
            "postgresql://{user}@x/postgres?sslmode=disable&host={}&port={}&target_session_attrs={wanted}",
            names.join(","),
            ports.join(",")
        );
        let got = match connect(&ConnectionUrl::parse(&url).unwrap()).await {
            Err(error) => Err(error.code()),
            Ok((client, connection)) => {
                tokio::spawn(connection);
                let sql = "select pg_is_in_recovery()";
                let is_standby = client.query_one(sql, &[]).await.unwrap().get(0);
                Ok(if is_standby { "standby" } else { "primary" })
            }
        };
        if got != expected {
            wrong.push(format!("{wanted} of {ports:?}: {got:?} instead of {expected:?}"));
        }
    };
    let (both, reverse) = ([&primary, &standby], [&standby, &primary]);
    for (wanted, found) in [
        ("any", None),
        ("read-write", Some("primary")),
        ("primary", Some("primary")),
        ("read-only", Some("standby")),
        ("standby", Some("standby")),
        ("prefer-standby", Some("standby")),
    ] {
        check(&both, wanted, Ok(found.unwrap_or("primary"))).await;
        check(&reverse, wanted, Ok(found.unwrap_or("standby"))).await;
    }
    check(&[&primary], "standby", Err("P1001")).await;
    check(&[&primary], "prefer-standby", Ok("primary")).await;
    check(&[&standby], "primary", Err("P1001")).await;
    check(&[&standby], "read-write", Err("P1001")).await;

    // A primary that does not write by default is a primary, but not read-write.
    servers.primary().set("default_transaction_read_only", "on").await;
    check(&[&primary], "primary", Ok("primary")).await;
    check(&[&primary], "read-write", Err("P1001")).await;
    check(&[&primary], "read-only", Ok("primary")).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_database_that_a_standby_does_not_have_yet_is_looked_for_on_the_primary() {
    let servers = Standby::start(&[]).await;
    let (primary, standby) = (servers.primary().url(), servers.standby().url());
    let run = async |url: &ConnectionUrl, sql: &str| {
        let (client, connection) = connect(url).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
    };
    run(&standby, "select pg_wal_replay_pause()").await;
    run(&primary, "create database fresh").await;
    let user = primary.to_url_with_password();
    let (user, _) = user.strip_prefix("postgresql://").unwrap().split_once('@').unwrap();
    // The last port is nobody's.
    let ports = format!("{},{},1", standby.port(), primary.port());
    for (database, wanted, expected) in [
        ("fresh", "read-write", Ok(())),
        ("fresh", "any", Err("P1003")),
        ("nowhere", "read-write", Err("P1003")),
    ] {
        let url = format!(
            "postgresql://{user}@x/{database}?sslmode=disable&host=127.0.0.1,127.0.0.1,127.0.0.1&port={ports}\
             &target_session_attrs={wanted}"
        );
        let found = connect(&ConnectionUrl::parse(&url).unwrap()).await;
        assert_eq!(found.map(drop).map_err(|error| error.code()), expected, "{database}, {wanted}");
    }
}

#[tokio::test]
async fn hosts_and_addresses_are_taken_in_turn_or_at_random() {
    let servers = [(); 3].map(|()| TlsServer::start(&TlsOptions::default()));
    let ports = servers.each_ref().map(|server| server.port().to_string()).join(",");
    let mut seen = std::collections::BTreeSet::new();
    for (balance, attempts, expected) in [("disable", 5, 1), ("random", 40, 3)] {
        for _ in 0..attempts {
            // A wrong password ends the search, and the error names the server.
            let url = format!(
                "postgresql://postgres:x@h/postgres?host=localhost,localhost,localhost&port={ports}&load_balance_hosts={balance}"
            );
            let error = connect(&ConnectionUrl::parse(&url).unwrap()).await.unwrap_err();
            seen.insert(error.to_string());
        }
        assert_eq!(seen.len(), expected, "{balance}: {seen:?}");
    }
}
