//! What became of each dyno over several looks: a crash that is mended at once is none, and a dyno that keeps restarting is
//! not up, however often it is seen to be.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::heroku::Dyno;

/// Heroku starts a dyno again right after its first crash (Dev Center, "Dyno Restarts"). One that is still crashed after
/// this long is left alone for minutes.
const RESTARTED_WITHIN: Duration = Duration::from_secs(5);

/// A dyno that was seen crashed this often is in a loop, and one that was restarted this often: somebody may restart it once,
/// and change a config var.
const CRASHES: usize = 2;
const RESTARTS: usize = 3;

/// How far this machine's clock may be off before a dyno seems to have been up for long.
const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// What was seen of each dyno of a release so far, by its name.
#[derive(Debug, Default)]
pub(super) struct History(BTreeMap<String, Past>);

#[derive(Debug, Default)]
struct Past {
    state: String,
    /// The dyno's id and the time of its last change, as Heroku tells it.
    change: (String, String),
    /// When that was first seen.
    since: Option<Instant>,
    crashes: usize,
    restarts: usize,
}

impl History {
    /// Adds a look at the dynos that are on the release. Returns the first one that will not come up, and what it does.
    pub(super) fn observe(&mut self, dynos: &[&Dyno], now: Instant) -> Option<(String, &'static str)> {
        for dyno in dynos {
            let past = self.0.entry(dyno.name.clone()).or_default();
            let change = (dyno.id.clone(), dyno.updated_at.clone());
            if past.since.is_some() && past.change == change && past.state == dyno.state {
                continue;
            }
            past.crashes += usize::from(dyno.state == "crashed");
            let was_started = ["up", "crashed"].contains(&past.state.as_str());
            past.restarts += usize::from(was_started && ["starting", "up"].contains(&dyno.state.as_str()));
            (past.state, past.change, past.since) = (dyno.state.clone(), change, Some(now));
        }
        let verdict = |(name, past): (&String, &Past)| Some((name.clone(), past.verdict(now)?));
        self.0.iter().find_map(verdict)
    }

    /// Whether a dyno that is up was up for `settle`: a process may bind its port, or begin its work, and crash only then.
    pub(super) fn has_settled(&self, dyno: &Dyno, settle: Duration, now: Instant) -> bool {
        let seen = self.0.get(&dyno.name).and_then(|past| past.since);
        seen.is_some_and(|since| now.saturating_duration_since(since) >= settle)
            || unchanged_for(dyno).is_some_and(|time| time >= settle + CLOCK_SKEW)
    }

    /// When a dyno that is up will have been up for `settle`; none where it was seen up for that long.
    pub(super) fn settled_at(&self, dyno: &Dyno, settle: Duration) -> Option<Instant> {
        let settled = self.0.get(&dyno.name)?.since? + settle;
        (!self.has_settled(dyno, settle, Instant::now())).then_some(settled)
    }
}

/// The time since the dyno's last change, by this machine's clock.
fn unchanged_for(dyno: &Dyno) -> Option<Duration> {
    let changed: Timestamp = dyno.updated_at.parse().ok()?;
    Timestamp::now().duration_since(changed).try_into().ok()
}

impl Past {
    fn verdict(&self, now: Instant) -> Option<&'static str> {
        let for_long =
            self.since.is_some_and(|since| now.saturating_duration_since(since) >= RESTARTED_WITHIN);
        match () {
            () if self.state == "crashed" && for_long => Some("crashed"),
            () if self.crashes >= CRASHES => Some("crashed again and again"),
            () if self.restarts >= RESTARTS => Some("keeps restarting"),
            () => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a dyno that was seen in these states, one each second.
    fn said(states: &[&str]) -> Option<&'static str> {
        let (mut history, begun) = (History::default(), Instant::now());
        let mut last = None;
        for (second, state) in (0..).zip(states) {
            let dyno = Dyno {
                name: "worker.1".to_owned(),
                process_type: "worker".to_owned(),
                state: (*state).to_owned(),
                ..Dyno::default()
            };
            last = history.observe(&[&dyno], begun + Duration::from_secs(second)).map(|(_, what)| what);
        }
        last
    }

    #[test]
    fn one_crash_that_is_mended_is_none() {
        assert_eq!(said(&["starting", "crashed", "starting", "up", "up"]), None);
        assert_eq!(said(&["starting", "crashed", "crashed", "starting", "up"]), None);
    }

    #[test]
    fn a_dyno_that_stays_crashed_or_crashes_again_is_said() {
        assert_eq!(said(&["starting", "crashed", "crashed", "crashed", "crashed", "crashed"]), None);
        let stays = ["crashed"; 6];
        assert_eq!(said(&stays), Some("crashed"));
        assert_eq!(said(&["crashed", "starting", "crashed"]), Some("crashed again and again"));
        assert_eq!(said(&["up", "starting", "up", "starting", "up"]), None);
        assert_eq!(said(&["up", "starting", "up", "starting", "up", "starting"]), Some("keeps restarting"));
    }

    #[test]
    fn a_dyno_must_stay_up() {
        let (mut history, begun) = (History::default(), Instant::now());
        let dyno = |updated_at: String| Dyno {
            name: "web.1".to_owned(),
            state: "up".to_owned(),
            updated_at,
            ..Dyno::default()
        };
        let new = dyno(Timestamp::now().to_string());
        assert_eq!(history.observe(&[&new], begun), None);
        let settled = |dyno: &Dyno, seconds| {
            history.has_settled(dyno, Duration::from_secs(10), begun + Duration::from_secs(seconds))
        };
        assert!(!settled(&new, 9) && settled(&new, 10));
        // Nobody waits for one that was up all the time.
        assert!(settled(&dyno("2026-03-14T12:00:00Z".to_owned()), 0));
        assert!(!settled(&dyno("a while ago".to_owned()), 0));
    }
}
