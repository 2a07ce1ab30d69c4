//! Rows to create.

/// Implements the traits of setters for `CreateWith`, around a row or a query that creates it.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_create {
    ($row:ident) => {
        $crate::__private::impl_setters!(@wrapper CreateWith);
        $crate::__private::impl_setters!(@returning CreateWith $row, $crate::builder::CreateQuery);

        impl<_S> ::core::future::IntoFuture for CreateWith<$crate::builder::CreateQuery<$row, _S>>
        where
            $crate::builder::CreateQuery<$row, _S>: ::core::future::IntoFuture,
        {
            type Output = <$crate::builder::CreateQuery<$row, _S> as ::core::future::IntoFuture>::Output;
            type IntoFuture = <$crate::builder::CreateQuery<$row, _S> as ::core::future::IntoFuture>::IntoFuture;

            fn into_future(self) -> Self::IntoFuture {
                self.0.into_future()
            }
        }

        // There is no such relation, and the compiler says so: a query that waits for the row that it belongs to cannot be awaited.
        impl<_Rel> ::core::future::Future for CreateWith<$crate::__private::CreateInQuery<$row, _Rel>>
        where
            _Rel: for<'_a> $crate::__private::Connected<'_a>,
        {
            type Output = ::core::result::Result<$row, $crate::Error>;

            fn poll(
                self: ::core::pin::Pin<&mut Self>,
                _: &mut ::core::task::Context<'_>,
            ) -> ::core::task::Poll<Self::Output> {
                ::core::task::Poll::Pending
            }
        }

        impl<_Q> CreateWith<_Q> {
            /// Also creates or connects rows at the other end of a relation, in the same transaction. An `Option`, an array or a `Vec` of
            /// nested writes is taken, too.
            pub fn with<_W, _I>(self, writes: _W) -> CreateWith<<_W as $crate::builder::NestIn<_Q, _I>>::Output>
            where
                _W: $crate::builder::InCreate<Relation: $crate::Relation<From = $row>>,
                _W: $crate::builder::NestIn<_Q, _I>,
            {
                CreateWith(writes.nest_in(self.0))
            }
        }

        impl<_Rel: $crate::Relation<From = $row>> $crate::__private::IntoCreate<$row>
            for CreateWith<$crate::__private::CreateIn<_Rel>>
        {
            type Query = CreateWith<$crate::__private::CreateInQuery<$row, _Rel>>;

            fn into_create(self, executor: $crate::__private::Executor) -> Self::Query {
                CreateWith($crate::__private::CreateInQuery::new(executor, self.0.into()))
            }
        }

        // As with the future above: the compiler says which relation is missing.
        impl<_Rel> ::core::convert::From<CreateWith<$crate::__private::CreateIn<_Rel>>> for Create
        where
            _Rel: for<'_a> $crate::__private::Connected<'_a>,
        {
            fn from(row: CreateWith<$crate::__private::CreateIn<_Rel>>) -> Self {
                CreateWith(row.0.into())
            }
        }

        impl<_Q: ::core::convert::Into<$crate::__private::Create>> ::core::convert::From<CreateWith<_Q>>
            for $crate::__private::Create
        {
            fn from(row: CreateWith<_Q>) -> Self {
                row.0.into()
            }
        }

        impl<_Q> $crate::IntoChildren<Self> for CreateWith<_Q> {
            fn into_children(self) -> impl ::core::iter::Iterator<Item = Self> {
                ::core::iter::once(self)
            }
        }
    };
}

/// Lets `create` accept `New`, which converts into a [`Create`](crate::query::Create).
#[doc(hidden)]
#[macro_export]
macro_rules! impl_new {
    ($row:ident) => {
        /// Returns a row to create, with setters for the optional fields.
        pub fn create(new: New) -> Create {
            CreateWith(new.into())
        }

        impl New {
            /// Returns a row to create, with setters for the optional fields.
            pub fn and(self) -> Create {
                create(self)
            }
        }

        impl ::core::convert::From<New> for Create {
            fn from(new: New) -> Self {
                create(new)
            }
        }

        impl $crate::__private::IntoCreate<$row> for New {
            type Query = CreateWith<$crate::builder::CreateQuery<$row>>;

            fn into_create(self, executor: $crate::__private::Executor) -> Self::Query {
                CreateWith($crate::builder::CreateQuery::new(executor, self.into()))
            }
        }

        impl $crate::__private::IntoCreate<$row> for Create {
            type Query = CreateWith<$crate::builder::CreateQuery<$row>>;

            fn into_create(self, executor: $crate::__private::Executor) -> Self::Query {
                CreateWith($crate::builder::CreateQuery::new(executor, self.0))
            }
        }
    };
}

/// Lets nested writes through a relation accept rows of this type, which convert into a [`Create`](crate::query::Create).
#[doc(hidden)]
#[macro_export]
macro_rules! impl_child {
    ($relation:ident: $($new:ident)+) => {$(
        impl ::core::convert::From<$new> for CreateWith<$crate::__private::CreateIn<$relation>> {
            fn from(new: $new) -> Self {
                CreateWith($crate::__private::CreateIn::new(new.into()))
            }
        }

        impl $crate::IntoChildren<CreateWith<$crate::__private::CreateIn<$relation>>> for $new {
            fn into_children(
                self,
            ) -> impl ::core::iter::Iterator<Item = CreateWith<$crate::__private::CreateIn<$relation>>> {
                ::core::iter::once(self.into())
            }
        }
    )+};
}

/// Lets `create` accept a struct without the key of a required relation, which the first nested write completes.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_new_in {
    ($row:ident, $new:ident, $relation:ident) => {
        $crate::__private::impl_child!($relation: $new);

        impl $new {
            /// Returns a row to create below a parent, with setters for the optional fields.
            pub fn and(self) -> CreateWith<$crate::__private::CreateIn<$relation>> {
                self.into()
            }

            /// Creates or connects the row that it belongs to, and returns a row that lacks no key.
            pub fn with<_W: $crate::builder::Owner<$relation>>(self, owner: _W) -> Create {
                CreateWith($crate::builder::NestIn::nest_in(owner, $crate::__private::Create::from(self)))
            }
        }

        // There is no such relation, and the compiler says so.
        impl ::core::convert::From<$new> for Create
        where
            $relation: for<'_a> $crate::__private::Connected<'_a>,
        {
            fn from(new: $new) -> Self {
                CreateWith(new.into())
            }
        }

        impl $crate::__private::IntoCreate<$row> for $new {
            type Query = CreateWith<$crate::__private::CreateInQuery<$row, $relation>>;

            fn into_create(self, executor: $crate::__private::Executor) -> Self::Query {
                CreateWith($crate::__private::CreateInQuery::new(executor, self.into()))
            }
        }
    };
}

/// Lets `create` accept a struct without the keys of several required relations, which nested writes complete.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_new_by_relations {
    (@list) => { $crate::Nil };
    (@list $relation:ident $($more:ident)*) => {
        $crate::__private::Needs<$relation, $crate::__private::impl_new_by_relations!(@list $($more)*)>
    };
    ($row:ident, $new:ident: $($relation:ident)+) => {
        $crate::__private::impl_new_by_relations!(
            @impls $row, $new, $crate::__private::impl_new_by_relations!(@list $($relation)+)
        );
    };
    (@impls $row:ident, $new:ident, $list:ty) => {
        impl $new {
            /// Returns a row that lacks the rows that it belongs to, with setters for the optional fields.
            pub fn and(self) -> CreateWith<$crate::__private::Lacking<$crate::__private::Create, $list>> {
                CreateWith($crate::__private::Lacking::new(self.into()))
            }

            /// Creates or connects one of the rows that it belongs to. The last one completes the row; below a parent, that one is left out.
            pub fn with<_W, _I>(
                self,
                owner: _W,
            ) -> CreateWith<
                <_W as $crate::builder::NestIn<
                    $crate::__private::Lacking<$crate::__private::Create, $list>,
                    _I,
                >>::Output,
            >
            where
                _W: $crate::builder::InCreate<Relation: $crate::Relation<From = $row>>,
                _W: $crate::builder::NestIn<
                    $crate::__private::Lacking<$crate::__private::Create, $list>,
                    _I,
                >,
            {
                self.and().with(owner)
            }
        }

        impl $crate::__private::IntoCreate<$row> for $new {
            type Query = CreateWith<$crate::__private::Lacking<$crate::builder::CreateQuery<$row>, $list>>;

            fn into_create(self, executor: $crate::__private::Executor) -> Self::Query {
                $crate::__private::IntoCreate::into_create(self.and(), executor)
            }
        }

        impl<_L> $crate::__private::IntoCreate<$row>
            for CreateWith<$crate::__private::Lacking<$crate::__private::Create, _L>>
        {
            type Query = CreateWith<$crate::__private::Lacking<$crate::builder::CreateQuery<$row>, _L>>;

            fn into_create(self, executor: $crate::__private::Executor) -> Self::Query {
                CreateWith($crate::__private::Lacking::new($crate::builder::CreateQuery::new(
                    executor,
                    self.0.into_inner(),
                )))
            }
        }

        impl<_Rel>
            ::core::convert::From<
                CreateWith<
                    $crate::__private::Lacking<
                        $crate::__private::Create,
                        $crate::__private::Needs<_Rel, $crate::Nil>,
                    >,
                >,
            > for CreateWith<$crate::__private::CreateIn<_Rel>>
        {
            fn from(
                row: CreateWith<
                    $crate::__private::Lacking<
                        $crate::__private::Create,
                        $crate::__private::Needs<_Rel, $crate::Nil>,
                    >,
                >,
            ) -> Self {
                CreateWith($crate::__private::CreateIn::new(row.0.into_inner()))
            }
        }

        impl<_Rel> $crate::IntoChildren<CreateWith<$crate::__private::CreateIn<_Rel>>>
            for CreateWith<
                $crate::__private::Lacking<
                    $crate::__private::Create,
                    $crate::__private::Needs<_Rel, $crate::Nil>,
                >,
            >
        {
            fn into_children(
                self,
            ) -> impl ::core::iter::Iterator<Item = CreateWith<$crate::__private::CreateIn<_Rel>>> {
                ::core::iter::once(self.into())
            }
        }

        // There are no such relations, and the compiler says which one is missing.
        impl<_L> ::core::future::Future
            for CreateWith<$crate::__private::Lacking<$crate::builder::CreateQuery<$row>, _L>>
        where
            _L: for<'_a> $crate::__private::Connected<'_a>,
        {
            type Output = ::core::result::Result<$row, $crate::Error>;

            fn poll(
                self: ::core::pin::Pin<&mut Self>,
                _: &mut ::core::task::Context<'_>,
            ) -> ::core::task::Poll<Self::Output> {
                ::core::task::Poll::Pending
            }
        }

        impl ::core::convert::From<$new> for Create
        where
            $list: for<'_a> $crate::__private::Connected<'_a>,
        {
            fn from(new: $new) -> Self {
                CreateWith(new.into())
            }
        }

        impl<_L> ::core::convert::From<CreateWith<$crate::__private::Lacking<$crate::__private::Create, _L>>>
            for Create
        where
            _L: for<'_a> $crate::__private::Connected<'_a>,
        {
            fn from(row: CreateWith<$crate::__private::Lacking<$crate::__private::Create, _L>>) -> Self {
                CreateWith(row.0.into_inner())
            }
        }
    };
}
