//! The schemas of docs/guide/schema.md are valid and formatted, and become the SQL beside them.

use crate::support::Folder;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/schema.md");

/// Returns the language and the text of each block.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let blocks = page.split("\n```").skip(1).step_by(2);
    blocks.map(|block| block.split_once('\n').expect("a block has lines")).collect()
}

#[test]
fn each_schema_becomes_the_sql_beside_it() {
    let page = std::fs::read_to_string(PAGE).expect("the page is there");
    let blocks = blocks(&page);
    let (language, beginning) = blocks[0];
    assert_eq!(language, "prisma");
    let mut compared = 0;
    for pair in blocks[1..].chunks(2) {
        let [("prisma", models), ("sql", expected)] = pair else { panic!("no pair: {pair:?}") };
        let text = format!("{beginning}\n\n{models}\n");
        let folder = Folder::new(&[("schema.prisma", &text)]);
        let diff = ["migrate", "diff", "--from-empty", "--to-schema-datamodel", "schema.prisma", "--script"];
        let run = folder.run(&diff).check(0, &[]);
        assert_eq!(run.out.trim_end(), *expected, "{models}");
        folder.run(&["format", "--schema", "schema.prisma"]).check(0, &[]);
        assert_eq!(folder.read("schema.prisma"), text);
        compared += 1;
    }
    assert!(compared >= 7, "{compared}");
}
