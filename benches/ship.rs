//! The time from a commit to production, in three ways, against a rehearsal with scaled-down durations.
//!
//! Takes the folder of the binaries to measure; by default those that cargo has just built. Exits 1 if `production ship`
//! takes more than 3 % longer than its critical path, or is not twice as fast as one step after the other. See
//! `benches/README.md`.
#![expect(clippy::disallowed_methods, reason = "the programs are what is measured")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its figures are for a person")]

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rehearsal::{Rehearsal, Sandbox, Settings};
use serde_json::json;

const TESTS: Duration = Duration::from_secs(7);
const BUILD: Duration = Duration::from_secs(12);
const PROMOTION: Duration = Duration::from_millis(100);
const RELEASE_PHASE: Duration = Duration::from_millis(300);
/// From the start of a dyno until it is up, and how long it must stay up.
const BOOT: Duration = Duration::from_millis(500);
const SETTLE: Duration = Duration::from_millis(80);
const SMOKE: Duration = Duration::from_secs(1);

/// The limits.
const MOST_ABOVE_CRITICAL_PATH: f64 = 0.03;
const LEAST_TIMES_AS_FAST: f64 = 2.0;

/// It does nothing without a database, as on an app that only prepares slugs.
const PROCFILE: &str = "web: node server.js\nrelease: test -z \"$DATABASE_URL\" || bin/migrate\n";

fn main() -> ExitCode {
    let build = TESTS.max(BUILD);
    let critical = build + 2 * (PROMOTION + RELEASE_PHASE + BOOT + SETTLE) + 2 * SMOKE;
    let series = measure("tests, then a push, a build and a smoke for each", in_series);
    let apart = measure("tests beside the build, then promotions, as commands", as_commands);
    let ship = measure("production ship", |stage| {
        let smoke = sleep(SMOKE);
        let words = ["ship", "--test", &sleep(TESTS), "--smoke", &smoke, "--yes"];
        let summary = stage.succeeds("production", &words).stdout;
        print!("{}", String::from_utf8_lossy(&summary));
    });
    let [critical, series, apart, ship] = [critical, series, apart, ship].map(|time| time.as_secs_f64());
    let above = ship / critical - 1.0;
    let faster = series / ship;
    println!(
        "critical path {critical:6.2} s: build, two promotions with release phases and roll-outs, two smokes"
    );
    println!("in series     {series:6.2} s");
    println!("as commands   {apart:6.2} s, {:.2} times as fast", series / apart);
    println!("ship          {ship:6.2} s, {faster:.2} times as fast, {:.1} % above the path", above * 100.0);
    if above <= MOST_ABOVE_CRITICAL_PATH && faster >= LEAST_TIMES_AS_FAST {
        return ExitCode::SUCCESS;
    }
    eprintln!(
        "wanted: at most {:.0} % above the path, at least {LEAST_TIMES_AS_FAST:.1} times as fast",
        MOST_ABOVE_CRITICAL_PATH * 100.0
    );
    ExitCode::FAILURE
}

fn in_series(stage: &Stage) {
    stage.succeeds("sh", &["-c", &sleep(TESTS)]);
    for environment in ["staging", "production"] {
        stage.succeeds("git", &["push", "--quiet", environment, "HEAD:main"]);
        stage.succeeds(environment, &["ps:wait"]);
        stage.succeeds("sh", &["-c", &sleep(SMOKE)]);
    }
}

fn as_commands(stage: &Stage) {
    thread::scope(|scope| {
        scope.spawn(|| stage.succeeds("sh", &["-c", &sleep(TESTS)]));
        scope.spawn(|| stage.succeeds("prepare", &["deploy"]));
    });
    for environment in ["staging", "production"] {
        stage.succeeds(environment, &["promote", "--commit", "HEAD", "--yes"]);
        stage.succeeds("sh", &["-c", &sleep(SMOKE)]);
    }
}

fn sleep(time: Duration) -> String {
    format!("sleep {}", time.as_secs_f64())
}

/// The time from a new commit until production runs it.
fn measure(name: &str, way: impl FnOnce(&Stage)) -> Duration {
    let stage = Stage::set();
    println!("{name} …");
    let begun = Instant::now();
    way(&stage);
    let time = begun.elapsed();
    stage.has_shipped();
    time
}

/// A rehearsal with scaled durations, and a repository with a new commit.
struct Stage {
    // Dropped first: the server may still write in the sandbox.
    rehearsal: Rehearsal,
    sandbox: Sandbox,
    path: OsString,
}

impl Stage {
    fn set() -> Self {
        let settings = Settings {
            build_time: BUILD,
            promotion_time: PROMOTION,
            release_phase_time: RELEASE_PHASE,
            dyno_start_time: BOOT,
            log_interval: Duration::from_secs(3600),
            ..Settings::default()
        };
        let rehearsal = Rehearsal::start_with(settings).expect("a rehearsal");
        let sandbox = Sandbox::new(&rehearsal).expect("a sandbox");
        let no_database = json!({ "DATABASE_URL": null });
        let (status, answer) =
            rehearsal.call("PATCH", "/apps/playhouse-prepare/config-vars", Some(no_database));
        assert_eq!(status, 200, "{answer}");
        let told = env::args_os().skip(1).find(|word| !word.as_encoded_bytes().starts_with(b"-"));
        let built = || Path::new(env!("CARGO_BIN_EXE_production")).parent().expect("a folder").to_owned();
        let binaries = fs::canonicalize(told.map_or_else(built, PathBuf::from)).expect("a folder");
        let inherited = env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = std::iter::once(binaries).chain(env::split_paths(&inherited)).collect();
        let stage = Self { rehearsal, sandbox, path: env::join_paths(folders).expect("a PATH") };
        fs::write(stage.sandbox.repository().join("Procfile"), PROCFILE).expect("a file");
        stage.succeeds("git", &["commit", "--quiet", "--all", "--message", "Raise the curtain"]);
        stage.succeeds("git", &["push", "--quiet", "origin", "HEAD:main"]);
        stage
    }

    fn succeeds(&self, program: &str, arguments: &[&str]) -> Output {
        let found = which::which_in_global(program, Some(&self.path)).ok().and_then(|mut found| found.next());
        let mut command = Command::new(found.unwrap_or_else(|| panic!("{program} is needed")));
        command
            .args(arguments)
            .current_dir(self.sandbox.repository())
            .stdin(Stdio::null())
            .env("PATH", &self.path)
            .env("GREENROOM_DYNO_SETTLE", format!("{}", SETTLE.as_secs_f64()));
        for (name, value) in self.sandbox.environment() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let output = command.output().expect("a program that starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}: {said}");
        output
    }

    /// Asserts that production runs the new commit.
    fn has_shipped(&self) {
        let head = self.succeeds("git", &["rev-parse", "HEAD"]).stdout;
        let app = "/apps/playhouse-production";
        let (_, releases) = self.rehearsal.call("GET", &format!("{app}/releases"), None);
        let current = releases.as_array().expect("a list").iter().find(|release| release["current"] == true);
        let slug = current.expect("a release")["slug"]["id"].as_str().expect("a slug");
        let (_, slug) = self.rehearsal.call("GET", &format!("{app}/slugs/{slug}"), None);
        assert_eq!(slug["commit"].as_str(), Some(String::from_utf8_lossy(&head).trim()));
    }
}
