//! Classifies statements by their effect on the transaction.

use super::Statement;
use super::lexer::{Lexer, TokenKind};

/// The effect of a statement on the transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// None: it can run in any transaction.
    Plain,
    /// It begins a transaction.
    Begin,
    /// It commits a transaction.
    Commit,
    /// It rolls a transaction back.
    Rollback,
    /// It ends a transaction that another session commits or rolls back (`PREPARE TRANSACTION`).
    Prepare,
    /// It cannot run in a transaction.
    Outside(Outside),
    /// It adds a value to an enum, which can be used after a commit.
    AddsEnumValue {
        /// The name of the enum, as written.
        name: Vec<String>,
        /// The value.
        value: String,
    },
    /// It creates a type. Values added to it in the same transaction can be used there.
    CreatesType {
        /// Its name, as written.
        name: Vec<String>,
    },
    /// It changes a setting of the session.
    Setting,
    /// No server can run it.
    NotSql(NotSql),
}

/// Why no server can run a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotSql {
    /// A psql command, which begins with a backslash.
    PsqlCommand,
    /// `COPY … FROM STDIN`, which needs a client that sends the rows.
    CopyFromInput,
    /// A zero byte.
    ZeroByte,
}

/// A statement that PostgreSQL refuses within a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outside {
    /// It creates an index.
    CreatesIndex(Index),
    /// It drops an index.
    DropsIndex(Index),
    /// It can be rerun, whether it took effect or not.
    Repeatable,
    /// Whether it took effect cannot be determined from its text.
    Unclear,
}

/// The names of an index, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Index {
    /// Without one, the search path decides.
    pub(crate) schema: Option<String>,
    /// Without one, the server chooses it.
    pub(crate) name: Option<String>,
    /// Its table.
    pub(crate) table: Option<String>,
}

/// The number of words that are inspected. The longest pattern has a few names.
const WORDS: usize = 48;

/// Returns the effect of a statement.
///
/// Source: PostgreSQL 17 manual, the pages of the SQL commands; `PreventInTransactionBlock` in its source.
pub(crate) fn classify(statement: &Statement, script: &str) -> Kind {
    let text = &script[statement.range.clone()];
    if text.contains('\0') {
        return Kind::NotSql(NotSql::ZeroByte);
    }
    let words = Words::of(statement, text);
    if let Some(not_sql) = words.not_sql() {
        return Kind::NotSql(not_sql);
    }
    if let Some(kind) = words.transaction_control() {
        return kind;
    }
    if let Some(outside) = words.outside(text) {
        return Kind::Outside(outside);
    }
    let is = |wanted: &str| words.begin(wanted);
    match words.word(0) {
        "alter" if is("alter type") => words.enum_value().unwrap_or(Kind::Plain),
        "create" if is("create type") => words.name(2).map_or(Kind::Plain, |name| Kind::CreatesType { name }),
        "set" if !matches!(words.word(1), "local" | "transaction" | "constraints") => Kind::Setting,
        "reset" => Kind::Setting,
        "select" if words.items.iter().any(|item| item.is("set_config")) => Kind::Setting,
        _ => Kind::Plain,
    }
}

/// Returns the value that the statement sets `standard_conforming_strings` to, if it does.
pub(super) fn standard_strings_after(statement: &Statement, script: &str) -> Option<bool> {
    let text = &script[statement.range.clone()];
    if !text.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("set")) {
        return None;
    }
    let words = Words::of(statement, text);
    let name = if matches!(words.word(1), "session" | "local") { 2 } else { 1 };
    if words.word(name) != "standard_conforming_strings" {
        return None;
    }
    let value = words.items.get(name + 2)?;
    let value = value.text.trim_matches('\'').to_ascii_lowercase();
    Some(!matches!(value.as_str(), "off" | "false" | "no" | "0"))
}

/// Whether the statement contains a string literal with this value.
pub(crate) fn has_text(statement: &Statement, script: &str, value: &str) -> bool {
    let text = &script[statement.range.clone()];
    let mut tokens = Lexer::new(text, statement.standard_strings);
    tokens.any(|token| token.kind == TokenKind::Text && unquoted(&text[token.range], '\'') == value)
}

struct Item<'a> {
    kind: TokenKind,
    text: &'a str,
    /// In lower case if it is a word.
    word: String,
}

impl Item<'_> {
    fn is(&self, word: &str) -> bool {
        self.word == word
    }
}

/// The first words of a statement, without whitespace.
pub(super) struct Words<'a> {
    items: Vec<Item<'a>>,
}

impl<'a> Words<'a> {
    pub(super) fn of(statement: &Statement, text: &'a str) -> Self {
        let tokens = Lexer::new(text, statement.standard_strings);
        let items = tokens.filter(|token| token.kind != TokenKind::Blank).take(WORDS).map(|token| {
            let text = &text[token.range];
            let word = if token.kind == TokenKind::Word { text.to_ascii_lowercase() } else { String::new() };
            Item { kind: token.kind, text, word }
        });
        Self { items: items.collect() }
    }

    pub(super) fn word(&self, at: usize) -> &str {
        self.items.get(at).map_or("", |item| &item.word)
    }

    pub(super) fn begin(&self, words: &str) -> bool {
        words.split(' ').enumerate().all(|(at, word)| self.word(at) == word)
    }

    pub(super) fn position(&self, word: &str) -> Option<usize> {
        self.items.iter().position(|item| item.is(word))
    }

    fn not_sql(&self) -> Option<NotSql> {
        if self.items.iter().any(|item| item.kind == TokenKind::Backslash) {
            return Some(NotSql::PsqlCommand);
        }
        let from = self.position("from").filter(|_| self.begin("copy"))?;
        (self.word(from + 1) == "stdin").then_some(NotSql::CopyFromInput)
    }

    fn transaction_control(&self) -> Option<Kind> {
        // `WORK` and `TRANSACTION` may follow most of them.
        let next = match self.word(1) {
            "work" | "transaction" => self.word(2),
            word => word,
        };
        Some(match self.word(0) {
            "begin" => Kind::Begin,
            "start" if self.word(1) == "transaction" => Kind::Begin,
            "commit" | "rollback" if self.word(1) == "prepared" => Kind::Outside(Outside::Unclear),
            "commit" | "end" => Kind::Commit,
            // To a savepoint: the transaction continues.
            "rollback" if next == "to" => return None,
            "rollback" | "abort" => Kind::Rollback,
            "prepare" if self.word(1) == "transaction" => Kind::Prepare,
            _ => return None,
        })
    }

    fn outside(&self, text: &str) -> Option<Outside> {
        let is = |words: &str| self.begin(words);
        let concurrently = self.position("concurrently");
        let ends_transactions = || {
            let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
            words.any(|word| word.eq_ignore_ascii_case("commit") || word.eq_ignore_ascii_case("rollback"))
        };
        match self.word(0) {
            "create" if is("create index") || is("create unique index") => {
                let at = concurrently.filter(|at| self.word(at - 1) == "index")?;
                Some(Outside::CreatesIndex(self.created_index(at + 1)))
            }
            "drop" if is("drop index concurrently") => {
                let at = if self.word(3) == "if" { 5 } else { 3 };
                let name = self.name(at);
                Some(name.map_or(Outside::Unclear, |mut name| {
                    let index = name.pop();
                    Outside::DropsIndex(Index { schema: name.pop(), name: index, table: None })
                }))
            }
            "reindex" => {
                let mut at = 1;
                if self.items.get(at).is_some_and(|item| item.kind == TokenKind::Open) {
                    at = self.items.iter().position(|item| item.kind == TokenKind::Close)? + 1;
                }
                let of_many = matches!(self.word(at), "schema" | "database" | "system");
                (of_many || concurrently.is_some()).then_some(Outside::Repeatable)
            }
            "vacuum" => Some(Outside::Repeatable),
            "alter" if is("alter system") => Some(Outside::Repeatable),
            // All tables that were clustered before.
            "cluster" => {
                let names = self.items.iter().any(|item| match item.kind {
                    TokenKind::QuotedName => true,
                    TokenKind::Word => !matches!(&*item.word, "cluster" | "verbose" | "on" | "off"),
                    _ => false,
                });
                (!names).then_some(Outside::Repeatable)
            }
            "discard" => (self.word(1) == "all").then_some(Outside::Repeatable),
            "create" | "drop" if matches!(self.word(1), "database" | "tablespace" | "subscription") => {
                Some(Outside::Unclear)
            }
            "alter" if is("alter database") => {
                let at = self.position("tablespace").filter(|at| self.word(at - 1) == "set");
                at.map(|_| Outside::Repeatable)
            }
            "alter" if is("alter subscription") => self.position("publication").map(|_| Outside::Unclear),
            "alter" if is("alter table") => {
                let detach = self.position("detach").is_some_and(|at| self.word(at + 1) == "partition");
                (detach && concurrently.is_some()).then_some(Outside::Unclear)
            }
            // A body can end transactions only outside of one.
            "do" => ends_transactions().then_some(Outside::Unclear),
            _ => None,
        }
    }

    /// Parses what follows `CONCURRENTLY`: `[IF NOT EXISTS] name ON [ONLY] table`, with or without a name.
    fn created_index(&self, mut at: usize) -> Index {
        if self.word(at) == "if" {
            at += 3;
        }
        let name = if self.word(at) == "on" { None } else { self.name(at).and_then(|mut name| name.pop()) };
        let on = self.items.iter().skip(at).position(|item| item.is("on")).map(|found| at + found + 1);
        let table = on.and_then(|at| self.name(if self.word(at) == "only" { at + 1 } else { at }));
        let mut table = table.unwrap_or_default();
        let last = table.pop();
        Index { schema: table.pop(), name, table: last }
    }

    /// Parses `ALTER TYPE name ADD VALUE [IF NOT EXISTS] 'value'`.
    fn enum_value(&self) -> Option<Kind> {
        let add = self.position("add").filter(|at| self.word(at + 1) == "value")?;
        let name = self.name(2)?;
        let value = self.items[add..].iter().find(|item| item.kind == TokenKind::Text)?;
        Some(Kind::AddsEnumValue { name, value: unquoted(value.text, '\'') })
    }

    /// Returns the parts of the name that starts at this word, folded like the server does.
    fn name(&self, at: usize) -> Option<Vec<String>> {
        let mut parts = Vec::new();
        let mut items = self.items.iter().skip(at);
        loop {
            let item = items.next()?;
            parts.push(match item.kind {
                TokenKind::Word => item.word.clone(),
                TokenKind::QuotedName => unquoted(item.text, '"'),
                _ => return None,
            });
            if items.next().is_none_or(|item| item.kind != TokenKind::Dot) {
                return Some(parts);
            }
        }
    }
}

/// Returns a string literal or name without its quotes.
fn unquoted(text: &str, quote: char) -> String {
    let inner = text.split_once(quote).map_or(text, |(_, inner)| inner);
    let inner = inner.strip_suffix(quote).unwrap_or(inner);
    inner.replace(&format!("{quote}{quote}"), &quote.to_string())
}
