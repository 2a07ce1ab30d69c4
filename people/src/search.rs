//! Search: which words were typed, in which order people are listed, and which page of them.
//!
//! Every word typed must begin a word of the name, the e-mail address, its domain, or the phone number's digits or a group of
//! them. Case and accents do not matter. If the whole query looks like a phone number, its digits are also compared without
//! what stands between them. The migration `search_columns` defines these words; [`sql`] has the statements.
//!
//! A page begins at a place in the list (a [`Cursor`]), not at a number of rows: the thousandth page costs what the first one
//! does, and no person is skipped or shown twice if others are added or deleted meanwhile.

mod cursor;

use futures_util::stream::{self, Stream};
use nicol::Error;
use nicol_pg::ConnectionUrl;

pub use crate::sort::Sort;
pub use cursor::Cursor;

use crate::db::{Client, Person};
use crate::sql::{self, COUNT_MAX, FoundRow, Place};
use crate::validate::{digits, visible};

/// How many people a page shows.
pub const PAGE_SIZE: u32 = 20;

/// How many people a page may have at most.
pub const PAGE_MAX: u32 = 1000;

/// Which page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Position {
    /// The first one.
    #[default]
    Start,
    /// The one that begins after this place.
    After(Cursor),
    /// The one that ends before this place.
    Before(Cursor),
}

impl Position {
    /// The page of an address that has `after=…` or `before=…`; what cannot be read is the first page.
    pub fn from_texts(after: &str, before: &str) -> Self {
        match (Cursor::parse(after), Cursor::parse(before)) {
            (Some(cursor), _) => Self::After(cursor),
            (None, Some(cursor)) => Self::Before(cursor),
            (None, None) => Self::Start,
        }
    }

    fn cursor(&self) -> Option<&Cursor> {
        match self {
            Self::Start => None,
            Self::After(cursor) | Self::Before(cursor) => Some(cursor),
        }
    }
}

/// What is looked for, in which order, and which page of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    query: String,
    sort: Sort,
    position: Position,
}

impl Search {
    /// Creates a search for what was typed; nothing finds everybody. A place in another order counts as the start.
    pub fn new(typed: &str, sort: Sort, position: Position) -> Self {
        let typed: String = typed.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect();
        // Names are stored without invisible characters.
        let cleaned = visible(&typed);
        let query = cleaned.split_whitespace().collect::<Vec<_>>().join(" ");
        let fits = position.cursor().is_none_or(|cursor| cursor.sort() == sort);
        Self { query, sort, position: if fits { position } else { Position::Start } }
    }

    /// What is looked for, with single blanks.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// In which order.
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Which page.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// The words, each of which has to be found. The digits of a phone number are a word for each group.
    fn words(&self) -> Vec<String> {
        let words = self.query.split(' ').filter(|word| !word.is_empty());
        let words = words.flat_map(|word| {
            let parts = if looks_like_phone_number(word) { PHONE_MARKS } else { &[] };
            // People separate words with these marks, too: `williams, bob`.
            word.trim_end_matches([',', ';']).split(parts).filter(|part| !part.is_empty())
        });
        words.map(str::to_owned).collect()
    }

    /// The words that suffice alone.
    fn alternatives(&self) -> Vec<String> {
        if !looks_like_phone_number(&self.query) {
            return Vec::new();
        }
        // An e-mail address may begin like a phone number: `123.456@example.com`.
        let as_typed = (!self.query.contains(' ')).then(|| self.query.clone());
        [digits(&self.query)].into_iter().chain(as_typed).collect()
    }
}

/// What may stand between the digits of a phone number.
const PHONE_MARKS: &[char] = &['+', ' ', '-', '.', '/', '(', ')'];

fn looks_like_phone_number(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || PHONE_MARKS.contains(&c))
}

/// How many people a search finds on all its pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// The exact number.
    Exact(u64),
    /// More than this number: counting the rest would take longer than finding the page.
    MoreThan(u64),
}

impl Total {
    /// Reads what was counted beside a page of `people`, which were `has_more`.
    fn new(counted: Option<i64>, people: usize, has_more: bool) -> Self {
        match counted.and_then(|count| u64::try_from(count).ok()) {
            Some(count) if count > u64::from(COUNT_MAX) => Self::MoreThan(COUNT_MAX.into()),
            Some(count) => Self::Exact(count),
            None if has_more => Self::MoreThan(people as u64),
            None => Self::Exact(people as u64),
        }
    }
}

/// One page of a search.
#[derive(Debug)]
pub struct Found {
    /// The people of this page, in order.
    pub people: Vec<Person>,
    /// How many there are on all pages.
    pub total: Total,
    /// The page that ends [before](Position::Before) this place comes before; there is none before the first.
    pub previous: Option<Cursor>,
    /// The page that begins [after](Position::After) this place comes next; there is none after the last.
    pub next: Option<Cursor>,
}

/// Finds a page of [`PAGE_SIZE`] people.
///
/// # Errors
/// The database does not answer.
pub async fn run(db: &Client, search: &Search) -> Result<Found, Error> {
    page(db, search, PAGE_SIZE).await
}

/// Finds a page of `size` people, 1 to [`PAGE_MAX`].
///
/// # Errors
/// The database does not answer.
pub async fn page(db: &Client, search: &Search, size: u32) -> Result<Found, Error> {
    let size = size.clamp(1, PAGE_MAX);
    let (counted, mut people) = rows(db, search, size).await?;
    let more = people.len() > size as usize;
    people.truncate(size as usize);
    let total = Total::new(counted, people.len(), more);
    let backward = matches!(search.position, Position::Before(_));
    if backward {
        people.reverse();
    }
    let edge = |first: bool| {
        let edge = if first { people.first() } else { people.last() };
        edge.map(|(cursor, _)| cursor).or(search.position.cursor()).cloned()
    };
    let (has_previous, has_next) = match search.position {
        Position::Start => (false, more),
        Position::After(_) => (true, more),
        Position::Before(_) => (more, true),
    };
    let previous = has_previous.then(|| edge(true)).flatten();
    let next = has_next.then(|| edge(false)).flatten();
    Ok(Found { people: people.into_iter().map(|(_, person)| person).collect(), total, previous, next })
}

/// Streams everybody whom a search finds, from its place on, in order. They are read in pages, so that no statement runs for
/// long and memory holds one page.
pub fn everybody(
    db: &Client,
    search: &Search,
) -> impl Stream<Item = Result<Person, Error>> + Send + 'static + use<> {
    let start = (db.clone(), Some(search.clone()), Vec::new().into_iter());
    stream::try_unfold(start, async |(db, mut rest, mut page): (_, Option<Search>, _)| {
        loop {
            if let Some(person) = std::iter::Iterator::next(&mut page) {
                return Ok(Some((person, (db, rest, page))));
            }
            let Some(search) = rest.take() else { return Ok(None) };
            let (_, found) = rows(&db, &search, PAGE_MAX).await?;
            if found.len() > PAGE_MAX as usize {
                let (cursor, _) = &found[PAGE_MAX as usize - 1];
                rest = Some(Search { position: Position::After(cursor.clone()), ..search });
            }
            let people: Vec<Person> =
                found.into_iter().map(|(_, person)| person).take(PAGE_MAX as usize).collect();
            page = people.into_iter();
        }
    })
}

/// Makes the columns that a search reads, if the database has not got them from the migrations but from `db push`.
///
/// # Errors
/// The database does not answer, or does not allow it.
pub async fn prepare(url: &ConnectionUrl) -> anyhow::Result<()> {
    let (client, connection) = nicol_pg::connect(url).await?;
    tokio::spawn(connection);
    let is_prepared: bool = client.query_one(&sql::has_search_columns(url.schema()), &[]).await?.get(0);
    if !is_prepared {
        client.batch_execute(sql::SEARCH_COLUMNS).await?;
    }
    Ok(())
}

/// Returns what was counted, and the people of a page in the direction of reading: one more than `size` if there are more.
async fn rows(
    db: &Client,
    search: &Search,
    size: u32,
) -> Result<(Option<i64>, Vec<(Cursor, Person)>), Error> {
    let (name, time, id) = search.position.cursor().map_or((None, None, None), |cursor| cursor.parts());
    let (sort, words) = (search.sort, search.words());
    let backward = matches!(search.position, Position::Before(_));
    let from = Place::new(sort, backward, (name, time, id.map(str::to_owned)));
    let statement = if words.is_empty() {
        sql::list(&from, size + 1)
    } else {
        sql::search(db.schema(), &from, &words, &search.alternatives(), size + 1)
    };
    let rows: Vec<FoundRow> = db.query_raw(statement).read_only().await?;
    let counted = rows.first().and_then(|row| row.total);
    Ok((counted, rows.into_iter().filter_map(|row| place(sort, row)).collect()))
}

fn place(sort: Sort, row: FoundRow) -> Option<(Cursor, Person)> {
    let (key, person) = row.into_person()?;
    let cursor = match sort {
        Sort::Name => Cursor::name(key, person.id.clone()),
        Sort::Newest => Cursor::time(person.created_at, person.id.clone()),
    };
    Some((cursor, person))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(typed: &str) -> Search {
        Search::new(typed, Sort::Name, Position::Start)
    }

    #[test]
    fn what_was_typed_is_tidied() {
        assert_eq!(search("  Ann \u{0}\n Lee ").query(), "Ann Lee");
        assert_eq!(search(&"x".repeat(900)).query().len(), 200);
    }

    #[test]
    fn phone_numbers_are_told_from_names() {
        let cases: [(&str, &[&str], &[&str]); 8] = [
            ("+61 2", &["61", "2"], &["612"]),
            ("(02) 55-1", &["02", "55", "1"], &["02551"]),
            ("7", &["7"], &["7", "7"]),
            ("123.4", &["123", "4"], &["1234", "123.4"]),
            ("+", &["+"], &[]),
            ("ann2", &["ann2"], &[]),
            ("john (202)", &["john", "202"], &[]),
            ("", &[], &[]),
        ];
        for (typed, words, alternatives) in cases {
            let search = search(typed);
            assert_eq!(
                (&*search.words(), &*search.alternatives()),
                (&*own(words), &*own(alternatives)),
                "{typed:?}"
            );
        }
    }

    fn own(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn a_place_in_another_order_is_the_start() {
        let cursor = Cursor::name("ann".into(), "c1".into());
        let kept = Search::new("", Sort::Name, Position::After(cursor.clone()));
        assert_eq!(kept.position(), &Position::After(cursor.clone()));
        let start = Search::new("", Sort::Newest, Position::Before(cursor));
        assert_eq!(start.position(), &Position::Start);
    }

    #[test]
    fn a_total_claims_no_more_than_is_known() {
        for (counted, people, has_more, expected) in [
            (Some(45), 20, true, Total::Exact(45)),
            (Some(1000), 20, true, Total::Exact(1000)),
            (Some(1001), 20, true, Total::MoreThan(1000)),
            (None, 20, true, Total::MoreThan(20)),
            (None, 0, false, Total::Exact(0)),
        ] {
            assert_eq!(Total::new(counted, people, has_more), expected, "{counted:?} {people}");
        }
    }
}
