//! What all models of a generated client have in common.
//!
//! A generated module declares its types and what differs between models: fields, keys and setters. These macros implement the rest. They
//! refer to items of the module that calls them: `With`, `New`, `Create`, `CreateWith`, `UpdateWith` and `META`. Type parameters start with
//! `_`, which no name in a schema does, so that they hide no type of the schema. All other paths are absolute.

mod client;
mod create;
mod enumeration;
mod row;
mod setters;
mod statement;
mod update;
