//! The code that a dyno runs: the files of its release's slug.

use std::io;
use std::path::{Path, PathBuf};

use crate::state::State;
use crate::{procfile, repositories, sources};

/// Where a slug's code comes from.
pub(super) enum Code {
    /// A commit, and the repositories that may have it.
    Commit(String, Vec<PathBuf>),
    /// A gzipped tar.
    Archive(PathBuf),
    /// Nothing was deployed, or the panel made the slug up.
    None,
}

impl Code {
    /// The code of a slug.
    pub(super) fn of(state: &State, app: usize, slug: Option<&str>) -> Self {
        let Some(slug) = slug.and_then(|id| state.slug(id)) else { return Self::None };
        let build = state.builds.iter().find(|build| build.slug.as_deref() == Some(&slug.id));
        if let Some(archive) = build.and_then(|build| sources::file(state, &build.source.url)) {
            return Self::Archive(archive);
        }
        // After a promotion, only the repository of the app that built it has the commit.
        match &slug.commit {
            Some(commit) => Self::Commit(commit.clone(), repositories::all(state, app)),
            None => Self::None,
        }
    }

    /// Writes the files into an existing folder.
    pub(super) async fn write(self, folder: &Path) -> io::Result<()> {
        match self {
            Self::None => Ok(()),
            Self::Archive(archive) => procfile::extract(&archive, folder).await,
            Self::Commit(commit, repositories) => {
                for repository in repositories {
                    if repositories::check_out(&repository, &commit, folder).await? {
                        break;
                    }
                }
                Ok(())
            }
        }
    }
}
