//! SQL on a server, through `psql`: one run for each question, so that nothing is held between them.

use std::fmt::{self, Display};
use std::io::{Seek as _, SeekFrom, Write as _};

use serde::de::DeserializeOwned;

use super::local::LocalDatabase;
use super::psql;
use super::tools::Tools;
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::interrupts::Interrupts;
use crate::process::{CommandLine, Ended};

/// The exit code of `psql` where it found no server, or was not let in.
const NO_CONNECTION: u8 = 2;

/// The settings before each script: no limits that the role may have for its sessions, and no notices.
const SETTINGS: &str = "set client_min_messages = error; set statement_timeout = 0; set lock_timeout = 0;\n";

/// SQL on the server of a database, as its role.
#[derive(Clone, Copy, Debug)]
pub struct Client<'a> {
    /// The database; scripts may be run in others of its server.
    pub database: &'a LocalDatabase,
    /// The programs.
    pub tools: &'a Tools,
    /// What ends a script; none while something is put right after an interrupt.
    pub interrupts: Option<&'a Interrupts>,
}

/// The server's refusal of a statement.
#[derive(Debug)]
pub struct ServerError {
    /// The SQLSTATE, such as `3D000` (PostgreSQL's appendix A).
    pub state: String,
    message: String,
}

impl Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Client<'_> {
    /// Runs a script in a database of the server, up to its first error.
    pub fn execute(&self, database: &str, script: &str) -> Result<()> {
        self.run(database, &format!("{SETTINGS}{script}\n")).map(drop)
    }

    /// The answer to a query of one row and one column, which is JSON.
    pub fn query<T: DeserializeOwned>(&self, database: &str, query: &str) -> Result<T> {
        let answer = self.run(database, &format!("{SETTINGS}{query}\n"))?;
        serde_json::from_slice(&answer)
            .map_err(|error| Error::from(error).context("an answer of PostgreSQL cannot be read"))
    }

    fn run(&self, database: &str, script: &str) -> Result<Vec<u8>> {
        // Not an argument: those can be seen by every user of this machine, and a setting may be a secret.
        let mut stdin = tempfile::tempfile()?;
        stdin.write_all(script.as_bytes())?;
        stdin.seek(SeekFrom::Start(0))?;
        let child = self.psql(database).args(["--file=-"]).start_reading(stdin)?;
        let output = match child.output(|| self.interrupts.and_then(Interrupts::code))? {
            Ended::Left(output) => output,
            Ended::GivenUp(code) => return Err(Error::silent(code)),
        };
        if output.is_success() {
            return Ok(output.stdout);
        }
        let said = output.complaint();
        Err(if output.code == NO_CONNECTION { self.no_connection(&said) } else { server_error(&said) })
    }

    /// `psql` on a database of the server: quiet, without the person's own settings, and up to the first error.
    pub fn psql(&self, database: &str) -> CommandLine {
        psql::scripted(self.database.connecting_to(database, self.tools.program("psql")))
    }

    fn no_connection(&self, said: &str) -> Error {
        let cause = without_name(said).to_owned();
        let is_down = ["Connection refused", "No such file", "could not translate"]
            .iter()
            .any(|part| cause.contains(part));
        let error = Error::failed(cause).context(format!("cannot connect to {}", self.database));
        if is_down {
            error.hint(Hint::line(["pg_isready"]).note("tells whether a server runs on this machine"))
        } else {
            error
        }
    }
}

/// What `psql` says of a connection that it did not get, without its own name.
pub(super) fn without_name(said: &str) -> &str {
    said.strip_prefix("psql: error: ").unwrap_or(said)
}

/// The first error of a script: `psql:<stdin>:3: ERROR:  42P04: database "x" already exists`.
pub(super) fn server_error(said: &str) -> Error {
    let found = said.lines().enumerate().find_map(|(place, line)| {
        let at = line.find(":  ")?;
        let (state, message) = line[at + 3..].split_once(": ")?;
        let is_state =
            state.len() == 5 && state.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        is_state.then(|| (place, state.to_owned(), message.to_owned()))
    });
    let Some((place, state, mut message)) = found else { return Error::failed(said.to_owned()) };
    let details = said.lines().skip(place + 1).take_while(|line| !line.contains(":  ") || is_detail(line));
    for detail in details.filter(|line| line.starts_with("DETAIL:")) {
        message = format!("{message} ({})", detail["DETAIL:".len()..].trim());
    }
    Error::failed(ServerError { state, message })
}

fn is_detail(line: &str) -> bool {
    ["DETAIL:", "HINT:", "CONTEXT:", "LOCATION:", "STATEMENT:"].iter().any(|word| line.starts_with(word))
}

/// Whether a failure is the server's, with this state.
pub fn has_state(error: &Error, state: &str) -> bool {
    error.downcast_ref::<ServerError>().is_some_and(|error| error.state == state)
}

/// A name as SQL reads it back unchanged.
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL reads it back unchanged, whatever the server's settings are.
pub fn literal(text: &str) -> String {
    let escaped = text.replace('\\', r"\\").replace('\'', "''");
    if text.contains('\\') { format!("E'{escaped}'") } else { format!("'{escaped}'") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_are_quoted() {
        assert_eq!(identifier(r#"a"b"#), r#""a""b""#);
        assert_eq!([literal("it's"), literal(r"a\b'")], ["'it''s'", r"E'a\\b'''"]);
    }

    #[test]
    fn the_first_error_of_a_script_has_its_state() {
        let said = "psql:<stdin>:3: ERROR:  55006: database \"x\" is being accessed by other users\n\
                    DETAIL:  There is 1 other session using the database.\nLOCATION:  RenameDatabase, dbcommands.c:1";
        let error = server_error(said);
        assert!(has_state(&error, "55006") && !has_state(&error, "42P04"));
        assert_eq!(
            error.to_string(),
            "database \"x\" is being accessed by other users (There is 1 other session using the database.)"
        );
        assert!(!has_state(&server_error("out of memory"), "55006"));
    }
}
