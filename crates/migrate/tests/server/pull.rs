//! Databases as schema files. The expected ones are what Prisma 6.19.0 writes (`tests/reference/pull.mjs`), with nicol's
//! comments in place of its own.

use std::fs;
use std::path::{Path, PathBuf};

use nicol_migrate::introspect;
use nicol_migrate::pull::{Pull, Pulled, SchemaFile, pull};
use nicol_pg::ConnectionUrl;
use nicol_schema::Schema;

use crate::support::{TestResult, client, empty};

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

async fn pulled(url: &ConnectionUrl, files: &[SchemaFile], asked: &Pull) -> Result<Pulled, String> {
    let schema = schema(files)?;
    let named = schema.datasource.as_ref().map(|it| it.schemas.clone()).unwrap_or_default();
    let catalog = introspect(url, asked.schemas.as_ref().unwrap_or(&named)).await;
    let catalog = catalog.map_err(|error| error.to_string())?;
    Ok(pull(&catalog, files, &schema, asked))
}

/// Pulls a case, and gives what is not as expected.
async fn check(case: &Path) -> Result<(), String> {
    let database = empty().await;
    let script = fs::read_to_string(case.join("database.sql")).map_err(|error| error.to_string())?;
    client(database.url()).await.batch_execute(&script).await.map_err(|error| format!("{error:?}"))?;

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
async fn where_prisma_would_lose_something_nicol_does_not() {
    check_all("pull_own").await;
}

#[tokio::test]
async fn by_force_nothing_but_the_settings_is_taken_over() -> TestResult {
    let database = empty().await;
    client(database.url()).await.batch_execute("create table users (id int primary key)").await?;
    let text = "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"X\")\n}\n\n\
                /// people\nmodel User {\n  id Int @id\n\n  @@map(\"users\")\n}\n";
    let files = [SchemaFile { name: "schema.prisma".to_owned(), text: text.to_owned() }];
    let kept = pulled(database.url(), &files, &Pull::default()).await?;
    assert_eq!(kept.files, files);
    let asked = Pull { is_forced: true, schemas: Some(vec!["public".to_owned()]) };
    let forced = pulled(database.url(), &files, &asked).await?;
    let text = &forced.files[0].text;
    assert!(text.contains("model users {") && !text.contains("people"), "{text}");
    assert!(text.contains("schemas  = [\"public\"]") && text.contains("@@schema(\"public\")"), "{text}");
    Ok(())
}
