//! The URLs of apps, shown after a success.

use super::pipeline_state::StageApp;
use crate::model::Stage;
use crate::terminal::{Terminal, one_line};

/// Prints the apps' URLs on a terminal. An app in stage `development` only builds and has nothing to show.
pub fn show_urls<'a>(terminal: &Terminal, apps: impl Iterator<Item = &'a StageApp>) {
    if terminal.stderr_is_terminal() {
        apps.filter(|running| running.stage != Some(Stage::Development))
            .filter_map(|running| running.app.web_url.as_deref())
            .for_each(|url| terminal.status(&one_line(url)));
    }
}
