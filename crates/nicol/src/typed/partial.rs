//! Rows without some of their fields.

use std::fmt;
use std::marker::PhantomData;

use serde_core::ser::{Serialize, SerializeStruct as _, Serializer};

use super::builder::find::FindQuery;
use super::builder::update_each::UpdateEach;
use super::builder::upsert_many::UpsertMany;
use super::builder::write::WriteQuery;
use super::field::{Field, Fields};
use super::load::{IntoInclude, Load};
use super::loaded::{Has, LoadedList, Nil, Relations};
use super::model::Model;
use super::record::FromRecord;
use super::related::Related;
use super::relation::Relation;
use super::scalar::FieldType;
use super::select::Shape;
use super::serialize::{Counts, PartialCells, SerializeRelations, SerializeRow, Serializing, Visit};
use crate::codec::{Cells, DecodeError, OwnedCell};
use crate::error::{Error, Kind};
use crate::meta::ColumnMeta;
use crate::query::{Columns, Find};

/// A row of `M` without the fields that its query omits, and with the relations in the list `R`.
///
/// It is for answers that must not contain some fields: it implements serde's `Serialize` with the field names of the schema file. The omitted
/// fields are not read from the database.
///
/// ```
/// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
/// # use db::{Client, User, user};
/// # use nicol::{Error, Partial};
/// async fn users(db: &Client) -> Result<Vec<Partial<User>>, Error> {
///     let users = db.user().find_many().omit((user::visits, user::created_at)).await?;
///     for user in &users {
///         println!("{}", user.get(user::email)?);
///     }
///     Ok(users)
/// }
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct Partial<M, R = Nil> {
    /// By the index of the column.
    cells: Vec<Option<OwnedCell>>,
    loaded: R,
    model: PhantomData<fn() -> M>,
}

impl<M: Model, R> Partial<M, R> {
    /// Returns the value of a field.
    ///
    /// # Errors
    /// The query omitted the field, or the value does not have the type of the schema file (P2023).
    pub fn get<T: FieldType>(&self, field: Field<M, T>) -> Result<T, Error> {
        let column = &M::meta().columns[usize::from(field.column)];
        let name = || format!("`{}.{}`", M::meta().name, column.field);
        let Some(cell) = &self.cells[usize::from(field.column)] else {
            let help = if column.omitted {
                "`select` it, because the generator omits it from all rows"
            } else {
                "take it out of the query's `omit`"
            };
            let message = format!("{} was not read, because it is omitted\nhelp: {help}", name());
            return Err(Kind::Inconsistent { message }.into());
        };
        Ok(T::from_cell(cell.cell()).map_err(|error| error.within(name))?)
    }

    /// Returns a relation that the query included, or its count: `loaded(user::sessions)`, `loaded(user::sessions.count())`.
    pub fn loaded<I: IntoInclude, Index>(&self, _: I) -> &R::Value
    where
        R: Has<I::Key, Index>,
    {
        self.loaded.loaded()
    }
}

impl<M: Model, R: LoadedList> FromRecord for Partial<M, R> {
    fn from_record(cells: &mut Cells<'_>) -> Result<Self, DecodeError> {
        let omitted: Vec<i32> = cells.take()?;
        let columns = (0..).zip(M::meta().columns);
        let own = columns.map(|(index, column)| {
            let is_read = !column.omitted && !omitted.contains(&index);
            is_read.then(|| cells.next_cell().map(OwnedCell::from)).transpose()
        });
        Ok(Self { cells: own.collect::<Result<_, _>>()?, loaded: R::decode(cells)?, model: PhantomData })
    }
}

impl<M: SerializeRow, R: SerializeRelations> Serialize for Partial<M, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let columns = self.cells.iter().flatten().count();
        let fields = columns + R::RELATIONS + usize::from(R::COUNTS > 0);
        let mut out = serializer.serialize_struct(M::meta().name, fields)?;
        M::visit(PartialCells::new(M::meta(), &self.cells), &mut Serializing(&mut out))?;
        self.loaded.serialize_relations(&mut out)?;
        if R::COUNTS > 0 {
            out.serialize_field("_count", &Counts(&self.loaded))?;
        }
        out.end()
    }
}

/// Shows the values of a row.
struct Showing<'a, 'b, 'c>(&'a mut fmt::DebugStruct<'b, 'c>);

impl Visit for Showing<'_, '_, '_> {
    type Error = fmt::Error;

    fn value<T: fmt::Debug>(
        &mut self,
        column: &'static ColumnMeta,
        value: Result<T, DecodeError>,
    ) -> fmt::Result {
        match value {
            Ok(value) => self.0.field(column.field, &value),
            Err(error) => self.0.field(column.field, &error),
        };
        Ok(())
    }
}

impl<M: SerializeRow, R: fmt::Debug> fmt::Debug for Partial<M, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct(M::meta().name);
        M::visit(PartialCells::new(M::meta(), &self.cells), &mut Showing(&mut out))?;
        out.field("loaded", &self.loaded).finish()
    }
}

/// Rows without some of their fields, and with the relations in the list `R`.
#[derive(Debug)]
pub struct Omitted<R>(PhantomData<fn() -> R>);

impl<M: SerializeRow, R: LoadedList> Shape<M> for Omitted<R> {
    type Row = Partial<M, R>;
}

impl<R: Relations> Relations for Omitted<R> {
    const MASK: u128 = R::MASK;

    type And<Key, Value> = Omitted<R::And<Key, Value>>;
}

/// Leaves columns out of what a query reads.
fn leave_out<M: Model>(find: &mut Find, fields: impl Fields<M>) {
    find.columns = Columns::Except(fields.columns());
}

impl<M: Model, S: LoadedList, K> FindQuery<M, S, K> {
    /// Reads the rows without these fields. Each row is a [`Partial`](crate::Partial).
    pub fn omit(mut self, fields: impl Fields<M>) -> FindQuery<M, Omitted<S>, K> {
        leave_out(&mut self.find, fields);
        self.typed()
    }
}

impl<M: Model, S: LoadedList, K> WriteQuery<M, S, K> {
    /// Returns the row without these fields, as a [`Partial`](crate::Partial).
    pub fn omit(mut self, fields: impl Fields<M>) -> WriteQuery<M, Omitted<S>, K> {
        leave_out(&mut self.returning, fields);
        self.shaped()
    }
}

impl<Rel: Relation> Related<Rel>
where
    Nil: Shape<Rel::To>,
{
    /// Loads the rows without these fields. Each row is a [`Partial`](crate::Partial).
    pub fn omit(self, fields: impl Fields<Rel::To>) -> Load<Rel, Omitted<Nil>> {
        Self::load().omit(fields)
    }
}

impl<Rel: Relation, S: LoadedList> Load<Rel, S> {
    /// Loads the rows without these fields. Each row is a [`Partial`](crate::Partial).
    pub fn omit(mut self, fields: impl Fields<Rel::To>) -> Load<Rel, Omitted<S>> {
        leave_out(&mut self.find, fields);
        self.shaped()
    }
}

impl<M: Model> UpsertMany<M> {
    /// Returns the created and updated rows without these fields, in any order.
    pub fn omit(self, fields: impl Fields<M>) -> UpsertMany<M, Vec<Partial<M>>> {
        let mut find = Find::all(M::meta());
        leave_out(&mut find, fields);
        self.rows(find)
    }
}

impl<M: Model> UpdateEach<M> {
    /// Returns the updated rows without these fields, in any order.
    pub fn omit(self, fields: impl Fields<M>) -> UpdateEach<M, Vec<Partial<M>>> {
        let mut find = Find::all(M::meta());
        leave_out(&mut find, fields);
        self.rows(find)
    }
}
