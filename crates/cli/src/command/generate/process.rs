//! The process of a generator: requests on its standard input, answers on its standard error, one JSON value a line.
//!
//! Source: Prisma 6.19, `@prisma/generator-helper`.

use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use nicol_migrate::Error;
use serde::Serialize;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, Command};
use tokio::time::{sleep, timeout};

use crate::context::Context;
use crate::report::Report;
use crate::signals::Signals;

/// After this time without an answer, the user is told what is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// The time to end after SIGTERM, as in Prisma.
const TO_END: Duration = Duration::from_secs(2);
/// The longest answer, in bytes (64 MiB).
const LONGEST: u64 = 64 * 1024 * 1024;
/// How much of what the generator prints is kept for errors, in bytes.
const KEPT: usize = 16 * 1024;
/// The exit code of a shell that does not find the program.
const NOT_FOUND: i32 = 127;

/// A running generator. Dropping it ends its processes.
pub(super) struct Process {
    /// The name of the block.
    name: String,
    provider: String,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStderr>,
    /// The end of what it has printed besides answers.
    log: String,
    last_id: u64,
}

#[derive(Serialize)]
struct Request<'a, T> {
    jsonrpc: &'static str,
    method: &'a str,
    params: &'a T,
    id: u64,
}

impl Process {
    /// Starts the program in a shell, as Prisma does. `path` is the search path.
    pub(super) fn start(ctx: &Context, name: &str, provider: &str, path: &str) -> anyhow::Result<Self> {
        let mut command = shell(provider);
        command.current_dir(&ctx.cwd).envs(&ctx.env).env("PATH", path);
        command.env("PRISMA_GENERATOR_INVOCATION", "true");
        command.stdin(Stdio::piped()).stdout(Stdio::inherit()).stderr(Stdio::piped()).kill_on_drop(true);
        // A group of its own, so that what the shell starts ends with it.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().context("cannot start the shell for a generator")?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stderr.take()) else {
            bail!("cannot talk to generator `{name}`");
        };
        let output = BufReader::new(output);
        let (name, provider) = (name.to_owned(), provider.to_owned());
        Ok(Self { name, provider, child, input, output, log: String::new(), last_id: 0 })
    }

    /// Sends a request and returns the result.
    pub(super) async fn call<T: Serialize>(
        &mut self,
        report: &mut Report,
        signals: &Signals,
        method: &str,
        params: &T,
    ) -> anyhow::Result<Value> {
        self.last_id += 1;
        let id = self.last_id;
        let mut line = serde_json::to_vec(&Request { jsonrpc: "2.0", method, params, id })?;
        line.push(b'\n');
        let Self { name, input, output, log, .. } = self;
        let answer = {
            // A process that has ended cannot read: its exit code says why.
            let mut sending = pin!(async {
                let _ = input.write_all(&line).await;
                let _ = input.flush().await;
            });
            let mut receiving = pin!(receive(output, log, id));
            let mut interrupt = pin!(signals.attend());
            let mut patience = pin!(sleep(PATIENCE));
            let (mut sent, mut told) = (false, false);
            loop {
                tokio::select! {
                    biased;
                    answer = &mut receiving => break answer,
                    () = &mut interrupt => return Err(Error::Stopped.into()),
                    () = &mut sending, if !sent => sent = true,
                    () = &mut patience, if !told => {
                        told = true;
                        report.note(&format!("generator `{name}` has not answered yet; Ctrl-C stops it"));
                    }
                }
            }
        };
        match answer.with_context(|| format!("cannot read the answer of generator `{}`", self.name))? {
            Some(answer) => self.result(answer),
            None => Err(self.ended(method).await),
        }
    }

    fn result(&self, mut answer: Value) -> anyhow::Result<Value> {
        match answer.get("error") {
            Some(error) if !error.is_null() => {
                let message = error.get("message").and_then(Value::as_str).unwrap_or("it failed");
                Err(anyhow!("generator `{}` failed: {}", self.name, message.trim()))
            }
            _ => Ok(answer.get_mut("result").map(Value::take).unwrap_or_default()),
        }
    }

    /// Says why there is no answer.
    async fn ended(&mut self, method: &str) -> anyhow::Error {
        let (name, provider) = (&self.name, &self.provider);
        let status = timeout(TO_END, self.child.wait()).await;
        let status = match &status {
            Ok(Ok(status)) if status.code() == Some(NOT_FOUND) => {
                return anyhow!(
                    "the program of generator `{name}` was not found: `{provider}`\n{}help: install it, for example \
                     with `npm install --save-dev {provider}`; it is looked for in node_modules/.bin and in PATH",
                    self.shown_log()
                );
            }
            Ok(Ok(status)) => described(*status),
            _ => "closed its standard error".to_owned(),
        };
        anyhow!(
            "generator `{name}` {status} without answering `{method}`\n{}help: check that `{provider}` is a generator \
             of Prisma: it must answer requests on its standard error",
            self.shown_log()
        )
    }

    fn shown_log(&self) -> String {
        let log = self.log.trim_end();
        if log.is_empty() { String::new() } else { format!("{log}\n") }
    }

    /// Ends the generator: first politely, then by force.
    pub(super) async fn stop(mut self) {
        self.signal(false);
        if timeout(TO_END, self.child.wait()).await.is_err() {
            self.signal(true);
            let _ = self.child.wait().await;
        }
    }

    #[cfg(unix)]
    fn signal(&self, force: bool) {
        use rustix::process::{Pid, Signal, kill_process_group};
        let signal = if force { Signal::KILL } else { Signal::TERM };
        // Without an id, it has ended and been waited for.
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(id) = id {
            let _ = kill_process_group(id, signal);
        }
    }

    #[cfg(not(unix))]
    fn signal(&mut self, _: bool) {
        let _ = self.child.start_kill();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(false);
    }
}

/// Returns the answer with this id, or `None` if the output ends before. Other lines are kept in the log.
async fn receive(
    output: &mut BufReader<ChildStderr>,
    log: &mut String,
    id: u64,
) -> anyhow::Result<Option<Value>> {
    loop {
        let mut line = Vec::new();
        let length = (&mut *output).take(LONGEST).read_until(b'\n', &mut line).await?;
        if length == 0 {
            return Ok(None);
        }
        if length as u64 >= LONGEST {
            bail!("it has a line longer than {LONGEST} bytes");
        }
        match serde_json::from_slice::<Value>(&line) {
            Ok(value) if value.get("jsonrpc").is_some() => {
                if value.get("id").and_then(Value::as_u64) == Some(id) {
                    return Ok(Some(value));
                }
            }
            _ => keep(log, &String::from_utf8_lossy(&line)),
        }
    }
}

/// Appends to the log, and drops its start if it becomes too long.
fn keep(log: &mut String, line: &str) {
    log.push_str(line);
    if log.len() > KEPT {
        let start = log.ceil_char_boundary(log.len() - KEPT);
        log.drain(..start);
    }
}

fn described(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("was ended by signal {signal}");
    }
    format!("ended with exit code {}", status.code().unwrap_or(1))
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command);
    shell
}

#[cfg(not(unix))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.arg("/d").arg("/s").arg("/c").arg(command);
    shell
}
