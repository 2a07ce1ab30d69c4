//! What may stand at a place: for editors, which offer it.
//!
//! The text up to the place decides, token by token, since what is being written is seldom a whole line yet. What lies
//! elsewhere in the schema is looked up in the tree.

mod place;

use crate::Parse;
use crate::ast::{Enum, Field, FieldType, Item, Model};
use crate::config::datasource::SETTINGS;
use crate::config::generator::ACTIVE_FEATURES;
use crate::model::{IndexAlgorithm, ReferentialAction, ScalarType};
use crate::native_type;
use crate::operator_class::Class;
use crate::resolve::default::FUNCTIONS;
use crate::span::Span;
use place::{Block, Part, Place};

/// What may stand at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The beginning of it that is written already: it is to be replaced.
    pub replaces: Span,
    /// What may stand there, best first; not filtered by what is written already. Empty where any name may stand, or any
    /// value.
    pub candidates: Vec<Candidate>,
}

/// Something that may stand at a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// What it is.
    pub kind: CandidateKind,
    /// What is to be written.
    pub text: String,
}

/// What may stand somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CandidateKind {
    /// The beginning of a block.
    Keyword,
    /// A type of the language, a model or an enum.
    Type,
    /// An attribute, with its `@`.
    Attribute,
    /// A type of the database, after `@db.`.
    NativeType,
    /// The name of an argument.
    Argument,
    /// A setting of a datasource or generator.
    Setting,
    /// A function.
    Function,
    /// A field of a model.
    Field,
    /// A word or string out of a fixed set.
    Value,
}

/// What may stand at `offset` of the text that was parsed.
pub fn expected_at(parse: &Parse, offset: u32) -> Expected {
    let place = Place::find(parse, offset);
    let mut schema = Schema { parse, candidates: Vec::new() };
    schema.at(&place);
    Expected { replaces: place.replaces, candidates: schema.candidates }
}

struct Schema<'a> {
    parse: &'a Parse,
    candidates: Vec<Candidate>,
}

impl<'a> Schema<'a> {
    fn at(&mut self, place: &Place<'a>) {
        match (&place.block, &place.part) {
            (None, Part::LineStart) => {
                self.add(CandidateKind::Keyword, ["model", "enum", "view", "datasource", "generator"]);
            }
            (Some(Block::Model(_)), Part::LineStart | Part::BlockAttribute) => {
                let names = ["@@id", "@@unique", "@@index", "@@map", "@@schema", "@@ignore"];
                self.add(CandidateKind::Attribute, names);
            }
            (Some(Block::Enum), Part::LineStart | Part::BlockAttribute) => {
                self.add(CandidateKind::Attribute, ["@@map", "@@schema"]);
            }
            (Some(Block::Enum), Part::FieldAttribute { .. }) => self.add(CandidateKind::Attribute, ["@map"]),
            (Some(Block::Model(_)), Part::Type) => self.types(),
            (Some(Block::Model(_)), Part::FieldAttribute { ty }) => self.field_attributes(ty),
            (Some(Block::Model(_)), Part::NativeType { ty }) => self.native_types(ty),
            (Some(Block::Model(model)), Part::Argument { attribute, ty, within, name }) => {
                self.argument(model, attribute, ty, within, *name);
            }
            (Some(Block::Datasource), Part::LineStart) => self.add(CandidateKind::Setting, SETTINGS),
            (Some(Block::Generator), Part::LineStart) => {
                let settings = ["provider", "output", "previewFeatures", "engineType", "binaryTargets"];
                self.add(CandidateKind::Setting, settings);
            }
            (Some(block @ (Block::Datasource | Block::Generator)), Part::Setting { name }) => {
                self.setting(block, name);
            }
            _ => {}
        }
    }

    fn add<T: Into<String>>(&mut self, kind: CandidateKind, texts: impl IntoIterator<Item = T>) {
        self.candidates.extend(texts.into_iter().map(|text| Candidate { kind, text: text.into() }));
    }

    fn models(&self) -> impl Iterator<Item = Model<'a>> {
        self.parse.tree.file().items().filter_map(|item| match item {
            Item::Model(model) => Some(model),
            _ => None,
        })
    }

    fn enums(&self) -> impl Iterator<Item = Enum<'a>> {
        self.parse.tree.file().items().filter_map(|item| match item {
            Item::Enum(item) => Some(item),
            _ => None,
        })
    }

    fn model(&self, name: &str) -> Option<Model<'a>> {
        self.models().find(|model| model.name().is_some_and(|own| own.text == name))
    }

    fn enum_(&self, name: &str) -> Option<Enum<'a>> {
        self.enums().find(|item| item.name().is_some_and(|own| own.text == name))
    }

    fn types(&mut self) {
        self.add(CandidateKind::Type, ScalarType::ALL.map(ScalarType::name));
        let enums: Vec<&str> = self.enums().filter_map(|item| Some(item.name()?.text)).collect();
        let models: Vec<&str> = self.models().filter_map(|model| Some(model.name()?.text)).collect();
        self.add(CandidateKind::Type, enums.into_iter().chain(models));
        self.add(CandidateKind::Type, ["Unsupported(\"\")"]);
    }

    fn field_attributes(&mut self, ty: &str) {
        if self.model(ty).is_some() {
            return self.add(CandidateKind::Attribute, ["@relation", "@ignore"]);
        }
        self.add(CandidateKind::Attribute, ["@id", "@unique", "@default"]);
        if ty == ScalarType::DateTime.name() {
            self.add(CandidateKind::Attribute, ["@updatedAt"]);
        }
        self.add(CandidateKind::Attribute, ["@map", "@ignore"]);
        if ScalarType::from_name(ty).is_some() {
            self.add(CandidateKind::Attribute, ["@db."]);
        }
    }

    fn native_types(&mut self, ty: &str) {
        let Some(scalar) = ScalarType::from_name(ty) else { return };
        let names = native_type::NAMES.into_iter().filter(|name| native_type::scalar_of(name) == scalar);
        self.add(CandidateKind::NativeType, names);
    }

    /// `within` is what has been opened within the attribute; `name` is that of the argument, if it has one.
    fn argument(
        &mut self,
        model: &str,
        attribute: &str,
        ty: &str,
        within: &place::Within<'_>,
        name: Option<&str>,
    ) {
        if let Some(function) = within.call {
            if attribute.starts_with("@@") {
                match name {
                    Some("sort") => self.add(CandidateKind::Value, ["Asc", "Desc"]),
                    Some("ops") => self.add(CandidateKind::Value, Class::names()),
                    Some(_) => {}
                    None => self.arguments(&["sort", "ops"], within),
                }
            } else if function == "uuid" {
                self.add(CandidateKind::Value, ["4", "7"]);
            } else if function == "cuid" {
                self.add(CandidateKind::Value, ["1", "2"]);
            }
            return;
        }
        match (attribute, name, within.list) {
            ("@relation", Some("references"), true) => self.fields(ty),
            ("@relation", Some("onDelete" | "onUpdate"), false) => {
                self.add(CandidateKind::Value, ReferentialAction::ALL.map(ReferentialAction::name));
            }
            ("@relation", None, false) => {
                let names = ["fields", "references", "name", "onDelete", "onUpdate", "map"];
                self.arguments(&names, within);
            }
            ("@relation", Some("fields"), true)
            | ("@@id" | "@@unique" | "@@index", None | Some("fields"), true) => self.fields(model),
            ("@@index", Some("type"), false) => {
                self.add(CandidateKind::Value, IndexAlgorithm::ALL.map(IndexAlgorithm::name));
            }
            ("@@index", None, false) => self.arguments(&["fields", "type", "map"], within),
            ("@@id" | "@@unique", None, false) => self.arguments(&["fields", "name", "map"], within),
            ("@id" | "@unique", None, false) => self.arguments(&["map", "sort"], within),
            ("@id" | "@unique", Some("sort"), false) => self.add(CandidateKind::Value, ["Asc", "Desc"]),
            ("@default", None | Some("value"), _) => self.defaults(ty),
            _ => {}
        }
    }

    fn arguments(&mut self, names: &[&str], within: &place::Within<'_>) {
        let left = names.iter().filter(|name| !within.given.contains(name));
        self.candidates
            .extend(left.map(|name| Candidate { kind: CandidateKind::Argument, text: format!("{name}: ") }));
    }

    /// The fields of a model that are columns.
    fn fields(&mut self, model: &str) {
        let Some(model) = self.model(model) else { return };
        let is_column = |field: &Field<'_>| {
            let ty = field.ty().and_then(FieldType::name).map_or("", |name| name.text);
            self.model(ty).is_none()
        };
        let names: Vec<&str> =
            model.fields().filter(is_column).filter_map(|field| Some(field.name()?.text)).collect();
        self.add(CandidateKind::Field, names);
    }

    fn defaults(&mut self, ty: &str) {
        if let Some(item) = self.enum_(ty) {
            let values: Vec<&str> = item.values().filter_map(|value| Some(value.name()?.text)).collect();
            return self.add(CandidateKind::Value, values);
        }
        if ty == ScalarType::Boolean.name() {
            self.add(CandidateKind::Value, ["true", "false"]);
        }
        let fits = |function: &&str| match *function {
            "autoincrement" => ["Int", "BigInt"].contains(&ty),
            "now" => ty == "DateTime",
            "dbgenerated" => true,
            _ => ty == "String",
        };
        let functions = FUNCTIONS.into_iter().filter(fits).map(|name| format!("{name}()"));
        self.add(CandidateKind::Function, functions);
    }

    fn setting(&mut self, block: &Block<'_>, name: &str) {
        match (block, name) {
            (Block::Datasource, "provider") => self.add(CandidateKind::Value, ["\"postgresql\""]),
            (Block::Datasource, "relationMode") => {
                self.add(CandidateKind::Value, ["\"foreignKeys\"", "\"prisma\""]);
            }
            (Block::Datasource, "url" | "directUrl" | "shadowDatabaseUrl") => {
                self.add(CandidateKind::Function, ["env(\"\")"]);
            }
            (Block::Generator, "provider") => {
                self.add(CandidateKind::Value, ["\"nicol\"", "\"prisma-client-js\"", "\"prisma-client\""]);
            }
            (Block::Generator, "previewFeatures") => {
                self.add(CandidateKind::Value, ACTIVE_FEATURES.map(|name| format!("\"{name}\"")));
            }
            _ => {}
        }
    }
}
