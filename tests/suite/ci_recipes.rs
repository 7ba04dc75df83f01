//! The recipes of `docs/ci.md`: each shell line is run in a clone like that of the CI service.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::scene::{Scene, install_script, link_tool};

/// A CI service, the variable that has the commit, and its way to clone.
struct Service {
    name: &'static str,
    variable: &'static str,
    way: Way,
}

/// The way in which a service clones the repository.
#[derive(Clone, Copy)]
enum Way {
    /// `git clone`, which tells the branch that origin's HEAD names.
    Clone,
    /// `git fetch` of the one branch into an empty repository, this deep.
    Fetch(u32),
    /// The same with the whole history of every branch.
    FetchAll,
}

const SERVICES: [Service; 4] = [
    Service { name: "GitHub Actions", variable: "GITHUB_SHA", way: Way::Fetch(1) },
    Service { name: "GitLab CI", variable: "CI_COMMIT_SHA", way: Way::Fetch(20) },
    Service { name: "CircleCI", variable: "CIRCLE_SHA1", way: Way::Clone },
    Service { name: "Jenkins", variable: "GIT_COMMIT", way: Way::FetchAll },
];

/// The beginnings of lines that install programs. They need the network and are not run.
const INSTALLS: [&str; 3] = ["cargo install ", "curl ", ". \"$HOME/.cargo/env\""];

/// The fenced blocks below the heading of this name.
fn recipes(service: &str) -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md");
    let page = fs::read_to_string(page).expect("docs/ci.md");
    let heading = format!("\n## {service}\n");
    let (_, section) = page.split_once(&heading).unwrap_or_else(|| panic!("docs/ci.md has no {service}"));
    let section = section.split("\n## ").next().unwrap_or_default();
    section.split("\n```").skip(1).step_by(2).map(str::to_owned).collect()
}

/// The lines that a shell runs, in their order: `run: …`, the items of a `script:`, `sh '…'`.
fn shell_lines(recipe: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut script = None;
    for line in recipe.lines() {
        let (text, indent) = (line.trim(), line.len() - line.trim_start().len());
        if let Some((_, quoted)) = text.split_once("sh ").filter(|_| recipe.starts_with("groovy")) {
            let quote = quoted.chars().next().filter(|c| ['\'', '"'].contains(c)).expect("a quoted line");
            lines.push(quoted[1..].rsplit_once(quote).expect("a quoted line").0.to_owned());
        } else if let Some(run) = text.strip_prefix("- run: ") {
            lines.push(run.to_owned());
        } else if text == "script:" || text == "before_script:" {
            script = Some(indent);
        } else if let Some(item) = text.strip_prefix("- ").filter(|_| script.is_some_and(|at| indent > at)) {
            lines.push(item.to_owned());
        } else {
            script = None;
        }
    }
    lines
}

/// A new commit on origin's main; its id.
fn merge(scene: &Scene, message: &str) -> String {
    scene.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    scene.git(&["push", "--quiet", "origin", "HEAD:main"]);
    scene.git(&["rev-parse", "HEAD"]).trim().to_owned()
}

/// A clone as CI makes it of what origin's main is now: without Heroku remotes, and of a private
/// repository: origin cannot be asked without the credentials that CI gives git.
fn check_out(scene: &mut Scene, way: Way) {
    let origin = format!("file://{}", scene.git(&["remote", "get-url", "origin"]).trim());
    let clone = scene.folder().join("clone");
    let place = clone.display().to_string();
    match way {
        Way::Clone => scene.git(&["clone", "--quiet", "--no-local", &origin, &place]),
        Way::Fetch(_) | Way::FetchAll => scene.git(&["init", "--quiet", &place]),
    };
    scene.stand_in(clone);
    let fetch = |words: &[&str], branch: &str| {
        scene.remote("origin", &origin);
        let branch = format!("+refs/heads/{branch}:refs/remotes/origin/{branch}");
        scene.git(&[&["fetch", "--quiet"][..], words, &["origin", &branch]].concat());
    };
    match way {
        Way::Clone => {}
        Way::Fetch(depth) => fetch(&[&format!("--depth={depth}")], "main"),
        Way::FetchAll => fetch(&[], "*"),
    }
    scene.git(&["checkout", "--quiet", "--detach", "origin/main"]);
    furnish(scene);
}

/// The file that the page shows, and the smoke command; from now on origin cannot be asked.
fn furnish(scene: &Scene) {
    scene.git(&["remote", "set-url", "origin", "https://127.0.0.1:1/playhouse.git"]);
    let files = recipes("What every recipe needs");
    let file = files.iter().find_map(|block| block.strip_prefix("toml\n"));
    scene.write("greenroom.toml", file.expect("a greenroom.toml"));
    fs::create_dir_all(scene.repository().join("bin")).expect("a folder");
    install_script(
        &scene.repository().join("bin/smoke"),
        "test -n \"$APP_URL\" && echo \"$APP_URL\" >> ../smoked",
    );
}

/// Prepares another commit, which is not in the clone.
fn prepare_the_next(scene: &Scene) {
    let release = json!({ "commit": "b".repeat(40), "status": "succeeded" });
    scene.release("playhouse-prepare", release);
    let promoted = scene.run("staging promote --commit HEAD --yes");
    assert_eq!(promoted.status, Some(1), "what prepare runs is the next: {promoted}");
}

/// Runs every recipe of a service; after each, production runs the commit. Once it is prepared as a job, the next merge
/// comes, and is prepared too.
fn rehearse(Service { name, variable, way }: &Service) {
    let recipes = recipes(name);
    assert_eq!(recipes.len(), 2, "{name}: as jobs, and as one command");
    for recipe in recipes {
        let mut scene = Scene::playhouse();
        let whole = recipe.contains("fetch-depth: 0") || recipe.contains("GIT_DEPTH: 0");
        let id = merge(&scene, "Raise the curtain");
        check_out(&mut scene, if whole { Way::FetchAll } else { *way });
        let tools = scene.folder().join("ci-tools");
        fs::create_dir(&tools).expect("a folder");
        link_tool(&tools, "sh");
        install_script(&tools.join("npm"), "test \"$1\" = test && echo tested >> ../tested");
        scene.put_on_path(tools).set("CI", "true").set(variable, &id);
        let lines = shell_lines(&recipe);
        assert!(lines.iter().any(|line| line.starts_with("production ")), "{name}: {lines:?}");
        let installs = |line: &&String| INSTALLS.iter().any(|start| line.starts_with(start));
        for line in lines.iter().filter(|line| !installs(line)) {
            let outcome = scene.run_words("sh", &["-c", line]);
            assert_eq!(outcome.status, Some(0), "{name}: {line}: {outcome}");
            if line.starts_with("prepare deploy ") {
                prepare_the_next(&scene);
            }
        }
        assert_eq!(scene.runs("playhouse-production").1, id, "{name}: {lines:?}");
        let written = |file: &str| fs::read_to_string(scene.folder().join(file)).unwrap_or_default();
        assert_eq!(
            (written("tested").as_str(), written("smoked").lines().count()),
            ("tested\n", 2),
            "{name}"
        );
    }
}

#[test]
fn github_actions() {
    rehearse(&SERVICES[0]);
}

#[test]
fn gitlab_ci() {
    rehearse(&SERVICES[1]);
}

#[test]
fn circleci() {
    rehearse(&SERVICES[2]);
}

#[test]
fn jenkins() {
    rehearse(&SERVICES[3]);
}

/// What a service says of the pull request 44 of the branch `matinee`.
const REVIEWS: [(&str, &[(&str, &str)]); 2] = [
    (
        "Review apps from GitLab",
        &[
            ("GITLAB_CI", "true"),
            ("CI_MERGE_REQUEST_IID", "44"),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "matinee"),
        ],
    ),
    (
        "Review apps from Bitbucket",
        &[("BITBUCKET_BUILD_NUMBER", "7"), ("BITBUCKET_PR_ID", "44"), ("BITBUCKET_BRANCH", "matinee")],
    ),
];

#[test]
fn review_apps_come_and_go_without_github() {
    for (service, variables) in REVIEWS {
        let mut scene = Scene::playhouse();
        scene.panel("PATCH", "/pipelines/playhouse", json!({ "repository": null, "review_apps": false }));
        let origin = scene.git(&["remote", "get-url", "origin"]).trim().to_owned();
        scene.git(&["checkout", "--quiet", "-b", "matinee"]);
        let push = |scene: &Scene| {
            scene.git(&["commit", "--quiet", "--allow-empty", "--message", "Play in the afternoon"]);
            scene.git(&["push", "--quiet", "origin", "HEAD:matinee"]);
            scene.git(&["rev-parse", "HEAD"]).trim().to_owned()
        };
        let first = push(&scene);
        let second = push(&scene);
        let clone = scene.folder().join("clone");
        scene.git(&["clone", "--quiet", "--no-local", &origin, &clone.display().to_string()]);
        scene.stand_in(clone);
        let tools = scene.folder().join("ci-tools");
        fs::create_dir(&tools).expect("a folder");
        link_tool(&tools, "sh");
        scene.put_on_path(tools).set("CI", "true");
        for (name, value) in variables {
            scene.set(name, value);
        }
        scene.write("greenroom.toml", "pipeline = \"playhouse\"\n");
        let [recipe] = recipes(service).try_into().expect("one recipe");
        let lines = shell_lines(&recipe);
        let lines: Vec<&String> =
            lines.iter().filter(|line| !INSTALLS.iter().any(|start| line.starts_with(start))).collect();
        let [create, destroy] = lines.try_into().expect("two lines");
        let run = |scene: &Scene, line: &str| {
            let outcome = scene.run_words("sh", &["-c", line]);
            assert_eq!(outcome.status, Some(0), "{service}: {line}: {outcome}");
        };
        for commit in [&first, &second] {
            scene.git(&["checkout", "--quiet", "--detach", commit]);
            run(&scene, create);
            let app = scene.run("review 44 which").stdout;
            let app = app.split_whitespace().find(|word| word.starts_with("playhouse-pr-44-"));
            assert_eq!(scene.runs(app.expect("an app")).1, **commit, "{service}");
        }
        scene.git(&["push", "--quiet", "origin", ":matinee"]);
        run(&scene, destroy);
        assert_eq!(scene.run("review 44 which").status, Some(3), "{service}");
    }
}

#[test]
fn a_job_of_a_tag_fetches_the_branch_first() {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md")).expect("docs/ci.md");
    let line = "git fetch origin main:refs/remotes/origin/main";
    assert!(page.contains(&format!("`{line}`")));
    for fetches in [false, true] {
        let mut scene = Scene::playhouse();
        merge(&scene, "Raise the curtain");
        scene.git(&["push", "--quiet", "origin", "HEAD:refs/tags/v1"]);
        merge(&scene, "Lower the curtain");
        let origin = format!("file://{}", scene.git(&["remote", "get-url", "origin"]).trim());
        let clone = scene.folder().join("clone");
        scene.git(&["init", "--quiet", &clone.display().to_string()]);
        scene.stand_in(clone).remote("origin", &origin);
        scene.git(&["fetch", "--quiet", "--depth=1", "origin", "+refs/tags/v1:refs/tags/v1"]);
        scene.git(&["checkout", "--quiet", "--detach", "v1"]);
        if fetches {
            scene.git(&line.split(' ').skip(1).collect::<Vec<_>>());
        }
        furnish(&scene);
        let prepared = scene.run("prepare deploy HEAD");
        assert_eq!(prepared.status, Some(0), "{prepared}");
        let deployed = scene.run("production deploy --no-build HEAD --yes");
        assert_eq!(deployed.status == Some(0), fetches, "{deployed}");
    }
}

#[test]
fn the_install_lines_install_this_program() {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md")).expect("docs/ci.md");
    let installed = concat!(
        "cargo install --locked --git ",
        env!("CARGO_PKG_REPOSITORY"),
        " --tag v",
        env!("CARGO_PKG_VERSION"),
        " greenroom"
    );
    let lines: Vec<&str> =
        page.lines().filter_map(|line| Some(&line[line.find("cargo install --")?..])).collect();
    assert!(lines.len() > 8 && lines.iter().all(|line| *line == installed), "{lines:#?}");
}

#[test]
fn only_deploy_jobs_get_the_token() {
    let jobs = &recipes("GitHub Actions")[0];
    let (before, after) = jobs.split_once("  prepare:\n").expect("a job that prepares");
    assert!(before.contains("npm test") && !before.contains("HEROKU_API_KEY"), "{before}");
    assert_eq!(after.matches("HEROKU_API_KEY: ").count(), 2, "{after}");
}

#[test]
fn shell_lines_are_extracted_from_recipes() {
    let lines = |recipe: &str| shell_lines(recipe).join(" | ");
    assert_eq!(
        lines("yaml\n  steps:\n    - run: npm test\n    - uses: x\n    - run: a 'b c'"),
        "npm test | a 'b c'"
    );
    assert_eq!(
        lines("yaml\nx:\n  rules:\n    - if: y\n  script:\n    - one\n    - two\n  tags:\n    - z"),
        "one | two"
    );
    assert_eq!(lines("groovy\nsteps { sh 'a \"$B\"' }\nsh \"c 'd'\""), "a \"$B\" | c 'd'");
}
