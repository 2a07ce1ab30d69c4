//! Model `Person`: table `people`.

pub use self::handles::*;
pub use self::types::*;

/// Handles of the fields and relations, for filters, orders, selections and includes.
#[allow(non_upper_case_globals, reason = "a handle is named as its field")]
mod handles {
    /// `Person.id`
    pub const id: ::nicol::Field<super::types::Person, ::std::string::String> = ::nicol::Field::new(0);
    /// `Person.name`
    pub const name: ::nicol::Field<super::types::Person, ::std::string::String> = ::nicol::Field::new(1);
    /// `Person.email`
    pub const email: ::nicol::Field<super::types::Person, ::std::string::String> = ::nicol::Field::new(2);
    /// `Person.phoneNumber`
    pub const phone_number: ::nicol::Field<super::types::Person, ::std::string::String> =
        ::nicol::Field::new(3);
    /// `Person.createdAt`
    pub const created_at: ::nicol::Field<super::types::Person, ::nicol::types::DateTime> =
        ::nicol::Field::new(4);
    /// `Person.updatedAt`
    pub const updated_at: ::nicol::Field<super::types::Person, ::nicol::types::DateTime> =
        ::nicol::Field::new(5);
}

mod types {
    /// A row of `people`.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Person {
        /// `id`
        pub id: ::std::string::String,
        /// `name`
        pub name: ::std::string::String,
        /// `email`
        pub email: ::std::string::String,
        /// `phoneNumber`
        pub phone_number: ::std::string::String,
        /// `createdAt`
        pub created_at: ::nicol::types::DateTime,
        /// `updatedAt`
        pub updated_at: ::nicol::types::DateTime,
    }

    /// The row, by the name that it has in every model.
    pub type Row = Person;

    impl ::nicol::relation::FromRecord for Person {
        fn from_record(
            cells: &mut ::nicol::cells::Cells<'_>,
        ) -> ::core::result::Result<Self, ::nicol::cells::DecodeError> {
            ::core::result::Result::Ok(Self {
                id: cells.take()?,
                name: cells.take()?,
                email: cells.take()?,
                phone_number: cells.take()?,
                created_at: cells.take()?,
                updated_at: cells.take()?,
            })
        }
    }

    impl ::nicol::Model for Person {
        type With<R: ::core::fmt::Debug + ::core::marker::Send + 'static> = With<R>;
        type CreateWith<Q> = CreateWith<Q>;
        type UpdateWith<Q> = UpdateWith<Q>;

        fn meta() -> &'static ::nicol::meta::ModelMeta {
            &META
        }
    }

    pub(in super::super) static META: ::nicol::meta::ModelMeta = ::nicol::meta::ModelMeta {
        name: "Person",
        schema: ::core::option::Option::None,
        table: "people",
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
                nullable: false,
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
                field: "phoneNumber",
                column: "phone_number",
                ty: ::nicol::meta::ColumnType::Text,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "createdAt",
                column: "created_at",
                ty: ::nicol::meta::ColumnType::Timestamp,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::Now,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "updatedAt",
                column: "updated_at",
                ty: ::nicol::meta::ColumnType::Timestamp,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: true,
            },
        ],
        key: &[0],
        uniques: &[
            ::nicol::meta::UniqueMeta { constraint: "people_pkey", columns: &[0] },
            ::nicol::meta::UniqueMeta { constraint: "people_email_key", columns: &[2] },
        ],
        relations: &[],
    };

    /// The row with this `id`.
    pub fn by_id(id: impl ::nicol::IntoField<::std::string::String>) -> ::nicol::Unique<Person> {
        ::nicol::Unique::new(::std::vec![(0, id.into_field())])
    }

    /// The row with this `email`.
    pub fn by_email(email: impl ::nicol::IntoField<::std::string::String>) -> ::nicol::Unique<Person> {
        ::nicol::Unique::new(::std::vec![(2, email.into_field())])
    }

    /// A row with the relations that a query loaded; it has the fields of [`Person`].
    #[derive(Debug, Clone)]
    pub struct With<R> {
        row: Person,
        loaded: R,
    }

    impl<R> ::core::ops::Deref for With<R> {
        type Target = Person;

        fn deref(&self) -> &Person {
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
        pub fn into_parts(self) -> (Person, R) {
            (self.row, self.loaded)
        }
    }

    /// What a `Person` has to be created with.
    #[derive(Debug, Clone, PartialEq)]
    pub struct New {
        /// `name`
        pub name: ::std::string::String,
        /// `email`
        pub email: ::std::string::String,
        /// `phoneNumber`
        pub phone_number: ::std::string::String,
    }

    impl ::core::convert::From<New> for ::nicol::query::Create {
        fn from(new: New) -> Self {
            let mut create = ::nicol::query::Create::new(&META);
            create.values.push((1, ::nicol::Scalar::into_value(new.name)));
            create.values.push((2, ::nicol::Scalar::into_value(new.email)));
            create.values.push((3, ::nicol::Scalar::into_value(new.phone_number)));
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

    impl ::nicol::IntoCreate<Person> for New {
        type Query = CreateWith<::nicol::builder::create::CreateQuery<Person>>;

        fn into_create(self, executor: ::nicol::Executor) -> Self::Query {
            CreateWith(::nicol::builder::create::CreateQuery::new(executor, self.into()))
        }
    }

    impl ::nicol::IntoCreate<Person> for Create {
        type Query = CreateWith<::nicol::builder::create::CreateQuery<Person>>;

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

        /// Sets `createdAt`.
        pub fn created_at(mut self, value: impl ::nicol::IntoField<::nicol::types::DateTime>) -> Self {
            self.0.create_mut().values.push((4, value.into_field()));
            self
        }

        /// Sets `updatedAt`.
        pub fn updated_at(mut self, value: impl ::nicol::IntoField<::nicol::types::DateTime>) -> Self {
            self.0.create_mut().values.push((5, value.into_field()));
            self
        }
    }

    impl<S: ::nicol::relation::Relations<Person>> CreateWith<::nicol::builder::create::CreateQuery<Person, S>> {
        /// Gives back a relation with the row.
        pub fn include<I>(
            self,
            include: I,
        ) -> CreateWith<::nicol::builder::create::CreateQuery<Person, ::nicol::Loaded<I::Key, I::Value, S>>>
        where
            I: ::nicol::relation::IntoInclude<Key: ::nicol::relation::Loadable<From = Person>>,
        {
            CreateWith(self.0.include(include))
        }
    }

    impl CreateWith<::nicol::builder::create::CreateQuery<Person>> {
        /// Gives back only these fields.
        pub fn select<T: ::nicol::Selection<Person>>(
            self,
            fields: T,
        ) -> CreateWith<::nicol::builder::create::CreateQuery<Person, ::nicol::Columns<T::Row>>> {
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
        pub fn name(mut self, value: impl ::nicol::IntoAssignment<::std::string::String>) -> Self {
            self.0.changes_mut().assignments.push((1, value.into_assignment()));
            self
        }

        /// Changes `email`.
        pub fn email(mut self, value: impl ::nicol::IntoAssignment<::std::string::String>) -> Self {
            self.0.changes_mut().assignments.push((2, value.into_assignment()));
            self
        }

        /// Changes `phoneNumber`.
        pub fn phone_number(mut self, value: impl ::nicol::IntoAssignment<::std::string::String>) -> Self {
            self.0.changes_mut().assignments.push((3, value.into_assignment()));
            self
        }

        /// Changes `createdAt`.
        pub fn created_at(mut self, value: impl ::nicol::IntoAssignment<::nicol::types::DateTime>) -> Self {
            self.0.changes_mut().assignments.push((4, value.into_assignment()));
            self
        }

        /// Changes `updatedAt`.
        pub fn updated_at(mut self, value: impl ::nicol::IntoAssignment<::nicol::types::DateTime>) -> Self {
            self.0.changes_mut().assignments.push((5, value.into_assignment()));
            self
        }
    }

    impl<S> UpdateWith<::nicol::builder::update::UpdateQuery<Person, S>> {
        /// Only if this holds for the row, too.
        pub fn filter(self, filter: impl ::core::convert::Into<::nicol::Filter<Person>>) -> Self {
            Self(self.0.filter(filter))
        }
    }

    impl UpdateWith<::nicol::builder::update::UpdateMany<Person>> {
        /// Only rows for which this holds; said twice, both have to.
        pub fn filter(self, filter: impl ::core::convert::Into<::nicol::Filter<Person>>) -> Self {
            Self(self.0.filter(filter))
        }
    }

    impl<S: ::nicol::relation::Relations<Person>> UpdateWith<::nicol::builder::update::UpdateQuery<Person, S>> {
        /// Gives back a relation with the row.
        pub fn include<I>(
            self,
            include: I,
        ) -> UpdateWith<::nicol::builder::update::UpdateQuery<Person, ::nicol::Loaded<I::Key, I::Value, S>>>
        where
            I: ::nicol::relation::IntoInclude<Key: ::nicol::relation::Loadable<From = Person>>,
        {
            UpdateWith(self.0.include(include))
        }
    }

    impl UpdateWith<::nicol::builder::update::UpdateQuery<Person>> {
        /// Gives back only these fields.
        pub fn select<T: ::nicol::Selection<Person>>(
            self,
            fields: T,
        ) -> UpdateWith<::nicol::builder::update::UpdateQuery<Person, ::nicol::Columns<T::Row>>> {
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
