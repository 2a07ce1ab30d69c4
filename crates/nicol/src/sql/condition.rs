//! Writes `WHERE`.

use postgres_types::Type;

use super::created::Source;
use super::writer::{Alias, Writer};
use crate::meta::{ColumnMeta, ColumnType, Join, ModelMeta, RelationMeta};
use crate::query::{CompareOp, Condition, ListOp, Quantifier, TextOp};
use crate::value::Value;

impl Writer<'_> {
    /// Writes ` WHERE …`, or nothing if every row matches.
    pub(super) fn filter(&mut self, model: &'static ModelMeta, alias: Alias, condition: &Condition) {
        if !condition.is_true() {
            self.push(" WHERE ");
            self.condition(model, alias, condition, false);
        }
    }

    /// Writes a condition. `nested` adds parentheses around what binds less tightly than `AND` and `NOT`.
    pub(super) fn condition(
        &mut self,
        model: &'static ModelMeta,
        alias: Alias,
        condition: &Condition,
        nested: bool,
    ) {
        match condition {
            Condition::All(parts) => self.joined(model, alias, parts, (" AND ", "TRUE"), nested),
            Condition::Any(parts) => self.joined(model, alias, parts, (" OR ", "FALSE"), nested),
            Condition::Not(part) => {
                self.push("NOT (");
                self.condition(model, alias, part, false);
                self.push(")");
            }
            Condition::Compare { column, op, value, insensitive } => {
                self.compare(alias, &model.columns[usize::from(*column)], *op, value, *insensitive);
            }
            Condition::In { column, values, negated, insensitive } => {
                let column = &model.columns[usize::from(*column)];
                let ty = self.compared(alias, column);
                if *insensitive {
                    self.push(if *negated { " NOT ILIKE ALL (" } else { " ILIKE ANY (" });
                    let patterns = values.iter().map(|value| match value {
                        Value::Text(text) => Value::Text(like_escaped(text)),
                        other => other.clone(),
                    });
                    self.bare_param(Value::List(patterns.collect()), Type::TEXT_ARRAY);
                } else {
                    self.push(if *negated { " <> ALL (" } else { " = ANY (" });
                    self.param_as(Value::List(values.clone()), ty, true);
                }
                self.push(")");
            }
            Condition::IsNull { column } => {
                self.column(alias, &model.columns[usize::from(*column)]);
                self.push(" IS NULL");
            }
            Condition::Text { column, op, value, insensitive } => {
                self.text(alias, &model.columns[usize::from(*column)], *op, value, *insensitive);
            }
            Condition::List { column, op, values } => {
                let column = &model.columns[usize::from(*column)];
                if matches!(op, ListOp::IsEmpty | ListOp::IsNotEmpty) {
                    self.push("cardinality(");
                    self.column(alias, column);
                    self.push(if *op == ListOp::IsEmpty { ") = 0" } else { ") > 0" });
                    return;
                }
                let ty = self.compared(alias, column);
                self.push(match op {
                    ListOp::HasEvery => " @> ",
                    ListOp::HasSome => " && ",
                    _ => " = ",
                });
                self.param_as(Value::List(values.clone()), ty, true);
            }
            Condition::Related { relation, quantifier, condition } => {
                let relation = &model.relations[usize::from(*relation)];
                self.push(if *quantifier == Quantifier::Some {
                    "EXISTS (SELECT 1 FROM "
                } else {
                    "NOT EXISTS (SELECT 1 FROM "
                });
                let there = self.new_alias();
                self.relation_source((model, alias), relation, there, None, "");
                if *quantifier == Quantifier::Every {
                    self.push(" AND NOT (");
                    self.condition(relation.target, there, condition, false);
                    self.push(")");
                } else if !condition.is_true() {
                    self.push(" AND ");
                    self.condition(relation.target, there, condition, true);
                }
                self.push(")");
            }
        }
    }

    fn compare(
        &mut self,
        alias: Alias,
        column: &ColumnMeta,
        op: CompareOp,
        value: &Value,
        insensitive: bool,
    ) {
        match (op, value) {
            (CompareOp::Equal | CompareOp::NotEqual, Value::Text(text)) if insensitive => {
                self.column(alias, column);
                self.push(if op == CompareOp::Equal { " ILIKE " } else { " NOT ILIKE " });
                self.bare_param(Value::Text(like_escaped(text)), Type::TEXT);
            }
            _ if insensitive => {
                self.push("lower(");
                self.column(alias, column);
                self.push(")");
                self.push(operator(op));
                self.push("lower(");
                self.bare_param(value.clone(), Type::TEXT);
                self.push(")");
            }
            _ => {
                let ty = self.compared(alias, column);
                self.push(operator(op));
                self.param_as(value.clone(), ty, column.list);
            }
        }
    }

    /// Writes a column for a comparison and returns the type to compare it as. `json` and `xml` have no equality; Prisma compares them as
    /// `jsonb` and text. `bit[]` has no operators with `varbit[]`, the type of the values.
    fn compared(&mut self, alias: Alias, column: &ColumnMeta) -> ColumnType {
        self.column(alias, column);
        let (cast, ty) = match column.ty {
            ColumnType::Json => ("::jsonb", ColumnType::Jsonb),
            ColumnType::Xml => ("::text", ColumnType::Text),
            ColumnType::Bit if column.list => ("::varbit", ColumnType::VarBit),
            ty => return ty,
        };
        self.push(cast);
        self.push(if column.list { "[]" } else { "" });
        ty
    }

    fn text(&mut self, alias: Alias, column: &ColumnMeta, op: TextOp, value: &str, insensitive: bool) {
        self.column(alias, column);
        if !matches!(column.ty, ColumnType::Text | ColumnType::VarChar | ColumnType::Citext) {
            self.push("::text");
        }
        self.push(if insensitive { " ILIKE " } else { " LIKE " });
        let mut pattern = String::with_capacity(value.len() + 2);
        if op != TextOp::StartsWith {
            pattern.push('%');
        }
        pattern.push_str(&like_escaped(value));
        if op != TextOp::EndsWith {
            pattern.push('%');
        }
        self.bare_param(Value::Text(pattern), Type::TEXT);
    }

    fn joined(
        &mut self,
        model: &'static ModelMeta,
        alias: Alias,
        parts: &[Condition],
        (separator, none): (&str, &str),
        nested: bool,
    ) {
        match parts {
            [] => self.push(none),
            [part] => self.condition(model, alias, part, nested),
            [first, rest @ ..] => {
                if nested {
                    self.push("(");
                }
                self.condition(model, alias, first, true);
                for part in rest {
                    self.push(separator);
                    self.condition(model, alias, part, true);
                }
                if nested {
                    self.push(")");
                }
            }
        }
    }

    /// Writes `table AS "t1" WHERE "t1"."user_id" = "t0"."id"`: the rows at the other end. `instead` replaces the tables, and `joins` are
    /// further joins.
    pub(super) fn relation_source(
        &mut self,
        (model, here): (&'static ModelMeta, Alias),
        relation: &RelationMeta,
        there: Alias,
        instead: Option<&Source>,
        joins: &str,
    ) {
        let target = relation.target;
        match instead {
            Some(source) => {
                self.push(&source.rows);
                self.push(" AS ");
                self.alias(there);
            }
            None => self.table_as(target, there),
        }
        match &relation.join {
            Join::Columns { here: columns, there: references, .. } => {
                self.push(joins);
                self.push(" WHERE ");
                self.join_columns(model, here, columns, target, there, references);
            }
            Join::Table { schema, table, here: a, there: b } => {
                let link = self.new_alias();
                self.push(" JOIN ");
                match instead {
                    Some(source) => self.push(&source.links),
                    None => self.qualified(*schema, table),
                }
                self.push(" AS ");
                self.alias(link);
                self.push(" ON ");
                self.alias(link);
                self.push(".");
                self.ident(b);
                self.push(" = ");
                self.column(there, &target.columns[usize::from(target.key[0])]);
                self.push(joins);
                self.push(" WHERE ");
                self.alias(link);
                self.push(".");
                self.ident(a);
                self.push(" = ");
                self.column(here, &model.columns[usize::from(model.key[0])]);
            }
        }
    }

    fn join_columns(
        &mut self,
        model: &ModelMeta,
        here: Alias,
        columns: &[u16],
        target: &ModelMeta,
        there: Alias,
        references: &[u16],
    ) {
        for (index, (column, reference)) in columns.iter().zip(references).enumerate() {
            if index > 0 {
                self.push(" AND ");
            }
            self.column(there, &target.columns[usize::from(*reference)]);
            self.push(" = ");
            self.column(here, &model.columns[usize::from(*column)]);
        }
    }
}

pub(super) fn operator(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => " = ",
        CompareOp::NotEqual => " <> ",
        CompareOp::Less => " < ",
        CompareOp::LessOrEqual => " <= ",
        CompareOp::Greater => " > ",
        CompareOp::GreaterOrEqual => " >= ",
    }
}

/// Returns a pattern that matches only the text itself.
///
/// Source: PostgreSQL manual, 9.7.1.
fn like_escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 2);
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
