//! The fields that the generator omits.

use nicol_codegen::{Error, Options, generate};

fn omitting(fields: &str) -> Result<String, Error> {
    let schema = format!(
        "datasource db {{\n  provider = \"postgresql\"\n  url = \"\"\n}}\n\n\
         generator client {{\n  provider = \"nicol\"\n  omit = {fields}\n}}\n\n\
         generator other {{\n  provider = \"prisma-client-js\"\n  omit = [\"None.none\"]\n}}\n\n\
         model User {{\n  id Int @id\n  password String\n  posts Post[]\n}}\n\n\
         model Post {{\n  id Int @id\n  userId Int\n  user User @relation(fields: [userId], references: [id])\n}}\n"
    );
    let schema = nicol_schema::validate(&schema).schema.expect("a valid schema");
    let files = generate(&schema, &Options::default())?;
    Ok(files.into_iter().find(|file| file.path == "user.rs").expect("a file for each model").contents)
}

#[test]
fn an_omitted_field_is_no_field_of_the_row() {
    let whole = omitting("[]").expect("it can be generated");
    for fields in ["[\"User.password\"]", "\"User.password\""] {
        let user = omitting(fields).expect("it can be generated");
        assert!(
            whole.contains("impl_row!(User { id, password })") && user.contains("impl_row!(User { id })"),
            "{user}"
        );
        // What is written and filtered by is the same.
        assert_eq!(whole.matches("password").count() - user.matches("password").count(), 3);
    }
}

#[test]
fn what_is_no_column_cannot_be_omitted() {
    for (fields, problem) in [
        ("[\"User.pasword\"]", "model `User` has no column `pasword`"),
        ("[\"User.posts\"]", "model `User` has no column `posts`"),
        ("[\"Usr.password\"]", "there is no model `Usr`"),
        ("[\"User.id\", \"password\"]", "it has no dot"),
    ] {
        let error = omitting(fields).expect_err(fields).to_string();
        assert!(error.starts_with("generator `client` cannot omit `") && error.contains(problem), "{error}");
        assert!(error.contains("help: name the model and the field as the schema file does"), "{error}");
    }
}
