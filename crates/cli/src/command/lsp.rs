use nicol_lsp::{Ended, Settings};

use crate::args::Place;
use crate::context::Context;
use crate::exit::Exit;

/// Serves the editor until it ends the conversation. Standard output belongs to the protocol.
pub(super) fn run(ctx: &Context, place: &Place) -> anyhow::Result<Exit> {
    let schema = place.schema.as_ref().map(|path| std::path::absolute(ctx.cwd.join(path))).transpose()?;
    match nicol_lsp::serve_stdio(Settings { schema })? {
        Ended::Orderly => Ok(Exit::Success),
        Ended::Abruptly => Ok(Exit::Failure),
    }
}
