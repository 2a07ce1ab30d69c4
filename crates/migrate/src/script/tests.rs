use proptest::prelude::*;

use super::*;

/// The statements of a script, each by itself.
fn cut(script: &str) -> Vec<&str> {
    split(script, true).statements.into_iter().map(|it| &script[it.range]).collect()
}

#[track_caller]
fn check_cut(script: &str, expected: &[&str]) {
    assert_eq!(cut(script), expected);
}

#[test]
fn semicolons_end_statements_and_comments_belong_to_none() {
    check_cut(
        "-- first;\nselect 1; ;; /* a; /* b; */ c; */ select 2 -- ;\n ;\n-- end",
        &["select 1;", "select 2 -- ;\n ;"],
    );
    check_cut("", &[]);
    check_cut(" ; /* only */ ; -- blanks", &[]);
    check_cut("select 1 -- and no end\n\n", &["select 1"]);
}

#[test]
fn semicolons_in_literals_do_not_end_statements() {
    check_cut(r"select 'a;''b;', 'c;\'; select 2", &[r"select 'a;''b;', 'c;\';", "select 2"]);
    check_cut(r"select E'a\';b', e'\\'; select 2", &[r"select E'a\';b', e'\\';", "select 2"]);
    check_cut(r"select namee'a\'; select 2", &[r"select namee'a\';", "select 2"]);
    check_cut(
        "select U&'\\0061;', U&\"a;\"\"b\", b'1;', N';'; select 2",
        &["select U&'\\0061;', U&\"a;\"\"b\", b'1;', N';';", "select 2"],
    );
    check_cut("select \"a;\"\"';\" from t; select 2", &["select \"a;\"\"';\" from t;", "select 2"]);
}

#[test]
fn a_continued_literal_follows_the_rules_of_its_first_part() {
    check_cut("select E'a' 'b\\'; select 2", &["select E'a' 'b\\';", "select 2"]);
    check_cut(
        "select E'a' -- and\n -- so\n 'b\\';c'; select 2",
        &["select E'a' -- and\n -- so\n 'b\\';c';", "select 2"],
    );
}

#[test]
fn dollars_quote_only_in_pairs() {
    check_cut(
        "select $$a;b$$, $x$;$$;$y$;$x$; select $1; select a$b$; select 2",
        &["select $$a;b$$, $x$;$$;$y$;$x$;", "select $1;", "select a$b$;", "select 2"],
    );
    check_cut("select $1$;$1$; select 2", &["select $1$;", "$1$;", "select 2"]);
    check_cut("select $ä$;$ä$; select 2", &["select $ä$;$ä$;", "select 2"]);
}

#[test]
fn bodies_and_rules_keep_their_statements() {
    let function = "create or replace function f(begin int) returns int language sql\nbegin atomic\n  select case when begin > 0 then 1 end;\n  select t.end as case from t;\n  select 2;\nend;";
    check_cut(&format!("{function} select 3"), &[function, "select 3"]);
    let rule =
        "create rule r as on insert to t do also (insert into a values (1); insert into b values (2));";
    check_cut(&format!("{rule} select 3;"), &[rule, "select 3;"]);
    check_cut("begin; select 1; end; select 2", &["begin;", "select 1;", "end;", "select 2"]);
}

#[test]
fn a_script_can_change_standard_conforming_strings() {
    check_cut(
        r"set standard_conforming_strings = off; select 'a\';b'; set standard_conforming_strings to 'on'; select '\'; select 2",
        &[
            "set standard_conforming_strings = off;",
            r"select 'a\';b';",
            "set standard_conforming_strings to 'on';",
            r"select '\';",
            "select 2",
        ],
    );
    assert_eq!(split(r"select 'a\';b'; select 2", false).statements.len(), 2);
}

#[test]
fn lines_are_counted_from_the_first_word() {
    let script = "-- one\n\nselect 'two\nlines';\n\n  select 2;select 3";
    let lines: Vec<_> = split(script, true).statements.iter().map(|it| it.line).collect();
    assert_eq!(lines, [3, 6, 6]);
}

#[test]
fn statements_are_classified_by_their_effect_on_the_transaction() {
    let kind = |text: &str| classify(&split(text, true).statements[0], text);
    for text in ["BEGIN", "begin isolation level serializable;", "/* x */ start transaction read only"] {
        assert_eq!(kind(text), Kind::Begin, "{text}");
    }
    for text in ["commit", "END;", "commit work and chain"] {
        assert_eq!(kind(text), Kind::Commit, "{text}");
    }
    for text in ["rollback", "ABORT", "rollback and chain"] {
        assert_eq!(kind(text), Kind::Rollback, "{text}");
    }
    assert_eq!(kind("prepare transaction 'x'"), Kind::Prepare);
    for text in [
        "rollback to s",
        "rollback work to savepoint s",
        "savepoint s",
        "prepare p as select 1",
        "create index concurrently_named on t (a)",
        "create index on concurrently (a)",
        "drop index i",
        "reindex table t",
        "cluster t using i",
        "cluster \"T\"",
        "alter table t detach partition p",
        "refresh materialized view concurrently v",
        "select 'vacuum'",
        "do $$ begin perform 1; end $$",
        "set local work_mem = '1MB'",
        "create database_like ()",
        "insert into \"commit\" values ('commit')",
    ] {
        assert_eq!(kind(text), Kind::Plain, "{text}");
    }
    for text in [
        "vacuum",
        "VACUUM (full) t",
        "reindex index concurrently i",
        "reindex (verbose) schema s",
        "reindex (concurrently true) table t",
        "alter system set work_mem = '1MB'",
        "cluster",
        "cluster (verbose)",
        "discard all",
        "alter database d set tablespace t",
    ] {
        assert_eq!(kind(text), Kind::Outside(Outside::Repeatable), "{text}");
    }
    for text in [
        "create database d",
        "drop tablespace t",
        "commit prepared 'x'",
        "alter table a.t detach partition p concurrently",
        "do $$ begin update t set a = 1; commit; end $$",
    ] {
        assert_eq!(kind(text), Kind::Outside(Outside::Unclear), "{text}");
    }
    for text in
        ["set work_mem = '1MB'", "reset all", "select pg_catalog.set_config('search_path', '', false)"]
    {
        assert_eq!(kind(text), Kind::Setting, "{text}");
    }
    for text in ["\\connect app", "select 1 \\gexec"] {
        assert_eq!(kind(text), Kind::NotSql(NotSql::PsqlCommand), "{text}");
    }
    assert_eq!(kind("copy t (a) from stdin with csv"), Kind::NotSql(NotSql::CopyFromInput));
    assert_eq!(kind("copy t from program 'x'"), Kind::Plain);
    assert_eq!(kind("select '\0'"), Kind::NotSql(NotSql::ZeroByte));
}

#[test]
fn indexes_and_enum_values_are_known_by_name() {
    let kind = |text: &str| classify(&split(text, true).statements[0], text);
    let index = |schema: Option<&str>, name: Option<&str>, table: Option<&str>| Index {
        schema: schema.map(str::to_owned),
        name: name.map(str::to_owned),
        table: table.map(str::to_owned),
    };
    for (text, expected) in [
        (
            "create unique index concurrently if not exists \"I\"\"x\" on only S.\"T\" using btree (a)",
            index(Some("s"), Some("I\"x"), Some("T")),
        ),
        ("create index concurrently on t (a)", index(None, None, Some("t"))),
        ("create index concurrently i on t (a)", index(None, Some("i"), Some("t"))),
    ] {
        assert_eq!(kind(text), Kind::Outside(Outside::CreatesIndex(expected)), "{text}");
    }
    let dropped = index(Some("s"), Some("I"), None);
    assert_eq!(
        kind("drop index concurrently if exists s.\"I\" cascade"),
        Kind::Outside(Outside::DropsIndex(dropped))
    );
    let name = vec!["public".to_owned(), "Role".to_owned()];
    assert_eq!(
        kind("ALTER TYPE \"public\".\"Role\" ADD VALUE IF NOT EXISTS 'it''s' BEFORE 'USER';"),
        Kind::AddsEnumValue { name: name.clone(), value: "it's".to_owned() }
    );
    assert_eq!(kind("create type public.\"Role\" as enum ()"), Kind::CreatesType { name });
}

/// What scripts are made of, and what breaks them.
const PARTS: [&str; 44] = [
    "select 1",
    ";",
    "'",
    "''",
    "E'",
    "\\",
    "\\'",
    "\"",
    "$$",
    "$a$",
    "$1",
    "$",
    "/*",
    "*/",
    "--",
    "\n",
    "\r\n",
    " ",
    "(",
    ")",
    "begin",
    " atomic ",
    "end",
    "case",
    "commit",
    "create function f()",
    "create index concurrently i on t",
    "alter type r add value 'x'",
    "set standard_conforming_strings = off",
    "copy t from stdin",
    "drop index concurrently",
    "reindex (",
    "U&'",
    "N'",
    "ä",
    "\u{1F600}",
    "\0",
    "as",
    ".",
    ",",
    "e",
    "vacuum",
    "prepare transaction",
    "do",
];

proptest! {
    #[test]
    fn split_statements_join_to_the_script(parts in prop::collection::vec(prop::sample::select(&PARTS[..]), 0..40), standard: bool) {
        check_gapless(&parts.concat(), standard)?;
    }

    #[test]
    fn any_text_can_be_split(text: String, standard: bool) {
        check_gapless(&text, standard)?;
    }

    /// Nothing depends on what follows.
    #[test]
    fn a_statement_alone_is_split_as_among_others(parts in prop::collection::vec(prop::sample::select(&PARTS[..]), 0..20)) {
        let script = parts.concat();
        let found = split(&script, true);
        // The last one may be open.
        let Some((_, closed)) = found.statements.split_last() else { return Ok(()) };
        for statement in closed {
            let alone = &script[statement.range.clone()];
            let again = split(alone, statement.standard_strings);
            prop_assert_eq!(again.statements.len(), 1, "{:?}", alone);
            prop_assert_eq!(&again.statements[0].range, &(0..alone.len()));
        }
    }
}

fn check_gapless(text: &str, standard: bool) -> Result<(), TestCaseError> {
    let found = split(text, standard);
    let mut position = 0;
    let mut whole = String::new();
    for statement in &found.statements {
        prop_assert_eq!(statement.before.start, position);
        prop_assert_eq!(statement.before.end, statement.range.start);
        prop_assert!(!statement.range.is_empty());
        prop_assert_eq!(statement.line, text[..statement.range.start].matches('\n').count() + 1);
        whole.push_str(&text[statement.before.clone()]);
        whole.push_str(&text[statement.range.clone()]);
        position = statement.range.end;
        classify(statement, text);
    }
    prop_assert_eq!(found.after.start, position);
    whole.push_str(&text[found.after]);
    prop_assert_eq!(whole, text);
    Ok(())
}
