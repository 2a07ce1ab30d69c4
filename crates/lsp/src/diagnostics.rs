//! Errors and warnings, as an editor shows them while one types.

use gen_lsp_types::{Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag};
use nicol_schema::ast::{Attribute, Item};
use nicol_schema::{Diagnostic as Finding, Severity, Span};

use crate::analysis::Analysis;

/// Returns the diagnostics of each file, in the order of the files.
///
/// Those that Prisma reports only after others are fixed are among them.
pub(crate) fn diagnostics(schema: &Analysis) -> Vec<Vec<Diagnostic>> {
    let mut lists = vec![Vec::new(); schema.files.len()];
    let validated = schema.validated();
    let mut add = |span: Span, diagnostic: Diagnostic| {
        let index = schema.locate(span).and_then(|(file, _)| schema.index_of(&file.path));
        if let Some(list) = index.and_then(|index| lists.get_mut(index)) {
            list.push(diagnostic);
        }
    };
    for finding in validated.diagnostics.iter().chain(&validated.further) {
        if let Some(diagnostic) = shown(schema, finding) {
            add(finding.span, diagnostic);
        }
    }
    for (span, message) in ignored(schema) {
        let Some((_, range)) = schema.range(span) else { continue };
        let tags = Some(vec![DiagnosticTag::Unnecessary]);
        add(span, Diagnostic { range, severity: Some(DiagnosticSeverity::Hint), tags, ..plain(message) });
    }
    lists
}

/// Returns a finding as the editor shows it.
pub(crate) fn shown(schema: &Analysis, finding: &Finding) -> Option<Diagnostic> {
    let (_, range) = schema.range(finding.span)?;
    let message = match &finding.help {
        Some(help) => format!("{}\nhelp: {help}", finding.message),
        None => finding.message.clone(),
    };
    let related = finding.labels.iter().filter_map(|label| {
        let location = schema.location(label.span)?;
        Some(DiagnosticRelatedInformation { location, message: label.text.clone() })
    });
    let related: Vec<_> = related.collect();
    let severity = match finding.severity {
        Severity::Error => DiagnosticSeverity::Error,
        Severity::Warning => DiagnosticSeverity::Warning,
    };
    Some(Diagnostic {
        range,
        severity: Some(severity),
        code: Some(finding.code().to_owned().into()),
        related_information: (!related.is_empty()).then_some(related),
        ..plain(message)
    })
}

fn plain(message: String) -> Diagnostic {
    Diagnostic {
        range: gen_lsp_types::Range::default(),
        severity: None,
        code: None,
        code_description: None,
        source: Some("nicol".to_owned()),
        message: message.into(),
        tags: None,
        related_information: None,
        data: None,
    }
}

/// Returns the models and fields that the client omits, which editors show dimmed, as with Prisma's language server.
fn ignored(schema: &Analysis) -> Vec<(Span, String)> {
    let is_ignored = |mut attributes: Box<dyn Iterator<Item = Attribute<'_>> + '_>| {
        attributes.any(|attribute| attribute.name().is_some_and(|name| name.text == "ignore"))
    };
    let mut found = Vec::new();
    for item in schema.parse.tree.file().items() {
        let Item::Model(model) = item else { continue };
        if is_ignored(Box::new(model.attributes())) {
            let message =
                "the client omits this model because of `@@ignore`; migrations still manage its table";
            found.push((model.span(), message.to_owned()));
        }
        for field in model.fields().filter(|field| is_ignored(Box::new(field.attributes()))) {
            let message =
                "the client omits this field because of `@ignore`; migrations still manage its column";
            found.push((field.span(), message.to_owned()));
        }
    }
    found
}
