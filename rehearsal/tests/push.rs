//! `git push` through a house: what git prints, and the release that follows.

mod common;

use std::io;
use std::time::Instant;

use common::{commit, git, wait};
use rehearsal::{Fault, House, Rehearsal, history};
use serde_json::{Value, json};

fn newest(rehearsal: &Rehearsal, app: &str) -> Value {
    let (_, releases) = rehearsal.call("GET", &format!("/apps/{app}/releases"), None);
    releases.as_array().and_then(|list| list.last().cloned()).unwrap_or(Value::Null)
}

#[test]
fn a_house_is_a_fresh_clone() -> io::Result<()> {
    let start = Instant::now();
    let rehearsal = Rehearsal::start()?;
    let house = House::build(&rehearsal)?;
    let taken = start.elapsed();
    assert!(taken.as_millis() < 1500, "{taken:?}");
    let ask = |arguments: &[&str]| -> io::Result<String> {
        let output = git(&house, arguments)?;
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
    let house = House::build(&rehearsal)?;
    let before = newest(&rehearsal, "playhouse-staging")["version"].as_u64();
    let head =
        commit(&house, &[("Procfile", "web: node stage.js\nclock: node clock.js\n")], "Wind the clock")?;
    let output = git(&house, &["push", "staging", "main"])?;
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
    let again = git(&house, &["push", "staging", "main"])?;
    assert!(String::from_utf8_lossy(&again.stderr).contains("Everything up-to-date"));
    Ok(())
}

#[test]
fn a_failed_release_phase_leaves_the_old_release_current() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let house = House::build(&rehearsal)?;
    commit(
        &house,
        &[("Procfile", "web: node server.js\nrelease: echo Moving the scenery; exit 1\n")],
        "Move",
    )?;
    let output = git(&house, &["push", "staging", "main"])?;
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
fn what_is_not_built() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let house = House::build(&rehearsal)?;
    let before = newest(&rehearsal, "playhouse-staging");
    let push = |arguments: &[&str]| -> io::Result<(bool, String)> {
        let output = git(&house, &[&["push", "staging"], arguments].concat())?;
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

#[test]
fn one_build_at_a_time() -> io::Result<()> {
    let settings =
        rehearsal::Settings { build_time: std::time::Duration::from_millis(1500), ..Default::default() };
    let rehearsal = Rehearsal::start_with(settings)?;
    let house = House::build(&rehearsal)?;
    commit(&house, &[("one", "1")], "One")?;
    let mut first = common::command(&house, "git").args(["push", "--quiet", "staging", "main"]).spawn()?;
    wait("the first push has come", || {
        rehearsal
            .exchanges()
            .iter()
            .any(|exchange| exchange.line() == "POST /playhouse-staging.git/git-receive-pack")
    });
    commit(&house, &[("two", "2")], "Two")?;
    let second = git(&house, &["push", "staging", "main"])?;
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(!second.status.success() && said.contains("A build is already in progress"), "{said}");
    assert!(first.wait()?.success());
    Ok(())
}

#[test]
fn a_wrong_token_or_app_is_refused() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let house = House::build(&rehearsal)?;
    let wrong = common::command(&house, "git")
        .env("HEROKU_API_KEY", "wrong")
        .args(["push", "staging", "main"])
        .output()?;
    assert!(!wrong.status.success(), "{}", String::from_utf8_lossy(&wrong.stderr));
    let nobody = git(&house, &["push", "https://git.heroku.com/nobody.git", "main"])?;
    let said = String::from_utf8_lossy(&nobody.stderr).into_owned();
    assert!(!nobody.status.success() && said.contains("not found"), "{said}");
    Ok(())
}

#[test]
fn a_large_push_arrives_whole() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let house = House::build(&rehearsal)?;
    // Noise does not compress: the pack is larger than http.postBuffer and is sent in chunks.
    let mut seed = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed.to_be_bytes()[0]
    })
    .take(3_000_000)
    .collect();
    std::fs::write(house.repository().join("poster.png"), noise)?;
    commit(&house, &[], "Hang the poster")?;
    let output = git(&house, &["push", "production", "main"])?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("deployed to Heroku"), "{said}");
    Ok(())
}
