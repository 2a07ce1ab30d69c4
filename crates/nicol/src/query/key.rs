//! Rows by a unique key.

use super::condition::{CompareOp, Condition, Operand, Subject, TextMode};
use crate::value::Value;

/// The values of a unique key.
#[derive(Debug, Clone)]
pub struct Key {
    /// The columns of the key and their values.
    pub values: Vec<(u16, Value)>,
}

impl Key {
    /// Returns the condition that a row has this key.
    pub fn condition(self) -> Condition {
        let equal = |(column, value)| Condition::Compare {
            subject: Subject::Column(column),
            op: CompareOp::Equal,
            value: Operand::Value(value),
            mode: TextMode::EXACT,
        };
        Condition::All(self.values.into_iter().map(equal).collect())
    }
}

/// One row, by a unique key and further conditions.
#[derive(Debug, Clone)]
pub struct Unique {
    /// The key.
    pub key: Key,
    /// What else must be true of the row.
    pub filter: Condition,
}

impl Unique {
    /// Returns the condition that a row is this one.
    pub fn condition(self) -> Condition {
        self.key.condition().and(self.filter)
    }
}

impl Unique {
    /// Returns the condition that a row is one of these. Many rows with keys of one column are one list, so that the statement has one parameter.
    pub fn any(rows: Vec<Self>) -> Condition {
        let column = |row: &Self| match &*row.key.values {
            [(column, value)] if row.filter.is_true() && *value != Value::Null => Some(*column),
            _ => None,
        };
        let first = rows.first().and_then(column);
        match first {
            Some(of) if rows.len() > 1 && rows.iter().all(|row| column(row) == first) => Condition::In {
                subject: Subject::Column(of),
                values: Operand::Value(Value::List(
                    rows.into_iter().flat_map(|row| row.key.values).map(|(_, value)| value).collect(),
                )),
                negated: false,
                mode: TextMode::EXACT,
            },
            _ => Condition::Any(rows.into_iter().map(Self::condition).collect()),
        }
    }
}

impl From<Key> for Unique {
    fn from(key: Key) -> Self {
        Self { key, filter: Condition::TRUE }
    }
}
