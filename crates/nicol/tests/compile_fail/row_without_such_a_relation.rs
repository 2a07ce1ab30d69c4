//~ `user::types::User` has no relation of this name
//~ no relation of `user::types::User`

#[path = "../client/db/mod.rs"]
mod db;

pub fn email(row: &nicol::row!(db::user { posts })) -> &str {
    &row.email
}
