//! Referential actions, which the client sees to if `relationMode = "prisma"`.
//!
//! Source: prisma-engines 6.19, `query-compiler/core/src/query_graph_builder/write/utils.rs`.

use super::link::field;
use super::row::{Row, among};
use super::session::{Check, Session};
use super::step::{Step, Target, distinct, set};
use crate::error::{Error, Kind};
use crate::meta::{Action, Actions, Join, ModelMeta, RelationMeta};
use crate::query::{Assignment, Condition};
use crate::sql::{self, Rows};
use crate::value::Value;

/// A relation from rows to others with a foreign key to them.
struct Dependents {
    relation: &'static RelationMeta,
    actions: Actions,
    /// The columns that the foreign key refers to.
    referenced: &'static [u16],
    foreign: &'static [u16],
}

/// Returns the relations whose actions the client sees to.
fn dependents(model: &'static ModelMeta) -> impl Iterator<Item = Dependents> {
    model.relations.iter().filter_map(|relation| match relation.join {
        Join::Columns { here, there, owned: false } => {
            let actions = relation.actions?;
            Some(Dependents { relation, actions, referenced: here, foreign: there })
        }
        _ => None,
    })
}

impl Dependents {
    /// Returns the condition that a row refers to one of these.
    fn of(&self, rows: &[Row]) -> Condition {
        among(self.foreign, rows, self.referenced)
    }

    fn is_assigned(&self, assignments: &[(u16, Assignment)]) -> bool {
        assignments.iter().any(|(column, _)| self.referenced.contains(column))
    }

    /// Returns the foreign keys that can be null, as null.
    fn nulls(&self) -> Vec<(u16, Assignment)> {
        let model = self.relation.target();
        let nullable = self.foreign.iter().filter(|column| model.columns[usize::from(**column)].nullable);
        nullable.map(|column| set((*column, Value::Null))).collect()
    }
}

/// Whether the client sees to rows that refer to those that an update changes.
pub(super) fn act_on_update(model: &'static ModelMeta, assignments: &[(u16, Assignment)]) -> bool {
    dependents(model).any(|dependents| dependents.is_assigned(assignments))
}

/// Whether the client sees to rows that refer to those columns that are written.
pub(crate) fn act_on_columns(model: &'static ModelMeta, is_written: impl Fn(u16) -> bool) -> bool {
    dependents(model).any(|dependents| dependents.referenced.iter().any(|column| is_written(*column)))
}

/// Whether an update changes columns that rows of other models, or of this one, refer to.
pub(super) fn changes_references(model: &'static ModelMeta, assignments: &[(u16, Assignment)]) -> bool {
    let referenced = model.relations.iter().filter_map(|relation| match relation.join {
        Join::Columns { here, owned: false, .. } => Some(here),
        Join::Columns { .. } => None,
        Join::Table { .. } => Some(model.key),
    });
    referenced.flatten().any(|column| assignments.iter().any(|(assigned, _)| assigned == column))
}

/// Whether the client sees to rows that refer to those that are deleted.
pub(super) fn act_on_delete(model: &'static ModelMeta) -> bool {
    dependents(model).next().is_some()
}

/// Returns the columns to read of rows before they are changed or deleted: those that identify them, and those that others refer to.
fn columns(model: &'static ModelMeta) -> Vec<u16> {
    let referenced = dependents(model).flat_map(|dependents| dependents.referenced.iter().copied());
    distinct(model.key.iter().copied().chain(referenced).collect())
}

impl Session {
    /// Sees to the rows that refer to those that an update changes, and returns the rows to update.
    pub(super) async fn act_before_update(
        &mut self,
        target: Target,
        assignments: &[(u16, Assignment)],
        model: &'static ModelMeta,
    ) -> Result<Target, Error> {
        if !act_on_update(model, assignments) {
            return Ok(target);
        }
        let columns = columns(model);
        // The limit is that of the update: like Prisma's, the actions concern all rows that match.
        let statement = sql::select(&self.schema, &target.rows(model).limited(None), &columns)?;
        let rows = self.rows(statement, model, &columns, Check::NOTHING).await?;
        self.update_dependents(model, &rows, assignments).await?;
        Ok(target.among(model, &rows))
    }

    /// Sees to the rows that refer to those that are deleted, and returns the rows to delete: those that match then, too, as in Prisma.
    pub(super) async fn act_before_delete(
        &mut self,
        target: Target,
        model: &'static ModelMeta,
    ) -> Result<Target, Error> {
        if !act_on_delete(model) {
            return Ok(target);
        }
        let columns = columns(model);
        let statement = sql::select(&self.schema, &target.rows(model).limited(None), &columns)?;
        let rows = self.rows(statement, model, &columns, Check::NOTHING).await?;
        self.delete_dependents(model, &rows, &mut vec![]).await?;
        let filter = target.filter.clone();
        Ok(target.among(model, &rows).and(filter))
    }

    /// Sees to the rows that refer to rows of a model that are about to be deleted. `within` are the models whose rows are being deleted for
    /// them, so that a circle ends.
    fn delete_dependents<'a>(
        &'a mut self,
        model: &'static ModelMeta,
        rows: &'a [Row],
        within: &'a mut Vec<(&'static ModelMeta, Vec<Vec<Value>>)>,
    ) -> Step<'a, ()> {
        Box::pin(async move {
            if rows.is_empty() {
                return Ok(());
            }
            for dependents in dependents(model) {
                let target = dependents.relation.target();
                let condition = dependents.of(rows);
                match dependents.actions.on_delete {
                    Action::NoAction | Action::Restrict => {
                        self.refuse(model, &dependents, &condition).await?;
                    }
                    Action::SetNull | Action::SetDefault => {
                        let nulls = dependents.nulls();
                        self.change_dependents(target, condition, &nulls).await?;
                    }
                    Action::Cascade => {
                        let columns = columns(target);
                        let statement =
                            sql::select(&self.schema, &Rows::matching(target, &condition), &columns)?;
                        let mut found = self.rows(statement, target, &columns, Check::NOTHING).await?;
                        let keys = |row: &Row| row.values(target.key);
                        let seen = within.iter().filter(|(model, _)| std::ptr::eq(*model, target));
                        let seen: Vec<Vec<Value>> = seen.flat_map(|(_, keys)| keys.iter().cloned()).collect();
                        if !seen.is_empty() {
                            found.retain(|row| !seen.contains(&keys(row)));
                        }
                        if found.is_empty() {
                            continue;
                        }
                        within.push((target, found.iter().map(keys).collect()));
                        self.delete_dependents(target, &found, within).await?;
                        let condition = among(target.key, &found, target.key);
                        let statement = sql::remove(&self.schema, &Rows::matching(target, &condition))?;
                        self.run(statement, Check::NOTHING).await?;
                    }
                }
            }
            Ok(())
        })
    }

    /// Sees to the rows that refer to rows of a model that are about to be updated.
    fn update_dependents<'a>(
        &'a mut self,
        model: &'static ModelMeta,
        rows: &'a [Row],
        assignments: &'a [(u16, Assignment)],
    ) -> Step<'a, ()> {
        Box::pin(async move {
            if rows.is_empty() {
                return Ok(());
            }
            for dependents in dependents(model) {
                if !dependents.is_assigned(assignments) {
                    continue;
                }
                let target = dependents.relation.target();
                let condition = dependents.of(rows);
                match dependents.actions.on_update {
                    Action::NoAction | Action::Restrict => {
                        self.refuse(model, &dependents, &condition).await?;
                    }
                    Action::SetNull | Action::SetDefault => {
                        let nulls = dependents.nulls();
                        self.change_dependents(target, condition, &nulls).await?;
                    }
                    Action::Cascade => {
                        let pairs = dependents.referenced.iter().zip(dependents.foreign);
                        let changes: Vec<(u16, Assignment)> = pairs
                            .filter_map(|(referenced, foreign)| {
                                let mut last = assignments.iter().rev();
                                let (_, assignment) = last.find(|(column, _)| column == referenced)?;
                                Some((*foreign, assignment.clone()))
                            })
                            .collect();
                        self.change_dependents(target, condition, &changes).await?;
                    }
                }
            }
            Ok(())
        })
    }

    /// Changes foreign keys, and sees to the rows that refer to them.
    async fn change_dependents(
        &mut self,
        model: &'static ModelMeta,
        condition: Condition,
        changes: &[(u16, Assignment)],
    ) -> Result<(), Error> {
        if changes.is_empty() {
            return Ok(());
        }
        let mut target = Target::matching(condition);
        if act_on_update(model, changes) {
            let columns = columns(model);
            let statement = sql::select(&self.schema, &target.rows(model), &columns)?;
            let rows = self.rows(statement, model, &columns, Check::NOTHING).await?;
            self.update_dependents(model, &rows, changes).await?;
            target = Target::matching(among(model.key, &rows, model.key));
        }
        let statement = sql::change(&self.schema, &target.rows(model), changes, None, &[])?;
        self.run(statement, Check::NOTHING).await
    }

    /// Fails if there is a row that refers to those.
    async fn refuse(
        &mut self,
        model: &'static ModelMeta,
        dependents: &Dependents,
        condition: &Condition,
    ) -> Result<(), Error> {
        let rows = Rows::matching(dependents.relation.target(), condition).limited(Some(1));
        let statement = sql::select(&self.schema, &rows, &[])?;
        let relation = field(model, dependents.relation);
        self.run(statement, Check::no_row(Kind::RequiredRelation { relation }.into())).await
    }
}
