use std::fs;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use nicol_diagram::Options;

use crate::args::{Diagram, DiagramFormat};
use crate::context::Context;
use crate::exit::Exit;
use crate::project::{Project, from_cwd, load_schema};
use crate::report::counted;

pub(super) fn run(ctx: &mut Context, project: &Project, args: &Diagram) -> anyhow::Result<Exit> {
    let schema = load_schema(ctx, project.schema()?)?;
    let options =
        Options { models: args.models.clone(), depth: args.depth, database_names: args.database_names };
    let drawn = match args.format.unwrap_or_else(|| by_name(args.output.as_deref())) {
        DiagramFormat::Svg => nicol_diagram::svg(&schema, &options),
        DiagramFormat::Mermaid => nicol_diagram::mermaid(&schema, &options),
    };
    let drawn = drawn.map_err(|error| {
        let names = schema.models.iter().map(|model| &*model.name);
        match nicol_schema::suggest::closest(&error.name, names) {
            Some(near) => anyhow!("{error}\nhelp: did you mean `{near}`?"),
            None => anyhow!(
                "{error}\nhelp: `nicol validate` counts its models; names are those of the schema file"
            ),
        }
    })?;
    let Some(output) = &args.output else {
        ctx.report.output(&drawn);
        return Ok(Exit::Success);
    };
    let path = from_cwd(ctx, output);
    fs::write(&path, drawn).with_context(|| format!("cannot write `{}`", path.display()))?;
    let models = counted(schema.models.len(), "model");
    ctx.report.success(&format!("the diagram of a schema with {models} is in {}", path.display()));
    Ok(Exit::Success)
}

fn by_name(output: Option<&Path>) -> DiagramFormat {
    let extension = output.and_then(Path::extension);
    if extension.is_some_and(|it| it == "mmd" || it == "mermaid") {
        DiagramFormat::Mermaid
    } else {
        DiagramFormat::Svg
    }
}
