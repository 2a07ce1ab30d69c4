//! Casts between all pairs of types, with the boundary values of each type.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use nicol_migrate::catalog::Catalog;
use nicol_migrate::change::{Change, TableAction};
use nicol_migrate::hazard::HazardKind;
use nicol_migrate::{check, from_model, plan};
use nicol_pg::tokio_postgres::Client;

use crate::support::{client, empty};

const INTEGERS: &[&str] = &["0", "-1", "9", "99", "32767", "-32768"];
const INTS: &[&str] =
    &["0", "1234567", "16777216", "16777217", "2147483647", "-2147483648", "32767", "32768"];
const BIGINTS: &[&str] = &[
    "0",
    "9007199254740992",
    "9007199254740993",
    "1152921504606846976",
    "9223372036854775807",
    "-9223372036854775808",
    "2147483648",
    "99999",
];
const OIDS: &[&str] = &["0", "2147483647", "2147483648", "4294967295"];
const REALS: &[&str] =
    &["0", "0.1", "1.5", "16777216", "3.4028235e38", "1e-45", "NaN", "Infinity", "-32768", "1234567"];
const DOUBLES: &[&str] = &[
    "0",
    "0.1",
    "0.5",
    "123.45",
    "123.455",
    "0.123456789012345678",
    "9007199254740992",
    "1.7976931348623157e308",
    "5e-324",
    "1e39",
    "NaN",
    "-Infinity",
    "2147483647",
    "2147483648",
    "9223372036854775808",
    "-32768",
];
const SMALL_DECIMALS: &[&str] = &["0", "0.1", "123.45", "999.99", "-999.99", "NaN"];
const DECIMALS: &[&str] = &[
    "0",
    "0.1",
    "1.005",
    "123.45",
    "1000",
    "99999999999999999999",
    "32768",
    "0.1234567890123456789012345678",
    "9223372036854775807",
    "NaN",
];
const WIDE_DECIMALS: &[&str] =
    &["0", "0.1", "1e400", "-1e400", "1e-400", "1.7976931348623157e308", "Infinity", "NaN", "12345.678"];
const TEXTS: &[&str] = &["", "abc", "abcd", "abc ", "ab ", " x", "äöü", "äöüß", "2024-01-01"];
const TIMESTAMPS: &[&str] = &[
    "2024-05-06 00:00:00",
    "2024-05-06 07:08:09",
    "2024-05-06 07:08:09.6",
    "2024-05-06 23:59:59.999999",
    "2024-03-31 02:30:00",
    "infinity",
    "-infinity",
    "4713-12-31 00:00:00 BC",
    "294276-12-31 23:59:59",
];
const DATES: &[&str] =
    &["2024-05-06", "infinity", "4713-12-31 BC", "294276-12-31", "294277-01-01", "5874897-12-31"];
const TIMES: &[&str] = &["00:00:00", "07:08:09.6", "23:59:59.999999", "24:00:00"];
const OFFSET_TIMES: &[&str] = &["00:00:00+00", "07:08:09.6+00", "07:08:09+02", "23:59:59.999999-15:59"];
const JSONS: &[&str] = &[
    "{}",
    r#"{"a":1,"b":2}"#,
    r#"{"b":1,"a":2}"#,
    r#"{"a":1,"a":2}"#,
    "1.0",
    "1e2",
    r#""\u0000""#,
    "null",
    "[1,[]]",
    r#"{ "a" : 1 }"#,
];
const BITS: &[&str] = &["101", "000"];
const VARIABLE_BITS: &[&str] = &["", "1", "101", "10101"];

/// A field and values for its column.
const TYPES: &[(&str, &[&str])] = &[
    ("Int @db.SmallInt", INTEGERS),
    ("Int", INTS),
    ("BigInt", BIGINTS),
    ("Int @db.Oid", OIDS),
    ("Float @db.Real", REALS),
    ("Float", DOUBLES),
    ("Decimal @db.Decimal(5, 2)", SMALL_DECIMALS),
    ("Decimal @db.Decimal(7, 1)", SMALL_DECIMALS),
    ("Decimal @db.Decimal(20, 0)", BIGINTS),
    ("Decimal", DECIMALS),
    ("Decimal @db.Decimal", WIDE_DECIMALS),
    ("Decimal @db.Money", &["0", "1.50", "-92233720368547758.08"]),
    ("String", TEXTS),
    ("String @db.Char(3)", &["", "abc", "ab ", "äöü"]),
    ("String @db.Char(6)", &["", "abc", "abcdef"]),
    ("String @db.VarChar(3)", &["", "abc", "ab "]),
    ("String @db.VarChar(10)", TEXTS),
    ("String @db.VarChar(15)", TEXTS),
    ("String @db.VarChar(40)", TEXTS),
    ("String @db.Citext", TEXTS),
    ("String @db.Bit(3)", BITS),
    ("String @db.VarBit(5)", VARIABLE_BITS),
    ("String @db.VarBit", VARIABLE_BITS),
    ("String @db.Uuid", &["7d444840-9dc0-11d1-b245-5ffdce74fad2"]),
    ("String @db.Xml", &["<a/>", "x"]),
    ("String @db.Inet", &["10.1.2.3", "10.1.2.3/8", "::1"]),
    ("Boolean", &["true", "false"]),
    ("DateTime @db.Timestamp(0)", TIMESTAMPS),
    ("DateTime @db.Timestamp(6)", TIMESTAMPS),
    ("DateTime", TIMESTAMPS),
    ("DateTime @db.Timestamptz(0)", TIMESTAMPS),
    ("DateTime @db.Timestamptz(6)", TIMESTAMPS),
    ("DateTime @db.Date", DATES),
    ("DateTime @db.Time(0)", TIMES),
    ("DateTime @db.Time(6)", TIMES),
    ("DateTime @db.Timetz(0)", OFFSET_TIMES),
    ("DateTime @db.Timetz(6)", OFFSET_TIMES),
    ("Json @db.Json", JSONS),
    ("Json", &["{}", r#"{"a": 1, "b": [1, 2]}"#, "null"]),
    ("Bytes", &["", "\\x00ff", "\\x616263"]),
    ("Int[]", &["{}", "{1,2}"]),
    ("String[]", &["{}", "{a,bcd}"]),
];

fn catalog(field: &str) -> Catalog {
    let text = format!(
        "datasource db {{\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}}\n\
         model T {{\n  id Int @id\n  v {field}\n}}\n"
    );
    from_model(&nicol_schema::validate(&text).into_result().expect("it is valid"))
}

/// The type of the field's column, in the server's words.
async fn type_of(client: &Client, field: &str) -> String {
    let script = plan(&Catalog::default(), &catalog(field)).script();
    client.batch_execute(&format!("begin; {script}")).await.expect("the server takes it");
    let sql = "select pg_catalog.format_type(atttypid, atttypmod) from pg_attribute
        where attrelid = '\"T\"'::regclass and attname = 'v'";
    let name = client.query_one(sql, &[]).await.expect("it is there").get(0);
    client.batch_execute("rollback").await.expect("it can be undone");
    name
}

/// Not the number that their text means, but it comes back: asked about although nothing is lost.
const SMALLEST: [(&str, &str); 2] = [("real", "1e-45"), ("double precision", "5e-324")];

/// What the server really makes of a value: whether the column cannot be changed, or does not give the value back. Of
/// numbers the text counts, since a float is converted with fewer digits than it has; the padding of `CHAR` does not.
const CHANGES: &str = "
create function changes(given text, wanted text, sample text) returns bool language plpgsql as $$
declare before text; after text; is_changed bool; way text := 'v::';
begin
    if wanted in ('real', 'double precision') and given like 'numeric%' or wanted like 'character(%' then
        way := 'v::text::';
    elsif given = 'oid' then
        way := 'v::text::bigint::';
    end if;
    execute format('create temporary table one (v %s)', given);
    execute format('insert into one values (%L)', sample);
    execute 'select v::text from one' into before;
    execute format('alter table one alter v type %s', wanted);
    execute format('select (%s%s)::text from one', way, given) into after;
    drop table one;
    if given like 'json%' then
        before := regexp_replace(before, '\\s', '', 'g'); after := regexp_replace(after, '\\s', '', 'g');
    end if;
    if given like 'numeric%' then return after::numeric is distinct from before::numeric; end if;
    return after is distinct from before;
exception when others then
    return true;
end $$";

#[tokio::test]
async fn each_cast_is_predicted_for_each_value() {
    let database = empty().await;
    let client = client(database.url()).await;
    client
        .batch_execute("create extension citext; set time zone 'UTC'; set extra_float_digits = 1")
        .await
        .expect("it can be set");
    client.batch_execute(CHANGES).await.expect("it can be made");
    let mut names = BTreeMap::new();
    for (field, _) in TYPES {
        names.insert(*field, type_of(&client, field).await);
    }
    let mut failures = String::new();
    let mut pairs = 0;
    for (from, values) in TYPES {
        let (previous, given) = (catalog(from), &names[from]);
        let sql = format!("drop table if exists \"T\"; create table \"T\" (id serial, v {given})");
        client.batch_execute(&sql).await.expect("it can be made");
        for (to, _) in TYPES {
            let next = catalog(to);
            let plan = plan(&previous, &next);
            if !is_cast(plan.changes()) {
                continue;
            }
            pairs += 1;
            let wanted = &names[to];
            let hazards: Vec<_> = plan
                .hazards()
                .into_iter()
                .filter(|it| matches!(it.kind, HazardKind::RiskyCast { .. }))
                .collect();
            for value in *values {
                let changes = "select changes($1, $2, $3)";
                let changes: bool =
                    client.query_one(changes, &[given, wanted, value]).await.expect("it answers").get(0);
                let insert = format!(
                    "truncate \"T\"; insert into \"T\" (v) values ({})",
                    nicol_pg::quote_literal(value)
                );
                client.batch_execute(&insert).await.expect("the value is one");
                let found = check(&client, &hazards).await.expect("the server answers");
                let counts: Vec<_> = found.iter().map(|it| it.count).collect();
                let is_smallest = wanted == "numeric" && SMALLEST.contains(&(given, value));
                let expected = if changes || is_smallest { vec![Some(1)] } else { vec![] };
                if counts != expected {
                    writeln!(failures, "{given} → {wanted}, {value}: {counts:?} and not {expected:?}")
                        .expect("it is a text");
                }
            }
        }
    }
    assert!(pairs > 200, "{pairs}");
    assert!(failures.is_empty(), "{pairs} pairs\n{failures}");
}

fn is_cast(changes: &[Change<'_>]) -> bool {
    let actions = changes.iter().filter_map(|change| match change {
        Change::AlterTable(it) => Some(&it.actions),
        _ => None,
    });
    actions.flatten().any(|it| matches!(it, TableAction::AlterColumn(it) if it.ty))
}

/// The findings for values of a column whose type changes.
async fn found(client: &Client, from: &str, to: &str, values: &str) -> Vec<String> {
    let (previous, next) = (catalog(from), catalog(to));
    client.batch_execute("drop table if exists \"T\"").await.expect("it can go");
    let given = type_of(client, from).await;
    let sql = format!("create table \"T\" (id serial, v {given}); insert into \"T\" (v) values {values}");
    client.batch_execute(&sql).await.expect("the server takes it");
    let found = check(client, &plan(&previous, &next).hazards()).await.expect("the server answers");
    found.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn only_rows_that_a_cast_changes_are_counted() {
    let database = empty().await;
    let client = client(database.url()).await;
    for (from, to, values, expected) in [
        (
            "DateTime",
            "DateTime @db.Date",
            "('2024-05-06'), ('2024-05-06 07:08')",
            Some("`TIMESTAMP(3)` to `DATE`: the time of day is lost in 1 row"),
        ),
        ("DateTime", "DateTime @db.Date", "('2024-05-06'), (null)", None),
        (
            "DateTime",
            "DateTime @db.Timestamp(0)",
            "('2024-05-06 07:08:09.6'), ('2024-05-06 07:08:09.1')",
            Some("fractions of a second are rounded in 2 rows"),
        ),
        (
            "BigInt",
            "Float",
            "(9007199254740992), (9007199254740993)",
            Some("values are rounded or out of range in 1 row"),
        ),
        (
            "BigInt[]",
            "Int[]",
            "('{1,2}'), ('{1,3000000000}'), ('{}'), ('{null}')",
            Some("values are out of range in 1 row"),
        ),
        ("String[]", "String @db.VarChar(5)", "('{abc}'), ('{abc,d}')", Some("values are too long in 1 row")),
        ("Unsupported(\"cidr\")", "String @db.Inet", "('10.0.0.0/8')", None),
        (
            "String @db.Inet",
            "Unsupported(\"cidr\")",
            "('10.0.0.0/8'), ('10.1.2.3/8')",
            Some("values are changed or rejected in 1 row"),
        ),
        // What cannot be converted to be counted is taken to be there.
        (
            "Json @db.Json",
            "Unsupported(\"tsvector\")",
            "('{}'), ('null')",
            Some("values may be changed or rejected"),
        ),
        (
            "String @db.Text",
            "Unsupported(\"int4range\")",
            "('no range')",
            Some("values may be changed or rejected"),
        ),
    ] {
        let found = found(&client, from, to, values).await;
        let texts = found.iter().filter(|it| it.contains(" changes from ")).collect::<Vec<_>>();
        assert_eq!(texts.len(), usize::from(expected.is_some()), "{from} → {to}: {found:?}");
        assert!(expected.is_none_or(|expected| texts[0].contains(expected)), "{found:?}");
    }
}

/// To the client a time stamp is one of UTC, whatever the session's time zone.
#[tokio::test]
async fn timestamps_shifted_by_the_time_zone_are_counted() {
    let database = empty().await;
    let client = client(database.url()).await;
    for (zone, hit) in [("UTC", false), ("Europe/Berlin", true)] {
        client.batch_execute(&format!("set time zone '{zone}'")).await.expect("there is such a zone");
        for (from, to) in [
            ("DateTime", "DateTime @db.Timestamptz(3)"),
            ("DateTime @db.Timestamptz(3)", "DateTime"),
            ("DateTime @db.Date", "DateTime @db.Timestamptz(3)"),
            ("DateTime @db.Time(3)", "DateTime @db.Timetz(3)"),
        ] {
            let value = if from.contains("Time(") { "('07:08')" } else { "('2024-05-06')" };
            let found = found(&client, from, to, value).await;
            assert_eq!(
                found.iter().any(|it| it.contains("shifted by the session's time zone in 1 row")),
                hit,
                "{zone}: {found:?}"
            );
        }
    }
}
