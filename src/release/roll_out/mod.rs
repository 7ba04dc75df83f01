//! The roll-out: an app's dynos on their way to a release, seen from its dynos, its formation and its releases.

mod counts;
mod crash;
mod failure;
mod history;
mod look;
mod served;
mod wait;

use std::time::{Duration, Instant};

use self::counts::Counts;
use self::failure::RollOutFailure;
use self::history::History;
use self::look::{Expected, Seen};
use crate::error::Result;
use crate::heroku::{Client, Dyno, Release};
use crate::model::{AppName, DynoSelection, ReleaseStatus, ReleaseVersion};
use crate::variable;

pub use self::served::wait_until_served;
pub use self::wait::show_up;

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
    /// What the dynos are to be, as it was read last.
    expected: Option<Expected>,
    /// Whether the next look is due at once, to read that again.
    confirms: bool,
    /// When all that is up will have been up for long enough, where nothing else is missing.
    settled_at: Option<Instant>,
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
            expected: None,
            confirms: false,
            settled_at: None,
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

    /// When to look again, at the latest.
    fn next_look(&self, deadline: Instant) -> Instant {
        self.settled_at.map_or(deadline, |settled| settled.min(deadline))
    }

    /// `the dynos of playhouse: web 2/4 up on v19, 1 starting`
    fn shown(&self) -> String {
        let counts = self.counts.to_string();
        if counts.is_empty() {
            return format!("the dynos of {}", self.app);
        }
        format!("the dynos of {}: {counts}", self.app)
    }

    /// What a look means. They are up only if what they are to be was read with them; until then the next look is due.
    fn judge(&mut self, seen: Seen) -> State {
        let Seen { dynos, expected } = seen;
        let confirmed = expected.is_some();
        let Some(expected) = expected.or_else(|| self.expected.take()) else { return State::NoRelease };
        let state = self.compare(&dynos, &expected);
        self.expected = Some(expected);
        self.confirms = false;
        match state {
            State::Up(_) if !confirmed => {
                self.confirms = true;
                State::Waiting("its release and its formation are read again".to_owned())
            }
            state => state,
        }
    }

    fn compare(&mut self, dynos: &[Dyno], expected: &Expected) -> State {
        let version = match self.version(&expected.releases) {
            Ok(version) => version,
            Err(state) => return state,
        };
        let meant: Vec<&Dyno> = dynos.iter().filter(|dyno| self.is_meant(&dyno.process_type)).collect();
        let kinds = expected.formation.iter().filter(|kind| self.is_meant(&kind.kind));
        self.counts = Counts::of(version, kinds, &meant, |dyno| self.is_on(dyno, version));
        let on: Vec<&Dyno> = meant.iter().copied().filter(|dyno| self.is_on(dyno, version)).collect();
        if let Some((name, what)) = self.history.observe(&on, Instant::now()) {
            return State::Failed(RollOutFailure::Dyno { name, version, what });
        }
        let mut missing: Vec<String> = meant.iter().filter_map(|dyno| self.lacks(dyno, version)).collect();
        missing.extend(self.counts.missing());
        let just_started = meant.iter().filter(|dyno| dyno.state == "up" && self.is_on(dyno, version));
        let settling = just_started.filter_map(|dyno| self.history.settled_at(dyno, self.settle));
        self.settled_at = settling.max().filter(|_| self.counts.are_all_up());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heroku::{DynoRelease, Formation};

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
        Seen { dynos: dynos.to_vec(), expected: Some(Expected { formation, releases, read: Instant::now() }) }
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
