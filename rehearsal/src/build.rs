//! Running builds: their output, the slug and its release. A build continues without clients.

use std::time::Duration;

use crate::faults::Fault;
use crate::procfile::ProcessTypes;
use crate::state::release::{Draft, Status};
use crate::state::{Shared, State, buildpack, lock};

/// Runs a build to its end. `types` are the process types of its code, or the reason why there is no code; `accept` is
/// called when the build succeeds.
pub(crate) async fn run(
    shared: &Shared,
    id: &str,
    types: Result<ProcessTypes, String>,
    accept: impl FnOnce(),
) {
    let (lines, pause) = {
        let state = lock(shared);
        let lines = opening(&state, id);
        let steps = u32::try_from(lines.len() + COMPILING.len()).unwrap_or(1);
        (lines, state.settings.build_time / steps)
    };
    say(shared, id, lines, pause).await;
    while lock(shared).is_stalled(id) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let failure = lock(shared).failure(id);
    match failure.map_or(types, Err) {
        Ok(types) => {
            say(shared, id, COMPILING.map(str::to_owned).into(), pause).await;
            finish(&mut lock(shared), id, types, accept);
        }
        Err(why) => {
            let mut lines: Vec<String> = why.lines().map(str::to_owned).collect();
            lines.push(" !     Push rejected, failed to compile Node.js app.".to_owned());
            lines.push(" !     Push failed".to_owned());
            say(shared, id, lines, Duration::ZERO).await;
            lock(shared).end_build(id, false);
        }
    }
}

/// Writes one line after the other, as long as the build is not canceled.
async fn say(shared: &Shared, id: &str, lines: Vec<String>, pause: Duration) {
    for line in lines {
        if !lock(shared).say_of_build(id, &line) {
            return;
        }
        tokio::time::sleep(pause).await;
    }
}

/// The output of a build before it compiles.
fn opening(state: &State, id: &str) -> Vec<String> {
    let Some(build) = state.build(id) else { return Vec::new() };
    let stack = build.stack.replacen('h', "H", 1);
    let mut lines = vec![
        "Compressing source files... done.".to_owned(),
        "Building source:".to_owned(),
        String::new(),
        format!("-----> Building on the {stack} stack"),
    ];
    let told = build.buildpacks.iter().map(|word| buildpack::name(word));
    let found = build.buildpacks.is_empty().then_some(buildpack::DETECTED);
    lines.extend(told.chain(found).map(|name| format!("-----> Using buildpack: {name}")));
    lines.push("-----> Node.js app detected".to_owned());
    lines
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

impl State {
    /// Whether a fault stalls this build.
    fn is_stalled(&self, id: &str) -> bool {
        let Some(build) = self.build(id).filter(|build| build.status == Status::Pending) else {
            return false;
        };
        let name = self.apps[build.app].name();
        self.faults.about(|fault| matches!(fault, Fault::StallBuild { app } if app == name)).is_some()
    }

    /// The output of a build that a fault fails.
    fn failure(&self, id: &str) -> Option<String> {
        let name = self.apps[self.build(id)?.app].name();
        let fault =
            self.faults.about(|fault| matches!(fault, Fault::FailBuild { app, .. } if app == name))?;
        if let Fault::FailBuild { output, .. } = fault { Some(output) } else { None }
    }
}

/// Adds the slug and its release, unless the build was canceled.
fn finish(state: &mut State, id: &str, types: ProcessTypes, accept: impl FnOnce()) {
    let Some(at) = state.builds.iter().position(|build| build.id == id) else { return };
    if state.builds[at].status != Status::Pending {
        return;
    }
    accept();
    let (app, commit) = (state.builds[at].app, state.builds[at].source.version.clone());
    keep(state, app, at);
    let slug = state.add_slug(commit.clone(), types);
    let description = deploy_of(commit.as_deref());
    let said = format!("{description} by user director@playhouse.example");
    state.apps[app].log.say("app", "api", &said);
    let config = state.apps[app].config.clone();
    let draft = Draft { description, slug: Some(slug.clone()), config, deployed: true };
    let release = state.release(app, draft);
    state.builds[at].slug = Some(slug);
    state.builds[at].release = Some(release);
    let Some(release) = state.apps[app].releases.last() else { return };
    let mut lines = vec!["-----> Launching...".to_owned(), format!("       Released v{}", release.version)];
    if release.output_stream_url.is_some() {
        let declared = "Release command declared: this new release will not be available until the command \
                        succeeds.";
        lines.push(format!("       {declared}"));
    }
    lines.push(format!("       https://{}/ deployed to Heroku", state.apps[app].host()));
    lines.extend([String::new(), "Verifying deploy... done.".to_owned()]);
    for line in lines {
        state.say_of_build(id, &line);
    }
    state.end_build(id, true);
}

/// `Deploy 1a2b3c4d`: the description of a release of this commit.
pub(crate) fn deploy_of(commit: Option<&str>) -> String {
    let short = commit.map(|commit| commit.get(..8).unwrap_or(commit));
    short.map_or("Deploy".to_owned(), |short| format!("Deploy {short}"))
}

/// Stores a build's stack and detected buildpack in the app.
fn keep(state: &mut State, app: usize, build: usize) {
    let target = &mut state.apps[app];
    if state.builds[build].buildpacks.is_empty() {
        target.buildpacks = vec![buildpack::DETECTED.to_owned()];
    }
    for (key, value) in [
        ("stack", target.fields["build_stack"].clone()),
        ("buildpack_provided_description", "Node.js".into()),
        ("slug_size", 31_457_280.into()),
    ] {
        target.fields.insert(key.to_owned(), value);
    }
}
