//! What of a model requests may name: its columns, relations and unique keys. Ignored fields and those of an unknown type are not there.

use std::borrow::Cow;

use nicol_schema::model::{
    Arity, DefaultValue, EnumId, Field, FieldId, FieldKind, FieldType, Key, ModelId, NativeType, RelationEnd,
    RelationKind, Scalar, ScalarType, Side,
};

use crate::schema::Schema;

/// The type of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Scalar(ScalarType),
    Enum(EnumId),
}

/// A relation field of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Relation {
    pub(super) model: ModelId,
    pub(super) field: FieldId,
}

impl Relation {
    pub(super) fn field(self, schema: &Schema) -> &Field {
        schema.source.model(self.model).field(self.field)
    }

    pub(super) fn is_list(self, schema: &Schema) -> bool {
        self.field(schema).arity == Arity::List
    }

    /// Returns what the field leads to.
    pub(super) fn end(self, schema: &Schema) -> RelationEnd {
        match self.field(schema).kind {
            FieldKind::Relation(end) => end,
            FieldKind::Scalar(_) => unreachable!("it is made of relation fields only"),
        }
    }

    /// Returns the field of the other model that leads back.
    pub(super) fn back(self, schema: &Schema) -> Option<(FieldId, &Field)> {
        let end = self.end(schema);
        let relation = schema.source.relation(end.relation);
        let field = match end.side {
            Side::From => relation.to_field,
            Side::To => relation.from_field,
        };
        field.map(|field| (field, schema.source.model(end.model).field(field)))
    }

    /// Returns the columns of its own model that join the rows; none if there is a join table.
    pub(super) fn own_columns(self, schema: &Schema) -> &[FieldId] {
        let end = self.end(schema);
        match (&schema.source.relation(end.relation).kind, end.side) {
            (RelationKind::ManyToMany, _) => &[],
            (RelationKind::OneToOne(key) | RelationKind::OneToMany(key), Side::From) => &key.fields,
            (RelationKind::OneToOne(key) | RelationKind::OneToMany(key), Side::To) => &key.references,
        }
    }

    /// Returns the foreign key at the other end; none if it is at this end or there is a join table.
    pub(super) fn foreign_key_there(self, schema: &Schema) -> &[FieldId] {
        let end = self.end(schema);
        match (&schema.source.relation(end.relation).kind, end.side) {
            (RelationKind::OneToOne(key) | RelationKind::OneToMany(key), Side::To) => &key.fields,
            _ => &[],
        }
    }

    /// Whether the foreign key is at this end.
    pub(super) fn is_owned(self, schema: &Schema) -> bool {
        let end = self.end(schema);
        let has_key = !matches!(schema.source.relation(end.relation).kind, RelationKind::ManyToMany);
        has_key && end.side == Side::From
    }

    pub(super) fn is_many_to_many(self, schema: &Schema) -> bool {
        let end = self.end(schema);
        matches!(schema.source.relation(end.relation).kind, RelationKind::ManyToMany)
    }
}

/// A field that is a column and visible.
#[derive(Clone, Copy)]
pub(super) struct Column<'a> {
    pub(super) id: FieldId,
    pub(super) field: &'a Field,
    pub(super) scalar: &'a Scalar,
    pub(super) kind: Kind,
}

impl Column<'_> {
    /// Whether the column, or each element of an array, is a number.
    pub(super) fn is_numeric(&self) -> bool {
        use ScalarType::{BigInt, Decimal, Float, Int};
        matches!(self.kind, Kind::Scalar(Int | BigInt | Float | Decimal))
    }

    /// Whether the column has a smallest and a greatest value.
    pub(super) fn is_ordered(&self) -> bool {
        self.kind != Kind::Scalar(ScalarType::Json) && self.field.arity != Arity::List
    }

    pub(super) fn is_autoincrement(&self) -> bool {
        let default = self.scalar.default.as_ref().map(|default| &default.value);
        default == Some(&DefaultValue::Autoincrement)
    }
}

/// Returns the columns that requests may name, in order.
pub(super) fn columns(schema: &Schema, model: ModelId) -> impl Iterator<Item = Column<'_>> {
    schema
        .source
        .model(model)
        .scalars()
        .filter(|(_, field, _)| !field.is_ignored)
        .filter_map(|(id, field, scalar)| kind_of(field).map(|kind| Column { id, field, scalar, kind }))
}

/// Returns the relations that requests may name, in order.
pub(super) fn relations(schema: &Schema, model: ModelId) -> impl Iterator<Item = Relation> {
    let visible = |(_, field, end): &(FieldId, &Field, RelationEnd)| {
        !field.is_ignored && !schema.source.model(end.model).is_ignored
    };
    let fields = schema.source.model(model).relation_fields().filter(move |field| visible(field));
    fields
        .filter(move |(id, ..)| schema.model(model).relation(*id).is_some())
        .map(move |(field, ..)| Relation { model, field })
}

/// Returns the unique keys that requests may name: the primary key first.
pub(super) fn keys(schema: &Schema, model: ModelId) -> impl Iterator<Item = &Key> {
    let model = schema.source.model(model);
    let known = |key: &&Key| key.fields.iter().all(|field| kind_of(model.field(field.field)).is_some());
    model.primary_key.iter().chain(&model.uniques).filter(known)
}

/// Returns the name of a unique key: as given, or its fields joined.
pub(super) fn key_name<'a>(schema: &'a Schema, model: ModelId, key: &'a Key) -> Cow<'a, str> {
    match *key_parts(schema, model, key) {
        [name] => name.into(),
        ref names => names.join("_").into(),
    }
}

/// Returns the name that is given to a key, or the names of its fields.
pub(super) fn key_parts<'a>(schema: &'a Schema, model: ModelId, key: &'a Key) -> Vec<&'a str> {
    match &key.name {
        Some(name) if key.fields.len() > 1 => vec![name],
        _ => key.fields.iter().map(|field| &*schema.source.model(model).field(field.field).name).collect(),
    }
}

/// Returns the column of the field with this name, if it is one.
pub(super) fn column_named(schema: &Schema, model: ModelId, name: &str) -> Option<(FieldId, u16)> {
    let column = columns(schema, model).find(|column| column.field.name == name)?;
    Some((column.id, schema.model(model).column(column.id)?))
}

/// Returns the relation of the field with this name, if it is one.
pub(super) fn relation_named(schema: &Schema, model: ModelId, name: &str) -> Option<Relation> {
    relations(schema, model).find(|relation| relation.field(schema).name == name)
}

/// Whether rows have a key: a primary key, or a unique key whose columns are all required.
pub(super) fn has_key(schema: &Schema, model: ModelId) -> bool {
    !schema.model(model).meta.key.is_empty()
}

/// Returns the type of a field's values, if it is a column of a known type.
pub(super) fn kind_of(field: &Field) -> Option<Kind> {
    match &field.kind {
        FieldKind::Scalar(scalar) => match scalar.ty {
            FieldType::Scalar(ty) => Some(Kind::Scalar(ty)),
            FieldType::Enum(id) => Some(Kind::Enum(id)),
            FieldType::Unsupported(_) => None,
        },
        FieldKind::Relation(_) => None,
    }
}

pub(super) fn is_uuid(scalar: &Scalar) -> bool {
    scalar.native_type == Some(NativeType::Uuid)
}
