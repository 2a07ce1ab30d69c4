//~ rows of a many-to-many relation are created by `create`
//~ both ends of this relation are lists

#[path = "../../../codegen/tests/data/relations/out/mod.rs"]
mod db;

use db::{Client, post, tag};

pub async fn write(db: Client) -> Result<i32, nicol::Error> {
    let tags = post::tags.create_many([tag::New { name: "a".into() }]);
    Ok(db.post().update(post::by_id(1)).with(tags).await?.id)
}

/// Keeps the future, so that it is compiled to the end.
pub fn keep(db: Client) -> Box<dyn Future<Output = Result<i32, nicol::Error>>> {
    Box::new(write(db))
}
