use std::fmt;

/// Settings that cannot be used: every problem that was found.
///
/// A problem is a message of what is wrong, then usually a line `help: …` with what to do. Display shows a single
/// problem as it is, and several under a line with their number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError(Vec<String>);

impl std::error::Error for SettingsError {}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.len() > 1 {
            write!(f, "{} problems in the settings\n\n", self.0.len())?;
        }
        f.write_str(&self.0.join("\n\n"))
    }
}

impl SettingsError {
    /// Returns an error with one problem.
    #[allow(clippy::needless_pass_by_value, reason = "`map_err` hands over errors by value")]
    pub fn new(problem: impl ToString) -> Self {
        Self(vec![problem.to_string()])
    }

    /// Returns the problems in the order in which they were found.
    pub fn problems(&self) -> &[String] {
        &self.0
    }
}

/// Collects problems, so that the user can fix all of them before the next start.
#[derive(Debug, Default)]
pub struct Problems(Vec<String>);

impl Problems {
    /// Adds a problem.
    #[allow(clippy::needless_pass_by_value, reason = "messages and errors alike are passed by value")]
    pub fn add(&mut self, problem: impl ToString) {
        self.0.push(problem.to_string());
    }

    /// Returns the value, or adds the problems and returns `None`.
    pub fn take<T>(&mut self, result: Result<T, SettingsError>) -> Option<T> {
        result.map_err(|SettingsError(problems)| self.0.extend(problems)).ok()
    }

    /// Returns the value if no problem was found. The value may be `None` only if a problem was added.
    ///
    /// # Errors
    /// [`SettingsError`] with all problems.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, SettingsError> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(SettingsError(self.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_are_in_one_error() {
        let mut problems = Problems::default();
        assert_eq!(problems.take(Ok(1)), Some(1));
        assert_eq!(problems.take::<u8>(Err(SettingsError::new("`A` is not set"))), None);
        problems.add("`B` is not set\nhelp: set it");
        let error = problems.finish(Some(1)).unwrap_err();
        assert_eq!(error.problems().len(), 2);
        assert_eq!(
            error.to_string(),
            "2 problems in the settings\n\n`A` is not set\n\n`B` is not set\nhelp: set it"
        );
        assert_eq!(SettingsError::new("`A` is not set").to_string(), "`A` is not set");
        assert_eq!(Problems::default().finish(Some(1)), Ok(1));
    }
}
