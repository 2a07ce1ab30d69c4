//! Protects cells from spreadsheets, which change formulas, numbers and dates.
//!
//! A leading apostrophe makes a cell text in every spreadsheet and is saved with it; the import removes exactly that
//! apostrophe.

/// The first characters of formulas.
///
/// Source: OWASP, CSV Injection.
fn begins_formula(c: char) -> bool {
    matches!(
        c,
        '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}'
    )
}

/// Whether a spreadsheet would change a cell, if it has as many apostrophes in front as it has.
///
/// Which numbers and dates it knows depends on its language, so every cell with a digit may be one: `0412 555 012`,
/// `1/2034`, `1e5`, `May 5`. An `@` rules that out.
fn is_changed(cell: &str) -> bool {
    let bare = cell.trim_start_matches('\'');
    bare.starts_with(begins_formula)
        || (bare.contains(|c: char| c.is_ascii_digit()) && !bare.contains('@'))
        || bare.eq_ignore_ascii_case("true")
        || bare.eq_ignore_ascii_case("false")
}

/// Protects a cell so that no spreadsheet changes it. [`unguarded`] restores the exact text.
pub fn guarded(cell: &str) -> String {
    if is_changed(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// Removes the apostrophe that [`guarded`] added.
pub fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_changed(rest)).unwrap_or(cell)
}

/// Returns what a spreadsheet turns a phone number into, if that differs: `0412555012` into `412555012`, `+12025550148`
/// into `12025550148`, `(1234)` into `-1234`.
fn as_number(phone: &str) -> Option<String> {
    let (sign, rest) = match phone.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => ("-", inner),
        None if phone.starts_with('-') => ("-", &phone[1..]),
        None => ("", phone.strip_prefix('+').unwrap_or(phone)),
    };
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let is_number =
        !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    let dot = if fraction.is_empty() { "" } else { "." };
    let number = format!("{sign}{whole}{dot}{fraction}");
    (is_number && number != phone).then_some(number)
}

/// Whether a spreadsheet has turned the listed phone number into this one.
pub(super) fn has_damaged(listed: &str, found: &str) -> bool {
    let whole = found.strip_suffix(".0").unwrap_or(found);
    as_number(listed).map_or(whole != found && whole == listed, |number| number == whole)
}

/// Whether a phone number looks like the number that a spreadsheet makes of one, whatever it was.
pub(super) fn looks_damaged(phone: &str) -> bool {
    let is_negative = phone.strip_prefix('-').is_some_and(is_digits);
    let is_float = phone.strip_suffix(".0").is_some_and(is_digits);
    is_negative || is_float || is_scientific(phone)
}

/// `1.20256E+10`, `1,2E10`
pub(super) fn is_scientific(phone: &str) -> bool {
    phone.split_once(['E', 'e']).is_some_and(|(number, power)| {
        let number = number.trim_start_matches(['+', '-']).replace(['.', ','], "");
        is_digits(&number) && is_digits(power.trim_start_matches(['+', '-']))
    })
}

pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guarded_cell_is_left_alone_and_comes_back() {
        for (cell, guard) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("'=1", "''=1"),
            ("-x@example.com", "'-x@example.com"),
            ("'t Hooft", "'t Hooft"),
            ("Ann", "Ann"),
            ("", ""),
            ("''", "''"),
            ("0412555012", "'0412555012"),
            ("'0412555012", "''0412555012"),
            ("+61 2 5550 1234", "'+61 2 5550 1234"),
            ("(02) 5550-1234", "'(02) 5550-1234"),
            ("1e5", "'1e5"),
            ("May 5", "'May 5"),
            ("True", "'True"),
            ("1e5@example.com", "1e5@example.com"),
        ] {
            assert_eq!(guarded(cell), guard);
            assert_eq!(unguarded(&guarded(cell)), cell);
            assert_eq!(unguarded(&guarded(&guarded(cell))), guarded(cell));
        }
    }

    #[test]
    fn what_a_spreadsheet_makes_of_a_number_is_known() {
        for (listed, found) in [
            ("+12025550148", "12025550148"),
            ("0412555012", "412555012"),
            ("000112", "112"),
            ("(1234)", "-1234"),
            ("030.120", "30.12"),
            ("0412555012", "412555012.0"),
            ("12025550148", "12025550148.0"),
        ] {
            assert!(has_damaged(listed, found), "{listed} {found}");
        }
        for (listed, found) in [
            ("+12025550148", "+12025550148"),
            ("+12025550148", "12025550149"),
            ("(02) 5550 1234", "25550 1234"),
            ("412555012", "0412555012"),
            ("1234", "-1234"),
            ("12345", "12345"),
            ("()", "-"),
        ] {
            assert!(!has_damaged(listed, found), "{listed} {found}");
        }
        for (phone, looks) in [
            ("-1234", true),
            ("12345.0", true),
            ("1.20256E+10", true),
            ("1,2e10", true),
            ("12-34", false),
            ("030.1", false),
        ] {
            assert_eq!(looks_damaged(phone), looks, "{phone}");
        }
    }
}
