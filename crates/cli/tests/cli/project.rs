use crate::support::{Folder, SCHEMA};

#[test]
fn nicol_toml_names_the_schema_for_all_folders_below() {
    let folder = Folder::new(&[
        ("nicol.toml", "schema = \"db/app.prisma\""),
        ("db/app.prisma", SCHEMA),
        ("src/deep/file", ""),
    ]);
    folder.run_in("src/deep", &["validate"]).check(0, &["<folder>/db/app.prisma is valid"]);
}

#[test]
fn package_json_names_the_schema_before_the_usual_places() {
    let package = r#"{ "prisma": { "schema": "db/app.prisma", "seed": "echo from package" } }"#;
    let folder = Folder::new(&[("package.json", package), ("db/app.prisma", SCHEMA)]);
    folder.run(&["validate"]).check(0, &["db/app.prisma is valid"]);
    assert_eq!(folder.run(&["db", "seed"]).check(0, &[]).out, "from package\n");
    folder.write("schema.prisma", SCHEMA);
    folder.write("src/file", "");
    folder.run(&["validate"]).check(0, &["db/app.prisma is valid"]);
    folder.run_in("src", &["validate"]).check(0, &["<folder>/db/app.prisma is valid"]);
    folder.write("nicol.toml", "schema = \"schema.prisma\"");
    let run = folder.run(&["validate"]).check(0, &[]);
    assert_eq!(run.err, "schema.prisma is valid: 1 model, 0 enums\n");
}

#[test]
fn broken_settings_are_named() {
    Folder::new(&[("nicol.toml", "schema = ")])
        .run(&["validate"])
        .check(1, &["cannot parse `<folder>/nicol.toml`"]);
    Folder::new(&[("nicol.toml", "schema = 1")])
        .run(&["validate"])
        .check(1, &["`schema`", "must be a string"]);
}

#[test]
fn the_seed_command_gets_arguments_and_keeps_its_exit_code() {
    let settings = "[migrations]\nseed = \"printf '<%s>' \\\"$WORD\\\"\"";
    let folder = Folder::new(&[("nicol.toml", settings), (".env", "WORD=from-env-file")]);
    let run = folder.run(&["db", "seed", "--", "two words", "$HOME"]).check(0, &["running: printf"]);
    assert_eq!(run.out, "<from-env-file><two words><$HOME>");
    folder.write("nicol.toml", "[migrations]\nseed = \"exit 7;\"");
    folder.run(&["db", "seed"]).check(7, &[]);
    folder.write("nicol.toml", "");
    folder.run(&["db", "seed"]).check(1, &["no seed command is configured", "[migrations]"]);
}

#[test]
fn the_environment_wins_over_env_files() {
    let folder = Folder::new(&[("nicol.toml", "[migrations]\nseed = \"echo $WORD\""), (".env", "WORD=file")]);
    let folder = folder.with_env("WORD", "environment");
    assert_eq!(folder.run(&["db", "seed"]).out, "environment\n");
}

#[test]
fn two_env_files_may_not_disagree_and_no_value_is_shown() {
    let folder = Folder::new(&[
        ("prisma/schema.prisma", SCHEMA),
        (".env", "DATABASE_URL=postgresql://ann:secret1@a/b"),
        ("prisma/.env", "DATABASE_URL=postgresql://ann:secret2@a/b"),
    ]);
    let run = folder.run(&["validate"]).check(1, &["`DATABASE_URL` has different values", "help: "]);
    assert!(!run.err.contains("secret"));
    folder.write("prisma/.env", "DATABASE_URL postgresql://ann:secret2@a/b");
    let run = folder.run(&["validate"]).check(1, &["not of the form NAME=value"]);
    assert!(!run.err.contains("secret"));
}
