//! `nicol doctor` on broken set-ups of real servers: each is found, with its advice.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::Client;
use serde_json::Value;
use testkit::{Authority, Pooler, Prepared, Standby, TlsOptions, TlsServer};

use crate::support::Folder;

const SCHEMA: &str = r#"generator client {
  provider        = "prisma-client-js"
  previewFeatures = ["postgresqlExtensions"]
}

datasource db {
  provider          = "postgresql"
  url               = env("DATABASE_URL")
  directUrl         = env("DIRECT_URL")
  shadowDatabaseUrl = env("SHADOW_URL")
  extensions        = [citext, made_up]
}

model Note {
  id Int @id
}
"#;

/// What `pg_hba.conf` says: some users have no password, `outsider` may not come in.
const ACCESS: &str = "host all outsider all reject
host all app,owner,reader,limited,ghost,people all trust
host all all all scram-sha-256
local all all scram-sha-256
";

/// An address that leads to this machine and is no loopback address, so that it counts as a network.
const NETWORK: &str = "0.0.0.0";

/// The parameters of a connection whose server is checked.
const VERIFIED: &str = "sslmode=verify-full&CA&schema=shop";

/// The report of a run.
#[derive(Debug)]
struct Report {
    code: i32,
    json: Value,
}

impl Report {
    /// Returns the findings in order, of all URLs: id, severity and advice.
    fn findings(&self) -> Vec<(&str, &str, &str)> {
        let databases = self.json["databases"].as_array().expect("a list");
        let checks = databases.iter().flat_map(|it| it["checks"].as_array().expect("a list"));
        let findings = checks.flat_map(|it| it["findings"].as_array().expect("a list"));
        let findings = findings.map(|it| {
            let text = |name: &str| it[name].as_str().expect("a text");
            (text("id"), text("severity"), text("advice"))
        });
        // The tests also run on old servers and busy machines.
        findings.filter(|it| it.0 != "version-end-of-life" && !it.0.starts_with("round-trip-")).collect()
    }

    /// Checks that the findings other than notes are exactly these, each with a part of its advice.
    #[track_caller]
    fn check(&self, expected: &[(&str, &str)]) {
        let findings = self.findings();
        let ids: BTreeSet<_> = findings.iter().filter(|it| it.1 != "note").map(|it| it.0).collect();
        assert_eq!(ids, expected.iter().map(|it| it.0).collect(), "{:#}", self.json);
        for (id, part) in expected {
            let has = findings.iter().any(|it| it.0 == *id && it.2.contains(part));
            assert!(has, "no advice of `{id}` has {part:?}: {findings:#?}");
        }
        let has_errors = findings.iter().any(|it| it.1 == "error");
        assert_eq!(self.code, i32::from(has_errors), "{findings:#?}");
    }
}

/// Runs the command in a folder, with secrets that must not show.
fn doctor(folder: &Folder, arguments: &[&str], secret: &str) -> Report {
    let run = folder.run(&[&["doctor", "--format", "json"], arguments].concat());
    assert!(secret.is_empty() || !run.out.contains(secret), "{}", run.out);
    let json = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    Report { code: run.code, json }
}

async fn connect(url: &ConnectionUrl) -> Client {
    let (client, connection) = nicol_pg::connect(url).await.expect("the server answers");
    tokio::spawn(connection);
    client
}

async fn run(client: &Client, sql: &[&str]) {
    for sql in sql {
        client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }
}

/// A server with TLS, and databases and users in which things are wrong.
struct Setup {
    server: TlsServer,
    folder: Folder,
    authority: Authority,
    secret: String,
}

impl Setup {
    async fn new() -> Self {
        let authority = Authority::new("doctor's authority");
        let certificate = authority.server(&["localhost"]);
        let settings = [("fsync", "on"), ("max_connections", "40")];
        let server = TlsServer::start(&TlsOptions {
            certificate: Some(&certificate),
            access: ACCESS,
            settings: &settings,
            ..TlsOptions::default()
        });
        let folder = Folder::new(&[("ca.pem", authority.pem()), ("schema.prisma", SCHEMA)]);
        folder.write("migrations/1_one/migration.sql", "create table \"Note\" (id int primary key);");
        let secret = server.password()[5..].to_owned();
        let setup = Self { server, folder, authority, secret };
        setup.fill().await;
        setup
    }

    async fn fill(&self) {
        let admin = connect(&self.server.url()).await;
        run(
            &admin,
            &[
                "create role owner login; create role app login; create role reader login; create role people nologin",
                "create role limited login connection limit 0; create role outsider login",
                "alter role reader set default_transaction_read_only = on",
                "create database shop owner owner",
                "create database closed; ",
                "revoke connect on database closed from public",
                "create database old encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0",
            ],
        )
        .await;
        let owner = connect(&self.server.url().with_database("shop").with_user("owner", None)).await;
        run(
            &owner,
            &[
                "create schema shop",
                "create table shop.note (id int primary key, title text)",
                "grant usage on schema shop to app",
                "grant select, insert, update, delete on shop.note to app",
            ],
        )
        .await;
        let old = connect(
            &self.server.url().with_database("old").with_user("postgres", Some(&self.server.password())),
        )
        .await;
        run(
            &old,
            &[
                "create collation german (provider = icu, locale = 'de')",
                "create table word (text text collate german, kind int)",
                "create index word_text on word (text)",
                "update pg_collation set collversion = '1' where collname = 'german'",
                "insert into word values ('a', 1), ('b', 1)",
            ],
        )
        .await;
        old.batch_execute("create unique index concurrently word_kind on word (kind)")
            .await
            .expect_err("a duplicate");
    }

    /// A user with as few rights as needed, over verified TLS; then with too many processes, or without rights.
    fn is_healthy(&self) {
        let plain = Folder::new(&[]);
        let url = self.url("app@localhost", "shop", &format!("{VERIFIED}&connection_limit=5"));
        let report = doctor(&plain, &[&url], "");
        report.check(&[]);
        assert!(report.findings().is_empty(), "{:#?}", report.findings());

        let report = doctor(&plain, &["--processes", "20", &url], "");
        report.check(&[("connections-exceed", "connection_limit=1")]);
        assert!(report.findings()[0].2.contains("raise `max_connections` to 10"), "{report:?}");
        let reader = self.url("reader@localhost", "shop", VERIFIED);
        doctor(&plain, &[&reader], "").check(&[
            ("read-only", "reset default_transaction_read_only"),
            ("no-usage", "grant usage on schema \"shop\" to \"reader\""),
        ]);
    }

    /// What fails before anything of the database is seen.
    fn refuses(&self) {
        let plain = Folder::new(&[]);
        for (authority, database, parameters, id, advice) in [
            ("postgres:wr0ng@localhost", "shop", VERIFIED, "password-wrong", "percent-encode"),
            ("postgres@localhost", "shop", VERIFIED, "password-missing", "postgres:PASSWORD@"),
            ("ghost@localhost", "shop", VERIFIED, "role-missing", "create role \"ghost\""),
            ("people@localhost", "shop", VERIFIED, "role-no-login", "alter role \"people\" login"),
            ("outsider@localhost", "shop", VERIFIED, "hba-refused", "hostssl shop outsider"),
            ("app@localhost", "closed", VERIFIED, "connect-denied", "grant connect on database \"closed\""),
            ("app@localhost", "none", VERIFIED, "database-missing", "create database \"none\""),
            ("limited@localhost", "shop", VERIFIED, "server-full", "connection_limit"),
            ("app@localhost", "shop", "sslmode=verify-full", "tls-authority", "sslrootcert="),
            ("app@127.0.0.1", "shop", VERIFIED, "tls-name", "hostaddr"),
            ("app@localhost", "shop", "sslmode=verify-full&sslrootcert=none.pem", "tls-setup", "sslrootcert"),
            ("app@localhost", "shop", "sslmode=sometimes", "url-invalid", "verify-full"),
        ] {
            let report = doctor(&plain, &[&self.url(authority, database, parameters)], "wr0ng");
            report.check(&[(id, advice)]);
            assert_eq!(report.code, 1, "{id}");
        }
    }

    /// Over a network: the certificate is for another name.
    fn network(&self) {
        let plain = Folder::new(&[]);
        let app = format!("app@{NETWORK}");
        let optional = self.url(&app, "shop", "schema=shop&conection_limit=5");
        doctor(&plain, &[&optional], "")
            .check(&[("tls-optional", "sslmode=verify-full"), ("url-parameter", "write `connection_limit`")]);
        let required = self.url(
            &app,
            "shop",
            "schema=shop&sslmode=require&CA&sslaccept=accept_invalid_certs&connection_limit=5",
        );
        let report = doctor(&plain, &[&required], "");
        report.check(&[]);
        assert!(
            report.findings().iter().any(|it| it.0 == "tls-host-unchecked" && it.2.contains("`localhost`")),
            "{report:?}"
        );
        let off = self.url(&app, "shop", "schema=shop&sslmode=disable");
        doctor(&plain, &[&off], "").check(&[("tls-off", "sslmode=verify-full")]);
        let strict = doctor(&plain, &["--strict", &off], "");
        assert_eq!(strict.code, 1, "warnings fail with --strict");
    }

    /// What the URLs of a project lead to.
    fn project(&self) {
        let url = |database: &str| self.url("app@localhost", database, VERIFIED);
        let project = |variables: &[(&str, &str)]| {
            let files = [("ca.pem", self.authority.pem()), ("schema.prisma", SCHEMA)];
            let mut folder =
                Folder::new(&[&files[..], &[("migrations/1_one/migration.sql", "select 1")]].concat());
            for (name, value) in variables {
                folder = folder.with_env(name, value);
            }
            folder
        };
        let folder = project(&[("DATABASE_URL", &url("shop"))]);
        doctor(&folder, &[], "").check(&[
            ("extension-missing", "create extension \"citext\""),
            ("extension-unavailable", "made-up"),
            ("no-create", "grant create on schema \"shop\" to \"app\""),
            ("tables-not-owned", "grant \"owner\" to \"app\""),
            ("migrations-pending", "nicol migrate deploy"),
        ]);
        let folder = project(&[
            ("DATABASE_URL", &url("shop")),
            ("DIRECT_URL", &self.url("owner@localhost", "postgres", "sslmode=verify-full&CA")),
            ("SHADOW_URL", &url("shop")),
        ]);
        let report = doctor(&folder, &[], "");
        let ids: Vec<_> = report.findings().iter().map(|it| it.0).collect();
        assert!(ids.contains(&"urls-differ") && ids.contains(&"shadow-is-main"), "{ids:?}");
        let uses: Vec<_> =
            report.json["databases"].as_array().expect("a list").iter().map(|it| &it["use"]).collect();
        assert_eq!(uses, ["queries", "direct", "shadow"]);
        doctor(&project(&[]), &[], "").check(&[("url-unset", "DATABASE_URL=postgresql://")]);
    }

    /// Returns a URL: user and host, database, parameters. `CA` is the option for the authority's file.
    fn url(&self, authority: &str, database: &str, parameters: &str) -> String {
        let parameters =
            parameters.replace("CA", &format!("sslrootcert={}", self.folder.path().join("ca.pem").display()));
        format!("postgresql://{authority}:{}/{database}?{parameters}", self.server.port())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_set_ups_of_a_server_each_get_their_advice() {
    let setup = Setup::new().await;
    // Somebody went home in the middle of a transaction.
    let old = setup.server.url().with_database("old");
    let blocker = connect(&old).await;
    run(&blocker, &["begin; lock table word"]).await;
    let waiting = connect(&old).await;
    let waiting = tokio::spawn(async move { waiting.batch_execute("select from word").await });
    let since = Instant::now();

    setup.is_healthy();
    setup.refuses();
    setup.network();
    setup.project();

    // A database that stores text in the wrong way. A wait for a lock counts after 3 s.
    tokio::time::sleep(Duration::from_millis(3100).saturating_sub(since.elapsed())).await;
    let plain = Folder::new(&[]);
    doctor(&plain, &[&old.to_url_with_password()], &setup.secret).check(&[
        ("encoding", "encoding 'UTF8'"),
        ("collation-version", "alter collation public.german refresh version"),
        ("invalid-index", "reindex index concurrently word_kind"),
        ("locks-waiting", "pg_terminate_backend("),
    ]);
    drop(blocker);
    let _ = waiting.await;

    // At last, the certificate expires.
    let expired = setup.authority.expired(&["localhost"]);
    setup.server.write("server.crt", &expired.certificate);
    setup.server.write("server.key", &expired.key);
    run(&connect(&setup.server.url()).await, &["select pg_reload_conf()"]).await;
    let url = setup.url("app@localhost", "shop", VERIFIED);
    doctor(&plain, &[&url], "").check(&[("tls-expired", "renew")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_without_a_server_each_get_their_advice() {
    let folder = Folder::new(&[]);
    let refused =
        TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port is free").port();
    let url = format!("postgresql://app:s3cr3t@127.0.0.1:{refused}/shop");
    doctor(&folder, &[&url], "s3cr3t").check(&[("refused", "listen_addresses")]);
    let url = "postgresql://app:s3cr3t@db.invalid/shop";
    doctor(&folder, &[url], "s3cr3t").check(&[("name-unknown", "getent hosts db.invalid")]);

    // It accepts connections, and says nothing.
    let mute = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = mute.local_addr().expect("it is bound").port();
    let url = format!("postgresql://app:s3cr3t@127.0.0.1:{port}/shop?connect_timeout=1");
    doctor(&folder, &[&url], "s3cr3t").check(&[("startup-timeout", "connect_timeout=15")]);

    // A black hole: the queue of connections is full, so packets are dropped.
    let hole = tokio::net::TcpSocket::new_v4().expect("there are sockets");
    hole.bind("127.0.0.1:0".parse().expect("an address")).expect("a port is free");
    let hole = hole.listen(1).expect("it is bound");
    let address = hole.local_addr().expect("it is bound");
    let mut queue = Vec::new();
    while let Ok(connected) =
        tokio::time::timeout(Duration::from_millis(100), tokio::net::TcpStream::connect(address)).await
    {
        queue.push(connected);
    }
    let url = format!("postgresql://app:s3cr3t@127.0.0.1:{}/shop?connect_timeout=1", address.port());
    doctor(&folder, &[&url], "s3cr3t").check(&[("no-answer", "allow port")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn poolers_and_replicas_each_get_their_advice() {
    let servers = Standby::start(&[("fsync", "on")]).await;
    let other = testkit::TestDatabase::create().await;
    let (primary, standby) = (servers.primary().tcp_url(), servers.standby().tcp_url());
    let (primary_text, standby_text) = (primary.to_url_with_password(), standby.to_url_with_password());
    let secret = primary.password().expect("it has a password");
    let plain = Folder::new(&[]);
    doctor(&plain, &[&primary_text], secret).check(&[]);
    doctor(&plain, &[&standby_text], secret).check(&[("standby", "target_session_attrs=read-write")]);

    let both = Folder::new(&[])
        .with_env("DATABASE_URL", &primary_text)
        .with_env("DATABASE_REPLICA_URL", &format!("{standby_text} {primary_text}"));
    doctor(&both, &[], secret).check(&[("replica-is-primary", "DATABASE_REPLICA_URL")]);
    let foreign = Folder::new(&[])
        .with_env("DATABASE_URL", &other.url_text())
        .with_env("DATABASE_REPLICA_URL", &standby_text);
    let report = doctor(&foreign, &[], secret);
    assert!(report.findings().iter().any(|it| it.0 == "replica-of-other"), "{report:?}");

    let recent = Pooler::start(&primary, Prepared::Kept, &[]).await;
    doctor(&plain, &[&recent.url().to_url_with_password()], secret).check(&[]);
    drop(recent);

    let pooler = Pooler::start(&primary, Prepared::Lost, &[]).await;
    let declared =
        pooler.url().with_parameter("pgbouncer", "true").expect("it can be set").to_url_with_password();
    let project = |url: &str| {
        let schema = SCHEMA.replace("  extensions        = [citext, made_up]\n", "");
        Folder::new(&[("schema.prisma", &schema), ("migrations/1_one/migration.sql", "select 1")])
            .with_env("DATABASE_URL", url)
    };
    let pending = ("migrations-pending", "nicol migrate deploy");
    doctor(&project(&declared), &[], secret).check(&[("pooler-without-direct", "set `DIRECT_URL`"), pending]);
    doctor(&project(&declared).with_env("DIRECT_URL", &primary_text), &[], secret).check(&[pending]);
    let undeclared = pooler.url().to_url_with_password();
    let report = doctor(&plain, &[&undeclared], secret);
    report.check(&[]);
    let ids: Vec<_> = report.findings().iter().map(|it| it.0).collect();
    assert_eq!(ids, ["pooler-undeclared", "pooler-loses-statements"]);
    let denied = pooler.url().with_parameter("pgbouncer", "false").expect("it can be set");
    doctor(&plain, &[&denied.to_url_with_password()], secret)
        .check(&[("pooler-denied", "remove `pgbouncer=false`")]);
    let direct = project(&declared).with_env("DIRECT_URL", &undeclared);
    doctor(&direct, &[], secret).check(&[("direct-pooled", "DIRECT_URL"), pending]);
    let needless = primary.with_parameter("pgbouncer", "true").expect("it can be set").to_url_with_password();
    doctor(&plain, &[&needless], secret).check(&[("pooler-needless", "remove `pgbouncer=true`")]);

    let text = plain.run(&["doctor", &needless]).check(0, &[]).out;
    assert!(text.contains("warning  pooler"), "{text}");
    assert!(text.contains("help: remove `pgbouncer=true`") && text.ends_with("1 warning\n"), "{text}");
}
