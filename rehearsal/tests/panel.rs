//! The panel: what tests set, seen through the API.

mod common;

use std::io;

use common::{V3, ask, get, git, raw};
use rehearsal::{House, Rehearsal, history};
use serde_json::{Value, json};

fn set(rehearsal: &Rehearsal, method: &str, path: &str, body: &Value) -> io::Result<(u16, Value)> {
    let heard = raw(rehearsal, method, &format!("/_rehearsal{path}"), &[], &body.to_string())?;
    Ok((heard.status, heard.json()))
}

#[test]
fn a_dyno_crashes() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let path = "/apps/playhouse-production/dynos/web.2";
    let (status, dyno) = set(&rehearsal, "PATCH", path, &json!({ "state": "crashed" }))?;
    assert_eq!((status, &dyno["state"]), (200, &json!("crashed")));
    assert_eq!(get(&rehearsal, path)?.json()["state"], "crashed");
    assert_eq!(get(&rehearsal, "/apps/playhouse-production/dynos/web.1")?.json()["state"], "up");
    assert_eq!(set(&rehearsal, "PATCH", path, &json!({ "state": "on strike" }))?.0, 422);
    let nobody =
        set(&rehearsal, "PATCH", "/apps/playhouse-production/dynos/web.9", &json!({ "state": "up" }))?;
    assert_eq!(nobody.0, 404);
    assert_eq!(ask(&rehearsal, V3, "DELETE", path, "")?.status, 202);
    assert_eq!(get(&rehearsal, path)?.json()["state"], "up", "restarted");
    Ok(())
}

#[test]
fn the_pace_can_change() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let (status, pace) = set(&rehearsal, "PATCH", "/settings", &json!({ "promotion_time_ms": 7 }))?;
    assert_eq!(status, 200);
    assert_eq!(pace, json!({ "build_time_ms": 50, "release_phase_time_ms": 50, "promotion_time_ms": 7 }));
    assert_eq!(set(&rehearsal, "PATCH", "/settings", &json!({ "build_time_ms": 60_000 }))?.0, 200);
    let blob = json!({ "source_blob": { "url": "https://elsewhere.example/x.tgz" } }).to_string();
    let slow = ask(&rehearsal, V3, "POST", "/apps/understudy/builds", &blob)?.json();
    assert_eq!(slow["status"], "pending");
    assert_eq!(set(&rehearsal, "PATCH", "/settings", &json!({ "build_time_ms": "soon" }))?.0, 422);
    assert_eq!(set(&rehearsal, "PATCH", "/settings", &json!({ "applause_ms": 1 }))?.0, 422);
    Ok(())
}

#[test]
fn main_of_a_repository_is_where_it_is_put() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let house = House::build(&rehearsal)?;
    let url = format!("{}/playhouse-staging.git", rehearsal.url());
    let main = || -> io::Result<String> {
        let heard = git(&house, &["ls-remote", &url, "refs/heads/main"])?;
        Ok(String::from_utf8_lossy(&heard.stdout).into_owned())
    };
    let path = "/apps/playhouse-staging/git";
    // Before the repository is first used, and after.
    for commit in [history::MAIN[0], history::CURTAIN_CALL[1]] {
        assert_eq!(set(&rehearsal, "PUT", path, &json!({ "main": commit }))?.0, 200);
        assert_eq!(main()?, format!("{commit}\trefs/heads/main\n"));
    }
    let push = git(&house, &["push", "staging", "main"])?;
    let said = String::from_utf8_lossy(&push.stderr).into_owned();
    assert!(!push.status.success() && said.contains("[rejected]"), "diverged: {said}");
    assert_eq!(set(&rehearsal, "PUT", path, &json!({ "main": "1".repeat(40) }))?.0, 422);
    Ok(())
}
