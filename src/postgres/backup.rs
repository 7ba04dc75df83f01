//! A dump of a database of this machine: written beside its place, read as a whole, and only then given its name.

use std::path::Path;

use crate::error::{Context as _, Error, Result};
use crate::interrupts::Interrupts;
use crate::private_file;
use crate::process::{CommandLine, Ended, Place};
use crate::terminal::Terminal;

use super::client::Client;
use super::dumps::new_backup;
use super::local::LocalDatabase;
use super::restore::verify_dump;
use super::tools::{self, Tools};

/// Writes a backup of this name, and returns its file. Whatever fails leaves no file.
pub fn back_up(database: &LocalDatabase, name: &str, terminal: &Terminal) -> Result<std::path::PathBuf> {
    let interrupts = Interrupts::listen()?;
    let file = new_backup(database, name)?;
    let installed = tools::installed();
    let tools = dumper(&installed, database, &interrupts)?;
    let folder = file.parent().unwrap_or(Path::new("."));
    // Readable by nobody else from the first byte on, and gone if anything fails.
    let part = tempfile::Builder::new().prefix(private_file::DRAFT).suffix(".part").tempfile_in(folder)?;
    {
        let _progress = terminal.progress(format!("pg_dump of {}", database.name));
        let line = database.connecting(dump_line(tools, part.path()));
        terminal.detail(|| line.to_string());
        match line.start(Place::WithoutTerminal)?.output(|| interrupts.code())? {
            Ended::GivenUp(code) => return Err(Error::silent(code)),
            Ended::Left(output) if output.is_success() => {}
            Ended::Left(output) => {
                let said = output.complaint();
                let said = said.strip_prefix("pg_dump: error: ").unwrap_or(&said).to_owned();
                return Err(Error::failed(said).context(format!("cannot dump {database}")));
            }
        }
    }
    {
        let _progress = terminal.progress("the check of the dump");
        verify_dump(tools, part.path(), &interrupts)?;
    }
    part.as_file().sync_all()?;
    part.persist_noclobber(&file).context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

/// The line that would write a backup of this name.
pub fn describe(database: &LocalDatabase, name: &str) -> Result<String> {
    let interrupts = Interrupts::listen()?;
    let file = new_backup(database, name)?;
    let installed = tools::installed();
    Ok(dump_line(dumper(&installed, database, &interrupts)?, &file).to_string())
}

/// The programs that can dump the server.
fn dumper<'t>(
    installed: &'t [Tools],
    database: &LocalDatabase,
    interrupts: &Interrupts,
) -> Result<&'t Tools> {
    let client = Client { database, tools: tools::any(installed)?, interrupts: Some(interrupts) };
    let version: u32 =
        client.query(&database.name, "select to_json(current_setting('server_version_num')::int)")?;
    tools::for_dump(installed, version / 10_000)
}

fn dump_line(tools: &Tools, file: &Path) -> CommandLine {
    let mut to = std::ffi::OsString::from("--file=");
    to.push(file);
    tools.program("pg_dump").args(["--format=custom".into(), "--no-password".into(), to])
}
