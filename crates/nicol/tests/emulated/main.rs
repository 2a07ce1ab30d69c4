//! Without foreign keys in the database (`relationMode = "prisma"`), the client sees to referential actions.

#![allow(clippy::unwrap_used, reason = "these are tests; the lint does not see it in their helpers")]

#[path = "../../../codegen/tests/data/emulated/out/mod.rs"]
mod db;

use db::{Client, author, book};
use nicol::{Handle as _, Kind};
use nicol_migrate::catalog::Catalog;
use testkit::TestDatabase;

/// Returns a client of two authors: the first has the books 11 and 12, the second the book 21.
async fn library() -> (Client, TestDatabase) {
    let database = TestDatabase::create().await;
    let schema = include_str!("../../../codegen/tests/data/emulated/schema.prisma");
    let schema = nicol_schema::validate(schema).schema.unwrap();
    let tables = nicol_migrate::plan(&Catalog::default(), &nicol_migrate::from_model(&schema)).script();
    database.connect().await.batch_execute(&tables).await.unwrap();
    let db = Client::from_client(nicol::Client::connect(&database.url_text()).await.unwrap());
    db.author().create_many([1, 2].map(|id| author::New { id })).await.unwrap();
    let books =
        [(11, 1), (12, 1), (21, 2)].map(|(id, author)| book::create(book::New { id }).author_id(author));
    db.book().create_many(books).await.unwrap();
    (db, database)
}

/// The books and their authors.
async fn books(db: &Client) -> Vec<(i32, Option<i32>)> {
    let books = db.book().find_many().order_by(book::id.asc()).await.unwrap();
    books.into_iter().map(|book| (book.id, book.author_id)).collect()
}

#[tokio::test]
async fn a_deletion_cascades_and_leaves_other_rows_alone() {
    let (db, _database) = library().await;
    db.author().delete(author::by_id(1)).await.unwrap();
    assert_eq!(books(&db).await, [(21, Some(2))]);
    assert!(db.author().delete(author::by_id(1)).await.unwrap_err().is_not_found());

    assert_eq!(db.author().delete_many().filter(author::id.eq(3)).await.unwrap(), 0);
    assert_eq!(books(&db).await, [(21, Some(2))]);
    assert_eq!(db.author().delete_many().await.unwrap(), 1);
    assert_eq!(books(&db).await, []);
}

#[tokio::test]
async fn an_update_of_a_key_cascades() {
    let (db, _database) = library().await;
    db.author().update(author::by_id(1)).id(7).await.unwrap();
    assert_eq!(books(&db).await, [(11, Some(7)), (12, Some(7)), (21, Some(2))]);
    assert_eq!(db.author().update_many().filter(author::id.eq(2)).id(8).await.unwrap(), 1);
    assert_eq!(books(&db).await, [(11, Some(7)), (12, Some(7)), (21, Some(8))]);
}

#[tokio::test]
async fn what_cannot_see_to_actions_is_refused_and_nothing_is_written() {
    let (db, _database) = library().await;
    let before = books(&db).await;
    let error = db.author().delete(author::by_id(1)).or_current().await.unwrap_err();
    assert!(matches!(error.kind(), Kind::Unsupported { .. }), "{error}");
    let error = db.author().update_each([author::update(author::by_id(1)).id(7)]).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::Unsupported { .. }), "{error}");
    assert_eq!(books(&db).await, before);
    // Nothing refers to these columns.
    let moved = [book::update(book::by_id(11)).author_id(2)];
    assert_eq!(db.book().update_each(moved).await.unwrap(), 1);
    assert_eq!(db.author().upsert_many(author::id, [author::New { id: 1 }]).await.unwrap(), 1);
}

#[tokio::test]
async fn a_batch_sees_to_actions() {
    let (db, _database) = library().await;
    let batch = (db.author().delete(author::by_id(1)), db.author().count(), db.book().count());
    let (author, authors, rest) = db.batch(batch).await.unwrap();
    assert_eq!((author.id, authors, rest), (1, 1, 1));
    assert_eq!(books(&db).await, [(21, Some(2))]);
}

#[tokio::test]
async fn nested_writes_see_to_actions() {
    let (db, _database) = library().await;
    db.book().update(book::by_id(21)).with(book::author.update(|author| author.id(9))).await.unwrap();
    assert_eq!(books(&db).await, [(11, Some(1)), (12, Some(1)), (21, Some(9))]);
    let missing = db.book().update(book::by_id(21)).with(book::author.connect(author::by_id(5))).await;
    assert_eq!(missing.unwrap_err().code(), "P2025");
    let author =
        db.author().update(author::by_id(1)).with(author::books.set([book::by_id(12), book::by_id(21)]));
    author.await.unwrap();
    assert_eq!(books(&db).await, [(11, None), (12, Some(1)), (21, Some(1))]);
    let author = db.author().update(author::by_id(1)).id(3).with(author::books.delete(book::by_id(12)));
    author.await.unwrap();
    assert_eq!(books(&db).await, [(11, None), (21, Some(3))]);
}

#[tokio::test]
async fn a_limit_and_returned_rows_see_to_actions() {
    let (db, _database) = library().await;
    let moved = db.author().update_many().filter(author::id.eq(1)).id(7).and_return();
    let moved = moved.include(author::books.order_by(book::id.asc())).await.unwrap();
    assert_eq!((moved.len(), moved[0].id), (1, 7));
    assert_eq!(
        moved[0].books().iter().map(|book| (book.id, book.author_id)).collect::<Vec<_>>(),
        [(11, Some(7)), (12, Some(7))]
    );
    assert_eq!(db.author().delete_many().limit(1).await.unwrap(), 1);
    assert_eq!(db.author().count().await.unwrap(), 1);
    assert_eq!(books(&db).await, [], "the actions concern all rows that match, as in Prisma");
}
