//! Aggregate functions.

/// An aggregate function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Function {
    /// The number of rows.
    CountRows,
    /// The number of rows in which the column is not null.
    Count(u16),
    /// The sum.
    Sum(u16),
    /// The mean.
    Average(u16),
    /// The smallest value.
    Minimum(u16),
    /// The greatest value.
    Maximum(u16),
}
