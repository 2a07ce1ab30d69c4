//! What one does, the other sees.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use people::db::{session, user, verification_token};
use serde_json::Value;

use crate::guest::{Guest, Site};
use crate::pair::Pair;

const SESSION: &str = "/api/auth/session";

/// Who is signed in, as scripts ask for it.
async fn session(guest: &mut Guest, site: &Site) -> Value {
    guest.get(site, SESSION).await.json()
}

/// A page of the application itself knows, too: People's list, and the page of the Next.js application.
async fn page_knows(guest: &mut Guest, pair: &Pair) -> (bool, bool) {
    let list = guest.get(&pair.people, "/people").await;
    let page = guest.get(&pair.next, "/").await;
    (list.status == StatusCode::OK, page.body.contains("signed in as"))
}

/// When the session ends, as scripts are told.
fn instant(session: &Value) -> DateTime<Utc> {
    session["expires"].as_str().unwrap().parse().unwrap()
}

fn is_about(instant: DateTime<Utc>, expected: DateTime<Utc>) -> bool {
    (instant - expected).abs() < TimeDelta::minutes(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_either_signs_in_at_either_and_both_know_it() {
    let pair = Pair::start().await;
    let mut tokens = Vec::new();
    for mailed_by in [&pair.people, &pair.next] {
        for used_at in [&pair.people, &pair.next] {
            let mut ann = Guest::default();
            let asked = ann.ask_for_link(mailed_by, " Ann@Example.com").await;
            assert!(asked.location().contains("/api/auth/verify-request"), "{asked:?}");
            let link = pair.ground.mails.mail_to("ann@example.com").await.link();
            assert!(link.starts_with(&mailed_by.origin), "{link}");
            let used = ann.use_link(used_at, &link).await;
            assert_eq!((used.status, used.location()), (StatusCode::FOUND, &*used_at.origin), "{used:?}");

            let (here, there) = (session(&mut ann, &pair.people).await, session(&mut ann, &pair.next).await);
            assert_eq!(here["user"]["email"], "ann@example.com");
            assert_eq!(here, there, "both say the same to scripts");
            assert_eq!(page_knows(&mut ann, &pair).await, (true, true));
            tokens.push(ann.cookies["authjs.session-token"].clone());

            for site in [&pair.people, &pair.next] {
                let again = Guest::default().use_link(site, &link).await;
                assert!(again.location().contains("error=Verification"), "a link works once: {again:?}");
            }
        }
    }
    let users = pair.ground.db.user().find_many().await.unwrap();
    let [ann] = &users[..] else { panic!("they are one user") };
    assert!(is_about(ann.email_verified.unwrap(), Utc::now()));
    let rows = pair.ground.db.session().find_many().await.unwrap();
    assert_eq!(rows.len(), 4);
    for row in rows {
        assert!(tokens.contains(&row.session_token), "the cookie has the row's token");
        assert!(is_about(row.expires, Utc::now() + TimeDelta::days(30)));
    }
    assert_eq!(pair.ground.db.verification_token().count().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_both_at_once_one_uses_a_link() {
    let pair = Pair::start().await;
    for round in 1..=10 {
        Guest::default().ask_for_link(&pair.next, "ann@example.com").await;
        let link = pair.ground.mails.mail_to("ann@example.com").await.link();
        let (mut here, mut there) = (Guest::default(), Guest::default());
        let (people, next) =
            tokio::join!(here.use_link(&pair.people, &link), there.use_link(&pair.next, &link));
        let refused =
            [&people, &next].into_iter().filter(|answer| answer.location().ends_with("error=Verification"));
        assert_eq!(refused.count(), 1, "{people:?} {next:?}");
        assert_eq!(pair.ground.db.session().count().await.unwrap(), round);
    }
    assert_eq!(pair.ground.db.user().count().await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_at_one_signs_out_at_the_other() {
    let pair = Pair::start().await;
    for signed_in_at in [&pair.people, &pair.next] {
        for left_at in [&pair.people, &pair.next] {
            let mut ann = pair.signed_in(signed_in_at, "ann@example.com").await;
            let copy = ann.clone();
            let answer = ann.sign_out(left_at).await;
            assert_eq!(
                (answer.status, answer.location()),
                (StatusCode::FOUND, &*left_at.origin),
                "{answer:?}"
            );
            assert!(!ann.cookies.contains_key("authjs.session-token"), "the browser forgets it");
            assert_eq!(
                page_knows(&mut copy.clone(), &pair).await,
                (false, false),
                "for all who have the cookie"
            );
            for site in [&pair.people, &pair.next] {
                let mut copy = copy.clone();
                assert_eq!(session(&mut copy, site).await, Value::Null);
                assert!(!copy.cookies.contains_key("authjs.session-token"), "who asks forgets it, too");
                let answer = copy.sign_out(site).await;
                assert_eq!(answer.status, StatusCode::FOUND, "signing out twice is no error");
            }
            assert_eq!(pair.ground.db.session().count().await.unwrap(), 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_csrf_token_of_one_is_accepted_by_the_other_and_a_forged_one_by_neither() {
    let pair = Pair::start().await;
    for (here, there) in pair.both_ways() {
        let mut ann = pair.signed_in(here, "ann@example.com").await;
        ann.cookies.remove("authjs.csrf-token");
        let token = ann.csrf(here).await;
        let cookie = ann.cookies["authjs.csrf-token"].clone();
        assert_eq!(ann.csrf(there).await, token, "the other one has no reason to make a new one");

        let fields = [("csrfToken", &*token), ("email", "bob@example.com")];
        let answer = ann.clone().post(there, "/api/auth/signin/email", &fields).await;
        assert!(answer.location().contains("verify-request"), "{answer:?}");
        pair.ground.mails.mail_to("bob@example.com").await;
        assert_eq!(ann.cookies["authjs.csrf-token"], cookie);

        let forged = [("csrfToken", "0".repeat(64)), ("email", "bob@example.com".to_owned())];
        let forged = forged.each_ref().map(|(name, value)| (*name, &**value));
        let mut answers = Vec::new();
        for site in [here, there] {
            let answer = ann.clone().post(site, "/api/auth/signin/email", &forged).await;
            answers.push((answer.status, answer.location().replace(&site.origin, "")));
        }
        assert_eq!(answers[0], answers[1]);
        assert!(answers[0].1.contains("MissingCSRF"), "{answers:?}");

        let answer = ann.post(there, "/api/auth/signout", &[("csrfToken", &token)]).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, &*there.origin));
        assert_eq!(pair.ground.db.session().count().await.unwrap(), 0);
    }
    assert_eq!(pair.ground.mails.left(), 0, "a forged form sends no mail");
}

#[tokio::test(flavor = "multi_thread")]
async fn either_extends_a_session_for_both_once_a_day_has_passed() {
    let pair = Pair::start().await;
    let rows = &pair.ground.db;
    for (here, there) in pair.both_ways() {
        let mut ann = pair.signed_in(here, "ann@example.com").await;
        let token = ann.cookies["authjs.session-token"].clone();
        let expires = async || {
            rows.session().find_unique(session::by_session_token(&*token)).await.unwrap().unwrap().expires
        };
        let set = async |instant: DateTime<Utc>| {
            let changed = rows.session().update_many().filter(session::session_token.eq(&*token));
            assert_eq!(changed.expires(instant).await.unwrap(), 1);
        };

        let young = Utc::now() + TimeDelta::days(30) - TimeDelta::hours(23);
        set(young).await;
        session(&mut ann, there).await;
        session(&mut ann, here).await;
        assert!((expires().await - young).abs() < TimeDelta::milliseconds(1), "it was extended today");

        let due = Utc::now() + TimeDelta::days(29) - TimeDelta::minutes(5);
        set(due).await;
        let said = session(&mut ann, there).await;
        let extended = expires().await;
        assert!(is_about(extended, Utc::now() + TimeDelta::days(30)), "{extended}");
        assert!(is_about(instant(&said), due), "who asked hears when it would have ended");
        assert_eq!(instant(&session(&mut ann, here).await), extended, "the other one sees the extension");
        assert_eq!(expires().await, extended, "and leaves it");
        assert_eq!(ann.cookies["authjs.session-token"], token, "it is the same session");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn either_deletes_a_session_that_has_ended() {
    let pair = Pair::start().await;
    for (here, there) in pair.both_ways() {
        let ann = pair.signed_in(here, "ann@example.com").await;
        let past = Utc::now() - TimeDelta::seconds(1);
        let all = pair.ground.db.session().update_many().filter(session::expires.gt(past));
        assert_eq!(all.expires(past).await.unwrap(), 1);
        for site in [there, here] {
            let mut ann = ann.clone();
            assert_eq!(session(&mut ann, site).await, Value::Null);
            assert!(!ann.cookies.contains_key("authjs.session-token"));
            assert_eq!(pair.ground.db.session().count().await.unwrap(), 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_has_ended_is_used_up_by_either() {
    let pair = Pair::start().await;
    for (here, there) in pair.both_ways() {
        let mut ann = Guest::default();
        ann.ask_for_link(here, "ann@example.com").await;
        let link = pair.ground.mails.mail_to("ann@example.com").await.link();
        let past = Utc::now() - TimeDelta::seconds(1);
        let all = pair.ground.db.verification_token().update_many();
        let changed = all.filter(verification_token::expires.gt(past)).expires(past).await.unwrap();
        assert_eq!(changed, 1);
        let used = ann.use_link(there, &link).await;
        assert_eq!(used.location(), format!("{}/api/auth/error?error=Verification", there.origin));
        assert_eq!(pair.ground.db.verification_token().count().await.unwrap(), 0);
    }
    assert_eq!(pair.ground.db.user().count().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_user_is_signed_out_at_both() {
    let pair = Pair::start().await;
    for (here, there) in pair.both_ways() {
        let mut ann = pair.signed_in(here, "ann@example.com").await;
        assert_eq!(session(&mut ann, there).await["user"]["email"], "ann@example.com");
        pair.ground.db.user().delete(user::by_email("ann@example.com")).await.unwrap();
        for site in [here, there] {
            assert_eq!(session(&mut ann.clone(), site).await, Value::Null);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_https_cookies_have_the_same_guarded_names_and_flags() {
    let pair = Pair::behind_tls().await;
    for (here, there) in pair.both_ways() {
        let mut ann = pair.signed_in(here, "ann@example.com").await;
        let names: Vec<_> = ann.cookies.keys().map(String::as_str).collect();
        let expected =
            ["__Host-authjs.csrf-token", "__Secure-authjs.callback-url", "__Secure-authjs.session-token"];
        assert_eq!(names, expected);
        assert_eq!(session(&mut ann, there).await["user"]["email"], "ann@example.com");
        let flags = async |site: &Site| {
            let answer = ann.clone().get(site, SESSION).await;
            let cookies = answer.set_cookies();
            let cookie = cookies.iter().find(|cookie| cookie.contains("session-token=")).unwrap();
            let mut flags: Vec<_> = cookie.split("; ").skip(1).map(str::to_ascii_lowercase).collect();
            // Both name the instant at which the row ends.
            flags.sort_unstable();
            flags
        };
        assert_eq!(flags(here).await, flags(there).await);

        // What a page without TLS could have planted does not count.
        let mut planted = Guest::default();
        let token = ann.cookies["__Secure-authjs.session-token"].clone();
        planted.cookies.insert("authjs.session-token".to_owned(), token);
        for site in [here, there] {
            assert_eq!(session(&mut planted, site).await, Value::Null);
        }
        ann.sign_out(there).await;
        assert_eq!(session(&mut ann, here).await, Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_say_the_same_about_themselves_and_to_a_stranger() {
    let pair = Pair::start().await;
    let mut answers = Vec::new();
    for site in [&pair.people, &pair.next] {
        let mut said = Vec::new();
        for path in ["providers", "session", "session?callbackUrl=/x", "csrf"] {
            let answer = Guest::default().get(site, &format!("/api/auth/{path}")).await;
            let headers = ["content-type", "cache-control"];
            let headers =
                headers.map(|name| answer.headers.get(name).map(|value| value.to_str().unwrap().to_owned()));
            let body = if path == "csrf" { String::new() } else { answer.body.replace(&site.origin, "") };
            let mut cookies: Vec<_> = answer
                .set_cookies()
                .iter()
                .map(|cookie| cookie.split('=').next().unwrap().to_owned())
                .collect();
            cookies.sort_unstable();
            said.push((path, answer.status, headers, body, cookies));
        }
        answers.push(said);
    }
    // What Auth.js leaves to caches, People does not let them keep, like everything else.
    answers[1][0].2[1] = Some("no-store".to_owned());
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_of_the_other_ones_origin_leads_home() {
    let pair = Pair::start().await;
    for (here, there) in pair.both_ways() {
        let mut ann = Guest::default();
        // The cookie that one leaves is what the other finds.
        let path = format!("/api/auth/signin?callbackUrl={}/people", here.origin);
        ann.get(here, &path).await;
        assert!(ann.cookies["authjs.callback-url"].ends_with("people"), "{:?}", ann.cookies);
        ann.ask_for_link(there, "ann@example.com").await;
        let link = pair.ground.mails.mail_to("ann@example.com").await.link();
        let used = ann.use_link(there, &link).await;
        assert_eq!(used.location(), there.origin, "{used:?}");
    }
}
