//! The sessions of somebody, seen from one of them.

use chrono::TimeDelta;

use crate::support::Site;

#[tokio::test]
async fn users_see_their_sessions_and_their_last_use() {
    let site = Site::new();
    let first = site.signed_in("ann@example.com").await;
    site.clock.advance(TimeDelta::minutes(5));
    let second = site.signed_in("ann@example.com").await;
    let _bob = site.signed_in("bob@example.org").await;
    let ann = site.who(&first).await.unwrap();
    let sessions = site.auth.sessions(&ann).await.unwrap();
    assert_eq!(sessions.iter().map(|session| session.is_current).collect::<Vec<_>>(), [true, false]);
    assert_eq!(sessions[1].used - sessions[0].used, TimeDelta::minutes(5));
    assert_eq!(sessions[0].expires - sessions[0].used, TimeDelta::days(30));
    for browser in [&first, &second] {
        let token = &browser.cookies["authjs.session-token"];
        assert!(sessions.iter().all(|session| session.handle.as_str() != token), "a handle is no token");
    }
    site.clock.advance(TimeDelta::days(31));
    assert!(site.auth.sessions(&ann).await.unwrap().is_empty(), "what has ended is not listed");
}

#[tokio::test]
async fn a_session_is_ended_by_its_handle_and_by_its_owner() {
    let site = Site::new();
    let (first, second) = (site.signed_in("ann@example.com").await, site.signed_in("ann@example.com").await);
    let bob = site.signed_in("bob@example.org").await;
    let (ann, bob_is) = (site.who(&first).await.unwrap(), site.who(&bob).await.unwrap());
    let other = site.auth.sessions(&ann).await.unwrap().remove(1).handle;
    assert!(!site.auth.end_session(&bob_is, other.as_str()).await.unwrap(), "not by somebody else");
    assert!(!site.auth.end_session(&ann, &second.cookies["authjs.session-token"]).await.unwrap());
    assert!(site.who(&second).await.is_some());
    assert!(site.auth.end_session(&ann, other.as_str()).await.unwrap());
    assert!(!site.auth.end_session(&ann, other.as_str()).await.unwrap(), "twice is no error");
    assert!(site.who(&second).await.is_none());
    assert!(site.who(&first).await.is_some() && site.who(&bob).await.is_some());
}

#[tokio::test]
async fn all_other_sessions_end_at_once() {
    let site = Site::new();
    let (first, second) = (site.signed_in("ann@example.com").await, site.signed_in("ann@example.com").await);
    let (third, bob) = (site.signed_in("ann@example.com").await, site.signed_in("bob@example.org").await);
    let ann = site.who(&second).await.unwrap();
    assert_eq!(site.auth.end_other_sessions(&ann).await.unwrap(), 2);
    assert!(site.who(&first).await.is_none() && site.who(&third).await.is_none());
    assert!(site.who(&second).await.is_some() && site.who(&bob).await.is_some());
    assert_eq!(site.auth.revoke_sessions(ann.user_id()).await.unwrap(), 1);
    assert!(site.who(&second).await.is_none());
}

#[tokio::test]
async fn all_expired_rows_are_swept() {
    let site = Site::new();
    let browser = site.signed_in("ann@example.com").await;
    let ann = site.who(&browser).await.unwrap();
    let end = ann.session().expires;
    for number in 0..2500 {
        let token = nicol_auth::SessionToken::new(format!("old {number}"));
        let session =
            nicol_auth::Session { token, expires: end - TimeDelta::days(31), ..ann.session().clone() };
        site.adapter.tables().sessions.push(session);
    }
    assert_eq!(site.auth.sweep().await.unwrap(), 2500);
    assert_eq!(site.adapter.tables().sessions.len(), 1, "the live one stays");
}
