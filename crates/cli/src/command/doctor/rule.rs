//! What the doctor can find, with its texts: one table, from which `docs/doctor.md` is made, too.
//!
//! `{name}` stands for a value of the finding. An id is stable: programs may rely on it.

use std::fmt::Display;

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    /// Nothing needs to change; it is good to know.
    Note,
    /// It works, but it is insecure, slow, or will fail one day.
    Warning,
    /// It does not work, or it loses data.
    Error,
}

impl Severity {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) id: &'static str,
    pub(super) severity: Severity,
    pub(super) what: &'static str,
    pub(super) why: &'static str,
    pub(super) advice: &'static str,
}

/// What is wrong with a set-up, and what to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) id: &'static str,
    pub(super) severity: Severity,
    pub(super) what: String,
    pub(super) why: String,
    pub(super) advice: String,
}

impl Rule {
    /// Returns the finding with these values.
    pub(super) fn found(&self, values: &[(&str, &dyn Display)]) -> Finding {
        let fill = |text: &str| fill(text, values);
        Finding {
            id: self.id,
            severity: self.severity,
            what: fill(self.what),
            why: fill(self.why),
            advice: fill(self.advice),
        }
    }
}

impl Finding {
    /// The finding on a server that only this machine can reach: a mistake there harms nobody else.
    pub(super) fn milder_if(mut self, is_milder: bool) -> Self {
        if is_milder {
            self.severity = match self.severity {
                Severity::Error => Severity::Warning,
                _ => Severity::Note,
            };
        }
        self
    }
}

/// Replaces `{name}` in one pass, because a value may contain braces.
fn fill(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        let value = values.iter().find(|(known, _)| *known == name);
        debug_assert!(value.is_some(), "`{name}` has no value in {text:?}");
        if let Some((_, value)) = value {
            filled.push_str(&value.to_string());
        }
        rest = tail;
    }
    filled + rest
}

macro_rules! rules {
    ($($name:ident $id:literal $severity:ident { what: $what:literal, why: $why:literal, advice: $advice:literal })*) => {
        $(pub(super) const $name: Rule = Rule {
            id: $id,
            severity: Severity::$severity,
            what: $what,
            why: $why,
            advice: $advice,
        };)*

        #[cfg(test)]
        pub(super) const ALL: &[&Rule] = &[$(&$name),*];
    };
}

#[cfg(test)]
mod tests;

rules! {
    // The URL.
    URL_UNSET "url-unset" Error {
        what: "`{variable}` is not set",
        why: "there is no database to connect to",
        advice: "set it in .env: `{variable}=postgresql://USER:PASSWORD@HOST:5432/DATABASE`; or start a private server for this project with `nicol local start`"
    }
    URL_INVALID "url-invalid" Error {
        what: "{error}",
        why: "the connection URL cannot be used",
        advice: "{help}"
    }
    URL_PARAMETER "url-parameter" Warning {
        what: "the parameter `{parameter}` of the URL has no effect",
        why: "neither Prisma nor libpq knows it",
        advice: "{help}"
    }

    // The way to the server.
    NAME_UNKNOWN "name-unknown" Error {
        what: "the host name `{host}` has no address",
        why: "the name server does not know it, or there is no network",
        advice: "correct the host in the URL; `getent hosts {host}` shows what the system knows"
    }
    REFUSED "refused" Error {
        what: "nothing accepts connections at `{host}`: {error}",
        why: "the server is not running, listens on another port, or listens only on another address",
        advice: "start the server, and compare host and port of the URL with `show port` and `show listen_addresses` there; a server in a container needs a published port"
    }
    NO_ANSWER "no-answer" Error {
        what: "no answer from `{host}` within {seconds} s",
        why: "usually a firewall drops the packets, or the address is not one that this machine can reach",
        advice: "allow port {port} from this machine in the firewall, security group or list of allowed addresses of the database"
    }
    HOST_DOWN "host-down" Warning {
        what: "one of the servers of the URL cannot be reached: `{host}`: {error}",
        why: "the others have to do without it, and each new connection may try it first",
        advice: "start the server, or remove it from the URL"
    }
    STARTUP_TIMEOUT "startup-timeout" Error {
        what: "`{host}` accepts connections, but does not answer within {seconds} s",
        why: "the server is overloaded or waking up, or another program listens there",
        advice: "if the database sleeps when idle, add `connect_timeout=15` to the URL; otherwise look at the server's load and log, and check the port"
    }
    OTHER_SERVER "other-server" Error {
        what: "no server of the URL is {wanted}",
        why: "`target_session_attrs` asks for one",
        advice: "name all servers in the URL (`HOST1:5432,HOST2:5432`), or correct `target_session_attrs`; during a failover, try again"
    }
    NOT_POSTGRESQL "not-postgresql" Error {
        what: "`{host}` closes the connection without an answer",
        why: "a program other than PostgreSQL listens there, or a proxy whose database is down",
        advice: "check the port of the URL; of a proxy, check what it forwards to"
    }

    // Encryption.
    TLS_SETUP "tls-setup" Error {
        what: "{error}",
        why: "the certificates that the URL names are read before anything is sent",
        advice: "{help}"
    }
    TLS_UNAVAILABLE "tls-unavailable" Error {
        what: "`sslmode={mode}` requires TLS, but `{host}` does not offer it",
        why: "the server has no certificate, or `ssl` is off",
        advice: "enable TLS on the server: set `ssl = on`, `ssl_cert_file` and `ssl_key_file` in postgresql.conf and reload; only in a network that you trust, set `sslmode=disable`"
    }
    TLS_HANDSHAKE "tls-handshake" Error {
        what: "no secure connection to `{host}`: {error}",
        why: "client and server do not agree on TLS, certificates or channel binding",
        advice: "{help}"
    }
    TLS_AUTHORITY "tls-authority" Error {
        what: "no trusted authority has signed the certificate of `{host}`",
        why: "{roots}",
        advice: "download the certificate authority of the server or its provider, and add `sslrootcert=PATH/ca.pem` to the URL"
    }
    TLS_NAME "tls-name" Error {
        what: "the certificate of `{host}` is for other names: {names}",
        why: "`sslmode=verify-full` accepts only a certificate for the host in the URL",
        advice: "connect with one of these names (`hostaddr` can give the address separately), or get a certificate for `{host}`"
    }
    TLS_EXPIRED "tls-expired" Error {
        what: "the certificate of `{host}` has expired{date}",
        why: "every client that checks certificates refuses the server",
        advice: "renew the certificate, then run `select pg_reload_conf();` on the server"
    }
    TLS_EXPIRES_SOON "tls-expires-soon" Warning {
        what: "the certificate of `{host}` expires on {date}, in {days}",
        why: "from then on, every client that checks certificates refuses the server",
        advice: "renew the certificate, then run `select pg_reload_conf();` on the server"
    }
    TLS_CERTIFICATE "tls-certificate" Error {
        what: "the certificate of `{host}` is rejected: {reason}",
        why: "`sslmode={mode}` checks it",
        advice: "check the clock of this machine and the validity of the certificate: `openssl s_client -starttls postgres -connect {host}`"
    }
    TLS_OFF "tls-off" Warning {
        what: "the connection to `{host}` is not encrypted",
        why: "all data, and with some methods the password, can be read in the network",
        advice: "{advice}"
    }
    TLS_OPTIONAL "tls-optional" Warning {
        what: "encryption is optional: `sslmode={mode}`",
        why: "an attacker in the network can switch it off, or pose as the server",
        advice: "{advice}"
    }
    TLS_UNVERIFIED "tls-unverified" Warning {
        what: "the connection is encrypted, but the certificate of `{host}` is not checked",
        why: "an attacker in the network can pose as the server and read everything",
        advice: "{advice}"
    }
    TLS_HOST_UNCHECKED "tls-host-unchecked" Note {
        what: "the certificate is checked, but not its host name: `sslmode={mode}`",
        why: "another server with a certificate of the same authority can pose as this one",
        advice: "{advice}"
    }
    TLS_OLD_PROTOCOL "tls-old-protocol" Note {
        what: "the server still accepts {version} from other clients",
        why: "TLS before 1.2 is broken",
        advice: "run `alter system set ssl_min_protocol_version = 'TLSv1.2'; select pg_reload_conf();`"
    }
    CHANNEL_BINDING "channel-binding" Note {
        what: "the server supports channel binding, but the URL does not require it",
        why: "with it, the server proves that it knows the password, and nobody in between can pass it on",
        advice: "add `channel_binding=require` to the URL"
    }

    // Signing in.
    PASSWORD_WRONG "password-wrong" Error {
        what: "the server rejects the password of user `{user}`",
        why: "the password is wrong, has expired, or the user does not exist: the server does not tell which",
        advice: "correct the password in the URL (percent-encode special characters: `@` is `%40`, `/` is `%2F`, `%` is `%25`), or set a new one as an administrator: `\\password {user}` in psql"
    }
    PASSWORD_MISSING "password-missing" Error {
        what: "the server asks for a password, and the URL has none",
        why: "its pg_hba.conf requires one for user `{user}`",
        advice: "write it into the URL: `postgresql://{user}:PASSWORD@{host}/{database}`"
    }
    AUTHENTICATION "authentication" Error {
        what: "user `{user}` cannot sign in: {error}",
        why: "client and server do not agree on the method",
        advice: "compare `channel_binding` and the password of the URL with the method in the server's pg_hba.conf; `scram-sha-256` works with every setting"
    }
    ROLE_MISSING "role-missing" Error {
        what: "the server has no user `{user}`",
        why: "the name in the URL is wrong, or the user has not been created",
        advice: "correct the user in the URL, or create it as an administrator: `create role \"{user}\" login password '…';`"
    }
    ROLE_NO_LOGIN "role-no-login" Error {
        what: "user `{user}` is not permitted to log in",
        why: "it was created as a group (`nologin`)",
        advice: "run `alter role \"{user}\" login;` as an administrator, or use another user"
    }
    HBA_REFUSED "hba-refused" Error {
        what: "the server's pg_hba.conf does not admit user `{user}` to database `{database}` from this address",
        why: "{error}",
        advice: "add the line `{line}` to pg_hba.conf and run `select pg_reload_conf();`{more}"
    }
    CONNECT_DENIED "connect-denied" Error {
        what: "user `{user}` may not connect to database `{database}`",
        why: "{error}",
        advice: "run `grant connect on database \"{database}\" to \"{user}\";` as an administrator"
    }
    DATABASE_MISSING "database-missing" Error {
        what: "the database `{database}` does not exist",
        why: "the name in the URL is wrong, or the database has not been created",
        advice: "correct the name in the URL, or create it: `nicol migrate deploy` does, or `create database \"{database}\" owner \"{user}\";`"
    }
    SERVER_FULL "server-full" Error {
        what: "the server has no connection left",
        why: "its clients use all of `max_connections`, or of the limit of the user or database",
        advice: "lower `connection_limit` in the URLs of its clients, put PgBouncer in front of it, or raise `max_connections` and restart it; `select usename, application_name, count(*) from pg_stat_activity group by 1, 2;` shows who has them"
    }
    SERVER_NOT_READY "server-not-ready" Error {
        what: "the server is starting up, shutting down or recovering",
        why: "{error}",
        advice: "try again in a moment; if it lasts, look at the server's log; a standby accepts connections with `hot_standby = on`"
    }
    REJECTED "rejected" Error {
        what: "the server rejects the connection: {error}",
        why: "see its message; its log may say more",
        advice: "{help}"
    }

    // The server.
    VERSION_TOO_OLD "version-too-old" Error {
        what: "PostgreSQL {version} is too old",
        why: "nicol needs PostgreSQL 14 or later, and this version gets no security fixes",
        advice: "upgrade to PostgreSQL 18 with `pg_upgrade`, or with the provider's upgrade"
    }
    VERSION_END_OF_LIFE "version-end-of-life" Warning {
        what: "PostgreSQL {version} has had no security fixes since {date}",
        why: "each major version is maintained for five years",
        advice: "upgrade to PostgreSQL 18 with `pg_upgrade`, or with the provider's upgrade"
    }
    VERSION_UNTESTED "version-untested" Note {
        what: "PostgreSQL {version} is newer than this nicol",
        why: "nicol is tested with PostgreSQL 14 to 18",
        advice: "look for a newer nicol"
    }
    STANDBY "standby" Error {
        what: "`{host}` is a standby, which refuses writes",
        why: "it replays what the primary writes",
        advice: "{advice}"
    }
    READ_ONLY "read-only" Error {
        what: "the server accepts writes, but transactions here are read-only",
        why: "`default_transaction_read_only` is on; providers set it when the disk is full or during maintenance",
        advice: "free or add disk space, then run `alter database \"{database}\" reset default_transaction_read_only;` (or `alter role \"{user}\" reset …`, `alter system reset …`)"
    }
    REPLICA_IS_PRIMARY "replica-is-primary" Warning {
        what: "the replica's URL leads to a primary",
        why: "reads that should relieve the primary go to it",
        advice: "set `{variable}` to the address of a standby, or remove it"
    }
    REPLICA_LAG "replica-lag" Warning {
        what: "the replica is {lag} behind the primary",
        why: "queries there return old rows",
        advice: "look for long queries on the replica (`max_standby_streaming_delay`) and for `replay_lag` in pg_stat_replication on the primary"
    }
    REPLICA_OF_OTHER "replica-of-other" Error {
        what: "the replica belongs to another server than `{variable}`",
        why: "the system identifiers differ, so its rows are those of another installation",
        advice: "set `{replica}` to the address of a standby of that server"
    }
    URLS_DIFFER "urls-differ" Error {
        what: "`{direct}` and `{variable}` lead to different databases",
        why: "migrations change one database, and the application uses the other",
        advice: "let both name the same server and database; only host and port of the pooler differ"
    }
    SHADOW_IS_MAIN "shadow-is-main" Error {
        what: "the shadow database is the database of `{variable}` itself",
        why: "`nicol migrate dev` empties the shadow database: all data would be lost",
        advice: "create a database for it, `create database shadow;`, and name that in `{shadow}`"
    }

    // Poolers.
    POOLER_DENIED "pooler-denied" Warning {
        what: "`{host}` is a pooler in transaction mode, and the URL says that it is none",
        why: "prepared statements get lost or are taken for those of other clients",
        advice: "remove `pgbouncer=false` from the URL"
    }
    POOLER_UNDECLARED "pooler-undeclared" Note {
        what: "`{host}` is a pooler in transaction mode, and the URL does not say so",
        why: "nicol finds out by itself, but Prisma and other programs that read the URL do not",
        advice: "add `pgbouncer=true` to the URL"
    }
    POOLER_NEEDLESS "pooler-needless" Warning {
        what: "the URL says `pgbouncer=true`, but `{host}` is the server itself",
        why: "without prepared statements, each query is parsed and planned anew",
        advice: "remove `pgbouncer=true` from the URL"
    }
    POOLER_KEEPS_STATEMENTS "pooler-keeps-statements" Note {
        what: "the URL says `pgbouncer=true`, but the pooler keeps prepared statements",
        why: "the client prepares none, so each query is parsed and planned anew",
        advice: "remove `pgbouncer=true` from the URL"
    }
    POOLER_LOSES_STATEMENTS "pooler-loses-statements" Note {
        what: "the pooler does not keep prepared statements",
        why: "each query is parsed and planned anew",
        advice: "upgrade to PgBouncer 1.21 or later, set `max_prepared_statements = 200` in pgbouncer.ini, and remove `pgbouncer=true` from the URL"
    }
    POOLER_WITHOUT_DIRECT "pooler-without-direct" Warning {
        what: "the project has migrations, but only a URL that leads through a pooler",
        why: "migrations that need a session (`create index concurrently`, several transactions) are refused there, and so are introspection and `LISTEN`",
        advice: "set `{variable}` to the address of the server itself"
    }
    DIRECT_POOLED "direct-pooled" Warning {
        what: "the direct URL leads through a pooler, too",
        why: "migrations that need a session (`create index concurrently`, several transactions) are refused there",
        advice: "set `{variable}` to the address of the server itself (Neon: without `-pooler`; Supabase: port 5432; PgBouncer: the `host` and `port` in its `[databases]` section)"
    }

    // Clock and distance.
    CLOCK "clock" Warning {
        what: "the clocks of this machine and the server differ by {difference}",
        why: "times that the application sets and times that the database sets cannot be compared: sessions end early or late",
        advice: "synchronize both with NTP: `timedatectl set-ntp true`"
    }
    TIME_ZONE "time-zone" Note {
        what: "the time zone of sessions is `{zone}`",
        why: "SQL's `now()` in a column of type `timestamp` stores local time, while the client stores UTC",
        advice: "run `alter database \"{database}\" set timezone = 'UTC';`"
    }
    ROUND_TRIP_SLOW "round-trip-slow" Note {
        what: "a round trip takes {time}",
        why: "ten queries after one another take {ten}, however fast the server is",
        advice: "run the application in the same zone as the database; send fewer queries (`include`, batches)"
    }
    ROUND_TRIP_FAR "round-trip-far" Warning {
        what: "a round trip takes {time}: the database is far away",
        why: "ten queries after one another take {ten}, however fast the server is",
        advice: "run the application in the same region as the database; send fewer queries (`include`, batches)"
    }

    // Connections.
    CONNECTIONS_EXCEED "connections-exceed" Error {
        what: "{wanted} connections are wanted ({processes} × `connection_limit` {limit}), but the server has {available} for this user",
        why: "{counted}: queries fail when they are used up",
        advice: "{advice}"
    }
    CONNECTIONS_TIGHT "connections-tight" Warning {
        what: "{wanted} connections are wanted ({processes} × `connection_limit` {limit}), {others} are used by other clients now, and the server has {available}",
        why: "{counted}: queries fail when they are used up",
        advice: "{advice}"
    }

    // Settings.
    DURABILITY "durability" Error {
        what: "`{setting}` is off",
        why: "after a power failure or a crash of the system, the database may be corrupt beyond repair",
        advice: "run `alter system set {setting} = on; select pg_reload_conf();`, and take a fresh backup"
    }
    SYNCHRONOUS_COMMIT "synchronous-commit" Warning {
        what: "`synchronous_commit` is off",
        why: "a crash of the server loses transactions that were reported as committed",
        advice: "run `alter system set synchronous_commit = on; select pg_reload_conf();`, and switch it off only in transactions that may be lost"
    }
    AUTOVACUUM "autovacuum" Warning {
        what: "`{setting}` is off",
        why: "tables grow without bound, plans get worse, and in the end the server stops accepting writes",
        advice: "run `alter system set {setting} = on; select pg_reload_conf();`"
    }
    WAL_MINIMAL "wal-minimal" Note {
        what: "`wal_level` is minimal",
        why: "no replica and no continuous backup can be made",
        advice: "run `alter system set wal_level = replica;` and restart the server"
    }
    WRAPAROUND "wraparound" Warning {
        what: "the oldest transaction id is {age} million transactions old",
        why: "at 2,100 million, the server stops accepting writes; autovacuum should have frozen it at {freeze} million",
        advice: "end old transactions (`select pid, xact_start from pg_stat_activity order by 2;`), prepared transactions and unused replication slots, then run `vacuum freeze` in database `{database}`"
    }
    STATEMENT_TIMEOUT "statement-timeout" Note {
        what: "no time limit for statements",
        why: "a query that never ends keeps its connection and its locks",
        advice: "add `socket_timeout=30` to the URL, or run `alter role \"{user}\" set statement_timeout = '30s';`"
    }
    STATEMENT_TIMEOUT_SHORT "statement-timeout-short" Warning {
        what: "`statement_timeout` is {limit} for the user that runs migrations",
        why: "a migration that builds an index or rewrites a table takes longer and is cancelled",
        advice: "run migrations as another user, or set it for the application's user only: `alter role APPLICATION set statement_timeout = '{limit}';`"
    }
    IDLE_IN_TRANSACTION "idle-in-transaction" Note {
        what: "no time limit for transactions that are idle",
        why: "a client that hangs in a transaction keeps its locks, and vacuum cannot clean up",
        advice: "run `alter role \"{user}\" set idle_in_transaction_session_timeout = '60s';`"
    }
    PASSWORD_MD5 "password-md5" Warning {
        what: "new passwords are stored as MD5 hashes",
        why: "they can be guessed fast, and PostgreSQL will remove the method",
        advice: "run `alter system set password_encryption = 'scram-sha-256'; select pg_reload_conf();`, then set each password again"
    }

    // Rights.
    SUPERUSER "superuser" Warning {
        what: "the application connects as a superuser, `{user}`",
        why: "a single injected statement can read the server's files and run programs",
        advice: "create a user for the application: `create role app login password '…'; grant usage on schema \"{schema}\" to app; grant select, insert, update, delete on all tables in schema \"{schema}\" to app;`"
    }
    SCHEMA_MISSING "schema-missing" Warning {
        what: "the schema `{schema}` does not exist",
        why: "the URL (`schema=…`) or the datasource names it",
        advice: "run `nicol migrate deploy`, which creates it, or `create schema \"{schema}\";`"
    }
    NO_USAGE "no-usage" Error {
        what: "user `{user}` may not use the schema `{schema}`",
        why: "every query on its tables is refused",
        advice: "run `grant usage on schema \"{schema}\" to \"{user}\";` as its owner"
    }
    NO_CREATE "no-create" Warning {
        what: "user `{user}` may not create tables in the schema `{schema}`",
        why: "migrations run as this user",
        advice: "run `grant create on schema \"{schema}\" to \"{user}\";`, or name the owner in the URL for migrations (`directUrl`)"
    }
    TABLES_NOT_OWNED "tables-not-owned" Warning {
        what: "user `{user}` does not own {count} of schema `{schema}` ({names})",
        why: "only the owner may change a table, and migrations run as this user",
        advice: "run `grant \"{owner}\" to \"{user}\";` as an administrator, or name `{owner}` in the URL for migrations (`directUrl`)"
    }
    TABLES_NO_ACCESS "tables-no-access" Warning {
        what: "user `{user}` may not {verb} {count} of schema `{schema}` ({names})",
        why: "queries on them are refused",
        advice: "run `grant {privileges} on all tables in schema \"{schema}\" to \"{user}\"; alter default privileges in schema \"{schema}\" grant {privileges} on tables to \"{user}\";` as the owner of the tables"
    }
    PUBLIC_CREATE "public-create" Warning {
        what: "every user may create objects in the schema `public`",
        why: "that was the default up to PostgreSQL 14: a user can put a function there that others run by accident",
        advice: "run `revoke create on schema public from public;` as an administrator"
    }
    NO_CREATEDB "no-createdb" Note {
        what: "user `{user}` may not create databases",
        why: "`nicol migrate dev` creates a shadow database; `migrate deploy` needs none",
        advice: "for development, run `alter role \"{user}\" createdb;`, or set `shadowDatabaseUrl`"
    }

    // Extensions.
    EXTENSION_UNAVAILABLE "extension-unavailable" Error {
        what: "the schema file names the extension `{extension}`, which the server does not have",
        why: "migrations that create it fail",
        advice: "install it on the server (Debian: often the package `postgresql-{version}-{package}`, or `postgresql-contrib`), or allow it in the provider's console"
    }
    EXTENSION_MISSING "extension-missing" Warning {
        what: "the schema file names the extension `{extension}`, which is not installed in database `{database}`",
        why: "types, functions and indexes of the extension do not work",
        advice: "run `nicol migrate deploy` if a migration creates it, or `create extension \"{extension}\";`"
    }
    EXTENSION_OUTDATED "extension-outdated" Note {
        what: "the extension `{extension}` is at version {installed}, and the server has {available}",
        why: "an update of the server's packages does not update the extensions in databases",
        advice: "run `alter extension \"{extension}\" update;`"
    }

    // Text.
    ENCODING "encoding" Warning {
        what: "the database stores text as {encoding}",
        why: "characters outside of it cannot be stored, or are not checked at all",
        advice: "create a new database with `encoding 'UTF8' template template0`, and move the data with `pg_dump` and `pg_restore`"
    }
    COLLATION_DATABASE "collation-database" Warning {
        what: "the database was created with version {recorded} of its collation, and the system has {actual}",
        why: "the order of text may have changed with the system library: indexes then miss rows, and unique ones admit duplicates",
        advice: "run `reindex database \"{database}\"; alter database \"{database}\" refresh collation version;`"
    }
    COLLATION_VERSION "collation-version" Warning {
        what: "the collation `{collation}` was created with version {recorded}, and the system has {actual}",
        why: "the order of text may have changed with the system library: indexes then miss rows, and unique ones admit duplicates",
        advice: "run `reindex database \"{database}\"; alter collation {collation} refresh version;`"
    }

    // What is going on.
    LONG_TRANSACTION "long-transaction" Warning {
        what: "process {pid}{who} has been in a transaction for {duration} ({state})",
        why: "it keeps its locks, and vacuum cannot remove rows that it may still see",
        advice: "commit or roll back there, or run `select pg_terminate_backend({pid});`; `idle_in_transaction_session_timeout` prevents it"
    }
    LOCKS_WAITING "locks-waiting" Warning {
        what: "{count} waiting for a lock, the first for {duration}; process {pid}{who} blocks it",
        why: "each holds a connection meanwhile, and new ones queue up behind it",
        advice: "wait for process {pid} to finish, or run `select pg_terminate_backend({pid});`; `lock_timeout` limits the wait"
    }
    INVALID_INDEX "invalid-index" Warning {
        what: "the index {index} is invalid",
        why: "`create index concurrently` did not finish: the index slows writes down, and no query uses it",
        advice: "run `reindex index concurrently {index};`, or `drop index concurrently {index};`"
    }
    PREPARED_TRANSACTION "prepared-transaction" Warning {
        what: "the prepared transaction `{id}` has been open for {duration}",
        why: "it keeps its locks, even over restarts, and vacuum cannot clean up",
        advice: "run `commit prepared '{id}';` or `rollback prepared '{id}';` in database `{database}`"
    }
    SLOT_INACTIVE "slot-inactive" Warning {
        what: "nobody reads the replication slot `{slot}`, for which the server keeps {size} of WAL",
        why: "the disk fills up, and the server stops",
        advice: "start its reader, or run `select pg_drop_replication_slot('{slot}');`; `max_slot_wal_keep_size` sets a limit"
    }
    ARCHIVE_FAILS "archive-fails" Warning {
        what: "the server cannot archive its WAL: it failed {duration} ago, with the segment `{segment}` ({count} failures in all)",
        why: "backups cannot be restored to a time after the last archived segment, and the WAL that the server keeps fills its disk",
        advice: "read the reason in the server's log; for the local server, bring back the folder of the backups that `nicol local status` shows, or run `nicol local backup --to FOLDER` or `nicol local backup stop`; elsewhere, mend `archive_command` or its target"
    }

    // Migrations.
    MIGRATIONS_PENDING "migrations-pending" Warning {
        what: "{count} not applied: {names}",
        why: "the application expects what they create",
        advice: "run `nicol migrate deploy`"
    }
    MIGRATIONS_FAILED "migrations-failed" Error {
        what: "the migration `{name}` failed or was interrupted",
        why: "no further migration is applied until this is resolved",
        advice: "run `nicol migrate status`, which says what is left; then repair the database and run `nicol migrate resolve --rolled-back {name}` or `--applied {name}`, and `nicol migrate deploy`"
    }
    MIGRATIONS_RUNNING "migrations-running" Note {
        what: "a migration is running: {holder}",
        why: "the schema may change at any moment",
        advice: "run `nicol doctor` again when it has finished"
    }
    MIGRATIONS_EDITED "migrations-edited" Warning {
        what: "the migration `{name}` was edited after it was applied",
        why: "the database has what the script said before, and `nicol migrate dev` asks for a reset",
        advice: "restore the script from version control, and put the change into a new migration"
    }
    MIGRATIONS_UNKNOWN "migrations-unknown" Warning {
        what: "the database has a migration that the project does not have: `{name}`",
        why: "it was applied from another branch or version of the project",
        advice: "switch to the version that has it, or use a database for each branch"
    }
    MIGRATIONS_UNREADABLE "migrations-unreadable" Note {
        what: "the history of migrations cannot be read: {error}",
        why: "whether migrations are pending is not known",
        advice: "run `grant select on \"{schema}\".\"_prisma_migrations\" to \"{user}\";` as its owner"
    }
    FACTS_MISSING "facts-missing" Note {
        what: "{theme} cannot be examined: {error}",
        why: "the server refused the query, or did not answer within {seconds} s",
        advice: "examine it as a user with more rights: `grant pg_monitor to \"{user}\";`"
    }
}
