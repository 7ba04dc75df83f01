//! Git takes too long or is interrupted: it ends with its child processes, and the outcome is read from the app.

use std::fs::File;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rehearsal::Fault;

use super::is_building;
use crate::pty::Pty;
use crate::scene::{self, Scene, install_script, link_tool, until};

const APP: &str = "playhouse-staging";
const PUSH: &str = "POST /*.git/git-receive-pack";

/// Whether a build of staging has started.
fn has_builds(scene: &Scene) -> bool {
    scene.look("/apps/playhouse-staging/builds").as_array().is_some_and(|builds| !builds.is_empty())
}

#[test]
fn an_interrupted_push_is_ended_with_its_children() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    let late = Duration::from_secs(6);
    scene.heroku().inject(Fault::slow(PUSH, late));
    let outcome = scene.run("staging deploy --wait-timeout 3s");
    let pushed = Instant::now();
    // git may say before that the connection broke.
    let end: Vec<&str> = outcome.stderr.lines().rev().take(2).collect();
    insta::assert_snapshot!(end.join("\n").replace(&id[..7], "[commit]"), @"
    hint: staging releases
    error: the push of [commit] to playhouse-staging took too long and was ended; nothing is built
    ");
    assert_eq!(outcome.status, Some(6));
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let before = scene.pushes();
        let log = scene.folder().join(signal);
        let mut command = scene.prepared("staging");
        command.arg("deploy").stdout(Stdio::null()).stderr(File::create(&log).expect("a file"));
        let mut deploy = command.spawn().expect("a process");
        until("git pushes", || scene.pushes() > before);
        scene::signal(&format!("-{signal}"), &deploy.id().to_string());
        assert_eq!(scene::end(&mut deploy).code(), Some(code));
        let said = std::fs::read_to_string(&log).expect("a file");
        assert!(said.ends_with("\ninterrupted: nothing is built\n"), "{said}");
    }
    // What lived on would have been let in by now.
    thread::sleep((late + Duration::from_secs(1)).saturating_sub(pushed.elapsed()));
    assert!(!has_builds(&scene));
    assert_eq!(scene.runs(APP).0, 11);
}

#[test]
fn an_interrupted_push_that_arrived_is_reported() {
    let scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::StallPush { app: APP.into(), after_lines: 0 });
    let outcome = scene.run("staging deploy --wait-timeout 4s --no-wait-dynos");
    assert_eq!((outcome.status, scene.runs(APP)), (Some(0), (12, id)), "{outcome}");
    scene.heroku().heal();
    scene.commit("Lower the curtain");
    scene.heroku().inject(Fault::LatePush { app: APP.into(), delay_ms: 5000 });
    scene.heroku().inject(Fault::StallBuild { app: APP.into() });
    let outcome = scene.run("staging deploy --wait-timeout 4s");
    assert_eq!(outcome.status, Some(6), "{outcome}");
    assert!(outcome.stderr.contains("is still under way and continues at Heroku"), "{outcome}");
    assert!(is_building(&scene));
}

#[test]
fn a_push_that_times_out_reports_the_apps_state() {
    let stall = |after_lines| Fault::StallPush { app: APP.into(), after_lines };
    for fault in [stall(0), stall(5), Fault::truncate(PUSH), Fault::garble(PUSH)] {
        let scene = Scene::playhouse();
        let id = super::commit_procfile(&scene, "echo migrated");
        scene.heroku().inject(fault.clone());
        let outcome = scene.run("staging deploy --wait-timeout 60s");
        assert_eq!((outcome.status, scene.runs(APP)), (Some(0), (12, id)), "{fault:?}: {outcome}");
        assert_eq!(scene.pushes(), 1, "{fault:?}: {outcome}");
    }
    let scene = Scene::playhouse();
    scene.commit("Raise the curtain");
    scene.heroku().inject(stall(0));
    scene.heroku().inject(Fault::FailBuild { app: APP.into(), output: "npm ERR! missing script".into() });
    let outcome = scene.run("staging deploy --wait-timeout 60s");
    assert!(outcome.stderr.contains("npm ERR! missing script"), "what git did not show: {outcome}");
    assert!(outcome.stderr.contains("git got no answer from Heroku"), "{outcome}");
    assert_eq!((outcome.status, scene.runs(APP).0), (Some(1), 11), "{outcome}");
}

#[test]
fn reading_herokus_git_times_out() {
    for route in ["GET /*.git/info/refs", "POST /*.git/git-upload-pack"] {
        let mut scene = Scene::playhouse();
        scene.commit("Raise the curtain");
        scene.heroku().inject(Fault::hang(route));
        let outcome = scene.run("staging deploy --wait-timeout 2s");
        assert_eq!(outcome.status, Some(6), "{outcome}");
        assert!(outcome.stderr.contains("error: cannot read the app's git repository, "), "{outcome}");
        assert!(outcome.stderr.contains(" did not answer within "), "{outcome}");
        // What one attempt may take is configured; some more follow.
        scene.set("GREENROOM_TIMEOUT", "0.5");
        let outcome = scene.run("staging deploy");
        assert_eq!(outcome.status, Some(6), "{outcome}");
        assert!(outcome.stderr.contains("; trying again (4 of 4)\n"), "{outcome}");
        let mut command = scene.prepared("staging");
        let begun = scene.requests().len();
        command.arg("deploy").stdout(Stdio::null()).stderr(Stdio::null());
        let mut deploy = command.env("GREENROOM_TIMEOUT", "60").spawn().expect("a process");
        until("git asks", || {
            scene.requests()[begun..]
                .iter()
                .any(|line| line.contains(".git/") && !line.contains("_rehearsal"))
        });
        scene::signal("-INT", &deploy.id().to_string());
        assert_eq!(scene::end(&mut deploy).code(), Some(130));
    }
}

#[test]
fn reading_herokus_git_is_retried() {
    let route = "GET /*.git/info/refs";
    for fault in [Fault::reset(route).times(2), Fault::answer(route, 503).times(2)] {
        let scene = Scene::playhouse();
        let id = scene.commit("Raise the curtain");
        scene.heroku().inject(fault);
        let outcome = scene.run("staging deploy");
        assert!(outcome.stderr.contains("; trying again (2 of 4)\n"), "{outcome}");
        assert!(outcome.stderr.contains("; trying again (3 of 4)\n"), "{outcome}");
        assert_eq!((outcome.status, scene.runs(APP).1), (Some(0), id), "{outcome}");
    }
    for (status, code) in [(401, 4), (403, 4), (404, 1)] {
        let scene = Scene::playhouse();
        scene.commit("Raise the curtain");
        scene.heroku().inject(Fault::answer(route, status));
        let outcome = scene.run("staging deploy");
        assert_eq!(outcome.status, Some(code), "{outcome}");
        assert!(!outcome.stderr.contains("trying again"), "{outcome}");
        assert_eq!(outcome.stderr.contains("hint: staging access\n"), code == 4, "{outcome}");
    }
    let scene = Scene::playhouse();
    scene.commit("Raise the curtain");
    scene.heroku().inject(Fault::answer(PUSH, 403));
    let outcome = scene.run("staging deploy");
    assert_eq!(outcome.status, Some(4), "{outcome}");
    assert!(outcome.stderr.contains("error: git push to playhouse-staging was refused"), "{outcome}");
}

#[test]
fn fetching_from_origin_times_out() {
    let scene = Scene::playhouse();
    scene.commit_here("Not pushed yet");
    let url = format!("{}/somewhere.git", scene.heroku().url());
    scene.git(&["remote", "set-url", "origin", &url]);
    scene.heroku().inject(Fault::hang("GET /somewhere.git/info/refs"));
    let outcome = scene.run("production deploy --yes --wait-timeout 2s");
    assert!(outcome.stderr.contains("origin did not answer within "), "{outcome}");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    scene.heroku().heal();
    scene.heroku().inject(Fault::answer("GET /somewhere.git/info/refs", 403));
    let outcome = scene.run("production deploy --yes");
    assert_eq!(outcome.status, Some(4), "{outcome}");
}

/// A playhouse whose `origin` is reached with an ssh that wants a passphrase.
fn with_passphrase() -> Scene {
    let mut scene = Scene::playhouse();
    scene.commit_here("Not pushed yet");
    let origin = scene.git(&["remote", "get-url", "origin"]).trim().to_owned();
    scene.git(&["remote", "set-url", "origin", &format!("git@example.com:{origin}")]);
    let tools = scene.folder().join("asking");
    std::fs::create_dir(&tools).expect("a folder");
    let script = "exec 3<> /dev/tty || exit 255\nprintf 'Passphrase: ' >&3\nread answer <&3\n\
                  test \"$answer\" = open || exit 255\nfor line; do :; done\nexec sh -c \"$line\"";
    install_script(&tools.join("ssh"), script);
    for tool in ["sh", "cat", "git-upload-pack"] {
        link_tool(&tools, tool);
    }
    scene.put_on_path(tools);
    scene
}

#[test]
fn ssh_prompts_at_a_terminal_only() {
    let scene = with_passphrase();
    let mut command = scene.prepared("production");
    command.args(["deploy", "--yes"]);
    let mut terminal = Pty::start(&command);
    terminal.sees("asking origin", 1).sees("Passphrase: ", 1).types("open\r");
    let shown = terminal.ends(5);
    assert!(
        shown.raw().contains("is not in origin's main, and nothing else may be deployed"),
        "{}",
        shown.raw()
    );
    let mut terminal = Pty::start(&command);
    terminal.sees("Passphrase: ", 1).types("\x03");
    _ = terminal.ends(130).raw();
    // There is a terminal, but nobody at it: stdin is somewhere else.
    let script = "exec production deploy --yes < /dev/null 2>&1 | cat";
    let mut command = scene.prepared("sh");
    command.args(["-c", script]);
    let begun = Instant::now();
    let shown = Pty::start(&command).ends(0);
    assert!(shown.raw().contains("origin does not answer"), "{}", shown.raw());
    assert!(
        !shown.raw().contains("Passphrase") && begun.elapsed() < Duration::from_secs(15),
        "{}",
        shown.raw()
    );
}

#[test]
fn a_hanging_local_git_times_out() {
    let mut scene = Scene::playhouse();
    scene.commit("Raise the curtain");
    let tools = scene.folder().join("hanging");
    std::fs::create_dir(&tools).expect("a folder");
    let [git, sleep] = ["git", "sleep"].map(|name| which::which(name).expect(name));
    let script = format!(
        "case \"$*\" in *rev-list*) exec '{}' 600;; esac\nexec '{}' \"$@\"",
        sleep.display(),
        git.display()
    );
    install_script(&tools.join("git"), &script);
    scene.put_on_path(tools);
    let outcome = scene.run("staging deploy --wait-timeout 3s");
    assert_eq!(outcome.status, Some(6), "{outcome}");
    assert!(outcome.stderr.contains("git did not end within "), "{outcome}");
}
