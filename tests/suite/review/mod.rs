//! The life of a review app.

mod check;
mod commands;
mod create;
mod destroy;
mod flow;
mod list;
mod local;
mod local_list;
mod selector;
mod settings;
mod states;
mod waiting;

use serde_json::Value;

use super::scene::Scene;

/// A scene whose origin is the repository that the pipeline is connected to, with `files` on the branch `matinee`, which
/// is checked out.
fn connected(files: &[(&str, &str)]) -> Scene {
    let scene = Scene::playhouse();
    scene.git(&["checkout", "--quiet", "-b", "matinee"]);
    for (name, text) in files {
        scene.write(name, text);
    }
    scene.git(&["add", "."]);
    scene.commit_here("Play in the afternoon");
    scene.git(&["push", "--quiet", "origin", "matinee"]);
    scene
}

/// The pipeline's review app of this branch, as the API shows it.
fn review_app(scene: &Scene, branch: &str) -> Value {
    let all = scene.look("/pipelines/playhouse/review-apps");
    all.as_array()
        .into_iter()
        .flatten()
        .rfind(|review| review["branch"] == branch)
        .cloned()
        .unwrap_or_default()
}
