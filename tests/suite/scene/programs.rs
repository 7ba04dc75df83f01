//! Processes and programs of the machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Once};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::SIGHUP;

/// The longest wait for something that must happen soon.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until a condition is true.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "it does not come to this: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Waits for the end of a process.
pub fn end(child: &mut Child) -> ExitStatus {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return status;
        }
        if begun.elapsed() > PATIENCE {
            _ = child.kill();
            panic!("it does not end");
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Sends a signal, such as `-INT`, to a process or, with a `-` before it, a group.
pub fn signal(name: &str, to: &str) {
    let sent = Command::new("kill").args([name, "--", to]).status().expect("kill");
    assert!(sent.success(), "kill {name} {to}");
}

/// Makes the programs that tests start react to SIGHUP even under `nohup`, which makes this process and its children ignore
/// it. A signal that is caught here is not ignored in children.
pub fn heed_hangups() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        // SIGHUP is the first signal. Where there is no telling, it is caught.
        if ignored.is_none_or(|mask| mask.ends_with(|last| "13579bdf".contains(last))) {
            signal_hook::flag::register(SIGHUP, Arc::default()).expect("a handler");
        }
    });
}

/// Copies a program. Another process writes it: this one may fork at the same time, in another test, and a program that any
/// process has open for writing cannot be started.
pub fn install_program(from: &Path, to: &Path) {
    let copied = Command::new("cp").args([from, to]).status().expect("cp");
    assert!(copied.success(), "cp {} {}", from.display(), to.display());
}

/// Writes a shell script as a program.
pub fn install_script(at: &Path, script: &str) {
    let draft = at.with_extension("draft");
    fs::write(&draft, format!("#!/bin/sh\n{script}\n")).expect("a file");
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o755)).expect("permissions");
    install_program(&draft, at);
}

/// Links one tool of the machine into a folder of PATH.
pub fn link_tool(folder: &Path, name: &str) {
    let tool = which::which(name).unwrap_or_else(|_| panic!("{name} is needed by the tests"));
    std::os::unix::fs::symlink(tool, folder.join(name)).expect("a link");
}
