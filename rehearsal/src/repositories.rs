//! The apps' repositories and their refs.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{fs, io};

use tokio::process::Command;

use crate::history;
use crate::state::State;

/// An app's repository, made at its first use: its objects are those of the playhouse's history.
pub(crate) fn repository(state: &State, app: usize) -> io::Result<PathBuf> {
    let folder = place(state, app);
    if folder.exists() {
        return Ok(folder);
    }
    let seed = seed(state)?;
    history::lay_out(&folder, true)?;
    let objects = seed.join("objects").display().to_string().replace('\\', "/");
    fs::write(folder.join("objects/info/alternates"), format!("{objects}\n"))?;
    if let Some(commit) = &state.apps[app].main {
        put(&folder, "refs/heads/main", commit);
    }
    Ok(folder)
}

/// A repository with the playhouse's history, made at its first use.
fn seed(state: &State) -> io::Result<PathBuf> {
    let seed = state.folder.join("seed.git");
    if !seed.exists() {
        history::lay_out(&seed, true)?;
        history::import(&seed)?;
    }
    Ok(seed)
}

/// Lets `main` of an app's repository point at a commit of the playhouse's history.
pub(crate) fn set_main(state: &mut State, app: usize, commit: &str) {
    state.apps[app].main = Some(commit.to_owned());
    let folder = place(state, app);
    if folder.exists() {
        put(&folder, "refs/heads/main", commit);
    }
}

/// The repository that a pipeline is connected to; none where it is not.
pub(crate) fn connected(state: &State, pipeline: usize) -> io::Result<Option<PathBuf>> {
    let Some(connected) = &state.pipelines[pipeline].connected else { return Ok(None) };
    connected.path.clone().map_or_else(|| seed(state), Ok).map(Some)
}

/// The commit that a branch of the connected repository points at.
pub(crate) fn tip(state: &State, pipeline: usize, branch: &str) -> Option<String> {
    let repository = connected(state, pipeline).ok()??;
    let commit = reads(&repository, &format!("refs/heads/{branch}"));
    (commit != NOTHING).then_some(commit)
}

/// Makes the commits of another repository available in an app's, and lets `main` point at one of them.
pub(crate) fn take_over(state: &State, app: usize, from: &Path, commit: &str) -> io::Result<PathBuf> {
    let folder = repository(state, app)?;
    let alternates = folder.join("objects/info/alternates");
    let known = fs::read_to_string(&alternates)?;
    let objects = from.join("objects").display().to_string().replace('\\', "/");
    fs::write(&alternates, format!("{known}{objects}\n"))?;
    put(&folder, "refs/heads/main", commit);
    Ok(folder)
}

/// All repositories: the app's own, which is made if there is none, and then those of other apps.
pub(crate) fn all(state: &State, app: usize) -> Vec<PathBuf> {
    let own = repository(state, app).ok();
    let others = (0..state.apps.len()).filter(|other| *other != app).map(|other| place(state, other));
    own.into_iter().chain(others.filter(|folder| folder.exists())).collect()
}

/// Writes the files of a commit into an empty folder, and returns whether the repository has the commit.
pub(crate) async fn check_out(repository: &Path, commit: &str, folder: &Path) -> io::Result<bool> {
    if commit.is_empty() || !commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(false);
    }
    let mut git = Command::from(history::git(repository));
    git.args(["checkout", "--quiet", commit, "--", "."])
        .env("GIT_WORK_TREE", folder)
        .env("GIT_INDEX_FILE", folder.with_extension("index"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    Ok(git.status().await?.success())
}

/// Where an app's repository is, or will be.
fn place(state: &State, app: usize) -> PathBuf {
    state.folder.join(format!("{}.git", state.apps[app].id()))
}

/// Git's null object id.
pub(crate) const NOTHING: &str = "0000000000000000000000000000000000000000";

/// The commit that a ref points at. Refs are never packed here.
pub(crate) fn reads(repository: &Path, reference: &str) -> String {
    let text = fs::read_to_string(repository.join(reference));
    text.map_or(NOTHING.to_owned(), |text| text.trim().to_owned())
}

/// Points a ref at a commit; [`NOTHING`] removes it.
pub(crate) fn put(repository: &Path, reference: &str, commit: &str) {
    let file = repository.join(reference);
    // A failure shows at the next fetch or push.
    let _ = if commit == NOTHING {
        fs::remove_file(file)
    } else {
        let _ = file.parent().map(fs::create_dir_all);
        fs::write(file, format!("{commit}\n"))
    };
}
