//! Writes a user with a post, reads both back in one statement, and counts a view.

mod db {
    nicol::client!();
}

use db::{Client, post, user};
use nicol::increment;

#[tokio::main]
async fn main() -> Result<(), nicol::Error> {
    // The URL of the database: `DATABASE_URL`, here or in `.env`.
    dotenvy::dotenv().ok();
    let db = Client::from_env().await?;

    // Required fields are a struct, optional ones are methods.
    let new = user::New { email: "ann@example.com".into() };
    let ann = db.user().upsert(user::by_email("ann@example.com"), new, |user| user.name("Ann")).await?;
    db.post().create(post::New { title: "Hello".into(), author_id: ann.id.clone() }).await?;

    // Without the `include`, `posts()` does not compile.
    let users = db
        .user()
        .find_many()
        .filter(user::email.ends_with("@example.com"))
        .include(user::posts.order_by(post::id.desc()).take(3))
        .await?;
    for user in &users {
        for post in user.posts() {
            let post = db.post().update(post::by_id(post.id)).views(increment(1)).await?;
            println!("{} by {}: {} views", post.title, user.email, post.views);
        }
    }

    let posts = db.post().count().filter(post::author_id.eq(&ann.id)).await?;
    println!("{posts} posts");
    Ok(())
}
