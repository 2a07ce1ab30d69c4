//! The pages of the import.

use askama::Template;

use super::Page;
use crate::import::{Delimiter, Done, Existing, Fate, Options, Sheet, Target};

/// The form that takes a file.
#[derive(Template)]
#[template(path = "import_upload.html")]
pub struct ImportUploadPage {
    /// What is around it.
    pub page: Page,
    /// Proof that the form came from here.
    pub csrf: String,
    /// Why the last file was refused.
    pub problem: Option<String>,
}

/// What a file would do.
#[derive(Template)]
#[template(path = "import_preview.html")]
pub struct ImportPreviewPage {
    /// What is around it.
    pub page: Page,
    /// Proof that the form came from here.
    pub csrf: String,
    /// The upload.
    pub id: String,
    /// What the file is called; empty for lines that were pasted.
    pub file_name: String,
    /// How it was read.
    pub options: Options,
    /// What was read; nothing if it was refused.
    pub sheet: Option<Sheet>,
    /// What it would do.
    pub would: Option<Done>,
    /// Whether it can be imported.
    pub is_ready: bool,
    /// How many mistakes are not shown.
    pub more_problems: usize,
    /// What went wrong.
    pub problem: Option<String>,
}

#[allow(clippy::unused_self, reason = "a template reaches what it needs through the page")]
impl ImportPreviewPage {
    fn targets(&self) -> [Target; 6] {
        Target::ALL
    }

    fn delimiters(&self) -> [Delimiter; 3] {
        Delimiter::ALL
    }

    fn choices(&self) -> [Existing; 3] {
        Existing::ALL
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
    fn button(&self) -> String {
        match self.would {
            Some(Done { added: 0, updated: 0, .. }) | None => "Nothing to do".to_owned(),
            Some(Done { added, updated: 0, .. }) => format!("Add {}", people(added)),
            Some(Done { added: 0, updated, .. }) => format!("Update {}", people(updated)),
            Some(Done { added, updated, .. }) => {
                format!("Add {}, update {}", people(added), grouped(updated))
            }
        }
    }

    fn has_work(&self) -> bool {
        self.is_ready && self.would.is_some_and(|would| would.added + would.updated > 0)
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "a template hands over references")]
    fn fate(&self, fate: &Fate) -> &'static str {
        match fate {
            Fate::Add => "New",
            Fate::Update => "Update",
            Fate::Skip => "Leave",
            Fate::Wrong => "Mistake",
        }
    }

    /// How many mistakes there are.
    fn problem_count(&self) -> String {
        let shown = self.sheet.as_ref().map_or(0, |sheet| sheet.checked.problems.len());
        match shown + self.more_problems {
            1 => "1 mistake".to_owned(),
            many => format!("{} mistakes", grouped(many as u64)),
        }
    }
}

/// What an import did, in a sentence for the list; `None` for other texts.
pub fn import_notice(done: &str) -> Option<String> {
    let counts = done.strip_prefix("imported-")?;
    let (head, counts) = match counts.strip_prefix("before-") {
        Some(counts) => ("This file was imported before", counts),
        None => ("The file was imported", counts),
    };
    let counts: Vec<u64> = counts.split('-').map(|count| count.parse().ok()).collect::<Option<_>>()?;
    let [added, updated, skipped] = counts[..] else { return None };
    let mut parts = vec![format!("{} added", grouped(added))];
    if updated > 0 {
        parts.push(format!("{} updated", grouped(updated)));
    }
    if skipped > 0 {
        parts.push(format!("{} left as they were", grouped(skipped)));
    }
    Some(format!("{head}: {}.", parts.join(", ")))
}

fn people(count: u64) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{} people", grouped(count)) }
}

/// 1,234,567
fn grouped(number: impl std::borrow::Borrow<u64>) -> String {
    let digits = number.borrow().to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notice_says_what_was_done() {
        assert_eq!(
            import_notice("imported-1234-2-1").unwrap(),
            "The file was imported: 1,234 added, 2 updated, 1 left as they were."
        );
        assert_eq!(
            import_notice("imported-before-1-0-0").unwrap(),
            "This file was imported before: 1 added."
        );
        for text in ["imported", "imported-", "imported-1-2", "imported-1-2-3-4", "imported-x-1-1", "added"] {
            assert_eq!(import_notice(text), None, "{text}");
        }
    }
}
