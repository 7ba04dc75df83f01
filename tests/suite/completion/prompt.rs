//! A shell at its prompt: typing, and the effect of Tab.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::cases::{BRANCHES, FILES, LIVE, MANIFEST, Row};
use crate::pty::{PATIENCE, Pty};
use crate::scene::{Scene, install_script, link_tool};
use crate::skipped::skip;

/// The prompt of every shell here.
pub const PROMPT: &str = ">>> ";

/// Makes fish clear the screen itself. By default it runs a program, and the terminal echoes what is typed meanwhile.
pub const CLEARS: &str = r"bind \cl 'printf \e\[H\e\[2J; commandline -f repaint'";

/// A shell that waits for a line.
pub struct Prompt {
    pty: Pty,
    screen: vt100::Parser,
    read: usize,
    marks: usize,
    /// The keys that accept a menu's candidate, and those that close the menu.
    menu: [&'static str; 2],
}

/// A line after the Tab key.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// The line, with `‸` at the cursor unless that is at the end.
    pub text: String,
    /// The whole screen just before.
    pub shown: String,
}

impl Prompt {
    /// Starts a shell, and waits for its prompt.
    pub fn start(command: &Command) -> Self {
        let mut prompt =
            Self { pty: Pty::start(command), screen: Pty::screen(), read: 0, marks: 0, menu: [""; 2] };
        prompt.waits_for(PROMPT.trim_end());
        prompt
    }

    /// Sets the keys that accept a candidate of the menu that Tab opens, and those that close it, for shells in which typing
    /// selects from the menu.
    pub fn has_menu(mut self, takes: &'static str, closes: &'static str) -> Self {
        self.menu = [takes, closes];
        self
    }

    /// Types `keys` on an empty line, then Tab; waits until each of `offers` is shown.
    pub fn tab(&mut self, keys: &str, offers: &[&str]) -> Line {
        // An empty line at the top of an empty screen.
        self.pty.types("\x05\x15\x0c").types(keys).types("\t");
        for offer in offers {
            self.waits_for(offer);
        }
        let shown = self.screen.screen().contents();
        // A key that means itself in all shells is handled when Tab was.
        self.marks += 1;
        let mark = self.last_mark();
        self.pty.types(self.menu[usize::from(!offers.is_empty())]).types(&mark);
        let text = self.waits_for(&mark);
        let (left, right) = text.split_once(&mark).expect("the mark");
        let left = left.rsplit_once(PROMPT).map_or(left, |(_, left)| left);
        let cursor = if right.trim_end().is_empty() { "" } else { "‸" };
        Line { text: format!("{left}{cursor}{}", right.trim_end()), shown }
    }

    /// Types a whole line, and waits until it has printed `text`.
    pub fn runs(&mut self, line: &str, text: &str) {
        self.pty.types("\x05\x15").types(line).types("\r");
        self.waits_for(text);
    }

    /// Typed after the last Tab, to detect that it was handled.
    pub fn last_mark(&self) -> String {
        format!("_{}_", self.marks)
    }

    /// The screen without blank lines.
    pub fn screen(&self) -> String {
        self.screen.screen().contents().trim().to_owned()
    }

    /// Waits for a line of the screen with `text`.
    fn waits_for(&mut self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            let new = self.pty.written_since(self.read);
            self.read += new.len();
            self.screen.process(&new);
            self.tells_where(&new);
            let screen = self.screen.screen();
            if let Some(line) = screen.rows(0, screen.size().1.get()).find(|row| row.contains(text)) {
                return line;
            }
            assert!(begun.elapsed() < PATIENCE, "no {text:?} on the screen:\n{}", screen.contents());
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Answers a shell's request for the cursor's position.
    fn tells_where(&mut self, written: &[u8]) {
        let (row, column) = self.screen.screen().cursor_position();
        for _ in String::from_utf8_lossy(written).matches("\x1b[6n") {
            self.pty.types(&format!("\x1b[{};{}R", row + 1, column + 1));
        }
    }

    /// Checks rows.
    pub fn fills_in(&mut self, shell: &str, rows: impl IntoIterator<Item = &'static Row>) {
        self.fills(shell, rows, |row| row.line_in(shell).to_owned());
    }

    /// Checks rows; `expected` gives the line after Tab.
    pub fn fills(
        &mut self,
        shell: &str,
        rows: impl IntoIterator<Item = &'static Row>,
        expected: impl Fn(&Row) -> String,
    ) {
        let mut faults = String::new();
        for row in rows {
            let line = self.tab(row.typed, row.offers);
            let expected = expected(row);
            if line.text != expected {
                _ = writeln!(faults, "{:?}\n  expected {expected:?}\n  is       {:?}", row.typed, line.text);
            }
            // A shell that complains about the stub names its function.
            assert!(!self.screen().contains("_greenroom"), "{}", self.screen());
        }
        assert!(faults.is_empty(), "in {shell}:\n{faults}");
    }
}

/// The stub for a shell.
pub fn stub(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("completions").join(file)
}

/// Starts a shell with the stub and the user's `settings`.
pub type Start = fn(&mut Scene, settings: &str) -> Prompt;

/// A playhouse with branches and files whose names need quoting, and this shell on PATH. Without the shell the test is
/// skipped.
pub fn set_up(shell: &str) -> Option<Scene> {
    if which::which(shell).is_err() {
        skip(&format!("{shell} (not installed)"));
        return None;
    }
    let mut scene = Scene::playhouse();
    with_the_clis_commands(&mut scene);
    let shells = scene.folder().join("shells");
    fs::create_dir(&shells).expect("a folder");
    link_tool(&shells, shell);
    if shell == "fish" {
        // By way of it fish asks.
        link_tool(&shells, "sh");
    }
    scene.put_on_path(shells);
    scene.set("LC_ALL", "C.UTF-8");
    for branch in BRANCHES {
        scene.git(&["branch", branch]);
    }
    for file in FILES {
        scene.write(file, "");
    }
    fs::create_dir(scene.repository().join("stage/empty")).expect("a folder");
    std::os::unix::fs::symlink("stage", scene.repository().join("wings")).expect("a link");
    fs::write(home(&scene).join("curtain call.txt"), "").expect("a file");
    Some(scene)
}

/// Waits until all names of [`LIVE`] are cached. From then on they are offered at once.
pub fn learns_names(scene: &Scene) {
    let begun = Instant::now();
    for row in LIVE {
        let asked: Vec<_> = ["__complete", "elvish"].into_iter().chain(row.typed.split(' ')).collect();
        while scene.run_words("greenroom", &asked).stdout.is_empty() {
            assert!(begun.elapsed() < PATIENCE, "nothing came for {:?}", row.typed);
        }
    }
}

/// A Heroku CLI for Tab: its manifest, and a program that is not run.
fn with_the_clis_commands(scene: &mut Scene) {
    let package = scene.folder().join("node_modules/heroku");
    let bin = scene.folder().join("node_modules/.bin");
    for folder in [&package.join("bin"), &bin] {
        fs::create_dir_all(folder).expect("a folder");
    }
    install_script(&package.join("bin/run.js"), "exit 99");
    std::os::unix::fs::symlink(package.join("bin/run.js"), bin.join("heroku")).expect("a link");
    fs::write(package.join("oclif.manifest.json"), MANIFEST).expect("a file");
    scene.put_on_path(bin);
}

/// The home folder of a scene.
pub fn home(scene: &Scene) -> PathBuf {
    let command = scene.prepared("git");
    let home = command.get_envs().find(|(name, _)| *name == "HOME").and_then(|(_, value)| value);
    PathBuf::from(home.expect("a home"))
}
