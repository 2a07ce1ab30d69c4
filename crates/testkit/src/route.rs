//! How tests reach the server: `NICOL_TEST_ROUTE`.
//!
//! | value | route |
//! |---|---|
//! | not set | the server's socket |
//! | `tls` | TCP with `sslmode=verify-full` and `channel_binding=require`; the server accepts nothing weaker over TCP |
//! | `pgbouncer` | a PgBouncer in transaction mode that loses prepared statements, which the URL does not tell |
//! | `pgbouncer-prepared` | the same, with one that keeps them |
//!
//! `cargo xtask test routes` runs the tests on each route.

use nicol_pg::ConnectionUrl;
use nicol_pg::url::Address;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Route {
    Socket,
    Tls,
    PgBouncer,
    PgBouncerPrepared,
}

impl Route {
    /// Returns the route of this run.
    pub(crate) fn chosen() -> Self {
        match std::env::var("NICOL_TEST_ROUTE").as_deref() {
            Err(_) | Ok("") => Self::Socket,
            Ok("tls") => Self::Tls,
            Ok("pgbouncer") => Self::PgBouncer,
            Ok("pgbouncer-prepared") => Self::PgBouncerPrepared,
            Ok(other) => panic!(
                "`{other}` is no route\n\
                 help: set NICOL_TEST_ROUTE to `tls`, `pgbouncer` or `pgbouncer-prepared`, or remove it"
            ),
        }
    }

    /// Returns the URL for tests of a database, given that at the server's socket.
    pub(crate) fn lead(self, direct: &ConnectionUrl) -> ConnectionUrl {
        let host = &direct.hosts()[0];
        let (Self::Tls, Address::Socket(data)) = (self, &host.address) else { return direct.clone() };
        let roots = data.with_file_name("ca.pem");
        let address = Address::Tcp { name: "localhost".to_owned(), ip: None };
        let url = ConnectionUrl::new(address, host.port, direct.database())
            .with_user(direct.user().unwrap_or("postgres"), direct.password());
        [
            ("sslmode", "verify-full"),
            ("sslrootcert", roots.to_str().unwrap_or_default()),
            ("channel_binding", "require"),
        ]
        .iter()
        .fold(url, |url, (name, value)| url.with_parameter(name, value).expect("a valid parameter"))
    }
}
