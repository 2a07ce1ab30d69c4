//! Renames keep all rows, and the result equals a database that always had the new names.

use nicol_migrate::catalog::Catalog;
use nicol_migrate::{Hints, Rename, Renames};
use nicol_pg::tokio_postgres::Client;
use nicol_schema::Schema;

use crate::support::{TestResult, client, empty};

const PREVIOUS: &str = r"
model Account {
  id       Int      @id @default(autoincrement())
  mail     String   @unique
  nick     String?
  role     Role     @default(MEMBER)
  roles    Role[]   @default([MEMBER, ADMIN])
  letters  Letter[]
  groups   Group[]
  @@index([nick, mail])
}
model Letter {
  number   Int      @id @default(autoincrement())
  from     Int
  account  Account  @relation(fields: [from], references: [id])
}
model Group {
  id       String   @id
  accounts Account[]
}
enum Role {
  MEMBER
  ADMIN
}
";

const NEXT: &str = r#"
/// Whoever can sign in.
/// @renamedFrom(Account)
model User {
  no       BigInt   @id @default(autoincrement())
  email    String   @unique
  nickname String?  @map("nick_name")
  part     Part     @default(USER)
  parts    Part[]   @default([USER, ADMIN])
  letters  Letter[]
  groups   Group[]
  @@index([nickname, email])
}
model Letter {
  number   Int      @id @default(autoincrement())
  /// @renamedFrom(from)
  sender   BigInt
  user     User     @relation(fields: [sender], references: [no])
}
model Group {
  id       String   @id
  users    User[]
}
enum Part {
  /// @renamedFrom("MEMBER")
  USER
  ADMIN
}
"#;

const ARGUMENTS: [&str; 6] = [
    "User.id=no",
    "User.mail=User.email",
    "User.nick=nickname",
    "Role=Part",
    "User.role=part",
    "User.roles=parts",
];

const ROWS: &str = r#"
insert into "Account" (mail, nick) values ('a@example.org', 'a'), ('b@example.org', null);
insert into "Letter" ("from") values (1), (2), (1);
insert into "Group" values ('x');
insert into "_AccountToGroup" values (2, 'x');
"#;

fn schema(models: &str) -> Schema {
    let text =
        format!("datasource db {{\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}}\n{models}");
    nicol_schema::validate(&text).into_result().expect("it is valid")
}

/// Everything that has a name, in the words of the server.
/// Not the NOT NULL constraints, which have names since PostgreSQL 18 that renaming a column leaves alone.
async fn described(client: &Client) -> Vec<String> {
    let sql = "
        select format('column %s.%s %s %s %s', table_name, column_name, udt_name, is_nullable, column_default)
            from information_schema.columns where table_schema = 'public'
        union all select indexdef from pg_indexes where schemaname = 'public'
        union all select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
            where connamespace = 'public'::regnamespace and contype <> 'n'
        union all select 'sequence ' || sequencename from pg_sequences where schemaname = 'public'
        union all select format('%s.%s', typname, enumlabel) from pg_enum join pg_type t on t.oid = enumtypid
        order by 1";
    client.query(sql, &[]).await.expect("the catalog can be read").iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn renames_keep_all_data() -> TestResult {
    let (database, fresh) = (empty().await, empty().await);
    let (client, fresh) = (client(database.url()).await, client(fresh.url()).await);
    let (previous, next) = (schema(PREVIOUS), schema(NEXT));
    let hints = Hints::new(&next, &ARGUMENTS)?;
    let (previous, next) = (nicol_migrate::from_model(&previous), nicol_migrate::from_model(&next));
    let empty = Catalog::default();
    client.batch_execute(&nicol_migrate::plan(&empty, &previous).script()).await?;
    client.batch_execute(ROWS).await?;

    let renames = Renames::new(&previous, &next, &hints)?;
    let plan = nicol_migrate::plan_with(&renames, &next);
    let found = nicol_migrate::check(&client, &plan.hazards()).await?;
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "the primary key of table `User` is dropped or replaced; the table has 2 rows",
            "the primary key of table `_GroupToUser` is dropped or replaced; the table has 1 row"
        ]
    );
    client.batch_execute(&plan.script()).await.map_err(|error| format!("{error:?}\n{}", plan.script()))?;

    let sql = r#"select string_agg(concat_ws(' ', u.no, u.email, u.nick_name, u.part, u.parts, l.number), ', ' order by number)
        from "User" u join "Letter" l on l.sender = u.no"#;
    let rows: String = client.query_one(sql, &[]).await?.get(0);
    assert_eq!(
        rows,
        "1 a@example.org a USER {USER,ADMIN} 1, 2 b@example.org USER {USER,ADMIN} 2, 1 a@example.org a USER {USER,ADMIN} 3"
    );
    let rows: String = client.query_one(r#"select "A" || "B" from "_GroupToUser""#, &[]).await?.get(0);
    assert_eq!(rows, "x2");
    client.batch_execute(r#"insert into "User" (email) values ('c@example.org')"#).await?;

    fresh.batch_execute(&nicol_migrate::plan(&empty, &next).script()).await?;
    assert_eq!(described(&client).await, described(&fresh).await);

    // The hints may stay where they are.
    let renames = Renames::new(&next, &next, &hints)?;
    assert!(nicol_migrate::plan_with(&renames, &next).is_empty());
    let renames = Renames::new(&empty, &next, &hints)?;
    assert_eq!(
        nicol_migrate::plan_with(&renames, &next).script(),
        nicol_migrate::plan(&empty, &next).script()
    );
    Ok(())
}

#[test]
fn an_unknown_name_is_refused_with_a_suggestion() {
    let (previous, next) = (schema(PREVIOUS), schema(&PREVIOUS.replace("nick", "nickname")));
    let error = |argument: &str| {
        let hints = Hints::new(&next, &[argument])?;
        let (previous, next) = (nicol_migrate::from_model(&previous), nicol_migrate::from_model(&next));
        Renames::new(&previous, &next, &hints).map(|_| ())
    };
    assert_eq!(error("Account.nick=nickname"), Ok(()));
    let texts: Vec<_> =
        ["Account.nik=nickname", "Account.nick=nicknam", "Acount.nick=nickname", "Account.nick", "Rule=Role"]
            .map(|argument| {
                error(argument).map_or_else(|error| error.to_string(), |()| "no error".to_owned())
            })
            .to_vec();
    assert_eq!(
        texts,
        [
            "`--rename Account.nik=nickname`: neither `nik` nor its new name exists\nhelp: did you mean `nick`?",
            "`--rename Account.nick=nicknam`: there is no `nicknam` in the schema file\nhelp: did you mean `nickname`?",
            "`--rename Acount.nick=nickname`: there is no `Acount` in the schema file\nhelp: did you mean `Account`?",
            "`--rename Account.nick` is not a valid rename\nhelp: write `--rename Model.old=new` for a field or a value of an \
             enum, `--rename Old=New` for a model or an enum; in the schema file, `/// @renamedFrom(old)`",
            // It has its new name already.
            "no error",
        ]
    );
}

#[test]
fn candidates_are_found_from_the_outside_in() -> TestResult {
    let renamed = PREVIOUS.replace("Account", "Person").replace("nick", "nickname").replace("Role", "Part");
    let next_schema = schema(&renamed.replace("MEMBER", "USER"));
    let (previous, next) =
        (nicol_migrate::from_model(&schema(PREVIOUS)), nicol_migrate::from_model(&next_schema));
    let mut hints = Hints::new::<&str>(&next_schema, &[])?;
    assert!(hints.is_empty());
    let mut asked = Vec::new();
    // Always takes the first option.
    loop {
        let renames = Renames::new(&previous, &next, &hints)?;
        let candidates = nicol_migrate::rename_candidates(renames.catalog(), &next);
        let Some(candidate) = candidates.first() else { break };
        let options: Vec<_> = candidate.options.iter().map(Rename::to_string).collect();
        asked.push(options.join(" or "));
        hints.accept(candidate.options[0].clone());
    }
    assert_eq!(
        asked,
        [
            "enum `Role` → `Part`",
            "table `Account` → `Person`",
            "column `Person.nick` → `Person.nickname`",
            "value `Part.MEMBER` → `Part.USER`",
        ]
    );
    Ok(())
}
