//! Downloads of backups: broken off, expired, redirected.

use rehearsal::Fault;
use serde_json::json;

use crate::scene::{Outcome, Scene};

const STORE: &str = "GET /backup-store/*";

/// Downloads a backup to `x.dump`.
fn download(scene: &Scene) -> Outcome {
    scene.run("staging backup --backup latest --download x.dump")
}

/// Whether what arrived is the canned dump of the rehearsal, byte for byte.
fn is_whole(scene: &Scene) -> bool {
    let canned = include_bytes!("../../../rehearsal/src/databases/playhouse.dump");
    std::fs::read(scene.repository().join("x.dump")).is_ok_and(|found| found == canned)
}

fn left_behind(scene: &Scene) -> Vec<String> {
    let files = std::fs::read_dir(scene.repository()).expect("a folder").flatten();
    let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.contains(".dump")).collect();
    names.sort();
    names
}

#[test]
fn what_breaks_off_goes_on_where_it_stopped() {
    let scene = Scene::playhouse();
    for cut in [1, 900, 5000] {
        scene.heroku().inject(Fault::cut_body(STORE, cut).times(1));
    }
    let outcome = download(&scene);
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert!(is_whole(&scene));
    assert_eq!(left_behind(&scene), ["x.dump"]);
    let exchanges = scene.heroku().exchanges();
    let downloads = exchanges.iter().filter(|one| one.path.starts_with("/backup-store/"));
    let ranges: Vec<Option<&str>> =
        downloads.clone().map(|one| one.headers.get("range").map(String::as_str)).collect();
    assert_eq!(ranges, [None, Some("bytes=1-"), Some("bytes=901-"), Some("bytes=5901-")]);
    for one in downloads {
        assert!(!one.headers.contains_key("authorization"), "{:?}", one.headers);
    }
}

#[test]
fn what_stays_broken_keeps_its_part_for_the_next_time() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::cut_body(STORE, 4000).times(1));
    scene.heroku().inject(Fault::reset(STORE));
    let outcome = download(&scene);
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert_eq!(left_behind(&scene), ["x.dump.part", "x.dump.part-of"]);
    assert_eq!(std::fs::metadata(scene.repository().join("x.dump.part")).expect("a file").len(), 4000);
    scene.heroku().heal();
    std::fs::copy(scene.repository().join("x.dump.part"), scene.repository().join("y.dump.part"))
        .expect("a copy");
    std::fs::write(scene.repository().join("y.dump.part-of"), "\"another backup\"").expect("a file");
    let last = || {
        let exchange =
            scene.heroku().exchanges().into_iter().rfind(|one| one.path.starts_with("/backup-store/"));
        exchange.map(|one| one.status)
    };
    let outcome = download(&scene);
    assert_eq!((outcome.status, last()), (Some(0), Some(206)), "{outcome}");
    assert!(is_whole(&scene));
    // What is there is of another backup: this one is read from its beginning.
    let outcome = scene.run("staging backup --backup b001 --download y.dump");
    assert_eq!((outcome.status, last()), (Some(0), Some(200)), "{outcome}");
    assert_eq!(
        std::fs::read(scene.repository().join("y.dump")).expect("a file"),
        std::fs::read(scene.repository().join("x.dump")).expect("a file")
    );
}

#[test]
fn an_expired_url_is_asked_for_once_more() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::answer(STORE, 403).body(json!("<Error/>")).times(1));
    let outcome = download(&scene);
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert!(is_whole(&scene));
    let scene = Scene::playhouse();
    scene.panel("PATCH", "/settings", json!({ "public_url_time_ms": 0 }));
    insta::assert_snapshot!(download(&scene), @r"
    ------- stderr -------
    error: b001 of playhouse-staging was not downloaded
      caused by: HTTP 403 from 127.0.0.1
    hint: staging backup --backup b001 --download x.dump   # goes on where it broke off
    [exit status: 1]
    ");
    assert_eq!(left_behind(&scene), [""; 0]);
}

#[test]
fn no_redirect_leads_away_from_tls() {
    let scene = Scene::playhouse();
    let away = Fault::answer(STORE, 302).header("Location", "http://backups.example.com/x");
    scene.heroku().inject(away);
    insta::assert_snapshot!(download(&scene), @r"
    ------- stderr -------
    error: b001 of playhouse-staging was not downloaded
      caused by: the platform handed out a URL on http://backups.example.com, which is not https
    hint: staging backup --backup b001 --download x.dump   # goes on where it broke off
    [exit status: 1]
    ");
    assert_eq!(left_behind(&scene), [""; 0]);
}
