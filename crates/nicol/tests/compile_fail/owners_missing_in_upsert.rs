//~ say which `seat::types::Place` it belongs to: `.with(….connect(…))`

#[path = "../nested/db/mod.rs"]
mod db;

use db::{Client, role, seat, team};

pub async fn write(db: Client) -> Result<i32, nicol::Error> {
    let new = seat::NewByRelations { label: "a".into() };
    let new = new.with(seat::role.connect(role::by_id(1))).with(seat::team.connect(team::by_id(1)));
    Ok(db.seat().upsert(seat::by_id(1), new, |seat| seat.color("b")).await?.id)
}
