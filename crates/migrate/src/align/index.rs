//! Indexes: defaults that a schema file may omit.

use crate::catalog::{Catalog, Index, IndexAlgorithm, IndexColumn, IndexDetails, SortOrder};

/// Rewords each index that is equivalent to one of `other`, whether they state the default order and operator class or not.
pub(super) fn align(live: &mut Catalog, other: &Catalog) {
    for table in &mut live.tables {
        let Some(next) = other.table(&table.name) else { continue };
        for index in &mut table.indexes {
            let Some(details) = live.details.index(&table.name, &index.name) else { continue };
            let same = |it: &&Index| is_same(index, details, it);
            let by_name = next.indexes.iter().find(|it| it.name == index.name && same(it));
            if let Some(next) = by_name.or_else(|| next.indexes.iter().find(same)) {
                index.columns.clone_from(&next.columns);
            }
        }
    }
}

fn is_same(index: &Index, details: &IndexDetails, next: &Index) -> bool {
    index.is_unique == next.is_unique
        && index.algorithm == next.algorithm
        && index.columns.len() == next.columns.len()
        && index.columns.iter().zip(&next.columns).enumerate().all(|(place, (column, next))| {
            let class = details.operator_classes.get(place).map(String::as_str);
            column.name == next.name
                && is_descending(column) == is_descending(next)
                && has_class(column, class, next, index.algorithm)
        })
}

fn is_descending(column: &IndexColumn) -> bool {
    column.sort == Some(SortOrder::Desc)
}

/// Whether the operator class matches. If `next` has none, the class of a B-tree or hash index is ignored, as in Prisma.
fn has_class(
    column: &IndexColumn,
    class: Option<&str>,
    next: &IndexColumn,
    algorithm: IndexAlgorithm,
) -> bool {
    match &next.operator_class {
        Some(wanted) => {
            let wanted = wanted.rsplit('.').next().unwrap_or(wanted).trim_matches('"');
            class.is_some_and(|class| class.eq_ignore_ascii_case(wanted))
        }
        None => {
            column.operator_class.is_none()
                || matches!(algorithm, IndexAlgorithm::BTree | IndexAlgorithm::Hash)
        }
    }
}
