//! Writes `WHERE`.

use postgres_types::Type;

use super::created;
use super::function::result_type;
use super::writer::{Alias, Writer};
use crate::meta::{ColumnMeta, ColumnType, Join, ModelMeta, RelationMeta};
use crate::query::{CompareOp, Condition, ListOp, Operand, Quantifier, Subject, TextMode, TextOp};
use crate::value::Value;

/// The rows that a condition is about: their model and their alias.
pub(super) type Source<'a> = (&'a ModelMeta, Alias);

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
            Condition::Not(part) => self.negation(model, alias, part),
            Condition::Compare { subject, op, value, mode } => {
                self.compare((model, alias), subject, *op, value, *mode);
            }
            Condition::In { subject, values, negated, mode } => {
                self.membership((model, alias), subject, values, *negated, *mode);
            }
            Condition::IsNull { subject } => {
                self.subject((model, alias), subject);
                self.push(" IS NULL");
            }
            Condition::Text { subject, op, value, mode } => {
                self.text((model, alias), subject, *op, value, *mode);
            }
            Condition::Json { column, path, test } => {
                self.json((model, alias), *column, path.as_deref(), test);
            }
            Condition::Search { columns, query } => {
                self.document(model, alias, columns);
                self.push(" @@ to_tsquery(");
                self.operand((model, alias), query, ColumnType::Text, false);
                self.push(")");
            }
            Condition::SearchAggregate { function, query } => {
                self.applied(model, alias, function);
                self.push(" @@ to_tsquery(");
                self.operand((model, alias), query, ColumnType::Text, false);
                self.push(")");
            }
            Condition::Sql(fragment) => self.fragment((model, alias), fragment),
            Condition::List { column, op, values } => {
                let column = &model.columns[usize::from(*column)];
                if matches!(op, ListOp::IsEmpty | ListOp::IsNotEmpty) {
                    self.push("cardinality(");
                    self.column(alias, column);
                    self.push(if *op == ListOp::IsEmpty { ") = 0" } else { ") > 0" });
                    return;
                }
                // A list has the value of another column.
                if let Operand::Column(other) = values
                    && let other = &model.columns[usize::from(*other)]
                    && !other.list
                {
                    self.compared(alias, other);
                    self.push(" = ANY (");
                    self.compared(alias, column);
                    return self.push(")");
                }
                let ty = self.compared(alias, column);
                self.push(match op {
                    ListOp::HasEvery => " @> ",
                    ListOp::HasSome => " && ",
                    _ => " = ",
                });
                self.operand((model, alias), values, ty, true);
            }
            Condition::Related { relation, quantifier, condition } => {
                let relation = &model.relations[usize::from(*relation)];
                if relation.many {
                    self.many_related((model, alias), relation, *quantifier, condition);
                } else {
                    self.one_related((model, alias), relation, *quantifier, condition);
                }
            }
        }
    }

    fn negation(&mut self, model: &'static ModelMeta, alias: Alias, condition: &Condition) {
        self.push("NOT (");
        self.negate();
        self.condition(model, alias, condition, false);
        self.negate();
        self.push(")");
    }

    /// Enters or leaves a negation.
    fn negate(&mut self) {
        self.negated = !self.negated;
        self.reversed = !self.reversed;
    }

    fn many_related(
        &mut self,
        of: (&'static ModelMeta, Alias),
        relation: &RelationMeta,
        quantifier: Quantifier,
        condition: &Condition,
    ) {
        let there = self.new_alias();
        // Of a subquery only matters which rows it has, so what is undecided in it is false.
        let (decides, negated) = (std::mem::take(&mut self.decides), std::mem::take(&mut self.negated));
        self.push(if quantifier == Quantifier::Some { "EXISTS (" } else { "NOT EXISTS (" });
        self.push("SELECT 1 FROM ");
        self.relation_source(of, relation, there, None, "");
        if quantifier == Quantifier::Every {
            self.push(" AND NOT (");
            self.negated = true;
            self.condition(relation.target(), there, condition, false);
            self.push(")");
        } else if !condition.is_true() {
            self.push(" AND ");
            self.condition(relation.target(), there, condition, true);
        }
        self.push(")");
        (self.decides, self.negated) = (decides, negated);
    }

    /// Writes the condition on a row that may be missing. If it cannot be decided because of a null, neither can its negation, as in Prisma,
    /// except directly in the filter of a write.
    fn one_related(
        &mut self,
        of: (&'static ModelMeta, Alias),
        relation: &RelationMeta,
        quantifier: Quantifier,
        condition: &Condition,
    ) {
        let is_negated = quantifier == Quantifier::None;
        if condition.is_true() || self.decides || !(is_negated || self.negated) {
            let quantifier = if is_negated { Quantifier::None } else { Quantifier::Some };
            return self.many_related(of, relation, quantifier, condition);
        }
        self.push(if is_negated { "NOT (EXISTS (SELECT 1 FROM " } else { "(EXISTS (SELECT 1 FROM " });
        let there = self.new_alias();
        self.relation_source(of, relation, there, None, "");
        self.push(") AND (SELECT ");
        if is_negated {
            self.negate();
        }
        self.condition(relation.target(), there, condition, false);
        if is_negated {
            self.negate();
        }
        self.push(" FROM ");
        self.relation_source(of, relation, there, None, "");
        self.push("))");
    }

    fn compare(&mut self, of: Source<'_>, subject: &Subject, op: CompareOp, value: &Operand, mode: TextMode) {
        match op {
            CompareOp::Equal | CompareOp::NotEqual if mode.insensitive => {
                self.subject_as_text(of, subject, true);
                self.push(if op == CompareOp::Equal { " ILIKE " } else { " NOT ILIKE " });
                self.pattern(of, value, mode, ("", ""));
            }
            _ if mode.insensitive => {
                self.push("lower(");
                self.subject_as_text(of, subject, true);
                self.push(")");
                self.push(operator(op));
                self.push("lower(");
                self.operand(of, value, ColumnType::Text, false);
                self.push(")");
            }
            _ => {
                let (ty, list) = self.compared_subject(of, subject, value);
                self.push(operator(op));
                self.operand(of, value, ty, list);
            }
        }
    }

    fn membership(
        &mut self,
        of: Source<'_>,
        subject: &Subject,
        values: &Operand,
        negated: bool,
        mode: TextMode,
    ) {
        if mode.insensitive {
            self.push("lower(");
            self.subject_as_text(of, subject, true);
            self.push(if negated { ") <> ALL (" } else { ") = ANY (" });
            self.push("ARRAY(SELECT lower(\"v\") FROM unnest(");
            self.operand(of, values, ColumnType::Text, true);
            self.push(") AS \"v\"))");
        } else {
            let (ty, _) = self.compared_subject(of, subject, values);
            self.push(if negated { " <> ALL (" } else { " = ANY (" });
            self.operand(of, values, ty, true);
            self.push(")");
        }
    }

    /// Writes a column, or the result of an aggregate.
    fn subject(&mut self, (model, alias): Source<'_>, subject: &Subject) {
        match subject {
            Subject::Column(column) => self.column(alias, &model.columns[usize::from(*column)]),
            Subject::Aggregate(function) => self.applied(model, alias, function),
        }
    }

    /// Writes a subject for an operator that only texts have. As a text, a `char` is `padded` or not.
    fn subject_as_text(&mut self, of: Source<'_>, subject: &Subject, padded: bool) {
        self.subject(of, subject);
        let is_text = match subject {
            Subject::Column(column) => match of.0.columns[usize::from(*column)].ty {
                ColumnType::Text | ColumnType::VarChar | ColumnType::Citext => true,
                ColumnType::Char => padded,
                _ => false,
            },
            Subject::Aggregate(_) => false,
        };
        self.push(if is_text { "" } else { "::text" });
    }

    /// Writes the left side of a comparison and returns the type of the right side, and whether it is a list.
    fn compared_subject(
        &mut self,
        (model, alias): Source<'_>,
        subject: &Subject,
        value: &Operand,
    ) -> (ColumnType, bool) {
        match subject {
            Subject::Column(column) => {
                let column = &model.columns[usize::from(*column)];
                (self.compared(alias, column), column.list)
            }
            Subject::Aggregate(function) => {
                self.applied(model, alias, function);
                (result_type(model, function, value), false)
            }
        }
    }

    /// Writes the right side of a comparison, with a cast to the type if it is a value.
    fn operand(&mut self, (model, alias): Source<'_>, operand: &Operand, ty: ColumnType, list: bool) {
        match operand {
            Operand::Value(value) => self.param_as(value.clone(), ty, list),
            Operand::Column(column) => {
                self.compared(alias, &model.columns[usize::from(*column)]);
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

    fn text(&mut self, of: Source<'_>, subject: &Subject, op: TextOp, value: &Operand, mode: TextMode) {
        self.subject_as_text(of, subject, false);
        self.push(if mode.insensitive { " ILIKE " } else { " LIKE " });
        self.pattern(of, value, mode, op.around());
    }

    /// Writes the pattern of a `LIKE`, between `before` and `after`.
    pub(super) fn pattern(
        &mut self,
        (model, alias): Source<'_>,
        value: &Operand,
        mode: TextMode,
        (before, after): (&str, &str),
    ) {
        match value {
            Operand::Value(Value::Text(text)) => {
                let text = if mode.wildcards { text.clone() } else { like_escaped(text) };
                self.bare_param(Value::Text(format!("{before}{text}{after}")), Type::TEXT);
            }
            Operand::Value(value) => self.bare_param(value.clone(), Type::TEXT),
            Operand::Column(column) => {
                self.push("('");
                self.push(before);
                self.push("' || ");
                let column = &model.columns[usize::from(*column)];
                if mode.wildcards {
                    self.column(alias, column);
                } else {
                    self.push("regexp_replace(");
                    self.column(alias, column);
                    self.push(r"::text, '([%_\\])', '\\\1', 'g')");
                }
                self.push(" || '");
                self.push(after);
                self.push("')");
            }
        }
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
        instead: Option<&created::Source>,
        joins: &str,
    ) {
        let target = relation.target();
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

    pub(super) fn join_columns(
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

impl TextOp {
    /// Returns what is before and after the text in the pattern of a `LIKE`.
    pub(super) fn around(self) -> (&'static str, &'static str) {
        match self {
            Self::Contains => ("%", "%"),
            Self::StartsWith => ("", "%"),
            Self::EndsWith => ("%", ""),
        }
    }
}

impl CompareOp {
    /// Whether it asks which value is greater.
    pub(super) fn is_order(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
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
