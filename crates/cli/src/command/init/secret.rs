//! The secret that signs cookies.

use std::fs::File;
use std::io::Read as _;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::context::Context;

const VARIABLE: &str = "AUTH_SECRET";
/// As many bytes as `npx auth secret` takes.
const BYTES: usize = 33;

/// Makes sure that the secret is set: a new one is random, and written to .env.
pub(super) fn prepare(ctx: &mut Context) -> anyhow::Result<()> {
    let path = ctx.cwd.join(".env");
    let assignments = nicol_settings::read_dotenv(&path)?.unwrap_or_default();
    if ctx.is_given(VARIABLE) || assignments.iter().any(|(name, _)| name == VARIABLE) {
        return Ok(());
    }
    let mut bytes = [0; BYTES];
    let read = File::open("/dev/urandom").and_then(|mut random| random.read_exact(&mut bytes));
    read.context("cannot read random bytes from `/dev/urandom`")?;
    nicol_settings::write_dotenv(&path, &[(VARIABLE, Some(&STANDARD.encode(bytes)))])?;
    ctx.report.line(&format!("added `{VARIABLE}` to .env"));
    Ok(())
}
