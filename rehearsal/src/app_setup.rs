//! The life of a review app: its app is made, coupled and configured, its branch built, and the `postdeploy` script played;
//! later it is removed with its app.

use std::path::PathBuf;
use std::time::Duration;

use crate::app_manifest::Manifest;
use crate::faults::Fault;
use crate::state::build::Source;
use crate::state::release::{ConfigVars, Status};
use crate::state::review_app::AppSetup;
use crate::state::script::Script;
use crate::state::{Shared, State, lock};
use crate::{build, clock, procfile, repositories};

/// The code of a review app.
struct Code {
    /// The app's repository, which has the commit.
    repository: PathBuf,
    commit: String,
}

/// Creates the app of a review app; it ends `created` or `errored`.
pub(crate) async fn create(shared: Shared, id: String) {
    let pause = lock(&shared).settings.review_app_time;
    tokio::time::sleep(pause).await;
    while lock(&shared).is_stalled_review(&id) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let made = set_up(&shared, &id).await;
    let mut state = lock(&shared);
    // Removed meanwhile.
    if state.review_app(&id).is_ok_and(|review| review.status != "creating" && review.status != "pending") {
        return;
    }
    match made {
        Ok(()) => state.set_review_status(&id, "created", None),
        Err(why) => state.set_review_status(&id, "errored", Some(&why)),
    }
}

/// Removes a review app and its app after a while.
pub(crate) fn remove(state: &State, id: String) {
    state.later(state.settings.review_app_time, move |state| {
        let app = state.review_app(&id).ok().and_then(|review| review.app.take());
        if let Some(app) = app.and_then(|app| state.app(&app).ok()) {
            state.remove_app(app);
        }
        state.set_review_status(&id, "deleted", None);
    });
}

/// The whole setup; an error is the review app's message.
async fn set_up(shared: &Shared, id: &str) -> Result<(), String> {
    let (branch, code) = begin(shared, id)?;
    if let Some(message) = lock(shared).review_failure(&branch) {
        return Err(message);
    }
    let manifest = Manifest::of_commit(&code.repository, &code.commit).await?;
    let (setup, build) = configure(shared, id, &code, &manifest)?;
    let types = procfile::of_commit(&code.repository, &code.commit).await;
    build::run(shared, &build, Ok(types), || ()).await;
    let succeeded = released(shared, &build).await && postdeploy(shared, &setup, manifest.postdeploy());
    let mut state = lock(shared);
    let found = state.setup(&setup).map_err(|_| "the setup is gone".to_owned())?;
    found.status = if succeeded { "succeeded" } else { "failed" };
    match &found.failure {
        Some(failure) => Err(failure.clone()),
        None if succeeded => Ok(()),
        None => Err("Build failed".to_owned()),
    }
}

/// Makes the app, with the tip of the branch in its repository.
fn begin(shared: &Shared, id: &str) -> Result<(String, Code), String> {
    let mut state = lock(shared);
    let review = state.review_app(id).map_err(|_| "it was removed".to_owned())?.clone();
    let missing = || format!("The branch {} does not exist.", review.branch);
    let commit = repositories::tip(&state, review.pipeline, &review.branch).ok_or_else(missing)?;
    let connected = repositories::connected(&state, review.pipeline).ok().flatten().ok_or_else(missing)?;
    let name = name(&state, review.pipeline, review.number);
    let app = state.create_app(&name, "us", "heroku-24");
    state.couple(app, review.pipeline, "review", clock::now());
    let repository =
        repositories::take_over(&state, app, &connected, &commit).map_err(|error| error.to_string())?;
    let app = state.apps[app].id().to_owned();
    let review = state.review_app(id).map_err(|_| "it was removed".to_owned())?;
    review.app = Some(app);
    let branch = review.branch.clone();
    state.set_review_status(id, "creating", None);
    Ok((branch, Code { repository, commit }))
}

/// `BASE-pr-42-x7k2`, or `BASE-x7k2x7k2` without a pull request.
fn name(state: &State, pipeline: usize, number: Option<u64>) -> String {
    let pipeline = &state.pipelines[pipeline];
    let base = pipeline.review_config.as_ref().and_then(|config| config.base_name.clone());
    let base = base.unwrap_or_else(|| pipeline.name.clone());
    let secret = state.mint.secret();
    match number {
        Some(number) => format!("{base}-pr-{number}-{}", &secret[..4]),
        None => format!("{base}-{}", &secret[..8]),
    }
}

/// Sets the app's config vars and begins the build; gives the ids of setup and build.
fn configure(
    shared: &Shared,
    id: &str,
    code: &Code,
    manifest: &Manifest,
) -> Result<(String, String), String> {
    let mut state = lock(shared);
    let gone = |_| "it was removed".to_owned();
    let review = state.review_app(id).map_err(gone)?.clone();
    let app = state.app(review.app.as_deref().unwrap_or_default()).map_err(gone)?;
    let mut config: ConfigVars = state.pipelines[review.pipeline].review_vars.clone();
    config.extend(manifest.config(&state.mint));
    config.extend(review.environment);
    config.insert("HEROKU_APP_NAME".to_owned(), state.apps[app].name().to_owned());
    config.insert("HEROKU_BRANCH".to_owned(), review.branch);
    config.extend(review.number.map(|number| ("HEROKU_PR_NUMBER".to_owned(), number.to_string())));
    state.apps[app].config.extend(config);
    let source = Source { version: Some(code.commit.clone()), ..Source::default() };
    let build = state.begin_build(app, source, None).ok_or("A build is already in progress for this app.")?;
    let setup = AppSetup {
        id: state.mint.uuid(),
        app,
        build: Some(build.clone()),
        status: "pending",
        failure: None,
        postdeploy: None,
        created_at: clock::now(),
    };
    state.review_app(id).map_err(gone)?.setup = Some(setup.id.clone());
    let setup_id = setup.id.clone();
    state.setups.push(setup);
    Ok((setup_id, build))
}

/// Waits for the build's release phase; true once the release has succeeded.
async fn released(shared: &Shared, build: &str) -> bool {
    loop {
        let status = {
            let state = lock(shared);
            let release = state.build(build).and_then(|build| build.release.clone());
            let found = release.and_then(|id| state.find_release(&id));
            found.map(|(app, at)| state.apps[app].releases[at].status)
        };
        match status {
            None => return false,
            Some(Status::Pending) => tokio::time::sleep(Duration::from_millis(5)).await,
            Some(status) => return status == Status::Succeeded,
        }
    }
}

/// Plays the `postdeploy` script, and keeps its output; false if it fails.
fn postdeploy(shared: &Shared, setup: &str, command: Option<String>) -> bool {
    let Some(command) = command else { return true };
    let script = Script::of(&command);
    let mut state = lock(shared);
    let Ok(setup) = state.setup(setup) else { return false };
    setup.postdeploy = Some((script.lines.join("\n") + "\n", i32::from(!script.succeeds)));
    if !script.succeeds {
        setup.failure = Some("postdeploy command failed".to_owned());
    }
    let app = setup.app;
    for line in &script.lines {
        state.apps[app].log.say("app", "postdeploy.1", line);
    }
    script.succeeds
}

impl State {
    /// Whether a fault keeps this review app pending.
    fn is_stalled_review(&mut self, id: &str) -> bool {
        let Ok(review) = self.review_app(id) else { return false };
        let (branch, pending) = (review.branch.clone(), review.status == "pending");
        let stalls = |fault: &Fault| matches!(fault, Fault::StallReviewApp { branch: of } if *of == branch);
        pending && self.faults.about(stalls).is_some()
    }

    /// The message of a review app that a fault fails.
    fn review_failure(&self, branch: &str) -> Option<String> {
        let about = |fault: &Fault| matches!(fault, Fault::FailReviewApp { branch: of, .. } if of == branch);
        match self.faults.about(about)? {
            Fault::FailReviewApp { message, .. } => Some(message),
            _ => None,
        }
    }
}
