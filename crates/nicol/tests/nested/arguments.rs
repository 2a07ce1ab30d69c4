//! Arguments that are known only when the program runs, and upserts whose two halves are the same.

use nicol::{Error, Filter, OrderBy, SortOrder, count, same};

use super::Database;
use super::db::{Kind, Member, Seat, Team, member, place, role, seat, team};

/// A database with the teams `a`, with two members, and `b`, with one.
async fn database() -> Result<Database, Error> {
    let test = Database::new().await;
    for (name, members) in [("a", vec!["x", "y"]), ("b", vec!["z"])] {
        let members: Vec<_> =
            members.into_iter().map(|name| member::NewInTeam { name: name.into() }).collect();
        test.db.team().create(team::New { name: name.into() }).with(team::members.create(members)).await?;
    }
    Ok(test)
}

#[tokio::test]
async fn a_filter_that_is_absent_is_no_condition() -> Result<(), Error> {
    let test = database().await?;
    let db = &test.db;
    for (name, expected) in [(None, 3), (Some("x"), 1)] {
        let filter = || name.map(|name| member::name.eq(name));
        let whole = || filter().map(Filter::from);
        assert_eq!(db.member().find_many().filter(filter()).await?.len(), expected);
        assert_eq!(db.member().find_many().filter(whole()).filter(member::id.gt(0)).await?.len(), expected);
        let expected = i64::try_from(expected).unwrap();
        assert_eq!(db.member().count().filter(filter()).await?, expected);
        assert_eq!(db.member().aggregate((count(),)).filter(filter()).await?, (expected,));
        let groups = db.member().group_by((member::kind,)).aggregate((count(),)).filter(filter()).await?;
        assert_eq!(groups, [((Kind::Small,), (expected,))]);
        let teams = db.team().find_many().order_by(team::id.asc());
        let teams =
            teams.include(team::members.filter(filter())).include(team::members.count().filter(whole()));
        let teams = teams.await?;
        let members: usize = teams.iter().map(|team| team.members().len()).sum();
        let counted: i64 = teams.iter().map(team::With::members_count).sum();
        assert_eq!((i64::try_from(members).unwrap(), counted), (expected, expected));
    }
    Ok(())
}

#[tokio::test]
async fn an_order_is_chosen_when_the_program_runs() -> Result<(), Box<dyn std::error::Error>> {
    let test = database().await?;
    let db = &test.db;
    for (text, first, team) in [("asc", "x", "b"), ("desc", "z", "a")] {
        let order: SortOrder = text.parse()?;
        assert_eq!(serde_json::from_value::<SortOrder>(text.into())?, order);
        assert_eq!((serde_json::to_value(order)?, order.to_string()), (text.into(), text.to_owned()));
        let column: OrderBy<Member> = member::name.order(order);
        assert_eq!(db.member().find_first().order_by(column).await?.unwrap().name, first);
        let by_count = db.team().find_first().order_by(team::members.count().order(order));
        assert_eq!(by_count.await?.unwrap().name, team);
        let groups = db.member().group_by(member::team_id).aggregate((count(),));
        let groups = groups.order_by(count().order(order)).await?;
        assert_eq!(groups[0].0, if team == "a" { 1 } else { 2 });
    }
    let unknown = "DESC".parse::<SortOrder>().unwrap_err();
    assert_eq!(unknown.to_string(), "not a value of enum `SortOrder`");
    assert!(serde_json::from_str::<SortOrder>("1").is_err());
    assert_eq!(SortOrder::default(), SortOrder::Asc);
    Ok(())
}

#[test]
fn an_enum_is_read_from_its_name() {
    assert_eq!(
        serde_json::from_str::<Vec<Kind>>(r#"["SMALL", "LARGE"]"#).unwrap(),
        [Kind::Small, Kind::Large]
    );
    let error = serde_json::from_str::<Kind>(r#""large""#).unwrap_err().to_string();
    assert!(error.starts_with("not a value of enum `Kind`"), "{error}");
}

#[tokio::test]
async fn an_upsert_takes_over_what_the_new_row_sets() -> Result<(), Error> {
    let test = database().await?;
    let db = &test.db;
    db.role().create(role::New { name: "r".into() }).await?;
    let seat = |label: &str, color: &str| {
        let new = seat::NewByRelations { label: label.into() }.and().color(color);
        let new = new.with(seat::team.connect(team::by_name("a"))).with(seat::place.create(place::New {}));
        db.seat().upsert(
            seat::by_team_id_and_label(1, label),
            new.with(seat::role.connect(role::by_id(1))),
            same,
        )
    };
    let values = |seat: Seat| (seat.id, seat.color, seat.team_id, seat.place_id);
    assert_eq!(values(seat("1", "red").await?), (1, Some("red".into()), 1, 1));
    // As in Prisma, where `create` and `update` are the same data, the nested writes run in both. The key and what belongs to it stay.
    assert_eq!(values(seat("1", "blue").await?), (1, Some("blue".into()), 1, 2));
    assert_eq!(db.seat().count().await?, 1);

    // The id is that of a new row only, whichever key finds the row.
    let new = || team::New { name: "a".into() }.and().id(7);
    assert_eq!(db.team().upsert(team::by_name("a"), new(), same).await?.id, 1);
    assert_eq!(db.team().find_unique(team::by_id(7)).await?, None::<Team>);
    let new = |name: &str| member::New { name: name.into(), team_id: 2 }.and().labels([name]).role_id(1);
    test.statements();
    let changed = db.member().upsert(member::by_id(1), new("n").id(1), |row| same(row).labels(["m"])).await?;
    assert_eq!((changed.name.as_str(), changed.team_id, changed.role_id), ("n", 2, Some(1)));
    assert_eq!((changed.labels, test.statements().len()), (vec!["m".to_owned()], 1));

    // Beneath a parent.
    let below = |name: &str| member::NewInTeam { name: name.into() }.and().labels([name]);
    let with = |name: &str| team::members.upsert(member::by_id(2), below(name), same);
    let team = db.team().update(team::by_id(1)).with(with("u")).include(team::members).await?;
    let only = &team.members()[0];
    assert_eq!(
        (team.members().len(), only.id, only.name.as_str(), &*only.labels),
        (1, 2, "u", &["u".to_owned()][..])
    );
    let role = |name: &str| member::role.upsert(role::New { name: name.into() }, same);
    for name in ["s", "t"] {
        let row = db.member().update(member::by_id(2)).with(role(name)).include(member::role).await?;
        assert_eq!(row.role().as_ref().map(|role| (role.id, role.name.as_str())), Some((2, name)));
    }
    Ok(())
}
