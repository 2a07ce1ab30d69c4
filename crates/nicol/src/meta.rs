//! What the runtime knows about a model: its table, columns, keys and relations.
//!
//! Generated code has these as statics. Nothing here knows the schema language.

use std::fmt;
use std::sync::OnceLock;

/// A model and its table.
pub struct ModelMeta {
    /// The name of the model in the schema file.
    pub name: &'static str,
    /// The PostgreSQL schema of the table; `None` is the one that the connection URL names.
    pub schema: Option<&'static str>,
    /// The name of the table.
    pub table: &'static str,
    /// The columns in the order of the schema file. A column is identified by its index.
    pub columns: &'static [ColumnMeta],
    /// The columns of the primary key, or else of the first unique key whose columns are all required.
    pub key: &'static [u16],
    /// All unique keys, including the primary key.
    pub uniques: &'static [UniqueMeta],
    /// The relations in the order of the schema file. A relation is identified by its index.
    pub relations: &'static [RelationMeta],
}

/// Only the name: models refer to each other.
impl fmt::Debug for ModelMeta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ModelMeta({})", self.name)
    }
}

/// A column.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own, and all are set by name")]
pub struct ColumnMeta {
    /// The name of the field in the schema file.
    pub field: &'static str,
    /// The name of the column.
    pub column: &'static str,
    /// The type, or the type of the elements of a list.
    pub ty: ColumnType,
    /// Whether the column accepts null.
    pub nullable: bool,
    /// Whether the column is an array of `ty`.
    pub list: bool,
    /// The value of new rows that do not set the column.
    pub default: Default,
    /// Whether every update sets the column to the current time.
    pub updated_at: bool,
    /// Whether rows lack the column, unless a query asks for it.
    pub omitted: bool,
}

impl ModelMeta {
    /// Returns the columns of a row, with their indexes.
    pub(crate) fn row_columns(&self) -> impl Iterator<Item = (u16, &'static ColumnMeta)> + use<> {
        (0..).zip(self.columns).filter(|(_, column)| !column.omitted)
    }

    /// Whether the schema leaves referential actions to the client, as far as the relations of the model tell.
    pub(crate) fn is_emulated(&self) -> bool {
        let has_actions = |model: &Self| model.relations.iter().any(|relation| relation.actions.is_some());
        has_actions(self) || self.relations.iter().any(|relation| has_actions(relation.target()))
    }
}

impl ColumnMeta {
    /// Returns a required column without a default.
    pub const fn new(field: &'static str, column: &'static str, ty: ColumnType) -> Self {
        let default = Default::None;
        Self { field, column, ty, nullable: false, list: false, default, updated_at: false, omitted: false }
    }

    /// Whether a value may be null in the database. A list without a value is, though it is read as an empty one.
    pub(crate) fn can_be_null(&self) -> bool {
        self.nullable || self.list
    }

    /// Makes the column accept null.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// Makes the column an array.
    #[must_use]
    pub const fn list(mut self) -> Self {
        self.list = true;
        self
    }

    /// Sets the default of new rows.
    #[must_use]
    pub const fn default(mut self, default: Default) -> Self {
        self.default = default;
        self
    }

    /// Makes rows lack the column, unless a query asks for it.
    #[must_use]
    pub const fn omitted(mut self) -> Self {
        self.omitted = true;
        self
    }

    /// Makes every update set the column to the current time.
    #[must_use]
    pub const fn updated_at(mut self) -> Self {
        self.updated_at = true;
        self
    }
}

/// The value of a column that a new row does not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// None: the column is null, or required.
    None,
    /// The default of the column in the database.
    Database,
    /// `now()`, by the client.
    Now,
    /// `cuid()`, by the client.
    Cuid,
    /// `cuid(2)`, by the client.
    Cuid2,
    /// `uuid(4)`, by the client.
    UuidV4,
    /// `uuid(7)`, by the client.
    UuidV7,
    /// `ulid()`, by the client.
    Ulid,
    /// `nanoid(n)` with this length, by the client.
    Nanoid(u8),
}

impl Default {
    /// Whether the client generates an identifier.
    pub(crate) const fn is_identifier(self) -> bool {
        !matches!(self, Self::None | Self::Database | Self::Now)
    }
}

/// A unique key, with the constraint's name as PostgreSQL reports it.
#[derive(Debug)]
pub struct UniqueMeta {
    /// The name of the constraint or index in the database.
    pub constraint: &'static str,
    /// The columns of the key.
    pub columns: &'static [u16],
}

impl UniqueMeta {
    /// Returns a unique key.
    pub const fn new(constraint: &'static str, columns: &'static [u16]) -> Self {
        Self { constraint, columns }
    }
}

/// A relation, seen from one of its models.
#[derive(Debug)]
pub struct RelationMeta {
    /// The name of the field in the schema file.
    pub field: &'static str,
    target: Target,
    /// The columns or the table that join the rows.
    pub join: Join,
    /// Whether there can be more than one row at the other end.
    pub many: bool,
    /// Whether the other side has an index that starts with the joining columns, such as a primary or unique key.
    pub indexed: bool,
    /// What happens to the rows with the foreign key, if the client has to see to it (`relationMode = "prisma"`).
    pub actions: Option<Actions>,
}

/// The model at the other end of a relation.
#[derive(Debug)]
enum Target {
    Known(&'static ModelMeta),
    /// Models that are made at run time refer to each other, so one of them has to come first.
    Later(&'static OnceLock<&'static ModelMeta>),
}

/// What happens to the rows with a foreign key when the row that they refer to is deleted, or its key is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actions {
    /// When the row is deleted.
    pub on_delete: Action,
    /// When the referenced columns are changed.
    pub on_update: Action,
}

/// What happens to the rows with a foreign key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are SQL's")]
pub enum Action {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

impl RelationMeta {
    /// Returns a relation to at most one row of the target, without an index there.
    pub const fn new(field: &'static str, target: &'static ModelMeta, join: Join) -> Self {
        Self::to(field, Target::Known(target), join)
    }

    /// Returns a relation to a model that is made later, at run time.
    pub const fn to_later(
        field: &'static str,
        target: &'static OnceLock<&'static ModelMeta>,
        join: Join,
    ) -> Self {
        Self::to(field, Target::Later(target), join)
    }

    const fn to(field: &'static str, target: Target, join: Join) -> Self {
        Self { field, target, join, many: false, indexed: false, actions: None }
    }

    /// Returns the model at the other end.
    ///
    /// # Panics
    /// The model is made at run time and has not been made yet.
    pub fn target(&self) -> &'static ModelMeta {
        match &self.target {
            Target::Known(target) => target,
            Target::Later(later) => later.get().expect("all models are made before the first one is used"),
        }
    }

    /// Makes the client see to the rows with the foreign key.
    #[must_use]
    pub const fn emulated(mut self, on_delete: Action, on_update: Action) -> Self {
        self.actions = Some(Actions { on_delete, on_update });
        self
    }

    /// Makes the relation lead to any number of rows.
    #[must_use]
    pub const fn many(mut self) -> Self {
        self.many = true;
        self
    }

    /// Notes that the other side has an index that starts with the joining columns.
    #[must_use]
    pub const fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }
}

/// What joins the rows of a relation.
#[derive(Debug)]
pub enum Join {
    /// Columns: `here[i] = there[i]`.
    Columns {
        /// The columns of this model.
        here: &'static [u16],
        /// The columns of the target.
        there: &'static [u16],
        /// Whether the foreign key is on this side.
        owned: bool,
    },
    /// An implicit join table with the columns `A` and `B`.
    Table {
        /// The PostgreSQL schema of the table.
        schema: Option<&'static str>,
        /// The name of the table.
        table: &'static str,
        /// The column that refers to this model: `A` or `B`.
        here: &'static str,
        /// The column that refers to the target.
        there: &'static str,
    },
}

impl Join {
    /// Whether `other` is the same relation, seen from the other end.
    pub(crate) fn is_inverse_of(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Columns { here, there, owned },
                Self::Columns { here: other_here, there: other_there, owned: other_owned },
            ) => here == other_there && there == other_here && owned != other_owned,
            (
                Self::Table { schema, table, here, .. },
                Self::Table { schema: other_schema, table: other_table, there: other_there, .. },
            ) => (schema, table, here) == (other_schema, other_table, other_there),
            _ => false,
        }
    }

    /// Returns the join of a relation whose foreign key is on this side.
    pub const fn owned(here: &'static [u16], there: &'static [u16]) -> Self {
        Self::Columns { here, there, owned: true }
    }

    /// Returns the join of a relation whose foreign key is on the other side.
    pub const fn referenced(here: &'static [u16], there: &'static [u16]) -> Self {
        Self::Columns { here, there, owned: false }
    }
}

/// An enum of the database.
#[derive(Debug, PartialEq, Eq)]
pub struct EnumMeta {
    /// The PostgreSQL schema of the type.
    pub schema: Option<&'static str>,
    /// The name of the type.
    pub name: &'static str,
}

/// The type of a column (or of the elements of an array column).
///
/// Source: PostgreSQL 16 manual, chapter 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are PostgreSQL's")]
pub enum ColumnType {
    Text,
    VarChar,
    Char,
    Citext,
    Uuid,
    Xml,
    Inet,
    Bit,
    VarBit,
    Bool,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Numeric,
    Money,
    /// With this many fractional digits of a second.
    Timestamp(u8),
    /// With this many fractional digits of a second.
    Timestamptz(u8),
    Date,
    /// With this many fractional digits of a second.
    Time(u8),
    /// With this many fractional digits of a second.
    Timetz(u8),
    Json,
    Jsonb,
    Bytea,
    Enum(&'static EnumMeta),
}
