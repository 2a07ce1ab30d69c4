//! The outline of a file.

use std::path::Path;

use gen_lsp_types::{DocumentSymbol, SymbolKind};
use nicol_schema::Span;
use nicol_schema::ast::{Item, Name};

use crate::analysis::Analysis;

/// Returns the blocks of a file with their fields, values and settings.
pub(crate) fn outline(schema: &Analysis, path: &Path) -> Vec<DocumentSymbol> {
    let Some(index) = schema.index_of(path) else { return Vec::new() };
    let Some(file) = schema.parse.tree.file().each().nth(index) else { return Vec::new() };
    file.items().filter_map(|item| block(schema, item)).collect()
}

fn block(schema: &Analysis, item: Item<'_>) -> Option<DocumentSymbol> {
    let type_of = |span: Span| Some(span.of(schema.parse.tree.text()).trim().to_owned());
    let (name, detail, kind, children): (_, _, _, Vec<Option<DocumentSymbol>>) = match item {
        Item::Model(model) => {
            let keyword = model.keyword().map_or("", |name| name.text);
            let kind = if keyword == "type" { SymbolKind::Interface } else { SymbolKind::Class };
            let fields = model.fields().map(|field| {
                let detail = field.ty().and_then(|ty| type_of(ty.span()));
                symbol(schema, field.name()?, detail, SymbolKind::Field, field.span())
            });
            (model.name()?, keyword, kind, fields.collect())
        }
        Item::Enum(item) => {
            let values = item
                .values()
                .map(|value| symbol(schema, value.name()?, None, SymbolKind::EnumMember, value.span()));
            (item.name()?, "enum", SymbolKind::Enum, values.collect())
        }
        Item::Config(block) => {
            let settings = block
                .properties()
                .map(|setting| symbol(schema, setting.name()?, None, SymbolKind::Property, setting.span()));
            let settings = settings.collect();
            if block.is_datasource() {
                (block.name()?, "datasource", SymbolKind::Struct, settings)
            } else {
                (block.name()?, "generator", SymbolKind::Function, settings)
            }
        }
    };
    let symbol = symbol(schema, name, Some(detail.to_owned()), kind, item.span())?;
    Some(DocumentSymbol { children: Some(children.into_iter().flatten().collect()), ..symbol })
}

fn symbol(
    schema: &Analysis,
    name: Name<'_>,
    detail: Option<String>,
    kind: SymbolKind,
    span: Span,
) -> Option<DocumentSymbol> {
    let whole = span.of(schema.parse.tree.text());
    let span = Span::new(span.start, span.end - u32::try_from(whole.len() - whole.trim_end().len()).ok()?);
    let (_, range) = schema.range(span.to(name.span))?;
    let (_, selection_range) = schema.range(name.span)?;
    let (tags, deprecated, children) = (None, None, None);
    Some(DocumentSymbol::new(
        name.text.to_owned(),
        detail,
        kind,
        tags,
        deprecated,
        range,
        selection_range,
        children,
    ))
}
