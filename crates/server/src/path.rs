use http::uri::PathAndQuery;
use http::{Request, Uri};

/// Normalizes the path of a request, for [`tower::util::MapRequestLayer`]. The query stays as it is.
///
/// Put it around everything that decides by the path (routes, rate limit, log, metrics), so that all see the same:
///
/// | sent | becomes |
/// |---|---|
/// | `//people`, `/people/` | `/people`: empty segments do not count, as in Auth.js |
/// | `/people/./new`, `/people/x/../new`, `/people/%2e/new` | `/people/new`, as browsers resolve it; nothing is above `/` |
/// | `/%70eople`, `/people/%7E` | `/people`, `/people/~`: unreserved characters are not escaped |
/// | `/100%` | `/100%25`: a percent sign that starts no escape is one |
/// | `/people%2fnew` | `/people%2Fnew`: an escaped slash separates nothing, so this is another path |
/// | `/People`, `/api;x` | themselves: case and parameters count |
///
/// Source: RFC 3986, 5.2.4 (dot segments) and 6.2.2 (case, percent-encoding and path segment normalization); @auth/core
/// 0.41.3 `lib/utils/web.js` for empty segments.
///
/// ```
/// use nicol_server::normalize_path;
///
/// let request = http::Request::get("//people/x/../new/?q=a//b").body(()).unwrap();
/// assert_eq!(normalize_path(request).uri(), "/people/new?q=a//b");
/// ```
pub fn normalize_path<B>(mut request: Request<B>) -> Request<B> {
    if let Some(uri) = with_normal_path(request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

/// The URI with a normal path, unless it has one already.
fn with_normal_path(uri: &Uri) -> Option<Uri> {
    let path = normalize(uri.path())?;
    let path_and_query = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let mut parts = uri.clone().into_parts();
    // Removing and decoding characters keeps a path valid, so this does not fail.
    parts.path_and_query = Some(PathAndQuery::try_from(path_and_query).ok()?);
    Uri::from_parts(parts).ok()
}

/// The normal form of a path, unless it has it already. `*` is no path and stays.
fn normalize(path: &str) -> Option<String> {
    if !path.starts_with('/') {
        return None;
    }
    let decoded = decode(path);
    let mut segments = Vec::new();
    for segment in decoded.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let normal = format!("/{}", segments.join("/"));
    (normal != path).then_some(normal)
}

/// Decodes escaped unreserved characters, and writes other escapes in upper case.
fn decode(path: &str) -> String {
    let mut decoded = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        decoded.push_str(&rest[..at]);
        let escape = rest.get(at..at + 3).unwrap_or_default();
        let digits = escape.get(1..).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                decoded.push(byte.into());
            }
            Some(_) => decoded.push_str(&escape.to_ascii_uppercase()),
            // A bare percent sign must not become part of an escape.
            None => {
                decoded.push_str("%25");
                rest = &rest[at + 1..];
                continue;
            }
        }
        rest = &rest[at + 3..];
    }
    decoded + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_form() {
        for (sent, expected) in [
            ("/", "/"),
            ("//", "/"),
            ("/people", "/people"),
            ("/people/", "/people"),
            ("//people//p1///", "/people/p1"),
            ("/api/auth//signin/email", "/api/auth/signin/email"),
            ("//api/auth/signin/email/", "/api/auth/signin/email"),
            ("/./people/./new/.", "/people/new"),
            ("/people/x/../new", "/people/new"),
            ("/people/x/%2e%2E/new", "/people/new"),
            ("/../../people/..", "/"),
            ("/assets/..%2fpeople", "/assets/..%2Fpeople"),
            ("/%61pi/auth/%73ignin/email", "/api/auth/signin/email"),
            ("/api%2fauth/signin", "/api%2Fauth/signin"),
            ("/people/%c3%a9%20%7e", "/people/%C3%A9%20~"),
            ("/people/%2561", "/people/%2561"),
            ("/people/100%", "/people/100%25"),
            ("/people/%zz%4", "/people/%25zz%254"),
            ("/people/%%361", "/people/%2561"),
            ("/people/%+1", "/people/%25+1"),
            ("/people/%\u{e9}", "/people/%25\u{e9}"),
            ("/API/Auth", "/API/Auth"),
            ("/.well-known/x", "/.well-known/x"),
            ("*", "*"),
        ] {
            assert_eq!(normalize(sent).as_deref().unwrap_or(sent), expected, "{sent}");
            assert_eq!(normalize(expected), None, "{expected} is normal");
        }
    }

    #[test]
    fn the_rest_of_the_uri_stays() {
        let uri = |text: &str| with_normal_path(&text.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(uri("//people/?q=a//b/../%61").as_deref(), Some("/people?q=a//b/../%61"));
        assert_eq!(uri("http://localhost:3000//people?").as_deref(), Some("http://localhost:3000/people?"));
        assert_eq!(uri("/people?q=//"), None);
    }
}
