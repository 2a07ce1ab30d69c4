//! The same parameters for nicol and for `psql`: whether each connects, and with TLS. `NICOL_LIBPQ=all` tries every combination.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::thread;

use nicol_pg::{ConnectionUrl, connect};
use testkit::{Authority, Certificate, TlsOptions, TlsServer, WITH_PASSWORD};

use crate::with;

const TLS: &str = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";

/// Whether a connection uses TLS; `None` if it is refused.
type Outcome = Option<bool>;

async fn nicol(url: &str) -> Outcome {
    let (client, connection) = connect(&ConnectionUrl::parse(url).ok()?).await.ok()?;
    tokio::spawn(connection);
    Some(client.query_one(TLS, &[]).await.unwrap().get(0))
}

/// Runs `psql` without the user's settings.
fn psql(url: &str) -> Outcome {
    let mut psql = Command::new("psql");
    psql.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", "/nonexistent");
    let output = psql.args(["--no-psqlrc", "-wAtc", TLS, url]).output();
    let output = output.expect("there is no `psql`\nhelp: run `cargo xtask setup`");
    match (output.status.success(), output.stdout.trim_ascii()) {
        (true, b"t") => Some(true),
        (true, b"f") => Some(false),
        _ => None,
    }
}

/// Compares both clients at each server with each list of parameters, and returns what differs. `deviation` gives the parameters with which
/// libpq does what nicol does, if it is not the same; `None` if nicol refuses.
async fn differences(
    servers: &[(&str, &TlsServer)],
    parameters: &[String],
    deviation: impl Fn(&str) -> Option<String> + Copy,
) -> String {
    // A few of them in each run, and all in `cargo xtask test libpq`.
    let step = if std::env::var_os("NICOL_LIBPQ").is_some() { 1 } else { 5 };
    let at_each = servers.iter().enumerate().map(async |(index, (name, server))| {
        let mut text = String::new();
        for parameters in parameters.iter().skip(index % step).step_by(step) {
            let libpqs = match deviation(parameters) {
                None => None,
                Some(others) => {
                    let url = with(server, &others);
                    tokio::task::spawn_blocking(move || psql(&url)).await.unwrap()
                }
            };
            let ours = nicol(&with(server, parameters)).await;
            if ours != libpqs {
                writeln!(text, "{name}, {parameters}: {ours:?} instead of {libpqs:?}").unwrap();
            }
        }
        text
    });
    futures_util::future::join_all(at_each).await.concat()
}

/// No deviation.
const SAME: fn(&str) -> Option<String> = |parameters| Some(parameters.to_owned());

/// Every combination of one of each, joined.
fn combinations(lists: &[&[&str]]) -> Vec<String> {
    lists.iter().fold(vec![String::new()], |combined, list| {
        let with = |begin: &String| list.iter().map(|end| format!("{begin}{end}")).collect::<Vec<_>>();
        combined.iter().flat_map(with).collect()
    })
}

/// Starts all servers at the same time.
fn start(options: &[TlsOptions<'_>]) -> Vec<TlsServer> {
    thread::scope(|scope| {
        let started: Vec<_> =
            options.iter().map(|options| scope.spawn(|| TlsServer::start(options))).collect();
        started.into_iter().map(|server| server.join().unwrap()).collect()
    })
}

#[tokio::test]
async fn each_sslmode_connects_where_libpqs_does() {
    let (authority, other) = (Authority::new("nicol test authority"), Authority::new("another authority"));
    let (host, elsewhere) = (&["localhost"][..], &["db.example.com"][..]);
    let own = Certificate::self_signed(host);
    let certificates = [
        ("a server without TLS", None),
        ("a self-signed certificate", Some(&own)),
        ("a good certificate", Some(&authority.server(host))),
        ("a certificate for another host", Some(&authority.server(elsewhere))),
        ("an expired certificate", Some(&authority.expired(host))),
        ("a certificate of another authority", Some(&other.server(host))),
        ("a certificate with a common name only", Some(&authority.common_name("localhost"))),
        ("a certificate with another common name", Some(&authority.common_name("db.example.com"))),
        ("a certificate for an address", Some(&authority.server(&["127.0.0.1"]))),
    ];
    let options = certificates.map(|(_, certificate)| TlsOptions { certificate, ..TlsOptions::default() });
    let only_tls = TlsOptions { access: "hostssl all all all scram-sha-256\n", ..options[3] };
    let no_tls = TlsOptions { access: "hostnossl all all all scram-sha-256\n", ..options[2] };
    let names = certificates.map(|(name, _)| name);
    let names = [&names[..], &["a certificate for another host, and only TLS", "TLS is refused"]].concat();
    let servers = start(&[&options[..], &[only_tls, no_tls]].concat());
    for server in &servers {
        server.write("ca.pem", authority.pem());
        server.write("own.pem", &own.certificate);
    }
    let servers: Vec<_> = names.into_iter().zip(&servers).collect();
    let modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
    let modes = modes.map(|mode| format!("sslmode={mode}"));
    let roots =
        ["", "&sslrootcert={dir}/ca.pem", "&sslrootcert={dir}/own.pem", "&sslrootcert={dir}/missing.pem"];
    let mut parameters = combinations(&[&modes.each_ref().map(String::as_str), &roots]);
    parameters.extend(combinations(&[
        &["sslmode=verify-ca", "sslmode=verify-full"],
        &["&sslrootcert={dir}/ca.pem"],
        &["&host=127.0.0.1", "&hostaddr=127.0.0.1", "&host=db.example.com&hostaddr=127.0.0.1"],
    ]));
    // Two deviations: what may go on without TLS anyway goes on with a certificate that does not come from the roots, where
    // libpq goes on without TLS; and roots that do not exist are an error in every mode that requires TLS.
    let deviation = |parameters: &str| {
        let (mode, rest) = parameters.split_once('&').unwrap_or((parameters, ""));
        match mode {
            "sslmode=allow" | "sslmode=prefer" => Some(mode.to_owned()),
            "sslmode=require" if rest.contains("missing") => None,
            _ => Some(parameters.to_owned()),
        }
    };
    let found = differences(&servers, &parameters, deviation).await;
    assert!(found.is_empty(), "{found}");
}

/// Runs the commands for certificates of PostgreSQL's manual, 18.9.3 and 18.9.5.
fn run_recipes(folder: &Path, host: &str) {
    let script = format!(
        "set -e
        openssl req -new -x509 -days 365 -nodes -text -out own.crt -keyout own.key -subj /CN={host}
        openssl req -new -nodes -text -out root.csr -keyout root.key -subj /CN=root.example.com
        openssl x509 -req -in root.csr -text -days 3650 -extfile /etc/ssl/openssl.cnf -extensions v3_ca \
            -signkey root.key -out root.crt
        openssl req -new -nodes -text -out server.csr -keyout server.key -subj /CN={host}
        openssl x509 -req -in server.csr -text -days 365 -CA root.crt -CAkey root.key -CAcreateserial -out server.crt"
    );
    let output = Command::new("sh").args(["-c", &script]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn certificates_as_in_the_manual_of_postgresql_are_accepted() {
    let folders = ["localhost", "db.example.com"].map(|host| {
        let folder = tempfile::tempdir().unwrap();
        run_recipes(folder.path(), host);
        folder
    });
    let read = |folder: usize, name: &str| {
        let read = |end: &str| std::fs::read_to_string(folders[folder].path().join(format!("{name}.{end}")));
        Certificate::new(read("crt").unwrap(), read("key").unwrap())
    };
    let certificates = [
        ("a self-signed certificate", read(0, "own")),
        ("a signed certificate", read(0, "server")),
        ("a self-signed certificate of another host", read(1, "own")),
        ("a signed certificate of another host", read(1, "server")),
    ];
    let options = certificates
        .each_ref()
        .map(|(_, certificate)| TlsOptions { certificate: Some(certificate), ..TlsOptions::default() });
    let servers = start(&options);
    for (server, (_, own)) in servers.iter().zip(&certificates) {
        for (index, folder) in folders.iter().enumerate() {
            let root = std::fs::read_to_string(folder.path().join("root.crt")).unwrap();
            server.write(&format!("root{index}.pem"), &root);
        }
        server.write("own.pem", &own.certificate);
    }
    let servers: Vec<_> = certificates.iter().map(|(name, _)| *name).zip(&servers).collect();
    let roots = ["root0", "root1", "own"].map(|name| format!("&sslrootcert={{dir}}/{name}.pem"));
    let parameters = combinations(&[
        &["sslmode=require", "sslmode=verify-ca", "sslmode=verify-full"],
        &roots.each_ref().map(String::as_str),
        &["", "&ssl_max_protocol_version=TLSv1.2"],
    ]);
    let found = differences(&servers, &parameters, SAME).await;
    assert!(found.is_empty(), "{found}");
}

#[tokio::test]
async fn channel_binding_connects_where_libpqs_does() {
    let authority = Authority::new("nicol test authority");
    let certificate = authority.server(&["localhost"]);
    let with_tls = TlsOptions {
        certificate: Some(&certificate),
        client_authority: Some(authority.pem()),
        access: "host all trusted all trust\nhost all md5 all md5\nhost all clear all password\n\
            hostssl all certified all cert\nhost all all all scram-sha-256\nlocal all all scram-sha-256\n",
        ..TlsOptions::default()
    };
    let without = TlsOptions { certificate: None, client_authority: None, access: WITH_PASSWORD, ..with_tls };
    let servers = start(&[with_tls, without]);
    for server in &servers {
        let (client, connection) = connect(&server.url()).await.unwrap();
        tokio::spawn(connection);
        let roles = "create role trusted login; create role clear login password 's'; create role certified login; \
            create role scram login password 's'; set password_encryption = 'md5'; create role md5 login password 's'";
        client.batch_execute(roles).await.unwrap();
        let client = authority.client("certified", 2);
        server.write("client.crt", &client.certificate);
        server.write("client.key", &client.key);
    }
    let servers: Vec<_> = ["TLS", "no TLS"].into_iter().zip(&servers).collect();
    let parameters = combinations(&[
        &["sslmode=disable", "sslmode=prefer", "sslmode=require"],
        &["&channel_binding=disable", "&channel_binding=prefer", "&channel_binding=require"],
        &[
            "&user=scram&password=s",
            "&user=scram&password=wrong",
            "&user=md5&password=s",
            "&user=clear&password=s",
            "&user=trusted",
            "&user=certified&sslcert={dir}/client.crt&sslkey={dir}/client.key",
            "",
        ],
    ]);
    let found = differences(&servers, &parameters, SAME).await;
    assert!(found.is_empty(), "{found}");
}

#[tokio::test]
async fn a_client_certificate_connects_where_libpqs_does() {
    let (authority, other) = (Authority::new("nicol test authority"), Authority::new("another authority"));
    let revoked = authority.client("postgres", 4);
    let list = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(list.path(), authority.revoke(&[&revoked])).unwrap();
    std::fs::set_permissions(list.path(), PermissionsExt::from_mode(0o644)).unwrap();
    let server = TlsServer::start(&TlsOptions {
        certificate: Some(&authority.server(&["localhost"])),
        client_authority: Some(authority.pem()),
        access: "hostssl all all all scram-sha-256 clientcert=verify-full\nlocal all all scram-sha-256\n",
        settings: &[("ssl_crl_file", list.path().to_str().unwrap())],
        ..TlsOptions::default()
    });
    for (name, certificate) in [
        ("right", authority.client("postgres", 2)),
        ("user", authority.client("bob", 3)),
        ("revoked", revoked),
        ("other", other.client("postgres", 5)),
        ("expired", authority.expired(&["postgres"])),
    ] {
        server.write(&format!("{name}.crt"), &certificate.certificate);
        server.write(&format!("{name}.key"), &certificate.key);
    }
    server.write("ca.pem", authority.pem());
    let names = ["right", "user", "revoked", "other", "expired", "missing"];
    let names = names.map(|name| format!("&sslcert={{dir}}/{name}.crt&sslkey={{dir}}/{name}.key"));
    let mut parameters = combinations(&[
        &["sslmode=require", "sslmode=verify-full&sslrootcert={dir}/ca.pem&channel_binding=require"],
        &names.each_ref().map(String::as_str),
        &["", "&ssl_max_protocol_version=TLSv1.2"],
    ]);
    parameters.push("sslmode=require".to_owned());
    parameters.push("sslmode=require&sslcert={dir}/right.crt&sslkey={dir}/user.key".to_owned());
    let found = differences(&[("certificates of clients", &server)], &parameters, SAME).await;
    assert!(found.is_empty(), "{found}");
}
