//! Validates the answers against Heroku's own JSON schema, in both variants. The schema is not part of this project:
//! `GREENROOM_HEROKU_SCHEMA` names the folder that holds `heroku-v3.json` and `heroku-v3.sdk.json`.

mod common;

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use common::skipped::{THE_SCHEMA, skip};
use common::{SDK, V3, ask, wait};
use jsonschema::{Draft, Validator};
use rehearsal::Rehearsal;
use serde_json::{Value, json};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// The folder with the schema; without one the test is skipped.
fn folder() -> Option<PathBuf> {
    let folder = env::var_os("GREENROOM_HEROKU_SCHEMA").map(PathBuf::from);
    if folder.is_none() {
        skip(THE_SCHEMA);
    }
    folder
}

struct Schema(Value);

impl Schema {
    fn read(name: &str, folder: &std::path::Path) -> Result<Self> {
        let mut schema: Value = serde_json::from_slice(&fs::read(folder.join(name))?)?;
        if let Some(keys) = schema.as_object_mut() {
            keys.remove("$schema");
            keys.remove("id");
        }
        Ok(Self(schema))
    }

    /// A validator of one definition, or of a list of them.
    fn of(&self, definition: &str, list: bool) -> Result<Validator> {
        assert!(self.definition(definition).is_some(), "no such definition: {definition}");
        let one = json!({ "$ref": format!("#/definitions/{definition}") });
        let mut root = if list { json!({ "type": "array", "minItems": 1, "items": one }) } else { one };
        if !list {
            // Next to a reference, Draft 4 ignores everything, definitions included.
            root = json!({ "allOf": [root] });
        }
        root["definitions"] = self.0["definitions"].clone();
        let validator = jsonschema::options()
            .with_draft(Draft::Draft4)
            .should_validate_formats(true)
            .with_format("uuid", uuid)
            .with_format("date-time", date_time)
            // A domain's hostname is said to be a URI, and is a bare name in the schema's own example.
            .with_format("uri", |text: &str| !text.contains(' '))
            .build(&root)?;
        Ok(validator)
    }

    /// A definition, or one within another: `app-webhook/definitions/app_webhook`.
    fn definition(&self, name: &str) -> Option<&Value> {
        self.0.pointer(&format!("/definitions/{name}"))
    }

    /// The errors in an answer: violations of the schema, and missing fields.
    fn faults(&self, what: &str, definition: &str, answer: &Value) -> Result<Vec<String>> {
        let validator = self.of(definition, answer.is_array())?;
        let errors = validator
            .iter_errors(answer)
            .map(|error| format!("{what}: {error} at {}", error.instance_path()));
        let one = if answer.is_array() { &answer[0] } else { answer };
        let described = self.definition(definition).and_then(|it| it["properties"].as_object());
        let absent = described
            .into_iter()
            .flatten()
            .map(|(key, _)| key)
            .filter(|key| one.get(key).is_none() && !LEFT_OUT.contains(&(definition, key)));
        Ok(errors.chain(absent.map(|key| format!("{what} lacks {key} ({definition})"))).collect())
    }
}

/// Fields of the schema that the rehearsal omits: internals of the `3.sdk` variant and optional notes.
const LEFT_OUT: [(&str, &str); 13] = [
    ("account", "acknowledged_msa"),
    ("account", "acknowledged_msa_at"),
    ("account", "eco_dynos_enabled"),
    ("account", "eco_dynos_shutdown_at"),
    ("account", "italian_customer_terms"),
    ("account", "italian_partner_terms"),
    ("account", "mfa_enabled"),
    ("account", "mfa_exemption"),
    ("account", "mfa_exemption_reason"),
    ("account", "mfa_experience"),
    ("account", "pipeline_cost_consent_at"),
    // One object in the schema, a list in a release: clients cannot rely on it.
    ("pipeline-release", "artifacts"),
    ("pipeline-deployment", "artifacts"),
];

fn uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn date_time(text: &str) -> bool {
    text.len() == 20 && text.as_bytes()[10] == b'T' && text.ends_with('Z')
}

#[test]
fn answers_match_the_schema() -> Result {
    let Some(folder) = folder() else { return Ok(()) };
    let rehearsal = Rehearsal::start()?;
    let mut faults = Vec::new();
    for (accept, file) in [(V3, "heroku-v3.json"), (SDK, "heroku-v3.sdk.json")] {
        let schema = Schema::read(file, &folder)?;
        let app = "playhouse-staging";
        let webhook = "app-webhook/definitions/app_webhook";
        let release = id(&rehearsal, "/apps/playhouse-staging/releases", "id");
        let slug = rehearsal.call("GET", "/apps/playhouse-staging/releases/11", None).1["slug"]["id"].clone();
        let review = id(&rehearsal, "/pipelines/playhouse/review-apps", "id");
        let coupling = id(&rehearsal, "/pipeline-couplings", "id");
        let blob = json!({ "source_blob": { "url": "https://elsewhere.example/x.tgz" } });
        let (status, begun) = rehearsal.call("POST", "/apps/playhouse-staging/builds", Some(blob));
        assert_eq!(status, 201, "{begun}");
        let build = begun["id"].as_str().unwrap_or_default().to_owned();
        for (path, definition) in [
            ("/account".to_owned(), "account"),
            ("/account/rate-limits".to_owned(), "rate-limit"),
            ("/account/features".to_owned(), "account-feature"),
            ("/apps".to_owned(), "app"),
            ("/users/~/apps".to_owned(), "app"),
            (format!("/apps/{app}"), "app"),
            (format!("/apps/{app}/addons"), "add-on"),
            ("/addons".to_owned(), "add-on"),
            (format!("/apps/{app}/addons/DATABASE"), "add-on"),
            (format!("/apps/{app}/addon-attachments"), "add-on-attachment"),
            (format!("/apps/{app}/addon-attachments/DATABASE"), "add-on-attachment"),
            ("/addon-services".to_owned(), "add-on-service"),
            ("/addon-services/heroku-redis".to_owned(), "add-on-service"),
            ("/addon-services/heroku-postgresql/plans".to_owned(), "plan"),
            ("/stacks".to_owned(), "stack"),
            ("/regions".to_owned(), "region"),
            ("/teams/playhouse/members".to_owned(), "team-member"),
            (format!("/apps/{app}/domains/staging.playhouse.example"), "domain"),
            ("/addon-attachments".to_owned(), "add-on-attachment"),
            (format!("/apps/{app}/builds"), "build"),
            (format!("/apps/{app}/builds/{build}"), "build"),
            (format!("/apps/{app}/buildpack-installations"), "buildpack-installation"),
            (format!("/apps/{app}/collaborators"), "collaborator"),
            (format!("/apps/{app}/config-vars"), "config-var"),
            (format!("/apps/{app}/domains"), "domain"),
            ("/apps/playhouse-production/domains".to_owned(), "domain"),
            ("/dyno-sizes".to_owned(), "dyno-size"),
            (format!("/apps/{app}/dynos"), "dyno"),
            (format!("/apps/{app}/dynos/web.1"), "dyno"),
            (format!("/apps/{app}/features"), "app-feature"),
            (format!("/apps/{app}/features/preboot"), "app-feature"),
            (format!("/apps/{app}/formation"), "formation"),
            (format!("/apps/{app}/formation/web"), "formation"),
            (format!("/apps/{app}/log-drains"), "log-drain"),
            ("/apps/playhouse-production/sni-endpoints".to_owned(), "sni-endpoint"),
            (format!("/apps/{app}/webhooks"), webhook),
            (format!("/apps/{app}/pipeline-couplings"), "pipeline-coupling"),
            (format!("/apps/{app}/releases"), "release"),
            (format!("/apps/{app}/releases/{release}"), "release"),
            (format!("/apps/{app}/releases/11"), "release"),
            (format!("/apps/{app}/releases/11/config-vars"), "config-var"),
            (format!("/apps/{app}/slugs/{}", slug.as_str().unwrap_or_default()), "slug"),
            ("/apps/playhouse-pr-42-x7k2/review-app".to_owned(), "review-app"),
            ("/teams".to_owned(), "team"),
            ("/teams/playhouse".to_owned(), "team"),
            ("/pipelines".to_owned(), "pipeline"),
            ("/pipelines/playhouse".to_owned(), "pipeline"),
            ("/pipelines/playhouse/pipeline-couplings".to_owned(), "pipeline-coupling"),
            ("/pipelines/playhouse/latest-builds".to_owned(), "pipeline-build"),
            ("/pipelines/playhouse/latest-releases".to_owned(), "pipeline-release"),
            ("/pipelines/playhouse/latest-deployments".to_owned(), "pipeline-deployment"),
            ("/pipelines/playhouse/review-apps".to_owned(), "review-app"),
            ("/pipelines/playhouse/review-app-config".to_owned(), "review-app-config"),
            (format!("/review-apps/{review}"), "review-app"),
            ("/pipeline-couplings".to_owned(), "pipeline-coupling"),
            (format!("/pipeline-couplings/{coupling}"), "pipeline-coupling"),
        ] {
            let heard = ask(&rehearsal, accept, "GET", &path, "")?;
            assert!(heard.status == 200, "{path}: {} {}", heard.status, heard.text());
            faults.extend(schema.faults(&path, definition, &heard.json())?);
        }
        faults.extend(writes(&rehearsal, accept, &schema)?);
    }
    assert!(faults.is_empty(), "{faults:#?}");
    Ok(())
}

/// Adds and removes a domain.
const HOST: &str = "www.understudy.example";

fn writes(rehearsal: &Rehearsal, accept: &str, schema: &Schema) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    // One review app for each branch.
    let branch = if accept == SDK { "main" } else { "matinee" };
    let app = |name: &str| rehearsal.call("GET", &format!("/apps/{name}"), None).1["id"].clone();
    let pipeline = rehearsal.call("GET", "/pipelines/playhouse", None).1["id"].clone();
    let (staging, production) = (app("playhouse-staging"), app("playhouse-production"));
    let slug = rehearsal.call("GET", "/apps/playhouse-staging/releases/11", None).1["slug"]["id"].clone();
    let back = rehearsal.call("GET", "/apps/understudy/releases/4", None).1["id"].clone();
    let blob = json!({
        "url": "https://elsewhere.example/x.tgz",
        "version": "1a2b3c4d",
        "version_description": null,
        "checksum": "SHA256:0",
    });
    let owner = json!({ "id": rehearsal.call("GET", "/users/~", None).1["id"], "type": "user" });
    let own = json!([{ "url": "https://github.com/playhouse/stage-machinery" }, { "name": "heroku/ruby" }]);
    wait("no build under way", || idle(rehearsal, "playhouse-staging") && idle(rehearsal, "understudy"));
    for (method, path, body, definition) in [
        ("POST", "/sources", Value::Null, "source"),
        ("POST", "/apps", json!({ "region": "eu" }), "app"),
        ("POST", "/apps", json!({ "name": "operahouse", "stack": "heroku-22" }), "app"),
        ("PATCH", "/apps/operahouse", json!({ "build_stack": "heroku-24" }), "app"),
        ("DELETE", "/apps/operahouse", Value::Null, "app"),
        ("POST", "/teams/apps", json!({ "team": "playhouse", "region": "us" }), "team-app"),
        (
            "PUT",
            "/apps/understudy/buildpack-installations",
            json!({ "updates": [{ "buildpack": "heroku/ruby" }] }),
            "buildpack-installation",
        ),
        ("POST", "/apps/understudy/builds", json!({ "source_blob": blob, "buildpacks": own }), "build"),
        ("PATCH", "/apps/understudy", json!({ "maintenance": true }), "app"),
        ("PATCH", "/apps/understudy/config-vars", json!({ "A": "b", "LOG_LEVEL": null }), "config-var"),
        (
            "PATCH",
            "/apps/understudy/formation",
            json!({ "updates": [{ "type": "web", "quantity": "+1" }] }),
            "formation",
        ),
        (
            "PATCH",
            "/apps/understudy/formation/web",
            json!({ "quantity": 1, "dyno_size": { "name": "standard-1x" } }),
            "formation",
        ),
        ("PATCH", "/apps/understudy/features/preboot", json!({ "enabled": true }), "app-feature"),
        ("POST", "/apps/understudy/log-sessions", json!({ "lines": 10 }), "log-session"),
        ("POST", "/apps/understudy/releases", json!({ "slug": slug }), "release"),
        ("POST", "/apps/understudy/releases", json!({ "release": back }), "release"),
        ("POST", "/apps/understudy/dynos", json!({ "command": "true", "attach": true }), "dyno"),
        ("POST", "/apps/understudy/dynos", json!({ "command": "true", "size": "standard-2x" }), "dyno"),
        ("POST", "/filters/apps", json!({ "in": { "id": [staging] } }), "app"),
        ("POST", "/actions/addons/resolve", json!({ "addon": "DATABASE", "app": "understudy" }), "add-on"),
        (
            "POST",
            "/actions/addon-attachments/resolve",
            json!({ "addon_attachment": "DATABASE_URL", "app": "understudy" }),
            "add-on-attachment",
        ),
        (
            "POST",
            "/review-apps",
            json!({ "branch": branch, "pipeline": pipeline, "source_blob": { "url": "resolve", "version": null } }),
            "review-app",
        ),
        (
            "POST",
            "/pipeline-promotions",
            json!({
                "pipeline": { "id": pipeline },
                "source": { "app": { "id": staging } },
                "targets": [{ "app": { "id": production } }],
            }),
            "pipeline-promotion",
        ),
    ]
    .into_iter()
    .chain(outfit(&owner, &pipeline))
    {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let heard = ask(rehearsal, accept, method, path, &body)?;
        assert!([200, 201].contains(&heard.status), "{path}: {} {}", heard.status, heard.text());
        faults.extend(schema.faults(path, definition, &heard.json())?);
        if definition == "pipeline-promotion" {
            let path = format!("/pipeline-promotions/{}", heard.json()["id"].as_str().unwrap_or_default());
            let promotion = ask(rehearsal, accept, "GET", &path, "")?.json();
            faults.extend(schema.faults(&path, definition, &promotion)?);
            let targets = ask(rehearsal, accept, "GET", &format!("{path}/promotion-targets"), "")?.json();
            faults.extend(schema.faults("targets", "pipeline-promotion-target", &targets)?);
        }
    }
    Ok(faults)
}

/// Adds and removes add-ons, domains, other resources and pipelines.
fn outfit(owner: &Value, pipeline: &Value) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    vec![
        ("POST", "/apps/understudy/domains", json!({ "hostname": HOST, "sni_endpoint": null }), "domain"),
        (
            "PATCH",
            "/apps/understudy/domains/www.understudy.example",
            json!({ "sni_endpoint": null }),
            "domain",
        ),
        ("DELETE", "/apps/understudy/domains/www.understudy.example", Value::Null, "domain"),
        (
            "POST",
            "/apps/understudy/addons",
            json!({ "plan": "cloudamqp", "name": "queue-round-1", "attachment": { "name": "QUEUE" } }),
            "add-on",
        ),
        (
            "PATCH",
            "/apps/understudy/addons/queue-round-1",
            json!({ "plan": { "name": "cloudamqp:lemur" } }),
            "add-on",
        ),
        (
            "POST",
            "/addon-attachments",
            json!({ "addon": "queue-round-1", "app": "playhouse-prepare", "name": "TICKETS" }),
            "add-on-attachment",
        ),
        ("DELETE", "/apps/understudy/addons/queue-round-1", json!({ "force": true }), "add-on"),
        (
            "POST",
            "/apps/understudy/collaborators",
            json!({ "user": "ada@playhouse.example" }),
            "collaborator",
        ),
        ("DELETE", "/apps/understudy/collaborators/ada@playhouse.example", Value::Null, "collaborator"),
        (
            "POST",
            "/apps/understudy/log-drains",
            json!({ "url": "https://logs.understudy.example" }),
            "log-drain",
        ),
        (
            "DELETE",
            "/apps/understudy/log-drains/https%3A%2F%2Flogs.understudy.example",
            Value::Null,
            "log-drain",
        ),
        (
            "POST",
            "/apps/understudy/webhooks",
            json!({ "include": ["api:release"], "level": "sync", "url": "https://hooks.understudy.example" }),
            "app-webhook/definitions/app_webhook",
        ),
        (
            "POST",
            "/account/app-transfers",
            json!({ "app": "understudy", "recipient": "ada@playhouse.example" }),
            "app-transfer",
        ),
        ("POST", "/account/keys", json!({ "public_key": "ssh-ed25519 AAAA ada@laptop" }), "key"),
        (
            "POST",
            "/oauth/authorizations",
            json!({ "scope": ["global"], "description": "CI" }),
            "oauth-authorization",
        ),
        ("POST", "/pipelines", json!({ "name": "operahouse", "owner": owner }), "pipeline"),
        ("PATCH", "/pipelines/operahouse", json!({ "name": "opera" }), "pipeline"),
        ("DELETE", "/pipelines/opera", Value::Null, "pipeline"),
        (
            "POST",
            "/pipeline-transfers",
            json!({ "pipeline": { "id": pipeline }, "new_owner": owner }),
            "pipeline-transfer",
        ),
    ]
}

/// Whether no build of an app is pending.
fn idle(rehearsal: &Rehearsal, app: &str) -> bool {
    let builds = rehearsal.call("GET", &format!("/apps/{app}/builds"), None).1;
    builds.as_array().into_iter().flatten().all(|build| build["status"] != "pending")
}

fn id(rehearsal: &Rehearsal, path: &str, key: &str) -> String {
    let (_, list) = rehearsal.call("GET", path, None);
    list[0][key].as_str().unwrap_or_default().to_owned()
}
