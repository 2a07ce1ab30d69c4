use nicol_schema::{Diagnostic, Sources};
use serde_json::json;

use crate::args::FindingsFormat;
use crate::context::Context;
use crate::exit::Exit;
use crate::project::{Project, load_schema, validate};
use crate::report::counted;

pub(super) fn run(ctx: &mut Context, project: &Project, format: FindingsFormat) -> anyhow::Result<Exit> {
    let path = project.schema()?;
    if format == FindingsFormat::Json {
        let sources = nicol_codegen::read_schema(path)?;
        return Ok(print_json(ctx, &sources));
    }
    let schema = load_schema(ctx, path)?;
    let (models, enums) = (counted(schema.models.len(), "model"), counted(schema.enums.len(), "enum"));
    ctx.report.success(&format!("{} is valid: {models}, {enums}", path.display()));
    Ok(Exit::Success)
}

/// Prints one JSON object on one line, for valid and invalid schemas. Positions are byte offsets into the file.
pub(super) fn print_json(ctx: &mut Context, sources: &Sources) -> Exit {
    let validated = validate(ctx, sources);
    let (errors, warnings): (Vec<_>, Vec<_>) = validated.diagnostics.iter().partition(|it| it.is_error());
    let is_valid = validated.schema.is_some();
    let lists = [errors, warnings, validated.further.iter().collect()];
    let [errors, warnings, further] = lists.map(|list| {
        let list: Vec<String> = list.into_iter().map(|finding| as_json(finding, sources)).collect();
        list.join(",")
    });
    ctx.report.output(&format!(
        "{{\"valid\":{is_valid},\"errors\":[{errors}],\"warnings\":[{warnings}],\"further\":[{further}]}}\n"
    ));
    if is_valid { Exit::Success } else { Exit::Failure }
}

/// Written by hand because the order of the keys is part of the format.
fn as_json(finding: &Diagnostic, sources: &Sources) -> String {
    let (name, span) =
        sources.locate(finding.span).map_or(("", finding.span), |(file, span)| (file.name, span));
    let [code, message, file] = [finding.code(), &finding.message, name].map(|text| json!(text));
    let (start, end) = (span.start, span.end);
    format!("{{\"code\":{code},\"message\":{message},\"span\":[{start},{end}],\"file\":{file}}}")
}
