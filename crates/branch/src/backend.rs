use async_trait::async_trait;
use jiff::Timestamp;
use nicol_local::Lease;
use nicol_pg::ConnectionUrl;

use crate::branch::Branch;
use crate::error::Error;
use crate::point::Point;

/// Where branches are kept.
///
/// Callers check the rules of [`Branches`](crate::Branches) first. A method returns when the branch can be used.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Returns all branches, the oldest first.
    ///
    /// # Errors
    ///
    /// [`Error`]
    async fn list(&self) -> Result<Vec<Branch>, Error>;

    /// Creates a branch.
    ///
    /// # Errors
    ///
    /// [`Error`]
    async fn create(&self, new: &NewBranch) -> Result<Branch, Error>;

    /// Renames a branch. Its id, data and URLs stay the same.
    ///
    /// # Errors
    ///
    /// [`Error`]
    async fn rename(&self, branch: &Branch, name: &str) -> Result<Branch, Error>;

    /// Replaces the contents of a branch, which keeps its id and URLs. The former contents become a new branch, if it has a
    /// name, with the former children of the branch.
    ///
    /// # Errors
    ///
    /// [`Error`]
    async fn restore(
        &self,
        branch: &Branch,
        origin: &Origin,
        preserve_under_name: Option<&str>,
    ) -> Result<Branch, Error>;

    /// Sets when a branch expires; `None` means never.
    ///
    /// # Errors
    ///
    /// [`Error`]
    async fn set_expiration(&self, branch: &Branch, at: Option<Timestamp>) -> Result<Branch, Error>;

    /// Deletes a branch and its data.
    ///
    /// # Errors
    ///
    /// [`Error`]
    async fn delete(&self, branch: &Branch) -> Result<(), Error>;

    /// Returns the URLs of a branch, which can be used at once. A local server runs from now on; see [`Backend::leave`].
    ///
    /// # Errors
    ///
    /// [`Error`]
    async fn urls(&self, branch: &Branch) -> Result<Urls, Error>;

    /// Says that the URLs of a branch are not used any more. A local server stops, unless an application uses it.
    ///
    /// # Errors
    ///
    /// [`Error`]
    async fn leave(&self, branch: &Branch) -> Result<(), Error>;

    /// Opens a branch at a point of its history for as long as the result is kept.
    ///
    /// # Errors
    ///
    /// [`Error`]
    async fn open(&self, branch: &Branch, point: &Point) -> Result<Opened, Error>;

    /// Returns the id of the branch that a URL leads to.
    ///
    /// # Errors
    ///
    /// [`Error`]
    async fn branch_at(&self, url: &ConnectionUrl) -> Result<Option<String>, Error>;
}

/// What a new branch is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Origin {
    /// The id of the branch; `None` for the default branch.
    pub branch_id: Option<String>,
    /// The point in its history.
    pub point: Point,
}

impl Origin {
    /// Returns the current state of a branch.
    pub fn head(branch: &Branch) -> Self {
        Self::at(branch, Point::Head)
    }

    /// Returns a point in the history of a branch.
    pub fn at(branch: &Branch, point: Point) -> Self {
        Self { branch_id: Some(branch.id.clone()), point }
    }

    /// Returns a point in the history of the default branch.
    pub fn of_default(point: Point) -> Self {
        Self { branch_id: None, point }
    }
}

/// A branch to be created.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NewBranch {
    /// The name; `None` to use the id.
    pub name: Option<String>,
    /// Where its data come from.
    pub origin: Origin,
    /// Whether to leave out the rows. The branch is a root then.
    pub schema_only: bool,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// How it is run; `None` for no compute, so that it has no URL.
    pub compute: Option<Compute>,
}

impl NewBranch {
    /// Returns a branch with all rows that does not expire.
    pub fn new(name: &str, origin: Origin) -> Self {
        Self {
            name: Some(name.to_owned()),
            origin,
            schema_only: false,
            expires_at: None,
            compute: Some(Compute::default()),
        }
    }
}

/// How a branch is run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Compute {
    /// The smallest and largest size, in Neon's compute units.
    pub units: Option<(f64, f64)>,
    /// The seconds without a connection after which it is suspended; -1 for never, 0 for the default.
    pub suspend_timeout: i64,
}

/// A branch that is open.
#[derive(Debug)]
pub struct Opened {
    /// The URL without a pooler.
    pub url: ConnectionUrl,
    pub(crate) lease: Option<Lease>,
}

impl Opened {
    /// Closes it. A local server stops, unless it is used otherwise.
    ///
    /// # Errors
    ///
    /// [`Error::Local`]
    pub async fn close(self) -> Result<(), Error> {
        if let Some(lease) = self.lease {
            lease.release().await?;
        }
        Ok(())
    }
}

/// The URLs of a branch. `Debug` hides the password.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Urls {
    /// For queries: through the pooler, if there is one.
    pub pooled: ConnectionUrl,
    /// For migrations: without a pooler.
    pub direct: ConnectionUrl,
}
