//! The program for a schema that exists: it prints the first rows of each model.

use std::fmt::Write as _;

use nicol_codegen::Options;
use nicol_schema::Schema;

/// So many models are shown.
const MODELS: usize = 5;

/// Returns the program. `env_file` is the file with the variable `variable`.
pub(super) fn program(schema: &Schema, variable: &str, env_file: &str) -> anyhow::Result<String> {
    let files = nicol_codegen::generate(schema, &Options::default())?;
    // The names of the methods of the client, as the build script will choose them.
    let lines = files.iter().flat_map(|file| file.contents.lines());
    let methods = lines.filter_map(|line| {
        let (name, rest) = line.trim_start().strip_prefix("pub fn ")?.split_once("(&self)")?;
        rest.starts_with(" -> ::nicol::Table<").then(|| name.to_owned())
    });
    let mut text = format!(
        "//! Prints the first rows of each model.\n\n\
         mod db {{\n    nicol::client!();\n}}\n\n\
         use db::Client;\n\n\
         #[tokio::main]\n\
         async fn main() -> Result<(), nicol::Error> {{\n    \
         // The URL of the database: `{variable}`, here or in `{env_file}`.\n    \
         {}.ok();\n    \
         let db = Client::from_env().await?;\n",
        if env_file == ".env" {
            "dotenvy::dotenv()".to_owned()
        } else {
            format!("dotenvy::from_filename({env_file:?})")
        }
    );
    for name in methods.take(MODELS) {
        write!(
            text,
            "\n    println!(\"{name}: {{}} rows\", db.{name}().count().await?);\n    \
             for row in db.{name}().find_many().take(3).await? {{\n        \
             println!(\"  {{row:?}}\");\n    }}\n"
        )?;
    }
    text.push_str("    Ok(())\n}\n");
    Ok(text)
}
