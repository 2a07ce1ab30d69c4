//~ expected `Result<(), Error>`, found `Result<(), Full>`
//~ `?` couldn't convert the error to `nicol::Error`
//~ required by this bound in `Transaction::<C>::run`
//~ // for an error type of your own, use `try_run`

#[path = "../client/db/mod.rs"]
mod db;

use db::Client;

pub struct Full;

impl From<nicol::Error> for Full {
    fn from(_: nicol::Error) -> Self {
        Self
    }
}

pub async fn run(db: Client) {
    let full = async |tx: Client| -> Result<(), Full> { if tx.user().count().await? > 9 { Err(Full) } else { Ok(()) } };
    drop(db.transaction().run(full).await);
}

pub async fn run_inline(db: Client) {
    let done = db.transaction().run(async |tx| {
        tx.user().count().await?;
        Err(Full)?;
        Ok(())
    });
    drop(done.await);
}
