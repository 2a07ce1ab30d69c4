use std::fmt;

use http::{HeaderName, HeaderValue};
use nicol_settings::{Environment, Problems, SettingsError};
use percent_encoding::percent_decode_str;
use url::Url;

/// The variables of the endpoint: for traces alone, and for all signals.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
const HEADERS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"];
const PROTOCOLS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];

/// The one protocol that is supported.
const PROTOCOL: &str = "http/protobuf";

/// Where traces are sent, and how many.
#[derive(Clone, PartialEq)]
pub struct Settings {
    /// The collector's URL for traces.
    pub endpoint: Url,
    /// Headers to send: usually an API key, so they are not shown.
    pub headers: Vec<(String, String)>,
    /// The name of the service (`service.name`).
    pub service: String,
    /// Which traces are kept.
    pub sampler: Sampler,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endpoint: _, headers: _, service, sampler } = self;
        f.debug_struct("Settings").field("service", service).field("sampler", sampler).finish_non_exhaustive()
    }
}

/// Which traces are kept. By default all, unless a trusted proxy has decided otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampler {
    /// Whether the decision of a trusted proxy that began the trace counts.
    pub follows_parent: bool,
    /// The share of the other traces that is kept, from 0 to 1.
    pub ratio: f64,
}

impl Default for Sampler {
    fn default() -> Self {
        Self { follows_parent: true, ratio: 1.0 }
    }
}

impl Settings {
    /// Returns settings that send all traces of a service to an endpoint.
    pub fn new(endpoint: Url, service: &str) -> Self {
        Self { endpoint, headers: Vec::new(), service: service.to_owned(), sampler: Sampler::default() }
    }

    /// Reads the variables that OpenTelemetry defines; `None` if no endpoint is set or traces are switched off. The
    /// service is named `service` unless `OTEL_SERVICE_NAME` is set.
    ///
    /// Source: OpenTelemetry specification, "Environment Variable Specification" and "OpenTelemetry Protocol Exporter".
    ///
    /// # Errors
    /// A variable cannot be used.
    pub fn read(env: &Environment, service: &str) -> Result<Option<Self>, SettingsError> {
        let is =
            |name: &str, value: &str| env.get(name).is_some_and(|(text, _)| text.eq_ignore_ascii_case(value));
        if is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none") {
            return Ok(None);
        }
        let Some((name, text)) = first(env, ENDPOINTS) else { return Ok(None) };
        let mut problems = Problems::default();
        let endpoint = problems.take(endpoint(name, text));
        if let Some((name, protocol)) = first(env, PROTOCOLS)
            && protocol != PROTOCOL
        {
            problems.add(format!(
                "`{name}` is `{protocol}`, which is not supported\n\
                 help: set it to `{PROTOCOL}`, and the endpoint to the collector's port for it, usually 4318"
            ));
        }
        let headers = first(env, HEADERS).map_or(Ok(Vec::new()), |(name, text)| headers(name, text));
        let headers = problems.take(headers);
        let sampler = problems.take(sampler(env));
        let service = env.value("OTEL_SERVICE_NAME").unwrap_or_else(|| service.to_owned());
        let settings = || Some(Self { endpoint: endpoint?, headers: headers?, service, sampler: sampler? });
        problems.finish(settings()).map(Some)
    }
}

fn first<'a>(env: &'a Environment, names: [&'static str; 2]) -> Option<(&'static str, &'a str)> {
    names.into_iter().find_map(|name| env.get(name).map(|(text, _)| (name, text)))
}

/// The URL for traces: the variable for traces alone holds it, the one for all signals the part in front.
fn endpoint(name: &str, text: &str) -> Result<Url, SettingsError> {
    let usable = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    };
    let mut url = Url::parse(text).ok().filter(usable).ok_or_else(|| {
        // The text may hold a password.
        SettingsError::new(format!(
            "`{name}` is not the URL of a collector\n\
             help: set it to one such as `http://127.0.0.1:4318`; put an API key into `OTEL_EXPORTER_OTLP_HEADERS`"
        ))
    })?;
    if name == ENDPOINTS[1] {
        let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
        url.set_path(&path);
    }
    Ok(url)
}

/// `name=value,name=value`, with values percent-encoded.
fn headers(name: &str, text: &str) -> Result<Vec<(String, String)>, SettingsError> {
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let header = |entry: &str| {
        let (key, value) = entry.split_once('=')?;
        let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
        let key = HeaderName::try_from(key.trim()).ok()?;
        HeaderValue::from_str(&value).ok()?;
        Some((key.as_str().to_owned(), value.into_owned()))
    };
    let headers = entries.map(|entry| {
        header(entry).ok_or_else(|| {
            SettingsError::new(format!(
                "`{name}` has an entry that is not a header\nhelp: write `name=value`, separated by commas"
            ))
        })
    });
    headers.collect()
}

fn sampler(env: &Environment) -> Result<Sampler, SettingsError> {
    let Some((text, _)) = env.get("OTEL_TRACES_SAMPLER") else { return Ok(Sampler::default()) };
    let (follows_parent, kind) = match text.strip_prefix("parentbased_") {
        Some(kind) => (true, kind),
        None => (false, text),
    };
    let ratio = match kind {
        "always_on" => 1.0,
        "always_off" => 0.0,
        "traceidratio" => match env.get("OTEL_TRACES_SAMPLER_ARG") {
            None => 1.0,
            Some((text, _)) => {
                text.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio)).ok_or_else(|| {
                    SettingsError::new(format!(
                        "`OTEL_TRACES_SAMPLER_ARG` is `{text}`, which is not a ratio\nhelp: set it to a number from 0 to 1"
                    ))
                })?
            }
        },
        _ => {
            return Err(SettingsError::new(format!(
                "`OTEL_TRACES_SAMPLER` is `{text}`, which is not supported\nhelp: set it to `always_on`, `always_off` or \
                 `traceidratio`, or to one of these after `parentbased_`"
            )));
        }
    };
    Ok(Sampler { follows_parent, ratio })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<Settings>, SettingsError> {
        Settings::read(&Environment::of(variables.iter().copied()), "people")
    }

    #[test]
    fn nothing_is_sent_without_an_endpoint() {
        assert_eq!(read(&[]).unwrap(), None);
        assert_eq!(read(&[("OTEL_SERVICE_NAME", "people"), ("OTEL_TRACES_SAMPLER", "?")]).unwrap(), None);
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
        assert!(read(&[endpoint]).unwrap().is_some());
        assert_eq!(read(&[endpoint, ("OTEL_SDK_DISABLED", "True")]).unwrap(), None);
        assert_eq!(read(&[endpoint, ("OTEL_TRACES_EXPORTER", "none")]).unwrap(), None);
    }

    #[test]
    fn only_the_endpoint_for_all_signals_gets_a_path() {
        for (variable, text, expected) in [
            (ENDPOINTS[1], "http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            (ENDPOINTS[1], "https://example.com/otlp/", "https://example.com/otlp/v1/traces"),
            (ENDPOINTS[0], "http://127.0.0.1:4318/take", "http://127.0.0.1:4318/take"),
        ] {
            assert_eq!(read(&[(variable, text)]).unwrap().unwrap().endpoint.as_str(), expected);
        }
        let both = read(&[(ENDPOINTS[1], "http://all/"), (ENDPOINTS[0], "http://traces/")]).unwrap().unwrap();
        assert_eq!(both.endpoint.as_str(), "http://traces/");
        for wrong in ["127.0.0.1:4318", "ftp://example.com", "http://me:hush@example.com", "unix:/run/otel"] {
            let error = read(&[(ENDPOINTS[1], wrong)]).unwrap_err().to_string();
            assert!(error.contains("`OTEL_EXPORTER_OTLP_ENDPOINT`") && error.contains("help:"), "{error}");
            assert!(!error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn headers_are_read_and_not_shown() {
        let endpoint = (ENDPOINTS[1], "http://127.0.0.1:4318");
        let settings = read(&[endpoint, (HEADERS[1], "X-Key=hu%20sh, other=a=b,")]).unwrap().unwrap();
        assert_eq!(settings.headers, [("x-key".into(), "hu sh".into()), ("other".into(), "a=b".into())]);
        assert!(!format!("{settings:?}").contains("hu sh"));
        for wrong in ["hush", "k y=hush", "key=%0ahush"] {
            let error = read(&[endpoint, (HEADERS[1], wrong)]).unwrap_err().to_string();
            assert!(error.contains("not a header") && !error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn samplers_are_those_of_the_specification() {
        let endpoint = (ENDPOINTS[1], "http://127.0.0.1:4318");
        let sampler = |name, share| {
            let variables = [endpoint, ("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", share)];
            read(&variables).map(|settings| settings.unwrap().sampler)
        };
        for (name, share, follows_parent, ratio) in [
            ("always_on", "0.5", false, 1.0),
            ("parentbased_always_off", "", true, 0.0),
            ("traceidratio", "0.25", false, 0.25),
            ("parentbased_traceidratio", "", true, 1.0),
        ] {
            assert_eq!(sampler(name, share).unwrap(), Sampler { follows_parent, ratio }, "{name}");
        }
        assert!(sampler("xray", "").is_err());
        assert!(sampler("traceidratio", "2").is_err());
    }

    #[test]
    fn all_variables_that_cannot_be_used_are_named() {
        let error = read(&[
            (ENDPOINTS[1], "127.0.0.1:4318"),
            (PROTOCOLS[1], "grpc"),
            (HEADERS[0], "hush"),
            ("OTEL_TRACES_SAMPLER", "xray"),
        ])
        .unwrap_err();
        let names = [ENDPOINTS[1], PROTOCOLS[1], HEADERS[0], "OTEL_TRACES_SAMPLER"];
        assert_eq!(error.problems().len(), names.len(), "{error}");
        for (problem, name) in error.problems().iter().zip(names) {
            assert!(problem.starts_with(&format!("`{name}`")), "{problem}");
        }
    }
}
