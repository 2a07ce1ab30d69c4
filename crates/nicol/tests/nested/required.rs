//! New rows with several required relations: all of them by nested writes, or one by the parent.

use nicol::Error;

use super::Database;
use super::db::{Kind, Seat, member, note, place, role, seat, tag, team};

/// A database with the team and the role `a`, and with place 1.
async fn database() -> Database {
    let test = Database::new().await;
    test.db.team().create(team::New { name: "a".into() }).await.unwrap();
    test.db.role().create(role::New { name: "a".into() }).await.unwrap();
    test.db.place().create(place::New {}).await.unwrap();
    test
}

fn new(label: &str) -> seat::NewByRelations {
    seat::NewByRelations { label: label.into() }
}

fn ids(seat: &Seat) -> (&str, i32, i32, i32) {
    (&seat.label, seat.team_id, seat.role_id, seat.place_id)
}

#[tokio::test]
async fn a_row_is_complete_with_all_required_relations_in_any_order() {
    let test = database().await;
    let db = &test.db;
    let team = || seat::team.connect(team::by_name("a"));
    let place = || seat::place.connect(place::by_id(1));
    let role = |name: &str| {
        seat::role.connect_or_create(role::by_name(name.to_owned()), role::New { name: name.to_owned() })
    };
    let seat = db.seat().create(new("1")).with(team()).with(role("a")).with(place()).await.unwrap();
    assert_eq!(ids(&seat), ("1", 1, 1, 1));
    // Further values and relations as soon as it is complete, and before by `and`.
    let seat = db.seat().create(new("2")).with(place()).with(role("b")).with(team());
    let seat =
        seat.color("red").with(seat::next_to.connect(seat::by_id(1))).include(seat::role).await.unwrap();
    assert_eq!((ids(&seat), seat.role().name.as_str()), (("2", 1, seat.role_id, 1), "b"));
    assert_eq!((seat.color.as_deref(), seat.next_to_id), (Some("red"), Some(1)));
    let row =
        new("3").and().color("blue").with(role("a")).with(team()).with(seat::place.create(place::New {}));
    let seat = db.seat().create(row.clone()).await.unwrap();
    assert_eq!((ids(&seat), seat.color.as_deref()), (("3", 1, 1, 2), Some("blue")));
    // It is a row as any other: in upserts and under others.
    let taken = db.seat().create(row.clone()).await.unwrap_err();
    assert_eq!(taken.code(), "P2002");
    let upsert = |label: &str, row: seat::Create| {
        db.seat().upsert(seat::by_team_id_and_label(1, label), row, |seat| seat.color("green"))
    };
    assert_eq!(upsert("3", row).await.unwrap().color.as_deref(), Some("green"));
    let row = new("4").with(team()).with(role("a")).with(place());
    assert_eq!(ids(&upsert("4", row.clone()).await.unwrap()), ("4", 1, 1, 1));
    let next = seat::next_to.connect_or_create(
        seat::by_team_id_and_label(1, "5"),
        seat::Create::from(new("5").with(team()).with(role("a")).with(place())),
    );
    let seat = db.seat().update(seat::by_id(1)).with(next).include(seat::next_to).await.unwrap();
    assert_eq!(seat.next_to().as_ref().map(ids), Some(("5", 1, 1, 1)));
    let beside = new("6").with(team()).with(role("a")).with(place());
    let seat = db.seat().update(seat::by_id(1)).with(seat::next_of.create(beside));
    let seat = seat.include(seat::next_of).await.unwrap();
    assert_eq!(seat.next_of().iter().find(|seat| seat.label == "6").map(ids), Some(("6", 1, 1, 1)));

    // An optional relation is not asked for, though it shares a column with a required one.
    let near = || seat::near_to.connect(seat::by_team_id_and_label(1, "1"));
    let row = new("near").with(team()).with(role("a")).with(place()).with(near());
    let row = db.seat().create(row).await.unwrap();
    assert_eq!((ids(&row), row.near.as_deref()), (("near", 1, 1, 1), Some("1")));
    let row = seat::New { label: "n".into(), team_id: 1, role_id: 1, place_id: 1 };
    assert_eq!(db.seat().create(row).with(near()).await.unwrap().near.as_deref(), Some("1"));

    let missing = db.seat().create(new("7")).with(team()).with(place());
    let error = missing.with(seat::role.connect(role::by_name("none"))).await.unwrap_err();
    assert_eq!((error.code(), error.to_string().as_str()), ("P2025", "there is no such `Role`"));
    assert_eq!(db.seat().count().await.unwrap(), 8);
}

#[tokio::test]
async fn a_parent_gives_one_of_the_required_relations() {
    let test = database().await;
    let db = &test.db;
    let role = || seat::role.connect(role::by_name("a"));
    let place = || seat::place.connect(place::by_id(1));
    let seats = ["1", "2"].map(|label| new(label).and().color("red").with(role()).with(place()));
    let team = db.team().create(team::New { name: "b".into() }).with(team::seats.create(seats));
    let team = team.include(team::seats.order_by(seat::id.asc())).await.unwrap();
    assert_eq!(team.seats().iter().map(ids).collect::<Vec<_>>(), [("1", 2, 1, 1), ("2", 2, 1, 1)]);
    let other = seat::by_team_id_and_label(2, "2");
    let seat = |label: &str| new(label).with(place()).with(role());
    let team = db
        .team()
        .update(team::by_id(2))
        .with(team::seats.create(seat("3")))
        .with(team::seats.connect_or_create(seat::by_team_id_and_label(2, "4"), seat("4")))
        .with(team::seats.upsert(other, seat("2"), |seat| seat.color("green")));
    let team = team.include(team::seats.order_by(seat::label.asc())).await.unwrap();
    assert_eq!(team.seats().iter().map(|seat| &*seat.label).collect::<Vec<_>>(), ["1", "2", "3", "4"]);
    assert_eq!(team.seats()[1].color.as_deref(), Some("green"));
    // The other parent: the same row without another key.
    let with_team = new("5").with(seat::team.connect(team::by_id(1))).with(place());
    db.role().update(role::by_id(1)).with(role::seats.create(vec![with_team])).await.unwrap();
    assert_eq!(db.seat().count().filter(seat::team_id.eq(1)).await.unwrap(), 1);
}

#[tokio::test]
async fn nested_writes_may_be_absent_or_several() -> Result<(), Error> {
    let test = database().await;
    let db = &test.db;
    let tag = |name: &str| tag::New { name: name.to_owned() };
    db.tag().create_many([tag("x"), tag("y")]).await?;
    for (number, role) in [(1, Some("a")), (2, None)] {
        let new = member::NewInTeam { name: "m".into() };
        let connected = role.map(|name| member::role.connect(role::by_name(name)));
        let tags = ["x", "y"].map(|name| member::tags.connect(tag::by_name(name)));
        let none: Vec<nicol::builder::Attach<member::Notes>> = Vec::new();
        let member = db.member().create(new).with(member::team.connect(team::by_id(1)));
        let member = member.with(connected).with(tags).with(none).include(member::tags).await?;
        assert_eq!((member.id, member.role_id, member.tags().len()), (number, role.map(|_| 1), 2));
    }
    let update = db.member().update(member::by_id(1));
    let tags = vec![member::tags.disconnect(tag::by_name("x")), member::tags.disconnect(tag::by_name("z"))];
    let gone = update.with(tags).with(Some(member::role.disconnect())).include(member::tags);
    let gone = gone.await?;
    assert_eq!((gone.role_id, gone.tags().len()), (None, 1));
    Ok(())
}

#[tokio::test]
async fn optional_fields_follow_the_required_ones() -> Result<(), Error> {
    let test = database().await;
    let db = &test.db;
    let small = member::New { name: "s".into(), team_id: 1 }.and().labels(["l"]);
    let small = db.member().create(small).await?;
    assert_eq!((small.kind, small.labels), (Kind::Small, vec!["l".to_owned()]));
    // Under a parent, whether or not it gives a required key.
    let notes = ["1", "2"].map(|text| note::NewInMember {}.and().text(text));
    let large =
        member::NewInTeam { name: "l".into() }.and().kind(Kind::Large).with(member::notes.create(notes));
    db.team().update(team::by_id(1)).with(team::members.create(large)).await?;
    let member = member::New { name: "r".into(), team_id: 1 }.and().kind(Kind::Large);
    let other =
        member::NewInTeam { name: "t".into() }.with(member::team.connect(team::by_id(1))).kind(Kind::Large);
    db.role().update(role::by_id(1)).with(role::members.create([member, other])).await?;
    let key = member::by_id(-1);
    let row = member::NewInTeam { name: "u".into() }.with(member::team.connect(team::by_name("a")));
    assert_eq!(db.member().upsert(key, row.clone(), |row| row).await?.team_id, 1);
    let row = db.member().create(row.labels(["x"])).await?;
    assert_eq!(row.labels, ["x"]);
    // Values before the row that it belongs to.
    let row = db.member().create(member::NewInTeam { name: "v".into() }.and().labels(["y"]));
    assert_eq!(row.with(member::team.connect(team::by_id(1))).await?.labels, ["y"]);
    let row = seat::NewByRelations { label: "s".into() }.and().color("red");
    let row = db.seat().create(row.with(seat::team.connect(team::by_id(1))));
    let row = row.with(seat::place.create(place::New {})).with(seat::role.connect(role::by_id(1)));
    assert_eq!(row.await?.color.as_deref(), Some("red"));
    let large = db.member().count().filter(member::kind.eq(Kind::Large).and(member::team_id.eq(1)));
    assert_eq!((large.await?, db.note().count().await?), (3, 2));
    Ok(())
}
