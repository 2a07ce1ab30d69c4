//! Model `Transaction`: table `Transaction`.

pub use self::handles::*;
pub use self::types::*;

/// Handles of the fields and relations, for filters, orders, selections and includes.
#[allow(non_upper_case_globals, reason = "a handle is named as its field")]
mod handles {
    /// `Transaction.id`
    pub const id: ::nicol::Field<super::types::Transaction, i32> = ::nicol::Field::new(0);
    /// `Transaction.self`
    pub const self_: ::nicol::Field<
        super::types::Transaction,
        ::core::option::Option<::std::string::String>,
    > = ::nicol::Field::new(1);
    /// `Transaction.filter`
    pub const filter: ::nicol::Field<
        super::types::Transaction,
        ::core::option::Option<::std::string::String>,
    > = ::nicol::Field::new(2);
    /// `Transaction.create`
    pub const create_: ::nicol::Field<
        super::types::Transaction,
        ::core::option::Option<::std::string::String>,
    > = ::nicol::Field::new(3);
    /// `Transaction.include`
    pub const include: ::nicol::Field<
        super::types::Transaction,
        ::core::option::Option<::std::string::String>,
    > = ::nicol::Field::new(4);
    /// `Transaction.Self`
    pub const Self_: ::nicol::Field<
        super::types::Transaction,
        ::core::option::Option<::std::string::String>,
    > = ::nicol::Field::new(5);
    /// `Transaction.match`
    pub const r#match: ::nicol::Field<super::types::Transaction, i32> = ::nicol::Field::new(6);
    /// `Transaction.value`
    pub const value: ::nicol::Field<super::types::Transaction, i32> = ::nicol::Field::new(7);
    /// `Transaction.parentId`
    pub const parent_id: ::nicol::Field<super::types::Transaction, ::core::option::Option<i32>> =
        ::nicol::Field::new(8);
    /// `Transaction.transaction`
    pub const transaction: ::nicol::Related<super::types::Transaction_> = ::nicol::Related::new();
    /// `Transaction.with`
    pub const with: ::nicol::Related<super::types::With_> = ::nicol::Related::new();
}

mod types {
    /// A row of `Transaction`.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Transaction {
        /// `id`
        pub id: i32,
        /// `self`
        pub self_: ::core::option::Option<::std::string::String>,
        /// `filter`
        pub filter: ::core::option::Option<::std::string::String>,
        /// `create`
        pub create: ::core::option::Option<::std::string::String>,
        /// `include`
        pub include: ::core::option::Option<::std::string::String>,
        /// `Self`
        pub Self_: ::core::option::Option<::std::string::String>,
        /// `match`
        pub r#match: i32,
        /// `value`
        pub value: i32,
        /// `parentId`
        pub parent_id: ::core::option::Option<i32>,
    }

    /// The row, by the name that it has in every model.
    pub type Row = Transaction;

    impl ::nicol::relation::FromRecord for Transaction {
        fn from_record(
            cells: &mut ::nicol::cells::Cells<'_>,
        ) -> ::core::result::Result<Self, ::nicol::cells::DecodeError> {
            ::core::result::Result::Ok(Self {
                id: cells.take()?,
                self_: cells.take()?,
                filter: cells.take()?,
                create: cells.take()?,
                include: cells.take()?,
                Self_: cells.take()?,
                r#match: cells.take()?,
                value: cells.take()?,
                parent_id: cells.take()?,
            })
        }
    }

    impl ::nicol::Model for Transaction {
        type With<R: ::core::fmt::Debug + ::core::marker::Send + 'static> = With<R>;
        type CreateWith<Q> = CreateWith<Q>;
        type UpdateWith<Q> = UpdateWith<Q>;

        fn meta() -> &'static ::nicol::meta::ModelMeta {
            &META
        }
    }

    pub(in super::super) static META: ::nicol::meta::ModelMeta = ::nicol::meta::ModelMeta {
        name: "Transaction",
        schema: ::core::option::Option::None,
        table: "Transaction",
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
                field: "self",
                column: "self",
                ty: ::nicol::meta::ColumnType::Text,
                nullable: true,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "filter",
                column: "filter",
                ty: ::nicol::meta::ColumnType::Text,
                nullable: true,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "create",
                column: "create",
                ty: ::nicol::meta::ColumnType::Text,
                nullable: true,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "include",
                column: "include",
                ty: ::nicol::meta::ColumnType::Text,
                nullable: true,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "Self",
                column: "Self",
                ty: ::nicol::meta::ColumnType::Text,
                nullable: true,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "match",
                column: "match",
                ty: ::nicol::meta::ColumnType::Int4,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "value",
                column: "value",
                ty: ::nicol::meta::ColumnType::Int4,
                nullable: false,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
            ::nicol::meta::ColumnMeta {
                field: "parentId",
                column: "parentId",
                ty: ::nicol::meta::ColumnType::Int4,
                nullable: true,
                list: false,
                default: ::nicol::meta::Default::None,
                updated_at: false,
            },
        ],
        key: &[0],
        uniques: &[::nicol::meta::UniqueMeta { constraint: "Transaction_pkey", columns: &[0] }],
        relations: &[
            ::nicol::meta::RelationMeta {
                field: "transaction",
                target: &META,
                join: ::nicol::meta::Join::Columns { here: &[8], there: &[0], owned: true },
                many: false,
                indexed: true,
            },
            ::nicol::meta::RelationMeta {
                field: "with",
                target: &META,
                join: ::nicol::meta::Join::Columns { here: &[0], there: &[8], owned: false },
                many: true,
                indexed: false,
            },
        ],
    };

    /// The row with this `id`.
    pub fn by_id(id: impl ::nicol::IntoField<i32>) -> ::nicol::Unique<Transaction> {
        ::nicol::Unique::new(::std::vec![(0, id.into_field())])
    }

    /// Relation `Transaction.transaction`.
    #[derive(Debug)]
    pub struct Transaction_;

    impl ::nicol::Relation for Transaction_ {
        type From = Transaction;
        type To = super::super::transaction::Row;
        type Cardinality = ::nicol::relation::Optional;
        const INDEX: u16 = 0;
    }

    /// Relation `Transaction.with`.
    #[derive(Debug)]
    pub struct With_;

    impl ::nicol::Relation for With_ {
        type From = Transaction;
        type To = super::super::transaction::Row;
        type Cardinality = ::nicol::relation::Many;
        const INDEX: u16 = 1;
    }

    /// A row with the relations that a query loaded; it has the fields of [`Transaction`].
    #[derive(Debug, Clone)]
    pub struct With<R> {
        row: Transaction,
        loaded: R,
    }

    impl<R> ::core::ops::Deref for With<R> {
        type Target = Transaction;

        fn deref(&self) -> &Transaction {
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
        pub fn into_parts(self) -> (Transaction, R) {
            (self.row, self.loaded)
        }

        /// The rows of `Transaction.transaction`.
        pub fn transaction<I>(&self) -> &R::Value
        where
            R: ::nicol::Has<Transaction_, I>,
        {
            ::nicol::Has::<Transaction_, I>::loaded(&self.loaded)
        }

        /// The rows of `Transaction.with`.
        pub fn with<I>(&self) -> &R::Value
        where
            R: ::nicol::Has<With_, I>,
        {
            ::nicol::Has::<With_, I>::loaded(&self.loaded)
        }

        /// How many rows `Transaction.with` has.
        pub fn with_count<I>(&self) -> i64
        where
            R: ::nicol::Has<::nicol::relation::Count<With_>, I, Value = i64>,
        {
            *::nicol::Has::<::nicol::relation::Count<With_>, I>::loaded(&self.loaded)
        }
    }

    /// What a `Transaction` has to be created with.
    #[derive(Debug, Clone, PartialEq)]
    pub struct New {
        /// `match`
        pub r#match: i32,
        /// `value`
        pub value: i32,
    }

    impl ::core::convert::From<New> for ::nicol::query::Create {
        fn from(new: New) -> Self {
            let mut create = ::nicol::query::Create::new(&META);
            create.values.push((6, ::nicol::Scalar::into_value(new.r#match)));
            create.values.push((7, ::nicol::Scalar::into_value(new.value)));
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

    impl ::nicol::IntoCreate<Transaction> for New {
        type Query = CreateWith<::nicol::builder::create::CreateQuery<Transaction>>;

        fn into_create(self, executor: ::nicol::Executor) -> Self::Query {
            CreateWith(::nicol::builder::create::CreateQuery::new(executor, self.into()))
        }
    }

    impl ::nicol::IntoCreate<Transaction> for Create {
        type Query = CreateWith<::nicol::builder::create::CreateQuery<Transaction>>;

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

        /// Sets `self`.
        pub fn self_(
            mut self,
            value: impl ::nicol::IntoField<::core::option::Option<::std::string::String>>,
        ) -> Self {
            self.0.create_mut().values.push((1, value.into_field()));
            self
        }

        /// Sets `filter`.
        pub fn filter_(
            mut self,
            value: impl ::nicol::IntoField<::core::option::Option<::std::string::String>>,
        ) -> Self {
            self.0.create_mut().values.push((2, value.into_field()));
            self
        }

        /// Sets `create`.
        pub fn create(
            mut self,
            value: impl ::nicol::IntoField<::core::option::Option<::std::string::String>>,
        ) -> Self {
            self.0.create_mut().values.push((3, value.into_field()));
            self
        }

        /// Sets `include`.
        pub fn include_(
            mut self,
            value: impl ::nicol::IntoField<::core::option::Option<::std::string::String>>,
        ) -> Self {
            self.0.create_mut().values.push((4, value.into_field()));
            self
        }

        /// Sets `Self`.
        pub fn Self_(
            mut self,
            value: impl ::nicol::IntoField<::core::option::Option<::std::string::String>>,
        ) -> Self {
            self.0.create_mut().values.push((5, value.into_field()));
            self
        }

        /// Sets `parentId`.
        pub fn parent_id(mut self, value: impl ::nicol::IntoField<::core::option::Option<i32>>) -> Self {
            self.0.create_mut().values.push((8, value.into_field()));
            self
        }

        /// The `Transaction` it belongs to; that there is none is an error (P2025).
        pub fn connect_transaction(
            mut self,
            unique: ::nicol::Unique<super::super::transaction::Row>,
        ) -> Self {
            self.0.create_mut().connects.push((0, unique.into_key()));
            self
        }
    }

    impl<S: ::nicol::relation::Relations<Transaction>>
        CreateWith<::nicol::builder::create::CreateQuery<Transaction, S>>
    {
        /// Gives back a relation with the row.
        pub fn include<I>(
            self,
            include: I,
        ) -> CreateWith<
            ::nicol::builder::create::CreateQuery<Transaction, ::nicol::Loaded<I::Key, I::Value, S>>,
        >
        where
            I: ::nicol::relation::IntoInclude<Key: ::nicol::relation::Loadable<From = Transaction>>,
        {
            CreateWith(self.0.include(include))
        }
    }

    impl CreateWith<::nicol::builder::create::CreateQuery<Transaction>> {
        /// Gives back only these fields.
        pub fn select<T: ::nicol::Selection<Transaction>>(
            self,
            fields: T,
        ) -> CreateWith<::nicol::builder::create::CreateQuery<Transaction, ::nicol::Columns<T::Row>>>
        {
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

        /// Changes `self`.
        pub fn self_(
            mut self,
            value: impl ::nicol::IntoAssignment<::core::option::Option<::std::string::String>>,
        ) -> Self {
            self.0.changes_mut().assignments.push((1, value.into_assignment()));
            self
        }

        /// Changes `filter`.
        pub fn filter_(
            mut self,
            value: impl ::nicol::IntoAssignment<::core::option::Option<::std::string::String>>,
        ) -> Self {
            self.0.changes_mut().assignments.push((2, value.into_assignment()));
            self
        }

        /// Changes `create`.
        pub fn create(
            mut self,
            value: impl ::nicol::IntoAssignment<::core::option::Option<::std::string::String>>,
        ) -> Self {
            self.0.changes_mut().assignments.push((3, value.into_assignment()));
            self
        }

        /// Changes `include`.
        pub fn include_(
            mut self,
            value: impl ::nicol::IntoAssignment<::core::option::Option<::std::string::String>>,
        ) -> Self {
            self.0.changes_mut().assignments.push((4, value.into_assignment()));
            self
        }

        /// Changes `Self`.
        pub fn Self_(
            mut self,
            value: impl ::nicol::IntoAssignment<::core::option::Option<::std::string::String>>,
        ) -> Self {
            self.0.changes_mut().assignments.push((5, value.into_assignment()));
            self
        }

        /// Changes `match`.
        pub fn r#match(mut self, value: impl ::nicol::IntoAssignment<i32>) -> Self {
            self.0.changes_mut().assignments.push((6, value.into_assignment()));
            self
        }

        /// Changes `value`.
        pub fn value(mut self, value: impl ::nicol::IntoAssignment<i32>) -> Self {
            self.0.changes_mut().assignments.push((7, value.into_assignment()));
            self
        }

        /// Changes `parentId`.
        pub fn parent_id(mut self, value: impl ::nicol::IntoAssignment<::core::option::Option<i32>>) -> Self {
            self.0.changes_mut().assignments.push((8, value.into_assignment()));
            self
        }
    }

    impl<S> UpdateWith<::nicol::builder::update::UpdateQuery<Transaction, S>> {
        /// Only if this holds for the row, too.
        pub fn filter(self, filter: impl ::core::convert::Into<::nicol::Filter<Transaction>>) -> Self {
            Self(self.0.filter(filter))
        }
    }

    impl UpdateWith<::nicol::builder::update::UpdateMany<Transaction>> {
        /// Only rows for which this holds; said twice, both have to.
        pub fn filter(self, filter: impl ::core::convert::Into<::nicol::Filter<Transaction>>) -> Self {
            Self(self.0.filter(filter))
        }
    }

    impl<S: ::nicol::relation::Relations<Transaction>>
        UpdateWith<::nicol::builder::update::UpdateQuery<Transaction, S>>
    {
        /// Gives back a relation with the row.
        pub fn include<I>(
            self,
            include: I,
        ) -> UpdateWith<
            ::nicol::builder::update::UpdateQuery<Transaction, ::nicol::Loaded<I::Key, I::Value, S>>,
        >
        where
            I: ::nicol::relation::IntoInclude<Key: ::nicol::relation::Loadable<From = Transaction>>,
        {
            UpdateWith(self.0.include(include))
        }
    }

    impl UpdateWith<::nicol::builder::update::UpdateQuery<Transaction>> {
        /// Gives back only these fields.
        pub fn select<T: ::nicol::Selection<Transaction>>(
            self,
            fields: T,
        ) -> UpdateWith<::nicol::builder::update::UpdateQuery<Transaction, ::nicol::Columns<T::Row>>>
        {
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
