//! Sign-in within an axum application.

use axum::body::{Body, to_bytes};
use axum::extract::FromRef;
use axum::routing::{get, post};
use axum::{Form, Router, middleware};
use chrono::TimeDelta;
use http::{Request, Response, StatusCode, header};
use nicol_auth::axum::{carry_cookies, routes};
use nicol_auth::{Auth, Authenticated, CsrfToken};
use serde::Deserialize;
use tower::ServiceExt as _;

use crate::support::Site;

#[derive(Clone)]
struct AppState {
    auth: Auth,
}

impl FromRef<AppState> for Auth {
    fn from_ref(state: &AppState) -> Self {
        state.auth.clone()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Save {
    csrf_token: String,
}

fn app(auth: &Auth) -> Router {
    Router::new()
        .route("/", get(async |who: Authenticated| who.user().email.clone()))
        .route("/twice", get(async |_: Authenticated, again: Authenticated| again.user().email.clone()))
        .route("/maybe", get(async |who: Option<Authenticated>| who.map_or("nobody", |_| "somebody")))
        .route("/form", get(async |csrf: CsrfToken, _: CsrfToken| csrf.as_str().to_owned()))
        .route(
            "/save",
            post(
                async |_: Authenticated, csrf: CsrfToken, Form(form): Form<Save>| {
                    if csrf.matches(&form.csrf_token) {
                        StatusCode::NO_CONTENT
                    } else {
                        StatusCode::FORBIDDEN
                    }
                },
            ),
        )
        .merge(routes(auth))
        .layer(middleware::from_fn(carry_cookies))
        .with_state(AppState { auth: auth.clone() })
}

async fn send(site: &Site, request: Request<Body>) -> (Response<()>, String) {
    let (parts, body) = app(&site.auth).oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (Response::from_parts(parts, ()), String::from_utf8(body.to_vec()).unwrap())
}

fn request(method: &str, uri: &str, cookies: &str) -> Request<Body> {
    let built = Request::builder().method(method).uri(uri).header(header::COOKIE, cookies);
    built.header(header::ACCEPT, "text/html,*/*").body(Body::empty()).unwrap()
}

async fn session_cookie(site: &Site) -> String {
    let browser = site.signed_in("ann@example.com").await;
    format!("authjs.session-token={}", browser.cookies["authjs.session-token"])
}

#[tokio::test]
async fn a_handler_gets_who_is_signed_in() {
    let site = Site::new();
    let cookie = session_cookie(&site).await;
    let (response, body) = send(&site, request("GET", "/", &cookie)).await;
    assert_eq!((response.status(), body.as_str()), (StatusCode::OK, "ann@example.com"));
    assert!(!response.headers().contains_key(header::SET_COOKIE));
    assert_eq!(send(&site, request("GET", "/maybe", &cookie)).await.1, "somebody");
    assert_eq!(send(&site, request("GET", "/maybe", "")).await.1, "nobody");

    site.adapter.take_calls();
    assert_eq!(send(&site, request("GET", "/twice", &cookie)).await.1, "ann@example.com");
    assert_eq!(
        site.adapter.take_calls(),
        ["session_and_user"],
        "one look at the database serves the request"
    );
}

#[tokio::test]
async fn a_stranger_is_sent_to_sign_in_or_gets_401() {
    let site = Site::new();
    let (response, _) = send(&site, request("GET", "/twice?a=b&c", "")).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[header::LOCATION], "/api/auth/signin?callbackUrl=%2Ftwice%3Fa%3Db%26c");
    let (response, _) = send(&site, request("POST", "/save", "")).await;
    assert_eq!(response.headers()[header::LOCATION], "/api/auth/signin?callbackUrl=%2F");
    let mut script = request("GET", "/", "");
    script.headers_mut().insert(header::ACCEPT, "application/json".parse().unwrap());
    assert_eq!(send(&site, script).await.0.status(), StatusCode::UNAUTHORIZED);

    let (response, _) = send(&site, request("GET", "/", "authjs.session-token=stale")).await;
    assert!(response.headers()[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
}

#[tokio::test]
async fn an_extended_session_gets_its_cookie_from_any_page() {
    let site = Site::new();
    let cookie = session_cookie(&site).await;
    site.clock.advance(TimeDelta::days(2));
    let (response, _) = send(&site, request("GET", "/", &cookie)).await;
    let set = response.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(set.starts_with(&cookie) && set.contains("Expires=Fri, 25 Dec 2026 12:00:00 GMT"), "{set}");
}

#[tokio::test]
async fn forms_of_the_application_are_protected() {
    let site = Site::new();
    let session = session_cookie(&site).await;
    let (response, token) = send(&site, request("GET", "/form", &session)).await;
    assert_eq!(response.headers().get_all(header::SET_COOKIE).iter().count(), 1, "one cookie, asked twice");
    let csrf = response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();

    let save = |cookies: &str, token: &str| {
        let built = Request::post("/save").header(header::COOKIE, cookies);
        let built = built.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        built.body(Body::from(format!("csrfToken={token}"))).unwrap()
    };
    let both = format!("{session}; {csrf}");
    assert_eq!(send(&site, save(&both, &token)).await.0.status(), StatusCode::NO_CONTENT);
    assert_eq!(send(&site, save(&both, "forged")).await.0.status(), StatusCode::FORBIDDEN);
    assert_eq!(send(&site, save(&session, &token)).await.0.status(), StatusCode::FORBIDDEN);
    assert_eq!(send(&site, save(&both, "")).await.0.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_database_out_of_reach_is_503() {
    let site = Site::new();
    let cookie = session_cookie(&site).await;
    site.adapter.set_down(true);
    for uri in ["/", "/maybe"] {
        let (response, _) = send(&site, request("GET", uri, &cookie)).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{uri}");
        assert_eq!(response.headers()[header::RETRY_AFTER], "5");
    }
    site.adapter.set_down(false);
    assert_eq!(send(&site, request("GET", "/", &cookie)).await.0.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_routes_answer_below_the_base_path() {
    let site = Site::new();
    let (response, body) = send(&site, request("GET", "/api/auth/session", "")).await;
    assert_eq!((response.status(), body.as_str()), (StatusCode::OK, "null"));
    assert_eq!(
        send(&site, request("GET", "/api/auth/nonsense", "")).await.0.status(),
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        send(&site, request("DELETE", "/api/auth/session", "")).await.0.status(),
        StatusCode::BAD_REQUEST
    );
    assert_eq!(send(&site, request("GET", "/api/authsession", "")).await.0.status(), StatusCode::NOT_FOUND);
    let mut large = request("POST", "/api/auth/signin/email", "");
    *large.body_mut() = Body::from(vec![b'x'; 20_000]);
    assert_eq!(send(&site, large).await.0.status(), StatusCode::PAYLOAD_TOO_LARGE);
}
