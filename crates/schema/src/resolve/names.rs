//! Checks the names of the file: well-formed, not reserved, unique.

use std::collections::{BTreeMap, HashMap};

use super::Top;
use crate::ast::{self, Item, Name};
use crate::diagnostic::Diagnostic;
use crate::model::{EnumId, ModelId, ScalarType};
use crate::rule;
use crate::span::Span;

/// Names that cannot be used in a generated TypeScript client.
///
/// Source: Prisma 6.19, reserved names of models and enums.
const RESERVED: [&str; 48] = [
    "async",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "PrismaClient",
    "private",
    "protected",
    "public",
    "return",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "using",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// Checks every name, and returns those that types can refer to.
pub(super) fn check<'a>(file: ast::File<'a>, found: &mut Vec<Diagnostic>) -> BTreeMap<&'a str, Top> {
    let mut tops = BTreeMap::new();
    let mut taken: HashMap<&str, (&'static str, Span)> = HashMap::new();
    let mut generators: HashMap<&str, (&'static str, Span)> = HashMap::new();
    let mut datasources: HashMap<&str, (&'static str, Span)> = HashMap::new();
    let (mut models, mut enums) = (0, 0);
    for item in file.items() {
        let (name, keyword, namespace) = match item {
            Item::Model(model) => {
                let keyword = keyword_of(model);
                check_model(model, keyword, found);
                let Some(name) = model.name() else { continue };
                if keyword == "type" {
                    tops.insert(name.text, Top::Composite);
                } else {
                    tops.insert(name.text, Top::Model(ModelId(models)));
                    models += 1;
                }
                (name, keyword, &mut taken)
            }
            Item::Enum(schema_enum) => {
                check_enum(schema_enum, found);
                let Some(name) = schema_enum.name() else { continue };
                tops.insert(name.text, Top::Enum(EnumId(enums)));
                enums += 1;
                (name, "enum", &mut taken)
            }
            Item::Config(config) => {
                check_config(config, found);
                let Some(name) = config.name() else { continue };
                if config.is_datasource() {
                    (name, "datasource", &mut datasources)
                } else {
                    (name, "generator", &mut generators)
                }
            }
        };
        if ScalarType::from_name(name.text).is_some() {
            found.push(
                rule::name::NAME_BUILT_IN
                    .at(name.span, format!("`{}` is the name of a built-in type", name.text))
                    .help(format!("choose another name for this {keyword}")),
            );
        }
        if let Some((other, span)) = namespace.insert(name.text, (keyword, name.span)) {
            found.push(
                rule::name::NAME_TAKEN
                    .at(name.span, format!("there is already a {other} `{}`", name.text))
                    .label(span, "defined here first")
                    .help("rename one of them"),
            );
        }
    }
    tops
}

fn keyword_of(model: ast::Model<'_>) -> &'static str {
    match model.keyword().map(|keyword| keyword.text) {
        Some("view") => "view",
        Some("type") => "type",
        _ => "model",
    }
}

fn check_model(model: ast::Model<'_>, keyword: &'static str, found: &mut Vec<Diagnostic>) {
    if let Some(name) = model.name() {
        check_identifier(name, keyword, found);
        if keyword != "type" {
            check_reserved(name, keyword, model.span(), found);
        }
    }
    if keyword != "type" {
        check_attributes(model.attributes(), found);
    }
    let mut fields: HashMap<&str, Span> = HashMap::new();
    for field in model.fields().filter(|field| field.is_well_formed()) {
        let Some(name) = field.name() else { continue };
        if keyword != "type" {
            check_identifier(name, "field", found);
            check_attributes(field.attributes(), found);
        }
        if let Some(first) = fields.insert(name.text, name.span) {
            let owner = model.name().map_or("", |name| name.text);
            found.push(
                rule::name::FIELD_TWICE
                    .at(name.span, format!("the {keyword} `{owner}` already has a field `{}`", name.text))
                    .label(first, "the first one")
                    .help("rename or remove one of them"),
            );
        }
    }
}

fn check_enum(schema_enum: ast::Enum<'_>, found: &mut Vec<Diagnostic>) {
    if let Some(name) = schema_enum.name() {
        check_identifier(name, "enum", found);
        check_reserved(name, "enum", schema_enum.span(), found);
    }
    check_attributes(schema_enum.attributes(), found);
    let mut values: HashMap<&str, Span> = HashMap::new();
    for value in schema_enum.values() {
        let Some(name) = value.name() else { continue };
        check_identifier(name, "value of an enum", found);
        check_attributes(value.attributes(), found);
        if let Some(first) = values.insert(name.text, name.span) {
            let owner = schema_enum.name().map_or("", |name| name.text);
            found.push(
                rule::name::ENUM_VALUE_TWICE
                    .at(value.span(), format!("the enum `{owner}` already has a value `{}`", name.text))
                    .label(first, "the first one")
                    .help("remove one of them"),
            );
        }
    }
}

fn check_config(config: ast::Config<'_>, found: &mut Vec<Diagnostic>) {
    let mut keys: HashMap<&str, Span> = HashMap::new();
    for name in config.properties().filter_map(ast::Property::name) {
        if let Some(first) = keys.insert(name.text, name.span) {
            found.push(
                rule::name::SETTING_TWICE
                    .at(name.span, format!("`{}` is set twice", name.text))
                    .label(first, "the first time")
                    .help("remove one of the two lines"),
            );
        }
    }
}

fn check_attributes<'a>(attributes: impl Iterator<Item = ast::Attribute<'a>>, found: &mut Vec<Diagnostic>) {
    for name in attributes.filter_map(ast::Attribute::name) {
        check_identifier(name, "attribute", found);
    }
}

fn check_identifier(name: Name<'_>, what: &str, found: &mut Vec<Diagnostic>) {
    let map = match what {
        "field" | "value of an enum" => Some("@map"),
        "model" | "view" | "enum" => Some("@@map"),
        _ => None,
    };
    let help = match map {
        Some(map) => {
            format!(
                "rename it to `{}`, and keep the name in the database with `{map}(\"{}\")`",
                camel_case(name.text),
                name.text
            )
        }
        None => "a name contains letters, digits and `_`, and starts with a letter".to_owned(),
    };
    let problem = if name.text.starts_with(|c: char| c.is_ascii_digit()) {
        "starts with a digit"
    } else if name.text.contains('-') {
        "contains a `-`"
    } else {
        return;
    };
    found.push(
        rule::name::NAME_MALFORMED
            .at(name.span, format!("the {what} name `{}` {problem}", name.text))
            .help(help),
    );
}

/// Returns a valid name similar to one that contains `-` or starts with a digit.
fn camel_case(name: &str) -> String {
    let mut out = if name.starts_with(|c: char| c.is_ascii_digit()) { "n".to_owned() } else { String::new() };
    let mut is_upper = false;
    for c in name.chars() {
        if c == '-' {
            is_upper = true;
        } else if is_upper {
            out.extend(c.to_uppercase());
            is_upper = false;
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether no model or enum can have this name.
pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name) || ScalarType::from_name(name).is_some()
}

fn check_reserved(name: Name<'_>, what: &str, span: Span, found: &mut Vec<Diagnostic>) {
    if RESERVED.contains(&name.text) {
        found.push(
            rule::name::NAME_RESERVED
                .at(span, format!("the {what} name `{}` is reserved", name.text))
                .help("rename it, and keep the name in the database with `@@map`"),
        );
    }
}
