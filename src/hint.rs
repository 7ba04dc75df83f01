//! Hints: after an error, a line that can be pasted or a short sentence.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fmt::{self, Display};

use serde::{Serialize, Serializer};

use crate::text;
use crate::text::is_hostile;

/// The name that the Heroku CLI is called by.
const HEROKU: &str = "heroku";

/// The text after `hint:`.
///
/// A line with variable parts is made from words, so that they are quoted for a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    what: What,
    /// A comment after the line: when it helps, or what it does.
    note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Text(Cow<'static, str>),
    /// A command about one app.
    About {
        app: String,
        words: Vec<OsString>,
    },
}

impl Hint {
    /// A command line.
    pub fn line<W: AsRef<OsStr>>(words: impl IntoIterator<Item = W>) -> Self {
        Self::text(text::join(words))
    }

    /// Shell syntax around quoted words: each `{}` in `script` is replaced by one of `lines`, quoted.
    pub fn script<L, W>(script: &'static str, lines: impl IntoIterator<Item = L>) -> Self
    where
        L: IntoIterator<Item = W>,
        W: AsRef<OsStr>,
    {
        let mut lines = lines.into_iter().map(text::join);
        let mut parts = script.split("{}");
        let first = parts.next().unwrap_or_default().to_owned();
        Self::text(parts.fold(first, |text, part| text + &lines.next().unwrap_or_default() + part))
    }

    /// A line of a TOML file that sets `key`.
    pub fn setting(key: &str, value: &str) -> Self {
        Self::text(format!("{key} = {}", toml_string(value)))
    }

    /// A command of the Heroku CLI about an app, without the flag that names the app.
    pub fn about<W: AsRef<OsStr>>(app: impl Display, words: impl IntoIterator<Item = W>) -> Self {
        let words = words.into_iter().map(|word| word.as_ref().to_owned()).collect();
        Self { what: What::About { app: app.to_string(), words }, note: None }
    }

    /// A command of the Heroku CLI, with everything that follows its name.
    pub fn heroku<W: AsRef<OsStr>>(words: impl IntoIterator<Item = W>) -> Self {
        let words = words.into_iter().map(|word| word.as_ref().to_owned());
        Self::line(std::iter::once(OsString::from(HEROKU)).chain(words))
    }

    /// A command of the Heroku CLI about a pipeline.
    pub fn pipeline(command: &str, pipeline: &str) -> Self {
        Self::heroku(text::with_operands(&[command], [pipeline]))
    }

    /// A sentence for a person.
    pub fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self { what: What::Text(text.into()), note: None }
    }

    /// The same with a comment after it.
    #[must_use]
    pub fn note(mut self, note: impl Display) -> Self {
        // A line break would end the comment.
        self.note = Some(note.to_string().replace(['\n', '\r'], " "));
        self
    }

    /// Rewrites a hint about `app` as a command of its environment: `staging releases` instead of `heroku releases
    /// --app playhouse-staging`.
    pub fn told_in(&mut self, environment: &[OsString], app: &str) {
        if let What::About { app: about, words } = &self.what
            && about == app
        {
            self.what = What::Text(text::join(environment.iter().chain(words)).into());
        }
    }
}

impl From<&'static str> for Hint {
    fn from(text: &'static str) -> Self {
        Self::text(text)
    }
}

/// As JSON it is its text.
impl Serialize for Hint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Text(text) => f.write_str(text)?,
            What::About { app, words } => {
                let flag = [OsString::from("--app"), app.into()];
                let words =
                    [OsString::from(HEROKU)].iter().chain(words).chain(&flag).cloned().collect::<Vec<_>>();
                f.write_str(&text::join(words))?;
            }
        }
        self.note.as_ref().map_or(Ok(()), |note| write!(f, "   # {note}"))
    }
}

/// `text` as a TOML string.
fn toml_string(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c == '\t' || c == '\n' || is_hostile(c) => format!("\\U{:08x}", u32::from(c)),
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_made_of_words() {
        let hint = Hint::line(["git", "fetch", "origin", "a;b"]).note("then\nmerge it");
        assert_eq!(hint.to_string(), "git fetch origin 'a;b'   # then merge it");
        assert_eq!(Hint::from("git fetch --all").to_string(), "git fetch --all");
        assert_eq!(Hint::heroku(["apps:create", "a;b"]).to_string(), "heroku apps:create 'a;b'");
    }

    #[test]
    fn what_a_shell_or_a_file_reads_otherwise_is_quoted() {
        let script = Hint::script("git switch {} && git merge {}", [["a;b"], ["1a2b3c4"]]);
        assert_eq!(script.to_string(), "git switch 'a;b' && git merge 1a2b3c4");
        let setting = Hint::setting("pipeline", "a\"\\\u{1b}").note("in greenroom.toml");
        assert_eq!(setting.to_string(), r#"pipeline = "a\"\\\U0000001b"   # in greenroom.toml"#);
    }

    #[test]
    fn what_is_about_an_app_is_told_in_its_environment() {
        let mut hint = Hint::about("playhouse-staging", ["releases:info", "v3"]).note("why");
        assert_eq!(hint.to_string(), "heroku releases:info v3 --app playhouse-staging   # why");
        hint.told_in(&["production".into()], "playhouse-production");
        assert_eq!(hint.to_string(), "heroku releases:info v3 --app playhouse-staging   # why");
        hint.told_in(&["review".into(), "42".into()], "playhouse-staging");
        assert_eq!(hint.to_string(), "review 42 releases:info v3   # why");
    }
}
