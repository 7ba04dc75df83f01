//! The surroundings of a test: a HOME and a repository of its own, and a PATH with known programs only.

use std::ffi::OsString;
use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use rehearsal::{Folder, Rehearsal, Sandbox, Settings};

use super::{json_schema, schema};

mod heroku;
mod killed;
mod programs;

pub use killed::{at_each_request, kill_at};
pub use programs::{end, heed_hangups, install_program, install_script, link_tool, signal, until};

/// A place to run commands in. The machine's own configuration is not visible there.
pub struct Scene {
    folder: Folder,
    repository: PathBuf,
    path: Vec<PathBuf>,
    variables: Vec<(OsString, OsString)>,
    playhouse: Option<Playhouse>,
}

/// The folder for temporary files.
const TEMPORARY: &str = "temporary";

struct Playhouse {
    // Dropped first: the server may still write in the sandbox.
    rehearsal: Rehearsal,
    sandbox: Sandbox,
}

impl Drop for Scene {
    /// Validates all requests and answers of this scene against Heroku's schema.
    fn drop(&mut self) {
        let Some(playhouse) = &self.playhouse else { return };
        if std::thread::panicking() {
            return;
        }
        let faults = schema::faults(&playhouse.rehearsal.exchanges());
        assert!(faults.is_empty(), "against Heroku's schema:\n{}", faults.join("\n"));
    }
}

impl Scene {
    /// An empty repository, no network, no Heroku CLI.
    pub fn bare() -> Self {
        let folder = Folder::new().expect("a temporary folder");
        let repository = folder.path().join("playhouse");
        let tools = folder.path().join("tools");
        for created in [&repository, &tools, &folder.path().join("home"), &folder.path().join(TEMPORARY)] {
            fs::create_dir_all(created).expect("a folder");
        }
        link_tool(&tools, "git");
        let path = vec![binaries(), tools];
        let scene = Self { path, folder, repository, variables: Vec::new(), playhouse: None };
        scene.git(&["init", "--quiet", "--initial-branch=main"]);
        scene
    }

    /// The playhouse: a rehearsal of Heroku, and a clone of its app's repository.
    pub fn playhouse() -> Self {
        Self::playhouse_with(Settings::default())
    }

    /// The playhouse with other settings.
    pub fn playhouse_with(settings: Settings) -> Self {
        let mut scene = Self::bare();
        let rehearsal = Rehearsal::start_with(settings).expect("a rehearsal");
        let sandbox = Sandbox::new(&rehearsal).expect("a sandbox");
        sandbox.repository().clone_into(&mut scene.repository);
        scene.variables =
            sandbox.environment().into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        scene.playhouse = Some(Playhouse { rehearsal, sandbox });
        // Time is short at the playhouse.
        scene.set("GREENROOM_DYNO_SETTLE", "0.05");
        scene
    }

    /// The playhouse, whose apps write no log lines by themselves.
    pub fn quiet() -> Self {
        Self::playhouse_with(Settings { log_interval: Duration::from_secs(3600), ..Settings::default() })
    }

    /// The Heroku of this scene.
    pub fn heroku(&self) -> &Rehearsal {
        &self.playhouse.as_ref().expect("a playhouse").rehearsal
    }

    /// The requests that were made, as `GET /apps/x`, in their order.
    pub fn requests(&self) -> Vec<String> {
        self.heroku().exchanges().iter().map(rehearsal::Exchange::line).collect()
    }

    /// The folder that holds everything of this scene.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder for the commands' temporary files.
    pub fn temporary(&self) -> PathBuf {
        self.folder().join(TEMPORARY)
    }

    /// The work tree that commands are run in.
    pub fn repository(&self) -> &Path {
        &self.repository
    }

    /// Sets the work tree for the following commands.
    pub fn stand_in(&mut self, work_tree: PathBuf) -> &mut Self {
        self.repository = work_tree;
        self
    }

    /// Sets a variable for the following commands.
    pub fn set(&mut self, name: &str, value: impl Into<OsString>) -> &mut Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// The value of a variable for the commands of this scene.
    pub fn variable(&self, name: &str) -> Option<OsString> {
        let command = self.prepared("git");
        command.get_envs().find(|(known, _)| *known == name).and_then(|(_, value)| Some(value?.to_owned()))
    }

    /// Puts a folder in front of PATH, for instance a Heroku CLI's.
    pub fn put_on_path(&mut self, folder: PathBuf) -> &mut Self {
        self.path.insert(0, folder);
        self
    }

    /// Removes greenroom's programs from PATH.
    pub fn hide_binaries(&mut self) -> &mut Self {
        self.path.retain(|folder| *folder != binaries());
        self
    }

    /// Writes a file of the repository.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.repository.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Adds a git remote.
    pub fn remote(&self, name: &str, url: &str) {
        self.git(&["remote", "add", name, url]);
    }

    /// Runs git in the repository; it must succeed.
    pub fn git(&self, arguments: &[&str]) -> String {
        // Some of git's commands are scripts, and want the machine's tools.
        let path = std::env::var_os("PATH").unwrap_or_default();
        let output = self.prepared("git").env("PATH", path).args(arguments).output().expect("git");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("git writes UTF-8 here")
    }

    /// A new commit on `main`, that `origin` has too; its id.
    pub fn commit(&self, subject: &str) -> String {
        let id = self.commit_here(subject);
        self.git(&["push", "--quiet", "origin", "HEAD:main"]);
        self.git(&["fetch", "--quiet", "origin"]);
        id
    }

    /// A new commit that only this clone has; its id.
    pub fn commit_here(&self, subject: &str) -> String {
        self.git(&["commit", "--quiet", "--allow-empty", "--message", subject]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// Runs a command line, split at blanks.
    pub fn run(&self, line: &str) -> Outcome {
        let mut words = line.split_whitespace();
        let program = words.next().expect("a program");
        self.run_words(program, &words.collect::<Vec<_>>())
    }

    /// Runs a program with exactly these arguments.
    pub fn run_words(&self, program: &str, arguments: &[&str]) -> Outcome {
        self.finish(self.prepared(program).args(arguments))
    }

    /// Runs a prepared command to its end. JSON that it prints is validated against `docs/schema`.
    pub fn finish(&self, command: &mut Command) -> Outcome {
        let mut outcome = Outcome::new(&command.output().expect("a program that starts"), self.folder());
        if let Some(Playhouse { rehearsal, sandbox }) = &self.playhouse {
            let folder = sandbox.home().parent().expect("a folder").display().to_string();
            let url = rehearsal.url();
            for text in [&mut outcome.stdout, &mut outcome.stderr] {
                *text =
                    text.replace(&folder, "[SCENE]").replace(&url, "[HEROKU]").replace(&url[7..], "[HEROKU]");
            }
        }
        let program = Path::new(command.get_program()).file_name().expect("a name").to_string_lossy();
        let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        let violations = json_schema::violations(&program, &words, &outcome.stdout, &outcome.stderr);
        assert!(violations.is_empty(), "{}\n{outcome}", violations.join("\n"));
        outcome
    }

    /// A command that is ready to run in this scene; stdin is empty.
    pub fn prepared(&self, program: &str) -> Command {
        let path = std::env::join_paths(&self.path).expect("a PATH");
        let program = which::which_in(program, Some(&path), &self.repository).expect(program);
        let mut command = Command::new(program);
        command
            .stdin(std::process::Stdio::null())
            .current_dir(&self.repository)
            .env_clear()
            .env("PATH", path);
        let home = self.folder.path().join("home");
        for name in ["HOME", "USERPROFILE"] {
            command.env(name, &home);
        }
        // Shells leave folders there.
        command.env("TMPDIR", self.temporary());
        for name in ["SystemRoot", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C");
        command.envs(self.variables.iter().cloned());
        command
    }
}

/// The folder of the binaries under test.
pub fn binaries() -> PathBuf {
    assert_cmd::cargo::cargo_bin!("staging").parent().expect("a folder").to_owned()
}

/// The plan of `production promote` in a new playhouse.
const PLAN: &str = "\
from playhouse-prepare     v9  77978f9 Print tickets at home
to   playhouse-production  v18  b293934 Sell seats by row
     + 77978f9 Print tickets at home
     + 23280a3 Dim the house lights
     + 2e1c93d Remember the interval
branch: origin/main contains 77978f9
";

/// The output and the exit code of a command; its `Display` shows all of it, for snapshots.
#[must_use]
pub struct Outcome {
    pub stdout: String,
    pub stderr: String,
    pub status: Option<i32>,
}

impl Outcome {
    pub fn new(output: &Output, folder: &Path) -> Self {
        let real = fs::canonicalize(folder).unwrap_or(folder.to_owned());
        let text = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes)
                .replace(&*real.to_string_lossy(), "[SCENE]")
                .replace(&*folder.to_string_lossy(), "[SCENE]")
        };
        Self { stdout: text(&output.stdout), stderr: text(&output.stderr), status: output.status.code() }
    }

    /// Everything, with `[plan]` in place of [`PLAN`], which must be there.
    pub fn without_plan(&self) -> String {
        let all = self.to_string();
        assert!(all.contains(PLAN), "{all}");
        all.replace(PLAN, "[plan]\n")
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stdout)?;
        if !self.stderr.is_empty() {
            write!(f, "------- stderr -------\n{}", self.stderr)?;
        }
        match self.status {
            Some(0) => Ok(()),
            Some(code) => write!(f, "[exit status: {code}]"),
            None => write!(f, "[killed]"),
        }
    }
}
