//! Test databases, golden files, a browser: what the tests of all crates share.
