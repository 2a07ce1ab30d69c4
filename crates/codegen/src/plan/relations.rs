//! Relations: how rows are joined, and how they are created together.

use nicol_schema::model::{
    Arity, Field, FieldId, IndexAlgorithm, RelationEnd, RelationKind, RelationMode, Side,
};
use proc_macro2::Ident;

use super::models::Draft;
use super::{Cardinality, Child, Join, NewIn, Relation, Root, Writes};
use crate::names::{self, Scope, reserved};

/// The names that a relation adds to its model's module.
pub(super) struct RelationNames {
    field: FieldId,
    end: RelationEnd,
    target: usize,
    join: Join,
    marker: String,
    child: Option<ChildNames>,
}

struct ChildNames {
    /// The name and the columns.
    new_in: Option<(String, Vec<u16>)>,
    create_in: String,
    create_in_function: String,
}

impl RelationNames {
    /// Returns the names that are types.
    pub(super) fn types(&self) -> impl Iterator<Item = &String> {
        let child = self.child.iter();
        let child =
            child.flat_map(|child| child.new_in.iter().map(|(name, _)| name).chain([&child.create_in]));
        child.chain([&self.marker])
    }
}

/// Chooses the names for the relations of a model. Relations with columns or models that the client does not know are
/// omitted.
pub(super) fn names(
    root: &Root<'_>,
    drafts: &[Draft<'_>],
    place: usize,
    functions: &mut Scope,
    types: &mut Scope,
) -> Vec<RelationNames> {
    let draft = &drafts[place];
    let known: Vec<_> = draft
        .relation_fields()
        .filter_map(|(id, end)| {
            let target = root.place(end.model)?;
            Some((id, end, target, join(root, draft, &drafts[target], end)?))
        })
        .collect();
    let bases = known.iter().map(|(id, ..)| draft.base_of(*id));
    let camel = names::convert(bases, names::type_case);
    let markers = types.take_all(&camel);
    let mut named = Vec::new();
    for (((field, end, target, join), marker), camel) in known.into_iter().zip(markers).zip(camel) {
        let base = draft.base_of(field);
        let child = matches!(join, Join::Table { .. } | Join::Columns { is_owned: true, .. })
            .then_some(draft)
            .filter(|draft| draft.writes == Writes::All)
            .map(|draft| ChildNames {
                new_in: columns_without_key(draft, &join)
                    .map(|columns| (types.take(format!("NewIn{camel}")), columns)),
                create_in: types.take(format!("CreateIn{camel}")),
                create_in_function: functions.take(format!("create_in_{base}")),
            });
        named.push(RelationNames { field, end, target, join, marker, child });
    }
    named
}

/// Returns the required columns of a row created below a parent, if the relation's key is part of `New`.
fn columns_without_key(draft: &Draft<'_>, join: &Join) -> Option<Vec<u16>> {
    let Join::Columns { here, .. } = join else { return None };
    let required = draft.required_columns();
    let without: Vec<u16> = required.iter().copied().filter(|column| !here.contains(column)).collect();
    (without.len() < required.len()).then_some(without)
}

/// Returns the required columns that are in no key of a required relation, if there are several such relations.
pub(super) fn columns_without_keys(draft: &Draft<'_>, relations: &[RelationNames]) -> Option<Vec<u16>> {
    let is_required = |names: &&RelationNames| draft.model.field(names.field).arity == Arity::Required;
    let required = relations.iter().filter(is_required);
    let children = required.filter_map(|names| names.child.as_ref()?.new_in.as_ref());
    let children: Vec<_> = children.map(|(_, columns)| columns).collect();
    let in_none = |column: &u16| children.iter().all(|columns| columns.contains(column));
    (children.len() > 1).then(|| draft.required_columns().into_iter().filter(in_none).collect())
}

fn join(root: &Root<'_>, draft: &Draft<'_>, target: &Draft<'_>, end: RelationEnd) -> Option<Join> {
    let relation = root.schema.relation(end.relation);
    match (&relation.kind, end.side) {
        (RelationKind::OneToOne(key) | RelationKind::OneToMany(key), Side::From) => Some(Join::Columns {
            here: draft.columns_at(&key.fields)?,
            there: target.columns_at(&key.references)?,
            is_owned: true,
        }),
        (RelationKind::OneToOne(key) | RelationKind::OneToMany(key), Side::To) => Some(Join::Columns {
            here: draft.columns_at(&key.references)?,
            there: target.columns_at(&key.fields)?,
            is_owned: false,
        }),
        (RelationKind::ManyToMany, side) => {
            let (here, there) = match side {
                Side::From => ("A", "B"),
                Side::To => ("B", "A"),
            };
            Some(Join::Table {
                schema: root.schema.model(relation.from).schema.clone(),
                table: nicol_schema::constraint::join_table(&relation.effective_name),
                here,
                there,
            })
        }
    }
}

/// Plans the relations of a model, with the names chosen for all models.
pub(super) fn plan(
    root: &Root<'_>,
    drafts: &[Draft<'_>],
    place: usize,
    all_names: &[Vec<RelationNames>],
    handles: &[String],
) -> Vec<Relation> {
    let draft = &drafts[place];
    let own = &all_names[place];
    let mut methods = Scope::with(&[reserved::WITH_METHODS]);
    let bases: Vec<String> = own.iter().map(|names| draft.base_of(names.field).to_owned()).collect();
    let accessors = methods.take_all(&bases);
    let mode = root.schema.datasource.as_ref().map(|datasource| datasource.relation_mode);
    let is_emulated = mode == Some(RelationMode::Prisma);
    let relations = own.iter().zip(&accessors).map(|(names, accessor)| {
        let field = draft.model.field(names.field);
        let cardinality = match field.arity {
            Arity::Required => Cardinality::One,
            Arity::Optional => Cardinality::Optional,
            Arity::List => Cardinality::Many,
        };
        Relation {
            field: field.name.clone(),
            documentation: field.documentation.clone(),
            target: names.target,
            join: names.join.clone(),
            cardinality,
            is_indexed: is_indexed(&drafts[names.target], &names.join),
            actions: is_emulated
                .then(|| root.schema.relation(names.end.relation).actions(root.schema))
                .flatten(),
            marker: names::ident(&names.marker),
            handle: names::ident(&handles[names.field.index()]),
            accessor: names::ident(accessor),
            // This order keeps existing names stable.
            count_accessor: (cardinality == Cardinality::Many)
                .then(|| names::ident(&methods.take(format!("{accessor}_count")))),
            into_accessor: names::ident(&methods.take(format!("into_{accessor}"))),
            take_accessor: (cardinality != Cardinality::One)
                .then(|| names::ident(&methods.take(format!("take_{accessor}")))),
            child: names.child.as_ref().map(child),
            created: created(root, drafts, names, all_names),
        }
    });
    relations.collect()
}

fn child(names: &ChildNames) -> Child {
    Child {
        new_in: names
            .new_in
            .as_ref()
            .map(|(name, columns)| NewIn { ident: names::ident(name), columns: columns.clone() }),
        create_in: names::ident(&names.create_in),
        create_in_function: names::ident(&names.create_in_function),
    }
}

/// Returns the type of a row of the target that is created through the relation: `Create`, or `CreateIn…` if the target's row holds the key
/// or there is a join table. There is none if the client cannot create rows of the target, or does not know the opposite field.
fn created(
    root: &Root<'_>,
    drafts: &[Draft<'_>],
    names: &RelationNames,
    all_names: &[Vec<RelationNames>],
) -> Option<Ident> {
    if matches!(names.join, Join::Columns { is_owned: true, .. }) {
        return (drafts[names.target].writes == Writes::All).then(|| names::ident("Create"));
    }
    let relation = root.schema.relation(names.end.relation);
    let other_field = match names.end.side {
        Side::From => relation.to_field,
        Side::To => relation.from_field,
    }?;
    let is_other = |other: &&RelationNames| {
        other.end.relation == names.end.relation
            && other.field == other_field
            && other.end.side != names.end.side
    };
    let other = all_names[names.target].iter().find(is_other)?.child.as_ref()?;
    Some(names::ident(&other.create_in))
}

/// Whether an index finds the target's rows for a given row.
fn is_indexed(target: &Draft<'_>, join: &Join) -> bool {
    // The implicit join table has a primary key on (A, B) and an index on B.
    let Join::Columns { there, .. } = join else { return true };
    let model = target.model;
    let keys = model.primary_key.iter().chain(&model.uniques).map(|key| &key.fields);
    let indexes = model.indexes.iter().filter(|index| match index.algorithm {
        None | Some(IndexAlgorithm::BTree) => true,
        Some(IndexAlgorithm::Hash) => there.len() == 1,
        _ => false,
    });
    let mut indexed = keys.chain(indexes.map(|index| &index.fields));
    indexed.any(|fields| {
        let first: Vec<_> = fields.iter().take(there.len()).map(|field| target.column(field.field)).collect();
        there.iter().all(|column| first.contains(&Some(*column)))
    })
}

impl Draft<'_> {
    /// Returns the relation fields that are not ignored.
    fn relation_fields(&self) -> impl Iterator<Item = (FieldId, RelationEnd)> {
        let is_known = |(_, field, _): &(FieldId, &Field, RelationEnd)| !field.is_ignored;
        self.model.relation_fields().filter(is_known).map(|(id, _, end)| (id, end))
    }
}
