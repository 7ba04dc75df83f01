//! Process types and their commands, from the `Procfile` of a commit or of a source blob.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use crate::history;

/// Commands by process type.
pub(crate) type ProcessTypes = BTreeMap<String, String>;

/// The process types of a commit.
pub(crate) async fn of_commit(repository: &Path, commit: &str) -> ProcessTypes {
    parse(&file_of_commit(repository, commit, "Procfile").await.unwrap_or_default())
}

/// The text of a file of a commit; none where the commit does not have it.
pub(crate) async fn file_of_commit(repository: &Path, commit: &str, path: &str) -> Option<String> {
    let mut git = Command::from(history::git(repository));
    git.args(["show", &format!("{commit}:{path}")]);
    output(&mut git).await.ok()
}

/// The process types of a gzipped tar. Fails if the file is not one.
pub(crate) async fn of_archive(file: &Path) -> io::Result<ProcessTypes> {
    let members = output(&mut tar("-tzf", file)?).await?;
    let procfile = members.lines().find(|member| matches!(*member, "Procfile" | "./Procfile"));
    let text = match procfile {
        Some(member) => output(tar("-xOzf", file)?.arg(member)).await?,
        None => String::new(),
    };
    Ok(parse(&text))
}

/// Extracts a gzipped tar into an existing folder.
pub(crate) async fn extract(archive: &Path, folder: &Path) -> io::Result<()> {
    output(tar("-xzf", archive)?.arg("-C").arg(folder)).await.map(|_| ())
}

/// A `tar` command that reads one archive. The path is relative, because some versions take a colon for a host name.
fn tar(action: &str, file: &Path) -> io::Result<Command> {
    let (folder, name) = file.parent().zip(file.file_name()).ok_or(io::ErrorKind::InvalidInput)?;
    let mut tar = Command::new("tar");
    tar.current_dir(folder).arg(action).arg(name);
    Ok(tar)
}

/// The output of a command, if it succeeds.
async fn output(command: &mut Command) -> io::Result<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).output().await?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(text).ok_or_else(|| io::Error::other("it failed"))
}

/// Without a `Procfile`, Heroku's Node buildpack runs `npm start`.
fn parse(text: &str) -> ProcessTypes {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let mut types: ProcessTypes = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(kind, command)| (kind.trim().to_owned(), command.trim().to_owned()))
        .collect();
    if types.is_empty() {
        types.insert("web".to_owned(), "npm start".to_owned());
    }
    types
}
