//! The tree contains the whole text, and all errors are within it.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let parse = nicol_schema::parse(text);
    let mut end = 0;
    for token in parse.tree.roots().iter().flat_map(nicol_schema::Node::all_tokens) {
        assert_eq!(token.span.start, end, "a token begins where the one before ends");
        end = token.span.end;
    }
    assert_eq!(end as usize, text.len(), "the tree ends with the text");
    for error in &parse.errors {
        assert!(text.get(error.span.range()).is_some(), "a mistake lies within the text");
    }
});
