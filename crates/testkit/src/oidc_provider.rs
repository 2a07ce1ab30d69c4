//! A real OpenID Connect provider: npm's `oidc-provider`, which is installed with the reference.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::reference::reference_dir;

/// A provider on loopback, with pages on which anybody signs in under any name; `ann` has the address
/// `ann@example.com` then. It insists on PKCE, asks for consent, gives refresh tokens, and ends with this value.
#[derive(Debug)]
pub struct OidcProvider {
    process: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    issuer: String,
}

impl OidcProvider {
    /// The id of its one client.
    pub const CLIENT_ID: &'static str = "people";

    /// The secret of its one client.
    pub const CLIENT_SECRET: &'static str = "a secret of the client";

    /// Starts a provider whose client's users come back to this URL.
    pub fn start(redirect_uri: &str) -> Self {
        let mut process = Command::new("node")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/oidc_provider.mjs"))
            .current_dir(reference_dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node runs: help: install Node.js 20 or newer");
        let stdin = process.stdin.take().expect("it is piped");
        let stdout = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut provider = Self { process, stdin, stdout, issuer: String::new() };
        provider.issuer = text(&provider.read(), "issuer");
        provider.set_redirect_uri(redirect_uri);
        provider
    }

    /// The URL by which it is found.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Sends its client's users to another URL from now on.
    pub fn set_redirect_uri(&mut self, redirect_uri: &str) {
        self.ask(&json!({ "client": redirect_uri }));
    }

    /// Signs with another key from now on.
    pub fn change_key(&mut self) {
        self.ask(&json!({ "rotate": true }));
    }

    /// Walks through its pages as somebody in a browser of his own: signs in and agrees, or breaks it off. Gives the URL to
    /// which the browser is sent in the end.
    pub fn walk(&mut self, url: &str, login: &str, breaks_off: bool) -> String {
        let answer = self.ask(&json!({ "go": url, "login": login, "abort": breaks_off }));
        text(&answer, "to")
    }

    fn ask(&mut self, command: &Value) -> Value {
        writeln!(self.stdin, "{command}").expect("the provider listens");
        self.read()
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("the provider answers");
        serde_json::from_str(&line)
            .expect("the provider runs: help: run `cargo xtask test`, which installs it")
    }
}

impl Drop for OidcProvider {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn text(answer: &Value, name: &str) -> String {
    let text = answer[name].as_str().unwrap_or_else(|| panic!("the provider does not let go: {answer}"));
    text.to_owned()
}
