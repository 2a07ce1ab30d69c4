//! The Auth.js adapter: which models it works with, and what is reported about others. What it writes is in `data/authjs`,
//! and `nicol-auth` runs its suite on it.

use nicol_codegen::{Layout, Options, generate};

const MODELS: &str = include_str!("data/authjs/schema.prisma");

/// Generates the client of a schema with the adapter.
fn client(schema: &str) -> Result<String, String> {
    let validated = nicol_schema::validate(schema);
    let report = nicol_schema::render(&validated.diagnostics, schema, "schema.prisma", false);
    let schema = validated.schema.unwrap_or_else(|| panic!("{report}"));
    let files =
        generate(&schema, &Options { layout: Layout::SingleFile, auth_adapter: true, ..Options::default() });
    files
        .map(|files| files.into_iter().map(|file| file.contents).collect())
        .map_err(|error| error.to_string())
}

#[track_caller]
fn check_problems(changes: &[(&str, &str)], expected: &[&str]) {
    let mut schema = MODELS.to_owned();
    for (before, after) in changes {
        assert!(schema.contains(before), "{before}");
        schema = schema.replace(before, after);
    }
    let error = client(&schema).expect_err("the models do not fit");
    let problems: Vec<_> = error.lines().filter_map(|line| line.strip_prefix("  - ")).collect();
    assert_eq!(problems, expected);
}

#[test]
fn what_the_adapter_reads_is_not_omitted() {
    let generator = "generator rust {\n  provider = \"nicol\"\n  omit = [\"User.email\"]\n}\n\nmodel User {";
    check_problems(&[("model User {", generator)], &["`User.email` must not be omitted by the generator"]);
}

#[test]
fn every_problem_is_reported() {
    check_problems(
        &[
            ("  emailVerified DateTime?\n", ""),
            ("  image         String?", "  image Int?"),
            ("  type              String\n", "  type String\n  tenant String\n"),
            ("@@id([identifier, token])", "@@id([token])"),
        ],
        &[
            "`User` has no field `emailVerified` of type `DateTime?`",
            "`User.image` must be of type `String?`",
            "`Account.tenant` must be optional or have a default",
            "`VerificationToken` has no unique key of `identifier` and `token`",
        ],
    );
    check_problems(
        &[
            ("id            String    @id @default(cuid())", "id String @id @default(uuid()) @db.Uuid"),
            ("userId            String", "userId String @db.Uuid"),
            ("userId       String", "userId String @db.Uuid"),
        ],
        &[
            "`User.id` must be of type `String` with a default",
            "`Account.userId` must be of type `String`",
            "`Session.userId` must be of type `String`",
        ],
    );
    check_problems(
        &[
            ("email         String    @unique", "email String? @unique"),
            ("  expires_at        BigInt?", "  expires_at String?"),
        ],
        &[
            "`User.email` must be of type `String`",
            "`Account.expires_at` must be of type `Int?` or `BigInt?`",
        ],
    );
    check_problems(&[("model VerificationToken", "model Token")], &["there is no model `VerificationToken`"]);
    let message = client("datasource db {\n  provider = \"postgresql\"\n  url = \"\"\n}\n").unwrap_err();
    assert!(
        message.starts_with("the Auth.js adapter cannot use these models:\n  - there is no model `User`\n")
    );
    assert!(message.contains("\nhelp: compare them with"), "{message}");
}

#[test]
fn all_versions_of_the_models_are_supported() {
    let with_ids = MODELS
        .replace("  @@id([provider, providerAccountId])", "  id String @id @default(cuid())\n  session_state String?\n\n  @@unique([providerAccountId, provider])")
        .replace("BigInt?", "Int?")
        .replace("  sessionToken String   @unique", "  id String @id @default(cuid())\n  sessionToken String @unique")
        .replace("@@id([identifier, token])", "@@unique([token, identifier])");
    let client = client(&with_ids).unwrap();
    for written in [
        "by_provider_account_id_and_provider(key.provider_account_id, key.provider,",
        "by_token_and_identifier(token.as_str(), identifier,",
        "i32::try_from(seconds).ok()",
        ".session_state(account.session_state)",
    ] {
        assert!(client.replace(['\n', ' '], "").contains(&written.replace(' ', "")), "{written}\n{client}");
    }
}

#[test]
fn the_adapter_is_opt_in() {
    let schema = nicol_schema::validate(MODELS).schema.unwrap();
    let files = generate(&schema, &Options::default()).unwrap();
    assert!(files.iter().all(|file| !file.contents.contains("nicol_auth")));
}
