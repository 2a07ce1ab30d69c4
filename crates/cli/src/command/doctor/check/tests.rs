//! Each rule is found in a set-up that is healthy but for one thing.

#![allow(clippy::too_many_lines, reason = "the cases are tables")]

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::{Duration, SystemTime};

use nicol_migrate::Status;
use nicol_pg::probe::{Answer, Problem, Shown};
use nicol_pg::{ConnectError, ConnectionUrl, TlsError};

use super::super::facts::*;
use super::super::rule::{ALL, Severity};
use super::{check, date, duration};

const URL: &str = "postgresql://app:s3cr3t@db.example.com/shop?sslmode=verify-full&connection_limit=10&socket_timeout=30&channel_binding=require";

/// 2027-01-01.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_hours(499_656)
}

fn project() -> Project {
    Project {
        processes: 2,
        has_migrations: true,
        direct_variable: "DATABASE_URL_UNPOOLED".to_owned(),
        schemas: vec!["public".to_owned()],
        drift_command: "nicol migrate diff …".to_owned(),
        ..Project::default()
    }
}

fn shown() -> Shown {
    Shown {
        protocol: "TLS 1.3",
        expires: Some(now() + Duration::from_hours(90 * 24)),
        names: vec!["db.example.com".to_owned()],
        problem: None,
        with_system_roots: true,
    }
}

/// A healthy set-up in a network, without a finding.
fn healthy() -> Facts {
    let url = ConnectionUrl::parse(URL).expect("a valid URL");
    let settings = [
        ("autovacuum", "on"),
        ("autovacuum_freeze_max_age", "200000000"),
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("idle_in_transaction_session_timeout", "60000"),
        ("max_connections", "100"),
        ("password_encryption", "scram-sha-256"),
        ("reserved_connections", "0"),
        ("ssl_min_protocol_version", "TLSv1.2"),
        ("statement_timeout", "0"),
        ("superuser_reserved_connections", "3"),
        ("synchronous_commit", "on"),
        ("track_counts", "on"),
        ("wal_level", "replica"),
    ];
    let identity = Identity {
        version_number: 170_002,
        version: "17.2 (Debian 17.2-1)".to_owned(),
        user: "app".to_owned(),
        database: "shop".to_owned(),
        database_oid: 16_384,
        pid: 100,
        started: 1_700_000_000.0,
        encoding: "UTF8".to_owned(),
        time_zone: "UTC".to_owned(),
        age: 1_000,
        role_limit: -1,
        database_limit: -1,
        ..Identity::default()
    };
    let rights = SchemaRights {
        schema: "public".to_owned(),
        exists: true,
        usage: true,
        create: true,
        ..SchemaRights::default()
    };
    Facts {
        role: Role::Queries,
        origin: "DATABASE_URL".to_owned(),
        hosts: vec![(url.hosts()[0].clone(), Ok(Answer::Encrypted(shown())))],
        url: Ok(url),
        failure: None,
        server: Some(Server {
            identity: Ok(identity),
            timing: Ok(Timing { round_trip: Duration::from_millis(1), ahead: 0.1 }),
            pooler: Pooler { accepts_options: Some(true), ..Pooler::default() },
            binds_channel: None,
            system: Ok(Some("1".to_owned())),
            settings: Ok(settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into()),
            sessions: Ok(Sessions { ours: 5, others: 5 }),
            rights: Ok(vec![rights]),
            extensions: Ok(Vec::new()),
            collations: Ok(Vec::new()),
            activity: Ok(Activity::default()),
            migrations: Some(Ok(Status { has_database: true, has_history: true, ..Status::default() })),
        }),
    }
}

impl Facts {
    fn with_url(mut self, url: &str) -> Self {
        self.url = ConnectionUrl::parse(url).map_err(BadUrl::Invalid);
        self
    }

    /// The URL with another value of a parameter.
    fn with_parameter(mut self, name: &str, value: &str) -> Self {
        let url = self.url.expect("there is a URL").with_parameter(name, value);
        self.url = url.map_err(BadUrl::Invalid);
        self
    }

    fn answers(mut self, answer: Answer) -> Self {
        self.hosts[0].1 = Ok(answer);
        self
    }

    fn shows(self, change: impl FnOnce(&mut Shown)) -> Self {
        let mut shown = shown();
        change(&mut shown);
        self.answers(Answer::Encrypted(shown))
    }

    fn fails(mut self, error: ConnectError) -> Self {
        self.server = None;
        self.failure = Some(error.into());
        self
    }

    /// The connection fails with an error of the server.
    fn refused(self, error: ConnectError, code: &str, routine: &str, message: &str) -> Self {
        let mut facts = self.fails(error);
        let [code, routine, message] = [code, routine, message].map(str::to_owned);
        facts.failure.as_mut().expect("it fails").refusal = Some(Refusal { code, routine, message });
        facts
    }

    fn server(mut self, change: impl FnOnce(&mut Server)) -> Self {
        change(self.server.as_mut().expect("there is a connection"));
        self
    }

    fn identity_is(self, change: impl FnOnce(&mut Identity)) -> Self {
        self.server(|it| change(it.identity.as_mut().expect("it is known")))
    }

    fn setting(self, name: &str, value: &str) -> Self {
        self.server(|it| {
            let settings: &mut BTreeMap<_, _> = it.settings.as_mut().expect("they are known");
            settings.insert(name.to_owned(), value.to_owned());
        })
    }

    fn rights_are(self, change: impl FnOnce(&mut SchemaRights)) -> Self {
        self.server(|it| change(&mut it.rights.as_mut().expect("they are known")[0]))
    }

    fn activity_is(self, change: impl FnOnce(&mut Activity)) -> Self {
        self.server(|it| change(it.activity.as_mut().expect("it is known")))
    }

    fn status_is(self, change: impl FnOnce(&mut Status)) -> Self {
        self.server(|it| {
            let status = it.migrations.as_mut().expect("there are migrations");
            change(status.as_mut().expect("it is known"));
        })
    }
}

fn source() -> Box<dyn std::error::Error + Send + Sync> {
    "said by the driver".into()
}

fn host() -> String {
    "db.example.com:5432".to_owned()
}

fn authentication() -> ConnectError {
    ConnectError::Authentication { host: host(), user: "app".to_owned(), help: "", source: source() }
}

fn denied() -> ConnectError {
    let (user, database) = ("app".to_owned(), "shop".to_owned());
    ConnectError::Denied { host: host(), user, database, source: source() }
}

fn rejected() -> ConnectError {
    ConnectError::Rejected { host: host(), source: source() }
}

/// A set-up with one thing wrong.
struct Case {
    /// The ids of the findings.
    expected: &'static [&'static str],
    /// A part of the advice of the first one.
    advice: &'static str,
    /// The facts about all URLs; the last one is looked at.
    facts: Vec<Facts>,
    project: Project,
}

fn case(expected: &'static [&'static str], advice: &'static str, facts: Facts) -> Case {
    Case { expected, advice, facts: vec![facts], project: project() }
}

/// The URL for queries, and another one.
fn pair(expected: &'static [&'static str], advice: &'static str, facts: Facts) -> Case {
    Case {
        expected,
        advice,
        facts: vec![healthy(), facts],
        project: Project { has_direct: true, ..project() },
    }
}

fn other(role: Role, variable: &str) -> Facts {
    let mut facts = healthy();
    (facts.role, facts.origin) = (role, variable.to_owned());
    facts
}

fn connections() -> Vec<Case> {
    let tls = |source| ConnectError::Tls { host: host(), help: "", source };
    let unreachable = || ConnectError::Unreachable { host: host(), source: source() };
    let mut unset = healthy();
    (unset.url, unset.server) = (Err(BadUrl::Unset), None);
    let mut invalid = healthy().with_url("postgresql://app:a#b@db.example.com/shop");
    invalid.server = None;
    let mut without_files = healthy();
    let (parameter, path) = ("sslrootcert", "ca.pem".into());
    without_files.hosts[0].1 = Err(TlsError::NoCertificate { parameter, path });
    without_files.server = None;
    let two_hosts =
        "postgresql://app:s3cr3t@db.example.com,db2.example.com/shop?sslmode=verify-full&socket_timeout=30";
    let mut one_down = healthy().with_url(two_hosts);
    let second = one_down.url.as_ref().expect("a valid URL").hosts()[1].clone();
    one_down.hosts.push((second, Ok(Answer::Unreachable(io::ErrorKind::ConnectionRefused.into()))));
    let limit = Duration::from_secs(5);
    vec![
        case(&["url-unset"], "nicol local start", unset),
        case(&["url-invalid"], "write it as `%23`, also in the password", invalid),
        case(
            &["url-parameter"],
            "write `connection_limit`",
            healthy().with_parameter("conection_limit", "5"),
        ),
        case(&["url-parameter"], "remove it", healthy().with_parameter("wingspan", "5")),
        case(
            &["name-unknown"],
            "getent hosts db.example.com",
            healthy().answers(Answer::UnknownName).fails(unreachable()),
        ),
        case(
            &["refused"],
            "listen_addresses",
            healthy()
                .answers(Answer::Unreachable(io::ErrorKind::ConnectionRefused.into()))
                .fails(unreachable()),
        ),
        case(&["no-answer"], "allow port 5432", healthy().answers(Answer::Silent).fails(unreachable())),
        case(
            &["other-server"],
            "HOST1:5432,HOST2:5432",
            healthy().fails(ConnectError::OtherServer { host: host(), wanted: "a primary" }),
        ),
        case(
            &["tls-handshake"],
            "turn it",
            healthy().fails(ConnectError::Tls { host: host(), help: "turn it", source: source() }),
        ),
        case(&["host-down"], "remove it from the URL", one_down),
        case(
            &["startup-timeout"],
            "connect_timeout=15",
            healthy().answers(Answer::Mute).fails(ConnectError::Timeout { host: host(), limit }),
        ),
        case(
            &["not-postgresql"],
            "port",
            healthy().answers(Answer::Mute).fails(ConnectError::Closed { host: host(), source: source() }),
        ),
        case(&["tls-setup"], "BEGIN CERTIFICATE", without_files),
        case(&["tls-unavailable"], "ssl = on", healthy().answers(Answer::Plain).fails(tls(source()))),
        case(
            &["tls-handshake"],
            "ssl_max_protocol_version",
            healthy().answers(Answer::NoHandshake(io::ErrorKind::InvalidData.into())).fails(tls(source())),
        ),
        case(
            &["tls-authority"],
            "sslrootcert=",
            healthy().shows(|it| it.problem = Some(Problem::UnknownAuthority)).fails(tls(source())),
        ),
        case(
            &["tls-name"],
            "hostaddr",
            healthy().shows(|it| it.problem = Some(Problem::WrongName)).fails(tls(source())),
        ),
        case(
            &["tls-expired"],
            "renew",
            healthy().shows(|it| it.problem = Some(Problem::Expired)).fails(tls(source())),
        ),
        case(
            &["tls-certificate"],
            "clock",
            healthy().shows(|it| it.problem = Some(Problem::NotValidYet)).fails(tls(source())),
        ),
        case(
            &["tls-expires-soon"],
            "pg_reload_conf",
            healthy().shows(|it| it.expires = Some(now() + Duration::from_hours(72))),
        ),
        case(&["tls-off"], "sslmode=verify-full", healthy().with_parameter("sslmode", "disable")),
        case(&["tls-off"], "ssl = on", healthy().with_parameter("sslmode", "prefer").answers(Answer::Plain)),
        case(&["tls-optional"], "the certificate passes it", healthy().with_parameter("sslmode", "prefer")),
        case(
            &["tls-unverified"],
            "sslrootcert=",
            healthy()
                .with_parameter("sslmode", "require")
                .shows(|it| it.problem = Some(Problem::UnknownAuthority)),
        ),
        case(
            &["tls-unverified"],
            "a name of the certificate: `db.example.com`",
            healthy().with_parameter("sslmode", "require").shows(|it| it.problem = Some(Problem::WrongName)),
        ),
        case(
            &["tls-host-unchecked"],
            "sslmode=verify-full",
            healthy().with_parameter("sslmode", "verify-ca"),
        ),
        case(
            &["channel-binding"],
            "channel_binding=require",
            healthy().server(|it| it.binds_channel = Some(true)),
        ),
        case(&["password-wrong"], "%40", healthy().refused(authentication(), "28P01", "auth_failed", "no")),
        case(
            &["password-missing"],
            "postgresql://app:PASSWORD@",
            healthy()
                .with_url("postgresql://app@db.example.com/shop?sslmode=verify-full")
                .fails(authentication()),
        ),
        case(&["authentication"], "scram-sha-256", healthy().fails(authentication())),
        case(
            &["role-missing"],
            "create role \"app\"",
            healthy().refused(denied(), "28000", "InitializeSessionUserId", "role \"app\" does not exist"),
        ),
        case(
            &["role-no-login"],
            "alter role \"app\" login",
            healthy().refused(
                denied(),
                "28000",
                "InitializeSessionUserId",
                "role \"app\" is not permitted to log in",
            ),
        ),
        case(
            &["hba-refused"],
            "hostssl shop app ADDRESS/32 scram-sha-256",
            healthy().refused(denied(), "28000", "ClientAuthentication", "no pg_hba.conf entry"),
        ),
        case(
            &["connect-denied"],
            "grant connect",
            healthy().refused(denied(), "42501", "InitPostgres", "permission denied"),
        ),
        case(
            &["database-missing"],
            "create database \"shop\"",
            healthy().fails(ConnectError::DatabaseMissing {
                host: host(),
                database: "shop".to_owned(),
                source: source(),
            }),
        ),
        case(
            &["server-full"],
            "max_connections",
            healthy().fails(ConnectError::TooManyConnections { host: host(), source: source() }),
        ),
        case(
            &["server-not-ready"],
            "in a moment",
            healthy().fails(ConnectError::NotReady { host: host(), source: source() }),
        ),
        case(&["rejected"], "auth_file", healthy().refused(rejected(), "08P01", "", "no such user: app")),
        case(
            &["rejected"],
            "[databases]",
            healthy().refused(rejected(), "08P01", "", "no such database: shop"),
        ),
        case(
            &["password-wrong"],
            "percent-encode",
            healthy().refused(rejected(), "08P01", "", "SASL authentication failed"),
        ),
    ]
}

fn servers() -> Vec<Case> {
    let version = |number, text: &str| {
        let text = text.to_owned();
        healthy().identity_is(move |it| (it.version_number, it.version) = (number, text))
    };
    let pooled =
        || healthy().with_parameter("pgbouncer", "true").server(|it| it.pooler.accepts_options = Some(false));
    let with = |case: Case, change: fn(&mut Project)| {
        let mut case = case;
        change(&mut case.project);
        case
    };
    let elsewhere = |it: &mut Identity| it.started += 60.0;
    let round_trip = |millis| {
        healthy()
            .server(|it| it.timing = Ok(Timing { round_trip: Duration::from_millis(millis), ahead: 0.0 }))
    };
    let replica = || other(Role::Replica, "DATABASE_REPLICA_URL").identity_is(|it| it.in_recovery = true);
    let mut direct_pooled = pooled();
    (direct_pooled.role, direct_pooled.origin) = (Role::Direct, "DATABASE_URL_UNPOOLED".to_owned());
    vec![
        case(&["version-too-old"], "pg_upgrade", version(130_011, "13.11")),
        case(&["version-end-of-life"], "pg_upgrade", version(140_011, "14.11")),
        case(&["version-untested"], "newer nicol", version(190_000, "19.0")),
        case(
            &["standby"],
            "target_session_attrs=read-write",
            healthy().identity_is(|it| (it.in_recovery, it.read_only) = (true, true)),
        ),
        case(
            &["read-only"],
            "reset default_transaction_read_only",
            healthy().identity_is(|it| it.read_only = true),
        ),
        pair(
            &["replica-is-primary"],
            "standby",
            other(Role::Replica, "DATABASE_REPLICA_URL").identity_is(elsewhere),
        ),
        pair(&["replica-lag"], "replay_lag", replica().identity_is(|it| it.lag = Some(90.0))),
        pair(
            &["replica-of-other"],
            "`DATABASE_REPLICA_URL`",
            replica().server(|it| it.system = Ok(Some("2".to_owned()))),
        ),
        pair(&[], "", replica().identity_is(elsewhere)),
        pair(
            &["urls-differ"],
            "same server and database",
            other(Role::Direct, "DIRECT_URL").identity_is(elsewhere),
        ),
        pair(&[], "", other(Role::Direct, "DIRECT_URL")),
        pair(&["shadow-is-main"], "create database shadow", other(Role::Shadow, "SHADOW_URL")),
        pair(&[], "", other(Role::Shadow, "SHADOW_URL").identity_is(|it| it.database_oid += 1)),
        with(
            case(
                &["pooler-undeclared"],
                "pgbouncer=true",
                healthy().server(|it| it.pooler.shares_sessions = true),
            ),
            |it| {
                it.has_direct = true;
            },
        ),
        with(
            case(
                &["pooler-keeps-statements"],
                "remove `pgbouncer=true`",
                pooled().server(|it| it.pooler.keeps_statements = Some(true)),
            ),
            |it| it.has_direct = true,
        ),
        with(
            case(
                &["pooler-loses-statements"],
                "max_prepared_statements = 200",
                pooled().server(|it| it.pooler.keeps_statements = Some(false)),
            ),
            |it| it.has_direct = true,
        ),
        with(
            case(
                &["pooler-denied"],
                "remove `pgbouncer=false`",
                healthy().with_parameter("pgbouncer", "false").server(|it| it.pooler.shares_sessions = true),
            ),
            |it| it.has_direct = true,
        ),
        case(&["pooler-needless"], "remove `pgbouncer=true`", healthy().with_parameter("pgbouncer", "true")),
        case(&["pooler-without-direct"], "set `DATABASE_URL_UNPOOLED`", pooled()),
        with(case(&[], "", pooled()), |it| it.has_direct = true),
        pair(&["direct-pooled"], "`DATABASE_URL_UNPOOLED`", direct_pooled),
        case(
            &["clock"],
            "timedatectl",
            healthy().server(|it| it.timing = Ok(Timing { ahead: -20.0, ..Timing::default() })),
        ),
        case(
            &["time-zone"],
            "set timezone = 'UTC'",
            healthy().identity_is(|it| it.time_zone = "Europe/Vienna".to_owned()),
        ),
        case(&["round-trip-slow"], "same zone", round_trip(12)),
        case(&["round-trip-far"], "same region", round_trip(80)),
        with(case(&["connections-exceed"], "connection_limit=9", healthy()), |it| it.processes = 10),
        with(case(&["connections-exceed"], "put PgBouncer in front", healthy()), |it| it.processes = 100_000),
        case(
            &["connections-tight"],
            "connection_limit=8",
            healthy().server(|it| it.sessions = Ok(Sessions { ours: 0, others: 80 })),
        ),
        case(&["connections-exceed"], "connection_limit=4", healthy().identity_is(|it| it.role_limit = 8)),
    ]
}

fn databases() -> Vec<Case> {
    let collation = |name: Option<&str>| {
        let (recorded, actual) = ("153.14".to_owned(), "153.120".to_owned());
        let collation = Collation { name: name.map(str::to_owned), recorded, actual };
        healthy().server(|it| it.collations = Ok(vec![collation]))
    };
    let extension = |installed: Option<&str>, available: Option<&str>| {
        let [installed, available] = [installed, available].map(|it| it.map(str::to_owned));
        healthy().server(|it| {
            it.extensions = Ok(vec![Extension { name: "vector".to_owned(), installed, available }]);
        })
    };
    let process = || Process { pid: 7, user: Some("app".to_owned()), seconds: 600.0, ..Process::default() };
    let some = |name: &str| vec![name.to_owned()];
    let local = || healthy().with_url("postgresql://app@localhost/shop");
    vec![
        case(&["durability"], "alter system set fsync = on", healthy().setting("fsync", "off")),
        case(&["durability"], "full_page_writes", healthy().setting("full_page_writes", "off")),
        case(
            &["synchronous-commit"],
            "synchronous_commit = on",
            healthy().setting("synchronous_commit", "off"),
        ),
        case(&["autovacuum"], "set autovacuum = on", healthy().setting("autovacuum", "off")),
        case(&["wal-minimal"], "wal_level = replica", healthy().setting("wal_level", "minimal")),
        case(&["tls-old-protocol"], "TLSv1.2", healthy().setting("ssl_min_protocol_version", "TLSv1")),
        case(&["password-md5"], "scram-sha-256", healthy().setting("password_encryption", "md5")),
        case(&["wraparound"], "vacuum freeze", healthy().identity_is(|it| it.age = 1_500_000_000)),
        case(&["statement-timeout"], "socket_timeout=30", healthy().with_parameter("socket_timeout", "0")),
        case(
            &["statement-timeout-short"],
            "statement_timeout = '5.0 s'",
            healthy().setting("statement_timeout", "5000"),
        ),
        case(
            &["idle-in-transaction"],
            "idle_in_transaction_session_timeout = '60s'",
            healthy().setting("idle_in_transaction_session_timeout", "0"),
        ),
        case(&["superuser"], "create role app", healthy().identity_is(|it| it.is_superuser = true)),
        case(&["schema-missing"], "create schema \"public\"", healthy().rights_are(|it| it.exists = false)),
        case(&["no-usage"], "grant usage", healthy().rights_are(|it| it.usage = false)),
        case(&["no-create"], "grant create on schema", healthy().rights_are(|it| it.create = false)),
        case(
            &["tables-not-owned"],
            "grant \"owner\" to \"app\"",
            healthy().rights_are(|it| {
                (it.foreign, it.foreign_names, it.foreign_owner) =
                    (5, some("Note"), Some("owner".to_owned()));
            }),
        ),
        case(
            &["tables-no-access"],
            "grant select, insert, update, delete on all tables",
            healthy().rights_are(|it| (it.unwritable, it.unwritable_names) = (1, some("Note"))),
        ),
        case(
            &["public-create"],
            "revoke create on schema public",
            healthy().rights_are(|it| it.public_create = true),
        ),
        case(&["no-createdb"], "createdb", local()),
        case(&["extension-unavailable"], "postgresql-17-vector", extension(None, None)),
        case(&["extension-missing"], "create extension \"vector\"", extension(None, Some("0.8"))),
        case(
            &["extension-outdated"],
            "alter extension \"vector\" update",
            extension(Some("0.7"), Some("0.8")),
        ),
        case(
            &["encoding"],
            "encoding 'UTF8'",
            healthy().identity_is(|it| it.encoding = "SQL_ASCII".to_owned()),
        ),
        case(&["collation-database"], "reindex database \"shop\"", collation(None)),
        case(
            &["collation-version"],
            "alter collation public.german refresh",
            collation(Some("public.german")),
        ),
        case(
            &["long-transaction"],
            "pg_terminate_backend(7)",
            healthy().activity_is(|it| it.long_transactions = vec![process()]),
        ),
        case(
            &["locks-waiting"],
            "pg_terminate_backend(7)",
            healthy().activity_is(|it| (it.waiting, it.blocker) = (2, Some(process()))),
        ),
        case(
            &["invalid-index"],
            "reindex index concurrently note_text",
            healthy().activity_is(|it| it.invalid_indexes = some("note_text")),
        ),
        case(
            &["prepared-transaction"],
            "rollback prepared 'x'",
            healthy().activity_is(|it| {
                it.prepared_transactions =
                    vec![Prepared { id: "x".to_owned(), database: "shop".to_owned(), seconds: 9000.0 }];
            }),
        ),
        case(
            &["slot-inactive"],
            "pg_drop_replication_slot('old')",
            healthy()
                .activity_is(|it| it.inactive_slots = vec![Slot { name: "old".to_owned(), bytes: 5 << 30 }]),
        ),
        case(
            &["archive-fails"],
            "nicol local backup stop",
            healthy().activity_is(|it| {
                let segment = "000000010000000000000002".to_owned();
                it.failing_archive = Some(FailingArchive { count: 3, segment, seconds: 40.0 });
            }),
        ),
        case(
            &["migrations-pending"],
            "nicol migrate deploy",
            healthy().status_is(|it| it.pending = some("1_one")),
        ),
        case(
            &["migrations-failed"],
            "--rolled-back 1_one",
            healthy().status_is(|it| it.failed = some("1_one")),
        ),
        case(
            &["migrations-running"],
            "again",
            healthy().status_is(|it| (it.failed, it.holder) = (some("1_one"), Some("process 7".to_owned()))),
        ),
        case(
            &["migrations-edited"],
            "restore the script",
            healthy().status_is(|it| it.edited = some("1_one")),
        ),
        case(
            &["migrations-unknown"],
            "for each branch",
            healthy().status_is(|it| it.unknown = some("1_one")),
        ),
        case(
            &["migrations-unreadable"],
            "grant select on \"public\".\"_prisma_migrations\"",
            healthy().server(|it| it.migrations = Some(Err("permission denied".to_owned()))),
        ),
        case(
            &["facts-missing"],
            "grant pg_monitor to \"app\"",
            healthy().server(|it| it.activity = Err("no".to_owned())),
        ),
    ]
}

#[test]
fn each_rule_is_found_where_it_applies_and_only_there() {
    let mut found_ids = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in connections().into_iter().chain(servers()).chain(databases()) {
        let checks = check(&case.facts, case.facts.len() - 1, &case.project, now());
        assert!(!format!("{checks:?}").contains("s3cr3t"), "{checks:?}");
        let findings: Vec<_> = checks.iter().flat_map(|it| &it.findings).collect();
        let ids: Vec<_> = findings.iter().map(|it| it.id).collect();
        let advice = findings.first().map_or("", |it| &it.advice);
        if ids != case.expected || !advice.contains(case.advice) {
            wrong.push(format!("{:?} with {:?}: {findings:#?}", case.expected, case.advice));
        }
        found_ids.extend(ids);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let unseen: Vec<_> = ALL.iter().map(|rule| rule.id).filter(|id| !found_ids.contains(id)).collect();
    assert!(unseen.is_empty(), "no case for {unseen:?}");
}

#[test]
fn a_healthy_set_up_has_no_finding() {
    for url in [URL, "postgresql://app@localhost/shop", "postgresql://app@/shop?host=/run/postgresql"] {
        let mut facts = healthy().with_url(url).identity_is(|it| it.may_create_databases = true);
        let is_remote = url == URL;
        facts.hosts[0].1 = Ok(if is_remote { Answer::Encrypted(shown()) } else { Answer::Plain });
        let checks = check(&[facts], 0, &project(), now());
        assert!(checks.iter().all(|it| it.findings.is_empty()), "{checks:#?}");
    }
}

#[test]
fn what_only_harms_this_machine_is_no_warning_there() {
    let facts = healthy().with_url("postgresql://postgres@localhost/shop").answers(Answer::Plain);
    let facts = facts.identity_is(|it| {
        (it.is_superuser, it.may_create_databases, it.time_zone) = (true, true, "Europe/Vienna".to_owned());
    });
    let facts = facts.rights_are(|it| it.public_create = true).setting("synchronous_commit", "off");
    let facts = facts.setting("idle_in_transaction_session_timeout", "0").setting("wal_level", "minimal");
    let checks = check(&[facts], 0, &project(), now());
    let findings: Vec<_> = checks.iter().flat_map(|it| &it.findings).collect();
    assert!(findings.iter().all(|it| it.severity == Severity::Note), "{findings:#?}");
}

#[test]
fn durations_and_dates_are_readable() {
    let durations =
        [(0.000_05, "0.05 ms"), (0.0042, "4.2 ms"), (0.25, "250 ms"), (4.52, "4.5 s"), (90.0, "90 s")];
    for (seconds, text) in
        durations.into_iter().chain([(600.0, "10 min"), (7200.0, "2 h"), (864_000.0, "10 days")])
    {
        assert_eq!(duration(seconds), text);
    }
    for (seconds, text) in [(0, "1970-01-01"), (951_782_400, "2000-02-29"), (1_767_225_600, "2026-01-01")] {
        assert_eq!(date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)), text);
    }
}
