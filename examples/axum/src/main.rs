//! Sign-in by e-mail link, and a JSON API in which every user has tasks of their own.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

mod db {
    nicol::client!();
}

use std::convert::Infallible;
use std::env;
use std::error::Error;

use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, middleware};
use db::{Client, Task, task};
use nicol_auth::{
    AllowList, Auth, AuthSecret, AuthUrl, Authenticated, Config, EmailProvider, MagicLinkMail, Mailer,
};
use serde::Deserialize;
use tokio::net::TcpListener;

#[derive(Clone)]
struct App {
    db: Client,
    auth: Auth,
}

/// Lets the routes and extractors of `nicol_auth` find what they need.
impl FromRef<App> for Auth {
    fn from_ref(app: &App) -> Self {
        app.auth.clone()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // `DATABASE_URL` and `AUTH_SECRET`, here or in `.env`.
    dotenvy::dotenv().ok();
    let address = env::var("ADDRESS").unwrap_or_else(|_| "localhost:3000".to_owned());
    let listener = TcpListener::bind(&address).await?;
    let db = Client::from_env().await?;

    let url = AuthUrl::parse(&format!("http://{address}"))?;
    let secret = AuthSecret::new(&env::var("AUTH_SECRET")?)?;
    let config = Config::new(url, secret, AllowList::everyone()).provider(EmailProvider::new(Terminal));
    let auth = Auth::new(config, db.clone());

    let router = Router::new()
        .route("/tasks", get(list_tasks).post(add_task))
        .merge(nicol_auth::axum::routes(&auth))
        .layer(middleware::from_fn(nicol_auth::axum::carry_cookies))
        .with_state(App { db, auth });
    println!("listening on {}; sign in at http://{address}/api/auth/signin", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

/// Answers 401 without a session: only then is there an `Authenticated`.
async fn list_tasks(State(app): State<App>, session: Authenticated) -> Result<Json<Vec<Task>>, Failure> {
    let own = task::user_id.eq(session.user_id().as_str());
    Ok(Json(app.db.task().find_many().filter(own).order_by(task::id.asc()).await?))
}

#[derive(Deserialize)]
struct NewTask {
    title: String,
}

async fn add_task(
    State(app): State<App>,
    session: Authenticated,
    Json(NewTask { title }): Json<NewTask>,
) -> Result<(StatusCode, Json<Task>), Failure> {
    let user_id = session.user_id().as_str().to_owned();
    let task = app.db.task().create(task::New { title, user_id }).await?;
    Ok((StatusCode::CREATED, Json(task)))
}

/// A query that failed: 500, with nothing of the error in the answer.
struct Failure(nicol::Error);

impl From<nicol::Error> for Failure {
    fn from(error: nicol::Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        println!("error: {}", self.0);
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

/// Prints the mail. The feature `smtp` of `nicol_auth` sends it.
struct Terminal;

impl Mailer for Terminal {
    type Error = Infallible;

    async fn send(&self, mail: MagicLinkMail) -> Result<(), Infallible> {
        println!("{}", mail.text());
        Ok(())
    }
}
