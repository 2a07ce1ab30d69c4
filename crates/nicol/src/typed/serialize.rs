//! Serializes rows: a struct with the field names of the schema file, loaded relations and `_count`, like the objects of Prisma Client.

use serde_core::ser::SerializeMap;
pub use serde_core::ser::{Serialize, SerializeStruct, Serializer};

use std::fmt::Debug;

use super::json::{AsJson, JsonField};
use super::loaded::{Loaded, Nil};
use super::model::Model;
use super::relation::Loadable;
use super::scalar::FieldType;
use crate::codec::{DecodeError, OwnedCell};
use crate::meta::{ColumnMeta, ModelMeta};

/// Rows that write their columns into a struct.
pub trait SerializeRow: Model {
    /// Writes the columns.
    ///
    /// # Errors
    /// Returns the error of the serializer.
    fn serialize_columns<S: SerializeStruct>(&self, out: &mut S) -> Result<(), S::Error>;

    /// Shows the columns of a row without some of them.
    ///
    /// # Errors
    /// Returns the error of the visitor.
    fn visit<V: Visit>(cells: PartialCells<'_>, visitor: &mut V) -> Result<(), V::Error>;
}

/// Loaded relations that write themselves into the struct of the row.
pub trait SerializeRelations {
    /// The number of relations, without counts.
    const RELATIONS: usize;
    /// The number of counts.
    const COUNTS: usize;

    /// Writes the relations in the order of their includes.
    ///
    /// # Errors
    /// Returns the error of the serializer.
    fn serialize_relations<S: SerializeStruct>(&self, out: &mut S) -> Result<(), S::Error>;

    /// Writes the counts.
    ///
    /// # Errors
    /// Returns the error of the serializer.
    fn serialize_counts<S: SerializeMap>(&self, out: &mut S) -> Result<(), S::Error>;
}

impl SerializeRelations for Nil {
    const RELATIONS: usize = 0;
    const COUNTS: usize = 0;

    fn serialize_relations<S: SerializeStruct>(&self, _: &mut S) -> Result<(), S::Error> {
        Ok(())
    }

    fn serialize_counts<S: SerializeMap>(&self, _: &mut S) -> Result<(), S::Error> {
        Ok(())
    }
}

impl<Rel: Loadable, V: Serialize, Rest: SerializeRelations> SerializeRelations for Loaded<Rel, V, Rest> {
    const RELATIONS: usize = Rest::RELATIONS + !Rel::IS_COUNT as usize;
    const COUNTS: usize = Rest::COUNTS + Rel::IS_COUNT as usize;

    fn serialize_relations<S: SerializeStruct>(&self, out: &mut S) -> Result<(), S::Error> {
        self.rest.serialize_relations(out)?;
        if Rel::IS_COUNT { Ok(()) } else { out.serialize_field(Rel::field(), &self.value) }
    }

    fn serialize_counts<S: SerializeMap>(&self, out: &mut S) -> Result<(), S::Error> {
        self.rest.serialize_counts(out)?;
        if Rel::IS_COUNT { out.serialize_entry(Rel::field(), &self.value) } else { Ok(()) }
    }
}

/// The cells of a row without some of its columns, in order.
#[derive(Debug)]
pub struct PartialCells<'a> {
    model: &'static ModelMeta,
    /// By the index of the column.
    cells: &'a [Option<OwnedCell>],
    next: usize,
}

impl<'a> PartialCells<'a> {
    pub(super) fn new(model: &'static ModelMeta, cells: &'a [Option<OwnedCell>]) -> Self {
        Self { model, cells, next: 0 }
    }

    /// Shows the next column, if it is there. The function tells the type of the field.
    ///
    /// # Errors
    /// Returns the error of the visitor.
    pub fn next<R, T: FieldType + JsonField + Debug, V: Visit>(
        &mut self,
        visitor: &mut V,
        _: fn(&R) -> &T,
    ) -> Result<(), V::Error> {
        let place = self.next;
        self.next += 1;
        match self.model.row_columns().nth(place) {
            Some((index, column)) => match &self.cells[usize::from(index)] {
                Some(cell) => visitor.value(column, T::from_cell(cell.cell())),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }
}

/// What is done with the values of a row, one after the other.
pub trait Visit {
    /// The error that stops it.
    type Error;

    /// Gets the value of a field.
    ///
    /// # Errors
    /// It ends here.
    fn value<T: JsonField + Debug>(
        &mut self,
        column: &'static ColumnMeta,
        value: Result<T, DecodeError>,
    ) -> Result<(), Self::Error>;
}

/// Serializes the values of a row.
pub(super) struct Serializing<'a, S>(pub(super) &'a mut S);

impl<S: SerializeStruct> Visit for Serializing<'_, S> {
    type Error = S::Error;

    fn value<T: JsonField + Debug>(
        &mut self,
        column: &'static ColumnMeta,
        value: Result<T, DecodeError>,
    ) -> Result<(), S::Error> {
        let field = column.field;
        let value =
            value.map_err(|error| serde_core::ser::Error::custom(format_args!("`{field}`: {error}")))?;
        self.0.serialize_field(field, &AsJson(&value, column.ty))
    }
}

/// The counts of a row, as one value.
pub(super) struct Counts<'a, L>(pub(super) &'a L);

impl<L: SerializeRelations> Serialize for Counts<'_, L> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut counts = serializer.serialize_map(Some(L::COUNTS))?;
        self.0.serialize_counts(&mut counts)?;
        counts.end()
    }
}

/// Writes a row and its loaded relations.
///
/// # Errors
/// Returns the error of the serializer.
pub fn row<R: SerializeRow, L: SerializeRelations, S: Serializer>(
    row: &R,
    loaded: &L,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let meta = R::meta();
    let fields = meta.row_columns().count() + L::RELATIONS + usize::from(L::COUNTS > 0);
    let mut out = serializer.serialize_struct(meta.name, fields)?;
    row.serialize_columns(&mut out)?;
    loaded.serialize_relations(&mut out)?;
    if L::COUNTS > 0 {
        out.serialize_field("_count", &Counts(loaded))?;
    }
    out.end()
}

/// Writes the next column.
///
/// # Errors
/// Returns the error of the serializer.
pub fn column<S: SerializeStruct>(
    out: &mut S,
    columns: &mut impl Iterator<Item = (u16, &'static ColumnMeta)>,
    value: &impl JsonField,
) -> Result<(), S::Error> {
    match columns.next() {
        Some((_, column)) => out.serialize_field(column.field, &AsJson(value, column.ty)),
        None => Ok(()),
    }
}
