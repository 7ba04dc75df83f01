//! How an app's dynos come to run a release: all at once, a quarter at a time or with preboot, and what becomes of each start.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::clock;
use crate::state::State;
use crate::state::app::Dyno;

/// What the panel says of an app's roll-outs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RollOut {
    order: Order,
    /// With preboot: how long the old web dynos go on once the new ones are up.
    overlap_ms: u64,
    /// What becomes of the starts on a release, one after the other, by the name of a dyno or its process type. The last
    /// one is repeated; without any, a dyno comes up.
    starts: BTreeMap<String, Vec<Start>>,
    /// How long a dyno is up before [`Start::UpThenCrash`] ends it.
    up_for_ms: u64,
    /// How long a crashed dyno stays crashed before it is started again.
    restart_after_ms: u64,
    /// How often a dyno that crashed is started again.
    restarts: usize,
}

/// In which order dynos are replaced.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// All at once, as on the Common Runtime.
    #[default]
    AtOnce,
    /// A quarter of them, rounded up, at a time, as in Private Spaces and on Fir.
    Quarters,
    /// New web dynos start beside the old ones.
    Preboot,
    /// Eco dynos that sleep: they start with the next request.
    Asleep,
}

/// What becomes of a start.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Start {
    Up,
    /// It crashes before it is up.
    Crash,
    /// It comes up, and crashes later.
    UpThenCrash,
    /// It does not listen in time: R10, then it crashes.
    BootTimeout,
    /// It starts for as long as anybody looks.
    Never,
}

impl RollOut {
    fn start(&self, dyno: &Dyno) -> Start {
        let starts = self.starts.get(&dyno.name).or_else(|| self.starts.get(&dyno.kind));
        let starts = starts.map(Vec::as_slice).unwrap_or_default();
        starts.get(dyno.starts).or(starts.last()).copied().unwrap_or(Start::Up)
    }
}

impl State {
    /// Lets the dynos of the app run its new release.
    pub(crate) fn roll_out(&mut self, app: usize) {
        match self.apps[app].roll_out.order {
            Order::AtOnce => self.restart(app, |_| true),
            Order::Quarters => {
                self.restart(app, |_| false);
                self.roll_on(app);
            }
            Order::Preboot => self.boot_beside(app),
            Order::Asleep => self.apps[app].dynos.iter_mut().for_each(|dyno| dyno.state = "idle"),
        }
    }

    /// Replaces the next quarter, unless dynos of the one before are starting.
    fn roll_on(&mut self, app: usize) {
        let target = &self.apps[app];
        if target.roll_out.order != Order::Quarters || target.dynos.iter().any(Dyno::is_starting) {
            return;
        }
        let formation = target.dynos.iter().filter(|dyno| dyno.one_off.is_none());
        let quarter = formation.clone().count().div_ceil(4);
        let old = formation.filter(|dyno| dyno.version != target.current);
        let next: Vec<String> = old.take(quarter).map(|dyno| dyno.id.clone()).collect();
        if !next.is_empty() {
            self.restart(app, |dyno| next.contains(&dyno.id));
        }
    }

    /// Starts new web dynos beside the old ones, which end later; all others are replaced at once.
    fn boot_beside(&mut self, app: usize) {
        let is_old_web = |dyno: &&Dyno| dyno.kind == "web" && dyno.one_off.is_none();
        let old: Vec<Dyno> = self.apps[app].dynos.iter().filter(is_old_web).cloned().collect();
        self.restart(app, |_| true);
        self.apps[app].dynos.extend(old);
        self.end_old_web(app);
    }

    /// Ends the old web dynos of a preboot a while after the new ones are up.
    fn end_old_web(&mut self, app: usize) {
        let target = &self.apps[app];
        let current = target.current;
        let is_new = |dyno: &&Dyno| dyno.kind == "web" && dyno.version == current;
        if target.roll_out.order != Order::Preboot
            || target.dynos.iter().filter(is_new).any(|dyno| dyno.state != "up")
        {
            return;
        }
        let overlap = Duration::from_millis(target.roll_out.overlap_ms);
        self.later(overlap, move |state| {
            let target = &mut state.apps[app];
            if target.current == current {
                target.dynos.retain(|dyno| dyno.kind != "web" || dyno.version == current);
            }
        });
    }

    /// Starts a dyno that is `starting`.
    pub(crate) fn start_dyno(&mut self, app: usize, id: String) {
        let time = self.settings.dyno_start_time;
        let target = &self.apps[app];
        let Some(dyno) = target.dynos.iter().find(|dyno| dyno.id == id) else { return };
        let start = target.roll_out.start(dyno);
        match start {
            Start::Never => {}
            Start::Up if time.is_zero() => {
                // Without a line in the log: nothing was seen of it.
                if let Some(dyno) = self.apps[app].dynos.iter_mut().find(|dyno| dyno.id == id) {
                    dyno.state = "up";
                }
                self.go_on(app);
            }
            _ => self.later(time, move |state| state.end_start(app, &id, start)),
        }
    }

    fn end_start(&mut self, app: usize, id: &str, start: Start) {
        let said = match start {
            Start::Up | Start::UpThenCrash => {
                self.come_up(app, id);
                if start == Start::UpThenCrash {
                    let (id, time) = (id.to_owned(), self.apps[app].roll_out.up_for_ms);
                    let said = "Process exited with status 1";
                    self.later(Duration::from_millis(time), move |state| state.crash(app, &id, said));
                }
                return;
            }
            Start::BootTimeout => {
                "Error R10 (Boot timeout) -> Web process failed to bind to $PORT within 60 seconds of launch"
            }
            Start::Crash | Start::Never => "Process exited with status 1",
        };
        self.crash(app, id, said);
    }

    /// Ends the start of a dyno, unless it was replaced in the meantime.
    pub(crate) fn come_up(&mut self, app: usize, id: &str) {
        let mut starting = self.apps[app].dynos.iter().filter(|dyno| dyno.state == "starting");
        if starting.any(|dyno| dyno.id == id) {
            self.change_dyno(app, id, "up");
            self.go_on(app);
        }
    }

    /// After a start: what waited for it comes next.
    fn go_on(&mut self, app: usize) {
        self.roll_on(app);
        self.end_old_web(app);
    }

    fn crash(&mut self, app: usize, id: &str, said: &str) {
        let Some(name) = self.dyno_name(app, id) else { return };
        self.apps[app].log.say("app", &name, "cannot load such file -- missing (LoadError)");
        self.apps[app].log.say("heroku", &name, said);
        let Some(starts) = self.change_dyno(app, id, "crashed") else { return };
        let roll_out = &self.apps[app].roll_out;
        if starts < roll_out.restarts {
            let (pause, id) = (Duration::from_millis(roll_out.restart_after_ms), id.to_owned());
            self.later(pause, move |state| {
                if state.change_dyno(app, &id, "starting").is_some() {
                    state.start_dyno(app, id);
                }
            });
        }
        self.roll_on(app);
    }

    fn dyno_name(&self, app: usize, id: &str) -> Option<String> {
        self.apps[app].dynos.iter().find(|dyno| dyno.id == id).map(|dyno| dyno.name.clone())
    }

    /// Changes the state of a dyno that was not replaced meanwhile, and returns how often it was started again.
    fn change_dyno(&mut self, app: usize, id: &str, state: &'static str) -> Option<usize> {
        let target = &mut self.apps[app];
        let dyno = target.dynos.iter_mut().find(|dyno| dyno.id == id)?;
        let said = format!("State changed from {} to {state}", dyno.state);
        if dyno.state == "crashed" {
            dyno.starts += 1;
        }
        dyno.state = state;
        dyno.updated_at = clock::now();
        target.log.say("heroku", &dyno.name, &said);
        Some(dyno.starts)
    }
}
