//! The pipeline that each app was last seen in, so that it can be read in the same round of requests that verifies it.
//!
//! What is remembered is never trusted: it only saves waiting where it is still true. One file per app in the user's cache
//! folder, `pipelines/HOST/APP`, holds a number that differs between logins and the pipeline's id.

use std::path::PathBuf;

use crate::error::Result;
use crate::heroku::{self, Client, Coupling};
use crate::model::AppName;
use crate::parallel::both;
use crate::private_file;

/// The longest file that is read, in bytes.
const LARGEST: u64 = 200;

/// The coupling of `app`, and what `read` makes of its pipeline's id; `None` if the app is in no pipeline.
///
/// Where the pipeline is remembered, both happen at once, and `read` is called again only if the app has moved. So it must
/// change nothing.
pub fn read_around<T>(
    client: &Client,
    app: &AppName,
    read: impl Fn(&str) -> T,
) -> Result<Option<(Coupling, T)>> {
    let remembered = recall(app);
    let (coupling, early) = match &remembered {
        Some(id) => both(|| client.coupling_of(app), || Some(read(id))),
        None => (client.coupling_of(app), None),
    };
    let Some(coupling) = coupling? else { return Ok(None) };
    let id = &coupling.pipeline.id;
    let value = early.filter(|_| remembered.as_ref() == Some(id)).unwrap_or_else(|| {
        remember(app, id);
        read(id)
    });
    Ok(Some((coupling, value)))
}

/// The id of the pipeline that this login last saw the app in.
fn recall(app: &AppName) -> Option<String> {
    let text = private_file::read(&file(app)?, LARGEST)?;
    let (login, id) = text.trim_end().split_once(' ')?;
    // It becomes a part of a path.
    let is_id = heroku::is_uuid(id);
    (is_id && login == login_mark()).then(|| id.to_owned())
}

/// Remembers a pipeline's id. Where that cannot be done, the next command waits a round longer.
fn remember(app: &AppName, id: &str) {
    if let Some(file) = file(app) {
        _ = private_file::replace(&file, &format!("{} {id}\n", login_mark()));
    }
}

fn login_mark() -> String {
    format!("{:016x}", heroku::login_mark())
}

fn file(app: &AppName) -> Option<PathBuf> {
    // Windows does not allow a colon in a file's name.
    let host = heroku::api_machine()?.replace(':', "_");
    Some(private_file::folder()?.join("pipelines").join(host).join(app.as_ref()))
}
