//! The pages of the import.

use askama::Template;

use super::{Page, grouped};
use crate::import::{Delimiter, Done, ENCODINGS, Existing, Fate, Options, Sheet, Target, encoding_label};

/// The form that takes a file.
#[derive(Template)]
#[template(path = "import_upload.html")]
pub struct ImportUploadPage {
    /// The frame of the page.
    pub page: Page,
    /// The CSRF token of the form.
    pub csrf: String,
    /// Why the last file was refused.
    pub problem: Option<String>,
}

/// The preview of an import.
#[derive(Template)]
#[template(path = "import_preview.html")]
pub struct ImportPreviewPage {
    /// The frame of the page.
    pub page: Page,
    /// The CSRF token of the form.
    pub csrf: String,
    /// The upload.
    pub id: String,
    /// The name of the file; empty for pasted lines.
    pub file_name: String,
    /// How it was read.
    pub options: Options,
    /// The file; `None` if it was refused.
    pub sheet: Option<Sheet>,
    /// The numbers of the preview.
    pub would: Option<Done>,
    /// Whether it can be imported.
    pub is_ready: bool,
    /// How many people have mistakes; the first are shown.
    pub wrong: usize,
    /// How many mistakes there are.
    pub problems: usize,
    /// The error message.
    pub problem: Option<String>,
}

/// The result of an import that left people out.
#[derive(Template)]
#[template(path = "import_done.html")]
pub struct ImportDonePage {
    /// The frame of the page.
    pub page: Page,
    /// The upload, which is now the file of those who were left out.
    pub id: String,
    /// The result.
    pub done: Done,
}

impl ImportDonePage {
    fn summary(&self) -> String {
        let Done { added, updated, skipped, .. } = self.done;
        counted("The others were imported", [added, updated, skipped])
    }
}

#[allow(clippy::unused_self, reason = "a template reaches what it needs through the page")]
impl ImportPreviewPage {
    fn targets(&self) -> [Target; 6] {
        Target::ALL
    }

    fn delimiters(&self) -> [Delimiter; 4] {
        Delimiter::ALL
    }

    fn choices(&self) -> [Existing; 3] {
        Existing::ALL
    }

    /// The names and labels of the encodings.
    fn encodings(&self) -> [(&'static str, &'static str); ENCODINGS.len()] {
        ENCODINGS
    }

    /// The encoding that was read or chosen.
    fn encoding(&self) -> &'static str {
        let read = self.sheet.as_ref().map(|sheet| sheet.encoding);
        read.or(self.options.encoding).map_or("", encoding_rs::Encoding::name)
    }

    fn encoding_label(&self) -> &'static str {
        self.sheet.as_ref().map_or("", |sheet| encoding_label(sheet.encoding))
    }

    fn pairs(&self) -> Vec<(String, &'static str)> {
        self.options.to_pairs()
    }

    /// The options as the query of an address; they are letters and digits alone.
    fn query(&self) -> String {
        let pairs = self.pairs().into_iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// "Add 3 people", "Add 3 people, update 2"
    fn work(&self) -> String {
        match self.would {
            Some(Done { added, updated: 0, .. }) => format!("Add {}", people(added)),
            Some(Done { added: 0, updated, .. }) => format!("Update {}", people(updated)),
            Some(Done { added, updated, .. }) => {
                format!("Add {}, update {}", people(added), grouped(updated))
            }
            None => String::new(),
        }
    }

    /// Returns the label of the button, which says so if people are left out.
    fn button(&self) -> String {
        match self.would.map_or(0, |would| would.added + would.updated) {
            _ if self.is_ready => self.work(),
            1 => "Import 1 valid person".to_owned(),
            many => format!("Import {} valid people", grouped(many)),
        }
    }

    fn has_work(&self) -> bool {
        let is_checked = self.sheet.as_ref().is_some_and(|sheet| sheet.missing.is_empty());
        is_checked && self.would.is_some_and(|would| would.added + would.updated > 0)
    }

    /// Returns why there is nothing to do for the valid people, if so.
    fn nothing_to_do(&self) -> Option<String> {
        let would = self.would.filter(|would| would.skipped > 0 && !self.has_work())?;
        let checked = &self.sheet.as_ref()?.checked;
        let all = if self.wrong > 0 { "the others" } else { "everyone in this file" };
        Some(if checked.changes.is_empty() {
            format!(
                "Nothing to do: {all} is already listed with the same details ({}).",
                people(would.skipped)
            )
            .replace("the others is", "the others are")
        } else {
            "Nothing to do: everyone in this file is already listed and stays unchanged.".to_owned()
        })
    }

    /// Returns the number of updated people who are not shown.
    fn more_changes(&self) -> u64 {
        let shown = self.sheet.as_ref().map_or(0, |sheet| sheet.checked.changes.len()) as u64;
        match self.options.existing {
            Existing::Update => self.would.map_or(0, |would| would.updated).saturating_sub(shown),
            Existing::Stop | Existing::Skip => 0,
        }
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "a template hands over references")]
    fn fate(&self, fate: &Fate) -> &'static str {
        match fate {
            Fate::Add => "New",
            Fate::Update => "Update",
            Fate::Leave => "Skip",
            Fate::Same => "No change",
            Fate::Wrong => "Mistake",
        }
    }

    /// How many mistakes there are.
    fn problem_count(&self) -> String {
        match self.problems {
            1 => "1 mistake".to_owned(),
            many => format!("{} mistakes", grouped(many as u64)),
        }
    }

    /// Returns the number of people with errors who are not shown.
    fn more_wrong(&self) -> u64 {
        let shown = self.sheet.as_ref().map_or(0, |sheet| sheet.checked.wrong.len());
        (self.wrong - shown) as u64
    }
}

/// Returns a sentence about an import for the list; `None` for other texts.
pub fn import_notice(done: &str) -> Option<String> {
    let counts = done.strip_prefix("imported-")?;
    let (head, counts) = match counts.strip_prefix("before-") {
        Some(counts) => ("This file was already imported", counts),
        None => ("The file was imported", counts),
    };
    let counts: Vec<u64> = counts.split('-').map(|count| count.parse().ok()).collect::<Option<_>>()?;
    let counts: [u64; 3] = counts.try_into().ok()?;
    Some(counted(head, counts))
}

fn counted(head: &str, [added, updated, skipped]: [u64; 3]) -> String {
    let mut parts = vec![format!("{} added", grouped(added))];
    if updated > 0 {
        parts.push(format!("{} updated", grouped(updated)));
    }
    if skipped > 0 {
        parts.push(format!("{} unchanged", grouped(skipped)));
    }
    format!("{head}: {}.", parts.join(", "))
}

fn people(count: u64) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{} people", grouped(count)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notice_says_what_was_done() {
        assert_eq!(
            import_notice("imported-1234-2-1").unwrap(),
            "The file was imported: 1,234 added, 2 updated, 1 unchanged."
        );
        assert_eq!(
            import_notice("imported-before-1-0-0").unwrap(),
            "This file was already imported: 1 added."
        );
        for text in ["imported", "imported-", "imported-1-2", "imported-1-2-3-4", "imported-x-1-1", "added"] {
            assert_eq!(import_notice(text), None, "{text}");
        }
    }
}
