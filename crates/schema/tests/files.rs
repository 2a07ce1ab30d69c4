//! Schemas in several files, compared with Prisma 6.19.0.
//!
//! Each folder in `data/files` is a schema; `reference/files.mjs` writes its `answers.json`.

#![allow(clippy::unwrap_used, reason = "tests may panic")]
#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect;
use nicol_schema::{
    DatasourceUrl, Sources, format_files, render_files, rule, validate_files, validate_files_with,
};
use serde_json::{Value, json};

fn sources(folder: &Path) -> Sources {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "prisma"));
    paths.sort();
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    Sources::new(paths.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())))
}

fn folders() -> Vec<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/files");
    let mut folders: Vec<PathBuf> = fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

/// Formats findings like the reference: file name, UTF-16 code units, and whether it is only a warning.
fn findings(sources: &Sources) -> BTreeSet<String> {
    let validated = validate_files(sources);
    let finding = |diagnostic: &nicol_schema::Diagnostic| {
        let (file, span) = sources.locate(diagnostic.span).unwrap();
        let units = |offset: u32| file.text[..offset as usize].encode_utf16().count();
        json!([file.name, units(span.start), units(span.end), !diagnostic.is_error()]).to_string()
    };
    validated.diagnostics.iter().map(finding).collect()
}

#[test]
fn several_files_are_one_schema() {
    let mut differences = Vec::new();
    for folder in folders() {
        let sources = sources(&folder);
        let answers: Value =
            serde_json::from_str(&fs::read_to_string(folder.join("answers.json")).unwrap()).unwrap();
        let mut check = |what: &str, own: String, expected: String| {
            if own != expected {
                differences
                    .push(format!("{} / {what}\n  own {own}\n  expected {expected}", folder.display()));
            }
        };
        let expected: BTreeSet<String> =
            answers["findings"].as_array().unwrap().iter().map(Value::to_string).collect();
        check("findings", format!("{:?}", findings(&sources)), format!("{expected:?}"));
        check("formatted", json!(format_files(&sources)).to_string(), answers["formatted"].to_string());
        let own = validate_files(&sources).schema.map(|schema| schema.to_dmmf());
        let own: Value = own.map_or(Value::Null, |dmmf| serde_json::from_str(&dmmf).unwrap());
        check("dmmf", own.to_string(), answers["dmmf"].to_string());
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn a_finding_is_drawn_in_each_file_that_it_is_about() {
    let sources = Sources::new([
        (
            "post.prisma",
            "model Post {\n  id Int @id\n  authorId Int\n  author User @relation(fields: [authorId], references: [nick])\n}\n",
        ),
        ("user.prisma", "model User {\n  id Int @id\n  nick Int\n  posts Post[]\n}\n"),
    ]);
    let drawn = render_files(&validate_files(&sources).diagnostics, &sources, false);
    expect![[r"
        error[relation-references-not-unique]: the foreign key of `author` refers to `nick` of `User`, which is not unique
         --> post.prisma:4:3
          |
        4 |   author User @relation(fields: [authorId], references: [nick])
          |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          |
         ::: user.prisma:3:3
          |
        3 |   nick Int
          |   ---- not unique
          |
          = help: add `@unique` to `nick` in `User`, or refer to its `@id`
    "]].assert_eq(&drawn);
}

#[test]
fn a_caller_that_knows_the_database_may_do_without_its_url() {
    let models = "model A {\n  id Int @id\n  tags String[]\n}\n";
    let without = "datasource db {\n  provider = \"postgresql\"\n  relationMode = \"prisma\"\n}\n";
    let sources = Sources::new([("db.prisma", without), ("models.prisma", models)]);
    let strict = validate_files(&sources);
    let codes: Vec<&str> = strict.diagnostics.iter().map(nicol_schema::Diagnostic::code).collect();
    assert_eq!(codes, ["setting-missing"], "as for Prisma 6");
    assert!(strict.schema.is_none());

    let validated = validate_files_with(&sources, DatasourceUrl::Optional);
    let [warning] = validated.diagnostics.as_slice() else { panic!("{:?}", validated.diagnostics) };
    assert!(warning.code() == rule::URL_ELSEWHERE && !warning.is_error());
    let schema = validated.schema.unwrap();
    let datasource = schema.datasource.as_ref().unwrap();
    assert_eq!(datasource.url, None);
    assert_eq!(datasource.relation_mode, nicol_schema::model::RelationMode::Prisma, "the rest is read");
    assert_eq!(schema.models[0].fields.len(), 2, "what PostgreSQL can is valid");

    // An existing URL is still read, and other errors are still reported.
    let with = without.replace('}', "  url = env(\"A\")\n  shadowDatabaseUrl = env(\"A\")\n}");
    let shared = validate_files_with(&Sources::new([("a.prisma", with)]), DatasourceUrl::Optional);
    assert_eq!(shared.diagnostics[0].code(), "shadow-database-shared");
    let shadow = without.replace('}', "  shadowDatabaseUrl = env(\"A\")\n}");
    let shadow = validate_files_with(&Sources::new([("a.prisma", shadow)]), DatasourceUrl::Optional);
    assert!(shadow.schema.unwrap().datasource.unwrap().shadow_database_url.is_some());
    for wrong in ["url =", "url = 7", "url = env()"] {
        let text = without.replace('}', &format!("  {wrong}\n}}"));
        let validated = validate_files_with(&Sources::new([("a.prisma", text)]), DatasourceUrl::Optional);
        assert!(validated.schema.is_none(), "{wrong}");
    }
}
