//! Capabilities of the schema's database.
//!
//! Source: experiments with Prisma 6.19. Without a `datasource`, the schema is limited to what every database
//! supports, and names in the database are not checked.

/// A capability that PostgreSQL has and that is not available if the database is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Capability {
    /// Columns that hold lists.
    Lists,
    /// Arbitrary-precision numbers.
    Decimals,
    /// Native types: `@db.…`.
    NativeTypes,
    /// Index types other than `BTree`, and operator classes.
    IndexTypes,
    /// Named primary keys.
    NamedPrimaryKeys,
    /// Named foreign keys.
    NamedForeignKeys,
    /// Several schemas in one database.
    Schemas,
    /// `autoincrement()` on any column, and on several columns of a table.
    AutoincrementAnywhere,
    /// Foreign keys that list the columns of a key in a different order.
    ReferencesInAnyOrder,
    /// `SetNull` on a required column: accepted, but fails when executed.
    SetNullOnRequired,
    /// Keys, indexes and constraints with length-limited, unique names.
    ConstraintNames,
}

/// All capabilities.
pub(crate) const POSTGRESQL: &[Capability] = &[
    Capability::Lists,
    Capability::Decimals,
    Capability::NativeTypes,
    Capability::IndexTypes,
    Capability::NamedPrimaryKeys,
    Capability::NamedForeignKeys,
    Capability::Schemas,
    Capability::AutoincrementAnywhere,
    Capability::ReferencesInAnyOrder,
    Capability::SetNullOnRequired,
    Capability::ConstraintNames,
];

/// The capabilities of an unknown database.
pub(crate) const UNKNOWN: &[Capability] = &[];
