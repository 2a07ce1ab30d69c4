//! Reading rows: pages, counts, single rows.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::cell::{Cell, Cells};
use crate::database::{Database, raw};
use crate::failure::Failure;
use crate::query::{self, Filter, Order, Sort};
use crate::schema::{Model, Models};

/// How long reading a page may take.
const PAGE_LIMIT: Duration = Duration::from_secs(10);
/// How long counting may take, unless the user asks for it.
const COUNT_LIMIT: Duration = Duration::from_secs(2);
/// The most rows of a page.
const MOST_ROWS: usize = 500;
/// Rows are counted up to here.
const COUNTED: u64 = 10_000;
/// A plan that reads this many rows one by one is worth a remark.
const MANY_ROWS: f64 = 50_000.0;

/// A row as the page has it.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) key: Cells,
    /// A hash of all values: a row with another version has been changed.
    pub(crate) version: String,
    pub(crate) cells: Cells,
}

impl Row {
    /// Reads a row of the engine's answer.
    pub(crate) fn of_answer(model: &Model, raw: &BTreeMap<String, Box<RawValue>>) -> Self {
        let mut hash = Sha256::new();
        let mut cells = Cells::new();
        for (name, column) in model.columns() {
            let Some(value) = raw.get(name) else { continue };
            hash.update(value.get().len().to_be_bytes());
            hash.update(value.get());
            cells.insert(name.to_owned(), Cell::of_answer(value, column.form));
        }
        let key = model.key_fields();
        let key = key.iter().filter_map(|name| Some((name.clone(), cells.get(name)?.clone()))).collect();
        Self { key, version: hex::encode(&hash.finalize()[..16]), cells }
    }

    pub(crate) fn shortened(self) -> Self {
        let cells = self.cells.into_iter().map(|(name, cell)| (name, cell.shortened())).collect();
        Self { cells, ..self }
    }
}

/// Which rows to read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PageRequest {
    model: String,
    #[serde(default)]
    filters: Vec<Filter>,
    #[serde(default)]
    sorts: Vec<Sort>,
    take: usize,
    /// From the end of the list towards its beginning.
    #[serde(default)]
    backwards: bool,
    /// The position of the row before which, or behind which, the page begins.
    #[serde(default)]
    position: Option<Cells>,
    /// How many rows to pass over.
    #[serde(default)]
    skip: usize,
}

/// Some rows of a list, in its order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page {
    rows: Vec<Row>,
    /// Whether there are more rows in the direction of reading.
    more: bool,
    /// The positions of the first and the last row; without them, pages are found by counting rows.
    first: Option<Cells>,
    last: Option<Cells>,
    /// Whether the database reads the whole table for this: no index serves the filter or the order.
    reads_all: bool,
    milliseconds: u64,
}

/// Reads a page.
///
/// # Errors
/// The request does not fit the schema, the database refuses it, or it takes too long.
pub(crate) async fn page(
    database: &Database,
    models: &Models,
    request: PageRequest,
) -> Result<Page, Failure> {
    let started = Instant::now();
    let model = model(models, &request.model)?;
    let order = Order::new(model, &request.sorts)?;
    let take = request.take.clamp(1, MOST_ROWS);
    let mut conditions = vec![query::condition(models, model, &request.filters)?];
    if let Some(position) = &request.position {
        conditions.push(order.behind(position, request.backwards)?);
    }
    let arguments = json!({
        "where": query::all(conditions),
        "orderBy": order.to_protocol(request.backwards),
        "take": take + 1,
        "skip": request.skip,
    });
    let find = find("findMany", model, &arguments, &query::selection(model));
    let answers = database.read(std::slice::from_ref(&find), PAGE_LIMIT).await;
    let is_plain = request.filters.is_empty() && request.sorts.is_empty();
    let answers = answers?;
    let mut rows = rows(model, answers.first().map(|raw| &**raw))?;
    let more = rows.len() > take;
    rows.truncate(take);
    if request.backwards {
        rows.reverse();
    }
    let position = |row: Option<&Row>| row.filter(|_| order.is_exact).map(|row| order.position(&row.cells));
    let (first, last) = (position(rows.first()), position(rows.last()));
    let rows = rows.into_iter().map(Row::shortened).collect();
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let reads_all = !is_plain && reads_all(database, &find).await;
    Ok(Page { rows, more, first, last, reads_all, milliseconds })
}

fn model<'a>(models: &'a Models, name: &str) -> Result<&'a Model, Failure> {
    models.get(name).ok_or_else(|| Failure::request(format!("the schema has no model `{name}`")))
}

fn find(action: &str, model: &Model, arguments: &Value, selection: &Value) -> Value {
    json!({
        "modelName": model.name,
        "action": action,
        "query": { "arguments": arguments, "selection": selection },
    })
}

fn rows(model: &Model, answer: Option<&RawValue>) -> Result<Vec<Row>, Failure> {
    let rows = answer.map(|raw| serde_json::from_str::<Vec<BTreeMap<String, Box<RawValue>>>>(raw.get()));
    let rows = rows.and_then(Result::ok).ok_or_else(|| Failure::request("the answer has no rows"))?;
    Ok(rows.iter().map(|row| Row::of_answer(model, row)).collect())
}

/// Whether PostgreSQL would read a large table row by row. A plan that cannot be had says nothing.
async fn reads_all(database: &Database, find: &Value) -> bool {
    fn scans(plan: &Value) -> bool {
        let is_scan = plan["Node Type"].as_str() == Some("Seq Scan");
        // The cost counts the pages and rows of the whole table, even if few rows match.
        let is_large = plan["Total Cost"].as_f64().unwrap_or_default() > MANY_ROWS / 100.0;
        (is_scan && is_large) || plan["Plans"].as_array().into_iter().flatten().any(scans)
    }
    let Ok(plan) = database.explain(find).await else { return false };
    let plan: Value = serde_json::from_str(&plan).unwrap_or_default();
    let plan = plan.as_array().and_then(|plans| plans.first()).unwrap_or(&plan);
    scans(&plan["Plan"])
}

/// How many rows a list has.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Count {
    Exactly(u64),
    /// There are more.
    MoreThan(u64),
    /// The estimate of PostgreSQL's statistics.
    About(u64),
    /// Counting took too long.
    Unknown,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CountRequest {
    model: String,
    #[serde(default)]
    filters: Vec<Filter>,
    /// Whether to count all rows, however long it takes (up to the limit of a page).
    #[serde(default)]
    exactly: bool,
}

/// Counts the rows of a list: large tables by estimate, many matches up to a bound.
///
/// # Errors
/// The request does not fit the schema, or the database refuses it.
pub(crate) async fn count(
    database: &Database,
    models: &Models,
    request: CountRequest,
) -> Result<Count, Failure> {
    let model = model(models, &request.model)?;
    if request.filters.is_empty() && !request.exactly {
        let estimates = estimates(database, models).await?;
        if let Some(rows) = estimates.get(&model.name).filter(|rows| **rows > COUNTED) {
            return Ok(Count::About(*rows));
        }
    }
    let mut arguments = json!({ "where": query::condition(models, model, &request.filters)? });
    // Without a key, rows would have to be sorted for this.
    if !request.exactly && model.key.is_some() {
        arguments["take"] = (COUNTED + 1).into();
    }
    let selection = json!({ "_count": { "arguments": {}, "selection": { "_all": true } } });
    let limit = if request.exactly { PAGE_LIMIT } else { COUNT_LIMIT };
    let answer = database.read(&[find("aggregate", model, &arguments, &selection)], limit).await;
    let answer = match answer {
        Err(failure) if failure.kind == crate::failure::Kind::TimeLimit => return Ok(Count::Unknown),
        answer => answer?,
    };
    let answer: Value =
        answer.first().and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    let counted = answer["_count"]["_all"].as_u64();
    let counted = counted.ok_or_else(|| Failure::request("the answer has no count"))?;
    Ok(if counted > COUNTED && !request.exactly { Count::MoreThan(COUNTED) } else { Count::Exactly(counted) })
}

/// Returns the numbers of rows that PostgreSQL estimates, by model. Tables that were never analysed have none.
///
/// # Errors
/// The database refuses the statement or cannot be reached.
pub(crate) async fn estimates(
    database: &Database,
    models: &Models,
) -> Result<BTreeMap<String, u64>, Failure> {
    const SQL: &str = "SELECT n.nspname::text, c.relname::text, c.reltuples::int8::text FROM pg_catalog.pg_class c \
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
        WHERE c.relkind IN ('r', 'p', 'm') AND c.reltuples >= 0 AND n.nspname !~ '^(pg_|information_schema$)'";
    #[derive(Deserialize)]
    struct Answer {
        rows: Vec<(String, String, String)>,
    }
    let answers = database.read(&[raw(SQL)], COUNT_LIMIT).await?;
    let answer = answers.first().and_then(|raw| serde_json::from_str::<Answer>(raw.get()).ok());
    let rows = answer.map(|answer| answer.rows).unwrap_or_default();
    let estimate = |model: &Model| {
        let is_meant = |(namespace, table, _): &&(String, String, String)| {
            *table == model.table && model.namespace.as_ref().is_none_or(|it| it == namespace)
        };
        let (.., rows) = rows.iter().find(is_meant)?;
        Some((model.name.clone(), rows.parse().ok()?))
    };
    Ok(models.iter().filter_map(estimate).collect())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RowRequest {
    model: String,
    key: Cells,
}

/// Reads all of one row; `None` if there is none.
///
/// # Errors
/// The key is not one of the model, or the database refuses the query.
pub(crate) async fn row(
    database: &Database,
    models: &Models,
    request: &RowRequest,
) -> Result<Option<Row>, Failure> {
    let model = model(models, &request.model)?;
    let answers = database.read(&[find_row(model, &request.key)?], PAGE_LIMIT).await?;
    row_of(model, answers.first().map(|raw| &**raw))
}

/// Returns the request for one row.
///
/// # Errors
/// The key is not one of the model.
pub(crate) fn find_row(model: &Model, key: &Cells) -> Result<Value, Failure> {
    let arguments = json!({ "where": query::unique(model, key)? });
    Ok(find("findUnique", model, &arguments, &query::selection(model)))
}

/// Reads the answer to a request for one row.
///
/// # Errors
/// It is not in Prisma's JSON protocol.
pub(crate) fn row_of(model: &Model, answer: Option<&RawValue>) -> Result<Option<Row>, Failure> {
    let row = answer.map(|raw| serde_json::from_str::<Option<BTreeMap<String, Box<RawValue>>>>(raw.get()));
    let row = row.and_then(Result::ok).ok_or_else(|| Failure::request("the answer has no row"))?;
    Ok(row.map(|row| Row::of_answer(model, &row)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RelatedRequest {
    model: String,
    keys: Vec<Cells>,
}

/// Counts the rows at the other ends of relations, for each of some rows.
///
/// # Errors
/// The keys are not those of the model, the database refuses the query, or it takes too long.
pub(crate) async fn related(
    database: &Database,
    models: &Models,
    request: &RelatedRequest,
) -> Result<Vec<BTreeMap<String, u64>>, Failure> {
    let model = model(models, &request.model)?;
    let many = model.relations().filter(|(_, relation)| relation.many);
    let selection: Map<_, _> = many.map(|(name, _)| (name.to_owned(), Value::Bool(true))).collect();
    if selection.is_empty() || request.keys.is_empty() {
        return Ok(Vec::new());
    }
    let keys = request.keys.iter().take(MOST_ROWS);
    let alternatives: Vec<Value> = keys.map(|key| query::equal(model, key)).collect::<Result<_, _>>()?;
    let mut shown: Map<_, _> =
        model.key_fields().iter().map(|name| (name.clone(), Value::Bool(true))).collect();
    shown.insert("_count".to_owned(), json!({ "arguments": {}, "selection": selection }));
    let find = find("findMany", model, &json!({ "where": { "OR": alternatives } }), &shown.into());
    let answers = database.read(&[find], COUNT_LIMIT).await?;
    let rows = answers
        .first()
        .and_then(|raw| serde_json::from_str::<Vec<BTreeMap<String, Box<RawValue>>>>(raw.get()).ok());
    let counted = |row: BTreeMap<String, Box<RawValue>>| {
        let counts: BTreeMap<String, u64> = serde_json::from_str(row.get("_count")?.get()).ok()?;
        Some((json!(Row::of_answer(model, &row).key).to_string(), counts))
    };
    let counts: BTreeMap<_, _> = rows.into_iter().flatten().filter_map(counted).collect();
    let of = |key: &Cells| counts.get(&json!(key).to_string()).cloned().unwrap_or_default();
    Ok(request.keys.iter().map(of).collect())
}
