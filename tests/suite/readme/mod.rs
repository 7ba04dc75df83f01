//! The documentation, compared with the program: console blocks are run, commands, variables and links are looked up,
//! and `docs/commands.md` is what `--help` prints.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use greenroom::commands;
use regex_lite::Regex;

use super::scene::Scene;

mod console;
mod picture;

/// Variables that nobody sets for greenroom's sake; they need no documentation here.
const EVERYDAY: [&str; 7] =
    ["PATH", "HOME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "XDG_DATA_HOME"];

#[test]
fn console_blocks_print_what_stands_below_the_command() {
    let pages = guides();
    let ran: usize = thread::scope(|threads| {
        let runs: Vec<_> = pages.iter().map(|page| threads.spawn(|| console::run(page))).collect();
        runs.into_iter().map(|run| run.join().unwrap_or_else(|panic| resume_unwind(panic))).sum()
    });
    assert!(ran > 20, "console blocks begin with ```console");
}

/// The commands that one environment alone has, with its name.
fn only_in_one() -> impl Iterator<Item = (&'static str, &'static commands::Command)> {
    let here = ("development", commands::DEVELOPMENT);
    commands::ONLY_IN
        .into_iter()
        .chain([here])
        .flat_map(|(name, table)| table.iter().map(move |command| (name, command)))
}

#[test]
fn every_command_is_explained_outside_the_reference() {
    let text: String = guides().iter().map(|page| read(page)).collect();
    for command in commands::of("staging") {
        assert!(text.contains(&format!("`{}`", command.name)), "{} is on no page", command.name);
        let used =
            Regex::new(&format!(r"(production|staging) ([^`\n]* )?{}\b", command.name)).expect("a pattern");
        assert!(used.is_match(&text), "no page uses {}", command.name);
    }
    for (environment, command) in only_in_one() {
        let used = format!("{environment} {}", command.name);
        assert!(text.contains(&used), "{used} is on no page");
    }
    for command in commands::of_the_suite() {
        assert!(
            text.contains(&format!("greenroom {}", command.name))
                || text.contains(&format!("-- {}", command.name)),
            "greenroom {} is on no page",
            command.name
        );
    }
}

#[test]
fn the_readme_is_short() {
    let lines = read("README.md").lines().count();
    assert!(lines <= 200, "README.md has {lines} lines; details belong in docs/");
}

/// British words, by how they begin, of which these pages have the American form; as Heroku's documentation does.
const BRITISH: &str = r"(?i)\b(behaviour|catalogue|centre|colour|honour|licence|neighbour|organis|recognis)";

#[test]
fn pages_have_american_spelling() {
    let british = Regex::new(BRITISH).expect("a pattern");
    for page in guides().iter().map(String::as_str).chain(["docs/commands.md", "CHANGELOG.md"]) {
        for (line, number) in read(page).lines().zip(1..) {
            assert!(!british.is_match(line), "{page}:{number}: {line}");
        }
    }
}

#[test]
fn the_index_links_to_every_page() {
    assert!(read("README.md").contains("](docs/index.md)"), "README.md does not link to the index");
    let index = read("docs/index.md");
    for page in pages() {
        let name = page.file_name().and_then(|name| name.to_str()).expect("a name");
        if page.starts_with(root().join("docs")) && name != "index.md" {
            assert!(index.contains(&format!("]({name})")), "docs/index.md does not link to {name}");
        }
    }
}

#[test]
fn every_variable_that_is_read_is_documented() {
    let asked =
        Regex::new(r#"\b(?:env|var|var_os|value|path|off)\("([A-Z][A-Z0-9_]+)"\)"#).expect("a pattern");
    let page = read("docs/configuration.md");
    let mut seen = BTreeSet::new();
    for file in sources(&["src", "bin"]) {
        let text = fs::read_to_string(&file).expect("a file");
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        seen.extend(asked.captures_iter(code).map(|found| found[1].to_owned()));
    }
    assert!(seen.contains("GREENROOM_TIMEOUT") && seen.contains("HEROKU_HOST"), "{seen:?}");
    for name in seen.iter().filter(|name| !EVERYDAY.contains(&name.as_str())) {
        assert!(page.contains(&format!("`{name}`")), "{name} is not in docs/configuration.md");
    }
}

#[test]
fn every_variable_of_the_tests_is_documented() {
    let named = Regex::new("GREENROOM_[A-Z_]*[A-Z]").expect("a pattern");
    let pages: String = guides().iter().map(|page| read(page)).chain([read("CONTRIBUTING.md")]).collect();
    for file in sources(&["tests", "rehearsal/tests"]) {
        let text = fs::read_to_string(&file).expect("a file");
        for found in named.find_iter(&text) {
            let name = found.as_str();
            assert!(pages.contains(name), "{name} of {} is on no page", file.display());
        }
    }
}

#[test]
fn the_command_reference_equals_help() {
    let page = reference();
    let path = root().join("docs/commands.md");
    if env::var_os("GREENROOM_UPDATE_DOCS").is_some() {
        fs::write(&path, &page).expect("a file");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let differs = page.lines().zip(written.lines()).find(|(help, page)| help != page);
    assert!(
        page == written,
        "docs/commands.md is not what --help says: {differs:?}\nGREENROOM_UPDATE_DOCS=1 cargo test --test suite readme"
    );
}

/// `docs/commands.md`, from every command's `--help`.
fn reference() -> String {
    let scene = Scene::bare();
    let help = |words: &[&str]| {
        let outcome = scene.run_words(words[0], &[&words[1..], &["--help"]].concat());
        assert_eq!(outcome.status, Some(0), "{outcome}");
        format!("```text\n{}\n```\n", outcome.stdout.trim_end())
    };
    let mut page = String::from(
        "# Commands\n\n\
         The output of `--help`. `GREENROOM_UPDATE_DOCS=1 cargo test --test suite readme` regenerates this page.\n\n\
         `staging` stands for any environment: `production`, `prepare` and `review` have the same commands, and so has\n\
         `development` where it is an app. A command that is not listed is forwarded to the Heroku CLI.\n\n## staging\n\n",
    );
    page += &help(&["staging"]);
    for command in commands::of("staging") {
        page.extend([format!("\n### staging {}\n\n{}", command.name, help(&["staging", command.name]))]);
    }
    for (environment, table) in commands::ONLY_IN {
        page.extend([format!("\n## {environment}\n\n`{environment}` also has these commands.\n")]);
        for command in table {
            let name = command.name;
            page.extend([format!("\n### {environment} {name}\n\n{}", help(&[environment, name]))]);
        }
    }
    page.extend([format!("\n## development\n\n{}", help(&["development"]))]);
    for command in commands::DEVELOPMENT {
        page.extend([format!(
            "\n### development {}\n\n{}",
            command.name,
            help(&["development", command.name])
        )]);
    }
    page.extend([format!("\n## greenroom\n\n{}", help(&["greenroom"]))]);
    for command in commands::of_the_suite() {
        page.extend([format!("\n### greenroom {}\n\n{}", command.name, help(&["greenroom", command.name]))]);
    }
    page
}

#[test]
fn every_documented_configuration_is_accepted() {
    let scene = Scene::bare();
    let mut shown = 0;
    for page in guides() {
        for (place, block) in blocks(&read(&page), "toml") {
            scene.write("greenroom.toml", block.join("\n") + "\n");
            let outcome = scene.run("staging which");
            assert_ne!(outcome.status, Some(2), "{page}:{place}: {outcome}");
            shown += 1;
        }
    }
    assert!(shown > 1, "blocks begin with ```toml");
}

#[test]
fn every_link_and_path_exists() {
    let link = Regex::new(r#"(?:\]\(|src="|srcset=")([^)"\s]+)[)"]"#).expect("a pattern");
    let named = Regex::new(r"`((?:src|bin|tests|rehearsal|docs)/[A-Za-z0-9_./-]+)`").expect("a pattern");
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a file");
        let folder = page.parent().expect("a folder");
        for found in link.captures_iter(&text) {
            let (target, part) = found[1].split_once('#').unwrap_or((&found[1], ""));
            if target.contains("://") {
                continue;
            }
            let file = if target.is_empty() { page.clone() } else { folder.join(target) };
            let text = fs::read_to_string(&file);
            assert!(text.is_ok(), "{}: {} is not there", page.display(), &found[1]);
            let parts: Vec<String> = text.iter().flat_map(|text| text.lines()).filter_map(anchor).collect();
            assert!(part.is_empty() || parts.iter().any(|known| known == part), "{}: {part}", page.display());
        }
        for found in named.captures_iter(&text) {
            assert!(root().join(&found[1]).exists(), "{}: {} is not there", page.display(), &found[1]);
        }
    }
}

/// The name under which a heading can be linked to.
fn anchor(line: &str) -> Option<String> {
    let heading = line.strip_prefix('#')?.trim_start_matches('#').strip_prefix(' ')?.to_lowercase();
    Some(
        heading
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .collect::<String>()
            .replace(' ', "-"),
    )
}

#[test]
fn the_changelog_has_a_section_for_what_is_new() {
    let changelog = read("CHANGELOG.md");
    let (_, unreleased) = changelog.split_once("\n## [Unreleased]\n").expect("an Unreleased section");
    assert!(unreleased.contains("\n### Added\n"), "Unreleased has no Added");
    let version = env!("CARGO_PKG_VERSION");
    assert!(
        version == "0.1.0" || unreleased.contains(&format!("\n## [{version}]")),
        "{version} has no section"
    );
}

/// The fenced blocks of this language, each with the number of its first line.
fn blocks(text: &str, language: &str) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let mut lines = text.lines().zip(1..);
    while let Some((line, place)) = lines.next() {
        let Some(opened) = line.strip_prefix("```") else { continue };
        let block =
            lines.by_ref().map(|(line, _)| line.to_owned()).take_while(|line| line != "```").collect();
        if opened == language {
            found.push((place + 1, block));
        }
    }
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

/// The pages that people read, as paths from the root: the README and docs/, but for the generated reference.
fn guides() -> Vec<String> {
    let mut guides: Vec<String> = pages()
        .iter()
        .map(|page| page.strip_prefix(root()).expect("a page of the project").display().to_string())
        .filter(|page| page == "README.md" || page.starts_with("docs/") && page != "docs/commands.md")
        .collect();
    guides.sort();
    guides
}

/// The pages at the root and in docs/.
fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> =
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].iter().map(|page| root().join(page)).collect();
    let docs = fs::read_dir(root().join("docs")).expect("docs/").map(|entry| entry.expect("an entry").path());
    pages.extend(docs.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    pages
}

/// Every Rust file below these folders.
fn sources(folders: &[&str]) -> Vec<PathBuf> {
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}
