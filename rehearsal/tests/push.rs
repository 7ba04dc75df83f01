//! `git push` through a sandbox: what git prints, and the release that follows.

mod common;

use std::io;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::{commit, git, wait};
use rehearsal::{Fault, Rehearsal, Sandbox, Settings, history};
use serde_json::{Value, json};

fn newest(rehearsal: &Rehearsal, app: &str) -> Value {
    let (_, releases) = rehearsal.call("GET", &format!("/apps/{app}/releases"), None);
    releases.as_array().and_then(|list| list.last().cloned()).unwrap_or(Value::Null)
}

#[test]
fn a_sandbox_is_a_fresh_clone() -> io::Result<()> {
    let start = Instant::now();
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let taken = start.elapsed();
    assert!(taken.as_millis() < 1500, "{taken:?}");
    let ask = |arguments: &[&str]| -> io::Result<String> {
        let output = git(&sandbox, arguments)?;
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    assert_eq!(ask(&["status", "--porcelain"])?, "");
    assert_eq!(ask(&["symbolic-ref", "refs/remotes/origin/HEAD"])?, "refs/remotes/origin/main\n");
    assert_eq!(
        ask(&["rev-parse", "main", "origin/main"])?,
        [history::MAIN[4], history::MAIN[4], ""].join("\n")
    );
    let remotes = ask(&["remote", "-v"])?;
    assert!(remotes.contains("staging\thttps://git.heroku.com/playhouse-staging.git (fetch)"), "{remotes}");
    assert!(
        remotes.contains(&format!("staging\t{}/playhouse-staging.git (push)", rehearsal.url())),
        "{remotes}"
    );
    assert_eq!(ask(&["fsck", "--strict"])?, "");
    assert_eq!(ask(&["rev-list", "--count", "origin/curtain-call"])?, "7\n");
    ask(&["fetch", "origin"])?;
    ask(&["push", "origin", "main"])?;
    Ok(())
}

#[test]
fn a_push_to_main_is_built_and_released() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let before = newest(&rehearsal, "playhouse-staging")["version"].as_u64();
    let head =
        commit(&sandbox, &[("Procfile", "web: node stage.js\nclock: node clock.js\n")], "Wind the clock")?;
    let output = git(&sandbox, &["push", "staging", "main"])?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    for line in [
        "remote: -----> Building on the Heroku-24 stack",
        "remote: -----> Node.js app detected",
        "deployed to Heroku",
    ] {
        assert!(said.contains(line), "{said}");
    }
    let release = newest(&rehearsal, "playhouse-staging");
    assert_eq!(release["version"].as_u64(), before.map(|version| version + 1));
    assert_eq!((&release["current"], &release["status"]), (&json!(true), &json!("succeeded")));
    assert_eq!(release["description"], format!("Deploy {}", &head[..8]));
    let path =
        format!("/apps/playhouse-staging/slugs/{}", release["slug"]["id"].as_str().unwrap_or_default());
    let slug = rehearsal.call("GET", &path, None).1;
    assert_eq!(slug["commit"], head);
    assert_eq!(slug["process_types"], json!({ "web": "node stage.js", "clock": "node clock.js" }));
    let again = git(&sandbox, &["push", "staging", "main"])?;
    assert!(String::from_utf8_lossy(&again.stderr).contains("Everything up-to-date"));
    Ok(())
}

#[test]
fn a_failed_release_phase_leaves_the_old_release_current() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    commit(
        &sandbox,
        &[("Procfile", "web: node server.js\nrelease: echo Moving the scenery; exit 1\n")],
        "Move",
    )?;
    let output = git(&sandbox, &["push", "staging", "main"])?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "as on Heroku, the push itself succeeds: {said}");
    assert!(said.contains("Release command declared"), "{said}");
    assert!(
        said.contains("Moving the scenery") && said.contains("Waiting for release.... failed."),
        "{said}"
    );
    let release = newest(&rehearsal, "playhouse-staging");
    assert_eq!((&release["current"], &release["status"]), (&json!(false), &json!("failed")));
    assert!(release["output_stream_url"].is_string());
    Ok(())
}

#[test]
fn pushes_to_other_branches_are_not_built() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let before = newest(&rehearsal, "playhouse-staging");
    let push = |arguments: &[&str]| -> io::Result<(bool, String)> {
        let output = git(&sandbox, &[&["push", "staging"], arguments].concat())?;
        Ok((output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
    };
    let (succeeded, said) = push(&["origin/curtain-call:refs/heads/curtain-call"])?;
    assert!(succeeded && said.contains("skipping build"), "{said}");
    rehearsal.inject(Fault::FailBuild {
        app: "playhouse-staging".to_owned(),
        output: "No such module: seats".to_owned(),
    });
    let (succeeded, said) = push(&["main"])?;
    assert!(!succeeded && said.contains("remote: No such module: seats"), "{said}");
    assert!(said.contains("pre-receive hook declined"), "{said}");
    rehearsal.heal();
    let (succeeded, said) = push(&["main", "--force"])?;
    assert!(succeeded, "{said}");
    assert_ne!(newest(&rehearsal, "playhouse-staging"), before);
    Ok(())
}

/// The commit at `main` of an app's repository.
fn main_of(rehearsal: &Rehearsal, sandbox: &Sandbox, app: &str) -> io::Result<String> {
    let heard = git(sandbox, &["ls-remote", &format!("{}/{app}.git", rehearsal.url()), "refs/heads/main"])?;
    let heard = String::from_utf8_lossy(&heard.stdout).into_owned();
    Ok(heard.split('\t').next().unwrap_or_default().to_owned())
}

fn builds(rehearsal: &Rehearsal, app: &str) -> Vec<Value> {
    let (_, builds) = rehearsal.call("GET", &format!("/apps/{app}/builds"), None);
    builds.as_array().cloned().unwrap_or_default()
}

/// Starts a push, whose output is kept.
fn begin_push(sandbox: &Sandbox) -> io::Result<Child> {
    common::command(sandbox, "git").args(["push", "staging", "main"]).stderr(Stdio::piped()).spawn()
}

#[test]
fn a_push_is_a_build_that_can_be_followed() -> io::Result<()> {
    let settings = Settings { build_time: Duration::from_millis(1500), ..Settings::default() };
    let rehearsal = Rehearsal::start_with(settings)?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let push = begin_push(&sandbox)?;
    wait("the build", || !builds(&rehearsal, "playhouse-staging").is_empty());
    let begun = builds(&rehearsal, "playhouse-staging").remove(0);
    assert_eq!((&begun["status"], &begun["release"]), (&json!("pending"), &Value::Null));
    assert_eq!(begun["source_blob"]["version"], history::MAIN[4]);
    assert_eq!(main_of(&rehearsal, &sandbox, "playhouse-staging")?, history::MAIN[3], "it moves at the end");
    let url = begun["output_stream_url"].as_str().unwrap_or_default().replace(&rehearsal.url(), "");
    let said = common::raw(&rehearsal, "GET", &url, &[], "")?.text();
    assert!(said.contains("Building on the Heroku-24 stack") && said.contains("Released v12"), "{said}");
    let build = builds(&rehearsal, "playhouse-staging").remove(0);
    let release = newest(&rehearsal, "playhouse-staging");
    assert_eq!((&build["status"], &build["release"]["id"]), (&json!("succeeded"), &release["id"]));
    assert_eq!(build["slug"], release["slug"]);
    assert!(push.wait_with_output()?.status.success());
    assert_eq!(common::raw(&rehearsal, "GET", &url, &[], "")?.text(), said, "and after it");
    assert_eq!(main_of(&rehearsal, &sandbox, "playhouse-staging")?, history::MAIN[4]);
    Ok(())
}

#[test]
fn a_failed_build_leaves_main_and_a_failed_release_phase_moves_it() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let head = commit(&sandbox, &[("Procfile", "web: node server.js\nrelease: exit 1\n")], "Move")?;
    rehearsal.inject(Fault::FailBuild { app: "playhouse-staging".to_owned(), output: "No".to_owned() });
    assert!(!git(&sandbox, &["push", "staging", "main"])?.status.success());
    assert_eq!(main_of(&rehearsal, &sandbox, "playhouse-staging")?, history::MAIN[3]);
    assert_eq!(builds(&rehearsal, "playhouse-staging")[0]["status"], "failed");
    rehearsal.heal();
    assert!(git(&sandbox, &["push", "staging", "main"])?.status.success());
    assert_eq!(newest(&rehearsal, "playhouse-staging")["status"], "failed");
    assert_eq!(main_of(&rehearsal, &sandbox, "playhouse-staging")?, head);
    assert_eq!(builds(&rehearsal, "playhouse-staging")[1]["status"], "succeeded");
    let again = git(&sandbox, &["push", "staging", "main"])?;
    assert!(String::from_utf8_lossy(&again.stderr).contains("Everything up-to-date"));
    Ok(())
}

#[test]
fn a_canceled_build_declines_the_push() -> io::Result<()> {
    let settings = Settings { build_time: Duration::from_secs(60), ..Settings::default() };
    let rehearsal = Rehearsal::start_with(settings)?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let push = begin_push(&sandbox)?;
    wait("the build", || !builds(&rehearsal, "playhouse-staging").is_empty());
    let id = builds(&rehearsal, "playhouse-staging")[0]["id"].clone();
    let path = format!("/apps/playhouse-staging/builds/{}", id.as_str().unwrap_or_default());
    assert_eq!(rehearsal.call("DELETE", &path, None).0, 200);
    let push = push.wait_with_output()?;
    let said = String::from_utf8_lossy(&push.stderr).into_owned();
    assert!(!push.status.success() && said.contains("Build canceled"), "{said}");
    assert_eq!(main_of(&rehearsal, &sandbox, "playhouse-staging")?, history::MAIN[3]);
    Ok(())
}

#[test]
fn one_build_at_a_time() -> io::Result<()> {
    let settings = Settings { build_time: Duration::from_millis(1500), ..Settings::default() };
    let rehearsal = Rehearsal::start_with(settings)?;
    let sandbox = Sandbox::new(&rehearsal)?;
    commit(&sandbox, &[("one", "1")], "One")?;
    let first = begin_push(&sandbox)?;
    wait("the first push has come", || {
        rehearsal
            .exchanges()
            .iter()
            .any(|exchange| exchange.line() == "POST /playhouse-staging.git/git-receive-pack")
    });
    commit(&sandbox, &[("two", "2")], "Two")?;
    let second = git(&sandbox, &["push", "staging", "main"])?;
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(!second.status.success() && said.contains("A build is already in progress"), "{said}");
    assert!(first.wait_with_output()?.status.success());
    Ok(())
}

#[test]
fn a_push_cut_during_the_build_is_built_all_the_same() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let before = newest(&rehearsal, "playhouse-staging")["version"].as_u64();
    let cut = json!({ "kind": "cut_push", "app": "playhouse-staging", "after_lines": 4 });
    assert_eq!(rehearsal.call("POST", "/_rehearsal/faults", Some(cut)).0, 201);
    let push = git(&sandbox, &["push", "staging", "main"])?;
    let said = String::from_utf8_lossy(&push.stderr).into_owned();
    assert!(!push.status.success(), "{said}");
    assert!(said.contains("Building on the Heroku-24 stack") && !said.contains("Using buildpack"), "{said}");
    wait("the build", || builds(&rehearsal, "playhouse-staging")[0]["status"] == "succeeded");
    assert_eq!(
        newest(&rehearsal, "playhouse-staging")["version"].as_u64(),
        before.map(|version| version + 1)
    );
    let again = git(&sandbox, &["push", "staging", "main"])?;
    assert!(String::from_utf8_lossy(&again.stderr).contains("Everything up-to-date"));
    Ok(())
}

#[test]
fn a_stalled_push_is_built_all_the_same() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let stall = json!({ "kind": "stall_push", "app": "playhouse-staging", "after_lines": 4 });
    assert_eq!(rehearsal.call("POST", "/_rehearsal/faults", Some(stall)).0, 201);
    let mut push = begin_push(&sandbox)?;
    wait("the release", || newest(&rehearsal, "playhouse-staging")["version"] == 12);
    assert!(push.try_wait()?.is_none(), "the connection stays open");
    push.kill()?;
    push.wait()?;
    Ok(())
}

#[test]
fn a_late_push_is_built_after_the_client_left() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let late = json!({ "kind": "late_push", "app": "playhouse-staging", "delay_ms": 300 });
    assert_eq!(rehearsal.call("POST", "/_rehearsal/faults", Some(late)).0, 201);
    let mut push = begin_push(&sandbox)?;
    wait("the push", || {
        rehearsal.exchanges().iter().any(|exchange| exchange.line().ends_with(".git/git-receive-pack"))
    });
    assert_eq!(builds(&rehearsal, "playhouse-staging"), Vec::<Value>::new());
    push.kill()?;
    push.wait()?;
    wait("the release", || newest(&rehearsal, "playhouse-staging")["version"] == 12);
    Ok(())
}

#[test]
fn a_push_cut_before_it_arrives_changes_nothing() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let before = newest(&rehearsal, "playhouse-staging");
    rehearsal.inject(Fault::reset("POST /*.git/git-receive-pack").times(1));
    // On a reused connection, git's HTTP library would repeat the request by itself, as it does with Heroku.
    let once = ["-c", "http.extraHeader=Connection: close", "push", "staging", "main"];
    assert!(!git(&sandbox, &once)?.status.success());
    assert!(rehearsal.exchanges().iter().any(|exchange| exchange.line().ends_with("git-receive-pack")));
    assert_eq!(builds(&rehearsal, "playhouse-staging"), Vec::<Value>::new());
    assert_eq!(main_of(&rehearsal, &sandbox, "playhouse-staging")?, history::MAIN[3]);
    assert_eq!(newest(&rehearsal, "playhouse-staging"), before);
    assert!(git(&sandbox, &["push", "staging", "main"])?.status.success());
    Ok(())
}

#[test]
fn a_wrong_token_or_app_is_refused() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let wrong = common::command(&sandbox, "git")
        .env("HEROKU_API_KEY", "wrong")
        .args(["push", "staging", "main"])
        .output()?;
    assert!(!wrong.status.success(), "{}", String::from_utf8_lossy(&wrong.stderr));
    let nobody = git(&sandbox, &["push", "https://git.heroku.com/nobody.git", "main"])?;
    let said = String::from_utf8_lossy(&nobody.stderr).into_owned();
    assert!(!nobody.status.success() && said.contains("not found"), "{said}");
    Ok(())
}

#[test]
fn a_large_push_arrives_whole() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    // Noise does not compress: the pack is larger than http.postBuffer and is sent in chunks.
    let mut seed = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed.to_be_bytes()[0]
    })
    .take(3_000_000)
    .collect();
    std::fs::write(sandbox.repository().join("poster.png"), noise)?;
    commit(&sandbox, &[], "Hang the poster")?;
    let output = git(&sandbox, &["push", "production", "main"])?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("deployed to Heroku"), "{said}");
    Ok(())
}
