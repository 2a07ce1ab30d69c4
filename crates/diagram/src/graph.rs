//! What a diagram shows, without places: boxes with rows, and edges between them.

use std::collections::BTreeSet;

use nicol_schema::Schema;
use nicol_schema::model::{Arity, Enum, Field, FieldId, FieldType, Model, ModelId, RelationKind, Scalar};

use crate::options::{Options, UnknownModel};

/// Boxes, and edges between them.
#[derive(Debug)]
pub(crate) struct Graph {
    pub(crate) boxes: Vec<Box>,
    pub(crate) edges: Vec<Edge>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BoxKind {
    Model,
    View,
    Enum,
}

/// A model, a view or an enum.
#[derive(Debug)]
pub(crate) struct Box {
    pub(crate) kind: BoxKind,
    pub(crate) name: String,
    pub(crate) documentation: Option<String>,
    pub(crate) rows: Vec<Row>,
}

/// A column, or a value of an enum.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a mark in the diagram")]
pub(crate) struct Row {
    pub(crate) name: String,
    /// The type, without `?` and `[]`; empty for the value of an enum.
    pub(crate) ty: String,
    pub(crate) is_optional: bool,
    pub(crate) is_list: bool,
    pub(crate) is_primary: bool,
    pub(crate) is_foreign: bool,
    pub(crate) is_unique: bool,
    pub(crate) documentation: Option<String>,
}

/// How many rows there are at the end of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    ZeroOrOne,
    One,
    Many,
}

/// A relation.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) from: End,
    pub(crate) to: End,
    pub(crate) name: String,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    /// The index of the box.
    pub(crate) at: usize,
    /// The row; `None` if it is the box as a whole.
    pub(crate) row: Option<usize>,
    pub(crate) count: Count,
}

impl Graph {
    pub(crate) fn new(schema: &Schema, options: &Options) -> Result<Self, UnknownModel> {
        let shown = shown(schema, options)?;
        let place = |id: ModelId| shown.iter().position(|other| *other == id.index());
        let models: Vec<(ModelId, &Model)> = schema.models().filter(|(id, _)| place(*id).is_some()).collect();
        let mut boxes: Vec<Box> =
            models.iter().map(|(id, model)| of_model(schema, *id, model, options)).collect();
        let mut edges = Vec::new();
        for relation in &schema.relations {
            let (Some(from), Some(to)) = (place(relation.from), place(relation.to)) else { continue };
            let (source, target) = (schema.model(relation.from), schema.model(relation.to));
            let name_of = |model: &Model, id: Option<FieldId>| id.map(|id| model.field(id).name.clone());
            let name = name_of(source, relation.from_field).or_else(|| name_of(target, relation.to_field));
            let ends = match &relation.kind {
                RelationKind::ManyToMany => [(from, None, Count::Many), (to, None, Count::Many)],
                RelationKind::OneToOne(key) | RelationKind::OneToMany(key) => {
                    let many = matches!(relation.kind, RelationKind::OneToMany(_));
                    let is_optional = key.fields.iter().any(|id| source.field(*id).arity == Arity::Optional);
                    let row = |model: &Model, id: Option<&FieldId>| {
                        model.scalars().position(|(other, ..)| Some(&other) == id)
                    };
                    let there = if is_optional { Count::ZeroOrOne } else { Count::One };
                    let here = if many { Count::Many } else { Count::ZeroOrOne };
                    [
                        (from, row(source, key.fields.first()), here),
                        (to, row(target, key.references.first()), there),
                    ]
                }
            };
            let [from, to] = ends.map(|(at, row, count)| End { at, row, count });
            edges.push(Edge { from, to, name: name.unwrap_or_default() });
        }
        // Only the enums that are used, if not everything is shown.
        let used: BTreeSet<usize> = models
            .iter()
            .flat_map(|(_, model)| model.scalars())
            .filter_map(|(_, _, scalar)| match scalar.ty {
                FieldType::Enum(id) => Some(id.index()),
                _ => None,
            })
            .collect();
        let enums = schema.enums.iter().enumerate();
        let enums = enums.filter(|(index, _)| options.models.is_empty() || used.contains(index));
        boxes.extend(enums.map(|(_, item)| of_enum(item, options)));
        Ok(Self { boxes, edges })
    }
}

/// Returns the indexes of the models to draw, in order.
fn shown(schema: &Schema, options: &Options) -> Result<Vec<usize>, UnknownModel> {
    if options.models.is_empty() {
        return Ok((0..schema.models.len()).collect());
    }
    let mut shown = BTreeSet::new();
    for name in &options.models {
        let index = schema.models.iter().position(|model| model.name == *name);
        shown.insert(index.ok_or_else(|| UnknownModel { name: name.clone() })?);
    }
    for _ in 0..options.depth {
        let near: Vec<usize> = schema
            .relations
            .iter()
            .flat_map(|relation| {
                let (from, to) = (relation.from.index(), relation.to.index());
                [(from, to), (to, from)]
            })
            .filter(|(from, _)| shown.contains(from))
            .map(|(_, to)| to)
            .collect();
        shown.extend(near);
    }
    Ok(shown.into_iter().collect())
}

fn of_model(schema: &Schema, id: ModelId, model: &Model, options: &Options) -> Box {
    let name = if options.database_names { model.database_name() } else { &model.name };
    let foreign: Vec<FieldId> = schema
        .relations
        .iter()
        .filter(|relation| relation.from == id)
        .flat_map(|relation| match &relation.kind {
            RelationKind::OneToOne(key) | RelationKind::OneToMany(key) => key.fields.clone(),
            RelationKind::ManyToMany => Vec::new(),
        })
        .collect();
    let rows = model.scalars().map(|(id, field, scalar)| {
        let is_alone = |key: &nicol_schema::model::Key| key.fields.len() == 1 && key.fields[0].field == id;
        let name = if options.database_names { field.database_name() } else { &field.name };
        Row {
            name: name.to_owned(),
            ty: type_name(schema, scalar, options),
            is_optional: field.arity == Arity::Optional,
            is_list: field.arity == Arity::List,
            is_primary: model.primary_key.iter().any(|key| key.fields.iter().any(|part| part.field == id)),
            is_foreign: foreign.contains(&id),
            is_unique: model.uniques.iter().any(is_alone),
            documentation: documentation(field),
        }
    });
    Box {
        kind: if model.is_view { BoxKind::View } else { BoxKind::Model },
        name: name.to_owned(),
        documentation: model.documentation.clone(),
        rows: rows.collect(),
    }
}

fn documentation(field: &Field) -> Option<String> {
    field.documentation.clone()
}

fn of_enum(item: &Enum, options: &Options) -> Box {
    let pick =
        |name: &str, map: Option<&str>| map.filter(|_| options.database_names).unwrap_or(name).to_owned();
    let rows = item.values.iter().map(|value| Row {
        name: pick(&value.name, value.map.as_deref()),
        ty: String::new(),
        is_optional: false,
        is_list: false,
        is_primary: false,
        is_foreign: false,
        is_unique: false,
        documentation: value.documentation.clone(),
    });
    Box {
        kind: BoxKind::Enum,
        name: pick(&item.name, item.map.as_deref()),
        documentation: item.documentation.clone(),
        rows: rows.collect(),
    }
}

fn type_name(schema: &Schema, scalar: &Scalar, options: &Options) -> String {
    match &scalar.ty {
        FieldType::Unsupported(text) => text.clone(),
        FieldType::Enum(id) => {
            let item = schema.enumeration(*id);
            item.map.as_deref().filter(|_| options.database_names).unwrap_or(&item.name).to_owned()
        }
        FieldType::Scalar(ty) => ty.name().to_owned(),
    }
}
