//! nicol.

use db::{Client, Post, User, item, post, user};
use futures_util::TryStreamExt as _;
use harness::{CONNECTIONS, Item, NewUser, PAGE, Peer, Rows, Value, json};

mod db {
    nicol::client!();
}

fn user_cells(user: &User) -> Value {
    json!([user.id, user.email, user.name, user.visits, user.created_at.timestamp_millis()])
}

fn post_cells(post: &Post) -> Value {
    let Post { id, title, body, published, rating, created_at, author_id } = post;
    json!([id, title, body, published, rating, created_at.timestamp_millis(), author_id])
}

impl Peer for Client {
    async fn connect(url: &str) -> Self {
        let separator = if url.contains('?') { '&' } else { '?' };
        let url = format!("{url}{separator}connection_limit={CONNECTIONS}");
        Self::connect(&url).await.expect("the server is there")
    }

    async fn find(&self, id: i32, rows: &Rows) {
        let user = self.user().find_unique(user::by_id(id)).or_not_found().await;
        rows.row(user.expect("a row"), user_cells);
    }

    async fn page(&self, after: i32, rows: &Rows) {
        let page = self.user().find_many().filter(user::id.gt(after)).order_by(user::id.asc());
        for user in page.take(u64::from(PAGE)).await.expect("rows") {
            rows.row(user, user_cells);
        }
    }

    async fn create_many(&self, items: Vec<Item>) -> u64 {
        let new = items.into_iter().map(|item| {
            let Item { name, note, quantity, price, active } = item;
            item::create(item::New { name, quantity, price, active }).note(note)
        });
        self.item().create_many(new).await.expect("rows")
    }

    async fn create_with_children(&self, new: NewUser, rows: &Rows) {
        let posts = new
            .posts
            .into_iter()
            .map(|new| post::create_in_author(post::NewInAuthor { title: new.title }).rating(new.rating));
        let posts = posts.collect::<Vec<_>>();
        let user = self.user().create(user::New { email: new.email }).name(new.name).with(user::posts.create(posts)).await;
        rows.row(user.expect("a row"), |user| json!([user.id, user.email, user.name, user.visits]));
    }

    async fn read_with_children(&self, id: i32, rows: &Rows) {
        let user = self
            .user()
            .find_unique(user::by_id(id))
            .include(user::posts.order_by(post::id.asc()))
            .or_not_found()
            .await
            .expect("a row");
        rows.row(&*user, |user| user_cells(user));
        for post in user.posts() {
            rows.row(post, |post| post_cells(post));
        }
    }

    async fn stream(&self, rows: &Rows) {
        let mut posts = self.post().find_many().stream().await.expect("rows");
        while let Some(post) = posts.try_next().await.expect("rows") {
            rows.row(post, post_cells);
        }
    }

    async fn update(&self, id: i32, name: String, rows: &Rows) {
        let user = self.user().update(user::by_id(id)).name(name).await;
        rows.row(user.expect("a row"), user_cells);
    }
}

fn main() {
    harness::run::<Client>();
}
