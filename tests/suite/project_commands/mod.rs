//! `console` and `migrate`: what they run on a one-off dyno, told from the project.
#![cfg(unix)]

use std::fs;

use serde_json::Value;

use super::scene::{Outcome, Scene, install_script};

mod console;
mod migrate;

/// The programs of the frameworks, on the dyno. Each says how it was called, and ends with `$STATUS`.
const PROGRAMS: [&str; 9] = [
    "bin/migrate",
    "bin/rails",
    "fake/bundle",
    "fake/iex",
    "fake/mix",
    "fake/node",
    "fake/npx",
    "fake/php",
    "fake/python",
];

/// What each of them does.
const TELL: &str = r#"printf '<%s>' "${0##*/}" "$@"; echo " POOL_SIZE=$POOL_SIZE"; exit ${STATUS:-0}"#;

/// A project without a framework, deployed to staging with a program for every framework on the dyno's PATH.
fn deployed() -> Scene {
    deployed_with(&[])
}

/// The same with more programs.
fn deployed_with(programs: &[(&str, &str)]) -> Scene {
    let scene = Scene::quiet();
    for folder in ["bin", "fake"] {
        fs::create_dir_all(scene.repository().join(folder)).expect("a folder");
    }
    for (name, script) in
        PROGRAMS.iter().map(|name| (name, &TELL)).chain(programs.iter().map(|(n, s)| (n, s)))
    {
        install_script(&scene.repository().join(name), script);
    }
    scene.git(&["add", "bin/migrate", "bin/rails", "fake"]);
    scene.git(&["rm", "--quiet", "package.json"]);
    scene.commit("Install every framework");
    let deployed = scene.run("staging deploy");
    assert_eq!(deployed.status, Some(0), "{deployed}");
    // The dyno has them, and this clone is still no project of Rails.
    fs::remove_file(scene.repository().join("bin/rails")).expect("a file");
    let path = format!("fake:{}", std::env::var("PATH").expect("a PATH"));
    scene.ask("PATCH", "/apps/playhouse-staging/config-vars", serde_json::json!({ "PATH": path }));
    scene
}

/// The bodies of the requests for dynos.
fn requested(scene: &Scene) -> Vec<Value> {
    let exchanges = scene.heroku().exchanges();
    let made = exchanges.iter().filter(|exchange| exchange.line() == "POST /apps/playhouse-staging/dynos");
    made.map(|exchange| exchange.body.clone()).collect()
}

/// The last command that a dyno was made for, without what reports its status.
fn last_command(scene: &Scene) -> String {
    let requested = requested(scene);
    let command = requested.last().expect("a dyno")["command"].as_str().expect("a command");
    command.split(" ; echo ").next().unwrap_or_default().to_owned()
}

/// How often the app was restarted.
fn restarts(scene: &Scene) -> usize {
    scene.count("DELETE /apps/playhouse-staging/dynos")
}

/// The output with names of dynos that do not change.
fn redacted(outcome: &Outcome) -> String {
    let mut text = String::new();
    for part in outcome.to_string().split_inclusive("run.") {
        let rest =
            if text.ends_with("run.") { part.trim_start_matches(|c: char| c.is_ascii_digit()) } else { part };
        text.push_str(if rest.len() < part.len() { "1234" } else { "" });
        text.push_str(rest);
    }
    text
}
