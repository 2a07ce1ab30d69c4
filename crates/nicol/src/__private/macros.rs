//! What all models of a generated client have in common.
//!
//! A generated module declares its types and what differs between models: fields, keys and setters. These macros implement the rest. They
//! refer to items of the module that calls them: `With`, `New`, `Create`, `CreateWith`, `UpdateWith` and `META`. Type parameters start with
//! `_`, which no name in a schema does, so that they hide no type of the schema. All other paths are absolute.

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

/// Implements the client of a schema for a struct around a [`Client`](crate::Client). The text is the environment variable with the URL.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_client {
    ($client:ident, $variable:literal) => {
        impl $crate::Handle for $client {
            fn from_client(client: $crate::Client) -> Self {
                Self(client)
            }
        }

        impl ::core::ops::Deref for $client {
            type Target = $crate::Client;

            fn deref(&self) -> &$crate::Client {
                &self.0
            }
        }

        impl $client {
            /// Returns a client of the database at this URL. It connects when the first query runs.
            ///
            /// # Errors
            /// The URL is invalid (P1013), or a certificate that it names cannot be read (P1011).
            pub fn lazy(url: &::core::primitive::str) -> ::core::result::Result<Self, $crate::Error> {
                $crate::Client::lazy(url).map(Self)
            }

            /// Connects to the database at this URL.
            ///
            /// # Errors
            /// Those of [`lazy`](Self::lazy), or the connection fails.
            pub async fn connect(
                url: &::core::primitive::str,
            ) -> ::core::result::Result<Self, $crate::Error> {
                $crate::Client::connect(url).await.map(Self)
            }

            #[doc = ::core::concat!("Connects to the database whose URL is in the environment variable `", $variable, "`.")]
            ///
            /// # Errors
            /// The variable is not set (P1012), or those of [`connect`](Self::connect).
            pub async fn from_env() -> ::core::result::Result<Self, $crate::Error> {
                $crate::Client::from_env($variable).await.map(Self)
            }

            /// Returns a client on the same pool that calls `observer` after each statement. The event contains no values.
            #[must_use]
            pub fn on_query(
                &self,
                observer: impl ::core::ops::Fn(&$crate::QueryEvent<'_>) + ::core::marker::Send + ::core::marker::Sync + 'static,
            ) -> Self {
                Self(self.0.on_query(observer))
            }

            /// Returns a client on the same pool that also calls `observer` after each statement that took at least as long as `threshold`.
            #[must_use]
            pub fn on_slow_query(
                &self,
                threshold: ::core::time::Duration,
                observer: impl ::core::ops::Fn(&$crate::QueryEvent<'_>) + ::core::marker::Send + ::core::marker::Sync + 'static,
            ) -> Self {
                Self(self.0.on_slow_query(threshold, observer))
            }

            /// Returns a client on the same pool whose transactions have these options.
            #[must_use]
            pub fn transaction_options(&self, options: $crate::TransactionOptions) -> Self {
                Self(self.0.transaction_options(options))
            }

            /// Returns a client on the same pool that uses the tables of another PostgreSQL schema. Models with `@@schema` keep theirs.
            #[must_use]
            pub fn with_schema(
                &self,
                schema: impl ::core::convert::Into<::std::string::String>,
            ) -> Self {
                Self(self.0.with_schema(schema))
            }

            /// Returns a client on the same pool whose queries run with this setting, such as `app.user_id`.
            #[must_use]
            pub fn with_context(
                &self,
                name: &::core::primitive::str,
                value: impl ::core::fmt::Display,
            ) -> Self {
                Self(self.0.with_context(name, value))
            }

            /// Returns a client on the same pool, or in the same transaction, whose queries also pass this extension.
            #[must_use]
            pub fn extend(&self, extension: impl $crate::extension::Extension) -> Self {
                Self(self.0.extend(extension))
            }

            /// Returns a client on the same pool, or in the same transaction, without extensions.
            #[must_use]
            pub fn without_extensions(&self) -> Self {
                Self(self.0.without_extensions())
            }

            /// Returns a transaction: set its options, then `run` a closure that gets a client.
            pub fn transaction(&self) -> $crate::Transaction<Self> {
                self.0.transaction()
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
