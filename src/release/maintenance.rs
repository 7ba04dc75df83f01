//! Maintenance mode around a move of code, ended whatever happens.

use std::io::Write as _;
use std::process::{Child, ChildStdin};
use std::sync::Arc;

use super::stages::Running;
use crate::error::{Kind, Result};
use crate::heroku::{AppName, Client};
use crate::process::errand;
use crate::terminal::Terminal;

/// The apps that were put into maintenance mode for a while.
pub struct Maintenance {
    client: Arc<Client>,
    terminal: Terminal,
    apps: Vec<(AppName, Option<Caretaker>)>,
}

impl Maintenance {
    /// Turns it on for these apps. One that is in maintenance mode already stays so in the end.
    pub fn begin(client: &Arc<Client>, terminal: &Terminal, apps: &[&Running]) -> Result<Self> {
        let mut begun = Self { client: Arc::clone(client), terminal: terminal.clone(), apps: Vec::new() };
        for running in apps {
            let app = &running.app.name;
            if client.app(app.as_ref())?.maintenance {
                terminal.status(&format!("{app} is in maintenance mode already, and stays so"));
                continue;
            }
            // First who ends it, then what is to be ended.
            begun.apps.push((app.clone(), Some(Caretaker::hire(app)?)));
            client.set_maintenance(app.as_ref(), true)?;
            terminal.status(&format!("{app}: maintenance mode is on"));
        }
        Ok(begun)
    }

    /// Turns it off again; exit 1 for an app that stays in maintenance mode. Not called, it is done all the same in the
    /// end, with a warning in place of the failure.
    pub fn end(mut self) -> Result<()> {
        let mut failure = None;
        while let Some((app, caretaker)) = self.apps.pop() {
            if let Err(error) = self.end_of(&app, caretaker) {
                let error = error
                    .context(format!("{app} is still in maintenance mode"))
                    .kind_of(Kind::Failed)
                    .hint(format!("heroku maintenance:off --app {app}"));
                failure = failure.or(Some(error));
            }
        }
        failure.map_or(Ok(()), Err)
    }

    fn end_of(&self, app: &AppName, caretaker: Option<Caretaker>) -> Result<()> {
        self.client.set_maintenance(app.as_ref(), false)?;
        self.terminal.status(&format!("{app}: maintenance mode is off"));
        // One who cannot be told ends what has ended already.
        _ = caretaker.map(Caretaker::dismiss);
        Ok(())
    }
}

impl Drop for Maintenance {
    fn drop(&mut self) {
        for (app, caretaker) in std::mem::take(&mut self.apps) {
            if let Err(error) = self.end_of(&app, caretaker) {
                self.terminal.warn(&format!("{app} is still in maintenance mode: {error}"));
                self.terminal.hint(format!("heroku maintenance:off --app {app}"));
            }
        }
    }
}

/// Somebody who ends an app's maintenance mode when we do not: however this process ends, its end is noticed.
struct Caretaker {
    child: Child,
    /// Closed by the system when this process ends.
    line: Option<ChildStdin>,
}

impl Caretaker {
    /// Leaves somebody behind for this app.
    fn hire(app: &AppName) -> Result<Self> {
        let mut child = errand::end_maintenance(app.as_ref())?.spawn_apart()?;
        let line = child.stdin.take();
        Ok(Self { child, line })
    }

    /// Lets them go: there is nothing left to end.
    fn dismiss(mut self) -> Result<()> {
        if let Some(mut line) = self.line.take() {
            line.write_all(b"done")?;
        }
        self.child.wait()?;
        Ok(())
    }
}
