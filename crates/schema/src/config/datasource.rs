//! The `datasource` block.

use super::{DatasourceDraft, DatasourceUrl, Settings, string_or_env};
use crate::ast::{self, Expression};
use crate::diagnostic::Diagnostic;
use crate::model::{Datasource, Extension, RelationMode, StringOrEnv};
use crate::resolve::attribute;
use crate::rule;
use crate::span::Span;
use crate::suggest::{closest, one_of};

const SAME: &str = "the same database";

pub(crate) const SETTINGS: [&str; 7] =
    ["provider", "url", "directUrl", "shadowDatabaseUrl", "relationMode", "schemas", "extensions"];

pub(super) fn datasource(
    block: ast::Config<'_>,
    url_rule: DatasourceUrl,
    found: &mut Vec<Diagnostic>,
) -> Option<DatasourceDraft> {
    let mut settings = Settings::new(block, found)?;
    check_provider(&mut settings, found)?;
    let relation_mode = relation_mode(&mut settings, found);
    let (extensions, extension_spans) = extensions(&mut settings, found);
    let (url, url_span) = match settings.take("url") {
        Some((value, _)) => (Some(string_or_env(value, found)?), value.span()),
        None if url_rule == DatasourceUrl::Optional => {
            found.push(url_elsewhere(&settings));
            (None, block.span())
        }
        None => {
            found.push(settings.missing("url", "env(\"DATABASE_URL\")"));
            return None;
        }
    };
    let shadow_database_url = settings.take("shadowDatabaseUrl");
    let shadow_span = shadow_database_url.map_or(url_span, |(value, _)| value.span());
    let shadow_database_url = shadow_database_url
        .and_then(|(value, _)| string_or_env(value, found))
        .filter(|url| *url != StringOrEnv::Literal(String::new()));
    let direct_url = settings.take("directUrl").map(|(value, _)| (string_or_env(value, found), value.span()));
    if let Some(shadow) = &shadow_database_url {
        let same = |other: &str, span| {
            rule::configuration::SHADOW_DATABASE_SHARED
                .at(span, format!("`shadowDatabaseUrl` is the same as `{other}`"))
                .help("the shadow database is emptied each time it is used: use a separate database")
        };
        if let Some((Some(direct), span)) = &direct_url
            && direct == shadow
        {
            found.push(same("directUrl", *span).label(shadow_span, SAME));
        }
        if url.as_ref() == Some(shadow) {
            found.push(same("url", url_span).label(shadow_span, SAME));
        }
    }
    if let Some((_, span)) = settings.take("previewFeatures") {
        found.push(
            rule::configuration::PREVIEW_FEATURES_PLACE
                .at(span, "`previewFeatures` belongs in a generator, not in the `datasource`")
                .help("move the line into a `generator` block"),
        );
    }
    let schemas = settings.take("schemas");
    let schemas_span = schemas.map(|(value, _)| value.span());
    let schemas = schemas.and_then(|(value, _)| schemas_list(value, found));
    for (name, _, span) in settings.properties {
        found.push(
            rule::configuration::SETTING_UNKNOWN
                .at(span, format!("`datasource` has no setting `{}`", name.text))
                .help(match closest(name.text, SETTINGS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the settings are {}", one_of(SETTINGS)),
                }),
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

fn url_elsewhere(settings: &Settings<'_>) -> Diagnostic {
    rule::configuration::URL_ELSEWHERE
        .at(
            settings.block.span(),
            format!("{} has no `url`: as in Prisma 7, the URL must come from elsewhere", settings.title()),
        )
        .help(
            "set `DATABASE_URL`, or `[datasource] url` in nicol.toml; with Prisma 6, add `url = env(\"DATABASE_URL\")` \
             (Prisma 7 keeps it in prisma.config.ts)",
        )
}

fn check_provider(settings: &mut Settings<'_>, found: &mut Vec<Diagnostic>) -> Option<()> {
    let Some((value, _)) = settings.take("provider") else {
        found.push(settings.missing("provider", "\"postgresql\""));
        return None;
    };
    let error = match value {
        Expression::Call(call) if call.name().text == "env" => rule::configuration::PROVIDER
            .at(settings.block.span(), "`provider` cannot be read from the environment"),
        Expression::String(string) => match string.value().as_str() {
            "postgresql" | "postgres" => return Some(()),
            "" => rule::configuration::PROVIDER.at(value.span(), "`provider` is empty"),
            other => {
                let error = rule::configuration::PROVIDER.at(
                    value.span(),
                    format!("the provider `{other}` is not supported: nicol supports PostgreSQL only"),
                );
                if closest(other, ["postgresql", "postgres"]).is_some() {
                    found.push(error.help("did you mean `\"postgresql\"`?"));
                    return None;
                }
                error
            }
        },
        _ => rule::configuration::PROVIDER
            .at(value.span(), format!("`provider` is {}, not a string", value.kind_name())),
    };
    found.push(error.help("write `provider = \"postgresql\"`"));
    None
}

fn relation_mode(settings: &mut Settings<'_>, found: &mut Vec<Diagnostic>) -> Option<RelationMode> {
    let old = settings.take("referentialIntegrity");
    if let Some((_, span)) = old {
        found.push(
            rule::configuration::RELATION_MODE_OLD_NAME
                .at(span, "`referentialIntegrity` has been renamed to `relationMode`")
                .help("write `relationMode = …`"),
        );
    }
    let value = match (settings.take("relationMode"), old) {
        (Some(_), Some((_, span))) => {
            found.push(
                rule::configuration::RELATION_MODE_TWICE
                    .at(span, "`referentialIntegrity` and `relationMode` are the same setting")
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
                rule::configuration::RELATION_MODE_UNKNOWN
                    .at(settings.block.span(), format!("there is no relation mode `{other}`"))
                    .label(value.span(), "neither `foreignKeys` nor `prisma`")
                    .help(match closest(other, ["foreignKeys", "prisma"]) {
                        Some(near) => format!("did you mean `\"{near}\"`?"),
                        None => "write `\"foreignKeys\"` or `\"prisma\"`".to_owned(),
                    }),
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
            rule::configuration::SCHEMAS_EMPTY
                .at(value.span(), "`schemas` is empty")
                .help("name the database's schemas, or remove the line"),
        );
        return None;
    }
    schemas.sort_by(|(a, _), (b, _)| a.cmp(b));
    for pair in schemas.windows(2) {
        if pair[0].0 == pair[1].0 {
            found.push(
                rule::configuration::SCHEMAS_TWICE
                    .at(pair[0].1, format!("the schema `{}` is listed twice", pair[0].0))
                    .label(pair[1].1, "here too")
                    .help("remove one of them"),
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
        Expression::Constant(_) | Expression::Call(_) => Some(value),
        _ => attribute::mismatch(value, "the name of an extension", found),
    });
    // As in Prisma, the arguments are checked only if all elements are extensions.
    let Some(items) = items else {
        return (Vec::new(), None);
    };
    let mut items: Vec<(Extension, Span)> = items
        .into_iter()
        .map(|value| match value {
            Expression::Call(call) => (extension(call, found), call.span()),
            _ => (bare_extension(value.source()), value.span()),
        })
        .collect();
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
        // As in Prisma, a name without a value is ignored.
        if argument.value().is_none() {
            continue;
        }
        let error = |message: String| rule::configuration::EXTENSION_ARGUMENT.at(argument.span(), message);
        let Some(name) = argument.name() else {
            found.push(
                error("an argument of an extension has no name".to_owned())
                    .help("write `map:`, `schema:` or `version:` before it"),
            );
            continue;
        };
        if seen.contains(&name.text) {
            found.push(error(format!("`{}` is given twice", name.text)).help("keep one of them"));
            continue;
        }
        seen.push(name.text);
        let value = argument.value().and_then(|value| attribute::string(value, found));
        match name.text {
            "map" | "schema" | "version" if value.is_none() => {
                found.push(error(format!("`{}` must be a string", name.text)).help("put it in quotes"));
            }
            "map" => extension.database_name = value,
            "schema" => extension.schema = value,
            "version" => extension.version = value,
            other => found.push(
                error(format!("an extension has no argument `{other}`"))
                    .help("the arguments are `map`, `schema` and `version`"),
            ),
        }
    }
    extension
}
