//! The panel: its changes as the API shows them.

mod common;

use std::io::{self, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use common::{SDK, V3, ask, ask_with, get, git, raw};
use rehearsal::{Fault, Rehearsal, Sandbox, history, rounds};
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
fn the_panel_changes_the_pace() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let (status, pace) = set(&rehearsal, "PATCH", "/settings", &json!({ "promotion_time_ms": 7 }))?;
    assert_eq!(status, 200);
    assert_eq!((&pace["build_time_ms"], &pace["promotion_time_ms"]), (&json!(50), &json!(7)));
    assert_eq!(pace["one_off_limit"], Value::Null);
    assert_eq!(set(&rehearsal, "PATCH", "/settings", &json!({ "build_time_ms": 60_000 }))?.0, 200);
    let blob = json!({ "source_blob": { "url": "https://elsewhere.example/x.tgz" } }).to_string();
    let slow = ask(&rehearsal, V3, "POST", "/apps/understudy/builds", &blob)?.json();
    assert_eq!(slow["status"], "pending");
    assert_eq!(set(&rehearsal, "PATCH", "/settings", &json!({ "build_time_ms": "soon" }))?.0, 422);
    assert_eq!(set(&rehearsal, "PATCH", "/settings", &json!({ "applause_ms": 1 }))?.0, 422);
    let half = json!({ "stop_time_ms": 1, "one_off_limit": "none" });
    assert_eq!(set(&rehearsal, "PATCH", "/settings", &half)?.0, 422);
    let pace = set(&rehearsal, "PATCH", "/settings", &json!({ "one_off_limit": 2 }))?.1;
    assert_eq!((&pace["one_off_limit"], &pace["stop_time_ms"]), (&json!(2), &json!(1000)), "all or none");
    Ok(())
}

#[test]
fn the_panel_moves_main() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let url = format!("{}/playhouse-staging.git", rehearsal.url());
    let main = || -> io::Result<String> {
        let heard = git(&sandbox, &["ls-remote", &url, "refs/heads/main"])?;
        Ok(String::from_utf8_lossy(&heard.stdout).into_owned())
    };
    let path = "/apps/playhouse-staging/git";
    // Before the repository is first used, and after.
    for commit in [history::MAIN[0], history::CURTAIN_CALL[1]] {
        assert_eq!(set(&rehearsal, "PUT", path, &json!({ "main": commit }))?.0, 200);
        assert_eq!(main()?, format!("{commit}\trefs/heads/main\n"));
    }
    let push = git(&sandbox, &["push", "staging", "main"])?;
    let said = String::from_utf8_lossy(&push.stderr).into_owned();
    assert!(!push.status.success() && said.contains("[rejected]"), "diverged: {said}");
    assert_eq!(set(&rehearsal, "PUT", path, &json!({ "main": "1".repeat(40) }))?.0, 422);
    Ok(())
}

#[test]
fn the_panel_sets_many_config_vars_and_releases_at_once() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let app = "/apps/playhouse-production";
    let vars: Value = (0..500).map(|at| (format!("SEAT_{at}"), Value::from("taken"))).collect();
    let (status, config) = set(&rehearsal, "PATCH", &format!("{app}/config-vars"), &vars)?;
    assert_eq!((status, &config["SEAT_499"]), (200, &json!("taken")));
    assert_eq!(get(&rehearsal, &format!("{app}/config-vars"))?.json(), config);
    let gone = json!({ "SEAT_7": null });
    assert!(set(&rehearsal, "PATCH", &format!("{app}/config-vars"), &gone)?.1.get("SEAT_7").is_none());
    assert_eq!(set(&rehearsal, "PATCH", &format!("{app}/config-vars"), &json!({ "SEAT_8": 8 }))?.0, 422);
    let newest = || -> io::Result<Value> {
        let range = [("Range", "version ..; max=2, order=desc")];
        Ok(ask_with(&rehearsal, V3, "GET", &format!("{app}/releases"), &range, "")?.json())
    };
    assert_eq!(newest()?[0]["version"], 18, "no release was made of it");
    let many = json!({ "generate": 5000 });
    assert_eq!(set(&rehearsal, "PUT", &format!("{app}/releases"), &many)?, (200, json!({ "version": 5018 })));
    let newest = newest()?;
    assert_eq!((&newest[0]["version"], &newest[1]["version"]), (&json!(5018), &json!(5017)));
    assert_eq!((&newest[0]["current"], &newest[1]["current"]), (&json!(true), &json!(false)));
    assert_ne!(newest[0]["id"], newest[1]["id"]);
    assert_eq!(newest[0]["slug"], get(&rehearsal, &format!("{app}/releases/18"))?.json()["slug"]);
    assert_eq!(set(&rehearsal, "PUT", &format!("{app}/releases"), &json!({}))?.0, 422);
    assert_eq!(set(&rehearsal, "PUT", "/apps/nobody/releases", &many)?.0, 404);
    Ok(())
}

#[test]
fn the_panel_adds_domains_and_backups() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let domain = json!({ "hostname": "foyer.playhouse.example" });
    assert_eq!(set(&rehearsal, "POST", "/apps/understudy/domains", &domain)?.0, 201);
    assert_eq!(set(&rehearsal, "POST", "/apps/understudy/domains", &json!({}))?.0, 422);
    let domains = get(&rehearsal, "/apps/understudy/domains")?.json();
    assert_eq!((&domains[0]["kind"], &domains[1]["kind"]), (&json!("heroku"), &json!("custom")));
    assert_eq!(domains[1]["hostname"], domain["hostname"]);
    assert_eq!(domains[1]["app"]["name"], "understudy");
    let path = "/apps/understudy/transfers";
    assert_eq!(set(&rehearsal, "POST", path, &json!({}))?.1["num"], 1);
    assert_eq!(set(&rehearsal, "POST", path, &json!(["nightly"]))?.0, 400);
    let running = json!({ "finished_at": null, "succeeded": null });
    assert_eq!(set(&rehearsal, "POST", path, &running)?.1["num"], 2);
    let transfers = get(&rehearsal, "/client/v11/apps/understudy/transfers")?.json();
    assert_eq!((&transfers[0]["succeeded"], &transfers[1]["succeeded"]), (&json!(true), &Value::Null));
    Ok(())
}

#[test]
fn requests_are_counted_by_route() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    for path in ["/apps/understudy/dynos", "/apps/understudy/dynos?a=b", "/apps/understudy"] {
        get(&rehearsal, path)?;
    }
    assert_eq!(rehearsal.count("GET /apps/*/dynos"), 2);
    assert_eq!(rehearsal.count("GET /apps/**"), 3);
    assert_eq!(rehearsal.count("POST /apps/**"), 0);
    Ok(())
}

#[test]
fn exchanges_have_times_and_are_counted_in_rounds() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    set(&rehearsal, "PATCH", "/settings", &json!({ "latency_ms": 80 }))?;
    let start = Instant::now();
    thread::scope(|scope| {
        let asked = ["/apps", "/account", "/pipelines"].map(|path| scope.spawn(|| get(&rehearsal, path)));
        asked.into_iter().try_for_each(|asked| asked.join().map(|heard| drop(heard.unwrap())))
    })
    .unwrap();
    assert_eq!(rounds(&rehearsal.exchanges()), 1);
    get(&rehearsal, "/apps/understudy")?;
    assert!(start.elapsed() >= Duration::from_millis(160));
    let exchanges = rehearsal.exchanges();
    assert_eq!((exchanges.len(), rounds(&exchanges)), (4, 2));
    let last = &exchanges[3];
    assert!(last.ended_ms.is_some_and(|ended| ended - last.started_ms >= 79.0), "{last:?}");
    rehearsal.inject(Fault::hang("GET /apps"));
    let mut stream = TcpStream::connect(("127.0.0.1", rehearsal.port()))?;
    write!(stream, "GET /apps HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    common::wait("the request", || rehearsal.exchanges().len() == 5);
    assert_eq!(rehearsal.exchanges()[4].ended_ms, None);
    Ok(())
}

#[test]
fn eco_hours_are_what_the_panel_says() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    assert_eq!(set(&rehearsal, "PATCH", "/apps/understudy", &json!({ "process_tier": "eco" }))?.0, 200);
    assert_eq!(get(&rehearsal, "/apps/understudy")?.json()["process_tier"], "eco");
    let dyno = ask(&rehearsal, V3, "POST", "/apps/understudy/dynos", "{\"command\":\"true\"}")?;
    assert_eq!((dyno.status, &dyno.json()["size"]), (201, &json!("Eco")), "{}", dyno.text());
    let account = get(&rehearsal, "/account")?.json()["id"].as_str().unwrap_or_default().to_owned();
    let path = format!("/accounts/{account}/actions/get-quota");
    let quota = |rehearsal| get(rehearsal, &path).map(|heard| heard.json());
    assert_eq!(quota(&rehearsal)?, json!({ "account_quota": 3_600_000, "quota_used": 0, "apps": [] }));
    let wanted = json!({ "account_quota": 3_600_000, "apps": { "understudy": 36_000 } });
    assert_eq!(set(&rehearsal, "PUT", "/eco-quota", &wanted)?.0, 200);
    let shown = quota(&rehearsal)?;
    assert_eq!((&shown["quota_used"], &shown["apps"][0]["quota_used"]), (&json!(36_000), &json!(36_000)));
    assert_eq!(shown["apps"][0]["app_uuid"], get(&rehearsal, "/apps/understudy")?.json()["id"]);
    assert_eq!(set(&rehearsal, "PUT", "/eco-quota", &json!({ "apps": { "nobody": 1 } }))?.0, 404);
    assert_eq!(get(&rehearsal, "/accounts/nobody/actions/get-quota")?.status, 404);
    Ok(())
}

#[test]
fn a_fir_app_runs_no_one_off_dynos() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    set(&rehearsal, "PATCH", "/apps/understudy", &json!({ "generation": "fir" }))?;
    assert_eq!(ask(&rehearsal, SDK, "GET", "/apps/understudy", "")?.json()["generation"], "fir");
    let heard = ask(&rehearsal, V3, "POST", "/apps/understudy/dynos", "{\"command\":\"true\"}")?;
    assert_eq!(heard.status, 422, "{}", heard.text());
    Ok(())
}

#[test]
fn restarted_dynos_are_starting_for_a_while() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let dynos = "/apps/playhouse-production/dynos";
    let states = || -> Vec<String> {
        let list = rehearsal.call("GET", dynos, None).1;
        let word = |dyno: &Value| {
            format!("{} v{}", dyno["state"].as_str().unwrap_or_default(), dyno["release"]["version"])
        };
        list.as_array().into_iter().flatten().map(word).collect()
    };
    assert_eq!(states(), ["up v18", "up v18", "up v18"]);
    set(&rehearsal, "PATCH", "/settings", &json!({ "dyno_start_time_ms": 250 }))?;
    assert_eq!(ask(&rehearsal, V3, "DELETE", &format!("{dynos}/web.2"), "")?.status, 202);
    assert_eq!(states(), ["up v18", "starting v18", "up v18"]);
    common::wait("its start", || states()[1] == "up v18");
    ask(&rehearsal, V3, "PATCH", "/apps/playhouse-production/config-vars", "{\"A\":\"b\"}")?;
    assert_eq!(states(), ["starting v19", "starting v19", "starting v19"]);
    common::wait("their start", || states() == ["up v19", "up v19", "up v19"]);
    // Stopped once more before it is up: the first start must not end the second.
    ask(&rehearsal, V3, "POST", &format!("{dynos}/web.1/actions/stop"), "")?;
    assert_eq!(states()[0], "starting v19");
    Ok(())
}
