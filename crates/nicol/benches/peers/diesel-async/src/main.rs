//! diesel-async with its bb8 pool.

use std::pin::pin;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::bb8::{Pool, PooledConnection};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};
use futures_util::TryStreamExt as _;
use harness::{CONNECTIONS, NewUser, PAGE, Peer, Rows, Value, json};

use schema::{items, posts, users};

mod schema {
    diesel::table! {
        users (id) {
            id -> Integer,
            email -> Text,
            name -> Nullable<Text>,
            visits -> BigInt,
            created_at -> Timestamp,
        }
    }

    diesel::table! {
        posts (id) {
            id -> Integer,
            title -> Text,
            body -> Nullable<Text>,
            published -> Bool,
            rating -> Double,
            created_at -> Timestamp,
            author_id -> Integer,
        }
    }

    diesel::table! {
        items (id) {
            id -> Integer,
            name -> Text,
            note -> Nullable<Text>,
            quantity -> Integer,
            price -> Double,
            active -> Bool,
        }
    }

    diesel::joinable!(posts -> users (author_id));
    diesel::allow_tables_to_appear_in_same_query!(users, posts);
}

#[derive(Queryable, Selectable, Identifiable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
struct User {
    id: i32,
    email: String,
    name: Option<String>,
    visits: i64,
    created_at: NaiveDateTime,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = posts, belongs_to(User, foreign_key = author_id), check_for_backend(diesel::pg::Pg))]
struct Post {
    id: i32,
    title: String,
    body: Option<String>,
    published: bool,
    rating: f64,
    created_at: NaiveDateTime,
    author_id: i32,
}

#[derive(Insertable)]
#[diesel(table_name = items)]
struct Item {
    name: String,
    note: Option<String>,
    quantity: i32,
    price: f64,
    active: bool,
}

#[derive(Insertable)]
#[diesel(table_name = posts)]
struct NewPost {
    title: String,
    rating: f64,
    author_id: i32,
}

fn user_cells(user: &User) -> Value {
    json!([user.id, user.email, user.name, user.visits, user.created_at.and_utc().timestamp_millis()])
}

fn post_cells(post: &Post) -> Value {
    let Post { id, title, body, published, rating, created_at, author_id } = post;
    json!([id, title, body, published, rating, created_at.and_utc().timestamp_millis(), author_id])
}

struct Diesel(Pool<AsyncPgConnection>);

impl Diesel {
    async fn connection(&self) -> PooledConnection<'_, AsyncPgConnection> {
        self.0.get().await.expect("a connection")
    }
}

impl Peer for Diesel {
    async fn connect(url: &str) -> Self {
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(url);
        Self(Pool::builder().max_size(CONNECTIONS).build(manager).await.expect("the server is there"))
    }

    async fn find(&self, id: i32, rows: &Rows) {
        let mut connection = self.connection().await;
        let user = users::table.find(id).select(User::as_select()).first(&mut connection).await;
        rows.row(user.expect("a row"), user_cells);
    }

    async fn page(&self, after: i32, rows: &Rows) {
        let mut connection = self.connection().await;
        let page = users::table.filter(users::id.gt(after)).order(users::id).limit(i64::from(PAGE));
        for user in page.select(User::as_select()).load(&mut connection).await.expect("rows") {
            rows.row(user, user_cells);
        }
    }

    async fn create_many(&self, items: Vec<harness::Item>) -> u64 {
        let new = |item: harness::Item| {
            let harness::Item { name, note, quantity, price, active } = item;
            Item { name, note, quantity, price, active }
        };
        let new: Vec<Item> = items.into_iter().map(new).collect();
        let mut connection = self.connection().await;
        let created = diesel::insert_into(items::table).values(new).execute(&mut connection).await;
        created.expect("rows").try_into().expect("a small number")
    }

    async fn create_with_children(&self, new: NewUser, rows: &Rows) {
        let mut connection = self.connection().await;
        let created = connection.transaction(async |connection| {
            let user = diesel::insert_into(users::table)
                .values((users::email.eq(new.email), users::name.eq(new.name)))
                .returning(User::as_returning())
                .get_result(connection)
                .await?;
            let post = |post: harness::NewPost| NewPost {
                title: post.title,
                rating: post.rating,
                author_id: user.id,
            };
            let children: Vec<NewPost> = new.posts.into_iter().map(post).collect();
            diesel::insert_into(posts::table).values(children).execute(connection).await?;
            diesel::QueryResult::Ok(user)
        });
        rows.row(created.await.expect("a row"), |user| json!([user.id, user.email, user.name, user.visits]));
    }

    async fn read_with_children(&self, id: i32, rows: &Rows) {
        let mut connection = self.connection().await;
        let user: User =
            users::table.find(id).select(User::as_select()).first(&mut connection).await.expect("a row");
        let posts = Post::belonging_to(&user).order(posts::id).select(Post::as_select());
        let posts = posts.load(&mut connection).await;
        rows.row(user, user_cells);
        for post in posts.expect("rows") {
            rows.row(post, post_cells);
        }
    }

    async fn stream(&self, rows: &Rows) {
        let mut connection = self.connection().await;
        let posts = posts::table.select(Post::as_select()).load_stream(&mut connection).await;
        let mut posts = pin!(posts.expect("rows"));
        while let Some(post) = posts.try_next().await.expect("rows") {
            rows.row(post, post_cells);
        }
    }

    async fn update(&self, id: i32, name: String, rows: &Rows) {
        let mut connection = self.connection().await;
        let user = diesel::update(users::table.find(id))
            .set(users::name.eq(name))
            .returning(User::as_returning())
            .get_result(&mut connection)
            .await;
        rows.row(user.expect("a row"), user_cells);
    }
}

fn main() {
    harness::run::<Diesel>();
}
