//! Model `Post`: table `Post`.

pub use self::handles::*;
pub use self::types::*;

/// Handles of the fields and relations, for filters, orders, selections and includes.
#[allow(non_upper_case_globals, reason = "a handle is named as its field")]
mod handles {
    /// `Post.id`
    pub const id: ::nicol::Field<super::types::Post, i32> = ::nicol::Field::new(0);
    /// `Post.views`
    pub const views: ::nicol::Field<super::types::Post, i32> = ::nicol::Field::new(1);
}

mod types {
    /// A row of `Post`.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Post {
        /// `id`
        pub id: i32,
        /// `views`
        pub views: i32,
    }

    /// The row, by the name that it has in every model.
    pub type Row = Post;

    impl ::nicol::relation::FromRecord for Post {
        fn from_record(
            cells: &mut ::nicol::cells::Cells<'_>,
        ) -> ::core::result::Result<Self, ::nicol::cells::DecodeError> {
            ::core::result::Result::Ok(Self { id: cells.take()?, views: cells.take()? })
        }
    }

    impl ::nicol::Model for Post {
        type With<R: ::core::fmt::Debug + ::core::marker::Send + 'static> = With<R>;
        type CreateWith<Q> = CreateWith<Q>;
        type UpdateWith<Q> = UpdateWith<Q>;

        fn meta() -> &'static ::nicol::meta::ModelMeta {
            &META
        }
    }

    pub(in super::super) static META: ::nicol::meta::ModelMeta = ::nicol::meta::ModelMeta {
        name: "Post",
        schema: ::core::option::Option::None,
        table: "Post",
        columns: &[
            ::nicol::meta::ColumnMeta {
                field: "id",
                column: "id",
                ty: ::nicol::meta::ColumnType::Int4,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::Database,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "views",
                column: "views",
                ty: ::nicol::meta::ColumnType::Int4,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::Database,
                updated_at: false,
            },
        ],
        key: &[0],
        uniques: &[::nicol::meta::UniqueMeta { constraint: "Post_pkey", columns: &[0] }],
        relations: &[],
    };

    /// The row with this `id`.
    pub fn by_id(id: impl ::nicol::IntoField<i32>) -> ::nicol::Unique<Post> {
        ::nicol::Unique::new(::std::vec![(0, id.into_field())])
    }

    /// A row with the relations that a query loaded; it has the fields of [`Post`].
    #[derive(Debug, Clone)]
    pub struct With<R> {
        row: Post,
        loaded: R,
    }

    impl<R> ::core::ops::Deref for With<R> {
        type Target = Post;

        fn deref(&self) -> &Post {
            &self.row
        }
    }

    impl<R: ::nicol::relation::LoadedList> ::nicol::relation::FromRecord for With<R> {
        fn from_record(
            cells: &mut ::nicol::cells::Cells<'_>,
        ) -> ::core::result::Result<Self, ::nicol::cells::DecodeError> {
            ::core::result::Result::Ok(Self {
                row: ::nicol::relation::FromRecord::from_record(cells)?,
                loaded: R::decode(cells)?,
            })
        }
    }

    impl<R> With<R> {
        /// The row and what was loaded with it.
        pub fn into_parts(self) -> (Post, R) {
            (self.row, self.loaded)
        }
    }

    /// What a `Post` has to be created with.
    #[derive(Debug, Clone, PartialEq)]
    pub struct New {}

    impl ::core::convert::From<New> for ::nicol::query::Create {
        fn from(_: New) -> Self {
            let create = ::nicol::query::Create::new(&META);
            create
        }
    }

    /// A row to create, with setters for what it may have besides [`New`].
    pub fn create(new: New) -> Create {
        CreateWith(new.into())
    }

    impl ::core::convert::From<New> for Create {
        fn from(new: New) -> Self {
            create(new)
        }
    }

    impl ::nicol::IntoCreate<Post> for New {
        type Query = CreateWith<::nicol::builder::create::CreateQuery<Post>>;

        fn into_create(self, executor: ::nicol::Executor) -> Self::Query {
            CreateWith(::nicol::builder::create::CreateQuery::new(executor, self.into()))
        }
    }

    impl ::nicol::IntoCreate<Post> for Create {
        type Query = CreateWith<::nicol::builder::create::CreateQuery<Post>>;

        fn into_create(self, executor: ::nicol::Executor) -> Self::Query {
            CreateWith(::nicol::builder::create::CreateQuery::new(executor, self.0))
        }
    }

    /// Something that creates rows, and its setters.
    #[derive(Debug, Clone)]
    #[must_use]
    pub struct CreateWith<Q>(Q);

    /// A row to create.
    pub type Create = CreateWith<::nicol::query::Create>;

    impl<Q> ::nicol::Setters<Q> for CreateWith<Q> {
        fn new(inner: Q) -> Self {
            Self(inner)
        }

        fn into_inner(self) -> Q {
            self.0
        }
    }

    impl<Q: ::nicol::CreateTarget> CreateWith<Q> {
        /// Sets `id`.
        pub fn id(mut self, value: impl ::nicol::IntoField<i32>) -> Self {
            self.0.create_mut().values.push((0, value.into_field()));
            self
        }

        /// Sets `views`.
        pub fn views(mut self, value: impl ::nicol::IntoField<i32>) -> Self {
            self.0.create_mut().values.push((1, value.into_field()));
            self
        }
    }

    impl<S: ::nicol::relation::Relations<Post>> CreateWith<::nicol::builder::create::CreateQuery<Post, S>> {
        /// Gives back a relation with the row.
        pub fn include<I>(
            self,
            include: I,
        ) -> CreateWith<::nicol::builder::create::CreateQuery<Post, ::nicol::Loaded<I::Key, I::Value, S>>>
        where
            I: ::nicol::relation::IntoInclude<Key: ::nicol::relation::Loadable<From = Post>>,
        {
            CreateWith(self.0.include(include))
        }
    }

    impl CreateWith<::nicol::builder::create::CreateQuery<Post>> {
        /// Gives back only these fields.
        pub fn select<T: ::nicol::Selection<Post>>(
            self,
            fields: T,
        ) -> CreateWith<::nicol::builder::create::CreateQuery<Post, ::nicol::Columns<T::Row>>> {
            CreateWith(self.0.select(fields))
        }
    }

    impl<Q: ::core::future::IntoFuture> ::core::future::IntoFuture for CreateWith<Q> {
        type Output = Q::Output;
        type IntoFuture = Q::IntoFuture;

        fn into_future(self) -> Q::IntoFuture {
            self.0.into_future()
        }
    }

    impl<Q: ::nicol::batch::Batchable> ::nicol::batch::Batchable for CreateWith<Q> {
        type Output = Q::Output;

        fn into_step(self) -> ::core::result::Result<::nicol::batch::Step<Q::Output>, ::nicol::Error> {
            self.0.into_step()
        }
    }

    /// Something that changes rows, and its setters.
    #[derive(Debug, Clone)]
    #[must_use]
    pub struct UpdateWith<Q>(Q);

    /// Changes of a row.
    pub type Update = UpdateWith<::nicol::query::Changes>;

    impl<Q> ::nicol::Setters<Q> for UpdateWith<Q> {
        fn new(inner: Q) -> Self {
            Self(inner)
        }

        fn into_inner(self) -> Q {
            self.0
        }
    }

    impl<Q: ::nicol::UpdateTarget> UpdateWith<Q> {
        /// Changes `id`.
        pub fn id(mut self, value: impl ::nicol::IntoAssignment<i32>) -> Self {
            self.0.changes_mut().assignments.push((0, value.into_assignment()));
            self
        }

        /// Changes `views`.
        pub fn views(mut self, value: impl ::nicol::IntoAssignment<i32>) -> Self {
            self.0.changes_mut().assignments.push((1, value.into_assignment()));
            self
        }
    }

    impl<S> UpdateWith<::nicol::builder::update::UpdateQuery<Post, S>> {
        /// Only if this holds for the row, too.
        pub fn filter(self, filter: impl ::core::convert::Into<::nicol::Filter<Post>>) -> Self {
            Self(self.0.filter(filter))
        }
    }

    impl UpdateWith<::nicol::builder::update::UpdateMany<Post>> {
        /// Only rows for which this holds; said twice, both have to.
        pub fn filter(self, filter: impl ::core::convert::Into<::nicol::Filter<Post>>) -> Self {
            Self(self.0.filter(filter))
        }
    }

    impl<S: ::nicol::relation::Relations<Post>> UpdateWith<::nicol::builder::update::UpdateQuery<Post, S>> {
        /// Gives back a relation with the row.
        pub fn include<I>(
            self,
            include: I,
        ) -> UpdateWith<::nicol::builder::update::UpdateQuery<Post, ::nicol::Loaded<I::Key, I::Value, S>>>
        where
            I: ::nicol::relation::IntoInclude<Key: ::nicol::relation::Loadable<From = Post>>,
        {
            UpdateWith(self.0.include(include))
        }
    }

    impl UpdateWith<::nicol::builder::update::UpdateQuery<Post>> {
        /// Gives back only these fields.
        pub fn select<T: ::nicol::Selection<Post>>(
            self,
            fields: T,
        ) -> UpdateWith<::nicol::builder::update::UpdateQuery<Post, ::nicol::Columns<T::Row>>> {
            UpdateWith(self.0.select(fields))
        }
    }

    impl<Q: ::core::future::IntoFuture> ::core::future::IntoFuture for UpdateWith<Q> {
        type Output = Q::Output;
        type IntoFuture = Q::IntoFuture;

        fn into_future(self) -> Q::IntoFuture {
            self.0.into_future()
        }
    }

    impl<Q: ::nicol::batch::Batchable> ::nicol::batch::Batchable for UpdateWith<Q> {
        type Output = Q::Output;

        fn into_step(self) -> ::core::result::Result<::nicol::batch::Step<Q::Output>, ::nicol::Error> {
            self.0.into_step()
        }
    }
}
