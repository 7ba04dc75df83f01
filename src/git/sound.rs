//! Whether a repository's own files can be read at all: before git and gix do, which would wait for a pipe, read a device to
//! its end that has none, and take minutes for settings that no person wrote.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice;
use gix::config::file::Metadata;
use gix::config::file::init::Options;

use crate::error::{Error, Kind, Result};
use crate::file;
use crate::hint::Hint;

/// The largest git configuration that is read, in bytes.
const LARGEST_CONFIG: u64 = 1 << 20;

/// One with more sections is not either; reading them takes time that grows with their square.
const MOST_SECTIONS: usize = 10_000;

/// A configuration may include others, which may include others; git stops there too.
const DEEPEST: usize = 10;

/// Files that are read to find a repository or what is checked out.
const READ: [&str; 6] = ["HEAD", "config", "config.worktree", "commondir", "packed-refs", "index"];

/// Refuses a repository at or above `here` whose first files cannot be read; those of the others are [`check`]ed.
pub(super) fn check_way_up(here: &Path) -> Result<()> {
    for folder in here.ancestors() {
        let dot_git = folder.join(".git");
        let Ok(found) = fs::metadata(&dot_git) else {
            if folder.join("objects").is_dir() {
                check_first(folder)?;
            }
            continue;
        };
        if found.is_dir() {
            return check_first(&dot_git);
        }
        let pointer = file::read(&dot_git, LARGEST_CONFIG).map_err(|error| unread(&dot_git, error))?;
        let target = pointer.strip_prefix(b"gitdir: ").and_then(|path| path.trim_end().to_path().ok());
        return target.map_or(Ok(()), |target| check_first(&folder.join(target)));
    }
    Ok(())
}

/// What is read of a folder to see whether it is a git directory.
fn check_first(git_dir: &Path) -> Result<()> {
    ["HEAD", "commondir"].iter().try_for_each(|name| regular(&git_dir.join(name)))
}

/// Refuses a git directory of which a file is no regular one, or a configuration that is too large or somebody else's.
pub(super) fn check(git_dir: &Path) -> Result<()> {
    let common = match file::read(&git_dir.join("commondir"), LARGEST_CONFIG) {
        Ok(path) => git_dir.join(path.trim_end().to_path_lossy()),
        Err(error) if error.kind() == ErrorKind::NotFound => git_dir.to_owned(),
        Err(error) => return Err(unread(&git_dir.join("commondir"), error)),
    };
    for name in READ {
        regular(&git_dir.join(name))?;
    }
    for name in ["packed-refs", "shallow", "objects/info/alternates"] {
        regular(&common.join(name))?;
    }
    let mut sections = 0;
    for config in [common.join("config"), git_dir.join("config.worktree")] {
        check_owner(&config, git_dir)?;
        check_config(&config, DEEPEST, &mut sections)?;
    }
    Ok(())
}

/// The file of a reference, where it has one: it must be a regular file.
pub(super) fn regular(path: &Path) -> Result<()> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            Err(Error::usage(format!("{} is not a regular file", path.display()))
                .context("cannot read the git repository")
                .hint_line(["ls".as_ref(), "-l".as_ref(), path.as_os_str()]))
        }
        _ => Ok(()),
    }
}

/// A repository may be this person's, or one that they told git to trust, and its configuration somebody else's all the
/// same, where others may write into the folder.
fn check_owner(config: &Path, git_dir: &Path) -> Result<()> {
    let (Ok(found), Ok(folder)) = (fs::metadata(config), fs::metadata(git_dir)) else { return Ok(()) };
    let Some(stranger) = file::stranger(&found) else { return Ok(()) };
    if file::stranger(&folder) == Some(stranger) {
        return Ok(());
    }
    Err(Error::usage(format!("{} belongs to another user (uid {stranger})", config.display()))
        .context("cannot trust the git repository")
        .hint(Hint::script("sudo chown \"$USER\" {}", [[config]]).note("if you trust its contents")))
}

/// Bounds a configuration and those that it includes, whatever the condition.
fn check_config(config: &Path, depth: usize, sections: &mut usize) -> Result<()> {
    let text = match file::read(config, LARGEST_CONFIG) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unread(config, error)),
    };
    let is_include =
        |at: usize| text[at..].get(..8).is_some_and(|word| word.eq_ignore_ascii_case(b"[include"));
    let mut has_includes = false;
    for at in memchr::memchr_iter(b'[', &text) {
        *sections += 1;
        has_includes |= is_include(at);
    }
    if *sections > MOST_SECTIONS {
        return Err(Error::usage(format!("{} has more than {MOST_SECTIONS} sections", config.display()))
            .context("cannot read the git repository")
            .hint(listed(config)));
    }
    if !has_includes || depth == 0 {
        return Ok(());
    }
    includes(&text, config).iter().try_for_each(|included| check_config(included, depth - 1, sections))
}

/// The files that a configuration includes. What cannot be parsed is for gix to say.
fn includes(text: &[u8], config: &Path) -> Vec<PathBuf> {
    let Ok(parsed) = gix::config::File::from_bytes_no_includes(text, Metadata::default(), Options::default())
    else {
        return Vec::new();
    };
    let folder = config.parent().unwrap_or(Path::new("."));
    let sections = ["include", "includeIf"].into_iter().filter_map(|name| parsed.sections_by_name(name));
    let paths = sections.flatten().flat_map(|section| section.values("path"));
    let resolved = |path: gix::bstr::BString| {
        let path = path.to_path().ok()?;
        Some(match path.strip_prefix("~") {
            Ok(rest) => PathBuf::from(env::var_os("HOME")?).join(rest),
            Err(_) => folder.join(path),
        })
    };
    paths.filter_map(resolved).collect()
}

fn unread(path: &Path, error: std::io::Error) -> Error {
    Error::from(error)
        .context(format!("cannot read {}", path.display()))
        .kind_of(Kind::Usage)
        .hint(listed(path))
}

fn listed(config: &Path) -> Hint {
    Hint::script("git config --file {} --list | head", [[config]])
}
