use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A branch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Branch {
    /// The id, such as `br-small-term-683261`. It never changes.
    pub id: String,
    /// The name, which is unique.
    pub name: String,
    /// The id of the branch it was created from or last restored from; `None` for a root.
    #[serde(default)]
    pub parent_id: Option<String>,
    /// Whether it is the branch that is used if none is named.
    #[serde(default)]
    pub default: bool,
    /// Whether it cannot be deleted or expire.
    #[serde(default)]
    pub protected: bool,
    /// `ready`, or what it is waiting for, in Neon's words: `init`, `resetting`, `archived`.
    #[serde(default)]
    pub current_state: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it will be deleted.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// When it was last reset or restored.
    #[serde(default)]
    pub last_reset_at: Option<Timestamp>,
}

impl Branch {
    /// Whether its time is over.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }
}
