//! Holds `docs/json.md` to the JSON that the commands print: every field is documented, and every documented field exists.
//! Every command of a section has a schema in `docs/schema`, which [`Scene`] validates its answers against.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::json_schema;
use super::scene::{Outcome, Scene};

/// The command lines whose answers a section describes, each run in a rehearsal of its own.
const SECTIONS: &[(&str, &[&str])] = &[
    ("Failures", &["greenroom on demo which --json"]),
    ("`which`", &["staging which --json"]),
    ("`development which`", &["development which --to playhouse_scratch --json"]),
    ("`development restore`", &["development restore kept --json"]),
    ("`development backup`", &["development backup other --json"]),
    ("`development backups`", &["development backups --json"]),
    ("`sha`", &["staging sha --json"]),
    ("`status`", &["production status --json"]),
    ("`config:get`", &["staging config:get LOG_LEVEL --json", "staging config:get A B --json"]),
    ("`config:diff`", &["staging config:diff production --json"]),
    (
        "`config:set`, `config:unset`, `config:edit` and `config:push`",
        &["staging config:set A=1 --json", "staging config:unset A --json", "staging config:push - --json"],
    ),
    ("`config:pull`", &["staging config:pull --json"]),
    ("`diff`", &["production diff --stat --json"]),
    ("`deploy` and `promote`", &["staging deploy --yes --json", "production promote --yes --json"]),
    ("`ship`", &["production ship --yes --json --test true"]),
    ("`rollback` and `prepare wait`", &["staging rollback --json", "prepare wait --json"]),
    ("`prepare check`", &["prepare check --json"]),
    ("`prepare setup`", &["prepare setup --dry-run --json"]),
    ("`greenroom setup`", &["greenroom setup --dry-run --json"]),
    ("`review list`", &["review list --json"]),
    (
        "`review create`, `review wait` and `review redeploy`",
        &["review 42 wait --json", "review 42 redeploy --json"],
    ),
    ("`review check`", &["review check --json"]),
    ("`review destroy`", &["review 42 destroy --yes --json"]),
    ("`review settings`", &["review settings --json"]),
    ("`review stage-config`", &["review stage-config SEATS=9 --json"]),
    ("`url`", &["staging url --json"]),
    ("`open` and `dashboard`", &["staging open --json", "staging dashboard --json"]),
    ("`releases:output`", &["staging releases:output --json"]),
    ("`greenroom doctor`", &["greenroom doctor --json"]),
    ("`greenroom environments`", &["greenroom environments --json"]),
    ("`greenroom remotes`", &["greenroom remotes --json"]),
    ("`scale`", &["staging scale --json"]),
    ("`maintenance`", &["staging maintenance --json"]),
    (
        "`maintenance:on` and `maintenance:off`",
        &["staging maintenance:on --json", "staging maintenance:off --json"],
    ),
    ("`backup`", &["staging backup --json"]),
    ("`backups`", &["staging backups --json"]),
    ("`restore`", &["staging restore production --json"]),
    ("`restart`, `ps:stop` and `ps:wait`", &["staging restart --json", "staging ps:stop web.1 --json"]),
    ("`run:detached`", &["staging run:detached --json true"]),
    ("`logs` and `tail`", &["staging logs --json"]),
];

/// The section about answers in Heroku's form.
const HEROKUS: &str = "`config`, `ps`, `releases`, `releases:info`, `info`, `domains` and `addons`";

/// Fields that only some answers have.
const CONDITIONAL: [&str; 4] = ["commit", "started_at", "type", "states"];

/// Every section's heading, without its `## `, and its text.
fn sections(page: &str) -> Vec<(&str, &str)> {
    page.split("\n## ").skip(1).filter_map(|section| section.split_once('\n')).collect()
}

/// The commands that a section's heading names, each as its schema's file does.
fn commands(heading: &str) -> Vec<String> {
    let named = heading.split('`').skip(1).step_by(2).map(|name| name.trim_start_matches("greenroom "));
    let named: Vec<String> = named.map(|name| name.replace([' ', ':'], "-")).collect();
    if heading == "Failures" { vec!["failure".to_owned()] } else { named }
}

/// The names between backticks: of `apps[].version` both.
fn names(text: &str) -> BTreeSet<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.flat_map(|path| path.split(['.', '[', ']'])).map(str::to_owned).collect()
}

/// The names in the first column of the section's table.
fn fields(section: &str) -> BTreeSet<String> {
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let mut fields: BTreeSet<_> =
        rows.flat_map(|row| names(row.split('|').nth(1).unwrap_or_default())).collect();
    fields.remove("");
    fields
}

/// The keys of all objects in the answer.
fn keys(answer: &Value, found: &mut BTreeSet<String>) {
    match answer {
        Value::Object(object) => {
            for (key, value) in object {
                found.insert(key.clone());
                keys(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

/// The fields that these command lines print.
///
/// None where there is no PostgreSQL for a command that needs one.
fn printed(lines: &[&str]) -> Option<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for line in lines {
        let outcome = run(line)?;
        let text = if outcome.stdout.is_empty() { &outcome.stderr } else { &outcome.stdout };
        let answers: Vec<Value> = serde_json::Deserializer::from_str(text)
            .into_iter()
            .collect::<Result<_, _>>()
            .unwrap_or_else(|error| panic!("{line}: {error}: {outcome}"));
        assert!(!answers.is_empty(), "{line}: {outcome}");
        for answer in &answers {
            keys(answer, &mut found);
        }
    }
    Some(found)
}

#[cfg(unix)]
fn run(line: &str) -> Option<Outcome> {
    let needs_database =
        ["development restore ", "development backup"].iter().any(|word| line.starts_with(word));
    if !needs_database {
        return Some(Scene::playhouse().run(line));
    }
    let project = super::restore::Project::new()?;
    let kept = project.scene.run("development backup kept");
    assert_eq!(kept.status, Some(0), "{kept}");
    Some(project.scene.run(line))
}

#[cfg(not(unix))]
fn run(line: &str) -> Option<Outcome> {
    Some(Scene::playhouse().run(line))
}

#[test]
fn json_fields_are_documented_and_exist() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/json.md")).unwrap();
    let described = sections(&page);
    let mut wrong = Vec::new();
    for (heading, lines) in SECTIONS {
        let Some((_, section)) = described.iter().find(|(found, _)| *found == *heading) else {
            wrong.push(format!("{heading}: no such section"));
            continue;
        };
        let (Some(printed), known) = (printed(lines), names(section)) else { continue };
        for field in printed.difference(&known) {
            wrong.push(format!("{heading}: `{field}` is printed and not documented"));
        }
        for field in fields(section).difference(&printed) {
            if !CONDITIONAL.contains(&field.as_str()) {
                wrong.push(format!("{heading}: `{field}` is documented and not printed"));
            }
        }
    }
    let schemas: BTreeSet<String> = SECTIONS.iter().flat_map(|(heading, _)| commands(heading)).collect();
    wrong.extend(json_schema::names().symmetric_difference(&schemas).map(|name| {
        format!("docs/schema/{name}.json: either the file is missing, or its command has no section")
    }));
    let tested: Vec<_> = SECTIONS.iter().map(|(heading, _)| *heading).chain([HEROKUS]).collect();
    wrong.extend(
        described
            .iter()
            .filter(|(heading, _)| !tested.contains(heading))
            .map(|(heading, _)| format!("{heading}: not tested")),
    );
    assert!(wrong.is_empty(), "docs/json.md:\n{}", wrong.join("\n"));
}
