//! Code completion for editors.
//!
//! The context is found from the tokens before the cursor, because the line at the cursor is usually incomplete and
//! often does not parse. Names of models, enums and fields come from the tree.

mod context;

use crate::ast::{Enum, Field, FieldType, Item, Model};
use crate::config::datasource::SETTINGS;
use crate::config::generator::ACTIVE_FEATURES;
use crate::model::{IndexAlgorithm, ReferentialAction, ScalarType};
use crate::native_type;
use crate::operator_class::Class;
use crate::parse::Parse;
use crate::resolve::default::FUNCTIONS;
use crate::span::Span;
use context::{Block, Context, Part};

/// The completions at a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completions {
    /// The prefix that is already written and that the chosen item replaces.
    pub replaces: Span,
    /// The items, best first. They are not filtered by the prefix. Empty where any name or value is allowed.
    pub items: Vec<CompletionItem>,
}

/// One completion.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CompletionItem {
    /// The kind of item, for an icon or for sorting.
    pub kind: CompletionKind,
    /// The text to insert.
    pub text: String,
}

/// The kind of a [`CompletionItem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CompletionKind {
    /// A keyword that starts a block.
    Keyword,
    /// A scalar type, a model or an enum.
    Type,
    /// An attribute, including its `@`.
    Attribute,
    /// A native type, after `@db.`.
    NativeType,
    /// The name of an argument.
    Argument,
    /// A setting of a datasource or generator.
    Setting,
    /// A function.
    Function,
    /// A field of a model.
    Field,
    /// A word or string from a fixed set.
    Value,
}

/// Returns the completions at `offset`, a byte offset into the parsed text.
pub fn completions_at(parse: &Parse, offset: u32) -> Completions {
    let context = Context::find(parse, offset);
    let mut collector = Collector { parse, items: Vec::new() };
    collector.collect(&context);
    Completions { replaces: context.replaces, items: collector.items }
}

struct Collector<'a> {
    parse: &'a Parse,
    items: Vec<CompletionItem>,
}

impl<'a> Collector<'a> {
    fn collect(&mut self, context: &Context<'a>) {
        match (&context.block, &context.part) {
            (None, Part::LineStart) => {
                self.add(CompletionKind::Keyword, ["model", "enum", "view", "datasource", "generator"]);
            }
            (Some(Block::Model(_)), Part::LineStart | Part::BlockAttribute) => {
                let names = ["@@id", "@@unique", "@@index", "@@map", "@@schema", "@@ignore"];
                self.add(CompletionKind::Attribute, names);
            }
            (Some(Block::Enum), Part::LineStart | Part::BlockAttribute) => {
                self.add(CompletionKind::Attribute, ["@@map", "@@schema"]);
            }
            (Some(Block::Enum), Part::FieldAttribute { .. }) => self.add(CompletionKind::Attribute, ["@map"]),
            (Some(Block::Model(_)), Part::Type) => self.types(),
            (Some(Block::Model(_)), Part::FieldAttribute { ty }) => self.field_attributes(ty),
            (Some(Block::Model(_)), Part::NativeType { ty }) => self.native_types(ty),
            (Some(Block::Model(model)), Part::Argument { attribute, ty, within, name }) => {
                self.argument(model, attribute, ty, within, *name);
            }
            (Some(Block::Datasource), Part::LineStart) => self.add(CompletionKind::Setting, SETTINGS),
            (Some(Block::Generator), Part::LineStart) => {
                let settings = ["provider", "output", "previewFeatures", "engineType", "binaryTargets"];
                self.add(CompletionKind::Setting, settings);
            }
            (Some(block @ (Block::Datasource | Block::Generator)), Part::Setting { name }) => {
                self.setting(block, name);
            }
            _ => {}
        }
    }

    fn add<T: Into<String>>(&mut self, kind: CompletionKind, texts: impl IntoIterator<Item = T>) {
        self.items.extend(texts.into_iter().map(|text| CompletionItem { kind, text: text.into() }));
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
        self.add(CompletionKind::Type, ScalarType::ALL.map(ScalarType::name));
        let enums: Vec<&str> = self.enums().filter_map(|item| Some(item.name()?.text)).collect();
        let models: Vec<&str> = self.models().filter_map(|model| Some(model.name()?.text)).collect();
        self.add(CompletionKind::Type, enums.into_iter().chain(models));
        self.add(CompletionKind::Type, ["Unsupported(\"\")"]);
    }

    fn field_attributes(&mut self, ty: &str) {
        if self.model(ty).is_some() {
            return self.add(CompletionKind::Attribute, ["@relation", "@ignore"]);
        }
        self.add(CompletionKind::Attribute, ["@id", "@unique", "@default"]);
        if ty == ScalarType::DateTime.name() {
            self.add(CompletionKind::Attribute, ["@updatedAt"]);
        }
        self.add(CompletionKind::Attribute, ["@map", "@ignore"]);
        if ScalarType::from_name(ty).is_some() {
            self.add(CompletionKind::Attribute, ["@db."]);
        }
    }

    fn native_types(&mut self, ty: &str) {
        let Some(scalar) = ScalarType::from_name(ty) else { return };
        let names = native_type::NAMES.into_iter().filter(|name| native_type::scalar_of(name) == scalar);
        self.add(CompletionKind::NativeType, names);
    }

    /// `within` describes the calls and lists open inside the attribute; `name` is the name of the argument, if it has one.
    fn argument(
        &mut self,
        model: &str,
        attribute: &str,
        ty: &str,
        within: &context::Within<'_>,
        name: Option<&str>,
    ) {
        if let Some(function) = within.call {
            if attribute.starts_with("@@") {
                match name {
                    Some("sort") => self.add(CompletionKind::Value, ["Asc", "Desc"]),
                    Some("ops") => self.add(CompletionKind::Value, Class::names()),
                    Some(_) => {}
                    None => self.arguments(&["sort", "ops"], within),
                }
            } else if function == "uuid" {
                self.add(CompletionKind::Value, ["4", "7"]);
            } else if function == "cuid" {
                self.add(CompletionKind::Value, ["1", "2"]);
            }
            return;
        }
        match (attribute, name, within.list) {
            ("@relation", Some("references"), true) => self.fields(ty),
            ("@relation", Some("onDelete" | "onUpdate"), false) => {
                self.add(CompletionKind::Value, ReferentialAction::ALL.map(ReferentialAction::name));
            }
            ("@relation", None, false) => {
                let names = ["fields", "references", "name", "onDelete", "onUpdate", "map"];
                self.arguments(&names, within);
            }
            ("@relation", Some("fields"), true)
            | ("@@id" | "@@unique" | "@@index", None | Some("fields"), true) => self.fields(model),
            ("@@index", Some("type"), false) => {
                self.add(CompletionKind::Value, IndexAlgorithm::ALL.map(IndexAlgorithm::name));
            }
            ("@@index", None, false) => self.arguments(&["fields", "type", "map"], within),
            ("@@id" | "@@unique", None, false) => self.arguments(&["fields", "name", "map"], within),
            ("@id" | "@unique", None, false) => self.arguments(&["map", "sort"], within),
            ("@id" | "@unique", Some("sort"), false) => self.add(CompletionKind::Value, ["Asc", "Desc"]),
            ("@default", None | Some("value"), _) => self.defaults(ty),
            _ => {}
        }
    }

    fn arguments(&mut self, names: &[&str], within: &context::Within<'_>) {
        let left = names.iter().filter(|name| !within.given.contains(name));
        self.items.extend(
            left.map(|name| CompletionItem { kind: CompletionKind::Argument, text: format!("{name}: ") }),
        );
    }

    fn fields(&mut self, model: &str) {
        let Some(model) = self.model(model) else { return };
        let is_column = |field: &Field<'_>| {
            let ty = field.ty().and_then(FieldType::name).map_or("", |name| name.text);
            self.model(ty).is_none()
        };
        let names: Vec<&str> =
            model.fields().filter(is_column).filter_map(|field| Some(field.name()?.text)).collect();
        self.add(CompletionKind::Field, names);
    }

    fn defaults(&mut self, ty: &str) {
        if let Some(item) = self.enum_(ty) {
            let values: Vec<&str> = item.values().filter_map(|value| Some(value.name()?.text)).collect();
            return self.add(CompletionKind::Value, values);
        }
        if ty == ScalarType::Boolean.name() {
            self.add(CompletionKind::Value, ["true", "false"]);
        }
        let fits = |function: &&str| match *function {
            "autoincrement" => ["Int", "BigInt"].contains(&ty),
            "now" => ty == "DateTime",
            "dbgenerated" => true,
            _ => ty == "String",
        };
        let functions = FUNCTIONS.into_iter().filter(fits).map(|name| format!("{name}()"));
        self.add(CompletionKind::Function, functions);
    }

    fn setting(&mut self, block: &Block<'_>, name: &str) {
        match (block, name) {
            (Block::Datasource, "provider") => self.add(CompletionKind::Value, ["\"postgresql\""]),
            (Block::Datasource, "relationMode") => {
                self.add(CompletionKind::Value, ["\"foreignKeys\"", "\"prisma\""]);
            }
            (Block::Datasource, "url" | "directUrl" | "shadowDatabaseUrl") => {
                self.add(CompletionKind::Function, ["env(\"\")"]);
            }
            (Block::Generator, "provider") => {
                self.add(CompletionKind::Value, ["\"nicol\"", "\"prisma-client-js\"", "\"prisma-client\""]);
            }
            (Block::Generator, "previewFeatures") => {
                self.add(CompletionKind::Value, ACTIVE_FEATURES.map(|name| format!("\"{name}\"")));
            }
            _ => {}
        }
    }
}
