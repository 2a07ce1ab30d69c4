//! Prisma's DMMF: the data model, and the types of arguments and answers, for generators.
//!
//! Types are listed in the order in which Prisma first comes across them: breadth first, from the actions.
//!
//! Source: prisma-engines 6.19, `query-compiler/dmmf/src/ast_builders`.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet, VecDeque};

use nicol_schema::model::{Arity, ModelId, ScalarType};
use serde::Serialize;
use serde_json::value::RawValue;

use super::action::Action;
use super::model::Relation;
use super::output::{self, Output, OutputField, OutputType, Selectable};
use super::types::{Aggregate, Enum, InputField, Item, Object, Type, Value, ValueKind};
use crate::schema::Schema;

const QUERIES: [Action; 7] = [
    Action::FindFirst,
    Action::FindFirstOrThrow,
    Action::FindMany,
    Action::Aggregate,
    Action::GroupBy,
    Action::FindUnique,
    Action::FindUniqueOrThrow,
];

const MUTATIONS: [Action; 9] = [
    Action::CreateOne,
    Action::UpsertOne,
    Action::CreateMany,
    Action::CreateManyAndReturn,
    Action::DeleteOne,
    Action::UpdateOne,
    Action::UpdateMany,
    Action::UpdateManyAndReturn,
    Action::DeleteMany,
];

/// Returns Prisma's DMMF of a schema as compact JSON: `{"datamodel", "schema", "mappings"}`.
///
/// The metadata of the schema is kept for as long as the program runs.
pub fn dmmf(schema: &nicol_schema::Schema) -> String {
    let datamodel = RawValue::from_string(schema.to_dmmf());
    let schema = Schema::new(schema.clone());
    let mut writer = Writer::new(&schema);
    let mappings = writer.roots();
    writer.everything();
    let document = Document { datamodel: datamodel.ok(), schema: writer.types, mappings };
    serde_json::to_string(&document).unwrap_or_default()
}

#[derive(Serialize)]
struct Document<'a> {
    datamodel: Option<Box<RawValue>>,
    schema: Types<'a>,
    mappings: Mappings<'a>,
}

#[derive(Serialize, Default)]
struct Types<'a> {
    #[serde(rename = "inputObjectTypes")]
    inputs: Namespaces<InputObject<'a>>,
    #[serde(rename = "outputObjectTypes")]
    outputs: Namespaces<OutputObject<'a>>,
    #[serde(rename = "enumTypes")]
    enums: Namespaces<EnumDescription<'a>>,
    #[serde(rename = "fieldRefTypes")]
    field_refs: Namespaces<FieldRef<'a>>,
}

/// The types of Prisma, and those of the schema file.
#[derive(Serialize)]
struct Namespaces<T> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    prisma: Vec<T>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    model: Vec<T>,
}

impl<T> Default for Namespaces<T> {
    fn default() -> Self {
        Self { prisma: Vec::new(), model: Vec::new() }
    }
}

#[derive(Serialize)]
struct InputObject<'a> {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta<'a>>,
    constraints: Limits<'a>,
    fields: Vec<Input<'a>>,
}

#[derive(Serialize)]
struct Meta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    grouping: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Limits<'a> {
    max_num_fields: Option<usize>,
    min_num_fields: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<Cow<'a, str>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Input<'a> {
    name: Cow<'a, str>,
    is_required: bool,
    is_nullable: bool,
    #[serde(rename = "inputTypes")]
    types: Vec<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requires_other_fields: Option<[&'static str; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    #[serde(rename = "type")]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'static str>,
    location: &'static str,
    is_list: bool,
}

#[derive(Serialize)]
struct OutputObject<'a> {
    name: String,
    fields: Vec<Answer<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    name: Cow<'a, str>,
    args: Vec<Input<'a>>,
    is_nullable: bool,
    output_type: Reference,
}

#[derive(Serialize)]
struct EnumDescription<'a> {
    name: String,
    values: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FieldRef<'a> {
    name: String,
    allow_types: [Reference; 1],
    fields: Vec<Input<'a>>,
}

#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Mappings<'a> {
    model_operations: Vec<Operations<'a>>,
    other_operations: OtherOperations,
}

#[derive(Serialize)]
struct Operations<'a> {
    model: &'a str,
    #[serde(flatten)]
    actions: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct OtherOperations {
    read: [&'static str; 0],
    write: [&'static str; 2],
}

impl Default for OtherOperations {
    fn default() -> Self {
        Self { read: [], write: ["executeRaw", "queryRaw"] }
    }
}

/// A type that has been referred to and not yet been written.
enum Pending {
    /// With the model whose type refers to it.
    Input(Object, Option<ModelId>),
    Output(Output),
    Enum(Enum),
}

struct Writer<'a> {
    schema: &'a Schema,
    types: Types<'a>,
    pending: VecDeque<Pending>,
    /// The names of the types that have been written, or are pending.
    seen: HashSet<String>,
}

impl<'a> Writer<'a> {
    fn new(schema: &'a Schema) -> Self {
        Self { schema, types: Types::default(), pending: VecDeque::new(), seen: HashSet::new() }
    }

    /// Writes the actions of all models.
    fn roots(&mut self) -> Mappings<'a> {
        let values = vec!["ReadUncommitted", "ReadCommitted", "RepeatableRead", "Serializable"];
        let isolation = EnumDescription { name: "TransactionIsolationLevel".to_owned(), values };
        self.types.enums.prisma.push(isolation);
        let mut mappings = Mappings::default();
        let queries = self.root("Query", &QUERIES, &mut mappings);
        let mut mutations = self.root("Mutation", &MUTATIONS, &mut mappings);
        mutations.fields.extend(["executeRaw", "queryRaw"].map(|name| self.raw(name)));
        self.types.outputs.prisma.extend([queries, mutations]);
        mappings
    }

    fn root(&mut self, name: &str, actions: &[Action], mappings: &mut Mappings<'a>) -> OutputObject<'a> {
        let schema = self.schema;
        let mut fields = Vec::new();
        for (id, model) in schema.source.models() {
            for action in actions.iter().filter(|action| action.exists(schema, id)) {
                let name = action.field_name(&model.name);
                let operations = &mut mappings.model_operations;
                let index = operations.iter().position(|known| known.model == model.name);
                let index = index.unwrap_or_else(|| {
                    operations.push(Operations { model: &model.name, actions: BTreeMap::new() });
                    operations.len() - 1
                });
                operations[index].actions.insert(action.name(), name.clone());
                fields.push(self.action(name, *action, id));
            }
        }
        OutputObject { name: name.to_owned(), fields }
    }

    fn action(&mut self, name: String, action: Action, model: ModelId) -> Answer<'a> {
        let args = self.inputs(output::arguments(self.schema, action, model), Some(model));
        let is_list = matches!(
            action,
            Action::FindMany | Action::GroupBy | Action::CreateManyAndReturn | Action::UpdateManyAndReturn
        );
        let is_nullable = matches!(
            action,
            Action::FindUnique
                | Action::FindUniqueOrThrow
                | Action::FindFirst
                | Action::FindFirstOrThrow
                | Action::DeleteOne
                | Action::UpdateOne
        );
        let output_type = self.output(super::output(action, model), is_list);
        Answer { name: name.into(), args, is_nullable, output_type }
    }

    /// Describes SQL of the application.
    fn raw(&mut self, name: &'static str) -> Answer<'a> {
        let json = Type::scalar(ScalarType::Json);
        let arguments =
            vec![InputField::new("query", [Type::STRING]).required(), InputField::new("parameters", [json])];
        let args = self.inputs(arguments, None);
        Answer { name: name.into(), args, is_nullable: false, output_type: self.reference(json, None) }
    }

    /// Writes all pending types, and those that they refer to.
    fn everything(&mut self) {
        while let Some(pending) = self.pending.pop_front() {
            match pending {
                Pending::Input(Object::FieldRef(value), _) => self.write_field_ref(value),
                Pending::Input(object, parent) => self.write_input(object, parent),
                Pending::Output(output) => self.write_output(output),
                Pending::Enum(item) => {
                    let (name, values) = (item.name(self.schema), item.values(self.schema));
                    let namespaces = &mut self.types.enums;
                    let namespace = match item {
                        Enum::Schema(_) => &mut namespaces.model,
                        _ => &mut namespaces.prisma,
                    };
                    namespace.push(EnumDescription { name, values });
                }
            }
        }
    }

    fn write_input(&mut self, object: Object, parent: Option<ModelId>) {
        let schema = self.schema;
        let model = model_of(schema, object);
        let grouping = if matches!(object, Object::ListFilter(_)) { parent } else { model };
        let is_condition =
            matches!(object, Object::Where(_) | Object::ScalarWhere { .. } | Object::WhereUnique(_));
        let meta = grouping.map(|model| {
            let grouping = &*schema.source.model(model).name;
            Meta { source: is_condition.then_some(grouping), grouping }
        });
        let limits = object.constraints(schema);
        let constraints =
            Limits { max_num_fields: limits.max, min_num_fields: limits.min, fields: limits.fields };
        let fields = self.inputs(object.fields(schema), model);
        let written = InputObject { name: object.name(schema), meta, constraints, fields };
        self.types.inputs.prisma.push(written);
    }

    fn write_field_ref(&mut self, value: Value) {
        let object = Object::FieldRef(value);
        let fields = self.inputs(object.fields(self.schema), None);
        let ty = match value.of {
            ValueKind::Column(kind) => kind.into(),
            ValueKind::QueryMode => Type::enumeration(Enum::QueryMode),
        };
        let allow_types = [self.reference(Type { list: value.list, ..ty }, None)];
        let written = FieldRef { name: object.name(self.schema), allow_types, fields };
        self.types.field_refs.prisma.push(written);
    }

    fn write_output(&mut self, output: Output) {
        let fields = output.fields(self.schema);
        let fields = fields.into_iter().map(|field| self.answer(output, field)).collect();
        let written = OutputObject { name: output.name(self.schema), fields };
        let namespaces = &mut self.types.outputs;
        if is_of_model(output) { &mut namespaces.model } else { &mut namespaces.prisma }.push(written);
    }

    fn answer(&mut self, of: Output, field: OutputField<'a>) -> Answer<'a> {
        let is_nullable = is_nullable(self.schema, of, &field);
        let args = self.inputs(field.arguments, None);
        let output_type = match field.ty {
            OutputType::Object(output) => self.output(output, field.list),
            OutputType::Scalar(kind) => self.reference(Type { list: field.list, ..kind.into() }, None),
        };
        Answer { name: field.name, args, is_nullable, output_type }
    }

    fn inputs(&mut self, fields: Vec<InputField<'a>>, parent: Option<ModelId>) -> Vec<Input<'a>> {
        let input = |field: InputField<'a>| Input {
            name: field.name,
            is_required: field.required,
            is_nullable: field.types.contains(&Type::NULL),
            types: field.types.into_iter().map(|ty| self.reference(ty, parent)).collect(),
            requires_other_fields: field.requires.map(|name| [name]),
        };
        fields.into_iter().map(input).collect()
    }

    fn output(&mut self, output: Output, is_list: bool) -> Reference {
        let name = output.name(self.schema);
        if self.seen.insert(format!("output {name}")) {
            self.pending.push_back(Pending::Output(output));
        }
        let namespace = Some(if is_of_model(output) { "model" } else { "prisma" });
        Reference { name, namespace, location: "outputObjectTypes", is_list }
    }

    fn reference(&mut self, ty: Type, parent: Option<ModelId>) -> Reference {
        let name = Type { list: false, ..ty }.name(self.schema);
        let (location, namespace) = match ty.item {
            Item::Null | Item::Scalar(_) => ("scalar", None),
            Item::Enum(Enum::Schema(_)) => ("enumTypes", Some("model")),
            Item::Enum(_) => ("enumTypes", Some("prisma")),
            Item::Object(Object::FieldRef(_)) => ("fieldRefTypes", Some("prisma")),
            Item::Object(_) => ("inputObjectTypes", Some("prisma")),
        };
        let pending = match ty.item {
            Item::Object(object) => Some(Pending::Input(object, parent)),
            Item::Enum(item) => Some(Pending::Enum(item)),
            Item::Null | Item::Scalar(_) => None,
        };
        if let Some(pending) = pending
            && self.seen.insert(format!("{location} {} {name}", namespace.unwrap_or_default()))
        {
            self.pending.push_back(pending);
        }
        Reference { name, namespace, location, is_list: ty.list }
    }
}

fn is_of_model(output: Output) -> bool {
    matches!(output, Output::Row(_) | Output::WrittenRow(..))
}

fn is_nullable(schema: &Schema, of: Output, field: &OutputField<'_>) -> bool {
    let is_optional = |model: ModelId, id| schema.source.model(model).field(id).arity != Arity::Required;
    match (of, field.what) {
        (Output::Aggregate(_, kind), _) => kind != Aggregate::Count,
        (
            Output::Row(model) | Output::WrittenRow(model, _) | Output::Group(model),
            Selectable::Column(id),
        ) => is_optional(model, id),
        (_, Selectable::Relation(Relation { model, field })) => is_optional(model, field),
        (_, what) => matches!(what, Selectable::Aggregate(_)),
    }
}

/// Returns the model that a type is about.
fn model_of(schema: &Schema, object: Object) -> Option<ModelId> {
    Some(match object {
        Object::Where(model)
        | Object::ScalarWhere { model, .. }
        | Object::WhereUnique(model)
        | Object::Compound(model, _)
        | Object::ManyFilter(model)
        | Object::OneFilter { model, .. }
        | Object::OrderBy { model, .. }
        | Object::OrderByAggregate(model, _)
        | Object::OrderByCount(model)
        | Object::Relevance(model)
        | Object::CreateMany { model, .. }
        | Object::CreateList(model, _)
        | Object::UpdateList(model, _)
        | Object::Change(model, _) => model,
        Object::Create(data) | Object::Update(data) | Object::UpdateMany(data) => data.model,
        Object::NestedCreate { relation, .. }
        | Object::NestedUpdate { relation, .. }
        | Object::ConnectOrCreate(relation)
        | Object::NestedCreateMany(relation)
        | Object::NestedUpsert(relation)
        | Object::UpdateWhere(relation)
        | Object::UpdateManyWhere(relation) => relation.end(schema).model,
        Object::Filter(_) | Object::ListFilter(_) | Object::FieldRef(_) | Object::SortNulls => return None,
    })
}
