use lsp_server::{Message, Notification, Request};
use nicol_lsp::Ended;
use serde_json::{Value, json};

use crate::DATASOURCE;
use crate::support::Editor;

#[test]
fn the_conversation_ends_when_the_editor_says_so_or_is_gone() {
    assert_eq!(Editor::new(&[]).end(), Ended::Orderly);
    assert_eq!(Editor::new(&[]).vanish(), Ended::Abruptly);
    let editor = Editor::new(&[]);
    editor.notify("exit", Value::Null);
    assert_eq!(editor.vanish(), Ended::Abruptly);
}

#[test]
fn after_the_shutdown_nothing_is_answered() {
    let mut editor = Editor::new(&[("a.prisma", DATASOURCE)]);
    editor.request("shutdown", Value::Null);
    let id = editor
        .ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": editor.uri("a.prisma") } }));
    let error = editor.response(id).response_result.expect_err("it is refused");
    assert_eq!(error.code, -32600);
    editor.notify("exit", Value::Null);
}

#[test]
fn what_is_not_understood_is_refused_and_harms_nothing() {
    let mut editor = Editor::new(&[("a.prisma", DATASOURCE)]);
    for (method, params, code) in [
        ("textDocument/inlayHint", json!({}), -32601),
        ("textDocument/completion", json!({ "position": "here" }), -32602),
        ("textDocument/completion", Value::Null, -32602),
        (
            "textDocument/formatting",
            json!({ "textDocument": { "uri": "no address" }, "options": {} }),
            -32602,
        ),
    ] {
        let id = editor.ask(method, params);
        assert_eq!(editor.response(id).response_result.expect_err("it is refused").code, code, "{method}");
    }
    for method in ["textDocument/didOpen", "textDocument/didChange", "$/unknown", "$/cancelRequest"] {
        editor.notify(method, json!({ "textDocument": 1 }));
    }
    let unopened = json!({ "textDocument": { "uri": editor.uri("a.prisma") } });
    assert_eq!(editor.request("textDocument/documentSymbol", unopened), Value::Null, "it is not open");
    editor.open("a.prisma");
    assert_eq!(editor.diagnostics("a.prisma"), [""; 0]);
    assert_eq!(editor.end(), Ended::Orderly);
}

#[test]
fn cancelled_requests_are_not_answered_with_a_result() {
    let mut editor = Editor::new(&[]);
    let models: Vec<String> = (0..300).map(|n| format!("model M{n} {{\n  id Int @id\n}}\n")).collect();
    editor.open_with("a.prisma", &format!("{DATASOURCE}{}", models.concat()));
    let params = json!({ "textDocument": { "uri": editor.uri("a.prisma") } });
    let ids: Vec<i32> = (0..20).map(|_| editor.ask("textDocument/documentSymbol", params.clone())).collect();
    for id in &ids {
        editor.notify("$/cancelRequest", json!({ "id": id }));
    }
    for id in ids {
        // Those that were answered before the cancellation arrived have a result.
        if let Err(error) = editor.response(id).response_result {
            assert_eq!(error.code, -32800);
        }
    }
    assert_eq!(editor.end(), Ended::Orderly);
}

#[test]
fn positions_count_utf_8_if_the_editor_offers_it() {
    let line = "  id Int @id @map(\"😀\") @nothing";
    let before = &line[..line.find("@nothing").expect("it is there")];
    let (utf_8, utf_16) = (before.len(), before.encode_utf16().count());
    for (offered, expected, character) in [
        (json!({}), "utf-16", utf_16),
        (json!({ "general": { "positionEncodings": ["utf-16", "utf-8"] } }), "utf-8", utf_8),
        (json!({ "general": { "positionEncodings": ["utf-32", "utf-16"] } }), "utf-16", utf_16),
    ] {
        let mut editor = Editor::with(&[], &offered, None);
        assert_eq!(editor.initialized["capabilities"]["positionEncoding"], expected);
        editor.open_with("a.prisma", &format!("{DATASOURCE}model A {{\n{line}\n}}\n"));
        let found = editor.diagnostics("a.prisma");
        let start = format!("error 5:{}-", character + 1);
        assert!(
            found[0].starts_with(&start) || found[0].starts_with(&format!("error 5:{character}-")),
            "{found:?}"
        );
        assert_eq!(editor.end(), Ended::Orderly);
    }
}

#[test]
fn the_editor_is_asked_to_watch_files_only_if_it_can() {
    let able = json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } });
    for (capabilities, expected) in [(able, 1), (json!({}), 0)] {
        let mut editor = Editor::with(&[("a.prisma", DATASOURCE)], &capabilities, None);
        editor.open("a.prisma");
        editor.diagnostics("a.prisma");
        assert_eq!(editor.asked.len(), expected);
        assert!(editor.asked.iter().all(|request| request.method == "client/registerCapability"));
        for request in editor.asked.clone() {
            editor.send(lsp_server::Response::new_ok(request.id, Value::Null));
        }
        assert_eq!(editor.end(), Ended::Orderly);
    }
}

/// Every prefix of a schema with everything, with every request at its end, and the same text cut into nonsense.
#[test]
fn no_text_and_no_position_make_the_server_fail() {
    let text = include_str!("everything.prisma");
    let capabilities = Editor::new(&[]).initialized["capabilities"].clone();
    let mut editor = Editor::new(&[]);
    editor.open_with("a.prisma", "");
    let mut ends: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(37).collect();
    ends.push(text.len());
    for end in ends {
        let cut: String = text[..end].chars().rev().step_by(3).collect();
        for text in [&text[..end], &text[end..], &cut] {
            editor.change("a.prisma", text);
            let line = text.matches('\n').count();
            let document = json!({ "uri": editor.uri("a.prisma") });
            let places = [(line, 3), (line / 2, 5), (line + 9, 9)];
            for (line, character) in places {
                let position = json!({ "line": line, "character": character });
                let range = json!({ "start": position, "end": position });
                let params = json!({
                    "textDocument": document, "position": position, "range": range, "newName": "Renamed",
                    "options": { "tabSize": 2, "insertSpaces": true },
                    "context": { "diagnostics": [], "includeDeclaration": true, "triggerKind": 1 },
                });
                for (method, capability) in METHODS {
                    if !capabilities[capability].is_null() {
                        let id = editor.ask(method, params.clone());
                        let result = editor.response(id).response_result;
                        assert!(result.is_ok() || method == "textDocument/rename", "{method} {result:?}");
                    }
                }
            }
        }
    }
    assert_eq!(editor.end(), Ended::Orderly);
}

const METHODS: [(&str, &str); 9] = [
    ("textDocument/completion", "completionProvider"),
    ("textDocument/hover", "hoverProvider"),
    ("textDocument/definition", "definitionProvider"),
    ("textDocument/references", "referencesProvider"),
    ("textDocument/documentHighlight", "documentHighlightProvider"),
    ("textDocument/rename", "renameProvider"),
    ("textDocument/formatting", "documentFormattingProvider"),
    ("textDocument/documentSymbol", "documentSymbolProvider"),
    ("textDocument/codeAction", "codeActionProvider"),
];

#[test]
fn requests_before_initialize_are_refused() {
    let (own, of_server) = lsp_server::Connection::memory();
    let server = std::thread::spawn(move || nicol_lsp::serve(&of_server, nicol_lsp::Settings::default()));
    let request = Request { id: 1.into(), method: "textDocument/hover".to_owned(), params: json!({}) };
    own.sender.send(request.into()).expect("the server is there");
    let Ok(Message::Response(response)) = own.receiver.recv() else { panic!("an answer is expected") };
    assert_eq!(response.response_result.expect_err("it is refused").code, -32002);
    let request =
        Request { id: 2.into(), method: "initialize".to_owned(), params: json!({ "capabilities": 1 }) };
    own.sender.send(request.into()).expect("the server is there");
    let Ok(Message::Response(response)) = own.receiver.recv() else { panic!("an answer is expected") };
    assert_eq!(response.response_result.expect_err("it is refused").code, -32602);
    let _ = own.sender.send(Notification { method: "exit".to_owned(), params: Value::Null }.into());
    let error = server.join().expect("the server does not panic").expect_err("it cannot go on").to_string();
    assert!(error.contains("help: start `nicol lsp` from an editor"), "{error}");
}
