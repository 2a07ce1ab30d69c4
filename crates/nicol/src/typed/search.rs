//! Full-text search in the text fields of a row.

use std::fmt;
use std::marker::PhantomData;

use super::argument::IntoField;
use super::field::{Field, Filter, OrderBy, SortOrder};
use super::model::Model;
use super::scalar::{FieldType, TextField};
use crate::query::{self, Condition, Operand};

/// Text fields of a model: one field, or a tuple of up to six.
#[diagnostic::on_unimplemented(message = "`{Self}` is no text field of `{M}`, nor a tuple of up to six")]
pub trait TextFields<M> {
    /// Returns the columns of the fields.
    #[doc(hidden)]
    fn text_columns(self) -> Vec<u16>;
}

impl<M, T: TextField> TextFields<M> for Field<M, T> {
    fn text_columns(self) -> Vec<u16> {
        vec![self.column]
    }
}

macro_rules! text_fields_tuple {
    ($($name:ident $index:tt),+) => {
        impl<M, $($name: TextField),+> TextFields<M> for ($(Field<M, $name>,)+) {
            fn text_columns(self) -> Vec<u16> {
                vec![$(self.$index.column),+]
            }
        }
    };
}

text_fields_tuple!(A 0);
text_fields_tuple!(A 0, B 1);
text_fields_tuple!(A 0, B 1, C 2);
text_fields_tuple!(A 0, B 1, C 2, D 3);
text_fields_tuple!(A 0, B 1, C 2, D 3, E 4);
text_fields_tuple!(A 0, B 1, C 2, D 3, E 4, F 5);

impl<M: Model, T: FieldType> Field<M, T> {
    /// Matches a row if the text matches a query of PostgreSQL's full-text search, such as `cat & !dog` (see [`search`]).
    pub fn search(self, query: impl IntoField<String>) -> Filter<M>
    where
        T: TextField,
    {
        search(self, query)
    }
}

/// Matches a row if its texts, taken together, match a query of PostgreSQL's full-text search: words with `&`, `|`, `!` and `<->`, compared by
/// their stems in the language of the database (`default_text_search_config`).
///
/// The query of the user is not such a query: a text such as `two words` is an error of the database.
///
/// ```
/// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
/// # use db::{Client, User, user};
/// # use nicol::{Error, relevance, search};
/// async fn find(db: &Client) -> Result<Vec<User>, Error> {
///     let fields = (user::name, user::email);
///     db.user().find_many().filter(search(fields, "ann & !smith")).order_by(relevance(fields, "ann").desc()).await
/// }
/// # fn main() {}
/// ```
pub fn search<M: Model>(fields: impl TextFields<M>, query: impl IntoField<String>) -> Filter<M> {
    let query = Operand::Value(query.into_field());
    Filter::new(Condition::Search { columns: fields.text_columns(), query })
}

/// How well the texts of a row match a query. [`relevance`] returns it.
#[must_use = "say in which direction to sort: `.desc()`"]
pub struct Relevance<M> {
    by: query::OrderBy,
    model: PhantomData<fn() -> M>,
}

impl<M> fmt::Debug for Relevance<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.by.fmt(f)
    }
}

/// Sorts by how well the texts of a row match a query of PostgreSQL's full-text search: `relevance((post::title, post::body), "cat").desc()` puts the
/// best matches first. See [`search`].
pub fn relevance<M: Model>(fields: impl TextFields<M>, query: impl IntoField<String>) -> Relevance<M> {
    let by = query::OrderBy::Relevance {
        path: Vec::new(),
        columns: fields.text_columns(),
        query: query.into_field(),
    };
    Relevance { by, model: PhantomData }
}

impl<M> Relevance<M> {
    /// Sorts the worst matches first.
    pub fn asc(self) -> OrderBy<M> {
        OrderBy::new(self.by, false)
    }

    /// Sorts the best matches first.
    pub fn desc(self) -> OrderBy<M> {
        OrderBy::new(self.by, true)
    }

    /// Sorts in this direction. See [`SortOrder`].
    pub fn order(self, order: SortOrder) -> OrderBy<M> {
        OrderBy::new(self.by, order.is_descending())
    }
}
