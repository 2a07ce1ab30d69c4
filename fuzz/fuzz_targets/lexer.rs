//! The tokens cover the text without gaps.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut end = 0;
    for token in nicol_schema::lexer::tokenize(text) {
        assert_eq!(token.span.start, end, "a token begins where the one before ends");
        assert!(token.span.end > token.span.start, "no token is empty");
        assert!(text.is_char_boundary(token.span.end as usize));
        end = token.span.end;
    }
    assert_eq!(end as usize, text.len(), "the last token ends with the text");
});
