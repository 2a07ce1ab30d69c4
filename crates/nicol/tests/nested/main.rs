//! Rows beneath a row, in one statement: how many, how deep, and connected with which others.

#![allow(clippy::unwrap_used, reason = "these are tests; the lint does not see it in their helpers")]

mod arguments;
mod db;
mod required;
mod writes;

use std::sync::{Arc, Mutex};

use db::{Client, Kind, Member, member, note, place, role, tag, team, visit};
use nicol::Handle as _;
use nicol_migrate::catalog::Catalog;
use testkit::TestDatabase;

/// A client of a database of its own, and the statements that it has run.
struct Database {
    db: Client,
    statements: Arc<Mutex<Vec<String>>>,
    _server: TestDatabase,
}

impl Database {
    async fn new() -> Self {
        let server = TestDatabase::from_template("nicol/tests/nested", async |url| {
            let schema =
                nicol_schema::validate(include_str!("schema.prisma")).schema.expect("a valid schema");
            let script =
                nicol_migrate::plan(&Catalog::default(), &nicol_migrate::from_model(&schema)).script();
            let (client, connection) = nicol_pg::connect(url).await.expect("the server is there");
            tokio::spawn(connection);
            client.batch_execute(&script).await.expect("the tables are made");
        })
        .await;
        let client = nicol::Client::connect(&server.url_text()).await.expect("the server is there");
        let statements = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&statements);
        let db = Client::from_client(client.on_query(move |event| {
            if !event.is_transaction() {
                seen.lock().unwrap().push(event.sql.to_owned());
            }
        }));
        Self { db, statements, _server: server }
    }

    /// The statements that ran since this was last asked.
    fn statements(&self) -> Vec<String> {
        std::mem::take(&mut self.statements.lock().unwrap())
    }
}

fn new_member(name: &str) -> member::CreateInTeam {
    member::create_in_team(member::NewInTeam { name: name.into() })
}

fn new_team(name: &str) -> team::New {
    team::New { name: name.into() }
}

fn note(text: &str) -> note::CreateInMember {
    note::create_in_member(note::NewInMember {}).text(text)
}

#[tokio::test]
async fn the_statement_is_the_same_for_any_number_of_rows() {
    let test = Database::new().await;
    for rows in [1, 2, 300] {
        let members = (0..rows)
            .map(|row| new_member(&row.to_string()).with(member::notes.create(vec![note("a"), note("b")])));
        let members: Vec<_> = members.collect();
        test.db.team().create(new_team(&rows.to_string())).with(team::members.create(members)).await.unwrap();
    }
    let statements = test.statements();
    assert_eq!(statements.len(), 3);
    assert!(statements.iter().all(|text| *text == statements[0]), "{statements:#?}");
    assert_eq!(test.db.note().count().await.unwrap(), 606);
    test.statements();
    for rows in [1, 3] {
        let visits: Vec<_> = (0..rows).map(|_| visit::NewInPlace {}).collect();
        test.db.place().create(place::New {}).with(place::visits.create(visits)).await.unwrap();
    }
    let statements = test.statements();
    assert!(statements[0] == statements[1], "{statements:#?}");
    assert_eq!(test.db.visit().count().await.unwrap(), 4);
}

#[tokio::test]
async fn rows_are_written_in_their_order_and_beneath_their_parents() {
    let test = Database::new().await;
    let members = ["a", "b", "c"].map(|name| {
        let notes = ["1", "2"].map(|number| {
            note(&format!("{name}{number}"))
                .with(note::tags.create([tag::New { name: format!("{name}{number}") }]))
        });
        let member = new_member(name).with(member::notes.create(notes));
        // Other columns, so another INSERT.
        if name == "b" { member.kind(Kind::Large).labels(vec!["x".into(), "y".into()]) } else { member }
    });
    let team = test
        .db
        .team()
        .create(new_team("t"))
        .with(team::members.create(members))
        .include(
            team::members.order_by(member::name.asc()).include(member::team).include(
                member::notes
                    .order_by(note::id.asc())
                    .include(note::tags.include(tag::notes))
                    .include(note::member),
            ),
        )
        .await
        .unwrap();
    assert_eq!(test.statements().len(), 1);
    let stored = test
        .db
        .team()
        .find_unique(team::by_name("t"))
        .include(
            team::members.order_by(member::name.asc()).include(member::team).include(
                member::notes
                    .order_by(note::id.asc())
                    .include(note::tags.include(tag::notes))
                    .include(note::member),
            ),
        )
        .or_not_found()
        .await
        .unwrap();
    assert_eq!(format!("{team:?}"), format!("{stored:?}"), "what comes back is what is stored");
    let texts = team.members().iter().map(|member| {
        let texts = member.notes().iter().map(|note| {
            assert_eq!((note.member().id, note.tags()[0].notes()[0].id), (member.id, note.id));
            format!("{} {}", note.text.as_deref().unwrap(), note.tags()[0].name)
        });
        (member.name.as_str(), member.kind, member.labels.len(), texts.collect::<Vec<_>>())
    });
    let texts: Vec<_> = texts.collect();
    let notes = |name: &str| vec![format!("{name}1 {name}1"), format!("{name}2 {name}2")];
    assert_eq!(
        texts,
        [
            ("a", Kind::Small, 0, notes("a")),
            ("b", Kind::Large, 2, notes("b")),
            ("c", Kind::Small, 0, notes("c")),
        ]
    );
    assert!(team.members().iter().all(|member| member.team().name == "t"));
    assert!(team.members()[0].id < team.members()[2].id, "the order in which they were given");
}

#[tokio::test]
async fn created_rows_are_filtered_ordered_limited_and_counted_as_stored_ones() {
    let test = Database::new().await;
    let members = ["a", "b"].map(|name| {
        let tags = ["x", "y"].map(|tag| tag::New { name: format!("{name}{tag}") });
        new_member(name)
            .with(member::notes.create(vec![note("1"), note("2"), note("3")]))
            .with(member::tags.create(tags))
    });
    let members = members.into_iter().chain([new_member("c")]).collect::<Vec<_>>();
    let include = || {
        let members = team::members.order_by(member::id.asc());
        members
            .include(
                member::notes.filter(note::text.ne("2")).order_by(note::text.desc()).include(note::author),
            )
            .include(member::notes.count())
            .include(member::tags.order_by(tag::name.desc()).take(1))
            .include(member::tags.count().filter(tag::name.ends_with("x")))
            .include(member::role)
    };
    let created = test
        .db
        .team()
        .create(new_team("t"))
        .with(team::members.create(members))
        .include(include())
        .await
        .unwrap();
    let stored =
        test.db.team().find_unique(team::by_name("t")).include(include()).or_not_found().await.unwrap();
    assert_eq!(format!("{created:?}"), format!("{stored:?}"));
    let counts = created
        .members()
        .iter()
        .map(|member| (member.notes().len(), member.notes_count(), member.tags().len(), member.tags_count()));
    assert_eq!(counts.collect::<Vec<_>>(), [(2, 3, 1, 1), (2, 3, 1, 1), (0, 0, 0, 0)]);
}

#[tokio::test]
async fn rows_without_columns_and_many_to_many_with_itself() {
    let test = Database::new().await;
    let nowhere = || place::create_in_near_of(place::New {});
    let near = nowhere()
        .with(place::near.create([nowhere(), nowhere()]))
        .with(place::visits.create(vec![visit::NewInPlace {}; 2]));
    let place = test
        .db
        .place()
        .create(place::New {})
        .with(place::near.create([near, nowhere()]))
        .include(
            place::near
                .order_by(place::id.asc())
                .include(place::near)
                .include(place::near_of)
                .include(place::visits),
        )
        .include(place::near_of)
        .await
        .unwrap();
    let counts =
        place.near().iter().map(|place| (place.near().len(), place.near_of().len(), place.visits().len()));
    assert_eq!((counts.collect::<Vec<_>>(), place.near_of().len()), (vec![(2, 1, 2), (0, 1, 0)], 0));
    assert_eq!(test.db.place().count().await.unwrap(), 5);
    assert_eq!(test.db.place().create_many(vec![place::New {}; 7]).await.unwrap(), 7);
    let labels = |labels: &[&str]| labels.iter().map(|&label| label.to_owned()).collect::<Vec<_>>();
    let team = test.db.team().create(new_team("t")).await.unwrap();
    let new = |name: &str| member::create(member::New { name: name.into(), team_id: team.id });
    let rows = [new("a").labels(labels(&["x"])), new("b").labels(labels(&[])).role_id(nicol::NULL)];
    assert_eq!(test.db.member().create_many(rows).await.unwrap(), 2);
}

#[tokio::test]
async fn a_connected_row_that_is_missing_is_named_and_nothing_is_written() {
    let test = Database::new().await;
    let db = &test.db;
    db.role().create(role::New { name: "lead".into() }).await.unwrap();
    db.team().create(new_team("taken")).await.unwrap();
    let missing = |error: nicol::Error| {
        assert_eq!(error.code(), "P2025");
        error.to_string()
    };
    let new = || db.member().create(member::NewInTeam { name: "m".into() });
    let lead = |name: &str| role::by_name(name.to_owned());
    let no_team = new().with(member::team.connect(team::by_name("none"))).await.unwrap_err();
    assert_eq!(missing(no_team), "there is no such `Team`");
    let no_role = new()
        .with(member::team.connect(team::by_name("taken")))
        .with(member::role.connect(lead("none")))
        .await
        .unwrap_err();
    assert_eq!(missing(no_role), "there is no such `Role`");
    let no_team = new()
        .with(member::team.connect(team::by_name("none")))
        .with(member::role.connect(lead("lead")))
        .await
        .unwrap_err();
    assert_eq!(missing(no_team), "there is no such `Team`");
    let no_team = new().with(member::team.connect(team::by_id(-1))).include(member::team).await.unwrap_err();
    assert_eq!(missing(no_team), "there is no such `Team`");
    let no_team = new()
        .with(member::team.connect(team::by_id(-1)))
        .with(member::notes.create(note("a")))
        .await
        .unwrap_err();
    assert_eq!(missing(no_team), "there is no such `Team`");
    // Deeper, and only one of many.
    let members = vec![
        new_member("a").with(member::role.connect(lead("lead"))),
        new_member("b").with(member::role.connect(lead("none"))),
    ];
    let no_role = db
        .team()
        .create(new_team("x"))
        .with(team::members.create(members))
        .include(team::members)
        .await
        .unwrap_err();
    assert_eq!(missing(no_role), "there is no such `Role`");
    let author = vec![
        note("1").with(note::author.connect(lead("lead"))),
        note("2").with(note::author.connect(lead("who"))),
    ];
    let no_role = db
        .team()
        .create(new_team("x"))
        .with(team::members.create([new_member("a"), new_member("b").with(member::notes.create(author))]));
    assert_eq!(missing(no_role.await.unwrap_err()), "there is no such `Role`");
    assert_eq!((db.team().count().await.unwrap(), db.member().count().await.unwrap()), (1, 0));
    let in_upsert = db.member().upsert(
        member::by_id(-1),
        member::create(member::New { name: "m".into(), team_id: 1 }).with(member::role.connect(lead("none"))),
        |row| row,
    );
    assert_eq!(missing(in_upsert.await.unwrap_err()), "there is no such `Role`");
    let within = db.transaction().run(async |tx| {
        let row = tx.member().create(member::NewInTeam { name: "m".into() });
        row.with(member::team.connect(team::by_name("none"))).await
    });
    assert_eq!(missing(within.await.unwrap_err()), "there is no such `Team`");

    let members = vec![
        new_member("a")
            .with(member::role.connect(lead("lead")))
            .with(member::notes.create(note("1").with(note::author.connect(lead("lead"))))),
        new_member("b").with(member::role.connect(lead("none"))).with(member::role.connect(lead("lead"))),
        new_member("c"),
    ];
    let team = db.team().create(new_team("y")).with(team::members.create(members));
    let team = team.include(team::members.order_by(member::name.asc()).include(member::role)).await.unwrap();
    let roles: Vec<Option<&str>> =
        team.members().iter().map(|member| member.role().as_ref().map(|role| role.name.as_str())).collect();
    assert_eq!(roles, [Some("lead"), Some("lead"), None]);
    let both = new()
        .with(member::team.connect(team::by_id(team.id)))
        .with(member::role.connect(lead("lead")))
        .include(member::role)
        .await
        .unwrap();
    assert_eq!((both.team_id, both.role().is_some()), (team.id, true));
    let twice =
        note::create_in_author(note::New { member_id: both.id }).with(note::author.connect(lead("lead")));
    let twice = db
        .role()
        .create(role::New { name: "two".into() })
        .with(role::notes.create([twice]))
        .await
        .unwrap_err();
    assert_eq!((twice.code(), db.role().count().await.unwrap()), ("P2009", 1), "{twice}");
    let plain: Member = new()
        .with(member::team.connect(team::by_name("y")))
        .with(member::role.connect(lead("lead")))
        .await
        .unwrap();
    assert_eq!(plain.role_id, both.role_id);
}

#[tokio::test]
async fn a_taken_key_is_named_however_deep_it_lies() {
    let test = Database::new().await;
    let twice = new_member("a").with(member::notes.create(vec![note("1"), note("1")]));
    let error =
        test.db.team().create(new_team("x")).with(team::members.create(vec![twice])).await.unwrap_err();
    assert_eq!(error.to_string(), "a `Note` with this `memberId`, `text` already exists");
    let tags = ["t", "t"].map(|name| tag::New { name: name.into() });
    let twice = new_member("a").with(member::notes.create(vec![note("1").with(note::tags.create(tags))]));
    let error =
        test.db.team().create(new_team("x")).with(team::members.create(vec![twice])).await.unwrap_err();
    assert_eq!(error.to_string(), "a `Tag` with this `name` already exists");
    assert_eq!(test.db.team().count().await.unwrap(), 0);
}

/// Twenty thousand took a minute when each was a part of its own; the time must not grow with the square of their number.
#[tokio::test]
async fn twenty_thousand_rows_take_seconds() {
    let test = Database::new().await;
    let members: Vec<_> = (0..20_000).map(|row| new_member(&row.to_string())).collect();
    let started = std::time::Instant::now();
    test.db.team().create(new_team("flat")).with(team::members.create(members)).await.unwrap();
    let member =
        |row: i32| new_member(&row.to_string()).with(member::notes.create(vec![note("a"), note("b")]));
    let members: Vec<_> = (0..10_000).map(member).collect();
    let deep = test.db.team().create(new_team("deep")).with(team::members.create(members));
    let deep = deep.include(team::members.include(member::notes.include(note::member))).await.unwrap();
    assert!(
        deep.members().iter().all(|member| member.notes().iter().all(|note| note.member().id == member.id))
    );
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    assert_eq!(
        (test.db.member().count().await.unwrap(), test.db.note().count().await.unwrap()),
        (30_000, 20_000)
    );
}
