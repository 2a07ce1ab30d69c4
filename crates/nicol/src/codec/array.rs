//! Arrays of any number of dimensions.
//!
//! Source: PostgreSQL 16 sources, `array_send` (`arrayfuncs.c`).

use super::cell::{Cell, take_i32, take_u32, take_value};
use super::decode_error::{DecodeError, Found};

const EXPECTED: &str = "list";

/// PostgreSQL's limit.
const MAX_DIMENSIONS: usize = 6;

/// A part of an array, in the order of its text form.
#[derive(Debug)]
pub enum ArrayPart<'a> {
    /// Begins the array, or one of its dimensions.
    Open,
    /// Separates two elements, or two parts of a dimension.
    Separator,
    /// Ends the array, or one of its dimensions.
    Close,
    /// An element.
    Element(Cell<'a>),
}

type Visit<'a> = dyn FnMut(ArrayPart<'_>) -> Result<(), DecodeError> + 'a;

impl Cell<'_> {
    /// Calls `visit` for each part of an array.
    ///
    /// # Errors
    /// The cell is null or no array, or `visit` fails.
    pub fn visit_array(self, visit: &mut Visit<'_>) -> Result<(), DecodeError> {
        let malformed = || DecodeError::new(EXPECTED, Found::Malformed);
        let mut buffer = self.raw().ok_or(DecodeError::new(EXPECTED, Found::Null))?;
        let dimensions = usize::try_from(take_i32(&mut buffer, EXPECTED)?).map_err(|_| malformed())?;
        let _has_nulls = take_i32(&mut buffer, EXPECTED)?;
        let oid = take_u32(&mut buffer, EXPECTED)?;
        if dimensions > MAX_DIMENSIONS {
            return Err(malformed());
        }
        let mut lengths = Vec::with_capacity(dimensions);
        for _ in 0..dimensions {
            lengths.push(take_i32(&mut buffer, EXPECTED)?);
            let _lower_bound = take_i32(&mut buffer, EXPECTED)?;
        }
        if lengths.is_empty() {
            // An empty array has no dimensions.
            lengths.push(0);
        }
        dimension(&lengths, oid, &mut buffer, visit)
    }
}

fn dimension(
    lengths: &[i32],
    oid: u32,
    buffer: &mut &[u8],
    visit: &mut Visit<'_>,
) -> Result<(), DecodeError> {
    let Some((length, inner)) = lengths.split_first() else {
        // Fails at the end of the bytes, so a wrong length does no harm.
        return visit(ArrayPart::Element(Cell::new(oid, take_value(buffer, EXPECTED)?)));
    };
    // Each element starts with its length of four bytes, which bounds the work.
    if usize::try_from(*length).is_ok_and(|length| length > buffer.len() / 4) {
        return Err(DecodeError::new(EXPECTED, Found::Malformed));
    }
    visit(ArrayPart::Open)?;
    for index in 0..*length {
        if index > 0 {
            visit(ArrayPart::Separator)?;
        }
        dimension(inner, oid, buffer, visit)?;
    }
    visit(ArrayPart::Close)
}
