//! Databases as schema files. The expected ones were written by Prisma 6.19.0 (`tests/reference/pull.mjs`), with the comments
//! of nicol.

use std::fs;
use std::path::{Path, PathBuf};

use nicol_migrate::introspect;
use nicol_migrate::pull::{Pull, Pulled, SchemaFile, pull};
use nicol_pg::ConnectionUrl;
use nicol_schema::Schema;

use crate::support::{TestResult, client, empty, version};

/// A case with what is expected: `database.sql`, the schema files that are there, and `pulled/…`.
fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder);
    let entries = fs::read_dir(&folder).expect("the folder of cases is there");
    let mut cases: Vec<_> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    cases
}

fn files(folder: &Path) -> Vec<SchemaFile> {
    let entries = fs::read_dir(folder).expect("the case is there");
    let paths = entries.map(|entry| entry.expect("it can be listed").path());
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|it| it == "prisma"))
        .map(|path| SchemaFile {
            name: path.file_name().expect("a file has a name").to_string_lossy().into_owned(),
            text: fs::read_to_string(&path).expect("the file can be read"),
        })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

fn schema(files: &[SchemaFile]) -> Result<Schema, String> {
    let text: Vec<_> = files.iter().map(|it| it.text.as_str()).collect();
    let text = text.join("\n");
    nicol_schema::validate(&text)
        .into_result()
        .map_err(|found| nicol_schema::render(&found, "schema.prisma", &text, false))
}

async fn pulled(url: &ConnectionUrl, files: &[SchemaFile], options: &Pull) -> Result<Pulled, String> {
    let schema = schema(files)?;
    let named = schema.datasource.as_ref().map(|it| it.schemas.clone()).unwrap_or_default();
    let catalog = introspect(url, options.schemas.as_ref().unwrap_or(&named)).await;
    let catalog = catalog.map_err(|error| error.to_string())?;
    Ok(pull(&catalog, files, &schema, options))
}

/// Pulls a case, and gives what is not as expected.
async fn check(case: &Path) -> Result<(), String> {
    let database = empty().await;
    let script = fs::read_to_string(case.join("database.sql")).map_err(|error| error.to_string())?;
    let client = client(database.url()).await;
    let major = version(&client).await;
    let since = script.strip_prefix("-- since PostgreSQL ").and_then(|rest| rest.lines().next());
    if since.is_some_and(|since| since.parse().is_ok_and(|since: u32| major < since)) {
        return Ok(());
    }
    client.batch_execute(&script).await.map_err(|error| format!("{error:?}"))?;

    let first = pulled(database.url(), &files(case), &Pull::default()).await?;
    if std::env::var_os("UPDATE_EXPECT").is_some() && case.parent().is_some_and(|it| it.ends_with("pull_own"))
    {
        fs::create_dir_all(case.join("pulled")).map_err(|error| error.to_string())?;
        for file in &first.files {
            fs::write(case.join("pulled").join(&file.name), &file.text).map_err(|error| error.to_string())?;
        }
    }
    let expected = files(&case.join("pulled"));
    for file in &expected {
        let found = first.files.iter().find(|it| it.name == file.name).map_or("(no file)", |it| &it.text);
        if found != file.text {
            return Err(format!("{}:\n{}", file.name, difference(&file.text, found)));
        }
    }
    if first.files.len() != expected.len() {
        return Err(format!("{} files in place of {}", first.files.len(), expected.len()));
    }
    // What was pulled is a schema, and pulling again changes nothing.
    let second = pulled(database.url(), &first.files, &Pull::default()).await?;
    if first.files != second.files {
        return Err(format!("pulled again it is\n{:#?}", second.files));
    }
    Ok(())
}

/// The lines that only one of two texts has.
fn difference(expected: &str, found: &str) -> String {
    let only = |one: &str, other: &str, sign: &str| {
        let lines = one.lines().filter(|line| !other.lines().any(|it| it == *line));
        lines.map(|line| format!("{sign} {line}\n")).collect::<Vec<_>>().concat()
    };
    let difference = only(expected, found, "-") + &only(found, expected, "+");
    if difference.is_empty() { format!("in another order:\n{found}") } else { difference }
}

async fn check_all(folder: &str) {
    let mut failures = Vec::new();
    for case in cases(folder) {
        if let Err(what) = check(&case).await {
            failures.push(format!("{}: {what}", case.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[tokio::test]
async fn databases_become_the_schema_files_of_prisma() {
    check_all("pull").await;
}

#[tokio::test]
async fn pull_keeps_what_prisma_loses() {
    check_all("pull_own").await;
}

#[tokio::test]
async fn force_keeps_only_the_settings() -> TestResult {
    let database = empty().await;
    client(database.url()).await.batch_execute("create table users (id int primary key)").await?;
    let text = "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"X\")\n}\n\n\
                /// people\nmodel User {\n  id Int @id\n\n  @@map(\"users\")\n}\n";
    let files = [SchemaFile { name: "schema.prisma".to_owned(), text: text.to_owned() }];
    let kept = pulled(database.url(), &files, &Pull::default()).await?;
    assert_eq!(kept.files, files);
    let options = Pull { is_forced: true, schemas: Some(vec!["public".to_owned()]) };
    let forced = pulled(database.url(), &files, &options).await?;
    let text = &forced.files[0].text;
    assert!(text.contains("model users {") && !text.contains("people"), "{text}");
    assert!(text.contains("schemas  = [\"public\"]") && text.contains("@@schema(\"public\")"), "{text}");
    Ok(())
}

/// One of each object that a schema file cannot express.
const ODD: &str = r#"
create extension pg_trgm;
create domain email as text check (value like '%@%');
create type pair as (a int, b int);
create type span as range (subtype = float8);
create collation german (provider = icu, locale = 'de');
create sequence numbers;
create function one() returns int language sql as 'select 1';
create procedure nothing() language sql as '';
create function note() returns trigger language plpgsql as 'begin return new; end';
create table person (
    id int generated always as identity primary key,
    kept int generated by default as identity,
    mail email,
    name text collate "C",
    title varchar(9) collate german,
    tags text[] not null,
    total numeric generated always as (1 + 1) stored,
    age int,
    other int,
    constraint grown check (age > 17)
);
create unique index one_null on person (age, other) nulls not distinct;
create unique index with_more on person (kept) include (age);
create index some_rows on person (age) where age > 3;
create index in_words on person (lower(name));
alter table person add constraint apart exclude using gist (numrange(age, other) with &&);
alter table person add constraint other_person foreign key (other) references person not valid;
alter table person add constraint older check (age > 20) not valid;
alter table person enable row level security;
create policy own on person using (name = current_user);
create trigger noted before insert on person for each row execute function note();
create rule quiet as on delete to person do instead nothing;
create statistics both_columns on age, other from person;
create table parted (id int primary key) partition by range (id);
create table parted_1 partition of parted for values from (0) to (9);
create table parent (id int primary key);
create table heir (more int) inherits (parent);
create view names as select name from person;
create materialized view counted as select count(*) from person;
comment on table person is 'people';
create table _prisma_migrations (id varchar(36) primary key);
create trigger noted before insert on _prisma_migrations for each row execute function note();
"#;

#[tokio::test]
async fn properties_outside_of_the_schema_file_are_reported() -> TestResult {
    let database = empty().await;
    let client = client(database.url()).await;
    // The clause and the property came with PostgreSQL 15.
    let has_clause = version(&client).await >= 15;
    let odd = if has_clause { ODD } else { &ODD.replace(" nulls not distinct", "") };
    client.batch_execute(odd).await?;
    let files = [SchemaFile {
        name: "schema.prisma".to_owned(),
        text: "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"X\")\n}\n".to_owned(),
    }];
    let found = pulled(database.url(), &files, &Pull::default()).await?;
    let told: Vec<_> = found.remarks.iter().map(|it| (it.kind.key(), it.of.join(", "))).collect();
    let expected = [
        ("no_unique_key", "heir"),
        ("generated_column", "person.total"),
        ("identity_column", "person.id, person.kept"),
        ("nulls_not_distinct", "person: one_null"),
        ("included_columns", "person: with_more"),
        ("column_collation", "person.name, person.title"),
        ("required_list", "person.tags"),
        ("not_valid", "person: older, person: other_person"),
        ("domain_column", "person.mail"),
        ("partitioned_table", "parted"),
        ("inherited_table", "parent"),
        ("inheriting_table", "heir"),
        ("check_constraint", "person: grown, person: older"),
        ("exclusion_constraint", "person: apart"),
        ("comment", "person"),
        ("row_level_security", "person"),
        ("policy", "person: own"),
        ("expression_index", "person: in_words"),
        ("partial_index", "person: some_rows"),
        ("view", "names"),
        ("materialized_view", "counted"),
        ("trigger", "person: noted"),
        ("rule", "person: quiet"),
        ("function", "note, nothing, one"),
        ("sequence", "numbers"),
        ("domain", "email"),
        ("type", "pair, span"),
        ("collation", "german"),
        ("statistics", "person: both_columns"),
        ("extension", "pg_trgm"),
    ];
    let expected = expected.into_iter().filter(|(kind, _)| has_clause || *kind != "nulls_not_distinct");
    let expected: Vec<_> = expected.map(|(kind, of)| (kind, of.to_owned())).collect();
    assert_eq!(told, expected);
    // A second pull reports them again.
    let again = pulled(database.url(), &found.files, &Pull::default()).await?;
    // That a model is ignored stands in the file by now.
    assert_eq!(again.remarks, found.remarks[1..]);
    assert_eq!(again.files, found.files);
    Ok(())
}

#[tokio::test]
async fn a_plain_database_is_pulled_without_remarks() -> TestResult {
    let database = empty().await;
    let script = "create type mood as enum ('a', 'b');
        create table t (id serial primary key, m mood default 'a', tags text[], at timestamptz(3) default now());
        create table u (id int primary key, t int not null references t on delete cascade);
        create unique index on t (m, at); create index on u (t desc)";
    client(database.url()).await.batch_execute(script).await?;
    let files = [SchemaFile {
        name: "schema.prisma".to_owned(),
        text: "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"X\")\n}\n".to_owned(),
    }];
    assert_eq!(pulled(database.url(), &files, &Pull::default()).await?.remarks, []);
    Ok(())
}
