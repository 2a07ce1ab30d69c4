//~ say first which `Author` it belongs to: `.with(….connect(…))`
//~ this is not the relation `Author`

#[path = "../../../codegen/tests/data/relations/out/mod.rs"]
mod db;

use db::{Client, post, tag};

pub async fn write(db: Client) -> Result<i32, nicol::Error> {
    let tags = post::tags.connect(tag::by_name("a"));
    Ok(db.post().create(post::NewInAuthor { title: "a".into() }).with(tags).await?.id)
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<i32, nicol::Error>>> {
    Box::new(write(db))
}
