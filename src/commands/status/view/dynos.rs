//! The state of an app's dynos, in words and as JSON.

use std::collections::BTreeMap;

use anstyle::Style;
use serde::Serialize;

use super::{GREEN, RED, YELLOW};
use crate::heroku::Dyno;

/// The number of dynos in each state, by process type.
pub(super) struct Health<'a>(BTreeMap<&'a str, BTreeMap<&'a str, usize>>);

impl<'a> Health<'a> {
    pub(super) fn of(dynos: &'a [Dyno]) -> Self {
        let mut counted = BTreeMap::<_, BTreeMap<_, _>>::new();
        for dyno in dynos {
            *counted.entry(&*dyno.process_type).or_default().entry(&*dyno.state).or_default() += 1;
        }
        Self(counted)
    }

    /// `web 2/2 up, worker 1 crashed`.
    pub(super) fn told(&self) -> String {
        let kinds = self.0.iter().map(|(kind, states)| format!("{kind} {}", in_words(states, " and ")));
        let kinds: Vec<String> = kinds.collect();
        if kinds.is_empty() { "no dynos".to_owned() } else { kinds.join(", ") }
    }

    /// The same for all dynos together: `2/3 up, 1 crashed`.
    pub(super) fn summed_up(&self) -> String {
        let states = self.states();
        if states.is_empty() { "no dynos".to_owned() } else { in_words(&states, ", ") }
    }

    /// Green where all are up, red where any is broken.
    pub(super) fn style(&self) -> Style {
        let states = self.states();
        match () {
            () if states.is_empty() => Style::new(),
            () if states.contains_key("crashed") || states.contains_key("down") => RED,
            () if states.keys().all(|state| *state == "up") => GREEN,
            () => YELLOW,
        }
    }

    fn states(&self) -> BTreeMap<&str, usize> {
        let mut all = BTreeMap::new();
        for (state, count) in self.0.values().flatten() {
            *all.entry(*state).or_default() += count;
        }
        all
    }
}

/// `2/3 up and 1 crashed`.
fn in_words(states: &BTreeMap<&str, usize>, between: &str) -> String {
    let all: usize = states.values().sum();
    let up = states.get("up").map(|up| format!("{up}/{all} up"));
    let others = states.iter().filter(|(state, _)| **state != "up");
    let states = up.into_iter().chain(others.map(|(state, count)| format!("{count} {state}")));
    states.collect::<Vec<_>>().join(between)
}

/// The dynos of a process type, as `--json` prints them.
#[derive(Serialize)]
pub(super) struct TypeAnswer<'a> {
    r#type: &'a str,
    /// The number of dynos in each state.
    states: BTreeMap<&'a str, usize>,
}

impl<'a> TypeAnswer<'a> {
    /// One for each process type.
    pub(super) fn all(dynos: &'a [Dyno]) -> Vec<Self> {
        Health::of(dynos).0.into_iter().map(|(r#type, states)| Self { r#type, states }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dyno(name: &str, state: &str) -> Dyno {
        Dyno {
            name: name.to_owned(),
            process_type: name.split('.').next().unwrap().to_owned(),
            state: state.to_owned(),
            ..Dyno::default()
        }
    }

    #[test]
    fn dynos_are_counted_by_type_and_state() {
        for (dynos, told, summed_up, style) in [
            (
                vec![dyno("web.1", "up"), dyno("web.2", "up"), dyno("worker.1", "crashed")],
                "web 2/2 up, worker 1 crashed",
                "2/3 up, 1 crashed",
                RED,
            ),
            (
                vec![dyno("web.1", "up"), dyno("web.2", "starting"), dyno("web.3", "crashed")],
                "web 1/3 up and 1 crashed and 1 starting",
                "1/3 up, 1 crashed, 1 starting",
                RED,
            ),
            (vec![dyno("web.1", "idle")], "web 1 idle", "1 idle", YELLOW),
            (vec![dyno("web.1", "up"), dyno("worker.1", "up")], "web 1/1 up, worker 1/1 up", "2/2 up", GREEN),
            (vec![], "no dynos", "no dynos", Style::new()),
        ] {
            let health = Health::of(&dynos);
            assert_eq!((&*health.told(), &*health.summed_up(), health.style()), (told, summed_up, style));
        }
    }
}
