//! `GET /providers`: the configured providers, for scripts.
//!
//! Source: @auth/core 0.41.3 `lib/pages/index.js`.

use serde::{Serialize, Serializer};

use super::Flow;
use crate::provider::Provider;
use crate::response::Answer;

pub(super) fn list(flow: &mut Flow<'_>) -> Answer {
    flow.set_cookies.clear();
    let config = flow.context.config();
    let entries = config.providers.iter().map(|provider| Entry {
        id: provider.id(),
        name: provider.name(),
        kind: provider.kind(),
        signin_url: sign_in_url(flow, provider),
        callback_url: config.url.action(&format!("callback/{}", provider.id())),
    });
    Answer::json(&Entries(entries.collect()), false)
}

/// Returns the URL that a provider's form posts to.
pub(super) fn sign_in_url(flow: &Flow<'_>, provider: &Provider) -> String {
    flow.context.config().url.action(&format!("signin/{}", provider.id()))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    signin_url: String,
    callback_url: String,
}

/// An object with the ids as keys, in the order of the configuration.
struct Entries<'a>(Vec<Entry<'a>>);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|entry| (entry.id, entry)))
    }
}
