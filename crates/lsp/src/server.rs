//! The conversation with the editor.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use gen_lsp_types as lsp;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use url::Url;

use crate::actions::actions;
use crate::analysis::Analysis;
use crate::complete::complete;
use crate::diagnostics::diagnostics;
use crate::format::format;
use crate::hover::hover;
use crate::outline::outline;
use crate::text::Encoding;
use crate::workspace::{Workspace, path_of};
use crate::{navigate, rename};

/// Settings of a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The absolute path of the schema file, or of the folder of schema files, for the documents in it. Other documents, and
    /// all if it is `None`, belong to the schema that `nicol.toml`, `package.json` or `prisma.config.ts` names in a folder
    /// above, or to the files beside them.
    pub schema: Option<PathBuf>,
}

/// How a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// As the protocol demands: the editor asked for the shutdown first.
    Orderly,
    /// The editor is gone, or told the server to exit without a shutdown.
    Abruptly,
}

/// Why a conversation could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A message violates the protocol.
    #[error(
        "cannot understand the editor: {0}\nhelp: start `nicol lsp` from an editor that speaks the Language Server Protocol"
    )]
    Protocol(String),
    /// Standard input or output failed.
    #[error("cannot exchange messages with the editor: {0}")]
    Io(#[from] std::io::Error),
}

/// Serves an editor on standard input and output until it ends the conversation. Nothing else may write to standard output
/// meanwhile.
///
/// # Errors
/// A message violates the protocol, or standard input or output fails.
pub fn serve_stdio(settings: Settings) -> Result<Ended, Error> {
    let (connection, threads) = Connection::stdio();
    let ended = serve(&connection, settings);
    drop(connection);
    match (ended, threads.join()) {
        // Without an `exit`, the input has ended or is unreadable.
        (Ok(Ended::Abruptly), Err(error)) => Err(Error::Protocol(error.to_string())),
        (ended, _) => ended,
    }
}

/// Serves an editor until it ends the conversation.
///
/// # Errors
/// A message violates the protocol.
pub fn serve(connection: &Connection, settings: Settings) -> Result<Ended, Error> {
    let Ok((id, params)) = connection.initialize_start() else { return Ok(Ended::Abruptly) };
    let params: lsp::InitializeParams = match serde_json::from_value(params) {
        Ok(params) => params,
        Err(error) => {
            let response = Response::new_err(id, ErrorCode::InvalidParams as i32, error.to_string());
            let _ = connection.sender.send(response.into());
            return Err(Error::Protocol(error.to_string()));
        }
    };
    let client = Client::new(&params.capabilities);
    let answer = json!({
        "capabilities": capabilities(client),
        "serverInfo": { "name": "nicol", "version": env!("CARGO_PKG_VERSION") },
    });
    let workspace = Workspace::new(settings.schema, client.encoding);
    let server = Server {
        connection,
        client,
        workspace,
        published: BTreeMap::new(),
        is_outdated: false,
        is_shut_down: false,
    };
    server.send(Response::new_ok(id, answer));
    server.run()
}

/// What the editor can do.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each is a capability of the protocol")]
struct Client {
    encoding: Encoding,
    /// It watches files for the server.
    watches: bool,
    /// It understands snippets in completions.
    snippets: bool,
    /// It understands edits that name the versions of documents.
    versioned_edits: bool,
}

impl Client {
    fn new(capabilities: &lsp::ClientCapabilities) -> Client {
        let general = capabilities.general.as_ref();
        let workspace = capabilities.workspace.as_ref();
        let text = capabilities.text_document.as_ref();
        let encodings = general.and_then(|it| it.position_encodings.as_deref()).unwrap_or_default();
        let watched = workspace.and_then(|it| it.did_change_watched_files.as_ref());
        let edits = workspace.and_then(|it| it.workspace_edit.as_ref());
        let item = text.and_then(|it| it.completion.as_ref()?.completion_item.as_ref());
        Client {
            encoding: Encoding::choose(encodings),
            watches: watched.and_then(|it| it.dynamic_registration).unwrap_or_default(),
            snippets: item.and_then(|it| it.snippet_support).unwrap_or_default(),
            versioned_edits: edits.and_then(|it| it.document_changes).unwrap_or_default(),
        }
    }
}

fn capabilities(client: Client) -> lsp::ServerCapabilities {
    lsp::ServerCapabilities {
        position_encoding: Some(client.encoding.kind()),
        text_document_sync: Some(
            lsp::TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(lsp::TextDocumentSyncKind::Incremental),
                save: Some(true.into()),
                ..Default::default()
            }
            .into(),
        ),
        completion_provider: Some(lsp::CompletionOptions {
            trigger_characters: Some(["@", "\"", ".", "(", "[", ":", " "].map(str::to_owned).into()),
            ..Default::default()
        }),
        document_formatting_provider: Some(true.into()),
        document_symbol_provider: Some(true.into()),
        hover_provider: Some(true.into()),
        definition_provider: Some(true.into()),
        references_provider: Some(true.into()),
        code_action_provider: Some(
            lsp::CodeActionOptions {
                code_action_kinds: Some(vec![
                    lsp::CodeActionKind::QuickFix,
                    lsp::CodeActionKind::RefactorRewrite,
                ]),
                ..Default::default()
            }
            .into(),
        ),
        document_highlight_provider: Some(true.into()),
        rename_provider: Some(
            lsp::RenameOptions { prepare_provider: Some(true), ..Default::default() }.into(),
        ),
        ..Default::default()
    }
}

struct Server<'a> {
    connection: &'a Connection,
    client: Client,
    workspace: Workspace,
    /// The diagnostics that the editor shows, by document.
    published: BTreeMap<PathBuf, (Url, Option<i32>, Vec<lsp::Diagnostic>)>,
    /// Whether documents or files have changed since.
    is_outdated: bool,
    is_shut_down: bool,
}

impl Server<'_> {
    fn run(mut self) -> Result<Ended, Error> {
        let mut waiting: VecDeque<Message> = VecDeque::new();
        loop {
            if waiting.is_empty() {
                let Ok(message) = self.connection.receiver.recv() else { return Ok(Ended::Abruptly) };
                waiting.push_back(message);
            }
            // Everything that has arrived, so that a cancelled request is not answered, and diagnostics are computed once
            // for many quick changes.
            waiting.extend(self.connection.receiver.try_iter());
            let cancelled: BTreeSet<RequestId> = waiting.iter().filter_map(cancelled).collect();
            if let Some(message) = waiting.pop_front() {
                match message {
                    Message::Request(request) => self.request(request, &cancelled),
                    Message::Notification(exit) if exit.method == "exit" => {
                        return Ok(if self.is_shut_down { Ended::Orderly } else { Ended::Abruptly });
                    }
                    Message::Notification(notification) => self.notification(notification),
                    Message::Response(_) => {}
                }
            }
            if self.is_outdated && waiting.is_empty() && self.connection.receiver.is_empty() {
                self.is_outdated = false;
                self.publish();
            }
        }
    }

    fn send(&self, message: impl Into<Message>) {
        // If the editor is gone, the next message to read says so.
        let _ = self.connection.sender.send(message.into());
    }

    fn notify(&self, method: &str, params: impl Serialize) {
        self.send(Notification::new(method.to_owned(), params));
    }

    fn notification(&mut self, notification: Notification) {
        match notification.method.as_str() {
            "initialized" => self.watch(),
            "textDocument/didOpen" => {
                self.heed(notification, |workspace, it: lsp::DidOpenTextDocumentParams| {
                    workspace.open(it.text_document.uri, it.text_document.version, it.text_document.text);
                });
            }
            "textDocument/didChange" => {
                self.heed(notification, |workspace, it: lsp::DidChangeTextDocumentParams| {
                    let uri = it.text_document.text_document_identifier.uri;
                    workspace.change(&uri, it.text_document.version, it.content_changes);
                });
            }
            "textDocument/didClose" => {
                self.heed(notification, |workspace, it: lsp::DidCloseTextDocumentParams| {
                    workspace.close(&it.text_document.uri);
                });
            }
            // Files on disk are looked at for every answer; only the diagnostics need to be told.
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => self.is_outdated = true,
            _ => {}
        }
    }

    /// Applies a notification. One that cannot be understood is ignored, because it has no answer.
    fn heed<P: DeserializeOwned>(
        &mut self,
        notification: Notification,
        apply: impl FnOnce(&mut Workspace, P),
    ) {
        if let Ok(params) = serde_json::from_value(notification.params) {
            apply(&mut self.workspace, params);
            self.is_outdated = true;
        }
    }

    /// Asks the editor to tell about changed files.
    fn watch(&self) {
        if !self.client.watches {
            return;
        }
        let patterns = ["**/*.prisma", "**/nicol.toml", "**/package.json", "**/prisma.config.ts"];
        let watchers = patterns.map(|pattern| json!({ "globPattern": pattern }));
        let registration = json!({
            "id": "files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": watchers },
        });
        let params = json!({ "registrations": [registration] });
        self.send(Request::new("watch".to_owned().into(), "client/registerCapability".to_owned(), params));
    }

    fn request(&mut self, request: Request, cancelled: &BTreeSet<RequestId>) {
        let response = if cancelled.contains(&request.id) {
            refuse(request.id, ErrorCode::RequestCanceled, "cancelled by the editor".to_owned())
        } else if self.is_shut_down {
            refuse(request.id, ErrorCode::InvalidRequest, "the server is shutting down".to_owned())
        } else {
            self.response(request)
        };
        self.send(response);
    }

    fn response(&mut self, request: Request) -> Response {
        let client = self.client;
        match request.method.as_str() {
            "shutdown" => {
                self.is_shut_down = true;
                Response::new_ok(request.id, ())
            }
            "textDocument/completion" => self.at(request, |schema, path, position| {
                Some(complete(schema, path, position, client.snippets))
            }),
            "textDocument/definition" => {
                self.at(request, |schema, path, position| Some(navigate::definitions(schema, path, position)))
            }
            "textDocument/documentHighlight" => {
                self.at(request, |schema, path, position| Some(navigate::highlights(schema, path, position)))
            }
            "textDocument/hover" => self.at(request, hover),
            "textDocument/prepareRename" => self.at(request, rename::prepare),
            "textDocument/references" => self.answer(request, |server, it: lsp::ReferenceParams| {
                let place = it.text_document_position_params;
                let (schema, path) = server.document(&place.text_document.uri)?;
                Some(navigate::references(&schema, &path, place.position, it.context.include_declaration))
            }),
            "textDocument/rename" => self.try_answer(request, |server, it: lsp::RenameParams| {
                let place = it.text_document_position_params;
                let Some((schema, path)) = server.document(&place.text_document.uri) else { return Ok(None) };
                rename::rename(&schema, &path, place.position, &it.new_name, client.versioned_edits)
            }),
            "textDocument/codeAction" => self.answer(request, |server, it: lsp::CodeActionParams| {
                let (schema, path) = server.document(&it.text_document.uri)?;
                let only = it.context.only.as_deref();
                Some(actions(&schema, &path, it.range, only, client.versioned_edits))
            }),
            "textDocument/formatting" => self.answer(request, |server, it: lsp::DocumentFormattingParams| {
                let (schema, path) = server.document(&it.text_document.uri)?;
                Some(format(&schema, &path))
            }),
            "textDocument/documentSymbol" => self.answer(request, |server, it: lsp::DocumentSymbolParams| {
                let (schema, path) = server.document(&it.text_document.uri)?;
                Some(outline(&schema, &path))
            }),
            method => {
                let message = format!("`{method}` is not supported");
                refuse(request.id, ErrorCode::MethodNotFound, message)
            }
        }
    }

    /// Answers a request about a position in a document.
    fn at<R: Serialize>(
        &mut self,
        request: Request,
        answer: impl FnOnce(&Analysis, &Path, lsp::Position) -> Option<R>,
    ) -> Response {
        self.answer(request, |server, place: lsp::TextDocumentPositionParams| {
            let (schema, path) = server.document(&place.text_document.uri)?;
            answer(&schema, &path, place.position)
        })
    }

    /// Answers a request; with `null` if there is nothing to say.
    fn answer<P: DeserializeOwned, R: Serialize>(
        &mut self,
        request: Request,
        answer: impl FnOnce(&mut Self, P) -> Option<R>,
    ) -> Response {
        self.try_answer(request, |server, params| Ok(answer(server, params)))
    }

    /// Answers a request; with an error that the editor shows to the user if it must be refused.
    fn try_answer<P: DeserializeOwned, R: Serialize>(
        &mut self,
        request: Request,
        answer: impl FnOnce(&mut Self, P) -> Result<Option<R>, String>,
    ) -> Response {
        match serde_json::from_value(request.params) {
            Ok(params) => match answer(self, params) {
                Ok(answer) => Response::new_ok(request.id, answer),
                Err(reason) => refuse(request.id, ErrorCode::RequestFailed, reason),
            },
            Err(error) => refuse(request.id, ErrorCode::InvalidParams, error.to_string()),
        }
    }

    fn document(&mut self, uri: &Url) -> Option<(Rc<Analysis>, PathBuf)> {
        let path = path_of(uri);
        Some((self.workspace.schema_of(&path)?, path))
    }

    /// Sends the diagnostics of all schemas with an open document that differ from those that the editor shows.
    fn publish(&mut self) {
        let mut current = BTreeMap::new();
        for path in self.workspace.documents() {
            if current.contains_key(&path) {
                continue;
            }
            let Some(schema) = self.workspace.schema_of(&path) else { continue };
            for (file, list) in schema.files.iter().zip(diagnostics(&schema)) {
                current.insert(file.path.clone(), (file.uri.clone(), file.version, list));
            }
        }
        let gone = self.published.iter().filter(|(path, _)| !current.contains_key::<Path>(path));
        for (_, (uri, _, list)) in gone {
            if !list.is_empty() {
                self.notify(
                    "textDocument/publishDiagnostics",
                    lsp::PublishDiagnosticsParams::new(uri.clone(), None, vec![]),
                );
            }
        }
        for (path, (uri, version, list)) in &current {
            let is_shown = match self.published.get(path) {
                Some((_, shown_version, shown)) => shown_version == version && shown == list,
                // The editor shows nothing for a file that it has never heard of.
                None => version.is_none() && list.is_empty(),
            };
            if !is_shown {
                let params = lsp::PublishDiagnosticsParams::new(uri.clone(), *version, list.clone());
                self.notify("textDocument/publishDiagnostics", params);
            }
        }
        self.published = current;
    }
}

fn refuse(id: RequestId, code: ErrorCode, message: String) -> Response {
    Response::new_err(id, code as i32, message)
}

/// Returns the request that a message cancels.
fn cancelled(message: &Message) -> Option<RequestId> {
    match message {
        Message::Notification(it) if it.method == "$/cancelRequest" => {
            serde_json::from_value(it.params.get("id")?.clone()).ok()
        }
        _ => None,
    }
}
