//! Model `Order`: table `Order`.

pub use self::handles::*;
pub use self::types::*;

/// Handles of the fields and relations, for filters, orders, selections and includes.
#[allow(non_upper_case_globals, reason = "a handle is named as its field")]
mod handles {
    /// `Order.id`
    pub const id: ::nicol::Field<super::types::Order, i32> = ::nicol::Field::new(0);
    /// `Order.total`
    pub const total: ::nicol::Field<super::types::Order, ::nicol::types::Decimal> = ::nicol::Field::new(1);
    /// `Order.createdAt`
    pub const created_at: ::nicol::Field<super::types::Order, ::nicol::types::DateTime> =
        ::nicol::Field::new(2);
}

mod types {
    /// A row of `Order`.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Order {
        /// `id`
        pub id: i32,
        /// `total`
        pub total: ::nicol::types::Decimal,
        /// `createdAt`
        pub created_at: ::nicol::types::DateTime,
    }

    /// The row, by the name that it has in every model.
    pub type Row = Order;

    impl ::nicol::relation::FromRecord for Order {
        fn from_record(
            cells: &mut ::nicol::cells::Cells<'_>,
        ) -> ::core::result::Result<Self, ::nicol::cells::DecodeError> {
            ::core::result::Result::Ok(Self {
                id: cells.take()?,
                total: cells.take()?,
                created_at: cells.take()?,
            })
        }
    }

    impl ::nicol::Model for Order {
        type With<R: ::core::fmt::Debug + ::core::marker::Send + 'static> = With<R>;
        type CreateWith<Q> = CreateWith<Q>;
        type UpdateWith<Q> = UpdateWith<Q>;

        fn meta() -> &'static ::nicol::meta::ModelMeta {
            &META
        }
    }

    pub(in super::super) static META: ::nicol::meta::ModelMeta = ::nicol::meta::ModelMeta {
        name: "Order",
        schema: ::core::option::Option::None,
        table: "Order",
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
                field: "total",
                column: "total",
                ty: ::nicol::meta::ColumnType::Numeric,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "createdAt",
                column: "createdAt",
                ty: ::nicol::meta::ColumnType::Timestamp,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::Now,
                updated_at: false,
            },
        ],
        key: &[0],
        uniques: &[::nicol::meta::UniqueMeta { constraint: "Order_pkey", columns: &[0] }],
        relations: &[],
    };

    /// The row with this `id`.
    pub fn by_id(id: impl ::nicol::IntoField<i32>) -> ::nicol::Unique<Order> {
        ::nicol::Unique::new(::std::vec![(0, id.into_field())])
    }

    /// A row with the relations that a query loaded; it has the fields of [`Order`].
    #[derive(Debug, Clone)]
    pub struct With<R> {
        row: Order,
        loaded: R,
    }

    impl<R> ::core::ops::Deref for With<R> {
        type Target = Order;

        fn deref(&self) -> &Order {
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
        pub fn into_parts(self) -> (Order, R) {
            (self.row, self.loaded)
        }
    }

    /// What a `Order` has to be created with.
    #[derive(Debug, Clone, PartialEq)]
    pub struct New {
        /// `total`
        pub total: ::nicol::types::Decimal,
    }

    impl ::core::convert::From<New> for ::nicol::query::Create {
        fn from(new: New) -> Self {
            let mut create = ::nicol::query::Create::new(&META);
            create.values.push((1, ::nicol::Scalar::into_value(new.total)));
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

    impl ::nicol::IntoCreate<Order> for New {
        type Query = CreateWith<::nicol::builder::create::CreateQuery<Order>>;

        fn into_create(self, executor: ::nicol::Executor) -> Self::Query {
            CreateWith(::nicol::builder::create::CreateQuery::new(executor, self.into()))
        }
    }

    impl ::nicol::IntoCreate<Order> for Create {
        type Query = CreateWith<::nicol::builder::create::CreateQuery<Order>>;

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

        /// Sets `createdAt`.
        pub fn created_at(mut self, value: impl ::nicol::IntoField<::nicol::types::DateTime>) -> Self {
            self.0.create_mut().values.push((2, value.into_field()));
            self
        }
    }

    impl<S: ::nicol::relation::Relations<Order>> CreateWith<::nicol::builder::create::CreateQuery<Order, S>> {
        /// Gives back a relation with the row.
        pub fn include<I>(
            self,
            include: I,
        ) -> CreateWith<::nicol::builder::create::CreateQuery<Order, ::nicol::Loaded<I::Key, I::Value, S>>>
        where
            I: ::nicol::relation::IntoInclude<Key: ::nicol::relation::Loadable<From = Order>>,
        {
            CreateWith(self.0.include(include))
        }
    }

    impl CreateWith<::nicol::builder::create::CreateQuery<Order>> {
        /// Gives back only these fields.
        pub fn select<T: ::nicol::Selection<Order>>(
            self,
            fields: T,
        ) -> CreateWith<::nicol::builder::create::CreateQuery<Order, ::nicol::Columns<T::Row>>> {
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

        /// Changes `total`.
        pub fn total(mut self, value: impl ::nicol::IntoAssignment<::nicol::types::Decimal>) -> Self {
            self.0.changes_mut().assignments.push((1, value.into_assignment()));
            self
        }

        /// Changes `createdAt`.
        pub fn created_at(mut self, value: impl ::nicol::IntoAssignment<::nicol::types::DateTime>) -> Self {
            self.0.changes_mut().assignments.push((2, value.into_assignment()));
            self
        }
    }

    impl<S> UpdateWith<::nicol::builder::update::UpdateQuery<Order, S>> {
        /// Only if this holds for the row, too.
        pub fn filter(self, filter: impl ::core::convert::Into<::nicol::Filter<Order>>) -> Self {
            Self(self.0.filter(filter))
        }
    }

    impl UpdateWith<::nicol::builder::update::UpdateMany<Order>> {
        /// Only rows for which this holds; said twice, both have to.
        pub fn filter(self, filter: impl ::core::convert::Into<::nicol::Filter<Order>>) -> Self {
            Self(self.0.filter(filter))
        }
    }

    impl<S: ::nicol::relation::Relations<Order>> UpdateWith<::nicol::builder::update::UpdateQuery<Order, S>> {
        /// Gives back a relation with the row.
        pub fn include<I>(
            self,
            include: I,
        ) -> UpdateWith<::nicol::builder::update::UpdateQuery<Order, ::nicol::Loaded<I::Key, I::Value, S>>>
        where
            I: ::nicol::relation::IntoInclude<Key: ::nicol::relation::Loadable<From = Order>>,
        {
            UpdateWith(self.0.include(include))
        }
    }

    impl UpdateWith<::nicol::builder::update::UpdateQuery<Order>> {
        /// Gives back only these fields.
        pub fn select<T: ::nicol::Selection<Order>>(
            self,
            fields: T,
        ) -> UpdateWith<::nicol::builder::update::UpdateQuery<Order, ::nicol::Columns<T::Row>>> {
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
