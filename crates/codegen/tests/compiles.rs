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

/// A row of all types as `JSON.stringify` writes it for Prisma Client's rows, except for `BigInt` and `Bytes`, which it cannot write or
/// writes as an object of bytes.
fn everything() -> serde_json::Value {
    let text = r#"{
        "id": 1, "text": "a", "char": "abc", "varChar": "b", "bit": "1", "varBit": "101",
        "uuid": "3f0a5e9c-1c5b-4d57-9e8b-6b9f7d3c2a10", "uuid7": "c", "xml": "<a/>", "inet": "10.0.0.1", "citext": "d", "cuid": "e",
        "cuid2": "f", "ulid": "g", "nanoid": "h", "nanoid10": "i", "generated": "3f0a5e9c-1c5b-4d57-9e8b-6b9f7d3c2a11",
        "boolean": true, "smallInt": -2, "oid": 4000000000, "bigInt": "9007199254740993", "float": 0.1, "real": 1.5,
        "decimal": "12.5", "money": "1e+21", "timestamp": "2026-02-04T00:00:00.000Z", "timestamptz": "2026-02-04T01:02:03.456789Z",
        "date": "2026-02-04T00:00:00.000Z", "time": "1970-01-01T23:59:59.120Z", "timetz": "1970-01-01T00:00:00.000Z",
        "json": { "a": [1, null] }, "jsonText": null, "bytes": "AAH/", "role": "READ_ONLY", "roleOrNot": null, "texts": ["x", ""],
        "ints": [], "roles": ["ADMIN", "guest"], "jsons": [{}, "y"], "blobs": ["", "/w=="],
        "dates": ["0001-01-01T00:00:00.000Z", "+010000-01-01T00:00:00.000Z"], "currency": "EUR"
    }"#;
    serde_json::from_str(text).expect("a JSON text")
}

#[test]
fn rows_are_read_from_their_json() {
    let json = everything();
    let row: types::Everything = serde_json::from_value(json.clone()).unwrap();
    assert_eq!((row.big_int, row.oid, &*row.bytes), (9_007_199_254_740_993, 4_000_000_000, &[0, 1, 255][..]));
    assert_eq!(row.roles, [types::Role::Admin, types::Role::Guest]);
    assert_eq!(serde_json::to_value(&row).unwrap(), json);
    assert_eq!(
        serde_json::from_str::<types::Everything>(&serde_json::to_string(&row).unwrap()).unwrap(),
        row
    );
}

#[test]
fn json_that_is_no_row_is_refused() {
    let read = |name: &str, value: serde_json::Value| {
        let mut json = everything();
        json[name] = value;
        serde_json::from_value::<types::Everything>(json).map_err(|error| error.to_string())
    };
    // What Prisma Client accepts for these types, too.
    let row = read("bigInt", 5.into()).and_then(|_| read("decimal", 1.25.into())).unwrap();
    assert_eq!(row.decimal.to_string(), "1.25");
    assert_eq!(
        read("posts", serde_json::json!([{}])).unwrap(),
        serde_json::from_value(everything()).unwrap()
    );
    for (name, value) in [
        ("smallInt", serde_json::json!("secret")),
        ("bigInt", 1.5.into()),
        ("bytes", "secret".into()),
        ("date", "secret".into()),
        ("role", "read-only".into()),
        ("texts", serde_json::json!([null])),
        ("text", serde_json::Value::Null),
    ] {
        assert_eq!(read(name, value).unwrap_err(), format!("not a value of field `Everything.{name}`"));
    }
    let mut json = everything();
    json.as_object_mut().unwrap().retain(|name, _| name != "currency" && name != "texts");
    let error = serde_json::from_value::<types::Everything>(json).unwrap_err();
    assert_eq!(error.to_string(), "missing field `texts`", "an optional one may be missing");
    assert!(serde_json::from_str::<types::Everything>("[]").is_err());
    assert_eq!(serde_json::from_str::<types::Role>("\"guest\"").unwrap(), types::Role::Guest);
    let error = serde_json::from_str::<types::Role>("\"secret\"").unwrap_err();
    assert!(error.to_string().starts_with("not a value of enum `Role`"), "{error}");
}
