//! A stand-in for Neon's API that checks each request against the description that Neon publishes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::reference::reference_dir;

/// A server on loopback with one project, whose only branch is `main`. Requests and answers are compared with the
/// description that Neon publishes in the npm package `@neondatabase/api-client`, installed with the reference. Dropping it stops it,
/// and panics if a request was not as described.
#[derive(Debug)]
pub struct NeonApi {
    process: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    url: String,
}

impl NeonApi {
    /// The only valid API key.
    pub const KEY: &'static str = "napi_hush_of_the_test";

    /// The id of the project.
    pub const PROJECT: &'static str = "shiny-wind-028834";

    /// Starts a server.
    pub fn start() -> Self {
        let mut process = Command::new("node")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/neon_api.mjs"))
            .current_dir(reference_dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node runs: help: install Node.js 20 or newer");
        let stdin = process.stdin.take().expect("it is piped");
        let stdout = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut api = Self { process, stdin, stdout, url: String::new() };
        let started = api.read();
        started["url"].as_str().expect("it has a URL").clone_into(&mut api.url);
        api
    }

    /// Returns the base URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the requests since the last call: `method`, `path`, `query`, `body` and `status`.
    ///
    /// # Panics
    ///
    /// If one of them was not as described.
    pub fn requests(&mut self) -> Vec<Value> {
        let answer = self.ask(&json!({ "requests": true }));
        assert_eq!(answer["violations"], json!([]), "these requests are not as Neon describes them");
        answer["requests"].as_array().expect("it is a list").clone()
    }

    /// Returns the texts of the requests since the last call that were not as described.
    pub fn violations(&mut self) -> Vec<String> {
        let answer = self.ask(&json!({ "requests": true }));
        let texts = answer["violations"].as_array().expect("it is a list").clone();
        texts.iter().map(|text| text.as_str().expect("it is text").to_owned()).collect()
    }

    /// Returns the branches, as the API answers them.
    pub fn branches(&mut self) -> Vec<Value> {
        self.ask(&json!({ "branches": true }))["branches"].as_array().expect("it is a list").clone()
    }

    /// Makes the next requests fail: `{status, times, method, headers, body, delay, after}`, where `delay` is in
    /// milliseconds, and with `after` the request is carried out first.
    pub fn fail(&mut self, failure: &Value) {
        self.ask(&json!({ "fail": failure }));
    }

    /// Sets how many milliseconds operations take, and the status in which they end.
    pub fn set_operations(&mut self, delay: u64, status: &str) {
        self.ask(&json!({ "operations": { "delay": delay, "status": status } }));
    }

    /// Sets the largest page of a list.
    pub fn set_page(&mut self, size: usize) {
        self.ask(&json!({ "page": size }));
    }

    /// Says where the databases of branches are: `{NAME: URL}`.
    pub fn set_databases(&mut self, urls: &Value) {
        self.ask(&json!({ "databases": urls }));
    }

    /// Marks a branch as protected.
    pub fn protect(&mut self, name: &str) {
        self.ask(&json!({ "protect": name }));
    }

    fn ask(&mut self, command: &Value) -> Value {
        writeln!(self.stdin, "{command}").expect("the server listens");
        self.read()
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("the server answers");
        serde_json::from_str(&line)
            .expect("the stand-in for Neon runs: help: run `cargo xtask test`, which installs it")
    }
}

impl Drop for NeonApi {
    fn drop(&mut self) {
        let is_failing = std::thread::panicking();
        let violations = if is_failing { Vec::new() } else { self.violations() };
        // It may have exited already.
        drop(self.process.kill());
        drop(self.process.wait());
        assert!(violations.is_empty(), "these requests are not as Neon describes them: {violations:#?}");
    }
}
