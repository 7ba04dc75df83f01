//! Domains, add-ons and other resources of apps, and the data API.

mod common;

use std::io;
use std::time::Duration;

use common::{SDK, V3, ask, ask_with, get, raw, wait};
use rehearsal::{Fault, Rehearsal};
use serde_json::{Value, json};

const PRODUCTION: &str = "/apps/playhouse-production";
const TRANSFERS: &str = "/client/v11/apps/playhouse-production/transfers";

/// The same field of each item.
fn each<'a>(list: &'a Value, pointer: &str) -> Vec<&'a str> {
    let text = |item: &'a Value| item.pointer(pointer).and_then(Value::as_str).unwrap_or("none");
    list.as_array().into_iter().flatten().map(text).collect()
}

#[test]
fn the_seeded_resources_are_listed() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let list = |path: &str| -> io::Result<Value> { Ok(get(&rehearsal, path)?.json()) };
    let of = |what: &str| list(&format!("{PRODUCTION}/{what}"));
    assert_eq!(
        each(&of("domains")?, "/hostname")[1..],
        ["www.playhouse.example", "tickets.playhouse.example"]
    );
    assert_eq!(
        each(&of("domains")?, "/sni_endpoint/name"),
        ["none", "www-certificate", "tickets-certificate"]
    );
    assert_eq!(of("sni-endpoints")?[1]["domains"][0], of("domains")?[2]["id"]);
    assert_eq!(
        each(&of("addons")?, "/plan/name"),
        ["heroku-postgresql:standard-0", "heroku-postgresql:standard-0", "heroku-redis:mini"]
    );
    assert_eq!(each(&of("addon-attachments")?, "/name"), ["DATABASE", "HEROKU_POSTGRESQL_AMBER", "REDIS"]);
    assert_eq!(
        each(&of("collaborators")?, "/user/email"),
        ["director@playhouse.example", "prompter@playhouse.example"]
    );
    assert_eq!(of("log-drains")?.as_array().map(Vec::len), Some(2));
    assert_eq!(of("webhooks")?[0]["include"], json!(["api:release"]));
    let config = of("config-vars")?;
    for attachment in of("addons")?.as_array().into_iter().flatten() {
        assert!(
            config[attachment["config_vars"][0].as_str().unwrap_or_default()].is_string(),
            "{attachment}"
        );
    }
    for what in ["sni-endpoints", "log-drains", "webhooks"] {
        assert_eq!(list(&format!("/apps/understudy/{what}"))?, json!([]), "{what}");
    }
    Ok(())
}

#[test]
fn addons_are_found_by_each_of_their_names() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let resolve = |word: &str, app: &str| -> io::Result<(u16, Value)> {
        let body = json!({ "addon_attachment": word, "app": app }).to_string();
        let heard = ask(&rehearsal, V3, "POST", "/actions/addon-attachments/resolve", &body)?;
        Ok((heard.status, heard.json()))
    };
    for word in ["HEROKU_POSTGRESQL_AMBER", "HEROKU_POSTGRESQL_AMBER_URL", "heroku_postgresql_amber"] {
        let (status, found) = resolve(word, "playhouse-production")?;
        assert_eq!((status, each(&found, "/name")), (200, vec!["HEROKU_POSTGRESQL_AMBER"]), "{word}");
    }
    let (_, found) = resolve("playhouse-staging::REDIS", "playhouse-production")?;
    assert_eq!(each(&found, "/app/name"), ["playhouse-staging"]);
    assert_eq!(resolve("REDIS", "understudy")?.0, 404);
    Ok(())
}

#[test]
fn sizes_of_dynos() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let sizes = ask(&rehearsal, SDK, "GET", "/dyno-sizes", "")?.json();
    let names = each(&sizes, "/name");
    assert_eq!(names[..5], ["eco", "basic", "standard-1x", "standard-2x", "performance-m"]);
    assert_eq!(each(&sizes, "/product_dyno_tier")[4], "performance");
    let web = get(&rehearsal, &format!("{PRODUCTION}/formation/web"))?.json();
    assert_eq!(web["dyno_size"]["id"], sizes[1]["id"], "{web}");
    Ok(())
}

#[test]
fn transfers_by_app_and_by_number() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let transfers = get(&rehearsal, TRANSFERS)?.json();
    let kinds = |key: &str| each(&transfers, key);
    assert_eq!(kinds("/from_type"), ["pg_dump", "pg_dump", "gof3r", "pg_dump"]);
    assert_eq!(kinds("/to_type"), ["gof3r", "gof3r", "pg_restore", "gof3r"]);
    assert_eq!(kinds("/schedule/name"), ["none", "DATABASE_URL", "none", "DATABASE_URL"]);
    assert_eq!(transfers[3]["succeeded"], false);
    let time = kinds("/created_at")[0];
    assert!(time.len() == 25 && time.ends_with(" +0000"), "{time}");
    assert!(transfers[0].get("logs").is_none(), "only for those who ask");
    let id = get(&rehearsal, PRODUCTION)?.json()["id"].as_str().unwrap_or_default().to_owned();
    assert_eq!(get(&rehearsal, &format!("/client/v11/apps/{id}/transfers"))?.json(), transfers);
    assert_eq!(get(&rehearsal, &format!("{TRANSFERS}/3"))?.json(), transfers[2]);
    let path = format!("{TRANSFERS}/{}?verbose=true", kinds("/uuid")[0]);
    assert_eq!(get(&rehearsal, &path)?.json()["logs"][1]["message"], "Backup completed");
    assert_eq!(get(&rehearsal, &format!("{TRANSFERS}/9"))?.status, 404);
    assert_eq!(get(&rehearsal, "/client/v11/apps/nobody/transfers")?.status, 404);
    assert_eq!(get(&rehearsal, "/client/v11/apps/understudy/transfers")?.json(), json!([]));
    Ok(())
}

#[test]
fn the_data_api_does_not_page() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    for _ in 0..250 {
        rehearsal.call("POST", "/_rehearsal/apps/understudy/transfers", Some(json!({})));
    }
    let heard = get(&rehearsal, "/client/v11/apps/understudy/transfers")?;
    assert_eq!((heard.status, heard.json().as_array().map(Vec::len)), (200, Some(250)));
    assert!(heard.header("next-range").is_none());
    Ok(())
}

#[test]
fn faults_apply_to_the_data_api() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    for (fault, status) in
        [401, 403, 429, 500].map(|status| (Fault::answer("GET /client/**", status), status))
    {
        rehearsal.inject(fault.times(1));
        assert_eq!(get(&rehearsal, TRANSFERS)?.status, status);
    }
    rehearsal.inject(Fault::slow("GET /client/v11/apps/*/transfers", Duration::from_millis(5)).times(1));
    let whole = get(&rehearsal, TRANSFERS)?;
    assert_eq!(whole.status, 200);
    rehearsal.inject(Fault::truncate("GET /client/**").times(1));
    assert_eq!(get(&rehearsal, TRANSFERS)?.body.len(), whole.body.len() / 2);
    assert_eq!(raw(&rehearsal, "GET", TRANSFERS, &[("Accept", V3)], "")?.status, 401, "nobody asks");
    Ok(())
}

#[test]
fn releases_are_paged_newest_first() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    rehearsal.call("PUT", "/_rehearsal/apps/understudy/releases", Some(json!({ "generate": 450 })));
    let (mut range, mut pages) = ("version ..; order=desc,max=200".to_owned(), Vec::new());
    loop {
        let page = ask_with(&rehearsal, V3, "GET", "/apps/understudy/releases", &[("Range", &range)], "")?;
        pages.push((page.status, page.json()[0]["version"].as_u64().unwrap_or_default()));
        match page.header("next-range") {
            Some(next) => next.clone_into(&mut range),
            None => break,
        }
    }
    assert_eq!(pages, [(206, 454), (206, 254), (200, 54)]);
    Ok(())
}

#[test]
fn the_token_is_accepted_as_a_password() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let ask = |credentials: &str| {
        let headers =
            [("Accept", "application/vnd.heroku+json; version=3.webhooks"), ("Authorization", credentials)];
        raw(&rehearsal, "GET", &format!("{PRODUCTION}/webhooks"), &headers, "")
    };
    // ":rehearsal-token" and ":wrong".
    assert_eq!(ask("Basic OnJlaGVhcnNhbC10b2tlbg==")?.status, 200);
    assert_eq!(ask("Basic Ondyb25n")?.status, 401);
    Ok(())
}

#[test]
fn new_domains_are_pending_at_first() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let path = "/apps/playhouse-production/domains";
    let body =
        json!({ "hostname": "matinee.playhouse.example", "sni_endpoint": "www-certificate" }).to_string();
    let made = ask(&rehearsal, V3, "POST", path, &body)?.json();
    assert_eq!(
        (&made["status"], &made["sni_endpoint"]["name"]),
        (&json!("pending"), &json!("www-certificate"))
    );
    assert_eq!(ask(&rehearsal, V3, "POST", path, &body)?.status, 422, "it is in use");
    let path = format!("{path}/matinee.playhouse.example");
    wait("the domain", || get(&rehearsal, &path).is_ok_and(|heard| heard.json()["status"] == "succeeded"));
    Ok(())
}
