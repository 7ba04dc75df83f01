//! The form of an `app.json`: known keys, and the type of each value
//! (<https://devcenter.heroku.com/articles/app-json-schema>).

use serde_json::{Map, Value};

use super::flaw::Flaw;
use crate::text::nearest;

/// The type that a value must have.
enum Shape {
    Text,
    Texts,
    Switch,
    /// A whole number from 0.
    Count,
    Anything,
    /// This word.
    Word(&'static str),
    /// An object with these keys, of which some are required.
    Object(&'static [(&'static str, Shape)], &'static [&'static str]),
    /// An object with any keys.
    Map(&'static Shape),
    List(&'static Shape),
    /// A text, or an object.
    TextOr(&'static Shape),
}

use Shape::{Anything, Count, List, Object, Switch, Text, TextOr, Texts, Word};

const SCRIPTS: Shape = Object(
    &[
        ("postdeploy", TextOr(&SCRIPT)),
        ("pr-predestroy", TextOr(&SCRIPT)),
        ("test", Text),
        ("test-setup", Text),
    ],
    &[],
);

const SCRIPT: Shape = Object(&[("command", Text), ("size", Text)], &["command"]);

const VARIABLE: Shape = Object(
    &[("description", Text), ("value", Text), ("required", Switch), ("generator", Word("secret"))],
    &[],
);

const QUANTITY: Shape = Object(&[("quantity", Count), ("size", Text)], &[]);

const ADDON: Shape = Object(&[("plan", Text), ("as", Text), ("options", Anything)], &["plan"]);

const BUILDPACK: Shape = Object(&[("url", Text)], &["url"]);

const FILE: Shape = Object(
    &[
        ("$schema", Text),
        ("name", Text),
        ("description", Text),
        ("keywords", Texts),
        ("website", Text),
        ("repository", Text),
        ("logo", Text),
        ("success_url", Text),
        ("scripts", SCRIPTS),
        ("env", Shape::Map(&TextOr(&VARIABLE))),
        ("formation", Shape::Map(&QUANTITY)),
        ("addons", List(&TextOr(&ADDON))),
        ("buildpacks", List(&BUILDPACK)),
        ("environments", Object(&[("test", ENVIRONMENT), ("review", ENVIRONMENT)], &[])),
        ("stack", Text),
        ("image", Text),
    ],
    &[],
);

/// The keys of an entry of `environments`.
const ENVIRONMENT: Shape = Object(
    &[
        ("scripts", SCRIPTS),
        ("env", Shape::Map(&TextOr(&VARIABLE))),
        ("formation", Shape::Map(&QUANTITY)),
        ("addons", List(&TextOr(&ADDON))),
        ("buildpacks", List(&BUILDPACK)),
        ("stack", Text),
    ],
    &[],
);

/// The entries that Heroku would refuse or ignore.
pub(super) fn flaws(json: &Value) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    check(json, &FILE, &mut Vec::new(), &mut flaws);
    flaws
}

fn check(value: &Value, shape: &Shape, path: &mut Vec<String>, flaws: &mut Vec<Flaw>) {
    match (shape, value) {
        (TextOr(_), Value::String(_)) | (Anything, _) => {}
        (TextOr(object), _) if value.is_object() => check(value, object, path, flaws),
        (Object(known, required), Value::Object(map)) => entries(map, known, required, path, flaws),
        (Shape::Map(each), Value::Object(map)) => {
            for (name, value) in map {
                within(name, path, |path| check(value, each, path, flaws));
            }
        }
        (List(each), Value::Array(list)) => {
            for (place, value) in list.iter().enumerate() {
                within(&place.to_string(), path, |path| check(value, each, path, flaws));
            }
        }
        _ if fits(value, shape) => {}
        _ => flaws.push(flaw(path, &format!("must be {}, not {}", expected(shape), kind(value)), true)),
    }
}

/// Whether a value without entries has that type.
fn fits(value: &Value, shape: &Shape) -> bool {
    match shape {
        Text => value.is_string(),
        Texts => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
        Switch => value.is_boolean(),
        Count => value.is_u64(),
        Word(word) => value == word,
        _ => false,
    }
}

fn entries(
    map: &Map<String, Value>,
    known: &[(&str, Shape)],
    required: &[&str],
    path: &mut Vec<String>,
    flaws: &mut Vec<Flaw>,
) {
    for (name, value) in map {
        let shape = known.iter().find(|(other, _)| other == name).map(|(_, shape)| shape);
        within(name, path, |path| {
            if let Some(shape) = shape {
                return check(value, shape, path, flaws);
            }
            let similar = nearest(name, known.iter().map(|(name, _)| *name));
            let similar = similar.map(|similar| format!("; did you mean {similar}?")).unwrap_or_default();
            flaws.push(flaw(path, &format!("is unknown, and ignored{similar}"), false));
        });
    }
    for name in required.iter().filter(|name| !map.contains_key(**name)) {
        flaws.push(flaw(path, &format!("has no {name}"), true));
    }
}

/// Calls `act` with the path to an entry.
fn within(name: &str, path: &mut Vec<String>, act: impl FnOnce(&mut Vec<String>)) {
    path.push(name.to_owned());
    act(path);
    path.pop();
}

fn flaw(path: &[String], text: &str, is_fatal: bool) -> Flaw {
    Flaw { line: None, path: path.to_vec(), text: format!("{} {text}", path.join(".")), is_fatal }
}

fn expected(shape: &Shape) -> String {
    match shape {
        Text => "a string",
        Texts => "a list of strings",
        Switch => "true or false",
        Count => "a whole number",
        Word(word) => return format!("{word:?}"),
        Object(..) | Shape::Map(_) => "an object",
        List(_) => "a list",
        TextOr(_) => "a string or an object",
        Anything => "anything",
    }
    .to_owned()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::flaws;

    #[test]
    fn the_documented_file_has_no_flaws() {
        let file = json!({
            "name": "Small Tool", "keywords": ["a"], "website": "https://example.com", "success_url": "/welcome",
            "scripts": {"postdeploy": "bin/setup", "pr-predestroy": "bin/clean"},
            "env": {"PLAIN": "1", "SECRET": {"description": "d", "generator": "secret"}, "N": {"value": "5", "required": false}},
            "formation": {"web": {"quantity": 1, "size": "standard-1x"}},
            "addons": ["heroku-redis", {"plan": "heroku-postgresql:mini", "as": "DB", "options": {"version": "16"}}],
            "buildpacks": [{"url": "heroku/ruby"}], "stack": "heroku-24",
            "environments": {"test": {"scripts": {"test": "rake"}}, "review": {"addons": ["heroku-postgresql"]}},
        });
        assert_eq!(flaws(&file), []);
    }

    #[test]
    fn each_flaw_is_named_by_its_keys() {
        for (file, expected, is_fatal) in [
            (json!({"addon": []}), "addon is unknown, and ignored; did you mean addons?", false),
            (json!({"env": {"A": 1}}), "env.A must be a string or an object, not a number", true),
            (json!({"env": {"A": {"value": 1}}}), "env.A.value must be a string, not a number", true),
            (
                json!({"env": {"A": {"required": "yes"}}}),
                "env.A.required must be true or false, not a string",
                true,
            ),
            (
                json!({"env": {"A": {"generator": "uuid"}}}),
                "env.A.generator must be \"secret\", not a string",
                true,
            ),
            (json!({"formation": {"web": 1}}), "formation.web must be an object, not a number", true),
            (
                json!({"formation": {"web": {"quantity": "1"}}}),
                "formation.web.quantity must be a whole number, not a string",
                true,
            ),
            (json!({"addons": "heroku-postgresql"}), "addons must be a list, not a string", true),
            (json!({"addons": [{"as": "DB"}]}), "addons.0 has no plan", true),
            (json!({"buildpacks": ["heroku/ruby"]}), "buildpacks.0 must be an object, not a string", true),
            (
                json!({"environments": {"production": {}}}),
                "environments.production is unknown, and ignored",
                false,
            ),
            (
                json!({"environments": {"review": {"env": []}}}),
                "environments.review.env must be an object, not a list",
                true,
            ),
            (json!({"keywords": ["a", 1]}), "keywords must be a list of strings, not a list", true),
        ] {
            let found = flaws(&file);
            assert_eq!(found.len(), 1, "{file}: {found:?}");
            assert_eq!((found[0].text.as_str(), found[0].is_fatal), (expected, is_fatal));
        }
    }
}
