//! What can still be said with certainty when there are mistakes: the rules are applied to what these do not touch.
//!
//! A mistake touches the block it lies in and those its labels point into; what a rule says of two blocks, it says only
//! if neither is touched. Within a touched model the columns that the mistakes leave alone can still be judged, each by
//! itself.

use std::collections::HashSet;

use crate::ast;
use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, FieldDraft, RelationDraft};
use crate::model::ModelId;
use crate::span::Span;

/// Which parts of the schema the mistakes found so far leave alone.
#[derive(Debug, Default)]
pub(crate) struct Certain {
    models: HashSet<ModelId>,
    /// Places of names of enums.
    enums: HashSet<Span>,
    /// Places of mistakes that are less than a whole block.
    places: Vec<Span>,
    datasource: bool,
    generators: bool,
    /// Pairs of models between which it is open which fields belong together.
    ambiguous: HashSet<(ModelId, ModelId)>,
    /// Is this the second run, which says all it can and not only what Prisma says.
    is_thorough: bool,
}

impl Certain {
    /// What the second run can rely on, after what the reading and resolving of the file has `found`.
    pub(crate) fn after(found: &[Diagnostic], file: ast::File<'_>, draft: &Draft<'_>) -> Certain {
        let mut certain = Certain { is_thorough: true, ..Certain::default() };
        let errors = || found.iter().filter(|diagnostic| diagnostic.is_error());
        let spans: Vec<Span> = errors()
            .flat_map(|error| std::iter::once(error.span).chain(error.labels.iter().map(|label| label.span)))
            .collect();
        let is_touched = |block: Span| spans.iter().any(|span| meet(*span, block));
        for id in draft.model_ids() {
            let block = draft.model(id).ast.span();
            if is_touched(block) {
                certain.models.insert(id);
                let within = |span: &&Span| !(span.start <= block.start && span.end >= block.end);
                certain.places.extend(spans.iter().filter(within));
            }
        }
        for schema_enum in &draft.enums {
            if is_touched(schema_enum.ast.span()) {
                certain.enums.insert(schema_enum.name.span);
            }
        }
        for item in file.items() {
            let ast::Item::Config(block) = item else { continue };
            if is_touched(block.span()) {
                if block.is_datasource() {
                    certain.datasource = true;
                } else {
                    certain.generators = true;
                }
            }
        }
        certain
    }

    /// Is this the run that says all it can.
    pub(crate) fn is_thorough(&self) -> bool {
        self.is_thorough
    }

    pub(crate) fn has_model(&self, id: ModelId) -> bool {
        !self.models.contains(&id)
    }

    pub(crate) fn has_enum(&self, name: ast::Name<'_>) -> bool {
        !self.enums.contains(&name.span)
    }

    /// Can a column be judged by itself.
    pub(crate) fn has_column(&self, field: &FieldDraft<'_>) -> bool {
        !self.places.iter().any(|span| meet(*span, field.ast.span()))
    }

    pub(crate) fn has_relation(&self, relation: &RelationDraft) -> bool {
        self.has_model(relation.from)
            && self.has_model(relation.to)
            && !self.ambiguous.contains(&(relation.from, relation.to))
    }

    pub(crate) fn has_datasource(&self) -> bool {
        !self.datasource
    }

    pub(crate) fn has_generators(&self) -> bool {
        !self.generators
    }

    /// From now on it is open how the two models are related; false if it was before.
    pub(crate) fn doubt_relations(&mut self, one: ModelId, other: ModelId) -> bool {
        self.ambiguous.insert((other, one));
        self.ambiguous.insert((one, other))
    }
}

fn meet(one: Span, other: Span) -> bool {
    if one.is_empty() {
        return other.start <= one.start && one.start <= other.end;
    }
    one.start < other.end && other.start < one.end
}
