//! What forms alone can do.

use fantoccini::Locator;
use testkit::browser::Browser;

use super::{fill, follow, press, see};
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn without_script_a_conflict_is_settled_a_file_imported_and_an_error_says_the_way_on() {
    let site = Site::with_people(3).await;
    let browser = Browser::without_script().await;
    site.sign_in(&browser, "ann@example.com").await;

    follow(&browser, "Edit Person 02").await;
    fill(&browser, "#name", "Person Two").await;
    fill(&browser, "#phone_number", "67890").await;
    site.sql("update people set name = 'Person Due', email = 'due@example.com' where id = 'p02'").await;
    press(&browser, "Save").await;
    see(&browser, "Changed in the meantime").await;
    see(&browser, "changed by both").await;
    let theirs = browser.find(Locator::Css("input[name=name][value='Person Due']")).await.unwrap();
    theirs.click().await.unwrap();
    press(&browser, "Save").await;
    see(&browser, "The changes were saved.").await;
    for text in ["Person Due", "due@example.com", "67890"] {
        see(&browser, text).await;
    }

    site.open(&browser, "/people/import").await;
    fill(&browser, "#text", "Person 04,p4@example.com,12345\nPerson 05,p5@example.com,12345\n").await;
    press(&browser, "Continue").await;
    see(&browser, "What will happen").await;
    press(&browser, "Add 2 people").await;
    see(&browser, "The file was imported: 2 added.").await;
    see(&browser, "5 people").await;

    follow(&browser, "Delete Person 04").await;
    site.sql("delete from people where id = 'p01'").await;
    see(&browser, "Delete this person?").await;
    press(&browser, "Delete").await;
    see(&browser, "The person was deleted.").await;
    see(&browser, "3 people").await;
    site.open(&browser, "/people/p01").await;
    see(&browser, "This page does not exist, or the person was deleted.").await;
    follow(&browser, "Go to the start page").await;
    see(&browser, "3 people").await;
}
