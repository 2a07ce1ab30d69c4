use crate::support::{Folder, SCHEMA};

#[test]
fn a_valid_schema_is_said_to_be_one() {
    let run = Folder::new(&[("prisma/schema.prisma", SCHEMA)]).run(&["validate"]);
    run.check(0, &["prisma/schema.prisma is valid: 1 model, 0 enums"]);
}

#[test]
fn mistakes_are_shown_with_their_places() {
    let folder = Folder::new(&[("schema.prisma", &SCHEMA.replace("Int ", "Imt "))]);
    folder.run(&["validate"]).check(1, &["Imt", "schema.prisma:8:", "1 error"]);
}

#[test]
fn no_schema_file_is_an_error_with_advice() {
    Folder::new(&[]).run(&["validate"]).check(1, &["error: no schema file found", "help: ", "nicol.toml"]);
    let run = Folder::new(&[]).run(&["validate", "--schema", "none.prisma"]);
    run.check(1, &["cannot read the schema file `none.prisma`: No such file"]);
}

#[test]
fn formatting_happens_once() {
    let folder = Folder::new(&[("schema.prisma", &SCHEMA.replace("  id   Int", " id Int"))]);
    folder.run(&["format", "--check"]).check(1, &["is not formatted"]);
    folder.run(&["format"]).check(0, &["is formatted"]);
    assert_eq!(folder.read("schema.prisma"), SCHEMA);
    folder.run(&["format", "--check"]).check(0, &["is formatted"]);
}

#[test]
fn what_cannot_be_read_is_said_and_left_alone() {
    let valid = SCHEMA.replace("  id   Int", " id Int");
    for wrong in [
        valid.replace("}\n\n", "}\n\n  ???\n"),
        valid.replace(" id Int", " id Int ???\n  x   Int"),
        valid.replace("model Note {", "model Note"),
        valid.trim_end().trim_end_matches('}').to_owned(),
        format!("{valid}model A {{ id Int @id }}\n"),
    ] {
        let folder = Folder::new(&[("schema.prisma", &wrong)]);
        for arguments in [&["format"][..], &["format", "--check"]] {
            folder.run(arguments).check(1, &["schema.prisma:", "error"]);
            assert_eq!(folder.read("schema.prisma"), wrong);
        }
    }
    // A readable file is formatted in spite of other errors.
    let folder = Folder::new(&[("schema.prisma", &valid.replace("String", "Sting"))]);
    folder.run(&["format"]).check(0, &["is formatted"]);
    assert!(
        folder.read("schema.prisma").contains("\n  id   Int   @id\n"),
        "{}",
        folder.read("schema.prisma")
    );
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let with_mark = format!("\u{feff}{SCHEMA}");
    let folder = Folder::new(&[("schema.prisma", &with_mark)]);
    folder.run(&["validate"]).check(0, &["is valid: 1 model"]);
    folder.run(&["dmmf"]).check(0, &[]);
    folder.run(&["format"]).check(0, &["is formatted"]);
    folder.write("schema.prisma", &with_mark.replace("  id   Int", " id Int"));
    folder.run(&["format"]).check(0, &["is formatted"]);
    assert_eq!(folder.read("schema.prisma"), SCHEMA);
    folder.write("schema.prisma", &with_mark.replace("Int ", "Imt "));
    folder.run(&["validate"]).check(1, &["schema.prisma:8:8", "Imt"]);
    // Elsewhere, it is an invalid character.
    folder.write("schema.prisma", &SCHEMA.replace("model", "\u{feff}model"));
    folder.run(&["validate"]).check(1, &["schema.prisma:7:1"]);
    folder.write("schema.prisma", SCHEMA);
    folder.write("package.json", "\u{feff}{}");
    folder.write("nicol.toml", "\u{feff}schema = \"schema.prisma\"\n");
    folder.run(&["validate"]).check(0, &["is valid: 1 model"]);
}

#[test]
fn a_warning_is_given_once() {
    let generators = "generator client {\n  provider = \"nicol\"\n  output = \"src/db\"\n  previewFeatures = [\"metrics\"]\n}\n\n";
    let folder = Folder::new(&[("schema.prisma", &format!("{generators}{SCHEMA}"))]);
    let folder = folder.with_env("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none");
    for command in [&["validate"][..], &["generate"], &["db", "push"], &["migrate", "dev"], &["db", "pull"]] {
        let run = folder.run(command);
        assert_eq!(run.err.matches("the preview feature `metrics`").count(), 1, "{command:?}: {}", run.err);
    }
}

const GENERATOR: &str = "generator client {\n  provider = \"nicol\"\n  output   = \"src/db\"\n}\n\n";

#[test]
fn the_client_is_written_and_stale_files_go() {
    let folder = Folder::new(&[("schema.prisma", &format!("{GENERATOR}{SCHEMA}"))]);
    folder.run(&["generate"]).check(0, &["was written"]);
    assert!(folder.read("src/db/mod.rs").starts_with("// @generated"));
    assert!(folder.path().join("src/db/note.rs").exists());
    folder.run(&["generate"]).check(0, &["is up to date"]);

    folder.write("src/db/mine.rs", "// mine");
    folder.write("schema.prisma", &format!("{GENERATOR}{}", SCHEMA.replace("Note", "Page")));
    folder.run(&["generate"]).check(0, &["was written"]);
    assert!(!folder.path().join("src/db/note.rs").exists());
    assert!(folder.path().join("src/db/page.rs").exists() && folder.path().join("src/db/mine.rs").exists());
}

#[test]
fn a_file_of_somebody_else_is_not_overwritten() {
    let folder =
        Folder::new(&[("schema.prisma", &format!("{GENERATOR}{SCHEMA}")), ("src/db/mod.rs", "// mine")]);
    folder.run(&["generate"]).check(1, &["was not generated by nicol"]);
    assert_eq!(folder.read("src/db/mod.rs"), "// mine");
}

#[test]
fn a_schema_without_a_generator_for_rust_is_an_error() {
    Folder::new(&[("schema.prisma", SCHEMA)])
        .run(&["generate"])
        .check(1, &["no generator for Rust", "help: "]);
}

#[test]
fn colours_are_for_terminals() {
    let folder = Folder::new(&[("schema.prisma", &SCHEMA.replace("Int ", "Imt "))]);
    assert!(!folder.run(&["validate"]).err.contains('\u{1b}'));
}
