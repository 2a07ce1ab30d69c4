//~ `same` is for upserts: the row that exists takes over what the new one sets

#[path = "../nested/db/mod.rs"]
mod db;

use db::{Client, member, team};
use nicol::same;

pub async fn update(db: Client) -> Result<i32, nicol::Error> {
    Ok(db.team().update(team::by_id(1)).with(team::members.update(member::by_id(1), same)).await?.id)
}
