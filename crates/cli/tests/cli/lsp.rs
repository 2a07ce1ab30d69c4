//! `nicol lsp` as an editor starts it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::support::{Folder, SCHEMA};

/// Reads a message; `None` at the end of the output.
fn read(out: &mut BufReader<ChildStdout>) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if out.read_line(&mut line).expect("it can be read") == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().ok(),
            Some(_) => {}
            None if line == "\r\n" => break,
            None => panic!("standard output has more than messages: {line:?}"),
        }
    }
    let mut body = vec![0; length.expect("a message has a length")];
    out.read_exact(&mut body).expect("a message is complete");
    Some(serde_json::from_slice(&body).expect("a message is JSON"))
}

/// Sends messages, closes the input, and returns all messages of the server and its exit code.
fn talk(folder: &Folder, arguments: &[&str], messages: &[Value]) -> (Vec<Value>, i32) {
    let mut command = folder.command(&[&["lsp"], arguments].concat());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command can be started");
    let mut input = child.stdin.take().expect("it is piped");
    for message in messages {
        let body = message.to_string();
        write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).expect("it can be written");
    }
    drop(input);
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut answers = Vec::new();
    while let Some(answer) = read(&mut out) {
        answers.push(answer);
    }
    (answers, child.wait().expect("it ends").code().expect("an exit code"))
}

fn request(id: i32, method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

fn notification(method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

#[test]
fn an_editor_is_served_until_it_says_exit() {
    // The settings have a fault that other commands report; the editor is served nevertheless.
    let folder = Folder::new(&[("schema.prisma", SCHEMA), ("nicol.toml", "schema = 1\n")]);
    let uri = format!("file://{}", folder.path().join("schema.prisma").display());
    let text = SCHEMA.replace("text String", "text Strin");
    let document = json!({ "uri": uri, "languageId": "prisma", "version": 7, "text": text });
    let messages = [
        request(1, "initialize", &json!({ "processId": null, "rootUri": null, "capabilities": {} })),
        notification("initialized", &json!({})),
        notification("textDocument/didOpen", &json!({ "textDocument": document })),
        request(2, "textDocument/documentSymbol", &json!({ "textDocument": { "uri": uri } })),
        request(3, "shutdown", &Value::Null),
        notification("exit", &Value::Null),
    ];
    for arguments in [&[][..], &["--stdio"], &["--schema", "schema.prisma"]] {
        let (answers, code) = talk(&folder, arguments, &messages);
        assert_eq!(code, 0, "{answers:?}");
        assert_eq!(answers[0]["result"]["serverInfo"]["name"], "nicol");
        let symbols = answers.iter().find(|it| it["id"] == 2).expect("an answer");
        assert_eq!(symbols["result"][1]["name"], "Note");
    }
}

#[test]
fn diagnostics_arrive_without_a_request() {
    let folder = Folder::new(&[]);
    let uri = format!("file://{}", folder.path().join("schema.prisma").display());
    let text = SCHEMA.replace("text String", "text Strin");
    let document = json!({ "uri": uri, "languageId": "prisma", "version": 7, "text": text });
    let mut command = folder.command(&["lsp"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it can be started");
    let mut input = child.stdin.take().expect("it is piped");
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    for message in [
        request(1, "initialize", &json!({ "processId": null, "rootUri": null, "capabilities": {} })),
        notification("initialized", &json!({})),
        notification("textDocument/didOpen", &json!({ "textDocument": document })),
    ] {
        let body = message.to_string();
        write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).expect("it can be written");
    }
    assert_eq!(read(&mut out).expect("an answer")["id"], 1);
    let published = read(&mut out).expect("diagnostics");
    assert_eq!(published["method"], "textDocument/publishDiagnostics");
    assert_eq!(published["params"]["version"], 7);
    assert_eq!(published["params"]["diagnostics"][0]["code"], "type-unknown");
    // The editor vanishes.
    drop(input);
    assert_eq!(read(&mut out), None);
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
}

#[test]
fn what_is_no_message_ends_the_conversation_with_a_reason() {
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    let run = folder.run_with_input(&["lsp"], "hello\n");
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    assert!(run.err.contains("help: start `nicol lsp` from an editor"), "{run:?}");
}

#[test]
fn neovim_shows_and_does_what_the_server_says() {
    let text = SCHEMA.replace("  text String", " text   Strin");
    let folder = Folder::new(&[("prisma/schema.prisma", &text), ("editor.lua", include_str!("editor.lua"))]);
    let output = std::process::Command::new("nvim")
        .args(["--headless", "--clean", "-i", "NONE", "-n", "-c", "luafile editor.lua"])
        .current_dir(folder.path())
        .env("NICOL", env!("CARGO_BIN_EXE_nicol"))
        .env("FILE", "prisma/schema.prisma")
        .env("RESULT", "result.json")
        .env("XDG_STATE_HOME", folder.path())
        .env("XDG_CACHE_HOME", folder.path())
        .output()
        .expect("Neovim can be started: `cargo xtask setup` installs it");
    let Ok(result) = std::fs::read_to_string(folder.path().join("result.json")) else {
        panic!("Neovim has no result: {output:?}");
    };
    let result: Value = serde_json::from_str(&result).expect("JSON");
    assert_eq!(result["problem"], Value::Null);
    assert_eq!(result["diagnostic"]["code"], "type-unknown");
    assert!(result["hover"].as_str().is_some_and(|it| it.contains(r#""text" TEXT NOT NULL"#)), "{result}");
    assert!(result["completions"].as_u64() > Some(3), "{result}");
    let expected = SCHEMA.replace("  text String", "  body String @map(\"text\")");
    let formatted = nicol_schema::format(&expected);
    assert_eq!(result["text"], formatted.as_str());
}
