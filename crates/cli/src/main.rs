//! The nicol command.

fn main() {}
