//! What the installed Heroku CLI accepts, from its own `oclif.manifest.json`, without starting Node.
//!
//! The manifest is 600 kB of JSON; a digest of a line for each command is kept in the cache, and is made anew when
//! the manifest's path, size or time of change is another.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use etcetera::BaseStrategy;
use serde::Deserialize;

use crate::heroku::cli_data_dir;

/// The digest's form; another form is not read.
const FORM: &str = "greenroom-heroku-commands-1";

/// The commands of the installed CLI.
pub(super) struct Manifest {
    /// A line for each command and alias; see [`Syntax::from_line`].
    digest: String,
}

/// What one command of the CLI accepts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Syntax {
    /// Whether it takes `--app`, for an app that exists.
    pub(super) takes_app: bool,
    /// Whether its `--remote` names that app's git remote.
    pub(super) takes_remote: bool,
    /// The names and letters of its flags that want a value.
    values: Vec<String>,
    /// The letters of its flags that want none.
    switches: String,
}

impl Syntax {
    /// The syntax where the manifest cannot tell.
    pub(super) fn unread(takes_app: bool) -> Self {
        Self { takes_app, takes_remote: takes_app, ..Self::default() }
    }

    pub(super) fn takes_value(&self, flag: &str) -> bool {
        self.values.iter().any(|value| value == flag)
    }

    pub(super) fn is_switch(&self, letter: char) -> bool {
        self.switches.contains(letter)
    }

    /// Reads `ID A|- R|- VALUE,VALUE|- SWITCHES|-`.
    pub(super) fn from_line(line: &str) -> Option<(&str, Self)> {
        let mut fields = line.split(' ');
        let id = fields.next()?;
        let takes_app = fields.next()? == "A";
        let takes_remote = fields.next()? == "R";
        let list = |field: &str| if field == "-" { String::new() } else { field.to_owned() };
        let values = list(fields.next()?).split(',').map(str::to_owned).collect();
        let switches = list(fields.next()?);
        Some((id, Self { takes_app, takes_remote, values, switches }))
    }
}

impl Manifest {
    /// The manifest of the CLI whose executable this is; none where it cannot be found or read.
    pub(super) fn of(executable: &Path) -> Option<Self> {
        let path = locate(executable)?;
        let found = fs::metadata(&path).ok()?;
        let changed = found.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
        let head = format!("{FORM} {changed} {} {}", found.len(), path.display());
        let cache = cache_file();
        if let Some(digest) = cache.as_deref().and_then(|cache| cached(cache, &head)) {
            return Some(Self { digest });
        }
        let digest = digest(&fs::read(&path).ok()?)?;
        if let Some(cache) = cache {
            // The next start may be slower by a few milliseconds; nothing else depends on it.
            _ = store(&cache, &head, &digest);
        }
        Some(Self { digest })
    }

    /// What the command of this name or alias accepts.
    pub(super) fn syntax(&self, command: &str) -> Option<Syntax> {
        let line = self
            .digest
            .lines()
            .find(|line| line.strip_prefix(command).is_some_and(|rest| rest.starts_with(' ')))?;
        Some(Syntax::from_line(line)?.1)
    }

    /// Whether commands are grouped under this word.
    pub(super) fn is_topic(&self, word: &str) -> bool {
        self.names().any(|name| name.strip_prefix(word).is_some_and(|rest| rest.starts_with(':')))
    }

    /// Every command's name and alias.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.digest.lines().filter_map(|line| line.split(' ').next())
    }
}

/// Whether the person has installed plugins of the CLI, whose commands the manifest does not list.
pub(super) fn has_plugins() -> bool {
    #[derive(Deserialize)]
    struct Package {
        #[serde(default)]
        dependencies: BTreeMap<String, serde_json::Value>,
    }

    let Some(data) = data_folder() else { return false };
    let Ok(text) = fs::read(data.join("package.json")) else { return false };
    serde_json::from_slice::<Package>(&text).is_ok_and(|package| !package.dependencies.is_empty())
}

/// `oclif.manifest.json` beside the executable's package: npm's, the standalone tarball's or Homebrew's layout. A
/// standalone CLI that updated itself runs from its data folder, and that one counts.
fn locate(executable: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(executable).ok()?;
    let updated = data_folder()
        .filter(|_| !real.components().any(|part| part.as_os_str() == "node_modules"))
        .and_then(|data| fs::canonicalize(data.join("client/bin/heroku")).ok());
    updated.iter().chain([&real]).find_map(|program| above(program))
}

fn above(program: &Path) -> Option<PathBuf> {
    program.ancestors().skip(1).take(4).find_map(|folder| {
        ["", "libexec", "lib/heroku"]
            .map(|inner| folder.join(inner).join("oclif.manifest.json"))
            .into_iter()
            .find(|manifest| manifest.is_file())
    })
}

fn data_folder() -> Option<PathBuf> {
    cli_data_dir(&|name| env::var_os(name))
}

fn cache_file() -> Option<PathBuf> {
    Some(etcetera::base_strategy::choose_base_strategy().ok()?.cache_dir().join("greenroom/heroku-commands"))
}

/// The digest in the cache, where it was made from what `head` says.
fn cached(cache: &Path, head: &str) -> Option<String> {
    let text = fs::read_to_string(cache).ok()?;
    let rest = text.strip_prefix(head)?.strip_prefix('\n')?;
    // The last line says that the file is whole.
    rest.strip_suffix("end\n").map(str::to_owned)
}

/// Replaces the cache in one step, so that nobody reads half of it.
fn store(cache: &Path, head: &str, digest: &str) -> std::io::Result<()> {
    let folder = cache.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    write!(file, "{head}\n{digest}end\n")?;
    file.persist(cache)?;
    Ok(())
}

/// `oclif.manifest.json`, as far as it matters here.
#[derive(Deserialize)]
struct Whole {
    commands: BTreeMap<String, Command>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Command {
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    hidden_aliases: Vec<String>,
    #[serde(default)]
    flags: BTreeMap<String, Flag>,
}

#[derive(Deserialize)]
struct Flag {
    char: Option<String>,
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    aliases: Vec<String>,
}

/// A line for each command and alias of a manifest.
fn digest(manifest: &[u8]) -> Option<String> {
    let whole: Whole = serde_json::from_slice(manifest).ok()?;
    let mut lines = String::new();
    for (id, command) in &whole.commands {
        let syntax = command.syntax_of(id);
        for name in [id].into_iter().chain(&command.aliases).chain(&command.hidden_aliases) {
            writeln!(lines, "{name} {syntax}").ok()?;
        }
    }
    Some(lines)
}

impl Command {
    /// The part of the command's lines that follows its name; see [`Syntax::from_line`].
    fn syntax_of(&self, id: &str) -> String {
        // `apps:create --app` names an app that is yet to be; a remote that is to be created names no app either.
        let takes_app = self.flags.contains_key("app") && id != "apps:create";
        let creates_remote = matches!(id, "apps:create" | "git:clone" | "git:remote");
        let takes_remote = self.flags.contains_key("remote") && !creates_remote && takes_app;
        let (values, switches): (Vec<_>, Vec<_>) =
            self.flags.iter().partition(|(_, flag)| flag.r#type == "option");
        let values: Vec<&str> = values.into_iter().flat_map(|(name, flag)| flag.words(name)).collect();
        let switches: String = switches.into_iter().filter_map(|(_, flag)| flag.char.as_deref()).collect();
        let or_dash = |text: String| if text.is_empty() { "-".to_owned() } else { text };
        format!(
            "{} {} {} {}",
            if takes_app { "A" } else { "-" },
            if takes_remote { "R" } else { "-" },
            or_dash(values.join(",")),
            or_dash(switches)
        )
    }
}

impl Flag {
    /// Its name, its letter and its aliases.
    fn words<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        [name].into_iter().chain(self.char.as_deref()).chain(self.aliases.iter().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"{"version": "11.10.0", "commands": {
        "ps:scale": {"aliases": ["dyno:scale"], "hiddenAliases": ["scale"], "flags": {
            "app": {"char": "a", "type": "option"}, "remote": {"char": "r", "type": "option"},
            "wide": {"char": "w", "type": "boolean"}}},
        "apps:create": {"flags": {"app": {"type": "option"}, "remote": {"char": "r", "type": "option"}}},
        "regions": {"flags": {}}}}"#;

    #[test]
    fn a_digest_keeps_what_matters() {
        let manifest = Manifest { digest: digest(SMALL.as_bytes()).unwrap() };
        for name in ["ps:scale", "dyno:scale", "scale"] {
            let syntax = manifest.syntax(name).unwrap();
            assert!(
                syntax.takes_app && syntax.takes_remote && syntax.takes_value("a") && syntax.is_switch('w'),
                "{name}"
            );
        }
        assert!(!manifest.syntax("apps:create").unwrap().takes_app);
        assert!(!manifest.syntax("regions").unwrap().takes_app);
        assert!(manifest.syntax("ps").is_none() && manifest.is_topic("ps"));
        let lines = "apps:create - - app,remote,r -\ndyno:scale A R app,a,remote,r w\nps:scale A R app,a,remote,r w\n\
            regions - - - -\nscale A R app,a,remote,r w\n";
        let mut sorted: Vec<_> = manifest.digest.lines().collect();
        sorted.sort_unstable();
        assert_eq!(sorted.join("\n") + "\n", lines);
    }

    #[test]
    fn a_cache_that_is_cut_short_or_from_elsewhere_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("deep/heroku-commands");
        store(&cache, "head 1", "ps A R a,app -\n").unwrap();
        assert_eq!(cached(&cache, "head 1").as_deref(), Some("ps A R a,app -\n"));
        assert_eq!(cached(&cache, "head 2"), None);
        fs::write(&cache, "head 1\nps A R a,ap").unwrap();
        assert_eq!(cached(&cache, "head 1"), None);
    }
}
