//! Builds from a source blob: uploading, building, output, releases, refusals and canceling.

mod common;

use std::io;
use std::time::Duration;

use common::{SDK, V3, ask, ask_with, command, get, git, raw, send, wait};
use rehearsal::{Fault, Rehearsal, Sandbox, Settings, history};
use serde_json::{Value, json};

const APP: &str = "/apps/playhouse-staging";

/// The path of a new source blob.
fn source(rehearsal: &Rehearsal) -> io::Result<String> {
    let heard = ask(rehearsal, V3, "POST", "/sources", "")?;
    assert_eq!(heard.status, 201);
    let url = heard.json()["source_blob"]["put_url"].as_str().unwrap_or_default().to_owned();
    Ok(url.replace(&rehearsal.url(), ""))
}

fn put(rehearsal: &Rehearsal, path: &str, bytes: &[u8]) -> io::Result<u16> {
    let length = bytes.len().to_string();
    Ok(send(rehearsal, "PUT", path, &[("Content-Length", &length)], bytes)?.status)
}

/// The sandbox's commit as a gzipped tar, with this `Procfile`.
fn archive(sandbox: &Sandbox, procfile: &str) -> io::Result<Vec<u8>> {
    let output = command(sandbox, "git")
        .args(["archive", "--format=tar.gz", "--add-virtual-file", &format!("Procfile:{procfile}")])
        .args(["HEAD", "server.js"])
        .output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout)
}

/// Uploads a blob and starts its build.
fn build(rehearsal: &Rehearsal, bytes: &[u8], version: Option<&str>) -> io::Result<Value> {
    let path = source(rehearsal)?;
    assert_eq!(put(rehearsal, &path, bytes)?, 200);
    let blob =
        json!({ "url": format!("{}{path}", rehearsal.url()), "version": version, "checksum": "SHA256:0" });
    let heard =
        ask(rehearsal, V3, "POST", &format!("{APP}/builds"), &json!({ "source_blob": blob }).to_string())?;
    assert_eq!(heard.status, 201, "{}", heard.text());
    Ok(heard.json())
}

fn path_of(build: &Value) -> String {
    format!("{APP}/builds/{}", build["id"].as_str().unwrap_or_default())
}

/// Reads the output to its end, and the build after it.
fn finished(rehearsal: &Rehearsal, build: &Value) -> io::Result<(String, Value)> {
    let url = build["output_stream_url"].as_str().unwrap_or_default().replace(&rehearsal.url(), "");
    let said = raw(rehearsal, "GET", &url, &[], "")?;
    assert_eq!(said.status, 200);
    Ok((said.text(), get(rehearsal, &path_of(build))?.json()))
}

#[test]
fn source_blobs_need_no_credentials() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let path = source(&rehearsal)?;
    assert_eq!(send(&rehearsal, "GET", &path, &[], b"")?.status, 404);
    let signed = [("Authorization", "Bearer rehearsal-token"), ("Content-Length", "3")];
    let refused = send(&rehearsal, "PUT", &path, &signed, b"abc")?;
    assert_eq!((refused.status, refused.text().contains("<Error>")), (403, true));
    let chunked = [("Transfer-Encoding", "chunked")];
    assert_eq!(send(&rehearsal, "PUT", &path, &chunked, b"3\r\nabc\r\n0\r\n\r\n")?.status, 411);
    assert_eq!(send(&rehearsal, "GET", &path, &[], b"")?.status, 404, "nothing was taken");
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(put(&rehearsal, &path, &bytes)?, 200);
    assert_eq!(send(&rehearsal, "GET", &path, &[], b"")?.body, bytes);
    assert_eq!(put(&rehearsal, "/source-blobs/guessed", &bytes)?, 403);
    Ok(())
}

#[test]
fn source_blobs_are_built_and_released() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let blob = archive(&sandbox, "web: node stage.js\nclock: node clock.js\nrelease: echo Moving\n")?;
    let begun = build(&rehearsal, &blob, Some(history::MAIN[4]))?;
    assert_eq!((&begun["status"], &begun["release"]), (&json!("pending"), &Value::Null));
    assert_eq!(begun["source_blob"]["checksum"], "SHA256:0");
    let (said, build) = finished(&rehearsal, &begun)?;
    for line in
        ["-----> Using buildpack: heroku/nodejs\n", "       Released v12\n", "Release command declared"]
    {
        assert!(said.contains(line), "{said}");
    }
    assert_eq!(build["status"], "succeeded", "once the output has ended");
    let release = rehearsal.call("GET", &format!("{APP}/releases/12"), None).1;
    assert_eq!((&release["id"], &release["slug"]), (&build["release"]["id"], &build["slug"]));
    assert_eq!(release["description"], "Deploy 77978f96");
    wait("the release phase", || {
        rehearsal.call("GET", &format!("{APP}/releases/12"), None).1["status"] == "succeeded"
    });
    let slug = format!("{APP}/slugs/{}", build["slug"]["id"].as_str().unwrap_or_default());
    let slug = get(&rehearsal, &slug)?.json();
    assert_eq!(slug["commit"], history::MAIN[4]);
    assert_eq!(
        slug["process_types"],
        json!({ "web": "node stage.js", "clock": "node clock.js", "release": "echo Moving" })
    );
    let main = git(&sandbox, &["ls-remote", &format!("{}/playhouse-staging.git", rehearsal.url()), "main"])?;
    let main = String::from_utf8_lossy(&main.stdout).into_owned();
    assert!(main.starts_with(history::MAIN[3]), "git knows nothing of it: {main}");
    Ok(())
}

#[test]
fn builds_are_listed_newest_first_where_asked() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    assert_eq!(get(&rehearsal, &format!("{APP}/builds"))?.json(), json!([]));
    let blob = archive(&sandbox, "web: node server.js\n")?;
    let mut ids = Vec::new();
    for version in [Some("one"), Some("two"), None] {
        let begun = build(&rehearsal, &blob, version)?;
        ids.push(finished(&rehearsal, &begun)?.1["id"].clone());
    }
    assert_eq!(rehearsal.call("GET", &format!("{APP}/releases/14"), None).1["description"], "Deploy");
    for field in ["started_at", "created_at"] {
        let range = format!("{field} ..; order=desc,max=2");
        let heard = ask_with(&rehearsal, SDK, "GET", &format!("{APP}/builds"), &[("Range", &range)], "")?;
        assert_eq!(heard.status, 206);
        let heard: Vec<Value> =
            heard.json().as_array().into_iter().flatten().map(|build| build["id"].clone()).collect();
        assert_eq!(heard, [ids[2].clone(), ids[1].clone()], "{field}");
    }
    let by_id = ask_with(&rehearsal, V3, "GET", &format!("{APP}/builds"), &[("Range", "id ..")], "")?;
    assert_eq!((by_id.status, by_id.json().as_array().map(Vec::len)), (200, Some(3)));
    assert_eq!(
        get(&rehearsal, &format!("{APP}/builds/{}", ids[0].as_str().unwrap_or_default()))?.status,
        200
    );
    let other = format!("/apps/understudy/builds/{}", ids[0].as_str().unwrap_or_default());
    assert_eq!(get(&rehearsal, &other)?.status, 404);
    Ok(())
}

#[test]
fn invalid_builds_are_refused() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let ask_for = |body: Value| ask(&rehearsal, V3, "POST", &format!("{APP}/builds"), &body.to_string());
    let refused = ask_for(json!({ "source_blob": { "version": "x" } }))?;
    assert_eq!((refused.status, &refused.json()["id"]), (422, &json!("invalid_params")));
    let elsewhere = "https://elsewhere.example/x.tgz".to_owned();
    for url in [elsewhere, format!("{}{}", rehearsal.url(), source(&rehearsal)?)] {
        let begun = ask_for(json!({ "source_blob": { "url": url } }))?;
        assert_eq!(begun.status, 201);
        let (said, build) = finished(&rehearsal, &begun.json())?;
        assert!(said.contains(&format!("Unable to fetch source from: {url}")), "{said}");
        assert_eq!((&build["status"], &build["release"]), (&json!("failed"), &Value::Null));
    }
    let begun = build(&rehearsal, b"not a tar", None)?;
    let (said, failed) = finished(&rehearsal, &begun)?;
    assert!(said.contains("not a gzipped tar") && said.contains("Push failed"), "{said}");
    assert_eq!(failed["status"], "failed");
    let releases = rehearsal.call("GET", &format!("{APP}/releases"), None).1;
    assert_eq!(releases.as_array().map(Vec::len), Some(11));
    Ok(())
}

#[test]
fn a_failing_build() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    rehearsal.inject(Fault::FailBuild {
        app: "playhouse-staging".to_owned(),
        output: "No such module: seats".to_owned(),
    });
    let begun = build(&rehearsal, &archive(&sandbox, "web: node server.js\n")?, Some("abc"))?;
    let (said, failed) = finished(&rehearsal, &begun)?;
    assert!(said.contains("No such module: seats\n") && !said.contains("Released"), "{said}");
    assert_eq!((&failed["status"], &failed["slug"]), (&json!("failed"), &Value::Null));
    Ok(())
}

#[test]
fn one_build_at_a_time_until_it_is_canceled() -> io::Result<()> {
    let settings = Settings { build_time: Duration::from_secs(60), ..Settings::default() };
    let rehearsal = Rehearsal::start_with(settings)?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let blob = archive(&sandbox, "web: node server.js\n")?;
    let begun = build(&rehearsal, &blob, None)?;
    let body = json!({ "source_blob": begun["source_blob"] }).to_string();
    let second = ask(&rehearsal, V3, "POST", &format!("{APP}/builds"), &body)?;
    assert_eq!(
        (second.status, second.json()),
        (409, json!({ "id": "conflict", "message": "A build is already in progress for this app." }))
    );
    assert_eq!(ask(&rehearsal, V3, "POST", "/apps/understudy/builds", &body)?.status, 201);
    let push = git(&sandbox, &["push", "staging", "main"])?;
    let said = String::from_utf8_lossy(&push.stderr).into_owned();
    assert!(!push.status.success() && said.contains("A build is already in progress"), "{said}");
    let canceled = ask(&rehearsal, V3, "DELETE", &path_of(&begun), "")?;
    assert_eq!((canceled.status, &canceled.json()["status"]), (200, &json!("failed")));
    let (said, build) = finished(&rehearsal, &begun)?;
    assert!(said.ends_with("Build canceled\n"), "{said}");
    assert_eq!((&build["status"], &build["release"]), (&json!("failed"), &Value::Null));
    assert_eq!(ask(&rehearsal, V3, "DELETE", &path_of(&begun), "")?.status, 422);
    assert_eq!(ask(&rehearsal, V3, "POST", &format!("{APP}/builds"), &body)?.status, 201);
    Ok(())
}

#[test]
fn a_build_can_stall_until_it_is_healed() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let stalls = json!({ "kind": "stall_build", "app": "playhouse-staging" });
    assert_eq!(rehearsal.call("POST", "/_rehearsal/faults", Some(stalls)).0, 201);
    let begun = build(&rehearsal, &archive(&sandbox, "web: node server.js\n")?, None)?;
    std::thread::sleep(Duration::from_millis(150));
    assert_eq!(get(&rehearsal, &path_of(&begun))?.json()["status"], "pending");
    rehearsal.heal();
    assert_eq!(finished(&rehearsal, &begun)?.1["status"], "succeeded");
    Ok(())
}

#[test]
fn build_output_can_break_off_and_be_resumed() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let blob = archive(&sandbox, "web: node server.js\nrelease: echo Moving\n")?;
    rehearsal.inject(Fault::drop_stream("GET /streams/build-*", 3).times(1));
    let begun = build(&rehearsal, &blob, None)?;
    let (cut, _) = finished(&rehearsal, &begun)?;
    assert_eq!(cut, "Compressing source files... done.\nBuilding source:\n\n");
    let url = begun["output_stream_url"].as_str().unwrap_or_default().replace(&rehearsal.url(), "");
    let range = format!("bytes={}-", cut.len());
    let rest = raw(&rehearsal, "GET", &url, &[("Range", &range)], "")?;
    assert_eq!(rest.status, 206);
    assert!(rest.text().starts_with("-----> Building on") && rest.text().ends_with("deploy... done.\n"));
    rehearsal.inject(Fault::drop_stream("GET /streams/*", 2).times(1));
    let release = rehearsal.call("GET", &format!("{APP}/releases/12"), None).1;
    let url = release["output_stream_url"].as_str().unwrap_or_default().replace(&rehearsal.url(), "");
    wait("the release phase", || {
        rehearsal.call("GET", &format!("{APP}/releases/12"), None).1["status"] == "succeeded"
    });
    let cut = raw(&rehearsal, "GET", &url, &[], "")?.text();
    assert_eq!(cut, "Running release command `echo Moving`...\nMoving\n");
    Ok(())
}
