//! The documentation, held against the program: the README's commands are run, its tables and links are looked up,
//! and `docs/commands.md` is what `--help` says.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use greenroom::commands;
use regex_lite::Regex;

use super::scene::Scene;

mod console;

use console::{Running, Step, fits, without_time, words};

/// The two lines of cargo's that need nothing but Rust and git. They are not run: one of them is running this.
const CARGO: [&str; 2] = ["cargo run -- rehearse", "cargo test"];

/// Everything that the README may run.
const PROGRAMS: [&str; 8] =
    ["production", "staging", "prepare", "development", "review", "greenroom", "git", "echo"];

/// Variables that nobody sets for greenroom's sake; they need no documentation here.
const EVERYDAY: [&str; 7] =
    ["PATH", "HOME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "XDG_DATA_HOME"];

#[test]
fn every_command_in_the_readme_prints_what_stands_below_it() {
    let mut scene = Scene::quiet();
    // A commit that the README makes always has the same id.
    for name in ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"] {
        scene.set(name, "2026-03-15T19:30:00+00:00");
    }
    let steps = Step::all(&read("README.md"));
    assert!(steps.len() > 5, "console blocks begin with ```console");
    let mut last = Some(0);
    for Step { place, line, mut expected } in steps {
        if line.starts_with("cargo ") {
            assert!(CARGO.contains(&&*line), "README.md:{place}: {line:?} is none of {CARGO:?}");
            continue;
        }
        let words = words(&line).unwrap_or_else(|why| panic!("README.md:{place}: {why}"));
        assert!(PROGRAMS.contains(&&*words[0]), "README.md:{place}: {:?} is no known command", words[0]);
        if words == ["echo", "$?"] {
            assert_eq!(expected, [last.expect("an exit code").to_string()], "README.md:{place}");
            continue;
        }
        let interrupted = expected.pop_if(|line| line == "^C").is_some();
        let mut printed = Running::start(&scene, &words);
        let (lines, status) =
            if interrupted { (printed.interrupt_after(expected.len()), None) } else { printed.finish() };
        let mut lines: Vec<String> = lines.iter().map(|line| without_time(line)).collect();
        let mut expected: Vec<String> = expected.iter().map(|line| without_time(line)).collect();
        if line.contains(" on ") && words[0] == "greenroom" {
            // Several environments print as they come.
            lines.sort();
            expected.sort();
        }
        assert!(
            fits(&expected, &lines),
            "README.md:{place}: `{line}` prints\n{}\n\nand the README says\n{}\n",
            lines.join("\n"),
            expected.join("\n")
        );
        let failed = expected.iter().any(|line| line.starts_with("error:"));
        assert!(interrupted || (status == Some(0)) != failed, "README.md:{place}: exit code {status:?}");
        last = status;
    }
}

/// The commands that one environment alone has, with its name.
fn only_in_one() -> impl Iterator<Item = (&'static str, &'static commands::Command)> {
    commands::ONLY_IN.iter().flat_map(|(name, table)| table.iter().map(move |command| (*name, command)))
}

#[test]
fn the_readme_mentions_every_command() {
    let readme = read("README.md");
    for command in commands::of("staging") {
        assert!(readme.contains(&format!("`{}`", command.name)), "{} is not in README.md", command.name);
        let used =
            Regex::new(&format!(r"(production|staging) ([^`\n]* )?{}\b", command.name)).expect("a pattern");
        assert!(used.is_match(&readme), "README.md does not use {}", command.name);
    }
    for (environment, command) in only_in_one() {
        let used = format!("{environment} {}", command.name);
        assert!(readme.contains(&used), "{used} is not in README.md");
    }
    for command in commands::of_the_suite() {
        assert!(
            readme.contains(&format!("greenroom {}", command.name))
                || readme.contains(&format!("-- {}", command.name)),
            "greenroom {} is not in README.md",
            command.name
        );
    }
}

#[test]
fn every_variable_that_is_read_is_documented() {
    let asked =
        Regex::new(r#"\b(?:env|var|var_os|value|path|off)\("([A-Z][A-Z0-9_]+)"\)"#).expect("a pattern");
    let readme = read("README.md");
    let all = readme.clone() + &read("docs/configuration.md");
    let mut seen = BTreeSet::new();
    for file in sources(&["src", "bin"]) {
        let text = fs::read_to_string(&file).expect("a file");
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        seen.extend(asked.captures_iter(code).map(|found| found[1].to_owned()));
    }
    assert!(seen.contains("GREENROOM_TIMEOUT") && seen.contains("HEROKU_HOST"), "{seen:?}");
    for name in seen.iter().filter(|name| !EVERYDAY.contains(&name.as_str())) {
        let page = if name.starts_with("GREENROOM_") { &readme } else { &all };
        assert!(page.contains(&format!("`{name}`")), "{name} is read and not documented");
    }
}

#[test]
fn every_variable_of_the_tests_is_documented() {
    let named = Regex::new("GREENROOM_[A-Z_]*[A-Z]").expect("a pattern");
    let pages = read("CONTRIBUTING.md") + &read("README.md");
    for file in sources(&["tests", "rehearsal/tests"]) {
        let text = fs::read_to_string(&file).expect("a file");
        for found in named.find_iter(&text) {
            let name = found.as_str();
            assert!(pages.contains(name), "{name} of {} is in neither page", file.display());
        }
    }
}

#[test]
fn the_command_reference_is_what_help_says() {
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
         What `--help` prints. `GREENROOM_UPDATE_DOCS=1 cargo test --test suite readme` writes this page anew.\n\n\
         `staging` stands for every environment here: `production`, `prepare`, `development` and `review` have the\n\
         same commands. What is not listed is forwarded to the Heroku CLI.\n\n## staging\n\n",
    );
    page += &help(&["staging"]);
    for command in commands::of("staging") {
        page.extend([format!("\n### staging {}\n\n{}", command.name, help(&["staging", command.name]))]);
    }
    for (environment, table) in commands::ONLY_IN {
        page.extend([format!("\n## {environment}\n\n`{environment}` has these commands too.\n")]);
        for command in table {
            let name = command.name;
            page.extend([format!("\n### {environment} {name}\n\n{}", help(&[environment, name]))]);
        }
    }
    page.extend([format!("\n## greenroom\n\n{}", help(&["greenroom"]))]);
    for command in commands::of_the_suite() {
        page.extend([format!("\n### greenroom {}\n\n{}", command.name, help(&["greenroom", command.name]))]);
    }
    page
}

#[test]
fn every_configuration_that_is_shown_is_accepted() {
    let scene = Scene::bare();
    let mut shown = 0;
    for page in ["README.md", "docs/configuration.md", "docs/coming-from-parity.md", "docs/ci.md"] {
        for (place, block) in blocks(&read(page), "toml") {
            scene.write("greenroom.toml", block.join("\n") + "\n");
            let outcome = scene.run("staging which");
            assert_ne!(outcome.status, Some(2), "{page}:{place}: {outcome}");
            shown += 1;
        }
    }
    assert!(shown > 1, "blocks begin with ```toml");
}

#[test]
fn every_link_leads_to_something() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").expect("a pattern");
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
fn what_is_new_is_in_the_changelog() {
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
