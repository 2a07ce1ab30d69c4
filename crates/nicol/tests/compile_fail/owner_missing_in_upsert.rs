//~ say which `Author` it belongs to: `.with(….connect(…))`

#[path = "../../../codegen/tests/data/relations/out/mod.rs"]
mod db;

use db::{Client, post};

pub async fn write(db: Client) -> Result<i32, nicol::Error> {
    let new = post::NewInAuthor { title: "a".into() };
    Ok(db.post().upsert(post::by_id(1), new, |post| post.title("b")).await?.id)
}
