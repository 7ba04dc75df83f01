//! A way out of a failure: a line that can be pasted, or a short sentence.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fmt::{self, Display};

use crate::process;

/// What stands behind `hint:`.
///
/// A line with something variable in it is made from its words, so that whatever they hold is quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    what: What,
    /// When it helps, or what it does: a comment behind the line.
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
        Self::text(process::join(words))
    }

    /// A command of the Heroku CLI about an app, without the flag that names the app.
    pub fn about<W: AsRef<OsStr>>(app: impl Display, words: impl IntoIterator<Item = W>) -> Self {
        let words = words.into_iter().map(|word| word.as_ref().to_owned()).collect();
        Self { what: What::About { app: app.to_string(), words }, note: None }
    }

    /// A sentence for a person, which no shell reads.
    pub fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self { what: What::Text(text.into()), note: None }
    }

    /// The same, with a comment behind it.
    #[must_use]
    pub fn note(mut self, note: impl Display) -> Self {
        // On the next line it would be a comment no longer.
        self.note = Some(note.to_string().replace(['\n', '\r'], " "));
        self
    }

    /// The same as it is typed where `environment` means the one app `app`: `staging releases` says what `heroku releases
    /// --app playhouse-staging` does.
    pub fn told_in(&mut self, environment: &[OsString], app: &str) {
        if let What::About { app: about, words } = &self.what
            && about == app
        {
            self.what = What::Text(process::join(environment.iter().chain(words)).into());
        }
    }
}

impl From<&'static str> for Hint {
    fn from(text: &'static str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Hint {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Text(text) => f.write_str(text)?,
            What::About { app, words } => {
                let flag = [OsString::from("--app"), app.into()];
                let words =
                    [OsString::from("heroku")].iter().chain(words).chain(&flag).cloned().collect::<Vec<_>>();
                f.write_str(&process::join(words))?;
            }
        }
        self.note.as_ref().map_or(Ok(()), |note| write!(f, "   # {note}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_made_of_words() {
        let hint = Hint::line(["git", "fetch", "origin", "a;b"]).note("then\nmerge it");
        assert_eq!(hint.to_string(), "git fetch origin 'a;b'   # then merge it");
        assert_eq!(Hint::from("git fetch --all").to_string(), "git fetch --all");
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
