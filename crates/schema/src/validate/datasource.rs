//! Rules for the `datasource` that need the preview features of the generators.

use super::Context;
use crate::rule;

/// Extensions need their preview feature, and names that the language can write.
pub(super) fn extensions(ctx: &mut Context<'_, '_>) {
    let Some(draft) = ctx.datasource() else { return };
    let Some((line, spans)) = &draft.extensions else { return };
    if ctx.has_preview_feature("postgresqlExtensions") == Some(false) {
        ctx.push(
            rule::configuration::EXTENSIONS_PREVIEW
                .at(*line, "`extensions` needs a preview feature")
                .help("add `previewFeatures = [\"postgresqlExtensions\"]` to a generator"),
        );
        return;
    }
    for (extension, span) in draft.datasource.extensions.iter().zip(spans) {
        let problem = if extension.name.starts_with(|c: char| c.is_ascii_digit()) {
            "begins with a digit"
        } else if extension.name.contains('-') {
            "contains a `-`"
        } else {
            continue;
        };
        ctx.push(
            rule::configuration::EXTENSION_NAME
                .at(*span, format!("the name of the extension `{}` {problem}", extension.name))
                .help("write another name here and the extension's own with `map:`"),
        );
    }
}
