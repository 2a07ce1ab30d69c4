use anyhow::Context as _;
use nicol_engine::Engine;
use serde_json::{Value, json};

use crate::args::Query;
use crate::context::Context;
use crate::database::{Database, datasource_of};
use crate::exit::Exit;
use crate::project::{Project, load_schema};

pub(super) async fn run(ctx: &mut Context, project: &Project, args: &Query) -> anyhow::Result<Exit> {
    let mut lines = Context::input_lines();
    if args.persistent {
        let mut engine = None;
        while let Some(line) = lines.next().await? {
            let answer = answer_or_open(ctx, &mut engine, &line).await;
            ctx.report.output(&format!("{answer}\n"));
        }
        close(engine).await;
        return Ok(Exit::Success);
    }
    let path = project.schema()?;
    let schema = load_schema(ctx, path)?;
    let database = match &args.url {
        Some(url) => {
            // The engine reports what is wrong with the URL, in Prisma's way.
            let _ = Database::at(ctx, url, "the value of --url");
            None
        }
        None => {
            let datasource = datasource_of(project, schema.clone(), path)?;
            Some(Database::for_queries(ctx, project, &datasource).await?)
        }
    };
    let url = match (&args.url, &database) {
        (Some(url), _) => url.clone(),
        (None, Some(database)) => database.url.to_url_with_password(),
        (None, None) => String::new(),
    };
    let engine = Engine::new(schema, &url)?;
    while let Some(line) = lines.next().await? {
        let answer = engine.answer_line(&line).await;
        ctx.report.output(&format!("{answer}\n"));
    }
    engine.close().await;
    if let Some(database) = database {
        database.close().await?;
    }
    Ok(Exit::Success)
}

/// Answers a line of `--persistent`: opens another schema and database, or answers a request on the open ones.
async fn answer_or_open(ctx: &mut Context, engine: &mut Option<Engine>, line: &str) -> String {
    let place = serde_json::from_str::<Value>(line).ok().and_then(|line| line.get("open").cloned());
    let opened = match (place, &engine) {
        (Some(place), _) => {
            close(engine.take()).await;
            open(ctx, &place)
        }
        (None, Some(engine)) => return engine.answer_line(line).await,
        (None, None) => {
            Err(anyhow::anyhow!("no schema is open\nhelp: begin with {{\"open\": {{\"schema\", \"url\"}}}}"))
        }
    };
    match opened {
        Ok(opened) => {
            *engine = Some(opened);
            json!({ "opened": true }).to_string()
        }
        Err(error) => json!({ "error": { "message": format!("{error:#}") } }).to_string(),
    }
}

fn open(ctx: &mut Context, place: &Value) -> anyhow::Result<Engine> {
    let text = |key| place.get(key).and_then(Value::as_str).with_context(|| format!("`{key}` is missing"));
    let schema = load_schema(ctx, text("schema")?.as_ref())?;
    Ok(Engine::new(schema, text("url")?)?)
}

async fn close(engine: Option<Engine>) {
    if let Some(engine) = engine {
        engine.close().await;
    }
}
