//! The Auth.js adapter: `nicol_auth::Adapter` for the client.
//!
//! Source: @auth/prisma-adapter 2.11; unlike there, deleting what is already gone is not an error.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::Module;
use crate::plan::{AuthAdapter, Client, Column, ColumnType, ModelPlan};
use crate::types::RustType;

pub(super) fn emit(client: &Client, adapter: &AuthAdapter) -> Module {
    let part = |place: usize| Part { client, model: &client.models[place] };
    let user = part(adapter.user);
    let account = part(adapter.account);
    let session = part(adapter.session);
    let token = part(adapter.verification_token);
    let methods = [users(&user, &account), accounts(&account), sessions(&session), tokens(&token)];
    let delete_expired = delete_expired(&session, &token);
    let helpers = helpers(&user, &account, &session);
    Module {
        name: adapter.module.clone(),
        is_public: false,
        attributes: TokenStream::new(),
        documentation: "Sign-in with `nicol-auth` keeps its rows in the tables of this client.".to_owned(),
        items: quote! {
            use ::nicol_auth::{
                Account, AccountKey, DateTime, HashedToken, NewUser, Secret, Session, SessionToken, User, UserId,
                UserUpdate, VerificationToken,
            };

            impl ::nicol_auth::Adapter for super::Client {
                type Error = ::nicol::Error;

                #(#methods)*
                #delete_expired
            }

            #helpers
        },
    }
}

/// One of the four models, and Rust's names for what is in it.
struct Part<'a> {
    client: &'a Client,
    model: &'a ModelPlan,
}

impl<'a> Part<'a> {
    fn module(&self) -> &'a Ident {
        &self.model.module
    }

    fn accessor(&self) -> &'a Ident {
        &self.model.accessor
    }

    fn column(&self, field: &str) -> &'a Column {
        self.model.column(field).expect("the plan has checked the fields")
    }

    /// The struct's field.
    fn field(&self, field: &str) -> &'a Ident {
        &self.column(field).ident
    }

    /// The path of the handle for filters.
    fn handle(&self, field: &str) -> TokenStream {
        let (module, handle) = (self.module(), &self.column(field).handle);
        quote!(super::#module::#handle)
    }

    fn setter(&self, field: &str) -> &'a Ident {
        &self.column(field).setter
    }

    /// A call of `by_…` with a value for each field of the key.
    fn by(&self, values: &[(&str, TokenStream)]) -> TokenStream {
        let fields: Vec<&str> = values.iter().map(|(field, _)| *field).collect();
        let unique = self.model.unique(&fields).expect("the plan has checked the keys");
        let value = |column: &u16| {
            let field = &self.model.columns[usize::from(*column)].field;
            values.iter().find(|(name, _)| name == field).map(|(_, value)| value)
        };
        let arguments = unique.columns.iter().filter_map(value);
        let (module, constructor) = (self.module(), &unique.constructor);
        quote!(super::#module::#constructor(#(#arguments),*))
    }

    /// `.create(New { … })`, with setters for the fields that have a default.
    fn create(&self, values: &[(&str, TokenStream)]) -> TokenStream {
        let module = self.module();
        let (required, others): (Vec<_>, Vec<_>) =
            values.iter().partition(|(field, _)| self.column(field).is_required());
        let new = required.iter().map(|(field, value)| {
            let ident = self.field(field);
            quote!(#ident: #value)
        });
        let setters = others.iter().map(|(field, value)| {
            let setter = self.setter(field);
            quote!(.#setter(#value))
        });
        quote!(.create(super::#module::New { #(#new),* }) #(#setters)*)
    }

    /// Handle and method of the relation to the user.
    fn user(&self) -> (TokenStream, &'a Ident) {
        let relation =
            self.model.relation_to_user(&self.client.models).expect("the plan has checked the relation");
        let (module, handle) = (self.module(), &relation.handle);
        (quote!(super::#module::#handle), &relation.accessor)
    }

    /// Which of the optional fields of an account this model has.
    fn token_columns(&self) -> impl Iterator<Item = &'a Column> + use<'a> {
        const TOKENS: [&str; 7] = [
            "refresh_token",
            "access_token",
            "expires_at",
            "token_type",
            "scope",
            "id_token",
            "session_state",
        ];
        let model = self.model;
        TOKENS.into_iter().filter_map(|field| model.column(field))
    }
}

fn users(user: &Part<'_>, account: &Part<'_>) -> TokenStream {
    let users = user.accessor();
    let create = user.create(&[("email", quote!(user.email))]);
    let (by_id, by_email) = (user.by(&[("id", quote!(id.as_str()))]), user.by(&[("email", quote!(email))]));
    let by_updated_id = user.by(&[("id", quote!(update.id.as_str()))]);
    let id = user.handle("id");
    let [name, email, verified, image] =
        ["name", "email", "emailVerified", "image"].map(|field| user.setter(field));
    let accounts = account.accessor();
    let by_account = by_account(account, &quote!(key.provider), &quote!(key.provider_account_id));
    let (include, of_account) = account.user();
    quote! {
        async fn create_user(&self, user: NewUser) -> Result<User, ::nicol::Error> {
            let row = self
                .#users()
                #create
                .#name(user.name)
                .#verified(user.email_verified)
                .#image(user.image)
                .await?;
            Ok(user_of(&row))
        }

        async fn user(&self, id: &UserId) -> Result<Option<User>, ::nicol::Error> {
            let row = self.#users().find_unique(#by_id).await?;
            Ok(row.map(|row| user_of(&row)))
        }

        async fn user_by_email(&self, email: &str) -> Result<Option<User>, ::nicol::Error> {
            let row = self.#users().find_unique(#by_email).await?;
            Ok(row.map(|row| user_of(&row)))
        }

        async fn user_by_account(&self, key: AccountKey<'_>) -> Result<Option<User>, ::nicol::Error> {
            let row = self.#accounts().find_unique(#by_account).include(#include).await?;
            Ok(row.map(|row| user_of(row.#of_account())))
        }

        async fn update_user(&self, update: UserUpdate) -> Result<Option<User>, ::nicol::Error> {
            let mut query = self.#users().update(#by_updated_id);
            if let Some(name) = update.name {
                query = query.#name(name);
            }
            if let Some(email) = update.email {
                query = query.#email(email);
            }
            if let Some(instant) = update.email_verified {
                query = query.#verified(instant);
            }
            if let Some(image) = update.image {
                query = query.#image(image);
            }
            Ok(found(query.await)?.map(|row| user_of(&row)))
        }

        async fn delete_user(&self, id: &UserId) -> Result<bool, ::nicol::Error> {
            Ok(self.#users().delete_many().filter(#id.eq(id.as_str())).await? > 0)
        }
    }
}

fn by_account(account: &Part<'_>, provider: &TokenStream, id: &TokenStream) -> TokenStream {
    account.by(&[("provider", provider.clone()), ("providerAccountId", id.clone())])
}

fn accounts(account: &Part<'_>) -> TokenStream {
    let accounts = account.accessor();
    let create = account.create(&[
        ("userId", quote!(account.user_id.into_string())),
        ("type", quote!(account.kind)),
        ("provider", quote!(account.provider)),
        ("providerAccountId", quote!(account.provider_account_id)),
    ]);
    let setters: Vec<_> = account.token_columns().map(token_setter).collect();
    let by_key = by_account(account, &quote!(key.provider), &quote!(key.provider_account_id));
    let [user_id, provider, provider_account_id] =
        ["userId", "provider", "providerAccountId"].map(|field| account.handle(field));
    // Two calls that renew one token both name the old one: only the first changes the row.
    let unchanged = account.model.column("access_token").map(|_| {
        let handle = account.handle("access_token");
        quote! {
            .and(match was {
                Some(was) => #handle.eq(was.expose()).into(),
                None => #handle.is_null(),
            })
        }
    });
    let was = if unchanged.is_some() { quote!(was) } else { quote!(_) };
    quote! {
        async fn link_account(&self, account: Account) -> Result<(), ::nicol::Error> {
            self.#accounts() #create #(#setters)* .await?;
            Ok(())
        }

        async fn unlink_account(&self, key: AccountKey<'_>) -> Result<bool, ::nicol::Error> {
            let filter = #provider.eq(key.provider).and(#provider_account_id.eq(key.provider_account_id));
            Ok(self.#accounts().delete_many().filter(filter).await? > 0)
        }

        async fn account(&self, key: AccountKey<'_>) -> Result<Option<Account>, ::nicol::Error> {
            let row = self.#accounts().find_unique(#by_key).await?;
            Ok(row.map(account_of))
        }

        async fn accounts_of(&self, user: &UserId) -> Result<Vec<Account>, ::nicol::Error> {
            let rows = self
                .#accounts()
                .find_many()
                .filter(#user_id.eq(user.as_str()))
                .order_by((#provider.asc(), #provider_account_id.asc()))
                .await?;
            Ok(rows.into_iter().map(account_of).collect())
        }

        async fn renew_account(&self, account: Account, #was: Option<&Secret>) -> Result<bool, ::nicol::Error> {
            let filter = #provider
                .eq(account.provider.as_str())
                .and(#provider_account_id.eq(account.provider_account_id.as_str()))
                #unchanged;
            Ok(self.#accounts().update_many().filter(filter) #(#setters)* .await? > 0)
        }
    }
}

/// The setter of an optional column of `account`.
fn token_setter(column: &Column) -> TokenStream {
    let (setter, name) = (&column.setter, crate::names::ident(&column.field));
    match column.field.as_str() {
        "refresh_token" | "access_token" | "id_token" => {
            quote!(.#setter(account.#name.map(Secret::into_exposed)))
        }
        // An `Int` ends in 2038: an instant behind it is stored as null.
        "expires_at" if is_i32(column) => {
            quote!(.#setter(account.#name.and_then(|seconds| i32::try_from(seconds).ok())))
        }
        _ => quote!(.#setter(account.#name)),
    }
}

fn is_i32(column: &Column) -> bool {
    matches!(&column.ty, ColumnType::Builtin { rust: RustType::I32, .. })
}

fn sessions(session: &Part<'_>) -> TokenStream {
    let sessions = session.accessor();
    let create = session.create(&[
        ("sessionToken", quote!(session.token.expose().to_owned())),
        ("userId", quote!(session.user_id.into_string())),
        ("expires", quote!(session.expires)),
    ]);
    let by_token = session.by(&[("sessionToken", quote!(token.expose()))]);
    let [token, user_id, expires] = ["sessionToken", "userId", "expires"].map(|field| session.handle(field));
    let set_expires = session.setter("expires");
    let (include, user) = session.user();
    quote! {
        async fn create_session(&self, session: Session) -> Result<(), ::nicol::Error> {
            self.#sessions() #create .await?;
            Ok(())
        }

        async fn session_and_user(&self, token: &SessionToken) -> Result<Option<(Session, User)>, ::nicol::Error> {
            let row = self.#sessions().find_unique(#by_token).include(#include).await?;
            Ok(row.map(|row| (session_of(&row), user_of(row.#user()))))
        }

        async fn update_session(&self, token: &SessionToken, expires: DateTime) -> Result<bool, ::nicol::Error> {
            let filter = #token.eq(token.expose());
            Ok(self.#sessions().update_many().filter(filter).#set_expires(expires).await? > 0)
        }

        async fn delete_session(&self, token: &SessionToken) -> Result<bool, ::nicol::Error> {
            Ok(self.#sessions().delete_many().filter(#token.eq(token.expose())).await? > 0)
        }

        async fn sessions_of(&self, user: &UserId) -> Result<Vec<Session>, ::nicol::Error> {
            let rows = self
                .#sessions()
                .find_many()
                .filter(#user_id.eq(user.as_str()))
                .order_by(#expires.desc())
                .await?;
            Ok(rows.iter().map(session_of).collect())
        }

        async fn delete_sessions_of(
            &self,
            user: &UserId,
            keep: Option<&SessionToken>,
        ) -> Result<u64, ::nicol::Error> {
            let keep = keep.into_iter().map(SessionToken::expose);
            let filter = #user_id.eq(user.as_str()).and(#token.not_in(keep));
            self.#sessions().delete_many().filter(filter).await
        }
    }
}

fn tokens(token: &Part<'_>) -> TokenStream {
    let tokens = token.accessor();
    let create = token.create(&[
        ("identifier", quote!(token.identifier)),
        ("token", quote!(token.token.as_str().to_owned())),
        ("expires", quote!(token.expires)),
    ]);
    let by_key = token.by(&[("identifier", quote!(identifier)), ("token", quote!(token.as_str()))]);
    let [identifier, hash, expires] = ["identifier", "token", "expires"].map(|field| token.field(field));
    quote! {
        async fn create_verification_token(&self, token: VerificationToken) -> Result<(), ::nicol::Error> {
            self.#tokens() #create .await?;
            Ok(())
        }

        async fn use_verification_token(
            &self,
            identifier: &str,
            token: &HashedToken,
        ) -> Result<Option<VerificationToken>, ::nicol::Error> {
            let row = found(self.#tokens().delete(#by_key).await)?;
            Ok(row.map(|row| VerificationToken {
                identifier: row.#identifier,
                token: HashedToken::new(row.#hash),
                expires: row.#expires,
            }))
        }
    }
}

/// Deletes batches by key. Each deletion checks the expiry again, so that a session that was extended meanwhile stays.
fn delete_expired(session: &Part<'_>, token: &Part<'_>) -> TokenStream {
    let delete = |part: &Part<'_>, key: &str| {
        let (rows, expires, handle, field) =
            (part.accessor(), part.handle("expires"), part.handle(key), part.field(key));
        quote! {
            let rows = self.#rows().find_many().filter(#expires.lt(before)).take(u64::from(most)).await?;
            let expired = #expires.lt(before).and(#handle.is_in(rows.into_iter().map(|row| row.#field)));
            deleted += self.#rows().delete_many().filter(expired).await?;
        }
    };
    let (sessions, tokens) = (delete(session, "sessionToken"), delete(token, "token"));
    quote! {
        async fn delete_expired(&self, before: DateTime, most: u32) -> Result<u64, ::nicol::Error> {
            let mut deleted = 0;
            #sessions
            #tokens
            Ok(deleted)
        }
    }
}

/// Conversions from rows.
fn helpers(user: &Part<'_>, account: &Part<'_>, session: &Part<'_>) -> TokenStream {
    let (user_module, account_module, session_module) = (user.module(), account.module(), session.module());
    let [id, name, email, verified, image] =
        ["id", "name", "email", "emailVerified", "image"].map(|field| user.field(field));
    let [user_id, kind, provider, provider_account_id] =
        ["userId", "type", "provider", "providerAccountId"].map(|field| account.field(field));
    let token = |name: &str| {
        let member = crate::names::ident(name);
        let Some(column) = account.model.column(name) else { return quote!(#member: None) };
        let field = &column.ident;
        match name {
            "refresh_token" | "access_token" | "id_token" => quote!(#member: row.#field.map(Secret::new)),
            "expires_at" if is_i32(column) => quote!(#member: row.#field.map(i64::from)),
            _ => quote!(#member: row.#field),
        }
    };
    let tokens =
        ["refresh_token", "access_token", "expires_at", "token_type", "scope", "id_token", "session_state"]
            .map(token);
    let [session_token, session_user_id, expires] =
        ["sessionToken", "userId", "expires"].map(|field| session.field(field));
    quote! {
        fn user_of(row: &super::#user_module::Row) -> User {
            User {
                id: UserId::new(row.#id.as_str()),
                name: row.#name.clone(),
                email: row.#email.clone(),
                email_verified: row.#verified,
                image: row.#image.clone(),
            }
        }

        fn account_of(row: super::#account_module::Row) -> Account {
            Account {
                user_id: UserId::new(row.#user_id),
                kind: row.#kind,
                provider: row.#provider,
                provider_account_id: row.#provider_account_id,
                #(#tokens,)*
            }
        }

        fn session_of(row: &super::#session_module::Row) -> Session {
            Session {
                token: SessionToken::new(row.#session_token.as_str()),
                user_id: UserId::new(row.#session_user_id.as_str()),
                expires: row.#expires,
            }
        }

        /// Turns the error that there is no such row into `None`.
        fn found<T>(result: Result<T, ::nicol::Error>) -> Result<Option<T>, ::nicol::Error> {
            match result {
                Ok(row) => Ok(Some(row)),
                Err(error) if error.code() == "P2025" => Ok(None),
                Err(error) => Err(error),
            }
        }
    }
}
