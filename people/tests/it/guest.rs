//! A browser without a screen, at running sites: it keeps cookies, by name alone, as browsers do for all ports of a host.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// Where a site is: the port it listens at on this machine, and the origin that it takes for its own.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) port: u16,
    pub(crate) origin: String,
}

/// Somebody with a browser.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guest {
    pub(crate) cookies: BTreeMap<String, String>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("this is no JSON: {}", self.body))
    }

    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        let cookies = self.headers.get_all(header::SET_COOKIE).iter();
        cookies.map(|value| value.to_str().unwrap()).collect()
    }
}

impl Guest {
    pub(crate) async fn get(&mut self, site: &Site, path: &str) -> Answer {
        self.send(site, Method::GET, path, String::new()).await
    }

    /// Posts fields as they are.
    pub(crate) async fn post(&mut self, site: &Site, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(site, Method::POST, path, body).await
    }

    /// The token for forms.
    pub(crate) async fn csrf(&mut self, site: &Site) -> String {
        let answer = self.get(site, "/api/auth/csrf").await;
        answer.json()["csrfToken"].as_str().unwrap().to_owned()
    }

    /// Asks for a link as the form of the sign-in page does.
    pub(crate) async fn ask_for_link(&mut self, site: &Site, email: &str) -> Answer {
        let token = self.csrf(site).await;
        self.post(site, "/api/auth/signin/email", &[("csrfToken", &token), ("email", email)]).await
    }

    /// Opens a link at a site, wherever it was mailed from, and presses the button if the page has one.
    pub(crate) async fn use_link(&mut self, site: &Site, link: &str) -> Answer {
        let (_, path) = link.split_once("/api/").expect("the link leads to the API");
        let path = format!("/api/{path}");
        let opened = self.get(site, &path).await;
        if opened.status != StatusCode::OK {
            return opened;
        }
        let fields = hidden_fields(&opened.body);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        self.post(site, path.split('?').next().unwrap(), &fields).await
    }

    /// Signs out as the form of the page does.
    pub(crate) async fn sign_out(&mut self, site: &Site) -> Answer {
        let token = self.csrf(site).await;
        self.post(site, "/api/auth/signout", &[("csrfToken", &token)]).await
    }

    async fn send(&mut self, site: &Site, method: Method, path: &str, body: String) -> Answer {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        self.request(site, method, path, &form, body).await
    }

    /// Any request; the cookies are added.
    pub(crate) async fn request(
        &mut self,
        site: &Site,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let stream = TcpStream::connect(("127.0.0.1", site.port)).await.unwrap();
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let (scheme, host) = site.origin.split_once("://").unwrap();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, host)
            .header("x-forwarded-proto", scheme)
            .header("x-forwarded-host", host)
            .header(header::ACCEPT, "text/html")
            .header(header::COOKIE, cookies.join("; "));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let (parts, body) = sender.send_request(request).await.unwrap().into_parts();
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        let answer = Answer { status: parts.status, headers: parts.headers, body };
        for cookie in answer.set_cookies() {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap_or_default();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

/// The hidden fields of the page's last form: the first, in the bar, signs out.
fn hidden_fields(page: &str) -> Vec<(String, String)> {
    let form = &page[page.rfind("<form").unwrap_or_else(|| panic!("no form in {page}"))..];
    let hidden = form.split("<input").skip(1).filter(|tag| tag.contains("type=\"hidden\""));
    hidden.map(|tag| (attribute(tag, "name"), attribute(tag, "value"))).collect()
}

/// The value of an attribute of a tag.
pub(crate) fn attribute(tag: &str, name: &str) -> String {
    let (_, rest) = tag.split_once(&format!("{name}=\"")).unwrap_or_else(|| panic!("no {name} in {tag}"));
    let value = rest.split('"').next().unwrap_or_default();
    value.replace("&#38;", "&").replace("&amp;", "&").replace("&#43;", "+").replace("&#x2F;", "/")
}
