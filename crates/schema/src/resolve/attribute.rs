//! Attributes and their arguments, consumed one by one; what is left over is reported.

use crate::ast::{Argument, Arguments, Attribute, Expression, Name};
use crate::diagnostic::Diagnostic;
use crate::native_type;
use crate::rule;
use crate::span::Span;
use crate::suggest::{closest, one_of};

/// The attributes of a field or block.
pub(crate) struct AttributeSet<'a> {
    /// Each attribute, and whether it has been consumed.
    attributes: Vec<(Attribute<'a>, bool)>,
}

impl<'a> AttributeSet<'a> {
    pub(crate) fn new(attributes: impl Iterator<Item = Attribute<'a>>) -> AttributeSet<'a> {
        AttributeSet { attributes: attributes.map(|attribute| (attribute, false)).collect() }
    }

    /// Consumes the attribute with this name, which may occur once.
    pub(crate) fn single(&mut self, name: &str, found: &mut Vec<Diagnostic>) -> Option<Visit<'a>> {
        let taken = self.take(name);
        match taken.as_slice() {
            [] => None,
            [attribute] => Visit::new(*attribute, found),
            all => {
                for attribute in all {
                    found.push(duplicate(*attribute, all[0]));
                }
                None
            }
        }
    }

    /// Consumes the attributes with this name, which may occur several times.
    pub(crate) fn repeated(&mut self, name: &str, found: &mut Vec<Diagnostic>) -> Vec<Visit<'a>> {
        self.take(name).into_iter().filter_map(|attribute| Visit::new(attribute, found)).collect()
    }

    /// Consumes the attribute with a dot in its name: a native type.
    pub(crate) fn native_type(&mut self, found: &mut Vec<Diagnostic>) -> Option<Attribute<'a>> {
        let mut last = None;
        for (attribute, taken) in &mut self.attributes {
            if attribute.name().is_some_and(|name| name.text.contains('.')) {
                *taken = true;
                if let Some(earlier) = last.replace(*attribute) {
                    found.push(duplicate(*attribute, earlier));
                }
            }
        }
        last
    }

    /// Reports the attributes that were not consumed.
    pub(crate) fn finish(self, known: &[&str], found: &mut Vec<Diagnostic>) {
        for (attribute, taken) in self.attributes {
            if taken {
                continue;
            }
            found.push(unknown(attribute, known));
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

fn unknown(attribute: Attribute<'_>, known: &[&str]) -> Diagnostic {
    let sign = sign(attribute);
    let name = attribute.name().map_or("", |name| name.text);
    let error = rule::attribute::ATTRIBUTE_UNKNOWN
        .at(attribute.span(), format!("there is no attribute `{sign}{name}` here"));
    if let Some(near) = closest(name, known.iter().copied()) {
        return error.help(format!("did you mean `{sign}{near}`?"));
    }
    let possible = || {
        let known: Vec<String> = known.iter().map(|name| format!("{sign}{name}")).collect();
        format!("allowed here: {}", one_of(known.iter().map(String::as_str)))
    };
    let near_native =
        closest(name, native_type::NAMES).or(native_type::NAMES.into_iter().find(|own| *own == name));
    error.help(match (sign, name, near_native) {
        ("@", "index" | "fulltext" | "schema", _) => {
            format!("write it on its own line in the block: `@@{name}(…)`")
        }
        ("@", "id" | "unique" | "relation" | "ignore", _) => possible(),
        ("@@", "default" | "updatedAt" | "relation", _) => format!("write it after a field: `@{name}`"),
        ("@", _, _) if name.contains('.') => {
            "only a field of a scalar type can have a native type".to_owned()
        }
        ("@", _, Some(native)) => {
            format!("a native type starts with the name of the datasource: `@db.{native}`")
        }
        _ => possible(),
    })
}

fn sign(attribute: Attribute<'_>) -> &'static str {
    if attribute.is_of_block() { "@@" } else { "@" }
}

fn duplicate(attribute: Attribute<'_>, earlier: Attribute<'_>) -> Diagnostic {
    let name = |attribute: Attribute<'_>| attribute.name().map_or("", |name| name.text).to_owned();
    let message = if name(attribute).contains('.') {
        "a field can have only one native type".to_owned()
    } else {
        format!("`{}{}` is given more than once", sign(attribute), name(attribute))
    };
    let error = rule::attribute::ATTRIBUTE_TWICE.at(attribute.span(), message).help("keep one of them");
    if attribute.span() == earlier.span() { error } else { error.label(earlier.span(), "the first one") }
}

/// An attribute whose arguments are being consumed.
pub(crate) struct Visit<'a> {
    pub(crate) attribute: Attribute<'a>,
    arguments: Vec<Argument<'a>>,
    /// The names of the arguments asked for so far, which are the ones the attribute can have.
    known: Vec<&'static str>,
}

impl<'a> Visit<'a> {
    /// Returns `None` if an argument has no value, because further checks would be pointless.
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
        let mut visit = Visit { attribute, arguments: Vec::new(), known: Vec::new() };
        let mut unnamed = Vec::new();
        for argument in all.iter() {
            let name = argument.name().map(|name| name.text);
            match name {
                None => unnamed.extend(argument.value().map(Expression::source)),
                Some(name) => {
                    if let Some(earlier) = visit.argument(Some(name)) {
                        found.push(
                            rule::attribute::ARGUMENT_TWICE
                                .at(argument.span(), format!("the argument `{name}` is given twice"))
                                .label(earlier.span(), "the first one")
                                .help("keep one of them"),
                        );
                    }
                }
            }
            // The last of several applies.
            visit.arguments.push(argument);
        }
        if unnamed.len() > 1 {
            found.push(
                rule::attribute::ARGUMENT_WITHOUT_NAME
                    .at(attribute.span(), format!("only one argument of `{}` can be unnamed", visit.title()))
                    .help(format!("to pass a list, use brackets: `[{}]`", unnamed.join(", "))),
            );
        }
        Some(visit)
    }

    pub(crate) fn span(&self) -> Span {
        self.attribute.span()
    }

    /// Returns the attribute's name, including its `@` or `@@`.
    pub(crate) fn title(&self) -> String {
        format!("{}{}", sign(self.attribute), self.attribute.name().map_or("", |name| name.text))
    }

    /// Consumes the argument with this name, or the unnamed one, and reports it if both are missing.
    pub(crate) fn required(
        &mut self,
        name: &'static str,
        found: &mut Vec<Diagnostic>,
    ) -> Option<Expression<'a>> {
        self.known.push(name);
        let named = self.argument(Some(name));
        let unnamed = self.argument(None);
        let problem = match (named, unnamed) {
            (Some(argument), None) | (None, Some(argument)) => return argument.value(),
            (Some(argument), Some(unnamed)) => rule::attribute::ARGUMENT_TWICE
                .at(argument.span(), format!("`{name}` is given twice, once without its name"))
                .label(unnamed.span(), format!("this is also `{name}`"))
                .help("keep one of them"),
            (None, None) => {
                let title = self.title();
                rule::attribute::ARGUMENT_MISSING
                    .at(self.span(), format!("`{title}` is missing its argument `{name}`"))
                    .help(match name {
                        "fields" => format!("list the fields in brackets: `{title}([…])`"),
                        "value" => format!("add the value in parentheses: `{title}(…)`"),
                        _ => format!("add the name in parentheses and quotes: `{title}(\"…\")`"),
                    })
            }
        };
        found.push(problem);
        None
    }

    /// Consumes the argument with this name, or the unnamed one; both may be missing.
    pub(crate) fn named_or_unnamed(&mut self, name: &'static str) -> Option<Expression<'a>> {
        // As in Prisma, giving both is not an error here, and neither applies.
        self.required(name, &mut Vec::new())
    }

    /// Consumes the argument with this name.
    pub(crate) fn optional(&mut self, name: &'static str) -> Option<Expression<'a>> {
        self.known.push(name);
        self.argument(Some(name))?.value()
    }

    /// Consumes `map:` or another name, which must not be empty.
    pub(crate) fn name(&mut self, argument: &'static str, found: &mut Vec<Diagnostic>) -> Option<String> {
        let name = string(self.optional(argument)?, found)?;
        if name.is_empty() {
            found.push(
                rule::attribute::ARGUMENT_EMPTY
                    .at(self.span(), format!("the argument `{argument}` is empty"))
                    .help("set a name, or remove the argument to use the automatic one"),
            );
            return None;
        }
        Some(name)
    }

    /// Reports the arguments that were not consumed.
    pub(crate) fn finish(self, found: &mut Vec<Diagnostic>) {
        let title = self.title();
        for (index, argument) in self.arguments.iter().enumerate() {
            let own = argument.name().map(|name| name.text);
            let is_shadowed =
                self.arguments[index + 1..].iter().any(|later| later.name().map(|name| name.text) == own);
            if is_shadowed {
                continue;
            }
            let message = match own {
                _ if self.known.is_empty() => format!("`{title}` takes no arguments here"),
                Some(own) => format!("`{title}` has no argument `{own}`"),
                None => format!("`{title}` has no unnamed argument"),
            };
            let near = own.and_then(|own| closest(own, self.known.iter().copied()));
            found.push(rule::attribute::ARGUMENT_UNKNOWN.at(argument.span(), message).help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None if self.known.is_empty() => format!("write just `{title}`"),
                None => {
                    // Suggesting arguments for other databases would lead from one error to the next.
                    let known = self.known.iter().copied();
                    format!(
                        "it accepts {}",
                        one_of(known.filter(|name| !matches!(*name, "length" | "clustered")))
                    )
                }
            }));
        }
    }

    /// Consumes all arguments with this name and returns the last.
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

/// Checks that each argument has a value, and reports a trailing comma, which is otherwise harmless.
fn check_form(arguments: Arguments<'_>, found: &mut Vec<Diagnostic>) -> bool {
    let mut is_usable = true;
    let report = |argument: Argument<'_>, found: &mut Vec<Diagnostic>| {
        if let (None, Some(name)) = (argument.value(), argument.name()) {
            found.push(
                rule::attribute::ARGUMENT_WITHOUT_VALUE
                    .at(name.span, format!("the argument `{}` has no value", name.text))
                    .help("add a value after the colon, or remove the argument"),
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
            rule::attribute::ARGUMENT_TRAILING_COMMA
                .at(span, "a comma follows the last argument")
                .help("remove it"),
        );
    }
    is_usable
}

/// Returns the value as a string.
pub(crate) fn string(value: Expression<'_>, found: &mut Vec<Diagnostic>) -> Option<String> {
    match value {
        Expression::String(string) => Some(string.value()),
        _ => mismatch(value, "a string", found),
    }
}

/// Returns the value as a bare word.
pub(crate) fn constant<'a>(value: Expression<'a>, found: &mut Vec<Diagnostic>) -> Option<&'a str> {
    word(value, found).map(|name| name.text)
}

/// Returns the value as a bare word, with its span.
pub(crate) fn word<'a>(value: Expression<'a>, found: &mut Vec<Diagnostic>) -> Option<Name<'a>> {
    match value {
        Expression::Constant(name) => Some(name),
        _ => mismatch(value, "a bare word", found),
    }
}

/// Returns the value as an integer.
pub(crate) fn integer(value: Expression<'_>, found: &mut Vec<Diagnostic>) -> Option<i64> {
    match value {
        Expression::Number(number) => {
            number.text.parse().ok().or_else(|| mismatch(value, "an integer", found))
        }
        _ => mismatch(value, "an integer", found),
    }
}

/// Returns the value as a boolean.
pub(crate) fn boolean(value: Expression<'_>, found: &mut Vec<Diagnostic>) -> Option<bool> {
    match value {
        Expression::Constant(name) if name.text == "true" => Some(true),
        Expression::Constant(name) if name.text == "false" => Some(false),
        _ => mismatch(value, "`true` or `false`", found),
    }
}

/// Returns the elements of a list; a single value counts as a list of one.
pub(crate) fn list<'a, T>(
    value: Expression<'a>,
    found: &mut Vec<Diagnostic>,
    mut each: impl FnMut(Expression<'a>, &mut Vec<Diagnostic>) -> Option<T>,
) -> Option<Vec<T>> {
    match value {
        Expression::Array(array) => {
            // All elements are checked, so that all errors are reported.
            let values: Vec<Option<T>> = array.iter().map(|value| each(value, found)).collect();
            values.into_iter().collect()
        }
        _ => each(value, found).map(|value| vec![value]),
    }
}

pub(crate) fn mismatch<T>(value: Expression<'_>, wanted: &str, found: &mut Vec<Diagnostic>) -> Option<T> {
    found.push(
        rule::attribute::VALUE_KIND
            .at(value.span(), format!("expected {wanted}, found {}", value.kind_name()))
            .help(match (wanted, value) {
                ("a string", Expression::Constant(_) | Expression::Number(_)) => {
                    format!("write it in quotes: `\"{}\"`", value.source())
                }
                ("a bare word" | "the name of a field" | "`true` or `false`", Expression::String(string))
                    if string.value().chars().all(|c| c == '_' || c.is_ascii_alphanumeric()) =>
                {
                    format!("write it without quotes: `{}`", string.value())
                }
                _ => format!("write {wanted} here"),
            }),
    );
    None
}
