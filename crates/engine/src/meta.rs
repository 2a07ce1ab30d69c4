//! The runtime's metadata of the models of a schema.
//!
//! The runtime keeps references to metadata for as long as the program runs, as it does with the statics of generated code. So the metadata
//! made here is never freed: it stays with each engine that a program opens, also for a schema that was opened before.

use std::sync::OnceLock;

use nicol::__private::{
    Action, ColumnMeta, ColumnType, Default, EnumMeta, Join, ModelMeta, RelationMeta, UniqueMeta,
};
use nicol_schema::constraint;
use nicol_schema::model::{
    Arity, DefaultValue, Enum, Field, FieldId, FieldType, IndexAlgorithm, Key, Model, NativeType,
    ReferentialAction, RelationEnd, RelationKind, RelationMode, Scalar, Schema, Side,
};

/// The default length of `nanoid()`.
///
/// Source: Prisma 6.19 schema reference, "`nanoid()`".
const NANOID_LENGTH: u8 = 21;

/// The fields of a model that are columns of its metadata, in order: all except those of an `Unsupported` type.
pub(crate) fn columns(model: &Model) -> Vec<FieldId> {
    let known = |(_, _, scalar): &(FieldId, &Field, &Scalar)| !matches!(scalar.ty, FieldType::Unsupported(_));
    model.scalars().filter(known).map(|(id, ..)| id).collect()
}

/// The relation fields of a model that are relations of its metadata, in order: all whose columns are known.
pub(crate) fn relations(schema: &Schema, model: &Model) -> Vec<FieldId> {
    let known = |(_, _, end): &(FieldId, &Field, RelationEnd)| join(schema, model, *end).is_some();
    model.relation_fields().filter(known).map(|(id, ..)| id).collect()
}

/// Makes the metadata of all models, in the order of the schema.
pub(crate) fn models(schema: &Schema) -> Vec<&'static ModelMeta> {
    let enums: Vec<&'static EnumMeta> = schema.enums.iter().map(enumeration).collect();
    let places: Vec<Place> = schema.models.iter().map(|_| leak(OnceLock::new())).collect();
    let models = schema.models.iter().zip(&places);
    models
        .map(|(model, place)| *place.get_or_init(|| leak(self::model(schema, &enums, &places, model))))
        .collect()
}

/// Where the metadata of a model will be: models refer to each other.
type Place = &'static OnceLock<&'static ModelMeta>;

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn leak_all<T>(values: impl IntoIterator<Item = T>) -> &'static [T] {
    Vec::leak(values.into_iter().collect())
}

fn text(text: &str) -> &'static str {
    String::leak(text.to_owned())
}

fn enumeration(item: &Enum) -> &'static EnumMeta {
    leak(EnumMeta { schema: item.schema.as_deref().map(text), name: text(item.database_name()) })
}

fn model(schema: &Schema, enums: &[&'static EnumMeta], places: &[Place], model: &Model) -> ModelMeta {
    let columns = columns(model);
    let relations = relations(schema, model);
    let relation_meta = |id: &FieldId| {
        let field = model.field(*id);
        let nicol_schema::model::FieldKind::Relation(end) = field.kind else { return None };
        relation(schema, places, model, field, end)
    };
    ModelMeta {
        name: text(&model.name),
        schema: model.schema.as_deref().map(text),
        table: text(model.database_name()),
        columns: leak_all(columns.iter().filter_map(|id| column(enums, model.field(*id)))),
        key: leak_all(key(model)),
        uniques: leak_all(uniques(model)),
        relations: leak_all(relations.iter().filter_map(relation_meta)),
    }
}

fn column(enums: &[&'static EnumMeta], field: &Field) -> Option<ColumnMeta> {
    let nicol_schema::model::FieldKind::Scalar(scalar) = &field.kind else { return None };
    let mut column =
        ColumnMeta::new(text(&field.name), text(field.database_name()), column_type(enums, scalar)?);
    column.nullable = field.arity == Arity::Optional;
    column.list = field.arity == Arity::List;
    column.updated_at = scalar.is_updated_at;
    column.default = scalar.default.as_ref().map_or(Default::None, |default| filler(&default.value));
    Some(column)
}

/// Returns the type of a column, or `None` if it is `Unsupported`.
fn column_type(enums: &[&'static EnumMeta], scalar: &Scalar) -> Option<ColumnType> {
    let native = match (&scalar.ty, scalar.native_type) {
        (FieldType::Unsupported(_), _) => return None,
        (FieldType::Enum(id), _) => return Some(ColumnType::Enum(enums[id.index()])),
        (FieldType::Scalar(_), Some(native)) => native,
        (FieldType::Scalar(ty), None) => ty.default_native_type(),
    };
    Some(match native {
        NativeType::Text => ColumnType::Text,
        NativeType::Char(_) => ColumnType::Char,
        NativeType::VarChar(_) => ColumnType::VarChar,
        NativeType::Bit(_) => ColumnType::Bit,
        NativeType::VarBit(_) => ColumnType::VarBit,
        NativeType::Uuid => ColumnType::Uuid,
        NativeType::Xml => ColumnType::Xml,
        NativeType::Inet => ColumnType::Inet,
        NativeType::Citext => ColumnType::Citext,
        NativeType::Boolean => ColumnType::Bool,
        NativeType::Integer => ColumnType::Int4,
        NativeType::SmallInt => ColumnType::Int2,
        NativeType::Oid => ColumnType::Oid,
        NativeType::BigInt => ColumnType::Int8,
        NativeType::Real => ColumnType::Float4,
        NativeType::DoublePrecision => ColumnType::Float8,
        NativeType::Decimal(_) => ColumnType::Numeric,
        NativeType::Money => ColumnType::Money,
        NativeType::Timestamp(digits) => ColumnType::Timestamp(fraction(digits)),
        NativeType::Timestamptz(digits) => ColumnType::Timestamptz(fraction(digits)),
        NativeType::Date => ColumnType::Date,
        NativeType::Time(digits) => ColumnType::Time(fraction(digits)),
        NativeType::Timetz(digits) => ColumnType::Timetz(fraction(digits)),
        NativeType::Json => ColumnType::Json,
        NativeType::JsonB => ColumnType::Jsonb,
        NativeType::ByteA => ColumnType::Bytea,
    })
}

/// Returns the fractional digits of a second that a column stores; PostgreSQL's maximum if the schema does not say.
fn fraction(digits: Option<u32>) -> u8 {
    const ALL: u8 = 6;
    digits.and_then(|digits| u8::try_from(digits).ok()).unwrap_or(ALL)
}

fn filler(default: &DefaultValue) -> Default {
    match default {
        DefaultValue::Literal(_)
        | DefaultValue::List(_)
        | DefaultValue::Autoincrement
        | DefaultValue::DbGenerated(_) => Default::Database,
        DefaultValue::Now => Default::Now,
        DefaultValue::Cuid(2) => Default::Cuid2,
        DefaultValue::Cuid(_) => Default::Cuid,
        DefaultValue::Uuid(7) => Default::UuidV7,
        DefaultValue::Uuid(_) => Default::UuidV4,
        DefaultValue::Ulid => Default::Ulid,
        DefaultValue::Nanoid(length) => Default::Nanoid(length.unwrap_or(NANOID_LENGTH)),
    }
}

fn uniques(model: &Model) -> Vec<UniqueMeta> {
    let table = model.database_name();
    let primary = model.primary_key.iter().map(|key| (key, constraint::primary_key(table)));
    let uniques = model.uniques.iter().map(|key| {
        let columns = key.fields.iter().map(|field| model.field(field.field).database_name());
        (key, constraint::unique(table, &columns.collect::<Vec<_>>()))
    });
    let keys = primary.chain(uniques).filter_map(|(key, automatic)| {
        let name = key.map.as_deref().unwrap_or(&automatic);
        Some(UniqueMeta { constraint: text(name), columns: leak_all(columns_of(model, key)?) })
    });
    keys.collect()
}

/// Returns the columns that identify rows: the primary key, or else the first unique key with only required columns.
fn key(model: &Model) -> Vec<u16> {
    let is_required =
        |key: &&Key| !key.fields.iter().any(|field| model.field(field.field).arity == Arity::Optional);
    let mut keys = model.primary_key.iter().chain(model.uniques.iter().filter(is_required));
    keys.find_map(|key| columns_of(model, key)).unwrap_or_default()
}

fn columns_of(model: &Model, key: &Key) -> Option<Vec<u16>> {
    places(model, &key.fields.iter().map(|field| field.field).collect::<Vec<_>>())
}

/// Returns the indexes of fields among the columns, if all of them are columns.
fn places(model: &Model, fields: &[FieldId]) -> Option<Vec<u16>> {
    let columns = columns(model);
    let place = |field: &FieldId| {
        columns.iter().position(|column| column == field).and_then(|place| u16::try_from(place).ok())
    };
    fields.iter().map(place).collect()
}

fn relation(
    schema: &Schema,
    places: &[Place],
    model: &Model,
    field: &Field,
    end: RelationEnd,
) -> Option<RelationMeta> {
    let mut meta =
        RelationMeta::to_later(text(&field.name), places[end.model.index()], join(schema, model, end)?);
    meta.many = field.arity == Arity::List;
    meta.indexed = is_indexed(schema.model(end.model), &meta.join);
    let mode = schema.datasource.as_ref().map(|datasource| datasource.relation_mode);
    if mode == Some(RelationMode::Prisma)
        && let Some((on_delete, on_update)) = schema.relation(end.relation).actions(schema)
    {
        meta = meta.emulated(action(on_delete), action(on_update));
    }
    Some(meta)
}

fn action(action: ReferentialAction) -> Action {
    match action {
        ReferentialAction::NoAction => Action::NoAction,
        ReferentialAction::Restrict => Action::Restrict,
        ReferentialAction::Cascade => Action::Cascade,
        ReferentialAction::SetNull => Action::SetNull,
        ReferentialAction::SetDefault => Action::SetDefault,
    }
}

fn join(schema: &Schema, model: &Model, end: RelationEnd) -> Option<Join> {
    let relation = schema.relation(end.relation);
    let target = schema.model(end.model);
    let columns = |here: &[FieldId], there: &[FieldId], owned| {
        Some(Join::Columns {
            here: leak_all(places(model, here)?),
            there: leak_all(places(target, there)?),
            owned,
        })
    };
    match (&relation.kind, end.side) {
        (RelationKind::OneToOne(key) | RelationKind::OneToMany(key), Side::From) => {
            columns(&key.fields, &key.references, true)
        }
        (RelationKind::OneToOne(key) | RelationKind::OneToMany(key), Side::To) => {
            columns(&key.references, &key.fields, false)
        }
        (RelationKind::ManyToMany, side) => {
            let (here, there) = match side {
                Side::From => ("A", "B"),
                Side::To => ("B", "A"),
            };
            Some(Join::Table {
                schema: schema.model(relation.from).schema.as_deref().map(text),
                table: text(&constraint::join_table(&relation.effective_name)),
                here,
                there,
            })
        }
    }
}

/// Whether an index finds the target's rows for a given row.
fn is_indexed(target: &Model, join: &Join) -> bool {
    // The implicit join table has a primary key on (A, B) and an index on B.
    let Join::Columns { there, .. } = join else { return true };
    let keys = target.primary_key.iter().chain(&target.uniques).map(|key| &key.fields);
    let indexes = target.indexes.iter().filter(|index| match index.algorithm {
        None | Some(IndexAlgorithm::BTree) => true,
        Some(IndexAlgorithm::Hash) => there.len() == 1,
        _ => false,
    });
    let mut indexed = keys.chain(indexes.map(|index| &index.fields));
    indexed.any(|fields| {
        let first: Vec<FieldId> = fields.iter().take(there.len()).map(|field| field.field).collect();
        let first = places(target, &first).unwrap_or_default();
        there.iter().all(|column| first.contains(column))
    })
}
