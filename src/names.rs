//! The names of the suite's commands, and links that make a program available under another name.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

/// The commands of the suite.
pub const COMMANDS: [&str; 6] = ["greenroom", "production", "staging", "prepare", "development", "review"];

/// The name by which `program`, which may be a path, was called.
pub fn called(program: &OsStr) -> String {
    let name = Path::new(program).file_name().unwrap_or(OsStr::new("greenroom")).to_string_lossy();
    name.strip_suffix(env::consts::EXE_SUFFIX).unwrap_or(&name).to_owned()
}

/// The environment that a command's name stands for: Parity called `review` `pr_app`.
pub fn environment(called: &str) -> &str {
    if called == "pr_app" { "review" } else { called }
}

/// The words that select environment `name` on a command line: `staging`, or `greenroom on qa` if `qa` is not a command.
pub fn typed(name: &str) -> Vec<OsString> {
    let is_command = COMMANDS.contains(&name) || called(&env::args_os().next().unwrap_or_default()) == name;
    let before: &[&str] = if is_command { &[] } else { &["greenroom", "on"] };
    before.iter().copied().chain([name]).map(OsString::from).collect()
}

/// Whether `name` is `greenroom` itself, or a versioned binary such as `greenroom-0.1.0`, rather than an environment.
pub fn is_suite(name: &str) -> bool {
    name.strip_prefix("greenroom")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| c == '-' || c.is_ascii_digit()))
}

/// Names that greenroom, a shell or a script relies on: a link with such a name would shadow the real program, now or
/// once it is installed.
const NEEDED: [&str; 78] = [
    "alias", "awk", "bash", "bg", "brew", "builtin", "bundle", "cargo", "case", "cat", "cd", "chmod",
    "chown", "command", "cp", "curl", "cut", "dash", "date", "docker", "echo", "elvish", "env", "eval",
    "exec", "exit", "export", "false", "fg", "find", "fish", "for", "function", "gem", "gh", "git", "gpg",
    "grep", "head", "heroku", "if", "jobs", "kill", "ksh", "less", "ln", "ls", "make", "mkdir", "mv", "node",
    "npm", "npx", "nu", "open", "printf", "psql", "pwsh", "python", "rake", "rm", "ruby", "sed", "select",
    "set", "sh", "sleep", "source", "ssh", "su", "sudo", "tail", "test", "time", "true", "type", "while",
    "zsh",
];

/// Whether a link with this name would shadow a program that is needed.
pub fn is_needed(name: &str) -> bool {
    NEEDED.contains(&name)
}

/// The file name of a command, with the platform's suffix.
pub fn file(name: &str) -> String {
    format!("{name}{}", env::consts::EXE_SUFFIX)
}

/// None of the suite's programs is larger; in bytes.
const LARGEST_PROGRAM: u64 = 256 << 20;

/// Whether the file is one of the suite's programs, or a copy of one: each contains the name of its configuration file.
pub fn is_ours(program: &Path) -> bool {
    let Ok(bytes) = crate::file::read(program, LARGEST_PROGRAM) else { return false };
    !bytes.starts_with(b"#!") && memchr::memmem::find(&bytes, b"greenroom.toml").is_some()
}

/// Links `at` to `target`; a relative `target` is relative to the folder of `at`.
#[cfg(unix)]
pub fn link(target: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

/// Links `at` to `target`; a relative `target` is relative to the folder of `at`.
#[cfg(not(unix))]
pub fn link(target: &Path, at: &Path) -> io::Result<()> {
    // Symbolic links require a privilege on Windows; hard links do not.
    let target = at.parent().unwrap_or(Path::new(".")).join(target);
    std::fs::hard_link(&target, at).or_else(|_| std::fs::copy(&target, at).map(|_| ()))
}

/// The file that lists linked environments, one per line. The shells' stubs read it to register completion.
pub fn list() -> Option<PathBuf> {
    Some(etcetera::base_strategy::choose_base_strategy().ok()?.data_dir().join("greenroom/links"))
}

/// The linked environments; none where the list cannot be read.
pub fn linked() -> Vec<String> {
    let text = list().and_then(|list| crate::file::read_text(&list, LARGEST_LIST).ok()).unwrap_or_default();
    text.lines().filter(|name| check_name(name).is_ok()).map(str::to_owned).collect()
}

/// No list of linked environments is larger; in bytes.
const LARGEST_LIST: u64 = 1 << 20;

/// Adds `name` to `list`, unless it is there.
pub fn keep(list: &Path, name: &str) -> io::Result<()> {
    let known = match crate::file::read_text(list, LARGEST_LIST) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        known => known?,
    };
    if known.lines().any(|line| line == name) {
        return Ok(());
    }
    if let Some(folder) = list.parent() {
        fs::create_dir_all(folder)?;
    }
    let begin = if known.is_empty() || known.ends_with('\n') { "" } else { "\n" };
    // A single append: a name that another process adds meanwhile is kept.
    OpenOptions::new().create(true).append(true).open(list)?.write_all(format!("{begin}{name}\n").as_bytes())
}

/// Checks that `name` can be an environment, which is typed as a command: lower-case letters, digits, `-` and `_`.
pub fn check_name(name: &str) -> Result<(), String> {
    let fits = (1..=40).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c));
    if fits {
        return Ok(());
    }
    let shown: String = name.chars().take(60).collect();
    Err(format!("{shown:?} is not a valid environment name (a-z, 0-9, - and _, starting with a letter)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("share/greenroom/links");
        let after = |name| {
            keep(&list, name).unwrap();
            fs::read_to_string(&list).unwrap()
        };
        assert_eq!(after("qa"), "qa\n");
        assert_eq!(after("qa"), "qa\n");
        assert_eq!(after("demo"), "qa\ndemo\n");
        fs::write(&list, "written by hand").unwrap();
        assert_eq!(after("qa"), "written by hand\nqa\n");
    }

    #[test]
    fn names_that_are_kept_at_once_are_all_kept() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("links");
        std::thread::scope(|scope| {
            for number in 0..20 {
                let list = &list;
                scope.spawn(move || keep(list, &format!("qa-{number}")).unwrap());
            }
        });
        assert_eq!(fs::read_to_string(&list).unwrap().lines().count(), 20);
    }

    #[test]
    fn a_program_is_called_by_its_whole_name() {
        for (program, name) in [("/opt/bin/qa", "qa"), ("qa.eu", "qa.eu"), ("greenroom-0.1", "greenroom-0.1")]
        {
            assert_eq!(called(OsStr::new(program)), name);
        }
        assert_eq!(called(OsStr::new(&file("qa"))), "qa");
        assert_eq!(called(OsStr::new("")), "greenroom");
    }

    #[test]
    fn a_release_of_the_suite_is_the_suite() {
        for name in ["greenroom", "greenroom-0.1.0", "greenroom-x86_64-apple-darwin", "greenroom2"] {
            assert!(is_suite(name), "{name}");
        }
        for name in ["qa", "greenrooms", "green", "my-greenroom"] {
            assert!(!is_suite(name), "{name}");
        }
    }
}
