//! Writes the `generator` and `datasource` blocks, with which each file begins.
//!
//! Source: Prisma 6.19, `prisma db pull`: generators first, their settings in one order, preview features sorted.

use nicol_schema::ast;

use super::SchemaFile;
use super::attribute::quoted;
use super::current::Current;
use super::names::sanitized;
use crate::catalog::{Catalog, Extension};

/// Settings in the order in which they are written; others follow, sorted by name.
const GENERATOR: [&str; 4] = ["provider", "output", "previewFeatures", "binaryTargets"];
const DATASOURCE: [&str; 6] =
    ["provider", "url", "directUrl", "shadowDatabaseUrl", "relationMode", "schemas"];

/// Extensions that are written even if the schema file does not name them, because columns may have their types.
///
/// Source: Prisma 6.19, with the preview feature `postgresqlExtensions`.
const USUAL_EXTENSIONS: [&str; 3] = ["citext", "postgis", "uuid-ossp"];

/// Returns the files with only their settings.
pub(super) fn configs(current: &Current<'_>, catalog: &Catalog) -> Vec<SchemaFile> {
    let files = current.files.iter().zip(current.parses);
    files
        .map(|(file, parse)| {
            let blocks: Vec<_> = parse
                .tree
                .file()
                .items()
                .filter_map(|item| match item {
                    ast::Item::Config(block) => Some(block),
                    _ => None,
                })
                .collect();
            let (datasources, generators): (Vec<_>, Vec<_>) =
                blocks.into_iter().partition(|it| it.is_datasource());
            let texts: Vec<_> = generators
                .into_iter()
                .map(generator)
                .chain(datasources.into_iter().map(|it| datasource(current, catalog, it)))
                .collect();
            SchemaFile { name: file.name.clone(), text: texts.join("\n") }
        })
        .collect()
}

type Settings = Vec<(String, String)>;

fn settings(block: ast::Config<'_>) -> Settings {
    let property =
        |it: ast::Property<'_>| Some((it.name()?.text.to_owned(), it.value()?.source().to_owned()));
    block.properties().filter_map(property).collect()
}

/// Sorts the elements of a list of strings.
fn sort_list(settings: &mut Settings, name: &str) {
    for (_, value) in settings.iter_mut().filter(|(own, _)| own == name) {
        if let Some(inner) = value.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            let mut elements: Vec<_> = inner.split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
            elements.sort_unstable();
            *value = format!("[{}]", elements.join(", "));
        }
    }
}

fn generator(block: ast::Config<'_>) -> String {
    let mut settings = settings(block);
    sort_list(&mut settings, "previewFeatures");
    text("generator", block, settings, &GENERATOR)
}

fn datasource(current: &Current<'_>, catalog: &Catalog, block: ast::Config<'_>) -> String {
    let mut settings = settings(block);
    sort_list(&mut settings, "schemas");
    if let Some(schemas) = &current.options.schemas {
        settings.retain(|(name, _)| name != "schemas");
        let schemas: Vec<_> = schemas.iter().map(|it| quoted(it)).collect();
        settings.push(("schemas".to_owned(), format!("[{}]", schemas.join(", "))));
    }
    if current.has_preview_feature("postgresqlExtensions") {
        settings.retain(|(name, _)| name != "extensions");
        let extensions = extensions(current, catalog);
        if !extensions.is_empty() {
            settings.push(("extensions".to_owned(), format!("[{}]", extensions.join(", "))));
        }
    }
    text("datasource", block, settings, &DATASOURCE)
}

/// Returns the installed extensions that the schema file names, or that are always written.
fn extensions(current: &Current<'_>, catalog: &Catalog) -> Vec<String> {
    let named = current.settings.datasource.iter().flat_map(|it| &it.extensions);
    let named: Vec<_> = named.collect();
    let extension = |installed: &Extension| {
        let own = named.iter().find(|it| it.database_name.as_ref().unwrap_or(&it.name) == &installed.name);
        let is_usual = USUAL_EXTENSIONS.contains(&installed.name.as_str());
        if own.is_none() && !is_usual {
            return None;
        }
        let name = own.map_or_else(|| sanitized(&installed.name), |it| it.name.clone());
        let mut arguments = Vec::new();
        if name != installed.name {
            arguments.push(format!("map: {}", quoted(&installed.name)));
        }
        let says_version = own.is_some_and(|it| it.version.is_some());
        let says_schema = own.is_none_or(|it| it.schema.is_some());
        if let Some(version) = installed.version.as_ref().filter(|_| says_version) {
            arguments.push(format!("version: {}", quoted(version)));
        }
        if let Some(schema) = installed.schema.as_ref().filter(|_| says_schema) {
            arguments.push(format!("schema: {}", quoted(schema)));
        }
        Some(super::attribute::call(&name, &arguments))
    };
    catalog.extensions.iter().filter_map(extension).collect()
}

/// Whether the written datasource names an extension.
pub(super) fn names_extension(current: &Current<'_>, installed: &Extension) -> bool {
    let named = current.settings.datasource.iter().flat_map(|it| &it.extensions);
    let mut names =
        named.map(|it| it.database_name.as_ref().unwrap_or(&it.name).as_str()).chain(USUAL_EXTENSIONS);
    current.has_preview_feature("postgresqlExtensions") && names.any(|it| it == installed.name)
}

fn text(keyword: &str, block: ast::Config<'_>, mut settings: Settings, order: &[&str]) -> String {
    let place = |name: &str| order.iter().position(|it| *it == name).unwrap_or(order.len());
    settings.sort_by(|(a, _), (b, _)| {
        let is_known = place(a) < order.len() || place(b) < order.len();
        if is_known { place(a).cmp(&place(b)) } else { a.cmp(b) }
    });
    let name = block.name().map_or("", |name| name.text);
    let lines: Vec<_> = settings.iter().map(|(name, value)| format!("  {name} = {value}\n")).collect();
    format!("{keyword} {name} {{\n{}}}\n", lines.concat())
}
