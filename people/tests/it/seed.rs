//! The sample people.

use std::collections::BTreeSet;

use people::db::person;
use people::seed::{is_first_run, seed};
use people::validate::PersonForm;

use crate::test_app::TestApp;

#[tokio::test]
async fn ten_people_are_added_once_and_left_alone_after() {
    let app = TestApp::start().await;
    assert!(is_first_run(&app.db).await.unwrap());
    assert_eq!(seed(&app.db).await.unwrap(), 10);
    let people = app.db.person().find_many().order_by(person::name.asc()).await.unwrap();
    let names: Vec<_> = people.iter().map(|person| &*person.name).collect();
    assert_eq!(
        names,
        [
            "Alice Johnson",
            "Bob Williams",
            "Charlie Brown",
            "Emily Davis",
            "Frank Miller",
            "Grace Lee",
            "Henry Moore",
            "Isabella Young",
            "Jane Smith",
            "John Doe"
        ]
    );
    let phones: BTreeSet<_> = people.iter().map(|person| &person.phone_number).collect();
    assert_eq!(phones.len(), 10);
    for person in &people {
        let (name, email) = (person.name.clone(), person.email.clone());
        let form = PersonForm { name, email, phone_number: person.phone_number.clone() };
        let input = form.validate().unwrap();
        assert_eq!((input.name(), input.phone_number()), (&*person.name, &*person.phone_number));
        assert!(input.email().ends_with("@example.com"));
    }

    app.db.person().update(person::by_email("john.doe@example.com")).name("John Changed").await.unwrap();
    app.db.person().delete(person::by_email("jane.smith@example.com")).await.unwrap();
    let before = app.db.person().find_many().order_by(person::id.asc()).await.unwrap();
    assert_eq!(seed(&app.db).await.unwrap(), 1);
    let after = app
        .db
        .person()
        .find_many()
        .filter(person::email.ne("jane.smith@example.com"))
        .order_by(person::id.asc());
    assert_eq!(after.await.unwrap(), before);
}

#[tokio::test]
async fn a_directory_that_somebody_emptied_stays_empty() {
    let app = TestApp::start().await;
    app.user("me@example.com").await;
    assert!(!is_first_run(&app.db).await.unwrap());
}
