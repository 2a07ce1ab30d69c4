//! `nicol version`: what is installed.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{env, fs};

use serde_json::json;
use tokio::process::Command;

use crate::args::{OutputFormat, Version};
use crate::context::Context;
use crate::exit::Exit;
use crate::platform;

/// The version of Prisma that nicol is compatible with.
const PRISMA: &str = "6.19.0";

pub(super) async fn run(ctx: &mut Context, args: &Version) -> Exit {
    let postgres = postgres(ctx).await;
    let rust = first_line(ctx, Path::new("rustc")).await;
    let (os, arch, target) = (env::consts::OS, env::consts::ARCH, platform::binary_target());
    let version = env!("CARGO_PKG_VERSION");
    if args.json || args.format == OutputFormat::Json {
        let servers: Vec<_> =
            postgres.iter().map(|(path, version)| json!({ "path": path, "version": version })).collect();
        let all = json!({
            "nicol": version,
            "prisma": PRISMA,
            "operatingSystem": os,
            "architecture": arch,
            "binaryTarget": target,
            "rust": rust,
            "postgresql": servers,
        });
        ctx.report.output(&format!("{all}\n"));
        return Exit::Success;
    }
    let mut rows = vec![
        ("nicol", version.to_owned()),
        ("Compatible with", format!("Prisma {PRISMA}")),
        ("Operating system", os.to_owned()),
        ("Architecture", arch.to_owned()),
        ("Computed binaryTarget", target),
        ("Rust", rust.unwrap_or_else(|| "not found".to_owned())),
    ];
    let servers = postgres.into_iter().map(|(path, version)| format!("{version} (at {})", path.display()));
    rows.extend(servers.map(|server| ("PostgreSQL server", server)));
    if rows.iter().all(|(name, _)| *name != "PostgreSQL server") {
        rows.push(("PostgreSQL server", "not found".to_owned()));
    }
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, value) in rows {
        ctx.report.output(&format!("{name:width$} : {value}\n"));
    }
    Exit::Success
}

/// Returns the PostgreSQL servers that are installed, with their versions; first the one that `nicol local` prefers.
async fn postgres(ctx: &Context) -> Vec<(PathBuf, String)> {
    let mut options = nicol_local::Options::new(&ctx.cwd);
    options.postgres_bin = ctx.variable("NICOL_POSTGRES_BIN").map(Into::into);
    options.search_path = ctx.variable("PATH").map(Into::into);
    let first = nicol_local::program(&options, "postgres");
    let mut packaged: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|folders| folders.flatten().map(|folder| folder.path().join("bin/postgres")).collect())
        .unwrap_or_default();
    packaged.sort();
    let mut found: Vec<(PathBuf, String)> = Vec::new();
    for path in first.into_iter().chain(packaged) {
        let Ok(path) = path.canonicalize() else { continue };
        if found.iter().any(|(known, _)| *known == path) {
            continue;
        }
        if let Some(line) = first_line(ctx, &path).await {
            // `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`
            let version = line.split_once(") ").map_or(&*line, |(_, version)| version).to_owned();
            found.push((path, version));
        }
    }
    found
}

/// Returns the first line of a program's version.
async fn first_line(ctx: &Context, program: &Path) -> Option<String> {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).envs(&ctx.env).kill_on_drop(true);
    let output = command.output().await.ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().next().filter(|_| output.status.success()).map(str::to_owned)
}
