//! Definitions and uses of names, for go-to-definition and rename in editors.
//!
//! Only the tree is needed, so this works in a schema with errors. Names that a schema cannot define, such as those of
//! attributes and functions, are not symbols.

use std::collections::HashSet;

use crate::ast::{Attribute, Enum, Expression, Field, FieldType, File, Item, Model, Name};
use crate::model::ScalarType;
use crate::span::{Span, to_u32};

/// What a name refers to. Names with equal symbols refer to the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Symbol<'a> {
    /// A model, view, composite type or enum.
    Block(&'a str),
    /// A field of a model, view or composite type.
    Field {
        /// The name of the block.
        block: &'a str,
        /// The name of the field.
        field: &'a str,
    },
    /// A value of an enum.
    EnumValue {
        /// The name of the enum.
        block: &'a str,
        /// The value.
        value: &'a str,
    },
    /// A datasource; native types refer to it.
    Datasource(&'a str),
    /// A generator.
    Generator(&'a str),
}

/// One occurrence of a name in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence<'a> {
    /// The name and its span.
    pub name: Name<'a>,
    /// What the name refers to. For a use, it may be undefined.
    pub symbol: Symbol<'a>,
    /// Whether this occurrence is the definition.
    pub is_definition: bool,
}

/// Returns every name that a schema defines or uses, in source order.
pub fn occurrences(file: File<'_>) -> Vec<Occurrence<'_>> {
    let enums = file.items().filter_map(|item| match item {
        Item::Enum(item) => Some(item.name()?.text),
        _ => None,
    });
    let mut collector = Collector { enums: enums.collect(), found: Vec::new() };
    for item in file.items() {
        match item {
            Item::Model(model) => collector.model(model),
            Item::Enum(item) => collector.enum_(item),
            Item::Config(block) => {
                let kind = if block.is_datasource() { Symbol::Datasource } else { Symbol::Generator };
                collector.define(block.name(), kind);
            }
        }
    }
    collector.found.sort_by_key(|occurrence| occurrence.name.span);
    collector.found
}

struct Collector<'a> {
    enums: HashSet<&'a str>,
    found: Vec<Occurrence<'a>>,
}

impl<'a> Collector<'a> {
    fn define(&mut self, name: Option<Name<'a>>, symbol: impl FnOnce(&'a str) -> Symbol<'a>) {
        self.found.extend(name.map(|name| Occurrence {
            name,
            symbol: symbol(name.text),
            is_definition: true,
        }));
    }

    fn refer(&mut self, name: Name<'a>, symbol: Symbol<'a>) {
        self.found.push(Occurrence { name, symbol, is_definition: false });
    }

    fn model(&mut self, model: Model<'a>) {
        let block = model.name().map_or("", |name| name.text);
        self.define(model.name(), Symbol::Block);
        for field in model.fields() {
            self.field(block, field);
        }
        for attribute in model.attributes() {
            let has_fields = attribute
                .name()
                .is_some_and(|name| ["id", "unique", "index", "fulltext", "shardKey"].contains(&name.text));
            for argument in attribute.arguments().iter().filter(|_| has_fields) {
                if argument.name().is_none_or(|name| name.text == "fields") {
                    self.fields(argument.value(), block);
                }
            }
        }
    }

    fn field(&mut self, block: &'a str, field: Field<'a>) {
        self.define(field.name(), |field| Symbol::Field { block, field });
        let ty = field.ty().and_then(FieldType::name);
        if let Some(ty) = ty.filter(|ty| ScalarType::from_name(ty.text).is_none()) {
            self.refer(ty, Symbol::Block(ty.text));
        }
        for attribute in field.attributes() {
            let Some(name) = attribute.name() else { continue };
            match (name.text, ty) {
                ("relation", Some(ty)) => self.relation(attribute, block, ty.text),
                ("default", Some(ty)) if self.enums.contains(ty.text) => {
                    for argument in attribute.arguments().iter() {
                        self.enum_values(argument.value(), ty.text);
                    }
                }
                _ => {}
            }
            if let Some(datasource) = before_dot(name) {
                self.refer(datasource, Symbol::Datasource(datasource.text));
            }
        }
    }

    fn relation(&mut self, attribute: Attribute<'a>, block: &'a str, other: &'a str) {
        for argument in attribute.arguments().iter() {
            match argument.name().map(|name| name.text) {
                Some("fields") => self.fields(argument.value(), block),
                Some("references") => self.fields(argument.value(), other),
                _ => {}
            }
        }
    }

    fn fields(&mut self, value: Option<Expression<'a>>, block: &'a str) {
        match value {
            Some(Expression::Array(array)) => array.iter().for_each(|value| self.fields(Some(value), block)),
            Some(Expression::Constant(name)) => {
                // `address.city`: the rest is a field of a composite type.
                let name = before_dot(name).unwrap_or(name);
                self.refer(name, Symbol::Field { block, field: name.text });
            }
            Some(Expression::Call(call)) => {
                let name = call.name();
                self.refer(name, Symbol::Field { block, field: name.text });
            }
            _ => {}
        }
    }

    fn enum_values(&mut self, value: Option<Expression<'a>>, block: &'a str) {
        match value {
            Some(Expression::Array(array)) => {
                array.iter().for_each(|value| self.enum_values(Some(value), block));
            }
            Some(Expression::Constant(name)) => {
                self.refer(name, Symbol::EnumValue { block, value: name.text });
            }
            _ => {}
        }
    }

    fn enum_(&mut self, item: Enum<'a>) {
        let block = item.name().map_or("", |name| name.text);
        self.define(item.name(), Symbol::Block);
        for value in item.values() {
            self.define(value.name(), |value| Symbol::EnumValue { block, value });
        }
    }
}

fn before_dot(name: Name<'_>) -> Option<Name<'_>> {
    let (before, _) = name.text.split_once('.')?;
    let start = name.span.start;
    Some(Name { text: before, span: Span::new(start, start + to_u32(before.len())) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares the symbols with `expected`, where definitions begin with `=`.
    fn check(text: &str, expected: &[&str]) {
        let parse = crate::parse(text);
        let found: Vec<String> = occurrences(parse.tree.file())
            .into_iter()
            .map(|occurrence| {
                assert_eq!(occurrence.name.span.of(text), occurrence.name.text);
                let symbol = match occurrence.symbol {
                    Symbol::Block(name) => name.to_owned(),
                    Symbol::Field { block, field } => format!("{block}.{field}"),
                    Symbol::EnumValue { block, value } => format!("{block}:{value}"),
                    Symbol::Datasource(name) => format!("datasource {name}"),
                    Symbol::Generator(name) => format!("generator {name}"),
                };
                format!("{}{symbol}", if occurrence.is_definition { "= " } else { "" })
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn definitions_and_uses_are_found() {
        check(
            "datasource db {\n  provider = \"postgresql\"\n}\n\
             model User {\n  id Int @id @db.SmallInt\n  role Role @default(READER)\n  posts Post[]\n\n  @@index([role, id(sort: Desc)], map: \"i\")\n}\n\
             model Post {\n  id Int\n  by Int\n  user User? @relation(\"Wrote\", fields: [by], references: [id])\n  @@id(fields: [id, by])\n}\n\
             enum Role {\n  READER\n}\n",
            &[
                "= datasource db",
                "= User",
                "= User.id",
                "datasource db",
                "= User.role",
                "Role",
                "Role:READER",
                "= User.posts",
                "Post",
                "User.role",
                "User.id",
                "= Post",
                "= Post.id",
                "= Post.by",
                "= Post.user",
                "User",
                "Post.by",
                "User.id",
                "Post.id",
                "Post.by",
                "= Role",
                "= Role:READER",
            ],
        );
    }

    #[test]
    fn errors_elsewhere_are_ignored() {
        check("model A {\n  ???\n  b Bee\n}\n{\n", &["= A", "= A.b", "Bee"]);
    }
}
