//! A deployment sends its links through a mail server, and they work.

use axum::http::StatusCode;
use people::db::Client;

use crate::guest::{Guest, Site, attribute};
use crate::running::{Project, Running};
use crate::smtp_server::MailServer;
use crate::test_app;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_came_by_mail_signs_in_and_works_once() {
    let database = test_app::database().await;
    let mails = MailServer::start().await;
    let project = Project::new();
    let (url, server) = (database.url_text(), mails.url());
    let settings = [
        ("AUTH_URL", "https://people.example.com"),
        ("AUTH_SECRET", "0123456789abcdef0123456789abcdef"),
        ("AUTH_ALLOWED_DOMAINS", "example.com"),
        ("EMAIL_SERVER", &*server),
        ("EMAIL_FROM", "People <people@example.com>"),
        ("DATABASE_URL", &*url),
    ];
    let mut people = Running::spawn(project.path(), &settings);
    let line = people.wait_for("People is at");
    let port = line.rsplit(':').next().unwrap().trim().parse().unwrap();
    let site = Site { port, origin: "https://people.example.com".to_owned() };

    let mut ann = Guest::default();
    let asked = ann.ask_for_link(&site, "Ann@Example.com").await;
    assert!(asked.location().contains("/api/auth/verify-request"), "{asked:?}");
    let stranger = Guest::default().ask_for_link(&site, "eve@example.org").await;
    assert_eq!(stranger.location(), asked.location());

    let mail = mails.mail_to("ann@example.com").await;
    assert_eq!((&*mail.from, &*mail.to), ("people@example.com", "ann@example.com"));
    assert_eq!(mail.subject, "Sign in to people.example.com");
    let (id, domain) = mail.message_id.split_once('@').expect("it has an id");
    assert!(id.len() == 32 && domain == "example.com", "{}", mail.message_id);
    assert!((chrono::Utc::now().timestamp() - mail.date).abs() < 60, "{}", mail.date);
    let link = mail.link();
    assert!(link.starts_with("https://people.example.com/api/auth/callback/email?"), "{link}");
    let anchor = mail.html.split("<a ").nth(1).expect("the page has a link");
    assert_eq!(attribute(anchor, "href"), link, "both forms of the mail have the same link");
    assert!(!mail.html.contains("<img") && !mail.html.contains("src="), "nothing is fetched by reading it");

    let used = ann.use_link(&site, &link).await;
    assert_eq!((used.status, used.location()), (StatusCode::FOUND, "https://people.example.com"));
    assert_eq!(ann.get(&site, "/people").await.status, StatusCode::OK);
    assert_eq!(ann.sign_out(&site).await.status, StatusCode::FOUND);
    let again = Guest::default().use_link(&site, &link).await;
    assert!(again.location().ends_with("/api/auth/error?error=Verification"), "{again:?}");

    let db = Client::connect(&url).await.unwrap();
    assert_eq!((db.user().count().await.unwrap(), db.session().count().await.unwrap()), (1, 0));
    assert_eq!(db.verification_token().count().await.unwrap(), 0);
    assert_eq!(mails.left(), 0, "nobody else got a mail");
    let log = tokio::task::block_in_place(|| people.stop());
    assert!(!log.contains("ann@") && !log.contains("token="), "{log}");
}
