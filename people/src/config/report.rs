//! The settings as `people config` shows them, with their sources and without secrets.

use nicol_settings::{Environment, Setting, Source, hide_password};

use super::{Config, Database, Operation};
use crate::import::FILE_MAX;
use crate::room::FILES_AT_ONCE;
use crate::traces;

impl Config {
    /// Returns all settings, the most important first.
    pub fn settings(&self, env: &Environment) -> Vec<Setting> {
        let mut settings = Vec::new();
        let mut add = |name, value: String, otherwise: Source| {
            settings.push(env.setting(name, value, otherwise));
        };
        let set = |name| env.value(name);

        add("HOST", self.listen.ip().to_string(), Source::Default);
        add("PORT", self.listen.port().to_string(), Source::Default);
        let own_url = format!("http://localhost:{}", self.listen.port());
        add("AUTH_URL", set("AUTH_URL").or_else(|| set("NEXTAUTH_URL")).unwrap_or(own_url), Source::Derived);
        add(
            "AUTH_SECRET",
            set("AUTH_SECRET").map_or("generated for development", |_| "hidden").to_owned(),
            Source::Default,
        );
        add(
            "AUTH_ENCRYPTION_KEY",
            set("AUTH_ENCRYPTION_KEY").map_or("derived from AUTH_SECRET", |_| "hidden").to_owned(),
            Source::Default,
        );
        for name in ["AUTH_ALLOWED_EMAILS", "AUTH_ALLOWED_DOMAINS"] {
            let otherwise = if self.allow.is_everyone() { "everyone" } else { "nobody else" };
            add(name, set(name).unwrap_or_else(|| otherwise.to_owned()), Source::Default);
        }
        for provider in &self.providers {
            // In the variables of Auth.js, the provider's id is part of the name.
            let (name, id) = match provider.id() {
                "google" => ("AUTH_GOOGLE_ID", set("AUTH_GOOGLE_ID")),
                "github" => ("AUTH_GITHUB_ID", set("AUTH_GITHUB_ID")),
                "oauth" => ("AUTH_OAUTH_ID", set("AUTH_OAUTH_ID")),
                "oidc" => ("AUTH_OIDC_ISSUER", set("AUTH_OIDC_ISSUER")),
                _ => continue,
            };
            add(name, id.unwrap_or_default(), Source::Default);
        }
        let terminal = "links are printed on the terminal";
        add(
            "EMAIL_SERVER",
            match set("EMAIL_SERVER") {
                Some(url) => hide_password(&url),
                None if self.is_development() => terminal.to_owned(),
                None => "no links are sent".to_owned(),
            },
            Source::Default,
        );
        add("EMAIL_FROM", set("EMAIL_FROM").unwrap_or_else(|| "not needed".to_owned()), Source::Default);
        let (pooled, direct, replicas) = match &self.database {
            Database::Local => ("a private local server".to_owned(), None, &[][..]),
            Database::Server { pooled, direct, replicas } => {
                (pooled.to_string(), (pooled != direct).then(|| direct.to_string()), &**replicas)
            }
        };
        add("DATABASE_URL", pooled, Source::Default);
        let direct = direct.unwrap_or_else(|| "same as DATABASE_URL".to_owned());
        add("DATABASE_URL_UNPOOLED", direct, Source::Default);
        let replicas = replicas.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let replicas = if replicas.is_empty() { "none".to_owned() } else { replicas };
        add("DATABASE_REPLICA_URL", replicas, Source::Default);
        add(
            "DATABASE_ALLOW_PLAINTEXT",
            set("DATABASE_ALLOW_PLAINTEXT").unwrap_or_else(|| "0".to_owned()),
            Source::Default,
        );
        let Operation { trusted_proxies, rate_limits, metrics, traces } = &self.operation;
        let proxies = (!trusted_proxies.is_empty()).then(|| trusted_proxies.to_string());
        add("TRUSTED_PROXIES", proxies.unwrap_or_else(|| "none".to_owned()), Source::Default);
        add("RATE_LIMIT", rate_limits.map_or("off".to_owned(), |limits| limits.to_string()), Source::Default);
        add("METRICS_LISTEN", metrics.map_or("off".to_owned(), |at| at.to_string()), Source::Default);
        let endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
        let for_traces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        let name = if set(for_traces).is_some() { for_traces } else { endpoint };
        add(name, traces.as_ref().map_or("no traces".to_owned(), shown_traces), Source::Default);
        add("RUST_LOG", self.log.clone(), Source::Default);
        settings
    }
}

#[cfg(feature = "otel")]
fn shown_traces(traces: &traces::Settings) -> String {
    traces.endpoint.to_string()
}

#[cfg(not(feature = "otel"))]
fn shown_traces(_: &traces::Settings) -> String {
    "no traces: built without the feature `otel`".to_owned()
}

/// Returns the limits of this process that no setting changes, to show.
pub fn bounds() -> [(&'static str, String); 2] {
    const MB: usize = 1024 * 1024;
    let nicol_server::Limits { max_connections, max_per_address, .. } =
        nicol_server::Limits::for_this_process();
    [
        (
            "Connections",
            format!(
                "{max_connections} at once, {max_per_address} from one address; trusted proxies have no such limit"
            ),
        ),
        (
            "Imports",
            format!(
                "{} MB a file, {} MB of files at once, one file per user",
                FILE_MAX / MB,
                FILES_AT_ONCE / MB
            ),
        ),
    ]
}
