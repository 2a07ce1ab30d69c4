//! The rows of a nested write, grouped into parts: one `INSERT` each.

use std::collections::{BTreeMap, VecDeque};

use super::generate::Instant;
use crate::error::{Error, Kind};
use crate::meta::{Join, ModelMeta, RelationMeta};
use crate::query::{Create, Key, Nested, Unique};
use crate::value::Value;

/// Returns the values of a new row by column, including generated defaults. A later value of a column replaces an earlier one.
pub(super) fn complete(create: &mut Create, now: Instant) -> BTreeMap<u16, Value> {
    let mut values: BTreeMap<u16, Value> = std::mem::take(&mut create.values).into_iter().collect();
    for (index, column) in (0..).zip(create.model.columns) {
        if !values.contains_key(&index)
            && let Some(value) = now.default_for(column)
        {
            values.insert(index, value);
        }
    }
    values
}

/// The rows of one `INSERT`.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) model: &'static ModelMeta,
    pub(super) beneath: Option<Beneath>,
    /// The columns with values.
    pub(super) columns: Vec<u16>,
    pub(super) rows: Vec<Vec<Value>>,
    /// For each row, the position of its parent in the parent's part, from 1.
    pub(super) parents: Vec<usize>,
    pub(super) lookups: Vec<Lookup>,
}

/// The relation of nested rows to the part with their parents.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beneath {
    pub(super) parent: usize,
    /// The relation from the model of the parent.
    pub(super) relation: u16,
    pub(super) meta: &'static RelationMeta,
    pub(super) parent_model: &'static ModelMeta,
    /// The relation back to the model of the parent.
    pub(super) back: Option<u16>,
}

/// Rows to connect, one for each row of the part.
#[derive(Debug)]
pub(super) struct Lookup {
    /// The columns of the part's model, each with the column that it refers to.
    pub(super) references: Vec<(u16, u16)>,
    pub(super) target: &'static ModelMeta,
    /// The columns of the key.
    pub(super) columns: Vec<u16>,
    pub(super) keys: Vec<Vec<Value>>,
}

impl Beneath {
    fn new(parent: usize, parent_model: &'static ModelMeta, relation: u16) -> Self {
        let meta: &'static RelationMeta = &parent_model.relations[usize::from(relation)];
        let is_back = |back: &RelationMeta| {
            std::ptr::eq(back.target(), parent_model) && meta.join.is_inverse_of(&back.join)
        };
        let back = meta.target().relations.iter().position(is_back);
        Self { parent, relation, meta, parent_model, back: back.and_then(|back| u16::try_from(back).ok()) }
    }

    /// Returns the columns of the parent that the rows need, each with the column of the rows that stores it.
    pub(super) fn columns(&self) -> Vec<(u16, u16)> {
        match self.meta.join {
            Join::Columns { here, there, .. } => here.iter().copied().zip(there.iter().copied()).collect(),
            Join::Table { .. } => Vec::new(),
        }
    }
}

/// Groups the rows into parts. Each part comes after that of its parents.
pub(super) fn parts(root: Create, now: Instant) -> Result<Vec<Part>, Error> {
    let mut parts: Vec<Part> = Vec::new();
    let mut pending = VecDeque::from([(None, vec![(1, root)])]);
    while let Some((beneath, rows)) = pending.pop_front() {
        let mut places = BTreeMap::new();
        let mut children: BTreeMap<(usize, u16), Vec<(usize, Create)>> = BTreeMap::new();
        for (parent, mut create) in rows {
            let model = create.model;
            let (connects, nested) = split(std::mem::take(&mut create.nested))?;
            let mut values = complete(&mut create, now);
            let mut lookups = Vec::with_capacity(connects.len());
            let mut keys = Vec::with_capacity(connects.len());
            let mut taken: Vec<u16> =
                beneath.iter().flat_map(Beneath::columns).map(|(_, column)| column).collect();
            for (relation, key) in connects {
                let (columns, key): (Vec<u16>, Vec<Value>) = key.values.into_iter().unzip();
                let references = references(model, relation, &mut taken)?;
                let target = model.relations[usize::from(relation)].target();
                lookups.push((relation, columns.clone()));
                keys.push((Lookup { references, target, columns, keys: Vec::new() }, key));
            }
            values.retain(|column, _| !taken.contains(column));
            let (columns, values): (Vec<u16>, Vec<Value>) = values.into_iter().unzip();
            let place = *places.entry((columns, lookups)).or_insert_with_key(|(columns, _)| {
                parts.push(Part {
                    model,
                    beneath,
                    columns: columns.clone(),
                    rows: Vec::new(),
                    parents: Vec::new(),
                    lookups: Vec::new(),
                });
                parts.len() - 1
            });
            let part = &mut parts[place];
            part.rows.push(values);
            part.parents.push(parent);
            for (index, (lookup, key)) in keys.into_iter().enumerate() {
                if part.lookups.len() == index {
                    part.lookups.push(lookup);
                }
                part.lookups[index].keys.push(key);
            }
            let row = part.rows.len();
            for (relation, child) in nested {
                children.entry((place, relation)).or_default().push((row, child));
            }
        }
        for ((place, relation), rows) in children {
            pending.push_back((Some(Beneath::new(place, parts[place].model, relation)), rows));
        }
    }
    Ok(parts)
}

/// Returns the rows to connect and the rows to create.
fn split(nested: Vec<(u16, Nested)>) -> Result<(BTreeMap<u16, Key>, Vec<(u16, Create)>), Error> {
    let mut connects = BTreeMap::new();
    let mut children = Vec::new();
    for (relation, nested) in nested {
        match nested {
            Nested::Create(create) => children.push((relation, create)),
            Nested::Connect(Unique { key, filter }) if filter.is_true() => {
                connects.insert(relation, key);
            }
            _ => {
                let message = "a row with this nested write takes several statements";
                return Err(Kind::Unsupported { message }.into());
            }
        }
    }
    Ok((connects, children))
}

/// Returns the columns that a connected row sets, each with the column of that row. No column may be `taken` by another row.
fn references(model: &ModelMeta, relation: u16, taken: &mut Vec<u16>) -> Result<Vec<(u16, u16)>, Error> {
    let Join::Columns { here, there, owned: true } = model.relations[usize::from(relation)].join else {
        let message = "only a row with the foreign key can be connected when it is created";
        return Err(Kind::Unsupported { message }.into());
    };
    if here.iter().any(|column| taken.contains(column)) {
        let message =
            "two connected rows set the same column\nhelp: set the columns of the foreign keys instead";
        return Err(Kind::Unsupported { message }.into());
    }
    taken.extend(here);
    Ok(here.iter().copied().zip(there.iter().copied()).collect())
}
