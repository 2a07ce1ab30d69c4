//! What the runtime knows of a model: its table, columns, keys and relations.
//!
//! Generated code holds these as statics; the dynamic engine makes them at run time and keeps them for the life of
//! the process. Nothing here knows the schema language.

/// A model and its table.
#[derive(Debug)]
pub struct ModelMeta {
    /// The model's name in the schema file.
    pub name: &'static str,
    /// The PostgreSQL schema of the table; `None` is the one that the connection URL names.
    pub schema: Option<&'static str>,
    /// The table's name.
    pub table: &'static str,
    /// Its columns, in the order of the schema file. A column is named by its place here.
    pub columns: &'static [ColumnMeta],
    /// Columns of the primary key, or else of the first unique key of required columns.
    pub key: &'static [u16],
    /// Every unique key, the primary key included.
    pub uniques: &'static [UniqueMeta],
    /// Its relations, in the order of the schema file. A relation is named by its place here.
    pub relations: &'static [RelationMeta],
}

/// A column.
#[derive(Debug)]
pub struct ColumnMeta {
    /// The field's name in the schema file.
    pub field: &'static str,
    /// The column's name.
    pub column: &'static str,
    /// Its type.
    pub ty: ColumnType,
    /// May it be null.
    pub nullable: bool,
    /// Is it an array of `ty`.
    pub list: bool,
    /// What the client puts in where nothing was given.
    pub default: Default,
    /// Does every update set it to the time of the request.
    pub updated_at: bool,
}

impl ColumnMeta {
    /// A required column that the client has to give a value.
    pub const fn new(field: &'static str, column: &'static str, ty: ColumnType) -> Self {
        Self { field, column, ty, nullable: false, list: false, default: Default::None, updated_at: false }
    }

    /// It may be null.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// It is an array.
    #[must_use]
    pub const fn list(mut self) -> Self {
        self.list = true;
        self
    }

    /// It is filled in where nothing was given.
    #[must_use]
    pub const fn default(mut self, default: Default) -> Self {
        self.default = default;
        self
    }

    /// Every update sets it to the time of the request.
    #[must_use]
    pub const fn updated_at(mut self) -> Self {
        self.updated_at = true;
        self
    }
}

/// Who fills in a column that was not given, and with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// Nobody: it is null, or has to be given.
    None,
    /// The database, by the column's own default.
    Database,
    /// `now()`: the client, with the time of the request.
    Now,
    /// `cuid()`: the client.
    Cuid,
    /// `cuid(2)`: the client.
    Cuid2,
    /// `uuid(4)`: the client.
    UuidV4,
    /// `uuid(7)`: the client.
    UuidV7,
    /// `ulid()`: the client.
    Ulid,
    /// `nanoid(n)`: the client; the length.
    Nanoid(u8),
}

impl Default {
    /// Whether it is an identifier that the client makes.
    pub(crate) const fn is_identifier(self) -> bool {
        !matches!(self, Self::None | Self::Database | Self::Now)
    }
}

/// A unique key, with the constraint's name as PostgreSQL reports it.
#[derive(Debug)]
pub struct UniqueMeta {
    /// The constraint's (or index's) name in the database.
    pub constraint: &'static str,
    /// Its columns.
    pub columns: &'static [u16],
}

impl UniqueMeta {
    /// The key with this constraint on these columns.
    pub const fn new(constraint: &'static str, columns: &'static [u16]) -> Self {
        Self { constraint, columns }
    }
}

/// A relation as one of its models sees it.
#[derive(Debug)]
pub struct RelationMeta {
    /// The field's name in the schema file.
    pub field: &'static str,
    /// The model at the other end.
    pub target: &'static ModelMeta,
    /// How the rows meet.
    pub join: Join,
    /// May there be more than one row at the other end.
    pub many: bool,
    /// Has the other side an index that begins with the joining columns (a primary or unique key is one).
    pub indexed: bool,
}

impl RelationMeta {
    /// A relation to at most one row of the target, without an index on its side.
    pub const fn new(field: &'static str, target: &'static ModelMeta, join: Join) -> Self {
        Self { field, target, join, many: false, indexed: false }
    }

    /// It leads to any number of rows.
    #[must_use]
    pub const fn many(mut self) -> Self {
        self.many = true;
        self
    }

    /// The other side has an index that begins with the joining columns.
    #[must_use]
    pub const fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }
}

/// How the rows of a relation meet.
#[derive(Debug)]
pub enum Join {
    /// Column by column: `here[i] = there[i]`.
    Columns {
        /// Columns of this model.
        here: &'static [u16],
        /// Columns of the target.
        there: &'static [u16],
        /// Is the foreign key on this side.
        owned: bool,
    },
    /// Through an implicit table with the columns `A` and `B`.
    Table {
        /// The PostgreSQL schema of the table.
        schema: Option<&'static str>,
        /// Its name.
        table: &'static str,
        /// The column that refers to this model: `A` or `B`.
        here: &'static str,
        /// The column that refers to the target.
        there: &'static str,
    },
}

impl Join {
    /// Whether this is the same relation, seen from the other end.
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

    /// The foreign key lies on this side.
    pub const fn owned(here: &'static [u16], there: &'static [u16]) -> Self {
        Self::Columns { here, there, owned: true }
    }

    /// The foreign key lies on the other side.
    pub const fn referenced(here: &'static [u16], there: &'static [u16]) -> Self {
        Self::Columns { here, there, owned: false }
    }
}

/// An enum of the database.
#[derive(Debug, PartialEq, Eq)]
pub struct EnumMeta {
    /// The PostgreSQL schema of the type.
    pub schema: Option<&'static str>,
    /// The type's name.
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
    /// The digits of a second that it keeps.
    Timestamp(u8),
    /// The digits of a second that it keeps.
    Timestamptz(u8),
    Date,
    /// The digits of a second that it keeps.
    Time(u8),
    /// The digits of a second that it keeps.
    Timetz(u8),
    Json,
    Jsonb,
    Bytea,
    Enum(&'static EnumMeta),
}
