//! The pipeline that each app was last seen in, and the apps in its stages, so that they can be read in the same round of
//! requests that verifies them.
//!
//! What is remembered is never trusted: it only saves waiting where it is still true. Each fact is a file in the user's cache
//! folder, such as `pipelines/HOST/APP`. It holds a number that differs between logins, and ids.

use std::path::PathBuf;

use crate::error::Result;
use crate::heroku::{self, Client, Coupling};
use crate::model::{AppName, Stage};
use crate::parallel::both;
use crate::private_file;

/// The longest file that is read, in bytes: enough for a hundred apps.
const LARGEST: u64 = 4096;

/// What ids are remembered for.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// The pipeline of an app.
    App(&'a AppName),
    /// The pipeline of this name.
    Pipeline(&'a str),
    /// The apps in a stage of the pipeline with this id.
    Stage(&'a str, &'a Stage),
}

impl Key<'_> {
    /// The ids that this login last saw, at least one.
    pub fn recall(self) -> Option<Vec<String>> {
        let text = private_file::read(&self.file()?, LARGEST)?;
        let mut words = text.split_whitespace();
        if words.next() != Some(&login_mark()) {
            return None;
        }
        let ids: Vec<String> = words.map(str::to_owned).collect();
        // They become parts of a path.
        (!ids.is_empty() && ids.iter().all(|id| heroku::is_uuid(id))).then_some(ids)
    }

    /// Remembers them. Where that cannot be done, the next command waits a round longer.
    pub fn remember(self, ids: &[&str]) {
        if let Some(file) = self.file() {
            _ = private_file::replace(&file, &format!("{} {}\n", login_mark(), ids.join(" ")));
        }
    }

    fn file(self) -> Option<PathBuf> {
        // Windows does not allow a colon in a file's name.
        let host = heroku::api_machine()?.replace(':', "_");
        let (folder, name) = match self {
            Key::App(app) => ("pipelines", app.to_string()),
            Key::Pipeline(name) => ("pipeline-names", name.to_owned()),
            Key::Stage(pipeline, stage) => ("stages", format!("{pipeline}-{}", stage.as_str())),
        };
        // A name from a repository's configuration must not lead elsewhere.
        let is_plain =
            name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && (1..=80).contains(&name.len());
        is_plain.then_some(private_file::folder()?.join(folder).join(host).join(name))
    }
}

/// The coupling of `app`, and what `read` makes of its pipeline's id; `None` if the app is in no pipeline.
///
/// Where the pipeline is remembered, both happen at once, and `read` is called again only if the app has moved. So it must
/// change nothing.
pub fn read_around<T>(
    client: &Client,
    app: &AppName,
    read: impl Fn(&str) -> T,
) -> Result<Option<(Coupling, T)>> {
    let remembered = Key::App(app).recall().and_then(|mut ids| ids.pop());
    let (coupling, early) = match &remembered {
        Some(id) => both(|| client.coupling_of(app), || Some(read(id))),
        None => (client.coupling_of(app), None),
    };
    let Some(coupling) = coupling? else { return Ok(None) };
    let id = &coupling.pipeline.id;
    let value = early.filter(|_| remembered.as_ref() == Some(id)).unwrap_or_else(|| {
        Key::App(app).remember(&[id]);
        read(id)
    });
    Ok(Some((coupling, value)))
}

fn login_mark() -> String {
    format!("{:016x}", heroku::login_mark())
}
