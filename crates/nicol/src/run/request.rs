//! Queries of every kind, and what they take: statements that are known in advance, or steps that need the rows of others.

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;

use super::actions::act_on_columns;
use super::written::{Watched, WrittenRow};
use super::{nested, single, write};
use crate::error::{Error, Kind};
use crate::query::{Aggregate, CreateMany, Find, GroupBy, Returning, UpdateEach, UpsertMany, Write};
use crate::sql::{self, Answer};
use crate::wire::{Executor, Extensions, Outcome, Statement};

/// A query of any kind.
#[derive(Debug, Clone)]
pub(crate) enum Request {
    /// Reads rows.
    Find {
        find: Find,
        /// Whether the query fails if there is no row.
        required: bool,
    },
    /// Reads the rows of a page and counts all that match.
    FindAndCount(Find),
    Aggregate(Aggregate),
    GroupBy(GroupBy),
    Write(Write),
    /// An update or a deletion of one row that returns the row even if the filter does not match it.
    Attempt(Write),
    UpdateEach(UpdateEach, Returning),
    UpsertMany(UpsertMany, Answer),
}

/// What a query takes.
#[derive(Debug)]
pub(crate) enum Work {
    /// These statements, in order.
    Statements(Vec<Statement>),
    /// Statements of which some need the rows of others.
    Write(Box<Write>),
    /// What the extensions of the query's client make of it. In a batch, this may be another client than that of the batch.
    Extended(Extensions, Box<Request>),
}

/// What a client does with its queries: changes them, does something before and after, or refuses them.
pub(crate) trait Extend: Send + Sync {
    /// Runs a query. The executor has no extensions.
    fn run(&self, executor: Executor, request: Request) -> Running<'_>;

    /// Returns the query that a stream runs.
    ///
    /// # Errors
    /// An extension refuses it.
    fn stream(&self, find: Find) -> Result<Find, Error>;

    /// Returns the extensions in their own type.
    fn as_any(&self) -> &dyn Any;
}

/// The future of a query.
pub(crate) type Running<'a> = Pin<Box<dyn Future<Output = Result<Outcome, Error>> + Send + 'a>>;

/// The type in which an executor carries extensions.
type Carried = Arc<dyn Extend>;

/// Returns an executor whose queries pass these extensions.
pub(crate) fn extended(executor: &Executor, extensions: Carried) -> Executor {
    executor.extended(Arc::new(extensions))
}

/// Returns the extensions of an executor.
pub(crate) fn extensions(executor: &Executor) -> Option<&Carried> {
    executor.extensions()?.downcast_ref()
}

impl From<Statement> for Work {
    fn from(statement: Statement) -> Self {
        Self::Statements(vec![statement])
    }
}

impl Request {
    /// Returns what the query takes on this executor.
    ///
    /// # Errors
    /// The query cannot be written as SQL.
    pub(crate) fn on(self, executor: &Executor) -> Result<Work, Error> {
        match executor.extensions() {
            None => self.work(executor.schema()),
            Some(extensions) => Ok(Work::Extended(Arc::clone(extensions), Box::new(self))),
        }
    }

    /// Writes the statements.
    ///
    /// # Errors
    /// The query cannot be written as SQL.
    fn work(self, schema: &str) -> Result<Work, Error> {
        Ok(match self {
            Self::Find { find, required } => {
                let mut statement = sql::find(schema, &find)?;
                statement.requires_row = required;
                statement.lagging().into()
            }
            Self::FindAndCount(find) => sql::find_and_count(schema, &find)?.lagging().into(),
            Self::Aggregate(query) => sql::aggregate(schema, &query)?.lagging().into(),
            Self::GroupBy(query) => sql::group_by(schema, &query)?.lagging().into(),
            Self::Write(write) => work_of(schema, write)?,
            Self::Attempt(write) => attempt(schema, &write)?.into(),
            Self::UpdateEach(update, returning) => Work::Statements(update_each(schema, update, &returning)?),
            Self::UpsertMany(upsert, answer) => Work::Statements(upsert_many(schema, upsert, &answer)?),
        })
    }

    /// Whether the query only reads.
    pub(crate) fn is_read(&self) -> bool {
        matches!(self, Self::Find { .. } | Self::FindAndCount(_) | Self::Aggregate(_) | Self::GroupBy(_))
    }

    /// Runs the query.
    ///
    /// # Errors
    /// The query cannot be written as SQL, or the database refuses it.
    pub(crate) async fn run(self, executor: &Executor) -> Result<Outcome, Error> {
        match self {
            Self::Write(write) => write::write(executor, write).await,
            other => other.work(executor.schema())?.run(executor).await,
        }
    }
}

impl Request {
    /// Runs the query in the open transaction of the executor, and returns the rows of these models that it wrote.
    ///
    /// # Errors
    /// Those of [`run`](Self::run), or the query does not tell which rows it writes.
    pub(crate) async fn run_watched(
        self,
        executor: &Executor,
        watched: Watched,
    ) -> Result<(Outcome, Vec<WrittenRow>), Error> {
        let model = match &self {
            Self::Write(_) => {
                let Self::Write(write) = self else { unreachable!("it was matched") };
                return Box::pin(write::write_watched(executor, write, watched)).await;
            }
            Self::UpdateEach(update, _) => Some(update.model),
            Self::UpsertMany(upsert, _) => Some(upsert.model),
            Self::Attempt(Write::Update(.., returning) | Write::Delete(_, returning)) => {
                Some(returning.model)
            }
            _ => None,
        };
        if model.is_some_and(|model| watched.contains(model)) {
            let message = "`or_current`, `update_each` and `upsert_many` do not tell an extension which rows they write\n\
                help: use `update`, `delete` or `upsert`";
            return Err(Kind::Unsupported { message }.into());
        }
        Ok((self.run(executor).await?, Vec::new()))
    }
}

impl Work {
    /// Returns the statements of all works, or the works if some have other parts.
    pub(crate) fn all_statements(works: Vec<Self>) -> Result<Vec<Vec<Statement>>, Vec<Self>> {
        if !works.iter().all(|work| matches!(work, Self::Statements(_))) {
            return Err(works);
        }
        let statements = works.into_iter().filter_map(|work| match work {
            Self::Statements(statements) => Some(statements),
            _ => None,
        });
        Ok(statements.collect())
    }

    /// Runs the statements.
    ///
    /// # Errors
    /// The database refuses a statement.
    pub(crate) async fn run(self, executor: &Executor) -> Result<Outcome, Error> {
        match self {
            Self::Statements(statements) => executor.statements(statements).await,
            Self::Write(write) => Box::pin(write::write(executor, *write)).await,
            Self::Extended(extensions, request) => match extensions.downcast_ref::<Carried>() {
                Some(extensions) => extensions.run(executor.plain(), *request).await,
                // The statements are refused if the executor has extensions.
                None => Box::pin(request.run(executor)).await,
            },
        }
    }
}

fn work_of(schema: &str, write: Write) -> Result<Work, Error> {
    nested::check_references(&write)?;
    Ok(match write {
        // A new row has no dependents, and its relations are read where they are created.
        Write::Create(create, returning) if single::is_one_insert(&create) => {
            sql::create(schema, create, &returning)?.into()
        }
        Write::Update(unique, changes, returning)
            if changes.nested.is_empty() && !takes_steps(&returning) =>
        {
            sql::update(schema, &unique.condition(), &changes, &returning)?.into()
        }
        Write::Delete(unique, returning) if !takes_steps(&returning) => {
            sql::delete(schema, &unique.condition(), &returning)?.into()
        }
        Write::CreateMany(CreateMany { model, rows, skip_duplicates }, Returning::Count) => {
            Work::Statements(sql::create_many(schema, model, rows, skip_duplicates)?)
        }
        write => match single::statement(schema, &write)? {
            Some(statement) => statement.into(),
            None => Work::Write(Box::new(write)),
        },
    })
}

/// Whether a change of an existing row may take several statements: when it returns relations, which may lead back to the written model, or
/// when the client sees to referential actions.
fn takes_steps(returning: &Find) -> bool {
    !returning.includes.is_empty() || returning.model.is_emulated()
}

fn attempt(schema: &str, write: &Write) -> Result<Statement, Error> {
    match write {
        Write::Update(_, _, returning) | Write::Delete(_, returning) if returning.model.is_emulated() => {
            Err(without_actions())
        }
        Write::Update(_, changes, _) if !changes.nested.is_empty() => {
            let message = "`or_current` updates one row and takes no nested writes\nhelp: use a transaction";
            Err(Kind::Unsupported { message }.into())
        }
        Write::Update(unique, changes, returning) => sql::attempt_update(schema, unique, changes, returning),
        Write::Delete(unique, returning) => sql::attempt_delete(schema, unique, returning),
        _ => Err(Kind::Unsupported { message: "this write has no condition" }.into()),
    }
}

fn update_each(schema: &str, update: UpdateEach, returning: &Returning) -> Result<Vec<Statement>, Error> {
    if !update.rows.iter().all(|row| row.unique.filter.is_true()) {
        let message = "the keys of `update_each` take no further filter\nhelp: update the rows one by one in a transaction";
        return Err(Kind::Unsupported { message }.into());
    }
    let is_assigned = |column| {
        let mut assignments = update.rows.iter().flat_map(|row| &row.changes.assignments);
        assignments.any(|(assigned, _)| *assigned == column)
    };
    if act_on_columns(update.model, is_assigned) {
        return Err(without_actions());
    }
    sql::update_each(schema, update, returning)
}

fn upsert_many(schema: &str, upsert: UpsertMany, answer: &Answer) -> Result<Vec<Statement>, Error> {
    let UpsertMany { model, key, rows, update, .. } = &upsert;
    let is_updated = |column| match update {
        Some(columns) => columns.contains(&column),
        None => {
            let is_key = key.contains(&column) || model.key.contains(&column);
            !is_key && rows.iter().any(|row| row.values.iter().any(|(set, _)| *set == column))
        }
    };
    if act_on_columns(model, is_updated) {
        return Err(without_actions());
    }
    sql::upsert_many(schema, upsert, answer)
}

/// Returns the error of a call that would leave out the referential actions that `relationMode = "prisma"` leaves to the client.
fn without_actions() -> Error {
    let message = "with `relationMode = \"prisma\"`, this call would leave out referential actions\nhelp: write the rows \
        one by one in a transaction";
    Kind::Unsupported { message }.into()
}
