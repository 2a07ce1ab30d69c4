//! Branches in Neon: each request is checked against the description that Neon publishes.

use std::time::{Duration, Instant};

use nicol_branch::{Backend as _, Branches, Error, Neon, NeonOptions, NewBranch, Origin, Point, Timestamp};
use nicol_pg::ConnectionUrl;
use serde_json::{Value, json};
use testkit::NeonApi;

fn neon(api: &NeonApi) -> Neon {
    neon_with(api, |_| {})
}

fn neon_with(api: &NeonApi, change: impl FnOnce(&mut NeonOptions)) -> Neon {
    let mut options = NeonOptions::new(NeonApi::KEY, NeonApi::PROJECT);
    options.api_host = Some(api.url().to_owned());
    change(&mut options);
    Neon::new(options).expect("the options are valid")
}

/// Returns the requests that change something: method, path below the branches, and body.
fn changes(requests: &[Value]) -> Vec<(String, String, Value)> {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let changes = requests.iter().filter(|it| it["method"] != "GET");
    changes
        .map(|it| {
            (
                text(&it["method"]),
                text(&it["path"]).replace("/projects/shiny-wind-028834", ""),
                it["body"].clone(),
            )
        })
        .collect()
}

#[tokio::test]
async fn a_branch_lives_from_creation_to_deletion() {
    let mut api = NeonApi::start();
    let neon = neon(&api);
    let branches = Branches::of(neon.list().await.unwrap());
    let main = branches.default_branch().unwrap();
    assert_eq!((main.name.as_str(), main.current_state.as_str()), ("main", "ready"));
    api.set_operations(150, "finished");
    api.requests();

    let mut new = NewBranch::new("feature/login", Origin::head(main));
    new.expires_at = Some("2099-01-01T00:00:00Z".parse().unwrap());
    new.compute = new.compute.map(|mut compute| {
        (compute.units, compute.suspend_timeout) = (Some((0.5, 3.0)), 600);
        compute
    });
    let branch = neon.create(&new).await.unwrap();
    assert_eq!((branch.name.as_str(), branch.parent_id.as_ref()), ("feature/login", Some(&main.id)));
    assert_eq!(branch.current_state, "ready", "the operations are waited for");
    let requests = api.requests();
    assert!(requests.iter().filter(|it| it["path"].as_str().unwrap().contains("/operations/")).count() > 1);
    let body = json!({
        "branch": { "name": "feature/login", "parent_id": main.id, "expires_at": "2099-01-01T00:00:00Z" },
        "endpoints": [{
            "type": "read_write", "suspend_timeout_seconds": 600, "autoscaling_limit_min_cu": 0.5, "autoscaling_limit_max_cu": 3,
        }],
    });
    assert_eq!(changes(&requests), [("POST".to_owned(), "/branches".to_owned(), body)]);

    let urls = neon.urls(&branch).await.unwrap();
    assert!(urls.pooled.is_pooled() && !urls.direct.is_pooled());
    for url in [&urls.pooled, &urls.direct] {
        assert_eq!(neon.branch_at(url).await.unwrap(), Some(branch.id.clone()));
        assert!(!format!("{urls:?}").contains("hush"), "Debug shows no password");
    }
    let elsewhere = ConnectionUrl::parse("postgresql://a:b@db.example.com/neondb").unwrap();
    assert_eq!(neon.branch_at(&elsewhere).await.unwrap(), None);
    let past = neon.open(&branch, &Point::Lsn("0/16B3748".to_owned())).await.unwrap().url;
    assert_eq!(past.options(), Some("neon_lsn:0/16B3748"));
    assert!(past.to_string().contains(&format!("@{}.eu-central-1", branch.id)), "{past}");

    let renamed = neon.rename(&branch, "login").await.unwrap();
    assert_eq!((renamed.name.as_str(), &renamed.id), ("login", &branch.id));
    let branch = neon.set_expiration(&renamed, None).await.unwrap();
    assert_eq!(branch.expires_at, None);
    let origin = Origin::at(&branch, Point::Time("2026-01-01T00:00:00Z".parse().unwrap()));
    let restored = neon.restore(&branch, &origin, Some("login before")).await.unwrap();
    assert!(restored.last_reset_at.is_some());
    let list = Branches::of(neon.list().await.unwrap());
    assert_eq!(list.parent(&restored).unwrap().name, "login before");
    neon.delete(&restored).await.unwrap();
    assert!(list.find("login").is_ok());
    let list = Branches::of(neon.list().await.unwrap());
    assert!(matches!(list.find("login"), Err(Error::Missing { .. })));
    api.requests();
}

#[tokio::test]
async fn lists_have_pages() {
    let mut api = NeonApi::start();
    let neon = neon(&api);
    api.set_operations(0, "finished");
    let main = neon.list().await.unwrap().remove(0);
    for number in 0..5 {
        let mut new = NewBranch::new(&format!("b{number}"), Origin::of_default(Point::Head));
        new.compute = None;
        assert_eq!(neon.create(&new).await.unwrap().parent_id.as_ref(), Some(&main.id));
    }
    for size in [1, 2, 3, 6, 7] {
        api.set_page(size);
        let names: Vec<String> = neon.list().await.unwrap().into_iter().map(|it| it.name).collect();
        assert_eq!(names, ["main", "b0", "b1", "b2", "b3", "b4"], "{size}");
    }
}

#[tokio::test]
async fn what_is_safe_is_tried_again() {
    let mut api = NeonApi::start();
    let neon = neon(&api);
    let new = |name: &str| NewBranch::new(name, Origin::of_default(Point::Head));
    api.set_operations(0, "finished");
    for (status, times) in [(423, 3), (503, 1)] {
        api.fail(&json!({ "status": status, "times": times, "method": "POST" }));
        neon.create(&new(&format!("after-{status}"))).await.unwrap();
    }
    let began = Instant::now();
    api.fail(&json!({ "status": 429, "headers": { "retry-after": "2" } }));
    neon.create(&new("after-429")).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(2), "Retry-After is heeded");
    api.fail(&json!({ "status": 502, "body": "<html>bad gateway</html>" }));
    assert_eq!(neon.list().await.unwrap().len(), 4);
    // What may have been carried out is not tried again.
    api.requests();
    api.fail(&json!({ "status": 500, "after": true, "method": "POST" }));
    let error = neon.create(&new("uncertain")).await.unwrap_err();
    assert!(matches!(error, Error::Uncertain { .. }), "{error}");
    assert_eq!(changes(&api.requests()).len(), 1);
    assert!(neon.list().await.unwrap().iter().any(|branch| branch.name == "uncertain"));
    // A pause that is longer than anybody waits ends the request.
    api.fail(&json!({ "status": 429, "times": 9, "headers": { "retry-after": "3600" } }));
    let error = neon.list().await.unwrap_err();
    assert!(matches!(&error, Error::Busy { message, .. } if message == "a failure of the test"), "{error}");
}

#[tokio::test]
async fn answers_that_are_late_or_broken_are_errors() {
    let mut api = NeonApi::start();
    let hasty = neon_with(&api, |options| options.time_limit = Some(Duration::from_millis(150)));
    let new = NewBranch::new("late", Origin::of_default(Point::Head));
    api.fail(&json!({ "delay": 600, "method": "POST" }));
    let error = hasty.create(&new).await.unwrap_err();
    assert!(
        matches!(&error, Error::Uncertain { reason, .. } if reason == "no answer within 150ms"),
        "{error}"
    );
    api.fail(&json!({ "delay": 600, "times": 9, "method": "GET" }));
    let error = hasty.list().await.unwrap_err();
    assert!(matches!(&error, Error::Unreachable { .. }), "{error}");
    let neon = neon(&api);
    api.fail(&json!({ "status": 200, "body": "{\"branches\": [{\"password\": \"hush\"}]}" }));
    let error = neon.list().await.unwrap_err();
    assert!(matches!(&error, Error::Answer { .. }) && !error.to_string().contains("hush"), "{error}");
    api.fail(&json!({ "status": 302, "headers": { "location": "https://example.com/" } }));
    let error = neon.list().await.unwrap_err();
    assert!(matches!(&error, Error::Refused { status: 302, .. }), "redirects are not followed: {error}");
    api.set_operations(30, "failed");
    let error = neon.create(&NewBranch::new("broken", Origin::of_default(Point::Head))).await.unwrap_err();
    assert!(
        matches!(&error, Error::Operation { operation, status, .. } if operation == "create_branch" && status == "failed"),
        "{error}"
    );
    let nobody = neon_with(&api, |options| options.api_host = Some("http://127.0.0.1:1/api/v2".to_owned()));
    let error = nobody.create(&new).await.unwrap_err();
    assert!(matches!(&error, Error::Unreachable { .. }), "it was not sent: {error}");
}

#[tokio::test]
async fn what_neon_refuses_is_told() {
    let mut api = NeonApi::start();
    let neon = neon(&api);
    api.set_operations(0, "finished");
    let main = neon.list().await.unwrap().remove(0);
    let child = neon.create(&NewBranch::new("child", Origin::head(&main))).await.unwrap();
    let refused = |error: Error| match error {
        Error::Refused { status, message, .. } => (status, message),
        error => panic!("{error:?}"),
    };
    let again = neon.create(&NewBranch::new("child", Origin::head(&main))).await.unwrap_err();
    assert_eq!(refused(again), (409, "branch already exists; branch_name:\"child\"".to_owned()));
    assert_eq!(refused(neon.delete(&main).await.unwrap_err()).0, 422);
    let itself = neon.restore(&child, &Origin::head(&child), None).await.unwrap_err();
    assert_eq!(refused(itself).0, 400);
    let soon = "2000-01-01T00:00:00Z".parse::<Timestamp>().unwrap();
    assert_eq!(refused(neon.set_expiration(&child, Some(soon)).await.unwrap_err()).0, 400);
    neon.delete(&child).await.unwrap();
    assert_eq!(refused(neon.delete(&child).await.unwrap_err()).0, 404);
    let other = neon_with(&api, |options| options.database = Some("other".to_owned()));
    let error = other.urls(&main).await.unwrap_err();
    assert!(error.to_string().contains("`main` has no database `other`\nhelp: it has `neondb`"), "{error}");

    let wrong = neon_with(&api, |options| options.api_key = "napi_hush_of_another".to_owned());
    let error = wrong.list().await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized), "{error}");
    assert!(!format!("{wrong:?} {error:?} {error}").contains("hush"));
    let options = |key: &str, project: &str, host: &str| {
        let mut options = NeonOptions::new(key, project);
        options.api_host = Some(host.to_owned());
        Neon::new(options)
    };
    let key = NeonApi::KEY;
    for host in
        ["http://neon.example/api/v2", "ftp://localhost", "https://user:hush@neon.example", "nonsense"]
    {
        assert!(matches!(options(key, "a", host).unwrap_err(), Error::InsecureHost), "{host}");
    }
    for project in ["", "../a", "A", "a/b"] {
        assert!(matches!(options(key, project, api.url()).unwrap_err(), Error::ProjectId { .. }));
    }
    assert!(matches!(options("a\nb", "a", api.url()).unwrap_err(), Error::Unauthorized));
}

/// The stand-in itself: what Neon's description does not have is refused.
#[tokio::test]
async fn requests_that_are_not_as_described_are_noticed() {
    let mut api = NeonApi::start();
    let (project, key, base) = (NeonApi::PROJECT, NeonApi::KEY, api.url().to_owned());
    let ask = |method: &str, path: &str, body: &str| {
        let mut command = std::process::Command::new("node");
        let url = format!("{base}/projects/{project}{path}");
        command.arg("-e").arg(
            "const [url, method, key, body] = process.argv.slice(1); const headers = { authorization: `Bearer ${key}`, \
             'content-type': 'application/json' }; fetch(url, { method, headers, body: body || undefined })\
             .then((it) => process.exit(it.status === 400 ? 0 : 1))",
        );
        command.args([&url, method, key, body]).status().expect("Node runs").success()
    };
    for (method, path, body, expected) in [
        ("GET", "/branches?limits=5", "", "the parameter limits does not exist"),
        ("GET", "/branches?limit=0", "", "must be >= 1"),
        ("GET", "/branches?sort_by=age", "", "must be equal to one of the allowed values"),
        ("POST", "/branches", r#"{"branch":{"nam":"a"}}"#, "unevaluatedProperty\":\"nam"),
        ("POST", "/branches", r#"{"branch":{"name":""}}"#, "must NOT have fewer than 1 characters"),
        ("POST", "/branches", r#"{"endpoints":[{}]}"#, "must have required property 'type'"),
        ("PATCH", "/branches/br-a", "", "the body is missing"),
        ("PATCH", "/branches/br-a", r#"{"branch":{"expires_at":"soon"}}"#, "must match format"),
        ("GET", "/connection_uri?database_name=a", "", "the parameter role_name is missing"),
        ("GET", "/branches/Br_A", "", "must match pattern"),
        ("DELETE", "/branch/br-a", "", "does not exist"),
    ] {
        assert!(ask(method, path, body), "{method} {path} is refused");
        let violations = api.violations();
        assert!(violations.len() == 1 && violations[0].contains(expected), "{expected}: {violations:?}");
    }
}
