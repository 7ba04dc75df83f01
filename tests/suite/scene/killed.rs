//! Command lines that are killed in the middle of their work.

use std::os::unix::process::CommandExt as _;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rehearsal::Fault;

use super::{Scene, signal, until};

/// Checks each of `count` requests, two at a time: for a kill before it is carried out, and for one after.
pub fn at_each_request(count: usize, check: impl Fn(usize, bool) + Sync) {
    let cases: Vec<(usize, bool)> = (0..count).flat_map(|at| [(at, false), (at, true)]).collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(&(at, is_done)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    check(at, is_done);
                }
            });
        }
    });
}

/// Runs a command line, and kills it with its children at the last of these requests: before it is carried out, or after.
pub fn kill_at(scene: &Scene, line: &str, requests: &[String], is_done: bool) {
    let route = requests.last().expect("a request");
    let before = scene.count(route);
    let earlier = requests.iter().filter(|request| *request == route).count() - 1;
    // What git sends is not done by the rehearsal's API.
    let fault = if is_done && !route.contains(".git/") {
        Fault::late(route, Duration::ZERO)
    } else {
        Fault::hang(route)
    };
    scene.heroku().inject(fault.after(u32::try_from(earlier).expect("a few")));
    let mut words = line.split(' ');
    let mut command = scene.prepared(words.next().expect("a program"));
    command.args(words).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut run = command.spawn().expect("a process");
    until(route, || scene.count(route) > before + earlier);
    signal("-KILL", &format!("-{}", run.id()));
    run.wait().expect("an end");
    scene.heroku().heal();
    if is_done {
        // The rehearsal carries it out a moment later.
        thread::sleep(Duration::from_millis(50));
    }
}
