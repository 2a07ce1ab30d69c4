//~ say first which rows it belongs to, each of them once: `seat::types::Role` is none of the relations whose keys this row lacks
//~ none of the relations whose keys this row lacks

#[path = "../nested/db/mod.rs"]
mod db;

use db::{Client, role, seat};

pub async fn write(db: Client) -> Result<i32, nicol::Error> {
    let new = seat::NewByRelations { label: "a".into() };
    let seat = db.seat().create(new).with(seat::role.connect(role::by_id(1)));
    let seat = seat.with(seat::role.connect(role::by_id(2)));
    Ok(0)
}
