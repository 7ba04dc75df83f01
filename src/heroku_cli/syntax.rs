//! What forwarding needs to know about each command of the CLI.

use std::fmt::Write as _;

use memchr::memmem;

use super::digest::{Digest, Form, Sources};
use super::location::Place;
use super::manifests::{Command, Manifests, creates_remote};

const FORM: Form = Form { file: "heroku-commands", version: 3, make: digest };

/// The first line of the digest if a plugin's manifest could not be read.
const UNREAD_PLUGINS: &str = "?";

/// The commands of the installed CLI and of its plugins.
pub struct Commands {
    /// A line for unreadable plugins, then one for each command and alias; see [`Syntax::from_line`].
    digest: Digest,
}

/// What one command of the CLI accepts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Syntax {
    /// Whether it takes `--app`, for an app that exists.
    pub takes_app: bool,
    /// Whether its `--remote` names that app's git remote.
    pub takes_remote: bool,
    /// The command's id, if this is an alias.
    pub alias_of: Option<String>,
    /// The names and letters of its flags with a value.
    values: Vec<String>,
    /// The letters of its switches.
    switches: String,
}

impl Syntax {
    /// The assumed syntax of `command` if no manifest describes it.
    pub fn unread(command: &str, takes_app: bool) -> Self {
        Self { takes_app, takes_remote: takes_app && !creates_remote(command), ..Self::default() }
    }

    /// Whether the flag of this name or letter wants a value.
    pub fn takes_value(&self, flag: &str) -> bool {
        self.values.iter().any(|value| value == flag)
    }

    /// Whether the flag of this letter wants no value.
    pub fn is_switch(&self, letter: char) -> bool {
        self.switches.contains(letter)
    }

    /// Reads `NAME A|- R|- VALUE,VALUE|- SWITCHES|-`, and the command's id where NAME is another name of it.
    pub(crate) fn from_line(line: &str) -> Option<(&str, Self)> {
        let mut fields = line.split(' ');
        let name = fields.next()?;
        let takes_app = fields.next()? == "A";
        let takes_remote = fields.next()? == "R";
        let list = |field: &str| if field == "-" { String::new() } else { field.to_owned() };
        let values = list(fields.next()?).split(',').map(str::to_owned).collect();
        let switches = list(fields.next()?);
        let alias_of = fields.next().map(str::to_owned);
        Some((name, Self { takes_app, takes_remote, alias_of, values, switches }))
    }
}

impl Commands {
    /// The commands of the CLI on PATH; `None` without a CLI or a readable manifest.
    pub fn installed() -> Option<Self> {
        Digest::installed(&FORM).map(|digest| Self { digest })
    }

    /// The syntax of the command with this name or alias.
    pub fn syntax(&self, command: &str) -> Option<Syntax> {
        if command.contains(char::is_whitespace) {
            return None;
        }
        let body = self.digest.body();
        let start = memmem::find(body.as_bytes(), format!("\n{command} ").as_bytes())? + 1;
        Some(Syntax::from_line(body[start..].lines().next()?)?.1)
    }

    /// Whether the word is a topic.
    pub fn is_topic(&self, word: &str) -> bool {
        let start = format!("\n{word}:");
        !word.contains(char::is_whitespace)
            && memmem::find(self.digest.body().as_bytes(), start.as_bytes()).is_some()
    }

    /// Every command's name and alias.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.digest.body().lines().skip(1).filter_map(|line| line.split(' ').next())
    }

    /// Whether there are plugins whose manifest could not be read.
    pub fn has_unread_plugins(&self) -> bool {
        self.digest.body().lines().next() == Some(UNREAD_PLUGINS)
    }
}

/// A line for each command and alias of the manifests, after one for what could not be read.
fn digest(place: &Place, sources: &mut Sources) -> Option<String> {
    let all = Manifests::read(place, sources)?;
    let mut lines = if all.unread_plugins { format!("{UNREAD_PLUGINS}\n") } else { "-\n".to_owned() };
    for (id, command) in &all.commands {
        writeln!(lines, "{id} {}", syntax_of(id, command)).ok()?;
    }
    for (alias, id) in &all.aliases {
        let Some(command) = all.commands.get(id) else { continue };
        writeln!(lines, "{alias} {} {id}", syntax_of(id, command)).ok()?;
    }
    Some(lines)
}

/// The part of a command's lines that follows its name; see [`Syntax::from_line`].
fn syntax_of(id: &str, command: &Command) -> String {
    let mut values = Vec::new();
    let mut switches = String::new();
    for (name, flag) in &command.flags {
        if flag.takes_value() {
            values.push(name.as_str());
            values.extend(flag.letters().chain(flag.aliases.iter().map(String::as_str)));
        } else {
            switches.extend(flag.letters());
        }
    }
    let or_dash = |text: String| if text.is_empty() { "-".to_owned() } else { text };
    format!(
        "{} {} {} {}",
        if command.takes_app(id) { "A" } else { "-" },
        if command.takes_remote(id) { "R" } else { "-" },
        or_dash(values.join(",")),
        or_dash(switches)
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SMALL: &str = r#"{"version": "11.10.0", "commands": {
        "ps:scale": {"aliases": ["dyno:scale"], "hiddenAliases": ["scale"], "flags": {
            "app": {"char": "a", "type": "option"}, "remote": {"char": "r", "type": "option"},
            "wide": {"char": "w", "type": "boolean"}}},
        "apps:create": {"flags": {"app": {"type": "option"}, "remote": {"char": "r", "type": "option"}}},
        "regions": {"flags": {}}}}"#;

    fn commands(manifest: &str) -> Commands {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("oclif.manifest.json"), manifest).unwrap();
        let place = Place { package: folder.path().to_owned(), data: None };
        Commands { digest: Digest::of(&place, &FORM, None).unwrap() }
    }

    #[test]
    fn a_digest_keeps_what_matters() {
        let commands = commands(SMALL);
        for name in ["ps:scale", "dyno:scale", "scale"] {
            let syntax = commands.syntax(name).unwrap();
            assert!(
                syntax.takes_app && syntax.takes_remote && syntax.takes_value("a") && syntax.is_switch('w'),
                "{name}"
            );
            assert_eq!(syntax.alias_of.as_deref(), Some("ps:scale").filter(|id| *id != name));
        }
        assert!(!commands.syntax("apps:create").unwrap().takes_app);
        assert!(!commands.syntax("regions").unwrap().takes_app);
        assert!(commands.syntax("ps").is_none() && commands.is_topic("ps") && !commands.is_topic("p"));
        let lines = "-\napps:create - - app,remote,r -\nps:scale A R app,a,remote,r w\nregions - - - -\n\
            dyno:scale A R app,a,remote,r w ps:scale\nscale A R app,a,remote,r w ps:scale\n";
        assert_eq!(commands.digest.body(), lines);
        assert!(!commands.has_unread_plugins());
    }

    #[test]
    fn a_word_with_blanks_is_no_command() {
        let commands = commands(SMALL);
        for word in ["", "-", "scale A", "scale A R app,a,remote,r w\nregions", "ps:scale\t"] {
            assert!(commands.syntax(word).is_none() && !commands.is_topic(word), "{word:?}");
        }
    }
}
