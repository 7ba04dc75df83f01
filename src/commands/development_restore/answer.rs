//! What is said of a restore, and what `--json` prints.

use serde::Serialize;

use super::Args;
use super::origin::Dump;
use crate::context::Context;
use crate::postgres::local::LocalDatabase;
use crate::postgres::restore::{self, KeptDatabase, Restored};
use crate::terminal::counted;
use crate::text::size;

/// What was done, as `--json` prints it; with `--all`, one for each database.
#[derive(Serialize)]
pub(super) struct Answer<'a> {
    pub(super) database: &'a str,
    /// The file that was restored; null for `--undo`.
    pub(super) dump: Option<String>,
    /// The app whose backup it is; null for another file.
    pub(super) app: Option<&'a str>,
    /// The name of that backup.
    pub(super) backup: Option<&'a str>,
    /// The name of the database that was replaced; null where there was none.
    pub(super) kept: Option<&'a str>,
    /// The tables whose rows were left out.
    pub(super) without_rows: &'a [String],
}

impl<'a> Answer<'a> {
    pub(super) fn of(database: &'a LocalDatabase, dump: &'a Dump, restored: &'a Restored) -> Self {
        let fetched = dump.fetched();
        Self {
            database: &database.name,
            dump: Some(dump.file().display().to_string()),
            app: fetched.map(|fetched| fetched.app.as_ref()),
            backup: fetched.map(|fetched| &*fetched.backup),
            kept: restored.kept.as_deref(),
            without_rows: &restored.without_rows,
        }
    }
}

/// Says what is there now, what was kept, and how to get it back.
pub(super) fn report(context: &Context, args: &Args, database: &LocalDatabase, restored: &Restored) {
    let terminal = &context.terminal;
    if let Some(told) = restore::told_without_rows(&restored.without_rows) {
        terminal.status(&told);
    }
    terminal.status(&format!("{} is restored", database.name));
    let meant = if args.all { database.label_words() } else { args.database.words() };
    let line = |words: [&str; 2], note: &str| {
        let words = words.into_iter().map(str::to_owned).chain(meant.iter().cloned());
        terminal.hint(context.command(words).note(note));
    };
    if let Some(kept) = &restored.kept {
        terminal.status(&format!("the old one is kept as {kept} ({})", size(restored.kept_size)));
        line(["restore", "--undo"], "puts it back");
    }
    if !restored.earlier.is_empty() {
        let bytes: u64 = restored.earlier.iter().map(|kept: &KeptDatabase| kept.size).sum();
        let count = counted(restored.earlier.len(), "database");
        terminal.status(&format!("also kept of earlier restores: {count} ({})", size(bytes)));
        line(["backups", "--prune"], "asks, and removes what is kept");
    }
}
