//! Rows of TypedSQL.

/// Implements the traits of a row of TypedSQL: the place, the field and the name of each column.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_statement {
    ($row:ident { $($place:literal $field:ident $name:literal),+ }) => {
        impl $crate::FromRow for $row {
            fn from_row(row: $crate::Row<'_>) -> ::core::result::Result<Self, $crate::Error> {
                ::core::result::Result::Ok(Self { $($field: row.at($place)?),+ })
            }
        }

        impl $crate::__private::Serialize for $row {
            fn serialize<_S: $crate::__private::Serializer>(
                &self,
                serializer: _S,
            ) -> ::core::result::Result<_S::Ok, _S::Error> {
                use $crate::__private::SerializeStruct as _;

                let fields = [$($name),+].len();
                let mut out = serializer.serialize_struct(::core::stringify!($row), fields)?;
                $(out.serialize_field($name, &self.$field)?;)+
                out.end()
            }
        }
    };
}
