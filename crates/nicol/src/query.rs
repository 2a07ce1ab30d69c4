//! The query as data. The typed builders make it, and so does `nicol-engine` from requests in Prisma's JSON protocol; `sql` writes it, and
//! `run` runs what takes several statements. Nothing here is generic, so it is compiled once.

mod aggregate;
mod condition;
mod find;
mod function;
mod key;
mod order;
mod write;

pub use aggregate::{Aggregate, GroupBy};
pub use condition::{
    CompareOp, Condition, Fragment, JsonTest, ListOp, Operand, Piece, Quantifier, Subject, TextMode, TextOp,
};
pub use find::{Columns, Find, Include, Lock, LockConflict, LockStrength, Selected};
pub use function::Function;
pub use key::{Key, Unique};
pub use order::{Nulls, Order, OrderBy};
pub use write::{
    Assignment, Changes, Create, CreateMany, Nested, NestedUpsert, Returning, UpdateEach, UpdateMany,
    UpdateRow, Upsert, UpsertMany, Write,
};
