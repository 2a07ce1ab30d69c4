//! tokio-postgres with prepared statements and the simplest pool.

use std::sync::Mutex;

use chrono::NaiveDateTime;
use futures_util::{TryStreamExt as _, future};
use harness::{CONNECTIONS, Item, NewUser, PAGE, Peer, Rows, Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_postgres::{Client, NoTls, Row, Statement};

struct User {
    id: i32,
    email: String,
    name: Option<String>,
    visits: i64,
    created_at: NaiveDateTime,
}

struct Post {
    id: i32,
    title: String,
    body: Option<String>,
    published: bool,
    rating: f64,
    created_at: NaiveDateTime,
    author_id: i32,
}

const USER: &str = "id, email, name, visits, created_at";
const POST: &str = "id, title, body, published, rating, created_at, author_id";

impl From<Row> for User {
    fn from(row: Row) -> Self {
        Self {
            id: row.get(0),
            email: row.get(1),
            name: row.get(2),
            visits: row.get(3),
            created_at: row.get(4),
        }
    }
}

impl From<Row> for Post {
    fn from(row: Row) -> Self {
        Self {
            id: row.get(0),
            title: row.get(1),
            body: row.get(2),
            published: row.get(3),
            rating: row.get(4),
            created_at: row.get(5),
            author_id: row.get(6),
        }
    }
}

fn user_cells(user: &User) -> Value {
    json!([user.id, user.email, user.name, user.visits, user.created_at.and_utc().timestamp_millis()])
}

fn post_cells(post: &Post) -> Value {
    let Post { id, title, body, published, rating, created_at, author_id } = post;
    json!([id, title, body, published, rating, created_at.and_utc().timestamp_millis(), author_id])
}

struct Connection {
    client: Client,
    find: Statement,
    page: Statement,
    create_items: Statement,
    create_user: Statement,
    create_posts: Statement,
    posts_of: Statement,
    all_posts: Statement,
    update: Statement,
}

impl Connection {
    async fn open(url: &str) -> Result<Self, tokio_postgres::Error> {
        let (client, driver) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(async move { driver.await.expect("the server stays") });
        let prepare = async |sql: &str| client.prepare(sql).await;
        Ok(Self {
            find: prepare(&format!("SELECT {USER} FROM users WHERE id = $1")).await?,
            page: prepare(&format!("SELECT {USER} FROM users WHERE id > $1 ORDER BY id LIMIT $2")).await?,
            create_items: prepare(
                "INSERT INTO items (name, note, quantity, price, active)
                 SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::float8[], $5::bool[])",
            )
            .await?,
            create_user: prepare(&format!(
                "INSERT INTO users (email, name) VALUES ($1, $2) RETURNING {USER}"
            ))
            .await?,
            create_posts: prepare(
                "INSERT INTO posts (author_id, title, rating)
                 SELECT $1::int, * FROM unnest($2::text[], $3::float8[])",
            )
            .await?,
            posts_of: prepare(&format!("SELECT {POST} FROM posts WHERE author_id = $1 ORDER BY id")).await?,
            all_posts: prepare(&format!("SELECT {POST} FROM posts")).await?,
            update: prepare(&format!("UPDATE users SET name = $2 WHERE id = $1 RETURNING {USER}")).await?,
            client,
        })
    }
}

struct Pool {
    permits: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

struct Lease<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
    _permit: SemaphorePermit<'a>,
}

impl Pool {
    async fn lease(&self) -> Lease<'_> {
        let permit = self.permits.acquire().await.expect("the pool stays open");
        let connection = self.idle.lock().expect("no panic").pop();
        Lease { pool: self, connection, _permit: permit }
    }
}

impl std::ops::Deref for Lease<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("it has a connection until it is dropped")
    }
}

impl std::ops::DerefMut for Lease<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("it has a connection until it is dropped")
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.pool.idle.lock().expect("no panic").extend(self.connection.take());
    }
}

impl Peer for Pool {
    async fn connect(url: &str) -> Self {
        let opened = future::try_join_all((0..CONNECTIONS).map(|_| Connection::open(url))).await;
        let idle = opened.expect("the server is there");
        Self { permits: Semaphore::new(idle.len()), idle: Mutex::new(idle) }
    }

    async fn find(&self, id: i32, rows: &Rows) {
        let connection = self.lease().await;
        let user = connection.client.query_one(&connection.find, &[&id]).await.expect("a row");
        rows.row(User::from(user), user_cells);
    }

    async fn page(&self, after: i32, rows: &Rows) {
        let connection = self.lease().await;
        let page =
            connection.client.query(&connection.page, &[&after, &i64::from(PAGE)]).await.expect("rows");
        for user in page.into_iter().map(User::from).collect::<Vec<_>>() {
            rows.row(user, user_cells);
        }
    }

    async fn create_many(&self, items: Vec<Item>) -> u64 {
        let names: Vec<&str> = items.iter().map(|item| &*item.name).collect();
        let notes: Vec<Option<&str>> = items.iter().map(|item| item.note.as_deref()).collect();
        let quantities: Vec<i32> = items.iter().map(|item| item.quantity).collect();
        let prices: Vec<f64> = items.iter().map(|item| item.price).collect();
        let actives: Vec<bool> = items.iter().map(|item| item.active).collect();
        let connection = self.lease().await;
        let created = connection
            .client
            .execute(&connection.create_items, &[&names, &notes, &quantities, &prices, &actives])
            .await;
        created.expect("rows")
    }

    async fn create_with_children(&self, new: NewUser, rows: &Rows) {
        let titles: Vec<&str> = new.posts.iter().map(|post| &*post.title).collect();
        let ratings: Vec<f64> = new.posts.iter().map(|post| post.rating).collect();
        let mut connection = self.lease().await;
        let Connection { client, create_user, create_posts, .. } = &mut *connection;
        let transaction = client.transaction().await.expect("a transaction");
        let user = transaction.query_one(create_user, &[&new.email, &new.name]).await.expect("a row");
        let user = User::from(user);
        transaction.execute(create_posts, &[&user.id, &titles, &ratings]).await.expect("rows");
        transaction.commit().await.expect("a commit");
        // When it was created differs.
        rows.row(user, |user| json!([user.id, user.email, user.name, user.visits]));
    }

    async fn read_with_children(&self, id: i32, rows: &Rows) {
        let connection = self.lease().await;
        // Both are sent before the first is answered.
        let (user, posts) = future::try_join(
            connection.client.query_one(&connection.find, &[&id]),
            connection.client.query(&connection.posts_of, &[&id]),
        )
        .await
        .expect("rows");
        rows.row(User::from(user), user_cells);
        for post in posts.into_iter().map(Post::from).collect::<Vec<_>>() {
            rows.row(post, post_cells);
        }
    }

    async fn stream(&self, rows: &Rows) {
        let connection = self.lease().await;
        let none: [i32; 0] = [];
        let posts = connection.client.query_raw(&connection.all_posts, none).await.expect("rows");
        let mut posts = std::pin::pin!(posts);
        while let Some(post) = posts.try_next().await.expect("rows") {
            rows.row(Post::from(post), post_cells);
        }
    }

    async fn update(&self, id: i32, name: String, rows: &Rows) {
        let connection = self.lease().await;
        let user = connection.client.query_one(&connection.update, &[&id, &name]).await.expect("a row");
        rows.row(User::from(user), user_cells);
    }
}

fn main() {
    harness::run::<Pool>();
}
