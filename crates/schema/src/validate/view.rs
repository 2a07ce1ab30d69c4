//! Rules for views, which have no keys and indexes in the database.

use super::Context;
use super::model::automatic_name_clash;
use crate::model::ModelId;
use crate::rule;

pub(super) fn check(id: ModelId, ctx: &mut Context<'_, '_>) {
    let view = ctx.draft.model(id);
    if ctx.has_preview_feature("views") == Some(false) {
        ctx.push(
            rule::view::VIEWS_PREVIEW
                .at(view.ast.span(), "a view needs the preview feature `views`")
                .help("add `previewFeatures = [\"views\"]` to a `generator` block"),
        );
    }
    if let Some(key) = &view.primary_key {
        ctx.push(
            rule::view::VIEW_PRIMARY_KEY
                .at(key.attribute.span(), "a view has no primary key")
                .help("use `@unique` to tell the client what identifies a row"),
        );
    }
}

/// Checks the unique keys of a view, which are only hints for the client.
pub(super) fn indexes(id: ModelId, ctx: &mut Context<'_, '_>) {
    for index in &ctx.draft.model(id).indexes {
        let span = index.attribute.span();
        if !index.is_unique() {
            ctx.push(
                rule::view::VIEW_INDEX
                    .at(span, "a view has no indexes")
                    .help("remove the attribute; index the underlying tables instead"),
            );
            continue;
        }
        automatic_name_clash(id, index, ctx);
        if index.map.is_some() {
            ctx.push(
                rule::view::VIEW_UNIQUE_MAP
                    .at(span, "a unique key of a view has no name in the database")
                    .help("remove `map:`"),
            );
        }
        if index.is_clustered.is_some() {
            ctx.push(
                rule::view::VIEW_UNIQUE_ARGUMENTS
                    .at(span, "a unique key of a view has no row order")
                    .help("remove `clustered:`"),
            );
        }
        let has_arguments = index
            .fields
            .iter()
            .any(|field| field.sort.is_some() || field.length.is_some() || field.operator_class.is_some());
        if has_arguments {
            ctx.push(
                rule::view::VIEW_UNIQUE_ARGUMENTS
                    .at(span, "the fields of a view's unique key take no arguments")
                    .help("list only the names of the fields"),
            );
        }
    }
}
