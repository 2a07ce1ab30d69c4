//! Formatting a valid schema keeps it valid and preserves its meaning.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nicol_schema::{format, validate};

fuzz_target!(|text: &str| {
    let formatted = format(text);
    let Some(before) = validate(text).schema else { return };
    // The slash of `/*/` can come to end the comment when its lines are laid out anew, as in Prisma 6.19.
    if text.contains("/*/") {
        return;
    }
    let after = validate(&formatted).schema.expect("what was in order is so still");
    // Formatting changes the whitespace in block comments, which is part of the documentation.
    if !text.contains("/*") {
        assert_eq!(before.to_dmmf(), after.to_dmmf());
    }
});
