//! Builds a statement: text, names, parameters and casts.

use nicol_pg::{push_ident, push_qualified};
use postgres_types::Type;

use crate::codec::{MAX_DIGITS, Param};
use crate::error::{Error, Kind};
use crate::meta::{ColumnMeta, ColumnType, EnumMeta, ModelMeta};
use crate::value::Value;
use crate::wire::{Form, References, Statement};

/// PostgreSQL's limit: it counts parameters in 16 bits.
pub(super) const MAX_PARAMETERS: usize = 65_535;

/// A statement that is being written.
pub(super) struct Writer<'a> {
    /// The PostgreSQL schema of tables without one: that of the connection URL.
    pub(super) schema: &'a str,
    /// The call that the statement is for.
    operation: &'static str,
    pub(super) text: String,
    pub(super) params: Vec<Param>,
    aliases: usize,
    /// Whether an odd number of negations is around the condition that is being written, within its subquery.
    pub(super) negated: bool,
    /// Whether an odd number of negations is around it in the whole statement, without those of `Every`: this decides how Prisma writes a
    /// condition on JSON.
    pub(super) reversed: bool,
    /// Whether a condition on the row at the end of a relation is false where a null leaves it undecided. Otherwise it is null, and so is its
    /// negation.
    pub(super) decides: bool,
}

/// The alias of a table in a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Alias(pub(super) usize);

impl<'a> Writer<'a> {
    pub(super) fn new(schema: &'a str, operation: &'static str) -> Self {
        Self {
            schema,
            operation,
            text: String::with_capacity(256),
            params: Vec::with_capacity(8),
            aliases: 0,
            negated: false,
            reversed: false,
            decides: false,
        }
    }

    pub(super) fn finish(
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
            form: Form::Query,
            returns_rows,
            read_only,
            may_lag: false,
            model: Some(model),
            operation: self.operation,
            references: References::None,
            requires_row: false,
        })
    }

    pub(super) fn push(&mut self, sql: &str) {
        self.text.push_str(sql);
    }

    pub(super) fn ident(&mut self, name: &str) {
        push_ident(&mut self.text, name);
    }

    pub(super) fn new_alias(&mut self) -> Alias {
        let alias = Alias(self.aliases);
        self.aliases += 1;
        alias
    }

    pub(super) fn alias(&mut self, alias: Alias) {
        self.push("\"t");
        self.number(alias.0);
        self.push("\"");
    }

    pub(super) fn number(&mut self, mut number: usize) {
        // Without the machinery of `fmt`: a statement has many numbers.
        let mut digits = [0; 20];
        let mut first = digits.len();
        loop {
            first -= 1;
            digits[first] = b"0123456789"[number % 10];
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.text.extend(digits[first..].iter().map(|digit| char::from(*digit)));
    }

    pub(super) fn qualified(&mut self, schema: Option<&str>, name: &str) {
        push_qualified(&mut self.text, schema.unwrap_or(self.schema), name);
    }

    pub(super) fn table(&mut self, model: &ModelMeta) {
        self.qualified(model.schema, model.table);
    }

    /// Writes `"public"."people" AS "t0"`.
    pub(super) fn table_as(&mut self, model: &ModelMeta, alias: Alias) {
        self.table(model);
        self.push(" AS ");
        self.alias(alias);
    }

    /// Writes `"t0"."name"`.
    pub(super) fn column(&mut self, alias: Alias, column: &ColumnMeta) {
        self.alias(alias);
        self.push(".");
        self.ident(column.column);
    }

    /// Writes a column of the result. Types that are not decoded themselves are cast.
    pub(super) fn output(&mut self, alias: Alias, column: &ColumnMeta) {
        self.column(alias, column);
        self.output_cast(column);
    }

    /// Writes the cast from the type of the column to the type that is read.
    pub(super) fn output_cast(&mut self, column: &ColumnMeta) {
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

    /// Writes the cast of a column to a type for arithmetic and returns it: `money` times `numeric` and the sum of `oid` do not exist.
    pub(super) fn number_cast(&mut self, column: &ColumnMeta) -> ColumnType {
        let (cast, ty) = match column.ty {
            ColumnType::Money if !column.list => ("::numeric", ColumnType::Numeric),
            ColumnType::Oid if !column.list => ("::int8", ColumnType::Int8),
            ty => return ty,
        };
        self.push(cast);
        ty
    }

    /// Writes `$1` without a cast.
    pub(super) fn bare_param(&mut self, value: Value, ty: Type) {
        self.push_param(Param::new(value, Some(ty)));
    }

    pub(super) fn push_param(&mut self, param: Param) {
        self.params.push(param);
        self.push("$");
        self.number(self.params.len());
    }

    /// Writes a value for a column, with a cast if it is sent as another type: `$1::"public"."Role"`.
    pub(super) fn param(&mut self, value: Value, column: &ColumnMeta) {
        self.param_as(value, column.ty, column.list);
    }

    /// Writes a value, or an array of values (`list`), of the type of a column.
    pub(super) fn param_as(&mut self, value: Value, ty: ColumnType, list: bool) {
        self.uncast_param(value, ty, list);
        self.cast(ty, list);
    }

    /// Writes the value in the type that is sent; the cast is elsewhere.
    pub(super) fn uncast_param(&mut self, value: Value, ty: ColumnType, list: bool) {
        let (element, array) = wire_types(ty);
        let digits = match ty {
            ColumnType::Timestamp(digits)
            | ColumnType::Timestamptz(digits)
            | ColumnType::Time(digits)
            | ColumnType::Timetz(digits) => digits,
            _ => MAX_DIGITS,
        };
        self.push_param(Param { digits, ..Param::new(value, Some(if list { array } else { element })) });
    }

    /// Writes the cast from the type that is sent to the type of the column.
    pub(super) fn cast(&mut self, ty: ColumnType, list: bool) {
        match ty {
            ColumnType::Enum(EnumMeta { schema, name }) => {
                self.push("::");
                self.qualified(*schema, name);
            }
            ColumnType::Citext => self.push("::citext"),
            ColumnType::Xml => self.push("::xml"),
            ColumnType::Inet => self.push("::inet"),
            // `bit` would be `bit(1)` and truncate the value.
            ColumnType::Bit | ColumnType::VarBit => self.push("::varbit"),
            ColumnType::Money => self.push("::money"),
            _ => return,
        }
        if list {
            self.push("[]");
        }
    }
}

/// Returns the type in which values of a column are sent, and its array type.
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
