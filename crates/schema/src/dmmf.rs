//! The `datamodel` part of Prisma's DMMF: the model as the JSON that generators receive.
//!
//! Ignored models and fields are omitted, as in Prisma. The other part of the DMMF, the client's query schema, is not
//! generated.
//!
//! Source: Prisma 6.19, `@prisma/dmmf`, and its output for the schemas of the conformance corpus.

mod json;

use crate::model::{
    Arity, DefaultValue, Enum, Field, FieldId, FieldKind, FieldType, ForeignKey, Key, KeyField, Literal,
    Model, NativeType, OperatorClass, RelationEnd, RelationKind, Scalar, ScalarType, Schema, Side, SortOrder,
};
use json::Json;

impl Schema {
    /// Returns the `datamodel` part of Prisma's DMMF as compact JSON.
    pub fn to_dmmf(&self) -> String {
        // Views come last.
        let models = || {
            let of_kind = |is_view: bool| {
                self.models.iter().filter(move |model| model.is_view == is_view && !model.is_ignored)
            };
            of_kind(false).chain(of_kind(true))
        };
        Json::object([
            ("enums", Json::array(self.enums.iter().map(enumeration))),
            ("models", Json::array(models().map(|model| self.dmmf_model(model)))),
            ("types", Json::Array(Vec::new())),
            ("indexes", Json::array(models().flat_map(indexes))),
        ])
        .to_string()
    }

    fn dmmf_model(&self, model: &Model) -> Json {
        let of_block: Vec<&Key> = model.uniques.iter().filter(|key| !key.on_field).collect();
        let primary_key = model.primary_key.as_ref().filter(|key| !key.on_field);
        let mut members = vec![
            ("name", Json::string(&model.name)),
            ("dbName", Json::optional(model.map.as_deref())),
            ("schema", Json::optional(model.schema.as_deref())),
            (
                "fields",
                Json::array(model.fields().filter_map(|(id, field)| self.dmmf_field(model, id, field))),
            ),
            ("primaryKey", primary_key.map_or(Json::Null, |key| named_fields(model, key))),
            (
                "uniqueFields",
                Json::array(
                    of_block.iter().map(|key| field_names(model, key.fields.iter().map(|key| key.field))),
                ),
            ),
            ("uniqueIndexes", Json::array(of_block.iter().map(|key| named_fields(model, key)))),
        ];
        push_documentation(&mut members, model.documentation.as_deref());
        members.push(("isGenerated", Json::Bool(false)));
        Json::object(members)
    }

    fn dmmf_field(&self, model: &Model, id: FieldId, field: &Field) -> Option<Json> {
        let (kind, ty) = match &field.kind {
            _ if field.is_ignored => return None,
            FieldKind::Relation(end) => ("object", self.model(end.model).name.clone()),
            FieldKind::Scalar(scalar) => match &scalar.ty {
                FieldType::Scalar(scalar) => ("scalar", scalar.name().to_owned()),
                FieldType::Enum(id) => ("enum", self.enumeration(*id).name.clone()),
                FieldType::Unsupported(_) => return None,
            },
        };
        let scalar = match &field.kind {
            FieldKind::Scalar(scalar) => Some(scalar),
            FieldKind::Relation(_) => None,
        };
        // A primary key is unique without being marked so.
        let is_alone_in = |key: &Key| matches!(key.fields.as_slice(), [only] if only.field == id);
        let is_id = model.primary_key.as_ref().is_some_and(is_alone_in);
        let mut members = vec![("name", Json::string(&field.name))];
        if let Some(map) = scalar.and_then(|scalar| scalar.map.as_deref()) {
            members.push(("dbName", Json::string(map)));
        }
        members.extend([
            ("kind", Json::string(kind)),
            ("isList", Json::Bool(field.arity == Arity::List)),
            ("isRequired", Json::Bool(field.arity != Arity::Optional)),
            ("isUnique", Json::Bool(!is_id && model.uniques.iter().any(is_alone_in))),
            ("isId", Json::Bool(is_id)),
            ("isReadOnly", Json::Bool(scalar.is_some() && self.is_foreign_key(model, id))),
            ("hasDefaultValue", Json::Bool(scalar.is_some_and(|scalar| scalar.default.is_some()))),
            ("type", Json::String(ty)),
            ("nativeType", scalar.and_then(|scalar| scalar.native_type).map_or(Json::Null, native_type)),
        ]);
        match &field.kind {
            FieldKind::Relation(end) => self.push_relation(&mut members, *end),
            FieldKind::Scalar(scalar) => {
                if let Some(default) = default(scalar) {
                    members.push(("default", default));
                }
            }
        }
        members.push(("isGenerated", Json::Bool(false)));
        members.push(("isUpdatedAt", Json::Bool(scalar.is_some_and(|scalar| scalar.is_updated_at))));
        push_documentation(&mut members, field.documentation.as_deref());
        Some(Json::object(members))
    }

    /// Whether the column is part of a foreign key, so that the client sets it through the relation.
    fn is_foreign_key(&self, model: &Model, column: FieldId) -> bool {
        model.relation_fields().any(|(_, _, end)| {
            end.side == Side::From && self.foreign_key(end).is_some_and(|key| key.fields.contains(&column))
        })
    }

    fn foreign_key(&self, end: RelationEnd) -> Option<&ForeignKey> {
        match &self.relation(end.relation).kind {
            RelationKind::OneToOne(key) | RelationKind::OneToMany(key) => Some(key),
            RelationKind::ManyToMany => None,
        }
    }

    fn push_relation(&self, members: &mut Vec<(&'static str, Json)>, end: RelationEnd) {
        let relation = self.relation(end.relation);
        members.push(("relationName", Json::string(&relation.effective_name)));
        let Some(key) = self.foreign_key(end).filter(|_| end.side == Side::From) else {
            members.push(("relationFromFields", Json::Array(Vec::new())));
            members.push(("relationToFields", Json::Array(Vec::new())));
            return;
        };
        let from = field_names(self.model(relation.from), key.fields.iter().copied());
        let to = field_names(self.model(relation.to), key.references.iter().copied());
        members.push(("relationFromFields", from));
        members.push(("relationToFields", to));
        if let Some(action) = key.on_delete {
            members.push(("relationOnDelete", Json::string(action.name())));
        }
        if let Some(action) = key.on_update {
            members.push(("relationOnUpdate", Json::string(action.name())));
        }
    }
}

fn push_documentation(members: &mut Vec<(&'static str, Json)>, documentation: Option<&str>) {
    if let Some(documentation) = documentation {
        members.push(("documentation", Json::string(documentation)));
    }
}

fn enumeration(schema_enum: &Enum) -> Json {
    let values = schema_enum.values.iter().map(|value| {
        let mut members =
            vec![("name", Json::string(&value.name)), ("dbName", Json::optional(value.map.as_deref()))];
        push_documentation(&mut members, value.documentation.as_deref());
        Json::object(members)
    });
    let mut members = vec![
        ("name", Json::string(&schema_enum.name)),
        ("values", Json::array(values)),
        ("dbName", Json::optional(schema_enum.map.as_deref())),
    ];
    push_documentation(&mut members, schema_enum.documentation.as_deref());
    Json::object(members)
}

fn named_fields(model: &Model, key: &Key) -> Json {
    Json::object([
        ("name", Json::optional(key.name.as_deref())),
        ("fields", field_names(model, key.fields.iter().map(|key| key.field))),
    ])
}

fn field_names(model: &Model, fields: impl Iterator<Item = FieldId>) -> Json {
    Json::array(fields.map(|field| Json::string(&model.field(field).name)))
}

/// Returns the primary key, unique fields, indexes and compound unique keys, in this order.
fn indexes(model: &Model) -> Vec<Json> {
    let unique = |on_field: bool| {
        model
            .uniques
            .iter()
            .filter(move |key| key.on_field == on_field)
            .map(|key| key_entry(model, "unique", key))
    };
    let normal = model.indexes.iter().map(|index| {
        let mut members = entry(model, "normal", false);
        if let Some(map) = &index.map {
            members.push(("dbName", Json::string(map)));
        }
        if let Some(algorithm) = index.algorithm {
            members.push(("algorithm", Json::string(algorithm.name())));
        }
        members.push(("fields", index_fields(model, &index.fields)));
        Json::object(members)
    });
    model
        .primary_key
        .iter()
        .map(|key| key_entry(model, "id", key))
        .chain(unique(true))
        .chain(normal)
        .chain(unique(false))
        .collect()
}

fn entry(model: &Model, ty: &str, on_field: bool) -> Vec<(&'static str, Json)> {
    vec![
        ("model", Json::string(&model.name)),
        ("type", Json::string(ty)),
        ("isDefinedOnField", Json::Bool(on_field)),
    ]
}

fn key_entry(model: &Model, ty: &str, key: &Key) -> Json {
    let mut members = entry(model, ty, key.on_field);
    if let Some(name) = &key.name {
        members.push(("name", Json::string(name)));
    }
    if let Some(map) = &key.map {
        members.push(("dbName", Json::string(map)));
    }
    members.push(("fields", index_fields(model, &key.fields)));
    Json::object(members)
}

fn index_fields(model: &Model, fields: &[KeyField]) -> Json {
    Json::array(fields.iter().map(|key| {
        let mut members = vec![("name", Json::string(&model.field(key.field).name))];
        if let Some(sort) = key.sort {
            let sort = match sort {
                SortOrder::Asc => "asc",
                SortOrder::Desc => "desc",
            };
            members.push(("sortOrder", Json::string(sort)));
        }
        if let Some(class) = &key.operator_class {
            let (OperatorClass::Known(class) | OperatorClass::Raw(class)) = class;
            members.push(("operatorClass", Json::string(class)));
        }
        Json::object(members)
    }))
}

fn native_type(native: NativeType) -> Json {
    let (name, arguments) = crate::native_type::parts(native);
    let arguments = arguments.into_iter().map(|argument| Json::String(argument.to_string()));
    Json::array([Json::string(name), Json::array(arguments)])
}

fn default(scalar: &Scalar) -> Option<Json> {
    let function = |name: &str, arguments: Vec<Json>| {
        Json::object([("name", Json::string(name)), ("args", Json::Array(arguments))])
    };
    let number = |value: u8| Json::Number(value.to_string());
    Some(match &scalar.default.as_ref()?.value {
        DefaultValue::Literal(value) => literal(value, &scalar.ty),
        DefaultValue::List(values) => Json::array(values.iter().map(|value| literal(value, &scalar.ty))),
        DefaultValue::Autoincrement => function("autoincrement", Vec::new()),
        DefaultValue::Now => function("now", Vec::new()),
        DefaultValue::Cuid(version) => function("cuid", vec![number(*version)]),
        DefaultValue::Uuid(version) => function("uuid", vec![number(*version)]),
        DefaultValue::Ulid => function("ulid", Vec::new()),
        DefaultValue::Nanoid(length) => function("nanoid", length.map(number).into_iter().collect()),
        DefaultValue::DbGenerated(expression) => {
            function("dbgenerated", expression.iter().map(|text| Json::string(text)).collect())
        }
    })
}

fn literal(value: &Literal, ty: &FieldType) -> Json {
    match value {
        Literal::Boolean(value) => Json::Bool(*value),
        Literal::String(text) => match ty {
            FieldType::Scalar(ScalarType::DateTime) => Json::String(date_time(text)),
            FieldType::Scalar(ScalarType::Decimal) => Json::float(text),
            _ => Json::string(text),
        },
        Literal::EnumValue(text) => Json::string(text),
        Literal::Number(text) => match ty {
            // Numbers that exceed JavaScript's range.
            FieldType::Scalar(ScalarType::BigInt) => Json::String(Json::integer(text).to_string()),
            FieldType::Scalar(ScalarType::Float | ScalarType::Decimal) => Json::float(text),
            _ => Json::integer(text),
        },
    }
}

/// Normalizes a time: with `T`, a numeric offset, and as many fractional digits as a unit has.
fn date_time(text: &str) -> String {
    let (time, offset) = match text.strip_suffix(['Z', 'z']) {
        Some(time) => (time, "+00:00"),
        None => text.split_at(text.len().saturating_sub("+00:00".len())),
    };
    let offset = if offset == "-00:00" { "+00:00" } else { offset };
    let time = time.replace(['t', ' '], "T");
    let (seconds, fraction) = time.split_once('.').unwrap_or((&time, ""));
    let nanoseconds = format!("{fraction:0<9.9}");
    let digits = match nanoseconds.trim_end_matches('0').len() {
        0 => return format!("{seconds}{offset}"),
        used => used.next_multiple_of(3),
    };
    format!("{seconds}.{}{offset}", &nanoseconds[..digits])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_one_form() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00"),
            ("1970-01-01 00:00:00.5z", "1970-01-01T00:00:00.500+00:00"),
            ("1970-01-01T00:00:00.1234-02:00", "1970-01-01T00:00:00.123400-02:00"),
            ("1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00+00:00"),
        ] {
            assert_eq!(date_time(text), expected);
        }
    }
}
