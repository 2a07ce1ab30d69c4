//! The plan of a client: what is generated, with which names and types. All decisions are made here; `emit` only
//! follows them.

mod auth_adapter;
mod enums;
mod keys;
mod models;
mod omit;
mod relations;
mod statements;

use nicol_schema::Schema;
use nicol_schema::model::{EnumId, Model, ModelId, ReferentialAction, StringOrEnv};
use proc_macro2::Ident;

pub(crate) use auth_adapter::AuthAdapter;
pub(crate) use statements::{StatementBase, StatementColumn, StatementParam, StatementPlan, StatementType};

use crate::error::Error;
use crate::names::{self, Scope, reserved};
use crate::output::Options;
use crate::types::{Filler, RustType};

/// A client.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) models: Vec<ModelPlan>,
    pub(crate) enums: Vec<EnumPlan>,
    /// The module of the enums.
    pub(crate) enums_module: Ident,
    pub(crate) auth_adapter: Option<AuthAdapter>,
    /// Whether rows implement `Deserialize`.
    pub(crate) deserialize: bool,
    pub(crate) statements: Vec<StatementPlan>,
    /// The module of the statements.
    pub(crate) statements_module: Ident,
    /// The environment variable with the database URL.
    pub(crate) variable: String,
    /// The environment variable with the direct URL, if the schema names another one than the client reads anyway.
    pub(crate) direct_variable: Option<String>,
}

/// A model or view.
#[derive(Debug)]
pub(crate) struct ModelPlan {
    /// The name in the schema file.
    pub(crate) name: String,
    pub(crate) schema: Option<String>,
    pub(crate) table: String,
    pub(crate) is_view: bool,
    pub(crate) documentation: Option<String>,
    pub(crate) module: Ident,
    /// The struct for rows.
    pub(crate) row: Ident,
    /// The client's method.
    pub(crate) accessor: Ident,
    pub(crate) columns: Vec<Column>,
    /// The columns that identify rows; empty if there are none.
    pub(crate) key: Vec<u16>,
    pub(crate) uniques: Vec<Unique>,
    pub(crate) relations: Vec<Relation>,
    /// `New` without the keys of required relations; `None` if there are fewer than two.
    pub(crate) new_by_relations: Option<NewIn>,
    pub(crate) writes: Writes,
    pub(crate) spelling: Spelling,
    /// Types that are hidden by types of this module.
    pub(crate) hidden: Hidden,
}

/// The supported write operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writes {
    /// All of them.
    All,
    /// All except create: a required column is unknown to the client.
    Update,
    /// None: it is a view.
    Nothing,
}

/// Which names in a module are not in Rust's case.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Spelling {
    pub(crate) is_not_snake: bool,
    pub(crate) is_not_camel: bool,
}

impl Spelling {
    fn of<'a>(
        values: impl IntoIterator<Item = &'a String>,
        types: impl IntoIterator<Item = &'a String>,
    ) -> Self {
        let is_camel = |name: &str| {
            name.starts_with(|character: char| !character.is_lowercase())
                && !name.trim_matches('_').contains('_')
        };
        Self {
            is_not_snake: values.into_iter().any(|name| name.contains(char::is_uppercase)),
            is_not_camel: types.into_iter().any(|name| !is_camel(name)),
        }
    }
}

/// Types that need a full path in a module.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "a set of five names")]
pub(crate) struct Hidden {
    pub(crate) string: bool,
    pub(crate) option: bool,
    pub(crate) vec: bool,
    pub(crate) field: bool,
    pub(crate) related: bool,
}

/// A column.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own, and all are set by name")]
pub(crate) struct Column {
    /// The field's name in the schema file.
    pub(crate) field: String,
    pub(crate) database_name: String,
    pub(crate) documentation: Option<String>,
    /// The field of the struct.
    pub(crate) ident: Ident,
    pub(crate) handle: Ident,
    pub(crate) setter: Ident,
    pub(crate) ty: ColumnType,
    pub(crate) is_nullable: bool,
    pub(crate) is_list: bool,
    pub(crate) filler: Option<Filler>,
    pub(crate) is_updated_at: bool,
    /// Whether rows lack it.
    pub(crate) is_omitted: bool,
}

impl Column {
    /// Whether a row cannot be created without it.
    pub(crate) fn is_required(&self) -> bool {
        !self.is_nullable && !self.is_list && self.filler.is_none() && !self.is_updated_at
    }
}

/// The type of a column's values.
#[derive(Debug, Clone)]
pub(crate) enum ColumnType {
    Builtin { rust: RustType, column: &'static str, digits: Option<u8> },
    Enum(Ident),
}

/// A unique key.
#[derive(Debug)]
pub(crate) struct Unique {
    pub(crate) constraint: String,
    pub(crate) columns: Vec<u16>,
    /// The function `by_…`.
    pub(crate) constructor: Ident,
    /// The parameters of the function.
    pub(crate) parameters: Vec<Ident>,
}

/// One side of a relation.
#[derive(Debug)]
pub(crate) struct Relation {
    /// The field's name in the schema file.
    pub(crate) field: String,
    pub(crate) documentation: Option<String>,
    /// The model on the other side, as an index into [`Client::models`].
    pub(crate) target: usize,
    pub(crate) join: Join,
    pub(crate) cardinality: Cardinality,
    pub(crate) is_indexed: bool,
    /// What the client has to do with the rows that hold the key (`relationMode = "prisma"`): on delete, on update.
    pub(crate) actions: Option<(ReferentialAction, ReferentialAction)>,
    /// The marker type of the relation.
    pub(crate) marker: Ident,
    pub(crate) handle: Ident,
    /// The method that returns the loaded rows.
    pub(crate) accessor: Ident,
    /// The method that consumes the row and returns the loaded rows.
    pub(crate) into_accessor: Ident,
    /// The method that takes the loaded rows out of the row, if the relation is optional.
    pub(crate) take_accessor: Option<Ident>,
    /// The method that returns the number of rows.
    pub(crate) count_accessor: Option<Ident>,
    /// How a row of this model is created through this relation.
    pub(crate) child: Option<Child>,
    /// The type of a row of the target that is created through the relation, in the target's module.
    pub(crate) created: Option<Ident>,
}

impl Relation {
    /// Whether a row cannot be created without its key.
    pub(crate) fn is_required_to_create(&self) -> bool {
        self.cardinality == Cardinality::One
            && self.child.as_ref().is_some_and(|child| child.new_in.is_some())
    }
}

/// How rows are joined.
#[derive(Debug, Clone)]
pub(crate) enum Join {
    Columns { here: Vec<u16>, there: Vec<u16>, is_owned: bool },
    Table { schema: Option<String>, table: String, here: &'static str, there: &'static str },
}

/// The number of rows on the other side: a type in `nicol::__private`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cardinality {
    One,
    Optional,
    Many,
}

/// A row that is created below a parent.
#[derive(Debug)]
pub(crate) struct Child {
    /// `New` without the key; `None` if `New` has no column of the key.
    pub(crate) new_in: Option<NewIn>,
    /// The type of a row to create below a parent.
    pub(crate) create_in: Ident,
    /// The function that constructs it.
    pub(crate) create_in_function: Ident,
}

/// The struct `NewIn…` or `NewByRelations`.
#[derive(Debug)]
pub(crate) struct NewIn {
    pub(crate) ident: Ident,
    /// The columns.
    pub(crate) columns: Vec<u16>,
}

/// An enum.
#[derive(Debug)]
pub(crate) struct EnumPlan {
    /// The name in the schema file.
    pub(crate) name: String,
    pub(crate) schema: Option<String>,
    pub(crate) database_name: String,
    pub(crate) documentation: Option<String>,
    pub(crate) ident: Ident,
    pub(crate) values: Vec<EnumValue>,
    pub(crate) spelling: Spelling,
}

/// A value of an enum.
#[derive(Debug)]
pub(crate) struct EnumValue {
    pub(crate) name: String,
    pub(crate) database_name: String,
    pub(crate) documentation: Option<String>,
    pub(crate) ident: Ident,
}

/// The names in the root module, and the models and enums they are for.
struct Root<'a> {
    schema: &'a Schema,
    /// Models that are not ignored, in source order.
    models: Vec<(ModelId, &'a Model)>,
    rows: Vec<String>,
    modules: Vec<String>,
    accessors: Vec<String>,
    enums: Vec<String>,
    enums_module: String,
    auth_adapter_module: String,
    statements_module: String,
}

impl<'a> Root<'a> {
    fn new(schema: &'a Schema) -> Self {
        let models: Vec<_> = schema.models().filter(|(_, model)| !model.is_ignored).collect();
        let model_names = || models.iter().map(|(_, model)| model.name.as_str());
        let enum_names = schema.enums.iter().map(|enumeration| enumeration.name.as_str());

        let mut types = Scope::with(&[reserved::ROOT_TYPES, reserved::MODEL_TYPES, reserved::PRIMITIVES]);
        let mut rows = types.take_all(&names::convert(model_names().chain(enum_names), names::type_case));
        let enums = rows.split_off(models.len());

        // Modules and types share a namespace.
        let mut modules = Scope::with(&[reserved::ROOT_TYPES, reserved::ROOT_MODULES, reserved::PRIMITIVES]);
        modules.take_all(&rows);
        modules.take_all(&enums);
        let spelled = names::convert(model_names(), names::snake_case);
        let module_names = modules.take_all(&spelled);
        let enums_module = modules.take("enums".to_owned());
        let auth_adapter_module = modules.take("auth_adapter".to_owned());
        let statements_module = modules.take("sql".to_owned());

        let accessors = Scope::with(&[reserved::CLIENT_METHODS]).take_all(&spelled);
        Self {
            schema,
            models,
            rows,
            modules: module_names,
            accessors,
            enums,
            enums_module,
            auth_adapter_module,
            statements_module,
        }
    }

    /// Returns the index of a model among the generated ones.
    fn place(&self, id: ModelId) -> Option<usize> {
        self.models.iter().position(|(model, _)| *model == id)
    }

    /// Returns the Rust enum of an enum of the schema file.
    fn enum_named(&self, name: &str) -> Option<Ident> {
        let index = self.schema.enums.iter().position(|item| item.name == name)?;
        Some(names::ident(&self.enums[index]))
    }

    fn enum_ident(&self, id: EnumId) -> Ident {
        names::ident(&self.enums[id.index()])
    }
}

/// Plans the client of a schema.
pub(crate) fn plan(schema: &Schema, options: &Options) -> Result<Client, Error> {
    let root = Root::new(schema);
    let drafts = root.models.iter().map(|(_, model)| models::Draft::new(model));
    let drafts = drafts.collect::<Result<Vec<_>, _>>()?;
    let omitted = omit::plan(schema, &root, &drafts)?;
    let (modules, relations): (Vec<_>, Vec<_>) =
        (0..drafts.len()).map(|place| models::names(&root, &drafts, place)).unzip();
    let models = modules.into_iter().enumerate();
    let models =
        models.map(|(place, module)| models::plan(&root, &drafts, place, module, &relations, &omitted));
    let models: Vec<_> = models.collect();
    let auth_adapter =
        options.auth_adapter.then(|| auth_adapter::plan(&models, names::ident(&root.auth_adapter_module)));
    let variable = match schema.datasource.as_ref().and_then(|it| it.url.as_ref()) {
        Some(StringOrEnv::Env(variable)) => variable.clone(),
        _ => "DATABASE_URL".to_owned(),
    };
    Ok(Client {
        auth_adapter: auth_adapter.transpose()?,
        deserialize: options.deserialize,
        statements: statements::plan(&root, &options.statements)?,
        statements_module: names::ident(&root.statements_module),
        models,
        enums: schema.enums.iter().zip(&root.enums).map(|(item, ident)| enums::plan(item, ident)).collect(),
        enums_module: names::ident(&root.enums_module),
        direct_variable: match schema.datasource.as_ref().and_then(|it| it.direct_url.as_ref()) {
            Some(StringOrEnv::Env(direct)) if *direct != format!("{variable}_UNPOOLED") => {
                Some(direct.clone())
            }
            _ => None,
        },
        variable,
    })
}
