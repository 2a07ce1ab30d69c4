//! What is in order stays in order when it is formatted, and means the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nicol_schema::{format, validate};

fuzz_target!(|text: &str| {
    let formatted = format(text);
    let Some(before) = validate(text).schema else { return };
    let after = validate(&formatted).schema.expect("what was in order is so still");
    // A block comment keeps its words but not its blanks, and those are part of the documentation.
    if !text.contains("/*") {
        assert_eq!(before.to_dmmf(), after.to_dmmf());
    }
});
