//! An application to compile: a schema like those of real applications, and functions that use its client.

use std::fmt::Write as _;

/// Names of models are a noun and a kind.
const NOUNS: [&str; 15] = [
    "User", "Team", "Document", "Template", "Invoice", "Order", "Product", "Survey", "Contact", "Project",
    "Task", "Trace", "Booking", "Website", "Webhook",
];
const KINDS: [&str; 10] =
    ["", "Member", "Settings", "Event", "Token", "Version", "Comment", "Group", "Share", "Log"];

/// Columns that a model may have: name and type.
const COLUMNS: [(&str, &str); 14] = [
    ("title", "String @default(\"\")"),
    ("description", "String?"),
    ("externalId", "String? @unique"),
    ("isActive", "Boolean @default(true)"),
    ("position", "Int @default(0)"),
    ("views", "Int @default(0)"),
    ("size", "BigInt @default(0)"),
    ("rate", "Float?"),
    ("amount", "Decimal? @db.Decimal(12, 2)"),
    ("metadata", "Json?"),
    ("expiresAt", "DateTime?"),
    ("deletedAt", "DateTime?"),
    ("labels", "String[]"),
    ("role", "Role @default(MEMBER)"),
];

const HEAD: &str = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n\n\
    /// The state of a row.\nenum Status {\n  DRAFT\n  PENDING\n  DONE\n}\n\nenum Role {\n  ADMIN\n  MEMBER\n  GUEST\n}\n";

/// Each model's `owner` is the next model, and its `reviewer` the third next.
fn name(model: usize, models: usize) -> String {
    let model = model % models;
    format!("{}{}", NOUNS[model % NOUNS.len()], KINDS[model / NOUNS.len()])
}

/// A sequence of numbers that is the same in each run (Knuth's MMIX).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % end
    }
}

/// Returns a schema with this many models (5 to 150). Each has 12 to 20 columns, and 4 to 6 relations on average.
pub(crate) fn schema(models: usize) -> String {
    let mut random = Random(7);
    let mut bodies: Vec<String> = (0..models)
        .map(|model| {
            let (owner, reviewer) = (name(model + 1, models), name(model + 3, models));
            let (own, mut body) = (name(model, models), String::new());
            let first = random.below(COLUMNS.len());
            for column in 0..4 + random.below(9) {
                let (name, ty) = COLUMNS[(first + column) % COLUMNS.len()];
                writeln!(body, "  {name} {ty}").expect("a string");
            }
            writeln!(
                body,
                "  owner {owner} @relation(\"{own}Owner\", fields: [ownerId], references: [id], onDelete: Cascade)\n  \
                 ownerId String\n  \
                 reviewer {reviewer}? @relation(\"{own}Reviewer\", fields: [reviewerId], references: [id])\n  \
                 reviewerId String?\n  @@index([ownerId])"
            )
            .expect("a string");
            body
        })
        .collect();
    for model in 0..models {
        let own = name(model, models);
        writeln!(bodies[(model + 1) % models], "  owned {own}[] @relation(\"{own}Owner\")")
            .expect("a string");
        writeln!(bodies[(model + 3) % models], "  reviewed {own}[] @relation(\"{own}Reviewer\")")
            .expect("a string");
        // Half of the models have another relation to any model.
        if random.below(2) == 0 {
            let other = random.below(models);
            let target = name(other, models);
            write!(bodies[model], "  other {target}? @relation(\"{own}Other\", fields: [otherId], references: [id])\n  otherId String?\n").expect("a string");
            writeln!(bodies[other], "  others{own} {own}[] @relation(\"{own}Other\")").expect("a string");
        }
    }
    let mut schema = HEAD.to_owned();
    for (model, body) in bodies.iter().enumerate() {
        write!(
            schema,
            "\n/// What the application knows of one.\nmodel {} {{\n  id String @id @default(cuid())\n  /// As users read it.\n  \
             name String\n  email String @unique\n  status Status @default(DRAFT)\n  createdAt DateTime @default(now())\n  \
             updatedAt DateTime @updatedAt\n{body}}}\n",
            name(model, models)
        )
        .expect("a string");
    }
    schema
}

/// Functions of an application. `row` is a model's module, `owner` that of its owner, `own` that of a model that it owns; `ROW`, `OWNER`
/// and `OWN` are the methods of the client.
const CALLS: [&str; 14] = [
    // The first one is changed.
    "let found = db.ROW().find_unique(row::by_email(\"changed 0\"))
        .include(row::owner.include(owner::reviewer))
        .include(row::owned.order_by(own::name.asc()).take(5))
        .await?;
    Ok(found.map_or(0, |it| it.owned().len() + it.owner().reviewer().as_ref().map_or(0, |it| it.name.len())))",
    "let rows = db.ROW().find_many()
        .filter(row::name.contains(\"a\").insensitive().and(row::status.eq(Status::Pending)).or(row::email.ends_with(\"b\")))
        .order_by((row::created_at.desc(), row::id.asc()))
        .skip(20).take(10)
        .await?;
    Ok(rows.iter().map(|it| it.name.len() + it.email.len()).sum())",
    "let found = db.ROW().find_first()
        .filter(row::owned.some(own::status.ne(Status::Done)).and(row::owner.is(owner::name.starts_with(\"c\"))))
        .order_by(row::name.asc())
        .await?;
    Ok(found.map_or(0, |it| it.id.len()))",
    "let rows = db.ROW().find_many().filter(row::reviewer.is_null()).select((row::id, row::name, row::status)).await?;
    Ok(rows.iter().map(|(id, name, _)| id.len() + name.len()).sum())",
    "let changed = db.ROW().update(row::by_id(\"1\")).name(\"d\").status(Status::Done).reviewer_id(nicol::NULL)
        .include(row::reviewer)
        .await?;
    Ok(changed.name.len() + changed.reviewer().as_ref().map_or(0, |it| it.id.len()))",
    "let changed = db.ROW().update_many().filter(row::created_at.lt(nicol::types::DateTime::default())).status(Status::Done).await?;
    Ok(usize::try_from(changed).unwrap_or_default())",
    "let written = db.ROW().upsert(row::by_email(\"e\"), NEW, |it| it.name(\"f\").status(Status::Draft)).await?;
    Ok(written.name.len())",
    "db.transaction().run(async |tx| {
        let owner = tx.OWNER().find_unique(owner::by_id(\"1\")).or_not_found().await?;
        let changed = tx.ROW().update(row::by_id(\"2\")).name(owner.name.as_str()).owner_id(owner.id).await?;
        tx.OWN().delete_many().filter(own::owner_id.eq(changed.id.as_str())).await?;
        Ok(changed.name.len())
    })
    .await",
    "let gone = db.ROW().delete(row::by_id(\"3\")).await?;
    let others = db.ROW().delete_many().filter(row::owner_id.eq(gone.owner_id)).await?;
    Ok(usize::try_from(others).unwrap_or_default())",
    "let count = db.ROW().count().filter(row::owned.none(own::name.eq(\"g\"))).await?;
    let (all, last) = db.ROW().aggregate((nicol::count(), nicol::max(row::created_at))).await?;
    Ok(usize::try_from(count + all).unwrap_or_default() + usize::from(last.is_some()))",
    "let (found, count) = db.batch((db.ROW().find_many().take(10), db.OWNER().count())).await?;
    Ok(found.len() + usize::try_from(count).unwrap_or_default())",
    "let rows = db.ROW().find_many().include(row::owned.count()).include(row::owner).take(3).await?;
    Ok(serde_json::to_string(&rows).map_or(0, |text| text.len()))",
    "db.transaction().run(async |tx| {
        let rows = tx.ROW().find_many().filter(row::status.is_in([Status::Draft, Status::Pending])).include(row::owned).await?;
        for it in &rows {
            if it.owned().is_empty() {
                tx.ROW().update(row::by_id(it.id.as_str())).status(Status::Done).await?;
            }
        }
        Ok(rows.len())
    })
    .await",
    "let found = db.ROW().find_unique(row::by_id(\"4\")).or_not_found().await?;
    let created = db.ROW().create(NEW).status(found.status).include(row::owner).await?;
    Ok(created.owner().name.len())",
];

/// How many functions use the client.
const FUNCTIONS: usize = 42;

/// Returns a program with functions that use the client at this path. Its `main` calls each as a web server does: boxed.
pub(crate) fn program(models: usize, client: &str) -> String {
    let mut functions = String::new();
    let mut arms = String::new();
    for function in 0..FUNCTIONS {
        let model = function * 11 % models;
        let [row, own, owner] =
            [model, model + models - 1, model + 1].map(|model| snake(&name(model, models)));
        let body = CALLS[function % CALLS.len()]
            .replace("NEW", "row::New { name: \"n\".into(), email: \"m\".into(), owner_id: \"1\".into() }")
            .replace("ROW()", &format!("{row}()"))
            .replace("OWNER()", &format!("{owner}()"))
            .replace("OWN()", &format!("{own}()"));
        write!(
            functions,
            "async fn f{function}(db: &Client) -> Result<usize, Error> {{\n    \
             use {client}::{{{own} as own, {owner} as owner, {row} as row}};\n    {body}\n}}\n\n"
        )
        .expect("a string");
        writeln!(arms, "        {function} => Box::pin(async move {{ f{function}(&db).await }}),")
            .expect("a string");
    }
    format!(
        "#![allow(unused_imports)]\n\nuse {client}::{{Client, Status}};\nuse nicol::Error;\n\n{functions}\
         type Called = std::pin::Pin<Box<dyn Future<Output = Result<usize, Error>> + Send>>;\n\n\
         fn call(db: Client, function: usize) -> Called {{\n    match function {{\n{arms}        \
         _ => Box::pin(async {{ Ok(0) }}),\n    }}\n}}\n\n\
         #[tokio::main]\nasync fn main() {{\n    \
         let db = Client::lazy(\"postgresql://localhost/none\").expect(\"a URL\");\n    \
         println!(\"{{:?}}\", call(db, std::env::args().count()).await);\n}}\n"
    )
}

fn snake(name: &str) -> String {
    let words = name
        .char_indices()
        .map(|(at, it)| if at > 0 && it.is_uppercase() { format!("_{it}") } else { it.into() });
    words.collect::<String>().to_lowercase()
}
