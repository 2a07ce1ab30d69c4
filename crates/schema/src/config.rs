//! The `datasource` and `generator` blocks.
//!
//! Source: Prisma 6.19 schema reference, "datasource" and "generator".

pub(crate) mod capability;
pub(crate) mod datasource;
pub(crate) mod generator;

use crate::ast::{self, Expression, Name};
use crate::diagnostic::Diagnostic;
use crate::model::{Datasource, Generator, StringOrEnv};
use crate::resolve::attribute;
use crate::rule;
use crate::span::Span;
use capability::{Capability, POSTGRESQL, UNKNOWN};
use datasource::datasource;
use generator::generator;

/// Whether a `datasource` must have a `url`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatasourceUrl {
    /// A `datasource` without `url` is an error, as in Prisma 6.
    Required,
    /// A missing `url` is a warning: the caller gets it elsewhere, as Prisma 7 does from `prisma.config.ts`.
    Optional,
}

/// The settings, with the spans that later rules report.
#[derive(Debug, Default)]
pub(crate) struct Config {
    pub(crate) datasource: Option<DatasourceDraft>,
    pub(crate) generators: Vec<Generator>,
    pub(crate) preview_features: Vec<String>,
    /// The capabilities of the database; empty if no file names its provider.
    pub(crate) capabilities: &'static [Capability],
}

/// The datasource, with the spans that its rules report.
#[derive(Debug)]
pub(crate) struct DatasourceDraft {
    pub(crate) datasource: Datasource,
    /// The span of the value of `schemas`.
    pub(crate) schemas_span: Option<Span>,
    /// The span of the `extensions` line and of each extension.
    pub(crate) extensions: Option<(Span, Vec<Span>)>,
}

impl Config {
    pub(crate) fn can(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }

    pub(crate) fn has_preview_feature(&self, name: &str) -> bool {
        self.preview_features.iter().any(|feature| feature == name)
    }
}

/// Loads the settings, file by file as in Prisma: two files can each have a datasource, and the first one applies; a
/// preview feature for PostgreSQL is only known in the file with the datasource.
pub(crate) fn load(files: ast::File<'_>, url: DatasourceUrl, found: &mut Vec<Diagnostic>) -> Config {
    let mut config = Config::default();
    for file in files.each() {
        let mut own = load_file(file, url, found);
        config.datasource = config.datasource.or(own.datasource);
        config.generators.append(&mut own.generators);
        config.preview_features.append(&mut own.preview_features);
    }
    config.capabilities = if may_have_datasource(files, found) { POSTGRESQL } else { UNKNOWN };
    config
}

/// Whether there is a datasource, or an error outside of all blocks that may have been one.
fn may_have_datasource(files: ast::File<'_>, found: &[Diagnostic]) -> bool {
    if files.items().any(|item| matches!(item, ast::Item::Config(block) if block.is_datasource())) {
        return true;
    }
    let blocks: Vec<Span> = files.items().map(ast::Item::span).collect();
    found.iter().filter(|finding| finding.is_error()).any(|error| {
        let next = blocks.partition_point(|block| block.start <= error.span.start);
        blocks[..next].last().is_none_or(|block| block.end <= error.span.start)
    })
}

fn load_file(file: ast::File<'_>, url: DatasourceUrl, found: &mut Vec<Diagnostic>) -> Config {
    let blocks = || {
        file.items().filter_map(|item| match item {
            ast::Item::Config(block) => Some(block),
            _ => None,
        })
    };
    let datasources: Vec<DatasourceDraft> = blocks()
        .filter(|block| block.is_datasource())
        .filter_map(|block| datasource(block, url, found))
        .collect();
    if datasources.len() > 1 {
        for block in blocks().filter(|block| block.is_datasource()) {
            found.push(
                rule::configuration::DATASOURCE_TWICE
                    .at(
                        block.span(),
                        "there is more than one `datasource`, but a schema describes one database",
                    )
                    .help("keep one of them"),
            );
        }
    }
    // One preview feature is only for PostgreSQL.
    let is_postgresql = !datasources.is_empty();
    let generators: Vec<Generator> = blocks()
        .filter(|block| !block.is_datasource())
        .filter_map(|block| generator(block, is_postgresql, found))
        .collect();
    Config {
        datasource: datasources.into_iter().next(),
        preview_features: generators
            .iter()
            .flat_map(|generator| generator.preview_features.iter().cloned())
            .collect(),
        generators,
        ..Config::default()
    }
}

/// The settings of a block, consumed one by one.
struct Settings<'a> {
    block: ast::Config<'a>,
    name: &'a str,
    properties: Vec<(Name<'a>, Expression<'a>, Span)>,
}

impl<'a> Settings<'a> {
    fn new(block: ast::Config<'a>, found: &mut Vec<Diagnostic>) -> Option<Settings<'a>> {
        let mut properties: Vec<(Name<'a>, Expression<'a>, Span)> = Vec::new();
        for property in block.properties() {
            let name = property.name()?;
            let Some(value) = property.value() else {
                found.push(
                    rule::configuration::SETTING_WITHOUT_VALUE
                        .at(block.span(), format!("`{}` has no value", name.text))
                        .label(name.span, "nothing follows the `=`")
                        .help("add a value after the `=`"),
                );
                return None;
            };
            // Of two settings with the same name, which has been reported, the later one applies.
            properties.retain(|(earlier, ..)| earlier.text != name.text);
            properties.push((name, value, property.span()));
        }
        Some(Settings { block, name: block.name().map_or("", |name| name.text), properties })
    }

    fn take(&mut self, name: &str) -> Option<(Expression<'a>, Span)> {
        let at = self.properties.iter().position(|(own, ..)| own.text == name)?;
        let (_, value, span) = self.properties.remove(at);
        Some((value, span))
    }

    fn title(&self) -> String {
        let keyword = if self.block.is_datasource() { "datasource" } else { "generator" };
        format!("the {keyword} `{}`", self.name)
    }

    fn missing(&self, name: &str, example: &str) -> Diagnostic {
        rule::configuration::SETTING_MISSING
            .at(self.block.span(), format!("{} has no `{name}`", self.title()))
            .help(format!("add `{name} = {example}`"))
    }
}

/// Returns a string or `env("NAME")`.
fn string_or_env(value: Expression<'_>, found: &mut Vec<Diagnostic>) -> Option<StringOrEnv> {
    match value {
        Expression::String(string) => Some(StringOrEnv::Literal(string.value())),
        Expression::Call(call) if call.name().text == "env" => {
            let arguments: Vec<_> = call.arguments().iter().collect();
            let has_comma = call.arguments().trailing_comma().is_some();
            let ([argument], false) = (arguments.as_slice(), has_comma) else {
                found.push(
                    rule::configuration::ENV_ARGUMENT
                        .at(call.span(), "`env` takes one argument, the name of a variable")
                        .help("for example, write `env(\"DATABASE_URL\")`"),
                );
                return None;
            };
            if argument.name().is_some() {
                found.push(
                    rule::configuration::ENV_ARGUMENT_NAME
                        .at(argument.span(), "the argument of `env` has no name")
                        .help(format!("write `env({})`", argument.value().map_or("", Expression::source))),
                );
            }
            attribute::string(argument.value()?, found).map(StringOrEnv::Env)
        }
        _ => attribute::mismatch(value, "a string or `env(\"…\")`", found),
    }
}
