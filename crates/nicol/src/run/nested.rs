//! Nested writes: what they do at the other end of a relation, in the order of Prisma's query compiler.
//!
//! Source: prisma-engines 6.19, `query-compiler/core/src/query_graph_builder/write/nested`.

use super::link::{Link, Parent, field, owns};
use super::row::Row;
use super::session::{Check, Place, Session};
use super::step::{Ensured, Step, Target, Writes, distinct, set};
use crate::error::{Cause, Error, Kind};
use crate::meta::ModelMeta;
use crate::query::{
    Assignment, Changes, Condition, Create, CreateMany, Key, Nested, NestedUpsert, Quantifier, Unique, Write,
};
use crate::sql::{self, Rows};
use crate::value::Value;

/// Refuses nested writes that are impossible whatever the rows are.
///
/// # Errors
/// A row is disconnected from one that it requires.
pub(super) fn check(model: &'static ModelMeta, nested: &Writes) -> Result<(), Error> {
    for (index, nested) in nested {
        let link = Link::new(model, *index);
        let target = link.target();
        match nested {
            Nested::Disconnect(_) if link.is_required_here() || link.is_required_there() => {
                return Err(link.required().because(Cause::Impossible));
            }
            Nested::Create(create) | Nested::ConnectOrCreate(_, create) => check(target, &create.nested)?,
            Nested::Update(_, changes) => check(target, &changes.nested)?,
            Nested::Upsert(upsert) => {
                check(target, &upsert.create.nested)?;
                check(target, &upsert.update.nested)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Refuses a write that sets a foreign key both by its fields and by the relation, at any depth. A field may repeat what the key of a connected
/// row says.
///
/// # Errors
/// A field is set twice.
pub(super) fn check_references(write: &Write) -> Result<(), Error> {
    match write {
        Write::Create(create, _) => check_new(create),
        Write::Update(_, changes, _) => check_changes(changes),
        Write::Upsert(upsert, _) => check_new(&upsert.create).and_then(|()| check_changes(&upsert.update)),
        _ => Ok(()),
    }
}

fn check_new(create: &Create) -> Result<(), Error> {
    check_nested(create.model, &create.nested, |column| {
        let set = create.values.iter().rev().find(|(set, _)| *set == column);
        set.map(|(_, value)| Some(value))
    })
}

fn check_changes(changes: &Changes) -> Result<(), Error> {
    check_nested(changes.model, &changes.nested, |column| {
        let set = changes.assignments.iter().rev().find(|(set, _)| *set == column);
        set.map(|(_, assignment)| match assignment {
            Assignment::Set(value) => Some(value),
            _ => None,
        })
    })
}

/// The function returns whether a column is set, and to which value unless it is computed.
fn check_nested<'a>(
    model: &'static ModelMeta,
    nested: &Writes,
    set: impl Fn(u16) -> Option<Option<&'a Value>>,
) -> Result<(), Error> {
    for (index, nested) in nested {
        let link = Link::new(model, *index);
        let (here, there) = link.columns();
        let set_twice = |model: &'static ModelMeta, column: u16| {
            let field = model.columns[usize::from(column)].field;
            Err(Kind::SetTwice { relation: self::field(link.model, link.relation), field }.into())
        };
        if owns(link.relation) {
            let connected: &[(u16, Value)] = match nested {
                Nested::Connect(row) => &row.key.values,
                _ => &[],
            };
            for (column, referenced) in here.iter().zip(there) {
                let Some(value) = set(*column) else { continue };
                let says_the_same = |(of, other): &(u16, Value)| of == referenced && value == Some(other);
                if !connected.iter().any(says_the_same) {
                    return set_twice(model, *column);
                }
            }
        }
        let created: &[Create] = match nested {
            Nested::Create(create) | Nested::ConnectOrCreate(_, create) => std::slice::from_ref(create),
            Nested::CreateMany(many) => &many.rows,
            Nested::Upsert(upsert) => {
                check_changes(&upsert.update)?;
                std::slice::from_ref(&upsert.create)
            }
            Nested::Update(_, changes) => {
                check_changes(changes)?;
                &[]
            }
            _ => &[],
        };
        for create in created {
            let set = create.values.iter().find(|(column, _)| there.contains(column));
            if let (false, Some((column, _))) = (owns(link.relation), set) {
                return set_twice(create.model, *column);
            }
            check_new(create)?;
        }
    }
    Ok(())
}

impl Session {
    /// Runs a nested write before the row above it, which has the given place, and returns the values of the row's foreign key.
    pub(super) fn refer<'a>(
        &'a mut self,
        model: &'static ModelMeta,
        index: u16,
        nested: Nested,
        place: Place,
    ) -> Step<'a, Vec<(u16, Value)>> {
        Box::pin(async move {
            let link = Link::new(model, index);
            let (target, (_, there)) = (link.target(), link.columns());
            let row = match nested {
                Nested::Create(create) => self.create(create, Vec::new(), there).await?,
                Nested::Connect(unique) => self.connected_row(link, unique, place).await?,
                Nested::ConnectOrCreate(unique, create) => {
                    match self.ensure(&unique, create, Vec::new(), there).await? {
                        Ensured::Created(row) => row,
                        Ensured::Found(row) => {
                            if link.is_one_to_one() {
                                self.release_from_others(link, &row).await?;
                            }
                            row
                        }
                    }
                }
                _ => return Err(Kind::Unsupported { message: "this nested write has no row" }.into()),
            };
            debug_assert!(std::ptr::eq(row.model, target));
            Ok(link.reference_from(&row))
        })
    }

    /// Finds the row to connect to a new one, or to many.
    async fn connected_row(&mut self, link: Link, unique: Unique, place: Place) -> Result<Row, Error> {
        let target = link.target();
        let needed_for = if link.is_one_to_one() {
            needed_to_connect(link)
        } else {
            format!("inline the relation on '{}' record(s)", link.model.name)
        };
        let missing = link.missing(target, "a nested connect", Some(needed_for));
        let check = Check::some_row(missing).needed_by(place);
        let row = self.row_to_connect(target, unique, link.columns().1, check).await?;
        if link.is_one_to_one() {
            self.release_from_others(link, &row).await?;
        }
        Ok(row)
    }

    /// Looks for the only row that is to refer to a new one: like Prisma, before that is created.
    pub(super) async fn look_for(&mut self, link: Link, unique: Unique, place: Place) -> Result<(), Error> {
        let target = link.target();
        let missing = link.missing(target, "a nested connect", Some(needed_to_connect(link)));
        let condition = unique.condition();
        let statement = sql::select(&self.schema, &Rows::matching(target, &condition), &[])?;
        self.run(statement, Check::some_row(missing).needed_by(place)).await
    }

    /// Looks for the only rows that are going to be connected, so that they are known by their primary keys.
    pub(super) async fn resolve_connects(
        &mut self,
        model: &'static ModelMeta,
        nested: &mut Writes,
    ) -> Result<(), Error> {
        for (index, nested) in nested {
            let link = Link::new(model, *index);
            if let Nested::Connect(unique) = nested
                && link.is_one_to_one()
                && !owns(link.relation)
                && let Some(row) = self.find(link.target(), &unique.clone().condition(), &[]).await?
            {
                *unique = Key { values: row.key() }.into();
            }
        }
        Ok(())
    }

    /// Finds a row by its key. It does not wait if the key has the columns that are needed.
    async fn row_to_connect(
        &mut self,
        model: &'static ModelMeta,
        unique: Unique,
        needed: &[u16],
        check: Check,
    ) -> Result<Row, Error> {
        let key: Vec<u16> = unique.key.values.iter().map(|(column, _)| *column).collect();
        let known = Row::known(model, &key, unique.key.values.iter().cloned(), needed);
        let condition = unique.condition();
        let rows = Rows::matching(model, &condition);
        if let Some(row) = known {
            let statement = sql::select(&self.schema, &rows, &[])?;
            self.run(statement, check).await?;
            return Ok(row);
        }
        let columns = distinct(needed.iter().chain(model.key).copied().collect());
        let statement = sql::select(&self.schema, &rows, &columns)?;
        let row = self.rows(statement, model, &columns, check).await?.pop();
        // If it is missing, what needs it is going to fail.
        Ok(row.unwrap_or_else(|| Row::unknown(model)))
    }

    /// Disconnects the row that refers to this one, so that another may.
    async fn release_from_others(&mut self, link: Link, row: &Row) -> Result<(), Error> {
        let (here, _) = link.columns();
        let condition = Key { values: link.reference_from(row) }.condition();
        let rows = Rows::matching(link.model, &condition);
        if link.is_required_here() {
            let statement = sql::select(&self.schema, &rows, &[])?;
            return self.run(statement, Check::no_row(link.required())).await;
        }
        let statement = sql::change(&self.schema, &rows, &nulls(here), None, &[])?;
        self.run(statement, Check::NOTHING).await
    }

    /// Runs nested writes after the row above them, in order.
    pub(super) fn nested<'a>(&'a mut self, row: &'a Row, nested: Writes, parent: Parent) -> Step<'a, ()> {
        Box::pin(async move {
            let mut nested = nested.into_iter().peekable();
            while let Some((index, first)) = nested.next() {
                let link = Link::new(row.model, index);
                // Writes of the same kind are one.
                let kind = std::mem::discriminant(&first);
                let mut all = vec![first];
                while let Some((_, next)) =
                    nested.next_if(|(next, other)| *next == index && std::mem::discriminant(other) == kind)
                {
                    all.push(next);
                }
                self.nested_writes(row, link, all, parent).await?;
            }
            Ok(())
        })
    }

    async fn nested_writes(
        &mut self,
        row: &Row,
        link: Link,
        nested: Vec<Nested>,
        parent: Parent,
    ) -> Result<(), Error> {
        let mut connects = Vec::new();
        let mut deletes = Vec::new();
        for nested in nested {
            match nested {
                Nested::Create(create) => self.create_connected(row, link, create, parent).await?,
                Nested::CreateMany(rows) => self.create_many_connected(row, link, rows).await?,
                Nested::Connect(unique) => {
                    let is_known = |known: &Unique| is_same(known, &unique);
                    if !connects.iter().any(is_known) {
                        connects.push(unique);
                    }
                }
                Nested::ConnectOrCreate(unique, create) => {
                    self.connect_or_create(row, link, unique, create, parent).await?;
                }
                Nested::Disconnect(filter) => self.disconnect(row, link, filter).await?,
                Nested::Set(uniques) => self.set_connected(row, link, uniques).await?,
                // Like Prisma, an update without changes ends the list.
                Nested::Update(_, changes) if changes.is_empty() => return Ok(()),
                Nested::Update(filter, changes) => {
                    let target = Target::connected(row.connected(link.relation), filter);
                    let missing = link.missing(link.target(), "a nested update", None);
                    self.update(target, changes, &[], missing).await?;
                }
                Nested::UpdateMany(filter, changes) => {
                    if !changes.assignments.is_empty() {
                        let connected = row.connected(link.relation);
                        let rows = Rows::connected(&connected, &filter);
                        let now = Some(self.now);
                        let statement = sql::change(&self.schema, &rows, &changes.assignments, now, &[])?;
                        self.run(statement, Check::NOTHING).await?;
                    }
                }
                Nested::Upsert(upsert) => self.upsert_connected(row, link, *upsert).await?,
                Nested::Delete(filter) => deletes.push(filter),
                Nested::DeleteMany(filter) => {
                    let target = Target::connected(row.connected(link.relation), filter);
                    self.delete(target, link.target(), Check::NOTHING).await?;
                }
            }
        }
        if !connects.is_empty() {
            self.connect(row, link, connects, parent).await?;
        }
        if deletes.is_empty() { Ok(()) } else { self.delete_connected(row, link, deletes).await }
    }

    async fn create_connected(
        &mut self,
        row: &Row,
        link: Link,
        mut create: Create,
        parent: Parent,
    ) -> Result<(), Error> {
        let target = link.target();
        if link.is_table() {
            let connected = row.connected(link.relation);
            if create.nested.is_empty() && !self.watches(target) {
                let values = sql::values_of(&mut create, self.now);
                let statement = sql::insert_linked(&self.schema, target, values, &connected)?;
                return self.run(statement, Check::NOTHING).await;
            }
            let child = self.create(create, Vec::new(), target.key).await?;
            let statement = sql::link(&self.schema, &child.condition(), &connected)?;
            return self.run(statement, Check::NOTHING).await;
        }
        if parent == Parent::Old && link.is_one_to_one() {
            self.release_connected(row, link, None).await?;
        }
        self.create(create, link.reference_to(row), &[]).await.map(drop)
    }

    /// Updates the foreign key of a row. As in Prisma, its `@updatedAt` columns change when it is connected, not when it is disconnected.
    async fn refer_to(&mut self, row: &Row, link: Link, child: &Row) -> Result<(), Error> {
        let changes: Vec<_> = link.reference_from(child).into_iter().map(set).collect();
        let condition = row.condition();
        let rows = Rows::matching(link.model, &condition);
        let statement = sql::change(&self.schema, &rows, &changes, Some(self.now), &[])?;
        self.run(statement, Check::NOTHING).await
    }

    /// Disconnects the only row that is connected to this one, unless it is the exception.
    async fn release_connected(
        &mut self,
        row: &Row,
        link: Link,
        except: Option<&Condition>,
    ) -> Result<(), Error> {
        if owns(link.relation) {
            // The foreign key is about to be replaced.
            return Ok(());
        }
        let connected = row.connected(link.relation);
        let any = Condition::TRUE;
        let rows = Rows { except, ..Rows::connected(&connected, &any) };
        if link.is_required_there() {
            let statement = sql::select(&self.schema, &rows, &[])?;
            return self.run(statement, Check::no_row(link.required())).await;
        }
        let statement = sql::change(&self.schema, &rows, &nulls(link.columns().1), None, &[])?;
        self.run(statement, Check::NOTHING).await
    }

    async fn create_many_connected(&mut self, row: &Row, link: Link, many: CreateMany) -> Result<(), Error> {
        let CreateMany { model, mut rows, skip_duplicates } = many;
        let reference = link.reference_to(row);
        for row in &mut rows {
            row.values.extend(reference.iter().cloned());
        }
        for statement in sql::create_many(&self.schema, model, rows, skip_duplicates)? {
            self.run(statement, Check::NOTHING).await?;
        }
        Ok(())
    }

    async fn connect(
        &mut self,
        row: &Row,
        link: Link,
        uniques: Vec<Unique>,
        parent: Parent,
    ) -> Result<(), Error> {
        if link.is_one_to_one() {
            for unique in uniques {
                self.connect_one(row, link, unique, parent).await?;
            }
            return Ok(());
        }
        let number = uniques.len();
        let filter = Unique::any(uniques);
        if link.is_table() {
            let statement = sql::link(&self.schema, &filter, &row.connected(link.relation))?;
            return self.run(statement, Check::rows(number, link.not_all_found(number))).await;
        }
        let relation = field(link.model, link.relation);
        let expected = u64::try_from(number).unwrap_or(u64::MAX);
        let missing =
            Error::from(Kind::ConnectedNotFound { relation }).because(Cause::Incomplete { expected });
        self.take_over(row, link, Rows::matching(link.target(), &filter), Check::rows(number, missing)).await
    }

    /// Updates the foreign keys of rows on the other side.
    async fn take_over(&mut self, row: &Row, link: Link, rows: Rows<'_>, check: Check) -> Result<(), Error> {
        let changes: Vec<_> = link.reference_to(row).into_iter().map(set).collect();
        let statement = sql::change(&self.schema, &rows, &changes, Some(self.now), &[])?;
        self.run(statement, check).await
    }

    /// Connects the only row.
    async fn connect_one(
        &mut self,
        row: &Row,
        link: Link,
        unique: Unique,
        parent: Parent,
    ) -> Result<(), Error> {
        let target = link.target();
        if owns(link.relation) {
            let missing = link.missing(target, "a nested connect", None);
            let check = Check::some_row(missing);
            let child = self.row_to_connect(target, unique, link.columns().1, check).await?;
            return self.refer_to_other(row, link, &child).await;
        }
        let needed_for = (parent == Parent::New).then(|| needed_to_connect(link));
        let missing = link.missing(target, "a nested connect", needed_for);
        let filter = unique.condition();
        if parent == Parent::Old {
            let found = sql::select(&self.schema, &Rows::matching(target, &filter), &[])?;
            let again = link.missing(target, "a nested connect", None);
            self.run(found, Check::some_row(missing)).await?;
            self.release_connected(row, link, Some(&filter)).await?;
            return self
                .take_over(row, link, Rows::matching(link.target(), &filter), Check::some_row(again))
                .await;
        }
        self.take_over(row, link, Rows::matching(link.target(), &filter), Check::some_row(missing)).await
    }

    /// Makes the foreign key of an existing row refer to another row, which no other may refer to.
    async fn refer_to_other(&mut self, row: &Row, link: Link, child: &Row) -> Result<(), Error> {
        let (here, _) = link.columns();
        let reference = link.reference_from(child);
        if here.iter().map(|column| row.get(*column)).eq(reference.iter().map(|(_, value)| value.clone())) {
            return Ok(());
        }
        self.release_from_others(link, child).await?;
        self.refer_to(row, link, child).await
    }

    async fn connect_or_create(
        &mut self,
        row: &Row,
        link: Link,
        unique: Unique,
        create: Create,
        parent: Parent,
    ) -> Result<(), Error> {
        let target = link.target();
        let reference = if owns(link.relation) { Vec::new() } else { link.reference_to(row) };
        let wanted = if link.columns().1.is_empty() { target.key } else { link.columns().1 };
        let child = self.ensure(&unique, create, reference, wanted).await?;
        match child {
            Ensured::Created(child) | Ensured::Found(child) if link.is_table() => {
                let statement = sql::link(&self.schema, &child.condition(), &row.connected(link.relation))?;
                self.run(statement, Check::NOTHING).await
            }
            Ensured::Created(child) if owns(link.relation) => self.refer_to(row, link, &child).await,
            Ensured::Created(_) => Ok(()),
            Ensured::Found(child) if owns(link.relation) => {
                self.release_from_others(link, &child).await?;
                self.refer_to(row, link, &child).await
            }
            Ensured::Found(child) => {
                let filter = child.condition();
                if parent == Parent::Old && link.is_one_to_one() {
                    self.release_connected(row, link, Some(&filter)).await?;
                }
                self.take_over(row, link, Rows::matching(link.target(), &filter), Check::NOTHING).await
            }
        }
    }

    async fn disconnect(&mut self, row: &Row, link: Link, filter: Condition) -> Result<(), Error> {
        let (here, there) = link.columns();
        if link.is_table() {
            let statement = sql::unlink(&self.schema, &filter, &row.connected(link.relation))?;
            return self.run(statement, Check::NOTHING).await;
        }
        if owns(link.relation) {
            let related = Condition::Related {
                relation: link.index,
                quantifier: Quantifier::Some,
                condition: Box::new(filter.clone()),
            };
            let condition = row.condition();
            let condition = if filter.is_true() { condition } else { condition.and(related) };
            let rows = Rows::matching(link.model, &condition);
            let statement = sql::change(&self.schema, &rows, &nulls(here), None, &[])?;
            return self.run(statement, Check::NOTHING).await;
        }
        let connected = row.connected(link.relation);
        let rows = Rows::connected(&connected, &filter);
        let statement = sql::change(&self.schema, &rows, &nulls(there), None, &[])?;
        self.run(statement, Check::NOTHING).await
    }

    async fn set_connected(&mut self, row: &Row, link: Link, mut uniques: Vec<Unique>) -> Result<(), Error> {
        let mut distinct: Vec<Unique> = Vec::with_capacity(uniques.len());
        for unique in uniques.drain(..) {
            if !distinct.iter().any(|known| is_same(known, &unique)) {
                distinct.push(unique);
            }
        }
        let number = distinct.len();
        let filter = Unique::any(distinct);
        let connected = row.connected(link.relation);
        if link.is_table() {
            let statement = sql::unlink(&self.schema, &Condition::TRUE, &connected)?;
            self.run(statement, Check::NOTHING).await?;
            if number == 0 {
                return Ok(());
            }
            let statement = sql::link(&self.schema, &filter, &connected)?;
            return self.run(statement, Check::rows(number, link.not_all_found(number))).await;
        }
        let any = Condition::TRUE;
        let others = Rows { except: Some(&filter), ..Rows::connected(&connected, &any) };
        if link.is_required_there() {
            let statement = sql::select(&self.schema, &others, &[])?;
            self.run(statement, Check::no_row(link.required())).await?;
        } else {
            let statement = sql::change(&self.schema, &others, &nulls(link.columns().1), None, &[])?;
            self.run(statement, Check::NOTHING).await?;
        }
        if number == 0 {
            return Ok(());
        }
        let already = Key { values: link.reference_to(row) }.condition();
        let rows = Rows { except: Some(&already), ..Rows::matching(link.target(), &filter) };
        self.take_over(row, link, rows, Check::NOTHING).await
    }

    async fn upsert_connected(&mut self, row: &Row, link: Link, upsert: NestedUpsert) -> Result<(), Error> {
        let NestedUpsert { filter, create, update } = upsert;
        let target = link.target();
        let connected = row.connected(link.relation);
        let statement = sql::select(&self.schema, &Rows::connected(&connected, &filter), target.key)?;
        let found = self.rows(statement, target, target.key, Check::NOTHING).await?.pop();
        if let Some(child) = found {
            if update.is_empty() {
                return Ok(());
            }
            let missing = link.missing(target, "a nested upsert", None);
            return self.update(Target::row(&child).and(filter), update, &[], missing).await.map(drop);
        }
        if link.is_table() || !owns(link.relation) {
            return self.create_connected(row, link, create, Parent::New).await;
        }
        let child = self.create(create, Vec::new(), link.columns().1).await?;
        self.refer_to(row, link, &child).await
    }

    async fn delete_connected(
        &mut self,
        row: &Row,
        link: Link,
        filters: Vec<Condition>,
    ) -> Result<(), Error> {
        let connected = row.connected(link.relation);
        if !link.relation.many {
            for filter in filters {
                let missing = link.missing(link.target(), "a nested delete", None);
                let target = Target::connected(connected.clone(), filter);
                self.delete(target, link.target(), Check::some_row(missing)).await?;
            }
            return Ok(());
        }
        let number = filters.len();
        let relation = field(link.model, link.relation);
        let not_connected = Check::rows(number, Kind::NotConnected { relation }.into());
        let target = Target::connected(connected, Condition::Any(filters));
        self.delete(target, link.target(), not_connected).await
    }
}

/// Whether two rows are named by the same key, so that they count as one.
fn is_same(one: &Unique, other: &Unique) -> bool {
    one.key.values == other.key.values && one.filter.is_true() && other.filter.is_true()
}

fn nulls(columns: &[u16]) -> Vec<(u16, Assignment)> {
    columns.iter().map(|column| set((*column, Value::Null))).collect()
}

fn needed_to_connect(link: Link) -> String {
    format!("create or connect inlined relation for '{}' record(s)", link.model.name)
}
