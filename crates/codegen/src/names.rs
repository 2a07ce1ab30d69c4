//! Converts the schema's names to Rust names: case, keywords, collisions.
//!
//! The names of a scope are chosen together by a [`Scope`]. Each name is converted to Rust's case. Names that would
//! become equal keep the schema's spelling, and names that are reserved or already taken get a trailing `_`.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span};

/// The names that generated code itself needs, by scope. The schema's names cannot use them.
pub(crate) mod reserved {
    /// Types at the root: the client, and a name that would hide the crate from `nicol::client!()`.
    pub(crate) const ROOT_TYPES: &[&str] = &["Client", "nicol"];

    /// A module with this name would have the same file as the root.
    pub(crate) const ROOT_MODULES: &[&str] = &["mod"];

    /// Types in a model's module.
    pub(crate) const MODEL_TYPES: &[&str] =
        &["Create", "CreateWith", "New", "Row", "Update", "UpdateWith", "With", "handles", "meta", "types"];

    /// Modules and types with these names would hide the primitive types.
    pub(crate) const PRIMITIVES: &[&str] = &[
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16", "u32",
        "u64", "u128", "usize",
    ];

    /// Methods of the client and of the runtime's client behind it.
    pub(crate) const CLIENT_METHODS: &[&str] = &[
        "batch",
        "builder",
        "clone",
        "close",
        "connect",
        "deref",
        "execute",
        "execute_raw",
        "executor",
        "extend",
        "for_request",
        "from_client",
        "from_env",
        "lazy",
        "listen",
        "metrics",
        "notify",
        "on_query",
        "on_slow_query",
        "pool_status",
        "primary",
        "query",
        "query_as",
        "query_raw",
        "replica",
        "schema",
        "sql",
        "transaction",
        "transaction_options",
        "with_context",
        "with_schema",
        "without_extensions",
    ];

    /// Functions in a model's module.
    pub(crate) const MODEL_FUNCTIONS: &[&str] = &["create", "update"];

    /// Methods of create and update builders.
    pub(crate) const WRITE_METHODS: &[&str] = &[
        "and_return",
        "boxed",
        "filter",
        "include",
        "into_future",
        "limit",
        "omit",
        "or_current",
        "refine",
        "select",
        "select_as",
        "skip_duplicates",
        "with",
    ];

    /// Methods of a row with relations.
    pub(crate) const WITH_METHODS: &[&str] = &["clone", "deref", "into_parts"];

    /// Types in the module of TypedSQL.
    pub(crate) const STATEMENT_TYPES: &[&str] = &["Statements"];

    /// Functions of `Statements`.
    pub(crate) const STATEMENT_FUNCTIONS: &[&str] = &["clone", "new"];

    /// Values that would clash with the parameters of key functions: a static, and the constructors of tuple structs.
    pub(crate) const KEY_PARAMETERS: &[&str] = &["CreateWith", "META", "UpdateWith"];

    /// Keywords that cannot be raw identifiers.
    ///
    /// Source: The Rust Reference, "Identifiers".
    pub(crate) const NEVER: &[&str] = &["Self", "_", "crate", "self", "super"];

    /// The other keywords of all editions, which become raw identifiers.
    ///
    /// Source: The Rust Reference, "Keywords".
    pub(crate) const KEYWORDS: &[&str] = &[
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
        "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
        "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static",
        "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where",
        "while", "yield",
    ];
}

/// A namespace in which names are unique.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    taken: BTreeSet<String>,
}

impl Scope {
    /// Returns a scope with reserved names.
    pub(crate) fn with(reserved: &[&[&str]]) -> Self {
        let names = reserved.iter().chain([&reserved::NEVER]).copied().flatten();
        Self { taken: names.map(|&name| name.to_owned()).collect() }
    }

    /// Whether the name is taken.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.taken.contains(name)
    }

    /// Takes a name, with a trailing `_` if necessary.
    pub(crate) fn take(&mut self, mut name: String) -> String {
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        name
    }

    /// Takes a name for each, in the same order. Names that need no change take precedence, so that `filter_` stays
    /// `filter_` beside a `filter` that has to be changed.
    pub(crate) fn take_all(&mut self, names: &[String]) -> Vec<String> {
        let mut chosen: Vec<Option<String>> = vec![None; names.len()];
        for (name, chosen) in names.iter().zip(&mut chosen) {
            if self.taken.insert(name.clone()) {
                *chosen = Some(name.clone());
            }
        }
        let give_way =
            |(name, chosen): (&String, Option<String>)| chosen.unwrap_or_else(|| self.take(name.clone()));
        names.iter().zip(chosen).map(give_way).collect()
    }
}

/// Converts names to Rust's case. Names that would become equal keep the schema's spelling.
pub(crate) fn convert<'a>(names: impl IntoIterator<Item = &'a str>, case: fn(&str) -> String) -> Vec<String> {
    let names: Vec<&str> = names.into_iter().collect();
    let mut times = BTreeMap::<String, usize>::new();
    for name in &names {
        *times.entry(case(name)).or_default() += 1;
    }
    let spelled = |name: &&str| {
        let converted = case(name);
        if times[&converted] == 1 { converted } else { sanitized(name) }
    };
    names.iter().map(spelled).collect()
}

/// Converts `phoneNumber`, `PhoneNumber` and `phone_number` to `phone_number`.
pub(crate) fn snake_case(name: &str) -> String {
    let name = sanitized(name);
    let characters: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (at, &character) in characters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| characters[at]);
        let is_after_word = before.is_some_and(|before| before.is_lowercase() || before.is_numeric());
        let begins_word = before.is_some_and(char::is_uppercase)
            && characters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if character.is_uppercase() && (is_after_word || begins_word) {
            snake.push('_');
        }
        if character != '_' || before != Some('_') {
            snake.extend(character.to_lowercase());
        }
    }
    snake
}

/// Converts `user_account` and `userAccount` to `UserAccount`; `UserAPIKey` stays the same.
pub(crate) fn type_case(name: &str) -> String {
    let name = sanitized(name);
    if name.starts_with(char::is_uppercase) && !name.contains('_') {
        return name;
    }
    let mut camel = String::with_capacity(name.len());
    for word in snake_case(&name).split('_') {
        let mut characters = word.chars();
        camel.extend(characters.next().into_iter().flat_map(char::to_uppercase));
        camel.push_str(characters.as_str());
    }
    if camel.starts_with(char::is_numeric) || camel.is_empty() { format!("_{camel}") } else { camel }
}

/// Converts `ADMIN` to `Admin` and `IN_PROGRESS` to `InProgress`; otherwise same as [`type_case`].
pub(crate) fn variant_case(name: &str) -> String {
    if name.contains(char::is_lowercase) { type_case(name) } else { type_case(&name.to_lowercase()) }
}

/// Replaces characters that are not valid in identifiers.
fn sanitized(name: &str) -> String {
    let allowed = |character: char| if character.is_alphanumeric() { character } else { '_' };
    let name: String = name.chars().map(allowed).collect();
    if name.starts_with(char::is_numeric) || name.is_empty() { format!("_{name}") } else { name }
}

/// Returns the name as an identifier, raw if it is a keyword.
pub(crate) fn ident(name: &str) -> Ident {
    if reserved::KEYWORDS.contains(&name) {
        Ident::new_raw(name, Span::call_site())
    } else {
        Ident::new(name, Span::call_site())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(case: fn(&str) -> String, cases: &[(&str, &str)]) {
        let converted: Vec<_> = cases.iter().map(|(name, _)| (*name, case(name))).collect();
        let expected: Vec<_> = cases.iter().map(|(name, expected)| (*name, (*expected).to_owned())).collect();
        assert_eq!(converted, expected);
    }

    #[test]
    fn words_are_found_in_every_spelling() {
        check(
            snake_case,
            &[
                ("phoneNumber", "phone_number"),
                ("PhoneNumber", "phone_number"),
                ("phone_number", "phone_number"),
                ("userID", "user_id"),
                ("HTMLParser", "html_parser"),
                ("address2Line", "address2_line"),
                ("A", "a"),
                ("a__b", "a_b"),
                ("trailing_", "trailing_"),
                ("ÄrgerÜber", "ärger_über"),
            ],
        );
    }

    #[test]
    fn type_names_stay_where_they_are_rusts_already() {
        check(
            type_case,
            &[
                ("User", "User"),
                ("UserAPIKey", "UserAPIKey"),
                ("user", "User"),
                ("user_account", "UserAccount"),
                ("User_Account", "UserAccount"),
                ("oauth2Token", "Oauth2Token"),
            ],
        );
        check(
            variant_case,
            &[
                ("ADMIN", "Admin"),
                ("IN_PROGRESS", "InProgress"),
                ("InProgress", "InProgress"),
                ("self", "Self"),
            ],
        );
    }

    #[test]
    fn names_that_would_become_equal_keep_their_spelling() {
        assert_eq!(convert(["fooBar", "foo_bar", "other"], snake_case), ["fooBar", "foo_bar", "other"]);
    }

    #[test]
    fn reserved_names_give_way_to_free_ones() {
        let mut scope = Scope::with(&[reserved::WRITE_METHODS]);
        let names = ["filter", "filter_", "self", "name"].map(str::to_owned);
        assert_eq!(scope.take_all(&names), ["filter__", "filter_", "self_", "name"]);
    }

    #[test]
    fn the_documentation_lists_all_reserved_names() {
        let text = include_str!("lib.rs");
        let all = [
            reserved::ROOT_TYPES,
            reserved::ROOT_MODULES,
            reserved::MODEL_TYPES,
            reserved::PRIMITIVES,
            reserved::CLIENT_METHODS,
            reserved::MODEL_FUNCTIONS,
            reserved::WRITE_METHODS,
            reserved::WITH_METHODS,
            reserved::STATEMENT_TYPES,
            reserved::STATEMENT_FUNCTIONS,
            reserved::KEY_PARAMETERS,
            reserved::NEVER,
        ];
        let is_missing = |name: &&&str| !text.contains(&format!("`{name}`"));
        let missing: Vec<_> = all.into_iter().flatten().filter(is_missing).collect();
        assert!(missing.is_empty(), "not in the section \"Names\" of lib.rs: {missing:?}");
    }
}
