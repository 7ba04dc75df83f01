//! The roll-out: an app's dynos on their way to a release, seen from its dynos, its formation and its releases.

mod counts;
mod crash;
mod history;
mod served;

use std::time::{Duration, Instant};

use self::counts::Counts;
use self::history::History;
use super::polling::Polling;
use crate::error::{Error, Result};
use crate::heroku::{Client, Dyno, Formation, Release};
use crate::model::{AppName, DynoSelection, ReleaseStatus, ReleaseVersion};
use crate::parallel::both;
use crate::terminal::Terminal;
use crate::variable;

pub use self::served::wait_until_served;

/// How many releases are read: somebody may change config vars meanwhile, each of which makes one.
const NEWEST: usize = 10;

/// How long it is trusted what the dynos are to be.
const PLAN_LASTS: Duration = Duration::from_secs(10);

/// How long a dyno must stay up. Its state is `up` as soon as it listens on its port, and where it has none, as soon as its
/// process has started: the rest of the boot may still fail.
const SETTLE: Duration = Duration::from_secs(5);

/// The dynos of an app that are to be up on a release.
pub struct RollOut<'a> {
    app: &'a AppName,
    /// The release; none for the app's newest one.
    release: Option<Release>,
    /// The process type; none for all of them.
    process_type: Option<String>,
    /// Whether one-off dynos are among them.
    with_one_offs: bool,
    /// The dynos that are to be replaced.
    old: Vec<Dyno>,
    /// How long a dyno must stay up.
    settle: Duration,
    history: History,
    plan: Option<Plan>,
    /// Whether the next look is due at once, to see whether the plan still is what the dynos are.
    confirms: bool,
    /// What a look showed last.
    counts: Counts,
}

/// What a look shows.
#[derive(Debug)]
enum State {
    /// All that should run are up on this version.
    Up(ReleaseVersion),
    /// The app has no releases.
    NoRelease,
    /// The reason for a person.
    Waiting(String),
    /// They will not be up on it.
    Failed(RollOutFailure),
}

/// Why dynos do not come up on a release.
#[derive(Clone, Debug)]
enum RollOutFailure {
    /// The release itself failed.
    Release(ReleaseVersion),
    /// Another slug has been released.
    Replaced(ReleaseVersion),
    /// A dyno crashed, or keeps restarting.
    Dyno { name: String, version: ReleaseVersion, what: &'static str },
}

/// What Heroku answers at one look.
struct Seen {
    dynos: Vec<Dyno>,
    /// Not at every look: the account's requests are counted.
    plan: Option<Plan>,
}

/// What the dynos are to be, and when that was read.
#[derive(Debug)]
struct Plan {
    formation: Vec<Formation>,
    releases: Vec<Release>,
    read: Instant,
}

impl<'a> RollOut<'a> {
    /// All dynos of the formation, on the app's newest release. Exit 2 where `GREENROOM_DYNO_SETTLE` is no time.
    pub fn of(app: &'a AppName) -> Result<Self> {
        let settle = std::env::var_os("GREENROOM_DYNO_SETTLE");
        Ok(Self {
            app,
            release: None,
            process_type: None,
            with_one_offs: false,
            old: Vec::new(),
            settle: variable::seconds("GREENROOM_DYNO_SETTLE", settle.as_deref(), SETTLE)?,
            history: History::default(),
            plan: None,
            confirms: false,
            counts: Counts::default(),
        })
    }

    /// The same, only of this process type.
    #[must_use]
    pub fn of_type(self, process_type: Option<String>) -> Self {
        Self { process_type, ..self }
    }

    /// The same, and one-off dynos too.
    #[must_use]
    pub fn with_one_offs(self, with_one_offs: bool) -> Self {
        Self { with_one_offs, ..self }
    }

    /// The same, on this release, or a newer one of the same code.
    #[must_use]
    fn on(self, release: Release) -> Self {
        Self { release: Some(release), ..self }
    }

    /// What a restart of these dynos leads to: others in their place. They are read now.
    pub fn after_restart(client: &Client, app: &'a AppName, dynos: &DynoSelection) -> Result<Self> {
        let before = client.dynos(app.as_ref())?;
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
        Ok(Self { process_type, old, ..Self::of(app)? })
    }

    /// Waits until every dyno is up on the app's newest release, and returns its version; none for an app without releases.
    ///
    /// Exit 1 where that release failed or a dyno crashed on it; exit 6 when `deadline` comes first.
    pub fn wait(
        mut self,
        client: &Client,
        terminal: &Terminal,
        deadline: Instant,
    ) -> Result<Option<ReleaseVersion>> {
        let app = self.app;
        let mut polling = Polling::begin(terminal, format!("the start of {app}'s dynos"))?
            .shown_as(format!("the dynos of {app}"));
        let mut missing = None;
        loop {
            let seen = polling.seen(self.look(client));
            let seen = seen.map_err(|error| error.context(format!("the dynos of {app} cannot be read")))?;
            match seen.map(|seen| self.judge(seen)) {
                Some(State::Up(version)) => return Ok(Some(version)),
                Some(State::NoRelease) => return Ok(None),
                Some(State::Failed(failure)) => return Err(failure.error(app)),
                Some(State::Waiting(_)) if self.confirms => continue,
                Some(State::Waiting(what)) => missing = Some(what),
                None => {}
            }
            if Instant::now() >= deadline {
                let late = missing.unwrap_or_else(|| "no dyno was seen".to_owned());
                let error = Error::timed_out(format!("not every dyno of {app} is up: {late}"));
                return Err(error.hint_about(app, ["ps"]));
            }
            polling.show(self.shown());
            polling.pause(deadline)?;
        }
    }

    /// Reads the dynos, and with them, every now and then and before the end, what they are to be.
    fn look(&self, client: &Client) -> Result<Seen> {
        let is_fresh = self.plan.as_ref().is_some_and(|plan| plan.read.elapsed() < PLAN_LASTS);
        if is_fresh && !self.confirms {
            return Ok(Seen { dynos: client.dynos(self.app.as_ref())?, plan: None });
        }
        let (dynos, plan) = both(|| client.dynos(self.app.as_ref()), || Plan::read(client, self.app));
        Ok(Seen { dynos: dynos?, plan: Some(plan?) })
    }

    /// `the dynos of playhouse: web 2/4 up on v19, 1 starting`
    fn shown(&self) -> String {
        let counts = self.counts.to_string();
        if counts.is_empty() {
            return format!("the dynos of {}", self.app);
        }
        format!("the dynos of {}: {counts}", self.app)
    }

    /// What a look means. All up is said only of a plan that was read with the dynos; until then the next look is due.
    fn judge(&mut self, seen: Seen) -> State {
        let Seen { dynos, plan } = seen;
        let confirmed = plan.is_some();
        let Some(plan) = plan.or_else(|| self.plan.take()) else { return State::NoRelease };
        let state = self.compare(&dynos, &plan);
        self.plan = Some(plan);
        self.confirms = false;
        match state {
            State::Up(_) if !confirmed => {
                self.confirms = true;
                State::Waiting("its release and its formation are read again".to_owned())
            }
            state => state,
        }
    }

    fn compare(&mut self, dynos: &[Dyno], plan: &Plan) -> State {
        let version = match self.version(&plan.releases) {
            Ok(version) => version,
            Err(state) => return state,
        };
        let meant: Vec<&Dyno> = dynos.iter().filter(|dyno| self.is_meant(&dyno.process_type)).collect();
        let kinds = plan.formation.iter().filter(|kind| self.is_meant(&kind.kind));
        self.counts = Counts::of(version, kinds, &meant, |dyno| self.is_on(dyno, version));
        let on: Vec<&Dyno> = meant.iter().copied().filter(|dyno| self.is_on(dyno, version)).collect();
        if let Some((name, what)) = self.history.observe(&on, Instant::now()) {
            return State::Failed(RollOutFailure::Dyno { name, version, what });
        }
        let mut missing: Vec<String> = meant.iter().filter_map(|dyno| self.lacks(dyno, version)).collect();
        missing.extend(self.counts.missing());
        if missing.is_empty() { State::Up(version) } else { State::Waiting(missing.join(", ")) }
    }

    /// The version that the dynos are to be on.
    fn version(&self, releases: &[Release]) -> Result<ReleaseVersion, State> {
        let Some(ours) = &self.release else {
            let Some(newest) = releases.first() else { return Err(State::NoRelease) };
            return match newest.status {
                ReleaseStatus::Pending => {
                    Err(State::Waiting(format!("{} is still being released", newest.version)))
                }
                ReleaseStatus::Failed => Err(State::Failed(RollOutFailure::Release(newest.version))),
                _ => Ok(newest.version),
            };
        };
        match releases.iter().find(|release| release.is_running()) {
            Some(current) if current.version > ours.version && !current.runs_same_code(ours) => {
                Err(State::Failed(RollOutFailure::Replaced(current.version)))
            }
            Some(current) => Ok(current.version.max(ours.version)),
            None => Ok(ours.version),
        }
    }

    /// What a dyno lacks; nothing for one that is up, or asleep until the next request.
    fn lacks(&self, dyno: &Dyno, version: ReleaseVersion) -> Option<String> {
        let (name, runs) = (&dyno.name, runs(dyno));
        match dyno.state.as_str() {
            // It is started on the newest release.
            "idle" => None,
            _ if runs < version => Some(format!("{name} runs {runs}")),
            _ if self.is_old(dyno) => Some(format!("{name} has not been restarted")),
            "up" if self.history.has_settled(dyno, self.settle, Instant::now()) => None,
            "up" => Some(format!("{name} has just started")),
            state => Some(format!("{name} is {state}")),
        }
    }

    /// Whether it is one that was started on the release.
    fn is_on(&self, dyno: &Dyno, version: ReleaseVersion) -> bool {
        runs(dyno) >= version && !self.is_old(dyno)
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

fn runs(dyno: &Dyno) -> ReleaseVersion {
    dyno.release.as_ref().map_or(ReleaseVersion::NONE, |release| release.version)
}

impl Plan {
    fn read(client: &Client, app: &AppName) -> Result<Self> {
        let (formation, releases) = both(|| client.formation(app), || client.releases(app.as_ref(), NEWEST));
        Ok(Self { formation: formation?, releases: releases?, read: Instant::now() })
    }
}

impl RollOutFailure {
    /// The failure as an error of its own.
    fn error(&self, app: &AppName) -> Error {
        match self {
            Self::Release(version) => {
                Error::failed(format!("{app} {version} failed: its release phase failed"))
                    .hint_about(app, ["releases:output", &version.to_string()])
            }
            Self::Replaced(version) => {
                Error::failed(format!("{app} runs other code now, {version}")).hint_about(app, ["releases"])
            }
            Self::Dyno { name, version, what } => {
                Error::failed(format!("{name} of {app} {what} on {version}"))
                    .hint_about(app, ["logs", "--dyno-name", name])
            }
        }
    }
}

/// Says that they are up, on stderr; `version` is what [`RollOut::wait`] returned.
pub fn show_up(terminal: &Terminal, app: &AppName, version: Option<ReleaseVersion>) {
    match version {
        Some(version) => terminal.status(&format!("{app}: every dyno is up on {version}")),
        None => terminal.warn(&format!("{app} has no releases")),
    }
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

    fn release(version: u64, slug: &str, status: &str, current: bool) -> Release {
        let json = serde_json::json!({
            "id": version.to_string(), "version": version, "status": status, "current": current,
            "slug": { "id": slug }, "oci_image": null, "app": { "id": "a", "name": "playhouse" },
            "user": null, "output_stream_url": null,
        });
        serde_json::from_value(json).unwrap()
    }

    fn seen(dynos: &[Dyno], releases: Vec<Release>) -> Seen {
        let kind = |kind: &str, quantity| Formation { kind: kind.to_owned(), quantity, size: String::new() };
        let formation = vec![kind("web", 2), kind("worker", 1)];
        Seen { dynos: dynos.to_vec(), plan: Some(Plan { formation, releases, read: Instant::now() }) }
    }

    fn judged(old: &[Dyno], process_type: Option<&str>, dynos: &[Dyno]) -> String {
        let app = "playhouse".parse().unwrap();
        let roll_out = RollOut::of(&app).unwrap().of_type(process_type.map(str::to_owned));
        let mut roll_out = RollOut { old: old.to_vec(), settle: Duration::ZERO, ..roll_out };
        match roll_out.judge(seen(dynos, vec![release(7, "s", "succeeded", true)])) {
            State::Waiting(missing) => missing,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn every_dyno_must_be_up_on_the_release() {
        let web = [dyno("web.1", "up", 7, "a"), dyno("web.2", "up", 7, "b")];
        let judged = |worker: &[Dyno]| judged(&[], None, &[&web, worker].concat());
        let up = judged(&[dyno("worker.1", "up", 8, "c")]);
        assert!(up.starts_with("Up("), "{up}");
        assert_eq!(judged(&[dyno("worker.1", "starting", 7, "c")]), "worker.1 is starting");
        assert_eq!(judged(&[dyno("worker.1", "up", 6, "c")]), "worker.1 runs v6");
        assert_eq!(judged(&[]), "1 of 1 worker dynos are not there");
        assert_eq!(judged(&[dyno("worker.1", "crashed", 6, "c")]), "worker.1 runs v6");
        // It may be restarted right away.
        assert_eq!(judged(&[dyno("worker.1", "crashed", 7, "c")]), "worker.1 is crashed");
        let others = [
            dyno("worker.1", "up", 7, "c"),
            dyno("run.9", "starting", 7, "d"),
            dyno("release.1", "up", 6, "e"),
        ];
        assert_eq!(judged(&others), up);
        assert_eq!(judged(&[dyno("worker.1", "idle", 6, "c")]), up, "it is asleep");
    }

    #[test]
    fn a_restarted_dyno_is_another_one() {
        let old = [dyno("web.1", "up", 7, "a"), dyno("web.2", "crashed", 7, "b")];
        let judged = |dynos: &[Dyno]| judged(&old, Some("web"), dynos);
        assert_eq!(judged(&old), "web.1 has not been restarted, web.2 has not been restarted");
        let mut again = dyno("web.1", "up", 7, "a");
        again.updated_at = "2026-03-14T12:00:00Z".to_owned();
        assert!(judged(&[again, dyno("web.2", "up", 7, "c")]).starts_with("Up("));
        let fir = [dyno("web-6f7d-abcde", "up", 7, "d"), dyno("web-6f7d-fghij", "up", 7, "e")];
        assert!(judged(&fir).starts_with("Up("));
    }

    #[test]
    fn old_dynos_that_still_serve_are_waited_for() {
        let preboot = [
            dyno("web.1", "up", 7, "c"),
            dyno("web.2", "up", 7, "d"),
            dyno("web.1", "up", 6, "a"),
            dyno("web.2", "up", 6, "b"),
        ];
        assert_eq!(judged(&[], Some("web"), &preboot), "web.1 runs v6, web.2 runs v6");
    }

    #[test]
    fn a_newer_release_counts_if_it_has_the_same_code() {
        let app: AppName = "playhouse".parse().unwrap();
        let on = |releases: Vec<Release>| {
            let roll_out = RollOut::of(&app).unwrap().on(release(7, "ours", "succeeded", true));
            match roll_out.version(&releases) {
                Ok(version) => version.to_string(),
                Err(state) => format!("{state:?}"),
            }
        };
        let ours = |current| release(7, "ours", "succeeded", current);
        assert_eq!(on(vec![ours(true)]), "v7");
        assert_eq!(on(vec![release(8, "ours", "succeeded", true), ours(false)]), "v8");
        assert_eq!(on(vec![release(8, "other", "pending", false), ours(true)]), "v7");
        assert_eq!(on(vec![release(8, "other", "failed", false), ours(true)]), "v7");
        let replaced = on(vec![release(8, "other", "succeeded", true), ours(false)]);
        assert!(replaced.contains("Replaced"), "{replaced}");
    }
}
