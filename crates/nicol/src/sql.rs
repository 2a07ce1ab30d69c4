//! From the query as data to SQL text and parameters.
//!
//! Every value becomes a bound parameter with a declared type, so that the same statement can be prepared or sent in one go; every name comes
//! from metadata through one quoting function; every table is qualified with its schema.

mod aggregate;
mod condition;
mod create;
mod generate;
mod grouped;
mod select;
mod write;

use std::sync::Arc;

use nicol_pg::{push_ident, push_qualified};
use postgres_types::Type;

pub(crate) use aggregate::aggregate;
pub(crate) use create::{create, create_many};
pub(crate) use select::find;
pub(crate) use write::{delete, delete_many, update, update_many, upsert};

use crate::error::{Error, Kind};
use crate::meta::{ColumnMeta, ColumnType, EnumMeta, ModelMeta};
use crate::value::Value;

/// PostgreSQL counts parameters in 16 bits.
pub(crate) const MAX_PARAMETERS: usize = 65_535;

/// An SQL statement with its parameters.
#[derive(Debug, Clone)]
pub struct Statement {
    pub(crate) text: String,
    pub(crate) params: Vec<Param>,
    /// Does it give rows; else only their number is of interest.
    pub(crate) returns_rows: bool,
    /// May it run again after the connection was lost: it only reads.
    pub(crate) read_only: bool,
    /// The model whose constraints an error may name.
    pub(crate) model: Option<&'static ModelMeta>,
    /// The rows that have to be there for a row to be written.
    pub(crate) references: References,
    /// Without a row the query fails (P2025), and with it the transaction that it is a part of.
    pub(crate) requires_row: bool,
}

impl Statement {
    /// Notes that the query fails without a row.
    pub(crate) fn requiring_row(mut self) -> Self {
        self.requires_row = true;
        self
    }

    fn referring_to(mut self, references: References) -> Self {
        self.requires_row = !matches!(references, References::None);
        self.references = references;
        self
    }
}

/// The models of rows that a row to write refers to by a key; the row is not written if one of them is missing.
#[derive(Debug, Clone, Default)]
pub(crate) enum References {
    #[default]
    None,
    /// No row comes back if it is missing.
    One(&'static str),
    /// The last column of the row that comes back is the place of the first that is missing, or null.
    Many(Vec<&'static str>),
}

/// A parameter; without a type, PostgreSQL finds one.
#[derive(Debug, Clone)]
pub(crate) struct Param {
    pub(crate) value: Value,
    pub(crate) ty: Option<Type>,
    /// The digits of a second that are sent; further ones are cut.
    pub(crate) digits: u8,
}

/// PostgreSQL counts microseconds.
const MAX_DIGITS: u8 = 6;

impl Param {
    /// A value that belongs to no column.
    pub(crate) fn new(value: Value, ty: Option<Type>) -> Self {
        Self { value, ty, digits: MAX_DIGITS }
    }

    /// The type to send the value with where the server cannot be asked first.
    pub(crate) fn wire_type(&self) -> Type {
        if let Some(ty) = &self.ty {
            return ty.clone();
        }
        match &self.value {
            // Text is left to PostgreSQL, which reads it as whatever the place asks for.
            Value::Null | Value::Text(_) | Value::List(_) => Type::UNKNOWN,
            Value::Bool(_) => Type::BOOL,
            Value::Int(_) => Type::INT4,
            Value::BigInt(_) => Type::INT8,
            Value::Float(_) => Type::FLOAT8,
            Value::Decimal(_) => Type::NUMERIC,
            Value::Bytes(_) => Type::BYTEA,
            Value::DateTime(_) => Type::TIMESTAMPTZ,
            Value::Date(_) => Type::DATE,
            Value::Time(_) => Type::TIME,
            Value::Uuid(_) => Type::UUID,
            Value::Json(_) => Type::JSONB,
        }
    }
}

/// What names of tables without a schema mean.
#[derive(Debug, Clone)]
pub(crate) struct Naming {
    /// The PostgreSQL schema that the connection URL names.
    pub(crate) schema: Arc<str>,
}

/// A statement in the making.
struct Writer<'a> {
    naming: &'a Naming,
    text: String,
    params: Vec<Param>,
    aliases: u32,
}

/// A table's name within a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Alias(u32);

impl<'a> Writer<'a> {
    fn new(naming: &'a Naming) -> Self {
        Self { naming, text: String::with_capacity(256), params: Vec::with_capacity(8), aliases: 0 }
    }

    fn finish(
        self,
        model: &'static ModelMeta,
        returns_rows: bool,
        read_only: bool,
    ) -> Result<Statement, Error> {
        if self.params.len() > MAX_PARAMETERS {
            return Err(Kind::TooManyParameters.into());
        }
        Ok(Statement {
            text: self.text,
            params: self.params,
            returns_rows,
            read_only,
            model: Some(model),
            references: References::None,
            requires_row: false,
        })
    }

    fn push(&mut self, sql: &str) {
        self.text.push_str(sql);
    }

    fn ident(&mut self, name: &str) {
        push_ident(&mut self.text, name);
    }

    fn new_alias(&mut self) -> Alias {
        let alias = Alias(self.aliases);
        self.aliases += 1;
        alias
    }

    fn alias(&mut self, alias: Alias) {
        self.push("\"t");
        self.number(alias.0);
        self.push("\"");
    }

    fn number(&mut self, number: impl std::fmt::Display) {
        use std::fmt::Write as _;
        write!(self.text, "{number}").expect("a String takes everything");
    }

    fn qualified(&mut self, schema: Option<&str>, name: &str) {
        push_qualified(&mut self.text, schema.unwrap_or(&self.naming.schema), name);
    }

    fn table(&mut self, model: &ModelMeta) {
        self.qualified(model.schema, model.table);
    }

    /// `"public"."people" AS "t0"`
    fn table_as(&mut self, model: &ModelMeta, alias: Alias) {
        self.table(model);
        self.push(" AS ");
        self.alias(alias);
    }

    /// `"t0"."name"`
    fn column(&mut self, alias: Alias, column: &ColumnMeta) {
        self.alias(alias);
        self.push(".");
        self.ident(column.column);
    }

    /// A column as it is read: types that have no binary form of their own here travel as others.
    fn output(&mut self, alias: Alias, column: &ColumnMeta) {
        self.column(alias, column);
        self.output_cast(column);
    }

    /// The cast from the column's type to the one that it is read as.
    fn output_cast(&mut self, column: &ColumnMeta) {
        match column.ty {
            ColumnType::Enum(_)
            | ColumnType::Citext
            | ColumnType::Xml
            | ColumnType::Bit
            | ColumnType::VarBit => self.push(if column.list { "::text[]" } else { "::text" }),
            ColumnType::Money => self.push(if column.list { "::numeric[]" } else { "::numeric" }),
            _ => {}
        }
    }

    /// Behind a column, the cast to a type that can be calculated with: there is no product of `money` and `numeric`, and no sum of `oid`.
    fn number_cast(&mut self, column: &ColumnMeta) -> ColumnType {
        let (cast, ty) = match column.ty {
            ColumnType::Money if !column.list => ("::numeric", ColumnType::Numeric),
            ColumnType::Oid if !column.list => ("::int8", ColumnType::Int8),
            ty => return ty,
        };
        self.push(cast);
        ty
    }

    /// `$1`, without more.
    fn bare_param(&mut self, value: Value, ty: Type) {
        self.push_param(Param::new(value, Some(ty)));
    }

    fn push_param(&mut self, param: Param) {
        self.params.push(param);
        self.push("$");
        self.number(self.params.len());
    }

    /// A value for a column, cast where the value travels as another type: `$1::"public"."Role"`.
    fn param(&mut self, value: Value, column: &ColumnMeta) {
        self.param_as(value, column.ty, column.list);
    }

    /// A value (`list`: an array of values) of a column's type.
    fn param_as(&mut self, value: Value, ty: ColumnType, list: bool) {
        self.uncast_param(value, ty, list);
        self.cast(ty, list);
    }

    /// The same as it travels: where the cast stands elsewhere.
    fn uncast_param(&mut self, value: Value, ty: ColumnType, list: bool) {
        let (element, array) = wire_types(ty);
        let digits = match ty {
            ColumnType::Timestamp(digits)
            | ColumnType::Timestamptz(digits)
            | ColumnType::Time(digits)
            | ColumnType::Timetz(digits) => digits,
            _ => MAX_DIGITS,
        };
        self.push_param(Param { value, ty: Some(if list { array } else { element }), digits });
    }

    /// The cast from the type that travels to the column's.
    fn cast(&mut self, ty: ColumnType, list: bool) {
        match ty {
            ColumnType::Enum(EnumMeta { schema, name }) => {
                self.push("::");
                self.qualified(*schema, name);
            }
            ColumnType::Citext => self.push("::citext"),
            ColumnType::Xml => self.push("::xml"),
            ColumnType::Inet => self.push("::inet"),
            // Not `bit`, which would be `bit(1)` and cut the value.
            ColumnType::Bit | ColumnType::VarBit => self.push("::varbit"),
            ColumnType::Money => self.push("::money"),
            _ => return,
        }
        if list {
            self.push("[]");
        }
    }
}

/// The type in which values of a column travel, and the array of it.
fn wire_types(ty: ColumnType) -> (Type, Type) {
    match ty {
        ColumnType::Text
        | ColumnType::Citext
        | ColumnType::Xml
        | ColumnType::Inet
        | ColumnType::Bit
        | ColumnType::VarBit
        | ColumnType::Enum(_) => (Type::TEXT, Type::TEXT_ARRAY),
        ColumnType::VarChar => (Type::VARCHAR, Type::VARCHAR_ARRAY),
        ColumnType::Char => (Type::BPCHAR, Type::BPCHAR_ARRAY),
        ColumnType::Uuid => (Type::UUID, Type::UUID_ARRAY),
        ColumnType::Bool => (Type::BOOL, Type::BOOL_ARRAY),
        ColumnType::Int2 => (Type::INT2, Type::INT2_ARRAY),
        ColumnType::Int4 => (Type::INT4, Type::INT4_ARRAY),
        ColumnType::Int8 => (Type::INT8, Type::INT8_ARRAY),
        ColumnType::Oid => (Type::OID, Type::OID_ARRAY),
        ColumnType::Float4 => (Type::FLOAT4, Type::FLOAT4_ARRAY),
        ColumnType::Float8 => (Type::FLOAT8, Type::FLOAT8_ARRAY),
        ColumnType::Numeric | ColumnType::Money => (Type::NUMERIC, Type::NUMERIC_ARRAY),
        ColumnType::Timestamp(_) => (Type::TIMESTAMP, Type::TIMESTAMP_ARRAY),
        ColumnType::Timestamptz(_) => (Type::TIMESTAMPTZ, Type::TIMESTAMPTZ_ARRAY),
        ColumnType::Date => (Type::DATE, Type::DATE_ARRAY),
        ColumnType::Time(_) => (Type::TIME, Type::TIME_ARRAY),
        ColumnType::Timetz(_) => (Type::TIMETZ, Type::TIMETZ_ARRAY),
        ColumnType::Json => (Type::JSON, Type::JSON_ARRAY),
        ColumnType::Jsonb => (Type::JSONB, Type::JSONB_ARRAY),
        ColumnType::Bytea => (Type::BYTEA, Type::BYTEA_ARRAY),
    }
}
