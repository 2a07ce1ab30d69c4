//~ `Vec<Card>` does not hold a row of `db::user::types::User`
//~ a relation to one row is held by such a struct, one that may be absent by an `Option` of it, and many rows by a `Vec`

#[path = "../client/db/mod.rs"]
mod db;

#[derive(Debug, nicol::Select)]
#[select(db::account)]
pub struct Entry {
    user: Vec<Card>,
}

#[derive(Debug, nicol::Select)]
#[select(db::user)]
pub struct Card {
    email: String,
}
