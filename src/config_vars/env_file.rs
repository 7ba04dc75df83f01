//! A person's `.env` file: read to be sent to an app, or changed to what an app has.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::{self, Path, PathBuf};

use crate::dotenv::{self, Assignment};
use crate::error::{Context as _, Error, Kind, Result};
use crate::file;
use crate::heroku::{ConfigVars, Secret};
use crate::interrupts::Interrupts;
use crate::private_file;

/// The word for stdin in place of a file.
const STDIN: &str = "-";

/// The largest file that is read, in bytes. Heroku takes 64 KiB of config vars.
const LARGEST: u64 = 1 << 20;

/// A file, and what it sets.
pub struct EnvFile {
    /// Where it is, as it was typed.
    path: PathBuf,
    text: String,
    assignments: Vec<Assignment>,
}

impl EnvFile {
    /// Reads a file, or stdin for `-`. Exit 2 where it cannot be read, and for what is no assignment.
    pub fn read(path: &Path) -> Result<Self> {
        let text = if path == Path::new(STDIN) { read_stdin() } else { file::read_text(path, LARGEST) };
        let path = if path == Path::new(STDIN) { Path::new("stdin") } else { path };
        let cannot = |error| Error::from(error).context(format!("cannot read {}", path.display()));
        Self::parse(path, text.map_err(|error| cannot(error).kind_of(Kind::Usage))?)
    }

    /// Reads a file that is to be changed: one that is not there is empty. A link is an error, as it would be replaced.
    pub fn read_to_change(path: &Path) -> Result<Self> {
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let folder =
                    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
                if !folder.is_dir() {
                    return Err(Error::usage(format!("there is no folder {}", folder.display())));
                }
                Self::parse(path, String::new())
            }
            Ok(found) if found.is_symlink() => {
                Err(Error::usage(format!("{} is a symbolic link; name the file it leads to", path.display())))
            }
            _ => Self::read(path),
        }
    }

    fn parse(path: &Path, text: String) -> Result<Self> {
        let assignments = dotenv::parse(&text).map_err(|error| error.in_file(path))?;
        Ok(Self { path: path.to_owned(), text, assignments })
    }

    /// Where it is, as it was typed.
    pub fn shown(&self) -> path::Display<'_> {
        self.path.display()
    }

    /// The config vars that a program gets by loading the file: the last value of each name.
    pub fn vars(&self) -> ConfigVars {
        self.assignments.iter().map(|one| (one.name.clone(), Secret::new(&one.value))).collect()
    }

    /// The same; exit 2 where a name has two values, as only one of them can be meant.
    pub fn unmistakable_vars(&self) -> Result<ConfigVars> {
        let mut known: BTreeMap<&str, &Assignment> = BTreeMap::new();
        for one in &self.assignments {
            match known.insert(&one.name, one) {
                Some(first) if first.value != one.value => {
                    return Err(Error::usage(format!(
                        "{}:{}: {} has another value in line {}",
                        self.shown(),
                        one.line,
                        one.name,
                        first.line
                    )));
                }
                _ => {}
            }
        }
        Ok(self.vars())
    }

    /// Sets these in the file, which nobody else can read then; what else is in it stays.
    pub fn write(&self, vars: &ConfigVars) -> Result<()> {
        let vars = vars.iter().map(|(name, value)| (name.as_str(), value.reveal())).collect();
        let text = dotenv::update(&self.text, &vars).map_err(|error| error.in_file(&self.path))?;
        // An interrupt must not leave the draft of the file behind.
        let interrupts = Interrupts::listen()?;
        let absolute = path::absolute(&self.path)?;
        private_file::replace(&absolute, &text).context(|| format!("cannot write {}", self.shown()))?;
        interrupts.code().map_or(Ok(()), |code| Err(Error::silent(code)))
    }
}

fn read_stdin() -> io::Result<String> {
    let mut text = String::new();
    io::stdin().take(LARGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LARGEST {
        return Err(io::Error::new(ErrorKind::FileTooLarge, "it is larger than 1 MiB"));
    }
    Ok(text)
}
