//! Conditions on JSON, as Prisma has them: a test of a type is false for a value of another type, also if it is negated.
//!
//! Source: Prisma 6.19, `sql-query-builder/src/filter/visitor.rs`; PostgreSQL 16 manual, 9.16.

use postgres_types::Type;

use super::condition::{Source, operator};
use super::writer::Writer;
use crate::meta::ColumnType;
use crate::query::{JsonTest, Operand, TextOp};
use crate::value::Value;

impl Writer<'_> {
    /// Writes a test of the part of a JSON column that a path leads to.
    pub(super) fn json(&mut self, of: Source<'_>, column: u16, path: Option<&[String]>, test: &JsonTest) {
        let ty = match test {
            JsonTest::IsMissing => {
                self.json_part(of, column, path);
                return self.push(" IS NULL");
            }
            JsonTest::Compare(op, value) => {
                self.push("(");
                self.json_part(of, column, path);
                self.push(operator(*op));
                self.json_operand(of, value);
                match value {
                    Operand::Value(Value::Json(serde_json::Value::Number(_))) if op.is_order() => "'number'",
                    Operand::Value(Value::Json(serde_json::Value::String(_))) if op.is_order() => "'string'",
                    Operand::Column(_) if op.is_order() => {
                        self.and_type(of, column, path);
                        self.push("jsonb_typeof(");
                        self.json_operand(of, value);
                        return self.push("))");
                    }
                    _ => return self.push(")"),
                }
            }
            JsonTest::Text(op, value, mode) => {
                self.push(if mode.insensitive { "(lower(" } else { "(" });
                // In Prisma, a whole column that is compared without case is no text, and PostgreSQL refuses the statement.
                if mode.insensitive && mode.wildcards && path.is_none() {
                    self.json_part(of, column, path);
                } else {
                    self.json_text(of, column, path);
                }
                self.push(if mode.insensitive { ") LIKE lower(" } else { " LIKE " });
                self.pattern(of, value, *mode, op.around());
                self.push(if mode.insensitive { ")" } else { "" });
                "'string'"
            }
            JsonTest::Array(op, value) => {
                self.push("(");
                self.json_part(of, column, path);
                self.push(match op {
                    TextOp::Contains => " @> ",
                    TextOp::StartsWith => "->0 = ",
                    TextOp::EndsWith => "->-1 = ",
                });
                self.json_operand(of, value);
                "'array'"
            }
        };
        self.and_type(of, column, path);
        self.push(ty);
        self.push(")");
    }

    /// Writes ` AND jsonb_typeof(…) = `, or its opposite.
    fn and_type(&mut self, of: Source<'_>, column: u16, path: Option<&[String]>) {
        self.push(if self.reversed { " OR jsonb_typeof(" } else { " AND jsonb_typeof(" });
        self.json_part(of, column, path);
        self.push(if self.reversed { ") <> " } else { ") = " });
    }

    /// Writes `("t0"."data"#>$1)::jsonb`.
    fn json_part(&mut self, (model, alias): Source<'_>, column: u16, path: Option<&[String]>) {
        let column = &model.columns[usize::from(column)];
        self.push(if path.is_some() { "(" } else { "" });
        self.column(alias, column);
        if let Some(path) = path {
            self.json_path("#>", path);
            self.push(")");
        }
        self.push(if column.ty == ColumnType::Json { "::jsonb" } else { "" });
    }

    /// Writes the part as a text. As in Prisma, a whole column keeps the quotes of its text.
    fn json_text(&mut self, (model, alias): Source<'_>, column: u16, path: Option<&[String]>) {
        let column = &model.columns[usize::from(column)];
        self.push("(");
        self.column(alias, column);
        match path {
            None => self.push("::text"),
            Some(path) => self.json_path("#>>", path),
        }
        self.push(")");
    }

    fn json_path(&mut self, operator: &str, path: &[String]) {
        self.push(operator);
        let path = path.iter().map(|key| Value::Text(key.clone()));
        self.bare_param(Value::List(path.collect()), Type::TEXT_ARRAY);
    }

    fn json_operand(&mut self, (model, alias): Source<'_>, operand: &Operand) {
        match operand {
            Operand::Value(value) => self.bare_param(value.clone(), Type::JSONB),
            Operand::Column(column) => {
                self.column(alias, &model.columns[usize::from(*column)]);
                self.push("::jsonb");
            }
        }
    }
}
