//! What a change does to config vars, told by their names.

use crate::heroku::{ConfigChanges, ConfigVars, Secret};
use crate::terminal::Terminal;

/// The effect of a change on the config vars that an app has.
pub struct Difference<'a> {
    before: &'a ConfigVars,
    changes: &'a ConfigChanges,
}

impl<'a> Difference<'a> {
    /// Of these changes; none of them sets what is set already.
    pub fn new(before: &'a ConfigVars, changes: &'a ConfigChanges) -> Self {
        Self { before, changes }
    }

    /// The names that are set for the first time.
    pub fn added(&self) -> Vec<&'a str> {
        self.names(|is_there, value| !is_there && value.is_some())
    }

    /// The names whose value becomes another.
    pub fn changed(&self) -> Vec<&'a str> {
        self.names(|is_there, value| is_there && value.is_some())
    }

    /// The names that are unset.
    pub fn removed(&self) -> Vec<&'a str> {
        self.names(|_, value| value.is_none())
    }

    /// Says it on stderr, a line for each: `+ ADDED`, `! CHANGED`, `- REMOVED`.
    pub fn tell(&self, terminal: &Terminal) {
        let lines = [('+', self.added()), ('!', self.changed()), ('-', self.removed())];
        let lines =
            lines.iter().flat_map(|(sign, names)| names.iter().map(move |name| format!("{sign} {name}")));
        terminal.change(&lines.collect::<Vec<_>>().join("\n"), &[]);
    }

    fn names(&self, is_meant: impl Fn(bool, &Option<Secret>) -> bool) -> Vec<&'a str> {
        let meant =
            self.changes.iter().filter(|(name, value)| is_meant(self.before.contains_key(*name), value));
        meant.map(|(name, _)| name.as_str()).collect()
    }
}

/// What makes `after` of `before`.
pub fn changes_between(before: &ConfigVars, after: &ConfigVars) -> ConfigChanges {
    let set = after.iter().filter(|(name, value)| before.get(*name) != Some(*value));
    let unset = before.keys().filter(|name| !after.contains_key(*name));
    let set = set.map(|(name, value)| (name.clone(), Some(value.clone())));
    set.chain(unset.map(|name| (name.clone(), None))).collect()
}

/// The names of what is changed, for a sentence.
pub fn named(changes: &ConfigChanges) -> String {
    changes.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}
