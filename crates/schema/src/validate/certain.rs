//! What is certain in spite of errors: rules are applied to the parts of a schema that errors do not touch.
//!
//! An error touches the block that it is in and the blocks that its labels point into. A rule about two blocks
//! applies only if neither is touched. In a touched model, each column without an error can still be checked on its
//! own, and so can relations whose two fields are certain.

use std::collections::HashSet;

use crate::ast;
use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, FieldDraft, ModelDraft, RelationDraft};
use crate::model::{FieldId, ModelId};
use crate::span::Span;

/// The parts of the schema that the errors found so far do not touch.
#[derive(Debug, Default)]
pub(crate) struct Certain {
    models: HashSet<ModelId>,
    /// The names of untouched enums.
    enums: HashSet<Span>,
    /// The positions of errors that touch less than a whole block.
    places: Places,
    /// Relations that can be checked although their models are touched.
    relations: HashSet<(ModelId, Option<FieldId>, Option<FieldId>)>,
    datasource: bool,
    generators: bool,
    /// Pairs of models for which it is unknown which relation fields belong together.
    ambiguous: HashSet<(ModelId, ModelId)>,
    /// Whether this is the second run, which reports everything it can and not only what Prisma reports.
    is_thorough: bool,
}

impl Certain {
    /// Returns what the second run can rely on, after parsing and resolving have `found` errors.
    pub(crate) fn after(found: &[Diagnostic], file: ast::File<'_>, draft: &Draft<'_>) -> Certain {
        let mut certain = Certain { is_thorough: true, ..Certain::default() };
        let errors = || found.iter().filter(|diagnostic| diagnostic.is_error());
        let spans = errors()
            .flat_map(|error| std::iter::once(error.span).chain(error.labels.iter().map(|label| label.span)));
        let blocks: HashSet<Span> = draft.models.iter().map(|model| model.ast.span()).collect();
        let (whole, places): (Vec<Span>, Vec<Span>) = spans.partition(|span| blocks.contains(span));
        let whole = Places::new(whole);
        certain.places = Places::new(places);
        let is_touched = |block: Span| whole.meet(block) || certain.places.meet(block);
        certain.models = draft.model_ids().filter(|id| is_touched(draft.model(*id).ast.span())).collect();
        // Models in which only some fields are uncertain, but neither keys nor the set of fields.
        let partly: HashSet<ModelId> = certain
            .models
            .iter()
            .copied()
            .filter(|id| {
                let model = draft.model(*id);
                let block = model.ast.span();
                let fields = Places::new(model.fields.iter().map(|field| field.ast.span()).collect());
                !whole.meet(block) && certain.places.within(block).all(|place| fields.meet(*place))
            })
            .collect();
        let are_whole = |relation: &&RelationDraft| {
            !certain.models.contains(&relation.from) && !certain.models.contains(&relation.to)
        };
        for relation in draft.relations.iter().filter(|relation| !are_whole(relation)) {
            if certain.has_both_ends(relation, &partly, draft) {
                certain.relations.insert((relation.from, relation.from_field, relation.to_field));
            }
        }
        for schema_enum in &draft.enums {
            if certain.places.meet(schema_enum.ast.span()) {
                certain.enums.insert(schema_enum.name.span);
            }
        }
        for item in file.items() {
            let ast::Item::Config(block) = item else { continue };
            if certain.places.meet(block.span()) {
                if block.is_datasource() {
                    certain.datasource = true;
                } else {
                    certain.generators = true;
                }
            }
        }
        certain
    }

    /// Whether a relation can be checked although its models are touched: its two fields surely belong together, and
    /// its columns are untouched.
    fn has_both_ends(&self, relation: &RelationDraft, partly: &HashSet<ModelId>, draft: &Draft<'_>) -> bool {
        let (Some(from_field), Some(to_field)) = (relation.from_field, relation.to_field) else {
            return false;
        };
        let is_usable = |id: ModelId| self.has_model(id) || partly.contains(&id);
        if relation.from == relation.to || !is_usable(relation.from) || !is_usable(relation.to) {
            return false;
        }
        let from = draft.model(relation.from);
        let to = draft.model(relation.to);
        let (forward, back) = (from.field(from_field), to.field(to_field));
        let is_only = |model: &ModelDraft<'_>, field: &FieldDraft<'_>| {
            let name = &field.relation.name;
            model.fields.iter().filter(|other| other.ty == field.ty && other.relation.name == *name).count()
                == 1
        };
        let columns = forward.relation.fields.iter().flatten().map(|field| from.field(*field));
        let references = forward.relation.references.iter().flatten().map(|field| to.field(*field));
        is_only(from, forward)
            && is_only(to, back)
            && columns.chain(references).chain([forward, back]).all(|field| self.has_column(field))
    }

    /// Whether this is the run that reports everything it can.
    pub(crate) fn is_thorough(&self) -> bool {
        self.is_thorough
    }

    pub(crate) fn has_model(&self, id: ModelId) -> bool {
        !self.models.contains(&id)
    }

    pub(crate) fn has_enum(&self, name: ast::Name<'_>) -> bool {
        !self.enums.contains(&name.span)
    }

    /// Whether a column can be checked on its own.
    pub(crate) fn has_column(&self, field: &FieldDraft<'_>) -> bool {
        !self.places.meet(field.ast.span())
    }

    pub(crate) fn has_relation(&self, relation: &RelationDraft) -> bool {
        let are_whole = self.has_model(relation.from) && self.has_model(relation.to);
        (are_whole || self.relations.contains(&(relation.from, relation.from_field, relation.to_field)))
            && !self.ambiguous.contains(&(relation.from, relation.to))
    }

    pub(crate) fn has_datasource(&self) -> bool {
        !self.datasource
    }

    pub(crate) fn has_generators(&self) -> bool {
        !self.generators
    }

    /// Marks the relations between two models as uncertain. Returns false if they already were.
    pub(crate) fn doubt_relations(&mut self, one: ModelId, other: ModelId) -> bool {
        self.ambiguous.insert((other, one));
        self.ambiguous.insert((one, other))
    }
}

/// Spans in order, with overlapping ones merged, so that lookups are fast.
#[derive(Debug, Default)]
struct Places(Vec<Span>);

impl Places {
    fn new(mut spans: Vec<Span>) -> Places {
        spans.sort_unstable();
        let mut places: Vec<Span> = Vec::new();
        for span in spans {
            // An empty span belongs to the byte that follows it.
            let span = Span::new(span.start, span.end.max(span.start + 1));
            match places.last_mut().filter(|last| span.start < last.end) {
                Some(last) => last.end = last.end.max(span.end),
                None => places.push(span),
            }
        }
        Places(places)
    }

    /// Returns the spans that overlap `block`.
    fn within(&self, block: Span) -> impl Iterator<Item = &Span> {
        let first = self.0.partition_point(|place| place.end <= block.start);
        self.0[first..].iter().take_while(move |place| place.start < block.end)
    }

    /// Whether any span overlaps `block`.
    fn meet(&self, block: Span) -> bool {
        self.within(block).next().is_some()
    }
}
