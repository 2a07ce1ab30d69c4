//! The rules that need the whole schema, in the order in which they are applied.
//!
//! They run only on a draft without errors, so that one mistake is not reported several times.

mod capability;
pub(crate) mod certain;
mod datasource;
mod default;
mod enum_;
mod index;
mod model;
mod names;
mod native_type;
mod relation;
mod relation_field;
mod view;

use std::collections::HashSet;

use crate::config::capability::Capability;
use crate::config::{self, Config, DatasourceDraft, DatasourceUrl};
use crate::diagnostic::Diagnostic;
use crate::draft::Draft;
use crate::lower::lower;
use crate::model::{ModelId, RelationMode, Schema};
use crate::parse::Parse;
use crate::resolve::resolve;
use certain::Certain;
use names::Names;
use relation::cycle::Outgoing;

/// The result of validating a schema.
#[derive(Debug, Clone)]
pub struct Validated {
    /// The model, if there are no errors.
    pub schema: Option<Schema>,
    /// The errors and warnings that Prisma also reports, in source order.
    pub diagnostics: Vec<Diagnostic>,
    /// Errors that Prisma reports only after those are fixed, in source order. None of them is a consequence of the
    /// others.
    pub further: Vec<Diagnostic>,
}

impl Validated {
    /// Returns the model, or all findings if there are errors.
    ///
    /// # Errors
    /// The findings, warnings included, if the schema has errors.
    pub fn into_result(self) -> Result<Schema, Vec<Diagnostic>> {
        self.schema.ok_or(self.diagnostics)
    }
}

pub(crate) fn validate(parse: Parse, url: DatasourceUrl) -> Validated {
    let mut found = parse.errors;
    let file = parse.tree.file();
    let mut draft = resolve(file, &mut found);
    let config = config::load(file, url, &mut found);
    // Later rules apply in spite of a rule's findings, but not in spite of these earlier errors.
    let mut certain = Certain::default();
    if has_errors(&found) {
        certain = Certain::after(&found, file, &draft);
    } else {
        apply(&draft, &config, &mut certain, &mut found);
        if has_errors(&found) {
            certain = Certain::after(&[], file, &draft);
        }
    }
    let is_valid = !has_errors(&found);
    let mut further = Vec::new();
    if !is_valid {
        apply(&draft, &config, &mut certain, &mut further);
    }
    draft.sort_relations();
    let mut seen = HashSet::new();
    for list in [&mut found, &mut further] {
        list.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
        list.retain(|diagnostic| seen.insert((diagnostic.span, diagnostic.message.clone())));
    }
    Validated { schema: is_valid.then(|| lower(&draft, config)), diagnostics: found, further }
}

fn apply(draft: &Draft<'_>, config: &Config, certain: &mut Certain, found: &mut Vec<Diagnostic>) {
    let names =
        if config.can(Capability::ConstraintNames) { Names::new(draft, certain) } else { Names::default() };
    rules(&mut Context { draft, config, names, outgoing: Outgoing::new(draft), certain, found });
}

fn has_errors(found: &[Diagnostic]) -> bool {
    found.iter().any(Diagnostic::is_error)
}

/// What the rules check, and where they report.
pub(crate) struct Context<'s, 'a> {
    pub(crate) draft: &'s Draft<'a>,
    pub(crate) config: &'s Config,
    pub(crate) names: Names<'s>,
    pub(crate) outgoing: Outgoing<'s>,
    pub(crate) certain: &'s mut Certain,
    pub(crate) found: &'s mut Vec<Diagnostic>,
}

impl<'s> Context<'s, '_> {
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Returns `None` if there is no datasource or its settings are uncertain.
    pub(crate) fn datasource(&self) -> Option<&'s DatasourceDraft> {
        self.config.datasource.as_ref().filter(|_| self.certain.has_datasource())
    }

    pub(crate) fn can(&self, capability: Capability) -> bool {
        self.config.can(capability)
    }

    /// Returns `None` if it is uncertain.
    pub(crate) fn relation_mode(&self) -> Option<RelationMode> {
        let datasource = self.config.datasource.as_ref();
        let mode = datasource.map(|draft| draft.datasource.relation_mode).unwrap_or_default();
        self.certain.has_datasource().then_some(mode)
    }

    /// Returns `None` if it is uncertain.
    pub(crate) fn has_preview_feature(&self, name: &str) -> Option<bool> {
        self.certain.has_generators().then(|| self.config.has_preview_feature(name))
    }
}

/// Applies the rules in order.
fn rules(ctx: &mut Context<'_, '_>) {
    model::composite_types(ctx);
    default::unknown_functions(ctx);
    datasource::extensions(ctx);
    model::table_names(ctx);
    for id in models_then_views(ctx.draft) {
        if !ctx.certain.has_model(id) {
            model::columns(id, ctx);
            continue;
        }
        model::schema(id, ctx);
        if ctx.draft.model(id).is_view {
            view::check(id, ctx);
        } else {
            model::unique_criterion(id, ctx);
            model::primary_key(id, ctx);
            model::shard_key(id, ctx);
            capability::autoincrement(id, ctx);
            index::types(id, ctx);
        }
        model::columns(id, ctx);
        if !relation_field::check(id, ctx) {
            // Which fields belong together is unknown, so all further findings would be guesses.
            return;
        }
        if ctx.draft.model(id).is_view {
            view::indexes(id, ctx);
        } else {
            index::check(id, ctx);
        }
    }
    enum_::check(ctx);
    for relation in &ctx.draft.relations {
        if ctx.certain.has_relation(relation) {
            relation::check(relation, ctx);
        }
    }
}

/// Prisma's order, which decides what is still reported when the rules stop early.
fn models_then_views(draft: &Draft<'_>) -> Vec<ModelId> {
    let (views, mut models): (Vec<ModelId>, Vec<ModelId>) =
        draft.model_ids().partition(|id| draft.model(*id).is_view);
    models.extend(views);
    models
}
