//! Puts nested writes into the order of Prisma's query compiler. Rows that are created together get their numbers in that order.
//!
//! Source: prisma-engines 6.19, `query-compiler/core/src/query_graph/mod.rs` (`swap_marked`).

use super::link::{Link, Parent, refers_first};
use super::step::Writes;
use crate::meta::ModelMeta;
use crate::query::{Changes, Create, Nested, Write};

/// Arranges the nested writes of a write, at any depth.
pub(super) fn arrange(write: &mut Write) {
    match write {
        Write::Create(create, _) => arrange_create(create),
        Write::Update(_, changes, _) => arrange_changes(changes),
        Write::Upsert(upsert, _) => {
            arrange_create(&mut upsert.create);
            arrange_changes(&mut upsert.update);
        }
        _ => {}
    }
}

fn arrange_create(create: &mut Create) {
    arrange_nested(create.model, &mut create.nested, Parent::New);
}

fn arrange_changes(changes: &mut Changes) {
    arrange_nested(changes.model, &mut changes.nested, Parent::Old);
}

fn arrange_nested(model: &ModelMeta, nested: &mut Writes, parent: Parent) {
    for (_, nested) in nested.iter_mut() {
        match nested {
            Nested::Create(create) | Nested::ConnectOrCreate(_, create) => arrange_create(create),
            Nested::Update(_, changes) => arrange_changes(changes),
            Nested::Upsert(upsert) => {
                arrange_create(&mut upsert.create);
                arrange_changes(&mut upsert.update);
            }
            _ => {}
        }
    }
    let mut before = Vec::new();
    let mut after = Vec::with_capacity(nested.len());
    let mut last = Vec::new();
    for (index, nested) in nested.drain(..) {
        let relation = &model.relations[usize::from(index)];
        let place = match &nested {
            nested if refers_first(model, relation, nested, parent) => &mut before,
            Nested::Create(create) if refers_to_nested(create) => &mut last,
            _ => &mut after,
        };
        place.push((index, nested));
    }
    // What a row refers to is written before it, the last one first. So are rows with such references of their own, after all others.
    nested.extend(before.into_iter().rev());
    nested.append(&mut after);
    nested.extend(last.into_iter().rev());
}

/// Whether a nested write comes before the new row that it belongs to.
fn refers_to_nested(create: &Create) -> bool {
    let nested = |(index, nested): &(u16, Nested)| {
        let link = Link::new(create.model, *index);
        // A row to connect one to one is looked up first, even if it is the one that refers to the new row.
        refers_first(create.model, link.relation, nested, Parent::New)
            || (link.is_one_to_one() && matches!(nested, Nested::Connect(_)))
    };
    create.nested.iter().any(nested)
}
