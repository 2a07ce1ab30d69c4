//! The import: upload, preview, commit.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use futures_util::stream;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::app::AppState;
use crate::error::{AppError, ErrorText};
use crate::extract::{CheckedForm, SignedIn};
use crate::import::{self, Done, FILE_MAX, ImportError, Known, Options, Preview, Refused, probe, rest_file};
use crate::room::Slot;
use crate::routes::attachment;
use crate::traces;
use crate::views::{ImportDonePage, ImportPreviewPage, ImportUploadPage, html};

/// The number of people with errors in the preview; the others are in the file.
const WRONG_SHOWN: usize = 100;

/// The content type of progress messages.
const NDJSON: &str = "application/x-ndjson";

const SAMPLE: &str = "name,email,phone\r\nJane Smith,jane.smith@example.com,+1 202 555 0148\r\n\
    \"Lee, Grace\",grace.lee@example.com,(02) 5550 1234\r\n";

/// `GET /people/import`
pub(crate) async fn form(user: SignedIn) -> Response {
    upload_page(&user, None)
}

/// `GET /people/import/sample.csv`
pub(crate) async fn sample(_user: SignedIn) -> Response {
    csv_file("people-sample.csv", SAMPLE.to_owned())
}

/// `POST /people/import`
pub(crate) async fn upload(
    user: SignedIn,
    State(state): State<AppState>,
    headers: HeaderMap,
    form: Multipart,
) -> Result<Response, AppError> {
    let slot = match state.room.for_upload(&user.proof, &headers).await {
        Ok(slot) => slot,
        Err(error) => {
            discard(form).await;
            return Err(error);
        }
    };
    let Upload { name, data } = match receive(&user, form).await? {
        Ok(upload) => upload,
        Err(refused) => return Ok(upload_page(&user, Some(&refused))),
    };
    let (data, probed) = tokio::task::spawn_blocking(move || {
        let probed = probe(&data);
        (data, probed)
    })
    .await
    .expect("looking at bytes does not panic");
    if let Err(refused) = probed {
        return Ok(upload_page(&user, Some(&refused)));
    }
    let id = import::store(&state.db, &user.proof, &name, data).await?;
    drop(slot);
    Ok(Redirect::to(&preview_page(&id)).into_response())
}

/// `GET /people/import/{id}`: the preview.
pub(crate) async fn preview(
    user: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, AppError> {
    let query = query.unwrap_or_default();
    let _slot = state.room.for_file(&state.db, &user.proof, &id).await?;
    show(&user, &state, &id, &options(&query), None).await
}

/// `GET /people/import/{id}/problems.csv`: the people with errors as a file to correct. It stays available after the others are imported.
pub(crate) async fn problems(
    user: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, AppError> {
    let options = options(&query.unwrap_or_default());
    let _slot = state.room.for_file(&state.db, &user.proof, &id).await?;
    let stored = import::find(&state.db, &user.proof, &id).await?.ok_or(AppError::ImportGone)?;
    let rest = match Done::of(&stored) {
        Some(Done { has_rest: true, .. }) => {
            String::from_utf8(stored.data).map_err(|_| AppError::ImportGone)?
        }
        Some(_) => return Err(AppError::ImportGone),
        None => {
            let preview = import::preview(&state.db, &user.proof, stored.data, &options).await;
            rest_file(&preview.map_err(refused)?.sheet.checked.wrong)
        }
    };
    Ok(csv_file("import-problems.csv", rest))
}

/// `POST /people/import/{id}`: the import. Scripts that accept lines of JSON get its progress.
pub(crate) async fn commit(
    user: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    CheckedForm(fields): CheckedForm<BTreeMap<String, String>>,
) -> Result<Response, AppError> {
    let options = Options::from_pairs(fields.iter().map(|(name, value)| (&**name, &**value)));
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let slot = state.room.for_file(&state.db, &user.proof, &id).await?;
    if accept.contains(NDJSON) {
        return Ok(with_progress(user, state, slot, id, options));
    }
    match import::commit(&state.db, &user.proof, &id, &options, |_, _| {}).await {
        Ok(done) => Ok(Redirect::to(&result(&id, done)).into_response()),
        Err(ImportError::Already(done)) => Ok(Redirect::to(&already(&id, done)).into_response()),
        Err(ImportError::Raced) => show(&user, &state, &id, &options, Some(RACED)).await,
        Err(ImportError::Invalid | ImportError::Refused(_)) => {
            show(&user, &state, &id, &options, Some(INVALID)).await
        }
        Err(error) => Err(refused(error)),
    }
}

const RACED: &str =
    "Nothing was imported: someone has just added one of these people. Check the preview again.";
const INVALID: &str = "Nothing was imported: the file has mistakes.";

/// Streams a line of JSON for each batch and one for the result. The import is aborted when the client disconnects.
fn with_progress(user: SignedIn, state: AppState, slot: Slot, id: String, options: Options) -> Response {
    let (send, receive) = mpsc::unbounded_channel::<serde_json::Value>();
    let task = tokio::spawn(traces::in_request(async move {
        let progress = |done, of| drop(send.send(json!({ "done": done, "of": of })));
        let last = match import::commit(&state.db, &user.proof, &id, &options, progress).await {
            Ok(done) => json!({ "result": result(&id, done) }),
            Err(ImportError::Already(done)) => json!({ "result": already(&id, done) }),
            Err(ImportError::Raced) => json!({ "problem": RACED }),
            Err(ImportError::Invalid | ImportError::Refused(_)) => json!({ "problem": INVALID }),
            Err(error) => json!({ "problem": told(refused(error)) }),
        };
        drop(slot);
        let _ = send.send(last);
    }));
    let running = AbortOnDrop(task.abort_handle());
    let lines = stream::unfold((receive, running), |(mut receive, running)| async {
        let line = Bytes::from(format!("{}\n", receive.recv().await?));
        Some((Ok::<_, Infallible>(line), (receive, running)))
    });
    ([(header::CONTENT_TYPE, NDJSON)], Body::from_stream(lines)).into_response()
}

/// Aborts a task, and with it its transaction, when the browser disconnects.
struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Upload {
    name: String,
    data: Vec<u8>,
}

/// Reads the form. Nothing is read before the token. The rest of a file that is too large is discarded, because a browser
/// shows no response before it has sent everything.
async fn receive(user: &SignedIn, mut form: Multipart) -> Result<Result<Upload, Refused>, AppError> {
    let mut is_checked = false;
    let mut upload = Upload { name: String::new(), data: Vec::new() };
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "csrfToken" {
            let (token, _) = take(field, 1024).await?;
            is_checked = std::str::from_utf8(&token).is_ok_and(|token| user.sent(token));
        } else if !is_checked {
            return Err(AppError::Forged);
        } else if (name == "file" || name == "text") && upload.data.is_empty() {
            let file_name = field.file_name().unwrap_or_default().to_owned();
            let (data, is_whole) = take(field, FILE_MAX).await?;
            if !is_whole {
                return Ok(Err(Refused::TooLarge));
            }
            upload = Upload { name: file_name, data };
        }
    }
    if is_checked { Ok(Ok(upload)) } else { Err(AppError::Forged) }
}

/// Reads a form to its end and discards it, because a browser shows no response before it has sent everything.
async fn discard(mut form: Multipart) {
    while let Ok(Some(mut field)) = form.next_field().await {
        while let Ok(Some(_)) = field.chunk().await {}
    }
}

/// The first bytes of a field, and whether these are all.
async fn take(mut field: Field<'_>, most: usize) -> Result<(Vec<u8>, bool), AppError> {
    let mut data = Vec::new();
    let mut is_whole = true;
    while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
        if data.len() + chunk.len() > most {
            is_whole = false;
            data = Vec::new();
        }
        if is_whole {
            data.extend_from_slice(&chunk);
        }
    }
    Ok((data, is_whole))
}

#[allow(clippy::needless_pass_by_value, reason = "`map_err` hands errors over by value")]
fn unreadable(error: MultipartError) -> AppError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { AppError::TooLarge } else { AppError::BadRequest }
}

fn options(query: &str) -> Options {
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    Options::from_pairs(pairs.iter().map(|(name, value)| (&**name, &**value)))
}

#[allow(clippy::needless_pass_by_value, reason = "`map_err` hands errors over by value")]
fn refused(error: ImportError) -> AppError {
    match error {
        ImportError::NotFound | ImportError::Already(_) => AppError::ImportGone,
        ImportError::Database(error) => AppError::Database(error),
        ImportError::Raced => AppError::Conflict,
        ImportError::Refused(_) | ImportError::Invalid => AppError::BadRequest,
    }
}

/// Returns the text of the error page; the cause is logged.
fn told(error: AppError) -> &'static str {
    let response = error.into_response();
    let of_status = || ErrorText::of(response.status());
    response.extensions().get::<ErrorText>().copied().unwrap_or_else(of_status).text
}

fn upload_page(user: &SignedIn, refused: Option<&Refused>) -> Response {
    let status = match refused {
        None => StatusCode::OK,
        Some(Refused::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let problem = refused.map(ToString::to_string);
    (status, html(&ImportUploadPage { page: user.page(), csrf: user.csrf(), problem })).into_response()
}

async fn show(
    user: &SignedIn,
    state: &AppState,
    id: &str,
    options: &Options,
    problem: Option<&str>,
) -> Result<Response, AppError> {
    let mut stored = import::find(&state.db, &user.proof, id).await?.ok_or(AppError::ImportGone)?;
    match Done::of(&stored) {
        Some(done @ Done { has_rest: true, .. }) => {
            return Ok(html(&ImportDonePage { page: user.page(), id: stored.id, done }).into_response());
        }
        Some(done) => return Ok(Redirect::to(&already(id, done)).into_response()),
        None => {}
    }
    let data = std::mem::take(&mut stored.data);
    let (preview, refused) = match import::preview(&state.db, &user.proof, data, options).await {
        Ok(preview) => (Some(preview), None),
        Err(ImportError::Refused(refused)) => (None, Some(refused)),
        Err(error) => return Err(self::refused(error)),
    };
    let is_wrong = problem.is_some() || refused.is_some();
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let problem = refused.map(|refused| refused.to_string()).or_else(|| problem.map(str::to_owned));
    let page = page(user, stored.id, stored.file_name, options, preview, problem);
    Ok((status, html(&page)).into_response())
}

fn page(
    user: &SignedIn,
    id: String,
    file_name: String,
    options: &Options,
    preview: Option<Preview>,
    problem: Option<String>,
) -> ImportPreviewPage {
    let mut options = options.clone();
    let (mut wrong, mut problems, mut would, mut is_ready) = (0, 0, None, false);
    let sheet = preview.map(|preview| {
        (would, is_ready) = (Some(preview.would), preview.is_ready());
        let mut sheet = preview.sheet;
        (wrong, problems) = (sheet.checked.wrong.len(), sheet.checked.problem_count());
        sheet.checked.wrong.truncate(WRONG_SHOWN);
        sheet
    });
    if let Some(sheet) = &sheet {
        options.encoding = Some(sheet.encoding).filter(|_| sheet.known != Known::Marked);
    }
    if let Some(table) = sheet.as_ref().and_then(|sheet| sheet.table.as_ref()) {
        // The import uses the options detected for this preview.
        options.delimiter = Some(table.delimiter);
        options.has_headings = Some(table.has_headings);
        options.columns = table.columns.iter().map(|column| column.target).enumerate().collect();
    }
    ImportPreviewPage {
        page: user.page(),
        csrf: user.csrf(),
        id,
        file_name,
        options,
        sheet,
        would,
        is_ready,
        wrong,
        problems,
        problem,
    }
}

/// Returns the URL of the page after an import: the list, or the page with the file of people who were left out.
fn result(id: &str, done: Done) -> String {
    let Done { added, updated, skipped, has_rest } = done;
    if has_rest { preview_page(id) } else { format!("/people?done=imported-{added}-{updated}-{skipped}") }
}

fn already(id: &str, done: Done) -> String {
    let Done { added, updated, skipped, has_rest } = done;
    if has_rest {
        preview_page(id)
    } else {
        format!("/people?done=imported-before-{added}-{updated}-{skipped}")
    }
}

fn preview_page(id: &str) -> String {
    format!("/people/import/{id}")
}

fn csv_file(name: &str, text: String) -> Response {
    attachment(import::CSV_TYPE, name, Body::from(text))
}
