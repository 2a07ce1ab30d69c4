//! Using nicol and Prisma 6.19.0 in turn on one migrations folder and one database.

use std::fs;
use std::process::Command;

use testkit::TestDatabase;

use crate::support::{Folder, Run};

const FIRST: &str = r#"datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model User {
  id    Int     @id @default(autoincrement())
  email String  @unique
  role  Role    @default(USER)
  posts Post[]
}

model Post {
  id       String   @id @default(cuid())
  at       DateTime @default(now())
  author   User     @relation(fields: [authorId], references: [id], onDelete: Cascade)
  authorId Int
  tags     Tag[]
}

model Tag {
  name  String @id @db.VarChar(40)
  posts Post[]
}

enum Role {
  USER
  ADMIN
}
"#;

fn second() -> String {
    FIRST.replace(
        "  email String  @unique\n",
        "  email String  @unique\n  name  String?\n\n  @@index([name])\n",
    )
}

struct Project {
    folder: Folder,
    database: TestDatabase,
}

impl Project {
    async fn new() -> Self {
        let database = TestDatabase::create().await;
        let folder =
            Folder::new(&[("prisma/schema.prisma", FIRST)]).with_env("DATABASE_URL", &database.url_text());
        Self { folder, database }
    }

    fn nicol(&self, arguments: &[&str]) -> Run {
        self.folder.run(arguments)
    }

    fn prisma(&self, arguments: &[&str]) -> Run {
        let mut command: Command = testkit::reference_command(Some(self.database.url()));
        let output = command
            .args(arguments)
            .args(["--schema", "prisma/schema.prisma"])
            .current_dir(self.folder.path())
            .stdin(std::process::Stdio::null())
            // With this and without a terminal, it does not prompt.
            .env("CI", "1")
            .output();
        let run = self.folder.outcome(output.expect("the reference can be started"));
        // Its messages are split between standard output and standard error.
        Run { err: format!("{}{}", run.out, run.err), ..run }
    }

    /// Returns the scripts without comments, in order.
    fn scripts(&self) -> Vec<String> {
        let root = self.folder.path().join("prisma/migrations");
        let entries = fs::read_dir(&root).expect("there are migrations");
        let mut files: Vec<_> =
            entries.map(|it| it.expect("it can be listed").path().join("migration.sql")).collect();
        files.retain(|file| file.is_file());
        files.sort();
        let text = |file| fs::read_to_string(file).expect("it can be read");
        files.iter().map(|file| without_comments(&text(file))).collect()
    }
}

fn without_comments(script: &str) -> String {
    let script = script.strip_prefix("/*\n").and_then(|it| it.split_once("*/\n")).map_or(script, |it| it.1);
    let lines = script.lines().filter(|line| !line.starts_with("--") && !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn both_make_the_same_migrations() {
    let (ours, theirs) = (Project::new().await, Project::new().await);
    for (schema, name) in [(FIRST.to_owned(), "First Draft"), (second(), "addName")] {
        ours.folder.write("prisma/schema.prisma", &schema);
        theirs.folder.write("prisma/schema.prisma", &schema);
        ours.nicol(&["migrate", "dev", "--name", name]).check(0, &[]);
        theirs.prisma(&["migrate", "dev", "--name", name, "--skip-generate"]).check(0, &[]);
    }
    assert_eq!(ours.scripts(), theirs.scripts());
    assert_eq!(ours.scripts().len(), 2);
    let names = |project: &Project| {
        let out = project.nicol(&["migrate", "status"]).out;
        out.lines().filter_map(|line| Some(line.split_once('_')?.1.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(names(&ours), ["first_draft", "add_name"]);
    assert_eq!(names(&theirs), names(&ours));
}

#[tokio::test]
async fn prisma_goes_on_where_nicol_has_developed() {
    let project = Project::new().await;
    project.nicol(&["migrate", "dev", "--name", "first"]).check(0, &[]);
    project.prisma(&["migrate", "status"]).check(0, &[]);
    project.folder.write("prisma/schema.prisma", &second());
    project.prisma(&["migrate", "dev", "--name", "second", "--skip-generate"]).check(0, &[]);
    project.nicol(&["migrate", "dev"]).check(0, &["nothing to do"]);
    project.nicol(&["migrate", "status"]).check(0, &["up to date"]);
    assert_eq!(project.scripts().len(), 2);
}

#[tokio::test]
async fn nicol_goes_on_where_prisma_has_developed() {
    let project = Project::new().await;
    project.prisma(&["migrate", "dev", "--name", "first", "--skip-generate"]).check(0, &[]);
    project.nicol(&["migrate", "dev"]).check(0, &["nothing to do"]);
    project.folder.write("prisma/schema.prisma", &second());
    project.nicol(&["migrate", "dev", "--name", "second"]).check(0, &["[1/1]"]);
    project.prisma(&["migrate", "dev", "--skip-generate"]).check(0, &["Already in sync"]);
}

/// Scripts rely on the exit code, not on the message.
#[tokio::test]
async fn both_end_alike() {
    let project = Project::new().await;
    project.nicol(&["migrate", "dev", "--name", "first"]).check(0, &[]);
    let client = project.database.connect().await;
    let both = |arguments: &[&str], code: i32| {
        project.nicol(arguments).check(code, &[]);
        project.prisma(arguments).check(code, &[]);
    };
    client.batch_execute("create table stray (id int)").await.unwrap();
    both(&["migrate", "dev"], 130);
    client.batch_execute("drop table stray; insert into \"Tag\" values ('a')").await.unwrap();
    project.folder.write(
        "prisma/schema.prisma",
        &FIRST.replace("  name  String @id", "  name  String @id\n  must  Int\n"),
    );
    both(&["migrate", "dev"], 1);
    both(&["db", "push", "--skip-generate"], 1);
    both(&["migrate", "reset"], 1);
}
