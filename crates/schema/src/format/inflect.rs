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

/// Words with a plural of their own.
const IRREGULAR: [(&str, &str); 41] = [
    ("person", "people"),
    ("child", "children"),
    ("man", "men"),
    ("woman", "women"),
    ("foot", "feet"),
    ("tooth", "teeth"),
    ("goose", "geese"),
    ("mouse", "mice"),
    ("louse", "lice"),
    ("ox", "oxen"),
    ("die", "dice"),
    ("quiz", "quizzes"),
    ("knife", "knives"),
    ("wife", "wives"),
    ("life", "lives"),
    ("hero", "heroes"),
    ("hoof", "hooves"),
    ("gas", "gases"),
    ("alias", "aliases"),
    ("axis", "axes"),
    ("testis", "testes"),
    ("alumnus", "alumni"),
    ("cactus", "cacti"),
    ("focus", "foci"),
    ("octopus", "octopi"),
    ("stimulus", "stimuli"),
    ("virus", "viri"),
    ("index", "indices"),
    ("vertex", "vertices"),
    ("matrix", "matrices"),
    ("appendix", "appendices"),
    ("bacterium", "bacteria"),
    ("curriculum", "curricula"),
    ("datum", "data"),
    ("stratum", "strata"),
    ("automaton", "automata"),
    ("criterion", "criteria"),
    ("phenomenon", "phenomena"),
    ("vertebra", "vertebrae"),
    ("cherub", "cherubim"),
    ("seraph", "seraphim"),
];

/// What becomes of an ending: what is cut off, and what is put in its place. The first that fits counts.
const ENDINGS: [(&str, usize, &str); 25] = [
    ("etadata", 0, ""),
    ("ova", 0, ""),
    ("enus", 0, ""),
    ("aus", 0, ""),
    ("ous", 0, ""),
    ("uus", 0, ""),
    ("us", 0, "es"),
    ("tlas", 0, "es"),
    ("ris", 0, "es"),
    ("sis", 2, "es"),
    ("ss", 0, "es"),
    ("s", 0, ""),
    ("x", 0, "es"),
    ("ch", 0, "es"),
    ("sh", 0, "es"),
    ("zz", 0, "es"),
    ("ato", 0, "es"),
    ("arf", 1, "ves"),
    ("lf", 1, "ves"),
    ("eaf", 1, "ves"),
    ("oaf", 1, "ves"),
    ("eese", 0, "s"),
    ("ese", 0, ""),
    ("quy", 1, "ies"),
    ("", 0, "s"),
];

/// The plural of an English word as Prisma forms it; what looks like one already stays.
///
/// Only a whole word is looked up: the plural of `grandChild` is `grandChilds`.
pub(crate) fn plural(word: &str) -> String {
    if UNCOUNTABLE.contains(&word) {
        return word.to_owned();
    }
    if let Some((_, plural)) = IRREGULAR.iter().find(|(singular, _)| *singular == word) {
        return (*plural).to_owned();
    }
    if let Some(stem) = word.strip_suffix('y')
        && stem.ends_with(|c: char| !"aeiouy".contains(c))
    {
        return format!("{stem}ies");
    }
    let (_, cut, replacement) = ENDINGS
        .iter()
        .find(|(ending, ..)| word.ends_with(ending))
        .expect("the last ending is empty and fits every word");
    format!("{}{replacement}", &word[..word.len() - cut])
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
        ] {
            assert_eq!(plural(word), expected);
        }
    }
}
