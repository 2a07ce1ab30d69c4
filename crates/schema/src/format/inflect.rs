//! The names of fields that are made up: models' names in camel case, and in the plural for lists.

/// `UserRole` and `user_role` as `userRole`.
pub(super) fn camel_case(name: &str) -> String {
    let mut out = String::new();
    let mut begins_word = false;
    let mut last_plain = ' ';
    for c in name.chars() {
        if matches!(c, '_' | '-') {
            begins_word = !out.is_empty();
        } else if c.is_numeric() {
            out.push(c);
            begins_word = true;
        } else if begins_word || (last_plain.is_lowercase() && c.is_uppercase()) {
            begins_word = false;
            out.push(c.to_ascii_uppercase());
        } else {
            last_plain = c;
            out.push(c.to_ascii_lowercase());
        }
    }
    out
}

/// The same in the singular and the plural.
const UNCOUNTABLE: [&str; 12] = [
    "news",
    "series",
    "species",
    "equipment",
    "information",
    "money",
    "sheep",
    "fish",
    "deer",
    "feedback",
    "software",
    "staff",
];

/// Words with a plural of their own.
const IRREGULAR: [(&str, &str); 10] = [
    ("person", "people"),
    ("child", "children"),
    ("man", "men"),
    ("foot", "feet"),
    ("tooth", "teeth"),
    ("goose", "geese"),
    ("mouse", "mice"),
    ("knife", "knives"),
    ("wife", "wives"),
    ("life", "lives"),
];

/// Endings, the longest that fits first: what is cut off, and what is put in its place.
const ENDINGS: [(&str, usize, &str); 14] = [
    ("criterion", 2, "a"),
    ("phenomenon", 2, "a"),
    ("datum", 2, "a"),
    ("data", 0, ""),
    ("matrix", 2, "ices"),
    ("index", 2, "ices"),
    ("vertex", 2, "ices"),
    ("alias", 0, "es"),
    ("sis", 2, "es"),
    ("shelf", 1, "ves"),
    ("half", 1, "ves"),
    ("leaf", 1, "ves"),
    ("hero", 0, "es"),
    ("quiz", 0, "zes"),
];

/// The plural of an English word; what is one already stays.
pub(super) fn plural(word: &str) -> String {
    let lower = word.to_lowercase();
    if UNCOUNTABLE.iter().any(|uncountable| lower.ends_with(uncountable)) {
        return word.to_owned();
    }
    for (singular, plural) in IRREGULAR {
        if lower.ends_with(plural) && singular != "man" {
            return word.to_owned();
        }
        if lower.ends_with(singular) && !(singular == "man" && lower.ends_with("human")) {
            // The first letter keeps its case.
            let at = word.len() - singular.len() + 1;
            return format!("{}{}", &word[..at], &plural[1..]);
        }
    }
    for (ending, cut, replacement) in ENDINGS {
        if lower.ends_with(ending) {
            return format!("{}{replacement}", &word[..word.len() - cut]);
        }
    }
    let before_last = lower.chars().rev().nth(1).unwrap_or_default();
    // `status`, and what ends in a hiss.
    let is_latin = lower.ends_with("us") && !lower.chars().rev().nth(2).is_some_and(|c| "aou".contains(c));
    if is_latin || ["x", "ch", "ss", "sh", "zz"].iter().any(|ending| lower.ends_with(ending)) {
        format!("{word}es")
    } else if lower.ends_with('y') && !"aeiou".contains(before_last) {
        format!("{}ies", &word[..word.len() - 1])
    } else if lower.ends_with('s') {
        word.to_owned()
    } else {
        format!("{word}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn camel_case_begins_small() {
        for (name, expected) in [
            ("UserRole", "userRole"),
            ("user_roles", "userRoles"),
            ("Account", "account"),
            ("UserAPI", "userAPI"),
            ("HTTPServer", "httpserver"),
            ("User2Role", "user2Role"),
        ] {
            assert_eq!(camel_case(name), expected);
        }
    }

    #[test]
    fn plurals_are_english() {
        for (word, expected) in [
            ("user", "users"),
            ("category", "categories"),
            ("day", "days"),
            ("address", "addresses"),
            ("status", "statuses"),
            ("auditLog", "auditLogs"),
            ("salesPerson", "salesPeople"),
            ("users", "users"),
            ("analysis", "analyses"),
            ("box", "boxes"),
        ] {
            assert_eq!(plural(word), expected);
        }
    }
}
