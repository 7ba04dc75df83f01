//! Questions at a terminal before something that is kept is removed.

use super::{NEW, Project};
use crate::pty::Pty;

/// Downloads that the cache of this machine holds.
fn downloads(project: &Project) -> usize {
    let listed = project.scene.run("development backups --json");
    let kept: serde_json::Value = serde_json::from_str(&listed.stdout).expect("JSON");
    kept.as_array().expect("a list").iter().filter(|kept| kept["kind"] == "download").count()
}

#[test]
fn pruning_asks_and_removes_only_after_yes() {
    let Some(project) = Project::new() else { return };
    assert_eq!(project.restore(&[project.dump(NEW).to_str().unwrap()]).status, Some(0));
    for (answer, left) in [("n\r", 1), ("\r", 1), ("\u{3}", 1), ("\u{4}", 1), ("y\r", 0)] {
        let mut command = project.scene.prepared("development");
        let mut pty = Pty::start(command.args(["backups", "--prune"]));
        pty.sees("[y/N]", 1).types(answer);
        let shown = pty.end();
        assert_eq!(project.beside("before").len(), left, "{answer:?}: {}", shown.raw());
        assert_eq!(project.note(), "new");
    }
}

#[test]
fn more_downloads_than_are_kept_are_asked_about() {
    let Some(project) = super::from_heroku::playhouse() else { return };
    project.scene.write("greenroom.toml", "pipeline = \"playhouse\"\n[restore]\nkeep_gigabytes = 0\n");
    assert_eq!(project.restore(&["production"]).status, Some(0));
    for (answer, left) in [("n\r", 2), ("\u{3}", 2), ("y\r", 1)] {
        let mut command = project.scene.prepared("development");
        let mut pty = Pty::start(command.args(["restore", "staging"]));
        pty.sees("Remove the oldest 1 dump, ", 1).types(answer);
        let shown = pty.end();
        // The restore itself is done before the question.
        assert!(shown.raw().contains("is restored"), "{answer:?}: {}", shown.raw());
        assert_eq!(downloads(&project), left, "{answer:?}: {}", shown.raw());
    }
}
