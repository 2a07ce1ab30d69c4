//! Importing in a real browser: the file, the look at it, the mistakes, the result.

use std::fs;

use fantoccini::Locator;
use testkit::browser::Browser;

use crate::accessibility::look_at;
use crate::browser::{follow, press, see, shoot};
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_chosen_looked_at_mended_and_imported() {
    let site = Site::with_samples().await;
    let browser = Browser::start().await;
    site.sign_in(&browser, "ann@example.com").await;
    let folder = tempfile::tempdir().unwrap();

    site.open(&browser, "/people/import").await;
    see(&browser, "Import people").await;
    let mut found = String::new();
    let file = folder.path().join("customers.csv");
    let head = "Vorname;Nachname;E-Mail-Adresse;Telefon;Ort\nJörg;Müller;joerg@example.com;+49 30 1234567;Berlin\n\
        Jane;Smith;jane.smith@example.com;+1 202 555 0199;Boston\n";
    fs::write(&file, format!("{head}Zoë;Quinn;zoe@example;(02) 5550 1234;Sydney\n")).unwrap();
    let input = browser.find(Locator::Css("#file")).await.unwrap();
    input.send_keys(file.to_str().unwrap()).await.unwrap();
    press(&browser, "Continue").await;
    see(&browser, "2 mistakes").await;
    see(&browser, "Ignored: Ort.").await;
    look_at(&browser, "import-mistakes", &mut found).await;
    press(&browser, "Import 1 valid person").await;
    see(&browser, "The others were imported: 1 added.").await;
    look_at(&browser, "import-left-out", &mut found).await;

    let mended = format!("{head}Zoë;Quinn;zoe@example.com;-1234;Sydney\n");
    fs::write(&file, encoding_rs::WINDOWS_1252.encode(&mended).0).unwrap();
    follow(&browser, "Import a corrected file").await;
    see(&browser, "Import people").await;
    let input = browser.find(Locator::Css("#file")).await.unwrap();
    input.send_keys(file.to_str().unwrap()).await.unwrap();
    press(&browser, "Continue").await;
    see(&browser, "1 mistake").await;
    let choice = browser.find(Locator::Css("#existing option[value=update]")).await.unwrap();
    choice.click().await.unwrap();
    press(&browser, "Check again").await;
    see(&browser, "In the file\n+1 202 555 0199").await;
    see(&browser, "on line 4").await;
    look_at(&browser, "import-preview", &mut found).await;
    assert!(found.is_empty(), "{found}");
    press(&browser, "Add 1 person, update 1").await;
    see(&browser, "The file was imported: 1 added, 1 updated, 1 unchanged.").await;
    see(&browser, "12 people").await;
    shoot(&browser, "imported").await;

    site.open(&browser, "/people/import").await;
    let input = browser.find(Locator::Css("#file")).await.unwrap();
    input.send_keys(file.to_str().unwrap()).await.unwrap();
    press(&browser, "Continue").await;
    see(&browser, "Nothing to do: everyone in this file is already listed with the same details (3 people).")
        .await;
    look_at(&browser, "import-nothing", &mut found).await;
    assert!(found.is_empty(), "{found}");
}

/// A browser with a script is told how far it is. What it was told last stays in the log that this test keeps of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_runs_its_script_shows_progress() {
    const LOG: &str = "window.name = '';
        new MutationObserver(() => { const p = document.querySelector('progress');
            if (p?.value) window.name += p.value + '/' + p.max + ' '; })
            .observe(document.querySelector('.import-do'), { subtree: true, childList: true, attributes: true, characterData: true });";
    let site = Site::with_samples().await;
    let browser = Browser::start().await;
    site.sign_in(&browser, "ann@example.com").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("many.csv");
    let lines = (0..12_000).map(|n| format!("Person {n},p{n}@example.com,12345\n"));
    fs::write(&file, lines.collect::<String>()).unwrap();
    site.open(&browser, "/people/import").await;
    let input = browser.find(Locator::Css("#file")).await.unwrap();
    input.send_keys(file.to_str().unwrap()).await.unwrap();
    press(&browser, "Continue").await;
    see(&browser, "Add 12,000 people").await;
    browser.execute(LOG, vec![]).await.unwrap();
    press(&browser, "Add 12,000 people").await;
    see(&browser, "The file was imported: 12,000 added.").await;
    let log = browser.execute("return window.name", vec![]).await.unwrap();
    let log = log.as_str().unwrap();
    // The rest of it may come with the result, which is another page.
    assert!(log.starts_with("5000/12000 "), "{log}");
}
