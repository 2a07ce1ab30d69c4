//! Renames without loss: what a plan would drop and create is renamed, where somebody says that it is the same thing.
//!
//! ```text
//! --rename, /// @renamedFrom(…), answers ─► Hints ─┐
//! previous catalog ────────────────────────────────┴─► Renames ─ plan ─► Plan
//! ```
//!
//! The two catalogs alone cannot tell a new name from a new thing, and neither does Prisma 6.19: there, a renamed field
//! without `@map` loses its values.

mod apply;
mod candidate;
mod hint;

pub use apply::Renames;
pub use candidate::{Candidate, rename_candidates};
pub use hint::{HintError, Hints};
