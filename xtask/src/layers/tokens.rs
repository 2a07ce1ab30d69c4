//! Splits Rust source into tokens. Comments disappear, and so does the content of strings.

/// A word, a `::`, or a single character of punctuation. Literals are kept as [`LITERAL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    /// Counted from 1.
    pub(super) line: usize,
}

/// Stands for every string, character and lifetime.
pub(super) const LITERAL: &str = "\"\"";

pub(super) fn tokenize(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (source, 1);
    while let Some(first) = rest.chars().next() {
        let (length, text) = token(rest, first);
        if let Some(text) = text {
            tokens.push(Token { text, line });
        }
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

/// The length of what comes first, and its text unless it is blank or a comment.
fn token(rest: &str, first: char) -> (usize, Option<&str>) {
    if first.is_whitespace() {
        return (first.len_utf8(), None);
    }
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), None);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), None);
    }
    if let Some(length) = string(rest).or_else(|| character_or_lifetime(rest)) {
        return (length, Some(LITERAL));
    }
    if rest.starts_with("::") {
        return (2, Some(&rest[..2]));
    }
    if is_word(first) {
        let start = if rest.starts_with("r#") { 2 } else { 0 };
        let length = start + rest[start..].find(|c| !is_word(c)).unwrap_or(rest.len() - start);
        return (length, Some(&rest[start..length]));
    }
    (first.len_utf8(), Some(&rest[..first.len_utf8()]))
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Block comments nest.
fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        let (step, change) = match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (2, 1),
            [b'*', b'/', ..] => (2, -1),
            _ => (1, 0),
        };
        (at, depth) = (at + step, depth + change);
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a string with any prefix: `"…"`, `b"…"`, `c"…"`, `r#"…"#`.
fn string(rest: &str) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        rest.strip_prefix(prefix)
            .is_some_and(|text| text.trim_start_matches('#').starts_with('"') && !text.starts_with("#!"))
    })?;
    let text = &rest[prefix.len()..];
    let hashes = text.len() - text.trim_start_matches('#').len();
    if prefix.ends_with('r') {
        let end = format!("\"{}", &text[..hashes]);
        let body = &text[hashes + 1..];
        let length = body.find(&end).map_or(body.len(), |at| at + end.len());
        return Some(prefix.len() + hashes + 1 + length);
    }
    (hashes == 0).then(|| prefix.len() + quoted(text, b'"'))
}

/// The length of `'x'`, `b'x'` or `'lifetime`.
fn character_or_lifetime(rest: &str) -> Option<usize> {
    let prefix = usize::from(rest.starts_with("b'"));
    let inner = rest[prefix..].strip_prefix('\'')?;
    let mut chars = inner.chars();
    let is_character = chars.next() == Some('\\') || chars.next() == Some('\'');
    let length = if is_character {
        quoted(&rest[prefix..], b'\'')
    } else {
        1 + inner.find(|c| !is_word(c)).unwrap_or(inner.len())
    };
    Some(prefix + length)
}

/// The length of what stands between two quotes, with backslashes before quotes that do not end it.
fn quoted(text: &str, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<&str> {
        tokenize(source).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn comments_vanish_and_strings_lose_their_content() {
        assert_eq!(texts("a // crate::b\n/* c /* d */ e */ f"), ["a", "f"]);
        assert_eq!(texts(r##"x "crate::\"y" br#"z " z"# w"##), ["x", LITERAL, LITERAL, "w"]);
    }

    #[test]
    fn characters_and_lifetimes_are_told_apart() {
        assert_eq!(
            texts(r"&'a str '\'' '{' b'}' 'é' x"),
            ["&", LITERAL, "str", LITERAL, LITERAL, LITERAL, LITERAL, "x"]
        );
    }

    #[test]
    fn raw_words_and_paths_are_words() {
        assert_eq!(texts("crate::r#type"), ["crate", "::", "type"]);
    }

    #[test]
    fn lines_are_counted_through_strings_and_comments() {
        let tokens = tokenize("\"a\nb\" /*\n*/ c");
        assert_eq!(tokens, [Token { text: LITERAL, line: 1 }, Token { text: "c", line: 3 }]);
    }
}
