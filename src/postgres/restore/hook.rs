//! What the project runs in the fresh database before it takes the place of the old one, such as SQL that removes
//! personal data: `[restore] after` in `greenroom.toml`.
//!
//! A repository's files are data. SQL runs without psql's own commands, which could start programs. As a superuser SQL
//! can start programs by itself (`COPY … FROM PROGRAM`), so that it has to be trusted like a program has.

use std::io::{BufRead, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Component, Path, PathBuf};

use super::facts::Role;
use crate::context::Context;
use crate::error::{Context as _, Error, Kind, Result};
use crate::file;
use crate::hint::Hint;
use crate::interrupts::Interrupts;
use crate::postgres::PostgresUrl;
use crate::postgres::client::{Client, server_error};
use crate::process::{CommandLine, Ended, Reader};
use crate::terminal::Terminal;
use crate::trust::{Digest, Trust};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// The largest script that fits into an argument, in bytes. Linux takes 128 KiB.
const ARGUMENT: usize = 100 << 10;

/// The first minor version of each major whose `psql` can be kept from running its own commands.
const RESTRICTS: [(u32, u32); 5] = [(13, 22), (14, 19), (15, 14), (16, 10), (17, 6)];

/// A file of the repository that is run.
#[derive(Debug)]
pub struct Hook {
    /// Its path from the project's folder, as the configuration has it.
    pub name: String,
    path: PathBuf,
    root: PathBuf,
    bytes: Vec<u8>,
}

impl Hook {
    /// Reads a file of the project. Exit 2 for one that is not there, or not in the project.
    pub fn read(root: &Path, name: &str) -> Result<Self> {
        let wrong = |message: String| Error::usage(format!("[restore] after: {name} {message}"));
        let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if !inside {
            return Err(wrong("is not a path within the project".to_owned()));
        }
        let cannot = |error: std::io::Error| {
            Error::from(error).context(format!("[restore] after: cannot read {name}")).kind_of(Kind::Usage)
        };
        let root = root.canonicalize().map_err(cannot)?;
        let path = root.join(name).canonicalize().map_err(cannot)?;
        if !path.starts_with(&root) {
            return Err(wrong("is a link to a file outside the project".to_owned()));
        }
        let bytes = file::read(&path, LARGEST).map_err(cannot)?;
        Ok(Self { name: name.to_owned(), path, root, bytes })
    }

    /// Whether it is SQL rather than a program.
    pub fn is_sql(&self) -> bool {
        self.path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql"))
    }

    /// The project's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What tells its contents from any other.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }

    /// Whether it can start programs when it is run as this role, so that it has to be trusted.
    pub fn needs_trust(&self, role: &Role) -> bool {
        !self.is_sql() || role.starts_programs
    }

    /// Runs it in a database.
    pub fn run(&self, client: &Client<'_>, database: &str, terminal: &Terminal) -> Result<()> {
        let done = if self.is_sql() {
            self.run_sql(&client.tools.program("psql"), &client.psql(database), client.interrupts)
        } else {
            self.run_program(client, database, terminal)
        };
        done.context(|| format!("{} failed", self.name))
    }

    /// Runs its SQL by `psql`, up to the first error. `line` is the same program, connecting to the database
    /// ([`psql::scripted`](crate::postgres::psql::scripted)).
    pub fn run_sql(
        &self,
        psql: &CommandLine,
        line: &CommandLine,
        interrupts: Option<&Interrupts>,
    ) -> Result<()> {
        let script = std::str::from_utf8(&self.bytes).map_err(|_| Error::failed("it is not UTF-8"))?;
        let line = line.clone();
        let child = if restricts(psql)? {
            let mut stdin = tempfile::tempfile()?;
            // The key must not be known to the script.
            let key = unknown_word();
            write!(stdin, "\\restrict {key}\n{script}\n")?;
            stdin.seek(SeekFrom::Start(0))?;
            line.args(["--file=-"]).start_reading(stdin)?
        } else if script.len() <= ARGUMENT {
            // With something before it, it is no command of psql's; the server reads all of it.
            line.args(["--command".to_owned(), format!("set client_min_messages = error;\n{script}")])
                .start_reading(std::process::Stdio::null())?
        } else {
            return Err(Error::failed("this psql cannot be kept from running its own commands, such as \\!")
                .hint("update PostgreSQL's programs to the newest minor version"));
        };
        match child.output(|| interrupts.and_then(Interrupts::code))? {
            Ended::Left(output) if output.is_success() => Ok(()),
            Ended::Left(output) => Err(server_error(&output.complaint())),
            Ended::GivenUp(code) => Err(Error::silent(code)),
        }
    }

    /// Runs it in the project's folder. It finds the database by libpq's variables and by `DATABASE_URL`.
    fn run_program(&self, client: &Client<'_>, database: &str, terminal: &Terminal) -> Result<()> {
        let mut url = PostgresUrl::from(client.database);
        url.name = Some(database.to_owned());
        let line = CommandLine::at(&self.path, &self.name).current_dir(&self.root);
        let line = client.database.connecting_to(database, line).env("DATABASE_URL", url.reveal().reveal());
        let child = line.start_reading(std::process::Stdio::null())?;
        let readers = [relay(terminal), relay(terminal)];
        match child.read_to_end(readers, || client.interrupts.and_then(Interrupts::code))? {
            Ended::Left(0) => Ok(()),
            Ended::Left(code) => Err(Error::failed(format!("it exited with {code}"))),
            Ended::GivenUp(code) => Err(Error::silent(code)),
        }
    }
}

/// The files that the project runs after a restore. Exit 5 where it demands that there is one.
pub fn configured_hooks(context: &Context) -> Result<Vec<Hook>> {
    let config = &context.config()?.restore;
    let names = config.after.as_deref().unwrap_or_default();
    if names.is_empty() && config.require_hook == Some(true) {
        return Err(Error::refused("the configuration demands a hook after each restore, and there is none")
            .hint("[restore] after = [\"script/sanitize.sql\"]   # in greenroom.toml"));
    }
    let Some(root) = context.root()? else { return Ok(Vec::new()) };
    names.iter().map(|name| Hook::read(&root, name)).collect()
}

/// Refuses files that have to be trusted and are not; asks on a terminal. Exit 5.
pub fn check_trust(hooks: &[Hook], role: &Role, terminal: &Terminal) -> Result<()> {
    let needing: Vec<&Hook> = hooks.iter().filter(|hook| hook.needs_trust(role)).collect();
    if needing.is_empty() {
        return Ok(());
    }
    let mut trust = Trust::read();
    for hook in needing {
        if trust.has(hook.root(), &hook.name, &hook.digest()) {
            continue;
        }
        let why = if hook.is_sql() {
            format!("could start programs, as {} is a superuser", role.name)
        } else {
            "is a program".to_owned()
        };
        let changed = if trust.had(hook.root(), &hook.name) {
            "has changed since it was trusted"
        } else {
            "is not trusted"
        };
        if !terminal.can_ask() {
            return Err(Error::refused(format!("{} {changed}: it {why}", hook.name))
                .hint(Hint::line(["greenroom", "trust"]).note("shows what the project runs, and asks")));
        }
        terminal.status(&format!("{} {changed}: it {why}", hook.name));
        if !terminal.confirm(&format!("Trust {} as it is now?", hook.name))? {
            return Err(Error::silent(Kind::Refused.exit_code()));
        }
        trust.add(hook.root(), &hook.name, hook.digest())?;
    }
    Ok(())
}

/// A word that nobody can know: every `RandomState` has keys from the system's source.
fn unknown_word() -> String {
    use std::hash::{BuildHasher as _, Hasher as _, RandomState};
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}

/// Whether this `psql` can be kept from running its own commands.
fn restricts(psql: &CommandLine) -> Result<bool> {
    let output = psql.clone().args(["--version"]).output(std::time::Duration::from_secs(20))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.split_once("(PostgreSQL) ").map_or("", |(_, version)| version);
    Ok(restricts_since(version))
}

fn restricts_since(version: &str) -> bool {
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(|number| number.parse().unwrap_or(0));
    let (major, minor): (u32, u32) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    major >= 18 || RESTRICTS.iter().any(|(known, first)| *known == major && minor >= *first)
}

/// Prints what a program says, a line at a time.
fn relay(terminal: &Terminal) -> Reader {
    let terminal = terminal.clone();
    Box::new(move |stream: Box<dyn Read + Send>| {
        let mut lines = BufReader::new(stream);
        let mut line = Vec::new();
        while let Ok(1..) = Read::by_ref(&mut lines).take(64 << 10).read_until(b'\n', &mut line) {
            terminal.status(String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_is_a_file_of_the_project() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("project");
        std::fs::create_dir(&root).unwrap();
        std::fs::write(root.join("sanitize.sql"), "select 1").unwrap();
        std::fs::write(folder.path().join("outside.sql"), "").unwrap();
        assert!(Hook::read(&root, "sanitize.sql").unwrap().is_sql());
        for wrong in ["../outside.sql", "/etc/passwd", "missing.sql", ".", ""] {
            assert_eq!(Hook::read(&root, wrong).unwrap_err().kind(), Kind::Usage, "{wrong}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("../outside.sql", root.join("link.sql")).unwrap();
            assert!(Hook::read(&root, "link.sql").unwrap_err().to_string().contains("outside the project"));
        }
    }

    #[test]
    fn the_versions_that_restrict_are_known() {
        for (version, restricts) in [
            ("15.18 (Debian 15.18-0+deb12u1)", true),
            ("15.13", false),
            ("16.2", false),
            ("17.6", true),
            ("18beta1", true),
            ("12.22", false),
            ("", false),
        ] {
            assert_eq!(restricts_since(version), restricts, "{version}");
        }
    }
}
