//! The macros that an application calls.

/// The client that the build script made of the schema file, to be put into a module: `pub mod db { nicol::client!(); }`.
///
/// See `nicol_codegen::build`.
#[macro_export]
macro_rules! client {
    () => {
        ::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/nicol.rs"));
    };
}

/// The parameters of an SQL query: `params![id, name]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        ::std::vec![$($crate::__private::param($value)),*]
    };
}
