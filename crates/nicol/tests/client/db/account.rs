//! Model `Account`: table `accounts`.

pub use self::handles::*;
pub use self::types::*;

/// Handles of the fields and relations, for filters, orders, selections and includes.
#[allow(non_upper_case_globals, reason = "a handle is named as its field")]
mod handles {
    /// `Account.id`
    pub const id: ::nicol::Field<super::types::Account, ::std::string::String> = ::nicol::Field::new(0);
    /// `Account.userId`
    pub const user_id: ::nicol::Field<super::types::Account, ::std::string::String> = ::nicol::Field::new(1);
    /// `Account.type`
    pub const r#type: ::nicol::Field<super::types::Account, ::std::string::String> = ::nicol::Field::new(2);
    /// `Account.provider`
    pub const provider: ::nicol::Field<super::types::Account, ::std::string::String> = ::nicol::Field::new(3);
    /// `Account.providerAccountId`
    pub const provider_account_id: ::nicol::Field<super::types::Account, ::std::string::String> =
        ::nicol::Field::new(4);
    /// `Account.scope`
    pub const scope: ::nicol::Field<super::types::Account, ::core::option::Option<::std::string::String>> =
        ::nicol::Field::new(5);
    /// `Account.user`
    pub const user: ::nicol::Related<super::types::User> = ::nicol::Related::new();
}

mod types {
    /// A row of `accounts`.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Account {
        /// `id`
        pub id: ::std::string::String,
        /// `userId`
        pub user_id: ::std::string::String,
        /// `type`
        pub r#type: ::std::string::String,
        /// `provider`
        pub provider: ::std::string::String,
        /// `providerAccountId`
        pub provider_account_id: ::std::string::String,
        /// `scope`
        pub scope: ::core::option::Option<::std::string::String>,
    }

    /// The row, by the name that it has in every model.
    pub type Row = Account;

    impl ::nicol::relation::FromRecord for Account {
        fn from_record(
            cells: &mut ::nicol::cells::Cells<'_>,
        ) -> ::core::result::Result<Self, ::nicol::cells::DecodeError> {
            ::core::result::Result::Ok(Self {
                id: cells.take()?,
                user_id: cells.take()?,
                r#type: cells.take()?,
                provider: cells.take()?,
                provider_account_id: cells.take()?,
                scope: cells.take()?,
            })
        }
    }

    impl ::nicol::Model for Account {
        type With<R: ::core::fmt::Debug + ::core::marker::Send + 'static> = With<R>;
        type CreateWith<Q> = CreateWith<Q>;
        type UpdateWith<Q> = UpdateWith<Q>;

        fn meta() -> &'static ::nicol::meta::ModelMeta {
            &META
        }
    }

    pub(in super::super) static META: ::nicol::meta::ModelMeta = ::nicol::meta::ModelMeta {
        name: "Account",
        schema: ::core::option::Option::None,
        table: "accounts",
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
                field: "userId",
                column: "user_id",
                ty: ::nicol::meta::ColumnType::Text,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "type",
                column: "type",
                ty: ::nicol::meta::ColumnType::Text,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "provider",
                column: "provider",
                ty: ::nicol::meta::ColumnType::Text,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "providerAccountId",
                column: "provider_account_id",
                ty: ::nicol::meta::ColumnType::Text,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "scope",
                column: "scope",
                ty: ::nicol::meta::ColumnType::Text,
                nullable: true,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
        ],
        key: &[0],
        uniques: &[
            ::nicol::meta::UniqueMeta { constraint: "accounts_pkey", columns: &[0] },
            ::nicol::meta::UniqueMeta {
                constraint: "accounts_provider_provider_account_id_key",
                columns: &[3, 4],
            },
        ],
        relations: &[::nicol::meta::RelationMeta {
            field: "user",
            target: &super::super::user::META,
            join: ::nicol::meta::Join::Columns { here: &[1], there: &[0], owned: true },
            many: false,
            indexed: true,
        }],
    };

    /// The row with this `id`.
    pub fn by_id(id: impl ::nicol::IntoField<::std::string::String>) -> ::nicol::Unique<Account> {
        ::nicol::Unique::new(::std::vec![(0, id.into_field())])
    }

    /// The row with this `provider`, `providerAccountId`.
    pub fn by_provider_and_provider_account_id(
        provider: impl ::nicol::IntoField<::std::string::String>,
        provider_account_id: impl ::nicol::IntoField<::std::string::String>,
    ) -> ::nicol::Unique<Account> {
        ::nicol::Unique::new(::std::vec![(3, provider.into_field()), (4, provider_account_id.into_field())])
    }

    /// Relation `Account.user`.
    #[derive(Debug)]
    pub struct User;

    impl ::nicol::Relation for User {
        type From = Account;
        type To = super::super::user::Row;
        type Cardinality = ::nicol::relation::One;
        const INDEX: u16 = 0;
    }

    /// A row with the relations that a query loaded; it has the fields of [`Account`].
    #[derive(Debug, Clone)]
    pub struct With<R> {
        row: Account,
        loaded: R,
    }

    impl<R> ::core::ops::Deref for With<R> {
        type Target = Account;

        fn deref(&self) -> &Account {
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
        pub fn into_parts(self) -> (Account, R) {
            (self.row, self.loaded)
        }

        /// The rows of `Account.user`.
        pub fn user<I>(&self) -> &R::Value
        where
            R: ::nicol::Has<User, I>,
        {
            ::nicol::Has::<User, I>::loaded(&self.loaded)
        }
    }

    /// What a `Account` has to be created with.
    #[derive(Debug, Clone, PartialEq)]
    pub struct New {
        /// `userId`
        pub user_id: ::std::string::String,
        /// `type`
        pub r#type: ::std::string::String,
        /// `provider`
        pub provider: ::std::string::String,
        /// `providerAccountId`
        pub provider_account_id: ::std::string::String,
    }

    impl ::core::convert::From<New> for ::nicol::query::Create {
        fn from(new: New) -> Self {
            let mut create = ::nicol::query::Create::new(&META);
            create.values.push((1, ::nicol::Scalar::into_value(new.user_id)));
            create.values.push((2, ::nicol::Scalar::into_value(new.r#type)));
            create.values.push((3, ::nicol::Scalar::into_value(new.provider)));
            create.values.push((4, ::nicol::Scalar::into_value(new.provider_account_id)));
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

    impl ::nicol::IntoCreate<Account> for New {
        type Query = CreateWith<::nicol::builder::create::CreateQuery<Account>>;

        fn into_create(self, executor: ::nicol::Executor) -> Self::Query {
            CreateWith(::nicol::builder::create::CreateQuery::new(executor, self.into()))
        }
    }

    impl ::nicol::IntoCreate<Account> for Create {
        type Query = CreateWith<::nicol::builder::create::CreateQuery<Account>>;

        fn into_create(self, executor: ::nicol::Executor) -> Self::Query {
            CreateWith(::nicol::builder::create::CreateQuery::new(executor, self.0))
        }
    }

    /// [`New`] without the key of `Account.user`.
    #[derive(Debug, Clone, PartialEq)]
    pub struct NewInUser {
        /// `type`
        pub r#type: ::std::string::String,
        /// `provider`
        pub provider: ::std::string::String,
        /// `providerAccountId`
        pub provider_account_id: ::std::string::String,
    }

    impl ::core::convert::From<NewInUser> for ::nicol::query::Create {
        fn from(new: NewInUser) -> Self {
            let mut create = ::nicol::query::Create::new(&META);
            create.values.push((2, ::nicol::Scalar::into_value(new.r#type)));
            create.values.push((3, ::nicol::Scalar::into_value(new.provider)));
            create.values.push((4, ::nicol::Scalar::into_value(new.provider_account_id)));
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

    impl ::nicol::IntoCreate<Account> for NewInUser {
        type Query = CreateWith<::nicol::builder::create::CreateInQuery<Account, User>>;

        fn into_create(self, executor: ::nicol::Executor) -> Self::Query {
            CreateWith(::nicol::builder::create::CreateInQuery::new(executor, self.into()))
        }
    }

    impl CreateWith<::nicol::builder::create::CreateInQuery<Account, User>> {
        /// The `User` it belongs to; that there is none is an error (P2025).
        pub fn connect_user(
            self,
            unique: ::nicol::Unique<super::super::user::Row>,
        ) -> CreateWith<::nicol::builder::create::CreateQuery<Account>> {
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

        /// Sets `scope`.
        pub fn scope(
            mut self,
            value: impl ::nicol::IntoField<::core::option::Option<::std::string::String>>,
        ) -> Self {
            self.0.create_mut().values.push((5, value.into_field()));
            self
        }
    }

    impl<S: ::nicol::relation::Relations<Account>> CreateWith<::nicol::builder::create::CreateQuery<Account, S>> {
        /// Gives back a relation with the row.
        pub fn include<I>(
            self,
            include: I,
        ) -> CreateWith<::nicol::builder::create::CreateQuery<Account, ::nicol::Loaded<I::Key, I::Value, S>>>
        where
            I: ::nicol::relation::IntoInclude<Key: ::nicol::relation::Loadable<From = Account>>,
        {
            CreateWith(self.0.include(include))
        }
    }

    impl CreateWith<::nicol::builder::create::CreateQuery<Account>> {
        /// Gives back only these fields.
        pub fn select<T: ::nicol::Selection<Account>>(
            self,
            fields: T,
        ) -> CreateWith<::nicol::builder::create::CreateQuery<Account, ::nicol::Columns<T::Row>>> {
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

        /// Changes `userId`.
        pub fn user_id(mut self, value: impl ::nicol::IntoAssignment<::std::string::String>) -> Self {
            self.0.changes_mut().assignments.push((1, value.into_assignment()));
            self
        }

        /// Changes `type`.
        pub fn r#type(mut self, value: impl ::nicol::IntoAssignment<::std::string::String>) -> Self {
            self.0.changes_mut().assignments.push((2, value.into_assignment()));
            self
        }

        /// Changes `provider`.
        pub fn provider(mut self, value: impl ::nicol::IntoAssignment<::std::string::String>) -> Self {
            self.0.changes_mut().assignments.push((3, value.into_assignment()));
            self
        }

        /// Changes `providerAccountId`.
        pub fn provider_account_id(
            mut self,
            value: impl ::nicol::IntoAssignment<::std::string::String>,
        ) -> Self {
            self.0.changes_mut().assignments.push((4, value.into_assignment()));
            self
        }

        /// Changes `scope`.
        pub fn scope(
            mut self,
            value: impl ::nicol::IntoAssignment<::core::option::Option<::std::string::String>>,
        ) -> Self {
            self.0.changes_mut().assignments.push((5, value.into_assignment()));
            self
        }
    }

    impl<S> UpdateWith<::nicol::builder::update::UpdateQuery<Account, S>> {
        /// Only if this holds for the row, too.
        pub fn filter(self, filter: impl ::core::convert::Into<::nicol::Filter<Account>>) -> Self {
            Self(self.0.filter(filter))
        }
    }

    impl UpdateWith<::nicol::builder::update::UpdateMany<Account>> {
        /// Only rows for which this holds; said twice, both have to.
        pub fn filter(self, filter: impl ::core::convert::Into<::nicol::Filter<Account>>) -> Self {
            Self(self.0.filter(filter))
        }
    }

    impl<S: ::nicol::relation::Relations<Account>> UpdateWith<::nicol::builder::update::UpdateQuery<Account, S>> {
        /// Gives back a relation with the row.
        pub fn include<I>(
            self,
            include: I,
        ) -> UpdateWith<::nicol::builder::update::UpdateQuery<Account, ::nicol::Loaded<I::Key, I::Value, S>>>
        where
            I: ::nicol::relation::IntoInclude<Key: ::nicol::relation::Loadable<From = Account>>,
        {
            UpdateWith(self.0.include(include))
        }
    }

    impl UpdateWith<::nicol::builder::update::UpdateQuery<Account>> {
        /// Gives back only these fields.
        pub fn select<T: ::nicol::Selection<Account>>(
            self,
            fields: T,
        ) -> UpdateWith<::nicol::builder::update::UpdateQuery<Account, ::nicol::Columns<T::Row>>> {
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
