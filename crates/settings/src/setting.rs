use std::fmt;
use std::path::PathBuf;

use url::Url;

/// A setting as shown to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The name of its variable.
    pub name: &'static str,
    /// Its value, with secrets hidden.
    pub value: String,
    /// Where it comes from.
    pub source: Source,
}

/// Where a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A variable of the process.
    Environment,
    /// A `.env` file or a credential file.
    File(PathBuf),
    /// Not set; the default applies.
    Default,
    /// Not set; the value follows from other settings.
    Derived,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("environment"),
            Self::File(path) => path.display().fmt(f),
            Self::Default => f.write_str("default"),
            Self::Derived => f.write_str("derived"),
        }
    }
}

/// Returns a URL with `***` for its password, or `hidden` if the text is not a URL.
pub fn hide_password(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else { return "hidden".to_owned() };
    if url.password().is_some() && url.set_password(Some("***")).is_err() {
        return "hidden".to_owned();
    }
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_hidden() {
        for (text, expected) in [
            ("smtps://ann:hush@example.com:465", "smtps://ann:***@example.com:465"),
            ("smtps://example.com", "smtps://example.com"),
            ("hush", "hidden"),
        ] {
            assert_eq!(hide_password(text), expected);
        }
    }
}
