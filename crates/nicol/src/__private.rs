//! What generated code, the derives and `nicol-engine` use. This is not part of the public interface and may change in any release.

mod macros;

pub use crate::codec::{ArrayPart, Cell, Cells, DecodeError};
pub use crate::error::{Cause as WriteCause, Reported as ReportedError};
pub use crate::meta::{
    Action, Actions, ColumnMeta, ColumnType, Default, EnumMeta, Join, ModelMeta, RelationMeta, UniqueMeta,
};
pub use crate::query::{Changes, Create, UpdateRow};
pub use crate::typed::batch::{Batchable, Step};
pub use crate::typed::builder::create::{CreateInQuery, IntoCreate};
pub use crate::typed::json::{Deserialize, Deserializer, JsonColumns, JsonField, deserialize_enum};
pub use crate::typed::lacking::{Lacking, Needs, NeedsList, Without};
pub use crate::typed::load::{IntoInclude, SelectList};
pub use crate::typed::loaded::{LoadedList, Relations};
pub use crate::typed::nested::Connected;
pub use crate::typed::parts::Parts;
pub use crate::typed::raw::param;
pub use crate::typed::record::FromRecord;
pub use crate::typed::refine::{HasRelation, Key, Keyed, Refinement, Selects, key};
pub use crate::typed::relation::{Loadable, Many, One, Optional, RowsOf};
pub use crate::typed::scalar::{FromCell, ListItem, Scalar};
pub use crate::typed::select::{Columns, SelectAs, Selection, Shape};
pub use crate::typed::serialize::{
    PartialCells, Serialize, SerializeRelations, SerializeRow, SerializeStruct, Serializer, Visit,
    column as serialize_column, row as serialize_row,
};
pub use crate::typed::setters::{CreateIn, CreateTarget, NoChild, ReadOnly, Setters, UpdateTarget};
pub use crate::typed::sql::{sql, sql_part};
pub use crate::wire::{Executor, Held, Outcome};
pub use crate::{
    impl_child, impl_client, impl_create, impl_deserialize, impl_enum, impl_new, impl_new_by_relations,
    impl_new_in, impl_relation, impl_row, impl_setters, impl_statement, impl_update, row_type,
};
pub use nicol_pg::ConnectError;
pub use postgres_types::{Kind as TypeKind, Type};

/// The query as data.
pub mod query {
    pub use crate::query::*;
}

/// Runs queries.
pub mod run {
    pub use crate::run::*;
}

/// Returns what PostgreSQL reported, with texts that may contain values.
pub fn reported(error: &crate::Error) -> Option<&ReportedError> {
    error.as_reported()
}

/// Returns why a connection failed.
pub fn connect_error(error: &crate::Error) -> Option<&ConnectError> {
    error.connect_error()
}

/// Returns what Prisma tells about a nested write that failed.
pub fn write_cause(error: &crate::Error) -> Option<&WriteCause> {
    error.cause()
}
