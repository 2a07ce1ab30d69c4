//! A schema may use every name that Rust and the runtime have: its client compiles, by the words of the guide.

#![allow(clippy::unwrap_used, reason = "this is a test; the lint does not see it in its helpers")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use nicol_codegen::{Layout, Options, generate};

/// Rust's prelude, primitive types, macros and derives; the runtime's own names.
const NAMES: &str = "
    AsMut AsRef AsyncFn AsyncFnMut AsyncFnOnce Box Clone Copy Default DoubleEndedIterator Drop Eq Err ExactSizeIterator Extend Fn FnMut
    FnOnce From FromIterator Future Into IntoFuture IntoIterator Iterator None Ok Option Ord PartialEq PartialOrd Result Send Sized Some
    String Sync ToOwned ToString TryFrom TryInto Unpin Vec
    bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize
    assert concat env format include matches panic print todo vec write
    Debug Display Hash PhantomData Pin
    alloc core crate nicol std self super Self
    Aggregate Arithmetic AssertSafe Batch Batchable Cardinality Cell Cells Changes Client Column Columns Comparison Condition Count Create
    CreateIn CreateQuery CreateTarget CreateWith DatabaseEnum DateTime Decimal Error Executor Field FieldType Filter FindMany FromRecord
    FromRow Handle Has Here Include IntoAssignment IntoChildren IntoCreate IntoField IntoOrder Isolation Json Key Kind Loadable Loaded
    LoadedList Many META Meta Model ModelMeta New NewIn Nicol Nil Null NULL Number One Optional Order OrderBy Outcome Push Query QueryEvent
    RawQuery ReadOnly Related Relation RelationMeta Relations Retry Row RowStream Rows Scalar Select Selection Serialize Serializer Setters
    Shape Statement Step Table There Time Transaction Unique UniqueMeta UnknownValue Update UpdateQuery UpdateTarget UpdateWith Upsert Uuid
    Value With
    batch builder by_id clone close connect count create create_in deref enums execute filter find_many for_request from_env handles id into into_parts lazy
    listen loaded metrics mod nicol_ notify on_query or_current primary query replica row rows schema take transaction type types unique update value values
    transaction_options with_context with_schema
    serde serialize Ok_ cells serializer out inner observer rest relation row_ url
";

/// The names, and every letter alone.
fn names() -> Vec<String> {
    let letters = ('A'..='Z').chain('a'..='z').map(String::from);
    NAMES.split_whitespace().map(str::to_owned).chain(letters).collect()
}

/// The names without those that differ in their case only, which are a matter of their own.
fn of_types() -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut names = names();
    names.retain(|name| seen.insert(name.to_lowercase()) && name.starts_with(char::is_alphabetic));
    names
}

const DATASOURCE: &str = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n";

/// Generates a client and compiles it, without a warning, as an application does.
fn check(schema: &str, code: &str) {
    let validated = nicol_schema::validate(schema);
    let report = nicol_schema::render(&validated.diagnostics, schema, "schema.prisma", false);
    let schema = validated.schema.unwrap_or_else(|| panic!("{report}"));
    let folder = tempfile::tempdir().unwrap();
    for file in generate(&schema, &Options { layout: Layout::SingleFile, ..Options::default() }).unwrap() {
        fs::write(folder.path().join(file.path), file.contents).unwrap();
    }
    let source = folder.path().join("lib.rs");
    let text = format!(
        "#![deny(warnings)]\n#![allow(dead_code)]\n\npub mod db {{\n    nicol::client!();\n}}\n\n{code}\n"
    );
    fs::write(&source, text).unwrap();
    let output = testkit::rustc(&source, &["--emit=metadata"], folder.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The names among these that Prisma lets a model or an enum have.
fn allowed(kind: &str, body: &str) -> Vec<String> {
    let is_allowed = |name: &String| {
        let schema = format!("{DATASOURCE}{kind} {name} {{\n  {body}\n}}\n");
        nicol_schema::validate(&schema).schema.is_some()
    };
    let names: Vec<_> = of_types().into_iter().filter(is_allowed).collect();
    assert!(names.len() > 200, "{}", names.len());
    names
}

#[test]
fn models() {
    let names = allowed("model", "id Int @id");
    let mut schema = DATASOURCE.to_owned();
    for (index, name) in names.iter().enumerate() {
        // Each refers to the next, by a field of that name, and is referred to by the one before.
        let next = &names[(index + 1) % names.len()];
        let before = &names[(index + names.len() - 1) % names.len()];
        let (to, from) = (format!("r{index}"), format!("r{}", (index + names.len() - 1) % names.len()));
        writeln!(
            schema,
            "model {name} {{\n  key_0 Int @id\n  text_0 String?\n  list_0 String[]\n  {next} {next} @relation(\"{to}\", fields: [next_0], references: [key_0])\n  \
             next_0 Int\n  {before}_back {before}[] @relation(\"{from}\")\n}}"
        )
        .unwrap();
    }
    check(&schema, "");
}

#[test]
fn types_have_the_names_of_their_models() {
    let names = [
        "T", "S", "I", "R", "V", "Q", "Fn", "Send", "Sync", "Nicol", "Option", "Some", "Vec", "Result",
        "Box", "Debug",
    ];
    let (mut schema, mut code) = (DATASOURCE.to_owned(), String::new());
    for name in names {
        writeln!(schema, "model {name} {{\n  id Int @id\n  name String?\n}}").unwrap();
        writeln!(code, "pub fn of_{name}(db: &db::Client) -> nicol::Table<db::{name}> {{").unwrap();
        let accessor = if name == "Box" { "r#box".to_owned() } else { name.to_lowercase() };
        let accessor = if name == "Fn" { "r#fn".to_owned() } else { accessor };
        writeln!(code, "    db.{accessor}()\n}}").unwrap();
    }
    check(&schema, &format!("#[allow(non_snake_case)]\nmod calls {{\nuse super::db;\n{code}}}"));
}

#[test]
fn enums() {
    let names = allowed("enum", "A");
    let mut schema = DATASOURCE.to_owned();
    let mut model = String::from("model Holder {\n  id0 Int @id\n");
    for (index, name) in names.iter().enumerate() {
        writeln!(schema, "enum {name} {{\n  A\n  B @map(\"b\")\n}}").unwrap();
        writeln!(model, "  field_{index} {name}\n  {name} {name}?\n  list_{index} {name}[]").unwrap();
    }
    check(&format!("{schema}{model}}}\n"), "");
}

#[test]
fn values_of_enums() {
    let mut seen = BTreeSet::new();
    let values: Vec<_> = names().into_iter().filter(|name| seen.insert(name.clone())).collect();
    let schema = format!(
        "{DATASOURCE}enum All {{\n  {}\n}}\n\nmodel Holder {{\n  id Int @id\n  all All\n}}\n",
        values.join("\n  ")
    );
    check(&schema, "");
}

#[test]
fn fields_and_relations() {
    let mut seen = BTreeSet::new();
    let names: Vec<_> = names().into_iter().filter(|name| seen.insert(name.clone())).collect();
    let fields = names.join(" String?\n  ");
    let keys: Vec<String> =
        names.iter().take(20).map(|name| format!("  @@unique([{name}, CreateWith, META])")).collect();
    let mut relations = String::from("model Hub {\n  id0 Int @id\n");
    let mut leaf = String::from("model Leaf {\n  id0 Int @id\n");
    for (index, name) in names.iter().enumerate() {
        writeln!(relations, "  {name} Leaf[] @relation(\"r{index}\")").unwrap();
        writeln!(
            leaf,
            "  b{index} Hub? @relation(\"r{index}\", fields: [k{index}], references: [id0])\n  k{index} Int?"
        )
        .unwrap();
    }
    check(
        &format!(
            "{DATASOURCE}model Fields {{\n  id0 Int @id\n  {fields} String?\n{}\n}}\n\n{relations}}}\n\n{leaf}}}\n",
            keys.join("\n")
        ),
        "",
    );
}
