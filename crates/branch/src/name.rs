//! Names of branches.

use sha2::{Digest as _, Sha256};

use crate::error::Error;
use crate::point::{looks_like_lsn, timestamp};

/// The maximum length of a name, in characters (`maxLength` in Neon's description of its API).
const LONGEST: usize = 256;

/// Whether a character is not shown as itself: control characters, which a terminal may act on, and those that change the
/// direction of text or are invisible, so that one name could look like another.
pub fn is_invisible(character: char) -> bool {
    let is_format = matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    character.is_control() || is_format
}

/// Checks the name of a new branch. What could be taken for an id, a time, an LSN, `^self` or `BRANCH@TIME` is refused.
pub(crate) fn check(name: &str) -> Result<(), Error> {
    let reason = if name.is_empty() {
        "it is empty"
    } else if name.chars().count() > LONGEST {
        "it is longer than 256 characters"
    } else if name.chars().any(is_invisible) || name.trim() != name {
        "it contains a control or invisible character, or starts or ends with a space"
    } else if name.starts_with(['^', '-']) {
        "it starts with `^` or `-`"
    } else if name.contains('@') {
        "it contains `@`, which separates a branch from a time"
    } else if looks_like_id(name) {
        "it looks like the id of a branch"
    } else if looks_like_lsn(name) || timestamp(name).is_some() {
        "it looks like a time or an LSN"
    } else {
        return Ok(());
    };
    Err(Error::Name { name: name.to_owned(), reason })
}

/// Whether a text is an id like `br-small-term-683261`.
pub(crate) fn looks_like_id(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("br-") else { return false };
    let parts: Vec<&str> = rest.split('-').collect();
    let is_word = |part: &&str| {
        !part.is_empty() && part.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    };
    parts.len() == 3 && parts.iter().all(is_word)
}

/// Returns the name of the database branch for a Git branch: the same name, if a branch can have it.
///
/// Otherwise, every character except letters, digits, `.`, `_`, `-` and `/` becomes `-`, names longer than 200 bytes are
/// cut, and 8 digits of the SHA-256 of the Git branch's name follow, so that two Git branches never share a branch.
///
/// ```
/// assert_eq!(nicol_branch::name_for_git_branch("feature/login"), "feature/login");
/// assert_eq!(nicol_branch::name_for_git_branch("bump/@types/node"), "bump/-types/node-4aeb2f45");
/// ```
pub fn name_for_git_branch(branch: &str) -> String {
    let is_plain = |it: char| it.is_alphanumeric() || "._-/".contains(it);
    if branch.chars().all(is_plain) && branch.len() <= 200 && check(branch).is_ok() {
        return branch.to_owned();
    }
    let mut name: String = branch.chars().map(|it| if is_plain(it) { it } else { '-' }).collect();
    let mut end = name.len().min(200);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
    let digest = Sha256::digest(branch.as_bytes());
    let digits = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    let name = format!("{}-{digits:08x}", name.trim_start_matches('-'));
    if check(&name).is_ok() { name } else { format!("git-{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_none_of_the_other_forms() {
        for name in ["main", "feature/login", "Ünïcode", "a b", "br-x", "a/b", "feed/face", &"ü".repeat(256)]
        {
            check(name).unwrap();
        }
        let long = "x".repeat(257);
        for name in [
            "",
            " a",
            "a\n",
            "a\u{1b}[31m",
            "a\u{202e}b",
            "a\u{200b}",
            "^self",
            "-f",
            "a@b",
            "br-small-term-683261",
            "0/16B3748",
            "2024-02-26T12:00:00Z",
            &long,
        ] {
            let error = check(name).unwrap_err();
            assert!(matches!(error, Error::Name { .. }), "{name}");
        }
    }

    #[test]
    fn git_branches_have_names_of_their_own() {
        let long = "x/".repeat(120);
        let names = ["a@b", "a#b", "a~b", "br-a-b-c", "ab/12", "-x", "@", &long, &format!("{long}y"), "ä/ö"];
        let mut found: Vec<String> = names.iter().map(|name| name_for_git_branch(name)).collect();
        for name in &found {
            check(name).unwrap();
            assert!(name.len() <= 220, "{name}");
        }
        assert_eq!(found.last().unwrap(), "ä/ö");
        found.sort();
        found.dedup();
        assert_eq!(found.len(), names.len());
    }
}
