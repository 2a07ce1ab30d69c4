//! The rows that a statement creates, as the source of the relations that it loads.

use super::part::Part;

/// The rows that the statement creates. Relations are loaded from them instead of the table, which the statement sees as it was before.
#[derive(Debug)]
pub(super) struct Created<'a> {
    parts: &'a [Part],
    /// The parts with the current rows.
    here: Vec<usize>,
}

/// What replaces the tables of a relation.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) rows: String,
    /// The rows of the implicit join table.
    pub(super) links: String,
}

impl<'a> Created<'a> {
    pub(super) const NOTHING: Self = Self { parts: &[], here: Vec::new() };

    /// Starts at the first row, the parent of all others.
    pub(super) fn root(parts: &'a [Part]) -> Self {
        Self { parts, here: vec![0] }
    }

    /// Whether there is at most one current row: the first one.
    pub(super) fn is_one_row(&self) -> bool {
        self.here == [0]
    }

    /// Returns the rows at the other end of a relation, if they are children or parents of the current rows.
    pub(super) fn relation(&self, relation: u16) -> Option<(Source, Self)> {
        let (mut there, mut links) = (Vec::new(), Vec::new());
        for (place, part) in self.parts.iter().enumerate() {
            let Some(beneath) = &part.beneath else { continue };
            if self.here.contains(&beneath.parent) && beneath.relation == relation {
                there.push(place);
                links.push(place);
            }
            if self.here.contains(&place) && beneath.back == Some(relation) {
                there.push(beneath.parent);
                links.push(place);
            }
        }
        there.sort_unstable();
        there.dedup();
        let source = Source { rows: union('w', &there), links: union('l', &links) };
        (!there.is_empty()).then_some((source, Self { parts: self.parts, here: there }))
    }
}

/// Returns parts of a statement as one table.
fn union(kind: char, places: &[usize]) -> String {
    match places {
        [place] => format!("\"{kind}{place}\""),
        places => {
            let parts: Vec<_> =
                places.iter().map(|place| format!("SELECT * FROM \"{kind}{place}\"")).collect();
            format!("({})", parts.join(" UNION ALL "))
        }
    }
}
