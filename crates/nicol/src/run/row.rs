//! Rows as a write of several steps knows them: the values that identify and join them.

use std::collections::BTreeMap;

use crate::codec::Cells;
use crate::error::Error;
use crate::meta::{ColumnMeta, ColumnType, Join, ModelMeta, RelationMeta};
use crate::query::{CompareOp, Condition, Key, Operand, Subject, TextMode};
use crate::sql::Connected;
use crate::value::Value;
use crate::wire::Outcome;

/// A row of which some values are known.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) model: &'static ModelMeta,
    /// The columns that identify the row. Their values are known.
    key: Vec<u16>,
    values: BTreeMap<u16, Value>,
}

impl Row {
    /// Returns the row with these values, if they include the columns that are needed, and those of a key.
    pub(super) fn known(
        model: &'static ModelMeta,
        key: &[u16],
        values: impl IntoIterator<Item = (u16, Value)>,
        needed: &[u16],
    ) -> Option<Self> {
        let is_exact = |(column, value): &(u16, Value)| {
            is_stored_as_sent(&model.columns[usize::from(*column)]) && !value.is_null()
        };
        let values: BTreeMap<u16, Value> = values.into_iter().filter(is_exact).collect();
        let all_known = needed.iter().chain(key).all(|column| values.contains_key(column));
        all_known.then(|| Self { model, key: key.to_vec(), values })
    }

    /// Returns a row of which nothing is known.
    pub(super) fn unknown(model: &'static ModelMeta) -> Self {
        Self { model, key: Vec::new(), values: BTreeMap::new() }
    }

    /// Reads columns of rows, which include those of the key.
    ///
    /// # Errors
    /// A cell does not have the type of its column.
    pub(super) fn read(
        model: &'static ModelMeta,
        columns: &[u16],
        outcome: &Outcome,
    ) -> Result<Vec<Self>, Error> {
        let read = |mut cells: Cells<'_>| {
            let values = columns.iter().map(|column| {
                let cell = cells.next_cell()?;
                Ok((*column, cell.value_of(&model.columns[usize::from(*column)])?))
            });
            Ok(Self { model, key: model.key.to_vec(), values: values.collect::<Result<_, Error>>()? })
        };
        outcome.rows().map(read).collect()
    }

    /// Returns the value of a column; null if it is not known.
    pub(super) fn get(&self, column: u16) -> Value {
        self.values.get(&column).cloned().unwrap_or(Value::Null)
    }

    pub(super) fn values(&self, columns: &[u16]) -> Vec<Value> {
        columns.iter().map(|column| self.get(*column)).collect()
    }

    /// Returns the values that identify the row.
    pub(super) fn key(&self) -> Vec<(u16, Value)> {
        self.key.iter().map(|column| (*column, self.get(*column))).collect()
    }

    /// Returns the condition that a row is this one.
    pub(super) fn condition(&self) -> Condition {
        Key { values: self.key() }.condition()
    }

    /// Returns the rows that are connected to this one.
    pub(super) fn connected(&self, relation: &'static RelationMeta) -> Connected {
        Connected { model: self.model, relation, values: self.values(&joining(self.model, relation)) }
    }
}

/// Returns the columns of a model that join a row to those of a relation.
pub(super) fn joining(model: &ModelMeta, relation: &RelationMeta) -> Vec<u16> {
    match relation.join {
        Join::Columns { here, .. } => here.to_vec(),
        Join::Table { .. } => model.key[..1].to_vec(),
    }
}

/// Returns the condition that the columns of a row have the values that these columns of one of the rows have.
pub(super) fn among(columns: &[u16], rows: &[Row], of: &[u16]) -> Condition {
    let subject = |column: u16| Subject::Column(column);
    if let ([column], [of]) = (columns, of) {
        let values = rows.iter().map(|row| row.get(*of)).filter(|value| !value.is_null());
        return Condition::In {
            subject: subject(*column),
            values: Operand::Value(Value::List(values.collect())),
            negated: false,
            mode: TextMode::EXACT,
        };
    }
    let equal = |row: &Row| {
        let pairs = columns.iter().zip(of);
        let equal = pairs.map(|(column, of)| match row.get(*of) {
            // Null equals nothing.
            Value::Null => Condition::FALSE,
            value => Condition::Compare {
                subject: subject(*column),
                op: CompareOp::Equal,
                value: Operand::Value(value),
                mode: TextMode::EXACT,
            },
        });
        Condition::All(equal.collect())
    };
    Condition::Any(rows.iter().map(equal).collect())
}

/// Whether the database stores every value of the column as it was sent, so that it need not be read back.
fn is_stored_as_sent(column: &ColumnMeta) -> bool {
    !column.list
        && matches!(
            column.ty,
            ColumnType::Text
                | ColumnType::VarChar
                | ColumnType::Uuid
                | ColumnType::Bool
                | ColumnType::Int2
                | ColumnType::Int4
                | ColumnType::Int8
                | ColumnType::Enum(_)
        )
}
