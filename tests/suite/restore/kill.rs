//! `kill -9` before, during and after each program that a restore starts, of the program or of the command itself: the
//! database answers with its old rows, or already with all of the new ones, and the next restore ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::thread;

use super::{HEROKUS, Project};
use crate::scene::{install_script, link_tool, until};

/// How many moments are tried side by side.
const AT_ONCE: usize = 4;

/// When a program is at work.
const PHASES: [&str; 3] = ["before", "during", "after"];

/// Who is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Victim {
    /// The command that was typed.
    Greenroom,
    /// The program that it has started.
    Program,
}

/// One of PostgreSQL's programs, which counts how often they are started, and kills at a given time.
const WRAPPER: &str = r#"
count=1
# Some are started side by side: each takes the first number whose file it can create.
set -C
until { echo > "$KILL_COUNT/$count"; } 2>/dev/null; do count=$((count + 1)); done
if [ $count != "$KILL_AT" ]; then exec REAL "$@"; fi
case $KILL_PHASE-$KILL_WHO in
    before-Greenroom) kill -9 $PPID; exec REAL "$@" ;;
    before-Program) kill -9 $$ ;;
    during-Greenroom) exec 3<&0; REAL "$@" <&3 & sleep 0.02; kill -9 $PPID; wait $! ;;
    during-Program) exec 3<&0; REAL "$@" <&3 & sleep 0.02; kill -9 $!; kill -9 $$ ;;
    after-Greenroom) REAL "$@"; kill -9 $PPID ;;
    after-Program) REAL "$@"; kill -9 $$ ;;
esac"#;

#[test]
fn a_killed_restore_loses_nothing() {
    let Some(reference) = Project::new() else { return };
    let dump = reference.dump(HEROKUS);
    let file = dump.to_str().unwrap();
    let wrapped = Wrapped::new(&reference);
    assert_eq!(wrapped.restore(&reference, file, 0, "", Victim::Program), Some(0));
    let programs = wrapped.count();
    let mut moments: Vec<(usize, &str, Victim)> = Vec::new();
    for at in 1..=programs {
        for (place, phase) in PHASES.iter().enumerate() {
            let victim = if (at + place) % 2 == 0 { Victim::Greenroom } else { Victim::Program };
            moments.push((at, *phase, victim));
            // The last one exchanges the names.
            if at == programs {
                let other = if victim == Victim::Program { Victim::Greenroom } else { Victim::Program };
                moments.push((at, *phase, other));
            }
        }
    }
    assert!(moments.len() >= 40, "{programs} programs are started");
    let moments = Mutex::new(moments);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((at, phase, victim)) = { moments.lock().unwrap().pop() } {
                    kill_at(at, phase, victim, file);
                }
            });
        }
    });
}

/// A folder with the programs wrapped.
struct Wrapped {
    folder: PathBuf,
    /// A file for each program that was started.
    count: PathBuf,
}

impl Wrapped {
    fn new(project: &Project) -> Self {
        let folder = project.scene.folder().join("wrapped");
        fs::create_dir(&folder).unwrap();
        for program in ["psql", "pg_restore"] {
            let real = project.server.programs().join(program);
            install_script(&folder.join(program), &WRAPPER.replace("REAL", real.to_str().unwrap()));
        }
        for tool in ["sh", "sleep"] {
            link_tool(&project.scene.folder().join("tools"), tool);
        }
        Self { folder, count: project.scene.folder().join("count") }
    }

    /// How many programs the last restore has started.
    fn count(&self) -> usize {
        fs::read_dir(&self.count).unwrap().count()
    }

    /// The exit code of a restore in which something is killed.
    fn restore(&self, project: &Project, file: &str, at: usize, phase: &str, victim: Victim) -> Option<i32> {
        fs::create_dir(&self.count).unwrap();
        let mut command = project.scene.prepared("development");
        command.args(["restore", file]).stdout(Stdio::null()).stderr(Stdio::null());
        command.env("GREENROOM_PG_BIN", &self.folder).env("KILL_COUNT", &self.count);
        command
            .env("KILL_AT", at.to_string())
            .env("KILL_PHASE", phase)
            .env("KILL_WHO", format!("{victim:?}"));
        command.status().unwrap().code()
    }
}

fn kill_at(at: usize, phase: &str, victim: Victim, file: &str) {
    let project = Project::new().unwrap();
    let wrapped = Wrapped::new(&project);
    let code = wrapped.restore(&project, file, at, phase, victim);
    let told = format!("{victim:?} killed {phase} program {at}: {code:?}");
    assert_eq!(code.is_none(), victim == Victim::Greenroom, "{told}");
    let note = now(&project);
    assert!(["old", "new"].contains(&note.as_str()), "{told}: {note}");
    // What was started and not killed may still be at work.
    until("the end of what was started", || {
        !anything_runs(&wrapped.folder, project.server.programs(), &project.database)
    });
    // Whoever connects now has the old rows, or all of the new ones, and then the old ones are kept.
    let note = project.note();
    match (note.as_str(), &project.beside("before")[..]) {
        ("old", []) => {}
        ("new", [kept]) => {
            assert_eq!(project.server.psql(kept, "select text from notes").unwrap(), "old", "{told}");
        }
        (note, kept) => panic!("{told}: {note}, {kept:?}"),
    }
    let again = project.restore(&[file]);
    assert_eq!((again.status, project.note().as_str()), (Some(0), "new"), "{told}: {again}");
    assert_eq!(project.beside("restore"), [""; 0], "{told}");
    let oldest = &project.beside("before")[0];
    assert_eq!(project.server.psql(oldest, "select text from notes").unwrap(), "old", "{told}");
}

/// The note as a client sees it that connects at once, and again if it came in the very moment of the exchange.
fn now(project: &Project) -> String {
    let ask = || project.server.psql(&project.database, "select text from notes");
    (0..5).find_map(|_| ask().ok()).unwrap_or_else(|| ask().expect("an answer"))
}

/// Whether a program runs that this project has started: its environment names the database.
fn anything_runs(wrapped: &Path, programs: &Path, database: &str) -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let url = format!("/{database}\0");
    processes.filter(|process| process.file_name().to_string_lossy().parse::<u32>().is_ok()).any(|process| {
        let is_one = fs::read_link(process.path().join("exe"))
            .is_ok_and(|exe| exe.starts_with(programs) || exe.starts_with(wrapped));
        let environment = fs::read(process.path().join("environ")).unwrap_or_default();
        is_one && String::from_utf8_lossy(&environment).contains(&url)
    })
}
