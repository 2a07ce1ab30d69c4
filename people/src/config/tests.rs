use super::*;

const DEPLOYED: &[(&str, &str)] = &[
    ("AUTH_URL", "https://people.example.com"),
    ("AUTH_SECRET", "0123456789abcdef0123456789abcdef"),
    ("AUTH_ALLOWED_DOMAINS", "example.com"),
    ("EMAIL_SERVER", "smtps://ann:hush@smtp.example.com:465"),
    ("EMAIL_FROM", "People <people@example.com>"),
    ("DATABASE_URL", "postgresql://ann:hush@db.example.com/people?sslmode=verify-full"),
];

fn env(variables: &[(&str, &str)]) -> Environment {
    Environment::of(variables.iter().copied())
}

/// A deployment with some variables changed; an empty value takes one away.
fn deployed_with(changes: &[(&str, &str)]) -> Environment {
    env(&[DEPLOYED, changes].concat())
}

#[track_caller]
fn check_refused(env: &Environment, expected: &[&str]) {
    let message = Config::read(env).expect_err("these settings must be refused").to_string();
    for part in expected {
        assert!(message.contains(part), "`{part}` is missing in:\n{message}");
    }
    assert!(!message.contains("hush"), "a secret shows in:\n{message}");
}

#[test]
fn without_settings_it_is_development_on_this_machine() {
    let config = Config::read(&env(&[])).unwrap();
    assert!(config.is_development());
    assert_eq!(config.listen.to_string(), "127.0.0.1:3000");
    assert_eq!(config.database, Database::Local);
    assert!(config.allow.is_everyone());
}

#[test]
fn port_and_host_are_read() {
    let config = Config::read(&env(&[("PORT", "4000"), ("HOST", "::1")])).unwrap();
    assert_eq!(config.listen.to_string(), "[::1]:4000");
    check_refused(
        &env(&[("PORT", "http"), ("HOST", "everywhere")]),
        &["`PORT` is `http`", "`HOST` is `everywhere`"],
    );
}

#[test]
fn development_never_listens_on_other_interfaces() {
    for host in ["0.0.0.0", "::", "192.0.2.1"] {
        check_refused(&env(&[("HOST", host)]), &["`HOST`", "help:", "`AUTH_URL`"]);
    }
}

#[tokio::test]
async fn a_deployment_is_read() {
    let config = Config::read(&deployed_with(&[("HOST", "0.0.0.0")])).unwrap();
    assert!(!config.is_development());
    assert!(!config.allow.is_everyone());
    let Deployment::Production(production) = &config.deployment else { panic!("this is a deployment") };
    assert_eq!(production.url.origin(), "https://people.example.com");
}

#[tokio::test]
async fn unusual_settings_are_warnings() {
    let warnings = |changes: &[(&str, &str)]| Config::read(&deployed_with(changes)).unwrap().warnings();
    assert!(warnings(&[]).is_empty());
    assert!(warnings(&[("AUTH_URL", "http://people.example.com:8080")])[0].contains("not https"));
    for url in ["http://localhost:3000", "http://127.0.0.1", "http://[::1]:3000"] {
        assert!(warnings(&[("AUTH_URL", url)]).is_empty(), "{url}");
    }
    let misspelt = warnings(&[("DATABASE_URL", "postgresql://localhost/people?conection_limit=hush")]);
    let warning = "the connection parameter `conection_limit` is unknown and has no effect\nhelp: did you mean `connection_limit`?";
    assert_eq!(misspelt, [format!("`DATABASE_URL`: {warning}")]);
}

#[tokio::test]
async fn missing_settings_of_a_deployment_are_named() {
    for name in ["AUTH_URL", "AUTH_SECRET", "EMAIL_SERVER", "EMAIL_FROM", "DATABASE_URL"] {
        check_refused(&deployed_with(&[(name, "")]), &[&format!("`{name}`")]);
    }
    check_refused(&deployed_with(&[("AUTH_ALLOWED_DOMAINS", "")]), &["`AUTH_ALLOWED_EMAILS`", "`*`"]);
    check_refused(&deployed_with(&[("AUTH_SECRET", "hush")]), &["32 characters"]);
    check_refused(
        &deployed_with(&[("AUTH_ENCRYPTION_KEY", "hush")]),
        &["AUTH_ENCRYPTION_KEY", "32 characters"],
    );
    check_refused(&deployed_with(&[("AUTH_ALLOWED_DOMAINS", "@@")]), &["`AUTH_ALLOWED_DOMAINS`"]);
    check_refused(&deployed_with(&[("EMAIL_SERVER", "imap://ann:hush@x")]), &["`EMAIL_SERVER`"]);
    check_refused(&deployed_with(&[("AUTH_URL", "https://ann:hush@x")]), &["`AUTH_URL`"]);
}

#[test]
fn all_problems_are_reported_at_once() {
    check_refused(
        &env(&[("HOST", "0.0.0.0"), ("PORT", "x")]),
        &["2 problems in the settings", "`HOST` is 0.0.0.0, which other machines can reach", "`PORT` is `x`"],
    );
    check_refused(
        &env(&[("AUTH_URL", "https://people.example.com"), ("PORT", "x")]),
        &[
            "`PORT`",
            "`AUTH_SECRET`",
            "`AUTH_ALLOWED_EMAILS`",
            "`EMAIL_SERVER`",
            "`EMAIL_FROM`",
            "`DATABASE_URL`",
        ],
    );
    let wrong = deployed_with(&[
        ("HOST", "everywhere"),
        ("PORT", "x"),
        ("AUTH_URL", "https://ann:hush@x"),
        ("AUTH_SECRET", "hush"),
        ("AUTH_SECRET_1", "hush"),
        ("AUTH_ENCRYPTION_KEY", "hush"),
        ("AUTH_ALLOWED_DOMAINS", "@@"),
        ("AUTH_GOOGLE_SECRET", "hush"),
        ("EMAIL_SERVER", "imap://ann:hush@x"),
        ("EMAIL_FROM", "nobody"),
        ("DATABASE_URL", "postgresql://ann:hush@db.example.com/people"),
        ("DATABASE_URL_UNPOOLED", "mysql://ann:hush@x/y"),
        ("RUST_LOG", "people=loud"),
        ("RATE_LIMIT", "much,read=0"),
        ("TRUSTED_PROXIES", "proxy.example.com,*"),
        ("METRICS_LISTEN", "9464"),
    ]);
    let parts = [
        "16 problems in the settings",
        "`HOST` is `everywhere`",
        "`PORT` is `x`",
        "`DATABASE_URL` names another machine",
        "`DATABASE_URL_UNPOOLED` cannot be used",
        "`AUTH_ALLOWED_DOMAINS`",
        "`AUTH_ENCRYPTION_KEY`",
        "`AUTH_GOOGLE_ID`",
        "`AUTH_URL`",
        "`AUTH_SECRET` has fewer",
        "`AUTH_SECRET_1` has fewer",
        "`EMAIL_SERVER`",
        "`EMAIL_FROM`",
        "`RUST_LOG`",
        "`much` or `read=0`",
        "`proxy.example.com` or `*`",
        "`METRICS_LISTEN` is `9464`",
    ];
    check_refused(&wrong, &parts);
}

#[tokio::test]
async fn a_remote_database_needs_tls() {
    let url = |rest: &str| format!("postgresql://ann:hush@{rest}");
    for plain in
        ["db.example.com/people", "db.example.com/people?sslmode=prefer", "10.0.0.7/people?sslmode=disable"]
    {
        check_refused(
            &deployed_with(&[("DATABASE_URL", &url(plain))]),
            &["`DATABASE_URL`", "sslmode=verify-full"],
        );
        check_refused(
            &deployed_with(&[("DATABASE_URL_UNPOOLED", &url(plain))]),
            &["`DATABASE_URL_UNPOOLED`"],
        );
        let allowed = [("DATABASE_URL", &*url(plain)), ("DATABASE_ALLOW_PLAINTEXT", "1")];
        assert!(Config::read(&deployed_with(&allowed)).is_ok(), "{plain}");
    }
    for safe in
        ["db.example.com/people?sslmode=require", "127.0.0.1/people", "localhost/people?sslmode=disable"]
    {
        assert!(Config::read(&deployed_with(&[("DATABASE_URL", &url(safe))])).is_ok(), "{safe}");
    }
    check_refused(
        &deployed_with(&[("DATABASE_URL", "mysql://ann:hush@x/y")]),
        &["`DATABASE_URL` cannot be used"],
    );
}

#[test]
fn the_direct_url_defaults_to_the_pooled_one() {
    let pooled = "postgresql://localhost/people?pgbouncer=true";
    let Ok(Database::Server { pooled, direct, replicas }) = Database::read(&env(&[("DATABASE_URL", pooled)]))
    else {
        panic!("a server was named")
    };
    assert_eq!(pooled, direct);
    assert!(replicas.is_empty());
    assert!(Database::read(&env(&[("DATABASE_URL_UNPOOLED", "postgresql://localhost/people")])).is_err());
}

#[test]
fn replicas_are_read_and_checked_like_the_primary() {
    let url = |host: &str| format!("postgresql://ann:hush@{host}/people?sslmode=require");
    let two = format!("  {}\n{} ", url("one,two"), url("three"));
    let settings = deployed_with(&[("DATABASE_REPLICA_URL", &two)]);
    let Ok(Database::Server { replicas, .. }) = Database::read(&settings) else {
        panic!("a server was named")
    };
    assert_eq!(replicas.len(), 2);
    assert_eq!(replicas[0].hosts().len(), 2, "a comma is between the hosts of one URL");
    let bad = format!("postgresql://ann:hush@one/people {} nonsense-hush", url("two"));
    check_refused(
        &deployed_with(&[("DATABASE_REPLICA_URL", &bad)]),
        &[
            "2 problems",
            "`DATABASE_REPLICA_URL` names another machine",
            "`DATABASE_REPLICA_URL` cannot be used",
        ],
    );
    check_refused(
        &env(&[("DATABASE_REPLICA_URL", &url("one"))]),
        &["`DATABASE_REPLICA_URL` is set, but `DATABASE_URL` is not", "help:"],
    );
}

#[tokio::test]
async fn the_report_names_sources_and_hides_secrets() {
    let env = deployed_with(&[("PORT", "8080"), ("AUTH_SECRET", "hush-hush-hush-hush-hush-hush-hush")]);
    let settings = Config::read(&env).unwrap().settings(&env);
    let lines: Vec<_> = settings.iter().map(|s| format!("{}={} ({})", s.name, s.value, s.source)).collect();
    let text = lines.join("\n");
    assert!(!text.contains("hush"), "{text}");
    for line in [
        "PORT=8080 (environment)",
        "HOST=127.0.0.1 (default)",
        "AUTH_SECRET=hidden (environment)",
        "AUTH_ALLOWED_DOMAINS=example.com (environment)",
        "EMAIL_SERVER=smtps://ann:***@smtp.example.com:465 (environment)",
        "DATABASE_URL=postgresql://ann:***@db.example.com:5432/people?sslmode=verify-full (environment)",
        "DATABASE_URL_UNPOOLED=same as DATABASE_URL (default)",
        "TRUSTED_PROXIES=none (default)",
        "RATE_LIMIT=sign-in=20,write=300,read=3000 (default)",
        "METRICS_LISTEN=off (default)",
    ] {
        assert!(text.contains(line), "`{line}` is missing in:\n{text}");
    }
}

#[tokio::test]
async fn a_deployment_has_rate_limits() {
    assert_eq!(Config::read(&env(&[])).unwrap().operation.rate_limits, None);
    let limits =
        |value| Config::read(&deployed_with(&[("RATE_LIMIT", value)])).unwrap().operation.rate_limits;
    assert_eq!(limits(""), Some(RateLimits::default()));
    assert_eq!(limits("off"), None);
    assert_eq!(limits("read=7").unwrap().read.get(), 7);
    check_refused(
        &deployed_with(&[
            ("RATE_LIMIT", "much"),
            ("TRUSTED_PROXIES", "proxy.example.com"),
            ("METRICS_LISTEN", "9464"),
        ]),
        &[
            "`METRICS_LISTEN` is `9464`",
            "`RATE_LIMIT` cannot be used: `much`",
            "`TRUSTED_PROXIES` cannot be used: `proxy.example.com`",
            "`127.0.0.1,10.0.0.0/8,fd00::/8`",
        ],
    );
}

#[test]
fn traces_without_the_feature_are_a_warning() {
    let env = deployed_with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "key=hush"),
    ]);
    let config = Config::read(&env).unwrap();
    let warned = config.warnings().iter().any(|warning| warning.contains("without the feature `otel`"));
    assert_eq!(warned, !cfg!(feature = "otel"));
    let settings = config.settings(&env);
    let endpoint = settings.iter().find(|setting| setting.name == "OTEL_EXPORTER_OTLP_ENDPOINT").unwrap();
    let expected = if warned {
        "no traces: built without the feature `otel`"
    } else {
        "http://127.0.0.1:4318/v1/traces"
    };
    assert_eq!(endpoint.value, expected);
    assert!(settings.iter().all(|setting| !setting.value.contains("hush")));
    assert!(!format!("{config:?}").contains("hush"));
}

#[cfg(feature = "otel")]
#[test]
fn settings_of_traces_are_checked_with_all_others() {
    check_refused(
        &deployed_with(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:4318"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("PORT", "x"),
        ]),
        &["`PORT`", "`OTEL_EXPORTER_OTLP_ENDPOINT`", "`OTEL_EXPORTER_OTLP_PROTOCOL` is `grpc`", "4318"],
    );
}

#[tokio::test]
async fn a_deployment_with_a_provider_needs_no_mail() {
    let no_mail = [("EMAIL_SERVER", ""), ("EMAIL_FROM", "")];
    let google = [("AUTH_GOOGLE_ID", "id"), ("AUTH_GOOGLE_SECRET", "hush")];
    let config = Config::read(&deployed_with(&[no_mail, google].concat())).unwrap();
    assert_eq!(config.providers.iter().map(Provider::id).collect::<Vec<_>>(), ["google"]);
    let Deployment::Production(production) = &config.deployment else { panic!("this is a deployment") };
    assert!(production.mailer.is_none());
    check_refused(&deployed_with(&no_mail), &["`EMAIL_SERVER`", "`EMAIL_FROM`", "`AUTH_GOOGLE_ID`"]);
    check_refused(&deployed_with(&[no_mail[0], google[0], google[1]]), &["`EMAIL_SERVER`"]);
    check_refused(
        &deployed_with(&google[1..]),
        &["`AUTH_GOOGLE_SECRET` is set, but `AUTH_GOOGLE_ID` is not"],
    );
    let insecure = [
        ("AUTH_OIDC_ID", "id"),
        ("AUTH_OIDC_SECRET", "hush"),
        ("AUTH_OIDC_ISSUER", "http://ann:hush@id.example"),
    ];
    check_refused(&deployed_with(&insecure), &["`AUTH_OIDC_ISSUER`", "https"]);
}
