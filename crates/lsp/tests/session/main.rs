//! The server from the editor's side, message by message.

mod actions;
mod completion;
mod documents;
mod hover;
mod navigation;
mod protocol;
mod rename;
mod support;

/// The beginning of each schema.
const DATASOURCE: &str =
    "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n";
