//! People with a replica: what may lag, what each user sees of their own changes, and a replica that dies.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use people::config::{Database, Operation};
use people::database::Connected;
use people::db::Client;
use people::live::Limits;
use people::terminal::Terminal;
use testkit::Standby;

use crate::import::upload;
use crate::test_app::{Response, TestApp, Visitor, database};

const FRESH: &str = "people.fresh";

/// People on a primary with a standby, which may lag as long as it likes.
async fn people(servers: &Standby) -> TestApp {
    let (primary, standby) = (servers.primary().url(), servers.standby().url());
    nicol_migrate::deploy(&primary, &people::database::migrations(), |_| {}).await.unwrap();
    servers.wait_until_caught_up().await;
    let primary = primary.to_url_with_password();
    let builder = Client::builder().url(&*primary).replica(standby.to_url_with_password());
    let db = builder.connect().await.unwrap();
    TestApp::on("*", database().await, &db, &primary, Operation::default(), Limits::default(), Vec::new())
}

/// Sends a request with headers, and a body if there is one.
async fn send(
    user: &mut Visitor,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Response {
    let mut request = user.request(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    user.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

async fn get(user: &mut Visitor, path: &str) -> String {
    let response = user.get(path).await;
    assert_eq!(response.status, StatusCode::OK, "{path}: {}", response.body);
    response.body
}

const LISTS: [&str; 4] =
    ["/people", "/people?q=carla&sort=newest", "/people/export?format=csv", "/api/people?q=carla"];

#[tokio::test]
async fn each_user_sees_their_own_changes_at_once_and_those_of_others_soon() {
    let mut servers = Standby::start(&[]).await;
    let app = people(&servers).await;
    let ben = app.person("Ben Old", "ben@example.com", "+61 2 5550 1234").await;
    servers.wait_until_caught_up().await;
    servers.pause_replay().await;

    // Sessions do not lag.
    let (mut ann, mut bob) = (app.user("ann@example.org").await, app.user("bob@example.org").await);
    bob.cookies.remove(FRESH).expect("signing in is a change, too");
    for path in LISTS {
        assert!(!get(&mut bob, path).await.contains("Carla"));
    }

    let fields = [("name", "Carla New"), ("email", "carla@example.com"), ("phone_number", "+61 2 5550 9999")];
    let added = ann.submit("/people/new", &fields).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER);
    let cookie =
        added.headers.get_all(header::SET_COOKIE).iter().find(|it| it.to_str().unwrap().starts_with(FRESH));
    assert_eq!(cookie.unwrap(), "people.fresh=1; Path=/; Max-Age=15; HttpOnly; SameSite=Lax");
    assert!(get(&mut ann, added.location()).await.contains("was added"));
    for path in LISTS {
        assert!(get(&mut ann, path).await.contains("Carla"), "{path}");
        assert!(!get(&mut bob, path).await.contains("Carla"), "{path}: it has not arrived");
        for cache in ["no-cache", "max-age=0"] {
            let fresh = send(&mut bob, Method::GET, path, &[("cache-control", cache)], "").await;
            assert!(fresh.body.contains("Carla"), "{path}: as a page that is told of a change, or a reload");
        }
    }
    // The result of a long import comes when the cookie has expired.
    ann.cookies.remove(FRESH);
    assert!(!get(&mut ann, "/people").await.contains("Carla"));
    assert!(get(&mut ann, "/people?done=added").await.contains("Carla"));
    assert!(ann.cookies.contains_key(FRESH));

    // A link to whom a replica does not know.
    let carla = added.location().split('?').next().unwrap().to_owned();
    for path in [carla.clone(), format!("{carla}/vcard?version=4.0")] {
        assert!(get(&mut bob, &path).await.contains("Carla"), "{path}");
    }
    assert_eq!(bob.get("/people/nobody").await.status, StatusCode::NOT_FOUND);

    // Versions do not lag: nobody runs into a conflict with a change that was over before.
    let ben = format!("/people/{}", ben.id);
    let edited = ann.submit(&format!("{ben}/edit"), &[("name", "Ben New")]).await;
    assert_eq!(edited.status, StatusCode::SEE_OTHER, "{}", edited.body);
    assert!(get(&mut bob, &ben).await.contains("Ben Old"), "the page may lag");
    let again = bob.submit(&format!("{ben}/edit"), &[("name", "Ben Newer")]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    bob.cookies.remove(FRESH);
    let api = format!("/api{ben}");
    let tag = bob.get(&api).await.header("etag").to_owned();
    let headers = [("if-match", &*tag), ("content-type", "application/json")];
    let changed = send(&mut bob, Method::PATCH, &api, &headers, r#"{"name":"Ben Newest"}"#).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    assert!(bob.cookies.contains_key(FRESH), "for programs that keep cookies");
    bob.cookies.remove(FRESH);
    let stale = send(&mut bob, Method::GET, &api, &[("if-none-match", &tag)], "").await;
    assert_eq!(stale.status, StatusCode::OK, "it is not what they have");

    // An import compares with what is there.
    let preview =
        upload(&mut bob, "people.csv", b"name,email,phone\nCarla New,carla@example.com,+61 2 5550 9999\n");
    let preview = preview.await.location().to_owned();
    bob.cookies.remove(FRESH);
    assert!(get(&mut bob, &preview).await.contains("already"), "she is listed");

    let deleted = ann.submit(&format!("{carla}/delete"), &[]).await;
    assert!(!get(&mut ann, deleted.location()).await.contains("Carla"));
    let token = ann.get("/people").await.csrf();
    let restored = ann.post("/people/undo", &[("csrfToken", &token)]).await;
    assert!(get(&mut ann, restored.location()).await.contains("Carla"));

    servers.resume_replay().await;
    servers.wait_until_caught_up().await;
    for path in LISTS {
        assert!(get(&mut bob, path).await.contains("Carla"), "{path}: it has arrived");
    }
    let replica = app.db.metrics().replicas.remove(0);
    assert!(replica.reads > 10, "{replica:?}");
    assert_eq!(replica.fallbacks, 0, "nothing was sent there that it refuses");
    assert!(!servers.standby().log().contains("read-only transaction"), "{}", servers.standby().log());

    // Nobody notices when it dies.
    servers.standby_mut().kill();
    for user in [&mut ann, &mut bob] {
        user.cookies.remove(FRESH);
        for path in LISTS {
            assert!(get(user, path).await.contains("Carla"), "{path}");
        }
    }
    assert!(!app.db.metrics().replicas[0].available);
}

#[tokio::test]
async fn a_replica_is_one_more_setting() {
    let servers = Standby::start(&[]).await;
    let url = Box::new(servers.primary().url());
    let replicas = vec![servers.standby().url()];
    let settings = Database::Server { pooled: url.clone(), direct: url, replicas };
    let folder = tempfile::tempdir().unwrap();
    let local = nicol_local::Options::new(folder.path());
    let connected = Connected::open(&settings, &local, &Terminal::new(std::io::sink())).await.unwrap();
    nicol_migrate::deploy(connected.direct(), &people::database::migrations(), |_| {}).await.unwrap();
    let db = connected.client().unwrap();
    while db.metrics().replicas[0].reads == 0 {
        db.person().count().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(db.metrics().replicas[0].lag.is_some(), "it is limited");
}
