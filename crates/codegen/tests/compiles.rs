//! The clients of all cases, compiled against the runtime under this workspace's lints.

#[path = "data/authjs/out/mod.rs"]
mod authjs;
#[path = "data/emulated/out/mod.rs"]
mod emulated;
#[path = "data/names/out/mod.rs"]
mod names;
#[path = "data/relations/out/mod.rs"]
mod relations;
#[path = "data/types/out/mod.rs"]
mod types;

#[test]
fn each_case_is_compiled() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    for case in std::fs::read_dir(folder).unwrap() {
        let module = format!("data/{}/out/mod.rs", case.unwrap().file_name().display());
        assert!(include_str!("compiles.rs").contains(&module), "`{module}` is no module of this file");
    }
}

/// Calls that the shapes of relations and types make possible.
async fn calls(db: relations::Client, types: types::Client) -> Result<(), nicol::Error> {
    use relations::{Level, comment, member, post, profile, room, tag, team, user};
    use types::{Role, entry, everything, place, summary};

    let created = db
        .user()
        .create(user::New { email: "ann@example.com".into() })
        .with(user::profile.create(profile::NewInUser { bio: "one-to-one".into() }))
        .with(user::written.create(post::NewInAuthor { title: "one of several relations to a model".into() }))
        .with(user::followers.create([user::New { email: "many-to-many with itself".into() }]))
        .with(user::reports.create(user::create_in_manager(user::New { email: "a tree".into() })))
        .with(user::manager.connect(user::by_id(1)))
        .include(user::profile)
        .include(user::followers.count())
        .await?;
    let _: (&Option<relations::Profile>, i64) = (created.profile(), created.followers_count());
    db.post()
        .create(post::NewInAuthor { title: "a".into() })
        .with(post::author.connect(user::by_email("ann@example.com")))
        .with(post::tags.create([tag::New { name: "many-to-many".into() }]))
        .with(post::comments.create(vec![comment::New { text: "under an optional relation".into() }]))
        .with(post::reviewer.connect(user::by_id(2)))
        .await?;
    db.member()
        .create(member::NewInTeam { user_id: 1 })
        .level(Level::Write)
        .with(member::team.connect(team::by_tenant_and_number(1, 2)))
        .await?;
    db.member()
        .find_unique(member::by_tenant_and_team_number_and_user_id(1, 2, 3))
        .include(member::room)
        .await?;
    db.room()
        .create(room::New { tenant: 1, name: "a".into() })
        .with(room::members.create(member::NewInRoom { team_number: 1, user_id: 1 }))
        .await?;

    types.entry().find_unique(entry::by_position(nicol::types::DateTime::default(), 1)).await?;
    types
        .everything()
        .update(everything::by_id(1))
        .role(Role::ReadOnly)
        .role_or_not(nicol::NULL)
        .roles(vec![Role::Admin])
        .texts(nicol::push(["a".to_owned()]))
        .big_int(nicol::increment(1))
        .await?;
    types.everything().find_many().filter(everything::roles.has(Role::Guest)).await?;
    types.place().update(place::by_id("it cannot be created, but changed")).name("b").await?;
    let _: Vec<types::Summary> = types.summary().find_many().filter(summary::role.eq(Role::Admin)).await?;
    Ok(())
}

#[test]
fn queries_are_send() {
    fn send<T: Send>(_: impl FnOnce(relations::Client, types::Client) -> T) {}
    send(calls);
}

#[test]
fn enums_are_named_as_in_the_schema() {
    use nicol::DatabaseEnum as _;
    use types::Role;

    assert_eq!(Role::ReadOnly.to_string(), "READ_ONLY");
    assert_eq!("guest".parse(), Ok(Role::Guest));
    assert_eq!("read-only".parse::<Role>().unwrap_err().to_string(), "not a value of enum `Role`");
    assert_eq!(Role::ReadOnly.database_name(), "read-only");
    assert_eq!(serde_json::to_string(&[Role::ReadOnly, Role::Guest]).unwrap(), r#"["READ_ONLY","guest"]"#);
}
