//! `rust_decimal` 1.

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;
use rust_decimal::Decimal;

use super::foreign;
use crate::value::Value;

foreign! {
    Decimal, BigDecimal, "Decimal", into_value, from_own;
}

fn into_value(decimal: Decimal) -> Value {
    Value::Decimal(BigDecimal::new(BigInt::from(decimal.mantissa()), decimal.scale().into()))
}

/// `None` if the number has more than 28 decimal places or does not fit into 96 bits.
fn from_own(number: BigDecimal) -> Option<Decimal> {
    let number = if number.fractional_digit_count() < 0 { number.with_scale(0) } else { number };
    let (digits, scale) = number.into_bigint_and_scale();
    Decimal::try_from_i128_with_scale(digits.try_into().ok()?, scale.try_into().ok()?).ok()
}
