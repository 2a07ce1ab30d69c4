//! The clients of all cases, compiled against the runtime under this workspace's lints.

// Generated files stay as the generator formats them.
#[rustfmt::skip]
#[path = "data/authjs/out/mod.rs"]
mod authjs;
#[rustfmt::skip]
#[path = "data/names/out/mod.rs"]
mod names;
#[rustfmt::skip]
#[path = "data/relations/out/mod.rs"]
mod relations;
#[rustfmt::skip]
#[path = "data/types/out/mod.rs"]
mod types;

#[test]
fn each_case_is_compiled() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    for case in std::fs::read_dir(folder).unwrap() {
        let module = format!("data/{}/out/mod.rs", case.unwrap().file_name().display());
        assert!(include_str!("compiles.rs").contains(&module), "`{module}` is no module of this file");
    }
}
