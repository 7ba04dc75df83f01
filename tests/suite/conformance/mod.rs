//! Commands that bear a name of the official Heroku CLI, against that CLI: on the same state of a rehearsal both print the
//! same, exit alike, and change the same. A difference that is wanted stands in the case with its reason.
//!
//! [`check`] runs a table of cases. Each line costs the CLI 1.7 s of processor time.

mod config_vars;
mod dynos;
mod info;
mod one_offs;

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anstream::adapter::strip_str;
use regex_lite::Regex;
use rehearsal::Exchange;
use serde_json::Value;

use super::official_cli::with_the_cli;
use super::scene::{Outcome, Scene};

/// How many cases run at a time.
const AT_ONCE: usize = 3;

/// A command line for both: `heroku COMMAND --app=APP …` and `staging COMMAND …`.
pub struct Case {
    words: Vec<&'static str>,
    environment: &'static str,
    given: fn(&Scene),
    by_the_cli: bool,
    body: Option<fn(&mut Value)>,
    difference: Option<Difference>,
}

/// What both print on stdout and exit with, where that is not the same.
struct Difference {
    reason: &'static str,
    theirs: (&'static str, i32),
    ours: (&'static str, i32),
}

impl Case {
    /// The line, split at blanks, in the environment staging of a new playhouse.
    pub fn of(line: &'static str) -> Self {
        Self::of_words(line.split(' ').collect())
    }

    /// The same for words that have blanks in them, or are empty.
    pub fn of_words(words: Vec<&'static str>) -> Self {
        Self { words, environment: "staging", given: |_| (), by_the_cli: false, body: None, difference: None }
    }

    /// In another environment, whose app is `playhouse-ENVIRONMENT`.
    pub fn environment(self, environment: &'static str) -> Self {
        Self { environment, ..self }
    }

    /// The state that is set up first, through the rehearsal's panel.
    pub fn given(self, given: fn(&Scene)) -> Self {
        Self { given, ..self }
    }

    /// Expects that ours leaves the line to the CLI.
    pub fn by_the_cli(self) -> Self {
        Self { by_the_cli: true, ..self }
    }

    /// Compares the bodies of the requests that change something, too; of ours without what this takes away.
    pub fn same_body(self, beyond: fn(&mut Value)) -> Self {
        Self { body: Some(beyond), ..self }
    }

    /// Expects a difference: the stdout and the exit code of the CLI, and ours. `reason` says why ours is right. What is
    /// changed at Heroku may differ too.
    pub fn differs(
        self,
        reason: &'static str,
        theirs: (&'static str, i32),
        ours: (&'static str, i32),
    ) -> Self {
        Self { difference: Some(Difference { reason, theirs, ours }), ..self }
    }

    fn app(&self) -> String {
        format!("playhouse-{}", self.environment)
    }

    fn scene(&self) -> Option<Scene> {
        let scene = with_the_cli()?;
        (self.given)(&scene);
        Some(scene)
    }

    fn theirs(&self, scene: &Scene) -> Outcome {
        let app = format!("--app={}", self.app());
        let (command, rest) = self.words.split_first().expect("a command");
        scene.run_words("heroku", &[&[*command, &app], rest].concat())
    }

    /// Runs both; what is wrong, if anything.
    fn fault(&self) -> Option<String> {
        let scene = self.scene()?;
        let theirs = Answer::of(&self.theirs(&scene));
        // A command that only reads leaves the state as it was, times and ids included.
        let again = if changes(&scene, true).is_empty() { None } else { Some(self.scene()?) };
        let here = again.as_ref().unwrap_or(&scene);
        let before = requests(here, true).len();
        let outcome = here.run_words(self.environment, &self.words);
        let ours = Answer::of(&outcome);
        let fault = match &self.difference {
            _ if (requests(here, true).len() > before) != self.by_the_cli => {
                Some(format!("expected to be done by the CLI: {}", self.by_the_cli))
            }
            None => self.unequal(&theirs, &ours, &scene, here),
            Some(Difference { theirs: they, ours: we, reason }) => {
                let expected = Answer::expected(*they) == theirs && Answer::expected(*we) == ours;
                (!expected).then(|| format!("not the difference that is expected ({reason})"))
            }
        };
        let line = self.words.join(" ");
        fault.map(|fault| {
            format!("{} {line}: {fault}\n--- theirs\n{theirs}\n--- ours\n{outcome}\n", self.environment)
        })
    }

    /// The first thing that is not equal: what is printed, what is asked for, or what is there afterwards.
    fn unequal(&self, theirs: &Answer, ours: &Answer, there: &Scene, here: &Scene) -> Option<String> {
        if theirs != ours {
            return Some("stdout or the exit code differs".to_owned());
        }
        let (they, we) = (changes(there, true), changes(here, self.by_the_cli));
        if they != we {
            return Some(format!("they ask for {they:?}, we for {we:?}"));
        }
        if let Some(beyond) = self.body {
            let (they, mut we) = (bodies(there, true), bodies(here, self.by_the_cli));
            we.iter_mut().for_each(beyond);
            if they != we {
                return Some(format!("they send {they:?}, we send {we:?}"));
            }
        }
        let (they, we) = (state(there, &self.app()), state(here, &self.app()));
        let at = they.iter().zip(&we).position(|(theirs, ours)| theirs != ours)?;
        Some(format!("they leave {}\nwe leave {}", they[at], we[at]))
    }
}

/// Checks every case, a few at a time. Without the CLI nothing is checked, and the test is skipped.
pub fn check(cases: &[Case]) {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut faults = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            faults.extend(case.fault());
        }
        faults
    };
    let faults: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        let faults = |worker: thread::ScopedJoinHandle<'_, Vec<String>>| {
            worker.join().unwrap_or_else(|panic| panic::resume_unwind(panic))
        };
        workers.into_iter().flat_map(faults).collect()
    });
    assert!(faults.is_empty(), "{} of {} cases:\n{}", faults.len(), cases.len(), faults.join("\n"));
}

/// What a program prints on stdout, without color, relative times and the numbers of one-off dynos, and its exit code.
#[derive(Debug, PartialEq)]
struct Answer {
    stdout: String,
    status: Option<i32>,
}

impl Answer {
    fn of(outcome: &Outcome) -> Self {
        let ago = Regex::new(r"~ \d+[smh] ago").expect("a pattern");
        let one_off = Regex::new(r"\brun\.\d{4}\b").expect("a pattern");
        let text = strip_str(&outcome.stdout).to_string();
        let text = ago.replace_all(&text, "~ now");
        Self { stdout: one_off.replace_all(&text, "run.N").into_owned(), status: outcome.status }
    }

    fn expected((stdout, status): (&str, i32)) -> Self {
        Self { stdout: stdout.to_owned(), status: Some(status) }
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}[exit status: {:?}]", self.stdout, self.status)
    }
}

/// The requests that `theirs`, the CLI, or else we made.
fn exchanges(scene: &Scene, theirs: bool) -> Vec<Exchange> {
    let is_meant = |exchange: &Exchange| {
        let agent = exchange.headers.get("user-agent").map_or("", String::as_str);
        agent.starts_with("heroku-cli/") == theirs
    };
    scene.heroku().exchanges().into_iter().filter(is_meant).collect()
}

fn requests(scene: &Scene, theirs: bool) -> Vec<String> {
    exchanges(scene, theirs).iter().map(Exchange::line).collect()
}

/// Those that change something, as `PATCH /apps/x`.
fn changes(scene: &Scene, theirs: bool) -> Vec<String> {
    requests(scene, theirs).into_iter().filter(|line| !reads(line)).collect()
}

/// The bodies of those that change something.
fn bodies(scene: &Scene, theirs: bool) -> Vec<Value> {
    let changes = exchanges(scene, theirs).into_iter().filter(|exchange| !reads(&exchange.line()));
    changes.map(|exchange| exchange.body).collect()
}

fn reads(line: &str) -> bool {
    line.starts_with("GET ") || line == "POST /filters/apps" || line.ends_with("/resolve")
}

/// An app's resources, without times and ids, which differ between two scenes.
fn state(scene: &Scene, app: &str) -> Vec<Value> {
    let resources = ["", "/formation", "/dynos", "/config-vars", "/releases", "/domains", "/addons"];
    resources.iter().map(|path| plain(scene.look(&format!("/apps/{app}{path}")))).collect()
}

fn plain(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(fields) => {
            let passing = |key: &str| key == "id" || key.ends_with("_at") || key.ends_with("_url");
            fields
                .into_iter()
                .filter(|(key, _)| !passing(key))
                .map(|(key, value)| (key, plain(value)))
                .collect()
        }
        other => other,
    }
}
