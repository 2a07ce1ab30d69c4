//! Attributes and their arguments, taken one by one: what nobody takes is reported.

use crate::ast::{Argument, Arguments, Attribute, Expression};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::suggest::closest;

/// The attributes of one field or block.
pub(crate) struct AttributeSet<'a> {
    /// With whether somebody has taken it.
    attributes: Vec<(Attribute<'a>, bool)>,
}

impl<'a> AttributeSet<'a> {
    pub(crate) fn new(attributes: impl Iterator<Item = Attribute<'a>>) -> AttributeSet<'a> {
        AttributeSet { attributes: attributes.map(|attribute| (attribute, false)).collect() }
    }

    /// The attribute of this name, which may be there once.
    pub(crate) fn single(&mut self, name: &str, found: &mut Vec<Diagnostic>) -> Option<Visit<'a>> {
        let taken = self.take(name);
        match taken.as_slice() {
            [] => None,
            [attribute] => Visit::new(*attribute, found),
            all => {
                for attribute in all {
                    found.push(duplicate(*attribute));
                }
                None
            }
        }
    }

    /// The attributes of this name, which may be there more than once.
    pub(crate) fn repeated(&mut self, name: &str, found: &mut Vec<Diagnostic>) -> Vec<Visit<'a>> {
        self.take(name).into_iter().filter_map(|attribute| Visit::new(attribute, found)).collect()
    }

    /// The attribute with a dot in its name: a type of the database.
    pub(crate) fn native_type(&mut self, found: &mut Vec<Diagnostic>) -> Option<Attribute<'a>> {
        let mut last = None;
        for (attribute, taken) in &mut self.attributes {
            if attribute.name().is_some_and(|name| name.text.contains('.')) {
                *taken = true;
                if last.replace(*attribute).is_some() {
                    found.push(duplicate(*attribute));
                }
            }
        }
        last
    }

    /// Reports what nobody took.
    pub(crate) fn finish(self, known: &[&str], found: &mut Vec<Diagnostic>) {
        for (attribute, taken) in self.attributes {
            if taken {
                continue;
            }
            let sign = sign(attribute);
            let name = attribute.name().map_or("", |name| name.text);
            let error = Diagnostic::error(
                Code::UnknownAttribute,
                attribute.span(),
                format!("there is no attribute `{sign}{name}` here"),
            );
            found.push(match closest(name, known.iter().copied()) {
                Some(near) => error.help(format!("did you mean `{sign}{near}`?")),
                None => error.help(format!(
                    "possible here: {}",
                    known.iter().map(|name| format!("`{sign}{name}`")).collect::<Vec<_>>().join(", ")
                )),
            });
        }
    }

    fn take(&mut self, name: &str) -> Vec<Attribute<'a>> {
        let mut all = Vec::new();
        for (attribute, taken) in &mut self.attributes {
            if attribute.name().is_some_and(|own| own.text == name) {
                *taken = true;
                all.push(*attribute);
            }
        }
        all
    }
}

fn sign(attribute: Attribute<'_>) -> &'static str {
    if attribute.is_of_block() { "@@" } else { "@" }
}

fn duplicate(attribute: Attribute<'_>) -> Diagnostic {
    let name = attribute.name().map_or("", |name| name.text);
    Diagnostic::error(
        Code::DuplicateAttribute,
        attribute.span(),
        format!("`{}{name}` is there more than once", sign(attribute)),
    )
    .help("keep one of them")
}

/// One attribute whose arguments are being taken.
pub(crate) struct Visit<'a> {
    pub(crate) attribute: Attribute<'a>,
    arguments: Vec<Argument<'a>>,
}

impl<'a> Visit<'a> {
    /// None if an argument lacks its value: there is no use in looking closer.
    fn new(attribute: Attribute<'a>, found: &mut Vec<Diagnostic>) -> Option<Visit<'a>> {
        let all = attribute.arguments();
        let mut is_usable = check_form(all, found);
        for argument in all.iter() {
            if let Some(Expression::Call(call)) = argument.value() {
                is_usable &= check_form(call.arguments(), found);
            }
        }
        if !is_usable {
            return None;
        }
        let mut visit = Visit { attribute, arguments: Vec::new() };
        let mut unnamed = Vec::new();
        for argument in all.iter() {
            let name = argument.name().map(|name| name.text);
            match name {
                None => unnamed.extend(argument.value().map(Expression::source)),
                Some(name) => {
                    if visit.argument(Some(name)).is_some() {
                        found.push(
                            Diagnostic::error(
                                Code::Argument,
                                argument.span(),
                                format!("the argument `{name}` is there twice"),
                            )
                            .help("keep one of them"),
                        );
                    }
                }
            }
            // Of several the last one counts.
            visit.arguments.push(argument);
        }
        if unnamed.len() > 1 {
            found.push(
                Diagnostic::error(
                    Code::Argument,
                    attribute.span(),
                    "only one argument can go without a name",
                )
                .help(format!("for a list write `[{}]`", unnamed.join(", "))),
            );
        }
        Some(visit)
    }

    pub(crate) fn span(&self) -> Span {
        self.attribute.span()
    }

    /// The argument of this name, or the one without a name; it has to be there.
    pub(crate) fn required(&mut self, name: &str, found: &mut Vec<Diagnostic>) -> Option<Expression<'a>> {
        let named = self.argument(Some(name));
        let unnamed = self.argument(None);
        let problem = match (named, unnamed) {
            (Some(argument), None) | (None, Some(argument)) => return argument.value(),
            (Some(argument), Some(_)) => Diagnostic::error(
                Code::Argument,
                argument.span(),
                format!("`{name}` is there twice, once without its name"),
            )
            .help("keep one of them"),
            (None, None) => {
                Diagnostic::error(Code::Argument, self.span(), format!("the argument `{name}` is missing"))
                    .help("write it in parentheses after the attribute")
            }
        };
        found.push(problem);
        None
    }

    /// The argument of this name, or the one without a name; neither has to be there.
    pub(crate) fn named_or_unnamed(&mut self, name: &str) -> Option<Expression<'a>> {
        // As in Prisma, having both is no mistake here, and then none counts.
        self.required(name, &mut Vec::new())
    }

    /// The argument of this name.
    pub(crate) fn optional(&mut self, name: &str) -> Option<Expression<'a>> {
        self.argument(Some(name))?.value()
    }

    /// `map:` or another name of the database or the client, which cannot be empty.
    pub(crate) fn name(&mut self, argument: &str, found: &mut Vec<Diagnostic>) -> Option<String> {
        let name = string(self.optional(argument)?, found)?;
        if name.is_empty() {
            found.push(
                Diagnostic::error(Code::Argument, self.span(), format!("the argument `{argument}` is empty"))
                    .help("write a name, or leave the argument out"),
            );
            return None;
        }
        Some(name)
    }

    /// Reports the arguments that nobody took.
    pub(crate) fn finish(self, found: &mut Vec<Diagnostic>) {
        let name = self.attribute.name().map_or("", |name| name.text);
        let sign = sign(self.attribute);
        for (index, argument) in self.arguments.iter().enumerate() {
            let own = argument.name().map(|name| name.text);
            let is_shadowed =
                self.arguments[index + 1..].iter().any(|later| later.name().map(|name| name.text) == own);
            if is_shadowed {
                continue;
            }
            let message = match own {
                Some(own) => format!("`{sign}{name}` has no argument `{own}`"),
                None => format!("`{sign}{name}` has no argument that goes without a name"),
            };
            found.push(
                Diagnostic::error(Code::Argument, argument.span(), message)
                    .help("remove it, or check its spelling"),
            );
        }
    }

    /// Takes all arguments of this name; gives the last.
    fn argument(&mut self, name: Option<&str>) -> Option<Argument<'a>> {
        let mut last = None;
        self.arguments.retain(|argument| {
            let is_it = argument.name().map(|name| name.text) == name;
            if is_it {
                last = Some(*argument);
            }
            !is_it
        });
        last
    }
}

/// Is there a value for each argument; and no comma at the end, which is reported but does no harm.
fn check_form(arguments: Arguments<'_>, found: &mut Vec<Diagnostic>) -> bool {
    let mut is_usable = true;
    let report = |argument: Argument<'_>, found: &mut Vec<Diagnostic>| {
        if let (None, Some(name)) = (argument.value(), argument.name()) {
            found.push(
                Diagnostic::error(
                    Code::Argument,
                    name.span,
                    format!("the argument `{}` has no value", name.text),
                )
                .help("write the value after the colon, or remove the argument"),
            );
            return true;
        }
        false
    };
    for argument in arguments.iter() {
        is_usable &= !report(argument, found);
        if let Some(Expression::Array(array)) = argument.value() {
            for value in array.iter() {
                if let Expression::Call(call) = value {
                    for inner in call.arguments().iter() {
                        report(inner, found);
                    }
                }
            }
        }
    }
    if let Some(span) = arguments.trailing_comma() {
        found.push(
            Diagnostic::error(Code::Argument, span, "a comma after the last argument")
                .help("remove the comma"),
        );
    }
    is_usable
}

/// The string that a value is.
pub(crate) fn string(value: Expression<'_>, found: &mut Vec<Diagnostic>) -> Option<String> {
    match value {
        Expression::String(string) => Some(string.value()),
        _ => mismatch(value, "a string", found),
    }
}

/// The bare word that a value is.
pub(crate) fn constant<'a>(value: Expression<'a>, found: &mut Vec<Diagnostic>) -> Option<&'a str> {
    match value {
        Expression::Constant(name) => Some(name.text),
        _ => mismatch(value, "a bare word", found),
    }
}

/// The whole number that a value is.
pub(crate) fn integer(value: Expression<'_>, found: &mut Vec<Diagnostic>) -> Option<i64> {
    match value {
        Expression::Number(number) => {
            number.text.parse().ok().or_else(|| mismatch(value, "a whole number", found))
        }
        _ => mismatch(value, "a whole number", found),
    }
}

/// `true` or `false`.
pub(crate) fn boolean(value: Expression<'_>, found: &mut Vec<Diagnostic>) -> Option<bool> {
    match value {
        Expression::Constant(name) if name.text == "true" => Some(true),
        Expression::Constant(name) if name.text == "false" => Some(false),
        _ => mismatch(value, "`true` or `false`", found),
    }
}

/// The values of a list; a single value counts as a list of one.
pub(crate) fn list<'a, T>(
    value: Expression<'a>,
    found: &mut Vec<Diagnostic>,
    mut each: impl FnMut(Expression<'a>, &mut Vec<Diagnostic>) -> Option<T>,
) -> Option<Vec<T>> {
    match value {
        Expression::Array(array) => {
            // All are looked at, so that all mistakes are reported.
            let values: Vec<Option<T>> = array.iter().map(|value| each(value, found)).collect();
            values.into_iter().collect()
        }
        _ => each(value, found).map(|value| vec![value]),
    }
}

pub(crate) fn mismatch<T>(value: Expression<'_>, wanted: &str, found: &mut Vec<Diagnostic>) -> Option<T> {
    found.push(
        Diagnostic::error(
            Code::ValueKind,
            value.span(),
            format!("expected {wanted}, found {}", value.kind_name()),
        )
        .help(match (wanted, value) {
            ("a string", Expression::Constant(name)) => format!("write `\"{}\"`", name.text),
            _ => format!("write {wanted} here"),
        }),
    );
    None
}
