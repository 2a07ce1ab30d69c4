//! The tests that every [`Adapter`] has to pass, as one function to call from a test.

use chrono::{DateTime, TimeDelta, Utc};

use crate::adapter::Adapter;
use crate::model::{Account, AccountKey, NewUser, Session, User, UserId, UserUpdate, VerificationToken};
use crate::secret::Secret;
use crate::token::{HashedToken, SessionToken};

/// Runs all tests on an adapter with empty tables, and leaves them empty.
///
/// # Errors
/// The adapter's own.
///
/// # Panics
/// If the adapter does not behave as [`Adapter`] documents.
pub async fn run<A: Adapter>(adapter: &A) -> Result<(), A::Error> {
    users(adapter).await?;
    accounts(adapter).await?;
    sessions(adapter).await?;
    verification_tokens(adapter).await?;
    expiry(adapter).await
}

fn instant() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::milliseconds(123)
}

fn new_user(email: &str) -> NewUser {
    let picture = Some("https://example.com/picture.png".to_owned());
    NewUser {
        name: Some("Ann".to_owned()),
        email: email.to_owned(),
        email_verified: Some(instant()),
        image: picture,
    }
}

fn check_user(found: Option<&User>, expected: &User) {
    assert!(found == Some(expected), "a user is read as it was written");
}

async fn users<A: Adapter>(adapter: &A) -> Result<(), A::Error> {
    let nobody = UserId::new("nobody");
    assert!(adapter.user(&nobody).await?.is_none(), "an unknown id finds no user");
    assert!(adapter.user_by_email("ann@example.com").await?.is_none(), "an unknown address finds no user");
    assert!(
        adapter.update_user(UserUpdate::new(nobody.clone())).await?.is_none(),
        "an unknown user cannot be updated"
    );
    assert!(!adapter.delete_user(&nobody).await?, "deleting an unknown user is not an error");

    let ann = adapter.create_user(new_user("ann@example.com")).await?;
    assert!(
        ann.name.as_deref() == Some("Ann") && ann.email_verified == Some(instant()),
        "columns are stored"
    );
    let plain = NewUser { name: None, email_verified: None, image: None, ..new_user("bob@example.com") };
    let bob = adapter.create_user(plain).await?;
    assert!(bob.name.is_none() && bob.email_verified.is_none() && bob.image.is_none(), "null is stored");
    assert!(ann.id != bob.id, "each user has its own id");
    let again = adapter.create_user(new_user("ann@example.com")).await;
    assert!(again.is_err(), "an address belongs to one user");
    check_user(adapter.user(&ann.id).await?.as_ref(), &ann);
    check_user(adapter.user_by_email("bob@example.com").await?.as_ref(), &bob);

    let unchanged = adapter.update_user(UserUpdate::new(ann.id.clone())).await?;
    check_user(unchanged.as_ref(), &ann);
    let later = instant() + TimeDelta::hours(1);
    let update = UserUpdate {
        name: Some(None),
        email: Some("ann@example.org".to_owned()),
        email_verified: Some(Some(later)),
        image: Some(None),
        ..UserUpdate::new(ann.id.clone())
    };
    let changed = adapter.update_user(update).await?;
    let expected = User {
        name: None,
        email: "ann@example.org".to_owned(),
        email_verified: Some(later),
        image: None,
        ..ann
    };
    check_user(changed.as_ref(), &expected);
    check_user(adapter.user(&expected.id).await?.as_ref(), &expected);
    check_user(adapter.user(&bob.id).await?.as_ref(), &bob);

    assert!(adapter.delete_user(&expected.id).await?, "deleting reports that there was one");
    assert!(adapter.user(&expected.id).await?.is_none(), "a deleted user is gone");
    adapter.delete_user(&bob.id).await?;
    Ok(())
}

async fn accounts<A: Adapter>(adapter: &A) -> Result<(), A::Error> {
    let ann = adapter.create_user(new_user("ann@example.com")).await?;
    let key = AccountKey { provider: "google", provider_account_id: "42" };
    assert!(adapter.user_by_account(key).await?.is_none(), "an unknown account has no user");
    assert!(!adapter.unlink_account(key).await?, "unlinking an unknown account is not an error");
    let account = |provider: &str, id: &str| Account {
        user_id: ann.id.clone(),
        kind: "oidc".to_owned(),
        provider: provider.to_owned(),
        provider_account_id: id.to_owned(),
        refresh_token: None,
        access_token: Some(Secret::new("access")),
        expires_at: Some(1_800_000_000),
        token_type: Some("bearer".to_owned()),
        scope: None,
        id_token: Some(Secret::new("id")),
        session_state: None,
    };
    adapter.link_account(account("google", "42")).await?;
    adapter.link_account(account("other", "42")).await?;
    let again = adapter.link_account(account("google", "42")).await;
    assert!(again.is_err(), "an account belongs to one user");
    check_user(adapter.user_by_account(key).await?.as_ref(), &ann);
    let found = adapter.account(key).await?.expect("an account is found by its key");
    assert!(found == account("google", "42"), "an account is read as it was written, with tokens and nulls");
    let providers: Vec<_> =
        adapter.accounts_of(&ann.id).await?.into_iter().map(|account| account.provider).collect();
    assert_eq!(providers, ["google", "other"], "all accounts of a user are listed in order");
    assert!(adapter.accounts_of(&UserId::new("nobody")).await?.is_empty(), "an unknown user has no accounts");
    renewal(adapter, found).await?;
    all_columns(adapter, account("google", "44")).await?;
    let other_id = AccountKey { provider_account_id: "43", ..key };
    assert!(adapter.user_by_account(other_id).await?.is_none(), "both parts of the key are compared");
    assert!(adapter.unlink_account(key).await?, "unlinking reports that there was one");
    assert!(adapter.user_by_account(key).await?.is_none(), "an unlinked account has no user");
    let other = AccountKey { provider: "other", ..key };
    check_user(adapter.user_by_account(other).await?.as_ref(), &ann);
    let bob = adapter.create_user(new_user("bob@example.com")).await?;
    adapter.link_account(Account { user_id: bob.id.clone(), ..account("google", "45") }).await?;
    adapter.delete_user(&ann.id).await?;
    assert!(adapter.user_by_account(other).await?.is_none(), "accounts are deleted with their user");
    let kept = AccountKey { provider_account_id: "45", ..key };
    check_user(adapter.user_by_account(kept).await?.as_ref(), &bob);
    adapter.delete_user(&bob.id).await?;
    Ok(())
}

/// Checks a second account at one provider, with all columns but `session_state`, which not every schema has.
async fn all_columns<A: Adapter>(adapter: &A, account: Account) -> Result<(), A::Error> {
    // Longer than a column of some databases would keep, and than an index of PostgreSQL would take.
    let long = |name: &str| Some(Secret::new(format!("{name} {}", "zoë.".repeat(1500))));
    let account = Account {
        refresh_token: long("refresh"),
        access_token: long("access"),
        id_token: long("id"),
        scope: Some("openid profile email".to_owned()),
        ..account
    };
    adapter.link_account(account.clone()).await?;
    let found = adapter.account(account.key()).await?;
    assert!(found.as_ref() == Some(&account), "every column of an account is stored, however long");
    let of_user = adapter.accounts_of(&account.user_id).await?;
    assert!(of_user.contains(&account), "a user may have two accounts at one provider");
    let user = adapter.user_by_account(account.key()).await?;
    assert!(user.is_some_and(|user| user.id == account.user_id), "both belong to the user");
    adapter.unlink_account(account.key()).await?;
    assert!(adapter.account(account.key()).await?.is_none(), "an unlinked account is gone");
    Ok(())
}

/// Of several concurrent renewals, one succeeds.
async fn renewal<A: Adapter>(adapter: &A, account: Account) -> Result<(), A::Error> {
    let was = account.access_token.clone();
    let next = |text: &str| Account {
        access_token: Some(Secret::new(text)),
        refresh_token: Some(Secret::new("refresh")),
        expires_at: Some(1_900_000_000),
        ..account.clone()
    };
    let (first, second) = tokio::join!(
        adapter.renew_account(next("first"), was.as_ref()),
        adapter.renew_account(next("second"), was.as_ref()),
    );
    assert!(first? != second?, "exactly one of two concurrent calls renews the account");
    assert!(
        !adapter.renew_account(next("third"), was.as_ref()).await?,
        "a later call with the old token does not"
    );
    assert!(!adapter.renew_account(next("third"), None).await?, "`None` does not match a stored token");
    let found = adapter.account(account.key()).await?.expect("the account is still there");
    assert!(found.access_token.is_some_and(|token| ["first", "second"].contains(&token.expose())));
    assert!(
        found.expires_at == Some(1_900_000_000) && found.refresh_token.is_some(),
        "all token columns are replaced"
    );
    let other = AccountKey { provider: "other", ..account.key() };
    let other = adapter.account(other).await?.expect("the other account is there");
    assert!(other.access_token == was, "other accounts are unchanged");
    Ok(())
}

async fn sessions<A: Adapter>(adapter: &A) -> Result<(), A::Error> {
    let ann = adapter.create_user(new_user("ann@example.com")).await?;
    let bob = adapter.create_user(new_user("bob@example.com")).await?;
    let session = |token: &str, user: &User| Session {
        token: SessionToken::new(token),
        user_id: user.id.clone(),
        expires: instant(),
    };
    let unknown = SessionToken::new("unknown");
    assert!(adapter.session_and_user(&unknown).await?.is_none(), "an unknown token finds no session");
    assert!(!adapter.update_session(&unknown, instant()).await?, "an unknown session cannot be extended");
    assert!(!adapter.delete_session(&unknown).await?, "deleting an unknown session is not an error");

    for (token, user) in [("a1", &ann), ("a2", &ann), ("b1", &bob)] {
        adapter.create_session(session(token, user)).await?;
    }
    assert!(adapter.create_session(session("a1", &bob)).await.is_err(), "a token belongs to one session");
    let found = adapter.session_and_user(&SessionToken::new("a1")).await?;
    assert!(found == Some((session("a1", &ann), ann.clone())), "a session is found with its user");
    let later = instant() + TimeDelta::days(30);
    assert!(
        adapter.update_session(&SessionToken::new("a1"), later).await?,
        "extending reports that there was one"
    );
    let found = adapter.session_and_user(&SessionToken::new("a1")).await?;
    assert!(found.is_some_and(|(session, _)| session.expires == later), "a session is extended");
    let found = adapter.session_and_user(&SessionToken::new("a2")).await?;
    assert!(
        found.is_some_and(|(session, _)| session.expires == instant()),
        "other sessions are not extended"
    );

    assert!(adapter.delete_session(&SessionToken::new("a1")).await?, "deleting reports that there was one");
    assert!(!adapter.delete_session(&SessionToken::new("a1")).await?, "deleting twice is not an error");
    adapter.create_session(session("a3", &ann)).await?;
    let tokens: Vec<_> = adapter.sessions_of(&ann.id).await?.into_iter().map(|row| row.token).collect();
    assert!(
        tokens.len() == 2 && !tokens.contains(&SessionToken::new("b1")),
        "all sessions of a user are listed"
    );
    let kept = SessionToken::new("a3");
    assert_eq!(
        adapter.delete_sessions_of(&ann.id, Some(&kept)).await?,
        1,
        "all sessions but one are deleted"
    );
    assert!(adapter.session_and_user(&kept).await?.is_some(), "the kept session stays");
    adapter.create_session(Session { expires: later, ..session("a4", &ann) }).await?;
    let ends: Vec<_> = adapter.sessions_of(&ann.id).await?.into_iter().map(|row| row.expires).collect();
    assert_eq!(ends, [later, instant()], "the latest expiry comes first");
    assert_eq!(adapter.delete_sessions_of(&ann.id, None).await?, 2, "all sessions of one user are deleted");
    assert!(adapter.session_and_user(&SessionToken::new("a3")).await?.is_none(), "they are gone");
    assert!(adapter.session_and_user(&SessionToken::new("b1")).await?.is_some(), "other users' stay");
    adapter.delete_user(&bob.id).await?;
    assert!(
        adapter.session_and_user(&SessionToken::new("b1")).await?.is_none(),
        "sessions are deleted with their user"
    );
    adapter.delete_user(&ann.id).await?;
    Ok(())
}

async fn verification_tokens<A: Adapter>(adapter: &A) -> Result<(), A::Error> {
    let token = |identifier: &str, hash: &str| VerificationToken {
        identifier: identifier.to_owned(),
        token: HashedToken::new(hash),
        expires: instant(),
    };
    adapter.create_verification_token(token("ann@example.com", "h1")).await?;
    adapter.create_verification_token(token("ann@example.com", "h2")).await?;
    let hash = HashedToken::new("h1");
    assert!(
        adapter.use_verification_token("bob@example.com", &hash).await?.is_none(),
        "both parts of the key are compared"
    );
    let (first, second) = tokio::join!(
        adapter.use_verification_token("ann@example.com", &hash),
        adapter.use_verification_token("ann@example.com", &hash),
    );
    let (first, second) = (first?, second?);
    assert!(first.is_some() != second.is_some(), "exactly one of two concurrent calls gets the token");
    let used = first.or(second);
    assert!(used == Some(token("ann@example.com", "h1")), "a token is read as it was written");
    assert!(adapter.use_verification_token("ann@example.com", &hash).await?.is_none(), "a token works once");
    let hash = HashedToken::new("h2");
    assert!(
        adapter.use_verification_token("ann@example.com", &hash).await?.is_some(),
        "other tokens still work"
    );
    Ok(())
}

async fn expiry<A: Adapter>(adapter: &A) -> Result<(), A::Error> {
    let ann = adapter.create_user(new_user("ann@example.com")).await?;
    let now = instant();
    let before = |milliseconds| now - TimeDelta::milliseconds(milliseconds);
    for (token, expires) in [("over", before(1)), ("long over", before(2)), ("last", now)] {
        let (session, user_id) = (SessionToken::new(token), ann.id.clone());
        adapter.create_session(Session { token: session, user_id, expires }).await?;
        let (identifier, hash) = ("ann@example.com".to_owned(), HashedToken::new(token));
        adapter.create_verification_token(VerificationToken { identifier, token: hash, expires }).await?;
    }
    assert_eq!(adapter.delete_expired(now, 1).await?, 2, "at most so many of each are deleted");
    assert_eq!(adapter.delete_expired(now, 10).await?, 2, "what ended before the instant is deleted");
    assert_eq!(adapter.delete_expired(now, 10).await?, 0, "and nothing else");
    assert!(adapter.session_and_user(&SessionToken::new("over")).await?.is_none(), "the session is gone");
    assert!(
        adapter.session_and_user(&SessionToken::new("last")).await?.is_some(),
        "one that ends now is not"
    );
    let left = adapter.use_verification_token("ann@example.com", &HashedToken::new("last")).await?;
    assert!(left.is_some(), "a link that ends now is not deleted");
    adapter.delete_user(&ann.id).await?;
    Ok(())
}
