//! Skipped tests: each is reported at once, and the last line of `cargo test` counts them.
//!
//! cargo runs one test program after the other. Each notes here what it skips, under the number of the cargo that runs them
//! all; the last program, `summary`, reads it.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Mutex;
use std::{env, thread};

/// The official CLI, which is not part of the project, and the variable that names it.
pub(crate) const THE_CLI: &str = "the Heroku CLI (set GREENROOM_HEROKU_CLI)";

/// Heroku's JSON schema, and the variable that names its folder.
pub(crate) const THE_SCHEMA: &str = "Heroku's JSON schema (set GREENROOM_HEROKU_SCHEMA)";

/// A major of PostgreSQL, from 15 to 18, and the variable that names a folder of them.
pub(crate) fn postgres(major: u32) -> &'static str {
    match major {
        15 => "PostgreSQL 15 (install postgresql-15, or set GREENROOM_POSTGRES)",
        16 => "PostgreSQL 16 (set GREENROOM_POSTGRES)",
        17 => "PostgreSQL 17 (set GREENROOM_POSTGRES)",
        _ => "PostgreSQL 18 (set GREENROOM_POSTGRES)",
    }
}

/// Notes that the running test is skipped, because it needs `what`. In CI that is a failure.
pub(crate) fn skip(what: &str) {
    note("skipped", what);
}

/// Notes that the running test checks less, because it needs `what`. In CI that is a failure.
pub(crate) fn do_without(what: &str) {
    note("without", what);
}

fn note(how: &str, what: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    assert!(env::var_os("CI").is_none(), "in CI there must be {what}");
    let test = thread::current().name().unwrap_or_default().to_owned();
    let notes = OpenOptions::new().create(true).append(true).open(notes());
    // One write for each line: others write there too.
    _ = notes.and_then(|mut notes| notes.write_all(format!("{how}\t{what}\t{test}\n").as_bytes()));
    if SAID.lock().is_ok_and(|mut said| said.insert(format!("{how} {what}"))) {
        // Past the captured output of a test.
        _ = writeln!(io::stderr(), "\nSKIPPED: what needs {what}\n");
    }
}

/// The number of skipped tests and the reasons, in one line. The notes are deleted.
pub(crate) fn summary() -> String {
    let text = fs::read_to_string(notes()).unwrap_or_default();
    _ = fs::remove_file(notes());
    told(&text)
}

/// The summary of these notes.
pub(crate) fn told(notes: &str) -> String {
    let mut reasons: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for line in notes.lines() {
        if let [how, what, test] = line.split('\t').collect::<Vec<_>>()[..] {
            reasons.entry((how, what)).or_default().insert(test);
        }
    }
    let of = |wanted: &'static str| reasons.iter().filter(move |((how, _), _)| *how == wanted);
    let all: BTreeSet<&str> = of("skipped").flat_map(|(_, tests)| tests).copied().collect();
    let whys: Vec<String> =
        of("skipped").map(|((_, what), tests)| format!("{} for want of {what}", tests.len())).collect();
    let mut clauses =
        vec![format!("skipped {} {}", all.len(), if all.len() == 1 { "test" } else { "tests" })];
    if !whys.is_empty() {
        clauses[0].extend([": ", &whys.join(", ")]);
    }
    clauses.extend(of("without").map(|((_, what), tests)| format!("{} ran without {what}", tests.len())));
    clauses.join("; ")
}

fn notes() -> PathBuf {
    #[cfg(unix)]
    let cargo = std::os::unix::process::parent_id();
    #[cfg(not(unix))]
    let cargo = 0;
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("skipped-{cargo}"))
}
