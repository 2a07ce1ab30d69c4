//! What is the same for every model of a generated client.
//!
//! A generated module declares its types and what differs from model to model: fields, keys, setters. These macros give
//! the types their behaviour. They name the items of the module they stand in: `With`, `New`, `Create`, `CreateWith`,
//! `UpdateWith`, `META`. A type parameter of a macro would hide a type of the schema with the same name, so all of them begin with
//! `_`, as no name of a schema does; every other path is absolute.

/// Makes a struct with these fields the row of a model, and `With` the row with relations.
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
            type With<_R: ::core::fmt::Debug + ::core::marker::Send + 'static> = With<_R>;
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
                let mut columns = META.columns.iter();
                $($crate::__private::serialize_column(out, &mut columns, &self.$field)?;)*
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

        impl<_R> With<_R> {
            /// The row and what was loaded with it.
            pub fn into_parts(self) -> ($row, _R) {
                (self.row, self.loaded)
            }
        }
    };
}

/// Gives `With` the methods of a relation: the marker, the field's name, and the names of the methods. `take` is for what can be empty,
/// `count` for many rows.
///
/// The row itself has the methods, too, so that the compiler names the missing `include` instead of an unknown method.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_relation {
    ($row:ident, $marker:ident, $field:literal, $get:ident, $into:ident $(, $take:ident $(, $count:ident)?)?) => {
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
                #[doc = ::core::concat!("Takes the loaded `", $field, "` out, which is empty from then on.")]
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
            #[doc = ::core::concat!("Returns `", $field, "`, of a row whose query included it.")]
            pub fn $get<_I, _V>(&self) -> &_V
            where
                $crate::Nil: $crate::Has<$marker, _I, Value = _V>,
            {
                $crate::Has::loaded(&$crate::Nil)
            }

            #[doc = ::core::concat!("Returns `", $field, "`, of a row whose query included it.")]
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

/// Makes `CreateWith` the setters of something that creates rows: data or a query.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_create {
    ($row:ident) => {
        $crate::__private::impl_setters!(@wrapper CreateWith);
        $crate::__private::impl_setters!(@returning CreateWith $row, $crate::builder::CreateQuery);
    };
}

/// Makes `UpdateWith` the setters of something that updates rows: data or a query.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_update {
    ($row:ident) => {
        $crate::__private::impl_setters!(@wrapper UpdateWith);
        $crate::__private::impl_setters!(@returning UpdateWith $row, $crate::builder::UpdateQuery);

        impl<_S> UpdateWith<$crate::builder::UpdateQuery<$row, _S>> {
            /// Only if this holds for the row, too.
            pub fn filter(self, filter: impl ::core::convert::Into<$crate::Filter<$row>>) -> Self {
                Self(self.0.filter(filter))
            }
        }

        impl UpdateWith<$crate::builder::UpdateMany<$row>> {
            /// Only rows for which this holds; said twice, both have to.
            pub fn filter(self, filter: impl ::core::convert::Into<$crate::Filter<$row>>) -> Self {
                Self(self.0.filter(filter))
            }
        }
    };
}

/// What [`impl_create`](crate::impl_create) and [`impl_update`](crate::impl_update) have in common.
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

        impl<_Q: ::core::future::IntoFuture> ::core::future::IntoFuture for $wrapper<_Q> {
            type Output = _Q::Output;
            type IntoFuture = _Q::IntoFuture;

            fn into_future(self) -> _Q::IntoFuture {
                self.0.into_future()
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
        impl<_S: $crate::__private::Relations<$row>> $wrapper<$($query)+<$row, _S>> {
            /// Gives back a relation with the row.
            pub fn include<_I>(self, include: _I) -> $wrapper<$($query)+<$row, $crate::Loaded<_I::Key, _I::Value, _S>>>
            where
                _I: $crate::__private::IntoInclude<Key: $crate::__private::Loadable<From = $row>>,
            {
                $wrapper(self.0.include(include))
            }
        }

        impl $wrapper<$($query)+<$row>> {
            /// Gives back only these fields.
            pub fn select<_T: $crate::__private::Selection<$row>>(
                self,
                fields: _T,
            ) -> $wrapper<$($query)+<$row, $crate::__private::Columns<_T::Row>>> {
                $wrapper(self.0.select(fields))
            }
        }
    };
}

/// Makes `New` (which converts into a [`query::Create`](crate::query::Create)) something that `create` takes.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_new {
    ($row:ident) => {
        /// A row to create, with setters for what it may have besides [`New`].
        pub fn create(new: New) -> Create {
            CreateWith(new.into())
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

/// Makes a struct (which converts into a [`query::Create`](crate::query::Create)) something that can be created under a parent; the second
/// name is the relation to the parent.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_child {
    ($new:ident, $relation:ident) => {
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

        impl $crate::IntoChildren<Self> for CreateWith<$crate::__private::CreateIn<$relation>> {
            fn into_children(self) -> impl ::core::iter::Iterator<Item = Self> {
                ::core::iter::once(self)
            }
        }
    };
}

/// Makes a struct without the key of a required relation something that `create` takes, and that waits for `connect_…`.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_new_in {
    ($row:ident, $new:ident, $relation:ident) => {
        $crate::__private::impl_child!($new, $relation);

        impl $crate::__private::IntoCreate<$row> for $new {
            type Query = CreateWith<$crate::__private::CreateInQuery<$row, $relation>>;

            fn into_create(self, executor: $crate::__private::Executor) -> Self::Query {
                CreateWith($crate::__private::CreateInQuery::new(executor, self.into()))
            }
        }
    };
}

/// Gives a generated enum its text forms and makes it the type of columns.
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
    };
}

/// Makes a struct around a [`Client`](crate::Client) the client of a schema; the text is the environment variable that holds the URL.
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
            /// A client of the database at this URL, which connects when the first query runs.
            ///
            /// # Errors
            /// The URL cannot be read (P1013).
            pub fn lazy(url: &::core::primitive::str) -> ::core::result::Result<Self, $crate::Error> {
                $crate::Client::lazy(url).map(Self)
            }

            /// A client of the database at this URL, with a connection that is open.
            ///
            /// # Errors
            /// Those of [`lazy`](Self::lazy), and those of connecting.
            pub async fn connect(
                url: &::core::primitive::str,
            ) -> ::core::result::Result<Self, $crate::Error> {
                $crate::Client::connect(url).await.map(Self)
            }

            #[doc = ::core::concat!("A client of the database at the URL in `", $variable, "`, with a connection that is open.")]
            ///
            /// # Errors
            /// The variable is not set (P1012), and those of [`connect`](Self::connect).
            pub async fn from_env() -> ::core::result::Result<Self, $crate::Error> {
                $crate::Client::from_env($variable).await.map(Self)
            }

            /// The same client with an observer: it is told of every statement that has run, without its values.
            #[must_use]
            pub fn on_query(
                &self,
                observer: impl ::core::ops::Fn(&$crate::QueryEvent<'_>) + ::core::marker::Send + ::core::marker::Sync + 'static,
            ) -> Self {
                Self(self.0.on_query(observer))
            }

            /// A transaction: options first, then `run` with a closure that gets a client for it.
            pub fn transaction(&self) -> $crate::Transaction<Self> {
                self.0.transaction()
            }
        }
    };
}
