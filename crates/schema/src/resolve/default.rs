//! `@default`: checks that the value fits the type of its field.
//!
//! Source: Prisma 6.19 schema reference, "@default" and "Attribute functions".

use super::attribute::Visit;
use crate::ast::{Argument, Call, Expression};
use crate::diagnostic::Diagnostic;
use crate::draft::{DefaultDraft, Draft, DraftType, EnumDraft, FieldRef};
use crate::model::{Arity, ScalarType};
use crate::rule;
use crate::span::Span;
use crate::suggest::{closest, one_of};

/// The functions available for PostgreSQL; others are reported once the rest of the schema has no errors.
pub(crate) const FUNCTIONS: [&str; 7] =
    ["autoincrement", "cuid", "dbgenerated", "nanoid", "now", "ulid", "uuid"];

pub(super) fn resolve<'a>(
    field: FieldRef,
    draft: &Draft<'a>,
    mut visit: Visit<'a>,
    found: &mut Vec<Diagnostic>,
) -> Option<DefaultDraft<'a>> {
    let default = value(field, draft, &mut visit, found);
    visit.finish(found);
    default
}

fn value<'a>(
    field: FieldRef,
    draft: &Draft<'a>,
    visit: &mut Visit<'a>,
    found: &mut Vec<Diagnostic>,
) -> Option<DefaultDraft<'a>> {
    let value = visit.required("value", found)?;
    let map = visit.name("map", found);
    let span = visit.span();
    let field = draft.field(field);
    let problem = problem(value, &field.ty, field.arity, draft, map.is_some(), span);
    if let Some(problem) = problem {
        found.push(problem);
        return None;
    }
    Some(DefaultDraft { value, map, attribute: visit.attribute })
}

/// Checks a value as the default of a field of this type.
pub(super) fn problem(
    value: Expression<'_>,
    ty: &DraftType,
    arity: Arity,
    draft: &Draft<'_>,
    is_named: bool,
    span: Span,
) -> Option<Diagnostic> {
    match (value, ty) {
        (Expression::Call(call), _) if call.name().text == "dbgenerated" => dbgenerated(call, span),
        (_, DraftType::Enum(id)) => enum_value(value, arity, &draft.enums[id.index()], span),
        (_, DraftType::Scalar(scalar)) => scalar_value(value, *scalar, arity, is_named, span),
        (_, DraftType::Composite) => Some(
            rule::name::COMPOSITE_TYPE_DEFAULT
                .at(span, "a field of a composite type cannot have a default")
                .help("remove `@default`"),
        ),
        _ => Some(
            rule::default::DEFAULT_UNSUPPORTED
                .at(span, "a field of an unsupported type can only have a database default")
                .help("write it as `@default(dbgenerated(\"…\"))`"),
        ),
    }
}

fn scalar_value(
    value: Expression<'_>,
    scalar: ScalarType,
    arity: Arity,
    is_named: bool,
    span: Span,
) -> Option<Diagnostic> {
    if let Expression::Call(call) = value {
        return function(call, scalar, is_named, span);
    }
    match (arity, value) {
        // One error per list is enough.
        (Arity::List, Expression::Array(array)) => {
            array.iter().find_map(|value| literal(value, scalar, span))
        }
        (Arity::List, _) => Some(
            rule::default::DEFAULT_LIST
                .at(span, "the default of a list must be a list")
                .help(format!("write `[{}]`", value.source())),
        ),
        (_, Expression::Array(_)) => Some(
            rule::default::DEFAULT_LIST
                .at(span, "the default is a list, the field is not")
                .help("write a single value, or make the field a list with `[]`"),
        ),
        _ => literal(value, scalar, span),
    }
}

fn literal(value: Expression<'_>, scalar: ScalarType, span: Span) -> Option<Diagnostic> {
    use ScalarType::{BigInt, Boolean, Bytes, DateTime, Decimal, Float, Int, Json, String};
    let wanted = match (scalar, value) {
        (String | Json | Bytes | DateTime | Decimal, Expression::String(_))
        | (Int | BigInt | Float | Decimal, Expression::Number(_)) => return None,
        (Boolean, Expression::Constant(name)) => {
            if matches!(name.text, "true" | "false") {
                return None;
            }
            return Some(
                rule::default::DEFAULT_KIND
                    .at(name.span, format!("`{}` is not a valid default for a `Boolean`", name.text))
                    .help("write `true` or `false`"),
            );
        }
        (String | Json | Bytes | DateTime, _) => "a string",
        (Int | BigInt | Float, _) => "a number",
        (Decimal, _) => "a number or a string",
        (Boolean, _) => "`true` or `false`",
    };
    Some(
        rule::default::DEFAULT_KIND
            .at(
                span,
                format!(
                    "`{}` is not a valid default for a field of type `{}`",
                    value.source(),
                    scalar.name()
                ),
            )
            .help(match (value, scalar) {
                (Expression::Constant(_) | Expression::Number(_), String) => {
                    format!("write it in quotes: `\"{}\"`", value.source())
                }
                (Expression::String(string), Int | BigInt | Float | Boolean)
                    if !string.value().is_empty() =>
                {
                    format!("write {wanted}, without quotes")
                }
                _ => format!("write {wanted}"),
            }),
    )
}

fn enum_value(
    value: Expression<'_>,
    arity: Arity,
    schema_enum: &EnumDraft<'_>,
    span: Span,
) -> Option<Diagnostic> {
    let names = || schema_enum.values.iter().map(|value| value.name.text);
    match (arity, value) {
        (Arity::List, Expression::Array(array)) => {
            array.iter().find_map(|value| enum_value(value, Arity::Required, schema_enum, span))
        }
        (Arity::Required | Arity::Optional, Expression::Constant(name)) => {
            if names().any(|own| own == name.text) {
                return None;
            }
            let error = rule::default::DEFAULT_ENUM_VALUE
                .at(span, format!("the enum `{}` has no value `{}`", schema_enum.name.text, name.text))
                .label(schema_enum.name.span, "its values are here");
            Some(match closest(name.text, names()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!("its values are {}", one_of(names()))),
            })
        }
        _ => Some(
            rule::default::DEFAULT_KIND
                .at(
                    span,
                    format!(
                        "`{}` is not a valid default for a field of the enum `{}`",
                        value.source(),
                        schema_enum.name.text
                    ),
                )
                .help(match arity {
                    Arity::List => "write a list of the enum's values, without quotes",
                    _ => "write one of the enum's values, without quotes",
                }),
        ),
    }
}

fn function(call: Call<'_>, scalar: ScalarType, is_named: bool, span: Span) -> Option<Diagnostic> {
    let name = call.name().text;
    let fits = match name {
        "autoincrement" if is_named => {
            return Some(
                rule::default::DEFAULT_MAP
                    .at(span, "`autoincrement()` cannot have a name")
                    .help("remove `map:`"),
            );
        }
        "autoincrement" => matches!(scalar, ScalarType::Int | ScalarType::BigInt),
        "cuid" | "uuid" | "nanoid" | "ulid" => scalar == ScalarType::String,
        "now" => scalar == ScalarType::DateTime,
        // Other functions exist for other databases or not at all.
        _ => true,
    };
    if !fits {
        return Some(
            rule::default::DEFAULT_FUNCTION_TYPE
                .at(
                    span,
                    format!("`{name}()` is not a valid default for a field of type `{}`", scalar.name()),
                )
                .help(match name {
                    "autoincrement" => "use it on fields of type `Int` or `BigInt`",
                    "now" => "use it on fields of type `DateTime`",
                    _ => "use it on fields of type `String`",
                }),
        );
    }
    let arguments: Vec<Argument<'_>> = call.arguments().iter().collect();
    match name {
        "autoincrement" | "now" | "ulid" | "auto" if !arguments.is_empty() => Some(
            rule::default::DEFAULT_FUNCTION_ARGUMENT
                .at(span, format!("`{name}()` takes no arguments"))
                .help(format!("write `{name}()`")),
        ),
        "cuid" => one_number(&arguments, |version| version == 1 || version == 2, span, "cuid", "1 or 2"),
        "uuid" => one_number(&arguments, |version| version == 4 || version == 7, span, "uuid", "4 or 7"),
        "nanoid" => one_number(&arguments, |length| length >= 2, span, "nanoid", "a length from 2 to 255"),
        _ => None,
    }
}

fn one_number(
    arguments: &[Argument<'_>],
    accept: impl Fn(u8) -> bool,
    span: Span,
    name: &str,
    wanted: &str,
) -> Option<Diagnostic> {
    let is_right = match arguments {
        [] => true,
        [argument] => match argument.value() {
            Some(Expression::Number(number)) => number.text.parse().is_ok_and(accept),
            _ => false,
        },
        _ => false,
    };
    if is_right {
        return None;
    }
    Some(
        rule::default::DEFAULT_FUNCTION_ARGUMENT
            .at(span, format!("invalid argument for `{name}()`"))
            .help(format!("write `{name}()`, or with one argument: {wanted}")),
    )
}

fn dbgenerated(call: Call<'_>, span: Span) -> Option<Diagnostic> {
    let arguments: Vec<Argument<'_>> = call.arguments().iter().collect();
    let is_right = match arguments.as_slice() {
        [] => true,
        [argument] => match argument.value() {
            Some(Expression::String(string)) => !string.value().is_empty(),
            _ => false,
        },
        _ => false,
    };
    if is_right {
        return None;
    }
    Some(
        rule::default::DEFAULT_FUNCTION_ARGUMENT
            .at(span, "`dbgenerated()` takes one non-empty string")
            .help("write the database expression in quotes, or remove the argument"),
    )
}

/// Returns the error for a function that exists for no database.
pub(crate) fn unknown_function(call: Call<'_>) -> Diagnostic {
    let name = call.name().text;
    let error =
        rule::default::DEFAULT_FUNCTION_UNKNOWN.at(call.span(), format!("there is no function `{name}()`"));
    match closest(name, FUNCTIONS) {
        Some(near) => error.help(format!("did you mean `{near}()`?")),
        None => error.help(format!(
            "the functions are {}; for a database function, write `dbgenerated(\"{name}(…)\")`",
            one_of(FUNCTIONS)
        )),
    }
}
