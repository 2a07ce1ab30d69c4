//! The adapter for a generated client.

/// Writes an [`Adapter`](crate::Adapter) for a client that nicol has generated from a schema with Auth.js's models.
///
/// ```text
/// nicol_auth::adapter! {
///     /// Sign-in keeps its rows where everything else is.
///     pub struct AuthAdapter(crate::db);
/// }
///
/// let auth = nicol_auth::Auth::new(config, AuthAdapter::new(db.clone()));
/// ```
///
/// In the parentheses stands the module of the generated client. The crate that calls this has to depend on
/// `nicol`; this one does not.
///
/// # The schema
///
/// The models are `User`, `Account`, `Session` and `VerificationToken`, as Auth.js documents them for Prisma. What
/// differs between its versions does not matter: ids of `Account` and `Session` may be there or not, a compound key
/// may be an `@@id` or a `@@unique`, and other fields may be added if they are optional or have a default. Ids are
/// `String`, and `User.email` is required. An `Account` that lacks some of its optional fields has the others named:
///
/// ```text
/// nicol_auth::adapter! {
///     pub struct AuthAdapter(crate::db) with account [access_token, refresh_token, expires_at];
/// }
/// ```
///
/// Source: @auth/prisma-adapter 2.11; unlike there, deleting what is gone already is no error.
#[macro_export]
macro_rules! adapter {
    ($(#[$meta:meta])* $vis:vis struct $name:ident($($db:tt)+);) => {
        $crate::adapter! {
            $(#[$meta])* $vis struct $name($($db)+) with account [
                refresh_token, access_token, expires_at, token_type, scope, id_token, session_state
            ];
        }
    };
    ($(#[$meta:meta])* $vis:vis struct $name:ident($($db:tt)+) with account [$($column:ident),* $(,)?];) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $vis struct $name($($db)+::Client);

        impl $name {
            /// An adapter on this client.
            $vis fn new(client: $($db)+::Client) -> Self {
                Self(client)
            }
        }

        const _: () = {
            use $($db)+ as db;

            fn user_of(row: &db::user::Row) -> $crate::User {
                $crate::User {
                    id: $crate::UserId::new(&*row.id),
                    name: row.name.clone(),
                    email: row.email.clone(),
                    email_verified: row.email_verified,
                    image: row.image.clone(),
                }
            }

            fn account_of(row: db::account::Row) -> $crate::Account {
                #[allow(unused_mut, reason = "all columns of the tokens may be missing")]
                let mut account = $crate::Account {
                    user_id: $crate::UserId::new(row.user_id),
                    kind: row.r#type,
                    provider: row.provider,
                    provider_account_id: row.provider_account_id,
                    refresh_token: ::core::option::Option::None,
                    access_token: ::core::option::Option::None,
                    expires_at: ::core::option::Option::None,
                    token_type: ::core::option::Option::None,
                    scope: ::core::option::Option::None,
                    id_token: ::core::option::Option::None,
                    session_state: ::core::option::Option::None,
                };
                $($crate::adapter!(@read account, row, $column);)*
                account
            }

            /// P2025 says that there is no such row.
            fn found<T>(
                result: ::core::result::Result<T, ::nicol::Error>,
            ) -> ::core::result::Result<::core::option::Option<T>, ::nicol::Error> {
                match result {
                    ::core::result::Result::Ok(row) => ::core::result::Result::Ok(::core::option::Option::Some(row)),
                    ::core::result::Result::Err(error) if error.code() == "P2025" => {
                        ::core::result::Result::Ok(::core::option::Option::None)
                    }
                    ::core::result::Result::Err(error) => ::core::result::Result::Err(error),
                }
            }

            impl $crate::Adapter for $name {
                type Error = ::nicol::Error;

                async fn create_user(
                    &self,
                    user: $crate::NewUser,
                ) -> ::core::result::Result<$crate::User, ::nicol::Error> {
                    let row = self
                        .0
                        .user()
                        .create(db::user::New { email: user.email })
                        .name(user.name)
                        .email_verified(user.email_verified)
                        .image(user.image)
                        .await?;
                    ::core::result::Result::Ok(user_of(&row))
                }

                async fn user(
                    &self,
                    id: &$crate::UserId,
                ) -> ::core::result::Result<::core::option::Option<$crate::User>, ::nicol::Error> {
                    let row = self.0.user().find_unique(db::user::by_id(id.as_str())).await?;
                    ::core::result::Result::Ok(row.map(|row| user_of(&row)))
                }

                async fn user_by_email(
                    &self,
                    email: &str,
                ) -> ::core::result::Result<::core::option::Option<$crate::User>, ::nicol::Error> {
                    let row = self.0.user().find_unique(db::user::by_email(email)).await?;
                    ::core::result::Result::Ok(row.map(|row| user_of(&row)))
                }

                async fn user_by_account(
                    &self,
                    key: $crate::AccountKey<'_>,
                ) -> ::core::result::Result<::core::option::Option<$crate::User>, ::nicol::Error> {
                    let key =
                        db::account::by_provider_and_provider_account_id(key.provider, key.provider_account_id);
                    let row = self.0.account().find_unique(key).include(db::account::user).await?;
                    ::core::result::Result::Ok(row.map(|row| user_of(row.user())))
                }

                async fn update_user(
                    &self,
                    update: $crate::UserUpdate,
                ) -> ::core::result::Result<::core::option::Option<$crate::User>, ::nicol::Error> {
                    let mut query = self.0.user().update(db::user::by_id(update.id.as_str()));
                    if let ::core::option::Option::Some(name) = update.name {
                        query = query.name(name);
                    }
                    if let ::core::option::Option::Some(email) = update.email {
                        query = query.email(email);
                    }
                    if let ::core::option::Option::Some(instant) = update.email_verified {
                        query = query.email_verified(instant);
                    }
                    if let ::core::option::Option::Some(image) = update.image {
                        query = query.image(image);
                    }
                    ::core::result::Result::Ok(found(query.await)?.map(|row| user_of(&row)))
                }

                async fn delete_user(
                    &self,
                    id: &$crate::UserId,
                ) -> ::core::result::Result<bool, ::nicol::Error> {
                    let deleted = self.0.user().delete_many().filter(db::user::id.eq(id.as_str())).await?;
                    ::core::result::Result::Ok(deleted > 0)
                }

                async fn link_account(
                    &self,
                    account: $crate::Account,
                ) -> ::core::result::Result<(), ::nicol::Error> {
                    let new = db::account::New {
                        user_id: account.user_id.into_string(),
                        r#type: account.kind,
                        provider: account.provider,
                        provider_account_id: account.provider_account_id,
                    };
                    let query = self.0.account().create(new);
                    $(let query = $crate::adapter!(@column query, account, $column);)*
                    query.await?;
                    ::core::result::Result::Ok(())
                }

                async fn unlink_account(
                    &self,
                    key: $crate::AccountKey<'_>,
                ) -> ::core::result::Result<bool, ::nicol::Error> {
                    let filter = db::account::provider
                        .eq(key.provider)
                        .and(db::account::provider_account_id.eq(key.provider_account_id));
                    ::core::result::Result::Ok(self.0.account().delete_many().filter(filter).await? > 0)
                }

                async fn account(
                    &self,
                    key: $crate::AccountKey<'_>,
                ) -> ::core::result::Result<::core::option::Option<$crate::Account>, ::nicol::Error> {
                    let key =
                        db::account::by_provider_and_provider_account_id(key.provider, key.provider_account_id);
                    let row = self.0.account().find_unique(key).await?;
                    ::core::result::Result::Ok(row.map(account_of))
                }

                async fn accounts_of(
                    &self,
                    user: &$crate::UserId,
                ) -> ::core::result::Result<::std::vec::Vec<$crate::Account>, ::nicol::Error> {
                    let rows = self
                        .0
                        .account()
                        .find_many()
                        .filter(db::account::user_id.eq(user.as_str()))
                        .order_by(db::account::provider.asc())
                        .order_by(db::account::provider_account_id.asc())
                        .await?;
                    ::core::result::Result::Ok(rows.into_iter().map(account_of).collect())
                }

                async fn renew_account(
                    &self,
                    account: $crate::Account,
                    was: ::core::option::Option<&$crate::Secret>,
                ) -> ::core::result::Result<bool, ::nicol::Error> {
                    let filter = db::account::provider
                        .eq(account.provider.as_str())
                        .and(db::account::provider_account_id.eq(account.provider_account_id.as_str()));
                    $(let filter = $crate::adapter!(@unchanged filter, was, $column);)*
                    let query = self.0.account().update_many().filter(filter);
                    $(let query = $crate::adapter!(@column query, account, $column);)*
                    ::core::result::Result::Ok(query.await? > 0)
                }

                async fn create_session(
                    &self,
                    session: $crate::Session,
                ) -> ::core::result::Result<(), ::nicol::Error> {
                    let new = db::session::New {
                        session_token: session.token.expose().to_owned(),
                        user_id: session.user_id.into_string(),
                        expires: session.expires,
                    };
                    self.0.session().create(new).await?;
                    ::core::result::Result::Ok(())
                }

                async fn session_and_user(
                    &self,
                    token: &$crate::SessionToken,
                ) -> ::core::result::Result<
                    ::core::option::Option<($crate::Session, $crate::User)>,
                    ::nicol::Error,
                > {
                    let key = db::session::by_session_token(token.expose());
                    let row = self.0.session().find_unique(key).include(db::session::user).await?;
                    ::core::result::Result::Ok(row.map(|row| {
                        let session = $crate::Session {
                            token: $crate::SessionToken::new(&*row.session_token),
                            user_id: $crate::UserId::new(&*row.user_id),
                            expires: row.expires,
                        };
                        (session, user_of(row.user()))
                    }))
                }

                async fn update_session(
                    &self,
                    token: &$crate::SessionToken,
                    expires: $crate::DateTime,
                ) -> ::core::result::Result<bool, ::nicol::Error> {
                    let filter = db::session::session_token.eq(token.expose());
                    let updated = self.0.session().update_many().filter(filter).expires(expires).await?;
                    ::core::result::Result::Ok(updated > 0)
                }

                async fn delete_session(
                    &self,
                    token: &$crate::SessionToken,
                ) -> ::core::result::Result<bool, ::nicol::Error> {
                    let filter = db::session::session_token.eq(token.expose());
                    ::core::result::Result::Ok(self.0.session().delete_many().filter(filter).await? > 0)
                }

                async fn create_verification_token(
                    &self,
                    token: $crate::VerificationToken,
                ) -> ::core::result::Result<(), ::nicol::Error> {
                    let new = db::verification_token::New {
                        identifier: token.identifier,
                        token: token.token.as_str().to_owned(),
                        expires: token.expires,
                    };
                    self.0.verification_token().create(new).await?;
                    ::core::result::Result::Ok(())
                }

                async fn use_verification_token(
                    &self,
                    identifier: &str,
                    token: &$crate::HashedToken,
                ) -> ::core::result::Result<::core::option::Option<$crate::VerificationToken>, ::nicol::Error>
                {
                    let key = db::verification_token::by_identifier_and_token(identifier, token.as_str());
                    let row = found(self.0.verification_token().delete(key).await)?;
                    ::core::result::Result::Ok(row.map(|row| $crate::VerificationToken {
                        identifier: row.identifier,
                        token: $crate::HashedToken::new(row.token),
                        expires: row.expires,
                    }))
                }

                async fn sessions_of(
                    &self,
                    user: &$crate::UserId,
                ) -> ::core::result::Result<::std::vec::Vec<$crate::Session>, ::nicol::Error> {
                    let rows = self
                        .0
                        .session()
                        .find_many()
                        .filter(db::session::user_id.eq(user.as_str()))
                        .order_by(db::session::expires.desc())
                        .await?;
                    let sessions = rows.into_iter().map(|row| $crate::Session {
                        token: $crate::SessionToken::new(row.session_token),
                        user_id: $crate::UserId::new(row.user_id),
                        expires: row.expires,
                    });
                    ::core::result::Result::Ok(sessions.collect())
                }

                async fn delete_sessions_of(
                    &self,
                    user: &$crate::UserId,
                    keep: ::core::option::Option<&$crate::SessionToken>,
                ) -> ::core::result::Result<u64, ::nicol::Error> {
                    let kept = keep.into_iter().map(|token| token.expose());
                    let filter =
                        db::session::user_id.eq(user.as_str()).and(db::session::session_token.not_in(kept));
                    self.0.session().delete_many().filter(filter).await
                }

                async fn delete_expired(
                    &self,
                    before: $crate::DateTime,
                    most: u32,
                ) -> ::core::result::Result<u64, ::nicol::Error> {
                    // A session that is extended in between stays, because each deletion looks at the end once more.
                    let expired = db::session::expires.lt(before);
                    let rows = self.0.session().find_many().filter(expired).take(most.into()).await?;
                    let expired = db::session::expires
                        .lt(before)
                        .and(db::session::session_token.is_in(rows.into_iter().map(|row| row.session_token)));
                    let sessions = self.0.session().delete_many().filter(expired).await?;
                    let expired = db::verification_token::expires.lt(before);
                    let rows = self.0.verification_token().find_many().filter(expired).take(most.into()).await?;
                    let expired = db::verification_token::expires
                        .lt(before)
                        .and(db::verification_token::token.is_in(rows.into_iter().map(|row| row.token)));
                    let tokens = self.0.verification_token().delete_many().filter(expired).await?;
                    ::core::result::Result::Ok(sessions + tokens)
                }
            }
        };
    };
    (@column $query:ident, $account:ident, refresh_token) => {
        $query.refresh_token($account.refresh_token.map($crate::Secret::into_exposed))
    };
    (@column $query:ident, $account:ident, access_token) => {
        $query.access_token($account.access_token.map($crate::Secret::into_exposed))
    };
    (@column $query:ident, $account:ident, id_token) => {
        $query.id_token($account.id_token.map($crate::Secret::into_exposed))
    };
    // `Int` ends in 2038, so some schemas have `BigInt`: the field says which it is.
    (@column $query:ident, $account:ident, expires_at) => {{
        fn fit<M, T: ::core::convert::TryFrom<i64>>(
            _: ::nicol::Field<M, ::core::option::Option<T>>,
            seconds: ::core::option::Option<i64>,
        ) -> ::core::option::Option<T> {
            seconds.and_then(|seconds| T::try_from(seconds).ok())
        }
        $query.expires_at(fit(db::account::expires_at, $account.expires_at))
    }};
    (@column $query:ident, $account:ident, $column:ident) => {
        $query.$column($account.$column)
    };
    (@read $account:ident, $row:ident, refresh_token) => {
        $account.refresh_token = $row.refresh_token.map($crate::Secret::new)
    };
    (@read $account:ident, $row:ident, access_token) => {
        $account.access_token = $row.access_token.map($crate::Secret::new)
    };
    (@read $account:ident, $row:ident, id_token) => {
        $account.id_token = $row.id_token.map($crate::Secret::new)
    };
    (@read $account:ident, $row:ident, expires_at) => {
        $account.expires_at = $row.expires_at.map(::core::convert::Into::into)
    };
    (@read $account:ident, $row:ident, $column:ident) => {
        $account.$column = $row.$column
    };
    (@unchanged $filter:ident, $was:ident, access_token) => {
        $filter.and(match $was {
            ::core::option::Option::Some(was) => db::account::access_token.eq(was.expose()).into(),
            ::core::option::Option::None => db::account::access_token.is_null(),
        })
    };
    (@unchanged $filter:ident, $was:ident, $column:ident) => {
        $filter
    };
}
