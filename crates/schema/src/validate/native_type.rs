//! `@db.…`: does the type exist, and does it fit.

use super::Context;
use crate::ast::{Argument, Expression};
use crate::diagnostic::{Code, Diagnostic};
use crate::draft::{DraftType, FieldDraft};
use crate::native_type::{NAMES, Problem, parse, parse_any};
use crate::suggest::closest;

pub(super) fn check(field: &FieldDraft<'_>, ctx: &mut Context<'_, '_>) {
    let (Some(attribute), DraftType::Scalar(scalar)) = (field.native_type, &field.ty) else {
        return;
    };
    let span = attribute.span();
    let Some((prefix, name)) = attribute.name().and_then(|name| name.text.split_once('.')) else {
        return;
    };
    let datasource = ctx.datasource().map(|draft| draft.datasource.name.as_str());
    if let Some(datasource) = datasource.filter(|datasource| *datasource != prefix) {
        ctx.push(
            Diagnostic::error(Code::NativeType, span, format!("there is no datasource `{prefix}`"))
                .help(format!("write `@{datasource}.{name}`")),
        );
    }
    let arguments: Vec<&str> =
        attribute.arguments().iter().filter_map(Argument::value).map(Expression::source).collect();
    let Err(problem) = parse(name, &arguments, *scalar) else {
        return;
    };
    let error = |message: String| Diagnostic::error(Code::NativeType, span, message);
    let error = match problem {
        Problem::Unknown => {
            let error = error(format!("PostgreSQL has no type `{name}` here"));
            match closest(name, NAMES) {
                Some(near) => error.help(format!("did you mean `@{prefix}.{near}`?")),
                None => error.help("another type of the database is written `Unsupported(\"…\")`"),
            }
        }
        Problem::TooManyArguments(0) => {
            error(format!("`{name}` takes no argument")).help(format!("write `@{prefix}.{name}`"))
        }
        Problem::TooManyArguments(max) => error(format!(
            "`{name}` takes {max} argument{}, not {}",
            if max == 1 { "" } else { "s" },
            arguments.len()
        ))
        .help("remove the others"),
        Problem::WrongScalar(wanted) => error(format!(
            "`{name}` is for fields of type `{}`, this one is `{}`",
            wanted.name(),
            scalar.name()
        ))
        .help(format!("make the field a `{}`, or choose another native type", wanted.name())),
        Problem::NotANumber { wanted: 2 } => {
            error(format!("`{name}` takes two whole numbers, precision and scale"))
                .help(format!("write for example `@{prefix}.{name}(10, 2)`"))
        }
        Problem::NotANumber { .. } => error(format!("`{name}` takes a whole number"))
            .help(format!("write for example `@{prefix}.{name}(3)`")),
        Problem::OutOfRange(range) => error(format!("the argument of `{name}` is out of range")).help(range),
    };
    ctx.push(error);
}

/// `Unsupported("…")` is for types that the language does not know.
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
        Diagnostic::error(
            Code::NativeType,
            field.ast.span(),
            format!("`{words}` is a type that need not be marked as unsupported"),
        )
        .help(format!("write `{} {} {native}`", field.name.text, scalar.name())),
    );
}
