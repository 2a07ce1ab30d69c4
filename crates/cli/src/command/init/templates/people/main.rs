//! A directory of people.
//!
//! ```sh
//! cargo run                            # lists them
//! cargo run -- ann                     # those with this text in their name or address
//! cargo run -- Dora dora@example.com   # adds one
//! ```

mod db {
    nicol::client!();
}

use db::{Client, person};
use nicol::Filter;

#[tokio::main]
async fn main() -> Result<(), nicol::Error> {
    // The URL of the database: `DATABASE_URL`, here or in `.env`.
    dotenvy::dotenv().ok();
    let db = Client::from_env().await?;
    if db.person().count().await? == 0 {
        add_examples(&db).await?;
    }

    let mut arguments = std::env::args().skip(1);
    let mut found = db.person().find_many().order_by((person::name.asc(), person::id.asc())).take(20);
    match (arguments.next(), arguments.next()) {
        (Some(name), Some(email)) => {
            let person = db.person().create(person::New { name, email }).await?;
            println!("added {}", person.name);
            return Ok(());
        }
        (Some(text), None) => {
            found = found.filter(Filter::any([
                person::name.contains(text.as_str()).insensitive(),
                person::email.contains(text.as_str()).insensitive(),
            ]));
        }
        (None, _) => {}
    }
    for person in found.await? {
        let phone = person.phone_number.as_deref().unwrap_or("no number");
        println!("{:8} {:20} {phone}", person.name, person.email);
    }
    Ok(())
}

async fn add_examples(db: &Client) -> Result<(), nicol::Error> {
    for (name, phone) in [("Ann", "+61 2 5550 1234"), ("Bob", "+61 2 5550 5678"), ("Cleo", "+61 2 5550 9012")] {
        let email = format!("{}@example.com", name.to_lowercase());
        db.person().create(person::New { name: name.into(), email }).phone_number(phone).await?;
    }
    Ok(())
}
