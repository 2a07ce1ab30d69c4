//! Which error it is that the row of an update does not exist: that of the first nested write that needs it, as in Prisma.
//!
//! Source: prisma-engines 6.19, `query-compiler/core/src/query_graph_builder/write/nested`.

use super::link::{Link, Parent, field, owns, refers_first};
use super::session::Session;
use super::step::Writes;
use super::steps::split;
use crate::error::{Error, Kind};
use crate::meta::ModelMeta;
use crate::query::{Changes, Nested, Unique};
use crate::wire::Executor;

// What the row above a nested write is needed for.
const INLINE: &str = "inline the relation on";
const CREATE: &str = "create inlined relation for";
const UPDATE: &str = "update inlined relation for";

/// Returns the error of an update whose row is missing; `missing` if none of its nested writes needs the row.
///
/// What a nested write does before it needs the row is done for it, because that may fail. Outside of the caller's transaction, nothing of it
/// remains.
pub(super) async fn missing_row(executor: &Executor, changes: Changes, missing: Error) -> Error {
    if executor.transaction().is_some() {
        return Session::new(executor.clone(), false).needing_row(changes).await.err().unwrap_or(missing);
    }
    let Ok((inner, held)) = executor.hold(None).await else { return missing };
    let error = Session::new(inner, false).needing_row(changes).await.err();
    drop(held.roll_back().await);
    error.unwrap_or(missing)
}

/// Whether an error says that the row of an update is missing, and nothing of nested writes.
pub(super) fn is_of_row(error: &Error) -> bool {
    matches!(error.kind(), Kind::NotFound { .. }) && error.cause().is_none()
}

impl Session {
    /// Fails like the first of the nested writes that needs the row above it.
    async fn needing_row(&mut self, changes: Changes) -> Result<(), Error> {
        let model = changes.model;
        if model.is_emulated() {
            // To see to the rows that refer to it, Prisma looks for the row before.
            return Ok(());
        }
        let plain = |nested: &(u16, Nested)| match nested {
            (index, Nested::Create(create)) if create.nested.is_empty() => Some(*index),
            _ => None,
        };
        let creates: Vec<u16> = changes.nested.iter().filter_map(plain).collect();
        // Like Prisma, an update without changes ends the list.
        let mut ended = None;
        for nested in changes.nested {
            if matches!(&nested, (index, Nested::Update(..)) if ended == Some(*index)) {
                continue;
            }
            ended = match &nested {
                (index, Nested::Update(_, changes)) if changes.is_empty() => Some(*index),
                _ => None,
            };
            let is_one_of_many = plain(&nested)
                .is_some_and(|index| creates.iter().filter(|other| **other == index).count() > 1);
            let (index, nested) = nested;
            let link = Link::new(model, index);
            if is_one_of_many && !link.is_table() {
                // Prisma creates these rows together, which has another text.
                let what = format!("{INLINE} '{}' record(s)", link.target().name);
                return Err(link.missing(link.model, "a nested create", Some(what)));
            }
            self.without_row(link, nested).await?;
        }
        Ok(())
    }

    /// Fails if the nested write needs the row above it.
    async fn without_row(&mut self, link: Link, nested: Nested) -> Result<(), Error> {
        let (here, there) = (link.model, link.target());
        let (is_table, is_one_to_one, owns) = (link.is_table(), link.is_one_to_one(), owns(link.relation));
        let is_before = refers_first(here, link.relation, &nested, Parent::Old);
        let needed = |model: &ModelMeta, operation| Err(link.missing(model, operation, None));
        let needed_for = |model: &ModelMeta, operation, what: &str, of: &ModelMeta| {
            let what = format!("{what} '{}' record(s)", of.name);
            Err(link.missing(model, operation, Some(what)))
        };
        match nested {
            Nested::Disconnect(_) if is_table => needed(here, "a disconnect"),
            Nested::Disconnect(_) | Nested::UpdateMany(..) | Nested::DeleteMany(_) => Ok(()),
            Nested::Set(_) if is_table => {
                let what = "disconnect existing child records".to_owned();
                Err(link.missing(here, "a nested set", Some(what)))
            }
            Nested::Set(rows) => {
                for row in rows {
                    if self.exists(there, row).await? {
                        return needed(here, "a nested set");
                    }
                }
                Ok(())
            }
            Nested::Update(_, changes) if changes.is_empty() => Ok(()),
            Nested::Update(_, changes) => {
                self.write_references(there, changes.nested, Parent::Old).await?;
                needed(there, "a nested update")
            }
            Nested::Delete(_) if link.relation.many => {
                Err(Kind::NotConnected { relation: field(here, link.relation) }.into())
            }
            Nested::Delete(_) => needed(there, "a nested delete"),
            Nested::Create(create) if is_table => {
                self.create(create, Vec::new(), there.key).await?;
                needed(here, "a connect")
            }
            Nested::Create(_) if is_before && is_one_to_one => {
                needed_for(here, "a nested create", UPDATE, here)
            }
            _ if is_before => Ok(()),
            Nested::Create(create) => {
                self.write_references(there, create.nested, Parent::New).await?;
                let (what, of) = if is_one_to_one { (CREATE, there) } else { (INLINE, here) };
                needed_for(here, "a nested create", what, of)
            }
            Nested::CreateMany(_) => needed_for(here, "a nested create", INLINE, there),
            Nested::Connect(_) if is_table => needed(here, "a connect"),
            Nested::Connect(_) if !is_one_to_one => needed_for(here, "a nested connect", INLINE, there),
            Nested::Connect(unique) => {
                if self.exists(there, unique).await? {
                    needed_for(here, "a nested connect", UPDATE, there)
                } else {
                    needed(there, "a nested connect")
                }
            }
            Nested::ConnectOrCreate(unique, create) => {
                let exists = self.exists(there, unique).await?;
                if !exists && (is_table || owns) {
                    self.create(create, Vec::new(), there.key).await?;
                } else if !exists {
                    self.write_references(there, create.nested, Parent::New).await?;
                }
                let operation = "a nested connect or create";
                match (is_one_to_one && !owns, exists || owns) {
                    _ if is_table => needed(here, "a connect"),
                    (true, true) => needed_for(here, operation, "find", there),
                    (true, false) => needed_for(here, operation, CREATE, there),
                    (false, true) => needed_for(there, operation, UPDATE, here),
                    (false, false) => needed_for(there, operation, CREATE, here),
                }
            }
            Nested::Upsert(upsert) if is_table || owns => {
                self.create(upsert.create, Vec::new(), there.key).await?;
                if is_table {
                    needed(here, "a connect")
                } else {
                    needed_for(here, "a nested upsert", UPDATE, here)
                }
            }
            Nested::Upsert(upsert) => {
                self.write_references(there, upsert.create.nested, Parent::New).await?;
                needed_for(here, "a nested upsert", UPDATE, there)
            }
        }
    }

    async fn exists(&mut self, model: &'static ModelMeta, unique: Unique) -> Result<bool, Error> {
        Ok(self.find(model, &unique.condition(), model.key).await?.is_some())
    }

    /// Writes the rows that a row would refer to.
    async fn write_references(
        &mut self,
        model: &'static ModelMeta,
        nested: Writes,
        parent: Parent,
    ) -> Result<(), Error> {
        let (before, _) = split(model, nested, parent);
        let place = self.new_place();
        self.refer_all(model, before, place).await?;
        self.flush().await?;
        self.found_all(place)
    }
}
