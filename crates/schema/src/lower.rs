//! Lowers a draft without errors to the [`Schema`].

use crate::ast::{Argument, Call, Expression};
use crate::config::Config;
use crate::draft::{
    Draft, DraftType, EnumDraft, FieldDraft, FieldRef, KeyDraft, KeyKind, RelationDraft, RelationShape,
    default_relation_name,
};
use crate::model::{
    Arity, Default, DefaultValue, Enum, EnumValue, Field, FieldKind, FieldType, ForeignKey, Index, Key,
    KeyField, Literal, Model, ModelId, NativeType, Relation, RelationEnd, RelationId, RelationKind, Scalar,
    ScalarType, Schema, Side,
};
use crate::native_type;

/// Builds the schema. Parts that a draft with errors lacks are left out.
pub(crate) fn lower(draft: &Draft<'_>, config: Config) -> Schema {
    Schema {
        datasource: config.datasource.map(|draft| draft.datasource),
        generators: config.generators,
        models: draft.model_ids().map(|id| model(id, draft)).collect(),
        enums: draft.enums.iter().map(enumeration).collect(),
        relations: draft.relations.iter().map(|draft_relation| relation(draft_relation, draft)).collect(),
    }
}

fn model(id: ModelId, draft: &Draft<'_>) -> Model {
    let model = draft.model(id);
    Model {
        name: model.name.text.to_owned(),
        map: model.map.clone(),
        schema: model.schema.as_ref().map(|(name, _)| name.clone()),
        documentation: model.ast.documentation(),
        is_view: model.is_view,
        is_ignored: model.is_ignored,
        fields: model
            .fields()
            .filter_map(|(field_id, field)| lower_field((id, field_id), field, draft))
            .collect(),
        primary_key: model.primary_key.as_ref().map(key),
        uniques: model.indexes.iter().filter(|index| index.kind == KeyKind::Unique).map(key).collect(),
        indexes: model
            .indexes
            .iter()
            .filter(|index| index.kind == KeyKind::Normal)
            .map(|index| Index {
                fields: key_fields(index),
                map: index.map.clone(),
                algorithm: index.algorithm,
            })
            .collect(),
        span: model.name.span,
    }
}

fn lower_field(id: FieldRef, field: &FieldDraft<'_>, draft: &Draft<'_>) -> Option<Field> {
    let kind = match &field.ty {
        DraftType::Model(other) => FieldKind::Relation(relation_end(id, *other, draft)?),
        DraftType::Scalar(scalar) => FieldKind::Scalar(column(field, FieldType::Scalar(*scalar))),
        DraftType::Enum(schema_enum) => FieldKind::Scalar(column(field, FieldType::Enum(*schema_enum))),
        DraftType::Unsupported(words) => {
            FieldKind::Scalar(column(field, FieldType::Unsupported(words.clone())))
        }
        DraftType::Composite | DraftType::Unknown => return None,
    };
    Some(Field {
        name: field.name.text.to_owned(),
        arity: field.arity,
        kind,
        documentation: field.ast.documentation(),
        is_ignored: field.is_ignored,
        span: field.name.span,
    })
}

fn relation_end((model, field): FieldRef, other: ModelId, draft: &Draft<'_>) -> Option<RelationEnd> {
    (0..).zip(&draft.relations).find_map(|(index, relation)| {
        let side = if (relation.from, relation.from_field) == (model, Some(field)) {
            Side::From
        } else if (relation.to, relation.to_field) == (model, Some(field)) {
            Side::To
        } else {
            return None;
        };
        Some(RelationEnd { relation: RelationId(index), side, model: other })
    })
}

fn column(field: &FieldDraft<'_>, ty: FieldType) -> Scalar {
    let native_type = match ty {
        FieldType::Scalar(scalar) => native(field, scalar),
        _ => None,
    };
    Scalar {
        default: field.default.as_ref().and_then(|default| {
            Some(Default { value: default_value(default.value, &ty, field.arity)?, map: default.map.clone() })
        }),
        ty,
        native_type,
        map: field.map.clone(),
        is_updated_at: field.is_updated_at,
    }
}

/// Returns the native type of a field; `None` if it has none or the attribute is invalid.
fn native(field: &FieldDraft<'_>, scalar: ScalarType) -> Option<NativeType> {
    let attribute = field.native_type?;
    let (_, name) = attribute.name()?.text.split_once('.')?;
    let arguments: Vec<&str> =
        attribute.arguments().iter().filter_map(Argument::value).map(Expression::source).collect();
    native_type::parse(name, &arguments, scalar).ok()
}

fn default_value(value: Expression<'_>, ty: &FieldType, arity: Arity) -> Option<DefaultValue> {
    match value {
        Expression::Call(call) => function(call),
        Expression::Array(array) if arity == Arity::List => {
            array.iter().map(|value| literal(value, ty)).collect::<Option<Vec<_>>>().map(DefaultValue::List)
        }
        _ => literal(value, ty).map(DefaultValue::Literal),
    }
}

fn literal(value: Expression<'_>, ty: &FieldType) -> Option<Literal> {
    match value {
        Expression::Number(number) => Some(Literal::Number(number.text.to_owned())),
        Expression::String(string) => Some(Literal::String(string.value())),
        Expression::Constant(name) => Some(match ty {
            FieldType::Enum(_) => Literal::EnumValue(name.text.to_owned()),
            _ => Literal::Boolean(name.text == "true"),
        }),
        Expression::Call(_) | Expression::Array(_) => None,
    }
}

fn function(call: Call<'_>) -> Option<DefaultValue> {
    let argument = call.arguments().iter().next().and_then(Argument::value);
    let number = match argument {
        Some(Expression::Number(number)) => number.text.parse().ok(),
        _ => None,
    };
    Some(match call.name().text {
        "autoincrement" => DefaultValue::Autoincrement,
        "now" => DefaultValue::Now,
        "cuid" => DefaultValue::Cuid(number.unwrap_or(1)),
        "uuid" => DefaultValue::Uuid(number.unwrap_or(4)),
        "ulid" => DefaultValue::Ulid,
        "nanoid" => DefaultValue::Nanoid(number),
        "dbgenerated" => DefaultValue::DbGenerated(match argument {
            Some(Expression::String(string)) => Some(string.value()),
            _ => None,
        }),
        _ => return None,
    })
}

fn key(key: &KeyDraft<'_>) -> Key {
    Key {
        fields: key_fields(key),
        name: key.name.clone(),
        map: key.map.clone(),
        on_field: key.on_field.is_some(),
    }
}

fn key_fields(key: &KeyDraft<'_>) -> Vec<KeyField> {
    key.fields
        .iter()
        .map(|field| KeyField {
            field: field.field,
            sort: field.sort,
            operator_class: field.operator_class.clone(),
        })
        .collect()
}

fn relation(relation: &RelationDraft, draft: &Draft<'_>) -> Relation {
    let from = draft.model(relation.from);
    let to = draft.model(relation.to);
    let arguments = relation.from_field.map(|field| &from.field(field).relation);
    let name = arguments
        .or_else(|| relation.to_field.map(|field| &to.field(field).relation))
        .and_then(|arguments| arguments.name.clone());
    let foreign_key = || match arguments {
        Some(arguments) => ForeignKey {
            fields: arguments.fields.clone().unwrap_or_default(),
            references: arguments.references.clone().unwrap_or_default(),
            on_delete: arguments.on_delete.map(|(action, _)| action),
            on_update: arguments.on_update.map(|(action, _)| action),
            map: arguments.map.clone(),
        },
        None => ForeignKey {
            fields: Vec::new(),
            references: Vec::new(),
            on_delete: None,
            on_update: None,
            map: None,
        },
    };
    Relation {
        effective_name: name.clone().unwrap_or_else(|| default_relation_name(from, to)),
        name,
        from: relation.from,
        from_field: relation.from_field,
        to: relation.to,
        to_field: relation.to_field,
        kind: match relation.kind {
            RelationShape::OneToOne => RelationKind::OneToOne(foreign_key()),
            RelationShape::OneToMany => RelationKind::OneToMany(foreign_key()),
            RelationShape::ManyToMany | RelationShape::Embedded => RelationKind::ManyToMany,
        },
    }
}

fn enumeration(schema_enum: &EnumDraft<'_>) -> Enum {
    Enum {
        name: schema_enum.name.text.to_owned(),
        map: schema_enum.map.clone(),
        schema: schema_enum.schema.as_ref().map(|(name, _)| name.clone()),
        documentation: schema_enum.ast.documentation(),
        values: schema_enum
            .values
            .iter()
            .map(|value| EnumValue {
                name: value.name.text.to_owned(),
                map: value.map.clone(),
                documentation: value.ast.documentation(),
            })
            .collect(),
        span: schema_enum.name.span,
    }
}
