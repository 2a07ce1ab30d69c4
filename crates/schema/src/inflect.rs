//! Names of generated fields: model names in camel case, and in the plural for lists.

/// Converts `UserRole` and `user_role` to `userRole`.
pub(crate) fn camel_case(name: &str) -> String {
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

/// Words whose plural is the same.
const UNCOUNTABLE: [&str; 204] = [
    "accommodation",
    "adulthood",
    "advertising",
    "advice",
    "aggression",
    "aid",
    "air",
    "aircraft",
    "alcohol",
    "anger",
    "applause",
    "arithmetic",
    "assistance",
    "athletics",
    "bacon",
    "baggage",
    "beef",
    "biology",
    "blood",
    "botany",
    "bread",
    "butter",
    "carbon",
    "cardboard",
    "cash",
    "chalk",
    "chaos",
    "chess",
    "countryside",
    "dancing",
    "data",
    "deer",
    "dignity",
    "dirt",
    "dust",
    "economics",
    "education",
    "electricity",
    "engineering",
    "enjoyment",
    "envy",
    "equipment",
    "ethics",
    "evidence",
    "evolution",
    "fame",
    "fiction",
    "flour",
    "flu",
    "food",
    "fuel",
    "fun",
    "furniture",
    "garbage",
    "garlic",
    "genetics",
    "gold",
    "golf",
    "gossip",
    "grammar",
    "gratitude",
    "grief",
    "guilt",
    "gymnastics",
    "happiness",
    "hardware",
    "harm",
    "hate",
    "hatred",
    "health",
    "heat",
    "help",
    "homework",
    "honesty",
    "honey",
    "hospitality",
    "housework",
    "humour",
    "hunger",
    "hydrogen",
    "ice",
    "importance",
    "inflation",
    "information",
    "innocence",
    "iron",
    "irony",
    "jam",
    "jewelry",
    "judo",
    "karate",
    "knowledge",
    "lack",
    "laughter",
    "lava",
    "leather",
    "leisure",
    "lightning",
    "linguine",
    "linguini",
    "linguistics",
    "literature",
    "litter",
    "livestock",
    "logic",
    "loneliness",
    "luck",
    "luggage",
    "macaroni",
    "machinery",
    "magic",
    "management",
    "mankind",
    "marble",
    "mathematics",
    "mayonnaise",
    "measles",
    "methane",
    "milk",
    "money",
    "mud",
    "mumps",
    "music",
    "nature",
    "news",
    "nitrogen",
    "nonsense",
    "nurture",
    "nutrition",
    "obedience",
    "obesity",
    "oxygen",
    "pasta",
    "patience",
    "physics",
    "poetry",
    "pollution",
    "poverty",
    "pride",
    "psychology",
    "publicity",
    "punctuation",
    "quartz",
    "racism",
    "relaxation",
    "reliability",
    "research",
    "respect",
    "revenge",
    "rice",
    "rubbish",
    "rum",
    "safety",
    "scenery",
    "seafood",
    "seaside",
    "series",
    "shame",
    "sheep",
    "shopping",
    "sleep",
    "smoke",
    "smoking",
    "snow",
    "soap",
    "software",
    "soil",
    "spaghetti",
    "species",
    "steam",
    "stuff",
    "stupidity",
    "sunshine",
    "symmetry",
    "tennis",
    "thirst",
    "thunder",
    "timber",
    "traffic",
    "transportation",
    "trust",
    "underwear",
    "unemployment",
    "unity",
    "validity",
    "veal",
    "vegetarianism",
    "vegetation",
    "vengeance",
    "violence",
    "vitality",
    "warmth",
    "wealth",
    "weather",
    "wheat",
    "wildlife",
    "wisdom",
    "yoga",
    "zinc",
    "zoology",
    "agenda",
    "children",
    "people",
    "criteria",
];

/// Words with an irregular plural.
const IRREGULAR: [(&str, &str); 10] = [
    ("ox", "oxen"),
    ("man", "men"),
    ("woman", "women"),
    ("die", "dice"),
    ("yes", "yeses"),
    ("foot", "feet"),
    ("eave", "eaves"),
    ("goose", "geese"),
    ("tooth", "teeth"),
    ("quiz", "quizzes"),
];

/// A rule for word endings.
struct Ending {
    /// Endings of the stem, one of which must match; `[…]` stands for one of these letters, `[^…]` for any other.
    stems: &'static [&'static str],
    /// Endings to cut off, one of which must match.
    cut: &'static [&'static str],
    plural: &'static str,
}

const fn ending(
    stems: &'static [&'static str],
    cut: &'static [&'static str],
    plural: &'static str,
) -> Ending {
    Ending { stems, cut, plural }
}

/// The first match applies.
const ENDINGS: [Ending; 24] = [
    ending(&["eaux"], &[""], ""),
    ending(&["child"], &["ren", ""], "ren"),
    ending(&["pe"], &["rson", "ople"], "ople"),
    ending(&["m", "l"], &["ice", "ouse"], "ice"),
    ending(&["matr", "cod", "mur", "sil", "vert", "ind", "append"], &["ix", "ex"], "ices"),
    ending(&["x", "ch", "ss", "sh", "zz"], &[""], "es"),
    ending(&["xes", "ches", "sses", "shes", "zzes"], &[""], ""),
    ending(&["[^ch][ieo][ln]"], &["ey"], "ies"),
    ending(&["[^aeiouy]", "qu"], &["y"], "ies"),
    ending(&["ar", "l", "ea", "eo", "oa", "hoo"], &["f"], "ves"),
    ending(&["kni", "wi", "li"], &["fe"], "ves"),
    ending(&[""], &["sis"], "ses"),
    ending(
        &[
            "apheli",
            "hyperbat",
            "periheli",
            "asyndet",
            "noumen",
            "phenomen",
            "criteri",
            "organ",
            "prolegomen",
            "hedr",
            "automat",
        ],
        &["a", "on"],
        "a",
    ),
    ending(
        &[
            "agend",
            "addend",
            "millenni",
            "dat",
            "extrem",
            "bacteri",
            "desiderat",
            "strat",
            "candelabr",
            "errat",
            "ov",
            "symposi",
            "curricul",
            "automat",
            "quor",
        ],
        &["a", "um"],
        "a",
    ),
    ending(&["her", "at", "gr"], &["o"], "oes"),
    ending(&["seraph", "cherub"], &["im", ""], "im"),
    ending(&["alumn", "alg", "vertebr"], &["a", "ae"], "ae"),
    ending(
        &[
            "alumn", "syllab", "octop", "vir", "radi", "nucle", "fung", "cact", "stimul", "termin", "bacill",
            "foc", "uter", "loc", "strat",
        ],
        &["us", "i"],
        "i",
    ),
    ending(&["[^l]ias", "[aeiou]las", "[emjzr]as", "[iu]am"], &[""], ""),
    ending(&["e[mn]u"], &["s", ""], "s"),
    ending(&["alias", "[^aou]us", "tlas", "gas", "ris"], &[""], "es"),
    ending(&["ax", "test"], &["is"], "es"),
    ending(&["[^aeiou]ese"], &[""], ""),
    ending(&[""], &["s", ""], "s"),
];

impl Ending {
    /// Returns the stem of the word, if the rule matches.
    fn stem<'a>(&self, word: &'a str) -> Option<&'a str> {
        self.cut
            .iter()
            .filter_map(|cut| word.strip_suffix(cut))
            .find(|rest| self.stems.iter().any(|stem| ends_with(rest, stem)))
    }
}

/// Whether the word ends with the pattern.
fn ends_with(word: &str, pattern: &str) -> bool {
    let Some((head, class)) = pattern.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) else {
        // The letters after the last class.
        let (head, letters) = pattern
            .rsplit_once(']')
            .map_or(("", pattern), |(head, letters)| (&pattern[..=head.len()], letters));
        return word.strip_suffix(letters).is_some_and(|rest| head.is_empty() || ends_with(rest, head));
    };
    let Some(last) = word.chars().next_back() else {
        return false;
    };
    let fits = match class.strip_prefix('^') {
        Some(others) => !others.contains(last),
        None => class.contains(last),
    };
    fits && ends_with(&word[..word.len() - last.len_utf8()], head)
}

/// Returns the plural of an English word as Prisma forms it. Words that look like plurals are returned unchanged.
///
/// Endings are lower case: the plural of `grandChild` is `grandChilds`, that of `grandchild` is `grandchildren`.
///
/// Source: Prisma 6.19, `prisma format`, compared on words with all of these endings.
pub(crate) fn plural(word: &str) -> String {
    if UNCOUNTABLE.contains(&word) {
        return word.to_owned();
    }
    if let Some((_, plural)) = IRREGULAR.iter().find(|(singular, _)| *singular == word) {
        return (*plural).to_owned();
    }
    let (stem, plural) =
        ENDINGS.iter().find_map(|ending| Some((ending.stem(word)?, ending.plural))).unwrap_or((word, "s"));
    format!("{stem}{plural}")
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
            ("person", "people"),
            ("grandChild", "grandChilds"),
            ("users", "users"),
            ("analysis", "analyses"),
            ("box", "boxes"),
            ("grandchild", "grandchildren"),
            ("police", "police"),
            ("menu", "menus"),
            ("wolf", "wolves"),
            ("staff", "staffs"),
        ] {
            assert_eq!(plural(word), expected);
        }
    }
}
