//! sqlx. Many rows are inserted from arrays, as its FAQ advises.

use chrono::NaiveDateTime;
use futures_util::TryStreamExt as _;
use harness::{CONNECTIONS, Item, NewUser, PAGE, Peer, Rows, Value, json};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

#[derive(sqlx::FromRow)]
struct User {
    id: i32,
    email: String,
    name: Option<String>,
    visits: i64,
    created_at: NaiveDateTime,
}

#[derive(sqlx::FromRow)]
struct Post {
    id: i32,
    title: String,
    body: Option<String>,
    published: bool,
    rating: f64,
    created_at: NaiveDateTime,
    author_id: i32,
}

fn user_cells(user: &User) -> Value {
    json!([user.id, user.email, user.name, user.visits, user.created_at.and_utc().timestamp_millis()])
}

fn post_cells(post: &Post) -> Value {
    let Post { id, title, body, published, rating, created_at, author_id } = post;
    json!([id, title, body, published, rating, created_at.and_utc().timestamp_millis(), author_id])
}

const POSTS: &str = "SELECT id, title, body, published, rating, created_at, author_id FROM posts";
const FIND: &str = "SELECT id, email, name, visits, created_at FROM users WHERE id = $1";

struct Sqlx(PgPool);

impl Peer for Sqlx {
    async fn connect(url: &str) -> Self {
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect(url).await;
        Self(pool.expect("the server is there"))
    }

    async fn find(&self, id: i32, rows: &Rows) {
        let user = sqlx::query_as::<_, User>(FIND).bind(id).fetch_one(&self.0).await;
        rows.row(user.expect("a row"), user_cells);
    }

    async fn page(&self, after: i32, rows: &Rows) {
        let sql = "SELECT id, email, name, visits, created_at FROM users WHERE id > $1 ORDER BY id LIMIT $2";
        let page = sqlx::query_as::<_, User>(sql).bind(after).bind(i64::from(PAGE)).fetch_all(&self.0).await;
        for user in page.expect("rows") {
            rows.row(user, user_cells);
        }
    }

    async fn create_many(&self, items: Vec<Item>) -> u64 {
        let (mut names, mut notes) = (Vec::new(), Vec::new());
        let (mut quantities, mut prices, mut actives) = (Vec::new(), Vec::new(), Vec::new());
        for item in items {
            names.push(item.name);
            notes.push(item.note);
            quantities.push(item.quantity);
            prices.push(item.price);
            actives.push(item.active);
        }
        let sql = "INSERT INTO items (name, note, quantity, price, active)
             SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::float8[], $5::bool[])";
        let query = sqlx::query(sql).bind(names).bind(notes).bind(quantities).bind(prices).bind(actives);
        query.execute(&self.0).await.expect("rows").rows_affected()
    }

    async fn create_with_children(&self, new: NewUser, rows: &Rows) {
        let (titles, ratings): (Vec<String>, Vec<f64>) =
            new.posts.into_iter().map(|post| (post.title, post.rating)).unzip();
        let mut transaction = self.0.begin().await.expect("a transaction");
        let sql =
            "INSERT INTO users (email, name) VALUES ($1, $2) RETURNING id, email, name, visits, created_at";
        let user = sqlx::query_as::<_, User>(sql).bind(new.email).bind(new.name);
        let user = user.fetch_one(&mut *transaction).await.expect("a row");
        let sql = "INSERT INTO posts (author_id, title, rating)
             SELECT $1::int, * FROM unnest($2::text[], $3::float8[])";
        let posts = sqlx::query(sql).bind(user.id).bind(titles).bind(ratings);
        posts.execute(&mut *transaction).await.expect("rows");
        transaction.commit().await.expect("a commit");
        rows.row(user, |user| json!([user.id, user.email, user.name, user.visits]));
    }

    async fn read_with_children(&self, id: i32, rows: &Rows) {
        let mut connection = self.0.acquire().await.expect("a connection");
        let user = sqlx::query_as::<_, User>(FIND).bind(id).fetch_one(&mut *connection).await;
        let sql = "SELECT id, title, body, published, rating, created_at, author_id FROM posts
             WHERE author_id = $1 ORDER BY id";
        let posts = sqlx::query_as::<_, Post>(sql).bind(id).fetch_all(&mut *connection).await;
        rows.row(user.expect("a row"), user_cells);
        for post in posts.expect("rows") {
            rows.row(post, post_cells);
        }
    }

    async fn stream(&self, rows: &Rows) {
        let mut posts = sqlx::query_as::<_, Post>(POSTS).fetch(&self.0);
        while let Some(post) = posts.try_next().await.expect("rows") {
            rows.row(post, post_cells);
        }
    }

    async fn update(&self, id: i32, name: String, rows: &Rows) {
        let sql = "UPDATE users SET name = $2 WHERE id = $1 RETURNING id, email, name, visits, created_at";
        let user = sqlx::query_as::<_, User>(sql).bind(id).bind(name).fetch_one(&self.0).await;
        rows.row(user.expect("a row"), user_cells);
    }
}

fn main() {
    harness::run::<Sqlx>();
}
