//! Filters of JSON fields, with Prisma's rules: a test of a text, a number or an array does not match a value of another type.

use std::fmt;
use std::marker::PhantomData;

use serde_json::Value as Json;

use super::argument::{Compared, IntoOperand};
use super::compare::compare_json;
use super::field::{Comparison, Field, Filter};
use super::model::Model;
use super::scalar::FieldType;
use crate::query::{CompareOp, Condition, JsonTest, TextMode, TextOp};

/// The types of fields with JSON filters: [`Json`](crate::types::Json) and an `Option` of it.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` has no filters for JSON",
    label = "this is for fields of type `Json`"
)]
pub trait JsonField: FieldType<Base = Json> {}

impl JsonField for Json {}

impl JsonField for Option<Json> {}

/// A JSON field, or a part of one. [`Field::path`] returns it.
#[must_use]
pub struct JsonPart<M> {
    column: u16,
    path: Option<Vec<String>>,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for JsonPart<M> {
    fn clone(&self) -> Self {
        Self { column: self.column, path: self.path.clone(), model: PhantomData }
    }
}

impl<M: Model> fmt::Debug for JsonPart<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?}[{}]",
            Field::<M, Json>::new(self.column),
            self.path.as_deref().unwrap_or_default().join("][")
        )
    }
}

impl<M: Model, T: FieldType> Field<M, T> {
    fn part(self) -> JsonPart<M> {
        JsonPart { column: self.column, path: None, model: PhantomData }
    }

    /// Returns the part of the JSON value that these keys lead to; the elements of an array have their index as key. A part that does not
    /// exist is null in the database ([`NULL`](crate::NULL)).
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, user};
    /// # use nicol::Error;
    /// # use nicol::types::Json;
    /// async fn in_dark_mode(db: &Client) -> Result<Vec<User>, Error> {
    ///     let is_dark = user::settings.path(["theme", "name"]).string_starts_with("dark").insensitive();
    ///     let is_large = user::settings.path(["fonts", "size"]).gte(Json::from(20));
    ///     let is_first = user::settings.path(["pins", "0"]).eq(Json::from("start"));
    ///     db.user().find_many().filter(is_dark.and(is_large).or(is_first)).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn path<K: Into<String>>(self, keys: impl IntoIterator<Item = K>) -> JsonPart<M>
    where
        T: JsonField,
    {
        JsonPart { path: Some(keys.into_iter().map(K::into).collect()), ..self.part() }
    }

    /// Matches a row if the JSON value is a text that contains another.
    ///
    /// As in Prisma Client, the text of a whole field has its quotes: it starts and ends with `"`. [`path`](Self::path) leads to texts without them.
    pub fn string_contains(self, value: impl IntoOperand<M, String>) -> Comparison<M, String>
    where
        T: JsonField,
    {
        self.part().string_contains(value)
    }

    /// Matches a row if the JSON value is a text that starts with another. The text has its quotes, as in [`string_contains`](Self::string_contains).
    pub fn string_starts_with(self, value: impl IntoOperand<M, String>) -> Comparison<M, String>
    where
        T: JsonField,
    {
        self.part().string_starts_with(value)
    }

    /// Matches a row if the JSON value is a text that ends with another. The text has its quotes, as in [`string_contains`](Self::string_contains).
    pub fn string_ends_with(self, value: impl IntoOperand<M, String>) -> Comparison<M, String>
    where
        T: JsonField,
    {
        self.part().string_ends_with(value)
    }

    /// Matches a row if the JSON value is an array that has the value, or all elements of an array.
    pub fn array_contains(self, value: impl IntoOperand<M, Json>) -> Filter<M>
    where
        T: JsonField,
    {
        self.part().array_contains(value)
    }

    /// Matches a row if the JSON value is an array whose first element is the value.
    pub fn array_starts_with(self, value: impl IntoOperand<M, Json>) -> Filter<M>
    where
        T: JsonField,
    {
        self.part().array_starts_with(value)
    }

    /// Matches a row if the JSON value is an array whose last element is the value.
    pub fn array_ends_with(self, value: impl IntoOperand<M, Json>) -> Filter<M>
    where
        T: JsonField,
    {
        self.part().array_ends_with(value)
    }
}

impl<M: Model> JsonPart<M> {
    fn compare(self, op: CompareOp, with: Compared) -> Filter<M> {
        Filter::new(compare_json(self.column, self.path.as_deref(), op, with))
    }

    fn text(self, op: TextOp, value: Compared) -> Comparison<M, String> {
        let test = JsonTest::Text(op, value.into(), TextMode::EXACT);
        Comparison::new(Condition::Json { column: self.column, path: self.path, test })
    }

    fn array(self, op: TextOp, value: Compared) -> Filter<M> {
        let test = JsonTest::Array(op, value.into());
        Filter::new(Condition::Json { column: self.column, path: self.path, test })
    }

    /// Matches a row if the part equals the value: a JSON value, another JSON field, or a null.
    ///
    /// | | in Prisma Client | matches |
    /// |---|---|---|
    /// | [`JSON_NULL`](crate::JSON_NULL) | `Prisma.JsonNull` | the JSON value `null` |
    /// | [`NULL`](crate::NULL) | `Prisma.DbNull` | a part that does not exist, or a field that is null in the database |
    /// | [`ANY_NULL`](crate::ANY_NULL) | `Prisma.AnyNull` | both |
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, user};
    /// # use nicol::{ANY_NULL, Error, JSON_NULL, NULL};
    /// async fn without_theme(db: &Client) -> Result<Vec<User>, Error> {
    ///     db.user().find_many().filter(user::settings.path(["theme"]).eq(ANY_NULL)).await
    /// }
    ///
    /// async fn reset(db: &Client, id: &str) -> Result<(), Error> {
    ///     db.user().update(user::by_id(id)).settings(JSON_NULL).await?; // the JSON value null
    ///     db.user().update(user::by_id(id)).settings(NULL).await?; // null in the database
    ///     Ok(())
    /// }
    /// # fn main() {}
    /// ```
    pub fn eq(self, value: impl IntoOperand<M, Option<Json>>) -> Filter<M> {
        self.compare(CompareOp::Equal, value.into_operand())
    }

    /// Matches a row if the part exists and differs from the value. Nulls are as in [`eq`](Self::eq): [`NULL`](crate::NULL) matches every part that
    /// exists.
    pub fn ne(self, value: impl IntoOperand<M, Option<Json>>) -> Filter<M> {
        self.compare(CompareOp::NotEqual, value.into_operand())
    }

    /// Matches a row if the part is less than the value. A number is compared with numbers only, and a text with texts.
    pub fn lt(self, value: impl IntoOperand<M, Json>) -> Filter<M> {
        self.compare(CompareOp::Less, value.into_operand())
    }

    /// Matches a row if the part is less than or equal to the value, and of its type as in [`lt`](Self::lt).
    pub fn lte(self, value: impl IntoOperand<M, Json>) -> Filter<M> {
        self.compare(CompareOp::LessOrEqual, value.into_operand())
    }

    /// Matches a row if the part is greater than the value, and of its type as in [`lt`](Self::lt).
    pub fn gt(self, value: impl IntoOperand<M, Json>) -> Filter<M> {
        self.compare(CompareOp::Greater, value.into_operand())
    }

    /// Matches a row if the part is greater than or equal to the value, and of its type as in [`lt`](Self::lt).
    pub fn gte(self, value: impl IntoOperand<M, Json>) -> Filter<M> {
        self.compare(CompareOp::GreaterOrEqual, value.into_operand())
    }

    /// Matches a row if the part is a text that contains another.
    pub fn string_contains(self, value: impl IntoOperand<M, String>) -> Comparison<M, String> {
        self.text(TextOp::Contains, value.into_operand())
    }

    /// Matches a row if the part is a text that starts with another.
    pub fn string_starts_with(self, value: impl IntoOperand<M, String>) -> Comparison<M, String> {
        self.text(TextOp::StartsWith, value.into_operand())
    }

    /// Matches a row if the part is a text that ends with another.
    pub fn string_ends_with(self, value: impl IntoOperand<M, String>) -> Comparison<M, String> {
        self.text(TextOp::EndsWith, value.into_operand())
    }

    /// Matches a row if the part is an array that has the value, or all elements of an array.
    pub fn array_contains(self, value: impl IntoOperand<M, Json>) -> Filter<M> {
        self.array(TextOp::Contains, value.into_operand())
    }

    /// Matches a row if the part is an array whose first element is the value.
    pub fn array_starts_with(self, value: impl IntoOperand<M, Json>) -> Filter<M> {
        self.array(TextOp::StartsWith, value.into_operand())
    }

    /// Matches a row if the part is an array whose last element is the value.
    pub fn array_ends_with(self, value: impl IntoOperand<M, Json>) -> Filter<M> {
        self.array(TextOp::EndsWith, value.into_operand())
    }
}
