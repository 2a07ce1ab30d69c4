//! Requests: checks them against the schema, and makes them queries as data.
//!
//! A request is read in three steps. Its values are taken out of Prisma's JSON protocol (`argument`). They are compared with the types that
//! the schema gives to arguments (`types`) and answers (`output`), which is where most mistakes are found (`check`, `selection`,
//! `problem`). What is left is translated into a query (`find`, `filter`, `key`, `order`, `aggregate`, `data`, `value`). `model` is what of a model
//! requests may name.

mod action;
mod aggregate;
mod argument;
mod check;
mod data;
mod dmmf;
mod filter;
mod find;
mod function;
mod key;
mod model;
mod order;
mod output;
mod problem;
mod selection;
#[cfg(test)]
mod tests;
mod types;
mod value;

use nicol::__private::query::{Condition, Find, Returning, UpdateMany, Upsert, Write};
use nicol_schema::model::ModelId;

use crate::error::Error;
use crate::json::Json;
use crate::plan::{Plan, Query, Row, Shape};
use crate::schema::Schema;
pub use dmmf::dmmf;

use action::Action;
use check::{Arguments, Checker, Input};
use find::Reads;
use output::Output;
use selection::{Selected, Selection};

/// Makes a plan of a request.
///
/// # Errors
/// The request does not fit the schema (P2009, P2012), or asks for what cannot be done (P2019).
pub(crate) fn plan(
    schema: &Schema,
    model_name: &str,
    action_name: &str,
    query: &Json,
) -> Result<Plan, Error> {
    // Prisma has no code for these.
    let no_model = || Error::without_code(format!("the schema has no model `{model_name}`"));
    let no_action = || Error::without_code(format!("the model `{model_name}` has no action `{action_name}`"));
    let model = schema.find(model_name).ok_or_else(no_model)?;
    let action = Action::named(action_name).filter(|action| action.exists(schema, model));
    let action = action.ok_or_else(no_action)?;
    let given = selection::read_arguments(query.get("arguments"))?;
    let selection = Selection::read(query.get("selection").unwrap_or(&Json::Null))?;
    let mut checker = Checker::new(schema, action.field_name(model_name));
    let arguments = checker.arguments(&output::arguments(schema, action, model), &given);
    let arguments = arguments.map_err(|problem| problem.into_error(schema))?;
    let selected = selection::check(&mut checker, output(action, model), &selection);
    let selected = selected.map_err(|problem| problem.into_error(schema))?;
    let request = Request { schema, model, arguments: &arguments, selected: &selected };
    request.plan(action)
}

fn output(action: Action, model: ModelId) -> Output {
    match action {
        Action::CreateMany | Action::UpdateMany | Action::DeleteMany => Output::Affected,
        Action::CreateManyAndReturn | Action::UpdateManyAndReturn => Output::WrittenRow(model, action),
        Action::Aggregate => Output::Aggregates(model),
        Action::GroupBy => Output::Group(model),
        _ => Output::Row(model),
    }
}

/// A request whose arguments and selection are known to be right.
struct Request<'a> {
    schema: &'a Schema,
    model: ModelId,
    arguments: &'a Arguments<'a>,
    selected: &'a [Selected<'a>],
}

impl Request<'_> {
    fn plan(&self, action: Action) -> Result<Plan, Error> {
        let Self { schema, model, arguments, selected } = *self;
        match action {
            Action::FindUnique | Action::FindUniqueOrThrow => {
                let unique = key::unique(schema, model, self.argument("where"))?;
                let find = find::single(schema, model, unique.condition());
                self.find(find, action == Action::FindUniqueOrThrow, Reads::ByKey)
            }
            Action::FindFirst | Action::FindFirstOrThrow => {
                let mut find = find::rows(schema, model, arguments)?;
                let is_one = find.take.is_none_or(|take| take == 1);
                find.take = Some(1);
                find.single = true;
                let plan = self.find(find, action == Action::FindFirstOrThrow, Reads::Any)?;
                let error = || problem::input_error("`take` of `findFirst` must be 1 or -1".to_owned());
                if is_one { Ok(plan) } else { Err(error()) }
            }
            Action::FindMany => {
                let mut find = find::rows(schema, model, arguments)?;
                let row = find::select(schema, model, &mut find, selected, Reads::Any)?;
                Ok(Plan { query: Query::Find { find, required: false }, shape: Shape::Rows(row) })
            }
            Action::Aggregate => aggregate::aggregate(schema, model, arguments, selected),
            Action::GroupBy => aggregate::group_by(schema, model, arguments, selected),
            Action::CreateOne => {
                let create = data::create(schema, model, self.argument("data"))?;
                self.returning(|find| Write::Create(create, find))
            }
            Action::CreateMany | Action::CreateManyAndReturn => {
                let (data, skip) = (arguments.get("data"), arguments.get("skipDuplicates"));
                let create = data::create_many(schema, model, data, skip)?;
                self.returning_many(action, |returning| Write::CreateMany(create, returning))
            }
            Action::UpdateOne => {
                let unique = key::unique(schema, model, self.argument("where"))?;
                let changes = data::changes(schema, model, self.argument("data"))?;
                self.returning(|find| Write::Update(unique, changes, find))
            }
            Action::UpdateMany | Action::UpdateManyAndReturn => {
                let changes = data::changes(schema, model, self.argument("data"))?;
                let changes_nothing = changes.assignments.is_empty();
                // Prisma only counts or reads the rows then, without the limit.
                let limit = self.limit()?.filter(|_| !changes_nothing);
                let update = UpdateMany { filter: self.filter()?, changes, limit };
                self.returning_many(action, |returning| Write::UpdateMany(update, returning))
            }
            Action::UpsertOne => {
                let unique = key::unique(schema, model, self.argument("where"))?;
                let create = data::create(schema, model, self.argument("create"))?;
                let update = data::changes(schema, model, self.argument("update"))?;
                let upsert = Box::new(Upsert { unique, create, update });
                let (find, row) = self.returned(Reads::ByKey)?;
                Ok(Plan { query: Query::Write(Write::Upsert(upsert, find)), shape: Shape::Upserted(row) })
            }
            Action::DeleteOne => {
                let unique = key::unique(schema, model, self.argument("where"))?;
                self.returning(|find| Write::Delete(unique, find))
            }
            Action::DeleteMany => {
                let meta = schema.model(model).meta;
                let write = Write::DeleteMany { model: meta, filter: self.filter()?, limit: self.limit()? };
                Ok(Plan { query: Query::Write(write), shape: Shape::Count })
            }
        }
    }

    fn argument(&self, name: &str) -> &Input<'_> {
        self.arguments.get(name).unwrap_or(&Input::Null)
    }

    fn filter(&self) -> Result<Condition, Error> {
        filter::condition(self.schema, self.model, self.argument("where"))
    }

    fn limit(&self) -> Result<Option<u64>, Error> {
        let limit = self.arguments.get("limit").and_then(Input::as_int);
        // Prisma's engine has 32 bits.
        let wrong = |_| problem::input_error("`limit` must be between 0 and 4294967295".to_owned());
        Ok(limit.map(u32::try_from).transpose().map_err(wrong)?.map(u64::from))
    }

    fn find(&self, mut find: Find, required: bool, reads: Reads) -> Result<Plan, Error> {
        let row = find::select(self.schema, self.model, &mut find, self.selected, reads)?;
        Ok(Plan { query: Query::Find { find, required }, shape: Shape::Row(row) })
    }

    /// Returns the plan of a write that returns a row.
    fn returning(&self, write: impl FnOnce(Find) -> Write) -> Result<Plan, Error> {
        let (find, row) = self.returned(Reads::ByKey)?;
        Ok(Plan { query: Query::Write(write(find)), shape: Shape::Row(row) })
    }

    /// Returns the plan of a write of several rows, which returns them or their number.
    fn returning_many(&self, action: Action, write: impl FnOnce(Returning) -> Write) -> Result<Plan, Error> {
        if let Action::CreateManyAndReturn | Action::UpdateManyAndReturn = action {
            let (find, row) = self.returned(Reads::Any)?;
            let write = write(Returning::Rows(Box::new(find)));
            return Ok(Plan { query: Query::Write(write), shape: Shape::Rows(row) });
        }
        Ok(Plan { query: Query::Write(write(Returning::Count)), shape: Shape::Count })
    }

    fn returned(&self, reads: Reads) -> Result<(Find, Row), Error> {
        let mut find = Find::all(self.schema.model(self.model).meta);
        let row = find::select(self.schema, self.model, &mut find, self.selected, reads)?;
        Ok((find, row))
    }
}
