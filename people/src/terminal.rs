//! Messages to the user who started People. The log is separate and goes to standard error.

use std::convert::Infallible;
use std::fmt::Display;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use nicol_auth::{MagicLinkMail, Mailer};

/// The output for messages. Clones write to the same output.
#[derive(Clone)]
pub struct Terminal(Arc<Mutex<dyn Write + Send>>);

impl Terminal {
    /// Standard output.
    pub fn stdout() -> Self {
        Self::new(io::stdout())
    }

    /// Another writer, such as the memory of a test.
    pub fn new(out: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(out)))
    }

    /// Writes a line.
    pub fn say(&self, line: impl Display) {
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody may be listening any more; that is no reason to stop serving.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }

    /// Writes a step of a longer operation.
    pub fn step(&self, line: impl Display) {
        self.say(format_args!("  {line}"));
    }
}

/// A mailer for development that prints links.
#[derive(Clone)]
pub struct TerminalMailer(Terminal);

impl TerminalMailer {
    /// Prints to a terminal.
    pub fn new(terminal: Terminal) -> Self {
        Self(terminal)
    }
}

impl Mailer for TerminalMailer {
    type Error = Infallible;

    async fn send(&self, mail: MagicLinkMail) -> Result<(), Infallible> {
        let until = mail.expires.format("%-d %B, %H:%M UTC");
        self.0.say(format_args!(
            "\nSign-in link for {}; it works once, until {until}:\n{}\n",
            mail.to.as_str(),
            mail.url.expose()
        ));
        Ok(())
    }
}
