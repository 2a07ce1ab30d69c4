//! The rules that need the whole schema, in the order in which they are applied.
//!
//! They run only over a draft without mistakes, so that one slip is not reported many times over.

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

use crate::build::build;
use crate::config::{self, Config};
use crate::diagnostic::Diagnostic;
use crate::draft::Draft;
use crate::model::{ModelId, RelationMode, Schema};
use crate::resolve::resolve;
use names::Names;

/// What came out of checking a schema.
#[derive(Debug, Clone)]
pub struct Validated {
    /// The model; there is one when there are no errors.
    pub schema: Option<Schema>,
    /// Errors and warnings, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

impl Validated {
    /// The model, or all findings when there are errors among them.
    ///
    /// # Errors
    /// The findings, warnings included, if the schema cannot be used.
    pub fn into_result(self) -> Result<Schema, Vec<Diagnostic>> {
        self.schema.ok_or(self.diagnostics)
    }
}

pub(crate) fn validate(text: &str) -> Validated {
    let parse = crate::parse(text);
    let mut found = parse.errors;
    let file = parse.tree.file();
    let mut draft = resolve(file, &mut found);
    let config = config::load(file, &mut found);
    if !has_errors(&found) {
        let mut ctx =
            Context { draft: &draft, config: &config, names: Names::new(&draft), found: &mut found };
        rules(&mut ctx);
    }
    let is_valid = !has_errors(&found);
    draft.sort_relations();
    found.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
    let mut seen = HashSet::new();
    found.retain(|diagnostic| seen.insert((diagnostic.span, diagnostic.message.clone())));
    Validated { schema: is_valid.then(|| build(&draft, config)), diagnostics: found }
}

fn has_errors(found: &[Diagnostic]) -> bool {
    found.iter().any(Diagnostic::is_error)
}

/// What the rules look at, and where they report.
pub(crate) struct Context<'s, 'a> {
    pub(crate) draft: &'s Draft<'a>,
    pub(crate) config: &'s Config,
    pub(crate) names: Names<'s>,
    pub(crate) found: &'s mut Vec<Diagnostic>,
}

impl Context<'_, '_> {
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    pub(crate) fn relation_mode(&self) -> RelationMode {
        self.config.datasource.as_ref().map(|draft| draft.datasource.relation_mode).unwrap_or_default()
    }
}

/// The rules in order.
fn rules(ctx: &mut Context<'_, '_>) {
    model::composite_types(ctx);
    default::unknown_functions(ctx);
    datasource::extensions(ctx);
    model::table_names(ctx);
    for id in models_then_views(ctx.draft) {
        model::schema(id, ctx);
        if ctx.draft.model(id).is_view {
            view::check(id, ctx);
        } else {
            model::unique_criterion(id, ctx);
            model::primary_key(id, ctx);
            index::types(id, ctx);
        }
        model::columns(id, ctx);
        if !relation_field::check(id, ctx) {
            // Which fields belong together is open, so that all further findings would be guesses.
            return;
        }
        if !ctx.draft.model(id).is_view {
            index::check(id, ctx);
        }
    }
    enum_::check(ctx);
    for relation in &ctx.draft.relations {
        relation::check(relation, ctx);
    }
}

/// In the order of Prisma, which decides what is reported last when the rules stop early.
fn models_then_views(draft: &Draft<'_>) -> Vec<ModelId> {
    let (views, mut models): (Vec<ModelId>, Vec<ModelId>) =
        draft.model_ids().partition(|id| draft.model(*id).is_view);
    models.extend(views);
    models
}
