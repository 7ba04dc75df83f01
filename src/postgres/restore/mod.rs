//! A restore that cannot lose data: into a fresh database beside the old one, which stays as it is until both names are
//! exchanged in one transaction, and is kept after that.
//!
//! ```text
//! preflight   rights, owner, extensions, sessions, space; nothing is changed      preflight facts
//! fresh       leftovers of killed restores go; an empty database is made          fresh beside
//! load        pg_restore with the filtered table of contents, in parallel         load
//! finish      ar_internal_metadata, the project's hooks, ANALYZE                  hook statistics
//! swap        both names in one transaction                                       swap
//! kept        what was replaced: listed, put back, removed                        kept
//! ```

use std::io::Write as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::interrupts::Interrupts;
use crate::terminal::{Terminal, counted};
use crate::text::size;

use super::archive::{Header, read_header};
use super::client::{Client, identifier, literal};
use super::contents::{Contents, Selection};
use super::local::LocalDatabase;
use super::lock::Lock;
use super::pattern::Pattern;
use super::tools::{self, Restorer, Tools};

mod beside;
mod facts;
mod fresh;
mod hook;
mod kept;
mod load;
mod preflight;
mod statistics;
mod swap;

use beside::Beside;
pub use facts::Role;
use facts::{Facts, MAINTENANCE};
use fresh::{Fresh, remove_leftovers};
pub use hook::{Hook, check_trust, configured_hooks};
pub use kept::{KeptDatabase, kept_databases, remove, undo};
use load::{Load, listing, verify};
use swap::{Attributes, Rename, exchange};

/// How often the size of what is restored is asked for.
const EVERY: Duration = Duration::from_secs(2);

/// A restore that is asked for.
#[derive(Debug)]
pub struct Restore<'a> {
    /// The database that is replaced.
    pub database: &'a LocalDatabase,
    /// The archive.
    pub dump: &'a Path,
    /// The size of the dumped database in bytes, where it is known.
    pub expected: Option<u64>,
    /// The tables whose rows are left out.
    pub excluded: &'a [Pattern],
    /// How many jobs work side by side.
    pub jobs: usize,
    /// The files that are run in the fresh database.
    pub hooks: &'a [Hook],
}

/// The result of a restore.
#[derive(Debug)]
pub struct Restored {
    /// The name that the replaced database has now; none where there was none.
    pub kept: Option<String>,
    /// Its size in bytes.
    pub kept_size: u64,
    /// The databases that earlier restores have replaced, and that are still there.
    pub earlier: Vec<KeptDatabase>,
    /// The tables whose rows were left out.
    pub without_rows: Vec<String>,
}

/// Everything that is found out before anything is changed.
struct Prepared {
    installed: Vec<Tools>,
    header: Header,
    facts: Facts,
    restorer: Restorer,
    selection: Selection,
}

impl Restore<'_> {
    /// Does it. Whatever fails, or is interrupted, leaves the old database as it was.
    pub fn run(&self, terminal: &Terminal) -> Result<Restored> {
        let interrupts = Interrupts::listen()?;
        let restored = self.carry_out(terminal, &interrupts);
        if restored.is_err() && interrupts.code().is_some() {
            terminal.status(&format!("interrupted; {} is as it was", self.database.name));
        }
        restored
    }

    fn carry_out(&self, terminal: &Terminal, interrupts: &Interrupts) -> Result<Restored> {
        let prepared = self.prepare(terminal, interrupts)?;
        hook::check_trust(self.hooks, &prepared.facts.role, terminal)?;
        let _lock = Lock::take(self.database)?;
        let client = prepared.client(self.database, interrupts)?;
        for name in remove_leftovers(&client)? {
            terminal.status(&format!("removed {name}, which an earlier restore has left"));
        }
        let fresh = Fresh::create(&client, &prepared.facts)?;
        self.load(&prepared, &client, &fresh.name, terminal)?;
        self.finish(&client, &fresh.name, terminal)?;
        if let Some(code) = interrupts.code() {
            return Err(Error::silent(code));
        }
        self.swap(&prepared, &client, fresh, terminal)
    }

    /// The lines that tell what [`run`](Self::run) would do; nothing is changed.
    pub fn describe(&self, terminal: &Terminal) -> Result<Vec<String>> {
        let interrupts = Interrupts::listen()?;
        let prepared = self.prepare(terminal, &interrupts)?;
        let name = &self.database.name;
        let now = jiff::Timestamp::now();
        let (fresh, before) = (Beside::Restore.name(name, now), Beside::Before.name(name, now));
        let load = self.loading(&prepared, &fresh, Path::new("LIST"));
        let mut lines = vec![format!("create database {}", identifier(&fresh)), load.line().to_string()];
        lines.extend(self.hooks.iter().map(|hook| {
            if hook.is_sql() {
                format!("psql --file={} (in {fresh})", hook.name)
            } else {
                format!("{} (with {fresh})", hook.name)
            }
        }));
        lines.push(format!("analyze (in {fresh})"));
        if prepared.facts.database.is_some() {
            lines.push(format!("alter database {} rename to {}", identifier(name), identifier(&before)));
        }
        lines.push(format!("alter database {} rename to {}", identifier(&fresh), identifier(name)));
        Ok(lines)
    }

    /// Looks at everything that could stand in the way.
    fn prepare(&self, terminal: &Terminal, interrupts: &Interrupts) -> Result<Prepared> {
        let header = read_header(self.dump)?;
        let installed = tools::installed();
        let client =
            Client { database: self.database, tools: tools::any(&installed)?, interrupts: Some(interrupts) };
        let facts = Facts::ask(&client)?;
        preflight::check_server(&facts, self.database)?;
        let restorer = tools::for_restore(&installed, &header, facts.major())?;
        let contents = Contents::parse(&listing(&restorer, self.dump)?);
        let without = preflight::check_extensions(&facts, &contents)?;
        let length = std::fs::metadata(self.dump)?.len();
        preflight::check_space(&facts, self.database, length, self.expected)?;
        let selection = contents.select(&without, self.excluded);
        for pattern in &selection.unmatched {
            terminal.warn(&format!("no table of the dump matches {pattern}"));
        }
        if header.server_major().is_some_and(|major| major > facts.major()) {
            terminal.status(&format!(
                "the dump is from PostgreSQL {}, and this server is older: {}",
                header.server,
                facts.major()
            ));
        }
        if let Some(old) = facts.database.as_ref().filter(|old| old.encoding != "UTF8") {
            terminal.warn(&format!(
                "{} has the encoding {}; the restored one has UTF8",
                self.database.name, old.encoding
            ));
        }
        Ok(Prepared { installed, header, facts, restorer, selection })
    }

    fn loading<'l>(&'l self, prepared: &'l Prepared, fresh: &'l str, list: &'l Path) -> Load<'l> {
        let owner = prepared.facts.database.as_ref().map(|old| old.owner.as_str());
        let role = owner.filter(|owner| *owner != prepared.facts.role.name);
        Load { restorer: &prepared.restorer, dump: self.dump, list, database: fresh, role, jobs: self.jobs }
    }

    /// Restores into the fresh database, and shows how much is there meanwhile.
    fn load(&self, prepared: &Prepared, client: &Client<'_>, fresh: &str, terminal: &Terminal) -> Result<()> {
        let mut list = tempfile::NamedTempFile::new()?;
        list.write_all(prepared.selection.list.as_bytes())?;
        list.flush()?;
        let load = self.loading(prepared, fresh, list.path());
        terminal.detail(|| load.line().to_string());
        let progress = terminal.progress(format!("pg_restore into {}", self.database.name));
        let whole = self.expected.map(|bytes| format!(" of about {}", size(bytes))).unwrap_or_default();
        let (ended, end) = std::sync::mpsc::channel::<()>();
        let loaded = thread::scope(|scope| {
            let asking = Client { interrupts: None, ..*client };
            let progress = &progress;
            scope.spawn(move || {
                while end
                    .recv_timeout(EVERY)
                    .is_err_and(|error| error == std::sync::mpsc::RecvTimeoutError::Timeout)
                {
                    let query = format!("select to_json(pg_database_size({}))", literal(fresh));
                    // Without an answer the line stays as it is.
                    if let Ok(bytes) = asking.query::<u64>(MAINTENANCE, &query) {
                        progress.show(format!("pg_restore, {}{whole} written", size(bytes)));
                    }
                }
            });
            let loaded = load.run(client);
            drop(ended);
            loaded
        });
        loaded.map_err(|error| self.explained(self.damage(client, prepared).unwrap_or(error), prepared))
    }

    /// The damage of the archive, where that is why it was not restored. It is looked for only then: `pg_restore` reads
    /// all that counts anyway, and nothing is replaced before its end.
    fn damage(&self, client: &Client<'_>, prepared: &Prepared) -> Option<Error> {
        let is_over = client.interrupts.is_some_and(|interrupts| interrupts.code().is_some());
        if is_over { None } else { verify(&prepared.restorer, self.dump, client.interrupts).err() }
    }

    /// Adds what may have led to a failure of `pg_restore`.
    fn explained(&self, error: Error, prepared: &Prepared) -> Error {
        let said = error.to_string();
        let error = if said.contains("foreign key constraint") && !prepared.selection.without_rows.is_empty()
        {
            error.hint("rows of tables that refer to one without rows have to be left out as well")
        } else if said.contains("No space left") || said.contains("could not extend file") {
            error.hint_line(["development", "backups", "--prune"])
        } else if prepared.header.server_major().is_some_and(|major| major > prepared.facts.major()) {
            error.hint("the dump is from a newer PostgreSQL: it may have what this server does not know")
        } else {
            error
        };
        if matches!(error.kind(), crate::error::Kind::Silent(_)) {
            return error;
        }
        error.context(format!("{} was not replaced", self.database.name))
    }

    /// Makes the fresh database one of this machine: Rails' note of the environment, the hooks, statistics.
    fn finish(&self, client: &Client<'_>, fresh: &str, terminal: &Terminal) -> Result<()> {
        // Otherwise Rails takes it for production, and refuses db:drop and db:reset.
        client.execute(
            fresh,
            "do $$ begin if to_regclass('public.ar_internal_metadata') is not null then \
             update public.ar_internal_metadata set value = 'development', updated_at = now() \
             where key = 'environment'; end if; end $$;",
        )?;
        for hook in self.hooks {
            terminal.status(&format!("running {}", hook.name));
            let _progress = terminal.progress(&hook.name);
            let not_replaced = |error: Error| match error.kind() {
                crate::error::Kind::Silent(_) => error,
                _ => error.context(format!("{} was not replaced", self.database.name)),
            };
            hook.run(client, fresh, terminal).map_err(not_replaced)?;
        }
        let _progress = terminal.progress("ANALYZE");
        statistics::gather(client, fresh, self.jobs)
    }

    fn swap(
        &self,
        prepared: &Prepared,
        client: &Client<'_>,
        fresh: Fresh<'_>,
        terminal: &Terminal,
    ) -> Result<Restored> {
        let _progress = terminal.progress("the sessions in the old database to end");
        // From here on an interrupt comes too late: it is done in a moment.
        let client = Client { interrupts: None, ..*client };
        let name = &self.database.name;
        let earlier = KeptDatabase::all(&client)?;
        let time = kept::free_time(&earlier);
        let (before, old) = (Beside::Before.name(name, time), prepared.facts.database.as_ref());
        let oid = oid(&client, &fresh.name)?;
        let mut renames = Vec::new();
        let mut comments = Vec::new();
        let attributes = old.map(|_| Attributes::of(&client, name)).transpose()?;
        if let Some(attributes) = &attributes {
            renames.push(Rename { from: name, to: &before });
            comments.push((before.as_str(), Some(kept::marked(attributes.comment()))));
        }
        renames.push(Rename { from: &fresh.name, to: name });
        comments.push((name.as_str(), attributes.as_ref().and_then(|old| old.comment().map(str::to_owned))));
        let swapped = exchange(&client, &renames, attributes.as_ref(), &comments);
        // Its answer may have been lost.
        if let Err(error) = swapped
            && self::oid(&client, name).ok().flatten() != oid
        {
            return Err(error.context(format!("{name} was not replaced")));
        }
        fresh.keep();
        Ok(Restored {
            kept: old.map(|_| before.clone()),
            kept_size: old.map_or(0, |old| old.size),
            earlier,
            without_rows: prepared.selection.without_rows.clone(),
        })
    }
}

impl Prepared {
    fn client<'c>(&'c self, database: &'c LocalDatabase, interrupts: &'c Interrupts) -> Result<Client<'c>> {
        Ok(Client { database, tools: tools::any(&self.installed)?, interrupts: Some(interrupts) })
    }
}

/// The object id of a database, which a rename does not change.
fn oid(client: &Client<'_>, name: &str) -> Result<Option<u32>> {
    let name = literal(name);
    client.query(
        MAINTENANCE,
        &format!(
            "select coalesce(to_json((select oid::bigint from pg_database where datname = {name})), 'null')"
        ),
    )
}

/// Reads a whole archive with these programs. Exit 1 where it is cut off or changed.
pub fn verify_dump(tools: &Tools, dump: &Path, interrupts: &Interrupts) -> Result<()> {
    let restorer = Restorer { tools: tools.clone(), sets_unknown_timeout: false };
    verify(&restorer, dump, Some(interrupts))
}

/// `3 tables without rows: a, b, c`, where there are any.
pub fn told_without_rows(tables: &[String]) -> Option<String> {
    let count = counted(tables.len(), "table");
    (!tables.is_empty()).then(|| format!("{count} without rows: {}", tables.join(", ")))
}
