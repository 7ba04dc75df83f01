//! Pipelines: creating, renaming, transferring and deleting.

mod common;

use std::io;

use common::{V3, ask, get};
use rehearsal::Rehearsal;
use serde_json::json;

#[test]
fn pipelines_are_created_and_deleted() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let account = get(&rehearsal, "/users/~")?.json();
    assert_eq!(account["email"], "director@playhouse.example");
    let body = json!({ "name": "matinee", "owner": { "id": account["id"], "type": "user" } }).to_string();
    let made = ask(&rehearsal, V3, "POST", "/pipelines", &body)?;
    assert_eq!(made.status, 201);
    assert_eq!(ask(&rehearsal, V3, "POST", "/pipelines", &body)?.status, 422, "the name is taken");
    let body = json!({ "pipeline": "matinee", "app": "understudy", "stage": "staging" }).to_string();
    assert_eq!(ask(&rehearsal, V3, "POST", "/pipeline-couplings", &body)?.status, 201);
    let path = format!("/pipelines/{}", made.json()["id"].as_str().unwrap_or_default());
    let renamed = ask(&rehearsal, V3, "PATCH", &path, "{\"name\":\"soiree\"}")?.json();
    assert_eq!(renamed["name"], "soiree");
    let team = json!({ "id": "0d0d0d0d-57a6-4e00-8000-0000000000e1", "type": "team" });
    let body = json!({ "pipeline": { "id": renamed["id"] }, "new_owner": team }).to_string();
    assert_eq!(ask(&rehearsal, V3, "POST", "/pipeline-transfers", &body)?.json()["new_owner"], team);
    assert_eq!(get(&rehearsal, "/pipelines/soiree")?.json()["owner"], team);
    assert_eq!(ask(&rehearsal, V3, "DELETE", &path, "")?.status, 200);
    assert_eq!(get(&rehearsal, "/pipelines/soiree")?.status, 404);
    assert_eq!(get(&rehearsal, "/apps/understudy/pipeline-couplings")?.status, 404);
    assert_eq!(get(&rehearsal, "/pipelines")?.json().as_array().map(Vec::len), Some(1));
    Ok(())
}
