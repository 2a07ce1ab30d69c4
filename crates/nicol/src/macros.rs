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
