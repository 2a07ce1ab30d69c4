//! Finding people by the beginning of any word of the name, of the e-mail address or of the phone number.
//!
//! Of several words each has to be found. What looks like a phone number is compared by its digits as well,
//! whatever stands between them; the typed filters cannot say that, so that search is SQL of its own, the only one
//! of People.

use nicol::{AssertSafe, Error, Filter, params};
use nicol_pg::quote_qualified;

use crate::db::{Client, Person, person};
use crate::validate::digits;

/// How many people a page shows.
pub const PAGE_SIZE: u32 = 20;

/// What begins a word of a name besides a blank: Anne-Marie, O'Brien, Ann (Annie) Lee.
const WORD_STARTS: [&str; 4] = [" ", "-", "'", "("];

/// What is looked for, and which page of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    query: String,
    page: u32,
}

impl Search {
    /// A search for what was typed; nothing finds everybody. Pages count from 1.
    pub fn new(typed: &str, page: u32) -> Self {
        let cleaned: String = typed.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self { query: cleaned.split_whitespace().collect::<Vec<_>>().join(" "), page: page.max(1) }
    }

    /// What is looked for, with single blanks.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Which page, from 1.
    pub fn page(&self) -> u32 {
        self.page
    }

    fn skip(&self) -> u64 {
        u64::from(self.page - 1) * u64::from(PAGE_SIZE)
    }

    /// Whether this may be a phone number, in part or as a whole.
    fn is_phone_number(&self) -> bool {
        self.query.bytes().any(|byte| byte.is_ascii_digit())
            && self.query.chars().all(|c| c.is_ascii_digit() || "+ -./()".contains(c))
    }
}

/// One page of a search.
#[derive(Debug)]
pub struct Found {
    /// The people of this page.
    pub people: Vec<Person>,
    /// How many there are on all pages.
    pub total: u64,
}

impl Found {
    /// The number of the last page; 1 if nobody was found.
    pub fn last_page(&self) -> u32 {
        u32::try_from(self.total.div_ceil(u64::from(PAGE_SIZE)).max(1)).unwrap_or(u32::MAX)
    }
}

pub(crate) async fn run(db: &Client, search: &Search) -> Result<Found, Error> {
    if search.is_phone_number() {
        return by_digits(db, search).await;
    }
    let filter = search
        .query
        .split(' ')
        .filter(|word| !word.is_empty())
        .fold(Filter::all(), |filter, word| filter.and(has_word(word)));
    let page = db
        .person()
        .find_many()
        .filter(filter.clone())
        .order_by((person::name.asc(), person::id.asc()))
        .skip(search.skip())
        .take(u64::from(PAGE_SIZE));
    let (people, total) = db.batch((page, db.person().count().filter(filter))).await?;
    Ok(Found { people, total: u64::try_from(total).unwrap_or_default() })
}

fn has_word(word: &str) -> Filter<Person> {
    let begins =
        person::name.starts_with(word).insensitive().or(person::email.starts_with(word).insensitive());
    WORD_STARTS
        .iter()
        .fold(begins, |any, start| any.or(person::name.contains(format!("{start}{word}")).insensitive()))
}

/// The ids of a page, and how many there are in all.
#[derive(nicol::FromRow)]
struct Match {
    id: String,
    total: i64,
}

/// `$1` are the digits, `$2` is the text as typed; `$3` and `$4` are the page. What begins a word is made a blank
/// first, so that one comparison finds every word.
fn matches_by_digits(schema: &str) -> AssertSafe {
    let people = quote_qualified(schema, "people");
    AssertSafe(format!(
        "
select id, count(*) over () as total
from {people}
where starts_with(regexp_replace(phone_number, '[^0-9]', '', 'g'), $1)
   or starts_with(lower(email), lower($2))
   or position(' ' || translate(lower($2), '-''(', '   ') in ' ' || translate(lower(name), '-''(', '   ')) > 0
order by name, id
limit $3 offset $4"
    ))
}

async fn by_digits(db: &Client, search: &Search) -> Result<Found, Error> {
    let skip = i64::try_from(search.skip()).unwrap_or(i64::MAX);
    let parameters = params![digits(&search.query), search.query.clone(), i64::from(PAGE_SIZE), skip];
    let matches = db.query_as::<Match>(matches_by_digits(db.schema()), parameters).await?;
    let total = matches.first().map_or(0, |found| u64::try_from(found.total).unwrap_or_default());
    let ids = matches.into_iter().map(|found| found.id);
    let people = db
        .person()
        .find_many()
        .filter(person::id.is_in(ids))
        .order_by((person::name.asc(), person::id.asc()))
        .await?;
    Ok(Found { people, total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_tidied() {
        let search = Search::new("  Ann \u{0}\n Lee ", 0);
        assert_eq!((search.query(), search.page()), ("Ann Lee", 1));
        assert_eq!(Search::new(&"x".repeat(900), 7).query().len(), 200);
        assert_eq!(Search::new("", u32::MAX).skip(), u64::from(u32::MAX - 1) * 20);
    }

    #[test]
    fn phone_numbers_are_told_from_names() {
        for (typed, is_phone) in
            [("+61 2", true), ("(02) 55-1", true), ("7", true), ("+", false), ("ann2", false), ("", false)]
        {
            assert_eq!(Search::new(typed, 1).is_phone_number(), is_phone, "{typed:?}");
        }
    }
}
