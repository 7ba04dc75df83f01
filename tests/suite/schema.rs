//! Validates all requests and answers of a test against Heroku's own JSON schema.
//!
//! The schema is not part of this project: `GREENROOM_HEROKU_SCHEMA` names the folder with `heroku-v3.json` and
//! `heroku-v3.sdk.json`. Without it the check is skipped; in CI that is a failure.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use jsonschema::{Draft, Validator};
use rehearsal::Exchange;
use serde_json::{Value, json};

use super::skipped::{THE_SCHEMA, do_without};

/// Both variants of the schema; none without the folder.
static SCHEMA: LazyLock<Option<Variants>> = LazyLock::new(|| {
    let folder = env::var_os("GREENROOM_HEROKU_SCHEMA")?;
    let read = |name: &str| Schema::read(&Path::new(&folder).join(name));
    Some(Variants { plain: read("heroku-v3.json"), sdk: read("heroku-v3.sdk.json") })
});

struct Variants {
    plain: Schema,
    sdk: Schema,
}

struct Schema {
    definitions: Value,
    links: Vec<Link>,
    validators: Mutex<HashMap<String, &'static Validator>>,
}

/// A link of the schema: an endpoint.
struct Link {
    method: String,
    segments: Vec<String>,
    body: Option<Value>,
    answer: Value,
}

/// The violations of the schema in these exchanges, except for faults and streams.
pub fn faults(exchanges: &[Exchange]) -> Vec<String> {
    let Some(variants) = &*SCHEMA else {
        do_without(THE_SCHEMA);
        return Vec::new();
    };
    exchanges
        .iter()
        .filter(|exchange| is_api(exchange))
        .flat_map(|exchange| check(variants, exchange))
        .collect()
}

fn is_api(exchange: &Exchange) -> bool {
    let accept = exchange.headers.get("accept").map_or("", String::as_str);
    // The schema leaves out what the official CLI does for a second factor, for the hours of eco dynos and with connected repositories, and has no word
    // of the data API.
    accept.starts_with("application/vnd.heroku+json")
        && !exchange.path.ends_with("/pre-authorizations")
        && !exchange.path.ends_with("/actions/get-quota")
        && !accept.ends_with("version=3.repositories-api")
        && !exchange.path.starts_with("/client/")
}

fn check(variants: &Variants, exchange: &Exchange) -> Vec<String> {
    let sdk = exchange.headers["accept"].contains("3.sdk");
    let schema = if sdk { &variants.sdk } else { &variants.plain };
    let line = exchange.line();
    let links: Vec<&Link> = schema.links.iter().filter(|link| link.matches(exchange)).collect();
    if links.is_empty() {
        return vec![format!("{line} is in no link of the schema")];
    }
    let mut wrong = Vec::new();
    if !exchange.body.is_null() && !is_sent_otherwise(exchange) {
        // Several links may share method and path; the body must fit one.
        let bodies: Vec<&Value> = links.iter().filter_map(|link| link.body.as_ref()).collect();
        let found = bodies.iter().map(|body| schema.errors(body, &exchange.body)).min_by_key(Vec::len);
        let found = found.unwrap_or_else(|| vec!["no body is wanted".to_owned()]);
        wrong.extend(found.into_iter().map(|error| format!("{line}, what was sent: {error}")));
    }
    if matches!(exchange.status, 200 | 201 | 202 | 206) && !exchange.answer.is_null() {
        let answer = without_plans(exchange);
        let found = links.iter().map(|link| schema.errors(&link.answer, &answer)).min_by_key(Vec::len);
        wrong.extend(
            found.unwrap_or_default().into_iter().map(|error| format!("{line}, the answer: {error}")),
        );
    }
    wrong
}

/// The answer without the plans of attachments, which come where they are asked for and which the schema does not know of.
fn without_plans(exchange: &Exchange) -> Value {
    let mut answer = exchange.answer.clone();
    if exchange.headers.get("accept-inclusion").is_some_and(|words| words.contains("addon:plan")) {
        let addons = answer.as_array_mut().into_iter().flatten().map(|attachment| &mut attachment["addon"]);
        addons.filter_map(Value::as_object_mut).for_each(|addon| _ = addon.remove("plan"));
    }
    answer
}

/// Whether the body is as the official CLI sends it in place of what the schema has: anything of its own, and the texts
/// `+1` and `-1` for a number of dynos, which are the only way to change it by one.
fn is_sent_otherwise(exchange: &Exchange) -> bool {
    let is_relative =
        |update: &Value| update["quantity"].as_str().is_some_and(|text| text.starts_with(['+', '-']));
    exchange.headers.get("user-agent").is_some_and(|agent| agent.starts_with("heroku-cli/"))
        || exchange.body["updates"].as_array().is_some_and(|updates| updates.iter().any(is_relative))
}

impl Link {
    fn matches(&self, exchange: &Exchange) -> bool {
        let path = exchange.path.split('?').next().unwrap_or_default();
        let segments: Vec<&str> = path.split('/').collect();
        self.method == exchange.method
            && self.segments.len() == segments.len()
            && self
                .segments
                .iter()
                .zip(segments)
                .all(|(ours, theirs)| ours == theirs || ours.starts_with('{'))
    }
}

impl Schema {
    fn read(path: &Path) -> Self {
        let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let schema: Value = serde_json::from_slice(&text).expect("the schema is JSON");
        let definitions = schema["definitions"].clone();
        let links = definitions.as_object().expect("definitions").values().flat_map(|definition| {
            definition["links"].as_array().into_iter().flatten().map(|link| Link {
                method: link["method"].as_str().unwrap_or_default().to_uppercase(),
                segments: segments(link["href"].as_str().unwrap_or_default()),
                body: link.get("schema").cloned(),
                answer: link["targetSchema"].clone(),
            })
        });
        Self { links: links.collect(), definitions, validators: Mutex::default() }
    }

    /// The violations of this part of the schema in `value`.
    fn errors(&self, part: &Value, value: &Value) -> Vec<String> {
        let validator = self.validator(part);
        validator.iter_errors(value).map(|error| format!("{error} at {}", error.instance_path())).collect()
    }

    /// Compiled once for each part; it lives as long as the tests.
    fn validator(&self, part: &Value) -> &'static Validator {
        let mut validators = self.validators.lock().expect("no test panics in here");
        validators.entry(part.to_string()).or_insert_with(|| {
            // Next to a reference Draft 4 ignores everything, definitions included.
            let root = json!({ "allOf": [part], "definitions": self.definitions });
            let validator = jsonschema::options()
                .with_draft(Draft::Draft4)
                .should_validate_formats(true)
                .with_format("uuid", is_uuid)
                .with_format("uri", |text: &str| !text.contains(' '))
                .build(&root)
                .expect("a part of the schema is a schema");
            Box::leak(Box::new(validator))
        })
    }
}

/// The path of a link in segments; `{…}` matches anything.
fn segments(href: &str) -> Vec<String> {
    href.split('/').map(str::to_owned).collect()
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}
