//! PostgreSQL's binary forms: parameters are encoded, cells of rows and records are decoded.

mod array;
mod cell;
mod cells;
mod decode_error;
mod encode;
mod epoch;
mod inet;
mod numeric;
mod oid;
mod param;
mod value;

pub use array::ArrayPart;
pub use cell::Cell;
pub(crate) use cell::OwnedCell;
pub use cells::Cells;
pub(crate) use cells::cell;
pub use decode_error::DecodeError;
pub(crate) use decode_error::Found;
pub(crate) use encode::EncodeError;
pub(crate) use param::{MAX_DIGITS, Param};
