//! Every finding can be rendered, and every valid schema has a DMMF.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nicol_schema::{Diagnostic, render, validate};

fuzz_target!(|text: &str| {
    let validated = validate(text);
    let is_wrong = validated.diagnostics.iter().any(Diagnostic::is_error);
    assert_eq!(validated.schema.is_none(), is_wrong, "there is a schema if there is no error");
    render(&validated.diagnostics, text, "schema.prisma", false);
    render(&validated.further, text, "schema.prisma", false);
    if let Some(schema) = validated.schema {
        schema.to_dmmf();
    }
});
