//! Questions to Git about the project's repository.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder, which may be in a Git repository.
pub(crate) struct Git<'a>(pub(crate) &'a Path);

impl Git<'_> {
    /// Returns the branch that is checked out; `None` for a detached HEAD.
    pub(crate) fn branch(&self) -> Option<String> {
        self.ask(&["symbolic-ref", "--short", "--quiet", "HEAD"])
    }

    /// Whether this is the branch that repositories are cloned with: the remote's, otherwise `main` or `master`.
    pub(crate) fn is_default(&self, branch: &str) -> bool {
        match self.ask(&["symbolic-ref", "--short", "--quiet", "refs/remotes/origin/HEAD"]) {
            Some(remote) => remote.strip_prefix("origin/") == Some(branch),
            None => ["main", "master"].contains(&branch),
        }
    }

    /// Whether a file is tracked, so that the next commit contains its changes.
    pub(crate) fn is_tracked(&self, path: &Path) -> bool {
        self.ask(&["ls-files", "--error-unmatch", "--", &path.to_string_lossy()]).is_some()
    }

    /// Whether files with this path, which need not exist, are ignored.
    pub(crate) fn ignores(&self, path: &str) -> bool {
        self.ask(&["check-ignore", "--", path]).is_some()
    }

    /// Returns the folder of the hooks.
    pub(crate) fn hooks(&self) -> Option<PathBuf> {
        Some(self.0.join(self.ask(&["rev-parse", "--git-path", "hooks"])?))
    }

    /// Returns the folder of the repository itself.
    pub(crate) fn repository(&self) -> Option<PathBuf> {
        Some(self.0.join(self.ask(&["rev-parse", "--git-common-dir"])?))
    }

    /// Returns the path of this folder below the root of the working tree.
    pub(crate) fn prefix(&self) -> Option<String> {
        let prefix = self.output(&["rev-parse", "--show-prefix"])?;
        Some(prefix.trim_end_matches(['\n', '/']).to_owned())
    }

    /// Returns the answer; `None` if it is empty, Git is not installed, or this is not a repository.
    fn ask(&self, arguments: &[&str]) -> Option<String> {
        self.output(arguments).map(|text| text.trim_end().to_owned()).filter(|text| !text.is_empty())
    }

    fn output(&self, arguments: &[&str]) -> Option<String> {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(self.0).stdin(Stdio::null()).stderr(Stdio::null());
        // Git sets these for hooks, some of them relative to another folder.
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX"] {
            command.env_remove(name);
        }
        let output = command.output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
