//! Conditions on JSON.

use nicol::__private::query::{CompareOp, Condition, JsonTest, Operand};
use nicol::Value;
use nicol_schema::model::ScalarType;

use super::super::check::Input;
use super::super::function;
use super::super::model::Kind;
use super::super::problem::input_error;
use super::column::{ColumnScope, order, text_op};
use super::joined;
use crate::error::Error;

impl ColumnScope<'_> {
    pub(super) fn json(&self, input: &Input<'_>) -> Result<Option<Condition>, Error> {
        let path: Option<Vec<String>> = input
            .get("path")
            .map(|path| path.items().iter().filter_map(Input::as_str).map(str::to_owned).collect());
        let test = |test| Condition::Json { column: self.column, path: path.clone(), test };
        let text = Some(Kind::Scalar(ScalarType::String));
        let mut parts = Vec::new();
        for (name, input) in input.entries() {
            parts.push(match *name {
                "path" | "mode" => continue,
                "equals" => self.json_equal(input, false, &test)?,
                "not" => self.json_equal(input, true, &test)?,
                "lt" | "lte" | "gt" | "gte" => {
                    test(JsonTest::Compare(order(name, false), self.json_operand(input)?))
                }
                "string_contains" | "string_starts_with" | "string_ends_with" => {
                    let operand = match input {
                        Input::Object(..) => self.reference(input, false, text)?,
                        input => Operand::Value(Value::Text(input.as_str().unwrap_or_default().to_owned())),
                    };
                    test(JsonTest::Text(text_op(name), operand, self.mode))
                }
                "array_contains" | "array_starts_with" | "array_ends_with" => {
                    test(JsonTest::Array(text_op(name), self.json_operand(input)?))
                }
                // Prisma's types have aggregates of JSON, and its engine refuses them.
                aggregate if function::named(aggregate, self.column).is_some() => {
                    return Err(input_error(format!("JSON cannot be compared by `{aggregate}`")));
                }
                _ => continue,
            });
        }
        if path.is_some() && parts.is_empty() {
            return Err(input_error("a JSON path needs a condition".to_owned()));
        }
        Ok(joined(parts))
    }

    fn json_equal(
        &self,
        input: &Input<'_>,
        negated: bool,
        test: &impl Fn(JsonTest) -> Condition,
    ) -> Result<Condition, Error> {
        if self.mode.insensitive && !matches!(input, Input::Enum(_, "DbNull")) {
            // Prisma ignores case with an operator of texts, which PostgreSQL refuses for `jsonb`.
            return Err(Error::without_code("the case of JSON cannot be ignored"));
        }
        let opposite = |condition| if negated { Condition::Not(Box::new(condition)) } else { condition };
        let op = if negated { CompareOp::NotEqual } else { CompareOp::Equal };
        let is_json_null =
            || test(JsonTest::Compare(op, Operand::Value(Value::Json(serde_json::Value::Null))));
        Ok(match input {
            Input::Enum(_, "DbNull") => opposite(test(JsonTest::IsMissing)),
            Input::Enum(_, "JsonNull") => is_json_null(),
            Input::Enum(..) => {
                let both = vec![is_json_null(), opposite(test(JsonTest::IsMissing))];
                if negated { Condition::All(both) } else { Condition::Any(both) }
            }
            input => test(JsonTest::Compare(op, self.json_operand(input)?)),
        })
    }

    fn json_operand(&self, input: &Input<'_>) -> Result<Operand, Error> {
        match input {
            Input::Null => Ok(Operand::Value(Value::Json(serde_json::Value::Null))),
            input => self.operand(input, false),
        }
    }
}
