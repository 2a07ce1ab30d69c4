//! Creating, changing, deleting; nested and in bulk.

use chrono::Utc;
use nicol::{Kind, NULL, decrement, increment, multiply};

use crate::db::{account, person, post, session, transaction, user};
use crate::support::{Database, new_account, new_person};

#[tokio::test]
async fn what_the_client_makes_has_prismas_form() {
    let test = Database::new().await;
    let ann = test.db.person().create(new_person("ann")).await.unwrap();
    assert!(ann.id.len() == 25 && ann.id.starts_with('c'), "{}", ann.id);
    let given = test.db.person().create(new_person("bob")).id("mine").created_at(Utc::now()).await.unwrap();
    assert_eq!(given.id, "mine");
    let post = test.db.post().create(post::New {}).await.unwrap();
    assert_eq!(post.views, 0, "the database's default");
    assert_eq!(test.statements(), 3);
}

#[tokio::test]
async fn a_taken_key_names_its_fields_and_no_value() {
    let test = Database::new().await;
    test.db.person().create(new_person("ann")).await.unwrap();
    let error = test.db.person().create(new_person("ann")).await.unwrap_err();
    assert!(error.is_unique_violation(&["email"]) && error.code() == "P2002", "{error:?}");
    assert_eq!(error.sqlstate(), Some("23505"));
    assert_eq!(error.to_string(), "a `Person` with this `email` already exists");
    assert!(!format!("{error:?}").contains("ann"), "{error:?}");
    // The child's key, violated in the parent's statement.
    let create = || {
        test.db
            .user()
            .create(user::New { email: "a".into() })
            .with(user::accounts.create(new_account("p", "1")))
    };
    create().await.unwrap();
    test.db.user().update_many().email("b").await.unwrap();
    let error = create().await.unwrap_err();
    let fields = vec!["provider".to_owned(), "providerAccountId".to_owned()];
    assert_eq!(*error.kind(), Kind::UniqueViolation { model: Some("Account"), fields });
    assert_eq!(test.db.user().count().await.unwrap(), 1, "the parent was not written either");
}

#[tokio::test]
async fn nested_rows_are_one_statement_and_come_back() {
    let test = Database::new().await;
    let user = test
        .db
        .user()
        .create(user::New { email: "ann".into() })
        .with(user::accounts.create([
            account::create_in_user(new_account("a", "1")).scope("all"),
            new_account("b", "2").into(),
        ]))
        .include(user::accounts.order_by(account::provider.desc()))
        .include(user::accounts.count())
        .await
        .unwrap();
    assert_eq!(test.statements(), 1);
    let scopes: Vec<_> = user.accounts().iter().map(|account| account.scope.as_deref()).collect();
    assert_eq!((scopes, user.accounts_count()), (vec![None, Some("all")], 2));
    assert!(user.accounts().iter().all(|account| account.user_id == user.id));
}

#[tokio::test]
async fn a_row_is_connected_by_any_key_of_the_other() {
    let test = Database::new().await;
    let ann = test.db.user().create(user::New { email: "ann".into() }).await.unwrap();
    let new = |token: &str| session::NewInUser { session_token: token.into(), expires: Utc::now() };
    let session = test.db.session().create(new("1")).with(session::user.connect(user::by_email("ann")));
    let session = session.include(session::user).await.unwrap();
    assert_eq!((session.user(), session.user_id.as_str()), (&ann, ann.id.as_str()));
    let missing = test
        .db
        .session()
        .create(new("2"))
        .with(session::user.connect(user::by_email("bob")))
        .await
        .unwrap_err();
    assert_eq!(missing.code(), "P2025");
    let orphan = session::New { session_token: "3".into(), user_id: "nobody".into(), expires: Utc::now() };
    assert_eq!(test.db.session().create(orphan).await.unwrap_err().code(), "P2003");
    assert_eq!(test.statements(), 4);
}

#[tokio::test]
async fn rows_of_different_columns_are_written_together() {
    let test = Database::new().await;
    let rows = [
        new_person("a").into(),
        person::create(new_person("b")).created_at(Utc::now()),
        new_person("c").into(),
    ];
    assert_eq!(test.db.person().create_many(rows).await.unwrap(), 3);
    let again = [new_person("a"), new_person("d")];
    assert_eq!(test.db.person().create_many(again.clone()).skip_duplicates().await.unwrap(), 1);
    assert_eq!(test.db.person().create_many(again).await.unwrap_err().code(), "P2002");
    test.statements();
    // More rows than PostgreSQL takes parameters.
    let many = (0..20_000).map(|index| user::create(user::New { email: index.to_string() }).name("x"));
    assert_eq!(test.db.user().create_many(many).await.unwrap(), 20_000);
    assert_eq!(test.statements(), 1);
    let mixed =
        [user::New { email: "with".into() }.into(), user::create(user::New { email: "1".into() }).name("x")];
    assert_eq!(test.db.user().create_many(mixed).await.unwrap_err().code(), "P2002");
    assert_eq!(test.db.user().count().await.unwrap(), 20_000, "all or none");
    assert_eq!(test.db.user().create_many(Vec::<user::Create>::new()).await.unwrap(), 0);
}

#[tokio::test]
async fn an_update_changes_what_was_said_and_the_time() {
    let test = Database::new().await;
    let ann = test.db.person().create(new_person("ann")).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    let changed = test.db.person().update(person::by_id(&ann.id)).name("Ann").name("Ann B").await.unwrap();
    assert_eq!((changed.name.as_str(), changed.created_at), ("Ann B", ann.created_at));
    assert!(changed.updated_at > ann.updated_at);
    let missing = test.db.person().update(person::by_id("x")).name("y").await.unwrap_err();
    assert_eq!(missing.code(), "P2025");
    let other = test.db.person().update(person::by_id(&ann.id)).filter(person::name.eq("x")).name("y").await;
    assert_eq!(other.unwrap_err().code(), "P2025");
    assert_eq!(test.db.person().update_many().filter(person::name.eq("Ann B")).name("A").await.unwrap(), 1);

    let post = test.db.post().create(post::New {}).await.unwrap();
    let update = || test.db.post().update(post::by_id(post.id));
    assert_eq!(update().views(increment(5)).await.unwrap().views, 5);
    assert_eq!(update().views(multiply(3)).await.unwrap().views, 15);
    assert_eq!(update().views(decrement(1)).await.unwrap().views, 14);
    assert_eq!(update().await.unwrap().views, 14, "nothing to change");
    assert_eq!(update().views(increment(i32::MAX)).await.unwrap_err().code(), "P2020");
    assert_eq!(test.db.post().update_many().await.unwrap(), 1);
}

/// As Prisma 6.19 does: the row (or the count) is answered, and `@updatedAt` stays.
#[tokio::test]
async fn without_a_change_the_time_stays() {
    let test = Database::new().await;
    let ann = test.db.person().create(new_person("ann")).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    assert_eq!(test.db.person().update(person::by_id(&ann.id)).await.unwrap(), ann);
    let upsert =
        || test.db.person().upsert(person::by_email("ann@example.com"), new_person("ann"), |row| row);
    assert_eq!(upsert().await.unwrap(), ann);
    let by_id = test.db.person().upsert(person::by_id(&ann.id), new_person("other"), |row| row);
    assert_eq!(by_id.await.unwrap(), ann, "an update, and an insert where it finds nothing");
    assert_eq!(test.db.person().update_many().await.unwrap(), 1);
    let (updated, counted) = test
        .db
        .batch((test.db.person().update(person::by_id(&ann.id)), test.db.person().update_many()))
        .await
        .unwrap();
    assert_eq!((updated, counted), (ann.clone(), 1));
    assert_eq!(test.db.person().find_unique(person::by_id(&ann.id)).await.unwrap().as_ref(), Some(&ann));
    assert_eq!(test.db.person().update(person::by_id("x")).await.unwrap_err().code(), "P2025");
    let filtered = test.db.person().update(person::by_id(&ann.id)).filter(person::name.eq("x")).await;
    assert_eq!(filtered.unwrap_err().code(), "P2025");
    // The value that is there already is a change, for Prisma, too.
    let same = test.db.person().update(person::by_id(&ann.id)).name("ann").await.unwrap();
    assert!(same.updated_at > ann.updated_at);
    let new = test.db.person().upsert(person::by_email("bob@example.com"), new_person("bob"), |row| row);
    assert_eq!(new.await.unwrap().name, "bob");
}

#[tokio::test]
async fn an_update_gives_back_relations_as_they_are_then() {
    let test = Database::new().await;
    test.users_with_accounts(3).await;
    let account = account::by_provider_and_provider_account_id("p0", "u1@example.com");
    let u2 = test.db.user().find_unique(user::by_email("u2@example.com")).await.unwrap().unwrap();
    test.statements();
    let moved = test.db.account().update(account).user_id(&u2.id).include(account::user).await.unwrap();
    assert_eq!((moved.user(), test.statements()), (&u2, 1));
    let cleared =
        test.db.user().update(user::by_id(&u2.id)).name("x").image(NULL).include(user::accounts).await;
    assert_eq!((cleared.unwrap().accounts().len(), test.statements()), (3, 1));
}

#[tokio::test]
async fn an_upsert_writes_or_changes() {
    let test = Database::new().await;
    let upsert = |name: &str| {
        test.db.person().upsert(person::by_email("ann@example.com"), new_person("ann"), |row| row.name(name))
    };
    assert_eq!(upsert("Ann").await.unwrap().name, "ann");
    assert_eq!(upsert("Ann").await.unwrap().name, "Ann");
    assert_eq!(test.statements(), 2);
    let unchanged = test.db.user().upsert(user::by_email("a"), user::New { email: "a".into() }, |row| row);
    let id = unchanged.await.unwrap().id;
    let again = test.db.user().upsert(user::by_email("a"), user::New { email: "a".into() }, |row| row);
    assert_eq!(again.include(user::accounts).await.unwrap().id, id);
    test.statements();
    // The key that is asked for is not the one that is written: an update, and an insert where it found nothing.
    let other =
        test.db.person().upsert(person::by_email("x"), new_person("bob"), |row| row.name("B")).await.unwrap();
    assert_eq!((other.name.as_str(), test.statements()), ("bob", 2));
}

#[tokio::test]
async fn a_deleted_row_comes_back_as_it_was() {
    let test = Database::new().await;
    test.users_with_accounts(3).await;
    let gone = test.db.user().delete(user::by_email("u2@example.com")).include(user::accounts).await.unwrap();
    assert_eq!((gone.accounts().len(), test.statements()), (2, 1));
    assert_eq!(test.db.account().count().await.unwrap(), 1, "its accounts went with it");
    assert_eq!(test.db.user().delete(user::by_id(&gone.id)).await.unwrap_err().code(), "P2025");
    assert_eq!(test.db.user().delete_many().filter(user::email.contains("@")).await.unwrap(), 2);
}

#[tokio::test]
async fn hostile_names_work() {
    let test = Database::new().await;
    let parent =
        test.db.transaction_().create(transaction::New { r#match: 1, value: 2 }).self_("me").await.unwrap();
    let child = test.db.transaction_().create(transaction::New { r#match: 3, value: 4 });
    let child = child
        .filter_("f")
        .include_("i")
        .with(transaction::transaction.connect(transaction::by_id(parent.id)));
    let child = child.include(transaction::transaction).include(transaction::with).await.unwrap();
    assert_eq!((child.transaction().as_ref(), child.with().len()), (Some(&parent), 0));
    let found =
        test.db.transaction_().find_many().filter(transaction::create_.is_null()).include(transaction::with);
    assert_eq!(found.await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_relation_to_the_written_model_is_read_after_the_write() {
    let test = Database::new().await;
    let table = || test.db.transaction_();
    let parent = table().create(transaction::New { r#match: 1, value: 1 }).await.unwrap();
    let child = table().create(transaction::New { r#match: 2, value: 2 }).await.unwrap();
    let update = table().update(transaction::by_id(child.id)).value(3).parent_id(parent.id);
    let updated = update.include(transaction::transaction).await.unwrap();
    assert_eq!(updated.transaction().as_ref().map(|row| row.id), Some(parent.id));

    // The row refers to itself, which one statement that writes and reads would not see.
    let update = table().update(transaction::by_id(parent.id)).value(5).parent_id(parent.id);
    let updated = update.include(transaction::with.order_by(transaction::id.asc())).await.unwrap();
    let children: Vec<_> = updated.with().iter().map(|row| (row.id, row.value)).collect();
    assert_eq!(children, [(parent.id, 5), (child.id, 3)]);
}
