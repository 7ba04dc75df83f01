//! What is kept on this machine, how it is listed, and how it goes.

use std::fs;

use super::{NEW, Project};

#[test]
fn a_backup_is_restored_by_its_name() {
    let Some(project) = Project::new() else { return };
    let made = project.scene.run("development backup before --json");
    assert_eq!(made.status, Some(0), "{made}");
    let answer: serde_json::Value = serde_json::from_str(&made.stdout).unwrap();
    let file = answer["file"].as_str().unwrap().replace("[SCENE]", project.scene.folder().to_str().unwrap());
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions()) & 0o777,
        0o600
    );
    let taken = project.scene.run("development backup before");
    assert_eq!(taken.status, Some(2), "{taken}");
    for wrong in ["../x", ".x", "-x", "a b", ""] {
        let refused = project.scene.run_words("development", &["backup", "--", wrong]);
        assert_eq!(refused.status, Some(2), "{wrong}: {refused}");
    }
    project.server.psql(&project.database, "update notes set text = 'changed'").unwrap();
    let done = project.restore(&["before"]);
    assert_eq!((done.status, project.note().as_str()), (Some(0), "old"), "{done}");
    let dry = project.scene.run("development --dry-run backup again");
    assert!(dry.stdout.starts_with("pg_dump --format=custom"), "{dry}");
    assert!(!fs::exists(file.replace("before", "again")).unwrap());
}

#[test]
fn what_is_kept_is_listed_and_removed_when_told() {
    let Some(project) = Project::new() else { return };
    let dump = project.dump(NEW);
    assert!(project.scene.run("development backups").stderr.contains("nothing is kept"));
    assert_eq!(project.scene.run("development backup mine").status, Some(0));
    assert_eq!(project.restore(&[dump.to_str().unwrap()]).status, Some(0));
    let download = project.scene.folder().join("home/.cache/greenroom/backups/playhouse-production");
    fs::create_dir_all(&download).unwrap();
    fs::write(download.join("b042-0b1c.dump"), "PGDMP").unwrap();
    let listed = project.scene.run("development backups");
    for part in ["mine", "backup", "replaced database", "b042-0b1c", "download from playhouse-production"] {
        assert!(listed.stdout.contains(part), "{part}: {listed}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&project.scene.run("development backups --json").stdout).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 3);
    let refused = project.scene.run("development backups --prune");
    assert_eq!(refused.status, Some(5), "{refused}");
    assert_eq!(project.beside("before").len(), 1);
    let pruned = project.scene.run("development backups --prune --yes");
    assert_eq!(pruned.status, Some(0), "{pruned}");
    assert_eq!(project.beside("before"), [""; 0]);
    let left = project.scene.run("development backups");
    assert!(left.stdout.contains("mine") && left.stdout.lines().count() == 2, "{left}");
    assert_eq!(project.scene.run("development backups --prune nothing --yes").status, Some(2));
    assert_eq!(project.scene.run("development backups --prune mine --yes").status, Some(0));
    assert!(project.scene.run("development backups").stderr.contains("nothing is kept"));
    assert_eq!(project.note(), "new");
}
