use crate::branch::Branch;
use crate::error::Error;
use crate::name;
use crate::point::{Named, Point, Reference};

/// The branches of a project, and the rules that follow from them.
#[derive(Clone, Debug, Default)]
pub struct Branches(Vec<Branch>);

impl Branches {
    /// Returns the branches of a list.
    pub fn of(list: Vec<Branch>) -> Self {
        Self(list)
    }

    /// Returns all branches.
    pub fn all(&self) -> &[Branch] {
        &self.0
    }

    /// Returns the branch with this name, otherwise the one with this id.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`]
    pub fn find(&self, name_or_id: &str) -> Result<&Branch, Error> {
        let named = self.0.iter().find(|branch| branch.name == name_or_id);
        let found = named.or_else(|| self.by_id(name_or_id));
        found.ok_or_else(|| Error::Missing {
            name: name_or_id.to_owned(),
            names: self.0.iter().map(|branch| branch.name.clone()).collect(),
        })
    }

    /// Returns the branch with this id.
    pub fn by_id(&self, id: &str) -> Option<&Branch> {
        self.0.iter().find(|branch| branch.id == id)
    }

    /// Returns the default branch.
    ///
    /// # Errors
    ///
    /// [`Error::NoDefault`]
    pub fn default_branch(&self) -> Result<&Branch, Error> {
        self.0.iter().find(|branch| branch.default).ok_or(Error::NoDefault)
    }

    /// Returns the parent of a branch.
    ///
    /// # Errors
    ///
    /// [`Error::NoParent`]
    pub fn parent(&self, branch: &Branch) -> Result<&Branch, Error> {
        let parent = branch.parent_id.as_deref().and_then(|id| self.by_id(id));
        parent.ok_or_else(|| Error::NoParent { name: branch.name.clone() })
    }

    /// Returns the names of the children of a branch.
    pub fn children(&self, branch: &Branch) -> Vec<String> {
        let is_child = |it: &&Branch| it.parent_id.as_deref() == Some(&branch.id);
        self.0.iter().filter(is_child).map(|it| it.name.clone()).collect()
    }

    /// Returns the branch and the point that a reference means, for a command that works on `branch`.
    ///
    /// # Errors
    ///
    /// [`Error::NoParent`] or [`Error::Missing`]
    pub fn resolve(&self, branch: &Branch, reference: &Reference) -> Result<(&Branch, Point), Error> {
        let named = match &reference.branch {
            Named::Itself => self.find(&branch.id)?,
            Named::Parent => self.parent(branch)?,
            Named::Branch(name) => self.find(name)?,
        };
        Ok((named, reference.point.clone()))
    }

    /// Checks the name of a new branch, or the new name of a branch.
    ///
    /// # Errors
    ///
    /// [`Error::Name`] or [`Error::NameTaken`]
    pub fn check_new_name(&self, name: &str) -> Result<(), Error> {
        name::check(name)?;
        if self.0.iter().any(|branch| branch.name == name) {
            return Err(Error::NameTaken { name: name.to_owned() });
        }
        Ok(())
    }

    /// Checks that a branch may be deleted: it is neither the default branch nor protected nor the only root, and has no
    /// children.
    ///
    /// # Errors
    ///
    /// [`Error::Undeletable`] or [`Error::HasChildren`]
    pub fn check_delete(&self, branch: &Branch) -> Result<(), Error> {
        let is_only_root =
            branch.parent_id.is_none() && self.0.iter().filter(|it| it.parent_id.is_none()).count() == 1;
        let reason = match branch {
            Branch { default: true, .. } => "it is the default branch",
            Branch { protected: true, .. } => "it is protected",
            _ if is_only_root => "it is the root of all branches",
            _ => "",
        };
        if !reason.is_empty() {
            return Err(Error::Undeletable { name: branch.name.clone(), reason });
        }
        let children = self.children(branch);
        if !children.is_empty() {
            return Err(Error::HasChildren { name: branch.name.clone(), children });
        }
        Ok(())
    }

    /// Checks that a branch may expire: the same rules as for deleting it.
    ///
    /// # Errors
    ///
    /// [`Error::CannotExpire`]
    pub fn check_expiration(&self, branch: &Branch) -> Result<(), Error> {
        match self.check_delete(branch) {
            Ok(()) => Ok(()),
            Err(Error::HasChildren { name, .. }) => {
                Err(Error::CannotExpire { name, reason: "it has children" })
            }
            Err(Error::Undeletable { name, reason }) => Err(Error::CannotExpire { name, reason }),
            Err(error) => Err(error),
        }
    }

    /// Checks that a branch may be restored from another, or from its own history: its former state has to be preserved
    /// if it has children or is the source itself.
    ///
    /// # Errors
    ///
    /// [`Error::NeedsPreserving`], [`Error::Itself`], or those of [`Branches::check_new_name`]
    pub fn check_restore(
        &self,
        branch: &Branch,
        source: &Branch,
        point: &Point,
        preserve_under_name: Option<&str>,
    ) -> Result<(), Error> {
        let is_self = branch.id == source.id;
        if is_self && *point == Point::Head {
            return Err(Error::Itself { name: branch.name.clone() });
        }
        let Some(name) = preserve_under_name else {
            let reason = if is_self { "it is restored from its own history" } else { "it has children" };
            if is_self || !self.children(branch).is_empty() {
                return Err(Error::NeedsPreserving { name: branch.name.clone(), reason });
            }
            return Ok(());
        };
        self.check_new_name(name)
    }
}
