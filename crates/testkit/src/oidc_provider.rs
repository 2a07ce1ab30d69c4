//! A real OpenID Connect provider: the npm package `oidc-provider`, installed with the reference.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::reference::reference_dir;

/// A provider on loopback whose pages accept any user name; `ann` has the address `ann@example.com`. It requires
/// PKCE, asks for consent, issues refresh tokens, and is stopped when dropped.
#[derive(Debug)]
pub struct OidcProvider {
    process: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    issuer: String,
}

impl OidcProvider {
    /// The id of its only client.
    pub const CLIENT_ID: &'static str = "people";

    /// The secret of its only client.
    pub const CLIENT_SECRET: &'static str = "a secret of the client";

    /// Starts a provider whose client has this redirect URI.
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

    /// Returns the issuer URL.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Changes the client's redirect URI.
    pub fn set_redirect_uri(&mut self, redirect_uri: &str) {
        self.ask(&json!({ "client": redirect_uri }));
    }

    /// Rotates the signing key.
    pub fn change_key(&mut self) {
        self.ask(&json!({ "rotate": true }));
    }

    /// Goes through the provider's pages as a user with a fresh browser: signs in and consents, or aborts. Returns
    /// the URL that the browser is finally redirected to.
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
        // It may have exited already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn text(answer: &Value, name: &str) -> String {
    let text = answer[name].as_str().unwrap_or_else(|| panic!("the provider does not let go: {answer}"));
    text.to_owned()
}
