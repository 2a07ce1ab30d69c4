//! Changes of rows.

/// Implements the traits of setters for `UpdateWith`, around changes or a query that updates rows.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_update {
    ($row:ident) => {
        $crate::__private::impl_setters!(@wrapper UpdateWith);
        $crate::__private::impl_setters!(@returning UpdateWith $row, $crate::builder::UpdateQuery);

        impl<_Q: ::core::future::IntoFuture> ::core::future::IntoFuture for UpdateWith<_Q> {
            type Output = _Q::Output;
            type IntoFuture = _Q::IntoFuture;

            fn into_future(self) -> _Q::IntoFuture {
                self.0.into_future()
            }
        }

        impl<_Q> UpdateWith<_Q> {
            /// Also writes rows at the other end of a relation, in the same transaction. Writes of several relations, and of the same one,
            /// run in their order. An `Option`, an array or a `Vec` of nested writes is taken, too.
            pub fn with<_W>(self, writes: _W) -> UpdateWith<<_W as $crate::builder::NestIn<_Q>>::Output>
            where
                _W: $crate::builder::NestedWrite<Relation: $crate::Relation<From = $row>>,
                _W: $crate::builder::NestIn<_Q>,
            {
                UpdateWith(writes.nest_in(self.0))
            }
        }

        /// Returns a row to update, with a setter for each field.
        pub fn update(unique: $crate::Unique<$row>) -> UpdateWith<$crate::__private::UpdateRow> {
            UpdateWith($crate::__private::UpdateRow::new(unique))
        }

        impl<_S> UpdateWith<$crate::builder::UpdateQuery<$row, _S>> {
            /// Updates the row only if it also matches this filter. A second filter is combined with `AND`.
            pub fn filter(self, filter: impl ::core::convert::Into<$crate::Filter<$row>>) -> Self {
                Self(self.0.filter(filter))
            }

            /// Returns an `nicol::Attempt` instead of failing: whether the row was updated, does not match the filter, or does not
            /// exist. If the filter does not match, it holds the current row.
            pub fn or_current(self) -> $crate::builder::UpdateAttempt<$row, _S> {
                self.0.or_current()
            }
        }

        impl UpdateWith<$crate::builder::UpdateMany<$row>> {
            /// Restricts the update to rows that match. A second filter is combined with `AND`.
            pub fn filter(self, filter: impl ::core::convert::Into<$crate::Filter<$row>>) -> Self {
                Self(self.0.filter(filter))
            }

            /// Limits the number of rows. Without an order, it is not determined which ones are updated.
            pub fn limit(
                self,
                rows: impl ::core::convert::Into<::core::option::Option<::core::primitive::u64>>,
            ) -> Self {
                Self(self.0.limit(rows))
            }

            /// Returns the query without its type, so that it can be in a `Vec` with other queries of the same result.
            pub fn boxed(self) -> $crate::BoxQuery<::core::primitive::u64> {
                self.0.boxed()
            }

            /// Returns the updated rows instead of their number, in any order.
            pub fn and_return(self) -> $crate::builder::UpdateManyAndReturn<$row> {
                self.0.and_return()
            }
        }
    };
}
