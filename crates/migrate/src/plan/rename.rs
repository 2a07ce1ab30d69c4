//! Hints → [`Renames`]: objects that a plan would drop and create are renamed, if a hint says that they are the same.
//!
//! ```text
//! --rename, /// @renamedFrom(…), answers ─► Hints ─┐
//! previous catalog ────────────────────────────────┴─► Renames ─ plan ─► Plan
//! ```
//!
//! Two catalogs alone do not show whether an object is new or renamed. Prisma 6.19 drops and creates: a renamed field without
//! `@map` loses its values.

mod apply;
mod candidate;
mod hint;

pub use apply::Renames;
pub use candidate::{Candidate, rename_candidates};
pub use hint::{HintError, Hints};
