//! A sign-in that begins at @auth/core and ends here, and the other way round: one secret, one provider, and whichever of
//! two servers behind one address a request happens to reach.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use chrono::Utc;
use nicol_auth::{AllowList, OAuthProvider};
use serde_json::{Value, json};
use testkit::OidcProvider;

use crate::support::{SECRET, Site, location};

const FRONT: &str = "http://localhost:3000";
const CALLBACK: &str = "http://localhost:3000/api/auth/callback/test";

/// @auth/core in a process of its own.
struct Original {
    process: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Original {
    fn start(provider: &OidcProvider) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/serve.mjs");
        let client = [OidcProvider::CLIENT_ID, OidcProvider::CLIENT_SECRET];
        let mut process = Command::new("node")
            .args([script, SECRET, provider.issuer()])
            .args(client)
            .current_dir(testkit::reference().parent().unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdin, stdout) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Self { process, stdin, stdout: BufReader::new(stdout) }
    }

    /// Sends a request and keeps the cookies of the answer.
    fn send(
        &mut self,
        method: &str,
        path: &str,
        body: Option<String>,
        cookies: &mut BTreeMap<String, String>,
    ) -> Value {
        let header: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers =
            json!({ "cookie": header.join("; "), "content-type": "application/x-www-form-urlencoded" });
        let mut request = json!({ "url": format!("{FRONT}{path}"), "method": method, "headers": headers });
        if let Some(body) = body {
            request["body"] = body.into();
        }
        writeln!(self.stdin, "{request}").unwrap();
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).expect("@auth/core runs");
        for cookie in answer["set_cookie"].as_array().unwrap() {
            let cookie = cookie.as_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

impl Drop for Original {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn site(provider: &OidcProvider) -> Site {
    let (id, secret) = (OidcProvider::CLIENT_ID, OidcProvider::CLIENT_SECRET.to_owned());
    let test = OAuthProvider::oidc("test", provider.issuer(), id, secret).unwrap();
    let site = Site::with(|config| config.allow(AllowList::everyone()).provider(test));
    // The provider and @auth/core have no clock to turn.
    site.clock.set(Utc::now());
    site
}

fn walk(provider: &mut OidcProvider, url: &str) -> String {
    provider.walk(url, "ann", false).strip_prefix(FRONT).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_began_here_ends_at_the_original() {
    let mut provider = OidcProvider::start(CALLBACK);
    let (site, mut original) = (site(&provider), Original::start(&provider));
    let mut ann = site.browser();
    let csrf = ann.csrf_token().await;
    let answer = ann.post("/api/auth/signin/test", &[("csrfToken", &csrf)]).await;
    let back = walk(&mut provider, location(&answer));
    let answer = original.send("GET", &back, None, &mut ann.cookies);
    assert_eq!(answer["location"], FRONT, "{answer}");
    assert_eq!(answer["accounts"], json!([["test", "ann"]]));
    assert!(ann.cookies.contains_key("authjs.session-token"));
    assert!(!ann.cookies.contains_key("authjs.state"), "the original has used it up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_began_at_the_original_ends_here() {
    let mut provider = OidcProvider::start(CALLBACK);
    let (site, mut original) = (site(&provider), Original::start(&provider));
    let mut ann = site.browser();
    let body = original.send("GET", "/api/auth/csrf", None, &mut ann.cookies)["body"].clone();
    let body: Value = serde_json::from_str(body.as_str().unwrap()).unwrap();
    let form = format!("csrfToken={}", body["csrfToken"].as_str().unwrap());
    let answer = original.send("POST", "/api/auth/signin/test", Some(form), &mut ann.cookies);
    let back = walk(&mut provider, answer["location"].as_str().unwrap());
    assert_eq!(location(&ann.get(&back).await), FRONT);
    assert_eq!(ann.session().await["user"]["email"], "ann@example.com");
    assert!(!ann.cookies.contains_key("authjs.state"));
}
