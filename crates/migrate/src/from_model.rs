//! Schema file → [`Catalog`].
//!
//! Source: Prisma 6.19, the SQL that it writes for a schema file.

use std::collections::BTreeSet;

use nicol_schema::model::{
    FieldId, FieldKind, FieldType, Literal, Model, RelationKind, ScalarType, Schema, Side,
};
use nicol_schema::{constraint, model as psl};

use crate::catalog::{
    Arity, Catalog, Column, ColumnType, Default, Details, Enum, Extension, ForeignKey, Index, IndexAlgorithm,
    IndexColumn, ObjectName, PrimaryKey, ReferentialAction, Table, Value,
};

/// Returns the catalog that a schema file describes.
pub fn from_model(schema: &Schema) -> Catalog {
    Catalog {
        default_schema: Some("public".to_owned()),
        schemas: schema.datasource.iter().flat_map(|datasource| &datasource.schemas).cloned().collect(),
        extensions: extensions(schema),
        enums: schema.enums.iter().map(enumeration).collect(),
        tables: tables(schema),
        details: Details::default(),
        client_defaults: client_defaults(schema),
    }
}

/// Returns the columns whose default the client generates, so that the database cannot fill existing rows.
fn client_defaults(schema: &Schema) -> BTreeSet<(ObjectName, String)> {
    let models = schema.models.iter().filter(|model| !model.is_view);
    let is_made_by_client = |scalar: &psl::Scalar| {
        let default = scalar.default.as_ref().map(|it| &it.value);
        let is_generated = default.is_some_and(|it| {
            matches!(
                it,
                psl::DefaultValue::Cuid(_)
                    | psl::DefaultValue::Uuid(_)
                    | psl::DefaultValue::Ulid
                    | psl::DefaultValue::Nanoid(_)
            )
        });
        is_generated || scalar.is_updated_at && default.is_none()
    };
    models
        .flat_map(|model| model.scalars().map(move |(_, field, scalar)| (model, field, scalar)))
        .filter(|(_, _, scalar)| is_made_by_client(scalar))
        .map(|(model, field, _)| (table_name(model), field.database_name().to_owned()))
        .collect()
}

fn extensions(schema: &Schema) -> Vec<Extension> {
    let mut extensions: Vec<_> = schema
        .datasource
        .iter()
        .flat_map(|datasource| &datasource.extensions)
        .map(|extension| Extension {
            name: extension.database_name.as_ref().unwrap_or(&extension.name).clone(),
            schema: extension.schema.clone(),
            version: extension.version.clone(),
        })
        .collect();
    extensions.sort_by(|a, b| a.name.cmp(&b.name));
    extensions
}

fn enumeration(enumeration: &psl::Enum) -> Enum {
    Enum {
        name: enum_name(enumeration),
        values: enumeration.values.iter().map(|value| value.database_name().to_owned()).collect(),
    }
}

pub(crate) fn enum_name(enumeration: &psl::Enum) -> ObjectName {
    ObjectName { schema: enumeration.schema.clone(), name: enumeration.database_name().to_owned() }
}

pub(crate) fn table_name(model: &Model) -> ObjectName {
    ObjectName { schema: model.schema.clone(), name: model.database_name().to_owned() }
}

fn tables(schema: &Schema) -> Vec<Table> {
    let models = schema.models.iter().filter(|model| !model.is_view).map(|model| table(schema, model));
    models.chain(join_tables(schema)).collect()
}

fn table(schema: &Schema, model: &Model) -> Table {
    let name = table_name(model);
    Table {
        columns: model
            .scalars()
            .map(|(_, field, scalar)| Column {
                name: field.database_name().to_owned(),
                ty: column_type(schema, scalar),
                arity: arity(field.arity),
                default: scalar.default.as_ref().and_then(|it| default(schema, scalar, &it.value)),
            })
            .collect(),
        primary_key: model.primary_key.as_ref().map(|key| PrimaryKey {
            name: key.map.clone().unwrap_or_else(|| constraint::primary_key(&name.name)),
            columns: key.fields.iter().map(|it| column_name(model, it.field).to_owned()).collect(),
        }),
        indexes: indexes(model),
        foreign_keys: foreign_keys(schema, model),
        name,
    }
}

fn column_name(model: &Model, id: FieldId) -> &str {
    model.field(id).database_name()
}

fn arity(arity: psl::Arity) -> Arity {
    match arity {
        psl::Arity::Required => Arity::Required,
        psl::Arity::Optional => Arity::Optional,
        psl::Arity::List => Arity::List,
    }
}

fn column_type(schema: &Schema, scalar: &psl::Scalar) -> ColumnType {
    match &scalar.ty {
        FieldType::Scalar(ty) => ColumnType::Native(scalar.native_type.unwrap_or(ty.default_native_type())),
        FieldType::Enum(id) => ColumnType::Enum(enum_name(schema.enumeration(*id))),
        FieldType::Unsupported(words) => ColumnType::Raw(words.clone()),
    }
}

/// Returns the default in the database. The client generates `cuid()`, `uuid()` and others.
fn default(schema: &Schema, scalar: &psl::Scalar, value: &psl::DefaultValue) -> Option<Default> {
    match value {
        psl::DefaultValue::Literal(literal) => Some(Default::Value(default_value(schema, scalar, literal))),
        psl::DefaultValue::List(literals) => Some(Default::List(
            literals.iter().map(|literal| default_value(schema, scalar, literal)).collect(),
        )),
        psl::DefaultValue::Autoincrement => Some(Default::Sequence),
        psl::DefaultValue::Now => Some(Default::CurrentTimestamp),
        psl::DefaultValue::DbGenerated(None) => Some(Default::Unstated),
        psl::DefaultValue::DbGenerated(Some(expression)) => Some(Default::Expression(expression.clone())),
        psl::DefaultValue::Cuid(_)
        | psl::DefaultValue::Uuid(_)
        | psl::DefaultValue::Ulid
        | psl::DefaultValue::Nanoid(_) => None,
    }
}

fn default_value(schema: &Schema, scalar: &psl::Scalar, literal: &Literal) -> Value {
    match (literal, &scalar.ty) {
        (Literal::String(text), FieldType::Scalar(ScalarType::DateTime)) => Value::Text(timestamp(text)),
        (Literal::String(text), FieldType::Scalar(ScalarType::Bytes)) => Value::Bytes(from_base64(text)),
        (Literal::String(text), FieldType::Scalar(ScalarType::Decimal)) => Value::Number(number_text(text)),
        (Literal::String(text), _) => Value::Text(text.clone()),
        (Literal::Number(number), _) => Value::Number(number_text(number)),
        (Literal::Boolean(value), _) => Value::Boolean(*value),
        (Literal::EnumValue(name), FieldType::Enum(id)) => {
            let value = schema.enumeration(*id).values.iter().find(|value| value.name == *name);
            Value::Text(value.map_or(name.as_str(), psl::EnumValue::database_name).to_owned())
        }
        (Literal::EnumValue(name), _) => Value::Text(name.clone()),
    }
}

/// Normalizes a number: `007` → `7`; others are unchanged.
fn number_text(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let trimmed = digits.trim_start_matches('0');
    match trimmed.chars().next() {
        Some('0'..='9') => format!("{sign}{trimmed}"),
        Some(_) => format!("{sign}0{trimmed}"),
        None => "0".to_owned(),
    }
}

/// Formats a time: `2021-03-04T05:06:07.12Z` → `2021-03-04 05:06:07.120 +00:00`, with 0, 3, 6 or 9 decimals.
fn timestamp(text: &str) -> String {
    let Some((date, rest)) = text.split_once(['T', 't', ' ']) else { return text.to_owned() };
    let Some(at) = rest.find(['Z', 'z', '+', '-']) else { return text.to_owned() };
    let (time, offset) = rest.split_at(at);
    let offset = if offset.eq_ignore_ascii_case("z") { "+00:00" } else { offset };
    let (seconds, fraction) = time.split_once('.').unwrap_or((time, ""));
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        return format!("{date} {seconds} {offset}");
    }
    let width = fraction.len().div_ceil(3) * 3;
    format!("{date} {seconds}.{fraction:0<width$} {offset}")
}

/// Decodes base64 (RFC 4648, section 4). The text is validated, so any character that is not a digit is padding.
fn from_base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut buffer, mut bits) = (0_u32, 0);
    for digit in text.bytes().map_while(base64_digit) {
        buffer = (buffer << 6 | u32::from(digit)) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits & 0xff) as u8);
        }
    }
    bytes
}

fn base64_digit(character: u8) -> Option<u8> {
    match character {
        b'A'..=b'Z' => Some(character - b'A'),
        b'a'..=b'z' => Some(character - b'a' + 26),
        b'0'..=b'9' => Some(character - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// Returns the indexes in the order in which Prisma creates them: unique fields, `@@index`, `@@unique`.
fn indexes(model: &Model) -> Vec<Index> {
    let table = model.database_name();
    let unique = |key: &psl::Key| {
        let columns = index_columns(model, &key.fields);
        Index {
            name: key.map.clone().unwrap_or_else(|| constraint::unique(table, &column_names(&columns))),
            is_unique: true,
            columns,
            algorithm: IndexAlgorithm::BTree,
        }
    };
    let plain = |index: &psl::Index| {
        let columns = index_columns(model, &index.fields);
        Index {
            name: index.map.clone().unwrap_or_else(|| constraint::index(table, &column_names(&columns))),
            is_unique: false,
            columns,
            algorithm: index.algorithm.unwrap_or(IndexAlgorithm::BTree),
        }
    };
    let (on_fields, on_block): (Vec<_>, Vec<_>) = model.uniques.iter().partition(|key| key.on_field);
    let on_fields = on_fields.into_iter().map(unique);
    on_fields.chain(model.indexes.iter().map(plain)).chain(on_block.into_iter().map(unique)).collect()
}

fn index_columns(model: &Model, fields: &[psl::KeyField]) -> Vec<IndexColumn> {
    fields
        .iter()
        .map(|field| IndexColumn {
            name: column_name(model, field.field).to_owned(),
            sort: field.sort,
            operator_class: field.operator_class.as_ref().map(operator_class),
        })
        .collect()
}

fn column_names(columns: &[IndexColumn]) -> Vec<&str> {
    columns.iter().map(|column| column.name.as_str()).collect()
}

fn operator_class(class: &psl::OperatorClass) -> String {
    match class {
        psl::OperatorClass::Raw(name) => name.clone(),
        psl::OperatorClass::Known(name) => operator_class_sql(name),
    }
}

/// Returns the SQL name: `JsonbPathOps` → `jsonb_path_ops`, `TimestampTzMinMaxOps` → `timestamptz_minmax_ops`.
pub(crate) fn operator_class_sql(name: &str) -> String {
    let name = name.replace("MinMax", "Minmax").replace("Tz", "tz").replace("VarBit", "Varbit");
    let mut sql = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() && !sql.is_empty() {
            sql.push('_');
        }
        sql.push(character.to_ascii_lowercase());
    }
    sql
}

/// Returns the foreign keys of a table. With `relationMode = "prisma"` there are none, because the client emulates them.
fn has_foreign_keys(schema: &Schema) -> bool {
    schema.datasource.as_ref().is_none_or(|it| it.relation_mode == psl::RelationMode::ForeignKeys)
}

fn foreign_keys(schema: &Schema, model: &Model) -> Vec<ForeignKey> {
    if !has_foreign_keys(schema) {
        return Vec::new();
    }
    let ends = model.relation_fields().filter(|(_, _, end)| end.side == Side::From);
    ends.filter_map(|(_, _, end)| {
        let relation = schema.relation(end.relation);
        let (RelationKind::OneToOne(key) | RelationKind::OneToMany(key)) = &relation.kind else {
            return None;
        };
        let target = schema.model(relation.to);
        let actions = relation.actions(schema)?;
        (!target.is_view).then(|| foreign_key(model, target, key, actions))
    })
    .collect()
}

fn foreign_key(
    model: &Model,
    target: &Model,
    key: &psl::ForeignKey,
    (on_delete, on_update): (ReferentialAction, ReferentialAction),
) -> ForeignKey {
    let columns: Vec<_> = key.fields.iter().map(|field| column_name(model, *field)).collect();
    ForeignKey {
        name: key.map.clone().unwrap_or_else(|| constraint::foreign_key(model.database_name(), &columns)),
        columns: columns.into_iter().map(str::to_owned).collect(),
        referenced_table: table_name(target),
        referenced_columns: key.references.iter().map(|it| column_name(target, *it).to_owned()).collect(),
        on_delete,
        on_update,
    }
}

/// Returns the tables of implicit many-to-many relations, in the order of the fields whose column is `A`.
fn join_tables(schema: &Schema) -> impl Iterator<Item = Table> {
    let ends = schema.models.iter().flat_map(|model| model.relation_fields().map(|(_, _, end)| end));
    ends.filter(|end| end.side == Side::From).filter_map(|end| {
        let relation = schema.relation(end.relation);
        matches!(relation.kind, RelationKind::ManyToMany).then(|| join_table(schema, relation))
    })
}

fn join_table(schema: &Schema, relation: &psl::Relation) -> Table {
    let (a, b) = (schema.model(relation.from), schema.model(relation.to));
    let name =
        ObjectName { schema: a.schema.clone(), name: constraint::join_table(&relation.effective_name) };
    let foreign_key = |column: &str, model: &Model| ForeignKey {
        name: constraint::of_join_table(&name.name, &format!("_{column}_fkey")),
        columns: vec![column.to_owned()],
        referenced_table: table_name(model),
        referenced_columns: single_id(model)
            .map(|field| field.database_name().to_owned())
            .into_iter()
            .collect(),
        on_delete: ReferentialAction::Cascade,
        on_update: ReferentialAction::Cascade,
    };
    let foreign_keys =
        if has_foreign_keys(schema) { vec![foreign_key("A", a), foreign_key("B", b)] } else { Vec::new() };
    Table {
        columns: [("A", a), ("B", b)].into_iter().filter_map(|it| join_column(schema, it.0, it.1)).collect(),
        primary_key: Some(PrimaryKey {
            name: constraint::of_join_table(&name.name, "_AB_pkey"),
            columns: vec!["A".to_owned(), "B".to_owned()],
        }),
        indexes: vec![Index {
            name: constraint::of_join_table(&name.name, "_B_index"),
            is_unique: false,
            columns: vec![IndexColumn { name: "B".to_owned(), sort: None, operator_class: None }],
            algorithm: IndexAlgorithm::BTree,
        }],
        foreign_keys,
        name,
    }
}

/// Returns the single `@id` field of a model. Validation requires one at both ends of an implicit relation.
fn single_id(model: &Model) -> Option<&psl::Field> {
    let key = model.primary_key.as_ref()?;
    key.fields.first().map(|it| model.field(it.field))
}

fn join_column(schema: &Schema, name: &str, model: &Model) -> Option<Column> {
    let FieldKind::Scalar(scalar) = &single_id(model)?.kind else { return None };
    Some(Column {
        name: name.to_owned(),
        ty: column_type(schema, scalar),
        arity: Arity::Required,
        default: None,
    })
}
