//! Answers: rows as JSON, in the shape that the request asked for.
//!
//! JSON is written directly from the cells of rows. Types that JSON lacks are tagged, such as `{"$type": "BigInt", "value": "1"}`.
//!
//! Source: Prisma 6.19, `packages/client-engine-runtime/src/json-protocol.ts`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Timelike as _, Utc};
use nicol::__private::query::Function;
use nicol::__private::{Cell, Cells, ColumnMeta, ColumnType, DecodeError, Outcome};
use nicol_schema::model::{Enum, FieldKind, FieldType, ModelId};

use crate::plan::{Aggregates, Include, Row, Shape};
use crate::schema::Schema;

/// Writes the answer to a request as JSON.
///
/// # Errors
/// A row does not have the types of the schema.
pub(crate) fn write(
    out: &mut Vec<u8>,
    schema: &Schema,
    shape: &Shape,
    outcome: &Outcome,
) -> Result<(), DecodeError> {
    let writer = &mut Writer { schema, out };
    match shape {
        Shape::Rows(row) => writer.list(outcome.rows(), |writer, mut cells| writer.row(row, &mut cells)),
        Shape::Row(row) | Shape::Upserted(row) => match outcome.rows().next() {
            Some(mut cells) => writer.row(row, &mut cells),
            None => {
                writer.push(if matches!(shape, Shape::Row(_)) { "null" } else { "[]" });
                Ok(())
            }
        },
        Shape::Count => {
            writer.push(&format!("{{\"count\":{}}}", outcome.affected()));
            Ok(())
        }
        Shape::Aggregates(model, aggregates) => match outcome.rows().next() {
            Some(mut cells) => writer.group(*model, &[], &[], aggregates, &mut cells),
            None => {
                writer.push("{}");
                Ok(())
            }
        },
        Shape::Groups { model, by, shown, aggregates } => writer.list(outcome.rows(), |writer, mut cells| {
            writer.group(*model, by, shown, aggregates, &mut cells)
        }),
    }
}

/// Writes one row as an object.
///
/// # Errors
/// The row does not have the types of the schema.
pub(crate) fn write_row(
    out: &mut Vec<u8>,
    schema: &Schema,
    row: &Row,
    cells: &mut Cells<'_>,
) -> Result<(), DecodeError> {
    Writer { schema, out }.row(row, cells)
}

struct Writer<'a> {
    schema: &'a Schema,
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    fn push(&mut self, json: &str) {
        self.out.extend_from_slice(json.as_bytes());
    }

    fn text(&mut self, text: &str) {
        serde_json::to_writer(&mut *self.out, text).expect("a Vec takes everything");
    }

    fn key(&mut self, separator: &mut &str, name: &str) {
        self.push(separator);
        self.text(name);
        self.push(":");
        *separator = ",";
    }

    fn list<T>(
        &mut self,
        items: impl Iterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        self.push("[");
        for (index, item) in items.enumerate() {
            self.push(if index > 0 { "," } else { "" });
            write(self, item)?;
        }
        self.push("]");
        Ok(())
    }

    fn row(&mut self, row: &Row, cells: &mut Cells<'_>) -> Result<(), DecodeError> {
        let model = self.schema.model(row.model).meta;
        let mut separator = "";
        self.push("{");
        for (index, column) in row.columns.iter().enumerate() {
            let cell = cells.next_cell()?;
            if index < row.shown {
                let meta = &model.columns[usize::from(*column)];
                self.key(&mut separator, meta.field);
                let kind = self.kind(row.model, *column, meta);
                self.value(cell, kind, meta.list)?;
            }
        }
        let mut counts = Vec::new();
        for include in &row.includes {
            let cell = cells.next_cell()?;
            match include {
                Include::One(name, row) => {
                    self.key(&mut separator, name);
                    if cell.is_null() {
                        self.push("null");
                    } else {
                        self.row(row, &mut Cells::of_record(cell)?)?;
                    }
                }
                Include::Many(name, row) => {
                    self.key(&mut separator, name);
                    self.array(cell, |writer, cell| writer.row(row, &mut Cells::of_record(cell)?))?;
                }
                Include::Count(name) => counts.push((name, cell.big_int()?)),
            }
        }
        if !counts.is_empty() {
            self.key(&mut separator, "_count");
            self.push("{");
            let mut separator = "";
            for (name, count) in counts {
                self.key(&mut separator, name);
                self.push(&count.to_string());
            }
            self.push("}");
        }
        self.push("}");
        Ok(())
    }

    /// Writes the columns that a group has in common, then its aggregates.
    fn group(
        &mut self,
        model: ModelId,
        by: &[u16],
        shown: &[u16],
        aggregates: &[Aggregates],
        cells: &mut Cells<'_>,
    ) -> Result<(), DecodeError> {
        let meta = self.schema.model(model).meta;
        let mut separator = "";
        self.push("{");
        for column in by {
            let cell = cells.next_cell()?;
            if shown.contains(column) {
                let meta = &meta.columns[usize::from(*column)];
                self.key(&mut separator, meta.field);
                let kind = self.kind(model, *column, meta);
                self.value(cell, kind, meta.list)?;
            }
        }
        for Aggregates { name, functions, is_number } in aggregates {
            self.key(&mut separator, name);
            let mut separator = "";
            self.push(if *is_number { "" } else { "{" });
            for (name, function) in functions {
                if !is_number {
                    self.key(&mut separator, name);
                }
                let (kind, list) = self.result_kind(model, function);
                self.value(cells.next_cell()?, kind, list)?;
            }
            self.push(if *is_number { "" } else { "}" });
        }
        self.push("}");
        Ok(())
    }

    /// Writes the elements of an array. `array_agg` over no rows is null.
    fn array(
        &mut self,
        cell: Cell<'_>,
        mut write: impl FnMut(&mut Self, Cell<'_>) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        self.push("[");
        if !cell.is_null() {
            let mut separator = "";
            cell.array(|cell| {
                self.push(separator);
                separator = ",";
                write(self, cell)
            })?;
        }
        self.push("]");
        Ok(())
    }

    fn value(&mut self, cell: Cell<'_>, kind: Kind<'a>, list: bool) -> Result<(), DecodeError> {
        if list {
            return self.array(cell, |writer, cell| writer.scalar(cell, kind));
        }
        self.scalar(cell, kind)
    }

    fn scalar(&mut self, cell: Cell<'_>, kind: Kind<'a>) -> Result<(), DecodeError> {
        if cell.is_null() {
            self.push("null");
            return Ok(());
        }
        match kind {
            Kind::Bool => self.push(if cell.bool()? { "true" } else { "false" }),
            Kind::Int => self.push(&cell.big_int()?.to_string()),
            Kind::BigInt => self.tagged("BigInt", &cell.big_int()?.to_string()),
            Kind::WholeDecimal => self.tagged("BigInt", &cell.decimal()?.with_scale(0).to_plain_string()),
            Kind::Float => self.float(cell.float()?),
            Kind::Decimal => self.tagged("Decimal", &cell.decimal()?.to_plain_string()),
            Kind::Text => self.text(&cell.text()?),
            Kind::Uuid => self.text(&cell.uuid()?.to_string()),
            Kind::Bytes => self.tagged("Bytes", &STANDARD.encode(cell.bytes()?)),
            Kind::Json => self.tagged("Json", cell.json_text()?),
            Kind::DateTime => self.tagged("DateTime", &iso(cell.date_time()?)),
            Kind::Date => self.tagged("DateTime", &iso(cell.date()?.and_time(NaiveTime::MIN).and_utc())),
            Kind::Time => {
                let day = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap_or_default();
                self.tagged("DateTime", &iso(day.and_time(cell.time()?).and_utc()));
            }
            Kind::Enum(names) => {
                let text = cell.str()?;
                let value = names.values.iter().find(|value| value.database_name() == text);
                self.text(value.map_or(text, |value| &value.name));
            }
        }
        Ok(())
    }

    fn tagged(&mut self, ty: &str, value: &str) {
        self.push("{\"$type\":\"");
        self.push(ty);
        self.push("\",\"value\":");
        self.text(value);
        self.push("}");
    }

    /// JSON has no `NaN` and no infinity, and JavaScript writes them as null.
    fn float(&mut self, number: f64) {
        match serde_json::Number::from_f64(number) {
            Some(number) => self.push(&number.to_string()),
            None => self.push("null"),
        }
    }

    fn kind(&self, model: ModelId, column: u16, meta: &ColumnMeta) -> Kind<'a> {
        match meta.ty {
            ColumnType::Text
            | ColumnType::VarChar
            | ColumnType::Char
            | ColumnType::Citext
            | ColumnType::Xml
            | ColumnType::Inet
            | ColumnType::Bit
            | ColumnType::VarBit => Kind::Text,
            ColumnType::Uuid => Kind::Uuid,
            ColumnType::Bool => Kind::Bool,
            ColumnType::Int2 | ColumnType::Int4 | ColumnType::Oid => Kind::Int,
            ColumnType::Int8 => Kind::BigInt,
            ColumnType::Float4 | ColumnType::Float8 => Kind::Float,
            ColumnType::Numeric | ColumnType::Money => Kind::Decimal,
            ColumnType::Timestamp(_) | ColumnType::Timestamptz(_) => Kind::DateTime,
            ColumnType::Date => Kind::Date,
            ColumnType::Time(_) | ColumnType::Timetz(_) => Kind::Time,
            ColumnType::Json | ColumnType::Jsonb => Kind::Json,
            ColumnType::Bytea => Kind::Bytes,
            ColumnType::Enum(_) => match &self.schema.column_field(model, column).kind {
                FieldKind::Scalar(scalar) if let FieldType::Enum(id) = scalar.ty => {
                    Kind::Enum(self.schema.source.enumeration(id))
                }
                _ => Kind::Text,
            },
        }
    }

    /// Returns the kind of the result of a function, and whether it is a list.
    fn result_kind(&self, model: ModelId, function: &Function) -> (Kind<'a>, bool) {
        let meta = |column: u16| &self.schema.model(model).meta.columns[usize::from(column)];
        match *function {
            Function::CountRows | Function::Count(_) => (Kind::Int, false),
            Function::Minimum(column) | Function::Maximum(column) => {
                let meta = meta(column);
                (self.kind(model, column, meta), meta.list)
            }
            Function::Sum(column) => match self.kind(model, column, meta(column)) {
                // The sum of `bigint` is `numeric`.
                Kind::BigInt => (Kind::WholeDecimal, false),
                kind => (kind, false),
            },
            Function::Average(column) => match self.kind(model, column, meta(column)) {
                Kind::Decimal => (Kind::Decimal, false),
                _ => (Kind::Float, false),
            },
        }
    }
}

/// How a cell is written.
#[derive(Clone, Copy)]
enum Kind<'a> {
    Bool,
    Int,
    BigInt,
    /// A `numeric` without fraction, as a `BigInt`.
    WholeDecimal,
    Float,
    Decimal,
    Text,
    Uuid,
    Bytes,
    Json,
    DateTime,
    Date,
    Time,
    Enum(&'a Enum),
}

/// Returns an instant in the form of JavaScript's `toISOString`: milliseconds, and years beyond four digits with a sign and six digits.
fn iso(instant: DateTime<Utc>) -> String {
    // Without chrono's `format`, which would take a quarter of the time of an answer with instants.
    let mut text = String::with_capacity(27);
    let year = instant.year();
    match year {
        0..=9999 => push_digits(&mut text, year.unsigned_abs(), 4),
        _ => {
            text.push(if year < 0 { '-' } else { '+' });
            push_digits(&mut text, year.unsigned_abs(), 6);
        }
    }
    // chrono's 23:59:60 is 23:59:59 with a second more of nanoseconds.
    let milliseconds = instant.nanosecond() / 1_000_000;
    for (separator, number, width) in [
        ('-', instant.month(), 2),
        ('-', instant.day(), 2),
        ('T', instant.hour(), 2),
        (':', instant.minute(), 2),
        (':', instant.second() + milliseconds / 1000, 2),
        ('.', milliseconds % 1000, 3),
    ] {
        text.push(separator);
        push_digits(&mut text, number, width);
    }
    text.push('Z');
    text
}

/// Appends a number with leading zeros.
fn push_digits(text: &mut String, number: u32, width: u32) {
    for place in (0..width).rev() {
        let digit = number / 10_u32.pow(place) % 10;
        text.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}
