use crate::support::{Folder, SCHEMA};

const FROM_EMPTY: [&str; 5] = ["migrate", "diff", "--from-empty", "--to-schema-datamodel", "schema.prisma"];

#[test]
fn the_script_goes_to_standard_output() {
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    let run = folder.run(&[&FROM_EMPTY[..], &["--script"]].concat()).check(0, &[]);
    let expected = r#"-- CreateTable
CREATE TABLE "Note" (
    "id" INTEGER NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "Note_pkey" PRIMARY KEY ("id")
);
"#;
    assert_eq!((run.out.as_str(), run.err.as_str()), (expected, ""));
    folder.run(&[&FROM_EMPTY[..], &["--script", "-o", "out.sql"]].concat()).check(0, &[]);
    assert_eq!(folder.read("out.sql"), expected);
}

#[test]
fn without_script_there_is_a_summary() {
    let next = SCHEMA.replace("  text String", "  text String?\n  at DateTime @default(now())");
    let folder = Folder::new(&[("schema.prisma", SCHEMA), ("next.prisma", &next)]);
    let run = folder.run(&[
        "migrate",
        "diff",
        "--from-schema-datamodel",
        "schema.prisma",
        "--to-schema-datamodel",
        "next.prisma",
    ]);
    assert_eq!(run.out, "alter table Note\n  add column at\n  change column text: nullability\n");
}

#[test]
fn the_exit_code_tells_of_differences_when_asked() {
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    folder.run(&FROM_EMPTY).check(0, &[]);
    folder.run(&[&FROM_EMPTY[..], &["--exit-code"]].concat()).check(2, &[]);
    let run = folder.run(&["migrate", "diff", "--from-empty", "--to-empty", "--exit-code"]).check(0, &[]);
    assert_eq!(run.out, "no difference\n");
    folder
        .run(&["migrate", "diff", "--from-empty", "--to-schema-datamodel", "none", "--exit-code"])
        .check(1, &["none"]);
}

#[test]
fn both_sides_have_to_be_given() {
    Folder::new(&[]).run(&["migrate", "diff", "--from-empty"]).check(2, &["--to-schema-datamodel"]);
}
