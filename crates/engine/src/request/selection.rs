//! The selected fields of an answer, with their arguments.

use std::borrow::Cow;

use super::argument::Argument;
use super::check::{Arguments, Checker};
use super::output::{Output, OutputField, Selectable};
use super::problem::{Kind, Problem};
use crate::error::Error;
use crate::json::Json;
use crate::schema::Schema;

/// A selected field.
#[derive(Debug)]
pub(super) struct Selected<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) what: Selectable,
    pub(super) arguments: Arguments<'a>,
    /// The selected fields of an object.
    pub(super) fields: Vec<Selected<'a>>,
}

/// A selection whose values are read but not yet checked.
struct Requested<'a> {
    name: &'a str,
    arguments: Vec<(&'a str, Argument<'a>)>,
    selection: Option<Selection<'a>>,
}

/// The fields of an object that are requested.
pub(super) struct Selection<'a> {
    /// Whether all scalar fields are requested.
    scalars: bool,
    fields: Vec<Requested<'a>>,
    /// The fields that are left out.
    omitted: Vec<&'a str>,
}

impl<'a> Selection<'a> {
    /// Reads a selection: `{"$scalars": true, "posts": {"arguments": {…}, "selection": {…}}}`.
    ///
    /// # Errors
    /// It is not a selection, or a tagged value is not of its type. Prisma has no code for this.
    pub(super) fn read(json: &'a Json) -> Result<Self, Error> {
        let Json::Object(entries) = json else { return Err(malformed()) };
        let mut selection = Self { scalars: false, fields: Vec::new(), omitted: Vec::new() };
        for (name, value) in entries {
            match (name.as_str(), value) {
                ("$scalars", Json::Bool(value)) => selection.scalars = *value,
                ("$composites", Json::Bool(_)) => {}
                (name, Json::Bool(true)) => {
                    selection.fields.push(Requested { name, arguments: Vec::new(), selection: None });
                }
                (name, Json::Bool(false)) => selection.omitted.push(name),
                (name, nested) => {
                    let arguments = read_arguments(nested.get("arguments"))?;
                    let nested = Self::read(nested.get("selection").ok_or_else(malformed)?)?;
                    selection.fields.push(Requested { name, arguments, selection: Some(nested) });
                }
            }
        }
        Ok(selection)
    }
}

/// Reads the arguments of an action or of a selected field.
///
/// # Errors
/// A tagged value is not of its type. Prisma has no code for this.
pub(super) fn read_arguments(json: Option<&Json>) -> Result<Vec<(&str, Argument<'_>)>, Error> {
    match json {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(json) => match Argument::read(json)? {
            Argument::Object(arguments) => Ok(arguments),
            _ => Err(malformed()),
        },
    }
}

fn malformed() -> Error {
    Error::without_code("the request is not in Prisma's JSON protocol")
}

/// Checks a selection of the fields of an object.
pub(super) fn check<'a>(
    checker: &mut Checker<'a>,
    output: Output,
    selection: &Selection<'a>,
) -> Result<Vec<Selected<'a>>, Problem<'a>> {
    let schema = checker.schema;
    let known = output.fields(schema);
    let mut selected = Vec::new();
    if selection.scalars {
        let is_omitted = |name: &str| selection.omitted.contains(&name);
        selected.extend(scalars(&known).filter(|field| !is_omitted(&field.name)));
    }
    if selected.is_empty() && selection.fields.is_empty() {
        return Err(Problem { place: checker.place.clone(), kind: Kind::EmptySelection(output) });
    }
    let unknown = |checker: &Checker<'a>, name: &'a str| {
        let mut place = checker.place.clone();
        place.selection.push(name.into());
        Problem { place, kind: Kind::UnknownSelectionField(output) }
    };
    let is_known = |name: &str| known.iter().any(|field| field.name == name);
    if let Some(name) = selection.omitted.iter().find(|name| !is_known(name)) {
        return Err(unknown(checker, name));
    }
    for requested in &selection.fields {
        let Some(field) = known.iter().find(|field| field.name == requested.name) else {
            return Err(unknown(checker, requested.name));
        };
        let field = check_field(checker, schema, field, requested)?;
        if !selected.iter().any(|selected: &Selected<'_>| selected.name == requested.name) {
            selected.push(field);
        }
    }
    Ok(selected)
}

fn check_field<'a>(
    checker: &mut Checker<'a>,
    schema: &'a Schema,
    field: &OutputField<'a>,
    requested: &Requested<'a>,
) -> Result<Selected<'a>, Problem<'a>> {
    checker.place.selection.push(requested.name.into());
    let arguments = checker.arguments(&field.arguments, &requested.arguments)?;
    let fields = match (field.object(), &requested.selection) {
        (Some(output), Some(selection)) => check(checker, output, selection)?,
        // An object without a selection: all its scalar fields.
        (Some(output), None) => scalars(&output.fields(schema)).collect(),
        // Prisma does not mind a selection of an enum.
        (None, Some(selection))
            if field.is_scalar() && (selection.scalars || !selection.fields.is_empty()) =>
        {
            return Err(Problem { place: checker.place.clone(), kind: Kind::SelectionSetOnScalar });
        }
        (None, _) => Vec::new(),
    };
    checker.place.selection.pop();
    Ok(Selected { name: requested.name.into(), what: field.what, arguments, fields })
}

fn scalars<'a>(known: &[OutputField<'a>]) -> impl Iterator<Item = Selected<'a>> {
    known.iter().filter(|field| field.object().is_none()).map(|field| Selected {
        name: field.name.clone(),
        what: field.what,
        arguments: Arguments::default(),
        fields: Vec::new(),
    })
}
