use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::{Problems, SettingsError};

/// Reads the assignments in a `.env` file, in order; `None` if there is no such file.
///
/// If a variable is assigned several times, only the last assignment is returned, as in Node's dotenv, which Prisma uses.
///
/// # Errors
/// The file cannot be read, or has lines that are no assignments. They are named by number only: a line may hold a
/// password.
pub fn read_dotenv(path: &Path) -> Result<Option<Vec<(String, String)>>, SettingsError> {
    let Some(text) = read_text(path)? else { return Ok(None) };
    let mut last: Vec<(String, String)> = Vec::new();
    for (name, value) in parse(path, &text)? {
        last.retain(|(earlier, _)| *earlier != name);
        last.push((name, value));
    }
    Ok(Some(last))
}

/// Returns the text of a file; `None` if there is none.
pub(crate) fn read_text(path: &Path) -> Result<Option<String>, SettingsError> {
    let read = || {
        // Opening a pipe would wait for a writer, and a device may never end.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        fs::read_to_string(path)
    };
    match read() {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SettingsError::new(format!("cannot read `{}`: {error}", path.display()))),
    }
}

pub(crate) fn parse(path: &Path, text: &str) -> Result<Vec<(String, String)>, SettingsError> {
    // Editors on Windows start a file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut assignments, mut problems) = (Vec::new(), Problems::default());
    for (index, assignment) in dotenvy::from_read_iter(text.as_bytes()).enumerate() {
        match assignment {
            Ok(assignment) => assignments.push(assignment),
            Err(_) => problems.add(format!(
                "`{}` cannot be parsed: assignment {} is not of the form NAME=value\n\
                 help: put quotes around a value that contains spaces, `$` or `#`",
                path.display(),
                index + 1
            )),
        }
    }
    problems.finish(Some(assignments))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, SettingsError> {
        parse(Path::new("folder/.env"), text)
    }

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let read = read(text).unwrap();
        let read: Vec<_> = read.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(read, expected);
    }

    #[test]
    fn assignments_are_read_in_order() {
        check(
            "# a comment\nPORT=5000\nexport HOST='127.0.0.1'\nEMPTY=\nURL=\"a=b c\"\n",
            &[("PORT", "5000"), ("HOST", "127.0.0.1"), ("EMPTY", ""), ("URL", "a=b c")],
        );
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_a_name() {
        check("\u{feff}HOST=\"127.0.0.1\"\r\nURL='a'\r\n", &[("HOST", "127.0.0.1"), ("URL", "a")]);
    }

    #[test]
    fn every_line_that_is_no_assignment_is_named_by_its_number_alone() {
        let error = read("A=1\nAUTH_SECRET=hush hush\nB=2\nno assignment: hush\n").unwrap_err();
        let [second, fourth] = error.problems() else { panic!("{error}") };
        assert!(second.starts_with("`folder/.env` cannot be parsed: assignment 2 is not"), "{second}");
        assert!(fourth.contains("assignment 4"), "{fourth}");
        assert!(!error.to_string().contains("hush"), "{error}");
    }

    #[test]
    fn the_last_assignment_of_a_variable_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        fs::write(&path, "A=1\nB=x\nA=2\n").unwrap();
        let read = read_dotenv(&path).unwrap().unwrap();
        assert_eq!(read, [("B".to_owned(), "x".to_owned()), ("A".to_owned(), "2".to_owned())]);
    }

    #[test]
    fn only_regular_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join(".env");
        for place in ["/dev/zero", "/dev/tty"] {
            std::os::unix::fs::symlink(place, &link).unwrap();
            let error = read_dotenv(&link).unwrap_err().to_string();
            assert!(error.ends_with("it is not a regular file"), "{error}");
            fs::remove_file(&link).unwrap();
        }
        let made = std::process::Command::new("mkfifo").arg(&link).status().unwrap();
        assert!(made.success());
        let error = read_dotenv(&link).unwrap_err().to_string();
        assert!(error.ends_with("it is not a regular file"), "{error}");
    }

    #[test]
    fn a_file_that_does_not_exist_has_no_assignments() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read_dotenv(&folder.path().join(".env")), Ok(None));
        assert!(read_dotenv(folder.path()).unwrap_err().to_string().starts_with("cannot read `"));
    }
}
