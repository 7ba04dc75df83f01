//! A note about an app whose maintenance mode could not be ended, read by the next command that works on the app.

use std::fs;
use std::path::PathBuf;

use crate::error::Error;
use crate::heroku::Client;
use crate::hint::Hint;
use crate::model::AppName;
use crate::private_file;
use crate::terminal::Terminal;

/// The longest note that is read.
const LARGEST: u64 = 4096;

/// Leaves a note. Where that cannot be done, nobody is left to tell.
pub fn leave(app: &AppName, why: &Error) {
    if let Some(file) = file(app) {
        _ = private_file::replace(&file, &why.to_string());
    }
}

/// Says which of these apps were left in maintenance mode, as long as they are in it.
pub fn remind<'a>(terminal: &Terminal, client: impl Fn() -> Option<&'a Client>, apps: &[AppName]) {
    for app in apps {
        let Some(file) = file(app) else { return };
        let Some(why) = private_file::read(&file, LARGEST) else { continue };
        let seen = client().and_then(|client| client.glance_at_app(app.as_ref()));
        let how = match seen.map(|seen| seen.maintenance) {
            Some(false) => {
                // One that stays is looked at again.
                _ = fs::remove_file(file);
                continue;
            }
            Some(true) => "is still",
            None => "may still be",
        };
        terminal.warn(&format!(
            "{app} {how} in maintenance mode: a deploy turned it on and could not turn it off ({why})"
        ));
        terminal.hint(Hint::about(app, ["maintenance:off"]));
    }
}

fn file(app: &AppName) -> Option<PathBuf> {
    Some(private_file::folder()?.join("maintenance").join(app.as_ref()))
}
