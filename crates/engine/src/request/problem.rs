//! What is wrong with a request: the error, its code and its `meta`, from which Prisma Client makes its own message.
//!
//! Source: prisma-engines 6.19, `libs/user-facing-errors/src/query_engine/validation.rs`.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::output::Output;
use super::types::{Constraints, InputField, Item, Object, Type};
use crate::error::Error;
use crate::schema::Schema;

/// Where an error is: the path of the selection, and the path of the argument within it.
#[derive(Debug, Clone, Default)]
pub(super) struct Place<'a> {
    pub(super) selection: Vec<Cow<'a, str>>,
    pub(super) argument: Vec<Cow<'a, str>>,
}

/// An error in a request.
///
/// Many are made in vain, because a value may be of several types; so the text and `meta` are only made of those that count.
#[derive(Debug)]
pub(super) struct Problem<'a> {
    pub(super) place: Place<'a>,
    pub(super) kind: Kind<'a>,
}

/// The kinds of errors, by Prisma's names.
#[derive(Debug)]
pub(super) enum Kind<'a> {
    EmptySelection(Output),
    /// The field is at the end of the path of the selection.
    UnknownSelectionField(Output),
    /// The field is at the end of the path of the selection.
    SelectionSetOnScalar,
    /// The argument is at the end of the path. These are the known ones.
    UnknownArgument(Vec<InputField<'a>>),
    /// The field is at the end of the path.
    UnknownInputField(Object),
    RequiredArgumentMissing(Vec<Type>),
    /// The argument at the path is required because of this one beside it.
    RequiredBy(Vec<Type>, Cow<'a, str>),
    InvalidArgumentType(Type, String),
    InvalidArgumentValue(String, Option<String>),
    ValueTooLarge,
    SomeFieldsMissing(Object),
    TooManyFieldsGiven(Object),
    /// The value is of none of several types.
    Union(Vec<Problem<'a>>),
}

impl<'a> Problem<'a> {
    /// Returns the error of a value that is of none of several types.
    pub(super) fn none_of(place: &Place<'a>, mut problems: Vec<Self>) -> Self {
        match problems.len() {
            1 => problems.remove(0),
            _ => Self { place: place.clone(), kind: Kind::Union(problems) },
        }
    }

    /// Returns the error for the answer.
    pub(super) fn into_error(self, schema: &Schema) -> Error {
        let code = match self.kind {
            Kind::RequiredArgumentMissing(_) | Kind::RequiredBy(..) => "P2012",
            _ => "P2009",
        };
        let error = Error::new(code, self.message(schema));
        match self.meta(schema) {
            Value::Object(meta) => {
                meta.into_iter().fold(error, |error, (name, value)| error.with(&name, value))
            }
            _ => error,
        }
    }

    fn message(&self, schema: &Schema) -> String {
        let argument = self.place.argument.join(".");
        let selection = self.place.selection.join(".");
        match &self.kind {
            Kind::EmptySelection(_) => format!("`{selection}` selects no field"),
            Kind::UnknownSelectionField(output) => {
                format!("`{selection}` is not a field of `{}`", output.name(schema))
            }
            Kind::SelectionSetOnScalar => format!("`{selection}` has no fields to select"),
            Kind::UnknownArgument(_) => format!("`{argument}` is not an argument of `{selection}`"),
            Kind::UnknownInputField(object) => {
                format!("`{argument}` is not a field of `{}`", object.name(schema))
            }
            Kind::RequiredArgumentMissing(_) => format!("`{argument}` is required"),
            Kind::RequiredBy(_, by) => format!("`{argument}` is required with `{by}`"),
            Kind::InvalidArgumentType(ty, given) => {
                format!("`{argument}` is of type `{given}`, not `{}`", ty.name(schema))
            }
            Kind::InvalidArgumentValue(wanted, _) => format!("`{argument}` is not a valid {wanted}"),
            Kind::ValueTooLarge => format!("`{argument}` does not fit into 64 bits"),
            Kind::SomeFieldsMissing(_) => format!("`{argument}` has too few fields"),
            Kind::TooManyFieldsGiven(_) => format!("`{argument}` has too many fields"),
            Kind::Union(problems) => {
                problems.iter().map(|problem| problem.message(schema)).collect::<Vec<_>>().join(", or ")
            }
        }
    }

    fn meta(&self, schema: &Schema) -> Value {
        let Place { selection, argument } = &self.place;
        // The argument at the path, with the names of its types.
        let described = |types: &[&str]| json!({ "name": argument.last(), "typeNames": types });
        let (kind, mut meta) = match &self.kind {
            Kind::EmptySelection(output) => {
                ("EmptySelection", json!({ "outputType": output.describe(schema) }))
            }
            Kind::UnknownSelectionField(output) => {
                ("UnknownSelectionField", json!({ "outputType": output.describe(schema) }))
            }
            Kind::SelectionSetOnScalar => ("SelectionSetOnScalar", json!({ "fieldName": selection.last() })),
            Kind::UnknownArgument(known) => {
                let known = known.iter().map(
                    |known| json!({ "name": known.name, "typeNames": type_names(schema, &known.types) }),
                );
                ("UnknownArgument", json!({ "arguments": known.collect::<Vec<_>>() }))
            }
            Kind::UnknownInputField(object) => {
                ("UnknownInputField", json!({ "inputType": describe_object(schema, *object) }))
            }
            Kind::RequiredArgumentMissing(types) => {
                ("RequiredArgumentMissing", json!({ "inputTypes": describe_all(schema, types) }))
            }
            Kind::RequiredBy(types, by) => {
                let mut dependent = argument.clone();
                dependent.pop();
                dependent.push(by.clone());
                let types = describe_all(schema, types);
                let meta = json!({ "inputTypes": types, "dependentArgumentPath": dependent });
                ("RequiredArgumentMissing", meta)
            }
            Kind::InvalidArgumentType(ty, given) => {
                let meta = json!({ "argument": described(&[&ty.name(schema)]), "inferredType": given });
                ("InvalidArgumentType", meta)
            }
            Kind::InvalidArgumentValue(wanted, why) => {
                let mut meta = json!({ "argument": described(&[wanted]) });
                if let Some(why) = why {
                    meta["underlyingError"] = json!(why);
                }
                ("InvalidArgumentValue", meta)
            }
            Kind::ValueTooLarge => ("ValueTooLarge", json!({ "argument": described(&["BigInt"]) })),
            Kind::SomeFieldsMissing(object) => ("SomeFieldsMissing", constraints(schema, *object)),
            Kind::TooManyFieldsGiven(object) => ("TooManyFieldsGiven", constraints(schema, *object)),
            Kind::Union(problems) => {
                let errors: Vec<Value> = problems.iter().map(|problem| problem.meta(schema)).collect();
                return json!({ "kind": "Union", "errors": errors });
            }
        };
        meta["kind"] = kind.into();
        meta["selectionPath"] = json!(selection);
        let is_of_selection = matches!(
            self.kind,
            Kind::EmptySelection(_) | Kind::UnknownSelectionField(_) | Kind::SelectionSetOnScalar
        );
        if !is_of_selection {
            meta["argumentPath"] = json!(argument);
        }
        meta
    }
}

fn type_names(schema: &Schema, types: &[Type]) -> Vec<String> {
    types.iter().map(|ty| ty.name(schema)).collect()
}

fn describe_all(schema: &Schema, types: &[Type]) -> Vec<Value> {
    types.iter().map(|ty| describe(schema, *ty)).collect()
}

fn describe(schema: &Schema, ty: Type) -> Value {
    if ty.list {
        let element = describe(schema, Type { list: false, ..ty });
        return json!({ "kind": "list", "elementType": element });
    }
    match ty.item {
        Item::Null | Item::Scalar(_) => json!({ "kind": "scalar", "name": ty.name(schema) }),
        Item::Enum(_) => json!({ "kind": "enum", "name": ty.name(schema) }),
        Item::Object(object) => describe_object(schema, object),
    }
}

fn describe_object(schema: &Schema, object: Object) -> Value {
    let fields = object.fields(schema).into_iter().map(|field| {
        json!({
            "name": field.name,
            "typeNames": type_names(schema, &field.types),
            "required": field.required,
        })
    });
    json!({ "kind": "object", "name": object.name(schema), "fields": fields.collect::<Vec<_>>() })
}

fn constraints(schema: &Schema, object: Object) -> Value {
    let Constraints { min, max, fields } = object.constraints(schema);
    let mut constraints = json!({});
    if let Some(min) = min {
        constraints["minFieldCount"] = min.into();
    }
    if let Some(max) = max {
        constraints["maxFieldCount"] = max.into();
    }
    if let Some(fields) = fields {
        constraints["requiredFields"] = json!(fields);
    }
    json!({ "inputType": describe_object(schema, object), "constraints": constraints })
}

/// Returns an error that Prisma finds only after it has checked the types.
pub(super) fn input_error(details: String) -> Error {
    Error::new("P2019", details.clone()).with("details", details)
}
