//! Maps the columns of a file to the fields of a person.

use std::collections::HashMap;
use std::sync::LazyLock;

use csv::StringRecord;

use crate::contact::{Kind, plain};

/// The field that a column is imported as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The full name.
    Name,
    /// The first name, if the file has separate names.
    First,
    /// The middle name.
    Middle,
    /// The last name.
    Last,
    /// The e-mail address.
    Email,
    /// The phone number.
    Phone,
}

impl Target {
    /// All targets, in the order of the form.
    pub const ALL: [Self; 6] = [Self::Name, Self::First, Self::Middle, Self::Last, Self::Email, Self::Phone];

    /// Returns the key in URLs and forms.
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

    /// Returns the label on the page.
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

    /// Recognizes a heading in any of the known languages, with or without a number.
    pub fn of_heading(heading: &str) -> Option<Self> {
        static TARGETS: LazyLock<HashMap<String, Target>> = LazyLock::new(|| {
            let headings =
                HEADINGS.iter().flat_map(|(target, headings)| headings.iter().map(move |h| (*h, *target)));
            headings.map(|(heading, target)| (plain(heading), target)).collect()
        });
        let plain = plain(heading);
        let known = |heading: &str| TARGETS.get(heading).copied();
        known(&plain).or_else(|| {
            // `E-mail 1 - Value` of Google, `E-mail 2 Address` and `Home Phone 2` of Outlook.
            let unnumbered: String = plain.chars().filter(|c| !c.is_numeric()).collect();
            let unnumbered = unnumbered.strip_suffix("value").unwrap_or(&unnumbered);
            let target = known(unnumbered).filter(|_| unnumbered.len() < plain.len());
            target.filter(|target| matches!(target, Self::Email | Self::Phone))
        })
    }
}

/// Headings as programs write them: Google Contacts, Outlook, Thunderbird, `WordPress`, programs that synchronise contacts, and spreadsheets,
/// in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Czech, Russian, Ukrainian, Greek, Turkish, Hebrew,
/// Japanese, Chinese, Korean and the Nordic languages. Case, accents, blanks and marks do not count.
const HEADINGS: [(Target, &[&str]); 6] = [
    (
        Target::Name,
        &[
            "name",
            "full name",
            "display name",
            "fn",
            "file as",
            "contact",
            "contact name",
            "person",
            "real name",
            "user display name",
            "formatted name",
            "vollständiger name",
            "anzeigename",
            "nom complet",
            "nom et prénom",
            "nom prénom",
            "nom affiché",
            "nom d’affichage",
            "nombre completo",
            "nombre y apellidos",
            "nombre para mostrar",
            "nome completo",
            "nome cognome",
            "nome e cognome",
            "nome visualizzato",
            "nome de exibição",
            "volledige naam",
            "naam",
            "weergavenaam",
            "imię i nazwisko",
            "imię nazwisko",
            "navn",
            "namn",
            "nimi",
            "fullt navn",
            "fuldt navn",
            "fullständigt namn",
            "visningsnamn",
            "имя и фамилия",
            "фио",
            "полное имя",
            "отображаемое имя",
            "піб",
            "повне ім’я",
            "名前",
            "氏名",
            "お名前",
            "表示名",
            "姓名",
            "显示名称",
            "全名",
            "이름",
            "성명",
            "ad soyad",
            "jméno a příjmení",
            "ονοματεπώνυμο",
            "שם מלא",
        ],
    ),
    (
        Target::First,
        &[
            "first name",
            "first",
            "given name",
            "forename",
            "user first name",
            "billing first name",
            "vorname",
            "prénom",
            "nombre",
            "primer nombre",
            "nombre de pila",
            "nome",
            "primeiro nome",
            "nome próprio",
            "voornaam",
            "imię",
            "fornavn",
            "förnamn",
            "etunimi",
            "имя",
            "ім’я",
            "名",
            "名字",
            "下の名前",
            "ad",
            "jméno",
            "όνομα",
            "שם פרטי",
        ],
    ),
    (
        Target::Middle,
        &[
            "middle name",
            "additional name",
            "zweiter vorname",
            "weitere vornamen",
            "zweiter name",
            "deuxième prénom",
            "segundo nombre",
            "secondo nome",
            "nome do meio",
            "tussenvoegsel",
            "mellomnavn",
            "mellannamn",
            "mellemnavn",
            "drugie imię",
            "отчество",
            "по батькові",
            "ミドル ネーム",
        ],
    ),
    (
        Target::Last,
        &[
            "last name",
            "last",
            "family name",
            "surname",
            "user last name",
            "billing last name",
            "nachname",
            "familienname",
            "nom",
            "nom de famille",
            "apellido",
            "apellidos",
            "primer apellido",
            "cognome",
            "sobrenome",
            "apelido",
            "achternaam",
            "nazwisko",
            "etternavn",
            "efternavn",
            "efternamn",
            "sukunimi",
            "фамилия",
            "прізвище",
            "姓",
            "名字（姓）",
            "苗字",
            "姓氏",
            "성",
            "soyad",
            "soyadı",
            "příjmení",
            "επώνυμο",
            "שם משפחה",
        ],
    ),
    (
        Target::Email,
        &[
            "email",
            "mail",
            "e-mail address",
            "email adress",
            "primary email",
            "secondary email",
            "work email",
            "home email",
            "personal email",
            "user email",
            "billing email",
            "contact email",
            "email other",
            "e-mail-adresse",
            "mailadresse",
            "e-mail adresse",
            "e-mail privat",
            "e-mail geschäftlich",
            "adresse e-mail",
            "adresse mail",
            "adresse de messagerie",
            "courriel",
            "messagerie",
            "adresse électronique",
            "correo",
            "correo electrónico",
            "dirección de correo electrónico",
            "dirección del correo electrónico",
            "dirección de correo",
            "indirizzo e-mail",
            "indirizzo di posta elettronica",
            "indirizzo posta elettronica",
            "posta elettronica",
            "endereço de e-mail",
            "endereço de correio eletrónico",
            "correio eletrônico",
            "e-mailadres",
            "mailadres",
            "adres e-mail",
            "adres email",
            "e-post",
            "e-postadress",
            "e-postadresse",
            "e-mailadresse",
            "sähköposti",
            "sähköpostiosoite",
            "адрес эл. почты",
            "адрес электронной почты",
            "электронная почта",
            "эл. почта",
            "почта",
            "электронный адрес",
            "електронна пошта",
            "пошта",
            "メール",
            "メールアドレス",
            "電子メール アドレス",
            "電子メール",
            "Eメール",
            "E-mail アドレス",
            "电子邮件",
            "电子邮件地址",
            "邮箱",
            "電子郵件",
            "電子郵件地址",
            "이메일",
            "이메일 주소",
            "전자 메일 주소",
            "e-posta",
            "e-posta adresi",
            "e-mailová adresa",
            "ηλεκτρονικό ταχυδρομείο",
            "διεύθυνση ηλεκτρονικού ταχυδρομείου",
            "דואר אלקטרוני",
            "כתובת דואר אלקטרוני",
        ],
    ),
    (
        Target::Phone,
        &[
            "phone",
            "phone number",
            "telephone",
            "telephone number",
            "tel",
            "mobile",
            "mobile phone",
            "mobile number",
            "cell",
            "cell phone",
            "primary phone",
            "home phone",
            "business phone",
            "work phone",
            "company main phone",
            "other phone",
            "main phone",
            "user phone",
            "billing phone",
            "iphone",
            "car phone",
            "telefon",
            "telefonnummer",
            "handy",
            "handynummer",
            "mobil",
            "mobiltelefon",
            "telefon mobil",
            "mobilnummer",
            "rufnummer",
            "telefon privat",
            "telefon (privat)",
            "telefon geschäftlich",
            "telefon (geschäftlich)",
            "telefon firma",
            "haupttelefon",
            "weiteres telefon",
            "numéro de téléphone",
            "téléphone",
            "téléphone (bureau)",
            "téléphone (domicile)",
            "téléphone (autre)",
            "téléphone principal",
            "téléphone société",
            "téléphone bureau",
            "téléphone domicile",
            "téléphone mobile",
            "tél",
            "tél. mobile",
            "tél. portable",
            "téléphone portable",
            "portable",
            "teléfono",
            "número de teléfono",
            "teléfono móvil",
            "número de teléfono móvil",
            "teléfono del trabajo",
            "teléfono particular",
            "particular",
            "teléfono principal",
            "otro teléfono",
            "teléfono de la compañía",
            "teléfono celular",
            "móvil",
            "numero di telefono",
            "telefono",
            "telefono cellulare",
            "cellulare",
            "telefono ufficio",
            "abitazione",
            "telefone",
            "número de telefone",
            "celular",
            "telefone celular",
            "telefone comercial",
            "telefone residencial",
            "telemóvel",
            "telefoon",
            "telefoonnummer",
            "mobiel",
            "mobiele telefoon",
            "telefoon op werk",
            "telefoon thuis",
            "numer telefonu",
            "komórka",
            "telefon komórkowy",
            "telefon służbowy",
            "telefon domowy",
            "puhelin",
            "puhelinnumero",
            "matkapuhelin",
            "telefonnumber",
            "mobiltelefon arbete",
            "телефон",
            "номер телефона",
            "мобильный телефон",
            "телефон переносной",
            "мобильный",
            "рабочий телефон",
            "домашний телефон",
            "основной телефон",
            "другой телефон",
            "номер телефону",
            "мобільний телефон",
            "電話",
            "電話番号",
            "携帯電話",
            "携帯",
            "携帯番号",
            "携帯電話番号",
            "会社電話",
            "自宅電話",
            "会社代表電話",
            "通常の電話",
            "その他の電話",
            "电话",
            "电话号码",
            "手机",
            "手机号码",
            "移动电话",
            "商务电话",
            "住宅电话",
            "電話號碼",
            "行動電話",
            "전화",
            "전화번호",
            "휴대폰",
            "휴대 전화",
            "휴대전화",
            "cep telefonu",
            "mobilní telefon",
            "τηλέφωνο",
            "κινητό",
            "κινητό τηλέφωνο",
            "טלפון",
            "נייד",
            "טלפון נייד",
        ],
    ),
];

/// Headings that are the whole name by themselves, and the other part of it beside one part: "Name, Vorname", "성, 이름".
const BARE_NAMES: [&str; 8] = ["name", "naam", "navn", "namn", "nimi", "名前", "이름", "성명"];

/// Returns the kind of phone number in a heading.
pub(super) fn kind_of_heading(heading: &str) -> (Kind, bool) {
    let plain = plain(heading);
    let says_first =
        ["primary", "principal", "haupttelefon", "основной"].iter().any(|word| plain.contains(*word));
    (Kind::of(heading), says_first)
}

/// The column in which Google says what the value of another one is: `Phone 1 - Label` of `Phone 1 - Value`.
pub(super) fn label_of(headings: &StringRecord, column: usize) -> Option<usize> {
    let heading = plain(headings.get(column)?);
    let beginning = heading.strip_suffix("value")?;
    headings.iter().position(|other| {
        let other = plain(other);
        other.strip_prefix(beginning).is_some_and(|rest| matches!(rest, "label" | "type"))
    })
}

/// The maximum number of title and note records before the headings.
pub(super) const TITLES_MAX: usize = 20;

/// Returns the first record of the table: the first with headings, or else the first with more than one cell. Earlier
/// records are titles and notes.
pub(super) fn begin(first: &[StringRecord], may_have_headings: bool) -> usize {
    let kinds = |record: &StringRecord| {
        let found = |wanted: &[Target]| {
            record.iter().any(|cell| Target::of_heading(cell).is_some_and(|target| wanted.contains(&target)))
        };
        let names = found(&[Target::Name, Target::First, Target::Last]);
        usize::from(names) + usize::from(found(&[Target::Email])) + usize::from(found(&[Target::Phone]))
    };
    let filled = |record: &StringRecord| record.iter().filter(|cell| !cell.trim().is_empty()).count();
    let headings = first.iter().position(|record| kinds(record) >= 2).filter(|_| may_have_headings);
    headings.or_else(|| first.iter().position(|record| filled(record) >= 2)).unwrap_or_default()
}

/// Whether a record consists of headings.
pub(super) fn is_heading(first: &StringRecord) -> bool {
    first.iter().any(|cell| Target::of_heading(cell).is_some())
        || !first.iter().any(|cell| cell.contains('@'))
}

/// Maps the columns by their headings or, without headings, by the values of the first line.
pub(super) fn guess(first: &StringRecord, has_headings: bool) -> Vec<Option<Target>> {
    if !has_headings {
        return guess_by_looks(first);
    }
    let mut targets: Vec<_> = first.iter().map(Target::of_heading).collect();
    let has = |target| targets.contains(&Some(target));
    if has(Target::First) && has(Target::Last) {
        // Besides both parts the whole is often a nickname, a company, or empty.
        targets.iter_mut().filter(|target| **target == Some(Target::Name)).for_each(|target| *target = None);
    } else if !has(Target::Name) {
        // "Nombre" and "Nom" are the whole name where nothing else is one.
        let is_part = |target: &&mut Option<Target>| matches!(target, Some(Target::First | Target::Last));
        targets.iter_mut().filter(is_part).for_each(|target| *target = Some(Target::Name));
    } else if !first.iter().any(|cell| BARE_NAMES.iter().any(|bare| plain(bare) == plain(cell))) {
        let is_part = |target: &&mut Option<Target>| {
            matches!(target, Some(Target::First | Target::Middle | Target::Last))
        };
        targets.iter_mut().filter(is_part).for_each(|target| *target = None);
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
    #[allow(clippy::too_many_lines, reason = "a table of headings")]
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
            (&["Name", "Vorname", "E-Mail", "Telefon"], "name first email phone"),
            (&["성", "이름", "전자 메일 주소", "휴대폰"], "last name email phone"),
            (&["Display Name", "First Name", "Email", "Phone"], "name - email phone"),
            (&["Nombre", "Segundo nombre", "Correo", "Móvil"], "name middle email phone"),
            (&["Imi\u{119}", "Nazwisko", "E-mail", "Numer telefonu"], "first last email phone"),
            (
                &[
                    "Prénom",
                    "Deuxième prénom",
                    "Nom",
                    "Société",
                    "Téléphone (bureau)",
                    "Téléphone 2 (bureau)",
                    "Télécopie (bureau)",
                    "Tél. mobile",
                    "Adresse de messagerie",
                    "Adresse de messagerie 2",
                ],
                "first middle last - phone phone - phone email email",
            ),
            (
                &[
                    "Имя",
                    "Отчество",
                    "Фамилия",
                    "Рабочий телефон",
                    "Рабочий факс",
                    "Телефон переносной",
                    "Адрес эл. почты",
                    "Адрес 2 эл. почты",
                ],
                "first middle last phone - phone email email",
            ),
            (
                &[
                    "名",
                    "ミドル ネーム",
                    "姓",
                    "会社電話",
                    "会社 FAX",
                    "携帯電話",
                    "電子メール アドレス",
                    "電子メール 2 アドレス",
                ],
                "first middle last phone - phone email email",
            ),
            (
                &[
                    "Vorname",
                    "Weitere Vornamen",
                    "Nachname",
                    "Telefon (privat 2)",
                    "Mobiltelefon",
                    "Fax privat",
                    "E-Mail 2: Adresse",
                ],
                "first middle last phone phone - email",
            ),
            (
                &[
                    "Nombre",
                    "Segundo nombre",
                    "Apellidos",
                    "Teléfono móvil",
                    "Fax del trabajo",
                    "Dirección de correo electrónico",
                ],
                "first middle last phone - email",
            ),
            (
                &["user_login", "user_email", "first_name", "last_name", "display_name", "billing_phone"],
                "- email first last - phone",
            ),
            (&["お名前", "メールアドレス", "携帯電話番号"], "name email phone"),
            (&["ФИО", "Электронная почта", "Мобильный телефон"], "name email phone"),
            (&["姓名", "邮箱", "手机"], "name email phone"),
            (&["Ad", "Soyadı", "E-posta Adresi", "Cep Telefonu"], "first last email phone"),
            (&["Jméno", "Příjmení", "E-mailová adresa", "Mobilní telefon"], "first last email phone"),
            (
                &["Όνομα", "Επώνυμο", "Διεύθυνση ηλεκτρονικού ταχυδρομείου", "Κινητό τηλέφωνο"],
                "first last email phone",
            ),
            (&["שם פרטי", "שם משפחה", "כתובת דואר אלקטרוני", "טלפון נייד"], "first last email phone"),
            (&["Nome", "Cognome", "Indirizzo posta elettronica", "Cellulare"], "first last email phone"),
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

    #[test]
    fn titles_and_notes_come_before_the_beginning() {
        let records = |lines: &[&str]| -> Vec<StringRecord> {
            lines.iter().map(|line| line.split(',').collect::<Vec<_>>().into()).collect()
        };
        for (lines, may_have_headings, at) in [
            (&["name,email,phone", "Ann,a@example.com,12345"][..], true, 0),
            (
                &["Customers 2026,,", "printed,on Monday,", "Name,E-mail,Phone", "Ann,a@example.com,1"],
                true,
                2,
            ),
            (&["Customers 2026", "Ann,a@example.com,12345"], true, 1),
            (&["Customers 2026", "Name,E-mail"], false, 1),
            (&["Ann,a@example.com,12345"], true, 0),
            (&["x", "y"], true, 0),
            (&[], true, 0),
        ] {
            assert_eq!(begin(&records(lines), may_have_headings), at, "{lines:?}");
        }
    }

    #[test]
    fn labels_and_headings_say_what_a_number_is() {
        let headings = StringRecord::from(
            &["Phone 1 - Label", "Phone 1 - Value", "Phone 2 - Value", "Phone 2 - Type"][..],
        );
        assert_eq!([0, 1, 2].map(|column| label_of(&headings, column)), [None, Some(0), Some(3)]);
        assert_eq!(kind_of_heading("Mobile Phone"), (Kind::Cell, false));
        assert_eq!(kind_of_heading("Primary Phone"), (Kind::Voice, true));
    }
}
