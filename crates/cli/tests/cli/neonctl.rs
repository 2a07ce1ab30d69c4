//! Neon's own command line beside nicol. It takes a second for each command, so it is a check of its own: `cargo xtask test
//! neonctl`.

use std::process::Command;

use serde_json::{Value, json};
use testkit::{NeonApi, reference};

use crate::branch::in_neon;
use crate::support::SCHEMA;

/// Neon's own command line and nicol change the same things by the same requests.
#[test]
fn requests_are_those_of_neons_command_line() {
    let cases: &[(&[&str], &[&str])] = &[
        (
            &["create", "--name", "dev", "--expires-at", "2099-01-01T00:00:00Z"],
            &["create", "dev", "--expires-at", "2099-01-01T00:00:00Z"],
        ),
        (
            &["create", "--name", "a", "--parent", "dev", "--cu", "0.5-3", "--suspend-timeout", "600"],
            &["create", "a", "--parent", "dev", "--cu", "0.5-3", "--suspend-timeout", "600"],
        ),
        (&["create", "--name", "b", "--no-compute"], &["create", "b", "--no-compute"]),
        (
            &["create", "--name", "c", "--parent", "2024-01-01T00:00:00Z"],
            &["create", "c", "--parent", "2024-01-01T00:00:00Z"],
        ),
        (
            &["create", "--name", "d", "--parent", "0/16B3748", "--schema-only"],
            &["create", "d", "--parent", "0/16B3748", "--schema-only"],
        ),
        (&["rename", "b", "e"], &["rename", "b", "e"]),
        (&["reset", "e", "--parent"], &["reset", "e", "--parent", "--force"]),
        (
            &["restore", "a", "^self@0/16B3748", "--preserve-under-name", "f"],
            &["restore", "a", "^self@0/16B3748", "--preserve-under-name", "f"],
        ),
        (
            &["restore", "e", "^parent@2024-01-01T00:00:00Z"],
            &["restore", "e", "^parent@2024-01-01T00:00:00Z", "--force"],
        ),
        (&["restore", "e", "c"], &["restore", "e", "c", "--force"]),
        (
            &["set-expiration", "e", "--expires-at", "2099-01-01T00:00:00Z"],
            &["expire", "e", "--at", "2099-01-01T00:00:00Z"],
        ),
        (&["set-expiration", "e"], &["expire", "e", "--never"]),
        (&["delete", "e"], &["delete", "e", "--force"]),
    ];
    let mut sent = Vec::new();
    for is_nicol in [false, true] {
        let mut api = NeonApi::start();
        api.set_operations(0, "finished");
        let folder = in_neon(&api, SCHEMA);
        let mut changes = Vec::new();
        for (neons, ours) in cases {
            let output = if is_nicol {
                folder.command(&[&["branch"], *ours].concat()).output()
            } else {
                let mut command = Command::new("node");
                command.arg(reference().with_file_name("node_modules/neonctl/bin/cli.js"));
                command.args(["branches"]).args(*neons).args([
                    "--project-id",
                    NeonApi::PROJECT,
                    "--api-key",
                    NeonApi::KEY,
                ]);
                command.args(["--api-host", api.url(), "--no-analytics", "--config-dir"]).arg(folder.path());
                command.current_dir(folder.path()).env("CI", "1").output()
            };
            let output = output.expect("it can be started");
            let text = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{neons:?}: {text}");
            let of_case = api.requests().into_iter().filter(|it| it["method"] != "GET");
            changes.push(of_case.map(|it| plain(&it)).collect::<Vec<_>>());
        }
        let names: Vec<Value> = api.branches().iter().map(|it| it["name"].clone()).collect();
        sent.push((changes, names));
    }
    for (case, (neons, ours)) in cases.iter().zip(sent[0].0.iter().zip(&sent[1].0)) {
        assert_eq!(neons, ours, "{case:?}");
    }
    assert_eq!(sent[0].1, sent[1].1, "the branches at the end");
}

/// Returns a request with times in one form, and without the annotation of nothing that Neon's command line sends.
fn plain(request: &Value) -> Value {
    let mut request = request.clone();
    if request["body"]["annotation_value"] == json!({}) {
        request["body"].as_object_mut().expect("it is an object").remove("annotation_value");
    }
    let text =
        json!([request["method"], request["path"], request["query"], request["body"], request["status"]])
            .to_string();
    serde_json::from_str(&text.replace(":00.000Z\"", ":00Z\"")).expect("it is JSON")
}
