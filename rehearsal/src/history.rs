//! The playhouse's source code: five commits on `main` and two on `curtain-call`, always the same ones, so that
//! commit ids can be written down here.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::{fs, iter};

/// The commits of `main`, oldest first.
pub const MAIN: [&str; 5] = [
    "d4e6408a12c41845acfa650233078a87015f72bb",
    "b293934d94818ab47192b2323490b47a24a4a2a2",
    "2e1c93d3085cc3403cd626a3aae43f10d4eaee08",
    "23280a3f7b993e910a4a13d7c85a71c1b4aba8f6",
    "77978f96936a199a379e2dfe3f132410b2fe73cb",
];

/// The commits of `curtain-call` that are not on `main`, oldest first.
pub const CURTAIN_CALL: [&str; 2] =
    ["b42eb56f815c725cfe595eddc99191f4c85c6f98", "aeab951c4cf6c4034194b9cefc83a4cbdf949ad4"];

/// The time of the first commit, in seconds since 1970; the others follow at intervals of a day.
const OPENING: u64 = 1_767_601_800;

struct Change {
    branch: &'static str,
    /// The number of the parent commit, counted from 1; 0 for the first.
    parent: usize,
    author: &'static str,
    subject: &'static str,
    files: &'static [(&'static str, &'static str)],
}

const CHANGES: [Change; 7] = [
    Change {
        branch: "main",
        parent: 0,
        author: "Ada Prompter <ada@playhouse.example>",
        subject: "Open the box office",
        files: &[
            ("Procfile", "web: node server.js\nworker: node worker.js\n"),
            ("README.md", "# Playhouse\n\nSells seats, remembers who sits where.\n"),
            (".gitignore", "node_modules\n.env\n"),
            ("package.json", PACKAGE),
            (
                "server.js",
                "require('http').createServer(require('./box-office')).listen(process.env.PORT || 5000)\n",
            ),
            ("worker.js", "setInterval(() => console.log('Nothing to do'), 60000)\n"),
            ("box-office.js", "module.exports = (request, response) => response.end('Open\\n')\n"),
        ],
    },
    Change {
        branch: "main",
        parent: 1,
        author: "Grace Fly <grace@playhouse.example>",
        subject: "Sell seats by row",
        files: &[("seats.js", "exports.rows = 'ABCDEFGHJK'.split('')\nexports.perRow = 18\n")],
    },
    Change {
        branch: "main",
        parent: 2,
        author: "Ada Prompter <ada@playhouse.example>",
        subject: "Remember the interval",
        files: &[("interval.js", "exports.minutes = 20\n")],
    },
    Change {
        branch: "main",
        parent: 3,
        author: "Edith Cue <edith@playhouse.example>",
        subject: "Dim the house lights",
        files: &[("lights.js", "exports.house = minute => Math.max(0, 1 - minute / 2)\n")],
    },
    Change {
        branch: "main",
        parent: 4,
        author: "Grace Fly <grace@playhouse.example>",
        subject: "Print tickets at home",
        files: &[
            ("tickets.js", "exports.print = seat => `Row ${seat.row}, seat ${seat.number}`\n"),
            ("README.md", "# Playhouse\n\nSells seats, remembers who sits where, prints tickets.\n"),
        ],
    },
    Change {
        branch: "curtain-call",
        parent: 5,
        author: "Edith Cue <edith@playhouse.example>",
        subject: "Bow once more",
        files: &[("curtain.js", "exports.calls = 2\n")],
    },
    Change {
        branch: "curtain-call",
        parent: 6,
        author: "Edith Cue <edith@playhouse.example>",
        subject: "Bring the orchestra on stage",
        files: &[("curtain.js", "exports.calls = 3\nexports.orchestra = true\n")],
    },
];

const PACKAGE: &str = r#"{
  "name": "playhouse",
  "private": true,
  "engines": { "node": "22.x" },
  "scripts": { "start": "node server.js" }
}
"#;

/// Writes the two branches into an existing repository; one `git` process.
pub(crate) fn import(git_folder: &Path) -> io::Result<()> {
    let mut child = git(git_folder)
        .args(["fast-import", "--quiet", "--force"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(stream().as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("git fast-import: {}", String::from_utf8_lossy(&output.stderr))))
}

/// Writes an empty bare repository; this saves the process that `git init` would be.
pub(crate) fn lay_out(git_folder: &Path, bare: bool) -> io::Result<()> {
    for folder in ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"] {
        fs::create_dir_all(git_folder.join(folder))?;
    }
    fs::write(git_folder.join("HEAD"), "ref: refs/heads/main\n")?;
    let config = format!("[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = {bare}\n");
    fs::write(git_folder.join("config"), config)
}

/// A `git` command that uses one repository and ignores the machine's configuration.
#[expect(clippy::disallowed_methods, reason = "the rehearsal starts git, and this is where")]
pub(crate) fn git(git_folder: &Path) -> Command {
    let mut command = Command::new("git");
    for (name, value) in isolation() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.env("GIT_DIR", git_folder);
    command
}

/// The variables that isolate a `git` process from the machine's configuration; `None` means removed.
pub(crate) fn isolation() -> impl Iterator<Item = (&'static OsStr, Option<&'static OsStr>)> {
    let set = [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" }),
        ("GIT_TERMINAL_PROMPT", "0"),
    ];
    let removed = [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
    ];
    let removed = removed.into_iter().map(|name| (OsStr::new(name), None));
    removed.chain(set.into_iter().map(|(name, value)| (OsStr::new(name), Some(OsStr::new(value)))))
}

/// Whether a commit is one of this history.
pub(crate) fn holds(commit: &str) -> bool {
    MAIN.contains(&commit) || CURTAIN_CALL.contains(&commit)
}

/// The history in the format of `git fast-import`.
fn stream() -> String {
    let mut stream = String::new();
    for (at, (change, time)) in iter::zip(&CHANGES, (OPENING..).step_by(86_400)).enumerate() {
        let Change { branch, author, subject, .. } = change;
        let _ = write!(
            stream,
            "commit refs/heads/{branch}\nmark :{}\nauthor {author} {time} +0000\ncommitter {author} {time} +0000\n\
             data {}\n{subject}\n\n",
            at + 1,
            subject.len() + 1,
        );
        if change.parent > 0 {
            let _ = writeln!(stream, "from :{}", change.parent);
        }
        for (path, text) in change.files {
            let _ = write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n", text.len());
        }
        stream.push('\n');
    }
    stream.push_str("done\n");
    stream
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commit_ids_match_the_constants() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        lay_out(folder.path(), true)?;
        import(folder.path())?;
        let ids = |range: &str| -> io::Result<Vec<String>> {
            let output = git(folder.path()).args(["rev-list", "--reverse", range]).output()?;
            Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
        };
        assert_eq!(ids("main")?, MAIN);
        assert_eq!(ids("main..curtain-call")?, CURTAIN_CALL);
        Ok(())
    }
}
