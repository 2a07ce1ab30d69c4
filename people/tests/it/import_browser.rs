//! Importing in a real browser: the file, the look at it, the mistakes, the result.

use std::fs;

use fantoccini::Locator;
use testkit::browser::Browser;

use crate::browser::{press, see, shoot, sign_in};
use crate::running::{Project, Running};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_chosen_looked_at_mended_and_imported() {
    let project = Project::new();
    let mut people = tokio::task::block_in_place(|| Running::start(project.path(), &[]));
    let browser = Browser::start().await;
    let origin = format!("http://localhost:{}", people.port);
    sign_in(&browser, &mut people, &origin, "ann").await;

    browser.goto(&format!("{origin}/people/import")).await.unwrap();
    see(&browser, "Import people").await;
    shoot(&browser, "import").await;
    let file = project.path().join("customers.csv");
    fs::write(
        &file,
        "Vorname;Nachname;E-Mail-Adresse;Telefon;Ort\nJ\u{f6}rg;M\u{fc}ller;joerg@example.com;+49 30 1234567;Berlin\n\
         Jane;Smith;jane.smith@example.com;+1 202 555 0148;Boston\nZo\u{eb};Quinn;zoe@example;(02) 5550 1234;Sydney\n",
    )
    .unwrap();
    let input = browser.find(Locator::Css("#file")).await.unwrap();
    input.send_keys(file.to_str().unwrap()).await.unwrap();
    press(&browser, "Continue").await;
    see(&browser, "2 mistakes").await;
    shoot(&browser, "import-mistakes").await;

    fs::write(
        &file,
        "Vorname;Nachname;E-Mail-Adresse;Telefon;Ort\nJ\u{f6}rg;M\u{fc}ller;joerg@example.com;+49 30 1234567;Berlin\n\
         Jane;Smith;jane.smith@example.com;+1 202 555 0148;Boston\nZo\u{eb};Quinn;zoe@example.com;(02) 5550 1234;Sydney\n",
    )
    .unwrap();
    browser.goto(&format!("{origin}/people/import")).await.unwrap();
    let input = browser.find(Locator::Css("#file")).await.unwrap();
    input.send_keys(file.to_str().unwrap()).await.unwrap();
    press(&browser, "Continue").await;
    see(&browser, "1 mistake").await;
    let choice = browser.find(Locator::Css("#existing option[value=skip]")).await.unwrap();
    choice.click().await.unwrap();
    press(&browser, "Check again").await;
    see(&browser, "Left as they are").await;
    see(&browser, "Add 2 people").await;
    shoot(&browser, "import-preview").await;
    press(&browser, "Add 2 people").await;
    see(&browser, "The file was imported: 2 added, 1 left as they were.").await;
    see(&browser, "12 people").await;
    shoot(&browser, "imported").await;
}
