//! People for a development database: ten samples or, with the feature `seed`, any number of invented ones.

#[cfg(feature = "seed")]
mod many;
#[cfg(feature = "seed")]
mod names;

use nicol::Error;

#[cfg(feature = "seed")]
pub use many::{Error as SeedError, seed_many};

use crate::db::{Client, person};

/// Names, and numbers from the ranges that are kept free for fiction: the addresses end in a domain that is
/// nobody's.
///
/// Source: RFC 2606, 3 for `example.com`; NANP 555-0100 to 0199; Ofcom's and the ACMA's numbers for drama.
const PEOPLE: [(&str, &str, &str); 10] = [
    ("John Doe", "john.doe@example.com", "+1 202 555 0101"),
    ("Jane Smith", "jane.smith@example.com", "+1 202 555 0148"),
    ("Alice Johnson", "alice.johnson@example.com", "+44 20 7946 0018"),
    ("Bob Williams", "bob.williams@example.com", "+1 303 555 0127"),
    ("Charlie Brown", "charlie.brown@example.com", "+1 612 555 0195"),
    ("Emily Davis", "emily.davis@example.com", "+44 161 496 0733"),
    ("Frank Miller", "frank.miller@example.com", "+61 2 5550 4321"),
    ("Grace Lee", "grace.lee@example.com", "+1 415 555 0162"),
    ("Henry Moore", "henry.moore@example.com", "+44 113 496 0410"),
    ("Isabella Young", "isabella.young@example.com", "+61 3 5550 7816"),
];

/// Adds the ten sample people who are missing and returns their number. Existing people are not changed.
///
/// # Errors
/// The database query fails.
pub async fn seed(db: &Client) -> Result<u64, Error> {
    let people = PEOPLE.map(|(name, email, phone_number)| -> person::Create {
        person::New { name: name.into(), email: email.into(), phone_number: phone_number.into() }.into()
    });
    db.person().create_many(people).skip_duplicates().await
}

/// Whether the database is new: it has no people, and no user who could have deleted them.
///
/// # Errors
/// The database query fails.
pub async fn is_first_run(db: &Client) -> Result<bool, Error> {
    let (people, users) = db.batch((db.person().count(), db.user().count())).await?;
    Ok(people == 0 && users == 0)
}
