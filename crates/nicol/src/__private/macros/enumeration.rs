//! Enums.

/// Implements the traits of text, columns and serde for a generated enum.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_enum {
    ($name:ident) => {
        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad($crate::DatabaseEnum::name(*self))
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::UnknownValue;

            fn from_str(name: &::core::primitive::str) -> ::core::result::Result<Self, $crate::UnknownValue> {
                $crate::DatabaseEnum::from_name(name)
            }
        }

        impl $crate::__private::Scalar for $name {
            fn into_value(self) -> $crate::Value {
                $crate::Value::Text(::std::borrow::ToOwned::to_owned($crate::DatabaseEnum::database_name(
                    self,
                )))
            }
        }

        impl $crate::__private::FromCell for $name {
            fn from_cell(
                cell: $crate::__private::Cell<'_>,
            ) -> ::core::result::Result<Self, $crate::__private::DecodeError> {
                $crate::DatabaseEnum::from_cell(cell)
            }
        }

        impl $crate::__private::ListItem for $name {}

        impl $crate::__private::Serialize for $name {
            fn serialize<_S: $crate::__private::Serializer>(
                &self,
                serializer: _S,
            ) -> ::core::result::Result<_S::Ok, _S::Error> {
                $crate::__private::Serializer::serialize_str(serializer, $crate::DatabaseEnum::name(*self))
            }
        }

        impl<'_de> $crate::__private::Deserialize<'_de> for $name {
            fn deserialize<_D: $crate::__private::Deserializer<'_de>>(
                deserializer: _D,
            ) -> ::core::result::Result<Self, _D::Error> {
                $crate::__private::deserialize_enum(deserializer)
            }
        }
    };
}
