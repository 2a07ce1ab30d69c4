//~ say which `seat::types::Place` it belongs to: `.with(….connect(…))`
//~ this row lacks the key of the relation `seat::types::Place`

#[path = "../nested/db/mod.rs"]
mod db;

use db::{Client, role, seat, team};

pub async fn write(db: Client) -> Result<i32, nicol::Error> {
    let new = seat::NewByRelations { label: "a".into() };
    let seat = db.seat().create(new).with(seat::role.connect(role::by_id(1)));
    Ok(seat.with(seat::team.connect(team::by_id(1))).await?.id)
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<i32, nicol::Error>>> {
    Box::new(write(db))
}
