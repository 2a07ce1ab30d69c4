use super::params::ClientIdentity;
use super::*;

fn parse(text: &str) -> ConnectionUrl {
    ConnectionUrl::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn check_error(text: &str, beginning: &str) {
    let error = ConnectionUrl::parse(text).expect_err(text);
    assert_eq!(error.code(), "P1013");
    let message = error.to_string();
    assert!(message.starts_with(beginning), "{text}\n  gave     {message}\n  expected {beginning}");
    assert!(message.contains("\nhelp: "), "{message}");
    assert!(!message.contains("s3cr3t") && !format!("{error:?}").contains("s3cr3t"), "{message}");
}

#[test]
fn everything_has_a_default() {
    let url = parse("postgresql://localhost");
    assert_eq!(url.hosts(), [Host { address: tcp("localhost"), port: 5432 }]);
    assert_eq!(
        (url.user(), url.password(), url.database(), url.schema()),
        (None, None, "postgres", "public")
    );
    assert_eq!(url.connect_timeout(), Some(Duration::from_secs(5)));
    assert_eq!(url.pool_timeout(), Some(Duration::from_secs(10)));
    assert_eq!(url.socket_timeout(), None);
    assert_eq!(url.max_connection_lifetime(), None);
    assert_eq!(url.max_idle_connection_lifetime(), Some(Duration::from_mins(5)));
    assert_eq!(url.statement_cache_size(), 100);
    assert_eq!(url.ssl_mode(), SslMode::Prefer);
    assert_eq!(url.trust(), &Trust::Anything);
    assert!(!url.is_pooled() && !url.is_tls_required());
    assert_eq!(url.connection_limit() % 2, 1);
    assert_eq!(parse("POSTGRES://").hosts(), url.hosts());
}

#[test]
fn parts_are_percent_decoded() {
    let url = parse(
        "postgresql://an%20n:p%40ss%2Fw%C3%B6rd@h%2Dost:6000/my%20db?schema=a%26b&application_name=x+y",
    );
    assert_eq!(url.user(), Some("an n"));
    assert_eq!(url.password(), Some("p@ss/wörd"));
    assert_eq!(url.hosts(), [Host { address: tcp("h-ost"), port: 6000 }]);
    assert_eq!(url.database(), "my db");
    assert_eq!(url.schema(), "a&b");
    assert_eq!(url.application_name(), Some("x y"));
}

#[test]
fn prismas_parameters_are_read() {
    let url = parse(
        "postgres://u@h/d?connection_limit=7&pool_timeout=0&connect_timeout=30&socket_timeout=4&pgbouncer=true\
         &statement_cache_size=500&max_connection_lifetime=60&max_idle_connection_lifetime=0&options=-c%20a%3Db",
    );
    assert_eq!(url.connection_limit(), 7);
    assert_eq!(url.pool_timeout(), None);
    assert_eq!(url.connect_timeout(), Some(Duration::from_secs(30)));
    assert_eq!(url.socket_timeout(), Some(Duration::from_secs(4)));
    assert_eq!(url.statement_cache_size(), 0, "PgBouncer switches the cache off");
    assert_eq!(url.max_connection_lifetime(), Some(Duration::from_mins(1)));
    assert_eq!(url.max_idle_connection_lifetime(), None);
    assert_eq!(url.options(), Some("-c a=b"));
}

#[test]
fn a_hosted_databases_url_is_taken_as_it_is() {
    let url = parse(
        "postgresql://ann:npg_s3cr3t@ep-cool-1-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require",
    );
    assert!(url.is_tls_required() && !url.is_loopback_or_socket());
    assert_eq!((url.ssl_mode(), url.trust()), (SslMode::Require, &Trust::Anything));
    assert_eq!(url.channel_binding(), ChannelBinding::Require);
    assert_eq!(url.unknown_parameters().count(), 0);
}

#[test]
fn transaction_poolers_are_recognized() {
    use Pooling::{Session, Transaction, Unknown, Unprepared};
    for (rest, pooling) in [
        // Declared by the parameter, which counts more than the host.
        ("localhost/app", Unknown),
        ("localhost/app?pgbouncer=false", Session),
        ("localhost/app?pgbouncer=true", Unprepared),
        ("%2Frun%2Fpgbouncer/app?pgbouncer=true", Unprepared),
        ("x-pooler.example.com/app?pgbouncer=true&statement_cache_size=50", Unprepared),
        ("x-pooler.example.com/app?pgbouncer=false", Session),
        // Neon: the endpoint's id, and `-pooler` behind it.
        ("ep-cool-rain-123456.eu-central-1.aws.neon.tech/app", Session),
        ("ep-cool-rain-123456-pooler.eu-central-1.aws.neon.tech/app", Transaction),
        ("EP-COOL-RAIN-123456-POOLER.eu-central-1.aws.neon.tech./app", Transaction),
        ("ep-cool-rain-123456-pooler.eu-central-1.aws.neon.tech/app?statement_cache_size=50", Transaction),
        // Supabase: the port tells the mode.
        ("aws-0-eu-central-1.pooler.supabase.com:6543/app", Transaction),
        ("aws-0-eu-central-1.pooler.supabase.com:5432/app", Session),
        ("aws-0-eu-central-1.pooler.supabase.com/app", Session),
        ("db.abcdefgh.supabase.co:6543/app", Transaction),
        ("db.abcdefgh.supabase.co:5432/app", Session),
        ("db.example.com:6543/app", Unknown),
        // Only part of a name.
        ("carpooler.example.com/app", Unknown),
        ("db.x-pooler.example.com/app", Unknown),
        ("pooler.supabase.com.example.com:6543/app", Unknown),
        ("neon.tech.example.com/app", Unknown),
        // One of several hosts.
        ("db.example.com,x-pooler.example.com/app", Transaction),
        ("aws-0-eu-central-1.pooler.supabase.com,db.example.com:5432,6543/app", Unknown),
    ] {
        let url = parse(&format!("postgresql://ann@{rest}"));
        assert_eq!(url.pooling(), pooling, "{rest}");
        assert_eq!(url.is_pooled(), [Transaction, Unprepared].contains(&pooling), "{rest}");
        let cache = if rest.ends_with("=50") { 50 } else { 100 };
        assert_eq!(url.statement_cache_size(), if pooling == Unprepared { 0 } else { cache }, "{rest}");
    }
}

#[test]
fn a_socket_is_direct_unless_it_is_declared_a_pooler() {
    for (rest, is_direct) in [
        ("/app?host=/run/pg", true),
        ("/app?host=/run/pg&pgbouncer=true", false),
        ("/app?host=/run/pg,localhost", false),
        ("localhost/app", false),
        ("db.example.com/app", false),
    ] {
        assert_eq!(parse(&format!("postgresql://{rest}")).is_direct(), is_direct, "{rest}");
    }
}

#[test]
fn of_a_repeated_parameter_the_last_one_holds() {
    assert_eq!(parse("postgres://h/d?schema=a&schema=b").schema(), "b");
}

#[test]
fn several_hosts_and_sockets() {
    let hosts =
        |text: &str| parse(text).hosts().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    assert_eq!(hosts("postgres://a:1,b,[::1]:3/d"), "a:1 b:5432 [::1]:3");
    assert_eq!(hosts("postgres:///d?host=a,b&port=1,2"), "a:1 b:2");
    assert_eq!(hosts("postgres:///d?host=a,b&port=7"), "a:7 b:7");
    assert_eq!(hosts("postgres://u@localhost:5433/d?host=/var/run"), "/var/run/.s.PGSQL.5433");
    assert_eq!(hosts("postgres://%2Frun%2Fpg:6/d"), "/run/pg/.s.PGSQL.6");
    assert_eq!(
        parse("postgres:///d?host=db.example.com&hostaddr=10.0.0.1").hosts()[0].address,
        Address::Tcp { name: "db.example.com".to_owned(), ip: Some("10.0.0.1".parse().unwrap()) }
    );
    check_error("postgres://a,b,c/d?port=1,2", "the connection URL has 3 hosts, but 2 values in `port`");
    check_error("postgres://[::1/d", "the host of the connection URL has brackets");
    check_error("postgres://[example.com]/d", "the host of the connection URL has brackets");
    for bare in ["::1", "::1:5432", "u:p@::1", "fe80::1%25eth0", "a:1,2001:db8::7", "::ffff:10.0.0.1"] {
        check_error(
            &format!("postgres://{bare}/d"),
            "the host of the connection URL is an IPv6 address without",
        );
    }
    check_error("postgres://host:1:2/d", "`1:2` is not a port number");
}

#[test]
fn bad_urls_are_named_and_passwords_are_not() {
    check_error("mysql://u:s3cr3t@h/d", "the connection URL does not start with");
    check_error("", "the connection URL does not start with");
    check_error("\"postgres://u:s3cr3t@h/d\"", "the connection URL is in quotes");
    check_error(" 'postgres://u:s3cr3t@h/d' ", "the connection URL is in quotes");
    check_error("\u{201c}postgres://u:s3cr3t@h/d\u{201d}", "the connection URL is in quotes");
    check_error("''", "the connection URL is in quotes");
    check_error("host=h password=s3cr3t", "the connection URL does not start with");
    check_error("postgres://u:s3cr3t%4@h/d", "the password of the connection URL has a `%`");
    check_error("postgres://u:s3cr3t%ff@h/d", "the password of the connection URL has a `%`");
    check_error("postgres://u:s3cr3t%00@h/d", "the password of the connection URL has a `%`");
    check_error("postgres://u:s3#cr3t@h/d", "the connection URL has an unescaped `#`");
    check_error("postgres://u:s3cr3t/x@h/d", "the connection URL has an `@` after");
    check_error("postgres://u:s3cr3t?x@h/d", "the connection URL has an `@` after");
    check_error("postgres://u:s3cr3t@h:0/d", "`0` is not a port number");
    check_error("postgres://u:s3cr3t@h:65536/d", "`65536` is not a port number");
    check_error("postgres://u:s3cr3t@h:x/d", "`x` is not a port number");
    assert_eq!(
        parse("postgres://u:a@b:c@h/d").password(),
        Some("a@b:c"),
        "a forgotten escape that does no harm"
    );
}

#[test]
fn unacknowledged_data_has_the_time_limit_of_keepalives() {
    let limit = |parameters: &str| {
        parse(&format!("postgres://h/d{parameters}"))
            .settings()
            .tcp_user_timeout
            .map(|limit| limit.as_millis())
    };
    assert_eq!(limit(""), Some(120_000));
    assert_eq!(limit("?keepalives_idle=10&keepalives_interval=5&keepalives_count=2"), Some(20_000));
    assert_eq!(limit("?tcp_user_timeout=7&keepalives=0"), Some(7));
    assert_eq!(limit("?tcp_user_timeout=0"), None);
    assert_eq!(limit("?keepalives=0"), None);
    assert!(limit("?keepalives_interval=1000000000&keepalives_count=4000000000").is_some());
}

#[test]
fn bad_values_are_named() {
    for name in [
        "connection_limit",
        "pool_timeout",
        "connect_timeout",
        "socket_timeout",
        "statement_cache_size",
        "max_connection_lifetime",
        "max_idle_connection_lifetime",
        "keepalives_idle",
        "tcp_user_timeout",
    ] {
        for value in ["ten", "-1", "", "1.5"] {
            check_error(
                &format!("postgres://h/d?{name}={value}"),
                &format!("`{value}` is not a valid value for the connection parameter `{name}`"),
            );
        }
    }
    check_error("postgres://h/d?connection_limit=0", "`0` is not a valid value for the connection parameter");
    check_error(
        "postgres://h/d?pgbouncer=yes",
        "`yes` is not a valid value for the connection parameter `pgbouncer`",
    );
    check_error(
        "postgres://h/d?sslmode=on",
        "`on` is not a valid value for the connection parameter `sslmode`",
    );
    check_error("postgres://h/d?channel_binding=on", "`on` is not a valid value");
    check_error(
        "postgres://h/d?hostaddr=h",
        "`h` is not a valid value for the connection parameter `hostaddr`",
    );
    check_error("postgres://h/d?client_encoding=LATIN1", "`LATIN1` is not a valid value");
    check_error("postgres://h/d?gssencmode=require", "`require` is not a valid value");
    check_error("postgres://h/d?ssl_min_protocol_version=SSLv3", "`SSLv3` is not a valid value");
    check_error("postgres://h/d?ssl_max_protocol_version=TLSv1.1", "`TLSv1.1` is not a valid value");
    check_error(
        "postgres://h/d?ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2",
        "the connection parameters `ssl_min_protocol_version=TLSv1.3` and `ssl_max_protocol_version` contradict",
    );
}

#[test]
fn nothing_that_asks_for_a_check_is_dropped() {
    for name in [
        "sslcrl",
        "sslcrldir",
        "require_auth",
        "requirepeer",
        "sslidentity",
        "sslpassword",
        "service",
        "passfile",
    ] {
        check_error(
            &format!("postgres://h/d?{name}=s3cr3t"),
            &format!("the connection parameter `{name}` is not supported"),
        );
    }
    let unknown = |text: &str| {
        let url = parse(text);
        url.unknown_parameters()
            .map(|unknown| (unknown.name.to_owned(), unknown.suggestion))
            .collect::<Vec<_>>()
    };
    for (name, suggestion) in [
        ("ssl_mode", Some("sslmode")),
        ("SSLMode", Some("sslmode")),
        ("connectionLimit", Some("connection_limit")),
        ("conection_limt", Some("connection_limit")),
        ("pool-timeout", Some("pool_timeout")),
        ("pgbounce", Some("pgbouncer")),
        ("databasename", None),
        ("supa", None),
        ("", None),
    ] {
        assert_eq!(
            unknown(&format!("postgres://h/d?{name}=s3cr3t&schema=x&{name}=y")),
            [(name.to_owned(), suggestion)]
        );
    }
}

#[test]
fn sslmode_says_what_is_checked() {
    let file = || Roots::File("ca.pem".into());
    let cases = [
        ("sslmode=disable", SslMode::Disable, Trust::Anything),
        ("sslmode=allow", SslMode::Allow, Trust::Anything),
        ("sslmode=prefer&sslrootcert=ca.pem", SslMode::Prefer, Trust::Anything),
        ("sslmode=require", SslMode::Require, Trust::Anything),
        ("sslmode=require&sslrootcert=ca.pem", SslMode::Require, Trust::Chain(file())),
        ("sslmode=require&sslcert=ca.pem", SslMode::Require, Trust::Chain(file())),
        ("sslmode=require&sslaccept=strict", SslMode::Require, Trust::ChainAndName(Roots::System)),
        ("sslmode=require&sslaccept=strict&sslcert=ca.pem", SslMode::Require, Trust::ChainAndName(file())),
        ("sslmode=require&sslaccept=accept_invalid_certs", SslMode::Require, Trust::Anything),
        ("sslmode=verify-ca", SslMode::VerifyCa, Trust::Chain(Roots::System)),
        ("sslmode=verify-ca&sslrootcert=ca.pem", SslMode::VerifyCa, Trust::Chain(file())),
        ("sslmode=verify-full", SslMode::VerifyFull, Trust::ChainAndName(Roots::System)),
        ("sslmode=verify-full&sslrootcert=ca.pem", SslMode::VerifyFull, Trust::ChainAndName(file())),
        ("sslrootcert=system", SslMode::VerifyFull, Trust::ChainAndName(Roots::System)),
        ("sslmode=verify-full&sslrootcert=system", SslMode::VerifyFull, Trust::ChainAndName(Roots::System)),
    ];
    for (parameters, mode, trust) in cases {
        let url = parse(&format!("postgres://h/d?{parameters}"));
        assert_eq!((url.ssl_mode(), url.trust()), (mode, &trust), "{parameters}");
    }
    check_error(
        "postgres://h/d?sslmode=require&sslrootcert=system",
        "the connection parameters `sslrootcert=system`",
    );
    check_error("postgres://h/d?sslnegotiation=direct", "the connection parameters `sslnegotiation=direct`");
    check_error("postgres://h/d?sslkey=k.pem", "the connection parameters `sslkey` and `sslcert`");
    assert_eq!(
        parse("postgres://h/d?sslmode=require&sslcert=c.pem&sslkey=k.pem").settings().client_identity,
        Some(ClientIdentity { certificate: "c.pem".into(), key: "k.pem".into() })
    );
}

#[test]
fn local_means_that_every_host_is_local() {
    for text in [
        "postgres://localhost",
        "postgres://LOCALHOST.",
        "postgres://app.localhost",
        "postgres://127.8.8.8",
        "postgres://[::1]",
        "postgres:///d?host=/tmp",
        "postgres://db.example.com/d?hostaddr=127.0.0.1",
        "postgres://",
    ] {
        assert!(parse(text).is_loopback_or_socket(), "{text}");
    }
    for text in [
        "postgres://db.example.com",
        "postgres://localhost.example.com",
        "postgres://localhost,db.example.com",
        "postgres://localhost?hostaddr=10.0.0.1",
        "postgres://0.0.0.0",
    ] {
        assert!(!parse(text).is_loopback_or_socket(), "{text}");
    }
}

#[test]
fn text_for_people_hides_the_password() {
    for (options, shown) in [
        ("-c%20app.token%3Dhush%20--jit=off", "-c%20app.token=***%20--jit=***"),
        ("-capp.key%3Dhush%5C%20hush%3Dhush", "-capp.key=***"),
        ("-c%20%20hush+-ihush", "-c%20***%20***"),
        ("hush%3D", "hush=***"),
        ("-c%20hu%22sh%3D1", "-c%20***"),
    ] {
        let url = parse(&format!("postgres://h/d?options={options}&application_name=a"));
        let text = url.to_string();
        assert_eq!(text, format!("postgresql://h:5432/d?options={shown}&application_name=a"));
        assert!(parse(&url.to_url_with_password()).options() == url.options(), "{text}");
    }
    let url = parse("postgres://ann:s3cr3t@h/d?sslmode=require&x=a+b");
    assert_eq!(url.to_string(), "postgresql://ann:***@h:5432/d?sslmode=require&x=***");
    assert_eq!(format!("{url:?}"), "ConnectionUrl(postgresql://ann:***@h:5432/d?sslmode=require&x=***)");
    assert_eq!(url.to_url_with_password(), "postgresql://ann:s3cr3t@h:5432/d?sslmode=require&x=a%20b");
    assert!(parse("postgres://h/d?password=s3cr3t").to_string().starts_with("postgresql://:***@h"));
}

#[test]
fn what_is_written_is_read_back() {
    for text in [
        "postgres://ann:a%3Ab%40%2F%3F%23%25%20@h:1/my%20db?schema=s%26t",
        "postgres://a:1,[fe80::1%25eth0]:2,c/d",
        "postgres:///d?host=/run/a%20b,c&port=1,2",
        "postgres://u@localhost:7/d?host=/run/pg",
        "postgres:///d?host=h&hostaddr=::1",
        "postgres://h",
    ] {
        let url = parse(text);
        assert_eq!(parse(&url.to_url_with_password()), url, "{text}\n{}", url.to_url_with_password());
    }
}

#[test]
fn a_url_is_changed_in_parts() {
    let url = parse("postgres://u:p@h/a?schema=s")
        .with_database("b c")
        .with_user("v", None)
        .with_parameter("schema", "t")
        .unwrap();
    assert_eq!(url.to_url_with_password(), "postgresql://v@h:5432/b%20c?schema=t");
    assert!(url.with_parameter("connect_timeout", "x").is_err());
    let local = ConnectionUrl::new(Address::Socket("/run/my app".into()), 5432, "app");
    assert_eq!(local.to_string(), "postgresql://localhost:5432/app?host=/run/my%20app");
    assert_eq!(parse(&local.to_string()).hosts(), local.hosts());
}

fn tcp(name: &str) -> Address {
    Address::Tcp { name: name.to_owned(), ip: None }
}
