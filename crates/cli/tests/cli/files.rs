//! Schemas in several files, and JSON output.

use crate::support::{Folder, SCHEMA};

const USER: &str = "model User {\n  id    Int    @id\n  nick  String\n  posts Post[]\n}\n";
const POST: &str = "model Post {\n  id       Int  @id\n  authorId Int\n  author   User @relation(fields: [authorId], references: [id])\n}\n";

fn project() -> Folder {
    Folder::new(&[
        ("nicol.toml", "schema = \"prisma\"\n"),
        ("prisma/main.prisma", SCHEMA),
        ("prisma/models/post.prisma", POST),
        ("prisma/models/user.prisma", USER),
        ("prisma/models/notes.txt", "model Nothing {}"),
    ])
}

#[test]
fn a_folder_is_one_schema() {
    let folder = project();
    let run = folder.run(&["validate"]).check(0, &[]);
    assert_eq!((run.out.as_str(), run.err.as_str()), ("", "prisma is valid: 3 models, 0 enums\n"));
    let script = ["migrate", "diff", "--from-empty", "--to-schema-datamodel", "prisma", "--script"];
    let run = folder.run(&script).check(0, &[]);
    assert!(run.out.contains(r#"ALTER TABLE "Post" ADD CONSTRAINT "Post_authorId_fkey""#), "{}", run.out);
}

#[test]
fn output_that_is_lost_is_an_error_and_a_closed_pipe_is_not() {
    let folder = project();
    let full = || std::fs::File::options().write(true).open("/dev/full").expect("there is a full device");
    let script = ["migrate", "diff", "--from-empty", "--to-schema-datamodel", "prisma", "--script"];
    let differences = [&script[..], &["--exit-code"]].concat();
    for arguments in [&["dmmf"][..], &script, &differences, &["--help"], &["--version"], &["doctor"]] {
        let run =
            folder.outcome(folder.command(arguments).stdout(full()).output().expect("it can be started"));
        run.check(1, &["cannot write the output: No space left on device", "help: "]);
        let (reader, writer) = std::io::pipe().expect("a pipe can be made");
        drop(reader);
        let output = folder.command(arguments).stdout(writer).output().expect("it can be started");
        let run = folder.outcome(output);
        let code = if arguments == differences { 2 } else { i32::from(arguments == ["doctor"]) };
        assert!(run.code == code && !run.err.contains("pipe"), "{arguments:?}: {run:?}");
    }
    let output = folder.command(&["validate"]).stderr(full()).output().expect("it can be started");
    assert_eq!(folder.outcome(output).code, 1, "what cannot be told fails");
}

#[test]
fn a_mistake_is_shown_in_its_file() {
    let folder = project();
    folder.write("prisma/models/user.prisma", &USER.replace("String", "Sting"));
    let run = folder.run(&["validate"]).check(1, &[]);
    assert_eq!(run.out, "");
    assert_eq!(
        run.err.lines().take(6).collect::<Vec<_>>().join("\n"),
        "error[type-unknown]: there is no type `Sting`\n \
         --> prisma/models/user.prisma:3:9\n  \
         |\n\
         3 |   nick  Sting\n  \
         |         ^^^^^\n  \
         |"
    );
    assert!(run.err.contains("\n1 error"), "{}", run.err);
}

#[test]
fn formatting_writes_the_files_that_change() {
    let folder = project();
    let without_relation = "model User {\n  id Int @id\n}\n";
    folder.write("prisma/models/user.prisma", without_relation);
    let run = folder.run(&["format", "--check"]).check(1, &[]);
    assert_eq!(run.err, "warning: prisma/models/user.prisma is not formatted; run `nicol format`\n");
    assert_eq!(folder.read("prisma/models/user.prisma"), without_relation);
    let run = folder.run(&["format"]).check(0, &[]);
    assert_eq!(run.err, "prisma is formatted: 1 file\n");
    assert_eq!(
        folder.read("prisma/models/user.prisma"),
        "model User {\n  id    Int    @id\n  posts Post[]\n}\n"
    );
    assert_eq!(folder.read("prisma/models/post.prisma"), POST);
    assert_eq!(folder.run(&["format", "--check"]).check(0, &[]).err, "prisma is formatted\n");
}

#[test]
fn formatting_writes_all_files_or_none() {
    let folder = project();
    let (untidy, wrong) = ("model User {\n id Int @id\n}\n", "model Other {\n id Int @id\n}\n  oops here\n");
    folder.write("prisma/models/user.prisma", untidy);
    folder.write("prisma/models/wrong.prisma", wrong);
    folder.run(&["format"]).check(1, &["prisma/models/wrong.prisma:4:3"]);
    assert_eq!(folder.read("prisma/models/user.prisma"), untidy);
    assert_eq!(folder.read("prisma/models/wrong.prisma"), wrong);
}

#[test]
fn migrations_lie_beside_the_file_with_the_datasource() {
    let folder = project();
    folder.write("prisma/main.prisma", "");
    folder.write("prisma/base/db.prisma", SCHEMA);
    folder.write("prisma/base/migrations/migration_lock.toml", "provider = \"mysql\"\n");
    let folder = folder.with_env("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none");
    folder.run(&["migrate", "status"]).check(1, &["prisma/base/migrations"]);
}

#[test]
fn what_is_no_schema_is_said() {
    let folder = Folder::new(&[("empty/readme.md", "")]);
    let run = folder.run(&["validate", "--schema", "empty"]).check(1, &[]);
    assert_eq!(
        run.err,
        "error: there is no schema file in the folder `empty`\nhelp: add a file whose name ends with `.prisma`\n"
    );
    std::fs::write(folder.path().join("empty/a.prisma"), b"model A {\n  \xff\n}").expect("it can be written");
    for command in ["validate", "format", "dmmf"] {
        let run = folder.run(&[command, "--schema", "empty"]).check(1, &[]);
        assert_eq!(
            run.err,
            "error: `empty/a.prisma` is not UTF-8: line 2 has an invalid byte\n\
             help: save it as UTF-8\n"
        );
    }
}

#[test]
fn findings_in_json_are_on_standard_output() {
    let folder = project();
    let run = folder.run(&["validate", "--format", "json"]).check(0, &[]);
    assert_eq!(run.out, "{\"valid\":true,\"errors\":[],\"warnings\":[],\"further\":[]}\n");
    assert_eq!(run.err, "");

    // Positions are byte offsets, and the umlaut has two bytes.
    folder.write("prisma/models/user.prisma", &format!("// grün\n{}", USER.replace("String", "Sting")));
    let run = folder.run(&["validate", "--format", "json"]).check(1, &[]);
    assert_eq!(run.err, "");
    assert_eq!(
        run.out,
        "{\"valid\":false,\"errors\":[{\"code\":\"type-unknown\",\"message\":\"there is no type `Sting`\",\
         \"span\":[49,54],\"file\":\"prisma/models/user.prisma\"}],\"warnings\":[],\"further\":[]}\n"
    );
}

#[test]
fn further_findings_are_apart_from_those_of_prisma() {
    let schema = SCHEMA.replace("String", "Strin") + "\nmodel Other {\n  id Int\n}\n";
    let folder = Folder::new(&[("schema.prisma", &schema)]);
    let run = folder.run(&["validate", "--format", "json"]).check(1, &[]);
    let (errors, further) = run.out.split_once("\"further\":").expect("there is such a list");
    assert!(errors.contains("Strin") && !errors.contains("Other"), "{errors}");
    assert!(further.contains("Other"), "{further}");
    let run = folder.run(&["validate"]).check(1, &["note: further errors", "1 error, and 1 further"]);
    assert!(run.err.find("Strin") < run.err.find("note: further errors"), "{}", run.err);
}

#[test]
fn a_variable_that_is_not_set_is_no_mistake() {
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    let run = folder.run(&["validate", "--format", "json"]).check(0, &[]);
    assert!(run.out.starts_with("{\"valid\":true,"), "{}", run.out);
}

#[test]
fn the_data_model_is_printed_as_json() {
    let folder = project();
    let run = folder.run(&["dmmf"]).check(0, &[]);
    assert!(run.out.starts_with("{\"enums\":[],\"models\":[{\"name\":\"Note\""), "{}", run.out);
    assert!(run.out.ends_with("}\n") && run.out.contains("\"indexes\":["), "{}", run.out);
    assert_eq!(run.err, "");
    folder.write("prisma/models/user.prisma", &USER.replace("String", "Sting"));
    let run = folder.run(&["dmmf"]).check(1, &["there is no type `Sting`"]);
    assert_eq!(run.out, "");
}

#[test]
fn the_client_is_written_beside_the_file_with_its_generator() {
    let folder = project();
    let generator = "generator client {\n  provider = \"nicol\"\n  output   = \"../db\"\n}\n";
    folder.write("prisma/generators/client.prisma", generator);
    folder.run(&["generate"]).check(0, &["was written"]);
    assert!(folder.path().join("prisma/db/post.rs").exists());
}

#[test]
fn a_generator_can_ask_for_the_auth_adapter() {
    let folder = project();
    let write = |setting: &str| {
        let settings = format!("  provider = \"nicol\"\n  output = \"../db\"\n  authAdapter = {setting}\n");
        folder.write("prisma/generators/client.prisma", &format!("generator client {{\n{settings}}}\n"));
    };
    write("true");
    folder
        .run(&["generate"])
        .check(1, &["the Auth.js adapter cannot use these models:", "there is no model `Account`"]);
    write("\"yes\"");
    folder
        .run(&["generate"])
        .check(1, &["`authAdapter` of generator `client` is neither `true` nor `false`"]);
    write("false");
    folder.run(&["generate"]).check(0, &["was written"]);
}
