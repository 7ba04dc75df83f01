//! PostgreSQL's programs (`pg_dump`, `pg_restore`, `psql`): which versions are installed here, and which one suits.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsStr;
use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::archive::{Header, major};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::process::{CommandLine, Output};

/// A list of folders, as in PATH, where PostgreSQL's programs are taken from in place of all others.
const ONLY_THESE: &str = "GREENROOM_PG_BIN";

/// Where packages put the programs of each major version, as `PARENT/N/bin` or `PARENT/PREFIXN/bin`.
const PARENTS: [(&str, &str); 8] = [
    ("/usr/lib/postgresql", ""),
    ("/usr", "pgsql-"),
    ("/opt/homebrew/opt", "postgresql@"),
    ("/usr/local/opt", "postgresql@"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@"),
    ("/Applications/Postgres.app/Contents/Versions", ""),
    ("/opt/local/lib", "postgresql"),
    ("C:\\Program Files\\PostgreSQL", ""),
];

/// Where Homebrew puts the newest programs without a server.
const LIBPQ: [&str; 3] =
    ["/opt/homebrew/opt/libpq/bin", "/usr/local/opt/libpq/bin", "/home/linuxbrew/.linuxbrew/opt/libpq/bin"];

/// The first major version whose `pg_restore` sets `transaction_timeout`, which older servers do not know.
const SETS_TIMEOUT: u32 = 17;

/// How long a program may take to tell its version.
const PATIENCE: Duration = Duration::from_secs(20);

/// The programs of one version, in one folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tools {
    /// The major version.
    pub major: u32,
    folder: PathBuf,
}

/// A `pg_restore` that can read an archive and restore it into a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restorer {
    /// The programs that it is one of.
    pub tools: Tools,
    /// Whether it sets a parameter that the server does not know, so that this failure has to be told from others.
    pub sets_unknown_timeout: bool,
}

/// All versions that are installed, the newest first; those on PATH before others of the same version.
pub fn installed() -> Vec<Tools> {
    let mut seen = BTreeSet::new();
    let found = folders().into_iter().filter_map(|folder| {
        let program = folder.join(program("pg_restore"));
        let real = fs::canonicalize(&program).ok()?;
        // Debian's wrapper runs one of the programs that are found by themselves.
        if real.file_name() == Some(OsStr::new("pg_wrapper")) || !seen.insert(real) {
            return None;
        }
        Some(Tools { major: version(&program)?, folder })
    });
    let mut found: Vec<Tools> = found.collect();
    found.sort_by_key(|tools| std::cmp::Reverse(tools.major));
    found
}

impl Tools {
    /// One of its programs. Nothing localizes what it says.
    pub fn program(&self, name: &str) -> CommandLine {
        CommandLine::at(self.folder.join(program(name)), name).env("LC_ALL", "C").without_env("LANGUAGE")
    }
}

impl Display for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL {} in {}", self.major, self.folder.display())
    }
}

/// Any version, for SQL: `psql` works with all servers. Exit 1 where none is installed.
pub fn any(installed: &[Tools]) -> Result<&Tools> {
    installed.first().ok_or_else(|| {
        let error = Error::failed("PostgreSQL's programs (psql, pg_dump, pg_restore) are not installed");
        install(error, None)
    })
}

/// The `pg_restore` for this archive and a server of this major version; exit 1 with what to install where there is none.
pub fn for_restore(installed: &[Tools], header: &Header, server: u32) -> Result<Restorer> {
    let least = header.least_reader();
    let readers = || installed.iter().filter(move |tools| tools.major >= least);
    let suits = |tools: &&Tools| tools.major < SETS_TIMEOUT || server >= SETS_TIMEOUT;
    // The server's own version is what it is tested with; then the next newer one, and then the next older one.
    let distance = |tools: &&Tools| (tools.major < server, tools.major.abs_diff(server));
    if let Some(tools) = readers().filter(suits).min_by_key(distance) {
        return Ok(Restorer { tools: tools.clone(), sets_unknown_timeout: false });
    }
    if let Some(tools) = readers().min_by_key(|tools| tools.major) {
        return Ok(Restorer { tools: tools.clone(), sets_unknown_timeout: true });
    }
    let error = Error::failed(format!(
        "no installed pg_restore can read this dump of pg_dump {}: it takes version {least} or newer, and {}",
        header.pg_dump,
        told(installed)
    ));
    Err(install(error, Some(least.max(server))))
}

/// The `pg_dump` for a server of this major version; exit 1 with what to install where there is none.
pub fn for_dump(installed: &[Tools], server: u32) -> Result<&Tools> {
    let newer = installed.iter().filter(|tools| tools.major >= server);
    newer.min_by_key(|tools| tools.major).ok_or_else(|| {
        let error = Error::failed(format!(
            "no installed pg_dump can dump a server of PostgreSQL {server}: it takes version {server} or newer, and {}",
            told(installed)
        ));
        install(error, Some(server))
    })
}

fn told(installed: &[Tools]) -> String {
    if installed.is_empty() {
        return "none is installed".to_owned();
    }
    let all: Vec<String> = installed.iter().map(ToString::to_string).collect();
    format!("there is {}", all.join(", "))
}

/// Says how to install a version, or any.
fn install(error: Error, version: Option<u32>) -> Error {
    let named =
        |prefix: &str, any: &str| version.map_or(any.to_owned(), |version| format!("{prefix}{version}"));
    let error = if cfg!(target_os = "macos") {
        error.hint(Hint::line(["brew", "install", &named("postgresql@", "libpq")]))
    } else if cfg!(windows) {
        error.hint(Hint::line([
            "winget",
            "install",
            &named("PostgreSQL.PostgreSQL.", "PostgreSQL.PostgreSQL"),
        ]))
    } else {
        let package = named("postgresql-client-", "postgresql-client");
        let hint = Hint::line(["sudo", "apt-get", "install", &package]);
        error.hint(if version.is_some() { hint.note("from https://apt.postgresql.org") } else { hint })
    };
    error.hint("GREENROOM_PG_BIN names folders of programs that are not found by themselves")
}

fn program(name: &str) -> String {
    format!("{name}{}", env::consts::EXE_SUFFIX)
}

/// What `pg_restore --version` says: `pg_restore (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn version(program: &Path) -> Option<u32> {
    let line = CommandLine::at(program, "pg_restore").args(["--version"]).env("LC_ALL", "C");
    let output = line.output(PATIENCE).ok().filter(Output::is_success)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    major(text.split_once("(PostgreSQL) ")?.1)
}

/// Folders that may have them.
fn folders() -> Vec<PathBuf> {
    let listed = |name: &str| {
        let list = env::var_os(name).unwrap_or_default();
        env::split_paths(&list).filter(|folder| folder.is_absolute()).collect::<Vec<_>>()
    };
    let only = listed(ONLY_THESE);
    if !only.is_empty() {
        return only;
    }
    let mut folders = listed("PATH");
    folders.extend(LIBPQ.map(PathBuf::from));
    for (parent, prefix) in PARENTS {
        for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(prefix));
            if number.is_some_and(|number| number.parse::<u32>().is_ok()) {
                folders.push(entry.path().join("bin"));
            }
        }
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tools(majors: &[u32]) -> Vec<Tools> {
        let tools = |major: &u32| Tools { major: *major, folder: PathBuf::from(format!("/pg/{major}/bin")) };
        majors.iter().map(tools).collect()
    }

    fn header(minor: u8) -> Header {
        let text = |text: &str| text.to_owned();
        Header { format: (1, minor), database: text("app"), server: text("15"), pg_dump: text("15.1") }
    }

    #[test]
    fn the_pg_restore_of_the_server_is_taken_if_it_reads_the_archive() {
        for (majors, minor, server, taken) in [
            (&[18, 17, 16, 15][..], 14, 15, Some((15, false))),
            (&[18, 17, 16, 15], 15, 15, Some((16, false))),
            (&[18, 17, 16, 15], 16, 15, Some((17, true))),
            (&[18, 17, 16, 15], 16, 16, Some((17, true))),
            (&[18, 17, 16, 15], 16, 17, Some((17, false))),
            (&[18, 17, 16, 15], 14, 18, Some((18, false))),
            (&[17, 15], 14, 18, Some((17, false))),
            (&[18], 14, 17, Some((18, false))),
            (&[18], 14, 15, Some((18, true))),
            (&[16, 15], 16, 17, None),
            (&[15], 15, 15, None),
            (&[], 14, 15, None),
        ] {
            let restorer = for_restore(&tools(majors), &header(minor), server);
            let found = restorer.ok().map(|restorer| (restorer.tools.major, restorer.sets_unknown_timeout));
            assert_eq!(found, taken, "{majors:?} {minor} {server}");
        }
    }

    #[test]
    fn what_is_missing_is_said_with_what_to_install() {
        let error = for_restore(&tools(&[15]), &header(16), 15).unwrap_err();
        let said = error.to_string();
        assert!(
            said.contains("it takes version 17 or newer, and there is PostgreSQL 15 in /pg/15/bin"),
            "{said}"
        );
        assert!(error.hints().next().is_some_and(|hint| hint.to_string().contains("17")));
        let error = for_dump(&tools(&[16, 15]), 17).unwrap_err().to_string();
        assert!(error.contains("it takes version 17"), "{error}");
        assert_eq!(for_dump(&tools(&[18, 17, 15]), 16).unwrap().major, 17);
    }
}
