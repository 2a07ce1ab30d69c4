//! The typed queries: each builds a [query as data](crate::query) and runs when it is awaited.

pub(crate) mod aggregate;
pub(crate) mod attempt;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod find;
pub(crate) mod update;
pub(crate) mod update_each;
pub(crate) mod upsert;
pub(crate) mod upsert_many;
pub(crate) mod write;

use std::future::IntoFuture;

use super::batch::{Batchable, BoxQuery, QueryFuture};
use super::field::Fields;
use super::model::Model;
use super::select::Shape;
use crate::error::Error;

/// Implements what all queries have in common: they run when they are awaited, and a batch can have them in a `Vec`.
macro_rules! runs_when_awaited {
    ($([$($parameter:ident: $bound:path $(| $lifetime:lifetime)?),+] $query:ty;)*) => {$(
        impl<$($parameter: $bound $(+ $lifetime)?),+> IntoFuture for $query {
            type Output = Result<<Self as Batchable>::Output, Error>;
            type IntoFuture = QueryFuture<<Self as Batchable>::Output>;

            fn into_future(self) -> Self::IntoFuture {
                // The SQL is written here, so that the future holds the text and not the query.
                QueryFuture::new(self.executor.clone(), self.into_step())
            }
        }

        impl<$($parameter: $bound $(+ $lifetime)?),+> $query {
            /// Returns the query without its type, so that it can be in a `Vec` with other queries of the same result; see
            /// [`BoxQuery::map`].
            pub fn boxed(self) -> BoxQuery<<Self as Batchable>::Output> {
                BoxQuery::new(self.executor.clone(), self.into_step())
            }
        }
    )*};
}

runs_when_awaited! {
    [M: Model, S: Shape<M>, K: find::Rows] find::FindQuery<M, S, K>;
    [M: Model, S: Shape<M>] find::FindAndCount<M, S>;
    [M: Model, S: Shape<M>, K: write::Write] write::WriteQuery<M, S, K>;
    [M: Model, S: Shape<M>, K: attempt::Conditional] attempt::AttemptQuery<M, S, K>;
    [M: Model] create::CreateMany<M>;
    [M: Model, T: Send | 'static] upsert_many::UpsertMany<M, T>;
    [M: Model] update::UpdateMany<M>;
    [M: Model, T: Send | 'static] update_each::UpdateEach<M, T>;
    [M: Model] delete::DeleteMany<M>;
    [M: Model] aggregate::CountQuery<M>;
    [M: Model, A: aggregate::Aggregates<M>] aggregate::AggregateQuery<M, A>;
    [M: Model, F: Fields<M>, A: aggregate::Aggregates<M>] aggregate::GroupQuery<M, F, A>;
}
