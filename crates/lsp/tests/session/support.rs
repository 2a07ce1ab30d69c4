//! An editor that talks to the server, and a folder of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use lsp_server::{Connection, Message, Notification, Request, Response};
use nicol_lsp::{Ended, Settings};
use serde_json::{Value, json};

/// How long the server may take for an answer before a test fails.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Editor {
    folder: tempfile::TempDir,
    connection: Connection,
    server: Option<JoinHandle<Ended>>,
    /// The answer to `initialize`.
    pub(crate) initialized: Value,
    next_id: i32,
    open: BTreeMap<String, (i32, String)>,
    /// All diagnostics that arrived, in order.
    pub(crate) published: Vec<Value>,
    /// All requests of the server.
    pub(crate) asked: Vec<Request>,
}

impl Editor {
    /// Starts a server in a folder with these files.
    pub(crate) fn new(files: &[(&str, &str)]) -> Editor {
        Editor::with(files, &json!({}), None)
    }

    pub(crate) fn with(files: &[(&str, &str)], capabilities: &Value, schema: Option<&str>) -> Editor {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let settings = Settings { schema: schema.map(|path| folder.path().join("workspace").join(path)) };
        let (own, of_server) = Connection::memory();
        let server =
            std::thread::spawn(move || nicol_lsp::serve(&of_server, settings).expect("the protocol is kept"));
        let mut editor = Editor {
            folder,
            connection: own,
            server: Some(server),
            initialized: Value::Null,
            next_id: 0,
            open: BTreeMap::new(),
            published: Vec::new(),
            asked: Vec::new(),
        };
        for (path, text) in files {
            editor.write(path, text);
        }
        let params = json!({ "processId": null, "rootUri": editor.uri(""), "capabilities": capabilities });
        editor.initialized = editor.request("initialize", params);
        editor.notify("initialized", json!({}));
        editor
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join("workspace").join(path)
    }

    pub(crate) fn uri(&self, path: &str) -> String {
        match path.strip_prefix("untitled:") {
            Some(_) => path.to_owned(),
            None => format!("file://{}", self.path(path).display()),
        }
    }

    /// Returns the path of an address in the folder.
    pub(crate) fn path_of(&self, uri: &str) -> String {
        uri.strip_prefix(&self.uri("")).unwrap_or(uri).trim_start_matches('/').to_owned()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("it is below the folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    /// Opens a document with the text that is on disk.
    pub(crate) fn open(&mut self, path: &str) {
        let text = fs::read_to_string(self.path(path)).expect("the file is there");
        self.open_with(path, &text);
    }

    pub(crate) fn open_with(&mut self, path: &str, text: &str) {
        self.open.insert(path.to_owned(), (1, text.to_owned()));
        let document = json!({ "uri": self.uri(path), "languageId": "prisma", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Replaces all text of an open document.
    pub(crate) fn change(&mut self, path: &str, text: &str) {
        let (version, current) = self.open.get_mut(path).expect("it is open");
        *version += 1;
        text.clone_into(current);
        let document = json!({ "uri": self.uri(path), "version": self.open[path].0 });
        let changes = json!([{ "text": text }]);
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    pub(crate) fn close(&mut self, path: &str) {
        self.open.remove(path);
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": self.uri(path) } }));
    }

    pub(crate) fn send(&self, message: impl Into<Message>) {
        self.connection.sender.send(message.into()).expect("the server is there");
    }

    pub(crate) fn notify(&self, method: &str, params: Value) {
        self.send(Notification { method: method.to_owned(), params });
    }

    /// Sends a request without waiting for the answer.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> i32 {
        self.next_id += 1;
        self.send(Request { id: self.next_id.into(), method: method.to_owned(), params });
        self.next_id
    }

    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.response(id).response_result.unwrap_or_else(|error| panic!("{method}: {error:?}"))
    }

    pub(crate) fn response(&mut self, id: i32) -> Response {
        loop {
            if let Message::Response(response) = self.receive() {
                assert_eq!(response.id, id.into(), "answers come in order");
                return response;
            }
        }
    }

    fn receive(&mut self) -> Message {
        let message = self.connection.receiver.recv_timeout(PATIENCE).expect("the server answers");
        match &message {
            Message::Notification(it) if it.method == "textDocument/publishDiagnostics" => {
                self.published.push(it.params.clone());
            }
            Message::Request(request) => self.asked.push(request.clone()),
            _ => {}
        }
        message
    }

    /// Sends a request about a place in a document: `<|>` marks it in `text`, which becomes the document's text.
    pub(crate) fn at(&mut self, method: &str, path: &str, text: &str, more: &Value) -> Value {
        let cursor = text.find("<|>").expect("the text has a cursor");
        let text = text.replacen("<|>", "", 1);
        if self.open.contains_key(path) {
            self.change(path, &text);
        } else {
            self.open_with(path, &text);
        }
        let before = &text[..cursor];
        let line = before.matches('\n').count();
        let character = before[before.rfind('\n').map_or(0, |at| at + 1)..].encode_utf16().count();
        let mut params = json!({
            "textDocument": { "uri": self.uri(path) },
            "position": { "line": line, "character": character },
        });
        let object = params.as_object_mut().expect("an object");
        object.extend(more.as_object().cloned().unwrap_or_default());
        self.request(method, params)
    }

    /// Returns the diagnostics of the current version of a document, as `severity range code: message`.
    pub(crate) fn diagnostics(&mut self, path: &str) -> Vec<String> {
        let uri = self.uri(path);
        let version = self.open.get(path).map(|(version, _)| *version);
        let is_current =
            |it: &&Value| it["uri"] == uri.as_str() && it["version"].as_i64() == version.map(Into::into);
        loop {
            if let Some(found) = self.published.iter().rev().find(is_current) {
                return found["diagnostics"].as_array().expect("a list").iter().map(shown).collect();
            }
            self.receive();
        }
    }

    /// Ends the conversation as the protocol demands.
    pub(crate) fn end(mut self) -> Ended {
        self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        self.server.take().expect("it runs").join().expect("the server does not panic")
    }

    /// Ends the conversation without a word.
    pub(crate) fn vanish(self) -> Ended {
        let Editor { connection, server, .. } = self;
        drop(connection);
        server.expect("it runs").join().expect("the server does not panic")
    }
}

fn shown(diagnostic: &Value) -> String {
    let severity = match diagnostic["severity"].as_i64() {
        Some(1) => "error",
        Some(2) => "warning",
        _ => "hint",
    };
    let message = diagnostic["message"].as_str().expect("text").lines().next().unwrap_or_default();
    format!("{severity} {} {}", range(&diagnostic["range"]), message)
}

/// Formats a range as `line:character-line:character`, from 0.
pub(crate) fn range(range: &Value) -> String {
    let at = |place: &Value| format!("{}:{}", place["line"], place["character"]);
    format!("{}-{}", at(&range["start"]), at(&range["end"]))
}

/// Applies text edits to a text. Positions count UTF-16.
pub(crate) fn apply(text: &str, edits: &Value) -> String {
    let offset = |place: &Value| {
        let line = usize::try_from(place["line"].as_u64().expect("a number")).expect("it is small");
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let mut units = place["character"].as_u64().expect("a number");
        let rest = text[start..].chars().take_while(|c| {
            let len = c.len_utf16() as u64;
            let fits = units >= len;
            units = units.saturating_sub(len);
            fits
        });
        start + rest.map(char::len_utf8).sum::<usize>()
    };
    let mut edits: Vec<(usize, usize, &str)> = edits
        .as_array()
        .expect("a list")
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            (offset(&range["start"]), offset(&range["end"]), edit["newText"].as_str().expect("text"))
        })
        .collect();
    edits.sort_by_key(|(start, end, _)| (*start, *end));
    let mut result = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        result.replace_range(start..end, new);
    }
    result
}
