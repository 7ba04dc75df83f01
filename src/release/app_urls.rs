//! Where a person sees what runs now.

use super::pipeline_state::StageApp;
use crate::terminal::{Terminal, one_line};

/// Ends a success with the apps' URLs, where a person reads them. An app in stage `development` only builds, and has
/// nothing to show.
pub fn show_urls<'a>(terminal: &Terminal, apps: impl Iterator<Item = &'a StageApp>) {
    if terminal.stderr_is_terminal() {
        apps.filter(|running| running.stage != "development")
            .filter_map(|running| running.app.web_url.as_deref())
            .for_each(|url| terminal.status(&one_line(url)));
    }
}
