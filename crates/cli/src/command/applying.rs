//! Applying migrations as a part of another command.

use nicol_migrate::{Migrations, Options, Progress};
use nicol_pg::ConnectionUrl;

use super::migrate_deploy::WITHOUT_LOCK;
use crate::context::Context;

/// Applies what is pending, and gives the names.
pub(super) async fn apply(
    ctx: &mut Context,
    url: &ConnectionUrl,
    migrations: &Migrations,
) -> Result<Vec<String>, nicol_migrate::Error> {
    let options = Options { lock: ctx.variable(WITHOUT_LOCK).is_none(), ..Options::default() };
    let interrupt = Context::interrupt();
    let report = &mut ctx.report;
    let say = |progress: Progress<'_>| match progress {
        Progress::DatabaseCreated { name } => report.line(&format!("created database {name}")),
        Progress::Waiting { holder } => {
            let holder = holder.unwrap_or("unknown holder");
            report.line(&format!("waiting for another migration to end: {holder}"));
        }
        Progress::Started { migration, position, total } => {
            report.line(&format!("[{position}/{total}] {migration}"));
        }
        _ => {}
    };
    Ok(nicol_migrate::deploy_with(url, migrations, &options, say, interrupt).await?.migrations)
}
