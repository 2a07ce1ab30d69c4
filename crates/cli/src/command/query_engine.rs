//! Prisma Client with `engineType = "binary"` starts this command instead of Prisma's engine, and talks to it over HTTP.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use nicol_engine::{Engine, HttpAnswer, log};
use nicol_schema::model::StringOrEnv;
use nicol_schema::{DatasourceUrl, Schema, Sources};
use nicol_server::Limits;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::args::QueryEngine;
use crate::context::Context;
use crate::exit::Exit;
use crate::project::from_cwd;
use crate::report::Output;
use crate::signals::reader_is_gone;

/// The largest body of a request, in bytes (128 MiB).
const LARGEST_BODY: usize = 128 * 1024 * 1024;
/// The time for requests in flight after the signal to stop.
const GRACE: Duration = Duration::from_secs(10);
/// The header that names an interactive transaction.
const TRANSACTION: &str = "x-transaction-id";

pub(super) async fn run(ctx: &mut Context, args: &QueryEngine) -> Exit {
    match serve(ctx, args).await {
        Ok(()) => Exit::Success,
        Err(error) => {
            // Prisma Client reads a line of JSON.
            let line = match error.downcast_ref::<nicol_engine::Error>() {
                Some(error) => error.to_user_facing(),
                None => {
                    let mut line = json!({ "is_panic": false, "message": format!("{error:#}") });
                    if error.is::<Refused>() {
                        line["error_code"] = "P1012".into();
                    }
                    line
                }
            };
            ctx.report.line(&line.to_string());
            Exit::Failure
        }
    }
}

/// A schema that cannot be used (P1012).
#[derive(Debug)]
struct Refused(String);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

async fn serve(ctx: &mut Context, args: &QueryEngine) -> anyhow::Result<()> {
    if args.engine_protocol.as_deref().is_some_and(|protocol| protocol != "json") {
        bail!("only the protocol `json` is supported");
    }
    let schema = schema(ctx, args)?;
    let url = url(ctx, &schema)?;
    let mut engine = Engine::new(schema, &url)?;
    if args.log_queries || ctx.variable("LOG_QUERIES").is_some() {
        let output = Output::new();
        engine = engine.on_query(move |event| output.line(&log::query(event)));
    }
    engine.connect().await?;

    let stop = ctx.signals.attend();
    let host = args.host.as_deref().unwrap_or("127.0.0.1");
    let listener = TcpListener::bind((host, args.port)).await;
    let listener = listener.with_context(|| format!("cannot listen on `{host}`, port {}", args.port))?;
    let address = listener.local_addr().context("the listener has no address")?;
    Output::new().line(&log::started(address));

    let engine = Arc::new(engine);
    let limits = Limits::for_this_process();
    // All connections are those of one client.
    let limits = Limits { max_per_address: limits.max_connections, ..limits };
    let service = tower::service_fn({
        let engine = Arc::clone(&engine);
        move |request| {
            let engine = Arc::clone(&engine);
            async move { Ok::<_, Infallible>(answer(&engine, request).await) }
        }
    });
    let (stopped, is_stopped) = tokio::sync::oneshot::channel();
    let stop = async {
        tokio::select! {
            () = stop => {}
            () = reader_is_gone() => {}
        }
        let _ = stopped.send(());
    };
    let grace = async {
        let _ = is_stopped.await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        () = nicol_server::serve(listener, service, limits, stop) => {}
        () = grace => {}
    }
    engine.close().await;
    Ok(())
}

async fn answer(engine: &Engine, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let answer = match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => match std::str::from_utf8(&body.to_bytes()) {
            Ok(body) => {
                let transaction = transaction(&head.headers);
                engine.answer_http(head.method.as_str(), head.uri.path(), transaction, body).await
            }
            Err(_) => HttpAnswer::refused(400, "the request is not UTF-8"),
        },
        Err(error) if error.is::<LengthLimitError>() => {
            HttpAnswer::refused(413, &format!("the request is larger than {LARGEST_BODY} bytes"))
        }
        Err(_) => HttpAnswer::refused(400, "the request ended early"),
    };
    let mut response = Response::new(Full::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}

fn transaction(headers: &HeaderMap) -> Option<&str> {
    headers.get(TRANSACTION)?.to_str().ok()
}

/// Reads the schema that the arguments or the environment name.
fn schema(ctx: &Context, args: &QueryEngine) -> anyhow::Result<Schema> {
    let path = args.datamodel_path.clone().or_else(|| ctx.variable("PRISMA_DML_PATH").map(Into::into));
    let sources = match (path, args.datamodel.as_deref().or_else(|| ctx.variable("PRISMA_DML"))) {
        (_, Some(text)) => Sources::new([("schema.prisma", decoded(text)?)]),
        (Some(path), None) => nicol_codegen::read_schema(&from_cwd(ctx, &path))?,
        (None, None) => {
            bail!("no schema is given\nhelp: pass --datamodel-path, or set PRISMA_DML_PATH or PRISMA_DML")
        }
    };
    let validated = nicol_schema::validate_files_with(&sources, DatasourceUrl::Optional);
    validated.schema.ok_or_else(|| {
        let findings = nicol_schema::render_files(&validated.diagnostics, &sources, false);
        Refused(format!("the schema has errors\n{findings}")).into()
    })
}

/// Decodes base64. As in Prisma, a text that is not base64 stands for itself.
fn decoded(text: &str) -> anyhow::Result<String> {
    use base64::Engine as _;
    match base64::engine::general_purpose::STANDARD.decode(text) {
        Ok(bytes) => String::from_utf8(bytes).context("the schema is not UTF-8"),
        Err(_) => Ok(text.to_owned()),
    }
}

/// Returns the URL of the database: the one in `OVERWRITE_DATASOURCES`, or the `url` of the datasource.
fn url(ctx: &Context, schema: &Schema) -> anyhow::Result<String> {
    let datasource = schema.datasource.as_ref();
    let datasource = datasource.ok_or_else(|| Refused("the schema has no datasource".to_owned()))?;
    if let Some(overwrites) = ctx.variable("OVERWRITE_DATASOURCES") {
        let overwrites: Value = serde_json::from_str(&decoded(overwrites)?)
            .map_err(|_| anyhow!("`OVERWRITE_DATASOURCES` is not JSON"))?;
        let own = overwrites.as_array().into_iter().flatten().find(|it| it["name"] == datasource.name);
        if let Some(url) = own.and_then(|it| it["url"].as_str()) {
            return Ok(url.to_owned());
        }
    }
    let variable = match &datasource.url {
        Some(StringOrEnv::Literal(url)) => return Ok(url.clone()),
        Some(StringOrEnv::Env(variable)) => variable,
        None => "DATABASE_URL",
    };
    let url = ctx.variable(variable).map(str::to_owned);
    url.ok_or_else(|| Refused(format!("the environment variable `{variable}` is not set")).into())
}
