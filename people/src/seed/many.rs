//! Adds any number of invented people, to test the directory at size.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::available_parallelism;

use axum::body::Bytes;
use chrono::{TimeDelta, Utc};
use futures_util::SinkExt as _;
use futures_util::future::try_join_all;
use nicol_pg::tokio_postgres::Client;
use nicol_pg::{ConnectError, ConnectionUrl, connect, tokio_postgres};
use unicode_normalization::UnicodeNormalization as _;

use super::names::{CULTURES, Culture};
use crate::sql;

/// How many people are added in one transaction.
const BATCH: u64 = 20_000;

/// At the most so many connections add people at once: keeping the indexes is work for a processor each.
const CONNECTIONS: u64 = 8;

/// Over how many days before today people have been added.
const DAYS: u64 = 3000;

/// Why not all people were added. Batches that were done stay.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no connection.
    #[error("the database cannot be reached")]
    Connect(#[source] ConnectError),
    /// A statement failed.
    #[error("the database did not take the people")]
    Database(#[source] tokio_postgres::Error),
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(error)
    }
}

/// Adds `count` invented people and returns how many were added: fewer if `stop` was set, which is checked between
/// batches. The people depend on how many exist, so that the next call adds others.
///
/// Calls `progress` with the number of people added.
///
/// # Errors
/// The database query fails.
pub async fn seed_many(
    url: &ConnectionUrl,
    count: u64,
    stop: &AtomicBool,
    progress: impl FnMut(u64) + Send,
) -> Result<u64, Error> {
    let schema = url.schema();
    let client = open(url).await?;
    let there: i64 = client.query_one(&sql::count_people(schema), &[]).await?.get(0);
    let first = u64::try_from(there).unwrap_or_default();
    let work = Mutex::new(Work { first, next: first, count, missing: count, added: 0, progress });
    let processors = available_parallelism().map_or(1, |number| number.get() as u64);
    let workers = CONNECTIONS.min(processors).min(count.div_ceil(BATCH));

    try_join_all((0..workers).map(|_| add(url, &work, stop))).await?;
    client.batch_execute(&sql::analyze_people(schema)).await?;
    Ok(work.into_inner().unwrap_or_else(PoisonError::into_inner).added)
}

/// What is left to do for several connections.
struct Work<P> {
    first: u64,
    next: u64,
    count: u64,
    missing: u64,
    added: u64,
    progress: P,
}

impl<P: FnMut(u64)> Work<P> {
    /// The next batch: its first number, and how many there are in it.
    fn take(&mut self) -> Option<(u64, u64)> {
        let size = BATCH.min(self.missing);
        let first = self.next;
        self.missing -= size;
        self.next += size;
        (size > 0).then_some((first, size))
    }

    /// People who already existed were skipped; as many more are added.
    fn done(&mut self, size: u64, added: u64) {
        self.missing += size.saturating_sub(added);
        self.added += added;
        (self.progress)(self.added);
    }
}

/// Adds batches until there are none left.
async fn add<P: FnMut(u64)>(
    url: &ConnectionUrl,
    work: &Mutex<Work<P>>,
    stop: &AtomicBool,
) -> Result<(), Error> {
    let locked = || work.lock().unwrap_or_else(PoisonError::into_inner);
    let (begin, count) = {
        let work = locked();
        (work.first, work.count)
    };
    let mut client = open(url).await?;
    while !stop.load(Ordering::Relaxed) {
        let Some((first, size)) = locked().take() else { break };
        let mut text = String::new();
        for number in first..first + size {
            push_person(&mut text, number, number - begin, count);
        }
        let transaction = client.transaction().await?;
        transaction.batch_execute(sql::SEED_TABLE).await?;
        let mut copy = Box::pin(transaction.copy_in::<_, Bytes>(sql::SEED_COPY).await?);
        copy.send(text.into()).await?;
        copy.close().await?;
        let added = transaction.execute(&sql::seed_insert(url.schema()), &[]).await?;
        transaction.commit().await?;
        locked().done(size, added);
    }
    Ok(())
}

/// A connection that ends with its client.
async fn open(url: &ConnectionUrl) -> Result<Client, Error> {
    let (client, connection) = connect(url).await.map_err(Error::Connect)?;
    tokio::spawn(connection);
    Ok(client)
}

/// Numbers that look random and are always the same for the same person (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        let limit = limit.max(1) as u64;
        usize::try_from(self.next() % limit).unwrap_or_default()
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn pick<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        texts.get(self.below(texts.len())).copied().unwrap_or_default()
    }

    /// One of a list that begins with the frequent, roughly as 1/rank: the logarithm of the rank is even.
    fn frequent<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        let offset = 2.0_f64;
        #[expect(clippy::cast_precision_loss, reason = "lists are short")]
        let length = texts.len() as f64;
        #[expect(clippy::cast_precision_loss, reason = "a random number between 0 and 1")]
        let even = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        let rank = offset * ((length + offset) / offset).powf(even) - offset;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank is a small number"
        )]
        let rank = rank as usize;
        texts[rank.min(texts.len() - 1)]
    }
}

/// A line of COPY's text format: id, name, e-mail, phone number, created at. The `place` of `count` is where in the time.
fn push_person(text: &mut String, number: u64, place: u64, count: u64) {
    use std::fmt::Write as _;
    let mut dice = Dice(number.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let culture = culture(&mut dice);
    let mut given = dice.frequent(&culture.given).to_owned();
    if let Some(joint) = culture.joint.filter(|_| dice.one_in(9)) {
        let second = dice.frequent(&culture.given);
        given = format!("{given}{joint}{second}");
    }
    let family = family(&mut dice, culture);
    let other = dice.frequent(&culture.given);
    let name = if culture.two_families && !dice.one_in(3) {
        format!("{given} {family} {}", dice.frequent(&culture.family))
    } else if dice.one_in(60) && other != given {
        format!("{given} ({other}) {family}")
    } else {
        format!("{given} {family}")
    };
    let email = email(&mut dice, &given, &family, number);
    let phone: String =
        dice.pick(&culture.phone)
            .chars()
            .map(|c| {
                if c == '#' { char::from(b'0' + u8::try_from(dice.below(10)).unwrap_or_default()) } else { c }
            })
            .collect();
    let minutes = DAYS * 24 * 60;
    let ago = minutes - (minutes * place / count.max(1)).min(minutes);
    let jitter = i64::try_from(dice.below(60_000)).unwrap_or_default();
    let created_at = Utc::now() - TimeDelta::minutes(i64::try_from(ago).unwrap_or_default() + 1)
        + TimeDelta::milliseconds(jitter);
    let id = id(created_at.timestamp_millis(), &mut dice);
    let created_at = created_at.format("%Y-%m-%d %H:%M:%S%.3f");
    // No name has a tab or a backslash.
    let _ = writeln!(text, "{id}\t{name}\t{email}\t{phone}\t{created_at}");
}

fn culture(dice: &mut Dice) -> &'static Culture<'static> {
    let mut left = dice.below(100);
    for culture in CULTURES.iter() {
        if left < culture.share {
            return culture;
        }
        left -= culture.share;
    }
    &CULTURES[0]
}

fn family(dice: &mut Dice, culture: &Culture<'_>) -> String {
    let (first, second) = &culture.halves;
    if !first.is_empty() && dice.one_in(3) {
        return format!("{}{}", dice.pick(first), dice.pick(second));
    }
    let family = dice.frequent(&culture.family);
    if dice.one_in(40) { format!("{family}-{}", dice.frequent(&culture.family)) } else { family.to_owned() }
}

fn email(dice: &mut Dice, given: &str, family: &str, number: u64) -> String {
    const DOMAINS: [&str; 9] = [
        "example.com",
        "example.com",
        "example.com",
        "example.org",
        "example.net",
        "mail.example.com",
        "post.example.org",
        "team.example.net",
        "office.example",
    ];
    let (given, family) = (plain(given), plain(family));
    let initial = given.get(..1).unwrap_or("x");
    let local = match dice.below(10) {
        0..=3 => format!("{given}.{family}"),
        4 => format!("{given}{family}"),
        5 => format!("{initial}.{family}"),
        6 => format!("{initial}{family}"),
        7 => format!("{family}.{given}"),
        8 => format!("{given}_{family}"),
        _ => dice.pick(&["hello", "mail", "me", "office", "post", "info"]).to_owned() + "." + initial,
    };
    let local = local.get(..40).unwrap_or(&local);
    format!("{local}{number}@{}", dice.pick(&DOMAINS))
}

/// The letters of a name that an e-mail address may have; something of our own where none is left.
fn plain(name: &str) -> String {
    let letters: String =
        name.nfd().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect();
    if letters.is_empty() { "person".to_owned() } else { letters }
}

/// An id like those of the client: `c`, the time, and what nobody guesses.
fn id(milliseconds: i64, dice: &mut Dice) -> String {
    let mut id = String::from("c");
    let mut push = |mut number: u64, length: u32| {
        number %= 36_u64.pow(length);
        for place in (0..length).rev() {
            let digit = number / 36_u64.pow(place) % 36;
            id.push(char::from_digit(u32::try_from(digit).unwrap_or_default(), 36).unwrap_or('0'));
        }
    };
    push(u64::try_from(milliseconds).unwrap_or_default(), 8);
    push(dice.next(), 8);
    push(dice.next(), 8);
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::PersonForm;

    #[test]
    fn people_pass_the_checks_of_the_form() {
        let mut text = String::new();
        for number in 0..5000 {
            push_person(&mut text, number, number, 5000);
        }
        let mut emails = std::collections::BTreeSet::new();
        for line in text.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let [id, name, email, phone, _] = fields[..] else { panic!("{line}") };
            let form = PersonForm { name: name.into(), email: email.into(), phone_number: phone.into() };
            let input = form.validate().unwrap_or_else(|_| panic!("{line}"));
            assert_eq!((input.name(), input.email(), input.phone_number()), (name, email, phone));
            assert!(id.len() == 25 && emails.insert(email), "{line}");
        }
        assert!(text.contains('\u{e9}') && text.contains(" de ") && text.contains('-'));
    }

    #[test]
    fn the_cultures_are_a_hundred() {
        assert_eq!(CULTURES.iter().map(|culture| culture.share).sum::<usize>(), 100);
    }
}
