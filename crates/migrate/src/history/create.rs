//! Creates a migration in the folder.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fs, io};

use unicode_normalization::UnicodeNormalization;

use super::{LOCK_FILE, LOCK_FILE_CONTENTS, Migration, Migrations, SCRIPT_FILE};
use crate::error::Error;

/// The maximum length of the name of a migration in bytes, without the timestamp.
///
/// Source: Prisma 6.19, `commands/create_migration.rs` (P3010).
pub const LONGEST_NAME: usize = 200;

/// How many seconds the timestamp of a new migration may be in the future, to sort after the last one. Beyond that, the clock
/// of the last one was wrong.
const LATEST: u64 = 60;

/// Writes a migration and, if it is missing, the lock file. Returns the full name of the migration, which is that of its
/// folder. `name` is used as it is: see [`folder_name`] for names that a user has typed.
///
/// A second migration within one second gets a later timestamp, so that it sorts after the first.
///
/// # Errors
///
/// [`Error::NameTooLong`] and [`Error::Write`]. Never writes into an existing folder.
pub fn create(folder: &Path, name: &str, at: SystemTime, script: &str) -> Result<String, Error> {
    if name.len() > LONGEST_NAME {
        return Err(Error::NameTooLong { length: name.len() });
    }
    let unwritable = |path: &Path, source: io::Error| Error::Write { path: path.to_owned(), source };
    fs::create_dir_all(folder).map_err(|source| unwritable(folder, source))?;
    let whole = next_name(&Migrations::from_folder(folder)?, name, at);
    let path = folder.join(&whole);
    fs::create_dir(&path).map_err(|source| unwritable(&path, source))?;
    let file = path.join(SCRIPT_FILE);
    fs::write(&file, script).map_err(|source| unwritable(&file, source))?;
    let lock_file = folder.join(LOCK_FILE);
    if !lock_file.exists() {
        fs::write(&lock_file, LOCK_FILE_CONTENTS).map_err(|source| unwritable(&lock_file, source))?;
    }
    Ok(whole)
}

/// Returns the full name that [`create`] would give a migration after these.
pub fn next_name(migrations: &Migrations, name: &str, at: SystemTime) -> String {
    let last = migrations.iter().last().map(Migration::name);
    let names = (0..LATEST).map(|seconds| format!("{}_{name}", timestamp(at + Duration::from_secs(seconds))));
    let is_last = |whole: &String| last.is_none_or(|last| last < whole.as_str());
    names.clone().find(is_last).or(names.clone().next()).unwrap_or_default()
}

/// Converts a name that a user has typed into part of a folder name: words of lower-case letters and digits, separated by
/// underscores, truncated to [`LONGEST_NAME`].
///
/// ```
/// use nicol_migrate::history::folder_name;
///
/// assert_eq!(folder_name("Add postsTable & größe"), "add_posts_table_and_groesse");
/// ```
///
/// Source: Prisma 6.19, `promptForMigrationName.ts`, by experiment.
pub fn folder_name(typed: &str) -> String {
    let words = split_words(&in_latin(typed)).to_lowercase();
    let mut name = String::new();
    let characters: Vec<char> = words.chars().collect();
    for (position, &character) in characters.iter().enumerate() {
        if character.is_ascii_lowercase() || character.is_ascii_digit() {
            name.push(character);
        } else if !is_apostrophe_in_word(&characters, position) && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_');
    name[..name.len().min(LONGEST_NAME)].to_owned()
}

/// Whether it is the apostrophe of "don't" or "cat's".
fn is_apostrophe_in_word(characters: &[char], position: usize) -> bool {
    characters[position] == '\''
        && position > 0
        && characters[position - 1].is_ascii_alphanumeric()
        && matches!(characters.get(position + 1), Some('t' | 's'))
        && characters.get(position + 2).is_none_or(|next| next.is_whitespace())
}

/// Inserts spaces between the words of `camelCase`, `HTTPServer` and `HTTP2`; but `APIs` is one word.
fn split_words(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let is_upper = |position: usize| characters.get(position).is_some_and(char::is_ascii_uppercase);
    let mut words = String::with_capacity(text.len() + 8);
    for (position, &character) in characters.iter().enumerate() {
        if position > 0 && is_boundary(&characters, position, is_upper) {
            words.push(' ');
        }
        words.push(character);
    }
    words
}

fn is_boundary(characters: &[char], position: usize, is_upper: impl Fn(usize) -> bool) -> bool {
    let (before, here) = (characters[position - 1], characters[position]);
    if here.is_ascii_digit() {
        return position > 1 && is_upper(position - 1) && is_upper(position - 2);
    }
    if !here.is_ascii_uppercase() {
        return false;
    }
    let begins_word = matches!(characters.get(position + 1), Some('a'..='r' | 't'..='z'));
    before.is_ascii_lowercase() || before.is_ascii_digit() || (before.is_ascii_uppercase() && begins_word)
}

/// Transliterates letters of other alphabets, and removes diacritics.
fn in_latin(text: &str) -> String {
    let mut latin = String::with_capacity(text.len());
    for character in text.nfc() {
        let small: String = character.to_lowercase().collect();
        let Some((_, plain)) = LATIN.iter().find(|(letter, _)| *letter == small) else {
            latin.extend(
                character.nfd().filter(|part| !unicode_normalization::char::is_combining_mark(*part)),
            );
            continue;
        };
        if !character.is_uppercase() {
            latin.push_str(plain);
        } else if WHOLE.contains(&*small) {
            latin.push_str(&plain.to_uppercase());
        } else {
            let (first, rest) = plain.split_at(plain.len().min(1));
            latin.push_str(&first.to_uppercase());
            latin.push_str(rest);
        }
    }
    latin
}

/// Letters whose upper-case form is transliterated to upper-case letters only.
const WHOLE: &str = "ßæþĳθξψ";

/// Letters that removing diacritics does not cover: German, Nordic, Polish, Greek, Russian, Ukrainian.
#[rustfmt::skip]
const LATIN: &[(&str, &str)] = &[
    ("&", " and "), ("♥", " love "), ("🦄", " unicorn "),
    ("ß", "ss"), ("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("æ", "ae"), ("ð", "d"), ("ø", "o"), ("þ", "th"), ("đ", "d"),
    ("ł", "l"), ("ı", "i"), ("ħ", "h"), ("ĳ", "ij"),
    ("α", "a"), ("β", "v"), ("γ", "g"), ("δ", "d"), ("ε", "e"), ("ζ", "z"), ("η", "i"), ("θ", "th"), ("ι", "i"),
    ("κ", "k"), ("λ", "l"), ("μ", "m"), ("ν", "n"), ("ξ", "ks"), ("ο", "o"), ("π", "p"), ("ρ", "r"), ("σ", "s"),
    ("ς", "s"), ("τ", "t"), ("υ", "y"), ("φ", "f"), ("χ", "x"), ("ψ", "ps"), ("ω", "o"), ("ά", "a"), ("έ", "e"),
    ("ί", "i"), ("ό", "o"), ("ύ", "y"), ("ή", "i"), ("ώ", "o"), ("ϊ", "i"), ("ΰ", "y"), ("ϋ", "y"), ("ΐ", "i"),
    ("а", "a"), ("б", "b"), ("в", "v"), ("г", "g"), ("д", "d"), ("е", "e"), ("ё", "yo"), ("ж", "zh"), ("з", "z"),
    ("и", "i"), ("й", "y"), ("к", "k"), ("л", "l"), ("м", "m"), ("н", "n"), ("о", "o"), ("п", "p"), ("р", "r"),
    ("с", "s"), ("т", "t"), ("у", "u"), ("ф", "f"), ("х", "kh"), ("ц", "ts"), ("ч", "ch"), ("ш", "sh"), ("щ", "sch"),
    ("ъ", ""), ("ы", "y"), ("ь", ""), ("э", "e"), ("ю", "yu"), ("я", "ya"), ("є", "ye"), ("і", "i"), ("ї", "yi"),
    ("ґ", "g"),
];

/// Formats a time as `YYYYMMDDHHMMSS` in UTC.
fn timestamp(at: SystemTime) -> String {
    let seconds = at.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    let (days, time) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    format!("{year:04}{month:02}{day:02}{:02}{:02}{:02}", time / 3600, time / 60 % 60, time % 60)
}

/// Returns year, month and day of a number of days since 1 January 1970.
fn date(days: u64) -> (u64, u64, u64) {
    let is_leap =
        |year: u64| (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let (mut year, mut rest) = (1970, days);
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        if rest < length {
            break;
        }
        rest -= length;
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if rest < length {
            break;
        }
        rest -= length;
        month += 1;
    }
    (year, month, rest + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each as Prisma 6.19.0 names the folder.
    #[test]
    fn names_are_as_prisma_makes_them() {
        for (typed, name) in [
            ("init", "init"),
            ("Add postsTable & größe", "add_posts_table_and_groesse"),
            ("add_user-table", "add_user_table"),
            ("HTTPServer2", "http_server2"),
            ("HTTP2 server", "http_2_server"),
            ("APIs and URLs", "apis_and_urls"),
            ("fooBARBaz", "foo_bar_baz"),
            ("don't drop cat's eye", "dont_drop_cats_eye"),
            ("a'bc", "a_bc"),
            ("  __x__  ", "x"),
            ("v1.2.3", "v1_2_3"),
            ("ÄPFEL", "ae_pfel"),
            ("Ångström", "angstroem"),
            ("École naïve", "ecole_naive"),
            ("Łódź", "lodz"),
            ("добавить поле", "dobavit_pole"),
            ("Ελλάδα", "ellada"),
            ("abc123DEF456", "abc123_def_456"),
            ("日本語", ""),
            ("♥", "love"),
            ("A1B2", "a1_b2"),
            ("ABCd", "ab_cd"),
            ("aBC", "a_bc"),
            ("ABs", "abs"),
            ("Ünï cödé", "ueni_coede"),
            ("user's", "users"),
            ("x'S y", "xs_y"),
            ("IDs", "ids"),
            ("ЩИ", "sch_i"),
            ("ÆON", "aeon"),
            ("½ price", "price"),
            ("a\\b", "a_b"),
            ("Ж2", "zh2"),
        ] {
            assert_eq!(folder_name(typed), name, "{typed}");
        }
    }

    #[test]
    fn a_long_name_is_truncated() {
        assert_eq!(folder_name(&"ab ".repeat(100)).len(), 200);
    }

    #[test]
    fn times_are_utc_to_the_second() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(timestamp(at(0)), "19700101000000");
        assert_eq!(timestamp(at(951_782_399)), "20000228235959");
        assert_eq!(timestamp(at(951_868_800)), "20000301000000");
        assert_eq!(timestamp(at(1_798_761_599)), "20261231235959");
    }

    #[test]
    fn a_migration_is_written_once_and_the_lock_file_stays() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let migrations = folder.path().join("migrations");
        let at = UNIX_EPOCH + Duration::from_secs(951_782_399);
        assert_eq!(create(&migrations, "init", at, "select 1;\n")?, "20000228235959_init");
        assert_eq!(fs::read_to_string(migrations.join("20000228235959_init/migration.sql"))?, "select 1;\n");
        fs::write(migrations.join(LOCK_FILE), "provider = \"postgresql\"")?;
        assert_eq!(create(&migrations, "drop", at, "")?, "20000229000000_drop");
        assert_eq!(create(&migrations, "", at, "")?, "20000229000001_");
        fs::create_dir(migrations.join("20990101000000_far"))?;
        assert!(matches!(create(&migrations, "init", at, ""), Err(Error::Write { .. })));
        assert_eq!(fs::read_to_string(migrations.join(LOCK_FILE))?, "provider = \"postgresql\"");
        let error = create(&migrations, &"a".repeat(201), at, "").unwrap_err();
        assert_eq!(error.code(), Some("P3010"));
        Ok(())
    }
}
