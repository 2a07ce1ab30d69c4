//! Compares the types of arguments and answers with those of Prisma.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use nicol_schema::model::ModelId;
use serde_json::Value;

use super::super::action::Action;
use super::super::output::{self, Output};
use super::super::types::{InputField, Item, Object};
use crate::schema::Schema;

const ACTIONS: [&str; 16] = [
    "findUnique",
    "findUniqueOrThrow",
    "findFirst",
    "findFirstOrThrow",
    "findMany",
    "createOne",
    "createMany",
    "createManyAndReturn",
    "updateOne",
    "updateMany",
    "updateManyAndReturn",
    "upsertOne",
    "deleteOne",
    "deleteMany",
    "aggregate",
    "groupBy",
];

#[test]
fn types_are_those_of_prisma() {
    for (name, text) in [
        ("all.prisma", include_str!("schemas/all.prisma")),
        ("plain.prisma", include_str!("schemas/plain.prisma")),
    ] {
        let differences = differences(text);
        assert!(differences.is_empty(), "{name}:\n{}", differences.join("\n"));
    }
}

fn differences(text: &str) -> Vec<String> {
    let source = nicol_schema::validate(text).schema.expect("the schema is valid");
    let schema = Schema::new(source);
    let mut comparison =
        Comparison { schema: &schema, dmmf: types(text), seen: BTreeSet::new(), found: Vec::new() };
    comparison.run();
    comparison.found
}

/// Returns the types as Prisma has them.
fn types(schema: &str) -> Value {
    let mut document: Value = serde_json::from_str(&dmmf(schema)).expect("it prints JSON");
    document["schema"].take()
}

/// The whole document, byte for byte: the order of types as well.
#[test]
fn the_document_for_generators_is_that_of_prisma() {
    for (name, text) in [
        ("all.prisma", include_str!("schemas/all.prisma")),
        ("plain.prisma", include_str!("schemas/plain.prisma")),
    ] {
        let schema = nicol_schema::validate(text).schema.expect("the schema is valid");
        let (ours, theirs) = (crate::dmmf(&schema), dmmf(text));
        let equal = ours.bytes().zip(theirs.bytes()).take_while(|(ours, theirs)| ours == theirs).count();
        let around = |text: &str| {
            let part = text.get(equal.saturating_sub(200)..(equal + 200).min(text.len()));
            part.unwrap_or_default().to_owned()
        };
        assert!(ours == theirs, "{name}:\n{}\ninstead of\n{}", around(&ours), around(&theirs));
    }
}

/// Returns Prisma's document for generators.
fn dmmf(schema: &str) -> String {
    let reference = testkit::reference();
    let mut child = Command::new("node")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../reference/dmmf.mjs"))
        .env("NICOL_REFERENCE_DIR", reference.parent().expect("it is in a folder"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node runs");
    let mut input = child.stdin.take().expect("it is piped");
    input.write_all(schema.as_bytes()).expect("it reads the schema");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    String::from_utf8(output.stdout).expect("it prints JSON")
}

struct Comparison<'a> {
    schema: &'a Schema,
    dmmf: Value,
    /// The names of the types that have been compared.
    seen: BTreeSet<String>,
    found: Vec<String>,
}

impl Comparison<'_> {
    fn run(&mut self) {
        let actions = ["Query", "Mutation"].map(|name| self.dmmf_output(name));
        for (model, source) in self.schema.source.models() {
            for name in ACTIONS {
                let action = Action::named(name).expect("it is an action");
                let field = action.field_name(&source.name);
                let theirs = actions.iter().find_map(|fields| named(fields, &field).cloned());
                match (action.exists(self.schema, model), theirs) {
                    (true, Some(theirs)) => self.action(action, model, &field, &theirs),
                    (true, None) => self.found.push(format!("`{field}` is not an action of Prisma")),
                    (false, Some(_)) => self.found.push(format!("`{field}` is missing")),
                    (false, None) => {}
                }
            }
        }
        let all = self.dmmf["inputObjectTypes"]["prisma"].as_array().cloned().unwrap_or_default();
        for name in all.iter().filter_map(|ty| ty["name"].as_str()) {
            if !self.seen.contains(name) {
                self.found.push(format!("`{name}` is missing"));
            }
        }
    }

    fn action(&mut self, action: Action, model: ModelId, name: &str, theirs: &Value) {
        let ours = output::arguments(self.schema, action, model);
        self.fields(name, &ours, &theirs["args"]);
        self.output(super::super::output(action, model));
    }

    fn output(&mut self, output: Output) {
        let name = output.name(self.schema);
        if !self.seen.insert(format!("-> {name}")) {
            return;
        }
        let ours = output.fields(self.schema);
        let theirs = self.dmmf_output(&name);
        let described: Vec<String> = ours
            .iter()
            .map(|field| field.describe(self.schema))
            .map(|field| format!("{} {}", field["name"], field["typeName"]))
            .collect();
        let theirs_described: Vec<String> = theirs
            .as_array()
            .into_iter()
            .flatten()
            .map(|field| format!("{} \"{}\"", field["name"], type_name(&field["outputType"])))
            .collect();
        if described != theirs_described {
            self.found.push(format!("-> {name}:\n  {described:?}\n  {theirs_described:?}"));
        }
        for field in &ours {
            if let Some(theirs) = named(&theirs, &field.name) {
                self.fields(&format!("{name}.{}", field.name), &field.arguments, &theirs["args"].clone());
            }
            if let Some(output) = field.object() {
                self.output(output);
            }
        }
    }

    fn object(&mut self, object: Object) {
        let name = object.name(self.schema);
        if !self.seen.insert(name.clone()) {
            return;
        }
        let Some(theirs) = self.dmmf_input(&name) else {
            return self.found.push(format!("`{name}` is not a type of Prisma"));
        };
        self.fields(&name, &object.fields(self.schema), &theirs["fields"]);
        let ours = object.constraints(self.schema);
        let ours = format!("{:?} {:?} {:?}", ours.min, ours.max, ours.fields);
        let theirs = &theirs["constraints"];
        let number = |name: &str| theirs[name].as_u64();
        let fields = theirs["fields"]
            .as_array()
            .map(|fields| fields.iter().filter_map(Value::as_str).collect::<Vec<_>>());
        let theirs = format!("{:?} {:?} {fields:?}", number("minNumFields"), number("maxNumFields"));
        if ours != theirs {
            self.found.push(format!("{name}: {ours} instead of {theirs}"));
        }
    }

    fn fields(&mut self, name: &str, ours: &[InputField<'_>], theirs: &Value) {
        let described: Vec<String> = ours.iter().map(|field| self.describe(field)).collect();
        let theirs: Vec<String> = theirs.as_array().into_iter().flatten().map(describe).collect();
        for (ours, theirs) in described.iter().zip(&theirs) {
            if ours != theirs {
                self.found.push(format!("{name}: `{ours}` instead of `{theirs}`"));
            }
        }
        if described.len() != theirs.len() {
            self.found.push(format!("{name}:\n  {described:?}\n  {theirs:?}"));
        }
        for ty in ours.iter().flat_map(|field| &field.types) {
            if let Item::Object(object) = ty.item
                && !matches!(object, Object::FieldRef(_))
            {
                self.object(object);
            }
        }
    }

    fn describe(&self, field: &InputField<'_>) -> String {
        let mut names: Vec<String> = field.types.iter().map(|ty| ty.name(self.schema)).collect();
        names.sort();
        let requires: Vec<&str> = field.requires.into_iter().collect();
        format!("{} {names:?} {} {requires:?}", field.name, field.required)
    }

    fn dmmf_output(&self, name: &str) -> Value {
        let namespaces = ["prisma", "model"].map(|name| &self.dmmf["outputObjectTypes"][name]);
        namespaces
            .into_iter()
            .find_map(|types| named(types, name))
            .map_or(Value::Null, |ty| ty["fields"].clone())
    }

    fn dmmf_input(&self, name: &str) -> Option<Value> {
        let namespaces = ["prisma", "model"].map(|name| &self.dmmf["inputObjectTypes"][name]);
        namespaces.into_iter().find_map(|types| named(types, name)).cloned()
    }
}

fn named<'a>(items: &'a Value, name: &str) -> Option<&'a Value> {
    items.as_array()?.iter().find(|item| item["name"] == name)
}

fn describe(field: &Value) -> String {
    let mut names: Vec<String> =
        field["inputTypes"].as_array().into_iter().flatten().map(type_name).collect();
    names.sort();
    let requires: Vec<&str> =
        field["requiresOtherFields"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let name = field["name"].as_str().unwrap_or_default();
    format!("{name} {names:?} {} {requires:?}", field["isRequired"])
}

fn type_name(ty: &Value) -> String {
    let name = ty["type"].as_str().unwrap_or_default();
    if ty["isList"] == true { format!("{name}[]") } else { name.to_owned() }
}
