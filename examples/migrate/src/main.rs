//! Carries its migrations in the binary and applies them when it starts.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::env;
use std::error::Error;

use nicol_migrate::{Migrations, Progress};
use nicol_pg::ConnectionUrl;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // `Migrations::from_folder` reads them at run time instead.
    let migrations = Migrations::embedded(&[
        ("20260101000000_init", include_str!("../prisma/migrations/20260101000000_init/migration.sql")),
        (
            "20260201000000_add_done",
            include_str!("../prisma/migrations/20260201000000_add_done/migration.sql"),
        ),
    ]);
    let url = ConnectionUrl::parse(&env::var("DATABASE_URL")?)?;

    let status = nicol_migrate::status(&url, &migrations).await?;
    println!("{} applied, {} pending", status.applied.len(), status.pending.len());

    // Several instances may start at once: the first takes Prisma's migration lock, the others wait for it.
    nicol_migrate::deploy(&url, &migrations, |progress| {
        if let Progress::Started { migration, position, total } = progress {
            println!("applying {migration} ({position} of {total})");
        }
    })
    .await?;
    Ok(())
}
