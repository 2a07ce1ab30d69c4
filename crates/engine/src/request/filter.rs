//! Conditions on rows.
//!
//! Source: prisma-engines 6.19, `query-compiler/core/src/query_graph_builder/extractors/filters`.

mod column;
mod json;

use nicol::__private::Join;
use nicol::__private::query::{Condition, Operand, Quantifier, Subject, TextMode};
use nicol_schema::model::ModelId;

use super::check::Input;
use super::model::{Relation, column_named, relation_named};
use super::types::Object;
use crate::error::Error;
use crate::schema::Schema;
use column::ColumnScope;

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
        // Prisma looks at the foreign key where it is at hand, so that a key without its row counts as a relation.
        let is_missing = || match &schema.model(model).meta.relations[usize::from(index)].join {
            Join::Columns { here, owned: true, .. } => {
                let is_null = |column: &u16| Condition::IsNull { subject: Subject::Column(*column) };
                Condition::All(here.iter().map(is_null).collect())
            }
            _ => related(Quantifier::None, Condition::TRUE),
        };
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
