//! `sql!`: text with values in braces.
//!
//! The text is read as PostgreSQL reads it, so that a value within quotes or a comment, where it would not be bound, is an error.

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream as Tokens};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Expr, Ident, LitStr, Token};

/// The arguments of the macro.
pub(crate) struct Input {
    text: LitStr,
    positional: Vec<Expr>,
    named: Vec<(Ident, Expr)>,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        if !input.peek(LitStr) {
            let help = "the text must be a string literal\nhelp: use `Sql::raw` for a text that is put together at run time";
            return Err(input.error(help));
        }
        let mut arguments = Self { text: input.parse()?, positional: Vec::new(), named: Vec::new() };
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            if input.peek(Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
                let name: Ident = input.parse()?;
                input.parse::<Token![=]>()?;
                arguments.named.push((name, input.parse()?));
            } else if arguments.named.is_empty() {
                arguments.positional.push(input.parse()?);
            } else {
                return Err(input.error("an argument without a name cannot follow one with a name"));
            }
        }
        Ok(arguments)
    }
}

/// Expands to the texts between the values, which value stands at each place, and the values.
pub(crate) fn expand(input: Input) -> Result<Tokens, Error> {
    let span = input.text.span();
    let text = input.text.value();
    let (texts, places) = read(&text).map_err(|problem| Error::new(span, problem))?;
    let mut arguments = Arguments::new(input);
    let places = places.iter().map(|place| arguments.place(place)).collect::<Result<Vec<_>, _>>()?;
    arguments.check_all_used(&places)?;
    let values = arguments.values;
    Ok(quote! {
        ::nicol::__private::sql(&[#(#texts),*], &[#(#places),*], ::std::vec![#(::nicol::__private::sql_part(&(#values))),*])
    })
}

/// The values, each of which is evaluated once, however often the text has it.
struct Arguments {
    span: Span,
    values: Vec<Expr>,
    /// How many values are arguments without a name. They come first.
    positional: usize,
    /// How many are arguments.
    passed: usize,
    /// The places of named arguments and of expressions in the text.
    known: BTreeMap<String, usize>,
    next: usize,
}

impl Arguments {
    fn new(input: Input) -> Self {
        let span = input.text.span();
        let mut values = input.positional;
        let positional = values.len();
        let mut known = BTreeMap::new();
        for (name, value) in input.named {
            known.insert(name.to_string(), values.len());
            values.push(value);
        }
        Self { span, passed: values.len(), values, positional, known, next: 0 }
    }

    /// Returns the index of the value that braces with this content stand for.
    fn place(&mut self, content: &str) -> Result<usize, Error> {
        let content = content.trim();
        let index = if content.is_empty() {
            self.next += 1;
            self.next - 1
        } else if let Ok(index) = content.parse() {
            index
        } else {
            return self.expression(content);
        };
        if index >= self.positional {
            let count = self.positional;
            let problem = format!(
                "`{{{content}}}` needs argument {}, but there are {count}\nhelp: pass it behind the text, or write the value in the braces",
                index + 1
            );
            return Err(Error::new(self.span, problem));
        }
        Ok(index)
    }

    fn expression(&mut self, content: &str) -> Result<usize, Error> {
        if let Some(index) = self.known.get(content) {
            return Ok(*index);
        }
        let value = syn::parse_str::<Expr>(content).map_err(|_| {
            let problem = format!(
                "`{{{content}}}` is not a value\nhelp: for braces in the SQL text, write `{{{{` and `}}}}`"
            );
            Error::new(self.span, problem)
        })?;
        // The names mean what they mean where the text stands, and errors about them point there.
        let tokens = respanned(quote!(#value), self.span);
        self.values.push(syn::parse2(tokens)?);
        // Only a name is certain to be the same value when it comes again.
        if syn::parse_str::<Ident>(content).is_ok() {
            self.known.insert(content.to_owned(), self.values.len() - 1);
        }
        Ok(self.values.len() - 1)
    }

    fn check_all_used(&self, places: &[usize]) -> Result<(), Error> {
        match (0..self.passed).find(|index| !places.contains(index)) {
            Some(index) => {
                Err(Error::new_spanned(&self.values[index], "this argument is not used in the text"))
            }
            None => Ok(()),
        }
    }
}

fn respanned(tokens: Tokens, span: Span) -> Tokens {
    let tokens = tokens.into_iter().map(|mut tree| {
        if let proc_macro2::TokenTree::Group(group) = &tree {
            let inner = respanned(group.stream(), span);
            tree = proc_macro2::Group::new(group.delimiter(), inner).into();
        }
        tree.set_span(span);
        tree
    });
    tokens.collect()
}

/// Where in SQL a character stands.
///
/// Source: PostgreSQL manual, 4.1 (lexical structure).
#[derive(Clone, Copy, PartialEq)]
enum State<'a> {
    Code,
    /// `'…'`, or `E'…'` with escapes.
    Text {
        escapes: bool,
    },
    /// `"…"`
    Name,
    /// `$tag$…$tag$`
    Dollar(&'a str),
    Line,
    /// Comments nest.
    Block(usize),
}

/// Returns the texts between the braces, and the contents of the braces.
fn read(sql: &str) -> Result<(Vec<String>, Vec<&str>), String> {
    let (mut texts, mut places, mut text) = (Vec::new(), Vec::new(), String::new());
    let (mut state, mut rest, mut opened) = (State::Code, sql, 0);
    let at = |rest: &str| sql.len() - rest.len();
    while let Some(character) = rest.chars().next() {
        let start = rest;
        match character {
            '{' | '}' if rest[1..].starts_with(character) => {
                text.push(character);
                rest = &rest[2..];
                continue;
            }
            '{' => {
                let content = braced(&rest[1..]).ok_or_else(|| {
                    format!(
                        "`{{`{} is not closed\nhelp: for a brace in the SQL text, write `{{{{`",
                        line(sql, at(rest))
                    )
                })?;
                refuse_within(state, content, &line(sql, at(rest)))?;
                texts.push(std::mem::take(&mut text));
                places.push(content);
                rest = &rest[content.len() + 2..];
                continue;
            }
            '}' => {
                return Err(format!(
                    "`}}`{} closes nothing\nhelp: for a brace in the SQL text, write `}}}}`",
                    line(sql, at(rest))
                ));
            }
            _ => {}
        }
        let was = state;
        (state, rest) = step(state, rest);
        if was == State::Code {
            if state != State::Code {
                opened = at(start);
            } else if character == '$' && start[1..].starts_with(|next: char| next.is_ascii_digit()) {
                let digits =
                    start[1..].find(|next: char| !next.is_ascii_digit()).map_or(start.len(), |end| end + 1);
                return Err(format!(
                    "`{}`{}: the parameters are numbered by the macro\nhelp: write the value in braces, such as `{{id}}`",
                    &start[..digits],
                    line(sql, at(start))
                ));
            }
        }
        text.push_str(&start[..start.len() - rest.len()]);
    }
    match state {
        State::Code => {}
        // What follows this text in another one is not part of the comment.
        State::Line => text.push('\n'),
        _ => {
            let mark: String = sql[opened..].chars().take(1).collect();
            return Err(format!("`{mark}`{} is not closed", line(sql, opened)));
        }
    }
    texts.push(text);
    Ok((texts, places))
}

/// Returns the text up to the brace that closes one before it.
fn braced(text: &str) -> Option<&str> {
    let mut depth = 0;
    let end = text.find(|character| {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => return true,
            '}' => depth -= 1,
            _ => {}
        }
        false
    })?;
    Some(&text[..end])
}

fn refuse_within(state: State<'_>, content: &str, line: &str) -> Result<(), String> {
    let braces = "for braces in the SQL text, write `{{` and `}}`";
    let (place, help) = match state {
        State::Code => return Ok(()),
        State::Text { .. } | State::Dollar(_) => {
            ("within quotes", format!("a value needs no quotes, remove them; {braces}"))
        }
        State::Name => ("within quotes", format!("write `{{Ident({content})}}` without quotes; {braces}")),
        State::Line | State::Block(_) => ("in a comment", braces.to_owned()),
    };
    Err(format!("`{{{content}}}`{line} stands {place}, where it is not bound\nhelp: {help}"))
}

/// Returns where the line is, for a text of several lines.
fn line(sql: &str, at: usize) -> String {
    if !sql.contains('\n') {
        return String::new();
    }
    format!(" in line {} of the text", sql[..at].matches('\n').count() + 1)
}

/// Takes a token, or as much of it as leaves the state clear.
fn step<'a>(state: State<'a>, text: &'a str) -> (State<'a>, &'a str) {
    let next = |count: usize| &text[count..];
    let one = text.chars().next().map_or(0, char::len_utf8);
    match state {
        State::Code => code(text),
        State::Text { escapes: true } if text.starts_with('\\') && text.len() > 1 => {
            let escaped = text[1..].chars().next().map_or(0, char::len_utf8);
            // A brace behind a backslash is read as a brace.
            (state, next(if text[1..].starts_with(['{', '}']) { 1 } else { 1 + escaped }))
        }
        // A doubled quote ends the text and begins another one.
        State::Text { .. } if text.starts_with('\'') => (State::Code, next(1)),
        State::Name if text.starts_with('"') => (State::Code, next(1)),
        State::Dollar(tag) if text.starts_with(tag) => (State::Code, next(tag.len())),
        State::Line if text.starts_with('\n') => (State::Code, next(1)),
        State::Block(depth) if text.starts_with("/*") => (State::Block(depth + 1), next(2)),
        State::Block(depth) if text.starts_with("*/") => {
            (if depth == 1 { State::Code } else { State::Block(depth - 1) }, next(2))
        }
        _ => (state, next(one)),
    }
}

fn code(text: &str) -> (State<'_>, &str) {
    let is_start = |character: char| character.is_alphabetic() || character == '_' || !character.is_ascii();
    let openings = [
        ("--", State::Line),
        ("/*", State::Block(1)),
        ("e'", State::Text { escapes: true }),
        ("E'", State::Text { escapes: true }),
        ("'", State::Text { escapes: false }),
        ("\"", State::Name),
    ];
    for (opening, state) in openings {
        if let Some(rest) = text.strip_prefix(opening) {
            return (state, rest);
        }
    }
    if text.starts_with(is_start) {
        // A name, which may contain `$`.
        let end = text
            .find(|character: char| !is_start(character) && !character.is_ascii_digit() && character != '$');
        return (State::Code, &text[end.unwrap_or(text.len())..]);
    }
    if let Some(rest) = text.strip_prefix('$') {
        let length = rest.find(|character: char| !is_start(character) && !character.is_ascii_digit());
        if let Some(length) = length
            && rest[length..].starts_with('$')
            && !rest.starts_with(|character: char| character.is_ascii_digit())
        {
            let (tag, rest) = text.split_at(length + 2);
            return (State::Dollar(tag), rest);
        }
        return (State::Code, rest);
    }
    (State::Code, &text[text.chars().next().map_or(0, char::len_utf8)..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(sql: &str) -> Result<Vec<&str>, String> {
        read(sql).map(|(_, places)| places)
    }

    #[test]
    fn values_stand_between_texts() {
        let (texts, places) =
            read("select {a}, {{1}}, '{{}}' from {table::<User>()} where b = {f(B { c: 1 })}").unwrap();
        assert_eq!(texts, ["select ", ", {1}, '{}' from ", " where b = ", ""]);
        assert_eq!(places, ["a", "table::<User>()", "f(B { c: 1 })"]);
    }

    #[test]
    fn quotes_are_read_as_postgresql_reads_them() {
        for sql in [
            "'it''s' {a}",
            r"'\' {a}",
            r"E'\'' {a}",
            r"e'\\' {a}",
            r#""a""b" {a}"#,
            "$$'$$ {a}",
            "$q$ $$ ' $q$ {a}",
            "a$b {a}",
            "-- it's\n{a}",
            "/* ' /* \" */ ' */ {a}",
            "type'x' {a}",
            "'$1' {a}",
            "été$1 {a}",
        ] {
            assert_eq!(places(sql), Ok(vec!["a"]), "{sql}");
        }
        for sql in [
            "'{a}'",
            r"E'\'{a}'",
            r"E'\{a}'",
            r#""{a}""#,
            "$$ {a} $$",
            "$q$ $$ {a} $q$",
            "-- {a}",
            "/* /* */ {a} */",
        ] {
            let problem = places(sql).unwrap_err();
            assert!(problem.contains("where it is not bound"), "{sql}: {problem}");
        }
        for sql in ["'{{}}", r"E'\'", "\"", "$$ $", "/* /* */"] {
            let problem = places(sql).unwrap_err();
            assert!(problem.contains("is not closed"), "{sql}: {problem}");
        }
    }

    #[test]
    fn numbered_parameters_are_refused_with_their_line() {
        assert_eq!(
            places("select\n  {a} + $12").unwrap_err(),
            "`$12` in line 2 of the text: the parameters are numbered by the macro\nhelp: write the value in braces, such as `{id}`"
        );
        assert!(places("$1").unwrap_err().starts_with("`$1`:"));
    }

    #[test]
    fn a_comment_at_the_end_ends_there() {
        assert_eq!(read("a -- b").unwrap().0, ["a -- b\n"]);
    }

    #[test]
    fn the_same_name_is_the_same_value() {
        let expand = |tokens: Tokens| expand(syn::parse2(tokens).unwrap()).map(|tokens| tokens.to_string());
        let twice = expand(quote!("{a} {b} {a} {a.c} {}", 1, b = 2)).unwrap();
        assert!(twice.contains("& [2usize , 1usize , 2usize , 3usize , 0usize]"), "{twice}");
        let problem = |tokens| expand(tokens).unwrap_err().to_string();
        assert!(problem(quote!("{}")).starts_with("`{}` needs argument 1, but there are 0"));
        assert!(problem(quote!("{1}", 1)).starts_with("`{1}` needs argument 2, but there are 1"));
        assert_eq!(problem(quote!("a", 1)), "this argument is not used in the text");
        assert!(problem(quote!("{a:?}")).starts_with("`{a:?}` is not a value"));
    }
}
