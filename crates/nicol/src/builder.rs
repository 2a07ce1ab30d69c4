//! The types of queries, and the traits of what their methods take.
//!
//! Every query begins at a [`Table`](crate::Table) and runs when it is awaited, so an application seldom names these types.

pub use crate::typed::argument::{Arithmetic, Compared, IfSome, Push};
pub use crate::typed::batch::{Batch, Batchable, BoxQuery, QueryFuture};
pub use crate::typed::builder::aggregate::{
    AggregateOf, AggregateQuery, Aggregates, CountQuery, CountRows, GroupBy, GroupQuery, Groups, Having,
    IntoHaving, Over,
};
pub use crate::typed::builder::attempt::AttemptQuery;
pub use crate::typed::builder::create::{CreateMany, CreateManyAndReturn, CreateQuery, IntoCreate};
pub use crate::typed::builder::delete::{DeleteAttempt, DeleteMany, DeleteQuery};
pub use crate::typed::builder::find::{FindAndCount, FindFirst, FindMany, FindQuery, FindUnique, Locked};
pub use crate::typed::builder::update::{UpdateAttempt, UpdateMany, UpdateManyAndReturn, UpdateQuery};
pub use crate::typed::builder::update_each::UpdateEach;
pub use crate::typed::builder::upsert::UpsertQuery;
pub use crate::typed::builder::upsert_many::UpsertMany;
pub use crate::typed::builder::write::WriteQuery;
pub use crate::typed::field::{Fields, IntoOrder};
pub use crate::typed::json_field::{JsonField, JsonPart};
pub use crate::typed::load::{IntoInclude, Load, LoadCount};
pub use crate::typed::nested::{
    Attach, AttachMany, CanBeEmpty, Change, ChangeMany, HoldsKey, InCreate, NestIn, NestedWrite, Owner,
};
pub use crate::typed::partial::Omitted;
pub use crate::typed::raw::{IntoSql, RawQuery, RawStatement};
pub use crate::typed::relation::Count;
pub use crate::typed::scalar::{FieldType, ListItem, Number, Scalar, TextField};
pub use crate::typed::search::{Relevance, TextFields};
pub use crate::typed::select::{Columns, Selectable, Selection};
pub use crate::typed::setters::Existing;
pub use crate::typed::sql::SqlPart;
