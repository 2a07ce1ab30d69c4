use std::io;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use nicol_studio::{Options, Studio};
use tokio::net::TcpListener;
use tokio::process::Command;

use super::risk::{risk, title};
use crate::args;
use crate::context::Context;
use crate::database::{Database, datasource_of};
use crate::exit::Exit;
use crate::project::{Project, load_schema};

/// The ports that are tried if none is given, as in Prisma.
const PORTS: std::ops::RangeInclusive<u16> = 5555..=5600;

pub(super) async fn run(ctx: &mut Context, project: &Project, args: &args::Studio) -> anyhow::Result<Exit> {
    let path = project.schema()?;
    let schema = load_schema(ctx, path)?;
    let database = match &args.url {
        Some(url) => Database::at(ctx, url, "the value of --url")?,
        None => {
            let datasource = datasource_of(project, schema.clone(), path)?;
            Database::for_queries(ctx, project, &datasource).await?
        }
    };
    let risk = risk(&database.url);
    let (is_read_only, notice) = match (&risk, args.read_only, args.write) {
        (_, true, _) => (true, None),
        (Some(risk), _, true) => (false, Some(format!("{risk}. Changes are applied to it."))),
        (Some(risk), ..) => (
            true,
            Some(format!("{risk}: rows can only be read. Start `nicol studio` with --write to change them.")),
        ),
        (None, ..) => (false, None),
    };
    if let Some(notice) = &notice {
        ctx.report.warning(notice);
    }
    let host = args.hostname.as_deref().unwrap_or("localhost");
    let listener = listen(host, args.port).await?;
    if !listener.local_addr().is_ok_and(|address| address.ip().is_loopback()) {
        ctx.report.warning(
            "the studio can be reached from other machines, without encryption: whoever sees its URL can use it",
        );
    }
    let options = Options { is_read_only, title: title(&database.url), notice };
    let studio = Studio::new(schema, &database.url.to_url_with_password(), listener, host, options)?;
    let stop = ctx.signals.attend();
    ctx.report.output(&format!("{}\n", studio.url()));
    if let Err(problem) = open_browser(ctx, args.browser.as_deref(), &studio) {
        ctx.report.note(&format!("no browser was opened: {problem}"));
    }
    ctx.report.note("open the URL in a browser; Ctrl-C stops the studio");
    studio.serve(stop).await;
    database.close().await?;
    Ok(Exit::Success)
}

/// Listens on the port, or on the first free one of Prisma's.
async fn listen(host: &str, port: Option<u16>) -> anyhow::Result<TcpListener> {
    // IPv4 first: `localhost` may be both, and a browser tries both.
    let host = if host == "localhost" { "127.0.0.1" } else { host };
    if let Some(port) = port {
        let help = "help: choose another --port, or 0 for any free one";
        let listener = TcpListener::bind((host, port)).await;
        return listener.with_context(|| format!("cannot listen on `{host}`, port {port}\n{help}"));
    }
    for port in PORTS {
        match TcpListener::bind((host, port)).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            result => return result.with_context(|| format!("cannot listen on `{host}`, port {port}")),
        }
    }
    bail!("no port from {} to {} is free\nhelp: choose another one with --port", PORTS.start(), PORTS.end())
}

/// Opens the browser that the user has chosen, or the system's if there is a screen. Its command line has a URL that works only once.
fn open_browser(ctx: &Context, chosen: Option<&str>, studio: &Studio) -> Result<(), String> {
    let chosen = chosen.or_else(|| ctx.variable("BROWSER"));
    if chosen == Some("none") {
        return Ok(());
    }
    let url = studio.url_once();
    let mut command = match chosen {
        Some(name) => {
            let mut command = Command::new(name);
            command.arg(url);
            command
        }
        None if cfg!(target_os = "macos") => {
            let mut command = Command::new("open");
            command.arg(url);
            command
        }
        None if cfg!(windows) => {
            let mut command = Command::new("explorer");
            command.arg(url);
            command
        }
        None if ["DISPLAY", "WAYLAND_DISPLAY"].iter().all(|name| ctx.variable(name).is_none()) => {
            return Err("there is no screen".to_owned());
        }
        None => {
            let mut command = Command::new("xdg-open");
            command.arg(url);
            command
        }
    };
    let started = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    started.map(drop).map_err(|error| format!("cannot run `{name}`: {error}"))
}
