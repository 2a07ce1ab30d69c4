//! Runs writes: as one statement where one is enough, or else as steps in a transaction.

use super::arrange::arrange;
use super::missing::{is_of_row, missing_row};
use super::row::{Row, among};
use super::session::{Check, Session};
use super::step::{Ensured, Target, distinct};
use super::steps::arbiter;
use super::written::{Watched, WrittenRow};
use super::{nested, single};
use crate::error::{Error, Kind};
use crate::query::{Columns, Create, CreateMany, Find, Returning, UpdateMany, Upsert, Write};
use crate::sql;
use crate::wire::{Executor, Outcome};

/// How many times a write is repeated if another transaction was in its way.
const REPETITIONS: u32 = 3;

/// Writes, in a transaction if it takes several statements.
///
/// Within another transaction it is a part of that, so if it fails, what it wrote before is kept unless that is rolled back.
///
/// # Errors
/// A row is missing, a constraint is violated, or the database refuses a statement. Nothing is written then.
pub async fn write(executor: &Executor, mut write: Write) -> Result<Outcome, Error> {
    prepare(&mut write)?;
    if let Some(statement) = single::statement(executor.schema(), &write)? {
        let outcome = executor.statement(&statement).await?;
        // If a row to connect is missing, the steps tell which.
        if outcome.missing.is_none() {
            return checked(outcome, &write);
        }
    }
    if let Write::CreateMany(many, returning) = write {
        return create_many(executor, many, returning).await;
    }
    // The steps take a large future, which the other writes should not carry.
    Box::pin(in_steps(executor, write)).await
}

/// Arranges the nested writes, and refuses those that are impossible.
fn prepare(write: &mut Write) -> Result<(), Error> {
    arrange(write);
    nested::check_references(write)?;
    match write {
        Write::Create(create, _) => nested::check(create.model, &create.nested),
        Write::Update(_, changes, _) => nested::check(changes.model, &changes.nested),
        Write::Upsert(upsert, _) => {
            nested::check(upsert.create.model, &upsert.create.nested)?;
            nested::check(upsert.update.model, &upsert.update.nested)
        }
        _ => Ok(()),
    }
}

/// Writes in the open transaction of the executor, and returns the rows of these models that were written, in their order. If it fails, what it
/// wrote before is kept unless the transaction is rolled back.
///
/// # Errors
/// Those of [`write`].
pub(crate) async fn write_watched(
    executor: &Executor,
    mut write: Write,
    watched: Watched,
) -> Result<(Outcome, Vec<WrittenRow>), Error> {
    prepare(&mut write)?;
    let mut session = Session::new(executor.clone(), true).watching(watched);
    let outcome = session.write(write).await?;
    Ok((outcome, session.into_written()))
}

async fn in_steps(executor: &Executor, write: Write) -> Result<Outcome, Error> {
    let _active = executor.begin_query();
    let changes = match &write {
        Write::Update(_, changes, _) => Some(changes.clone()),
        _ => None,
    };
    match (repeated(executor, write).await, changes) {
        (Err(error), Some(changes)) if is_of_row(&error) => Err(missing_row(executor, changes, error).await),
        (result, _) => result,
    }
}

async fn repeated(executor: &Executor, write: Write) -> Result<Outcome, Error> {
    if executor.transaction().is_some() {
        return Session::new(executor.clone(), false).write(write).await;
    }
    let mut before: Option<Kind> = None;
    for _ in 0..REPETITIONS {
        let mut has_begun = false;
        match Box::pin(in_transaction(executor, write.clone(), &mut has_begun)).await {
            // The same error again does not come from another transaction, and a write may be what ends the server.
            Err(error) if may_pass(&error, &write, has_begun) && before.as_ref() != Some(error.kind()) => {
                before = Some(error.kind().clone());
            }
            result => return result,
        }
    }
    Box::pin(in_transaction(executor, write, &mut false)).await
}

/// Notes whether the transaction `has_begun`: until then, its first statements repeat themselves.
async fn in_transaction(executor: &Executor, write: Write, has_begun: &mut bool) -> Result<Outcome, Error> {
    let (inner, held) = executor.hold(None).await?;
    let outcome = Session::new(inner, true).write(write).await;
    *has_begun = held.has_begun();
    match outcome {
        Ok(outcome) => {
            held.commit().await?;
            Ok(Outcome { wrote: true, ..outcome })
        }
        Err(error) => {
            // The error says more than that of the connection would.
            drop(held.roll_back().await);
            Err(error)
        }
    }
}

/// Whether the write may succeed if it is repeated: a statement was stale or gone, the connection was lost and nothing was committed or, between
/// looking for a row and creating it, another transaction created it.
fn may_pass(error: &Error, write: &Write, has_begun: bool) -> bool {
    match error.kind() {
        Kind::StalePlan | Kind::StatementClash => true,
        // A lost `COMMIT` is `Uncertain`.
        Kind::Closed => has_begun,
        // Another key is taken for another reason.
        Kind::UniqueViolation { model: Some(model), fields } => write.looks_for(model, fields),
        Kind::UniqueViolation { model: None, .. } | Kind::Conflict => write.looks_before(),
        _ => false,
    }
}

/// Fails if a single statement found no row to write, or to connect.
fn checked(outcome: Outcome, write: &Write) -> Result<Outcome, Error> {
    match write {
        Write::Create(_, returning) | Write::Update(_, _, returning) | Write::Delete(_, returning)
            if outcome.rows.is_empty() =>
        {
            Err(Kind::NotFound { model: returning.model.name }.into())
        }
        _ => Ok(outcome),
    }
}

async fn create_many(executor: &Executor, many: CreateMany, returning: Returning) -> Result<Outcome, Error> {
    let CreateMany { model, rows, skip_duplicates } = many;
    let schema = executor.schema();
    let statements = sql::create_many(schema, model, rows, skip_duplicates)?;
    let Returning::Rows(find) = returning else { return executor.statements(statements).await };
    let reads_back = find.includes.iter().any(|include| include.find.reads(&[model]));
    let returned = if reads_back {
        Find { columns: Columns::Some(model.key.to_vec()), includes: Vec::new(), ..(*find).clone() }
    } else {
        (*find).clone()
    };
    let statements = statements.into_iter().map(|statement| sql::returning(schema, statement, &returned));
    let statements: Vec<_> = statements.collect::<Result<_, _>>()?;
    let outcomes = executor.batch(&[statements]).await?.into_iter().flatten();
    let outcome = Outcome::merged(outcomes);
    if !reads_back {
        return Ok(outcome);
    }
    let rows = Row::read(model, model.key, &outcome)?;
    let find = Find { filter: among(model.key, &rows, model.key), ..*find };
    executor.statement(&sql::find(schema, &find)?).await
}

impl Session {
    async fn write(&mut self, write: Write) -> Result<Outcome, Error> {
        self.operation = write.operation();
        match write {
            Write::Create(create, returning) => {
                let model = create.model;
                let row = self.create(create, Vec::new(), model.key).await?;
                self.read_back(&row, returning).await
            }
            Write::Update(unique, changes, returning) => {
                let missing = Kind::NotFound { model: changes.model.name }.into();
                let row = self.update(Target::unique(unique), changes, &[], missing).await?;
                self.read_back(&row, returning).await
            }
            Write::Upsert(upsert, returning) => self.upsert(*upsert, returning).await,
            Write::UpdateMany(UpdateMany { filter, changes, limit }, returning) => {
                let target = Target { limit, ..Target::matching(filter) };
                let target = self.act_before_update(target, &changes.assignments, changes.model).await?;
                let update = UpdateMany { filter: target.filter, changes, limit: target.limit };
                self.update_many(update, returning).await
            }
            Write::Delete(unique, returning) => {
                let model = returning.model;
                let filter = unique.condition();
                let find = Find { filter: filter.clone(), single: true, ..returning };
                let missing = Check::some_row(Kind::NotFound { model: model.name }.into());
                let outcome = self.outcome(sql::find(&self.schema, &find)?, missing).await?;
                self.delete(Target::matching(filter), model, Check::NOTHING).await?;
                self.flush().await?;
                Ok(outcome)
            }
            Write::DeleteMany { model, filter, limit } => {
                let target = Target { limit, ..Target::matching(filter) };
                let target = self.act_before_delete(target, model).await?;
                let statement = sql::remove(&self.schema, &target.rows(model))?;
                self.outcome(statement, Check::NOTHING).await
            }
            Write::CreateMany(many, returning) => self.create_many(many, returning).await,
        }
    }

    /// Creates rows in a transaction in which written rows are recorded.
    async fn create_many(&mut self, many: CreateMany, returning: Returning) -> Result<Outcome, Error> {
        let CreateMany { model, rows, skip_duplicates } = many;
        let (mut created, mut affected) = (Vec::new(), 0);
        for statement in sql::create_many(&self.schema, model, rows, skip_duplicates)? {
            let outcome = self.outcome(sql::returning_key(statement, model), Check::NOTHING).await?;
            affected += outcome.affected;
            created.extend(Row::read(model, model.key, &outcome)?);
        }
        let Returning::Rows(find) = returning else { return Ok(Outcome { affected, ..Outcome::default() }) };
        let find = Find { filter: among(model.key, &created, model.key), ..*find };
        self.outcome(sql::find(&self.schema, &find)?, Check::NOTHING).await
    }

    /// Updates a row, or creates it if it does not exist.
    async fn upsert(&mut self, upsert: Upsert, returning: Find) -> Result<Outcome, Error> {
        let Upsert { unique, create, update } = upsert;
        let model = create.model;
        let updating = Write::Update(unique.clone(), update.clone(), returning.clone());
        // Whether a related row matches is another question in an `UPDATE` than in a `SELECT`, and the latter decides.
        let is_sure = !unique.filter.reads(model, &|_| true);
        let updated = if is_sure { self.single(&updating).await? } else { None };
        let ensured = match updated {
            Some(outcome) if !outcome.rows.is_empty() => return Ok(outcome),
            Some(_) => {
                if arbiter(&unique.key.values, &create).is_empty() {
                    return self.create_and_read(create, returning).await;
                }
                self.create_missing(&unique, create, Vec::new(), model.key).await?
            }
            None => self.ensure(&unique, create, Vec::new(), model.key).await?,
        };
        let row = match ensured {
            Ensured::Created(row) => row,
            Ensured::Found(row) => {
                let missing = Kind::NotFound { model: model.name }.into();
                self.update(Target::row(&row).and(unique.filter), update, model.key, missing).await?
            }
        };
        self.read_back(&row, returning).await
    }

    async fn create_and_read(&mut self, create: Create, returning: Find) -> Result<Outcome, Error> {
        let creating = Write::Create(create.clone(), returning.clone());
        match self.single(&creating).await? {
            Some(outcome) if outcome.missing.is_none() => checked(outcome, &creating),
            _ => {
                let model = create.model;
                let row = self.create(create, Vec::new(), model.key).await?;
                self.read_back(&row, returning).await
            }
        }
    }

    /// Runs the statement of a write that needs no other.
    async fn single(&mut self, write: &Write) -> Result<Option<Outcome>, Error> {
        if self.is_watching() {
            return Ok(None);
        }
        match single::statement(&self.schema, write)? {
            Some(statement) => self.outcome(statement, Check::NOTHING).await.map(Some),
            None => Ok(None),
        }
    }

    /// Reads the row that was written.
    async fn read_back(&mut self, row: &Row, returning: Find) -> Result<Outcome, Error> {
        let find = Find { filter: row.condition(), single: true, ..returning };
        self.outcome(sql::find(&self.schema, &find)?, Check::NOTHING).await
    }

    async fn update_many(&mut self, update: UpdateMany, returning: Returning) -> Result<Outcome, Error> {
        let model = update.changes.model;
        let Returning::Rows(find) = returning else {
            let statement = sql::update_many(&self.schema, &update, &Returning::Count)?;
            return self.outcome(statement, Check::NOTHING).await;
        };
        let keys = Find { columns: Columns::Some(distinct(model.key.to_vec())), ..Find::all(model) };
        let keys = Returning::Rows(Box::new(keys));
        let statement = sql::update_many(&self.schema, &update, &keys)?;
        let columns = distinct(model.key.to_vec());
        let rows = self.rows(statement, model, &columns, Check::NOTHING).await?;
        let find = Find { filter: among(model.key, &rows, model.key), ..*find };
        self.outcome(sql::find(&self.schema, &find)?, Check::NOTHING).await
    }
}
