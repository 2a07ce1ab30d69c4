//! `numeric` in binary: digits to the base of 10,000, the weight of the first, a sign and a display scale.
//!
//! Source: PostgreSQL 16 sources, `numeric_send` and `numeric_recv` (`numeric.c`).

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::{BigInt, BigUint, Sign};

use super::decode_error::Found;

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEGATIVE_INFINITY: u16 = 0xF000;
/// The maximum number of digits before the decimal point.
const MAX_INTEGER_DIGITS: i64 = 131_072;
const DIGITS_PER_GROUP: i64 = 4;

/// Decodes a number without trailing zeros; with them, a column of scale 30 would show 30 digits for each number.
pub(super) fn decode(bytes: &[u8]) -> Result<BigDecimal, Found> {
    let malformed = Found::Malformed;
    let mut words = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let count = words.next().ok_or(malformed)?;
    let weight = i64::from(words.next().ok_or(malformed)?.cast_signed());
    let sign = match words.next().ok_or(malformed)? {
        0 => Sign::Plus,
        NEGATIVE => Sign::Minus,
        NAN | INFINITY | NEGATIVE_INFINITY => return Err(Found::NotFinite),
        _ => return Err(malformed),
    };
    let _display_scale = words.next().ok_or(malformed)?;
    let groups: Vec<u16> = words.collect();
    if groups.len() != usize::from(count) || groups.iter().any(|group| *group > 9999) {
        return Err(malformed);
    }
    let mut digits: Vec<u8> = groups
        .iter()
        .flat_map(|group| [group / 1000, group / 100 % 10, group / 10 % 10, group % 10])
        .map(|digit| u8::try_from(digit).expect("one decimal digit"))
        .collect();
    let mut scale = (i64::from(count) - weight - 1) * DIGITS_PER_GROUP;
    while scale > 0 && digits.last() == Some(&0) {
        digits.pop();
        scale -= 1;
    }
    if digits.is_empty() {
        return Ok(BigDecimal::from(0));
    }
    let magnitude = BigUint::from_radix_be(&digits, 10).unwrap_or_default();
    let number = BigDecimal::new(BigInt::from_biguint(sign, magnitude), scale);
    // Integers keep their zeros.
    Ok(if scale < 0 { number.with_scale(0) } else { number })
}

/// Encodes a number; `None` if it is out of the range of `numeric`.
pub(super) fn encode(number: &BigDecimal, out: &mut Vec<u8>) -> Option<()> {
    // Checked before zeros are written out: `1e1000000000` is a short text.
    if number.fractional_digit_count() < -MAX_INTEGER_DIGITS {
        return None;
    }
    let (integer, scale) = number.as_bigint_and_exponent();
    let (integer, scale) =
        if scale < 0 { number.with_scale(0).into_bigint_and_exponent() } else { (integer, scale) };
    let (sign, mut digits) = integer.to_radix_be(10);
    // Pads after the decimal point, then before it, so that groups of four meet at the point.
    let fraction = scale.rem_euclid(DIGITS_PER_GROUP);
    let pad = if fraction == 0 { 0 } else { DIGITS_PER_GROUP - fraction };
    digits.resize(digits.len() + usize::try_from(pad).ok()?, 0);
    let groups_behind = (scale + pad) / DIGITS_PER_GROUP;
    let lead = digits.len().next_multiple_of(4) - digits.len();
    let mut padded = vec![0; lead];
    padded.append(&mut digits);
    let mut groups: Vec<u16> = padded
        .chunks_exact(4)
        .map(|group| group.iter().fold(0, |sum, digit| sum * 10 + u16::from(*digit)))
        .collect();
    let mut weight = i64::try_from(groups.len()).ok()? - groups_behind - 1;
    let zeros = groups.iter().take_while(|group| **group == 0).count();
    groups.drain(..zeros);
    weight -= i64::try_from(zeros).ok()?;
    while groups.last() == Some(&0) {
        groups.pop();
    }
    if groups.is_empty() {
        weight = 0;
    }
    let sign = if sign == Sign::Minus { NEGATIVE } else { 0 };
    out.extend(u16::try_from(groups.len()).ok()?.to_be_bytes());
    out.extend(i16::try_from(weight).ok()?.to_be_bytes());
    out.extend(sign.to_be_bytes());
    out.extend(u16::try_from(scale).ok().filter(|scale| *scale < 0x4000)?.to_be_bytes());
    for group in groups {
        out.extend(group.to_be_bytes());
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_the_binary_form_without_zeros_at_their_end() {
        let numbers = [
            ("0", "0"),
            ("0.00", "0"),
            ("1", "1"),
            ("-1", "-1"),
            ("10.50", "10.5"),
            ("100", "100"),
            ("100.00", "100"),
            ("1e6", "1000000"),
            ("0.0001", "0.0001"),
            ("12.500000000000000000000000000000", "12.5"),
            ("12345678901234567890.123456789", "12345678901234567890.123456789"),
            ("10000", "10000"),
            ("0.00001", "0.00001"),
            ("99999.9999", "99999.9999"),
        ];
        for (text, shown) in numbers {
            let number: BigDecimal = text.parse().unwrap();
            let mut bytes = Vec::new();
            encode(&number, &mut bytes).unwrap();
            let back = decode(&bytes).unwrap();
            assert_eq!(back, number, "{text}");
            assert_eq!(back.to_plain_string(), shown, "{text}");
        }
    }

    #[test]
    fn numbers_that_numeric_cannot_hold_are_refused_at_once() {
        for text in ["1e131073", "1e1000000000", "1e-20000", "1e-1000000000"] {
            assert_eq!(encode(&text.parse().unwrap(), &mut Vec::new()), None, "{text}");
        }
    }
}
