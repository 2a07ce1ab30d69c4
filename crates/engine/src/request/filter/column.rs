//! Conditions on columns, and on aggregates of columns.

use nicol::__private::query::{CompareOp, Condition, Function, ListOp, Operand, Subject, TextMode, TextOp};
use nicol::Value;
use nicol_schema::model::{Arity, FieldId, ScalarType};

use super::super::check::Input;
use super::super::model::{Kind, column_named, kind_of};
use super::super::problem::input_error;
use super::super::types::Object;
use super::super::{function, value};
use super::{Scope, joined};
use crate::error::Error;

/// What a condition is on: a column, or an aggregate of it.
#[derive(Clone)]
pub(super) struct ColumnScope<'s> {
    pub(super) scope: Scope<'s>,
    pub(super) field: FieldId,
    pub(super) column: u16,
    pub(super) subject: Subject,
    pub(super) mode: TextMode,
}

impl ColumnScope<'_> {
    pub(super) fn condition(&self, input: &Input<'_>) -> Result<Option<Condition>, Error> {
        let Input::Object(object, entries) = input else { return Ok(Some(self.equal(input, false)?)) };
        if let Object::Filter(filter) = object
            && filter.kind == Kind::Scalar(ScalarType::Json)
        {
            return self.json(input);
        }
        let mut parts = Vec::new();
        for (name, input) in entries {
            self.push(&mut parts, name, input, false)?;
        }
        Ok(joined(parts))
    }

    /// Appends a condition, or its opposite. `not` with several conditions negates each of them.
    pub(super) fn push(
        &self,
        parts: &mut Vec<Condition>,
        name: &str,
        input: &Input<'_>,
        negated: bool,
    ) -> Result<(), Error> {
        let opposite = |condition| if negated { Condition::Not(Box::new(condition)) } else { condition };
        parts.push(match name {
            "mode" => return Ok(()),
            "not" => match input {
                Input::Object(Object::Filter(_), entries) => {
                    for (name, input) in entries {
                        self.push(parts, name, input, !negated)?;
                    }
                    return Ok(());
                }
                // Like Prisma, whether or not it is negated itself.
                input => self.equal(input, true)?,
            },
            "equals" => self.equal(input, negated)?,
            "in" => self.within(input, negated)?,
            "notIn" => self.within(input, !negated)?,
            "lt" | "lte" | "gt" | "gte" => self.compare(order(name, negated), input)?,
            "contains" | "startsWith" | "endsWith" => opposite(Condition::Text {
                subject: self.subject.clone(),
                op: text_op(name),
                value: self.operand(input, false)?,
                mode: self.mode,
            }),
            "search" => {
                let query = Operand::Value(Value::Text(input.as_str().unwrap_or_default().to_owned()));
                opposite(match &self.subject {
                    Subject::Column(column) => Condition::Search { columns: vec![*column], query },
                    Subject::Aggregate(function) => {
                        Condition::SearchAggregate { function: function.clone(), query }
                    }
                })
            }
            "has" => self.list(ListOp::HasEvery, self.element(input)?),
            "hasEvery" => self.list(ListOp::HasEvery, self.operand(input, true)?),
            "hasSome" => self.list(ListOp::HasSome, self.operand(input, true)?),
            "isEmpty" => {
                let op = if input.as_bool() == Some(true) { ListOp::IsEmpty } else { ListOp::IsNotEmpty };
                self.list(op, Operand::Value(Value::List(Vec::new())))
            }
            aggregate => {
                let Some(function) = function::named(aggregate, self.column) else { return Ok(()) };
                // `mode` is that of the column.
                let mode = TextMode { insensitive: false, ..self.mode };
                let scope = Self { subject: Subject::Aggregate(function), mode, ..self.clone() };
                for (name, input) in input.entries() {
                    scope.push(parts, name, input, negated)?;
                }
                return Ok(());
            }
        });
        Ok(())
    }

    fn equal(&self, input: &Input<'_>, negated: bool) -> Result<Condition, Error> {
        if let Input::Null = input {
            let is_null = Condition::IsNull { subject: self.subject.clone() };
            return Ok(if negated { Condition::Not(Box::new(is_null)) } else { is_null });
        }
        if self.is_list() {
            // Prisma compares an array with a single value of another field, which PostgreSQL refuses.
            if let Input::Object(Object::FieldRef(_), _) = input {
                self.reference(input, false, self.kind())?;
                return Err(Error::without_code("an array cannot be compared with a field that is not one"));
            }
            let condition = self.list(ListOp::Equal, self.operand(input, true)?);
            return Ok(if negated { Condition::Not(Box::new(condition)) } else { condition });
        }
        self.compare(if negated { CompareOp::NotEqual } else { CompareOp::Equal }, input)
    }

    fn compare(&self, op: CompareOp, input: &Input<'_>) -> Result<Condition, Error> {
        let value = self.operand(input, false)?;
        Ok(Condition::Compare { subject: self.subject.clone(), op, value, mode: self.mode })
    }

    fn within(&self, input: &Input<'_>, negated: bool) -> Result<Condition, Error> {
        if let Input::Null = input {
            return self.equal(input, negated);
        }
        let values = self.operand(input, true)?;
        Ok(Condition::In { subject: self.subject.clone(), values, negated, mode: self.mode })
    }

    fn list(&self, op: ListOp, values: Operand) -> Condition {
        Condition::List { column: self.column, op, values }
    }

    /// Returns a list of one element, or a column that is not a list.
    fn element(&self, input: &Input<'_>) -> Result<Operand, Error> {
        Ok(match self.operand(input, false)? {
            Operand::Value(value) => Operand::Value(Value::List(vec![value])),
            column @ Operand::Column(_) => column,
        })
    }

    /// Returns a value, a list of values, or another column.
    pub(super) fn operand(&self, input: &Input<'_>, list: bool) -> Result<Operand, Error> {
        let ty = match self.subject {
            Subject::Aggregate(ref function) => {
                function::result_type(self.scope.schema, self.scope.model, function)
            }
            Subject::Column(column) => {
                self.scope.schema.model(self.scope.model).meta.columns[usize::from(column)].ty
            }
        };
        match input {
            Input::Object(Object::FieldRef(_), _) => self.reference(input, list, self.kind()),
            input => value::of_type(self.scope.schema, ty, input).map(Operand::Value),
        }
    }

    /// Returns the column that a field reference names.
    pub(super) fn reference(
        &self,
        input: &Input<'_>,
        list: bool,
        kind: Option<Kind>,
    ) -> Result<Operand, Error> {
        let Scope { schema, model } = self.scope;
        let text = |name| input.get(name).and_then(Input::as_str).unwrap_or_default();
        let (name, container) = (text("_ref"), text("_container"));
        let source = schema.source.model(model);
        // Prisma does not look at the model of a field that an array is compared with.
        if container != source.name && !(self.is_list() && list) {
            if schema.find(container).is_none() {
                return Err(input_error(format!(
                    "the model `{container}` of the field `{name}` does not exist"
                )));
            }
            let wanted = &source.name;
            return Err(input_error(format!("`{container}.{name}` is not a field of the model `{wanted}`")));
        }
        let Some((id, column)) = column_named(schema, model, name) else {
            return Err(input_error(format!("`{container}.{name}` is not a column")));
        };
        let field = source.field(id);
        let is_list = field.arity == Arity::List;
        if kind_of(field) != kind || is_list != list {
            return Err(input_error(format!("`{container}.{name}` is of another type")));
        }
        Ok(Operand::Column(column))
    }

    /// Returns the type that a field must have to be compared with this column.
    fn kind(&self) -> Option<Kind> {
        match self.subject {
            Subject::Aggregate(Function::Count(_)) => Some(Kind::Scalar(ScalarType::Int)),
            _ => kind_of(self.scope.schema.source.model(self.scope.model).field(self.field)),
        }
    }

    fn is_list(&self) -> bool {
        let meta = self.scope.schema.model(self.scope.model).meta;
        matches!(self.subject, Subject::Column(column) if meta.columns[usize::from(column)].list)
    }
}

pub(super) fn order(name: &str, negated: bool) -> CompareOp {
    match (name, negated) {
        ("lt", false) | ("gte", true) => CompareOp::Less,
        ("lte", false) | ("gt", true) => CompareOp::LessOrEqual,
        ("gt", false) | ("lte", true) => CompareOp::Greater,
        _ => CompareOp::GreaterOrEqual,
    }
}

pub(super) fn text_op(name: &str) -> TextOp {
    match name {
        "contains" | "string_contains" | "array_contains" => TextOp::Contains,
        "startsWith" | "string_starts_with" | "array_starts_with" => TextOp::StartsWith,
        _ => TextOp::EndsWith,
    }
}
