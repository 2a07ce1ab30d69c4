//! The prepared statements of a connection: at most `statement_cache_size`; the least recently used is evicted.

use std::collections::HashMap;

use tokio_postgres::Statement as Prepared;

use super::statement::Statement;
use crate::codec::Param;

/// Prepared statements by their text.
#[derive(Debug)]
pub(crate) struct Statements {
    capacity: usize,
    clock: u64,
    entries: HashMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    prepared: Prepared,
    used: u64,
}

impl Statements {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, clock: 0, entries: HashMap::new() }
    }

    /// Returns the prepared statement with the same text and parameter types.
    pub(crate) fn get(&mut self, statement: &Statement) -> Option<Prepared> {
        self.clock += 1;
        let entry = self.entries.get_mut(&statement.text)?;
        let same = |(param, ty): (&Param, &postgres_types::Type)| {
            param.ty.as_ref().is_none_or(|declared| declared == ty)
        };
        let params = entry.prepared.params();
        if params.len() != statement.params.len() || !statement.params.iter().zip(params).all(same) {
            return None;
        }
        entry.used = self.clock;
        Some(entry.prepared.clone())
    }

    pub(crate) fn insert(&mut self, statement: &Statement, prepared: Prepared) {
        if self.entries.len() >= self.capacity && !self.entries.contains_key(&statement.text) {
            // A linear search is cheap next to the round trip that prepared the statement.
            let oldest =
                self.entries.iter().min_by_key(|(_, entry)| entry.used).map(|(text, _)| text.clone());
            if let Some(oldest) = oldest {
                self.entries.remove(&oldest);
            }
        }
        self.entries.insert(statement.text.clone(), Entry { prepared, used: self.clock });
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}
