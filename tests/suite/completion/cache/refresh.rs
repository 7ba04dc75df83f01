//! Refreshing the cached lists: after a change, after a failure, and by many shells at the same time.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rehearsal::Fault;
use serde_json::{Map, Value, json};

use super::{
    VARS, asked, cli, config, count, folder, is_idle, list, now, offered, offered_soon, outdate, playhouse,
    set_config, soon, words,
};
use crate::scene::{Scene, end, until};

#[test]
fn a_hanging_api_does_not_block_tab() {
    let scene = playhouse();
    scene.heroku().inject(Fault::hang(VARS));
    let begun = Instant::now();
    for _ in 0..5 {
        assert_eq!(offered(&scene, "staging config:get "), "");
    }
    // Whoever asks gives up after twenty seconds, and after thirty at the most.
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(!is_idle(&config(&scene)), "somebody still waits for the answer");
    until("a request", || count(&scene, VARS) > 0);
    assert_eq!(count(&scene, VARS), 1, "one asks for all");
}

#[test]
fn a_refused_refresh_is_not_repeated_at_once() {
    let scene = playhouse();
    scene.heroku().inject(Fault::answer(VARS, 403));
    let failed = config(&scene).with_extension("failed");
    assert_eq!(offered(&scene, "staging config:get "), "");
    let reason = soon("a reason", || fs::read_to_string(&failed).ok());
    assert!(reason.contains("forbidden") || reason.contains("access"), "{reason}");
    for _ in 0..3 {
        assert_eq!(offered(&scene, "staging config:get "), "");
    }
    assert_eq!(count(&scene, VARS), 1);
    scene.heroku().heal();
    assert_eq!(offered(&scene, "staging config:get "), "", "not yet");
    fs::write(&failed, format!("{} {}", now() - 31_000, reason.split_once(' ').expect("a time").1))
        .expect("a file");
    assert!(offered_soon(&scene, "staging config:get ").contains("DATABASE_URL"));
    assert_eq!(count(&scene, VARS), 2);
    assert!(!failed.exists());
}

#[test]
fn ten_shells_share_one_refresh() {
    let scene = playhouse();
    scene.heroku().inject(Fault::slow(VARS, Duration::from_millis(60)));
    let shells: Vec<Child> = (0..10)
        .map(|_| asked(&scene, "staging config:get ").stdout(Stdio::piped()).spawn().expect("a program"))
        .collect();
    let answers: BTreeSet<String> = shells
        .into_iter()
        .map(|shell| String::from_utf8(shell.wait_with_output().expect("an answer").stdout).expect("UTF-8"))
        // Options stand in for names that are still being read.
        .filter(|answer| answer.contains('\t') && !answer.trim_start().starts_with("--"))
        .collect();
    let truth = offered_soon(&scene, "staging config:get ");
    assert_eq!(count(&scene, VARS), 1);
    assert!(answers.len() <= 1 && answers.iter().all(|answer| answer.trim_start() == truth), "{answers:?}");
}

#[test]
fn stale_lists_are_offered_during_a_refresh() {
    let scene = playhouse();
    let old = offered_soon(&scene, "staging config:get ");
    let text = fs::read_to_string(config(&scene)).expect("an entry");
    set_config(&scene, "playhouse-staging", &json!({ "NEW_SCENE": "1" }));
    assert_eq!(offered(&scene, "staging config:get "), old, "new enough");
    assert_eq!(count(&scene, VARS), 1);
    outdate(&config(&scene));
    let new = soon("what is new", || {
        let answer = offered(&scene, "staging config:get ");
        assert!(answer == old || answer.contains("NEW_SCENE"), "{answer}");
        answer.contains("NEW_SCENE").then_some(answer)
    });
    assert_eq!(new.lines().count(), old.lines().count() + 1);
    assert!(fs::read_to_string(config(&scene)).expect("an entry") != text);
}

#[test]
fn rollback_refreshes_the_releases() {
    let scene = playhouse();
    let before = words(&scene, "production releases:info ").len();
    let before = before.max(offered_soon(&scene, "production releases:info ").lines().count());
    let outcome = scene.run("production rollback --yes");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    let after = soon("the new release", || {
        let after = words(&scene, "production releases:info ");
        (after.len() > before).then_some(after)
    });
    assert_eq!(after.len(), before + 1);
    // Nobody offers anything of staging, so nothing is read.
    assert!(!list(&scene, "playhouse-staging", "releases").exists());
}

#[test]
fn a_forwarded_change_refreshes_the_list_when_the_cli_exits() {
    let scene = playhouse();
    let cli = cli(&scene);
    let old = offered_soon(&scene, "staging config:get ");
    let mut child = scene.prepared("staging").args(["pg:promote", "DATABASE"]).spawn().expect("a program");
    until("the CLI", || cli.join("begun").exists());
    assert_eq!(offered(&scene, "staging config:get "), old);
    set_config(&scene, "playhouse-staging", &json!({ "NEW_SCENE": "1" }));
    assert_eq!(count(&scene, VARS), 1, "nothing is read before its end");
    fs::write(cli.join("go"), "").expect("a file");
    assert_eq!(end(&mut child).code(), Some(0));
    // No Tab is pressed meanwhile.
    until("the new name", || fs::read_to_string(config(&scene)).is_ok_and(|text| text.contains("NEW_SCENE")));
    assert!(offered(&scene, "staging config:get ").contains("NEW_SCENE"));
}

#[test]
fn lists_that_were_never_offered_are_not_refreshed() {
    let scene = playhouse();
    let cli = cli(&scene);
    fs::write(cli.join("go"), "").expect("a file");
    assert_eq!(scene.run("staging pg:promote DATABASE").status, Some(0));
    assert!(!folder(&scene).exists());
    offered_soon(&scene, "staging ps:stop ");
    until("peace", || is_idle(&list(&scene, "playhouse-staging", "dynos")));
    let asked = scene.requests().len();
    assert_eq!(scene.run("staging domains:add www.example.com").status, Some(0));
    assert_eq!(scene.run("staging access:remove x").status, Some(0));
    assert!(!list(&scene, "playhouse-staging", "dynos.changed").exists());
    assert_eq!(scene.requests().len(), asked);
}

/// The names of one generation of config vars.
fn generation(number: usize) -> Vec<String> {
    (0..40).map(|name| format!("SCENE_{number:03}_{name:02}")).collect()
}

/// Replaces the previous generation in one request.
fn renew(scene: &Scene, number: usize) {
    let mut vars: Map<String, Value> =
        generation(number).into_iter().map(|name| (name, json!("x"))).collect();
    if let Some(before) = number.checked_sub(1) {
        vars.extend(generation(before).into_iter().map(|name| (name, Value::Null)));
    }
    set_config(scene, "playhouse-staging", &Value::Object(vars));
}

/// The refreshing processes of this scene.
fn readers(scene: &Scene) -> Vec<String> {
    let url = scene.heroku().url();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_reader = |path: &Path| {
        let holds = |file: &str, word: &str| {
            let bytes = fs::read(path.join(file)).unwrap_or_default();
            bytes.split(|byte| *byte == 0).any(|text| text == word.as_bytes())
        };
        holds("cmdline", "__refresh") && holds("environ", &format!("HEROKU_HOST={url}"))
    };
    let readers = processes.map(|process| process.path()).filter(|path| is_reader(path));
    readers.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect()
}

#[test]
fn concurrent_and_killed_refreshes_never_give_a_partial_list() {
    const ROUNDS: usize = 12;
    let scene = playhouse();
    let vars = scene.heroku().call("GET", "/apps/playhouse-staging/config-vars", None).1;
    let names = vars.as_object().expect("config vars").keys().map(|name| (name.clone(), Value::Null));
    set_config(&scene, "playhouse-staging", &Value::Object(names.collect()));
    renew(&scene, 0);
    offered_soon(&scene, "staging config:get ");
    let file = config(&scene);
    let mut seen = BTreeSet::new();
    let mut killed = 0;
    for round in 1..ROUNDS {
        renew(&scene, round);
        match round % 4 {
            0 => scene.heroku().inject(Fault::truncate(VARS).times(2)),
            1 => scene.heroku().inject(Fault::slow(VARS, Duration::from_millis(40))),
            2 => scene.heroku().inject(Fault::answer(VARS, 403).times(1)),
            _ => scene.heroku().inject(Fault::garble(VARS).times(1)),
        }
        outdate(&file);
        let shells: Vec<Child> = (0..20)
            .map(|number| {
                if number % 5 == 0 {
                    // Several may read at once: nobody holds this lock.
                    _ = fs::remove_file(file.with_extension("lock"));
                }
                asked(&scene, "staging config:get ").stdout(Stdio::piped()).spawn().expect("a program")
            })
            .collect();
        if round % 2 == 1 {
            for reader in readers(&scene) {
                killed +=
                    usize::from(Command::new("kill").args(["-9", &reader]).status().expect("kill").success());
            }
        }
        for shell in shells {
            let answer = shell.wait_with_output().expect("an answer");
            let text = String::from_utf8(answer.stdout).expect("UTF-8");
            let words: Vec<String> =
                text.lines().skip(1).map(|line| line.trim_end_matches('\t').to_owned()).collect();
            let whole = (0..=round).find(|number| generation(*number) == words);
            seen.insert(whole.unwrap_or_else(|| panic!("round {round}: {words:?}")));
        }
        scene.heroku().heal();
        _ = fs::remove_file(file.with_extension("failed"));
    }
    assert!(seen.len() > 2, "answers were renewed: {seen:?}");
    assert!(killed > 0, "some were killed");
    let newest = generation(ROUNDS - 1);
    until("the newest", || words(&scene, "staging config:get ") == newest);
}
