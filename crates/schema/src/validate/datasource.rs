//! Rules for the `datasource` that depend on the preview features of the generators.

use super::Context;
use crate::rule;

/// Checks that extensions are enabled and have valid names.
pub(super) fn extensions(ctx: &mut Context<'_, '_>) {
    let Some(draft) = ctx.datasource() else { return };
    let Some((line, spans)) = &draft.extensions else { return };
    if ctx.has_preview_feature("postgresqlExtensions") == Some(false) {
        ctx.push(
            rule::configuration::EXTENSIONS_PREVIEW
                .at(*line, "`extensions` needs the preview feature `postgresqlExtensions`")
                .help("add `previewFeatures = [\"postgresqlExtensions\"]` to a `generator` block"),
        );
        return;
    }
    for (extension, span) in draft.datasource.extensions.iter().zip(spans) {
        let problem = if extension.name.starts_with(|c: char| c.is_ascii_digit()) {
            "starts with a digit"
        } else if extension.name.contains('-') {
            "contains a `-`"
        } else {
            continue;
        };
        ctx.push(
            rule::configuration::EXTENSION_NAME
                .at(*span, format!("the name of the extension `{}` {problem}", extension.name))
                .help(format!(
                    "give it a different name here: `{}(map: \"{}\")`",
                    written_name(&extension.name),
                    extension.name
                )),
        );
    }
}

/// Returns a valid name similar to the extension's.
fn written_name(name: &str) -> String {
    let name = name.replace('-', "_");
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("e{name}") } else { name }
}
