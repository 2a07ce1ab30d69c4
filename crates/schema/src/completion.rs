//! Code completion for editors.
//!
//! The context is found from the tokens before the cursor, because the line at the cursor is usually incomplete and
//! often does not parse. Names of models, enums and fields come from the tree.

mod context;

use crate::ast::{Config, Enum, Field, FieldType, Item, Model};
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
    /// What is already written and the chosen item replaces: the word before the position, or the string around it.
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
    let mut collector = Collector { parse, offset, items: Vec::new() };
    collector.collect(&context);
    Completions { replaces: context.replaces, items: collector.items }
}

struct Collector<'a> {
    parse: &'a Parse,
    offset: u32,
    items: Vec<CompletionItem>,
}

impl<'a> Collector<'a> {
    fn collect(&mut self, context: &Context<'a>) {
        match (&context.block, &context.part) {
            (None, Part::LineStart) => {
                self.add(CompletionKind::Keyword, ["model", "enum", "view", "datasource", "generator"]);
            }
            (Some(Block::Model(model)), Part::LineStart | Part::BlockAttribute) => {
                let names = ["@@id", "@@unique", "@@index", "@@map", "@@schema", "@@ignore"];
                let has_key = self.has_key(model);
                self.add(
                    CompletionKind::Attribute,
                    names.into_iter().filter(|name| !has_key || *name != "@@id"),
                );
            }
            (Some(Block::Enum), Part::LineStart | Part::BlockAttribute) => {
                self.add(CompletionKind::Attribute, ["@@map", "@@schema"]);
            }
            (Some(Block::Enum), Part::FieldAttribute { .. }) => self.add(CompletionKind::Attribute, ["@map"]),
            (Some(Block::Model(_)), Part::Type) => self.types(),
            (Some(Block::Model(model)), Part::FieldAttribute { ty }) => self.field_attributes(model, ty),
            (Some(Block::Model(_)), Part::NativeType { ty }) => self.native_types(ty),
            (Some(Block::Model(model)), Part::Argument { attribute, ty, within, name }) => {
                self.argument(model, attribute, ty, within, *name);
            }
            (Some(Block::Datasource), Part::LineStart) => self.settings(&SETTINGS),
            (Some(Block::Generator), Part::LineStart) => {
                self.settings(&["provider", "output", "previewFeatures", "engineType", "binaryTargets"]);
            }
            (_, Part::Variable) => self.add(CompletionKind::Value, ["\"DATABASE_URL\""]),
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

    /// Adds the settings that the block at the position does not have.
    fn settings(&mut self, names: &[&'static str]) {
        let block = self.parse.tree.file().items().find_map(|item| match item {
            Item::Config(block) if block.span().start <= self.offset && self.offset <= block.span().end => {
                Some(block)
            }
            _ => None,
        });
        let given: Vec<&str> =
            block.into_iter().flat_map(Config::properties).filter_map(|it| Some(it.name()?.text)).collect();
        self.add(CompletionKind::Setting, names.iter().copied().filter(|name| !given.contains(name)));
    }

    /// Whether a model has `@id` or `@@id`.
    fn has_key(&self, name: &str) -> bool {
        self.model(name).is_some_and(|model| {
            let of_fields = model.fields().flat_map(Field::attributes);
            of_fields.chain(model.attributes()).any(|it| it.name().is_some_and(|name| name.text == "id"))
        })
    }

    fn types(&mut self) {
        self.add(CompletionKind::Type, ScalarType::ALL.map(ScalarType::name));
        let enums: Vec<&str> = self.enums().filter_map(|item| Some(item.name()?.text)).collect();
        let models: Vec<&str> = self.models().filter_map(|model| Some(model.name()?.text)).collect();
        self.add(CompletionKind::Type, enums.into_iter().chain(models));
        self.add(CompletionKind::Type, ["Unsupported(\"\")"]);
    }

    fn field_attributes(&mut self, model: &str, ty: &str) {
        if self.model(ty).is_some() {
            return self.add(CompletionKind::Attribute, ["@relation", "@ignore"]);
        }
        if !self.has_key(model) {
            self.add(CompletionKind::Attribute, ["@id"]);
        }
        self.add(CompletionKind::Attribute, ["@unique", "@default"]);
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
        for name in native_type::NAMES.into_iter().filter(|name| native_type::scalar_of(name) == scalar) {
            self.add(CompletionKind::NativeType, [name]);
            if native_type::max_arguments(name).is_some_and(|max| max > 0) {
                self.add(CompletionKind::NativeType, [format!("{name}()")]);
            }
        }
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
                    Some("ops") => {
                        self.add(CompletionKind::Value, Class::names());
                        self.add(CompletionKind::Function, ["raw(\"\")"]);
                    }
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
                if !within.given.contains(&"name") {
                    self.add(CompletionKind::Value, ["\"\""]);
                }
            }
            ("@relation", Some("fields"), true)
            | ("@@id" | "@@unique" | "@@index", None | Some("fields"), true) => self.fields(model),
            ("@@index", Some("type"), false) => {
                self.add(CompletionKind::Value, IndexAlgorithm::ALL.map(IndexAlgorithm::name));
            }
            ("@@index", None, false) => self.arguments(&["fields", "type", "map"], within),
            ("@@id" | "@@unique", None, false) => self.arguments(&["fields", "name", "map"], within),
            ("@id", None, false) => self.arguments(&["map"], within),
            ("@unique", None, false) => self.arguments(&["map", "sort"], within),
            ("@unique", Some("sort"), false) => self.add(CompletionKind::Value, ["Asc", "Desc"]),
            ("@default", None | Some("value"), _) => self.defaults(ty, within),
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

    fn defaults(&mut self, ty: &str, within: &context::Within<'_>) {
        let is_list = within.is_list_type;
        if is_list && !within.list {
            self.add(CompletionKind::Value, ["[]"]);
        }
        if let Some(item) = self.enum_(ty) {
            let values: Vec<&str> = item.values().filter_map(|value| Some(value.name()?.text)).collect();
            self.add(CompletionKind::Value, values);
            if !within.list {
                self.add(CompletionKind::Function, ["dbgenerated(\"\")"]);
            }
            return;
        }
        if ty == ScalarType::Boolean.name() {
            self.add(CompletionKind::Value, ["true", "false"]);
        }
        let fits = |function: &&str| match *function {
            "dbgenerated" => !within.list,
            _ if is_list => false,
            "autoincrement" => ["Int", "BigInt"].contains(&ty),
            "now" => ty == "DateTime",
            _ => ty == "String",
        };
        let call = |name| if name == "dbgenerated" { format!("{name}(\"\")") } else { format!("{name}()") };
        let functions = FUNCTIONS.into_iter().filter(fits).map(call);
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
            (Block::Generator, "engineType") => {
                self.add(CompletionKind::Value, ["\"client\"", "\"library\"", "\"binary\""]);
            }
            (Block::Generator, "previewFeatures") => {
                self.add(CompletionKind::Value, ACTIVE_FEATURES.map(|name| format!("\"{name}\"")));
            }
            _ => {}
        }
    }
}
