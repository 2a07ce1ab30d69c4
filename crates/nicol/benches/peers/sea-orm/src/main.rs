//! SeaORM.

use futures_util::TryStreamExt as _;
use harness::{CONNECTIONS, Item, NewUser, PAGE, Peer, Rows, Value, json};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectOptions, Database, DatabaseConnection, DbErr,
    EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, TransactionTrait as _,
};

mod user {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub email: String,
        pub name: Option<String>,
        pub visits: i64,
        pub created_at: DateTime,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(has_many = "super::post::Entity")]
        Post,
    }

    impl Related<super::post::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Post.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod post {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "posts")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub title: String,
        pub body: Option<String>,
        pub published: bool,
        pub rating: f64,
        pub created_at: DateTime,
        pub author_id: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::user::Entity",
            from = "Column::AuthorId",
            to = "super::user::Column::Id"
        )]
        User,
    }

    impl Related<super::user::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::User.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod item {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "items")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        pub note: Option<String>,
        pub quantity: i32,
        pub price: f64,
        pub active: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn user_cells(user: &user::Model) -> Value {
    json!([user.id, user.email, user.name, user.visits, user.created_at.and_utc().timestamp_millis()])
}

fn post_cells(post: &post::Model) -> Value {
    let post::Model { id, title, body, published, rating, created_at, author_id } = post;
    json!([id, title, body, published, rating, created_at.and_utc().timestamp_millis(), author_id])
}

struct SeaOrm(DatabaseConnection);

impl Peer for SeaOrm {
    async fn connect(url: &str) -> Self {
        let mut options = ConnectOptions::new(url);
        options.max_connections(CONNECTIONS).sqlx_logging(false);
        Self(Database::connect(options).await.expect("the server is there"))
    }

    async fn find(&self, id: i32, rows: &Rows) {
        let user = user::Entity::find_by_id(id).one(&self.0).await;
        rows.row(user.expect("an answer").expect("a row"), user_cells);
    }

    async fn page(&self, after: i32, rows: &Rows) {
        let page = user::Entity::find().filter(user::Column::Id.gt(after)).order_by_asc(user::Column::Id);
        for user in page.limit(u64::from(PAGE)).all(&self.0).await.expect("rows") {
            rows.row(user, user_cells);
        }
    }

    async fn create_many(&self, items: Vec<Item>) -> u64 {
        let new = items.into_iter().map(|item| item::ActiveModel {
            name: Set(item.name),
            note: Set(item.note),
            quantity: Set(item.quantity),
            price: Set(item.price),
            active: Set(item.active),
            ..Default::default()
        });
        item::Entity::insert_many(new).exec_without_returning(&self.0).await.expect("rows")
    }

    async fn create_with_children(&self, new: NewUser, rows: &Rows) {
        let created = self.0.transaction::<_, user::Model, DbErr>(|transaction| {
            Box::pin(async move {
                let user = user::ActiveModel {
                    email: Set(new.email),
                    name: Set(Some(new.name)),
                    ..Default::default()
                };
                let user = user.insert(transaction).await?;
                let posts = new.posts.into_iter().map(|post| post::ActiveModel {
                    title: Set(post.title),
                    rating: Set(post.rating),
                    author_id: Set(user.id),
                    ..Default::default()
                });
                post::Entity::insert_many(posts).exec_without_returning(transaction).await?;
                Ok(user)
            })
        });
        rows.row(created.await.expect("a row"), |user| json!([user.id, user.email, user.name, user.visits]));
    }

    async fn read_with_children(&self, id: i32, rows: &Rows) {
        let found = user::Entity::find_by_id(id)
            .find_with_related(post::Entity)
            .order_by_asc(post::Column::Id)
            .all(&self.0)
            .await;
        for (user, posts) in found.expect("rows") {
            rows.row(user, user_cells);
            for post in posts {
                rows.row(post, post_cells);
            }
        }
    }

    async fn stream(&self, rows: &Rows) {
        let mut posts = post::Entity::find().stream(&self.0).await.expect("rows");
        while let Some(post) = posts.try_next().await.expect("rows") {
            rows.row(post, post_cells);
        }
    }

    async fn update(&self, id: i32, name: String, rows: &Rows) {
        let user = user::ActiveModel { id: Set(id), name: Set(Some(name)), ..Default::default() };
        rows.row(user.update(&self.0).await.expect("a row"), user_cells);
    }
}

fn main() {
    harness::run::<SeaOrm>();
}
