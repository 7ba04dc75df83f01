//! The tutorial, whole: from an empty account and a repository to an app in production, with the lines that greenroom says.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{at_a_terminal, done, read};
use crate::scene::Scene;

/// An empty account, and the first commit of a Rails app, in a repository with `origin`.
fn opera() -> Scene {
    let mut scene = Scene::playhouse();
    scene.panel("DELETE", "/apps", json!(null));
    let folder = |name: &str| scene.folder().join(name);
    let (work, origin) = (folder("opera"), folder("opera.git"));
    scene.git(&["init", "--quiet", "--bare", "--initial-branch=main", &origin.display().to_string()]);
    scene.git(&["init", "--quiet", "--initial-branch=main", &work.display().to_string()]);
    scene.stand_in(work);
    for (name, text) in [
        ("bin/rails", "#!/usr/bin/env ruby\n"),
        ("config/puma.rb", "port ENV.fetch(\"PORT\")\n"),
        ("Gemfile", "source \"https://rubygems.org\"\ngem \"rails\"\ngem \"puma\"\n"),
        ("Gemfile.lock", "GEM\n  specs:\n    railties (8.0.1)\n"),
    ] {
        scene.write(name, text);
    }
    scene.git(&["add", "--all"]);
    scene.git(&["commit", "--quiet", "--message", "Open the opera"]);
    scene.remote("origin", &origin.display().to_string());
    scene.git(&["push", "--quiet", "--set-upstream", "origin", "main"]);
    scene
}

/// The lines that a setup says to type next.
fn next(told: &str) -> Vec<&str> {
    let (_, next) = told.split_once("next:\n").expect("what to type next");
    next.lines().map(|line| line.strip_prefix("hint: ").expect("a hint")).collect()
}

/// Types the line that commits the files.
fn commit(scene: &Scene, line: &str) -> String {
    for command in line.split(" && ") {
        let words: Vec<String> = shell_words(command);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(words[0], "git", "{line}");
        scene.git(&words[1..]);
    }
    scene.git(&["fetch", "--quiet", "origin"]);
    assert_eq!(scene.git(&["status", "--porcelain"]), "", "all files are committed");
    scene.git(&["rev-parse", "HEAD"]).trim().to_owned()
}

/// The words of a line with single quotes.
fn shell_words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    parts
        .flat_map(|(place, part)| match place % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

fn runs(scene: &Scene, app: &str) -> String {
    scene.runs(app).1
}

#[test]
fn from_nothing_to_production_staging_prepare_and_review() {
    let mut scene = opera();
    let line = "greenroom setup --create opera --prepare --write-files --ci github --yes";
    let outcome = done(&scene, line);
    let lines = next(&outcome.stderr);
    assert_eq!(lines[1..], ["prepare setup", "staging deploy"]);
    let first = commit(&scene, lines[0]);
    assert_eq!(
        read(&scene, "Procfile"),
        "web: bundle exec puma -C config/puma.rb\n\
         release: test -z \"$DATABASE_URL\" || bin/rails db:migrate\n"
    );

    // The first slug is built, and no dyno runs where it is.
    let outcome = done(&scene, "prepare setup --yes");
    assert!(outcome.stderr.contains("done build its first slug"), "{outcome}");
    assert_eq!(runs(&scene, "opera-prepare"), first);
    let formation = scene.look("/apps/opera-prepare/formation");
    assert!(formation.as_array().expect("a list").iter().all(|one| one["quantity"] == 0), "{formation}");
    _ = done(&scene, "prepare check");

    // It is promoted, not built again.
    _ = done(&scene, "staging deploy");
    _ = done(&scene, "production promote --yes");
    for app in ["opera-staging", "opera-production"] {
        assert_eq!(runs(&scene, app), first);
        let builds = scene.look(&format!("/apps/{app}/builds"));
        assert_eq!(builds, json!([]), "{app}");
    }
    let mut pty = at_a_terminal(&scene, "staging tail");
    pty.sees("Running release command `test -z", 1).types("\u{3}");
    assert!(pty.end().was_interrupted());

    // A second commit goes the same way.
    scene.write("config/routes.rb", "# Sell tickets.\n");
    scene.git(&["add", "config/routes.rb"]);
    let second = scene.commit("Sell tickets");
    _ = done(&scene, "prepare deploy");
    let outcome = done(&scene, "production diff prepare");
    assert!(outcome.to_string().contains("Sell tickets"), "{outcome}");
    _ = done(&scene, "staging promote");
    _ = done(&scene, "production promote --yes");
    assert_eq!(["staging", "production"].map(|name| runs(&scene, &format!("opera-{name}"))), [&*second; 2]);

    review_apps(&scene, line);
    a_colleague(&mut scene);
}

/// Somebody connects the pipeline on the dashboard; the same line enables review apps then.
fn review_apps(scene: &Scene, line: &str) {
    let origin = scene.git(&["remote", "get-url", "origin"]).trim().to_owned();
    let connected = json!({ "repository": { "full_name": "stage/opera", "path": origin } });
    scene.panel("PATCH", "/pipelines/opera", connected);
    let outcome = done(scene, line);
    assert!(outcome.stderr.contains("done enable review apps of stage/opera\n"), "{outcome}");
    scene.git(&["switch", "--quiet", "--create", "encore"]);
    let encore = scene.commit_here("Play an encore");
    scene.git(&["push", "--quiet", "origin", "encore"]);
    _ = done(scene, "review create");
    let app = done(scene, "review which").stdout;
    assert_eq!(runs(scene, app.trim()), encore);
    scene.git(&["switch", "--quiet", "main"]);
}

/// A fresh clone has what it needs after one line.
fn a_colleague(scene: &mut Scene) {
    let origin = scene.git(&["remote", "get-url", "origin"]).trim().to_owned();
    let clone: PathBuf = scene.folder().join("colleague");
    scene.git(&["clone", "--quiet", &origin, &clone.display().to_string()]);
    scene.stand_in(clone);
    _ = done(scene, "greenroom setup --yes");
    for name in ["production", "staging", "prepare"] {
        assert_eq!(done(scene, &format!("{name} which")).stdout, format!("opera-{name}\n"));
    }
    let listed: Value =
        serde_json::from_str(&done(scene, "greenroom environments --json").stdout).expect("JSON");
    assert_eq!(listed.as_array().expect("a list").len(), 5, "{listed}");
    assert_eq!(done(scene, "greenroom setup").stderr.lines().last(), Some("nothing to do"));
}

#[test]
fn without_prepare_and_without_origin_staging_builds() {
    let scene = opera();
    scene.git(&["remote", "remove", "origin"]);
    fs::remove_file(scene.repository().join("Gemfile.lock")).expect("a file");
    let outcome = done(&scene, "greenroom setup --create opera --write-files --yes");
    let lines = next(&outcome.stderr);
    assert_eq!(
        lines,
        [
            "git add greenroom.toml Procfile app.json && git commit --message 'Set up Heroku'",
            "staging deploy",
            "production promote --any-branch"
        ]
    );
    scene.git(&["add", "--all"]);
    let head = scene.commit_here("Set up Heroku");
    _ = done(&scene, "staging deploy");
    _ = done(&scene, "production promote --any-branch --yes");
    assert_eq!(runs(&scene, "opera-production"), head);
}
