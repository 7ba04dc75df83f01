//! The pipeline file of a CI service, as `docs/ci.md` explains it: tests and build side by side, then promotions.

use std::fmt::Write as _;

use crate::hint::Hint;

/// A CI service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Service {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// `CircleCI`.
    Circleci,
}

impl Service {
    /// The word on the command line.
    pub(super) fn word(self) -> &'static str {
        match self {
            Service::Github => "github",
            Service::Gitlab => "gitlab",
            Service::Circleci => "circleci",
        }
    }

    /// Where the service looks for its file.
    pub(super) fn path(self) -> &'static str {
        match self {
            Service::Github => ".github/workflows/ship.yml",
            Service::Gitlab => ".gitlab-ci.yml",
            Service::Circleci => ".circleci/config.yml",
        }
    }

    /// The commit of a run.
    fn commit(self) -> &'static str {
        match self {
            Service::Github => "$GITHUB_SHA",
            Service::Gitlab => "$CI_COMMIT_SHA",
            Service::Circleci => "$CIRCLE_SHA1",
        }
    }
}

const INSTALL: &str = concat!(
    "cargo install --locked --git https://github.com/greenroom-cli/greenroom --tag v",
    env!("CARGO_PKG_VERSION"),
    " greenroom"
);

/// What a test job needs before the tests: at GitHub its steps, and the images of the others.
struct Toolchain {
    steps: &'static [&'static str],
    image: &'static str,
    circleci: &'static str,
}

/// The toolchain of a test command.
fn toolchain(test: &str) -> Toolchain {
    let (steps, image, circleci): (&[&str], _, _) = match test.split(' ').next().unwrap_or_default() {
        "npm" => (&[], "node:22", "cimg/node:22.11"),
        "bin/rails" | "bundle" => (
            &["- uses: ruby/setup-ruby@v1", "  with:", "    bundler-cache: true"],
            "ruby:3.4",
            "cimg/ruby:3.4-node",
        ),
        "python" => (
            &["- uses: actions/setup-python@v5", "  with:", "    python-version: '3.13'"],
            "python:3.13",
            "cimg/python:3.13",
        ),
        "mix" => (
            &[
                "- uses: erlef/setup-beam@v1",
                "  with:",
                "    otp-version: '27'",
                "    elixir-version: '1.18'",
            ],
            "elixir:1.18",
            "cimg/elixir:1.18",
        ),
        "php" => (&[], "composer:2", "cimg/php:8.4-node"),
        _ => (&[], "rust:1.89", "cimg/rust:1.89"),
    };
    Toolchain { steps, image, circleci }
}

/// The commands that install what the tests need.
fn dependencies(test: &str) -> &'static [&'static str] {
    match test.split(' ').next().unwrap_or_default() {
        "bin/rails" | "bundle" => &["bundle install"],
        "python" => &["pip install -r requirements.txt"],
        "mix" => &["mix local.hex --force", "mix deps.get"],
        "php" => &["composer install"],
        _ => &[],
    }
}

/// The file: jobs that test, build and promote, of `branch` alone. Without an app that builds, staging does.
pub(super) fn pipeline(service: Service, test: &str, branch: &str, prepare: bool) -> String {
    let commit = service.commit();
    let build = format!("{} deploy \"{commit}\"", if prepare { "prepare" } else { "staging" });
    let promotions: Vec<String> = if prepare { &["staging", "production"][..] } else { &["production"] }
        .iter()
        .map(|environment| format!("{environment} deploy --no-build \"{commit}\" --yes"))
        .collect();
    let mut jobs = Jobs { text: String::new(), test, branch: string(branch), build, promotions, prepare };
    match service {
        Service::Github => jobs.github(),
        Service::Gitlab => jobs.gitlab(),
        Service::Circleci => jobs.circleci(),
    }
    jobs.text
}

/// A string of YAML, quoted where it could be read as something else.
fn string(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_/.".contains(c));
    // TOML's basic strings are YAML's double-quoted ones.
    let quoted = || Hint::setting("", text).to_string().trim_start_matches([' ', '=']).to_owned();
    if is_plain { text.to_owned() } else { quoted() }
}

struct Jobs<'a> {
    text: String,
    test: &'a str,
    branch: String,
    build: String,
    promotions: Vec<String>,
    prepare: bool,
}

impl Jobs<'_> {
    /// A line, indented by so many steps of two.
    fn line(&mut self, depth: usize, text: &str) {
        _ = writeln!(self.text, "{:1$}{text}", "", 2 * depth);
    }

    /// The job that builds: beside the tests where an app of its own builds.
    fn builder(&self) -> &'static str {
        if self.prepare { "prepare" } else { "staging" }
    }

    fn github(&mut self) {
        for line in [
            "name: Ship",
            "on:",
            "  push:",
            &format!("    branches: [{}]", self.branch),
            "concurrency: ship",
            "jobs:",
        ] {
            self.line(0, line);
        }
        self.line(1, "test:");
        self.line(2, "runs-on: ubuntu-latest");
        self.line(2, "steps:");
        self.line(3, "- uses: actions/checkout@v4");
        let test = self.test;
        for step in toolchain(test).steps {
            self.line(3, step);
        }
        // The action has installed the gems.
        for install in dependencies(test).iter().filter(|install| **install != "bundle install") {
            self.line(3, &format!("- run: {install}"));
        }
        self.line(3, &format!("- run: {test}"));
        let (builder, build) = (self.builder(), self.build.clone());
        let after = if self.prepare { "" } else { "test" };
        self.github_job(builder, after, &[build]);
        let promotions = self.promotions.clone();
        self.github_job("promote", &format!("test, {builder}"), &promotions);
    }

    fn github_job(&mut self, name: &str, after: &str, commands: &[String]) {
        self.line(1, &format!("{name}:"));
        if !after.is_empty() {
            self.line(2, &format!("needs: [{after}]"));
        }
        for line in [
            "runs-on: ubuntu-latest",
            "env:",
            "  HEROKU_API_KEY: ${{ secrets.HEROKU_API_KEY }}",
            "steps:",
            "  - uses: actions/checkout@v4",
            "    with:",
            "      fetch-depth: 0",
        ] {
            self.line(2, line);
        }
        self.line(3, &format!("- run: {INSTALL}"));
        for command in commands {
            self.line(3, &format!("- run: {command}"));
        }
    }

    fn gitlab(&mut self) {
        let builder = self.builder();
        let stages = if self.prepare { "[prepare, promote]" } else { "[test, staging, promote]" };
        self.line(0, &format!("stages: {stages}\n"));
        self.line(0, "test:");
        self.line(1, &format!("stage: {}", if self.prepare { "prepare" } else { "test" }));
        let test = self.test;
        self.line(1, &format!("image: {}", toolchain(test).image));
        self.line(1, "script:");
        for command in dependencies(test).iter().chain([&test]) {
            self.line(2, &format!("- {command}"));
        }
        let (build, promotions) = (self.build.clone(), self.promotions.clone());
        self.gitlab_job(builder, &[build]);
        self.gitlab_job("promote", &promotions);
    }

    fn gitlab_job(&mut self, name: &str, commands: &[String]) {
        self.line(0, &format!("\n{name}:"));
        self.line(1, &format!("stage: {name}"));
        self.line(1, "image: rust:1.89");
        if name != "prepare" {
            self.line(1, "resource_group: production");
        }
        self.line(1, "rules:");
        self.line(2, "- if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH");
        self.line(1, "before_script:");
        self.line(2, &format!("- {INSTALL}"));
        self.line(1, "script:");
        for command in commands {
            self.line(2, &format!("- {command}"));
        }
    }

    fn circleci(&mut self) {
        let (builder, test, branch) = (self.builder(), self.test, self.branch.clone());
        self.line(0, "version: 2.1");
        self.line(0, "jobs:");
        let tests = dependencies(test).iter().chain([&test]).map(|command| (*command).to_owned());
        let tests: Vec<String> = tests.collect();
        self.circleci_job("test", toolchain(test).circleci, &tests);
        let installed = |commands: &[String]| [&[INSTALL.to_owned()], commands].concat();
        let (build, promotions) = (installed(std::slice::from_ref(&self.build)), installed(&self.promotions));
        self.circleci_job(builder, "cimg/rust:1.89", &build);
        self.circleci_job("promote", "cimg/rust:1.89", &promotions);
        for (depth, line) in [(0, "workflows:"), (1, "ship:"), (2, "jobs:"), (3, "- test")] {
            self.line(depth, line);
        }
        let only = format!("filters: {{ branches: {{ only: {branch} }} }}");
        self.line(3, &format!("- {builder}:"));
        if !self.prepare {
            self.line(5, "requires: [test]");
        }
        self.line(5, &only);
        self.line(3, "- promote:");
        self.line(5, &format!("requires: [test, {builder}]"));
        self.line(5, &only);
        self.line(5, "serial-group: production");
    }

    fn circleci_job(&mut self, name: &str, image: &str, commands: &[String]) {
        self.line(1, &format!("{name}:"));
        self.line(2, "docker:");
        self.line(3, &format!("- image: {image}"));
        self.line(2, "steps:");
        self.line(3, "- checkout");
        for command in commands {
            self.line(3, &format!("- run: {command}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_the_recipe_of_the_docs() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ci.md")).unwrap();
        let recipes: Vec<String> = page
            .split("```yaml\n")
            .skip(1)
            .filter_map(|block| Some(block.split_once("```")?.0))
            .map(|recipe| {
                recipe.lines().filter(|line| !line.contains("bin/smoke")).collect::<Vec<_>>().join("\n")
                    + "\n"
            })
            .collect();
        for service in [Service::Github, Service::Gitlab, Service::Circleci] {
            let file = pipeline(service, "npm test", "main", true);
            assert!(recipes.contains(&file), "{service:?}:\n{file}");
        }
    }

    #[test]
    fn a_branch_stays_one_string() {
        assert_eq!(string("main"), "main");
        assert_eq!(string("release/1.x"), "release/1.x");
        assert_eq!(string("a]: #x"), "\"a]: #x\"");
        assert_eq!(string("1.0"), "\"1.0\"");
    }
}
