//! The answer as `--json` prints it.

use serde::Serialize;

use crate::git::{Authored, ChangedFile};
use crate::model::{AppName, CommitName, ReleaseVersion};

/// The answer as `--json` prints it.
#[derive(Serialize)]
pub(super) struct Answer<'a> {
    pub(super) environment: &'a str,
    /// The other side, as it was named.
    pub(super) other: &'a str,
    pub(super) from: SideAnswer<'a>,
    pub(super) to: SideAnswer<'a>,
    pub(super) ahead: Vec<CommitAnswer<'a>>,
    pub(super) behind: Vec<CommitAnswer<'a>>,
    /// With `--stat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) files: Option<Vec<FileAnswer<'a>>>,
}

#[derive(Serialize)]
pub(super) struct SideAnswer<'a> {
    pub(super) app: Option<&'a AppName>,
    pub(super) version: Option<ReleaseVersion>,
    pub(super) commit: &'a CommitName,
}

#[derive(Serialize)]
pub(super) struct CommitAnswer<'a> {
    pub(super) commit: &'a CommitName,
    pub(super) subject: &'a str,
    pub(super) author: &'a str,
    pub(super) date: &'a str,
}

#[derive(Serialize)]
pub(super) struct FileAnswer<'a> {
    pub(super) path: &'a str,
    /// The number of lines; null for a binary file.
    pub(super) added: Option<u64>,
    pub(super) removed: Option<u64>,
}

impl<'a> CommitAnswer<'a> {
    pub(super) fn of(Authored { commit, author, date }: &'a Authored) -> Self {
        Self { commit: &commit.id, subject: &commit.subject, author, date }
    }
}

impl<'a> FileAnswer<'a> {
    pub(super) fn of(ChangedFile { path, added, removed }: &'a ChangedFile) -> Self {
        Self { path, added: *added, removed: *removed }
    }
}
