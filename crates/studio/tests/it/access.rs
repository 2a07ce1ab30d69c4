//! Who may use a studio, and what an answer tells the browser.

use serde_json::json;

use crate::support::Subject;

#[tokio::test]
async fn only_the_browser_with_the_token_is_served() {
    let subject = Subject::new().await;
    let stranger = subject.send("GET /", &[], "").await;
    assert_eq!(stranger.status, 401);
    assert!(stranger.body.contains("This browser has no access") && !stranger.body.contains("studio.js"));
    for cookie in ["", "nicol-studio-1=x", &subject.cookie[..subject.cookie.len() - 1], "x=1; y=2"] {
        assert_eq!(subject.send("GET /", &[("Cookie", cookie)], "").await.status, 401, "{cookie}");
    }
    assert_eq!(subject.send("GET /?token=0", &[], "").await.status, 401);

    let path = subject.url.split_once(&subject.host).unwrap().1;
    let welcome = subject.send(&format!("GET {path}"), &[], "").await;
    assert_eq!((welcome.status, welcome.header("location")), (303, "/"));
    let cookie = welcome.header("set-cookie");
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let page = subject.send("GET /", &[("Cookie", &subject.cookie)], "").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("studio.js"));
}

#[tokio::test]
async fn other_sites_can_neither_read_nor_write() {
    let subject = Subject::new().await;
    let origin = format!("http://{}", subject.host);
    let json = ("Content-Type", "application/json");
    let cookie = ("Cookie", &*subject.cookie);
    let post = "POST /api/schema";
    assert_eq!(subject.send(post, &[cookie, ("Origin", &origin), json], "{}").await.status, 200);
    for headers in [
        // Without a cookie, an origin, or those of the page.
        vec![("Origin", &*origin), json],
        vec![cookie, json],
        vec![cookie, ("Origin", "null"), json],
        vec![cookie, ("Origin", "http://evil.example"), json],
        vec![cookie, ("Origin", "http://127.0.0.1"), json],
        vec![cookie, ("Origin", &*origin), ("Sec-Fetch-Site", "cross-site"), json],
        vec![cookie, ("Origin", &*origin), ("Sec-Fetch-Site", "same-site"), json],
    ] {
        let answer = subject.send(post, &headers, "{}").await;
        assert!(matches!(answer.status, 401 | 403), "{headers:?}: {answer:?}");
        assert!(!answer.body.contains("User"), "{answer:?}");
    }
    // DNS rebinding: a foreign name that leads here.
    let port = subject.host.rsplit(':').next().unwrap();
    for host in
        [format!("evil.example:{port}"), format!("127.0.0.1.evil.example:{port}"), "localhost:1".to_owned()]
    {
        let origin = format!("http://{host}");
        let headers = [("Host", &*host), cookie, ("Origin", &*origin), json];
        assert_eq!(subject.send(post, &headers, "{}").await.status, 421, "{host}");
        assert_eq!(
            subject.send("GET /assets/studio.js", &[("Host", &*host)], "").await.status,
            421,
            "{host}"
        );
    }
    // A form of another site cannot have this type.
    let text = [cookie, ("Origin", &*origin), ("Content-Type", "text/plain")];
    let rows = json!({ "model": "User", "take": 1 }).to_string();
    assert_eq!(subject.send("POST /api/rows", &text, &rows).await.status, 415);
    assert_eq!(subject.send("GET /api/rows", &[cookie, ("Origin", &origin)], "").await.status, 405);
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let subject = Subject::new().await;
    let cookie = [("Cookie", &*subject.cookie)];
    for (line, headers) in [
        ("GET /", &cookie[..]),
        ("GET /", &[]),
        ("GET /assets/studio.js", &[]),
        ("GET /nothing", &cookie),
        ("POST /api/schema", &cookie),
    ] {
        let answer = subject.send(line, headers, "").await;
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self';",
            "style-src 'self';",
            "connect-src 'self';",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(policy.contains(part), "{line}: {part} is missing");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{line}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{line}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{line}");
        assert!(!answer.header("cache-control").is_empty(), "{line}");
    }
}

#[test]
fn no_file_has_inline_scripts_or_parses_markup() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for sink in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "DOMParser",
            " style=",
            "javascript:",
        ] {
            assert!(!text.contains(sink), "{}: {sink}", path.display());
        }
        let is_page = path.extension().is_some_and(|extension| extension == "html");
        assert!(
            !is_page || (text.matches("<script").count() == 1 && !text.contains("<style")),
            "{}",
            path.display()
        );
        assert!(
            !text.replace("http://www.w3.org/", "").contains("http://") && !text.contains("https://"),
            "{}",
            path.display()
        );
    }
}
