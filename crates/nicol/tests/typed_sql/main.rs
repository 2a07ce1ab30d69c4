//! TypedSQL: the files in `sql` as functions, against a real server.

#![allow(clippy::unwrap_used, reason = "these are tests; the lint does not see it in their helpers")]

mod db;

use db::sql::{Option as OptionRow, PostsOfRoles, Types, Users, UsersByMonth};
use db::{Client, Role, post, user};
use nicol::types::{DateTime, Json};
use nicol::{Handle as _, NULL};
use nicol_migrate::catalog::Catalog;
use testkit::TestDatabase;

async fn database() -> (Client, TestDatabase) {
    let database = TestDatabase::from_template("nicol/tests/typed_sql", async |url| {
        let schema = nicol_schema::validate(include_str!("schema.prisma")).schema.expect("a valid schema");
        let script = nicol_migrate::plan(&Catalog::default(), &nicol_migrate::from_model(&schema)).script();
        let (client, connection) = nicol_pg::connect(url).await.expect("the server is there");
        tokio::spawn(connection);
        client.batch_execute(&script).await.expect("the tables are made");
    })
    .await;
    let client = nicol::Client::connect(&database.url_text()).await.expect("the server is there");
    (Client::from_client(client), database)
}

fn instant(text: &str) -> DateTime {
    text.parse().unwrap()
}

async fn users(db: &Client) {
    let (january, march) = (instant("2020-01-31T12:00:00Z"), instant("2020-03-01T00:00:00Z"));
    for (email, role, time) in
        [("a", Role::User, january), ("b", Role::Admin, january), ("c", Role::User, march)]
    {
        let user = db.user().create(user::New { email: email.into() }).role(role).created_at(time);
        let user = user.roles([Role::Admin, Role::User].to_vec()).tags(vec![email.to_owned()]).await.unwrap();
        db.post().create(post::New { title: email.to_uppercase() }).author_id(user.id).await.unwrap();
    }
    db.post().create(post::New { title: "nobody's".into() }).await.unwrap();
}

#[tokio::test]
async fn parameters_and_columns_have_types() {
    let (db, _database) = database().await;
    users(&db).await;
    let months = db.sql().users_by_month(instant("2020-01-01T00:00:00Z"), NULL).await.unwrap();
    let month = |text, users| UsersByMonth { month: instant(text), users };
    assert_eq!(months, [month("2020-01-01T00:00:00Z", 2), month("2020-03-01T00:00:00Z", 1)]);
    let until = instant("2020-02-01T00:00:00Z");
    assert_eq!(db.sql().users_by_month(until, until).await.unwrap(), []);
    assert_eq!(
        serde_json::to_value(&months[..1]).unwrap(),
        serde_json::json!([{ "month": "2020-01-01T00:00:00Z", "users": 2 }])
    );

    // Below a sort, an outer join makes columns null.
    let posts = db.sql().posts_of_roles(vec![Role::Admin], 10).await.unwrap();
    let ann = PostsOfRoles {
        title: "B".into(),
        views: 0,
        email: Some("b".into()),
        role: Some(Role::Admin),
        roles: Some(vec![Role::Admin, Role::User]),
        tags: Some(vec!["b".into()]),
        name: None,
    };
    let nobody = PostsOfRoles {
        title: "nobody's".into(),
        views: 0,
        email: None,
        role: None,
        roles: None,
        tags: None,
        name: None,
    };
    assert_eq!(posts, [ann, nobody]);
    assert_eq!(db.sql().posts_of_roles(vec![], 10).await.unwrap().len(), 1);
    let found: Vec<Users> = db.sql().users(Role::User).read_only().await.unwrap();
    assert_eq!(found.iter().map(|user| user.email.as_str()).collect::<Vec<_>>(), ["a", "c"]);
}

#[tokio::test]
async fn statements_without_rows_count_and_take_part_in_batches_and_transactions() {
    let (db, _database) = database().await;
    users(&db).await;
    let (first, none, names) = db
        .batch((db.sql().rename_user(1, "Ann"), db.sql().rename_user(99, "Bob"), db.sql().users(Role::User)))
        .await
        .unwrap();
    assert_eq!((first, none, names[0].name.as_deref()), (1, 0, Some("Ann")));
    let failed = db
        .transaction()
        .run(async |tx| {
            assert_eq!(tx.sql().rename_user(1, NULL).await?, 1);
            assert_eq!(tx.sql().users(Role::User).await?[0].name, None);
            tx.user().delete(user::by_id(99)).await.map(drop)
        })
        .await;
    assert_eq!(failed.unwrap_err().code(), "P2025");
    assert_eq!(db.sql().users(Role::User).await.unwrap()[0].name.as_deref(), Some("Ann"));
}

#[tokio::test]
async fn names_of_every_kind() {
    let (db, _database) = database().await;
    // The parameter without a name is `p3`.
    let rows = db.sql().option("'; drop table users; --", 7, "x").await.unwrap();
    let OptionRow { self_, r#type, string, a_b, vec } = rows.into_iter().next().unwrap();
    assert_eq!(
        (self_.as_deref(), r#type, string.as_deref()),
        (Some("'; drop table users; --"), Some(7), Some("x"))
    );
    assert_eq!((a_b, vec), (Some(1), None));
}

#[tokio::test]
async fn every_type_is_read() {
    let (db, _database) = database().await;
    let Types {
        bool,
        int2,
        oid,
        float4,
        numeric,
        char,
        name,
        uuid,
        date,
        time,
        timestamp,
        json,
        bytea,
        inet,
        ints,
        ..
    } = db.sql().types().await.unwrap().remove(0);
    assert_eq!((bool, int2, oid, float4), (Some(true), Some(1), Some(1), Some(1.0)));
    assert_eq!(
        (numeric.unwrap().to_string(), char.as_deref(), name.as_deref()),
        ("1".into(), Some("a  "), Some("a"))
    );
    assert_eq!(uuid.unwrap().as_u128(), 1);
    assert_eq!(
        (date.unwrap().to_string(), time.unwrap().to_string()),
        ("2020-01-02".into(), "03:04:00".into())
    );
    assert_eq!(timestamp, Some(instant("2020-01-02T00:00:00Z")));
    assert_eq!(
        (json, bytea, inet.as_deref()),
        (Some(Json::Object(<_>::default())), Some(vec![1]), Some("127.0.0.1"))
    );
    assert_eq!(ints, Some(vec![1, 2]));
}
