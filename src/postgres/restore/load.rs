//! `pg_restore` into the fresh database: several jobs in a process group of their own, ended at the first failure.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::interrupts::Interrupts;
use crate::postgres::client::Client;
use crate::postgres::tools::Restorer;
use crate::process::{CommandLine, Ended, Place, Reader};

/// The failure that is expected of a server older than the program: `could not execute query: …` and this line. Both come
/// in one write, so that several jobs cannot mix them.
const TIMEOUT: &str = "\nCommand was: SET transaction_timeout = 0;\n";
const CANNOT_EXECUTE: &str = "could not execute query: ";

/// What else comes with it, in any order, as jobs write side by side.
const NOISE: [&str; 6] = [
    "pg_restore:",
    "error:",
    "warning:",
    "errors ignored on restore:",
    "while INITIALIZING:",
    "while PROCESSING TOC:",
];

/// How much of the programs' messages is kept, in bytes.
const MOST: usize = 1 << 20;

/// Restores an archive into a database.
#[derive(Debug)]
pub(super) struct Load<'a> {
    /// The program.
    pub restorer: &'a Restorer,
    /// The archive.
    pub dump: &'a Path,
    /// The file with the list of what is restored.
    pub list: &'a Path,
    /// The database.
    pub database: &'a str,
    /// The role that it belongs to, where that is not ours.
    pub role: Option<&'a str>,
    /// How many jobs work side by side.
    pub jobs: usize,
}

impl Load<'_> {
    /// The command line, as it can be shown.
    pub(super) fn line(&self) -> CommandLine {
        let mut words: Vec<OsString> = ["--no-owner", "--no-acl", "--no-password"].map(Into::into).into();
        if !self.restorer.sets_unknown_timeout {
            words.push("--exit-on-error".into());
        }
        words.push(format!("--jobs={}", self.jobs).into());
        words.extend(self.role.map(|role| format!("--role={role}").into()));
        words.push(option("--use-list=", self.list));
        words.push(format!("--dbname={}", connection(self.database)).into());
        words.push(self.dump.into());
        self.restorer.tools.program("pg_restore").args(words)
    }

    /// Runs it. Exit 1 at the first failure that is not the expected one; everything it started is ended then.
    pub(super) fn run(&self, client: &Client<'_>) -> Result<()> {
        let line = client.database.connecting_to(self.database, self.line());
        // Nothing of this database is worth keeping before it takes its place, which is written to the disk.
        // Jobs work side by side already: more workers for each index would only wait for each other.
        let workers = if self.jobs > 1 { " -c max_parallel_maintenance_workers=0" } else { "" };
        let settings = format!("-c synchronous_commit=off -c maintenance_work_mem=128MB{workers}");
        let line = line.env("PGOPTIONS", settings);
        let said = Arc::new(Mutex::new(Vec::new()));
        let child = line.start(Place::WithoutTerminal)?;
        let (nothing, heard): (Reader, Reader) = (Box::new(discard), listener(Arc::clone(&said)));
        let ended = child.read_to_end([nothing, heard], || {
            if let Some(code) = client.interrupts.and_then(Interrupts::code) {
                return Some(Some(code));
            }
            let said = said.lock().unwrap_or_else(PoisonError::into_inner);
            (self.restorer.sets_unknown_timeout && failure(&said).is_some()).then_some(None)
        })?;
        let said = said.lock().unwrap_or_else(PoisonError::into_inner);
        match ended {
            Ended::GivenUp(Some(code)) => Err(Error::silent(code)),
            Ended::Left(0) => Ok(()),
            Ended::Left(1) if self.restorer.sets_unknown_timeout && failure(&said).is_none() => Ok(()),
            Ended::GivenUp(None) | Ended::Left(_) => Err(told(&said)),
        }
    }
}

/// Reads a whole archive and writes it nowhere: whatever is cut off or changed in it is found. Exit 1 then.
pub(super) fn verify(restorer: &Restorer, dump: &Path, interrupts: Option<&Interrupts>) -> Result<()> {
    let nowhere = if cfg!(windows) { "NUL" } else { "/dev/null" };
    let line = restorer.tools.program("pg_restore").args(["--file", nowhere]).args([dump]);
    match line.start(Place::WithoutTerminal)?.output(|| interrupts.and_then(Interrupts::code))? {
        Ended::GivenUp(code) => Err(Error::silent(code)),
        Ended::Left(output) if output.is_success() => Ok(()),
        Ended::Left(output) => {
            Err(told(&output.stderr).context(format!("{} is damaged or incomplete", dump.display())))
        }
    }
}

/// The table of contents of an archive, as `pg_restore` prints it.
pub(super) fn listing(restorer: &Restorer, dump: &Path) -> Result<String> {
    let line = restorer.tools.program("pg_restore").args(["--list"]).args([dump]);
    match line.start(Place::WithoutTerminal)?.output(|| None::<()>)? {
        Ended::Left(output) if output.is_success() => {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Ended::Left(output) => Err(told(&output.stderr)),
        Ended::GivenUp(()) => Err(Error::failed("pg_restore has not ended")),
    }
}

/// A database's name where a connection string may stand as well.
fn connection(database: &str) -> String {
    let plain = database.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    if plain {
        return database.to_owned();
    }
    format!("dbname='{}'", database.replace('\\', r"\\").replace('\'', r"\'"))
}

fn option(name: &str, value: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push(value);
    option
}

fn discard(mut stream: Box<dyn Read + Send>) {
    // It writes nothing there.
    _ = std::io::copy(&mut stream, &mut std::io::sink());
}

fn listener(said: Arc<Mutex<Vec<u8>>>) -> Reader {
    Box::new(move |mut stream| {
        let mut buffer = [0; 16 * 1024];
        while let Ok(count @ 1..) = stream.read(&mut buffer) {
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            let room = MOST.saturating_sub(said.len());
            said.extend_from_slice(&buffer[..count.min(room)]);
        }
    })
}

/// The programs' messages other than the expected failure; none where there are no others, or where a line is incomplete.
fn failure(said: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(said);
    // The last line may be cut off: what it is, is known when it is whole.
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    let mut rest = whole.to_owned();
    while let Some(end) = rest.find(TIMEOUT) {
        let line = rest[..end].rfind('\n').map_or(0, |at| at + 1);
        let start = rest[line..end].find(CANNOT_EXECUTE).map_or(line, |at| line + at);
        rest.replace_range(start..end + TIMEOUT.len(), "\n");
    }
    // What is half of a pair may become one.
    if rest.trim_end().ends_with("\"transaction_timeout\"") {
        return None;
    }
    for noise in NOISE {
        rest = rest.replace(noise, "");
    }
    let left = rest.trim();
    let is_count = left.chars().all(|c| c.is_ascii_digit() || c.is_whitespace());
    (!is_count).then(|| left.to_owned())
}

/// The first failure that a program told, without its name.
fn told(said: &[u8]) -> Error {
    let text = String::from_utf8_lossy(said);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.clone().find_map(|line| {
        let at = line.find("error: ")?;
        let message = &line[at + "error: ".len()..];
        (!message.contains("\"transaction_timeout\"")).then_some(message)
    });
    let Some(first) = first.or_else(|| lines.next_back()) else {
        return Error::failed("pg_restore failed without a message");
    };
    let first = first.strip_prefix(CANNOT_EXECUTE).unwrap_or(first);
    let first = first.strip_prefix("ERROR:  ").unwrap_or(first);
    let detail = text.lines().find_map(|line| line.trim().strip_prefix("DETAIL:")).map(str::trim);
    let full = detail.map_or(first.to_owned(), |detail| format!("{first} ({detail})"));
    Error::failed(full).context("pg_restore failed")
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECTED: &str = "pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter \"transaction_timeout\"\n\
        Command was: SET transaction_timeout = 0;\n";

    #[test]
    fn the_expected_failure_is_none_also_where_jobs_write_side_by_side() {
        let twice = format!(
            "pg_restore: while INITIALIZING:\n{EXPECTED}{EXPECTED}pg_restore: warning: errors ignored on restore: 2\n"
        );
        assert_eq!(failure(twice.as_bytes()), None);
        let mixed = EXPECTED.replacen("error: ", "pg_restore: error: error: ", 1)
            + EXPECTED.trim_start_matches("pg_restore: error: ");
        assert_eq!(failure(mixed.as_bytes()), None, "{mixed}");
        for length in 0..twice.len() {
            assert_eq!(failure(&twice.as_bytes()[..length]), None, "{length}");
        }
    }

    #[test]
    fn any_other_failure_is_one() {
        let other = format!(
            "{EXPECTED}pg_restore: error: could not execute query: ERROR:  relation \"x\" does not exist\nCommand was: SELECT 1;\n"
        );
        assert!(failure(other.as_bytes()).is_some());
        assert_eq!(told(other.as_bytes()).to_string(), "pg_restore failed: relation \"x\" does not exist");
        assert!(failure(b"pg_restore: error: could not open input file\n").is_some());
        let odd = "pg_restore: error: could not execute query: ERROR:  x\nCommand was: DO 'SET transaction_timeout = 0;';\n";
        assert!(failure(odd.as_bytes()).is_some());
    }

    #[test]
    fn a_name_is_not_read_as_a_connection_string() {
        assert_eq!(connection("app_restore_2026"), "app_restore_2026");
        assert_eq!(connection("host=x it's"), r"dbname='host=x it\'s'");
    }
}
