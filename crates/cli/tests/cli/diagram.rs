//! Diagrams; Mermaid's own parser reads them in a browser.

use std::fs;
use std::process::Command;

use crate::support::Folder;

const SCHEMA: &str = r#"datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

/// </title><script>alert(1)</script>
model User {
  id      Int    @id
  /// "quoted" & <b>bold</b>
  email   String @unique @map("e-mail <x> \"y\"")
  tags    String[]
  manager User?  @relation("chain", fields: [boss], references: [id])
  boss    Int?
  staff   User[] @relation("chain")
  posts   Post[]
  one     one?

  @@map("users\"; <script>")
}

model Post {
  id     Int    @id
  author User   @relation(fields: [by], references: [id])
  by     Int
  labels Label[]
  state  State
}

model Label {
  id    Int    @id
  posts Post[]
}

model one {
  id   Int  @id
  user User @relation(fields: [id], references: [id])
}

model Alone {
  id Int @id
}

enum State {
  title
  direction @map("with space")
}
"#;

#[test]
fn a_schema_is_drawn() {
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    let svg = folder.run(&["diagram"]).check(0, &[]).out;
    assert!(
        svg.starts_with("<svg ") && svg.contains(">Alone<") && svg.contains("prefers-color-scheme: dark")
    );
    assert!(!svg.contains("<script") && !svg.contains("<b>"), "{svg}");
    folder.run(&["diagram", "--output", "a.svg"]).check(0, &["is in a.svg"]);
    assert_eq!(folder.read("a.svg"), svg);
    folder.run(&["diagram", "--output", "a.mmd"]).check(0, &["is in a.mmd"]);
    assert!(folder.read("a.mmd").starts_with("erDiagram\n"));
}

#[test]
fn models_are_chosen_with_their_neighbors() {
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    let drawn = |arguments: &[&str]| {
        let all = [&["diagram", "--format", "mermaid"], arguments].concat();
        folder.run(&all).check(0, &[]).out
    };
    let near = drawn(&["--models", "Post"]);
    for (name, is_there) in
        [("Post", true), ("User", true), ("Label", true), ("State", true), ("Alone", false), ("one", false)]
    {
        assert_eq!(near.contains(&format!("    \"{name}\" {{")), is_there, "{name}: {near}");
    }
    assert!(!drawn(&["--models", "Post", "--depth", "0"]).contains("User"));
    assert!(drawn(&["--models", "Label,Alone", "--depth", "3"]).contains("    \"one\" {"));
    folder.run(&["diagram", "--models", "Pots"]).check(1, &["no model `Pots`", "did you mean `Post`?"]);
}

#[test]
fn browsers_read_the_diagrams() {
    let folder = Folder::new(&[("schema.prisma", SCHEMA)]);
    let reference = testkit::reference();
    let mermaid = reference.parent().expect("a folder").join("node_modules/mermaid/dist/mermaid.min.js");
    assert!(mermaid.is_file(), "`{}` is missing: run `cargo xtask setup`", mermaid.display());
    let mut calls = String::new();
    for (index, names) in [&[][..], &["--database-names"]].iter().enumerate() {
        let text = folder.run(&[&["diagram", "--format", "mermaid"], *names].concat()).check(0, &[]).out;
        let svg = folder.run(&[&["diagram"], *names].concat()).check(0, &[]).out;
        let json = |text: &str| serde_json::to_string(text).expect("text").replace('<', "\\u003c");
        let call = format!(
            "await mermaid.parse({text}); const drawn{index} = await mermaid.render('it{index}', {text});\n\
             if (!drawn{index}.svg.includes('Alone')) throw new Error('no Alone');\n\
             const xml{index} = new DOMParser().parseFromString({svg}, 'image/svg+xml');\n\
             if (xml{index}.querySelector('parsererror, script')) throw new Error(xml{index}.documentElement.textContent);\n",
            text = json(&text),
            svg = json(&svg),
        );
        calls.push_str(&call);
    }
    let page = format!(
        "<!doctype html><meta charset=\"utf-8\"><body><p id=\"result\">nothing</p><script src=\"mermaid.js\"></script><script type=\"module\">\n\
         const result = document.getElementById('result');\n\
         try {{ mermaid.initialize({{ startOnLoad: false }});\n{calls}result.textContent = 'all is read' }}\n\
         catch (error) {{ result.textContent = 'refused: ' + error }}\n</script>"
    );
    fs::copy(&mermaid, folder.path().join("mermaid.js")).expect("it can be copied");
    folder.write("page.html", &page);
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let browser = std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|path| path.is_file())
        .expect("a browser is installed: run `cargo xtask setup`");
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"])
        .args(["--virtual-time-budget=20000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.path().join("browser").display()))
        .arg(folder.path().join("page.html"))
        .output()
        .expect("the browser runs");
    let page = String::from_utf8_lossy(&output.stdout);
    let result = page.split("id=\"result\">").nth(1).and_then(|rest| rest.split("</p>").next());
    assert_eq!(result, Some("all is read"), "{page}");
}
