//! The last lines that a crashed dyno logged.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::error::Result;
use crate::heroku::Client;
use crate::heroku::logs::{
    AppLog, Dropped, FirstSession, LogRequest, LogSink, Resumed, first_session, read_log,
};
use crate::model::AppName;
use crate::terminal::Terminal;

/// This many lines are shown.
const LINES: usize = 20;

/// A log that is silent for this long has no more lines.
const IDLE: Duration = Duration::from_secs(5);

/// Lines as they are shown on stderr.
struct Shown<'a> {
    terminal: &'a Terminal,
    /// Older lines are not shown.
    since: Option<Timestamp>,
}

impl Shown<'_> {
    /// Whether a line, which begins with its time, is older.
    fn is_older(&self, line: &str) -> bool {
        let time = line.split(' ').next().and_then(|word| word.parse::<Timestamp>().ok());
        time.zip(self.since).is_some_and(|(time, since)| time < since)
    }
}

impl LogSink for Shown<'_> {
    fn line(&mut self, line: &[u8]) -> Result<()> {
        let line = String::from_utf8_lossy(line);
        if !self.is_older(&line) {
            self.terminal.status(&format!("  {line}"));
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }

    fn resumed(&mut self, _dropped: &Dropped, _joint: Resumed) {}

    fn is_over(&self) -> bool {
        false
    }
}

/// Shows the last lines that `dyno` logged since `since` (RFC 3339), on stderr. Where they cannot be read, the hint of the failure says how to.
pub(super) fn show_last_lines(
    client: &Arc<Client>,
    terminal: &Terminal,
    app: &AppName,
    dyno: &str,
    since: &str,
) {
    let mut shown = Shown { terminal, since: since.parse().ok() };
    if let Err(error) = read(client, app, dyno, &mut shown) {
        terminal.detail(|| format!("the log of {dyno} cannot be read: {error}"));
    }
}

fn read(client: &Arc<Client>, app: &AppName, dyno: &str, shown: &mut Shown<'_>) -> Result<()> {
    let request = LogRequest { dyno_name: Some(dyno.to_owned()), lines: LINES, ..LogRequest::default() };
    let FirstSession::Ready(session) = first_session(client, app.as_ref(), &request)? else { return Ok(()) };
    shown.terminal.status(&format!("the last lines of {dyno} on {app}:"));
    read_log(&AppLog::new(client, app.as_ref(), request, IDLE, session), shown)
}
