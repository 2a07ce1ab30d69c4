//! The `datasource` and `generator` blocks.
//!
//! Source: Prisma 6.19 schema reference, "datasource" and "generator".

use crate::ast::{self, Expression, Name, Property};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ConfigValue, Datasource, Extension, Generator, RelationMode, StringOrEnv};
use crate::resolve::attribute;
use crate::span::Span;

/// What the blocks say, with the places that later rules point at.
#[derive(Debug, Default)]
pub(crate) struct Config {
    pub(crate) datasource: Option<DatasourceDraft>,
    pub(crate) generators: Vec<Generator>,
    pub(crate) preview_features: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct DatasourceDraft {
    pub(crate) datasource: Datasource,
    /// The value of `schemas`.
    pub(crate) schemas_span: Option<Span>,
    /// The line `extensions` and the place of each.
    pub(crate) extensions: Option<(Span, Vec<Span>)>,
}

impl Config {
    pub(crate) fn has_preview_feature(&self, name: &str) -> bool {
        self.preview_features.iter().any(|feature| feature == name)
    }
}

/// Preview features that do something.
const ACTIVE_FEATURES: [&str; 10] = [
    "fullTextSearchPostgres",
    "nativeDistinct",
    "postgresqlExtensions",
    "relationJoins",
    "schemaEngineDriverAdapters",
    "shardKeys",
    "strictUndefinedChecks",
    "typedSql",
    "views",
    "metrics",
];

/// The active feature that is for PostgreSQL alone.
const FULL_TEXT: &str = "fullTextSearchPostgres";

/// Preview features that have become part of the language, and some that will not.
const FORMER_FEATURES: [&str; 42] = [
    "aggregateApi",
    "atomicNumberOperations",
    "clientExtensions",
    "cockroachdb",
    "connectOrCreate",
    "createMany",
    "dataProxy",
    "deno",
    "distinct",
    "driverAdapters",
    "extendedIndexes",
    "extendedWhereUnique",
    "fieldReference",
    "filteredRelationCount",
    "filterJson",
    "fullTextIndex",
    "groupBy",
    "improvedQueryRaw",
    "interactiveTransactions",
    "jsonProtocol",
    "microsoftSqlServer",
    "middlewares",
    "mongoDb",
    "multiSchema",
    "namedConstraints",
    "napi",
    "nApi",
    "nativeTypes",
    "omitApi",
    "orderByAggregateGroup",
    "orderByNulls",
    "orderByRelation",
    "prismaSchemaFolder",
    "queryCompiler",
    "referentialActions",
    "referentialIntegrity",
    "selectRelationCount",
    "tracing",
    "transactionApi",
    "uncheckedScalarInputs",
    "fullTextSearch",
    "metrics",
];

pub(crate) fn load(file: ast::File<'_>, found: &mut Vec<Diagnostic>) -> Config {
    let blocks = || {
        file.items().filter_map(|item| match item {
            ast::Item::Config(block) => Some(block),
            _ => None,
        })
    };
    let datasources: Vec<DatasourceDraft> =
        blocks().filter(|block| block.is_datasource()).filter_map(|block| datasource(block, found)).collect();
    if datasources.len() > 1 {
        for block in blocks().filter(|block| block.is_datasource()) {
            found.push(
                Diagnostic::error(Code::Datasource, block.span(), "there is more than one `datasource`")
                    .help("keep one of them"),
            );
        }
    }
    // One preview feature is for PostgreSQL only.
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
    }
}

/// The settings of a block, taken one by one.
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
                    Diagnostic::error(code(block), block.span(), format!("`{}` has no value", name.text))
                        .label(name.span, "this setting")
                        .help("write the value after the `=`"),
                );
                return None;
            };
            // Of two with one name, which has been reported, the later counts.
            properties.retain(|(earlier, ..)| earlier.text != name.text);
            properties.push((name, value, Property::span(property)));
        }
        Some(Settings { block, name: block.name().map_or("", |name| name.text), properties })
    }

    fn take(&mut self, name: &str) -> Option<(Expression<'a>, Span)> {
        let at = self.properties.iter().position(|(own, ..)| own.text == name)?;
        let (_, value, span) = self.properties.remove(at);
        Some((value, span))
    }

    fn missing(&self, name: &str, example: &str) -> Diagnostic {
        Diagnostic::error(code(self.block), self.block.span(), format!("`{}` has no `{name}`", self.name))
            .help(format!("add `{name} = {example}`"))
    }
}

fn code(block: ast::Config<'_>) -> Code {
    if block.is_datasource() { Code::Datasource } else { Code::Generator }
}

fn datasource(block: ast::Config<'_>, found: &mut Vec<Diagnostic>) -> Option<DatasourceDraft> {
    let mut settings = Settings::new(block, found)?;
    check_provider(&mut settings, found)?;
    let relation_mode = relation_mode(&mut settings, found);
    let (extensions, extension_spans) = extensions(&mut settings, found);
    let Some((url, _)) = settings.take("url") else {
        found.push(settings.missing("url", "env(\"DATABASE_URL\")"));
        return None;
    };
    let url_span = url.span();
    let url = string_or_env(url, found)?;
    let shadow_database_url = settings
        .take("shadowDatabaseUrl")
        .and_then(|(value, _)| string_or_env(value, found))
        .filter(|url| *url != StringOrEnv::Literal(String::new()));
    let direct_url = settings.take("directUrl").map(|(value, _)| (string_or_env(value, found), value.span()));
    if let Some(shadow) = &shadow_database_url {
        let same = |other: &str, span| {
            Diagnostic::error(Code::Datasource, span, format!("`shadowDatabaseUrl` is the same as `{other}`"))
                .help("the shadow database is emptied again and again: give it a database of its own")
        };
        if let Some((Some(direct), span)) = &direct_url
            && direct == shadow
        {
            found.push(same("directUrl", *span));
        }
        if *shadow == url {
            found.push(same("url", url_span));
        }
    }
    if let Some((_, span)) = settings.take("previewFeatures") {
        found.push(
            Diagnostic::error(Code::PreviewFeature, span, "preview features belong into a `generator`")
                .help("move the line there"),
        );
    }
    let schemas = settings.take("schemas");
    let schemas_span = schemas.map(|(value, _)| value.span());
    let schemas = schemas.and_then(|(value, _)| schemas_list(value, found));
    for (name, _, span) in settings.properties {
        found.push(
            Diagnostic::error(Code::Datasource, span, format!("`datasource` has no setting `{}`", name.text))
                .help("remove the line, or correct its name"),
        );
    }
    Some(DatasourceDraft {
        schemas_span: schemas_span.filter(|_| schemas.is_some()),
        datasource: Datasource {
            name: settings.name.to_owned(),
            url,
            direct_url: direct_url.and_then(|(url, _)| url),
            shadow_database_url,
            relation_mode: relation_mode.unwrap_or_default(),
            schemas: schemas.unwrap_or_default(),
            extensions,
            span: block.span(),
        },
        extensions: extension_spans,
    })
}

fn check_provider(settings: &mut Settings<'_>, found: &mut Vec<Diagnostic>) -> Option<()> {
    let Some((value, _)) = settings.take("provider") else {
        found.push(settings.missing("provider", "\"postgresql\""));
        return None;
    };
    let error = match value {
        Expression::Call(call) if call.name().text == "env" => Diagnostic::error(
            Code::Datasource,
            settings.block.span(),
            "`provider` cannot come from the environment",
        ),
        Expression::String(string) => match string.value().as_str() {
            "postgresql" | "postgres" => return Some(()),
            "" => Diagnostic::error(Code::Datasource, value.span(), "`provider` is empty"),
            other => Diagnostic::error(
                Code::Datasource,
                value.span(),
                format!("the provider `{other}` is not supported"),
            ),
        },
        _ => Diagnostic::error(
            Code::Datasource,
            value.span(),
            format!("`provider` is {}, not a string", value.kind_name()),
        ),
    };
    found.push(error.help("write `provider = \"postgresql\"`"));
    None
}

fn relation_mode(settings: &mut Settings<'_>, found: &mut Vec<Diagnostic>) -> Option<RelationMode> {
    let old = settings.take("referentialIntegrity");
    if let Some((_, span)) = old {
        found.push(
            Diagnostic::warning(
                Code::Datasource,
                span,
                "`referentialIntegrity` is now called `relationMode`",
            )
            .help("rename it"),
        );
    }
    let value = match (settings.take("relationMode"), old) {
        (Some(_), Some((_, span))) => {
            found.push(
                Diagnostic::error(
                    Code::Datasource,
                    span,
                    "`referentialIntegrity` and `relationMode` are the same setting",
                )
                .help("keep `relationMode`"),
            );
            return None;
        }
        (Some((value, _)), None) | (None, Some((value, _))) => value,
        (None, None) => return None,
    };
    match attribute::string(value, found)?.as_str() {
        "prisma" => Some(RelationMode::Prisma),
        "foreignKeys" => Some(RelationMode::ForeignKeys),
        other => {
            found.push(
                Diagnostic::error(
                    Code::Datasource,
                    settings.block.span(),
                    format!("there is no relation mode `{other}`"),
                )
                .label(value.span(), "this value")
                .help("write `\"foreignKeys\"` or `\"prisma\"`"),
            );
            None
        }
    }
}

fn schemas_list(value: Expression<'_>, found: &mut Vec<Diagnostic>) -> Option<Vec<String>> {
    let mut schemas =
        attribute::list(value, found, |value, found| Some((attribute::string(value, found)?, value.span())))?;
    if schemas.is_empty() {
        found.push(
            Diagnostic::error(Code::DatabaseSchema, value.span(), "`schemas` is empty")
                .help("name the database's schemas, or remove the line"),
        );
        return None;
    }
    schemas.sort_by(|(a, _), (b, _)| a.cmp(b));
    for pair in schemas.windows(2) {
        if pair[0].0 == pair[1].0 {
            found.push(
                Diagnostic::error(
                    Code::DatabaseSchema,
                    pair[0].1,
                    format!("the schema `{}` is named twice", pair[0].0),
                )
                .help("name it once"),
            );
        }
    }
    Some(schemas.into_iter().map(|(name, _)| name).collect())
}

type ExtensionSpans = Option<(Span, Vec<Span>)>;

fn extensions(settings: &mut Settings<'_>, found: &mut Vec<Diagnostic>) -> (Vec<Extension>, ExtensionSpans) {
    let Some((value, line)) = settings.take("extensions") else {
        return (Vec::new(), None);
    };
    let items = attribute::list(value, found, |value, found| match value {
        Expression::Constant(name) => Some((bare_extension(name.text), name.span)),
        Expression::Call(call) => Some((extension(call, found), call.span())),
        _ => attribute::mismatch(value, "the name of an extension", found),
    });
    let Some(mut items) = items else {
        return (Vec::new(), None);
    };
    items.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    let spans = items.iter().map(|(_, span)| *span).collect();
    (items.into_iter().map(|(extension, _)| extension).collect(), Some((line, spans)))
}

fn bare_extension(name: &str) -> Extension {
    Extension { name: name.to_owned(), database_name: None, schema: None, version: None }
}

fn extension(call: ast::Call<'_>, found: &mut Vec<Diagnostic>) -> Extension {
    let mut extension = bare_extension(call.name().text);
    let mut seen: Vec<&str> = Vec::new();
    for argument in call.arguments().iter() {
        let error = |message: String| Diagnostic::error(Code::Datasource, argument.span(), message);
        let Some(name) = argument.name() else {
            found.push(
                error("an argument of an extension has no name".to_owned())
                    .help("write `map:`, `schema:` or `version:` before it"),
            );
            continue;
        };
        if seen.contains(&name.text) {
            found.push(error(format!("`{}` is there twice", name.text)).help("keep one of them"));
            continue;
        }
        seen.push(name.text);
        let value = argument.value().and_then(|value| attribute::string(value, found));
        match name.text {
            "map" | "schema" | "version" if value.is_none() => {
                found.push(error(format!("`{}` has to be a string", name.text)).help("put it in quotes"));
            }
            "map" => extension.database_name = value,
            "schema" => extension.schema = value,
            "version" => extension.version = value,
            other => found.push(
                error(format!("an extension has no argument `{other}`"))
                    .help("it has `map`, `schema` and `version`"),
            ),
        }
    }
    extension
}

fn generator(block: ast::Config<'_>, is_postgresql: bool, found: &mut Vec<Diagnostic>) -> Option<Generator> {
    let mut settings = Settings::new(block, found)?;
    if let Some((_, value, _)) = settings.properties.iter().find(|(name, ..)| name.text == "engineType")
        && !matches!(value, Expression::String(_))
    {
        let _: Option<()> = attribute::mismatch(*value, "a string", found);
    }
    let Some((provider, _)) = settings.take("provider") else {
        found.push(settings.missing("provider", "\"nicol\""));
        return None;
    };
    let provider = string_or_env(provider, found)?;
    let mut preview_features = Vec::new();
    let mut config = Vec::new();
    for (name, value, _) in &settings.properties {
        match name.text {
            "previewFeatures" => {
                if let Some(features) = attribute::list(*value, found, attribute::string) {
                    check_features(&features, is_postgresql, value.span(), found);
                    preview_features = features;
                }
            }
            "output" => {
                if let Some(output) = string_or_env(*value, found) {
                    config.push((name.text.to_owned(), ConfigValue::One(output)));
                }
            }
            "binaryTargets" => {
                if let Some(targets) = attribute::list(*value, found, string_or_env) {
                    config.push((name.text.to_owned(), ConfigValue::Many(targets)));
                }
            }
            _ => config.push((name.text.to_owned(), config_value(*value, found)?)),
        }
    }
    Some(Generator {
        name: settings.name.to_owned(),
        provider,
        preview_features,
        config,
        documentation: block.documentation(),
    })
}

fn check_features(features: &[String], is_postgresql: bool, span: Span, found: &mut Vec<Diagnostic>) {
    for feature in features {
        let feature = feature.as_str();
        let finding = if feature == "metrics" {
            Diagnostic::warning(Code::PreviewFeature, span, "the preview feature `metrics` is going away")
                .help("do not build on it")
        } else if ACTIVE_FEATURES.contains(&feature) && (is_postgresql || feature != FULL_TEXT) {
            continue;
        } else if feature == "fullTextSearch" && is_postgresql {
            Diagnostic::warning(
                Code::PreviewFeature,
                span,
                "the preview feature `fullTextSearch` has another name for PostgreSQL",
            )
            .help("write `fullTextSearchPostgres`")
        } else if FORMER_FEATURES.contains(&feature) {
            Diagnostic::warning(
                Code::PreviewFeature,
                span,
                format!("the preview feature `{feature}` is part of the language now"),
            )
            .help("remove it from the list")
        } else {
            let error = Diagnostic::error(
                Code::PreviewFeature,
                span,
                format!("there is no preview feature `{feature}`"),
            );
            match crate::suggest::closest(feature, ACTIVE_FEATURES) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!("there are: {}", ACTIVE_FEATURES.join(", "))),
            }
        };
        found.push(finding);
    }
}

fn config_value(value: Expression<'_>, found: &mut Vec<Diagnostic>) -> Option<ConfigValue> {
    match value {
        Expression::Array(array) => array
            .iter()
            .map(|value| single_value(value, found))
            .collect::<Option<Vec<_>>>()
            .map(ConfigValue::Many),
        _ => single_value(value, found).map(ConfigValue::One),
    }
}

fn single_value(value: Expression<'_>, found: &mut Vec<Diagnostic>) -> Option<StringOrEnv> {
    match value {
        Expression::Number(number) => Some(StringOrEnv::Literal(number.text.to_owned())),
        Expression::Constant(name) => Some(StringOrEnv::Literal(name.text.to_owned())),
        // Any other function, and a list in a list, is for the generator to understand.
        Expression::Call(call) if call.name().text != "env" => {
            Some(StringOrEnv::Literal(value.source().to_owned()))
        }
        Expression::String(_) | Expression::Call(_) => string_or_env(value, found),
        Expression::Array(_) => Some(StringOrEnv::Literal(value.source().to_owned())),
    }
}

/// A string, or `env("NAME")`.
fn string_or_env(value: Expression<'_>, found: &mut Vec<Diagnostic>) -> Option<StringOrEnv> {
    match value {
        Expression::String(string) => Some(StringOrEnv::Literal(string.value())),
        Expression::Call(call) if call.name().text == "env" => {
            let arguments: Vec<_> = call.arguments().iter().collect();
            let [argument] = arguments.as_slice() else {
                found.push(
                    Diagnostic::error(Code::Argument, call.span(), "`env` takes one argument")
                        .help("write `env(\"NAME\")`"),
                );
                return None;
            };
            if argument.name().is_some() {
                found.push(
                    Diagnostic::warning(Code::Argument, argument.span(), "the argument of `env` has no name")
                        .help("write `env(\"NAME\")`"),
                );
            }
            attribute::string(argument.value()?, found).map(StringOrEnv::Env)
        }
        _ => attribute::mismatch(value, "a string or `env(\"…\")`", found),
    }
}
