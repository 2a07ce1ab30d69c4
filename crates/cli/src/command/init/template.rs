//! The programs that a new project can start with.

use super::SCHEMA_FILE;
use super::manifest::{Dependencies, Origin};
use crate::args::Template as Name;

/// A schema, and the program that goes with it.
pub(super) struct Template {
    pub(super) schema: &'static str,
    build_script: &'static str,
    pub(super) main: &'static str,
    /// Whether it has sign-in, and so needs `AUTH_SECRET`.
    pub(super) has_auth: bool,
    /// What `cargo run` does.
    pub(super) purpose: &'static str,
}

/// The program in `examples/quickstart`; a test compares them.
const QUICKSTART: Template = Template {
    schema: include_str!("templates/quickstart/schema.prisma"),
    build_script: include_str!("templates/quickstart/build.rs"),
    main: include_str!("templates/quickstart/main.rs"),
    has_auth: false,
    purpose: "write rows and read them",
};

/// The program in `examples/axum`; a test compares them.
const AUTH: Template = Template {
    schema: include_str!("templates/auth/schema.prisma"),
    build_script: include_str!("templates/auth/build.rs"),
    main: include_str!("templates/auth/main.rs"),
    has_auth: true,
    purpose: "sign in at http://localhost:3000/api/auth/signin",
};

const PEOPLE: Template = Template {
    schema: include_str!("templates/people/schema.prisma"),
    main: include_str!("templates/people/main.rs"),
    purpose: "list the people",
    ..QUICKSTART
};

impl Template {
    pub(super) fn named(name: Option<Name>) -> &'static Self {
        match name {
            None => &QUICKSTART,
            Some(Name::Auth) => &AUTH,
            Some(Name::People) => &PEOPLE,
        }
    }

    pub(super) fn build_script(&self, schema_path: &str) -> String {
        self.build_script.replace(SCHEMA_FILE, schema_path)
    }

    pub(super) fn dependencies(&self, origin: &Origin) -> Dependencies {
        if self.has_auth { Dependencies::of_sign_in(origin) } else { Dependencies::of_client(origin) }
    }
}
