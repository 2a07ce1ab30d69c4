//! The client of each `tests/data/<case>/schema.prisma` is `out/` beside it. `UPDATE_EXPECT=1` writes it.

#![allow(clippy::unwrap_used, reason = "helpers of tests, too, fail by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use nicol_codegen::{Layout, Options, OutputFile, generate, read_statements};

/// The folder of the schema, the folder of its client, and how the client is laid out.
fn cases() -> Vec<(PathBuf, PathBuf, Layout)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let cases = fs::read_dir(folder).unwrap().map(|entry| {
        let case = entry.unwrap().path();
        let out = case.join("out");
        (case, out, Layout::Folder)
    });
    let mut cases: Vec<_> = cases.collect();
    cases.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    // The runtime is tested with clients of its own. Its documentation includes one, as an application does.
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nicol/tests");
    for (case, layout) in [
        ("client", Layout::Folder),
        ("docs", Layout::SingleFile),
        ("extensions", Layout::SingleFile),
        ("guide", Layout::Folder),
        ("nested", Layout::Folder),
        ("selection", Layout::Folder),
        ("typed_sql", Layout::Folder),
        ("values", Layout::Folder),
    ] {
        cases.push((runtime.join(case), runtime.join(case).join("db"), layout));
    }
    for case in ["reads", "writes"] {
        let engine = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/tests").join(case);
        cases.push((engine.clone(), engine.join("db"), Layout::Folder));
    }
    cases
}

fn generated(case: &Path, layout: Layout) -> Vec<OutputFile> {
    let text = fs::read_to_string(case.join("schema.prisma")).unwrap();
    let validated = nicol_schema::validate(&text);
    let report = nicol_schema::render(&validated.diagnostics, &text, "schema.prisma", false);
    let schema = validated.schema.unwrap_or_else(|| panic!("{report}"));
    // Also with the adapter for sign-in, and with `Deserialize`.
    let (auth_adapter, deserialize) = (case.ends_with("authjs"), case.ends_with("types"));
    let statements = read_statements(&case.join("sql")).unwrap_or_else(|error| panic!("{error}"));
    generate(&schema, &Options { layout, auth_adapter, deserialize, statements }).unwrap()
}

#[test]
fn each_schema_has_its_client() {
    let is_update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = Vec::new();
    for (case, out, layout) in cases() {
        let files = generated(&case, layout);
        if is_update {
            fs::create_dir_all(&out).unwrap();
        }
        let expected: BTreeSet<_> = files.iter().map(|file| out.join(&file.path)).collect();
        for entry in fs::read_dir(&out).unwrap() {
            let path = entry.unwrap().path();
            if !expected.contains(&path) {
                if is_update {
                    fs::remove_file(&path).unwrap();
                } else {
                    wrong.push(format!("{} is not generated any more", path.display()));
                }
            }
        }
        for file in files {
            let path = out.join(&file.path);
            let found = fs::read_to_string(&path).unwrap_or_default();
            if found == file.contents {
                continue;
            }
            if is_update {
                fs::write(path, file.contents).unwrap();
            } else {
                let same = found.lines().zip(file.contents.lines()).take_while(|(a, b)| a == b).count();
                let line = file.contents.lines().nth(same).unwrap_or("(end of file)");
                wrong.push(format!("{}:{}: is now `{}`", path.display(), same + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "UPDATE_EXPECT=1 accepts the difference:\n{}", wrong.join("\n"));
}

#[test]
fn equal_schemas_have_equal_clients() {
    for (case, ..) in cases() {
        assert_eq!(generated(&case, Layout::Folder), generated(&case, Layout::Folder));
    }
}

#[test]
fn a_single_file_has_what_the_folder_has() {
    for (case, ..) in cases() {
        let [file] = generated(&case, Layout::SingleFile).try_into().unwrap();
        let modules = generated(&case, Layout::Folder).len() - 1;
        assert_eq!(
            file.contents
                .lines()
                .filter(|line| line.starts_with("pub mod ") || line.starts_with("mod "))
                .count(),
            modules,
            "{}",
            case.display()
        );
        syn::parse_file(&file.contents).unwrap();
    }
}
