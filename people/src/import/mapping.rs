//! Which column of a file is what of a person.

use csv::StringRecord;
use unicode_normalization::UnicodeNormalization as _;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The full name.
    Name,
    /// The first name, if the file has them apart.
    First,
    /// What stands between first and last name.
    Middle,
    /// The last name.
    Last,
    /// The e-mail address.
    Email,
    /// The phone number.
    Phone,
}

impl Target {
    /// All there are, in the order in which people are asked.
    pub const ALL: [Self; 6] = [Self::Name, Self::First, Self::Middle, Self::Last, Self::Email, Self::Phone];

    /// For addresses and forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::First => "first",
            Self::Middle => "middle",
            Self::Last => "last",
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Full name",
            Self::First => "First name",
            Self::Middle => "Middle name",
            Self::Last => "Last name",
            Self::Email => "E-mail",
            Self::Phone => "Phone number",
        }
    }

    /// What a heading says: English, German, French, Spanish, Italian, Portuguese, Dutch, Polish and the Nordic
    /// languages, and the exports of Google Contacts, Outlook and Thunderbird.
    pub fn of_heading(heading: &str) -> Option<Self> {
        let plain = plain(heading);
        HEADINGS
            .iter()
            .find(|(_, names)| names.contains(&&*plain))
            .map(|(target, _)| *target)
            .or_else(|| numbered(&plain))
    }
}

const HEADINGS: [(Target, &[&str]); 6] = [
    (
        Target::Name,
        &[
            "name",
            "fullname",
            "displayname",
            "fn",
            "fileas",
            "contact",
            "contactname",
            "person",
            "vollstandigername",
            "anzeigename",
            "nomcomplet",
            "nometprenom",
            "nomprenom",
            "nombrecompleto",
            "nombreyapellidos",
            "nomecompleto",
            "nomecognome",
            "nomeecognome",
            "volledigenaam",
            "weergavenaam",
            "imienazwisko",
            "imieinazwisko",
            "navn",
            "namn",
            "nimi",
            "fulltnavn",
        ],
    ),
    (
        Target::First,
        &[
            "firstname",
            "first",
            "givenname",
            "forename",
            "vorname",
            "prenom",
            "nombre",
            "primernombre",
            "nome",
            "primeironome",
            "voornaam",
            "imie",
            "fornavn",
            "fornamn",
            "etunimi",
        ],
    ),
    (
        Target::Middle,
        &[
            "middlename",
            "additionalname",
            "zweitername",
            "weiterevornamen",
            "deuxiemeprenom",
            "segundonombre",
            "secondonome",
            "tussenvoegsel",
            "mellomnavn",
            "mellannamn",
        ],
    ),
    (
        Target::Last,
        &[
            "lastname",
            "last",
            "familyname",
            "surname",
            "nachname",
            "familienname",
            "nom",
            "nomdefamille",
            "apellido",
            "apellidos",
            "primerapellido",
            "cognome",
            "sobrenome",
            "apelido",
            "achternaam",
            "nazwisko",
            "etternavn",
            "efternavn",
            "efternamn",
            "sukunimi",
        ],
    ),
    (
        Target::Email,
        &[
            "email",
            "mail",
            "emailaddress",
            "emailadress",
            "primaryemail",
            "workemail",
            "homeemail",
            "emailadresse",
            "mailadresse",
            "adresseemail",
            "adressemail",
            "courriel",
            "adresseelectronique",
            "correo",
            "correoelectronico",
            "direcciondecorreoelectronico",
            "indirizzoemail",
            "postaelettronica",
            "enderecodeemail",
            "emailadres",
            "mailadres",
            "adresemail",
            "epost",
            "epostadress",
            "epostadresse",
            "sahkoposti",
        ],
    ),
    (
        Target::Phone,
        &[
            "phone",
            "phonenumber",
            "telephone",
            "telephonenumber",
            "tel",
            "mobile",
            "mobilephone",
            "mobilenumber",
            "cell",
            "cellphone",
            "primaryphone",
            "homephone",
            "businessphone",
            "workphone",
            "companymainphone",
            "telefon",
            "telefonnummer",
            "handy",
            "handynummer",
            "mobil",
            "mobiltelefon",
            "mobilnummer",
            "rufnummer",
            "telefonprivat",
            "telefongeschaftlich",
            "numerodetelephone",
            "portable",
            "telefono",
            "numerodetelefono",
            "movil",
            "numeroditelefono",
            "cellulare",
            "telefone",
            "numerodetelefone",
            "celular",
            "telemovel",
            "telefoon",
            "telefoonnummer",
            "mobiel",
            "numertelefonu",
            "komorka",
            "telefonnumber",
            "puhelin",
            "puhelinnumero",
        ],
    ),
];

/// `E-mail 1 - Value` and `Phone 2 - Value` of Google, `E-mail 2 Address` and `Home Phone 2` of Outlook.
fn numbered(plain: &str) -> Option<Target> {
    let without: String = plain.chars().filter(|c| !c.is_ascii_digit()).collect();
    if without == plain {
        return None;
    }
    match without.as_str() {
        "email" | "emailvalue" | "emailaddress" => Some(Target::Email),
        "phone" | "phonevalue" | "homephone" | "businessphone" | "mobilephone" => Some(Target::Phone),
        _ => None,
    }
}

/// Letters and digits in lower case, without accents.
fn plain(heading: &str) -> String {
    heading.nfkd().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).take(60).collect()
}

/// Whether the first line of a file are headings.
pub(super) fn is_heading(first: &StringRecord) -> bool {
    first.iter().any(|cell| Target::of_heading(cell).is_some())
        || !first.iter().any(|cell| cell.contains('@'))
}

/// What the columns are, by their headings, or without headings by what the first line looks like.
pub(super) fn guess(first: &StringRecord, has_headings: bool) -> Vec<Option<Target>> {
    if !has_headings {
        return guess_by_looks(first);
    }
    let mut targets: Vec<_> = first.iter().map(Target::of_heading).collect();
    let has = |target| targets.contains(&Some(target));
    if has(Target::First) && has(Target::Last) {
        // Besides both parts the whole is often a nickname, a company, or empty.
        targets.iter_mut().filter(|target| **target == Some(Target::Name)).for_each(|target| *target = None);
    } else if !has(Target::Name) && (has(Target::First) != has(Target::Last)) {
        // "Nombre" and "Nom" are the whole name where nothing else is one.
        let is_part = |target: &&mut Option<Target>| matches!(target, Some(Target::First | Target::Last));
        targets.iter_mut().filter(is_part).for_each(|target| *target = Some(Target::Name));
    }
    targets
}

fn guess_by_looks(first: &StringRecord) -> Vec<Option<Target>> {
    let mut free = vec![Target::Name, Target::Email, Target::Phone];
    first
        .iter()
        .map(|cell| {
            let digits = cell.chars().filter(char::is_ascii_digit).count();
            let looks_like = if cell.contains('@') {
                Target::Email
            } else if digits >= 4 && !cell.chars().any(char::is_alphabetic) {
                Target::Phone
            } else if cell.chars().any(char::is_alphabetic) {
                Target::Name
            } else {
                return None;
            };
            let index = free.iter().position(|target| *target == looks_like)?;
            Some(free.remove(index))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(cells: &[&str], has_headings: bool) -> String {
        let targets = guess(&StringRecord::from(cells), has_headings);
        targets.iter().map(|target| target.map_or("-", Target::key)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn headings_of_many_programs_are_understood() {
        for (cells, expected) in [
            (&["id", "name", "email", "phone", "added", "changed"][..], "- name email phone - -"),
            (
                &[
                    "First Name",
                    "Middle Name",
                    "Last Name",
                    "Name Prefix",
                    "File As",
                    "E-mail 1 - Label",
                    "E-mail 1 - Value",
                    "E-mail 2 - Value",
                    "Phone 1 - Label",
                    "Phone 1 - Value",
                ],
                "first middle last - - - email email - phone",
            ),
            (
                &[
                    "Name",
                    "Given Name",
                    "Family Name",
                    "E-mail 1 - Type",
                    "E-mail 1 - Value",
                    "Phone 1 - Value",
                ],
                "- first last - email phone",
            ),
            (
                &[
                    "Title",
                    "First Name",
                    "Last Name",
                    "Company",
                    "Business Phone",
                    "Home Phone 2",
                    "Mobile Phone",
                    "E-mail Address",
                    "E-mail 2 Address",
                ],
                "- first last - phone phone phone email email",
            ),
            (
                &["Vorname", "Nachname", "E-Mail-Adresse", "Telefon gesch\u{e4}ftlich"],
                "first last email phone",
            ),
            (&["Pr\u{e9}nom", "Nom", "Courriel", "T\u{e9}l\u{e9}phone"], "first last email phone"),
            (&["Nombre", "Correo electr\u{f3}nico", "M\u{f3}vil"], "name email phone"),
            (&["NOM", "Adresse e-mail", "Portable"], "name email phone"),
            (&["Imi\u{119}", "Nazwisko", "E-mail", "Numer telefonu"], "first last email phone"),
            (&["Colour", "Size"], "- -"),
        ] {
            assert_eq!(guessed(cells, true), expected, "{cells:?}");
        }
    }

    #[test]
    fn without_headings_looks_decide() {
        let line = ["17", "Ann Lee", "ann@example.com", "+61 2 5550 1234", "b@example.com", "Sydney"];
        assert!(!is_heading(&StringRecord::from(&line[..])));
        assert_eq!(guessed(&line, false), "- name email phone - -");
        assert!(is_heading(&StringRecord::from(&["Colour", "Size"][..])));
        assert!(is_heading(&StringRecord::from(&["Name", "contact@"][..])));
    }
}
