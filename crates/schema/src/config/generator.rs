//! The `generator` blocks and their preview features.

use super::{Settings, string_or_env};
use crate::ast::{self, Expression};
use crate::diagnostic::Diagnostic;
use crate::model::{ConfigValue, Generator, StringOrEnv};
use crate::resolve::attribute;
use crate::rule;
use crate::span::Span;

/// Preview features that have an effect.
pub(crate) const ACTIVE_FEATURES: [&str; 10] = [
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

/// The only active feature that is specific to PostgreSQL.
const FULL_TEXT: &str = "fullTextSearchPostgres";

/// Former preview features: now part of the language, or abandoned.
const FORMER_FEATURES: [&str; 41] = [
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
];
pub(super) fn generator(
    block: ast::Config<'_>,
    is_postgresql: bool,
    found: &mut Vec<Diagnostic>,
) -> Option<Generator> {
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
                if let Some(features) = attribute::list(*value, found, |value, found| {
                    Some((attribute::string(value, found)?, value.span()))
                }) {
                    check_features(&features, is_postgresql, value.span(), found);
                    preview_features = features.into_iter().map(|(name, _)| name).collect();
                }
            }
            "output" => {
                if let Some(output) = string_or_env(*value, found) {
                    config.push((name, ConfigValue::One(output)));
                }
            }
            "binaryTargets" => {
                if let Some(targets) = attribute::list(*value, found, string_or_env) {
                    config.push((name, ConfigValue::Many(targets)));
                }
            }
            _ => {}
        }
    }
    for (name, value, _) in &settings.properties {
        if !["previewFeatures", "output", "binaryTargets"].contains(&name.text) {
            config.push((name, config_value(*value, found)?));
        }
    }
    config.sort_by_key(|(name, _)| name.span.start);
    let config = config.into_iter().map(|(name, value)| (name.text.to_owned(), value)).collect();
    Some(Generator {
        name: settings.name.to_owned(),
        provider,
        preview_features,
        config,
        documentation: block.documentation(),
    })
}

fn check_features(features: &[(String, Span)], is_postgresql: bool, span: Span, found: &mut Vec<Diagnostic>) {
    for (feature, own_span) in features {
        let feature = feature.as_str();
        let finding = if feature == "metrics" {
            rule::configuration::PREVIEW_FEATURE_DEPRECATED
                .at(
                    span,
                    "the preview feature `metrics` is deprecated: later versions of Prisma do not have it",
                )
                .help("avoid it in new code")
        } else if ACTIVE_FEATURES.contains(&feature) && (is_postgresql || feature != FULL_TEXT) {
            continue;
        } else if feature == "fullTextSearch" && is_postgresql {
            rule::configuration::PREVIEW_FEATURE_RENAMED
                .at(span, "the preview feature `fullTextSearch` has a different name for PostgreSQL")
                .help("write `fullTextSearchPostgres`")
        } else if FORMER_FEATURES.contains(&feature) {
            rule::configuration::PREVIEW_FEATURE_FORMER
                .at(span, format!("`{feature}` is no longer a preview feature: the name has no effect"))
                .help("remove it from the list")
        } else {
            let error = rule::configuration::PREVIEW_FEATURE_UNKNOWN
                .at(span, format!("there is no preview feature `{feature}`"));
            match crate::suggest::closest(feature, ACTIVE_FEATURES) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!("the preview features are {}", ACTIVE_FEATURES.join(", "))),
            }
        };
        // Prisma reports the whole list.
        found.push(if *own_span == span { finding } else { finding.label(*own_span, "this one") });
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
        // Other functions and nested lists are left to the generator.
        Expression::Call(call) if call.name().text != "env" => {
            Some(StringOrEnv::Literal(value.source().to_owned()))
        }
        Expression::String(_) | Expression::Call(_) => string_or_env(value, found),
        Expression::Array(_) => Some(StringOrEnv::Literal(value.source().to_owned())),
    }
}
