//! The operator classes known to the schema language.
//!
//! Source: Prisma 6.19 schema reference, "Index operator classes"; PostgreSQL 17 manual, 64.4–64.7 and 11.10.

use crate::model::{IndexAlgorithm, NativeType, ScalarType};

/// An operator class: its name, its native types, and the scalar type whose default column type is one of them.
pub(crate) struct Class {
    name: &'static str,
    algorithms: &'static [IndexAlgorithm],
    native: fn(NativeType) -> bool,
    scalar: Option<ScalarType>,
}

macro_rules! classes {
    ($($native:pat, $scalar:expr, $algorithms:expr => $($name:literal)+;)*) => {
        const CLASSES: &[Class] = &[$($(
            Class {
                name: $name,
                algorithms: $algorithms,
                native: |native| matches!(native, $native),
                scalar: $scalar,
            },
        )+)*];
    };
}

const BRIN: &[IndexAlgorithm] = &[IndexAlgorithm::Brin];
const GIN: &[IndexAlgorithm] = &[IndexAlgorithm::Gin];

use NativeType as N;
use ScalarType as S;

classes! {
    N::Inet, None, &[IndexAlgorithm::Gist, IndexAlgorithm::SpGist] => "InetOps";
    N::JsonB, Some(S::Json), GIN => "JsonbOps" "JsonbPathOps";
    _, None, GIN => "ArrayOps";
    N::Text | N::VarChar(_) | N::Char(_), Some(S::String), &[IndexAlgorithm::SpGist] => "TextOps";
    N::Bit(_), None, BRIN => "BitMinMaxOps";
    N::VarBit(_), None, BRIN => "VarBitMinMaxOps";
    N::Char(_), None, BRIN => "BpcharBloomOps" "BpcharMinMaxOps";
    N::ByteA, Some(S::Bytes), BRIN => "ByteaBloomOps" "ByteaMinMaxOps";
    N::Date, None, BRIN => "DateBloomOps" "DateMinMaxOps" "DateMinMaxMultiOps";
    N::Real, None, BRIN => "Float4BloomOps" "Float4MinMaxOps" "Float4MinMaxMultiOps";
    N::DoublePrecision, Some(S::Float), BRIN => "Float8BloomOps" "Float8MinMaxOps" "Float8MinMaxMultiOps";
    N::Inet, None, BRIN => "InetInclusionOps" "InetBloomOps" "InetMinMaxOps" "InetMinMaxMultiOps";
    N::SmallInt, None, BRIN => "Int2BloomOps" "Int2MinMaxOps" "Int2MinMaxMultiOps";
    N::Integer, Some(S::Int), BRIN => "Int4BloomOps" "Int4MinMaxOps" "Int4MinMaxMultiOps";
    N::BigInt, Some(S::BigInt), BRIN => "Int8BloomOps" "Int8MinMaxOps" "Int8MinMaxMultiOps";
    N::Decimal(_), Some(S::Decimal), BRIN => "NumericBloomOps" "NumericMinMaxOps" "NumericMinMaxMultiOps";
    N::Oid, None, BRIN => "OidBloomOps" "OidMinMaxOps" "OidMinMaxMultiOps";
    N::Text | N::VarChar(_), Some(S::String), BRIN => "TextBloomOps" "TextMinMaxOps";
    N::Timestamp(_), Some(S::DateTime), BRIN => "TimestampBloomOps" "TimestampMinMaxOps" "TimestampMinMaxMultiOps";
    N::Timestamptz(_), None, BRIN => "TimestampTzBloomOps" "TimestampTzMinMaxOps" "TimestampTzMinMaxMultiOps";
    N::Time(_), None, BRIN => "TimeBloomOps" "TimeMinMaxOps" "TimeMinMaxMultiOps";
    N::Timetz(_), None, BRIN => "TimeTzBloomOps" "TimeTzMinMaxOps" "TimeTzMinMaxMultiOps";
    N::Uuid, None, BRIN => "UuidBloomOps" "UuidMinMaxOps" "UuidMinMaxMultiOps";
}

impl Class {
    /// Returns the operator class with this name.
    pub(crate) fn find(name: &str) -> Option<&'static Class> {
        CLASSES.iter().find(|class| class.name == name)
    }

    /// Returns the names of all operator classes.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        CLASSES.iter().map(|class| class.name)
    }

    /// Whether indexes of this type can use it.
    pub(crate) fn supports(&self, algorithm: IndexAlgorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    /// Returns the index types that can use it.
    pub(crate) fn algorithms(&self) -> impl Iterator<Item = IndexAlgorithm> {
        self.algorithms.iter().copied()
    }

    /// Whether it is for this native type.
    pub(crate) fn is_for(&self, native: NativeType) -> bool {
        (self.native)(native)
    }

    /// Returns the scalar type that needs no native type for it.
    pub(crate) fn scalar(&self) -> Option<ScalarType> {
        self.scalar
    }

    /// Whether it is for lists of any type.
    pub(crate) fn is_for_lists(&self) -> bool {
        self.name == "ArrayOps"
    }
}

/// Whether there is an operator class with this name.
pub(crate) fn is_known(name: &str) -> bool {
    Class::find(name).is_some()
}

/// Returns all names.
pub fn names() -> impl Iterator<Item = &'static str> {
    CLASSES.iter().map(|class| class.name)
}

/// Returns the operator classes for columns of this type in an index of this type.
pub(crate) fn fitting(
    algorithm: IndexAlgorithm,
    native: Option<NativeType>,
    scalar: Option<ScalarType>,
) -> impl Iterator<Item = &'static str> {
    CLASSES
        .iter()
        .filter(move |class| {
            let is_for = match native {
                Some(native) => class.is_for(native),
                None => class.scalar.is_some() && class.scalar == scalar,
            };
            is_for && !class.is_for_lists() && class.supports(algorithm)
        })
        .map(|class| class.name)
}

/// Whether an index of this type can contain a column of this native type without an explicit operator class.
pub fn has_default(native: NativeType, algorithm: IndexAlgorithm) -> bool {
    CLASSES.iter().any(|class| !class.is_for_lists() && class.supports(algorithm) && class.is_for(native))
}
