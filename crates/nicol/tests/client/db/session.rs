//! Model `Session`: table `sessions`.

pub use self::handles::*;
pub use self::types::*;

/// Handles of the fields and relations, for filters, orders, selections and includes.
#[allow(non_upper_case_globals, reason = "a handle is named as its field")]
mod handles {
    /// `Session.id`
    pub const id: ::nicol::Field<super::types::Session, ::std::string::String> = ::nicol::Field::new(0);
    /// `Session.sessionToken`
    pub const session_token: ::nicol::Field<super::types::Session, ::std::string::String> =
        ::nicol::Field::new(1);
    /// `Session.userId`
    pub const user_id: ::nicol::Field<super::types::Session, ::std::string::String> = ::nicol::Field::new(2);
    /// `Session.expires`
    pub const expires: ::nicol::Field<super::types::Session, ::nicol::types::DateTime> =
        ::nicol::Field::new(3);
    /// `Session.user`
    pub const user: ::nicol::Related<super::types::User> = ::nicol::Related::new();
}

mod types {
    /// A row of `sessions`.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Session {
        /// `id`
        pub id: ::std::string::String,
        /// `sessionToken`
        pub session_token: ::std::string::String,
        /// `userId`
        pub user_id: ::std::string::String,
        /// `expires`
        pub expires: ::nicol::types::DateTime,
    }

    /// The row, by the name that it has in every model.
    pub type Row = Session;

    impl ::nicol::relation::FromRecord for Session {
        fn from_record(
            cells: &mut ::nicol::cells::Cells<'_>,
        ) -> ::core::result::Result<Self, ::nicol::cells::DecodeError> {
            ::core::result::Result::Ok(Self {
                id: cells.take()?,
                session_token: cells.take()?,
                user_id: cells.take()?,
                expires: cells.take()?,
            })
        }
    }

    impl ::nicol::Model for Session {
        type With<R: ::core::fmt::Debug + ::core::marker::Send + 'static> = With<R>;
        type CreateWith<Q> = CreateWith<Q>;
        type UpdateWith<Q> = UpdateWith<Q>;

        fn meta() -> &'static ::nicol::meta::ModelMeta {
            &META
        }
    }

    pub(in super::super) static META: ::nicol::meta::ModelMeta = ::nicol::meta::ModelMeta {
        name: "Session",
        schema: ::core::option::Option::None,
        table: "sessions",
        columns: &[
            ::nicol::meta::ColumnMeta {
                field: "id",
                column: "id",
                ty: ::nicol::meta::ColumnType::Text,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::Cuid,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "sessionToken",
                column: "session_token",
                ty: ::nicol::meta::ColumnType::Text,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "userId",
                column: "user_id",
                ty: ::nicol::meta::ColumnType::Text,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "expires",
                column: "expires",
                ty: ::nicol::meta::ColumnType::Timestamp,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
        ],
        key: &[0],
        uniques: &[
            ::nicol::meta::UniqueMeta { constraint: "sessions_pkey", columns: &[0] },
            ::nicol::meta::UniqueMeta { constraint: "sessions_session_token_key", columns: &[1] },
        ],
        relations: &[::nicol::meta::RelationMeta {
            field: "user",
            target: &super::super::user::META,
            join: ::nicol::meta::Join::Columns { here: &[2], there: &[0], owned: true },
            many: false,
            indexed: true,
        }],
    };

    /// The row with this `id`.
    pub fn by_id(id: impl ::nicol::IntoField<::std::string::String>) -> ::nicol::Unique<Session> {
        ::nicol::Unique::new(::std::vec![(0, id.into_field())])
    }

    /// The row with this `sessionToken`.
    pub fn by_session_token(
        session_token: impl ::nicol::IntoField<::std::string::String>,
    ) -> ::nicol::Unique<Session> {
        ::nicol::Unique::new(::std::vec![(1, session_token.into_field())])
    }

    /// Relation `Session.user`.
    #[derive(Debug)]
    pub struct User;

    impl ::nicol::Relation for User {
        type From = Session;
        type To = super::super::user::Row;
        type Cardinality = ::nicol::relation::One;
        const INDEX: u16 = 0;
    }

    /// A row with the relations that a query loaded; it has the fields of [`Session`].
    #[derive(Debug, Clone)]
    pub struct With<R> {
        row: Session,
        loaded: R,
    }

    impl<R> ::core::ops::Deref for With<R> {
        type Target = Session;

        fn deref(&self) -> &Session {
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
        pub fn into_parts(self) -> (Session, R) {
            (self.row, self.loaded)
        }

        /// The rows of `Session.user`.
        pub fn user<I>(&self) -> &R::Value
        where
            R: ::nicol::Has<User, I>,
        {
            ::nicol::Has::<User, I>::loaded(&self.loaded)
        }
    }

    /// What a `Session` has to be created with.
    #[derive(Debug, Clone, PartialEq)]
    pub struct New {
        /// `sessionToken`
        pub session_token: ::std::string::String,
        /// `userId`
        pub user_id: ::std::string::String,
        /// `expires`
        pub expires: ::nicol::types::DateTime,
    }

    impl ::core::convert::From<New> for ::nicol::query::Create {
        fn from(new: New) -> Self {
            let mut create = ::nicol::query::Create::new(&META);
            create.values.push((1, ::nicol::Scalar::into_value(new.session_token)));
            create.values.push((2, ::nicol::Scalar::into_value(new.user_id)));
            create.values.push((3, ::nicol::Scalar::into_value(new.expires)));
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

    impl ::nicol::IntoCreate<Session> for New {
        type Query = CreateWith<::nicol::builder::create::CreateQuery<Session>>;

        fn into_create(self, executor: ::nicol::Executor) -> Self::Query {
            CreateWith(::nicol::builder::create::CreateQuery::new(executor, self.into()))
        }
    }

    impl ::nicol::IntoCreate<Session> for Create {
        type Query = CreateWith<::nicol::builder::create::CreateQuery<Session>>;

        fn into_create(self, executor: ::nicol::Executor) -> Self::Query {
            CreateWith(::nicol::builder::create::CreateQuery::new(executor, self.0))
        }
    }

    /// [`New`] without the key of `Session.user`.
    #[derive(Debug, Clone, PartialEq)]
    pub struct NewInUser {
        /// `sessionToken`
        pub session_token: ::std::string::String,
        /// `expires`
        pub expires: ::nicol::types::DateTime,
    }

    impl ::core::convert::From<NewInUser> for ::nicol::query::Create {
        fn from(new: NewInUser) -> Self {
            let mut create = ::nicol::query::Create::new(&META);
            create.values.push((1, ::nicol::Scalar::into_value(new.session_token)));
            create.values.push((3, ::nicol::Scalar::into_value(new.expires)));
            create
        }
    }

    impl ::core::convert::From<NewInUser> for CreateWith<::nicol::builder::create::CreateIn<User>> {
        fn from(new: NewInUser) -> Self {
            CreateWith(::nicol::builder::create::CreateIn::new(new.into()))
        }
    }

    impl ::nicol::builder::create::IntoChildren<CreateWith<::nicol::builder::create::CreateIn<User>>>
        for NewInUser
    {
        fn into_children(
            self,
        ) -> impl ::core::iter::Iterator<Item = CreateWith<::nicol::builder::create::CreateIn<User>>>
        {
            ::core::iter::once(self.into())
        }
    }

    impl ::nicol::builder::create::IntoChildren<Self> for CreateWith<::nicol::builder::create::CreateIn<User>> {
        fn into_children(self) -> impl ::core::iter::Iterator<Item = Self> {
            ::core::iter::once(self)
        }
    }

    /// A row to create under a parent, with setters for what it may have besides [`NewInUser`].
    pub fn create_in_user(new: NewInUser) -> CreateWith<::nicol::builder::create::CreateIn<User>> {
        new.into()
    }

    impl ::nicol::IntoCreate<Session> for NewInUser {
        type Query = CreateWith<::nicol::builder::create::CreateInQuery<Session, User>>;

        fn into_create(self, executor: ::nicol::Executor) -> Self::Query {
            CreateWith(::nicol::builder::create::CreateInQuery::new(executor, self.into()))
        }
    }

    impl CreateWith<::nicol::builder::create::CreateInQuery<Session, User>> {
        /// The `User` it belongs to; that there is none is an error (P2025).
        pub fn connect_user(
            self,
            unique: ::nicol::Unique<super::super::user::Row>,
        ) -> CreateWith<::nicol::builder::create::CreateQuery<Session>> {
            CreateWith(self.0.connect(unique))
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
        pub fn id(mut self, value: impl ::nicol::IntoField<::std::string::String>) -> Self {
            self.0.create_mut().values.push((0, value.into_field()));
            self
        }
    }

    impl<S: ::nicol::relation::Relations<Session>> CreateWith<::nicol::builder::create::CreateQuery<Session, S>> {
        /// Gives back a relation with the row.
        pub fn include<I>(
            self,
            include: I,
        ) -> CreateWith<::nicol::builder::create::CreateQuery<Session, ::nicol::Loaded<I::Key, I::Value, S>>>
        where
            I: ::nicol::relation::IntoInclude<Key: ::nicol::relation::Loadable<From = Session>>,
        {
            CreateWith(self.0.include(include))
        }
    }

    impl CreateWith<::nicol::builder::create::CreateQuery<Session>> {
        /// Gives back only these fields.
        pub fn select<T: ::nicol::Selection<Session>>(
            self,
            fields: T,
        ) -> CreateWith<::nicol::builder::create::CreateQuery<Session, ::nicol::Columns<T::Row>>> {
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
        pub fn id(mut self, value: impl ::nicol::IntoAssignment<::std::string::String>) -> Self {
            self.0.changes_mut().assignments.push((0, value.into_assignment()));
            self
        }

        /// Changes `sessionToken`.
        pub fn session_token(mut self, value: impl ::nicol::IntoAssignment<::std::string::String>) -> Self {
            self.0.changes_mut().assignments.push((1, value.into_assignment()));
            self
        }

        /// Changes `userId`.
        pub fn user_id(mut self, value: impl ::nicol::IntoAssignment<::std::string::String>) -> Self {
            self.0.changes_mut().assignments.push((2, value.into_assignment()));
            self
        }

        /// Changes `expires`.
        pub fn expires(mut self, value: impl ::nicol::IntoAssignment<::nicol::types::DateTime>) -> Self {
            self.0.changes_mut().assignments.push((3, value.into_assignment()));
            self
        }
    }

    impl<S> UpdateWith<::nicol::builder::update::UpdateQuery<Session, S>> {
        /// Only if this holds for the row, too.
        pub fn filter(self, filter: impl ::core::convert::Into<::nicol::Filter<Session>>) -> Self {
            Self(self.0.filter(filter))
        }
    }

    impl UpdateWith<::nicol::builder::update::UpdateMany<Session>> {
        /// Only rows for which this holds; said twice, both have to.
        pub fn filter(self, filter: impl ::core::convert::Into<::nicol::Filter<Session>>) -> Self {
            Self(self.0.filter(filter))
        }
    }

    impl<S: ::nicol::relation::Relations<Session>> UpdateWith<::nicol::builder::update::UpdateQuery<Session, S>> {
        /// Gives back a relation with the row.
        pub fn include<I>(
            self,
            include: I,
        ) -> UpdateWith<::nicol::builder::update::UpdateQuery<Session, ::nicol::Loaded<I::Key, I::Value, S>>>
        where
            I: ::nicol::relation::IntoInclude<Key: ::nicol::relation::Loadable<From = Session>>,
        {
            UpdateWith(self.0.include(include))
        }
    }

    impl UpdateWith<::nicol::builder::update::UpdateQuery<Session>> {
        /// Gives back only these fields.
        pub fn select<T: ::nicol::Selection<Session>>(
            self,
            fields: T,
        ) -> UpdateWith<::nicol::builder::update::UpdateQuery<Session, ::nicol::Columns<T::Row>>> {
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
