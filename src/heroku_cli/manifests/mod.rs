//! Reads the manifests of the CLI, its bundled plugins, and the plugins that the user installed or linked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::digest::Sources;
use super::location::{MANIFEST, Place, package_seen_from};

mod command;
mod package;

pub(super) use command::{Command, creates_remote};
use package::Package;

/// The commands and topics of the installed CLI.
#[derive(Default)]
pub(super) struct Manifests {
    /// Its commands by id.
    pub(super) commands: BTreeMap<String, Command>,
    /// Aliases, hidden ones included, with the id of their command.
    pub(super) aliases: BTreeMap<String, String>,
    /// Topics and their descriptions.
    pub(super) topics: BTreeMap<String, String>,
    /// Whether a plugin's manifest could not be read.
    pub(super) unread_plugins: bool,
    /// The packages that were read.
    packages: BTreeSet<PathBuf>,
}

impl Manifests {
    /// Reads all manifests; `None` if the CLI's own cannot be read.
    pub(super) fn read(place: &Place, sources: &mut Sources) -> Option<Self> {
        let mut all = Self::default();
        // The first one counts: the CLI's own commands win over a plugin's.
        if !all.add(&place.package, sources) {
            return None;
        }
        let Some(data) = &place.data else { return Some(all) };
        let installed = Package::read(data, sources).plugins();
        let (linked, added): (Vec<_>, Vec<_>) = installed.iter().partition(|plugin| plugin.root.is_some());
        for plugin in added.into_iter().chain(linked) {
            let folder = plugin.root.clone().or_else(|| package_seen_from(data, &plugin.name));
            let folder = folder.unwrap_or_else(|| data.join("node_modules").join(&plugin.name));
            all.unread_plugins |= !all.add(&folder, sources);
        }
        Some(all)
    }

    /// Adds a package's commands and those of the plugins it brings along; whether its manifest could be read.
    fn add(&mut self, folder: &Path, sources: &mut Sources) -> bool {
        if !self.packages.insert(folder.to_owned()) {
            return true;
        }
        let manifest = Manifest::read(folder, sources);
        let is_read = manifest.is_some();
        for (id, command) in manifest.into_iter().flat_map(|manifest| manifest.commands) {
            self.add_command(&id, command);
        }
        let oclif = Package::read(folder, sources).oclif;
        self.add_topics(&oclif.topics, "");
        for plugin in oclif.plugins.into_iter().flatten() {
            if let Some(folder) = package_seen_from(folder, &plugin.named().name) {
                self.add(&folder, sources);
            }
        }
        is_read
    }

    fn add_command(&mut self, id: &str, command: Command) {
        let aliases: Vec<String> = command.aliases.iter().chain(&command.hidden_aliases).cloned().collect();
        if is_word(id) && !self.knows(id) {
            self.commands.insert(id.to_owned(), command);
        }
        for alias in aliases {
            if is_word(&alias) && !self.knows(&alias) {
                self.aliases.insert(alias, id.to_owned());
            }
        }
    }

    fn knows(&self, name: &str) -> bool {
        self.commands.contains_key(name) || self.aliases.contains_key(name)
    }

    /// `{"pg": {"description": "…", "subtopics": {"backups": …}}}`.
    fn add_topics(&mut self, topics: &Value, above: &str) {
        for (name, topic) in topics.as_object().into_iter().flatten() {
            let name = format!("{above}{name}");
            self.add_topics(&topic["subtopics"], &format!("{name}:"));
            if let Some(description) = topic["description"].as_str()
                && is_word(&name)
            {
                self.topics.entry(name).or_insert_with(|| description.to_owned());
            }
        }
    }
}

/// Whether this can be typed as one word.
pub(super) fn is_word(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// The parts of `oclif.manifest.json` that are used here.
#[derive(Deserialize)]
struct Manifest {
    commands: BTreeMap<String, Command>,
}

impl Manifest {
    fn read(folder: &Path, sources: &mut Sources) -> Option<Self> {
        // oclif reads the second if the first is missing.
        [MANIFEST.to_owned(), format!(".{MANIFEST}")]
            .iter()
            .find_map(|name| sources.read(&folder.join(name)))
            .and_then(|text| serde_json::from_slice(&text).ok())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const FLAGS: &str = r#""flags": {"app": {"type": "option"}}"#;

    /// Writes a package's two files.
    fn package(folder: &Path, oclif: &str, commands: &str) {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("package.json"), format!(r#"{{"oclif": {oclif}}}"#)).unwrap();
        fs::write(folder.join(MANIFEST), format!(r#"{{"commands": {{{commands}}}}}"#)).unwrap();
    }

    /// A CLI of one command with a plugin of its own, as npm lays them out, and the person's folder.
    fn scene() -> (tempfile::TempDir, Place) {
        let folder = tempfile::tempdir().unwrap();
        let place = Place {
            package: folder.path().join("node_modules/heroku"),
            data: Some(folder.path().join("data")),
        };
        let oclif = r#"{"plugins": ["@oclif/plugin-which", "@oclif/absent"], "topics": {
            "pg": {"description": "databases", "subtopics": {"backups": {"description": "copies"}}},
            "dyno": {"hidden": true}}}"#;
        package(&place.package, oclif, &format!(r#""ps": {{"aliases": ["dynos"], {FLAGS}}}"#));
        package(&folder.path().join("node_modules/@oclif/plugin-which"), "{}", r#""which": {}, "ps": {}"#);
        fs::create_dir_all(folder.path().join("data")).unwrap();
        (folder, place)
    }

    fn read(place: &Place) -> Manifests {
        Manifests::read(place, &mut Sources::default()).unwrap()
    }

    fn names(all: &Manifests) -> Vec<&str> {
        all.commands.keys().map(String::as_str).collect()
    }

    #[test]
    fn the_plugins_that_come_with_the_cli_are_read() {
        let (_folder, place) = scene();
        let all = read(&place);
        assert_eq!(names(&all), ["ps", "which"]);
        assert!(all.commands["ps"].takes_app("ps") && !all.unread_plugins);
        assert_eq!(all.aliases["dynos"], "ps");
        let topics: Vec<_> = all.topics.iter().map(|(name, text)| format!("{name} {text}")).collect();
        assert_eq!(topics, ["pg databases", "pg:backups copies"]);
    }

    #[test]
    fn installed_and_linked_plugins_are_read_after_the_cli() {
        let (folder, place) = scene();
        let (data, linked) = (folder.path().join("data"), folder.path().join("work/mine"));
        package(&data.join("node_modules/heroku-repo"), "{}", r#""repo:gc": {}, "dynos": {}, "which": {}"#);
        package(
            &linked,
            r#"{"topics": {"pg": {"description": "theirs"}}}"#,
            r#""mine": {"hiddenAliases": ["ps"]}"#,
        );
        let list = format!(
            r#"[{{"name": "mine", "type": "link", "root": {linked:?}}}, {{"name": "heroku-repo", "type": "user"}}]"#
        );
        let text = format!(r#"{{"oclif": {{"plugins": {list}}}, "dependencies": {{"left-over": "1"}}}}"#);
        fs::write(data.join("package.json"), text).unwrap();
        let all = read(&place);
        assert_eq!(names(&all), ["mine", "ps", "repo:gc", "which"]);
        assert_eq!(all.aliases.len(), 1, "the CLI's `ps` and `dynos` stay its own: {:?}", all.aliases);
        assert_eq!(all.topics["pg"], "databases");
        assert!(!all.unread_plugins);
    }

    #[test]
    fn a_plugin_without_a_manifest_is_told() {
        let (folder, place) = scene();
        let data = folder.path().join("data");
        fs::write(data.join("package.json"), r#"{"dependencies": {"heroku-repo": "1"}}"#).unwrap();
        assert!(read(&place).unread_plugins);
        let plugin = data.join("node_modules/heroku-repo");
        package(&plugin, "{}", "");
        fs::rename(plugin.join(MANIFEST), plugin.join(".oclif.manifest.json")).unwrap();
        assert!(!read(&place).unread_plugins);
        fs::write(plugin.join(MANIFEST), "{ cut").unwrap();
        assert!(read(&place).unread_plugins);
    }

    #[test]
    fn arguments_stay_in_order_in_old_manifests_too() {
        let (_folder, place) = scene();
        let new = r#""new": {"args": {"source": {"required": true}, "goal": {"options": ["a b"]}}}"#;
        let old =
            r#""old": {"args": [{"name": "source"}, {"name": "goal"}], "hidden": true, "strict": false}"#;
        package(&place.package, "{}", &format!("{new}, {old}"));
        let all = read(&place);
        for name in ["new", "old"] {
            let args: Vec<_> = all.commands[name].args.iter().map(|arg| arg.name.as_str()).collect();
            assert_eq!(args, ["source", "goal"]);
        }
    }

    #[test]
    fn names_that_cannot_be_typed_are_left_out() {
        let (_folder, place) = scene();
        package(&place.package, "{}", r#""a b": {"aliases": ["c\td", ""]}, "\u001b": {}, "fine": {}"#);
        let all = read(&place);
        assert_eq!(names(&all), ["fine"]);
        assert!(all.aliases.is_empty());
    }
}
