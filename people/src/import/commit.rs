//! The preview of an import, and the import.

use std::time::Duration;

use chrono::Utc;
use nicol::{Attempt, Error};
use nicol_auth::Authenticated;
use tokio::sync::Semaphore;

use super::check::Details;
use super::{Existing, Fate, Options, Refused, Sheet, find, read, rest_file};
use crate::actions::is_email_taken;
use crate::db::{Client, Import, import, person};
use crate::validate::PersonInput;

/// The number of people per statement. Progress is reported after each.
const BATCH: usize = 5_000;

/// The time limit of the transaction.
const TIME_LIMIT: Duration = Duration::from_mins(4);

/// Limits concurrent reading, so that other requests get processor time. [`Room`](crate::room::Room) limits the memory.
static READERS: Semaphore = Semaphore::const_new(2);

/// The result of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// How many people were added.
    pub added: u64,
    /// How many were updated.
    pub updated: u64,
    /// How many stay unchanged.
    pub skipped: u64,
    /// Whether people with errors were left out and are kept as a file to correct.
    pub has_rest: bool,
}

impl Done {
    /// Returns the result of an upload that was imported.
    pub fn of(import: &Import) -> Option<Self> {
        let number = |count: i32| u64::try_from(count).unwrap_or_default();
        import.done_at.map(|_| Self {
            added: number(import.added),
            updated: number(import.updated),
            skipped: number(import.skipped),
            has_rest: !import.data.is_empty(),
        })
    }
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The upload does not exist, or no longer.
    #[error("there is no such upload")]
    NotFound,
    /// It was imported already.
    #[error("it was imported already")]
    Already(Done),
    /// It cannot be read.
    #[error("the file cannot be read")]
    Refused(Refused),
    /// Some lines have errors, which the preview lists.
    #[error("the file has errors")]
    Invalid,
    /// One of its people was added at the same time.
    #[error("one of the people was added in the meantime")]
    Raced,
    /// The database failed.
    #[error("the database query failed")]
    Database(#[from] Error),
}

/// The preview of an import.
pub struct Preview {
    /// The file.
    pub sheet: Sheet,
    /// How many people would be added, updated and left as they are.
    pub would: Done,
}

impl Preview {
    /// Whether it can be imported as a whole.
    pub fn is_ready(&self) -> bool {
        self.sheet.missing.is_empty() && self.sheet.checked.wrong.is_empty()
    }
}

/// Reads an upload and compares it with the people who are listed, in one statement.
///
/// # Errors
/// [`ImportError::Refused`] if it cannot be read; [`ImportError::Database`].
pub async fn preview(
    db: &Client,
    _by: &Authenticated,
    data: Vec<u8>,
    options: &Options,
) -> Result<Preview, ImportError> {
    let mut sheet = read_aside(data, options).await?;
    let (_, would) = settle(db, &mut sheet, options.existing).await?;
    Ok(Preview { sheet, would })
}

/// Imports an upload in one transaction. Errors prevent the import unless the options leave people with errors out; then
/// the upload is replaced by the file of those people.
///
/// Calls `progress` with the number of people written and the total. Dropping the future rolls everything back.
///
/// # Errors
/// Nothing was imported.
pub async fn commit(
    db: &Client,
    by: &Authenticated,
    id: &str,
    options: &Options,
    progress: impl Fn(usize, usize) + Send + Sync,
) -> Result<Done, ImportError> {
    let mut import = find(db, by, id).await?.ok_or(ImportError::NotFound)?;
    if let Some(done) = Done::of(&import) {
        return Err(ImportError::Already(done));
    }
    let mut sheet = read_aside(std::mem::take(&mut import.data), options).await?;
    let (existing, leaves_out, id) = (options.existing, options.leaves_out, import.id.clone());
    let may_go_on =
        |sheet: &Sheet| sheet.missing.is_empty() && (leaves_out || sheet.checked.wrong.is_empty());
    if !may_go_on(&sheet) {
        return Err(ImportError::Invalid);
    }
    db.transaction()
        .timeout(TIME_LIMIT)
        .try_run(async move |tx: Client| {
            // A concurrent import of the same upload waits here, then finds it done.
            let open = tx.import().update(import::by_id(&*id)).filter(import::done_at.is_null());
            match open.done_at(Utc::now()).data(Vec::new()).or_current().await? {
                Attempt::Done(_) => {}
                Attempt::Unmet(import) => {
                    return Err(Done::of(&import).map_or(ImportError::NotFound, ImportError::Already));
                }
                Attempt::NotFound => return Err(ImportError::NotFound),
            }
            let (fates, mut done) = settle(&tx, &mut sheet, existing).await?;
            if !may_go_on(&sheet) {
                return Err(ImportError::Invalid);
            }
            let rest = if done.has_rest { rest_file(&sheet.checked.wrong).into_bytes() } else { Vec::new() };
            let people = std::mem::take(&mut sheet.checked.people);
            write(&tx, people, &fates, &mut done, &progress).await?;
            tx.import()
                .update(import::by_id(&*id))
                .added(number(done.added))
                .updated(number(done.updated))
                .skipped(number(done.skipped))
                .data(rest)
                .await?;
            Ok(done)
        })
        .await
}

/// Writes batch after batch; people who changed since they were looked up are counted as they are found.
async fn write(
    tx: &Client,
    people: Vec<(u64, PersonInput)>,
    fates: &[Fate],
    done: &mut Done,
    progress: &(impl Fn(usize, usize) + Sync),
) -> Result<(), ImportError> {
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    for ((_, input), fate) in people.into_iter().zip(fates) {
        match fate {
            Fate::Add => new.push(input),
            Fate::Update => changed.push(input),
            Fate::Leave | Fate::Same | Fate::Wrong => {}
        }
    }
    let of = new.len() + changed.len();
    let mut written = 0;
    progress(written, of);
    for batch in new.chunks(BATCH) {
        let rows: Vec<person::Create> = batch
            .iter()
            .map(|input| {
                let (name, email, phone_number) =
                    (input.name().to_owned(), input.email().to_owned(), input.phone_number().to_owned());
                person::New { name, email, phone_number }.into()
            })
            .collect();
        tx.person().create_many(rows).await.map_err(|error| {
            if is_email_taken(&error) { ImportError::Raced } else { ImportError::Database(error) }
        })?;
        written += batch.len();
        progress(written, of);
    }
    done.updated = 0;
    for batch in changed.chunks(BATCH) {
        let rows = batch.iter().map(|input| {
            person::update(person::by_email(input.email()))
                .name(input.name())
                .phone_number(input.phone_number())
        });
        done.updated += tx.person().update_each(rows).skip_unchanged().await?;
        written += batch.len();
        progress(written, of);
    }
    Ok(())
}

async fn settle(db: &Client, sheet: &mut Sheet, existing: Existing) -> Result<(Vec<Fate>, Done), Error> {
    let emails: Vec<String> =
        sheet.checked.people.iter().map(|(_, input)| input.email().to_owned()).collect();
    let found = if emails.is_empty() {
        Vec::new()
    } else {
        let fields = (person::email, person::name, person::phone_number);
        db.person().find_many().filter(person::email.is_in(emails)).select(fields).await?
    };
    let listed = found.into_iter().map(|(email, name, phone_number)| (email, Details { name, phone_number }));
    let (fates, warning) = sheet.checked.settle(&listed.collect(), existing);
    sheet.warnings.extend(warning);
    let count = |wanted: &[Fate]| fates.iter().filter(|fate| wanted.contains(fate)).count() as u64;
    let done = Done {
        added: count(&[Fate::Add]),
        updated: count(&[Fate::Update]),
        skipped: count(&[Fate::Leave, Fate::Same]),
        has_rest: !sheet.checked.wrong.is_empty(),
    };
    Ok((fates, done))
}

/// Reads on a blocking thread, because 200,000 people take seconds.
async fn read_aside(data: Vec<u8>, options: &Options) -> Result<Sheet, ImportError> {
    let _reader = READERS.acquire().await.expect("the semaphore is never closed");
    let options = options.clone();
    let read = tokio::task::spawn_blocking(move || read(data, &options)).await;
    read.expect("reading a file does not panic").map_err(ImportError::Refused)
}

fn number(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
