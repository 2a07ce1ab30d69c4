//! What the database of a schema can do.
//!
//! Source: Prisma 6.19, by experiment: where no `datasource` says which database it is, the schema is held to what every
//! database of the language can do, and names in the database are not looked at.

/// Something that PostgreSQL can do, and that cannot be relied on where the database is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Capability {
    /// A column that holds several values.
    Lists,
    /// Numbers of any precision.
    Decimals,
    /// Types of its own: `@db.…`.
    NativeTypes,
    /// Indexes of other types than `BTree`, and operator classes.
    IndexTypes,
    /// A name for a primary key.
    NamedPrimaryKeys,
    /// A name for a foreign key.
    NamedForeignKeys,
    /// Several schemas in one database.
    Schemas,
    /// `autoincrement()` on any column, and on several of a table.
    AutoincrementAnywhere,
    /// Foreign keys that name the columns of a key in another order than the key.
    ReferencesInAnyOrder,
    /// `SetNull` where a column is required: it is taken, and fails when it comes to it.
    SetNullOnRequired,
    /// Names of keys, indexes and constraints that have a longest length and must not meet.
    ConstraintNames,
}

/// All of them.
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

/// A database of which nothing is known.
pub(crate) const UNKNOWN: &[Capability] = &[];
