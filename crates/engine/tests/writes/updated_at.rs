//! Which rows a nested write gives a new `@updatedAt`, as it was measured with Prisma 6.19: those that it creates or changes, and those whose
//! foreign key it sets. Rows that it disconnects or links by a table of their own keep theirs.

use nicol_engine::Engine;
use serde_json::{Value, json};
use testkit::TestDatabase;

use super::ask;

const SCHEMA: &str = include_str!("updated_at/schema.prisma");

/// The rows with a new time: the first letter of the model, and the key.
const TOUCHED: &str = r#"SELECT coalesce(string_agg(model || id, ' ' ORDER BY model, id), '') FROM (
    SELECT 'P' AS model, "id", "updatedAt" FROM "Parent" UNION ALL SELECT 'C', "id", "updatedAt" FROM "Child"
    UNION ALL SELECT 'O', "id", "updatedAt" FROM "One" UNION ALL SELECT 'T', "id", "updatedAt" FROM "Tag"
) AS rows WHERE "updatedAt" > '2024-01-01'"#;

#[tokio::test]
async fn nested_writes_change_the_times_that_prisma_changes() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("updated_at/cases.json")).unwrap();
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let schema = nicol_schema::validate(SCHEMA).schema.unwrap();
    let tables = nicol_migrate::from_model(&schema);
    let script = nicol_migrate::plan(&nicol_migrate::catalog::Catalog::default(), &tables).script();
    client.batch_execute(&script).await.unwrap();
    let engine = Engine::new(schema, &database.url_text()).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let empty = r#"TRUNCATE "Parent", "Child", "One", "Tag", "_ParentToTag""#;
        client.batch_execute(&format!("{empty}; {}", include_str!("updated_at/rows.sql"))).await.unwrap();
        let action = if case["arguments"].get("where").is_some() { "updateOne" } else { "createOne" };
        let query = json!({ "arguments": case["arguments"], "selection": { "$scalars": true } });
        let request = json!({ "modelName": case["model"], "action": action, "query": query });
        let answer = ask(&engine, &request).await;
        let touched: String = client.query_one(TOUCHED, &[]).await.unwrap().get(0);
        if answer.get("error").is_some() || case["touched"] != touched {
            wrong.push(format!("{}: `{touched}` instead of {}, {answer}", case["name"], case["touched"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
