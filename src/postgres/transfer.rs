//! Transfers at Heroku: waiting for the end of a backup or a restore.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::heroku::{Client, Transfer, TransferKind};
use crate::hint::Hint;
use crate::model::AppName;
use crate::release::Polling;
use crate::terminal::{self, Progress, sanitize_message};
use crate::text;

/// The most lines of a failed transfer's log that are shown, as the Heroku CLI shows them.
const LINES: usize = 5;

/// A transfer that was asked for. Its app is the one that the database belongs to: transfers are listed there.
#[derive(Clone, Debug)]
pub struct Running {
    /// The app that it is listed under.
    pub app: AppName,
    /// The transfer, as it was when it was asked for.
    pub transfer: Transfer,
}

impl Running {
    /// Waits for its end; exit 1 where it failed, 6 where `timeout` passed first: it goes on at Heroku then, as after an
    /// interrupt. `client` is one [`Client::for_data`].
    pub fn wait(&self, client: &Client, context: &Context, timeout: Duration) -> Result<Transfer> {
        let terminal = &context.terminal;
        let name = self.transfer.name();
        let what = format!("{} {name} of {}", self.noun(), self.app);
        let progress = terminal.progress(&what);
        let mut pace = Pace::default();
        let deadline = Instant::now() + timeout;
        let look = || {
            let seen = client.transfer(&self.app, &self.transfer.uuid, false)?;
            pace.show(&progress, &what, &seen);
            Ok(seen.finished_at.is_some().then_some(seen))
        };
        let lost =
            |error: Error| error.context(format!("cannot look at {what} any more; it goes on at Heroku"));
        let ended = Polling::begin(terminal, &what)?.until(deadline, look, lost);
        drop(progress);
        match ended {
            Ok(Some(transfer)) if transfer.succeeded == Some(true) => Ok(transfer),
            Ok(Some(transfer)) => Err(self.failure(client, &transfer)),
            Ok(None) => {
                let time = crate::duration::typed(timeout);
                let late = format!("{what} has not ended within {time}; it goes on at Heroku");
                Err(self.how_to_go_on(Error::timed_out(late)))
            }
            Err(error) => {
                if matches!(error.kind(), Kind::Silent(_)) {
                    self.hints().into_iter().for_each(|hint| context.hint(hint));
                    return Err(error);
                }
                Err(self.how_to_go_on(error))
            }
        }
    }

    /// How to look at it, and how to cancel it.
    pub fn hints(&self) -> [Hint; 2] {
        let name = self.transfer.name();
        let look = match self.transfer.kind() {
            TransferKind::Backup => vec!["pg:backups:info".to_owned(), name.clone()],
            // The CLI's `info` tells of backups only.
            TransferKind::Restore | TransferKind::Copy => vec!["pg:backups".to_owned()],
        };
        [
            Hint::about(&self.app, look).note("looks at it"),
            Hint::about(&self.app, ["pg:backups:cancel".to_owned(), name]).note("cancels it"),
        ]
    }

    fn how_to_go_on(&self, error: Error) -> Error {
        self.hints().into_iter().fold(error, Error::hint)
    }

    fn noun(&self) -> &'static str {
        match self.transfer.kind() {
            TransferKind::Backup => "backup",
            TransferKind::Restore => "restore",
            TransferKind::Copy => "copy",
        }
    }

    /// The error for a transfer that failed, with the end of its log.
    fn failure(&self, client: &Client, transfer: &Transfer) -> Error {
        let name = transfer.name();
        let became = if transfer.canceled_at.is_some() { "was canceled" } else { "failed" };
        let log =
            client.transfer(&self.app, &self.transfer.uuid, true).map(|seen| seen.logs).unwrap_or_default();
        let last = log.iter().skip(log.len().saturating_sub(LINES));
        let last: Vec<String> = last.map(|line| sanitize_message(&line.message).into_owned()).collect();
        let error = Error::failed(last.join("\n"));
        let told = format!("{} {name} of {} {became}", self.noun(), self.app);
        let error = if last.is_empty() { Error::failed(told) } else { error.context(told) };
        match transfer.kind() {
            TransferKind::Backup => error.hint_about(&self.app, ["pg:backups:info", &name]),
            TransferKind::Restore | TransferKind::Copy => error.hint_about(&self.app, ["pg:backups"]),
        }
    }
}

/// How old something is, by a time of the data API: `2026-02-19 10:00:00 +0000`.
pub fn age(time: &str, now: Timestamp) -> Option<String> {
    let mut words = time.split(' ');
    let (day, time, zone) = (words.next()?, words.next()?, words.next()?);
    terminal::age(&format!("{day}T{time}{zone}"), now)
}

/// How fast a transfer goes.
#[derive(Default)]
struct Pace {
    /// When the first bytes were seen, and how many.
    first: Option<(Instant, u64)>,
}

impl Pace {
    /// Shows the bytes so far, and, once it can be told, how many go through in a second.
    fn show(&mut self, progress: &Progress, what: &str, seen: &Transfer) {
        let bytes = seen.processed_bytes.unwrap_or_default();
        if bytes == 0 {
            return;
        }
        let (since, before) = *self.first.get_or_insert((Instant::now(), bytes));
        let millis = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        let speed =
            (bytes.saturating_sub(before)).saturating_mul(1000).checked_div(millis).filter(|_| millis > 1000);
        let speed = speed.map(|speed| format!(", {}/s", text::size(speed))).unwrap_or_default();
        progress.show(format!("{what} ({}{speed})", text::size(bytes)));
    }
}
