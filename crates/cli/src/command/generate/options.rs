//! What a generator is told, as Prisma 6.19 does: `GeneratorConfig` and `GeneratorOptions` of `@prisma/generator`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use nicol_schema::ast::{Expression, Item};
use nicol_schema::model::{ConfigValue, Datasource, Generator, StringOrEnv};
use nicol_schema::{Schema, Sources};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::context::Context;
use crate::platform;
use crate::project::{absolute, folder_of};

/// The version of the engines of Prisma 6.19.0, which generators know as the version of Prisma.
const VERSION: &str = "2ba551f319ab1df4bc874a89965d8b3641056773";

/// The options of `generate`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Options<'a> {
    datamodel: &'a str,
    datasources: &'a [DatasourceOptions],
    pub(super) generator: &'a GeneratorOptions,
    dmmf: &'a RawValue,
    pub(super) other_generators: Vec<&'a GeneratorOptions>,
    schema_path: &'a Path,
    version: &'static str,
    postinstall: bool,
    no_engine: bool,
    allow_no_models: bool,
    env_paths: EnvPaths,
    /// nicol has no engines of Prisma.
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_paths: Option<BTreeMap<String, String>>,
}

/// What all generators of a schema are told.
pub(super) struct Shared {
    datamodel: String,
    datasources: Vec<DatasourceOptions>,
    dmmf: Box<RawValue>,
    schema_path: PathBuf,
}

/// A value, or the variable that has it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EnvValue {
    from_env_var: Option<String>,
    pub(super) value: Option<String>,
}

/// The block of a generator.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GeneratorOptions {
    pub(super) name: String,
    provider: EnvValue,
    pub(super) output: Option<EnvValue>,
    config: BTreeMap<String, Value>,
    binary_targets: Vec<BinaryTarget>,
    preview_features: Vec<String>,
    source_file_path: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_custom_output: Option<bool>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct BinaryTarget {
    from_env_var: Option<String>,
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    native: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DatasourceOptions {
    name: String,
    provider: String,
    active_provider: &'static str,
    url: EnvValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    direct_url: Option<EnvValue>,
    schemas: Vec<String>,
    source_file_path: PathBuf,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EnvPaths {
    root_env_path: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema_env_path: Option<PathBuf>,
}

impl Shared {
    pub(super) fn new(
        ctx: &Context,
        schema: &Schema,
        sources: &Sources,
        path: &Path,
    ) -> anyhow::Result<Self> {
        let texts: Vec<&str> = sources.files().map(|file| file.text).collect();
        let datasources = schema.datasource.iter().map(|it| DatasourceOptions::new(ctx, it, sources));
        Ok(Self {
            datamodel: nicol_schema::format(&texts.join("\n")),
            datasources: datasources.collect(),
            dmmf: RawValue::from_string(nicol_engine::dmmf(schema))?,
            schema_path: absolute(ctx, path),
        })
    }

    /// Returns the options of a generator.
    pub(super) fn options<'a>(
        &'a self,
        ctx: &Context,
        generator: &'a GeneratorOptions,
        others: Vec<&'a GeneratorOptions>,
        manifest: &super::others::Manifest,
        args: &crate::args::Generate,
    ) -> Options<'a> {
        Options {
            datamodel: &self.datamodel,
            datasources: &self.datasources,
            generator,
            dmmf: &self.dmmf,
            other_generators: others,
            schema_path: &self.schema_path,
            version: VERSION,
            postinstall: false,
            no_engine: args.no_engine,
            allow_no_models: !args.require_models,
            env_paths: self.env_paths(ctx, generator),
            binary_paths: manifest.requires_engines.as_ref().map(|_| BTreeMap::new()),
        }
    }

    fn env_paths(&self, ctx: &Context, generator: &GeneratorOptions) -> EnvPaths {
        let output = generator.output.as_ref().and_then(|output| output.value.as_deref());
        let start = output.map_or(&*ctx.cwd, Path::new);
        let package = start.ancestors().find(|folder| folder.join("package.json").is_file());
        let root_env_path = package.map(|folder| folder.join(".env")).filter(|path| path.exists());
        let beside = self.schema_path.with_file_name(".env");
        let candidates = [beside, "./prisma/.env".into(), "./.env".into()];
        let schema_env_path = candidates.into_iter().find(|path| ctx.cwd.join(path).exists());
        EnvPaths { root_env_path, schema_env_path }
    }
}

impl EnvValue {
    fn new(value: &StringOrEnv) -> Self {
        match value {
            StringOrEnv::Literal(text) => Self { from_env_var: None, value: Some(text.clone()) },
            StringOrEnv::Env(name) => Self { from_env_var: Some(name.clone()), value: None },
        }
    }

    pub(super) fn path(path: &Path) -> Self {
        Self { from_env_var: None, value: Some(path.display().to_string()) }
    }
}

impl GeneratorOptions {
    pub(super) fn new(ctx: &Context, generator: &Generator, sources: &Sources) -> Self {
        let mut config = BTreeMap::new();
        let mut targets = Vec::new();
        let mut output = None;
        for (name, value) in &generator.config {
            match (name.as_str(), value) {
                ("output", ConfigValue::One(value)) => output = Some(EnvValue::new(value)),
                ("binaryTargets", ConfigValue::Many(values)) => {
                    targets = values.iter().map(binary_target).collect();
                }
                _ => {
                    config.insert(name.clone(), setting(value));
                }
            }
        }
        if targets.is_empty() {
            targets.push(binary_target(&StringOrEnv::Literal("native".to_owned())));
        }
        let mut preview_features = generator.preview_features.clone();
        preview_features.sort();
        Self {
            name: generator.name.clone(),
            provider: EnvValue::new(&generator.provider),
            output,
            config,
            binary_targets: targets,
            preview_features,
            source_file_path: source_of(ctx, sources, Some(&generator.name)),
            is_custom_output: None,
        }
    }

    /// Returns the folder of the file with the block, to which `output` is relative.
    pub(super) fn folder(&self) -> &Path {
        self.source_file_path.parent().unwrap_or(Path::new("/"))
    }
}

impl DatasourceOptions {
    fn new(ctx: &Context, datasource: &Datasource, sources: &Sources) -> Self {
        let mut schemas = datasource.schemas.clone();
        schemas.sort();
        let no_url = EnvValue { from_env_var: None, value: None };
        Self {
            name: datasource.name.clone(),
            provider: provider(sources).unwrap_or_else(|| "postgresql".to_owned()),
            active_provider: "postgresql",
            url: datasource.url.as_ref().map_or(no_url, EnvValue::new),
            direct_url: datasource.direct_url.as_ref().map(EnvValue::new),
            schemas,
            source_file_path: source_of(ctx, sources, None),
        }
    }
}

/// Returns a setting as JSON; of a variable, its name.
fn setting(value: &ConfigValue) -> Value {
    let text = |value: &StringOrEnv| match value {
        StringOrEnv::Literal(text) | StringOrEnv::Env(text) => Value::String(text.clone()),
    };
    match value {
        ConfigValue::One(value) => text(value),
        ConfigValue::Many(values) => Value::Array(values.iter().map(text).collect()),
    }
}

fn binary_target(target: &StringOrEnv) -> BinaryTarget {
    match target {
        StringOrEnv::Literal(text) if text == "native" => {
            BinaryTarget { from_env_var: None, value: Some(platform::binary_target()), native: Some(true) }
        }
        StringOrEnv::Literal(text) => {
            BinaryTarget { from_env_var: None, value: Some(text.clone()), native: None }
        }
        StringOrEnv::Env(name) => {
            BinaryTarget { from_env_var: Some(name.clone()), value: None, native: None }
        }
    }
}

/// Returns the path of the file with a generator, or with the datasource.
fn source_of(ctx: &Context, sources: &Sources, generator: Option<&str>) -> PathBuf {
    let file = crate::project::file_of(sources, generator);
    absolute(ctx, &file.or_else(|| folder_of(sources, generator)).unwrap_or_default())
}

/// Returns the provider of the datasource as written: `postgresql` or `postgres`.
fn provider(sources: &Sources) -> Option<String> {
    let parse = nicol_schema::parse_files(sources);
    let block = parse.tree.file().items().find_map(|item| match item {
        Item::Config(block) if block.is_datasource() => Some(block),
        _ => None,
    })?;
    let property = block.properties().find(|it| it.name().is_some_and(|name| name.text == "provider"))?;
    match property.value()? {
        Expression::String(string) => Some(string.value()),
        _ => None,
    }
}

/// Returns the folder for a default output: below `node_modules`, it is relative to the project, otherwise to the
/// schema.
///
/// # Errors
/// The manifest names no default output.
pub(super) fn default_output(
    ctx: &Context,
    base: &Path,
    manifest: &super::others::Manifest,
    name: &str,
) -> anyhow::Result<PathBuf> {
    let output = manifest.default_output.as_deref().with_context(|| {
        format!("generator `{name}` has no `output`\nhelp: add one to its block: output = \"./generated\"")
    })?;
    let output = output.strip_prefix("./").unwrap_or(output);
    let base = if output.starts_with("node_modules") { modules_base(ctx, base) } else { base.to_owned() };
    Ok(absolute(ctx, &base.join(output)))
}

/// Returns the folder with `node_modules`.
///
/// Source: Prisma 6.19, `resolveNodeModulesBase`.
fn modules_base(ctx: &Context, base: &Path) -> PathBuf {
    let is_usual = ctx.cwd.join("prisma/schema.prisma").exists()
        || (base == ctx.cwd.join("prisma") && ctx.cwd.join("package.json").exists());
    if is_usual {
        return ctx.cwd.clone();
    }
    let candidates = ["node_modules", "package.json"].map(|name| {
        let near = [base.to_owned(), base.join("..")];
        near.into_iter().find(|folder| folder.join(name).exists())
    });
    candidates.into_iter().flatten().next().unwrap_or_else(|| base.to_owned())
}
