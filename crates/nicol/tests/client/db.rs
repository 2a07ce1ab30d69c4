//! The client of the spike's schema.

pub mod account;
pub mod order;
pub mod person;
pub mod post;
pub mod session;
pub mod transaction;
pub mod user;

pub use account::Account;
pub use order::Order;
pub use person::Person;
pub use post::Post;
pub use session::Session;
pub use transaction::Transaction;
pub use user::User;

/// The database: the same type on the pool and within a transaction. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Client(::nicol::Client);

impl ::nicol::Handle for Client {
    fn from_client(client: ::nicol::Client) -> Self {
        Self(client)
    }
}

impl ::core::ops::Deref for Client {
    type Target = ::nicol::Client;

    fn deref(&self) -> &::nicol::Client {
        &self.0
    }
}

impl Client {
    /// A client of the database at this URL, which connects when the first query runs.
    ///
    /// # Errors
    /// The URL cannot be read (P1013).
    pub fn lazy(url: &str) -> ::core::result::Result<Self, ::nicol::Error> {
        ::nicol::Client::lazy(url).map(Self)
    }

    /// A transaction: options first, then `run` with a closure that gets a client for it.
    pub fn transaction(&self) -> ::nicol::Transaction<Self> {
        self.0.transaction()
    }

    /// The table of `Person`.
    pub fn person(&self) -> ::nicol::Table<person::Row> {
        ::nicol::Table::new(self.0.executor())
    }

    /// The table of `User`.
    pub fn user(&self) -> ::nicol::Table<user::Row> {
        ::nicol::Table::new(self.0.executor())
    }

    /// The table of `Account`.
    pub fn account(&self) -> ::nicol::Table<account::Row> {
        ::nicol::Table::new(self.0.executor())
    }

    /// The table of `Session`.
    pub fn session(&self) -> ::nicol::Table<session::Row> {
        ::nicol::Table::new(self.0.executor())
    }

    /// The table of `Post`.
    pub fn post(&self) -> ::nicol::Table<post::Row> {
        ::nicol::Table::new(self.0.executor())
    }

    /// The table of `Order`.
    pub fn order(&self) -> ::nicol::Table<order::Row> {
        ::nicol::Table::new(self.0.executor())
    }

    /// The table of `Transaction`.
    pub fn transaction_(&self) -> ::nicol::Table<transaction::Row> {
        ::nicol::Table::new(self.0.executor())
    }
}
