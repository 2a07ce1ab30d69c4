//! The prepared statements of one connection: as many as `statement_cache_size` says, the least recently used goes first.

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

    /// The prepared statement, where text and types of parameters are the same.
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
            // A walk over all of them, at the price of a comparison each, beside a round trip to the server.
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
