//! The validated schema: names resolved, defaults filled in, nothing left to check.
//!
//! Everything lies in arenas and is reached by an id, in the order of the file. A [`Schema`] can only be had
//! from [`validate`](crate::validate), so its users need not ask again whether a relation has two ends
//! or a default fits its type.

use crate::span::Span;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(crate) u32);

        impl $name {
            /// The place in its arena, in the order of the file.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id! {
    /// A model (or view) of a [`Schema`].
    ModelId
}
id! {
    /// An enum of a [`Schema`].
    EnumId
}
id! {
    /// A field of one [`Model`]: its place in [`Model::fields`].
    FieldId
}
id! {
    /// A relation of a [`Schema`], seen by both its ends.
    RelationId
}

/// A whole schema that has passed validation.
#[derive(Debug, Clone)]
pub struct Schema {
    /// The one `datasource` block.
    pub datasource: Option<Datasource>,
    /// The `generator` blocks.
    pub generators: Vec<Generator>,
    /// Models and views, in the order of the file.
    pub models: Vec<Model>,
    /// Enums, in the order of the file.
    pub enums: Vec<Enum>,
    /// Relations, each once, in the order of the fields that first name them.
    pub relations: Vec<Relation>,
}

impl Schema {
    /// The model with this id.
    pub fn model(&self, id: ModelId) -> &Model {
        &self.models[id.index()]
    }

    /// The enum with this id.
    pub fn enumeration(&self, id: EnumId) -> &Enum {
        &self.enums[id.index()]
    }

    /// The relation with this id.
    pub fn relation(&self, id: RelationId) -> &Relation {
        &self.relations[id.index()]
    }

    /// Every model with its id.
    pub fn models(&self) -> impl Iterator<Item = (ModelId, &Model)> {
        (0..).map(ModelId).zip(&self.models)
    }

    /// Every enum with its id.
    pub fn enums(&self) -> impl Iterator<Item = (EnumId, &Enum)> {
        (0..).map(EnumId).zip(&self.enums)
    }
}

/// A string that is written out or read from the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StringOrEnv {
    /// The value itself.
    Literal(String),
    /// `env("NAME")`: the variable's name.
    Env(String),
}

/// The `datasource` block.
#[derive(Debug, Clone)]
pub struct Datasource {
    /// The name after the keyword.
    pub name: String,
    /// The connection URL of the client; `None` only with [`DatasourceUrl::Optional`](crate::DatasourceUrl::Optional).
    pub url: Option<StringOrEnv>,
    /// The connection URL for migrations, where it differs (`directUrl`).
    pub direct_url: Option<StringOrEnv>,
    /// The connection URL of the shadow database.
    pub shadow_database_url: Option<StringOrEnv>,
    /// Who keeps the relations: the database or the client.
    pub relation_mode: RelationMode,
    /// `schemas = [...]`; empty without it.
    pub schemas: Vec<String>,
    /// `extensions = [...]`.
    pub extensions: Vec<Extension>,
    /// Where the block lies.
    pub span: Span,
}

/// A PostgreSQL extension named in the datasource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its name in the schema file.
    pub name: String,
    /// Its name in the database, where it differs (`map:`).
    pub database_name: Option<String>,
    /// The schema to create it in.
    pub schema: Option<String>,
    /// The version to create.
    pub version: Option<String>,
}

/// Who keeps the relations consistent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RelationMode {
    /// Foreign keys in the database.
    #[default]
    ForeignKeys,
    /// The client; no foreign keys are made.
    Prisma,
}

/// A `generator` block, its settings not interpreted.
#[derive(Debug, Clone)]
pub struct Generator {
    /// The name after the keyword.
    pub name: String,
    /// Its `provider`.
    pub provider: StringOrEnv,
    /// Its `previewFeatures`.
    pub preview_features: Vec<String>,
    /// The other settings in the order of the file; lists are joined by the consumer.
    pub config: Vec<(String, ConfigValue)>,
    /// Its `///` comment.
    pub documentation: Option<String>,
}

/// A value of a setting in a `generator` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigValue {
    /// A string, number, boolean or bare word, as written (strings unescaped).
    One(StringOrEnv),
    /// A list of such.
    Many(Vec<StringOrEnv>),
}

/// A `model` or `view` block.
#[derive(Debug, Clone)]
pub struct Model {
    /// Its name in the schema file.
    pub name: String,
    /// `@@map`: its name in the database, where it differs.
    pub map: Option<String>,
    /// `@@schema`.
    pub schema: Option<String>,
    /// Its `///` comment, lines joined by `\n`.
    pub documentation: Option<String>,
    /// Is it a `view`.
    pub is_view: bool,
    /// `@@ignore`: no client code for it.
    pub is_ignored: bool,
    /// Its fields, in the order of the file.
    pub fields: Vec<Field>,
    /// `@id` or `@@id`.
    pub primary_key: Option<Key>,
    /// `@unique` and `@@unique`, in the order of the file (fields first, then blocks).
    pub uniques: Vec<Key>,
    /// `@@index`, in the order of the file.
    pub indexes: Vec<Index>,
    /// Where its name lies.
    pub span: Span,
}

impl Model {
    /// Its name in the database.
    pub fn database_name(&self) -> &str {
        self.map.as_deref().unwrap_or(&self.name)
    }

    /// The field with this id.
    pub fn field(&self, id: FieldId) -> &Field {
        &self.fields[id.index()]
    }

    /// Every field with its id.
    pub fn fields(&self) -> impl Iterator<Item = (FieldId, &Field)> {
        (0..).map(FieldId).zip(&self.fields)
    }

    /// The fields that are columns.
    pub fn scalars(&self) -> impl Iterator<Item = (FieldId, &Field, &Scalar)> {
        self.fields().filter_map(|(id, field)| match &field.kind {
            FieldKind::Scalar(scalar) => Some((id, field, scalar)),
            FieldKind::Relation(_) => None,
        })
    }

    /// The fields that are ends of relations.
    pub fn relation_fields(&self) -> impl Iterator<Item = (FieldId, &Field, RelationEnd)> {
        self.fields().filter_map(|(id, field)| match &field.kind {
            FieldKind::Scalar(_) => None,
            FieldKind::Relation(end) => Some((id, field, *end)),
        })
    }
}

/// One field of a model.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name in the schema file.
    pub name: String,
    /// Required, optional or list.
    pub arity: Arity,
    /// Column or end of a relation.
    pub kind: FieldKind,
    /// Its `///` comment.
    pub documentation: Option<String>,
    /// `@ignore`.
    pub is_ignored: bool,
    /// Where its name lies.
    pub span: Span,
}

impl Field {
    /// The column's name in the database, or the field's own name for a relation.
    pub fn database_name(&self) -> &str {
        match &self.kind {
            FieldKind::Scalar(Scalar { map: Some(map), .. }) => map,
            _ => &self.name,
        }
    }
}

/// How many values a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// `Type`
    Required,
    /// `Type?`
    Optional,
    /// `Type[]`
    List,
}

/// What a field is.
#[derive(Debug, Clone)]
pub enum FieldKind {
    /// A column.
    Scalar(Scalar),
    /// An end of a relation.
    Relation(RelationEnd),
}

/// A field that is a column.
#[derive(Debug, Clone)]
pub struct Scalar {
    /// Its type.
    pub ty: FieldType,
    /// `@db.…`, where written.
    pub native_type: Option<NativeType>,
    /// `@map`.
    pub map: Option<String>,
    /// `@default`.
    pub default: Option<Default>,
    /// `@updatedAt`.
    pub is_updated_at: bool,
}

/// The type of a column, as the schema names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// One of Prisma's own types.
    Scalar(ScalarType),
    /// An enum of the schema.
    Enum(EnumId),
    /// `Unsupported("…")`: the database's own words for the type.
    Unsupported(String),
}

/// Prisma's own types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScalarType {
    /// `text` unless said otherwise.
    String,
    /// `boolean`
    Boolean,
    /// `integer`
    Int,
    /// `bigint`
    BigInt,
    /// `double precision`
    Float,
    /// `decimal(65,30)`
    Decimal,
    /// `timestamp(3)`, in UTC
    DateTime,
    /// `jsonb`
    Json,
    /// `bytea`
    Bytes,
}

/// `@db.…`: a type of PostgreSQL's.
///
/// Source: Prisma 6.19 schema reference, "Model field scalar types", PostgreSQL columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are PostgreSQL's")]
pub enum NativeType {
    Text,
    Char(Option<u32>),
    VarChar(Option<u32>),
    Bit(Option<u32>),
    VarBit(Option<u32>),
    Uuid,
    Xml,
    Inet,
    Citext,
    Boolean,
    Integer,
    SmallInt,
    Oid,
    BigInt,
    Real,
    DoublePrecision,
    /// Precision and scale.
    Decimal(Option<(u32, u32)>),
    Money,
    Timestamp(Option<u32>),
    Timestamptz(Option<u32>),
    Date,
    Time(Option<u32>),
    Timetz(Option<u32>),
    Json,
    JsonB,
    ByteA,
}

/// `@default(…)`
#[derive(Debug, Clone)]
pub struct Default {
    /// What it is.
    pub value: DefaultValue,
    /// `map:`; PostgreSQL has no names for defaults, kept for fidelity.
    pub map: Option<String>,
}

/// What a column gets when nothing is given.
#[derive(Debug, Clone, PartialEq)]
pub enum DefaultValue {
    /// A single value.
    Literal(Literal),
    /// A list of values.
    List(Vec<Literal>),
    /// `autoincrement()`: a sequence of the database.
    Autoincrement,
    /// `now()`: made by the client, and by the database for others (`CURRENT_TIMESTAMP`).
    Now,
    /// `cuid()` or `cuid(2)`: the version.
    Cuid(u8),
    /// `uuid()`, `uuid(4)` or `uuid(7)`: the version.
    Uuid(u8),
    /// `ulid()`
    Ulid,
    /// `nanoid(n)`: the length, where given.
    Nanoid(Option<u8>),
    /// `dbgenerated("…")`: an SQL expression; without one the database is said to have it.
    DbGenerated(Option<String>),
}

/// A value written in the schema, kept as it was written where the text matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A string, unescaped.
    String(String),
    /// A number as written: `10.50` stays so.
    Number(String),
    /// `true` or `false`.
    Boolean(bool),
    /// The name of a value of the field's enum, as in the schema file.
    EnumValue(String),
}

/// An end of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelationEnd {
    /// Which relation.
    pub relation: RelationId,
    /// Which of its ends.
    pub side: Side,
    /// The model at the other end.
    pub model: ModelId,
}

/// The two ends of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The end with the foreign key; in a many-to-many relation the end whose column is `A`.
    From,
    /// The other end.
    To,
}

/// A relation between two models.
#[derive(Debug, Clone)]
pub struct Relation {
    /// `name:`, where written.
    pub name: Option<String>,
    /// The name in use: as written, or `AToB` with the models in alphabetical order.
    pub effective_name: String,
    /// The model with the foreign key (in a many-to-many relation: column `A`).
    pub from: ModelId,
    /// Its field; absent only in schemas where validation allows it.
    pub from_field: Option<FieldId>,
    /// The model that is referenced (in a many-to-many relation: column `B`).
    pub to: ModelId,
    /// Its field.
    pub to_field: Option<FieldId>,
    /// Of what kind.
    pub kind: RelationKind,
}

/// The kinds of relations.
#[derive(Debug, Clone)]
pub enum RelationKind {
    /// Each `from` has at most one `to`, and the other way round.
    OneToOne(ForeignKey),
    /// Each `from` has at most one `to`.
    OneToMany(ForeignKey),
    /// Through an implicit table.
    ManyToMany,
}

/// The foreign key of a relation.
#[derive(Debug, Clone)]
pub struct ForeignKey {
    /// Fields of the `from` model.
    pub fields: Vec<FieldId>,
    /// Fields of the `to` model, as many.
    pub references: Vec<FieldId>,
    /// `onDelete:`, where written.
    pub on_delete: Option<ReferentialAction>,
    /// `onUpdate:`, where written.
    pub on_update: Option<ReferentialAction>,
    /// `map:`: the constraint's name, where written.
    pub map: Option<String>,
}

/// What happens to rows that refer to a row that goes or changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are SQL's")]
pub enum ReferentialAction {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

/// A primary key or unique key.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its fields, in order.
    pub fields: Vec<KeyField>,
    /// `name:`: what the client calls a compound key.
    pub name: Option<String>,
    /// `map:`: the constraint's name in the database, where written.
    pub map: Option<String>,
    /// Written on the field (`@id`, `@unique`) rather than on the block.
    pub on_field: bool,
}

/// `@@index`
#[derive(Debug, Clone)]
pub struct Index {
    /// Its fields, in order.
    pub fields: Vec<KeyField>,
    /// `map:` (or the older `name:`): its name in the database, where written.
    pub map: Option<String>,
    /// `type:`, where written.
    pub algorithm: Option<IndexAlgorithm>,
}

/// A field within a key or index.
#[derive(Debug, Clone)]
pub struct KeyField {
    /// Which field.
    pub field: FieldId,
    /// `sort:`, where written.
    pub sort: Option<SortOrder>,
    /// `ops:`, where written.
    pub operator_class: Option<OperatorClass>,
}

/// `ops:`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorClass {
    /// A class of Prisma's list, by its name in the schema file (`JsonbPathOps`).
    Known(String),
    /// `raw("…")`
    Raw(String),
}

/// Ascending or descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum SortOrder {
    Asc,
    Desc,
}

/// The index methods of PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are PostgreSQL's")]
pub enum IndexAlgorithm {
    BTree,
    Hash,
    Gin,
    Gist,
    SpGist,
    Brin,
}

/// An `enum` block.
#[derive(Debug, Clone)]
pub struct Enum {
    /// Its name in the schema file.
    pub name: String,
    /// `@@map`
    pub map: Option<String>,
    /// `@@schema`
    pub schema: Option<String>,
    /// Its `///` comment.
    pub documentation: Option<String>,
    /// Its values, in the order of the file.
    pub values: Vec<EnumValue>,
    /// Where its name lies.
    pub span: Span,
}

impl Enum {
    /// Its name in the database.
    pub fn database_name(&self) -> &str {
        self.map.as_deref().unwrap_or(&self.name)
    }
}

/// One value of an enum.
#[derive(Debug, Clone)]
pub struct EnumValue {
    /// Its name in the schema file.
    pub name: String,
    /// `@map`
    pub map: Option<String>,
    /// Its `///` comment.
    pub documentation: Option<String>,
}

impl EnumValue {
    /// Its name in the database.
    pub fn database_name(&self) -> &str {
        self.map.as_deref().unwrap_or(&self.name)
    }
}
