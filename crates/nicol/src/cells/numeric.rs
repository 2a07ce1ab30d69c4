//! `numeric` in binary: digits to the base of 10,000, the weight of the first, a sign and a display scale.
//!
//! Source: PostgreSQL 16 sources, `numeric_send` and `numeric_recv` (`numeric.c`).

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::{BigInt, BigUint, Sign};

const NEGATIVE: u16 = 0x4000;
const DIGITS_PER_GROUP: i64 = 4;

/// From the binary form; `None` for NaN, the infinities and malformed bytes.
pub(crate) fn decode(bytes: &[u8]) -> Option<BigDecimal> {
    let mut words = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let count = words.next()?;
    let weight = i64::from(words.next()?.cast_signed());
    let sign = match words.next()? {
        0 => Sign::Plus,
        NEGATIVE => Sign::Minus,
        _ => return None,
    };
    let scale = i64::from(words.next()?);
    let groups: Vec<u16> = words.collect();
    if groups.len() != usize::from(count) || groups.iter().any(|group| *group > 9999) {
        return None;
    }
    let digits: Vec<u8> = groups
        .iter()
        .flat_map(|group| [group / 1000, group / 100 % 10, group / 10 % 10, group % 10])
        .map(|digit| u8::try_from(digit).expect("one decimal digit"))
        .collect();
    let magnitude = BigUint::from_radix_be(&digits, 10).unwrap_or_default();
    let exponent = (i64::from(count) - weight - 1) * DIGITS_PER_GROUP;
    let number = BigDecimal::new(BigInt::from_biguint(sign, magnitude), exponent);
    // The groups may hold more zeros than the scale shows, or fewer.
    Some(number.with_scale(scale))
}

/// To the binary form; `None` where the number is beyond what `numeric` can hold.
pub(crate) fn encode(number: &BigDecimal, out: &mut Vec<u8>) -> Option<()> {
    let (integer, scale) = number.as_bigint_and_exponent();
    let (integer, scale) =
        if scale < 0 { number.with_scale(0).into_bigint_and_exponent() } else { (integer, scale) };
    let (sign, mut digits) = integer.to_radix_be(10);
    // Fill up behind the point, then before it, so that groups of four meet at the point.
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
    fn numbers_survive_the_binary_form() {
        let numbers = [
            "0",
            "0.00",
            "1",
            "-1",
            "10.50",
            "0.0001",
            "12345678901234567890.123456789",
            "10000",
            "0.00001",
            "99999.9999",
        ];
        for text in numbers {
            let number: BigDecimal = text.parse().unwrap();
            let mut bytes = Vec::new();
            encode(&number, &mut bytes).unwrap();
            let back = decode(&bytes).unwrap();
            assert_eq!(back, number, "{text}");
            assert_eq!(back.fractional_digit_count(), number.fractional_digit_count(), "{text}");
        }
    }
}
