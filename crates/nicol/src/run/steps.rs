//! Writes of one row, in steps: the row itself, before it the rows that it refers to, and after it the rows that refer to it.

use super::actions::act_on_update;
use super::link::{Link, Parent, owns, refers_first};
use super::row::{Row, joining};
use super::session::{Check, Place, Session};
use super::step::{Ensured, Step, Target, Writes, distinct, set};
use crate::error::{Error, Kind};
use crate::meta::ModelMeta;
use crate::query::{Changes, Condition, Create, Nested, Unique};
use crate::sql::{self, Rows};
use crate::value::Value;

impl Session {
    /// Creates a row with nested writes. The result has at least the `wanted` columns. `given` are values that come from elsewhere.
    pub(super) fn create<'a>(
        &'a mut self,
        create: Create,
        given: Vec<(u16, Value)>,
        wanted: &'a [u16],
    ) -> Step<'a, Row> {
        Box::pin(async move {
            let missing = Error::from(Kind::NotFound { model: create.model.name });
            self.create_unless(create, given, &[], wanted).await?.ok_or(missing)
        })
    }

    /// Creates a row with nested writes, unless there is one with the same values of the `unless` columns.
    fn create_unless<'a>(
        &'a mut self,
        mut create: Create,
        given: Vec<(u16, Value)>,
        unless: &'a [u16],
        wanted: &'a [u16],
    ) -> Step<'a, Option<Row>> {
        Box::pin(async move {
            let model = create.model;
            let (before, after) = split(model, std::mem::take(&mut create.nested), Parent::New);
            create.values.extend(given);
            let place = self.new_place();
            for (index, nested) in after.iter().rev() {
                if let (link, Nested::Connect(unique)) = (Link::new(model, *index), nested)
                    && link.is_one_to_one()
                {
                    self.look_for(link, unique.clone(), place).await?;
                }
            }
            create.values.extend(self.refer_all(model, before, place).await?);
            let mut needed = needed_by(model, &after);
            needed.extend(wanted);
            let values = sql::values_of(&mut create, self.now);
            let known = Row::known(model, model.key, values.iter().cloned(), &needed);
            if unless.is_empty() && (needed.is_empty() || known.is_some()) {
                let statement = sql::insert(&self.schema, model, values, unless, &[])?;
                self.run(statement, Check::NOTHING.writing(place)).await?;
                let row = known.or_else(|| Row::known(model, &[], [], &[]));
                if let Some(row) = &row {
                    self.nested(row, after, Parent::New).await?;
                }
                return Ok(row);
            }
            needed.extend(model.key);
            let columns = distinct(needed);
            let statement = sql::insert(&self.schema, model, values, unless, &columns)?;
            let row = self.rows(statement, model, &columns, Check::NOTHING.writing(place)).await?.pop();
            if let Some(row) = &row {
                self.nested(row, after, Parent::New).await?;
            }
            Ok(row)
        })
    }

    /// Updates a row with nested writes. The result has at least the `wanted` columns.
    pub(super) fn update<'a>(
        &'a mut self,
        target: Target,
        mut changes: Changes,
        wanted: &'a [u16],
        missing: Error,
    ) -> Step<'a, Row> {
        Box::pin(async move {
            let model = changes.model;
            let (before, mut after) = split(model, std::mem::take(&mut changes.nested), Parent::Old);
            if !changes.assignments.is_empty() && !model.is_emulated() {
                // The update may change the key by which the row is named.
                self.resolve_connects(model, &mut after).await?;
            }
            let place = self.new_place();
            let references = self.refer_all(model, before, place).await?;
            changes.assignments.extend(references.into_iter().map(set));
            let mut needed = needed_by(model, &after);
            needed.extend(wanted);
            let target = if act_on_update(model, &changes.assignments) {
                // Like Prisma's, the update looks at the filter again.
                let filter = target.filter.clone();
                self.act_before_update(target, &changes.assignments, model).await?.and(filter)
            } else {
                target
            };
            let kept = target
                .key
                .iter()
                .filter(|(column, _)| changes.assignments.iter().all(|(assigned, _)| assigned != column));
            let kept: Vec<(u16, Value)> = kept.cloned().collect();
            let key: Vec<u16> = target.key.iter().map(|(column, _)| *column).collect();
            let known = if needed.is_empty() && target.connected.is_some() {
                // Nothing comes after a nested update without nested writes of its own.
                Row::known(model, &[], [], &[])
            } else if kept.len() == key.len() && !key.is_empty() {
                Row::known(model, &key, kept, &needed)
            } else {
                None
            };
            needed.extend(model.key);
            let columns = if known.is_some() { Vec::new() } else { distinct(needed) };
            let rows = target.rows(model);
            let statement = if changes.assignments.is_empty() {
                sql::select(&self.schema, &rows, &columns)?
            } else {
                sql::change(&self.schema, &rows, &changes.assignments, Some(self.now), &columns)?
            };
            let check = Check::some_row(missing).writing(place);
            let row = match known {
                Some(row) => {
                    self.run(statement, check).await?;
                    row
                }
                None => {
                    let row = self.rows(statement, model, &columns, check).await?.pop();
                    row.ok_or(Kind::NotFound { model: model.name })?
                }
            };
            self.nested(&row, after, Parent::Old).await?;
            Ok(row)
        })
    }

    /// Runs nested writes before a row and returns the values of its foreign keys.
    pub(super) async fn refer_all(
        &mut self,
        model: &'static ModelMeta,
        before: Writes,
        place: Place,
    ) -> Result<Vec<(u16, Value)>, Error> {
        let mut references = Vec::new();
        for (relation, nested) in before {
            references.extend(self.refer(model, relation, nested, place).await?);
        }
        Ok(references)
    }

    /// Finds a row, or creates it if it does not exist.
    pub(super) fn ensure<'a>(
        &'a mut self,
        unique: &'a Unique,
        create: Create,
        given: Vec<(u16, Value)>,
        wanted: &'a [u16],
    ) -> Step<'a, Ensured> {
        Box::pin(async move {
            match self.find(create.model, &unique.clone().condition(), wanted).await? {
                Some(row) => Ok(Ensured::Found(row)),
                None => self.create_missing(unique, create, given, wanted).await,
            }
        })
    }

    /// Creates a row that was not found, or finds it if another transaction has created it since.
    pub(super) fn create_missing<'a>(
        &'a mut self,
        unique: &'a Unique,
        create: Create,
        given: Vec<(u16, Value)>,
        wanted: &'a [u16],
    ) -> Step<'a, Ensured> {
        Box::pin(async move {
            let model = create.model;
            let unless = arbiter(&unique.key.values, &create);
            if unless.is_empty() {
                return self.create(create, given, wanted).await.map(Ensured::Created);
            }
            if let Some(row) = self.create_unless(create, given, &unless, wanted).await? {
                return Ok(Ensured::Created(row));
            }
            let fields = unless.iter().map(|column| model.columns[usize::from(*column)].field.to_owned());
            let taken = Kind::UniqueViolation { model: Some(model.name), fields: fields.collect() };
            let condition = unique.clone().condition();
            self.find(model, &condition, wanted).await?.map(Ensured::Found).ok_or(taken.into())
        })
    }

    /// Reads columns of the first row that matches.
    pub(super) async fn find(
        &mut self,
        model: &'static ModelMeta,
        condition: &Condition,
        wanted: &[u16],
    ) -> Result<Option<Row>, Error> {
        let columns = distinct(wanted.iter().chain(model.key).copied().collect());
        let rows = Rows::matching(model, condition).limited(Some(1));
        let statement = sql::select(&self.schema, &rows, &columns)?;
        Ok(self.rows(statement, model, &columns, Check::NOTHING).await?.pop())
    }

    /// Deletes rows.
    pub(super) async fn delete(
        &mut self,
        target: Target,
        model: &'static ModelMeta,
        check: Check,
    ) -> Result<(), Error> {
        let target = self.act_before_delete(target, model).await?;
        let statement = sql::remove(&self.schema, &target.rows(model))?;
        self.run(statement, check).await
    }
}

/// Splits nested writes into those before the row, whose keys it stores, and those after it.
pub(super) fn split(model: &ModelMeta, nested: Writes, parent: Parent) -> (Writes, Writes) {
    nested.into_iter().partition(|(relation, nested)| {
        refers_first(model, &model.relations[usize::from(*relation)], nested, parent)
    })
}

/// Returns the columns that nested writes need of the row that they are connected to.
fn needed_by(model: &ModelMeta, nested: &Writes) -> Vec<u16> {
    let mut needed = Vec::new();
    for (relation, _) in nested {
        let relation = &model.relations[usize::from(*relation)];
        needed.extend(joining(model, relation));
        if owns(relation) {
            needed.extend(model.key);
        }
    }
    needed
}

/// Returns the columns of a key if a row with it would have been found, so that only another transaction can have created it since.
pub(super) fn arbiter(key: &[(u16, Value)], create: &Create) -> Vec<u16> {
    let is_created = |(column, value): &(u16, Value)| {
        let mut values = create.values.iter().rev();
        values.find(|(other, _)| other == column).is_some_and(|(_, other)| other == value)
    };
    // The rows that the new row refers to come first, and they would be left over.
    let refers = create.nested.iter().any(|(relation, nested)| {
        refers_first(create.model, &create.model.relations[usize::from(*relation)], nested, Parent::New)
    });
    if refers || !key.iter().all(is_created) {
        return Vec::new();
    }
    key.iter().map(|(column, _)| *column).collect()
}
