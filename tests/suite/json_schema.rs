//! Validates JSON answers against `docs/schema`: a file for each command that prints JSON, and one for failures.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::LazyLock;

use jsonschema::{Draft, Validator};
use serde_json::{Deserializer, Value};

/// The schemas, by the command's name: `which`, `prepare-wait`; `failure` is what stderr has after a failure.
static SCHEMAS: LazyLock<BTreeMap<String, (Value, Validator)>> = LazyLock::new(|| {
    let folder = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema")).expect("docs/schema");
    folder.map(|entry| read(&entry.expect("a file").path())).collect()
});

fn read(path: &std::path::Path) -> (String, (Value, Validator)) {
    let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
    let text = fs::read_to_string(path).expect("text");
    let schema: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
    let validator = options.build(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
    (name, (schema, validator))
}

/// The names of all schemas.
pub fn names() -> BTreeSet<String> {
    SCHEMAS.keys().cloned().collect()
}

/// The name of the schema for this command line's answer: the first word that has one, alone or after the environment's
/// name, as in `prepare wait`. A colon is a dash.
fn schema_of(program: &str, words: &[&str]) -> Option<&'static str> {
    let names = words.iter().take_while(|word| **word != "--");
    let names = names.map(|word| word.replace(':', "-"));
    let mut names = names.flat_map(|word| [format!("{program}-{word}"), word]);
    names.find_map(|name| SCHEMAS.get_key_value(&name)).map(|(name, _)| name.as_str())
}

/// Where a command line's JSON violates its schema. No text, or text that is no JSON, violates none.
pub fn violations(program: &str, words: &[&str], stdout: &str, stderr: &str) -> Vec<String> {
    let is_asked = words.iter().take_while(|word| **word != "--").any(|word| *word == "--json");
    let Some(name) = schema_of(program, words).filter(|_| is_asked) else { return Vec::new() };
    let answers = Deserializer::from_str(stdout).into_iter::<Value>().filter_map(Result::ok);
    let failure = stderr.lines().last().and_then(|line| serde_json::from_str::<Value>(line).ok());
    let mut wrong: Vec<String> = answers.flat_map(|answer| compare(name, &answer)).collect();
    wrong.extend(failure.iter().flat_map(|failure| compare("failure", failure)));
    wrong
}

/// Where this value violates the schema of this name.
fn compare(name: &str, answer: &Value) -> Vec<String> {
    let (_, validator) = &SCHEMAS[name];
    let errors = validator.iter_errors(answer);
    errors.map(|error| format!("docs/schema/{name}.json: {error} at {}", error.instance_path())).collect()
}

#[test]
fn schemas_are_closed() {
    let mut open = Vec::new();
    for (name, (schema, _)) in &*SCHEMAS {
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        assert!(jsonschema::draft202012::meta::is_valid(schema), "{name}");
        find_open(schema, name, &mut open);
    }
    assert!(open.is_empty(), "without additionalProperties: {open:?}");
}

/// The places of objects that allow a field without describing it.
fn find_open(schema: &Value, place: &str, found: &mut Vec<String>) {
    let kind = &schema["type"];
    let is_object = kind == "object" || kind.as_array().is_some_and(|kinds| kinds.contains(&"object".into()));
    let is_closed = schema["additionalProperties"] == false || schema["additionalProperties"].is_object();
    if is_object && !is_closed {
        found.push(place.to_owned());
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        find_open(property, &format!("{place}.{name}"), found);
    }
    if schema["items"].is_object() {
        find_open(&schema["items"], &format!("{place}[]"), found);
    }
}

#[test]
fn a_field_without_a_schema_is_a_violation() {
    let answer = r#"{"environment":"staging","apps":[],"source":"remote","reason":"a remote"}"#;
    let new = answer.replace('}', r#","since":1}"#);
    let found = |stdout: &str, stderr: &str| violations("staging", &["which", "--json"], stdout, stderr);
    assert_eq!(found(answer, ""), [""; 0]);
    assert_eq!(found(&new, "").len(), 1);
    assert_eq!(found("", "note\n{\"kind\":\"failed\"}").len(), 4);
    assert_eq!(schema_of("prepare", &["--verbose", "wait"]), Some("prepare-wait"));
    assert_eq!(schema_of("staging", &["releases:output"]), Some("releases-output"));
    assert_eq!(schema_of("staging", &["run", "--", "which"]), None);
}
