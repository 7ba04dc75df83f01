//! Waiting until an app's dynos are up on its newest release.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::error::{Error, Result};
use crate::heroku::{Client, Dyno, Release};
use crate::model::{AppName, DynoSelection, ReleaseStatus, ReleaseVersion};
use crate::parallel::both;
use crate::release::Polling;
use crate::terminal::Terminal;

/// What is waited for: dynos of an app.
pub struct Wait<'a> {
    app: &'a AppName,
    /// The process type; none for all of them.
    process_type: Option<String>,
    /// Whether one-off dynos are among them.
    with_one_offs: bool,
    /// How many dynos each process type is to have.
    wanted: BTreeMap<String, u64>,
    /// The dynos that are to be replaced.
    old: Vec<Dyno>,
}

impl<'a> Wait<'a> {
    /// Waits for the dynos of a process type, or all that belong to the formation.
    pub fn new(client: &Client, app: &'a AppName, process_type: Option<String>) -> Result<Self> {
        let wanted = client.formation(app)?.into_iter().map(|kind| (kind.kind, kind.quantity)).collect();
        Ok(Self { app, process_type, with_one_offs: false, wanted, old: Vec::new() })
    }

    /// The same, and for one-off dynos too.
    #[must_use]
    pub fn with_one_offs(self, with_one_offs: bool) -> Self {
        Self { with_one_offs, ..self }
    }

    /// Waits for what a restart of these dynos leads to: others in their place. They are read now.
    pub fn for_restart(client: &Client, app: &'a AppName, dynos: &DynoSelection) -> Result<Self> {
        let (wait, before) = both(|| Self::new(client, app, None), || client.dynos(app.as_ref()));
        let (wait, before) = (wait?, before?);
        let (process_type, old) = match dynos {
            DynoSelection::All => (None, before),
            DynoSelection::Type(name) => {
                (Some(name.clone()), before.into_iter().filter(|dyno| dyno.process_type == *name).collect())
            }
            DynoSelection::Named(name) => {
                let old: Vec<Dyno> =
                    before.into_iter().filter(|dyno| dyno.name == *name || dyno.id == *name).collect();
                (old.first().map(|dyno| dyno.process_type.clone()), old)
            }
        };
        Ok(Self { process_type, old, ..wait })
    }

    /// Where the dynos are.
    fn judge(&self, dynos: &[Dyno], version: ReleaseVersion) -> State {
        let meant: Vec<&Dyno> = dynos.iter().filter(|dyno| self.is_meant(&dyno.process_type)).collect();
        let mut missing: Vec<String> = Vec::new();
        for dyno in &meant {
            let runs = dyno.release.as_ref().map_or(ReleaseVersion::NONE, |release| release.version);
            missing.push(match dyno.state.as_str() {
                _ if runs < version => format!("{} runs {runs}", dyno.name),
                _ if self.is_old(dyno) => format!("{} has not been restarted", dyno.name),
                "up" => continue,
                "crashed" => return State::Crashed(dyno.name.clone()),
                state => format!("{} is {state}", dyno.name),
            });
        }
        for (kind, quantity) in self.wanted.iter().filter(|(kind, _)| self.is_meant(kind)) {
            let there = meant.iter().filter(|dyno| dyno.process_type == **kind).count();
            let lacking = quantity.saturating_sub(there.try_into().unwrap_or(u64::MAX));
            if lacking > 0 {
                missing.push(format!("{lacking} of {quantity} {kind} dynos are not there"));
            }
        }
        if missing.is_empty() { State::Up } else { State::Waiting(missing.join(", ")) }
    }

    fn is_old(&self, dyno: &Dyno) -> bool {
        self.old.iter().any(|old| old.id == dyno.id && old.updated_at == dyno.updated_at)
    }

    fn is_meant(&self, process_type: &str) -> bool {
        match &self.process_type {
            Some(meant) => meant == process_type,
            None => process_type != "release" && (self.with_one_offs || process_type != "run"),
        }
    }
}

/// Where dynos are on their way to a release.
#[derive(Debug, PartialEq)]
enum State {
    Up,
    /// What is missing.
    Waiting(String),
    /// The dyno that crashed.
    Crashed(String),
}

/// Waits until every dyno is up on the app's newest release, and returns its version; none for an app without releases.
///
/// Exit 1 where that release failed or a dyno crashed on it; exit 6 when `deadline` comes first.
pub fn wait_for_release(
    client: &Client,
    terminal: &Terminal,
    wait: &Wait<'_>,
    deadline: Instant,
) -> Result<Option<ReleaseVersion>> {
    let app = wait.app;
    let mut polling = Polling::begin(terminal, format!("the start of {app}'s dynos"))?
        .shown_as(format!("the dynos of {app}"));
    let mut missing = String::new();
    let look = || {
        let (releases, dynos) = both(|| client.releases(app.as_ref(), 1), || client.dynos(app.as_ref()));
        let (releases, dynos) = (releases?, dynos?);
        let Some(newest) = releases.first() else { return Ok(Some(Ok(None))) };
        let (version, state) = (newest.version, state(wait, newest, &dynos));
        Ok(match state {
            Ok(State::Up) => Some(Ok(Some(version))),
            Ok(State::Waiting(what)) => {
                missing = what;
                None
            }
            Ok(State::Crashed(name)) => Some(Err(crashed(app, &name, version))),
            Err(failed) => Some(Err(failed)),
        })
    };
    let lost = |error: Error| error.context(format!("the dynos of {app} cannot be read"));
    let seen = polling.until(deadline, look, lost)?;
    seen.unwrap_or_else(|| {
        let late = if missing.is_empty() { "no dyno was seen" } else { &missing };
        Err(Error::timed_out(format!("not every dyno of {app} is up: {late}")).hint_about(app, ["ps"]))
    })
}

/// Says that they are up, on stderr; `version` is what [`wait_for_release`] returned.
pub fn show_up(terminal: &Terminal, wait: &Wait<'_>, version: Option<ReleaseVersion>) {
    let app = wait.app;
    match version {
        Some(version) => terminal.status(&format!("{app}: every dyno is up on {version}")),
        None => terminal.warn(&format!("{app} has no releases")),
    }
}

fn state(wait: &Wait<'_>, newest: &Release, dynos: &[Dyno]) -> Result<State> {
    let (app, version) = (wait.app, newest.version);
    match newest.status {
        ReleaseStatus::Pending => Ok(State::Waiting(format!("{version} is still being released"))),
        ReleaseStatus::Failed => {
            Err(Error::failed(format!("{app} {version} failed: its release phase failed"))
                .hint_about(app, ["releases:output", &version.to_string()]))
        }
        _ => Ok(wait.judge(dynos, version)),
    }
}

fn crashed(app: &AppName, name: &str, version: ReleaseVersion) -> Error {
    Error::failed(format!("{name} of {app} crashed on {version}"))
        .hint_about(app, ["logs", "--dyno-name", name])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heroku::DynoRelease;

    fn dyno(name: &str, state: &str, version: u64, id: &str) -> Dyno {
        Dyno {
            id: id.to_owned(),
            name: name.to_owned(),
            process_type: name.split(['.', '-']).next().unwrap().to_owned(),
            state: state.to_owned(),
            release: Some(DynoRelease { version: version.to_string().parse().unwrap() }),
            ..Dyno::default()
        }
    }

    fn judged(old: &[Dyno], process_type: Option<&str>, dynos: &[Dyno]) -> String {
        let app = "playhouse".parse().unwrap();
        let wanted = [("web".to_owned(), 2), ("worker".to_owned(), 1)].into();
        let process_type = process_type.map(str::to_owned);
        let wait = Wait { app: &app, process_type, with_one_offs: false, wanted, old: old.to_vec() };
        format!("{:?}", wait.judge(dynos, "7".parse().unwrap()))
    }

    #[test]
    fn every_dyno_must_be_up_on_the_release() {
        let web = [dyno("web.1", "up", 7, "a"), dyno("web.2", "up", 7, "b")];
        let judged = |worker: &[Dyno]| judged(&[], None, &[&web, worker].concat());
        assert_eq!(judged(&[dyno("worker.1", "up", 8, "c")]), "Up");
        assert_eq!(judged(&[dyno("worker.1", "starting", 7, "c")]), r#"Waiting("worker.1 is starting")"#);
        assert_eq!(judged(&[dyno("worker.1", "up", 6, "c")]), r#"Waiting("worker.1 runs v6")"#);
        assert_eq!(judged(&[]), r#"Waiting("1 of 1 worker dynos are not there")"#);
        assert_eq!(judged(&[dyno("worker.1", "crashed", 7, "c")]), r#"Crashed("worker.1")"#);
        assert_eq!(judged(&[dyno("worker.1", "crashed", 6, "c")]), r#"Waiting("worker.1 runs v6")"#);
        let run = [
            dyno("worker.1", "up", 7, "c"),
            dyno("run.9", "starting", 7, "d"),
            dyno("release.1", "up", 6, "e"),
        ];
        assert_eq!(judged(&run), "Up");
    }

    #[test]
    fn a_restarted_dyno_is_another_one() {
        let old = [dyno("web.1", "up", 7, "a"), dyno("web.2", "crashed", 7, "b")];
        let judged = |dynos: &[Dyno]| judged(&old, Some("web"), dynos);
        assert_eq!(judged(&old), r#"Waiting("web.1 has not been restarted, web.2 has not been restarted")"#);
        let mut again = dyno("web.1", "up", 7, "a");
        again.updated_at = "2026-03-14T12:00:00Z".to_owned();
        assert_eq!(judged(&[again, dyno("web.2", "up", 7, "c")]), "Up");
        let fir = [dyno("web-6f7d-abcde", "up", 7, "d"), dyno("web-6f7d-fghij", "up", 7, "e")];
        assert_eq!(judged(&fir), "Up");
    }
}
