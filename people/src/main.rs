//! People: a directory of persons.

fn main() {}
