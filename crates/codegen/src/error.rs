//! What can go wrong.

/// Why there is no client for a schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A model has more fields than a table can have columns.
    #[error(
        "model `{model}` has too many fields: a table holds at most 1600 columns\nhelp: move some of them to a model of their own"
    )]
    TooManyFields {
        /// The model.
        model: String,
    },
}
