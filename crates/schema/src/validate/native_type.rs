//! `@db.…`: checks that the type exists and fits its field.

use super::{Context, capability};
use crate::ast::{Argument, Expression, FieldType};
use crate::config::capability::Capability;
use crate::draft::{DraftType, FieldDraft};
use crate::model::ScalarType;
use crate::native_type::{NAMES, Problem, parse, parse_any, scalar_of};
use crate::rule;
use crate::suggest::{closest, one_of};

pub(super) fn check(field: &FieldDraft<'_>, ctx: &mut Context<'_, '_>) {
    let (Some(attribute), DraftType::Scalar(scalar)) = (field.native_type, &field.ty) else {
        return;
    };
    let span = attribute.span();
    let Some((prefix, name)) = attribute.name().and_then(|name| name.text.split_once('.')) else {
        return;
    };
    if !ctx.can(Capability::NativeTypes) {
        let what = format!("not every database supports the type `{name}`");
        ctx.push(capability::needs_datasource(span, &what));
        return;
    }
    let datasource = ctx.datasource().map(|draft| draft.datasource.name.as_str());
    if let Some(datasource) = datasource.filter(|datasource| *datasource != prefix) {
        ctx.push(
            rule::native_type::NATIVE_TYPE_DATASOURCE
                .at(span, format!("there is no datasource `{prefix}`: the datasource is `{datasource}`"))
                .help(format!("write `@{datasource}.{name}`")),
        );
    }
    let arguments: Vec<&str> =
        attribute.arguments().iter().filter_map(Argument::value).map(Expression::source).collect();
    let Err(problem) = parse(name, &arguments, *scalar) else {
        return;
    };
    let error = match problem {
        Problem::Unknown => {
            let error =
                rule::native_type::NATIVE_TYPE_UNKNOWN.at(span, format!("there is no native type `{name}`"));
            match closest(name, NAMES).or_else(|| sql_name(name)) {
                Some(near) => error.help(format!("did you mean `@{prefix}.{near}`?")),
                None => error.help(format!(
                    "the native types of `{}` are {}; for any other type, write `Unsupported(\"…\")`",
                    scalar.name(),
                    one_of(for_scalar(*scalar))
                )),
            }
        }
        Problem::TooManyArguments(0) => rule::native_type::NATIVE_TYPE_ARGUMENTS
            .at(span, format!("`{name}` takes no arguments"))
            .help(format!("write `@{prefix}.{name}`")),
        Problem::TooManyArguments(max) => rule::native_type::NATIVE_TYPE_ARGUMENTS
            .at(
                span,
                format!(
                    "`{name}` takes {max} argument{}, not {}",
                    if max == 1 { "" } else { "s" },
                    arguments.len()
                ),
            )
            .help("remove the others"),
        Problem::WrongScalar(wanted) => {
            let error = rule::native_type::NATIVE_TYPE_FIELD
                .at(
                    span,
                    format!(
                        "`{name}` is for fields of type `{}`, and `{}` is a `{}`",
                        wanted.name(),
                        field.name.text,
                        scalar.name()
                    ),
                )
                .help(format!(
                    "change the field's type to `{}`, or use a native type of `{}`: {}",
                    wanted.name(),
                    scalar.name(),
                    one_of(for_scalar(*scalar))
                ));
            match field.ast.ty().and_then(FieldType::name) {
                Some(ty) => error.label(ty.span, "the type of the field"),
                None => error,
            }
        }
        Problem::NotANumber { wanted: 2 } => rule::native_type::NATIVE_TYPE_ARGUMENTS
            .at(span, format!("`{name}` takes two integers, precision and scale"))
            .help(format!("for example, write `@{prefix}.{name}(10, 2)`")),
        Problem::NotANumber { .. } => rule::native_type::NATIVE_TYPE_ARGUMENTS
            .at(span, format!("`{name}` takes an integer"))
            .help(format!(
                "for example, write `@{prefix}.{name}({})`",
                if *scalar == ScalarType::DateTime { 3 } else { 255 }
            )),
        Problem::OutOfRange(range) => rule::native_type::NATIVE_TYPE_RANGE
            .at(span, format!("`{name}({})` is out of PostgreSQL's range", arguments.join(", ")))
            .help(range),
    };
    ctx.push(error);
}

fn for_scalar(scalar: ScalarType) -> impl Iterator<Item = &'static str> {
    NAMES.into_iter().filter(move |name| scalar_of(name) == scalar)
}

/// Returns the native type that corresponds to a type name of SQL.
fn sql_name(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "int" | "int4" | "serial" => "Integer",
        "int2" | "smallserial" => "SmallInt",
        "int8" | "bigserial" => "BigInt",
        "bool" => "Boolean",
        "float4" => "Real",
        "float8" | "float" | "double" => "DoublePrecision",
        "numeric" => "Decimal",
        "bpchar" | "character" => "Char",
        "varying" | "string" => "VarChar",
        "datetime" => "Timestamp",
        "bytes" | "blob" => "ByteA",
        _ => return None,
    })
}

/// Reports `Unsupported("…")` with a type that the schema language knows.
pub(super) fn unsupported(field: &FieldDraft<'_>, ctx: &mut Context<'_, '_>) {
    let (DraftType::Unsupported(words), Some(datasource)) = (&field.ty, ctx.datasource()) else {
        return;
    };
    let (name, arguments) = match words.split_once('(') {
        Some((name, rest)) => match rest.split_once(')') {
            Some((arguments, _)) => (name, arguments.split(',').map(str::trim).collect()),
            None => (name, Vec::new()),
        },
        None => (words.as_str(), Vec::new()),
    };
    let Some((_, scalar)) = parse_any(name.trim(), &arguments) else {
        return;
    };
    let mut native = format!("@{}.{}", datasource.datasource.name, name.trim());
    if !arguments.is_empty() {
        native = format!("{native}({})", arguments.join(", "));
    }
    ctx.push(
        rule::native_type::UNSUPPORTED_NEEDLESS
            .at(field.ast.span(), format!("`{words}` is not unsupported: the schema language knows the type"))
            .help(format!("write `{} {} {native}`", field.name.text, scalar.name())),
    );
}
