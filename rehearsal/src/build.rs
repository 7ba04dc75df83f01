//! Builds: what a push to `main` or `master` sets going, and what it says meanwhile.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use tokio::sync::mpsc::UnboundedSender;

use crate::faults::Fault;
use crate::history;
use crate::state::release::{Draft, Status};
use crate::state::{Shared, State, lock};

/// Why this app cannot be built, in the words that the pusher gets; otherwise its build has begun.
pub(crate) fn refusal(state: &mut State, app: usize) -> Option<Vec<String>> {
    let name = state.apps[app].name().to_owned();
    let failing = state.faults.about(|fault| matches!(fault, Fault::FailBuild { app, .. } if *app == name));
    if let Some(Fault::FailBuild { output, .. }) = failing {
        let mut lines = opening(state, app);
        lines.extend(output.lines().map(str::to_owned));
        lines.push(" !     Push rejected, failed to compile Node.js app.".to_owned());
        lines.push(" !     Push failed".to_owned());
        return Some(lines);
    }
    let begun = state.building.insert(app);
    (!begun).then(|| vec![" !     A build is already in progress for this app.".to_owned()])
}

/// Builds a commit and releases it, one line to `said` after the other.
pub(crate) async fn run(
    shared: &Shared,
    app: usize,
    repository: &Path,
    commit: &str,
    said: &UnboundedSender<String>,
) {
    // The pusher may have left.
    let say = |line: &str| drop(said.send(line.to_owned()));
    let (lines, pause) = {
        let state = lock(shared);
        let mut lines = opening(&state, app);
        lines.extend(COMPILING.map(str::to_owned));
        let steps = u32::try_from(lines.len()).unwrap_or(1);
        (lines, state.settings.build_time / steps)
    };
    for line in lines {
        say(&line);
        tokio::time::sleep(pause).await;
    }
    let types = procfile(repository, commit).await;
    let (version, host, release) = deploy(&mut lock(shared), app, commit, types);
    for line in ["-----> Launching...".to_owned(), format!("       Released v{version}")] {
        say(&line);
    }
    let secret = {
        let state = lock(shared);
        let release = state.find_release(&release).map(|(app, at)| state.apps[app].releases[at].clone());
        release
            .and_then(|release| release.output_stream_url)
            .and_then(|url| url.rsplit_once('/').map(|(_, secret)| secret.to_owned()))
    };
    if secret.is_some() {
        say(
            "       Release command declared: this new release will not be available until the command succeeds.",
        );
    }
    say(&format!("       https://{host}/ deployed to Heroku"));
    say("");
    say("Verifying deploy... done.");
    lock(shared).building.remove(&app);
    if let Some(secret) = secret {
        follow(shared, &secret, &say).await;
        let state = lock(shared);
        let status = state.find_release(&release).map(|(app, at)| state.apps[app].releases[at].status);
        let verdict = if status == Some(Status::Succeeded) { "done" } else { "failed" };
        say(&format!("Waiting for release.... {verdict}."));
    }
}

/// What a build says before it compiles.
fn opening(state: &State, app: usize) -> Vec<String> {
    let stack = state.apps[app].fields["stack"]["name"].as_str().unwrap_or_default();
    let stack = stack.replacen('h', "H", 1);
    vec![
        "Compressing source files... done.".to_owned(),
        "Building source:".to_owned(),
        String::new(),
        format!("-----> Building on the {stack} stack"),
        "-----> Using buildpack: heroku/nodejs".to_owned(),
        "-----> Node.js app detected".to_owned(),
    ]
}

const COMPILING: [&str; 9] = [
    "",
    "-----> Installing binaries",
    "       engines.node (package.json):   22.x",
    "-----> Installing dependencies",
    "       Installing node modules",
    "-----> Build succeeded!",
    "-----> Discovering process types",
    "-----> Compressing...",
    "       Done: 30M",
];

/// Process types and commands in the `Procfile` of a commit; a Node app without one has `npm start`.
async fn procfile(repository: &Path, commit: &str) -> BTreeMap<String, String> {
    let mut git = tokio::process::Command::from(history::git(repository));
    git.args(["show", &format!("{commit}:Procfile")]).stderr(Stdio::null()).kill_on_drop(true);
    let text = git.output().await.map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let mut types: BTreeMap<_, _> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(kind, command)| (kind.trim().to_owned(), command.trim().to_owned()))
        .collect();
    if types.is_empty() {
        types.insert("web".to_owned(), "npm start".to_owned());
    }
    types
}

/// A slug and its release: version, host of the app, the release's id.
fn deploy(
    state: &mut State,
    app: usize,
    commit: &str,
    types: BTreeMap<String, String>,
) -> (u64, String, String) {
    let slug = state.add_slug(Some(commit.to_owned()), types);
    let short = &commit[..commit.len().min(8)];
    let said = format!("Deploy {short} by user director@playhouse.example");
    state.apps[app].log.say("app", "api", &said);
    let draft = Draft {
        description: format!("Deploy {short}"),
        slug: Some(slug),
        config: state.apps[app].config.clone(),
        deployed: true,
    };
    let id = state.release(app, draft);
    let version = state.apps[app].releases.last().map_or(0, |release| release.version);
    (version, state.apps[app].host(), id)
}

/// Passes on what the release command prints, to its end.
async fn follow(shared: &Shared, secret: &str, say: &impl Fn(&str)) {
    let Some(mut changed) = lock(shared).outputs.get(secret).map(crate::state::output::Output::watch) else {
        return;
    };
    let mut read = 0;
    loop {
        {
            let state = lock(shared);
            let Some(output) = state.outputs.get(secret) else { return };
            changed.mark_unchanged();
            let text = String::from_utf8_lossy(&output.written).into_owned();
            for line in text.lines().skip(read) {
                say(line);
                read += 1;
            }
            if output.closed {
                return;
            }
        }
        if changed.changed().await.is_err() {
            return;
        }
    }
}
