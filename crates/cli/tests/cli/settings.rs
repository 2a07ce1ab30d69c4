use crate::support::{Folder, SCHEMA};

#[test]
fn what_is_not_known_is_said_with_what_may_be_meant() {
    let settings = "shema = \"a.prisma\"\n\n[migrations]\nsead = \"true\"\n\n[typedsql]\npath = \"sql\"\n\n[datasource]\n";
    let folder = Folder::new(&[("nicol.toml", settings), ("schema.prisma", SCHEMA)]);
    let run = folder.run(&["validate"]).check(0, &[]);
    assert_eq!(
        run.err,
        "warning: `datasource` in `<folder>/nicol.toml` is not known: there are `schema`, `migrations`, `views`, \
         `typed_sql`, `tables`, `enums`, `local`\n\
         warning: `migrations.sead` in `<folder>/nicol.toml` is not known: did you mean `seed`?\n\
         warning: `shema` in `<folder>/nicol.toml` is not known: did you mean `schema`?\n\
         warning: `typedsql` in `<folder>/nicol.toml` is not known: did you mean `typed_sql`?\n\
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
    folder.run(&["validate"]).check(1, &["`external`", "a list of texts in quotes"]);
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
        "error: cannot read the settings `none.toml`: No such file or directory (os error 2)\n"
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
