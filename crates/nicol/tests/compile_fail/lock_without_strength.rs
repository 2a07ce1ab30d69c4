//~ no method named `skip_locked` found
//~ the method was found for

#[path = "../client/db/mod.rs"]
mod db;

use db::Client;

pub async fn read(tx: Client) {
    drop(tx.user().find_many().take(1).skip_locked().await);
}
