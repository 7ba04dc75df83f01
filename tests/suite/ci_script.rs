//! `.ci/run`: its last lines, and its refusals.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::scene::{Outcome, Scene, install_script};

/// The functions of `.ci/run`, on a machine where the database of advisories cannot be fetched.
struct Checks {
    scene: Scene,
    home: PathBuf,
}

impl Checks {
    fn new() -> Self {
        let scene = Scene::bare();
        let home = scene.folder().join("home");
        let tools = scene.folder().join("fake");
        fs::create_dir(&tools).expect("a folder");
        install_script(
            &tools.join("cargo-deny"),
            "case \"$*\" in *fetch\\ db*) exit 1 ;; esac; echo advisories ok",
        );
        // All but the last line, which runs everything.
        let script =
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/run")).expect(".ci/run");
        let functions = script.trim_end().strip_suffix("\nmain").expect("a last line");
        fs::create_dir(scene.folder().join(".ci")).expect("a folder");
        fs::write(scene.folder().join(".ci/run"), functions).expect("a file");
        Self { scene, home }
    }

    fn run(&self, script: &str) -> Outcome {
        let file = self.scene.folder().join(".ci/run");
        let path = format!("{}:{}", self.scene.folder().join("fake").display(), env!("PATH"));
        let mut command = Command::new("bash");
        command.args(["-c", &format!("source \"$0\"; {script}")]).arg(file);
        command.env("PATH", path).env("HOME", &self.home).env_remove("CARGO_HOME");
        command.env("CARGO_TARGET_DIR", self.scene.folder().join("target"));
        command.env("GREENROOM_CI_CACHE", self.scene.folder().join("cache")).current_dir(self.scene.folder());
        Outcome::new(&command.output().expect("bash"), self.scene.folder())
    }

    fn write(&self, name: &str, text: &str) -> String {
        let file = self.scene.folder().join(name);
        fs::write(&file, text).expect("a file");
        file.display().to_string()
    }
}

#[test]
fn skipped_checks_and_the_test_count_are_printed_last() {
    let checks = Checks::new();
    let line = "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s\n";
    let tests = checks.write("tests", &line.repeat(2));
    let outcome = checks.run("check_advisories");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    let advisories = checks.write("advisories", &outcome.stdout);
    let said = checks.run(&format!("total {tests} {advisories}")).stdout;
    let last: Vec<&str> = said.lines().rev().take(2).collect();
    assert_eq!(last[0], "6 passed, 0 failed, 0 skipped");
    assert!(last[1].starts_with("ADVISORIES NOT CHECKED: "), "{said}");
    let nothing = checks.write("advisories", "advisories ok\n");
    let said = checks.run(&format!("total {tests} {nothing}")).stdout;
    assert!(!said.contains("ADVISORIES") && said.ends_with("\n6 passed, 0 failed, 0 skipped\n"), "{said}");
}

#[test]
fn the_cached_advisory_database_is_used_and_dated() {
    let checks = Checks::new();
    let copy = checks.home.join(".cargo/advisory-dbs/advisory-db-1");
    fs::create_dir_all(&copy).expect("a folder");
    let git = |words: &[&str]| {
        let mut git = checks.scene.prepared("git");
        let date = "2026-03-14T12:00:00+0000";
        for name in ["GIT_AUTHOR", "GIT_COMMITTER"] {
            git.env(format!("{name}_DATE"), date).env(format!("{name}_NAME"), "Ada");
            git.env(format!("{name}_EMAIL"), "ada@playhouse.example");
        }
        let output = git.current_dir(&copy).args(words).output().expect("git");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "--message", "An advisory"]);
    let outcome = checks.run("check_advisories");
    let line = "ADVISORIES CHECKED WITH THE COPY OF 2026-03-14: ";
    assert!(outcome.stdout.starts_with(&format!("advisories ok\n{line}")), "{outcome}");
}

#[test]
fn skipped_tests_fail_the_run() {
    let checks = Checks::new();
    for (log, code) in [
        ("test result: ok.\n\nskipped 0 tests\n", 0),
        ("test result: ok.\n\nskipped 1 test: 1 for want of fish\n", 1),
        ("SKIPPED: what needs fish\nskipped 0 tests\n", 1),
        ("test result: ok.\n", 1),
    ] {
        let file = checks.write("tests", log);
        assert_eq!(checks.run(&format!("refuse_skips {file}")).status, Some(code), "{log}");
    }
}
