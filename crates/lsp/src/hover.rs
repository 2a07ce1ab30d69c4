//! What a name means: its declaration, its documentation, and what becomes of it in the database.

use std::path::Path;

use gen_lsp_types::{Hover, MarkupContent, MarkupKind, Position};
use nicol_migrate::catalog::{Catalog, ObjectName, Table};
use nicol_migrate::{from_model, plan};
use nicol_schema::ast::{Enum, Field, Item, Model};
use nicol_schema::model::{self, FieldKind, RelationKind};
use nicol_schema::symbols::Symbol;
use nicol_schema::{Schema, Span};

use crate::analysis::Analysis;
use crate::rename::is_named;

/// Returns the explanation of the name at a position. What the database has is shown only if the schema has no errors.
pub(crate) fn hover(schema: &Analysis, path: &Path, position: Position) -> Option<Hover> {
    let occurrence = schema.occurrence_at(schema.offset(path, position)?)?;
    let value = match occurrence.symbol {
        Symbol::Block(name) => block(schema, name)?,
        Symbol::Field { block, field } => {
            let model = model(schema, block)?;
            explain_field(schema, model, model.fields().find(|it| is_named(it.name(), field))?)
        }
        Symbol::EnumValue { block, value } => explain_value(schema, enumeration(schema, block)?, value)?,
        Symbol::Datasource(_) | Symbol::Generator(_) => return None,
    };
    let (_, range) = schema.range(occurrence.name.span)?;
    Some(Hover { contents: MarkupContent { kind: MarkupKind::Markdown, value }.into(), range: Some(range) })
}

fn block(schema: &Analysis, name: &str) -> Option<String> {
    if let Some(model) = model(schema, name) {
        let sql = schema.schema().and_then(|valid| {
            let model = valid.models.iter().find(|it| it.name == name)?;
            create(&reduced(valid, model)?)
        });
        return Some(page(
            &header(schema, model.span()),
            model.documentation().as_deref(),
            &code("sql", sql.as_deref()),
        ));
    }
    let item = enumeration(schema, name)?;
    let sql = schema.schema().and_then(|valid| {
        let item = valid.enums.iter().find(|it| it.name == name)?;
        let mut catalog = from_model(valid);
        catalog.enums.retain(|it| {
            it.name == ObjectName { schema: item.schema.clone(), name: item.database_name().to_owned() }
        });
        create(&Catalog { enums: catalog.enums, ..Catalog::default() })
    });
    Some(page(&header(schema, item.span()), item.documentation().as_deref(), &code("sql", sql.as_deref())))
}

fn explain_field(schema: &Analysis, owner: Model<'_>, field: Field<'_>) -> String {
    let declaration = line(schema, field.span());
    let found = || {
        let valid = schema.schema()?;
        let model = valid.models.iter().find(|it| is_named(owner.name(), &it.name))?;
        let field = model.fields.iter().find(|it| is_named(field.name(), &it.name))?;
        Some(match field.kind {
            FieldKind::Scalar(_) => column(valid, model, field),
            FieldKind::Relation(end) => relation(valid, model, end),
        })
    };
    page(&declaration, field.documentation().as_deref(), &found().unwrap_or_default())
}

/// Describes the column of a field, as `CREATE TABLE` defines it.
fn column(valid: &Schema, model: &model::Model, field: &model::Field) -> String {
    let kind = if model.is_view { "view" } else { "table" };
    let place = format!("Column `{}` of the {kind} `{}`", field.database_name(), table_name(model));
    let definition = reduced(valid, model).and_then(|catalog| {
        let sql = create(&catalog)?;
        let start = format!("{} ", quoted(field.database_name()));
        let line = sql.lines().map(str::trim).find(|line| line.starts_with(&start))?;
        Some(line.trim_end_matches(',').to_owned())
    });
    let by_client = definition.as_deref().and_then(|line| client_default(field, line)).unwrap_or_default();
    format!("{}{place}{by_client}", code("sql", definition.as_deref()))
}

/// Tells if the client, rather than the database, writes a default.
fn client_default(field: &model::Field, definition: &str) -> Option<&'static str> {
    let FieldKind::Scalar(scalar) = &field.kind else { return None };
    if scalar.is_updated_at {
        return Some("; the client sets it at every update");
    }
    let has_default = scalar.default.is_some();
    let by_database = definition.contains(" DEFAULT ") || definition.contains("SERIAL");
    (has_default && !by_database).then_some("; the client sets the default")
}

/// Describes a relation: its kind, its foreign key and what happens to rows.
fn relation(valid: &Schema, model: &model::Model, end: model::RelationEnd) -> String {
    let relation = valid.relation(end.relation);
    let other = &valid.model(end.model).name;
    let (from, to) = (valid.model(relation.from), valid.model(relation.to));
    let (RelationKind::OneToOne(key) | RelationKind::OneToMany(key)) = &relation.kind else {
        let table = format!("_{}", relation.effective_name);
        return format!("Many-to-many relation of `{}` and `{other}`, in the table `{table}`", model.name);
    };
    let kind = match relation.kind {
        RelationKind::OneToOne(_) => "One-to-one",
        _ => "One-to-many",
    };
    let names = |model: &model::Model, fields: &[model::FieldId]| {
        fields.iter().map(|id| model.field(*id).database_name().to_owned()).collect::<Vec<_>>().join(", ")
    };
    let text = format!(
        "{kind} relation: `{}` ({}) refers to `{}` ({})",
        table_name(from),
        names(from, &key.fields),
        table_name(to),
        names(to, &key.references)
    );
    let Some((on_delete, on_update)) = relation.actions(valid) else { return text };
    format!("{text}, on delete {}, on update {}", on_delete.name(), on_update.name())
}

fn explain_value(schema: &Analysis, owner: Enum<'_>, value: &str) -> Option<String> {
    let declared = owner.values().find(|it| is_named(it.name(), value))?;
    let found = schema.schema().and_then(|valid| {
        let item = valid.enums.iter().find(|it| is_named(owner.name(), &it.name))?;
        let value = item.values.iter().find(|it| it.name == value)?;
        Some(format!("Value `{}` of the type `{}`", value.database_name(), item.database_name()))
    });
    Some(page(
        &line(schema, declared.span()),
        declared.documentation().as_deref(),
        &found.unwrap_or_default(),
    ))
}

/// Returns the catalog with only the table of a model.
fn reduced(valid: &Schema, model: &model::Model) -> Option<Catalog> {
    let name = ObjectName { schema: model.schema.clone(), name: model.database_name().to_owned() };
    let table: Option<Table> = from_model(valid).tables.into_iter().find(|table| table.name == name);
    Some(Catalog { tables: vec![table.filter(|_| !model.is_view)?], ..Catalog::default() })
}

/// Returns the statements that create all of a catalog, without the comments of a migration.
fn create(catalog: &Catalog) -> Option<String> {
    let empty = Catalog::default();
    let script = plan(&empty, catalog).script();
    let lines: Vec<&str> = script.lines().filter(|line| !line.starts_with("-- ")).collect();
    let sql = lines.join("\n");
    let sql = sql.trim();
    (!sql.is_empty()).then(|| sql.replace("\n\n\n", "\n\n"))
}

fn table_name(model: &model::Model) -> String {
    let schema = model.schema.as_deref().map(|schema| format!("{schema}."));
    format!("{}{}", schema.unwrap_or_default(), model.database_name())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn model<'a>(schema: &'a Analysis, name: &str) -> Option<Model<'a>> {
    schema.parse.tree.file().items().find_map(|item| match item {
        Item::Model(model) if is_named(model.name(), name) => Some(model),
        _ => None,
    })
}

fn enumeration<'a>(schema: &'a Analysis, name: &str) -> Option<Enum<'a>> {
    schema.parse.tree.file().items().find_map(|item| match item {
        Item::Enum(item) if is_named(item.name(), name) => Some(item),
        _ => None,
    })
}

/// Returns the first line of a block without its brace: `model User`.
fn header(schema: &Analysis, block: Span) -> String {
    let text = block.of(schema.parse.tree.text());
    text.split('{').next().unwrap_or_default().trim().to_owned()
}

/// Returns a field or value without the comment at its end, which the documentation shows.
fn line(schema: &Analysis, span: Span) -> String {
    let text = span.of(schema.parse.tree.text());
    let end = text.find(" //").unwrap_or(text.len());
    text[..end].split_whitespace().collect::<Vec<_>>().join(" ")
}

fn code(language: &str, text: Option<&str>) -> String {
    text.map(|text| format!("```{language}\n{text}\n```\n")).unwrap_or_default()
}

fn page(declaration: &str, documentation: Option<&str>, more: &str) -> String {
    let mut page = code("prisma", Some(declaration));
    for part in [documentation.unwrap_or_default(), more] {
        if !part.is_empty() {
            page += "\n";
            page += part.trim_end();
            page += "\n";
        }
    }
    page
}
