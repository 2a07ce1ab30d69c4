use crate::support::{Folder, SCHEMA};

#[test]
fn what_is_not_known_is_said_with_what_may_be_meant() {
    let settings =
        "shema = \"a.prisma\"\n\n[migrations]\nsead = \"true\"\n\n[typedsql]\npath = \"sql\"\n\n[database]\n";
    let folder = Folder::new(&[("nicol.toml", settings), ("schema.prisma", SCHEMA)]);
    let run = folder.run(&["validate"]).check(0, &[]);
    assert_eq!(
        run.err,
        "warning: unknown key `database` in `<folder>/nicol.toml`: the known keys are `schema`, `datasource`, `migrations`, `views`, \
         `typed_sql`, `tables`, `enums`, `local`, `branch`\n\
         warning: unknown key `migrations.sead` in `<folder>/nicol.toml`: did you mean `seed`?\n\
         warning: unknown key `shema` in `<folder>/nicol.toml`: did you mean `schema`?\n\
         warning: unknown key `typedsql` in `<folder>/nicol.toml`: did you mean `typed_sql`?\n\
         schema.prisma is valid: 1 model, 0 enums\n"
    );
}

#[test]
fn what_is_known_without_effect_is_said() {
    let settings = "[views]\npath = \"views\"\n\n[tables]\nexternal = [\"auth.users\"]\n";
    let folder = Folder::new(&[("nicol.toml", settings), ("schema.prisma", SCHEMA)]);
    let run = folder.run(&["validate"]).check(0, &[]);
    assert_eq!(
        run.err,
        "warning: `views.path` in `<folder>/nicol.toml` has no effect yet\n\
         warning: `tables.external` in `<folder>/nicol.toml` has no effect yet\n\
         schema.prisma is valid: 1 model, 0 enums\n"
    );
    folder.write("nicol.toml", "[tables]\nexternal = \"auth.users\"\n");
    folder.run(&["validate"]).check(1, &["`external`", "a list of strings"]);
}

#[test]
fn the_settings_can_be_named() {
    let folder = Folder::new(&[
        ("nicol.toml", "schema = \"none.prisma\""),
        ("other/settings.toml", "schema = \"app.prisma\""),
        ("other/app.prisma", SCHEMA),
    ]);
    let run = folder.run(&["validate", "--config", "other/settings.toml"]).check(0, &[]);
    assert_eq!(run.err, "other/app.prisma is valid: 1 model, 0 enums\n");
    let run = folder.run(&["validate", "--config", "none.toml"]).check(1, &[]);
    assert_eq!(
        run.err,
        "error: cannot read the settings file `none.toml`: No such file or directory (os error 2)\n"
    );
}

#[test]
fn the_migrations_may_lie_elsewhere() {
    let folder = Folder::new(&[
        ("nicol.toml", "schema = \"schema.prisma\"\n[migrations]\npath = \"db/history\"\n"),
        ("schema.prisma", SCHEMA),
        ("db/history/migration_lock.toml", "provider = \"mysql\"\n"),
    ]);
    let folder = folder.with_env("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none");
    folder.run(&["migrate", "status"]).check(1, &["db/history"]);
}

/// A schema as in Prisma 7 projects.
const WITHOUT_URL: &str = r#"generator client {
  provider     = "prisma-client"
  output       = "../src/generated/prisma"
  engineType   = "client"
  moduleFormat = "esm"
  runtime      = "nodejs"
}

datasource db {
  provider     = "postgresql"
  relationMode = "prisma"
}

model Note {
  id Int @id
}
"#;

#[test]
fn a_schema_without_a_url_takes_it_from_the_environment_or_the_settings() {
    let folder = Folder::new(&[("schema.prisma", WITHOUT_URL)]);
    let warning = "the datasource `db` has no `url`: as in Prisma 7, the URL must come from elsewhere";
    let run =
        folder.run(&["validate"]).check(0, &[warning, "url = env(\"DATABASE_URL\")", "prisma.config.ts"]);
    assert!(run.err.contains("is valid: 1 model"), "{}", run.err);
    let json = folder.run(&["validate", "--format", "json"]).check(0, &[]);
    assert!(json.out.contains("\"errors\":[],\"warnings\":[{\"code\":\"url-elsewhere\""), "{}", json.out);
    folder.run(&["format"]).check(0, &["is formatted"]);
    folder.run(&["dmmf"]).check(0, &[]);
    let run = folder.run(&["db", "push"]).check(1, &["`DATABASE_URL` is not set"]);
    assert_eq!(run.err.matches(warning).count(), 1, "{}", run.err);
    let unreachable = "postgresql://nobody@127.0.0.1:1/none";
    folder.write(".env", &format!("DATABASE_URL={unreachable}\n"));
    let run = folder.run(&["db", "push"]);
    run.check(1, &["cannot reach the database server at `127.0.0.1:1`", "note: `nicol doctor` examines"]);

    // The settings take precedence over the environment and silence the warning.
    for url in ["\"postgresql://nobody@127.0.0.1:2/none\"", "{ env = \"OTHER_URL\" }"] {
        folder.write(
            ".env",
            &format!("DATABASE_URL={unreachable}\nOTHER_URL=postgresql://nobody@127.0.0.1:2/none\n"),
        );
        folder.write("nicol.toml", &format!("[datasource]\nurl = {url}\n"));
        assert_eq!(folder.run(&["validate"]).check(0, &[]).err, "schema.prisma is valid: 1 model, 0 enums\n");
        let run =
            folder.run(&["db", "push"]).check(1, &["cannot reach the database server at `127.0.0.1:2`"]);
        assert!(!run.err.contains("warning"), "{}", run.err);
    }
    // They also take precedence over the schema, as in Prisma.
    folder.write("schema.prisma", SCHEMA);
    folder.run(&["db", "push"]).check(1, &["cannot reach the database server at `127.0.0.1:2`"]);
    folder.write("nicol.toml", "[datasource]\nurl = { env = \"UNSET\" }\n");
    folder.run(&["db", "push"]).check(1, &["`UNSET` is not set"]);
    for wrong in ["7", "{ env = 7 }", "{ variable = \"A\" }", "{ env = \"A\", other = \"B\" }"] {
        folder.write("nicol.toml", &format!("[datasource]\nurl = {wrong}\n"));
        folder.run(&["validate"]).check(1, &["`datasource.url`", "set url = { env = \"DATABASE_URL\" }"]);
    }
    folder.write("nicol.toml", "[datasource]\nurl = \"postgresql://ann:hush@localhost/app\n");
    let run = folder.run(&["validate"]).check(1, &["cannot parse `<folder>/nicol.toml`, line 2"]);
    assert!(!run.err.contains("hush"), "{}", run.err);
    // A datasource without a provider, or with an invalid URL, is still an error.
    folder.write("nicol.toml", "");
    folder.write("schema.prisma", &WITHOUT_URL.replace("provider     = \"postgresql\"", ""));
    folder.run(&["validate"]).check(1, &["the datasource `db` has no `provider`"]);
    folder.write("schema.prisma", &WITHOUT_URL.replace("relationMode = \"prisma\"", "url = env()"));
    folder.run(&["validate"]).check(1, &["`env` takes one argument"]);
}

#[test]
fn quotes_around_a_url_belong_to_the_file_and_not_to_the_url() {
    let url = "postgresql://nobody@127.0.0.1:1/none";
    let folder = Folder::new(&[("schema.prisma", WITHOUT_URL)]);
    for line in [
        format!("DATABASE_URL={url}"),
        format!("DATABASE_URL=\"{url}\""),
        format!("DATABASE_URL='{url}'"),
        format!("export DATABASE_URL=\"{url}\""),
        format!("  export   DATABASE_URL = '{url}'  "),
        format!("DATABASE_URL=\"{url}\" # the test server"),
        format!("\u{feff}DATABASE_URL=\"{url}\"\r"),
    ] {
        folder.write(".env", &format!("{line}\n"));
        folder.run(&["db", "push"]).check(1, &["cannot reach the database server at `127.0.0.1:1`"]);
    }
    folder.write(".env", &format!("A=1\nDATABASE_URL={url} and more\n"));
    let run =
        folder.run(&["db", "push"]).check(1, &["assignment 2 is not of the form NAME=value", "put quotes"]);
    assert!(!run.err.contains("nobody"), "{}", run.err);
    folder.write(".env", "");
    for quoted in [format!("\"{url}\""), format!("'{url}'")] {
        let folder = Folder::new(&[("schema.prisma", WITHOUT_URL)]).with_env("DATABASE_URL", &quoted);
        folder.run(&["db", "push"]).check(1, &["`DATABASE_URL`", "the connection URL is in quotes"]);
    }
}
