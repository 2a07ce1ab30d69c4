//! A provider on loopback that answers what a test says, signs its id tokens, and keeps what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde::Deserialize;
use serde_json::{Value, json};

/// What the provider was asked, save for its documents.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    #[serde(default)]
    pub(crate) form: BTreeMap<String, String>,
}

#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

#[derive(Clone)]
pub(crate) struct StubProvider {
    /// Without a slash at the end.
    pub(crate) url: String,
    pub(crate) state: Arc<Mutex<Stub>>,
}

pub(crate) struct Stub {
    /// By path. Of a token answer, `id_token_claims` becomes a signed `id_token`.
    pub(crate) answers: BTreeMap<String, Answer>,
    pub(crate) asked: Vec<Asked>,
    /// The paths of documents that were asked for.
    pub(crate) documents: Vec<String>,
    pub(crate) key: SigningKey,
    /// Makes an id token of claims; signs it, unless a test has other plans.
    pub(crate) sign: fn(&SigningKey, &Value) -> String,
    /// What stands for `$nonce` in claims.
    pub(crate) nonce: String,
    /// What the discovery document says otherwise.
    pub(crate) metadata: Value,
    pub(crate) is_down: bool,
}

pub(crate) struct SigningKey {
    pub(crate) id: &'static str,
    pub(crate) pair: EcdsaKeyPair,
}

impl SigningKey {
    pub(crate) fn new(id: &'static str) -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap();
        Self { id, pair }
    }

    pub(crate) fn public(&self) -> Value {
        // A point that is not compressed: 4, x, y.
        let point = self.pair.public_key().as_ref();
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "kid": self.id, "x": encode(&point[1..33]), "y": encode(&point[33..]) })
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let text = unsigned(header, claims);
        let signature = self.pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Header and claims of a token that is still to be signed.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

impl StubProvider {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stub = Stub {
            answers: BTreeMap::new(),
            asked: Vec::new(),
            documents: Vec::new(),
            key: SigningKey::new("k1"),
            sign: |key, claims| key.sign(&json!({ "alg": "ES256", "kid": key.id, "typ": "JWT" }), claims),
            nonce: String::new(),
            metadata: json!({}),
            is_down: false,
        };
        let provider = Self { url, state: Arc::new(Mutex::new(stub)) };
        let app = Router::new().fallback(answer).with_state(provider.clone());
        tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
        provider
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Stub)) {
        change(&mut self.state.lock().unwrap());
    }

    pub(crate) fn answer(&self, path: &str, status: u16, body: Value) {
        self.change(|stub| {
            stub.answers.insert(path.to_owned(), Answer { status, body });
        });
    }

    pub(crate) fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    pub(crate) fn take_documents(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().documents)
    }
}

async fn answer(
    State(provider): State<StubProvider>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut stub = provider.state.lock().unwrap();
    let url = &provider.url;
    if stub.is_down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let document = match uri.path() {
        "/.well-known/openid-configuration" => {
            let mut document = json!({
                "issuer": url, "authorization_endpoint": format!("{url}/authorize"),
                "token_endpoint": format!("{url}/token"), "userinfo_endpoint": format!("{url}/userinfo"),
                "jwks_uri": format!("{url}/jwks"), "id_token_signing_alg_values_supported": ["ES256"],
            });
            for (name, value) in stub.metadata.as_object().unwrap() {
                document[name] = value.clone();
            }
            Some(document)
        }
        "/jwks" => Some(json!({ "keys": [stub.key.public()] })),
        _ => None,
    };
    if let Some(document) = document {
        stub.documents.push(uri.path().to_owned());
        return axum::Json(document).into_response();
    }
    let form = url::form_urlencoded::parse(&body).into_owned().collect();
    let authorization = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
    stub.asked.push(Asked { method: method.to_string(), path: uri.path().to_owned(), authorization, form });
    let Some(Answer { status, mut body }) = stub.answers.get(uri.path()).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if let Some(claims) = body.get_mut("id_token_claims").map(Value::take) {
        let claims = claims.to_string().replace("http://provider.test", url).replace("$nonce", &stub.nonce);
        let token = (stub.sign)(&stub.key, &serde_json::from_str(&claims).unwrap());
        body["id_token"] = token.into();
        body.as_object_mut().unwrap().remove("id_token_claims");
    }
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}
