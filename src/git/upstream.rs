//! The upstream of the branch that is checked out, as `git push -u` or `gh pr checkout` recorded it.

use gix::bstr::{BStr, ByteSlice};

use super::Repository;

/// The upstream of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// The remote, by its name or URL.
    pub remote: String,
    /// The full name of the reference there, such as `refs/heads/main`.
    pub reference: String,
}

impl Upstream {
    /// The branch there; none for another kind of reference.
    pub fn branch(&self) -> Option<&str> {
        self.reference.strip_prefix("refs/heads/")
    }
}

impl Repository {
    /// The upstream of this branch in another repository; none where it has none.
    pub fn upstream(&self, branch: &str) -> Option<Upstream> {
        let config = self.inner.config_snapshot();
        let value = |key: &str| {
            let value = config.plumbing().raw_value_by("branch", Some(BStr::new(branch)), key).ok()?;
            Some(value.to_str().ok()?.to_owned())
        };
        let upstream = Upstream { remote: value("remote")?, reference: value("merge")? };
        // `.` is this repository: a branch of it says nothing about what was pushed.
        (upstream.remote != ".").then_some(upstream)
    }
}
