//! Comparisons as data: of columns, of aggregates, and of parts of JSON columns.

use serde_json::Value as Json;

use super::argument::Compared;
use crate::query::{CompareOp, Condition, JsonTest, Operand, Subject, TextMode, TextOp};
use crate::value::Value;

impl From<Compared> for Operand {
    fn from(with: Compared) -> Self {
        match with {
            Compared::Value(value) => Self::Value(value),
            Compared::Column(column) => Self::Column(column),
            Compared::AnyNull => Self::Value(Value::Null),
        }
    }
}

/// Returns the condition that a comparison holds.
pub(crate) fn compare(subject: Subject, op: CompareOp, with: Compared) -> Condition {
    let value = match (with, op) {
        (Compared::Value(Value::Null) | Compared::AnyNull, CompareOp::NotEqual) => {
            return Condition::Not(Box::new(Condition::IsNull { subject }));
        }
        (Compared::Value(Value::Null) | Compared::AnyNull, _) => return Condition::IsNull { subject },
        (with, _) => with.into(),
    };
    Condition::Compare { subject, op, value, mode: TextMode::EXACT }
}

/// Returns the condition that a value is in a list.
pub(crate) fn one_of(subject: Subject, values: Operand, negated: bool) -> Condition {
    Condition::In { subject, values, negated, mode: TextMode::EXACT }
}

/// Returns the condition that a text contains, starts with or ends with another.
pub(crate) fn text(subject: Subject, op: TextOp, value: Compared) -> Condition {
    Condition::Text { subject, op, value: value.into(), mode: TextMode::EXACT }
}

/// Returns the condition that a comparison with a part of a JSON column holds. Without a path, the part is the whole column.
pub(crate) fn compare_json(column: u16, path: Option<&[String]>, op: CompareOp, with: Compared) -> Condition {
    let test = |test| Condition::Json { column, path: path.map(<[String]>::to_vec), test };
    let is_negated = op == CompareOp::NotEqual;
    let opposite = |condition| if is_negated { Condition::Not(Box::new(condition)) } else { condition };
    match with {
        Compared::Value(Value::Null) => opposite(test(JsonTest::IsMissing)),
        Compared::AnyNull => {
            let json_null = test(JsonTest::Compare(op, Compared::Value(Value::Json(Json::Null)).into()));
            let both = vec![json_null, opposite(test(JsonTest::IsMissing))];
            if is_negated { Condition::All(both) } else { Condition::Any(both) }
        }
        with => test(JsonTest::Compare(op, with.into())),
    }
}
