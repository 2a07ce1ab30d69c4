//! Compares arguments with their types: what Prisma refuses is refused here, with the same code and `meta`.
//!
//! Source: prisma-engines 6.19, `query-compiler/core/src/query_document/parser.rs`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use bigdecimal::BigDecimal;
use bigdecimal::num_traits::ToPrimitive as _;
use chrono::{DateTime, Utc};
use nicol_schema::model::ScalarType;

use super::argument::{self, Argument};
use super::problem::{Kind, Place, Problem};
use super::types::{Enum, InputField, Item, Object, Type};
use crate::schema::Schema;

/// A value that is of one of the types that its field may have.
#[derive(Debug, Clone)]
pub(super) enum Input<'a> {
    Null,
    Scalar(Scalar<'a>),
    Enum(Enum, &'a str),
    List(Vec<Input<'a>>),
    Object(Object, Vec<(&'a str, Input<'a>)>),
}

/// A scalar value.
#[derive(Debug, Clone)]
pub(super) enum Scalar<'a> {
    Bool(bool),
    Int(i64),
    BigInt(i64),
    Float(f64),
    Decimal(BigDecimal),
    Text(&'a str),
    DateTime(DateTime<Utc>),
    Bytes(Vec<u8>),
    Json(serde_json::Value),
    /// A JSON document that nobody has read yet.
    JsonText(&'a str),
}

impl<'a> Input<'a> {
    /// Returns the value of a field of an object.
    pub(super) fn get(&self, name: &str) -> Option<&Input<'a>> {
        match self {
            Self::Object(_, entries) => {
                entries.iter().find(|(other, _)| *other == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Returns the fields of an object.
    pub(super) fn entries(&self) -> &[(&'a str, Input<'a>)] {
        match self {
            Self::Object(_, entries) => entries,
            _ => &[],
        }
    }

    /// Returns the items of a list, or the value itself as the only one.
    pub(super) fn items(&self) -> &[Input<'a>] {
        match self {
            Self::List(items) => items,
            item => std::slice::from_ref(item),
        }
    }

    pub(super) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Scalar(Scalar::Int(value)) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Scalar(Scalar::Bool(value)) => Some(*value),
            _ => None,
        }
    }

    /// Returns a text or the value of an enum.
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Scalar(Scalar::Text(text)) => Some(text),
            Self::Enum(_, value) => Some(value),
            _ => None,
        }
    }
}

/// The arguments of a selected field.
#[derive(Debug, Clone, Default)]
pub(super) struct Arguments<'a>(Vec<(&'a str, Input<'a>)>);

impl<'a> Arguments<'a> {
    /// Returns an argument, if it is given.
    pub(super) fn get(&self, name: &str) -> Option<&Input<'a>> {
        self.0.iter().find(|(other, _)| *other == name).map(|(_, input)| input)
    }
}

/// Compares arguments with their types.
pub(super) struct Checker<'a> {
    pub(super) schema: &'a Schema,
    pub(super) place: Place<'a>,
    /// The fields of the objects so far: rows of `createMany` are all of the same type.
    fields: HashMap<Object, Rc<[InputField<'a>]>>,
}

impl<'a> Checker<'a> {
    /// Returns a checker of the arguments of a selected field.
    pub(super) fn new(schema: &'a Schema, selection: String) -> Self {
        let place = Place { selection: vec![selection.into()], argument: Vec::new() };
        Self { schema, place, fields: HashMap::new() }
    }

    fn fields(&mut self, object: Object) -> Rc<[InputField<'a>]> {
        let schema = self.schema;
        Rc::clone(self.fields.entry(object).or_insert_with(|| object.fields(schema).into()))
    }

    /// Checks the arguments of a selected field.
    pub(super) fn arguments(
        &mut self,
        known: &[InputField<'a>],
        given: &[(&'a str, Argument<'a>)],
    ) -> Result<Arguments<'a>, Problem<'a>> {
        if let Some((name, _)) = given.iter().find(|(name, _)| !known.iter().any(|field| field.name == *name))
        {
            return Err(self.below((*name).into(), Kind::UnknownArgument(known.to_vec())));
        }
        let mut inputs = Vec::with_capacity(given.len());
        for field in known {
            let Some((name, argument)) = given.iter().find(|(name, _)| *name == field.name) else {
                if field.required {
                    return Err(self.missing(field));
                }
                continue;
            };
            if let Some(needed) =
                field.requires.filter(|needed| !given.iter().any(|(name, _)| name == needed))
            {
                let types = known.iter().find(|field| field.name == needed).map(|field| field.types.clone());
                let kind = Kind::RequiredBy(types.unwrap_or_default(), field.name.clone());
                return Err(self.below(needed.into(), kind));
            }
            inputs.push((*name, self.field(name, argument, &field.types)?));
        }
        Ok(Arguments(inputs))
    }

    /// Checks the value of a field.
    fn field(
        &mut self,
        name: &'a str,
        argument: &Argument<'a>,
        types: &[Type],
    ) -> Result<Input<'a>, Problem<'a>> {
        self.place.argument.push(name.into());
        let input = self.value(argument, types);
        self.place.argument.pop();
        input
    }

    /// Returns the value as the first type that it is of.
    fn value(&mut self, argument: &Argument<'a>, types: &[Type]) -> Result<Input<'a>, Problem<'a>> {
        let mut problems = Vec::new();
        for ty in types {
            match self.of_type(argument, *ty) {
                Ok(input) => return Ok(input),
                Err(problem) => problems.push(problem),
            }
        }
        Err(Problem::none_of(&self.place, problems))
    }

    fn of_type(&mut self, argument: &Argument<'a>, ty: Type) -> Result<Input<'a>, Problem<'a>> {
        match argument {
            Argument::List(items) if ty.list => {
                let item = [Type { list: false, ..ty }];
                let items = items.iter().map(|argument| self.value(argument, &item));
                return items.collect::<Result<_, _>>().map(Input::List);
            }
            Argument::Null if ty.list => return Err(self.here(Kind::RequiredArgumentMissing(vec![ty]))),
            argument if ty.list => return Err(self.wrong_type(argument, ty)),
            _ => {}
        }
        match (ty.item, argument) {
            (Item::Scalar(ScalarType::Json), argument) if argument.is_plain_json() => {
                Ok(Input::Scalar(Scalar::Json(argument.to_json())))
            }
            (Item::Null, Argument::Null) => Ok(Input::Null),
            (_, Argument::Null) => Err(self.here(Kind::RequiredArgumentMissing(vec![ty]))),
            (Item::Scalar(scalar), argument) => self.scalar(argument, scalar).map(Input::Scalar),
            (Item::Enum(item), Argument::Enum(value) | Argument::Text(value)) => {
                if item.has(self.schema, value) {
                    return Ok(Input::Enum(item, value));
                }
                Err(self.here(Kind::InvalidArgumentValue(item.name(self.schema), None)))
            }
            (Item::Enum(item), Argument::Bool(value)) => {
                let value = if *value { "true" } else { "false" };
                if item.has(self.schema, value) {
                    return Ok(Input::Enum(item, value));
                }
                Err(self.here(Kind::InvalidArgumentValue(item.name(self.schema), None)))
            }
            (Item::Object(object), Argument::Object(entries) | Argument::FieldRef(entries)) => {
                self.object(object, entries)
            }
            (_, argument) => Err(self.wrong_type(argument, ty)),
        }
    }

    fn object(
        &mut self,
        object: Object,
        entries: &[(&'a str, Argument<'a>)],
    ) -> Result<Input<'a>, Problem<'a>> {
        let fields = self.fields(object);
        let is_given = |name: &str| entries.iter().any(|(given, _)| *given == name);
        if let Some(missing) = fields.iter().find(|field| field.required && !is_given(&field.name)) {
            return Err(self.missing(missing));
        }
        let mut inputs = Vec::with_capacity(entries.len());
        for (name, argument) in entries {
            let Some(field) = fields.iter().find(|field| field.name == *name) else {
                return Err(self.below((*name).into(), Kind::UnknownInputField(object)));
            };
            inputs.push((*name, self.field(name, argument, &field.types)?));
        }
        let constraints = object.constraints(self.schema);
        let count = match &constraints.fields {
            Some(fields) => fields.iter().filter(|name| is_given(name)).count(),
            None => inputs.len(),
        };
        if constraints.max.is_some_and(|max| count > max) {
            return Err(self.here(Kind::TooManyFieldsGiven(object)));
        }
        if constraints.min.is_some_and(|min| count < min) {
            return Err(self.here(Kind::SomeFieldsMissing(object)));
        }
        Ok(Input::Object(object, inputs))
    }

    fn scalar(&self, argument: &Argument<'a>, ty: ScalarType) -> Result<Scalar<'a>, Problem<'a>> {
        let wrong_value = |wanted: &str, why: &str| {
            self.here(Kind::InvalidArgumentValue(wanted.to_owned(), Some(why.to_owned())))
        };
        Ok(match (argument, ty) {
            (Argument::Text(text), ScalarType::String) => Scalar::Text(text),
            (Argument::Bool(value), ScalarType::Boolean) => Scalar::Bool(*value),
            (Argument::Json(text), ScalarType::Json) => Scalar::JsonText(text),
            (Argument::Bytes(bytes), ScalarType::Bytes) => Scalar::Bytes(bytes.clone()),
            (Argument::BigInt(value) | Argument::Int(value), ScalarType::BigInt) => Scalar::BigInt(*value),
            (Argument::DateTime(time), ScalarType::DateTime) => Scalar::DateTime(*time),
            (Argument::Text(text), ScalarType::Bytes) => {
                let bytes = argument::bytes(text);
                Scalar::Bytes(bytes.ok_or_else(|| wrong_value("base64 String", "it is not base64"))?)
            }
            (Argument::Text(text), ScalarType::Decimal) => {
                let value = text.parse().ok();
                Scalar::Decimal(value.ok_or_else(|| wrong_value("decimal String", "it is not a number"))?)
            }
            (Argument::Text(text), ScalarType::BigInt) => {
                let value = text.parse().ok();
                Scalar::BigInt(
                    value.ok_or_else(|| wrong_value("big integer String", "it is not a 64-bit integer"))?,
                )
            }
            (Argument::Text(text), ScalarType::DateTime) => {
                let time = argument::date_time(text);
                Scalar::DateTime(
                    time.ok_or_else(|| wrong_value("ISO-8601 DateTime", "it is not a time with an offset"))?,
                )
            }
            (Argument::Int(value), ScalarType::Int) => Scalar::Int(*value),
            #[allow(clippy::cast_precision_loss, reason = "as JavaScript converts")]
            (Argument::Int(value), ScalarType::Float) => Scalar::Float(*value as f64),
            (Argument::Int(value), ScalarType::Decimal) => Scalar::Decimal((*value).into()),
            (Argument::Float(value), ScalarType::Float) => Scalar::Float(*value),
            (Argument::Float(value), ScalarType::Decimal) => Scalar::Decimal(decimal(*value)),
            (Argument::Float(value), ScalarType::Int) => {
                Scalar::Int(decimal(*value).to_i64().ok_or_else(|| self.here(Kind::ValueTooLarge))?)
            }
            (Argument::Decimal(value), ScalarType::Decimal) => Scalar::Decimal(value.clone()),
            (Argument::Decimal(value), ScalarType::Float) => {
                Scalar::Float(value.to_f64().unwrap_or(f64::NAN))
            }
            (Argument::Decimal(value), ScalarType::Int) => {
                Scalar::Int(value.to_i64().ok_or_else(|| self.here(Kind::ValueTooLarge))?)
            }
            _ => return Err(self.wrong_type(argument, Type::scalar(ty))),
        })
    }

    fn here(&self, kind: Kind<'a>) -> Problem<'a> {
        Problem { place: self.place.clone(), kind }
    }

    fn below(&self, name: Cow<'a, str>, kind: Kind<'a>) -> Problem<'a> {
        let mut place = self.place.clone();
        place.argument.push(name);
        Problem { place, kind }
    }

    fn missing(&self, field: &InputField<'a>) -> Problem<'a> {
        self.below(field.name.clone(), Kind::RequiredArgumentMissing(field.types.clone()))
    }

    fn wrong_type(&self, argument: &Argument<'_>, ty: Type) -> Problem<'a> {
        self.here(Kind::InvalidArgumentType(ty, argument.type_name()))
    }
}

/// Returns the decimal number that a JSON number is written as.
fn decimal(value: f64) -> BigDecimal {
    value.to_string().parse().unwrap_or_default()
}
