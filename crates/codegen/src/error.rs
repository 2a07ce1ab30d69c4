//! Errors.

use crate::statement::StatementError;

/// Why a client could not be generated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A model has more fields than a table can have columns.
    #[error(
        "model `{model}` has too many fields: a table can have at most 1600 columns\nhelp: move some of them to a separate model"
    )]
    TooManyFields {
        /// The name of the model.
        model: String,
    },
    /// A setting of a generator block is not a boolean.
    #[error("`{setting}` of generator `{generator}` is neither `true` nor `false`")]
    Setting {
        /// The name of the generator.
        generator: String,
        /// The setting.
        setting: &'static str,
    },
    /// The generator omits a field that does not exist.
    #[error(
        "generator `{generator}` cannot omit `{field}`: {problem}\nhelp: name the model and the field as the schema file does: `omit = [\"User.password\"]`"
    )]
    Omit {
        /// The name of the generator.
        generator: String,
        /// The field, as the generator names it.
        field: String,
        /// Why it is none.
        problem: String,
    },
    /// A statement of TypedSQL has a mistake.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The models of Auth.js do not fit the adapter.
    #[error(
        "the Auth.js adapter cannot use these models:\n{}\nhelp: compare them with https://authjs.dev/getting-started/adapters/prisma",
        problems.iter().map(|problem| format!("  - {problem}")).collect::<Vec<_>>().join("\n")
    )]
    AuthModels {
        /// Everything that does not fit.
        problems: Vec<AuthModelError>,
    },
}

/// Why a model of Auth.js does not fit the adapter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthModelError {
    /// The schema lacks the model.
    #[error("there is no model `{model}`")]
    NoModel {
        /// The missing model.
        model: &'static str,
    },
    /// The model lacks a field.
    #[error("`{model}` has no field `{field}` of type {expected}")]
    NoField {
        /// The model.
        model: &'static str,
        /// The missing field.
        field: &'static str,
        /// The type that it needs, as the schema file spells it.
        expected: &'static str,
    },
    /// A field has another type, or another arity.
    #[error("`{model}.{field}` must be of type {expected}")]
    WrongField {
        /// The model.
        model: &'static str,
        /// The field.
        field: &'static str,
        /// The type that it needs, as the schema file spells it.
        expected: &'static str,
    },
    /// The generator omits a field that the adapter reads.
    #[error("`{model}.{field}` must not be omitted by the generator")]
    Omitted {
        /// The model.
        model: &'static str,
        /// The field.
        field: &'static str,
    },
    /// The adapter does not know a required field.
    #[error("`{model}.{field}` must be optional or have a default")]
    RequiredField {
        /// The model.
        model: &'static str,
        /// The field.
        field: String,
    },
    /// The client cannot create rows, because a required field is ignored or unsupported.
    #[error("rows of `{model}` cannot be created: a required field is ignored or of an unsupported type")]
    NoCreate {
        /// The model.
        model: &'static str,
    },
    /// A unique key is missing.
    #[error("`{model}` has no unique key of {}", fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(" and "))]
    NoUnique {
        /// The model.
        model: &'static str,
        /// The fields of the key.
        fields: &'static [&'static str],
    },
    /// The relation to the user is missing.
    #[error("`{model}` has no relation to `User` by `userId`")]
    NoRelation {
        /// The model.
        model: &'static str,
    },
}
