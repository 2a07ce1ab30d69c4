//! The macros that an application calls.

/// Includes the client that the build script generated from the schema file: `pub mod db { nicol::client!(); }`.
///
/// `nicol_codegen::build` generates it.
#[macro_export]
macro_rules! client {
    () => {
        ::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/nicol.rs"));
    };
}

/// Makes the list of parameters of an SQL query: `params![id, name]`.
///
/// A parameter is a value of a field's type, an `Option` of one, or a `&str`. The first one is `$1` in the SQL.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        ::std::vec![$($crate::__private::param($value)),*]
    };
}

/// The type of a row with relations, to name it: as the type that a function returns, or of a field of a struct.
///
/// The macro gets the module of the model and the relations, each with those that are loaded with its own rows.
/// [`select_as`](crate::builder::FindQuery::select_as) reads such rows.
///
/// ```
/// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
/// # use db::{Client, session, user};
/// # use nicol::Error;
/// type Account = nicol::row!(db::user { sessions { user }, sessions.count() });
///
/// async fn accounts(db: &Client) -> Result<Vec<Account>, Error> {
///     db.user().find_many().select_as::<Account>().await
/// }
///
/// fn describe(account: &Account) -> String {
///     format!("{} has {} sessions", account.email, account.sessions_count())
/// }
/// # fn main() {}
/// ```
///
/// It is also the type of what `include` returns, if the relations are included in the same order: here
/// `.include(user::sessions.include(session::user)).include(user::sessions.count())`. A relation whose rows are only a part of a row has their
/// type: `sessions as Device`, for `user::sessions.select_as::<Device>()`. A relation is named as the method that returns it.
#[macro_export]
macro_rules! row {
    ($($module:ident)::+ $({ $($relations:tt)* })?) => {
        $crate::__private::row_type!(@row [$($module)::+::Row] { $($($relations)*)? })
    };
}
