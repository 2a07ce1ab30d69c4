//! Models and their columns.

use nicol_schema::model::{Arity, Field, FieldId, Key, Model, Scalar};

use super::omit::Omitted;
use super::relations::RelationNames;
use super::{Column, ColumnType, Hidden, ModelPlan, NewIn, Root, Spelling, Unique, Writes, keys, relations};
use crate::error::Error;
use crate::names::{self, Scope, reserved};
use crate::types::{self, ValueType};

/// What must be known of every model before relations can be planned.
pub(super) struct Draft<'a> {
    pub(super) model: &'a Model,
    /// The fields that are columns in the client.
    pub(super) columns: Vec<(FieldId, &'a Field, &'a Scalar, ValueType)>,
    /// A Rust name for each field, relations included.
    bases: Vec<String>,
    pub(super) writes: Writes,
}

impl<'a> Draft<'a> {
    pub(super) fn new(model: &'a Model) -> Result<Self, Error> {
        let columns: Vec<_> = model
            .scalars()
            .filter(|(_, field, _)| !field.is_ignored)
            .filter_map(|(id, field, scalar)| Some((id, field, scalar, types::value_type(scalar)?)))
            .collect();
        if u16::try_from(columns.len().max(model.fields.len())).is_err() {
            return Err(Error::TooManyFields { model: model.name.clone() });
        }
        let spelled = names::convert(model.fields.iter().map(|field| field.name.as_str()), names::snake_case);
        let bases = Scope::with(&[]).take_all(&spelled);
        let writes = if model.is_view {
            Writes::Nothing
        } else if model.scalars().any(|(_, field, scalar)| is_out_of_reach(field, scalar)) {
            Writes::Update
        } else {
            Writes::All
        };
        Ok(Self { model, columns, bases, writes })
    }

    /// Returns the index of a field among the columns.
    pub(super) fn column(&self, field: FieldId) -> Option<u16> {
        let place = self.columns.iter().position(|(id, ..)| *id == field)?;
        Some(u16::try_from(place).expect("`Draft::new` has counted the columns"))
    }

    /// Returns the indexes of a key's fields among the columns, if the client has all of them.
    pub(super) fn columns_of(&self, key: &Key) -> Option<Vec<u16>> {
        key.fields.iter().map(|field| self.column(field.field)).collect()
    }

    /// Returns the indexes of fields among the columns, if the client has all of them.
    pub(super) fn columns_at(&self, fields: &[FieldId]) -> Option<Vec<u16>> {
        fields.iter().map(|field| self.column(*field)).collect()
    }

    /// Returns the Rust name of a column.
    pub(super) fn base(&self, column: u16) -> &str {
        self.base_of(self.columns[usize::from(column)].0)
    }

    /// Returns the Rust name of a field.
    pub(super) fn base_of(&self, field: FieldId) -> &str {
        &self.bases[field.index()]
    }

    /// Returns the columns that are required to create a row.
    pub(super) fn required_columns(&self) -> Vec<u16> {
        let columns = (0..).zip(&self.columns);
        let required = columns.filter(|(_, (_, field, scalar, _))| is_required(field, scalar));
        required.map(|(column, _)| column).collect()
    }
}

fn is_required(field: &Field, scalar: &Scalar) -> bool {
    field.arity == Arity::Required && scalar.default.is_none() && !scalar.is_updated_at
}

/// Whether the column needs a value that the client cannot provide.
fn is_out_of_reach(field: &Field, scalar: &Scalar) -> bool {
    is_required(field, scalar) && (field.is_ignored || types::value_type(scalar).is_none())
}

/// The names in a model's module, except for those of relations.
pub(super) struct Module {
    uniques: Vec<Unique>,
    /// The handles, by field.
    handles: Vec<String>,
    /// The setters, by field.
    setters: Vec<String>,
    /// The name `NewByRelations`.
    new_by_relations: String,
    hidden: Hidden,
    spelling: Spelling,
}

/// Chooses the names in the module of the model with this index.
pub(super) fn names(root: &Root<'_>, drafts: &[Draft<'_>], place: usize) -> (Module, Vec<RelationNames>) {
    let draft = &drafts[place];
    let row = &root.rows[place];
    // Functions first: fields change their names to avoid them.
    let mut values = Scope::with(&[reserved::MODEL_FUNCTIONS]);
    let uniques = keys::plan(draft, &mut values);
    let mut types = Scope::with(&[reserved::MODEL_TYPES, reserved::PRIMITIVES]);
    types.take(row.clone());
    let relations = relations::names(root, drafts, place, &mut values, &mut types);
    let module = Module {
        uniques,
        handles: values.take_all(&draft.bases),
        setters: Scope::with(&[reserved::WRITE_METHODS]).take_all(&draft.bases),
        new_by_relations: types.take("NewByRelations".to_owned()),
        hidden: Hidden {
            string: types.contains("String"),
            option: types.contains("Option"),
            vec: types.contains("Vec"),
            field: types.contains("Field"),
            related: types.contains("Related"),
        },
        spelling: Spelling::of(
            draft.bases.iter().chain([&root.modules[place]]),
            relations.iter().flat_map(RelationNames::types).chain([row]),
        ),
    };
    (module, relations)
}

/// Plans the model with this index.
pub(super) fn plan(
    root: &Root<'_>,
    drafts: &[Draft<'_>],
    place: usize,
    module: Module,
    relations: &[Vec<RelationNames>],
    omitted: &Omitted,
) -> ModelPlan {
    let draft = &drafts[place];
    let model = draft.model;
    let Module { uniques, handles, setters, new_by_relations, hidden, spelling } = module;
    let column = |(id, field, scalar, ty): &(FieldId, &Field, &Scalar, ValueType)| Column {
        field: field.name.clone(),
        database_name: field.database_name().to_owned(),
        documentation: field.documentation.clone(),
        ident: names::ident(draft.base_of(*id)),
        handle: names::ident(&handles[id.index()]),
        setter: names::ident(&setters[id.index()]),
        ty: match ty {
            ValueType::Builtin { rust, column, digits } => {
                ColumnType::Builtin { rust: *rust, column, digits: *digits }
            }
            ValueType::Enum(id) => ColumnType::Enum(root.enum_ident(*id)),
        },
        is_nullable: field.arity == Arity::Optional,
        is_list: field.arity == Arity::List,
        filler: scalar.default.as_ref().map(|default| types::filler(&default.value)),
        is_updated_at: scalar.is_updated_at,
        is_omitted: omitted.contains(place, &field.name),
    };
    ModelPlan {
        name: model.name.clone(),
        schema: model.schema.clone(),
        table: model.database_name().to_owned(),
        is_view: model.is_view,
        documentation: model.documentation.clone(),
        module: names::ident(&root.modules[place]),
        row: names::ident(&root.rows[place]),
        accessor: names::ident(&root.accessors[place]),
        columns: draft.columns.iter().map(column).collect(),
        key: keys::key(draft),
        uniques,
        relations: relations::plan(root, drafts, place, relations, &handles),
        new_by_relations: relations::columns_without_keys(draft, &relations[place])
            .map(|columns| NewIn { ident: names::ident(&new_by_relations), columns }),
        writes: draft.writes,
        spelling,
        hidden,
    }
}
