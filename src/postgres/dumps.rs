//! Dumps that are kept on this machine: those that `development backup` made, and those that were downloaded.
//!
//! ```text
//! $XDG_DATA_HOME/greenroom/backups/app_development-1a2b3c4d/before-migration.dump    of a database of this machine
//! $XDG_CACHE_HOME/greenroom/backups/playhouse-production/b042-….dump                 downloaded from Heroku
//! ```
//!
//! What a person has made is no cache: nothing removes it by itself. Only their owner can read them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use jiff::Timestamp;

use super::local::LocalDatabase;
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::private_file;

/// How the name of a dump ends.
const EXTENSION: &str = "dump";

/// The longest name of a backup.
const LONGEST: usize = 100;

/// A dump that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDump {
    /// The file.
    pub file: PathBuf,
    /// Its name without the extension.
    pub name: String,
    /// The app that it was downloaded from; none for a backup of this machine's database.
    pub app: Option<String>,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written.
    pub made: Timestamp,
}

impl KeptDump {
    /// The backups of a database of this machine, the newest first.
    pub fn backups_of(database: &LocalDatabase) -> Vec<Self> {
        newest_first(backups(database).map(|folder| within(&folder, None)).unwrap_or_default())
    }

    /// The downloaded dumps of all apps, the newest first.
    pub fn downloads() -> Vec<Self> {
        let apps = downloads().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
        let dumps = apps.flat_map(|app| {
            let name = app.file_name().to_string_lossy().into_owned();
            within(&app.path(), Some(&name))
        });
        newest_first(dumps.collect())
    }

    /// The backup of this name.
    pub fn named(database: &LocalDatabase, name: &str) -> Option<Self> {
        Self::backups_of(database).into_iter().find(|dump| dump.name == name)
    }
}

/// The file that a word means: a path, or the name of a backup; none where it is neither. Exit 2 for the path of a file
/// that is not there.
pub fn find(database: &LocalDatabase, word: &OsStr) -> Result<Option<PathBuf>> {
    let path = Path::new(word);
    if let Some(dump) = word.to_str().and_then(|name| KeptDump::named(database, name)) {
        return Ok(Some(dump.file));
    }
    // A folder may have the name of an environment.
    if path.is_file() {
        return Ok(Some(path.to_owned()));
    }
    let is_path = path.components().count() > 1 || path.extension().is_some();
    if !is_path {
        return Ok(None);
    }
    Err(Error::usage(format!(
        "{} is neither a file nor the name of a backup of {}",
        path.display(),
        database.name
    ))
    .hint(Hint::line(["development", "backups"]).note("lists the backups")))
}

/// The file for a new backup of a database, in a folder that is there. Exit 2 for what cannot be a name, or is taken.
pub fn new_backup(database: &LocalDatabase, name: &str) -> Result<PathBuf> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.is_empty() || name.len() > LONGEST || name.starts_with(['.', '-']) || !name.chars().all(is_name) {
        return Err(Error::usage(format!(
            "{name:?} cannot be the name of a backup: letters, digits, dots, dashes and underscores can"
        )));
    }
    let folder =
        backups(database).ok_or_else(|| Error::failed("there is no home folder to keep backups in"))?;
    let file = folder.join(format!("{name}.{EXTENSION}"));
    if file.exists() {
        return Err(Error::usage(format!("there is a backup {name} of {} already", database.name))
            .hint(Hint::line(["development", "backups"]).note("lists them")));
    }
    private_file::make_folder(&folder)?;
    Ok(file)
}

/// The folder of the backups of a database. Databases of one name on several servers have one each.
fn backups(database: &LocalDatabase) -> Option<PathBuf> {
    let data = etcetera::base_strategy::choose_base_strategy().ok()?.data_dir();
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_-".contains(c) { c } else { '_' };
    let name: String = database.name.chars().take(60).map(plain).collect();
    let number = crate::text::number_of(&format!("{} {}", database.server(), database.name));
    Some(data.join("greenroom/backups").join(format!("{name}-{number:08x}")))
}

/// The folder of the downloaded dumps, one folder for each app.
pub fn downloads() -> Option<PathBuf> {
    Some(private_file::folder()?.join("backups"))
}

fn within(folder: &Path, app: Option<&str>) -> Vec<KeptDump> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let dumps = entries.filter_map(|entry| {
        let file = entry.path();
        let about = fs::symlink_metadata(&file).ok().filter(fs::Metadata::is_file)?;
        file.extension().filter(|extension| *extension == EXTENSION)?;
        Some(KeptDump {
            name: file.file_stem()?.to_str()?.to_owned(),
            app: app.map(str::to_owned),
            size: about.len(),
            made: about.modified().ok().and_then(|time| Timestamp::try_from(time).ok())?,
            file,
        })
    });
    dumps.collect()
}

fn newest_first(mut dumps: Vec<KeptDump>) -> Vec<KeptDump> {
    dumps.sort_by(|a, b| b.made.cmp(&a.made).then_with(|| a.name.cmp(&b.name)));
    dumps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dumps_are_listed() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.dump", "b.dump.part", "c.txt"] {
            fs::write(folder.path().join(name), "PGDMP").unwrap();
        }
        fs::create_dir(folder.path().join("d.dump")).unwrap();
        let names: Vec<String> = within(folder.path(), None).into_iter().map(|dump| dump.name).collect();
        assert_eq!(names, ["a"]);
    }
}
