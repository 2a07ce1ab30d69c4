//! Conditions on rows.
//!
//! Source: prisma-engines 6.19, `query-compiler/core/src/query_graph_builder/extractors/filters`.

use nicol::__private::query::{
    CompareOp, Condition, JsonTest, ListOp, Operand, Quantifier, Subject, TextMode, TextOp,
};
use nicol::Value;
use nicol_schema::model::{FieldId, ModelId, ScalarType};

use super::check::Input;
use super::problem::input_error;
use super::types::{Kind, Object, Relation, column_named, kind_of, relation_named};
use super::{function, value};
use crate::error::Error;
use crate::schema::Schema;

/// Returns the condition of a `where` or `having`; true if there is none.
///
/// # Errors
/// A reference to another field does not fit, or PostgreSQL would refuse a value.
pub(super) fn condition(schema: &Schema, model: ModelId, input: &Input<'_>) -> Result<Condition, Error> {
    condition_of(schema, model, input.entries())
}

/// Returns the condition of some fields of an object.
///
/// # Errors
/// As [`condition`].
pub(super) fn condition_of<'a, 'i: 'a>(
    schema: &Schema,
    model: ModelId,
    entries: impl IntoIterator<Item = &'a (&'i str, Input<'i>)>,
) -> Result<Condition, Error> {
    let condition = Scope { schema, model }.all_of(entries, 0)?.unwrap_or(Condition::TRUE);
    Ok(if schema.has_full_text_search() { merge_searches(condition) } else { condition })
}

/// Makes full-text searches for the same query one search in all of their columns, if they are parts of the same condition.
fn merge_searches(condition: Condition) -> Condition {
    match condition {
        Condition::All(parts) => {
            let mut flat = Vec::with_capacity(parts.len());
            for part in parts.into_iter().map(merge_searches) {
                match part {
                    Condition::All(parts) => flat.extend(parts),
                    part => flat.push(part),
                }
            }
            Condition::All(merged(flat))
        }
        Condition::Any(parts) => {
            let mut flat = Vec::with_capacity(parts.len());
            for part in parts.into_iter().map(merge_searches) {
                match part {
                    Condition::Any(parts) if !parts.is_empty() => flat.extend(parts),
                    part => flat.push(part),
                }
            }
            Condition::Any(merged(flat))
        }
        Condition::Not(part) => Condition::Not(Box::new(merge_searches(*part))),
        condition => condition,
    }
}

fn merged(parts: Vec<Condition>) -> Vec<Condition> {
    let mut merged: Vec<Condition> = Vec::with_capacity(parts.len());
    for part in parts {
        if let Condition::Search { columns, query: Operand::Value(query) } = &part {
            let same = merged.iter_mut().find_map(|other| match other {
                Condition::Search { columns, query: Operand::Value(other) } if other == query => {
                    Some(columns)
                }
                _ => None,
            });
            if let Some(others) = same {
                others.extend(columns);
                continue;
            }
        }
        merged.push(part);
    }
    merged
}

/// The model whose rows the condition is on.
#[derive(Clone, Copy)]
struct Scope<'s> {
    schema: &'s Schema,
    model: ModelId,
}

impl Scope<'_> {
    /// Returns the condition that all fields of an object hold, or `None` if it has no condition.
    fn all(self, input: &Input<'_>, depth: usize) -> Result<Option<Condition>, Error> {
        self.all_of(input.entries(), depth)
    }

    fn all_of<'a, 'i: 'a>(
        self,
        entries: impl IntoIterator<Item = &'a (&'i str, Input<'i>)>,
        depth: usize,
    ) -> Result<Option<Condition>, Error> {
        let mut parts = Vec::new();
        for (name, input) in entries {
            let part = match *name {
                "AND" | "OR" | "NOT" => self.logic(name, input, depth)?,
                name => self.field(name, input)?,
            };
            parts.extend(part);
        }
        Ok(joined(parts))
    }

    /// Without any condition, `OR` matches nothing and the others everything; but within others, it is as if it were not there.
    fn logic(self, name: &str, input: &Input<'_>, depth: usize) -> Result<Option<Condition>, Error> {
        let mut parts = Vec::new();
        for input in input.items() {
            parts.extend(self.all(input, depth + 1)?);
        }
        if parts.is_empty() && depth > 0 {
            return Ok(None);
        }
        Ok(Some(match name {
            "AND" => Condition::All(parts),
            "OR" => Condition::Any(parts),
            _ => {
                let parts = merged(parts).into_iter().map(|part| Condition::Not(Box::new(part)));
                Condition::All(parts.collect())
            }
        }))
    }

    fn field(self, name: &str, input: &Input<'_>) -> Result<Option<Condition>, Error> {
        let Self { schema, model } = self;
        if let Some(relation) = relation_named(schema, model, name) {
            return self.relation(relation, input);
        }
        let Some((field, column)) = column_named(schema, model, name) else { return Ok(None) };
        let scope = ColumnScope {
            scope: self,
            field,
            column,
            subject: Subject::Column(column),
            mode: mode(input.get("mode")),
        };
        scope.condition(input)
    }

    fn relation(self, relation: Relation, input: &Input<'_>) -> Result<Option<Condition>, Error> {
        let Self { schema, model } = self;
        let target = relation.end(schema).model;
        let Some(index) = schema.model(model).relation(relation.field) else { return Ok(None) };
        let related = |quantifier, condition| Condition::Related {
            relation: index,
            quantifier,
            condition: Box::new(condition),
        };
        let is_missing = || related(Quantifier::None, Condition::TRUE);
        let is_envelope = matches!(input, Input::Object(Object::ManyFilter(_) | Object::OneFilter { .. }, _));
        if !is_envelope {
            return Ok(Some(match input {
                Input::Null => is_missing(),
                input => related(Quantifier::Some, condition(schema, target, input)?),
            }));
        }
        let mut parts = Vec::new();
        for (name, input) in input.entries() {
            parts.push(match (*name, input) {
                ("is", Input::Null) => is_missing(),
                ("isNot", Input::Null) => Condition::Not(Box::new(is_missing())),
                ("some" | "is", input) => related(Quantifier::Some, condition(schema, target, input)?),
                ("every", input) => related(Quantifier::Every, condition(schema, target, input)?),
                (_, input) => related(Quantifier::None, condition(schema, target, input)?),
            });
        }
        Ok(joined(parts))
    }
}

/// Returns the condition that all parts hold, or `None` if there are none.
fn joined(mut parts: Vec<Condition>) -> Option<Condition> {
    match parts.len() {
        0 => None,
        1 => parts.pop(),
        _ => Some(Condition::All(parts)),
    }
}

fn mode(input: Option<&Input<'_>>) -> TextMode {
    let insensitive = input.and_then(Input::as_str) == Some("insensitive");
    TextMode { insensitive, wildcards: true }
}

/// What a condition is on: a column, or an aggregate of it.
#[derive(Clone)]
struct ColumnScope<'s> {
    scope: Scope<'s>,
    field: FieldId,
    column: u16,
    subject: Subject,
    mode: TextMode,
}

impl ColumnScope<'_> {
    fn condition(&self, input: &Input<'_>) -> Result<Option<Condition>, Error> {
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
    fn push(
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
            "search" => opposite(Condition::Search {
                columns: vec![self.column],
                query: Operand::Value(Value::Text(input.as_str().unwrap_or_default().to_owned())),
            }),
            "has" => self.list(ListOp::HasEvery, self.element(input)?),
            "hasEvery" => self.list(ListOp::HasEvery, self.operand(input, true)?),
            "hasSome" => self.list(ListOp::HasSome, self.operand(input, true)?),
            "isEmpty" => {
                let op = if input.as_bool() == Some(true) { ListOp::IsEmpty } else { ListOp::IsNotEmpty };
                self.list(op, Operand::Value(Value::List(Vec::new())))
            }
            aggregate => {
                let Some(function) = function::named(aggregate, self.column) else { return Ok(()) };
                let scope = Self { subject: Subject::Aggregate(function), ..self.clone() };
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
    fn operand(&self, input: &Input<'_>, list: bool) -> Result<Operand, Error> {
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
    fn reference(&self, input: &Input<'_>, list: bool, kind: Option<Kind>) -> Result<Operand, Error> {
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
        let is_list = field.arity == nicol_schema::model::Arity::List;
        if kind_of(field) != kind || is_list != list {
            return Err(input_error(format!("`{container}.{name}` is of another type")));
        }
        Ok(Operand::Column(column))
    }

    /// Returns the type that a field must have to be compared with this column.
    fn kind(&self) -> Option<Kind> {
        match self.subject {
            Subject::Aggregate(nicol::__private::query::Function::Count(_)) => {
                Some(Kind::Scalar(ScalarType::Int))
            }
            _ => kind_of(self.scope.schema.source.model(self.scope.model).field(self.field)),
        }
    }

    fn is_list(&self) -> bool {
        let meta = self.scope.schema.model(self.scope.model).meta;
        matches!(self.subject, Subject::Column(column) if meta.columns[usize::from(column)].list)
    }

    fn json(&self, input: &Input<'_>) -> Result<Option<Condition>, Error> {
        let path: Option<Vec<String>> = input
            .get("path")
            .map(|path| path.items().iter().filter_map(Input::as_str).map(str::to_owned).collect());
        let test = |test| Condition::Json { column: self.column, path: path.clone(), test };
        let text = Some(Kind::Scalar(ScalarType::String));
        let mut parts = Vec::new();
        for (name, input) in input.entries() {
            parts.push(match *name {
                "path" | "mode" => continue,
                "equals" => self.json_equal(input, false, &test)?,
                "not" => self.json_equal(input, true, &test)?,
                "lt" | "lte" | "gt" | "gte" => {
                    test(JsonTest::Compare(order(name, false), self.json_operand(input)?))
                }
                "string_contains" | "string_starts_with" | "string_ends_with" => {
                    let operand = match input {
                        Input::Object(..) => self.reference(input, false, text)?,
                        input => Operand::Value(Value::Text(input.as_str().unwrap_or_default().to_owned())),
                    };
                    test(JsonTest::Text(text_op(name), operand, self.mode))
                }
                "array_contains" | "array_starts_with" | "array_ends_with" => {
                    test(JsonTest::Array(text_op(name), self.json_operand(input)?))
                }
                aggregate => {
                    let Some(function) = function::named(aggregate, self.column) else { continue };
                    let scope = Self { subject: Subject::Aggregate(function), ..self.clone() };
                    for (name, input) in input.entries() {
                        scope.push(&mut parts, name, input, false)?;
                    }
                    continue;
                }
            });
        }
        if path.is_some() && parts.is_empty() {
            return Err(input_error("a JSON path needs a condition".to_owned()));
        }
        Ok(joined(parts))
    }

    fn json_equal(
        &self,
        input: &Input<'_>,
        negated: bool,
        test: &impl Fn(JsonTest) -> Condition,
    ) -> Result<Condition, Error> {
        if self.mode.insensitive && !matches!(input, Input::Enum(_, "DbNull")) {
            // Prisma ignores case with an operator of texts, which PostgreSQL refuses for `jsonb`.
            return Err(Error::without_code("the case of JSON cannot be ignored"));
        }
        let opposite = |condition| if negated { Condition::Not(Box::new(condition)) } else { condition };
        let op = if negated { CompareOp::NotEqual } else { CompareOp::Equal };
        let is_json_null =
            || test(JsonTest::Compare(op, Operand::Value(Value::Json(serde_json::Value::Null))));
        Ok(match input {
            Input::Enum(_, "DbNull") => opposite(test(JsonTest::IsMissing)),
            Input::Enum(_, "JsonNull") => is_json_null(),
            Input::Enum(..) => {
                let both = vec![is_json_null(), opposite(test(JsonTest::IsMissing))];
                if negated { Condition::All(both) } else { Condition::Any(both) }
            }
            input => test(JsonTest::Compare(op, self.json_operand(input)?)),
        })
    }

    fn json_operand(&self, input: &Input<'_>) -> Result<Operand, Error> {
        match input {
            Input::Null => Ok(Operand::Value(Value::Json(serde_json::Value::Null))),
            input => self.operand(input, false),
        }
    }
}

fn order(name: &str, negated: bool) -> CompareOp {
    match (name, negated) {
        ("lt", false) | ("gte", true) => CompareOp::Less,
        ("lte", false) | ("gt", true) => CompareOp::LessOrEqual,
        ("gt", false) | ("lte", true) => CompareOp::Greater,
        _ => CompareOp::GreaterOrEqual,
    }
}

fn text_op(name: &str) -> TextOp {
    match name {
        "contains" | "string_contains" | "array_contains" => TextOp::Contains,
        "startsWith" | "string_starts_with" | "array_starts_with" => TextOp::StartsWith,
        _ => TextOp::EndsWith,
    }
}
