//! Generators of others: programs that speak Prisma's generator protocol.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, bail};
use nicol_schema::Schema;
use nicol_schema::model::Generator;
use serde::Deserialize;
use serde_json::Value;

use super::options::{EnvValue, GeneratorOptions, Shared, default_output};
use super::process::Process;
use super::{PROVIDER, is_prisma_client, setting, text};
use crate::args;
use crate::context::Context;
use crate::exit::Exit;
use crate::project::{Project, absolute, from_cwd};

/// What a generator says about itself.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Manifest {
    pretty_name: Option<String>,
    version: Option<String>,
    pub(super) default_output: Option<String>,
    requires_generators: Option<Vec<String>>,
    pub(super) requires_engines: Option<Vec<Value>>,
}

struct Running {
    /// Its place among the generators.
    index: usize,
    process: Process,
    manifest: Manifest,
}

/// Runs the generators among `all` that are neither nicol nor Prisma Client. The failure of one does not stop the others.
pub(super) async fn run(
    ctx: &mut Context,
    project: &Project,
    schema: &Schema,
    all: &[&Generator],
    args: &args::Generate,
) -> anyhow::Result<Exit> {
    let providers: Vec<String> =
        all.iter().map(|generator| provider(ctx, generator)).collect::<anyhow::Result<_>>()?;
    let is_other = |provider: &str| provider != PROVIDER && !is_prisma_client(provider);
    if !providers.iter().any(|provider| is_other(provider)) {
        return Ok(Exit::Success);
    }
    let path = project.schema()?;
    let sources = nicol_codegen::read_schema(path)?;
    let mut blocks: Vec<_> = all.iter().map(|it| GeneratorOptions::new(ctx, it, &sources)).collect();
    let search_path = search_path(ctx);

    // All are started before the first is asked, because starting takes them the longest.
    let mut started = Vec::new();
    for (index, provider) in providers.iter().enumerate().filter(|(_, provider)| is_other(provider)) {
        started.push((index, Process::start(ctx, &all[index].name, provider, &search_path)?));
    }
    let mut running = Vec::new();
    for (index, mut process) in started {
        let signals = ctx.signals.clone();
        let result = process.call(&mut ctx.report, &signals, "getManifest", &blocks[index]).await?;
        let manifest = result.get("manifest").filter(|manifest| !manifest.is_null());
        let manifest = manifest.map(Manifest::deserialize).transpose();
        let manifest = manifest
            .with_context(|| format!("the manifest of generator `{}` is invalid", all[index].name))?;
        running.push(Running { index, process, manifest: manifest.unwrap_or_default() });
    }
    for Running { index, manifest, .. } in &running {
        for needed in manifest.requires_generators.iter().flatten() {
            if !providers.contains(needed) {
                bail!(
                    "generator `{}` requires a generator with provider `{needed}`, which is not there\n\
                     help: add it: generator other {{ provider = \"{needed}\" }}",
                    all[*index].name
                );
            }
        }
    }
    for (index, generator) in all.iter().enumerate() {
        let manifest = running.iter().find(|it| it.index == index).map(|it| &it.manifest);
        resolve_output(ctx, &mut blocks[index], generator, &providers[index], manifest)?;
    }

    let shared = Shared::new(ctx, schema, &sources, path)?;
    let mut exit = Exit::Success;
    for Running { index, mut process, manifest } in running {
        let others = (0..blocks.len()).filter(|other| *other != index).map(|other| &blocks[other]);
        let options = shared.options(ctx, &blocks[index], others.collect(), &manifest, args);
        let begin = Instant::now();
        let signals = ctx.signals.clone();
        let result = process.call(&mut ctx.report, &signals, "generate", &options).await;
        process.stop().await;
        match result {
            Ok(_) => {
                let output = blocks[index].output.as_ref().and_then(|output| output.value.as_deref());
                let output = from_cwd(ctx, Path::new(output.unwrap_or_default()));
                let name = manifest.pretty_name.as_deref().unwrap_or(&providers[index]);
                let version = manifest.version.map(|version| format!(" {version}")).unwrap_or_default();
                ctx.report.success(&format!(
                    "generator {}: {name}{version} generated {} in {} ms",
                    all[index].name,
                    output.display(),
                    begin.elapsed().as_millis()
                ));
            }
            Err(error) if error.is::<nicol_migrate::Error>() => return Err(error),
            Err(error) => exit = ctx.report.fail(&error),
        }
    }
    Ok(exit)
}

fn provider(ctx: &Context, generator: &Generator) -> anyhow::Result<String> {
    text(ctx, &generator.provider).with_context(|| {
        let variable = match &generator.provider {
            nicol_schema::model::StringOrEnv::Env(name) | nicol_schema::model::StringOrEnv::Literal(name) => {
                name
            }
        };
        format!(
            "the provider of generator `{}` is in `{variable}`, which is not set\nhelp: set it in the environment or in .env",
            generator.name
        )
    })
}

fn resolve_output(
    ctx: &Context,
    block: &mut GeneratorOptions,
    generator: &Generator,
    provider: &str,
    manifest: Option<&Manifest>,
) -> anyhow::Result<()> {
    let folder = block.folder().to_owned();
    let output = match (setting(generator, "output"), manifest) {
        (Some(output), _) => {
            let output = text(ctx, output)
                .with_context(|| format!("`output` of generator `{}` is not set", generator.name))?;
            block.is_custom_output = Some(true);
            Some(absolute(ctx, &folder.join(output)))
        }
        (None, Some(manifest)) => Some(default_output(ctx, &folder, manifest, &generator.name)?),
        (None, None) if provider == "prisma-client-js" => client_package(&folder),
        (None, None) => None,
    };
    block.output = output.map(|output| EnvValue::path(&output));
    Ok(())
}

/// Returns the folder in which Prisma Client is installed: generators look there for its types.
fn client_package(folder: &Path) -> Option<PathBuf> {
    let mut candidates = folder.ancestors().map(|folder| folder.join("node_modules/@prisma/client"));
    candidates.find_map(|folder| folder.canonicalize().ok())
}

/// Returns the search path with `node_modules/.bin` of this folder and its parents before the rest, as npm sets it.
fn search_path(ctx: &Context) -> String {
    let folders = ctx.cwd.ancestors().map(|folder| folder.join("node_modules/.bin"));
    let given = ctx.variable("PATH").unwrap_or_default();
    let all = folders.filter(|folder| folder.is_dir()).chain(env::split_paths(given));
    // A folder whose name has a colon cannot be in a search path.
    env::join_paths(all).ok().and_then(|path| path.into_string().ok()).unwrap_or_else(|| given.to_owned())
}
