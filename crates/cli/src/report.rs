//! Terminal output. No other file prints.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, ErrorKind, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use nicol_branch::is_invisible;
use nicol_schema::{Diagnostic, Sources, Validated};
use serde_json::json;

use crate::exit::Exit;

/// Writes results to standard output and everything else to standard error.
pub(crate) struct Report {
    out: Box<dyn io::Write + Send>,
    err: Box<dyn io::Write + Send>,
    color: bool,
    out_color: bool,
    /// Whether progress, successes and notes are left out.
    quiet: bool,
    /// The diagnostics already shown, because a command may read a schema file more than once.
    drawn: HashSet<String>,
    /// The first output that could not be written.
    lost: Option<io::Error>,
}

/// Prisma's code for a schema with errors.
const INVALID_SCHEMA: &str = "P1012";

/// A schema with errors.
#[derive(Debug)]
pub(crate) struct RefusedSchema {
    pub(crate) sources: Sources,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What Prisma would report only after those are fixed.
    pub(crate) further: Vec<Diagnostic>,
}

impl RefusedSchema {
    pub(crate) fn new(sources: Sources, validated: Validated) -> Self {
        Self { sources, diagnostics: validated.diagnostics, further: validated.further }
    }
}

impl fmt::Display for RefusedSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the schema has errors")
    }
}

impl std::error::Error for RefusedSchema {}

/// Colors text, if the output is to be colored.
#[derive(Clone, Copy)]
pub(crate) struct Paint(bool);

impl Paint {
    pub(crate) fn paint(self, style: Style, text: &str) -> String {
        if !self.0 {
            return text.to_owned();
        }
        let number = match style {
            Style::Red => "1;31",
            Style::Yellow => "1;33",
            Style::Green => "32",
            Style::Cyan => "1;36",
            Style::Bold => "1",
        };
        format!("\x1b[{number}m{text}\x1b[0m")
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Style {
    Red,
    Yellow,
    Green,
    Cyan,
    Bold,
}

impl Report {
    /// Colors standard output if `out` is set, and standard error if `err` is.
    pub(crate) fn to_terminal(out: bool, err: bool) -> Self {
        Self {
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            color: err,
            out_color: out,
            quiet: false,
            drawn: HashSet::new(),
            lost: None,
        }
    }

    /// Keeps the output instead of printing it.
    pub(crate) fn kept(out: &Kept, err: &Kept) -> Self {
        let report = Self::to_terminal(false, false);
        Self { out: Box::new(out.clone()), err: Box::new(err.clone()), ..report }
    }

    /// Returns how the command ends, after output that could not be written is reported: it fails then, unless the reader has
    /// closed the pipe, as `head` does.
    pub(crate) fn finish(&mut self, exit: Exit) -> Exit {
        let Some(error) = self.lost.take() else { return exit };
        let what = "cannot write the output\nhelp: it is incomplete; free some space, or write it elsewhere";
        let failure = self.fail(&anyhow::Error::new(error).context(what));
        if matches!(exit, Exit::Success | Exit::Differences) { failure } else { exit }
    }

    fn note_loss(&mut self, written: io::Result<()>) {
        if let Err(error) = written
            && error.kind() != ErrorKind::BrokenPipe
        {
            self.lost.get_or_insert(error);
        }
    }

    /// Leaves out progress, successes and notes if `quiet` is set.
    #[must_use]
    pub(crate) fn quiet_if(self, quiet: bool) -> Self {
        Self { quiet, ..self }
    }

    /// Returns the colors for results.
    pub(crate) fn paint(&self) -> Paint {
        Paint(self.out_color)
    }

    /// Writes a result to standard output, unchanged.
    pub(crate) fn output(&mut self, text: &str) {
        let written = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        self.note_loss(written);
    }

    /// Prints a progress line.
    pub(crate) fn line(&mut self, text: &str) {
        if !self.quiet {
            self.print(text);
        }
    }

    fn print(&mut self, text: &str) {
        self.error_output(&format!("{text}\n"));
    }

    /// Prints a prompt that is answered on the same line.
    pub(crate) fn question(&mut self, text: &str) {
        let text = self.styled(Style::Bold, text);
        self.error_output(&format!("{text} "));
        let _ = self.err.flush();
    }

    /// Prints that something succeeded.
    pub(crate) fn success(&mut self, text: &str) {
        let text = self.styled(Style::Green, text);
        self.line(&text);
    }

    /// Prints something the user should know.
    pub(crate) fn note(&mut self, text: &str) {
        let word = self.styled(Style::Cyan, "note");
        self.line(&format!("{word}: {text}"));
    }

    /// Prints something the user should look into.
    pub(crate) fn warning(&mut self, text: &str) {
        let word = self.styled(Style::Yellow, "warning");
        self.print(&format!("{word}: {text}"));
    }

    /// Prints a next step.
    pub(crate) fn help(&mut self, text: &str) {
        let word = self.styled(Style::Cyan, "help");
        self.print(&format!("{word}: {text}"));
    }

    /// Prints the diagnostics of a schema, each only once.
    pub(crate) fn diagnostics(&mut self, sources: &Sources, diagnostics: &[Diagnostic]) {
        if !diagnostics.is_empty() {
            let drawn = nicol_schema::render_files(diagnostics, sources, self.color);
            if !self.drawn.contains(&drawn) {
                self.error_output(&drawn);
                self.drawn.insert(drawn);
            }
        }
    }

    /// Prints why the command failed, and returns its exit code.
    pub(crate) fn fail(&mut self, error: &anyhow::Error) -> Exit {
        if let Some(refused) = error.downcast_ref::<RefusedSchema>() {
            self.diagnostics(&refused.sources, &refused.diagnostics);
            let errors = |list: &[Diagnostic]| list.iter().filter(|it| it.is_error()).count();
            let mut sum = counted(errors(&refused.diagnostics), "error");
            if !refused.further.is_empty() {
                self.note("further errors, which Prisma would report only after those are fixed:");
                self.diagnostics(&refused.sources, &refused.further);
                sum = format!("{sum}, and {} further", errors(&refused.further));
            }
            self.print(&sum);
            return Exit::Failure;
        }
        let (code, text) = described(error);
        let code = code.map(|code| format!("[{code}]")).unwrap_or_default();
        let word = self.styled(Style::Red, &format!("error{code}"));
        let mut lines = text.lines();
        let first = self.styled(Style::Bold, lines.next().unwrap_or_default());
        self.print(&format!("{word}: {first}"));
        for line in lines {
            match line.strip_prefix("help: ") {
                Some(help) => self.help(help),
                None => self.print(line),
            }
        }
        if error.chain().any(is_of_connection) {
            self.note("`nicol doctor` examines the connection, and says what to change");
        }
        how_it_ends(error)
    }

    /// Same as [`Report::fail`], as JSON on standard output: `{"error": {"code", "message", "help"}}`.
    pub(crate) fn fail_as_json(&mut self, error: &anyhow::Error) -> Exit {
        let (mut code, text) = described(error);
        let (help, message): (Vec<&str>, Vec<&str>) =
            text.lines().partition(|line| line.starts_with("help: "));
        let help: Vec<&str> = help.iter().map(|line| line.trim_start_matches("help: ")).collect();
        let mut message = message.join("\n");
        if let Some(refused) = error.downcast_ref::<RefusedSchema>() {
            let first = refused.diagnostics.iter().find(|finding| finding.is_error());
            code = Some(INVALID_SCHEMA);
            let first = first.map(|finding| format!(": {}", finding.message)).unwrap_or_default();
            message.push_str(&first);
        }
        let error_json = json!({ "error": { "code": code, "message": message, "help": help } });
        self.output(&format!("{error_json}\n"));
        how_it_ends(error)
    }

    fn styled(&self, style: Style, text: &str) -> String {
        Paint(self.color).paint(style, text)
    }

    fn error_output(&mut self, text: &str) {
        let written = self.err.write_all(visible(text).as_bytes());
        self.note_loss(written);
    }
}

/// Prints the requested help or the usage error. clap's exit code 2 is not used for errors, because `migrate diff
/// --exit-code` gives it another meaning.
pub(crate) fn usage(error: &clap::Error) -> Exit {
    let mut report = Report::to_terminal(false, false);
    let written = error.print().and_then(|()| io::stdout().flush());
    report.note_loss(written);
    report.finish(if error.use_stderr() { Exit::Failure } else { Exit::Success })
}

/// Escapes what a terminal would act on rather than show, except the colors of [`Paint`] and of diagnostics: names come from
/// files, databases and services.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let rest = &text[at + character.len_utf8()..];
        let is_line_end = character == '\r' && rest.starts_with('\n');
        if matches!(character, '\n' | '\t')
            || is_line_end
            || is_color(character, rest)
            || !is_invisible(character)
        {
            shown.push(character);
        } else {
            shown.extend(character.escape_debug());
        }
    }
    shown
}

/// Whether this is the begin of a sequence that only sets the color.
fn is_color(character: char, rest: &str) -> bool {
    let parameters = rest.strip_prefix('[').and_then(|rest| rest.split_once('m'));
    character == '\u{1b}'
        && parameters
            .is_some_and(|(it, _)| it.len() <= 20 && it.bytes().all(|it| it.is_ascii_digit() || it == b';'))
}

/// Formats a count: `1 migration`, `2 migrations`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Returns Prisma's code for an error, and its text: the first line, then lines that may start with `help: `.
fn described(error: &anyhow::Error) -> (Option<&'static str>, String) {
    let mut text = String::new();
    for cause in error.chain() {
        // Errors that wrap a driver error say what matters; the driver's own text may contain values of rows.
        if cause.is::<nicol_pg::tokio_postgres::Error>() {
            break;
        }
        let cause = cause.to_string();
        // Some messages already include those of their sources.
        if text.is_empty() {
            text = cause;
        } else if !text.contains(cause.lines().next().unwrap_or_default()) {
            let (first, help) = text.split_once('\n').map_or((text.as_str(), None), |it| (it.0, Some(it.1)));
            let help = help.map(|help| format!("\n{help}")).unwrap_or_default();
            text = format!("{first}: {cause}{help}");
        }
    }
    (error.chain().find_map(code), text)
}

fn how_it_ends(error: &anyhow::Error) -> Exit {
    use nicol_migrate::Error;
    match error.downcast_ref::<Error>() {
        Some(
            Error::Interrupted { .. }
            | Error::Stopped
            | Error::PushStopped { .. }
            | Error::ShadowStopped { .. },
        ) => Exit::Interrupted,
        _ => Exit::Failure,
    }
}

/// Whether the database could not be connected to.
fn is_of_connection(error: &(dyn std::error::Error + 'static)) -> bool {
    use nicol_pg::ConnectError;
    let of_migrations = error.downcast_ref::<nicol_migrate::Error>().and_then(|error| match error {
        nicol_migrate::Error::Connect(error) => Some(error),
        _ => None,
    });
    let error = error.downcast_ref::<ConnectError>().or(of_migrations);
    error.is_some_and(|error| !matches!(error, ConnectError::Url(_)))
}

/// Returns Prisma's code for an error.
fn code(error: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    if let Some(error) = error.downcast_ref::<nicol_migrate::Error>() {
        return error.code();
    }
    if let Some(error) = error.downcast_ref::<nicol_pg::ConnectError>() {
        return Some(error.code());
    }
    if let Some(error) = error.downcast_ref::<nicol_engine::Error>() {
        return error.code();
    }
    error.downcast_ref::<nicol_pg::UrlError>().map(nicol_pg::UrlError::code)
}

/// Output that is kept in memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Standard output for lines that are printed from anywhere, each as a whole.
#[derive(Debug)]
pub(crate) struct Output(io::Stdout);

impl Output {
    pub(crate) fn new() -> Self {
        Self(io::stdout())
    }

    pub(crate) fn line(&self, text: &str) {
        // The reader has closed the pipe.
        let mut out = self.0.lock();
        let _ = writeln!(out, "{text}").and_then(|()| out.flush());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_escaped() {
        for text in ["a\tb\r\nc\n", "\u{1b}[1;31merror\u{1b}[0m: ä\u{301} 日本", "'\"\\"] {
            assert_eq!(visible(text), text);
        }
        for (text, expected) in [
            ("a\u{202e}b", "a\\u{202e}b"),
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("\u{1b}[2Jm", "\\u{1b}[2Jm"),
            ("a\rb\u{9b}31m", "a\\rb\\u{9b}31m"),
        ] {
            assert_eq!(visible(text), expected);
        }
    }
}
