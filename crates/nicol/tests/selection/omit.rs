//! Rows without some of their fields.

use nicol::{Attempt, Error, Partial};
use serde_json::json;

use crate::db::{Role, User, post, tag, user};
use crate::support::Database;

#[tokio::test]
async fn an_omitted_field_is_neither_read_nor_shown() -> Result<(), Error> {
    let test = Database::new().await;
    let users: Vec<Partial<User>> =
        test.db.user().find_many().order_by(user::id.asc()).omit((user::password, user::settings)).await?;
    let sql = test.statement();
    assert!(!sql.contains("password_hash") && !sql.contains("settings"), "{sql}");
    let ann = &users[0];
    assert_eq!((ann.get(user::email)?, ann.get(user::role)?), ("ann@example.com".to_owned(), Role::Writer));
    assert_eq!(ann.get(user::nick)?, ["a", "an"]);
    let error = ann.get(user::password).unwrap_err().to_string();
    assert!(error.contains("`User.password` was not read, because it is omitted"), "{error}");
    assert!(error.contains("help: take it out of the query's `omit`"), "{error}");
    let shown = format!("{ann:?}");
    assert!(shown.starts_with("User { id: 1, email: \"ann@example.com\""), "{shown}");
    assert!(!shown.contains("password") && !shown.contains("settings"), "{shown}");
    Ok(())
}

#[tokio::test]
async fn it_is_an_object_for_serde_with_the_names_of_the_schema() -> Result<(), Error> {
    let test = Database::new().await;
    let find = || test.db.user().find_unique(user::by_id(1)).or_not_found();
    let whole = serde_json::to_value(find().await?).unwrap();
    let ann = serde_json::to_value(find().omit(user::password).await?).unwrap();
    let mut expected = whole.as_object().unwrap().clone();
    assert_eq!(expected.remove("password"), Some(json!("secret")));
    assert_eq!(ann, serde_json::Value::Object(expected));
    assert_eq!(ann["role"], json!("WRITER"));
    let relations = || user::posts.select((post::title,)).filter(post::id.eq(1));
    let included = find().include(relations()).include(user::posts.count()).omit(user::password).await?;
    assert_eq!(included.loaded(user::posts), &[("first".to_owned(),)]);
    assert_eq!(*included.loaded(user::posts.count()), 2);
    let included = serde_json::to_value(included).unwrap();
    assert_eq!((&included["posts"], &included["_count"]), (&json!([["first"]]), &json!({ "posts": 2 })));
    let after = find().omit(user::password).include(relations()).include(user::posts.count()).await?;
    assert_eq!(serde_json::to_value(after).unwrap(), included);
    Ok(())
}

#[tokio::test]
async fn every_read_and_write_and_included_relation_omits() -> Result<(), Error> {
    let test = Database::new().await;
    let db = &test.db;
    let (page, total) =
        db.user().find_many().order_by(user::id.asc()).take(1).omit(user::password).and_count().await?;
    assert_eq!((page[0].get(user::name)?, total), ("ann".to_owned(), 2));
    let mut stream = db.user().find_many().order_by(user::id.asc()).omit(user::password).stream().await?;
    assert_eq!(stream.next().await.unwrap()?.get(user::id)?, 1);
    drop(stream);
    let new = user::New { email: "cat@example.com".into(), name: "cat".into(), password: "secret".into() };
    let cat = db.user().create(new).omit(user::password).include(user::posts).await?;
    assert_eq!((cat.get(user::id)?, cat.loaded(user::posts).len()), (3, 0));
    let cat = db.user().update(user::by_id(3)).name("kit").omit(user::password).await?;
    assert_eq!(cat.get(user::name)?, "kit");
    let cat = db
        .user()
        .update(user::by_id(3))
        .filter(user::name.eq("x"))
        .name("y")
        .omit(user::password)
        .or_current()
        .await?;
    assert!(matches!(cat, Attempt::Unmet(cat) if cat.get(user::password).is_err()));
    let each =
        db.user().update_each([user::update(user::by_id(3)).name("each")]).omit(user::password).await?;
    assert_eq!(each[0].get(user::name)?, "each");
    let tags =
        db.tag().upsert_many((tag::name,), [tag::New { name: "new".into() }]).omit(tag::hidden).await?;
    assert_eq!(tags[0].get(tag::name)?, "new");
    let cat = db.user().delete(user::by_id(3)).omit(user::password).await?;
    assert_eq!(cat.get(user::email)?, "cat@example.com");
    test.statements();
    let author = post::author.omit(user::password).include(user::profile);
    let post = db.post().find_unique(post::by_id(1)).include(author).or_not_found().await?;
    assert_eq!(post.author().get(user::name)?, "ann");
    assert!(post.author().loaded(user::profile).is_some());
    assert!(!test.statement().contains("password_hash"));
    Ok(())
}

#[tokio::test]
async fn what_the_generator_omits_is_no_field_of_a_row_but_can_be_written_filtered_by_and_selected()
-> Result<(), Error> {
    let test = Database::new().await;
    let db = &test.db;
    let ann = db.user().update(user::by_id(1)).secret("s3").include(user::profile).await?;
    assert_eq!((&*ann.name, ann.profile().is_some()), ("ann", true));
    // Every field of the struct.
    let (User { id: _, email, name: _, password: _, role, nick, settings: _ }, ()) = ann.into_parts(());
    assert_eq!((&*email, role, nick.len()), ("ann@example.com", Role::Writer, 2));
    test.statements();
    let found = db.user().find_first().filter(user::secret.eq("s3")).or_not_found().await?;
    let (read, condition) =
        test.statement().split_once(" FROM ").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert!(!read.contains("secret") && condition.contains("secret"), "{read} … {condition}");
    assert_eq!(serde_json::to_value(&found).unwrap().get("secret"), None);
    let posts = db.post().find_many().include(post::author).include(post::reviewer).await?;
    assert_eq!(posts.len(), 3);
    assert!(!test.statement().contains("secret"));
    let selected = db.user().find_many().order_by(user::id.asc()).select((user::secret, user::id)).await?;
    assert_eq!(selected, [(Some("s3".to_owned()), 1), (None, 2)]);
    let partial = db.user().find_unique(user::by_id(1)).omit(user::password).or_not_found().await?;
    assert_eq!((partial.get(user::role)?, partial.get(user::id)?), (Role::Writer, 1));
    let error = partial.get(user::secret).unwrap_err().to_string();
    assert!(error.contains("help: `select` it, because the generator omits it from all rows"), "{error}");
    Ok(())
}
