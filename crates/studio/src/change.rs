//! Changes that were collected in the page: said in words, tried, and applied in one transaction.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::cell::{Cell, Cells};
use crate::database::{Database, Transaction};
use crate::failure::{Failure, Kind};
use crate::query;
use crate::read::{self, Row};
use crate::schema::{Model, Models};

/// The longest value in words, in characters.
const LONGEST_WORD: usize = 60;

/// A change of a row. A key and a version are those of the row when the page read it.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
pub(crate) enum Change {
    Create {
        model: String,
        data: Cells,
    },
    Update {
        model: String,
        key: Cells,
        version: String,
        /// The values that are replaced, for words.
        #[serde(default)]
        before: Cells,
        data: Cells,
    },
    Delete {
        model: String,
        key: Cells,
        version: String,
    },
    /// Connects the row with another one, in a many-to-many relation.
    Link {
        model: String,
        key: Cells,
        relation: String,
        target: Cells,
    },
    /// Takes such a connection back.
    Unlink {
        model: String,
        key: Cells,
        relation: String,
        target: Cells,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeRequest {
    mode: Mode,
    changes: Vec<Change>,
}

/// What to do with changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Mode {
    /// Only say them in words.
    Describe,
    /// Run them, return the statements, and roll back.
    Try,
    /// Run them and commit.
    Apply,
}

/// What became of changes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// Each change in words.
    words: Vec<String>,
    /// The statements of each change that has run, without values.
    statements: Vec<Vec<String>>,
    /// The changes that cannot be applied. Nothing has been changed if there are any.
    failures: Vec<Failed>,
    is_applied: bool,
}

/// A change that cannot be applied.
#[derive(Debug, Serialize)]
struct Failed {
    /// The place of the change in the list.
    index: usize,
    #[serde(flatten)]
    failure: Failure,
    /// The row as it is now, if another program has changed it.
    current: Option<Row>,
}

/// Describes, tries or applies changes.
///
/// # Errors
/// The studio is read-only, or the database cannot be reached. A change that fails is part of the report.
pub(crate) async fn run(
    database: &Database,
    models: &Models,
    request: &ChangeRequest,
) -> Result<Report, Failure> {
    let mut report =
        Report { words: Vec::new(), statements: Vec::new(), failures: Vec::new(), is_applied: false };
    let mut steps = Vec::new();
    for (index, change) in request.changes.iter().enumerate() {
        report.words.push(words(models, change));
        match Step::new(models, change) {
            Ok(step) => steps.push(step),
            Err(failure) => report.failures.push(Failed { index, failure, current: None }),
        }
    }
    if request.mode == Mode::Describe || !report.failures.is_empty() {
        return Ok(report);
    }
    let transaction = database.write().await?;
    let transaction = transaction.ok_or_else(|| {
        Failure::new(
            Kind::ReadOnly,
            "this studio is read-only: start `nicol studio` with --write to change rows",
        )
    })?;
    transaction.take_statements();
    let mut checked = BTreeSet::new();
    for (index, step) in steps.iter().enumerate() {
        if let Err((failure, current)) = step.run(&transaction, &mut checked).await {
            report.failures.push(Failed { index, failure, current });
            transaction.roll_back().await;
            return Ok(report);
        }
        report.statements.push(transaction.take_statements());
    }
    if request.mode == Mode::Try {
        transaction.roll_back().await;
        return Ok(report);
    }
    transaction.commit().await?;
    report.is_applied = true;
    Ok(report)
}

/// A change as requests to the engine.
struct Step<'a> {
    model: &'a Model,
    /// The row that has to be there, and its version if it must not have changed.
    expected: Option<(&'a Cells, Option<&'a str>)>,
    request: Value,
}

impl<'a> Step<'a> {
    fn new(models: &'a Models, change: &'a Change) -> Result<Self, Failure> {
        let (name, action, expected) = match change {
            Change::Create { model, .. } => (model, "createOne", None),
            Change::Update { model, key, version, .. } => (model, "updateOne", Some((key, Some(&**version)))),
            Change::Delete { model, key, version } => (model, "deleteOne", Some((key, Some(&**version)))),
            Change::Link { model, key, .. } | Change::Unlink { model, key, .. } => {
                (model, "updateOne", Some((key, None)))
            }
        };
        let model = models.get(name);
        let model = model.ok_or_else(|| Failure::request(format!("the schema has no model `{name}`")))?;
        if model.is_view {
            return Err(Failure::request(format!("`{name}` is a view: its rows cannot be changed here")));
        }
        let mut arguments = Map::new();
        if let Some((key, _)) = expected {
            arguments.insert("where".to_owned(), query::unique(model, key)?);
        }
        let data = match change {
            Change::Create { data, .. } | Change::Update { data, .. } => Some(values(model, data)?),
            Change::Delete { .. } => None,
            Change::Link { relation, target, .. } => Some(link(models, model, relation, "connect", target)?),
            Change::Unlink { relation, target, .. } => {
                Some(link(models, model, relation, "disconnect", target)?)
            }
        };
        if let Some(data) = data {
            arguments.insert("data".to_owned(), data);
        }
        let selection: Map<_, _> =
            model.key_fields().iter().map(|name| (name.clone(), Value::Bool(true))).collect();
        let request = json!({
            "modelName": model.name,
            "action": action,
            "query": { "arguments": arguments, "selection": selection },
        });
        Ok(Self { model, expected, request })
    }

    /// Runs the change. `checked` are the rows that are known to be as the page has them, or that this transaction has changed itself.
    async fn run(
        &self,
        transaction: &Transaction<'_>,
        checked: &mut BTreeSet<String>,
    ) -> Result<(), (Failure, Option<Row>)> {
        if let Some((key, version)) = self.expected {
            let place = format!("{} {}", self.model.name, json!(key));
            if !checked.contains(&place) {
                self.check(transaction, key, version).await?;
                checked.insert(place);
            }
            transaction.take_statements();
        }
        transaction.run(&self.request).await.map(drop).map_err(|failure| (failure, None))
    }

    /// Checks that the row is as the page has it.
    async fn check(
        &self,
        transaction: &Transaction<'_>,
        key: &Cells,
        version: Option<&str>,
    ) -> Result<(), (Failure, Option<Row>)> {
        let read = async {
            let answer = transaction.run(&read::find_row(self.model, key)?).await?;
            read::row_of(self.model, Some(&answer))
        };
        match read.await.map_err(|failure| (failure, None))? {
            None => Err((
                Failure::new(Kind::Gone, "another program has deleted the row, or changed its key"),
                None,
            )),
            Some(row) if version.is_some_and(|version| version != row.version) => {
                let failure =
                    Failure::new(Kind::Changed, "another program has changed the row since it was read");
                Err((failure, Some(row.shortened())))
            }
            Some(_) => Ok(()),
        }
    }
}

/// Returns the values for a write.
fn values(model: &Model, data: &Cells) -> Result<Value, Failure> {
    let mut values = Map::new();
    for (name, cell) in data {
        let column = model.column(name);
        let column =
            column.ok_or_else(|| Failure::request(format!("`{}` has no column `{name}`", model.name)))?;
        let value = cell.to_protocol(column).map_err(|message| Failure::value(name, message))?;
        let value = if column.list { json!({ "set": value }) } else { value };
        values.insert(name.clone(), value);
    }
    Ok(Value::Object(values))
}

fn link(models: &Models, model: &Model, name: &str, action: &str, target: &Cells) -> Result<Value, Failure> {
    let relation = model.relation(name).filter(|relation| relation.is_many_to_many);
    let relation = relation.ok_or_else(|| {
        Failure::request(format!("`{name}` is no many-to-many relation of `{}`", model.name))
    })?;
    let other = models.get(&relation.model);
    let other = other.ok_or_else(|| Failure::request(format!("the model of `{name}` is not shown")))?;
    Ok(json!({ name: { action: [query::unique(other, target)?] } }))
}

/// Says a change in words.
fn words(models: &Models, change: &Change) -> String {
    let row = |model: &str, key: &Cells| {
        let values: Vec<String> = key.values().map(word).collect();
        format!("{model} {}", values.join(", "))
    };
    match change {
        Change::Create { model, data } => {
            let set: Vec<_> = data.iter().map(|(name, cell)| format!("{name} = {}", word(cell))).collect();
            let set = if set.is_empty() { "all defaults".to_owned() } else { set.join(", ") };
            format!("Add a {model}: {set}")
        }
        Change::Update { model, key, before, data, .. } => {
            let set = data.iter().map(|(name, cell)| match before.get(name) {
                Some(old) => format!("{name} from {} to {}", word(old), word(cell)),
                None => format!("{name} to {}", word(cell)),
            });
            format!("Change {}: {}", row(model, key), set.collect::<Vec<_>>().join(", "))
        }
        Change::Delete { model, key, .. } => {
            let cascades = models.get(model).map(|model| &*model.cascades_to).unwrap_or_default();
            let also = match cascades {
                [] => String::new(),
                names => {
                    format!(", and the rows of {} that belong to it (onDelete: Cascade)", names.join(", "))
                }
            };
            format!("Delete {}{also}", row(model, key))
        }
        Change::Link { model, key, relation, target } => {
            let other = target_name(models, model, relation);
            format!("Connect {} with {} ({relation})", row(model, key), row(other, target))
        }
        Change::Unlink { model, key, relation, target } => {
            let other = target_name(models, model, relation);
            format!("Disconnect {} from {} ({relation})", row(model, key), row(other, target))
        }
    }
}

fn target_name<'a>(models: &'a Models, model: &str, relation: &str) -> &'a str {
    let relation = models.get(model).and_then(|model| model.relation(relation));
    relation.map(|relation| &*relation.model).unwrap_or_default()
}

/// Writes a value, so that null, an empty text and a text that says `null` differ.
fn word(cell: &Cell) -> String {
    let short = |text: &str| {
        let mut short: String = text.chars().take(LONGEST_WORD).collect();
        if short.len() < text.len() {
            short.push('…');
        }
        format!("“{short}”")
    };
    match cell {
        Cell::Null => "null".to_owned(),
        Cell::Text(text) => short(text),
        Cell::List(items) => {
            format!("[{}]", items.iter().map(|item| short(item)).collect::<Vec<_>>().join(", "))
        }
        Cell::Cut { cut, .. } => format!("“{}…”", cut.chars().take(LONGEST_WORD).collect::<String>()),
    }
}
