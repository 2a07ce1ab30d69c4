//! Applies rules to a query as data: at every place where rows of a model are read, looked for or written, at any depth.

use crate::meta::{Join, ModelMeta, RelationMeta};
use crate::query::{
    Assignment, Changes, CompareOp, Condition, Create, Find, Function, Key, Nested, Operand, Order, OrderBy,
    Quantifier, Returning, Subject, TextMode, Unique, UpdateMany, Write,
};
use crate::run::Request;
use crate::sql::Answer;
use crate::value::Value;

/// What holds for the rows of a model.
#[derive(Clone, Default)]
pub(super) struct Rule<'a> {
    /// The rows that exist for the query.
    pub(super) filter: Option<Condition>,
    /// Columns that new rows get.
    pub(super) created: Vec<(u16, Value)>,
    /// Changes that every update makes.
    pub(super) updated: Vec<(u16, Assignment)>,
    /// The changes that take the place of a deletion.
    pub(super) deleted: Option<Changes>,
    /// The column that has the same value in all rows that exist for the query.
    pub(super) scope: Option<(u16, Value)>,
    /// The text column that is stored in another form, and the function that returns this.
    pub(super) encoded: Option<(u16, &'a dyn Fn(&str) -> String)>,
}

impl Rule<'_> {
    /// Returns the rule that rows have this value in a column.
    pub(super) fn scope(column: u16, value: Value) -> Self {
        let filter = Condition::Compare {
            subject: Subject::Column(column),
            op: CompareOp::Equal,
            value: Operand::Value(value.clone()),
            mode: TextMode::EXACT,
        };
        let created = vec![(column, value.clone())];
        Self { filter: Some(filter), created, scope: Some((column, value)), ..Self::default() }
    }
}

/// Why a query cannot be run under a rule.
pub(super) type Refused = &'static str;

/// Rules by model.
pub(super) struct Rules<'a>(pub(super) &'a dyn Fn(&'static ModelMeta) -> Option<Rule<'a>>);

const ORDER: Refused =
    "an order by rows that an extension restricts is not supported\nhelp: sort by fields of the row itself";
const UPSERT_MANY: Refused = "`upsert_many` of rows that an extension restricts is not supported, unless the extension's field is part of the key\n\
    help: use `upsert` in a transaction";
const UPDATE_EACH: Refused =
    "`update_each` of rows that an extension restricts is not supported\nhelp: use `update` in a batch";
const ATTEMPT: Refused = "`or_current` of rows that an extension restricts is not supported\nhelp: leave it out, and look for P2025";
const MOVED: Refused = "the write would move a row out of the scope that an extension sets\nhelp: use a client without the extension";

const ENCODED: Refused =
    "a field that an extension encodes can be compared by `eq`, `ne`, `is_in` and `not_in` only";

impl Rules<'_> {
    fn is_encoded(&self, model: &'static ModelMeta, column: u16) -> bool {
        (self.0)(model).and_then(|rule| rule.encoded).is_some_and(|(encoded, _)| encoded == column)
    }

    /// Encodes a value of a column.
    fn encode(&self, model: &'static ModelMeta, column: u16, value: &mut Value) {
        if let Some((encoded, encode)) = (self.0)(model).and_then(|rule| rule.encoded)
            && encoded == column
        {
            match value {
                Value::Text(text) => *text = encode(text),
                Value::List(values) => values.iter_mut().for_each(|value| self.encode(model, column, value)),
                _ => {}
            }
        }
    }

    fn key(&self, model: &'static ModelMeta, key: &mut Key) {
        for (column, value) in &mut key.values {
            self.encode(model, *column, value);
        }
    }

    /// Applies the rules to a query.
    ///
    /// # Errors
    /// The query is of a kind in which a rule cannot hold.
    pub(super) fn apply(&self, request: &mut Request) -> Result<(), Refused> {
        match request {
            Request::Find { find, .. } | Request::FindAndCount(find) => self.find(find),
            Request::Aggregate(aggregate) => self.find(&mut aggregate.rows),
            Request::GroupBy(group) => {
                self.rows(group.model, &mut group.filter)?;
                self.condition(group.model, &mut group.having)?;
                self.order(group.model, &mut group.order)
            }
            Request::Write(write) => self.write(write),
            Request::Attempt(write) => {
                self.write(write)?;
                let (Write::Update(.., returning) | Write::Delete(_, returning)) = write else {
                    return Ok(());
                };
                self.refuse(returning.model, ATTEMPT)
            }
            Request::UpdateEach(update, returning) => {
                self.refuse(update.model, UPDATE_EACH)?;
                for row in &mut update.rows {
                    self.unique(update.model, &mut row.unique)?;
                    self.changes(&mut row.changes)?;
                }
                self.returning(returning)
            }
            Request::UpsertMany(upsert, answer) => {
                if let Some(rule) = (self.0)(upsert.model) {
                    let in_key = rule.scope.is_some_and(|(column, _)| upsert.key.contains(&column));
                    if rule.filter.is_some() && !in_key {
                        return Err(UPSERT_MANY);
                    }
                }
                for row in &mut upsert.rows {
                    self.create(row, &[])?;
                }
                if let Answer::Rows(find) = answer { self.loaded(find) } else { Ok(()) }
            }
        }
    }

    fn refuse(&self, model: &'static ModelMeta, message: Refused) -> Result<(), Refused> {
        let is_restricted = (self.0)(model).is_some_and(|rule| rule.filter.is_some());
        if is_restricted { Err(message) } else { Ok(()) }
    }

    fn find(&self, find: &mut Find) -> Result<(), Refused> {
        self.rows(find.model, &mut find.filter)?;
        self.order(find.model, &mut find.order)?;
        if find.cursor.is_some() && self.refuse(find.model, "").is_err() {
            // A row that does not exist for the query is no place to start from.
            find.cursor_must_match = true;
        }
        if let Some(cursor) = &mut find.cursor {
            self.key(find.model, cursor);
        }
        self.loaded(find)
    }

    /// Applies the rules to what is loaded with rows that the query has chosen otherwise.
    fn loaded(&self, find: &mut Find) -> Result<(), Refused> {
        find.includes.iter_mut().try_for_each(|include| self.find(&mut include.find))
    }

    fn returning(&self, returning: &mut Returning) -> Result<(), Refused> {
        if let Returning::Rows(find) = returning { self.loaded(find) } else { Ok(()) }
    }

    fn order(&self, model: &'static ModelMeta, order: &mut [Order]) -> Result<(), Refused> {
        for order in order {
            let end = |path: &[u16]| {
                path.iter().try_fold(model, |model, relation| {
                    let target = model.relations[usize::from(*relation)].target();
                    self.refuse(target, ORDER).map(|()| target)
                })
            };
            match &mut order.by {
                OrderBy::Count { path, filter } => {
                    let Some((last, path)) = path.split_last() else { continue };
                    self.rows(end(path)?.relations[usize::from(*last)].target(), filter)?;
                }
                OrderBy::Related { path, .. } => {
                    end(path)?;
                }
                OrderBy::Relevance { path, columns, .. } => {
                    let target = end(path)?;
                    if columns.iter().any(|column| self.is_encoded(target, *column)) {
                        return Err(ENCODED);
                    }
                }
                OrderBy::Column(_) | OrderBy::Aggregate(_) => {}
            }
        }
        Ok(())
    }

    /// Applies the rules to the choice of rows of a model.
    fn rows(&self, model: &'static ModelMeta, condition: &mut Condition) -> Result<(), Refused> {
        self.condition(model, condition)?;
        if let Some(filter) = (self.0)(model).and_then(|rule| rule.filter) {
            *condition = take(condition).and(filter);
        }
        Ok(())
    }

    fn unique(&self, model: &'static ModelMeta, unique: &mut Unique) -> Result<(), Refused> {
        self.key(model, &mut unique.key);
        self.rows(model, &mut unique.filter)
    }

    /// Applies the rules to the relations in a condition.
    fn condition(&self, model: &'static ModelMeta, condition: &mut Condition) -> Result<(), Refused> {
        let can_compare = |column: u16, is_equality: bool| {
            if is_equality || !self.is_encoded(model, column) { Ok(()) } else { Err(ENCODED) }
        };
        match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter_mut().try_for_each(|part| self.condition(model, part))
            }
            Condition::Not(part) => self.condition(model, part),
            Condition::Related { relation, quantifier, condition } => {
                let target = model.relations[usize::from(*relation)].target();
                self.condition(target, condition)?;
                let Some(filter) = (self.0)(target).and_then(|rule| rule.filter) else { return Ok(()) };
                **condition = match quantifier {
                    Quantifier::Some | Quantifier::None => take(condition).and(filter),
                    // No row that exists fails the condition.
                    Quantifier::Every => {
                        *quantifier = Quantifier::None;
                        filter.and(Condition::Not(Box::new(take(condition))))
                    }
                };
                Ok(())
            }
            Condition::Compare { subject: Subject::Column(column), op, value: operand, mode } => {
                let is_equality = matches!(op, CompareOp::Equal | CompareOp::NotEqual) && !mode.insensitive;
                can_compare(*column, is_equality)?;
                self.operand(model, *column, operand)
            }
            Condition::In { subject: Subject::Column(column), values, mode, .. } => {
                can_compare(*column, !mode.insensitive)?;
                self.operand(model, *column, values)
            }
            Condition::Text { subject: Subject::Column(column), .. } => can_compare(*column, false),
            Condition::Search { columns, .. } => {
                columns.iter().try_for_each(|column| can_compare(*column, false))
            }
            Condition::Compare { subject: Subject::Aggregate(function), .. }
            | Condition::In { subject: Subject::Aggregate(function), .. }
            | Condition::Text { subject: Subject::Aggregate(function), .. }
            | Condition::SearchAggregate { function, .. } => match function {
                // The number of values is the same in every form.
                Function::CountRows | Function::Count(_) => Ok(()),
                Function::Sum(column)
                | Function::Average(column)
                | Function::Minimum(column)
                | Function::Maximum(column) => can_compare(*column, false),
            },
            // What SQL reads besides the row is up to the application.
            Condition::IsNull { .. }
            | Condition::List { .. }
            | Condition::Json { .. }
            | Condition::Sql(_) => Ok(()),
        }
    }

    fn operand(&self, model: &'static ModelMeta, column: u16, operand: &mut Operand) -> Result<(), Refused> {
        match operand {
            Operand::Value(value) => self.encode(model, column, value),
            Operand::Column(other) if self.is_encoded(model, *other) != self.is_encoded(model, column) => {
                return Err(ENCODED);
            }
            Operand::Column(_) => {}
        }
        Ok(())
    }

    fn write(&self, write: &mut Write) -> Result<(), Refused> {
        match write {
            Write::Create(create, returning) => {
                self.create(create, &[])?;
                self.loaded(returning)
            }
            Write::CreateMany(many, returning) => {
                many.rows.iter_mut().try_for_each(|row| self.create(row, &[]))?;
                self.returning(returning)
            }
            Write::Update(unique, changes, returning) => {
                self.unique(changes.model, unique)?;
                self.changes(changes)?;
                self.loaded(returning)
            }
            Write::UpdateMany(UpdateMany { filter, changes, .. }, returning) => {
                self.rows(changes.model, filter)?;
                self.changes(changes)?;
                self.returning(returning)
            }
            Write::Upsert(upsert, returning) => {
                self.unique(upsert.create.model, &mut upsert.unique)?;
                self.create(&mut upsert.create, &[])?;
                self.changes(&mut upsert.update)?;
                self.loaded(returning)
            }
            Write::Delete(unique, returning) => {
                self.unique(returning.model, unique)?;
                self.loaded(returning)?;
                if let Some(changes) = (self.0)(returning.model).and_then(|rule| rule.deleted) {
                    *write = Write::Update(unique.clone(), changes, returning.clone());
                }
                Ok(())
            }
            Write::DeleteMany { model, filter, limit } => {
                self.rows(model, filter)?;
                if let Some(changes) = (self.0)(model).and_then(|rule| rule.deleted) {
                    let update = UpdateMany { filter: take(filter), changes, limit: *limit };
                    *write = Write::UpdateMany(update, Returning::Count);
                }
                Ok(())
            }
        }
    }

    /// Applies the rules to a new row. `given` are the columns that refer to a row above it.
    fn create(&self, create: &mut Create, given: &[u16]) -> Result<(), Refused> {
        let model = create.model;
        for (column, value) in &mut create.values {
            self.encode(model, *column, value);
        }
        if let Some(rule) = (self.0)(model) {
            for (column, value) in rule.created {
                create.values.retain(|(other, _)| *other != column);
                // The row that it is connected to has the same scope, or the write is refused.
                let by_relation =
                    || given.contains(&column) || create.nested.iter().any(|one| refers(model, one, column));
                if rule.scope.is_none() || !by_relation() {
                    create.values.push((column, value));
                }
            }
        }
        self.nested(create.model, &mut create.nested)
    }

    fn changes(&self, changes: &mut Changes) -> Result<(), Refused> {
        for (column, assignment) in &mut changes.assignments {
            if let Assignment::Set(value) = assignment {
                self.encode(changes.model, *column, value);
            }
        }
        if let Some(rule) = (self.0)(changes.model) {
            if let Some((scoped, value)) = &rule.scope {
                let is_kept = |(column, assignment): &(u16, Assignment)| {
                    column != scoped || matches!(assignment, Assignment::Set(set) if set == value)
                };
                if !changes.assignments.iter().all(is_kept) {
                    return Err(MOVED);
                }
            }
            // An update without changes stays one.
            if !changes.assignments.is_empty() {
                changes.assignments.extend(rule.updated);
            }
        }
        self.nested(changes.model, &mut changes.nested)
    }

    fn nested(&self, model: &'static ModelMeta, nested: &mut Vec<(u16, Nested)>) -> Result<(), Refused> {
        for (index, one) in std::mem::take(nested) {
            let relation = &model.relations[usize::from(index)];
            self.keeps_scope(model, relation, &one)?;
            self.nested_write(relation, one, &mut |one| nested.push((index, one)))?;
        }
        Ok(())
    }

    fn nested_write(
        &self,
        relation: &'static RelationMeta,
        mut nested: Nested,
        push: &mut dyn FnMut(Nested),
    ) -> Result<(), Refused> {
        let target = relation.target();
        // The columns of a row at the other end that refer to the row above.
        let given = match relation.join {
            Join::Columns { there, owned: false, .. } => there,
            _ => &[],
        };
        let deleted = || (self.0)(target).and_then(|rule| rule.deleted);
        match &mut nested {
            Nested::Create(create) => self.create(create, given)?,
            Nested::CreateMany(many) => many.rows.iter_mut().try_for_each(|row| self.create(row, given))?,
            Nested::Connect(unique) => self.unique(target, unique)?,
            Nested::ConnectOrCreate(unique, create) => {
                self.unique(target, unique)?;
                self.create(create, given)?;
            }
            Nested::Disconnect(condition) => self.rows(target, condition)?,
            Nested::Set(uniques) => {
                for unique in &mut *uniques {
                    self.unique(target, unique)?;
                }
                if let Some(filter) = (self.0)(target).and_then(|rule| rule.filter) {
                    // The rows that are disconnected have to exist for the query, too.
                    let kept = Condition::Any(uniques.iter().cloned().map(Unique::condition).collect());
                    push(Nested::Disconnect(filter.and(Condition::Not(Box::new(kept)))));
                    for unique in std::mem::take(uniques) {
                        push(Nested::Connect(unique));
                    }
                    return Ok(());
                }
            }
            Nested::Update(condition, changes) | Nested::UpdateMany(condition, changes) => {
                self.rows(target, condition)?;
                self.changes(changes)?;
            }
            Nested::Upsert(upsert) => {
                self.rows(target, &mut upsert.filter)?;
                self.create(&mut upsert.create, given)?;
                self.changes(&mut upsert.update)?;
            }
            Nested::Delete(condition) => {
                self.rows(target, condition)?;
                if let Some(changes) = deleted() {
                    nested = Nested::Update(take(condition), changes);
                }
            }
            Nested::DeleteMany(condition) => {
                self.rows(target, condition)?;
                if let Some(changes) = deleted() {
                    nested = Nested::UpdateMany(take(condition), changes);
                }
            }
        }
        push(nested);
        Ok(())
    }

    /// Refuses a nested write that sets a foreign key with a scoped column, unless the column that it refers to has the same scope.
    fn keeps_scope(
        &self,
        model: &'static ModelMeta,
        relation: &'static RelationMeta,
        nested: &Nested,
    ) -> Result<(), Refused> {
        let Join::Columns { here, there, owned } = relation.join else { return Ok(()) };
        let target = relation.target();
        let ((from, keys), (to, references)) =
            if owned { ((model, here), (target, there)) } else { ((target, there), (model, here)) };
        let Some((scoped, value)) = (self.0)(from).and_then(|rule| rule.scope) else { return Ok(()) };
        let Some(at) = keys.iter().position(|key| *key == scoped) else { return Ok(()) };
        let has_same_scope = || {
            let scope = (self.0)(to).and_then(|rule| rule.scope);
            scope.is_some_and(|(column, other)| column == references[at] && other == value)
        };
        match nested {
            Nested::Update(..) | Nested::UpdateMany(..) | Nested::Delete(_) | Nested::DeleteMany(_) => Ok(()),
            Nested::Disconnect(_) | Nested::Set(_) => Err(MOVED),
            Nested::Create(_)
            | Nested::CreateMany(_)
            | Nested::Connect(_)
            | Nested::ConnectOrCreate(..)
            | Nested::Upsert(_) => {
                if has_same_scope() {
                    Ok(())
                } else {
                    Err(MOVED)
                }
            }
        }
    }
}

/// Whether a nested write of a new row sets a column of it.
fn refers(model: &ModelMeta, (index, nested): &(u16, Nested), column: u16) -> bool {
    let sets = matches!(nested, Nested::Create(_) | Nested::Connect(_) | Nested::ConnectOrCreate(..));
    let join = &model.relations[usize::from(*index)].join;
    sets && matches!(join, Join::Columns { here, owned: true, .. } if here.contains(&column))
}

fn take(condition: &mut Condition) -> Condition {
    std::mem::replace(condition, Condition::TRUE)
}
