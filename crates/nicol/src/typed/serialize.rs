//! Serializes rows: a struct with the field names of the schema file, loaded relations and `_count`, like the objects of Prisma Client.

use serde_core::ser::SerializeMap;
pub use serde_core::ser::{Serialize, SerializeStruct, Serializer};

use super::model::Model;
use super::relation::{Loadable, Loaded, Nil};
use crate::meta::ColumnMeta;

/// Rows that write their columns into a struct.
pub trait SerializeRow: Model {
    /// Writes the columns.
    ///
    /// # Errors
    /// Returns the error of the serializer.
    fn serialize_columns<S: SerializeStruct>(&self, out: &mut S) -> Result<(), S::Error>;
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

/// The counts of a row, as one value.
struct Counts<'a, L>(&'a L);

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
    let fields = meta.columns.len() + L::RELATIONS + usize::from(L::COUNTS > 0);
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
    columns: &mut std::slice::Iter<'static, ColumnMeta>,
    value: &impl Serialize,
) -> Result<(), S::Error> {
    match columns.next() {
        Some(column) => out.serialize_field(column.field, value),
        None => Ok(()),
    }
}
