//! The common part of `impl_create` and `impl_update`.

/// The common part of [`impl_create`](crate::impl_create) and [`impl_update`](crate::impl_update).
#[doc(hidden)]
#[macro_export]
macro_rules! impl_setters {
    (@wrapper $wrapper:ident) => {
        impl<_Q> $crate::__private::Setters<_Q> for $wrapper<_Q> {
            fn new(inner: _Q) -> Self {
                Self(inner)
            }

            fn into_inner(self) -> _Q {
                self.0
            }
        }

        impl<_Q: $crate::__private::Batchable> $crate::__private::Batchable for $wrapper<_Q> {
            type Output = _Q::Output;

            fn into_step(self) -> ::core::result::Result<$crate::__private::Step<_Q::Output>, $crate::Error> {
                self.0.into_step()
            }
        }
    };
    (@returning $wrapper:ident $row:ident, $($query:tt)+) => {
        impl<_S: $crate::__private::Relations> $wrapper<$($query)+<$row, _S>> {
            /// Loads a relation with the returned row.
            pub fn include<_I>(self, include: _I) -> $wrapper<$($query)+<$row, _S::And<_I::Key, _I::Value>>>
            where
                _I: $crate::__private::IntoInclude<Key: $crate::__private::Loadable<From = $row>>,
            {
                $wrapper(self.0.include(include))
            }
        }

        impl<_S: $crate::__private::Shape<$row>> $wrapper<$($query)+<$row, _S>> {
            /// Returns the query without its type, so that it can be in a `Vec` with other queries of the same result.
            pub fn boxed(self) -> $crate::BoxQuery<_S::Row> {
                self.0.boxed()
            }
        }

        impl<_S: $crate::__private::LoadedList> $wrapper<$($query)+<$row, _S>> {
            /// Returns the row without these fields, as a `nicol::Partial`.
            pub fn omit(
                self,
                fields: impl $crate::builder::Fields<$row>,
            ) -> $wrapper<$($query)+<$row, $crate::builder::Omitted<_S>>> {
                $wrapper(self.0.omit(fields))
            }
        }

        impl $wrapper<$($query)+<$row>> {
            /// Returns only these fields and relations, as a tuple.
            pub fn select<_T: $crate::__private::Selection<$row>>(
                self,
                fields: _T,
            ) -> $wrapper<$($query)+<$row, $crate::__private::Columns<_T::Row>>> {
                $wrapper(self.0.select(fields))
            }

            /// Returns only the fields and relations of a struct with `#[derive(nicol::Select)]`.
            pub fn select_as<_T: $crate::Select<$row>>(
                self,
            ) -> $wrapper<$($query)+<$row, $crate::__private::Columns<_T>>> {
                $wrapper(self.0.select_as())
            }
        }

        impl<_T> $wrapper<$($query)+<$row, $crate::__private::Columns<_T>>> {
            /// Sets the filter, the order and the page of a relation that the struct of `select_as` selects.
            pub fn refine(self, refinement: impl $crate::__private::Refinement<_T>) -> Self {
                $wrapper(self.0.refine(refinement))
            }
        }
    };
}
