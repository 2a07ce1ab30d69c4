//! Formatting, as `nicol format` does it.

use std::path::Path;

use gen_lsp_types::TextEdit;

use crate::analysis::Analysis;
use crate::edit::difference;

/// Returns the edit that formats a file; missing relation fields are added, in this file only. Lines with syntax errors
/// are kept.
pub(crate) fn format(schema: &Analysis, path: &Path) -> Vec<TextEdit> {
    let Some(index) = schema.index_of(path) else { return Vec::new() };
    let formatted = nicol_schema::format_files(&schema.sources).swap_remove(index);
    difference(&schema.files[index].text, &formatted, schema.encoding).into_iter().collect()
}
