//! The validated schema: names resolved, defaults filled in, nothing left to check.
//!
//! Everything is in arenas, in source order, and referenced by ids. A [`Schema`] can only be obtained from
//! [`validate`](crate::validate), so users can rely on it: for example, relations have two sides, and defaults fit
//! their types.

use crate::span::Span;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(crate) u32);

        impl $name {
            /// Returns the index in the arena, in source order.
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
    /// A field of one [`Model`]: its index in [`Model::fields`].
    FieldId
}
id! {
    /// A relation of a [`Schema`].
    RelationId
}

/// A validated schema.
#[derive(Debug, Clone)]
pub struct Schema {
    /// The `datasource` block.
    pub datasource: Option<Datasource>,
    /// The `generator` blocks.
    pub generators: Vec<Generator>,
    /// Models and views, in source order.
    pub models: Vec<Model>,
    /// Enums, in source order.
    pub enums: Vec<Enum>,
    /// Relations, each once, in the order of the fields that first mention them.
    pub relations: Vec<Relation>,
}

impl Schema {
    /// Returns the model with this id.
    pub fn model(&self, id: ModelId) -> &Model {
        &self.models[id.index()]
    }

    /// Returns the enum with this id.
    pub fn enumeration(&self, id: EnumId) -> &Enum {
        &self.enums[id.index()]
    }

    /// Returns the relation with this id.
    pub fn relation(&self, id: RelationId) -> &Relation {
        &self.relations[id.index()]
    }

    /// Returns every model with its id.
    pub fn models(&self) -> impl Iterator<Item = (ModelId, &Model)> {
        (0..).map(ModelId).zip(&self.models)
    }

    /// Returns every enum with its id.
    pub fn enums(&self) -> impl Iterator<Item = (EnumId, &Enum)> {
        (0..).map(EnumId).zip(&self.enums)
    }
}

/// A string, or the environment variable that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StringOrEnv {
    /// The value itself.
    Literal(String),
    /// `env("NAME")`: the name of the variable.
    Env(String),
}

/// The `datasource` block.
#[derive(Debug, Clone)]
pub struct Datasource {
    /// The name after the keyword.
    pub name: String,
    /// The connection URL of the client; `None` only with [`DatasourceUrl::Optional`](crate::DatasourceUrl::Optional).
    pub url: Option<StringOrEnv>,
    /// The connection URL for migrations, if different (`directUrl`).
    pub direct_url: Option<StringOrEnv>,
    /// The connection URL of the shadow database.
    pub shadow_database_url: Option<StringOrEnv>,
    /// Whether the database or the client enforces relations.
    pub relation_mode: RelationMode,
    /// `schemas = [...]`; empty if it is not set.
    pub schemas: Vec<String>,
    /// `extensions = [...]`.
    pub extensions: Vec<Extension>,
    /// The span of the block.
    pub span: Span,
}

/// A PostgreSQL extension named in the datasource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// The name in the schema file.
    pub name: String,
    /// The name in the database, if different (`map:`).
    pub database_name: Option<String>,
    /// The schema to install it in.
    pub schema: Option<String>,
    /// The version to install.
    pub version: Option<String>,
}

/// What enforces referential integrity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RelationMode {
    /// Foreign keys in the database.
    #[default]
    ForeignKeys,
    /// The client; the database has no foreign keys.
    Prisma,
}

/// A `generator` block with uninterpreted settings.
#[derive(Debug, Clone)]
pub struct Generator {
    /// The name after the keyword.
    pub name: String,
    /// Its `provider`.
    pub provider: StringOrEnv,
    /// Its `previewFeatures`.
    pub preview_features: Vec<String>,
    /// The other settings, in source order; consumers join lists.
    pub config: Vec<(String, ConfigValue)>,
    /// Its `///` comment.
    pub documentation: Option<String>,
}

/// The value of a generator's setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigValue {
    /// A string, number, boolean or bare word, as written (strings unescaped).
    One(StringOrEnv),
    /// A list of such values.
    Many(Vec<StringOrEnv>),
}

/// A `model` or `view` block.
#[derive(Debug, Clone)]
pub struct Model {
    /// The name in the schema file.
    pub name: String,
    /// `@@map`: the name in the database, if different.
    pub map: Option<String>,
    /// `@@schema`.
    pub schema: Option<String>,
    /// Its `///` comment, lines joined by `\n`.
    pub documentation: Option<String>,
    /// Whether it is a `view`.
    pub is_view: bool,
    /// `@@ignore`: the client omits the model.
    pub is_ignored: bool,
    /// The fields, in source order.
    pub fields: Vec<Field>,
    /// `@id` or `@@id`.
    pub primary_key: Option<Key>,
    /// `@unique` and `@@unique`, in source order (fields first, then the block).
    pub uniques: Vec<Key>,
    /// `@@index`, in source order.
    pub indexes: Vec<Index>,
    /// The span of the name.
    pub span: Span,
}

impl Model {
    /// Returns the name in the database.
    pub fn database_name(&self) -> &str {
        self.map.as_deref().unwrap_or(&self.name)
    }

    /// Returns the field with this id.
    pub fn field(&self, id: FieldId) -> &Field {
        &self.fields[id.index()]
    }

    /// Returns every field with its id.
    pub fn fields(&self) -> impl Iterator<Item = (FieldId, &Field)> {
        (0..).map(FieldId).zip(&self.fields)
    }

    /// Returns the fields that are columns.
    pub fn scalars(&self) -> impl Iterator<Item = (FieldId, &Field, &Scalar)> {
        self.fields().filter_map(|(id, field)| match &field.kind {
            FieldKind::Scalar(scalar) => Some((id, field, scalar)),
            FieldKind::Relation(_) => None,
        })
    }

    /// Returns the relation fields.
    pub fn relation_fields(&self) -> impl Iterator<Item = (FieldId, &Field, RelationEnd)> {
        self.fields().filter_map(|(id, field)| match &field.kind {
            FieldKind::Scalar(_) => None,
            FieldKind::Relation(end) => Some((id, field, *end)),
        })
    }
}

/// A field of a model.
#[derive(Debug, Clone)]
pub struct Field {
    /// The name in the schema file.
    pub name: String,
    /// Required, optional or list.
    pub arity: Arity,
    /// Column or relation.
    pub kind: FieldKind,
    /// Its `///` comment.
    pub documentation: Option<String>,
    /// `@ignore`.
    pub is_ignored: bool,
    /// The span of the name.
    pub span: Span,
}

impl Field {
    /// Returns the column's name in the database, or the field's own name for a relation.
    pub fn database_name(&self) -> &str {
        match &self.kind {
            FieldKind::Scalar(Scalar { map: Some(map), .. }) => map,
            _ => &self.name,
        }
    }
}

/// The number of values a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// `Type`
    Required,
    /// `Type?`
    Optional,
    /// `Type[]`
    List,
}

/// The kind of a field.
#[derive(Debug, Clone)]
pub enum FieldKind {
    /// A column.
    Scalar(Scalar),
    /// A relation field.
    Relation(RelationEnd),
}

/// A field that is a column.
#[derive(Debug, Clone)]
pub struct Scalar {
    /// Its type.
    pub ty: FieldType,
    /// `@db.…`, if given.
    pub native_type: Option<NativeType>,
    /// `@map`.
    pub map: Option<String>,
    /// `@default`.
    pub default: Option<Default>,
    /// `@updatedAt`.
    pub is_updated_at: bool,
}

/// The type of a column in the schema language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// A built-in scalar type.
    Scalar(ScalarType),
    /// An enum of the schema.
    Enum(EnumId),
    /// `Unsupported("…")`: the database's own name of the type.
    Unsupported(String),
}

/// The built-in scalar types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScalarType {
    /// `text` by default.
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

/// `@db.…`: a native PostgreSQL type.
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
    /// The value.
    pub value: DefaultValue,
    /// `map:`. PostgreSQL has no named defaults; kept for fidelity.
    pub map: Option<String>,
}

/// The default value of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum DefaultValue {
    /// A single value.
    Literal(Literal),
    /// A list of values.
    List(Vec<Literal>),
    /// `autoincrement()`: a database sequence.
    Autoincrement,
    /// `now()`: set by the client, and by the database for other writers (`CURRENT_TIMESTAMP`).
    Now,
    /// `cuid()` or `cuid(2)`: the version.
    Cuid(u8),
    /// `uuid()`, `uuid(4)` or `uuid(7)`: the version.
    Uuid(u8),
    /// `ulid()`
    Ulid,
    /// `nanoid(n)`: the length, if given.
    Nanoid(Option<u8>),
    /// `dbgenerated("…")`: an SQL expression; `None` if the expression is only in the database.
    DbGenerated(Option<String>),
}

/// A value in the schema, kept as written where the text matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A string, unescaped.
    String(String),
    /// A number, as written: `10.50` stays `10.50`.
    Number(String),
    /// `true` or `false`.
    Boolean(bool),
    /// The schema name of one of the enum's values.
    EnumValue(String),
}

/// A side of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelationEnd {
    /// The relation.
    pub relation: RelationId,
    /// The side.
    pub side: Side,
    /// The model on the other side.
    pub model: ModelId,
}

/// The two sides of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The side with the foreign key; in a many-to-many relation, the side with column `A`.
    From,
    /// The other side.
    To,
}

/// A relation between two models.
#[derive(Debug, Clone)]
pub struct Relation {
    /// `name:`, if given.
    pub name: Option<String>,
    /// The name in use: as given, or `AToB` with the models in alphabetical order.
    pub effective_name: String,
    /// The model with the foreign key (in a many-to-many relation, column `A`).
    pub from: ModelId,
    /// The relation field of `from`; absent only where validation allows it.
    pub from_field: Option<FieldId>,
    /// The referenced model (in a many-to-many relation, column `B`).
    pub to: ModelId,
    /// The relation field of `to`.
    pub to_field: Option<FieldId>,
    /// The kind.
    pub kind: RelationKind,
}

impl Relation {
    /// Returns what happens to the rows with the foreign key when the row that they refer to is deleted, and when its key is
    /// changed; `None` for a many-to-many relation.
    ///
    /// Source: Prisma 6.19 documentation, "Referential actions", defaults.
    pub fn actions(&self, schema: &Schema) -> Option<(ReferentialAction, ReferentialAction)> {
        let (RelationKind::OneToOne(key) | RelationKind::OneToMany(key)) = &self.kind else { return None };
        let model = schema.model(self.from);
        let mut fields = self.from_field.iter().chain(&key.fields);
        let is_required = fields.any(|field| model.field(*field).arity == Arity::Required);
        let usual = if is_required { ReferentialAction::Restrict } else { ReferentialAction::SetNull };
        Some((key.on_delete.unwrap_or(usual), key.on_update.unwrap_or(ReferentialAction::Cascade)))
    }
}

/// The kinds of relations.
#[derive(Debug, Clone)]
pub enum RelationKind {
    /// Each `from` has at most one `to`, and vice versa.
    OneToOne(ForeignKey),
    /// Each `from` has at most one `to`.
    OneToMany(ForeignKey),
    /// Through an implicit join table.
    ManyToMany,
}

/// The foreign key of a relation.
#[derive(Debug, Clone)]
pub struct ForeignKey {
    /// Fields of the `from` model.
    pub fields: Vec<FieldId>,
    /// Fields of the `to` model, of the same number.
    pub references: Vec<FieldId>,
    /// `onDelete:`, if given.
    pub on_delete: Option<ReferentialAction>,
    /// `onUpdate:`, if given.
    pub on_update: Option<ReferentialAction>,
    /// `map:`: the constraint's name, if given.
    pub map: Option<String>,
}

/// What happens to rows when the row that they refer to is deleted or updated.
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
    /// The fields, in order.
    pub fields: Vec<KeyField>,
    /// `name:`: the name of a compound key in the client.
    pub name: Option<String>,
    /// `map:`: the constraint's name in the database, if given.
    pub map: Option<String>,
    /// Whether it is written on the field (`@id`, `@unique`) rather than on the block.
    pub on_field: bool,
}

/// `@@index`
#[derive(Debug, Clone)]
pub struct Index {
    /// The fields, in order.
    pub fields: Vec<KeyField>,
    /// `map:` (formerly `name:`): the name in the database, if given.
    pub map: Option<String>,
    /// `type:`, if given.
    pub algorithm: Option<IndexAlgorithm>,
}

/// A field in a key or index.
#[derive(Debug, Clone)]
pub struct KeyField {
    /// The field.
    pub field: FieldId,
    /// `sort:`, if given.
    pub sort: Option<SortOrder>,
    /// `ops:`, if given.
    pub operator_class: Option<OperatorClass>,
}

/// `ops:`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorClass {
    /// An operator class known to Prisma, by its name in the schema file (`JsonbPathOps`).
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

/// PostgreSQL's index methods.
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
    /// The name in the schema file.
    pub name: String,
    /// `@@map`
    pub map: Option<String>,
    /// `@@schema`
    pub schema: Option<String>,
    /// Its `///` comment.
    pub documentation: Option<String>,
    /// The values, in source order.
    pub values: Vec<EnumValue>,
    /// The span of the name.
    pub span: Span,
}

impl Enum {
    /// Returns the name in the database.
    pub fn database_name(&self) -> &str {
        self.map.as_deref().unwrap_or(&self.name)
    }
}

/// A value of an enum.
#[derive(Debug, Clone)]
pub struct EnumValue {
    /// The name in the schema file.
    pub name: String,
    /// `@map`
    pub map: Option<String>,
    /// Its `///` comment.
    pub documentation: Option<String>,
}

impl EnumValue {
    /// Returns the name in the database.
    pub fn database_name(&self) -> &str {
        self.map.as_deref().unwrap_or(&self.name)
    }
}
