//! Rows, their relations, and their types.

/// Implements the traits of a row for a struct with these fields, and for `With`, the row with relations.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_row {
    ($row:ident { $($field:ident),* $(,)? }) => {
        impl $crate::__private::FromRecord for $row {
            fn from_record(
                cells: &mut $crate::__private::Cells<'_>,
            ) -> ::core::result::Result<Self, $crate::__private::DecodeError> {
                cells.row(&META, |cells| ::core::result::Result::Ok(Self { $($field: cells.take()?),* }))
            }
        }

        impl $crate::Model for $row {
            type With<_R: ::core::marker::Send + 'static> = With<_R>;
            type CreateWith<_Q> = CreateWith<_Q>;
            type UpdateWith<_Q> = UpdateWith<_Q>;

            fn meta() -> &'static $crate::__private::ModelMeta {
                &META
            }
        }

        impl<_R> ::core::ops::Deref for With<_R> {
            type Target = $row;

            fn deref(&self) -> &$row {
                &self.row
            }
        }

        impl<_R: $crate::__private::LoadedList> $crate::__private::FromRecord for With<_R> {
            fn from_record(
                cells: &mut $crate::__private::Cells<'_>,
            ) -> ::core::result::Result<Self, $crate::__private::DecodeError> {
                ::core::result::Result::Ok(Self {
                    row: $crate::__private::FromRecord::from_record(cells)?,
                    loaded: _R::decode(cells)?,
                })
            }
        }

        impl $crate::__private::SerializeRow for $row {
            fn serialize_columns<_S: $crate::__private::SerializeStruct>(
                &self,
                out: &mut _S,
            ) -> ::core::result::Result<(), _S::Error> {
                let mut columns = <Self as $crate::Model>::row_columns();
                $($crate::__private::serialize_column(out, &mut columns, &self.$field)?;)*
                ::core::result::Result::Ok(())
            }

            fn visit<_V: $crate::__private::Visit>(
                mut cells: $crate::__private::PartialCells<'_>,
                visitor: &mut _V,
            ) -> ::core::result::Result<(), _V::Error> {
                $(cells.next(visitor, |row: &Self| &row.$field)?;)*
                ::core::result::Result::Ok(())
            }
        }

        impl $crate::__private::Serialize for $row {
            fn serialize<_S: $crate::__private::Serializer>(
                &self,
                serializer: _S,
            ) -> ::core::result::Result<_S::Ok, _S::Error> {
                $crate::__private::serialize_row(self, &$crate::Nil, serializer)
            }
        }

        impl<_R: $crate::__private::SerializeRelations> $crate::__private::Serialize for With<_R> {
            fn serialize<_S: $crate::__private::Serializer>(
                &self,
                serializer: _S,
            ) -> ::core::result::Result<_S::Ok, _S::Error> {
                $crate::__private::serialize_row(&self.row, &self.loaded, serializer)
            }
        }

        impl<_R: $crate::__private::LoadedList + $crate::__private::SelectList> $crate::Select<$row> for With<_R> {
            fn add_to(find: &mut $crate::__private::query::Find) {
                _R::add_to(find);
            }
        }

        impl<_R> With<_R> {
            /// Returns the row and these loaded relations, without copying them: `into_parts((user::sessions, user::posts.count()))`.
            pub fn into_parts<_P, _I>(self, relations: _P) -> ($row, _P::Values)
            where
                _P: $crate::__private::Parts<_R, _I>,
            {
                (self.row, relations.take_from(self.loaded))
            }
        }
    };
}

/// Implements the methods of a relation for `With`: the marker, the name of the field, and the names of the methods. `take` is for relations
/// that can be empty, `count` for those with many rows.
///
/// The plain row has the methods, too, so that the compiler reports the missing `include` instead of an unknown method.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_relation {
    ($row:ident, $marker:ident, $field:literal, $get:ident, $into:ident $(, $take:ident $(, $count:ident)?)?) => {
        impl $crate::__private::HasRelation<<$marker as $crate::__private::Keyed>::Key> for $row {
            type Relation = $marker;
        }

        impl $crate::__private::Keyed for $marker {
            const NUMBER: ::core::primitive::u64 = $crate::__private::key(::core::stringify!($get));
            type Key = $crate::__private::Key<{ <$marker as $crate::__private::Keyed>::NUMBER }>;
            type CountKey = $crate::__private::Key<{ !<$marker as $crate::__private::Keyed>::NUMBER }>;
        }

        impl<_R> With<_R> {
            #[doc = ::core::concat!("Returns the loaded `", $field, "`.")]
            pub fn $get<_I, _V>(&self) -> &_V
            where
                _R: $crate::Has<$marker, _I, Value = _V>,
            {
                $crate::Has::loaded(&self.loaded)
            }

            #[doc = ::core::concat!("Returns the loaded `", $field, "` without copying it.")]
            pub fn $into<_I, _V>(self) -> _V
            where
                _R: $crate::Has<$marker, _I, Value = _V>,
            {
                $crate::Has::into_loaded(self.loaded)
            }

            $(
                #[doc = ::core::concat!("Takes the loaded `", $field, "` and leaves it empty.")]
                pub fn $take<_I, _V: ::core::default::Default>(&mut self) -> _V
                where
                    _R: $crate::Has<$marker, _I, Value = _V>,
                {
                    ::core::mem::take($crate::Has::loaded_mut(&mut self.loaded))
                }

                $(
                    #[doc = ::core::concat!("Returns the loaded number of rows of `", $field, "`.")]
                    pub fn $count<_I>(&self) -> ::core::primitive::i64
                    where
                        _R: $crate::Has<$crate::builder::Count<$marker>, _I, Value = ::core::primitive::i64>,
                    {
                        *$crate::Has::loaded(&self.loaded)
                    }
                )?
            )?
        }

        impl $row {
            #[doc = ::core::concat!("Returns `", $field, "` of a row whose query included it.")]
            pub fn $get<_I, _V>(&self) -> &_V
            where
                $crate::Nil: $crate::Has<$marker, _I, Value = _V>,
            {
                $crate::Has::loaded(&$crate::Nil)
            }

            #[doc = ::core::concat!("Returns `", $field, "` of a row whose query included it.")]
            pub fn $into<_I, _V>(self) -> _V
            where
                $crate::Nil: $crate::Has<$marker, _I, Value = _V>,
            {
                $crate::Has::into_loaded($crate::Nil)
            }

            $($(
                #[doc = ::core::concat!("Returns the number of rows of `", $field, "`, of a row whose query included it.")]
                pub fn $count<_I>(&self) -> ::core::primitive::i64
                where
                    $crate::Nil: $crate::Has<$crate::builder::Count<$marker>, _I, Value = ::core::primitive::i64>,
                {
                    *$crate::Has::loaded(&$crate::Nil)
                }
            )?)?
        }
    };
}

/// Implements serde's `Deserialize` for a row with these fields.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_deserialize {
    ($row:ident { $($field:ident),* $(,)? }) => {
        impl<'_de> $crate::__private::Deserialize<'_de> for $row {
            fn deserialize<_D: $crate::__private::Deserializer<'_de>>(
                deserializer: _D,
            ) -> ::core::result::Result<Self, _D::Error> {
                let mut _columns = $crate::__private::JsonColumns::read(&META, deserializer)?;
                ::core::result::Result::Ok(Self { $($field: _columns.take()?),* })
            }
        }
    };
}

/// The rules of [`row!`](crate::row).
#[doc(hidden)]
#[macro_export]
macro_rules! row_type {
    (@row [$($row:tt)*] {}) => { $($row)* };
    (@row [$($row:tt)*] { $($relations:tt)+ }) => {
        <$($row)* as $crate::Model>::With<$crate::__private::row_type!(@list [$($row)*] [$crate::Nil] $($relations)+)>
    };
    // The relations that are loaded so far are in the second brackets.
    (@list [$($row:tt)*] [$($loaded:tt)*]) => { $($loaded)* };
    (@list [$($row:tt)*] [$($loaded:tt)*] $relation:ident . count () $(, $($rest:tt)*)?) => {
        $crate::__private::row_type!(@list [$($row)*] [
            $crate::Loaded<
                $crate::builder::Count<$crate::__private::row_type!(@relation [$($row)*] $relation)>,
                ::core::primitive::i64,
                $($loaded)*
            >
        ] $($($rest)*)?)
    };
    (@list [$($row:tt)*] [$($loaded:tt)*] $relation:ident as $value:ty $(, $($rest:tt)*)?) => {
        $crate::__private::row_type!(@list [$($row)*] [
            $crate::Loaded<
                $crate::__private::row_type!(@relation [$($row)*] $relation),
                $crate::__private::RowsOf<$crate::__private::row_type!(@relation [$($row)*] $relation), $value>,
                $($loaded)*
            >
        ] $($($rest)*)?)
    };
    (@list [$($row:tt)*] [$($loaded:tt)*] $relation:ident $({ $($beneath:tt)* })? $(, $($rest:tt)*)?) => {
        $crate::__private::row_type!(@list [$($row)*] [
            $crate::Loaded<
                $crate::__private::row_type!(@relation [$($row)*] $relation),
                $crate::__private::RowsOf<
                    $crate::__private::row_type!(@relation [$($row)*] $relation),
                    $crate::__private::row_type!(
                        @row
                        [<$crate::__private::row_type!(@relation [$($row)*] $relation) as $crate::Relation>::To]
                        { $($($beneath)*)? }
                    )
                >,
                $($loaded)*
            >
        ] $($($rest)*)?)
    };
    (@relation [$($row:tt)*] $relation:ident) => {
        <$($row)* as $crate::__private::HasRelation<
            $crate::__private::Key<{ $crate::__private::key(::core::stringify!($relation)) }>
        >>::Relation
    };
}
