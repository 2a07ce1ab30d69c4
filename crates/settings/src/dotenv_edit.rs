use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, chown};
use std::path::Path;

use crate::SettingsError;
use crate::dotenv::{parse, read_text};

/// What becomes of a variable.
#[derive(Clone, Copy)]
enum Change<'a> {
    /// Its last assignment gets this value.
    Value(&'a str),
    /// Its last assignment becomes this text.
    Line(&'a str),
    /// All of its assignments are removed.
    Remove,
}

/// Sets variables in a `.env` file, or removes those whose value is `None`.
///
/// All other lines, comments, the order, quotes and line endings stay as they are; a new variable is added at the end. If a
/// variable is assigned several times, the last assignment is changed, which is the one that counts. The file is replaced in
/// one step and keeps its owner and mode; a new one is only for its user. Returns whether the file has changed.
///
/// # Errors
/// The file cannot be read or written, or has lines that are no assignments. No message contains a line or a value.
pub fn write_dotenv(path: &Path, changes: &[(&str, Option<&str>)]) -> Result<bool, SettingsError> {
    let changes: Vec<_> =
        changes.iter().map(|(name, value)| (*name, value.map_or(Change::Remove, Change::Value))).collect();
    write(path, &changes)
}

/// Returns the text of the assignment that counts for each of these variables, to put it back later with
/// [`restore_dotenv`]; `None` if there is no such file.
///
/// # Errors
/// As [`read_dotenv`](crate::read_dotenv).
pub fn dotenv_lines(path: &Path, names: &[&str]) -> Result<Option<Vec<Option<String>>>, SettingsError> {
    let Some(text) = read_text(path)? else { return Ok(None) };
    parse(path, &text)?;
    let mut found = vec![None; names.len()];
    for line in assignments(path, text.strip_prefix('\u{feff}').unwrap_or(&text)) {
        if let Some(index) = position(path, line, names)? {
            found[index] = Some(line.trim_end_matches(['\r', '\n']).to_owned());
        }
    }
    Ok(Some(found))
}

/// Puts back assignments as [`dotenv_lines`] returned them, and removes the variables that had none.
///
/// # Errors
/// As [`write_dotenv`].
pub fn restore_dotenv(path: &Path, lines: &[(&str, Option<&str>)]) -> Result<bool, SettingsError> {
    let changes: Vec<_> =
        lines.iter().map(|(name, line)| (*name, line.map_or(Change::Remove, Change::Line))).collect();
    write(path, &changes)
}

fn write(path: &Path, changes: &[(&str, Change<'_>)]) -> Result<bool, SettingsError> {
    let failed = |error: io::Error| SettingsError::new(format!("cannot write `{}`: {error}", path.display()));
    let text = read_text(path)?;
    let edited = edit(path, text.as_deref().unwrap_or_default(), changes)?;
    if text.as_deref().unwrap_or_default() == edited {
        return Ok(false);
    }
    let meta = match fs::metadata(path) {
        Ok(meta) => Some((meta.mode() & 0o777, meta.uid(), meta.gid())),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(failed(error)),
    };
    if meta.is_none() && fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink()) {
        return Err(SettingsError::new(format!(
            "`{}` is a symbolic link to a file that does not exist\n\
             help: create that file, or remove the link",
            path.display()
        )));
    }
    replace(path, &edited, meta).map_err(failed)?;
    Ok(true)
}

fn replace(path: &Path, text: &str, meta: Option<(u32, u32, u32)>) -> io::Result<()> {
    // The file that a symbolic link leads to is replaced, not the link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(text.as_bytes())?;
        if let Some((mode, uid, gid)) = meta {
            let meta = file.metadata()?;
            if (meta.uid(), meta.gid()) != (uid, gid) {
                chown(&new, Some(uid), Some(gid))?;
            }
            file.set_permissions(Permissions::from_mode(mode))?;
        }
        file.sync_all()?;
        fs::rename(&new, &path)
    };
    let written = write();
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}

fn edit(path: &Path, text: &str, changes: &[(&str, Change<'_>)]) -> Result<String, SettingsError> {
    // A file that cannot be parsed as a whole is not edited.
    parse(path, text)?;
    let (mark, body) = match text.strip_prefix('\u{feff}') {
        Some(body) => ("\u{feff}", body),
        None => ("", text),
    };
    let names: Vec<&str> = changes.iter().map(|(name, _)| *name).collect();
    let lines = assignments(path, body);
    let mut places = Vec::new();
    for line in &lines {
        places.push(position(path, line, &names)?);
    }
    let mut edited = Vec::new();
    for (at, (line, place)) in lines.iter().zip(&places).enumerate() {
        let is_last = !places[at + 1..].contains(place);
        match place.map(|index| changes[index].1) {
            Some(Change::Remove) => {}
            Some(Change::Value(value)) if is_last => edited.push(with_value(path, line, value)),
            Some(Change::Line(text)) if is_last => {
                let ending = &line[line.trim_end_matches(['\r', '\n']).len()..];
                edited.push(format!("{text}{ending}"));
            }
            _ => edited.push((*line).to_owned()),
        }
    }
    let ending = if body.contains("\r\n") { "\r\n" } else { "\n" };
    // Whether the last line ends stays as it is, too.
    let is_ended = body.is_empty() || body.ends_with('\n');
    for (index, (name, change)) in changes.iter().enumerate() {
        let line = match change {
            _ if places.contains(&Some(index)) => continue,
            Change::Remove => continue,
            Change::Value(value) => format!("{name}={}", quoted(value, '"')),
            Change::Line(text) => (*text).to_owned(),
        };
        if !is_ended && let Some(last) = edited.last_mut() {
            last.push_str(ending);
        }
        edited.push(if is_ended { line + ending } else { line });
    }
    let mut edited = edited.concat();
    if !is_ended && edited.ends_with('\n') {
        edited.truncate(edited.trim_end_matches('\n').trim_end_matches('\r').len());
    }
    let edited = format!("{mark}{edited}");
    // What is written is what will be read.
    let read = parse(path, &edited)?;
    for (name, change) in changes {
        let last = read.iter().rev().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        let is_done = match change {
            Change::Value(value) => last == Some(value),
            Change::Line(_) => last.is_some(),
            Change::Remove => last.is_none(),
        };
        if !is_done {
            return Err(SettingsError::new(format!(
                "`{name}` in `{}` has a form that cannot be edited\nhelp: change it by hand",
                path.display()
            )));
        }
    }
    Ok(edited)
}

/// Returns which of these variables a line assigns.
fn position(path: &Path, line: &str, names: &[&str]) -> Result<Option<usize>, SettingsError> {
    let name = parse(path, line)?.into_iter().next().map(|(name, _)| name);
    Ok(names.iter().position(|wanted| name.as_deref() == Some(wanted)))
}

/// Splits a file into its lines, where a quoted value may have several.
fn assignments<'a>(path: &Path, text: &'a str) -> Vec<&'a str> {
    let (mut lines, mut start) = (Vec::new(), 0);
    for (end, _) in text.match_indices('\n').chain([(text.len().wrapping_sub(1), "")]) {
        let Some(line) = text.get(start..=end).filter(|line| !line.is_empty()) else { continue };
        if parse(path, line).is_ok() {
            lines.push(line);
            start = end + 1;
        }
    }
    lines
}

/// Returns an assignment with a different value, which has the same quotes and the same comment behind it.
fn with_value(path: &Path, line: &str, value: &str) -> String {
    let content = line.trim_end_matches(['\r', '\n']);
    let ending = &line[content.len()..];
    let equals = content.find('=').unwrap_or_default() + 1;
    let blank = content[equals..].len() - content[equals..].trim_start().len();
    let (before, old) = content.split_at(equals + blank);
    let of = |text: &str| parse(path, text).ok().and_then(|mut it| it.pop());
    let whole = of(content);
    let comment = content.match_indices('#').map(|(at, _)| content[..at].trim_end().len());
    let comment = comment.filter(|at| *at >= equals).find(|at| of(&content[..*at]) == whole);
    let comment = comment.map(|at| &content[at..]).unwrap_or_default();
    let quote = old.chars().next().filter(|first| ['"', '\''].contains(first));
    let value = match quote {
        Some(quote) => quoted(value, quote),
        None if is_plain(value) => value.to_owned(),
        None => quoted(value, '"'),
    };
    format!("{before}{value}{comment}{ending}")
}

/// Whether a value needs no quotes, in any program that reads such files.
fn is_plain(value: &str) -> bool {
    value.chars().all(|it| it.is_ascii_alphanumeric() || "_-./:@%?&=+,~".contains(it))
}

/// Quotes a value, with these quotes if it can be written in them.
fn quoted(value: &str, quote: char) -> String {
    let is_literal = !value.contains(['"', '\\', '$', '\n']);
    // The parser sees an escape in a backslash between single quotes, too.
    if (quote == '\'' || !is_literal) && !value.contains(['\'', '\\']) {
        return format!("'{value}'");
    }
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, changes: &[(&str, Option<&str>)], expected: &str) {
        let changes: Vec<_> = changes
            .iter()
            .map(|(name, value)| (*name, value.map_or(Change::Remove, Change::Value)))
            .collect();
        assert_eq!(edit(Path::new(".env"), text, &changes).unwrap(), expected);
    }

    #[test]
    fn only_the_value_is_replaced() {
        let text = "# the database\nA=1\n\nexport URL = \"old\"   # do not commit\nB='x y'\n";
        check(
            text,
            &[("URL", Some("postgresql://a:b@c/d?e=f"))],
            "# the database\nA=1\n\nexport URL = \"postgresql://a:b@c/d?e=f\"   # do not commit\nB='x y'\n",
        );
        check("URL='old'\nA=1", &[("URL", Some("new"))], "URL='new'\nA=1");
        check("URL=old\r\nA=1\r\n", &[("URL", Some("new"))], "URL=new\r\nA=1\r\n");
        check("\u{feff}URL=old", &[("URL", Some("new"))], "\u{feff}URL=new");
        check("URL=\n", &[("URL", Some("n#w"))], "URL=\"n#w\"\n");
        check("URL=old#no-comment\n", &[("URL", Some("new"))], "URL=new\n");
    }

    #[test]
    fn a_name_in_a_value_or_comment_is_left_alone() {
        let text = "# URL=1\nTEXT=\"first\nURL=2\nlast\" # URL=3\nMY_URL=4\nURL=5\n";
        check(text, &[("URL", Some("new"))], &text.replace("\nURL=5", "\nURL=new"));
        check("TEXT='a\nb'\n", &[("URL", None)], "TEXT='a\nb'\n");
    }

    #[test]
    fn variables_are_added_and_removed() {
        check("A=1", &[("URL", Some("new")), ("B", None)], "A=1\nURL=\"new\"");
        check("A=1\nURL=\"new\"", &[("URL", None)], "A=1");
        check("", &[("URL", Some("new"))], "URL=\"new\"\n");
        check("A=1\r\n", &[("URL", Some("new"))], "A=1\r\nURL=\"new\"\r\n");
        check("A=1\nURL='x\ny'\nB=2\n", &[("URL", None)], "A=1\nB=2\n");
        // The last one counts.
        check("URL=1\nA=1\nURL=2\n", &[("URL", Some("3"))], "URL=1\nA=1\nURL=3\n");
        check("URL=1\nA=1\nURL=2\n", &[("URL", None)], "A=1\n");
    }

    #[test]
    fn every_value_is_read_as_it_was_given() {
        for value in ["", "a b", "it's", "\"", "$HOME", "\\", "a\nb", "'\"$\\", "#", "ä", "p$a'ss"] {
            for text in ["", "URL=x", "URL='x'", "URL=\"x\""] {
                let edited = edit(Path::new(".env"), text, &[("URL", Change::Value(value))]).unwrap();
                let read = parse(Path::new(".env"), &edited).unwrap();
                assert_eq!(read, [("URL".to_owned(), value.to_owned())], "{edited}");
            }
        }
    }

    #[test]
    fn lines_come_back_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        let restore = |lines: &[Option<String>]| {
            restore_dotenv(&path, &[("URL", lines[0].as_deref()), ("DIRECT", lines[1].as_deref())]).unwrap()
        };
        for text in [
            "HOST=a\nexport URL = \"postgresql://${HOST}/b\"   # ${HOST}\nDIRECT='$HOST'\n",
            "\u{feff}URL=$HOST\r\nDIRECT=\r\nA=1\r\n",
            "URL=1\nURL=\"2\n3\"\nA=1",
            "A=1",
            "A=1\n",
            "URL=$A",
            "",
        ] {
            fs::write(&path, text).unwrap();
            let lines = dotenv_lines(&path, &["URL", "DIRECT"]).unwrap().unwrap();
            assert!(write_dotenv(&path, &[("URL", Some("x$y")), ("DIRECT", Some("z"))]).unwrap());
            assert!(write_dotenv(&path, &[("URL", Some("'")), ("DIRECT", Some("\""))]).unwrap());
            assert!(restore(&lines));
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            assert!(!restore(&lines), "it is unchanged");
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(dotenv_lines(&path, &["URL"]), Ok(None));
    }

    #[test]
    fn a_link_to_nothing_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join(".env");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        let error = write_dotenv(&link, &[("A", Some("secret"))]).unwrap_err().to_string();
        assert!(error.contains("a file that does not exist\nhelp: ") && !error.contains("secret"), "{error}");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(!write_dotenv(&link, &[("A", None)]).unwrap(), "there is nothing to remove");
    }

    #[test]
    fn a_file_keeps_its_mode_and_a_link_its_target() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        assert!(!write_dotenv(&path, &[("A", None)]).unwrap());
        assert!(!path.exists());
        assert!(write_dotenv(&path, &[("A", Some("1"))]).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(write_dotenv(&link, &[("A", Some("2"))]).unwrap());
        assert!(!write_dotenv(&link, &[("A", Some("2"))]).unwrap());
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "A=\"2\"\n");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no other file is left");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        fs::write(&path, "no assignment: hush\n").unwrap();
        let error = write_dotenv(&path, &[("A", Some("secret"))]).unwrap_err().to_string();
        assert!(
            error.contains("assignment 1") && !error.contains("hush") && !error.contains("secret"),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "no assignment: hush\n");
    }
}
