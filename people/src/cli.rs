//! The command line: arguments in, exit code out.

#[cfg(feature = "seed")]
mod many;

use std::future::pending;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Parser, Subcommand};
use nicol_auth::{Random as _, SystemRandom};

use crate::boot;
use crate::config::{self, Config, Database, Environment};
use crate::database::{Connected, local_options};
use crate::terminal::Terminal;
use crate::{health, log, seed};

/// A directory of people, with sign-in by e-mail.
///
/// Without settings, People runs in development mode: it listens on this machine only, starts a private PostgreSQL
/// server and prints sign-in links on the terminal. Settings come from the environment and from `.env` in the project
/// folder (the one with `nicol.toml`, otherwise the current one). `people config` shows them all.
#[derive(Debug, Parser)]
#[command(name = "people", version, after_help = AFTER_HELP, verbatim_doc_comment)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Command {
    /// Apply pending migrations and serve the site until Ctrl-C (default)
    Serve,
    /// Show the effective settings and their sources; secrets are hidden
    Config,
    /// Check that the local People responds: exit code 0 if it does (for containers)
    Health,
    /// Print a new secret for `AUTH_SECRET`: 33 random bytes in base64
    Secret,
    /// Apply pending migrations and exit
    Migrate,
    /// Add ten sample people to a development database; existing people are not changed
    Seed {
        /// Add this many invented people instead; Ctrl-C stops early (needs the feature `seed`)
        #[arg(long, value_name = "N")]
        count: Option<u64>,
    },
}

const AFTER_HELP: &str = "\
Settings:
  HOST, PORT                address and port to listen on (default: 127.0.0.1 and 3000)
  DATABASE_URL              PostgreSQL URL (default: a private local server)
  DATABASE_URL_UNPOOLED     direct URL for migrations, if DATABASE_URL leads to a pooler
  DATABASE_REPLICA_URL      URLs of replicas for reads that may lag by some seconds, separated by spaces
  DATABASE_ALLOW_PLAINTEXT  1 allows a remote database without TLS
  AUTH_URL                  public URL of the site; a deployment needs it and the settings below
  AUTH_SECRET               secret that signs cookies: the output of `people secret`
  AUTH_ENCRYPTION_KEY       keys for the tokens of linked accounts, separated by commas: the first encrypts, all decrypt
                            (default: derived from AUTH_SECRET)
  AUTH_ALLOWED_EMAILS       addresses that may sign in, separated by commas; `*` for everyone
  AUTH_ALLOWED_DOMAINS      domains whose addresses may sign in
  EMAIL_SERVER, EMAIL_FROM  server and sender of the mails: smtps://user:password@smtp.example.com:465
  AUTH_GOOGLE_ID, AUTH_GOOGLE_SECRET
                            sign-in with Google; likewise GITHUB, OIDC (with AUTH_OIDC_ISSUER and AUTH_OIDC_NAME) and
                            others, see docs/sign-in.md. With a provider, mail is optional
  TRUSTED_PROXIES           proxies whose x-forwarded-for is trusted: addresses and networks, separated by commas
  RATE_LIMIT                requests per minute from one address: on, off, or sign-in=20,write=300,read=3000
  METRICS_LISTEN            address of a separate listener for Prometheus at /metrics, such as 127.0.0.1:9464
  OTEL_EXPORTER_OTLP_ENDPOINT
                            OpenTelemetry collector for traces (HTTP): http://127.0.0.1:4318; needs the feature `otel`
  RUST_LOG                  log filter (default: info)
  CREDENTIALS_DIRECTORY     folder with the files AUTH_SECRET, AUTH_ENCRYPTION_KEY, DATABASE_URL, DATABASE_URL_UNPOOLED,
                            DATABASE_REPLICA_URL, EMAIL_SERVER, OTEL_EXPORTER_OTLP_HEADERS and AUTH_…_SECRET: systemd's LoadCredential, or
                            /run/secrets of a container
  NICOL_POSTGRES_BIN        folder of the PostgreSQL programs, if they are not found

Exit codes: 0 success, 1 failure, 2 invalid arguments";

/// Runs the command in the arguments of the process.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    match execute(arguments.command.unwrap_or(Command::Serve)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is closed, the exit code is enough.
            let _ = writeln!(std::io::stderr(), "error: {}", chain(&error));
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> anyhow::Result<()> {
    let current = std::env::current_dir().context("cannot read the current folder")?;
    let folder = project_folder(&current);
    let env = config::read_environment(folder)?;
    let terminal = Terminal::stdout();
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(async {
        match command {
            Command::Serve => serve(&env, folder, &terminal).await,
            Command::Config => print_config(&env, &terminal),
            Command::Health => health::check(config::listen(&env)?),
            Command::Secret => {
                terminal.say(new_secret());
                Ok(())
            }
            Command::Migrate => migrate(&env, folder, &terminal).await,
            Command::Seed { count } => add_samples(&env, folder, &terminal, count).await,
        }
    })
}

/// Returns the folder of `.env` and the local data: that of the nearest `nicol.toml`, as for the `nicol` command, or else
/// the current one.
fn project_folder(current: &Path) -> &Path {
    current.ancestors().find(|folder| folder.join("nicol.toml").is_file()).unwrap_or(current)
}

async fn serve(env: &Environment, folder: &Path, terminal: &Terminal) -> anyhow::Result<()> {
    let config = Config::read(env)?;
    log::start(&config.log, config.is_development())?;
    Box::pin(boot::serve(config, &local_options(env, folder), terminal)).await
}

fn print_config(env: &Environment, terminal: &Terminal) -> anyhow::Result<()> {
    let config = Config::read(env)?;
    let settings = config.settings(env);
    let width = |of: fn(&config::Setting) -> usize| settings.iter().map(of).max().unwrap_or_default();
    let (names, values) =
        (width(|setting| setting.name.len()), width(|setting| setting.value.chars().count()).min(60));
    terminal.say(if config.is_development() {
        "Development: no AUTH_URL, no mail settings, listening on this machine only\n"
    } else {
        "Deployment\n"
    });
    for setting in settings {
        terminal.say(format_args!("{:names$}  {:values$}  {}", setting.name, setting.value, setting.source));
    }
    terminal.say("\nLimits of this process\n");
    for (what, bound) in config::bounds() {
        terminal.say(format_args!("{what:names$}  {bound}"));
    }
    Ok(())
}

/// Returns a random secret in the form of `openssl rand -base64 33`.
fn new_secret() -> String {
    let mut bytes = [0; 33];
    SystemRandom.fill(&mut bytes);
    STANDARD.encode(bytes)
}

async fn migrate(env: &Environment, folder: &Path, terminal: &Terminal) -> anyhow::Result<()> {
    let connected = Connected::open(&Database::read(env)?, &local_options(env, folder), terminal).await?;
    let migrated = connected.migrate(terminal, pending()).await;
    connected.close().await?;
    migrated
}

async fn add_samples(
    env: &Environment,
    folder: &Path,
    terminal: &Terminal,
    count: Option<u64>,
) -> anyhow::Result<()> {
    if !config::is_development(env) {
        bail!(
            "sample people can be added only in development, and these settings are for a deployment\n\
             help: unset `AUTH_URL`, `EMAIL_SERVER` and `EMAIL_FROM` to use a development database"
        );
    }
    if count.is_some() && cfg!(not(feature = "seed")) {
        bail!(
            "this build cannot invent people: it lacks the feature `seed`\n\
             help: run `cargo run --release -p people --features seed -- seed --count N`"
        );
    }
    let connected = Connected::open(&Database::read(env)?, &local_options(env, folder), terminal).await?;
    let seeded = async {
        connected.migrate(terminal, pending()).await?;
        match count {
            #[cfg(feature = "seed")]
            Some(count) => many::add(&connected, terminal, count).await,
            _ => add_ten(&connected, terminal).await,
        }
    };
    let seeded = seeded.await;
    connected.close().await?;
    seeded
}

async fn add_ten(connected: &Connected, terminal: &Terminal) -> anyhow::Result<()> {
    let added = seed::seed(&connected.client()?.primary()).await?;
    terminal.say(match added {
        0 => "All ten sample people already exist.".to_owned(),
        1 => "1 sample person added.".to_owned(),
        added => format!("{added} sample people added."),
    });
    Ok(())
}

/// Formats an error and its causes; help lines go to the end.
fn chain(error: &anyhow::Error) -> String {
    let mut lines = Vec::new();
    let mut help = String::new();
    for cause in error.chain() {
        let text = cause.to_string();
        let (what, how) = text.split_once("\nhelp: ").unwrap_or((&text, ""));
        if !lines.iter().any(|line: &String| line.contains(what)) {
            lines.push(what.to_owned());
        }
        if !how.is_empty() {
            help.push_str("\nhelp: ");
            help.push_str(how);
        }
    }
    lines.join("\n  caused by: ") + &help
}
