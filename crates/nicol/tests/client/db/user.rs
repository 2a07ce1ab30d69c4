//! Model `User`: table `users`.

pub use self::handles::*;
pub use self::types::*;

/// Handles of the fields and relations, for filters, orders, selections and includes.
#[allow(non_upper_case_globals, reason = "a handle is named as its field")]
mod handles {
    /// `User.id`
    pub const id: ::nicol::Field<super::types::User, ::std::string::String> = ::nicol::Field::new(0);
    /// `User.name`
    pub const name: ::nicol::Field<super::types::User, ::core::option::Option<::std::string::String>> =
        ::nicol::Field::new(1);
    /// `User.email`
    pub const email: ::nicol::Field<super::types::User, ::std::string::String> = ::nicol::Field::new(2);
    /// `User.emailVerified`
    pub const email_verified: ::nicol::Field<
        super::types::User,
        ::core::option::Option<::nicol::types::DateTime>,
    > = ::nicol::Field::new(3);
    /// `User.image`
    pub const image: ::nicol::Field<super::types::User, ::core::option::Option<::std::string::String>> =
        ::nicol::Field::new(4);
    /// `User.accounts`
    pub const accounts: ::nicol::Related<super::types::Accounts> = ::nicol::Related::new();
    /// `User.sessions`
    pub const sessions: ::nicol::Related<super::types::Sessions> = ::nicol::Related::new();
}

mod types {
    /// A row of `users`.
    #[derive(Debug, Clone, PartialEq)]
    pub struct User {
        /// `id`
        pub id: ::std::string::String,
        /// `name`
        pub name: ::core::option::Option<::std::string::String>,
        /// `email`
        pub email: ::std::string::String,
        /// `emailVerified`
        pub email_verified: ::core::option::Option<::nicol::types::DateTime>,
        /// `image`
        pub image: ::core::option::Option<::std::string::String>,
    }

    /// The row, by the name that it has in every model.
    pub type Row = User;

    impl ::nicol::relation::FromRecord for User {
        fn from_record(
            cells: &mut ::nicol::cells::Cells<'_>,
        ) -> ::core::result::Result<Self, ::nicol::cells::DecodeError> {
            ::core::result::Result::Ok(Self {
                id: cells.take()?,
                name: cells.take()?,
                email: cells.take()?,
                email_verified: cells.take()?,
                image: cells.take()?,
            })
        }
    }

    impl ::nicol::Model for User {
        type With<R: ::core::fmt::Debug + ::core::marker::Send + 'static> = With<R>;
        type CreateWith<Q> = CreateWith<Q>;
        type UpdateWith<Q> = UpdateWith<Q>;

        fn meta() -> &'static ::nicol::meta::ModelMeta {
            &META
        }
    }

    pub(in super::super) static META: ::nicol::meta::ModelMeta = ::nicol::meta::ModelMeta {
        name: "User",
        schema: ::core::option::Option::None,
        table: "users",
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
                field: "name",
                column: "name",
                ty: ::nicol::meta::ColumnType::Text,
                nullable: true,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "email",
                column: "email",
                ty: ::nicol::meta::ColumnType::Text,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "emailVerified",
                column: "email_verified",
                ty: ::nicol::meta::ColumnType::Timestamp,
                nullable: true,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "image",
                column: "image",
                ty: ::nicol::meta::ColumnType::Text,
                nullable: true,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
        ],
        key: &[0],
        uniques: &[
            ::nicol::meta::UniqueMeta { constraint: "users_pkey", columns: &[0] },
            ::nicol::meta::UniqueMeta { constraint: "users_email_key", columns: &[2] },
        ],
        relations: &[
            ::nicol::meta::RelationMeta {
                field: "accounts",
                target: &super::super::account::META,
                join: ::nicol::meta::Join::Columns { here: &[0], there: &[1], owned: false },
                many: true,
                indexed: false,
            },
            ::nicol::meta::RelationMeta {
                field: "sessions",
                target: &super::super::session::META,
                join: ::nicol::meta::Join::Columns { here: &[0], there: &[2], owned: false },
                many: true,
                indexed: false,
            },
        ],
    };

    /// The row with this `id`.
    pub fn by_id(id: impl ::nicol::IntoField<::std::string::String>) -> ::nicol::Unique<User> {
        ::nicol::Unique::new(::std::vec![(0, id.into_field())])
    }

    /// The row with this `email`.
    pub fn by_email(email: impl ::nicol::IntoField<::std::string::String>) -> ::nicol::Unique<User> {
        ::nicol::Unique::new(::std::vec![(2, email.into_field())])
    }

    /// Relation `User.accounts`.
    #[derive(Debug)]
    pub struct Accounts;

    impl ::nicol::Relation for Accounts {
        type From = User;
        type To = super::super::account::Row;
        type Cardinality = ::nicol::relation::Many;
        const INDEX: u16 = 0;
    }

    /// Relation `User.sessions`.
    #[derive(Debug)]
    pub struct Sessions;

    impl ::nicol::Relation for Sessions {
        type From = User;
        type To = super::super::session::Row;
        type Cardinality = ::nicol::relation::Many;
        const INDEX: u16 = 1;
    }

    /// A row with the relations that a query loaded; it has the fields of [`User`].
    #[derive(Debug, Clone)]
    pub struct With<R> {
        row: User,
        loaded: R,
    }

    impl<R> ::core::ops::Deref for With<R> {
        type Target = User;

        fn deref(&self) -> &User {
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
        pub fn into_parts(self) -> (User, R) {
            (self.row, self.loaded)
        }

        /// The rows of `User.accounts`.
        pub fn accounts<I>(&self) -> &R::Value
        where
            R: ::nicol::Has<Accounts, I>,
        {
            ::nicol::Has::<Accounts, I>::loaded(&self.loaded)
        }

        /// How many rows `User.accounts` has.
        pub fn accounts_count<I>(&self) -> i64
        where
            R: ::nicol::Has<::nicol::relation::Count<Accounts>, I, Value = i64>,
        {
            *::nicol::Has::<::nicol::relation::Count<Accounts>, I>::loaded(&self.loaded)
        }

        /// The rows of `User.sessions`.
        pub fn sessions<I>(&self) -> &R::Value
        where
            R: ::nicol::Has<Sessions, I>,
        {
            ::nicol::Has::<Sessions, I>::loaded(&self.loaded)
        }

        /// How many rows `User.sessions` has.
        pub fn sessions_count<I>(&self) -> i64
        where
            R: ::nicol::Has<::nicol::relation::Count<Sessions>, I, Value = i64>,
        {
            *::nicol::Has::<::nicol::relation::Count<Sessions>, I>::loaded(&self.loaded)
        }
    }

    /// What a `User` has to be created with.
    #[derive(Debug, Clone, PartialEq)]
    pub struct New {
        /// `email`
        pub email: ::std::string::String,
    }

    impl ::core::convert::From<New> for ::nicol::query::Create {
        fn from(new: New) -> Self {
            let mut create = ::nicol::query::Create::new(&META);
            create.values.push((2, ::nicol::Scalar::into_value(new.email)));
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

    impl ::nicol::IntoCreate<User> for New {
        type Query = CreateWith<::nicol::builder::create::CreateQuery<User>>;

        fn into_create(self, executor: ::nicol::Executor) -> Self::Query {
            CreateWith(::nicol::builder::create::CreateQuery::new(executor, self.into()))
        }
    }

    impl ::nicol::IntoCreate<User> for Create {
        type Query = CreateWith<::nicol::builder::create::CreateQuery<User>>;

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
        pub fn id(mut self, value: impl ::nicol::IntoField<::std::string::String>) -> Self {
            self.0.create_mut().values.push((0, value.into_field()));
            self
        }

        /// Sets `name`.
        pub fn name(
            mut self,
            value: impl ::nicol::IntoField<::core::option::Option<::std::string::String>>,
        ) -> Self {
            self.0.create_mut().values.push((1, value.into_field()));
            self
        }

        /// Sets `emailVerified`.
        pub fn email_verified(
            mut self,
            value: impl ::nicol::IntoField<::core::option::Option<::nicol::types::DateTime>>,
        ) -> Self {
            self.0.create_mut().values.push((3, value.into_field()));
            self
        }

        /// Sets `image`.
        pub fn image(
            mut self,
            value: impl ::nicol::IntoField<::core::option::Option<::std::string::String>>,
        ) -> Self {
            self.0.create_mut().values.push((4, value.into_field()));
            self
        }

        /// Creates rows of `User.accounts` with it.
        pub fn accounts(
            mut self,
            rows: impl ::nicol::builder::create::IntoChildren<
                super::super::account::CreateWith<
                    ::nicol::builder::create::CreateIn<super::super::account::User>,
                >,
            >,
        ) -> Self {
            let rows = rows.into_children().map(|row| (0, ::nicol::Setters::into_inner(row).into_create()));
            self.0.create_mut().children.extend(rows);
            self
        }

        /// Creates rows of `User.sessions` with it.
        pub fn sessions(
            mut self,
            rows: impl ::nicol::builder::create::IntoChildren<
                super::super::session::CreateWith<
                    ::nicol::builder::create::CreateIn<super::super::session::User>,
                >,
            >,
        ) -> Self {
            let rows = rows.into_children().map(|row| (1, ::nicol::Setters::into_inner(row).into_create()));
            self.0.create_mut().children.extend(rows);
            self
        }
    }

    impl<S: ::nicol::relation::Relations<User>> CreateWith<::nicol::builder::create::CreateQuery<User, S>> {
        /// Gives back a relation with the row.
        pub fn include<I>(
            self,
            include: I,
        ) -> CreateWith<::nicol::builder::create::CreateQuery<User, ::nicol::Loaded<I::Key, I::Value, S>>>
        where
            I: ::nicol::relation::IntoInclude<Key: ::nicol::relation::Loadable<From = User>>,
        {
            CreateWith(self.0.include(include))
        }
    }

    impl CreateWith<::nicol::builder::create::CreateQuery<User>> {
        /// Gives back only these fields.
        pub fn select<T: ::nicol::Selection<User>>(
            self,
            fields: T,
        ) -> CreateWith<::nicol::builder::create::CreateQuery<User, ::nicol::Columns<T::Row>>> {
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

        /// Changes `name`.
        pub fn name(
            mut self,
            value: impl ::nicol::IntoAssignment<::core::option::Option<::std::string::String>>,
        ) -> Self {
            self.0.changes_mut().assignments.push((1, value.into_assignment()));
            self
        }

        /// Changes `email`.
        pub fn email(mut self, value: impl ::nicol::IntoAssignment<::std::string::String>) -> Self {
            self.0.changes_mut().assignments.push((2, value.into_assignment()));
            self
        }

        /// Changes `emailVerified`.
        pub fn email_verified(
            mut self,
            value: impl ::nicol::IntoAssignment<::core::option::Option<::nicol::types::DateTime>>,
        ) -> Self {
            self.0.changes_mut().assignments.push((3, value.into_assignment()));
            self
        }

        /// Changes `image`.
        pub fn image(
            mut self,
            value: impl ::nicol::IntoAssignment<::core::option::Option<::std::string::String>>,
        ) -> Self {
            self.0.changes_mut().assignments.push((4, value.into_assignment()));
            self
        }
    }

    impl<S> UpdateWith<::nicol::builder::update::UpdateQuery<User, S>> {
        /// Only if this holds for the row, too.
        pub fn filter(self, filter: impl ::core::convert::Into<::nicol::Filter<User>>) -> Self {
            Self(self.0.filter(filter))
        }
    }

    impl UpdateWith<::nicol::builder::update::UpdateMany<User>> {
        /// Only rows for which this holds; said twice, both have to.
        pub fn filter(self, filter: impl ::core::convert::Into<::nicol::Filter<User>>) -> Self {
            Self(self.0.filter(filter))
        }
    }

    impl<S: ::nicol::relation::Relations<User>> UpdateWith<::nicol::builder::update::UpdateQuery<User, S>> {
        /// Gives back a relation with the row.
        pub fn include<I>(
            self,
            include: I,
        ) -> UpdateWith<::nicol::builder::update::UpdateQuery<User, ::nicol::Loaded<I::Key, I::Value, S>>>
        where
            I: ::nicol::relation::IntoInclude<Key: ::nicol::relation::Loadable<From = User>>,
        {
            UpdateWith(self.0.include(include))
        }
    }

    impl UpdateWith<::nicol::builder::update::UpdateQuery<User>> {
        /// Gives back only these fields.
        pub fn select<T: ::nicol::Selection<User>>(
            self,
            fields: T,
        ) -> UpdateWith<::nicol::builder::update::UpdateQuery<User, ::nicol::Columns<T::Row>>> {
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
