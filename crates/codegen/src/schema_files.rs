//! Reads the files of a schema, for build scripts and the command line.

use std::path::{Path, PathBuf};
use std::{fs, io};

use nicol_schema::Sources;

/// Reads a schema: a file, or all files below a folder whose names end with `.prisma`.
///
/// The files are in the order of their names, folder by folder. A byte order mark at the start of a file is skipped.
///
/// Source: Prisma 6.19, `loadSchemaFiles`.
///
/// # Errors
/// A file cannot be read or is not UTF-8, or the folder contains no schema file.
pub fn read_schema(path: &Path) -> Result<Sources, ReadSchemaError> {
    let mut files = Vec::new();
    if path.is_dir() {
        read_folder(path, &mut Vec::new(), &mut files)?;
        if files.is_empty() {
            return Err(ReadSchemaError::NoFiles { folder: path.to_owned() });
        }
    } else {
        files.push(read_file(path)?);
    }
    Ok(Sources::new(files))
}

/// Why a schema could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadSchemaError {
    /// A file or folder cannot be read.
    #[error("cannot read the schema file `{}`: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A file is not UTF-8.
    #[error("`{}` is not UTF-8: line {line} has an invalid byte\nhelp: save it as UTF-8", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line of the first invalid byte, starting at 1.
        line: usize,
    },
    /// The folder contains no schema file.
    #[error("there is no schema file in the folder `{}`\nhelp: add a file whose name ends with `.prisma`", folder.display())]
    NoFiles {
        /// The folder.
        folder: PathBuf,
    },
}

/// `within` are the folders above, to stop at cycles of symbolic links.
fn read_folder(
    folder: &Path,
    within: &mut Vec<PathBuf>,
    files: &mut Vec<(String, String)>,
) -> Result<(), ReadSchemaError> {
    let failed = |source| ReadSchemaError::Read { path: folder.to_owned(), source };
    let real = folder.canonicalize().map_err(failed)?;
    if within.contains(&real) {
        return Ok(());
    }
    within.push(real);
    let entries: io::Result<Vec<PathBuf>> =
        fs::read_dir(folder).map_err(failed)?.map(|entry| Ok(entry?.path())).collect();
    let mut paths = entries.map_err(failed)?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read_folder(&path, within, files)?;
        } else if path.extension().is_some_and(|extension| extension == "prisma") && path.is_file() {
            files.push(read_file(&path)?);
        }
    }
    within.pop();
    Ok(())
}

fn read_file(path: &Path) -> Result<(String, String), ReadSchemaError> {
    let bytes = fs::read(path).map_err(|source| ReadSchemaError::Read { path: path.to_owned(), source })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.split(|byte| *byte == b'\n').count();
        ReadSchemaError::NotUtf8 { path: path.to_owned(), line }
    })?;
    // Some Windows editors add a byte order mark.
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    Ok((path.display().to_string(), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_read_in_the_order_of_names() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for (path, text) in [
            ("b.prisma", "2"),
            ("a/z.prisma", "1"),
            ("c/deep/a.prisma", "3"),
            ("C.prisma", "0"),
            ("notes.md", "no"),
            (".prisma", "no"),
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
            fs::write(path, text).expect("a file can be written");
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path(), folder.path().join("c/again")).expect("a link");
        let sources = read_schema(folder.path()).expect("all can be read");
        let texts: Vec<&str> = sources.files().map(|file| file.text).collect();
        assert_eq!(texts, ["0", "1", "2", "3"]);
    }

    #[test]
    fn what_is_no_text_is_named_with_its_line() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("latin1.prisma");
        fs::write(&path, b"model A {\n  id Int // gr\xfcn\n}\n").expect("a file can be written");
        let error = read_schema(&path).expect_err("it is not UTF-8").to_string();
        assert!(error.contains("latin1.prisma` is not UTF-8: line 2 has"), "{error}");
    }

    #[test]
    fn a_byte_order_mark_is_no_content() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for (name, text) in
            [("a.prisma", "\u{feff}model A {"), ("b.prisma", "\u{feff}"), ("c.prisma", "c\u{feff}")]
        {
            fs::write(folder.path().join(name), text).expect("a file can be written");
        }
        let sources = read_schema(folder.path()).expect("all can be read");
        let texts: Vec<&str> = sources.files().map(|file| file.text).collect();
        assert_eq!(texts, ["model A {", "", "c\u{feff}"], "elsewhere it is a character");
    }

    #[test]
    fn a_folder_without_schema_files_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let error = read_schema(folder.path()).expect_err("there is nothing").to_string();
        assert!(error.starts_with("there is no schema file in the folder"), "{error}");
    }
}
