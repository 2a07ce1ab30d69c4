//! Options of `prisma init` that mean something else here.

use anyhow::bail;

use crate::args::Init;

/// Accepts what is so anyway, and says what to do instead of the others.
pub(super) fn check(args: &Init) -> anyhow::Result<()> {
    if let Some(provider) = args.datasource_provider.as_deref().filter(|it| *it != "postgresql") {
        bail!(
            "`{provider}` is not supported: nicol is for PostgreSQL\n\
             help: leave out --datasource-provider"
        );
    }
    if let Some(provider) = args.generator_provider.as_deref().filter(|it| *it != "nicol") {
        bail!(
            "the generator of a new schema is nicol's, not `{provider}`\n\
             help: leave out --generator-provider, and add a block for `{provider}` to the schema file"
        );
    }
    if let Some(output) = &args.output {
        bail!(
            "the build script generates the client, so it has no folder of its own\n\
             help: leave out --output; for a client in a folder, add output = {:?} to the generator in the schema file and run \
             `nicol generate`",
            output.display()
        );
    }
    if !args.preview_feature.is_empty() {
        bail!(
            "--preview-feature is not supported\n\
             help: add previewFeatures = {:?} to the generator in the schema file",
            args.preview_feature
        );
    }
    if args.db {
        bail!(
            "`nicol init` does not create databases in the cloud\n\
             help: create it there and pass --url, or leave out --db for a server on this machine"
        );
    }
    Ok(())
}
