//! Completion.

use std::path::Path;

use gen_lsp_types::{CompletionItem, CompletionItemKind, InsertTextFormat, Position, TextEdit};
use nicol_schema::completion::{CompletionKind, completions_at};

use crate::analysis::Analysis;

/// Returns the completions at a position, best first. `snippets` says whether the editor can place the cursor within an
/// inserted text.
pub(crate) fn complete(
    schema: &Analysis,
    path: &Path,
    position: Position,
    snippets: bool,
) -> Vec<CompletionItem> {
    let Some(offset) = schema.offset(path, position) else { return Vec::new() };
    let completions = completions_at(&schema.parse, offset);
    let Some((_, range)) = schema.range(completions.replaces) else { return Vec::new() };
    let items = completions.items.into_iter().enumerate();
    items
        .map(|(at, item)| {
            let (new_text, insert_text_format) = insertion(&item.text, snippets);
            CompletionItem {
                label: item.text.trim_end().trim_end_matches([':', '.']).to_owned(),
                kind: Some(kind(item.kind)),
                // Editors sort by this text, which keeps the order.
                sort_text: Some(format!("{at:04}")),
                filter_text: Some(item.text.clone()),
                insert_text_format,
                text_edit: Some(TextEdit { range, new_text }.into()),
                ..CompletionItem::default()
            }
        })
        .collect()
}

/// Returns the text to insert. In a snippet, the cursor ends up between the brackets or quotes.
fn insertion(text: &str, snippets: bool) -> (String, Option<InsertTextFormat>) {
    let pairs = ["\"\")", "()", "[]", "\"\""];
    let pair = pairs.into_iter().find(|pair| text.ends_with(pair)).filter(|_| snippets);
    let Some(pair) = pair else { return (text.to_owned(), None) };
    let inside = text.len() - pair.len() + 1;
    // `now()` has no arguments.
    let is_complete = ["now()", "autoincrement()", "cuid()", "uuid()", "ulid()", "nanoid()"].contains(&text);
    if is_complete {
        return (text.to_owned(), None);
    }
    (format!("{}$0{}", &text[..inside], &text[inside..]), Some(InsertTextFormat::Snippet))
}

fn kind(kind: CompletionKind) -> CompletionItemKind {
    match kind {
        CompletionKind::Keyword => CompletionItemKind::Keyword,
        CompletionKind::Type => CompletionItemKind::Class,
        CompletionKind::NativeType => CompletionItemKind::TypeParameter,
        CompletionKind::Attribute | CompletionKind::Argument | CompletionKind::Setting => {
            CompletionItemKind::Property
        }
        CompletionKind::Function => CompletionItemKind::Function,
        CompletionKind::Field => CompletionItemKind::Field,
        CompletionKind::Value => CompletionItemKind::EnumMember,
    }
}
