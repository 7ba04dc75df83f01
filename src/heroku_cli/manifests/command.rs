//! A command of a manifest, with its flags and arguments.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

use super::is_word;

/// A command of a manifest.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::heroku_cli) struct Command {
    pub(super) aliases: Vec<String>,
    pub(super) hidden_aliases: Vec<String>,
    pub(in crate::heroku_cli) flags: BTreeMap<String, Flag>,
    #[serde(deserialize_with = "in_order")]
    pub(in crate::heroku_cli) args: Vec<Argument>,
    pub(in crate::heroku_cli) hidden: bool,
    strict: Option<bool>,
    summary: Option<String>,
    description: Option<String>,
}

impl Command {
    /// Whether its `--app` names an app that exists.
    pub(in crate::heroku_cli) fn takes_app(&self, id: &str) -> bool {
        // `apps:create --app` names an app that does not exist yet.
        self.takes_value("app") && id != "apps:create"
    }

    /// Whether its `--remote` names that app's git remote.
    pub(in crate::heroku_cli) fn takes_remote(&self, id: &str) -> bool {
        self.takes_value("remote") && !creates_remote(id) && self.takes_app(id)
    }

    /// Whether it refuses arguments beyond those it declares.
    pub(in crate::heroku_cli) fn is_strict(&self) -> bool {
        self.strict.unwrap_or(true)
    }

    fn takes_value(&self, flag: &str) -> bool {
        self.flags.get(flag).is_some_and(Flag::takes_value)
    }

    /// Its description.
    pub(in crate::heroku_cli) fn words(&self) -> &str {
        self.summary.as_deref().or(self.description.as_deref()).unwrap_or_default()
    }
}

/// A flag of a command.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::heroku_cli) struct Flag {
    char: Option<String>,
    r#type: String,
    pub(in crate::heroku_cli) aliases: Vec<String>,
    char_aliases: Vec<String>,
    pub(in crate::heroku_cli) options: Vec<String>,
    pub(in crate::heroku_cli) multiple: bool,
    pub(in crate::heroku_cli) allow_no: bool,
    pub(in crate::heroku_cli) hidden: bool,
    summary: Option<String>,
    description: Option<String>,
}

impl Flag {
    /// Whether it takes a value.
    pub(in crate::heroku_cli) fn takes_value(&self) -> bool {
        self.r#type == "option"
    }

    /// Its letters, the first of which is its own.
    pub(in crate::heroku_cli) fn letters(&self) -> impl Iterator<Item = &str> {
        self.char.iter().chain(&self.char_aliases).map(String::as_str).filter(|letter| is_word(letter))
    }

    /// Its description.
    pub(in crate::heroku_cli) fn words(&self) -> &str {
        self.summary.as_deref().or(self.description.as_deref()).unwrap_or_default()
    }
}

/// An argument of a command.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::heroku_cli) struct Argument {
    pub(in crate::heroku_cli) name: String,
    pub(in crate::heroku_cli) options: Vec<String>,
    pub(in crate::heroku_cli) hidden: bool,
    description: Option<String>,
}

impl Argument {
    /// Its description.
    pub(in crate::heroku_cli) fn words(&self) -> &str {
        self.description.as_deref().unwrap_or_default()
    }
}

/// Arguments by name, in the order in which they are typed; old manifests have a list of them.
fn in_order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Argument>, D::Error> {
    struct Ordered;
    impl<'de> Visitor<'de> for Ordered {
        type Value = Vec<Argument>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("arguments")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut arguments = Vec::new();
            while let Some((name, argument)) = map.next_entry()? {
                arguments.push(Argument { name, ..argument });
            }
            Ok(arguments)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
            Deserialize::deserialize(de::value::SeqAccessDeserializer::new(list))
        }
    }
    deserializer.deserialize_any(Ordered)
}

/// Whether the command's `--remote` is the name of a remote to create, which names no app yet.
pub(in crate::heroku_cli) fn creates_remote(id: &str) -> bool {
    matches!(id, "apps:create" | "git:clone" | "git:remote")
}
