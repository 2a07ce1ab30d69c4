//! The types of statements, as a database tells them.

#![cfg(feature = "describe")]
#![allow(clippy::unwrap_used, reason = "helpers of tests, too, fail by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use nicol_codegen::{Options, describe_statements, generate, read_statements};
use nicol_migrate::catalog::Catalog;
use nicol_schema::Schema;
use testkit::TestDatabase;

/// A database with the tables of the runtime's tests of TypedSQL, and a folder for statements.
struct Project {
    schema: Schema,
    database: TestDatabase,
    folder: tempfile::TempDir,
}

fn runtime() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../nicol/tests/typed_sql")
}

impl Project {
    async fn new() -> Self {
        let text = fs::read_to_string(runtime().join("schema.prisma")).unwrap();
        let schema = nicol_schema::validate(&text).into_result().expect("a valid schema");
        let script = nicol_migrate::plan(&Catalog::default(), &nicol_migrate::from_model(&schema)).script();
        let database = TestDatabase::create().await;
        database.connect().await.batch_execute(&script).await.unwrap();
        Self { schema, database, folder: tempfile::tempdir().unwrap() }
    }

    async fn describe(&self) -> Result<bool, String> {
        let described = describe_statements(self.database.url(), &self.schema, self.folder.path()).await;
        described.map(|(_, changed)| changed).map_err(|error| error.to_string())
    }

    /// Returns the columns of a statement that are certain not to be null.
    async fn certain(&self, sql: &str) -> String {
        fs::write(self.folder.path().join("a.sql"), sql).unwrap();
        self.describe().await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        let statement = read_statements(self.folder.path()).unwrap().remove(0);
        let certain = statement.types.columns.iter().filter(|column| !column.nullable);
        certain.map(|column| column.name.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Returns the mistake in a statement, from its place on.
    async fn mistake(&self, name: &str, sql: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, sql).unwrap();
        let error = self.describe().await.unwrap_err();
        fs::remove_file(&path).unwrap();
        error.split(name).nth(1).unwrap_or_else(|| panic!("{error}")).to_owned()
    }
}

#[tokio::test]
async fn the_types_are_those_of_the_lock_file() {
    let project = Project::new().await;
    let committed = runtime().join("sql");
    for entry in fs::read_dir(&committed).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            fs::copy(&path, project.folder.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    assert_eq!(project.describe().await, Ok(true));
    assert_eq!(project.describe().await, Ok(false));
    let lock = fs::read_to_string(project.folder.path().join("nicol.lock")).unwrap();
    testkit::check_file(committed.join("nicol.lock"), &lock);
}

#[tokio::test]
async fn columns_are_null_where_they_can_be() {
    let project = Project::new().await;
    let database = project.database.connect().await;
    let more = "create view all_users as select * from users;
        create table parts (id int not null, at date not null) partition by range (at);
        create table parts_2020 partition of parts for values from ('2020-01-01') to ('2021-01-01');";
    database.batch_execute(more).await.unwrap();
    for (sql, certain) in [
        ("select id, name, email from users", "id email"),
        ("select id, name, email from users where id = $1 order by name limit 3", "id email"),
        ("select id + 1 as next, count(*) as all from users group by id", "all"),
        (
            "select count(*) as a, count(distinct name) as b, count(*) + null as c, max(id) as d from users",
            "a b",
        ),
        ("select count(*) as a from users having count(*) > $1 order by 1 limit 5", "a"),
        // Outer joins, in each direction, below a sort, an aggregation and a subquery, with parameters.
        ("select p.id, u.email from posts p join users u on u.id = p.author_id", "id email"),
        ("select p.id, u.email from posts p left join users u on u.id = p.author_id", "id"),
        (
            "select p.id, u.email from posts p left join users u on u.id = p.author_id and u.id = $1 order by 1",
            "id",
        ),
        ("select p.id, u.email from users u right join posts p on u.id = p.author_id order by p.id", "id"),
        ("select p.id, u.email from users u full join posts p on u.id = p.author_id", ""),
        (
            "select p.id, u.email from posts p left join users u on u.id = p.author_id where p.id = $1 group by 1, 2",
            "id",
        ),
        (
            "select * from (select p.id, u.email from posts p left join users u on u.id = p.author_id offset 0) as t limit 1",
            "id",
        ),
        (
            "select p.id, u.email from posts p left join users u on u.id = p.author_id where u.email = $1",
            "id email",
        ),
        // The planner turns this into an anti-join, in which every email is null.
        (
            "select p.id, u.email from posts p left join users u on u.id = p.author_id where u.id is null",
            "id",
        ),
        (
            "select u.id, c.n from users u left join (select author_id, count(*) as n from posts group by 1) as c on c.author_id = u.id",
            "id",
        ),
        (
            "with u as materialized (select id, email from users) select p.id, u.email from posts p left join u on u.id = p.author_id",
            "",
        ),
        ("with u as materialized (select id, email from users) select u.id, u.email from u", "id email"),
        (
            "select p.title, l.email from posts p left join lateral (select email from users where id = p.author_id offset 0) as l on true",
            "title",
        ),
        // The same table on both sides.
        ("select a.id, b.email from users a left join users b on b.id = a.id + 1", ""),
        // What has no origin, or loses it.
        ("select email from users union all select title from posts", ""),
        ("select email, count(*) as n from users group by rollup(email)", "n"),
        ("select id, email from all_users", ""),
        ("select id from parts", "id"),
        ("select p.id from posts left join parts p on p.id = posts.id", ""),
        ("select (select email from users where id = 1) as email", ""),
        ("select email from users where false", "email"),
        // What writes returns rows, too.
        ("insert into posts (title) values ($1) returning id, title, author_id", "id title"),
        ("update posts set title = $1 returning id, title, author_id", "id title"),
        ("delete from posts using users u where u.id = author_id returning posts.id, u.email", "id email"),
        // Comments decide.
        ("-- @column name!\n-- @column email?\nselect id, name, email from users", "id email"),
    ] {
        assert_eq!(project.certain(sql).await, certain, "{sql}");
    }
}

#[tokio::test]
async fn mistakes_have_a_place_and_say_what_to_do() {
    let project = Project::new().await;
    let database = project.database.connect().await;
    database
        .batch_execute("create type mood as enum ('a'); create domain small as int check (value < 5)")
        .await
        .unwrap();
    for (sql, mistake) in [
        ("select *\n  from userz", ":2:8: relation \"userz\" does not exist"),
        (
            "select 'é', nam as x\nfrom users",
            ":1:13: column \"nam\" does not exist\nhelp: Perhaps you meant to reference the column \"users.name\".",
        ),
        (
            "select 1 as a, 2 as a",
            ": two columns have the name `a`\nhelp: give one of them another name: `… as name`",
        ),
        ("select 1 + 1", ": column 1 has no name\nhelp: name it: `… as name`"),
        (
            "select '(1,2)'::point as p",
            ": column `p` has the type `point`, for which there is no Rust type\nhelp: cast it in the statement: `…::text as p`",
        ),
        (
            "select 1::money as p",
            ": column `p` has the type `money`, for which there is no Rust type\nhelp: cast it in the statement: `…::numeric as p`",
        ),
        (
            "select 1 as a where $1 = '127.0.0.1'::inet",
            ": parameter `$1` has the type `inet`, for which there is no Rust type\nhelp: take it as text: `$1::text::inet`",
        ),
        (
            "select 'a'::mood as m",
            ": column `m` has the type `mood`, an enum that the schema file does not have\nhelp: add it with `nicol db pull`, or cast it to text",
        ),
        (
            "-- @param $2:id\nselect $1::int as a",
            ":1:4: the statement has no parameter `$2`\nhelp: remove the comment, or use the parameter",
        ),
        (
            "-- @param {Int} $1\nselect $1::text as a",
            ":1:4: parameter `$1` has the type `text`, which cannot be given as `Int`\nhelp: cast it in the statement, or remove the type from the comment",
        ),
        (
            "-- @param {Role} $1\nselect $1::text as a",
            ":1:4: parameter `$1` has the type `text`, not that of the enum\nhelp: cast it in the statement: `$1::\"Role\"`",
        ),
        (
            "-- @param {Number} $1\nselect $1::text as a",
            ":1:4: `Number` is no type\nhelp: the types are `Int`",
        ),
        ("-- @column b!\nselect 1 as a", ":1:4: the statement returns no column `b`"),
        ("select 1 as a; select 2 as b", ": cannot insert multiple commands into a prepared statement"),
        ("-- nothing\n;", ": the file contains no statement"),
    ] {
        let found = project.mistake("a.sql", sql).await;
        assert!(found.starts_with(mistake), "{sql}: {found}");
    }
    for name in ["$a.sql", "1a.sql", "a-b.sql"] {
        let found = project.mistake(name, "select 1 as a").await;
        assert!(
            found.starts_with("` cannot be a statement of TypedSQL: its name is no identifier"),
            "{name}: {found}"
        );
    }
    assert_eq!(fs::read_dir(project.folder.path()).unwrap().count(), 0, "nothing is written");
    // A domain has the type below it, and a statement without rows has no columns.
    assert_eq!(project.certain("select 1::small as a where $1 = 2::small").await, "");
    assert_eq!(project.certain("create table b (id int)").await, "");
    assert!(database.query("select 1 from b", &[]).await.is_err(), "no statement is run");
}

#[tokio::test]
async fn all_mistakes_are_told_at_once_and_a_changed_statement_is_one() {
    let project = Project::new().await;
    let folder = project.folder.path();
    fs::write(folder.join("a.sql"), "select x").unwrap();
    fs::write(folder.join("b.sql"), "select y").unwrap();
    let error = project.describe().await.unwrap_err();
    assert!(
        error.contains("a.sql:1:8: column \"x\"") && error.contains("b.sql:1:8: column \"y\""),
        "{error}"
    );
    // Without a lock file, TypedSQL is not used.
    assert_eq!(read_statements(folder).unwrap(), []);

    for (name, value) in [("a.sql", "x"), ("b.sql", "y")] {
        fs::write(folder.join(name), format!("select 1 as {value}")).unwrap();
    }
    assert_eq!(project.describe().await, Ok(true));
    let read =
        || read_statements(folder).map(|statements| statements.len()).map_err(|error| error.to_string());
    assert_eq!(read(), Ok(2));
    fs::write(folder.join("a.sql"), "select 2 as x").unwrap();
    let error = read().unwrap_err();
    assert!(
        error.contains(
            "a.sql` has changed since its types were read\nhelp: run `nicol generate --sql`, and commit `"
        ),
        "{error}"
    );
    fs::remove_file(folder.join("a.sql")).unwrap();
    assert_eq!(read(), Ok(1));
    fs::write(folder.join("c.sql"), "select 2 as x").unwrap();
    let error = read().unwrap_err();
    assert!(
        error.contains("the types of `")
            && error.contains("c.sql` are not known\nhelp: run `nicol generate --sql`"),
        "{error}"
    );
    fs::write(folder.join("nicol.lock"), "<<<<<<< HEAD").unwrap();
    assert!(read().is_err());
    let statements = read_statements(&runtime().join("sql")).unwrap();
    let files = generate(&project.schema, &Options { statements, ..Options::default() }).unwrap();
    assert!(files.iter().any(|file| file.path == "sql.rs"));
}
