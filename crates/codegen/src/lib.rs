//! From a validated schema to the Rust source of its typed client.
