//! Configuration: the team's `greenroom.toml`, the person's `config.toml`, and how they are merged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::Deserialize;

use crate::error::{Error, Kind, Result};
use crate::file;
use crate::hint::Hint;
use crate::model::{AppName, Stage};
use crate::text::{is_hostile, nearest};

/// The team's file, at the repository's root.
pub const PROJECT_FILE: &str = "greenroom.toml";

/// The largest configuration file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// The merged configuration. The team's file wins, except that it cannot take away a person's `protected = true`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The pipeline that the environments' stages are looked up in: a name or an id.
    pub pipeline: Option<String>,
    /// How code moves.
    pub release: Release,
    /// What `console` and `migrate` run.
    pub commands: Commands,
    /// What `development` works on.
    pub development: Development,
    /// How a database of this machine is restored.
    pub restore: Restore,
    /// The merged aliases, by name.
    pub aliases: BTreeMap<String, Alias>,
    /// The merged environments.
    pub environments: BTreeMap<String, Environment>,
    /// The environments of the team's file alone.
    pub team: BTreeMap<String, Environment>,
    /// The environments of the person's file alone.
    pub personal: BTreeMap<String, Environment>,
    /// The files that were read, for messages; the team's first.
    pub files: Vec<PathBuf>,
}

/// `[environments.NAME]`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// The one app of this environment.
    pub app: Option<AppName>,
    /// Its apps, where it has several.
    pub apps: Option<Vec<AppName>>,
    /// The git remote that names its app.
    pub remote: Option<String>,
    /// The pipeline that holds its app, where it is not the project's.
    pub pipeline: Option<String>,
    /// The stage of the pipeline that holds its app.
    pub stage: Option<Stage>,
    /// Whether moving code here requires a confirmation.
    pub protected: Option<bool>,
    /// Only what this branch contains may be deployed here.
    pub branch: Option<String>,
    /// The file that names the app.
    #[serde(skip)]
    pub file: PathBuf,
}

/// `[release]`.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// When an existing slug counts as a commit's slug.
    #[serde(rename = "match")]
    pub matches: Option<Match>,
}

/// `[commands]`: lines of shell, run on a one-off dyno.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Commands {
    /// What `console` runs.
    pub console: Option<String>,
    /// What `migrate` runs.
    pub migrate: Option<String>,
}

/// `[development]`: this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Development {
    /// Its database: a name, or a URL.
    pub database: Option<Located>,
}

/// `[restore]`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// Files of the project that are run in a restored database before it takes the place of the old one.
    pub after: Option<Vec<String>>,
    /// Whether nothing is restored without such a file.
    pub require_hook: Option<bool>,
    /// The tables whose rows are left out.
    #[serde(default)]
    pub exclude_table_data: Vec<String>,
}

/// A text, and where it stands. Its `Debug` does not show it: the URL of a database may have a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Located {
    /// The text.
    pub text: String,
    /// The file: the team's by its name, the person's by its path.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Debug for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Located({}:{})", self.file.display(), self.line)
    }
}

/// An entry of `[aliases]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The words it stands for, at least one; the first is a command.
    pub words: Vec<String>,
    /// The file that has it.
    pub file: PathBuf,
}

/// When a slug counts as a commit's slug.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// It was built from this commit.
    #[default]
    Commit,
    /// It was built from this commit or one with the same files, as after a squash merge.
    Tree,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    pipeline: Option<String>,
    #[serde(default)]
    release: Release,
    #[serde(default)]
    commands: Commands,
    #[serde(default, rename = "aliases")]
    alias_lines: BTreeMap<String, String>,
    #[serde(skip)]
    aliases: BTreeMap<String, Alias>,
    #[serde(default)]
    development: DevelopmentSection,
    #[serde(default)]
    restore: Restore,
    #[serde(default)]
    environments: BTreeMap<String, Environment>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DevelopmentSection {
    database: Option<toml::Spanned<String>>,
    #[serde(skip)]
    located: Option<Located>,
}

impl fmt::Debug for DevelopmentSection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.located.fmt(f)
    }
}

impl Config {
    /// Reads the team's file in `root` and the person's file; a missing file says nothing.
    ///
    /// Where `root` is no repository, which git would have looked at, the team's file must not be another user's.
    pub fn read(root: Option<&Path>, is_repository: bool) -> Result<Self> {
        let mut config = Self::default();
        if let Some(project) = root.map(|root| root.join(PROJECT_FILE))
            && let Some(file) = config.take(project, !is_repository)?
        {
            config.team.clone_from(&file.environments);
            config.merge(file);
        }
        if let Some(personal) = personal_file()
            && let Some(file) = config.take(personal, false)?
        {
            config.personal.clone_from(&file.environments);
            config.merge(file);
        }
        Ok(config)
    }

    /// Whether there may be a configuration: a file in the current folder or one above it, or the person's. Far cheaper
    /// than reading it, which opens the repository.
    pub fn may_exist() -> bool {
        let here = std::env::current_dir().unwrap_or_default();
        std::env::var_os("GIT_DIR").is_some()
            || here.ancestors().any(|folder| folder.join(PROJECT_FILE).exists())
            || personal_file().is_some_and(|file| file.exists())
    }

    /// Reads a file if it exists.
    fn take(&mut self, path: PathBuf, must_be_ours: bool) -> Result<Option<File>> {
        let Some(text) = read_text(&path, must_be_ours)? else { return Ok(None) };
        let file = parse(&path, &text)?;
        self.files.push(path);
        Ok(Some(file))
    }

    /// Takes from `weaker` what is not set yet.
    fn merge(&mut self, weaker: File) {
        self.pipeline = self.pipeline.take().or(weaker.pipeline);
        self.release.matches = self.release.matches.or(weaker.release.matches);
        self.commands.console = self.commands.console.take().or(weaker.commands.console);
        self.commands.migrate = self.commands.migrate.take().or(weaker.commands.migrate);
        self.development.database = self.development.database.take().or(weaker.development.located);
        self.restore.after = self.restore.after.take().or(weaker.restore.after);
        // Either of the two may demand it.
        self.restore.require_hook = match (self.restore.require_hook, weaker.restore.require_hook) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (stronger, weaker) => stronger.or(weaker),
        };
        self.restore.exclude_table_data.extend(weaker.restore.exclude_table_data);
        for (name, alias) in weaker.aliases {
            self.aliases.entry(name).or_insert(alias);
        }
        for (name, environment) in weaker.environments {
            self.environments.entry(name).or_default().merge(environment);
        }
    }

    /// The team's file, where it alone takes the protection from `production`.
    pub fn unprotects_production(&self) -> Option<&Path> {
        let told = |told: &BTreeMap<String, Environment>| told.get("production")?.protected;
        let takes_it = told(&self.team) == Some(false) && told(&self.personal).is_none();
        self.team.get("production").filter(|_| takes_it).map(|production| production.file.as_path())
    }

    /// Whether moving code to this environment requires a confirmation; the default is true for `production` only.
    pub fn is_protected(&self, environment: &str) -> bool {
        self.environments
            .get(environment)
            .and_then(|environment| environment.protected)
            .unwrap_or(environment == "production")
    }
}

impl Environment {
    fn merge(&mut self, weaker: Self) {
        // The keys that name the app are taken from one file: mixed, they could name an app that neither file has.
        if !self.names_an_app() {
            self.app = weaker.app;
            self.apps = weaker.apps;
            self.remote = weaker.remote;
            self.pipeline = weaker.pipeline;
            self.stage = weaker.stage;
            self.file = weaker.file;
        }
        self.protected = match (self.protected, weaker.protected) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (stronger, weaker) => stronger.or(weaker),
        };
        self.branch = self.branch.take().or(weaker.branch);
    }

    /// Whether it names an app.
    pub fn names_an_app(&self) -> bool {
        self.app.is_some()
            || self.apps.is_some()
            || self.remote.is_some()
            || self.pipeline.is_some()
            || self.stage.is_some()
    }
}

/// `$XDG_CONFIG_HOME/greenroom/config.toml`, on macOS too.
fn personal_file() -> Option<PathBuf> {
    Some(etcetera::base_strategy::choose_base_strategy().ok()?.config_dir().join("greenroom/config.toml"))
}

/// The file's text, or none where there is no such file.
fn read_text(path: &Path, must_be_ours: bool) -> Result<Option<String>> {
    let cannot = |error: io::Error| {
        Error::from(error).context(format!("cannot read {}", path.display())).kind_of(Kind::Usage)
    };
    let file = match file::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(cannot(error)),
    };
    if let Some(stranger) = file::stranger(&file.metadata().map_err(cannot)?).filter(|_| must_be_ours) {
        return Err(Error::usage(format!("{} belongs to another user (uid {stranger})", path.display()))
            .hint(Hint::script("sudo chown \"$USER\" {}", [[path]]).note("if you trust its contents")));
    }
    let bytes = file::read_from(file, LARGEST).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => {
            Error::usage(format!("{} is larger than 1 MiB and was not read", path.display()))
        }
        _ => cannot(error),
    })?;
    let text = String::from_utf8(bytes);
    text.map(Some).map_err(|error| cannot(io::Error::new(ErrorKind::InvalidData, error)))
}

/// Reads one file's text; errors name the file, the line and, for an unknown key, the nearest known one.
fn parse(path: &Path, text: &str) -> Result<File> {
    let mut file: File = toml::from_str(text).map_err(|error| bad_file(path, text, &error))?;
    let Commands { console, migrate } = &file.commands;
    for (key, line) in [("console", console), ("migrate", migrate)] {
        if line.as_deref().is_some_and(|line| line.trim().is_empty()) {
            return Err(Error::usage(format!("{}: [commands]: `{key}` is empty", path.display())));
        }
    }
    if let Some(database) = file.development.database.take() {
        let line = line_at(text, database.span().start);
        let database = database.into_inner();
        if database.trim().is_empty() {
            return Err(Error::usage(format!(
                "{}:{line}: [development]: `database` is empty",
                path.display()
            )));
        }
        let named = path.ends_with(PROJECT_FILE).then(|| PathBuf::from(PROJECT_FILE));
        let shown = named.unwrap_or_else(|| path.to_owned());
        file.development.located = Some(Located { text: database, file: shown, line });
    }
    for (name, line) in &file.alias_lines {
        let words = alias_words(name, line)
            .map_err(|message| Error::usage(format!("{}: [aliases]: `{name}` {message}", path.display())))?;
        file.aliases.insert(name.clone(), Alias { words, file: path.to_owned() });
    }
    for (name, environment) in &mut file.environments {
        path.clone_into(&mut environment.file);
        check(name, environment).map_err(|(message, hint)| {
            let error = Error::usage(format!("{}: [environments.{name}]: {message}", path.display()));
            hint.into_iter().fold(error, Error::hint)
        })?;
    }
    Ok(file)
}

/// The line of the text, from 1, that has this byte.
fn line_at(text: &str, byte: usize) -> usize {
    memchr::memchr_iter(b'\n', &text.as_bytes()[..byte.min(text.len())]).count() + 1
}

/// The words of an alias. A repository must not answer the question that protects an environment, so none of them may.
fn alias_words(name: &str, line: &str) -> Result<Vec<String>, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-:".contains(c);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(fits) || name == "help" {
        return Err(
            "is not a valid name (letters, digits, - and :, starting with a letter; not `help`)".into()
        );
    }
    if line.chars().any(is_hostile) {
        return Err("contains a control character or an invisible one".into());
    }
    let words = shell_words::split(line).map_err(|_| "has a quote that is not closed")?;
    match words.first() {
        None => return Err("is empty".into()),
        Some(first) if first.is_empty() || first.starts_with('-') => {
            return Err(format!("stands for {first:?}, which is not a command"));
        }
        Some(_) => {}
    }
    // psql's `-c` takes a command; with most other commands of the Heroku CLI that have it, it answers the question.
    let takes_c = ["pg:psql", "psql", "data:pg:psql"].contains(&words[0].as_str());
    let agrees = |word: &&String| match word.strip_prefix("--") {
        Some(long) => ["yes", "confirm"].contains(&long.split('=').next().unwrap_or_default()),
        None => word.starts_with('-') && (word.contains('y') || word.contains('c') && !takes_c),
    };
    match words.iter().take_while(|word| *word != "--").find(agrees) {
        Some(word) => Err(format!(
            "contains `{word}` before any `--`, and an alias must not be able to answer a confirmation"
        )),
        None => Ok(words),
    }
}

fn bad_file(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    let line = error.span().map_or(1, |span| line_at(text, span.start));
    let message = error.message();
    let failure = Error::usage(format!("{}:{line}: {message}", path.display()));
    match nearest_key(message) {
        Some(key) => failure.hint(Hint::text(format!("did you mean `{key}`?"))),
        None => failure,
    }
}

/// The known key most like the unknown one, both as the parser's message quotes them.
fn nearest_key(message: &str) -> Option<&str> {
    let mut quoted = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    nearest(unknown, quoted)
}

/// Checks an environment; the error may come with a hint.
fn check(name: &str, environment: &Environment) -> Result<(), (String, Option<Hint>)> {
    let wrong = |message: String| (message, None);
    crate::names::check_name(name).map_err(wrong)?;
    if name == "review" {
        check_review(environment).map_err(wrong)?;
    }
    check_ways(environment).map_err(wrong)?;
    if let Some(branch) = environment.branch.as_deref().filter(|branch| !is_branch_name(branch)) {
        return Err(wrong(format!("`branch` is {branch:?}, which is not a valid branch name")));
    }
    match &environment.stage {
        Some(Stage::Other(stage)) => Err((
            format!("`stage` is {stage:?}, which is not a pipeline stage ({})", Stage::WORDS.join(", ")),
            nearest(stage, Stage::WORDS.iter().copied())
                .map(|near| Hint::text(format!("did you mean `{near}`?"))),
        )),
        _ => Ok(()),
    }
}

/// Whether git would take this for a branch's name, as far as it matters for what is made of it.
fn is_branch_name(branch: &str) -> bool {
    let odd = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c);
    !branch.is_empty() && !branch.starts_with(['-', '/']) && !branch.contains("..") && !branch.contains(odd)
}

/// A review app is selected on the command line; only its pipeline can be configured.
fn check_review(review: &Environment) -> Result<(), String> {
    let said = [
        ("app", review.app.is_some()),
        ("apps", review.apps.is_some()),
        ("remote", review.remote.is_some()),
        ("stage", review.stage.is_some()),
    ];
    match said.iter().find(|(_, said)| *said) {
        Some((key, _)) => Err(format!(
            "`{key}` has no meaning here: review apps are found in the pipeline, by pull request or branch, so only \
             `pipeline` and `protected` can be set"
        )),
        None => Ok(()),
    }
}

fn check_ways(environment: &Environment) -> Result<(), String> {
    let ways = [
        environment.app.is_some(),
        environment.apps.is_some(),
        environment.remote.is_some(),
        environment.pipeline.is_some() || environment.stage.is_some(),
    ];
    if ways.into_iter().filter(|way| *way).count() > 1 {
        return Err("only one of `app`, `apps`, `remote` and `pipeline`/`stage` can be set".into());
    }
    let Some(apps) = &environment.apps else { return Ok(()) };
    if apps.is_empty() {
        return Err("`apps` is empty".into());
    }
    let mut seen = BTreeSet::new();
    match apps.iter().map(AppName::as_ref).find(|app| !seen.insert(*app)) {
        Some(twice) => Err(format!("`apps` names {twice} twice")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> File {
        parse(Path::new("greenroom.toml"), text).unwrap()
    }

    fn failure(text: &str) -> String {
        let mut out = anstream::AutoStream::never(Vec::new());
        crate::terminal::report(&parse(Path::new("greenroom.toml"), text).unwrap_err(), &mut out);
        String::from_utf8(out.into_inner()).unwrap()
    }

    #[test]
    fn an_unknown_key_names_file_line_and_nearest_key() {
        let said = failure("pipeline = \"playhouse\"\n\n[environments.qa]\nremot = \"qa\"\n");
        assert!(said.starts_with("error: greenroom.toml:4: unknown field `remot`"), "{said}");
        assert!(said.ends_with("hint: did you mean `remote`?\n"), "{said}");
    }

    #[test]
    fn an_app_name_off_the_rule_is_an_error() {
        let said = failure("[environments.qa]\napp = \"--upload-pack=x\"\n");
        assert!(said.contains("greenroom.toml:2: "), "{said}");
    }

    #[test]
    fn a_command_is_a_line_of_shell() {
        let mut config = Config::default();
        config.merge(read("[commands]\nconsole = \"bin/rails console\"\n"));
        config.merge(read("[commands]\nconsole = \"irb\"\nmigrate = \"bin/rails db:migrate\"\n"));
        assert_eq!(config.commands.console.as_deref(), Some("bin/rails console"), "the team's file wins");
        assert_eq!(config.commands.migrate.as_deref(), Some("bin/rails db:migrate"));
        let said = failure("[commands]\nconsole = \" \"\n");
        assert_eq!(said, "error: greenroom.toml: [commands]: `console` is empty\n");
        let said = failure("[commands]\nmigrat = \"x\"\n");
        assert!(said.starts_with("error: greenroom.toml:2: unknown field `migrat`"), "{said}");
        assert!(said.ends_with("hint: did you mean `migrate`?\n"), "{said}");
    }

    #[test]
    fn the_database_of_this_machine_has_its_line_and_is_not_shown() {
        let mut config = Config::default();
        config.merge(read("pipeline = \"x\"\n[development]\ndatabase = \"postgres://u:hunter2@h/a\"\n"));
        config.merge(read("development.database = \"other\"\n"));
        let database = config.development.database.clone().unwrap();
        assert_eq!((database.text.as_str(), database.line), ("postgres://u:hunter2@h/a", 3));
        assert!(
            !format!("{config:?} {:?}", read("development.database = \"hunter2\"\n")).contains("hunter2")
        );
        let said = failure("[development]\ndatabase = \" \"\n");
        assert_eq!(said, "error: greenroom.toml:2: [development]: `database` is empty\n");
    }

    #[test]
    fn two_ways_to_say_which_app_are_an_error() {
        let said = failure("[environments.qa]\napp = \"playhouse\"\nremote = \"qa\"\n");
        assert!(said.contains("only one of"), "{said}");
    }

    #[test]
    fn a_stage_that_no_pipeline_has_is_an_error_with_the_nearest() {
        let said = failure("[environments.live]\nstage = \"prodution\"\n");
        assert!(said.contains("[environments.live]: `stage` is \"prodution\""), "{said}");
        assert!(said.ends_with("hint: did you mean `production`?\n"), "{said}");
        assert!(!failure("[environments.live]\nstage = \"qqq\"\n").contains("did you mean"));
        for stage in Stage::WORDS {
            read(&format!("[environments.live]\nstage = \"{stage}\"\n"));
        }
    }

    #[test]
    fn an_app_named_twice_is_an_error() {
        let said = failure("[environments.live]\napps = [\"one\", \"two\", \"one\"]\n");
        assert!(said.contains("`apps` names one twice"), "{said}");
    }

    #[test]
    fn what_would_be_ignored_for_review_is_an_error() {
        for line in ["app = \"one\"", "apps = [\"one\"]", "remote = \"one\"", "stage = \"review\""] {
            let said = failure(&format!("[environments.review]\n{line}\n"));
            assert!(said.contains("only `pipeline` and `protected` can be set"), "{line}: {said}");
        }
        let review = read("[environments.review]\npipeline = \"playhouse\"\nprotected = true\n");
        assert_eq!(review.environments["review"].pipeline.as_deref(), Some("playhouse"));
    }

    #[test]
    fn production_is_protected_unless_told_otherwise() {
        let mut config = Config::default();
        assert!(config.is_protected("production") && !config.is_protected("staging"));
        config.merge(read("[environments.production]\nprotected = false"));
        assert!(!config.is_protected("production"));
        config.merge(read("[environments.production]\nprotected = true"));
        assert!(config.is_protected("production"), "a person's caution is not taken away");
    }

    fn environments() -> impl Strategy<Value = Environment> {
        let name = || proptest::option::of("[a-z][a-z0-9]{3,8}");
        (name(), name(), proptest::option::of(any::<bool>())).prop_map(|(app, remote, protected)| {
            Environment {
                remote: if app.is_some() { None } else { remote },
                app: app.map(|app| app.parse().unwrap()),
                protected,
                ..Environment::default()
            }
        })
    }

    proptest! {
        #[test]
        fn merging_keeps_what_the_stronger_says(stronger in environments(), weaker in environments()) {
            let mut merged = stronger.clone();
            merged.merge(weaker.clone());
            let which = if stronger.names_an_app() { &stronger } else { &weaker };
            prop_assert_eq!(&merged.app, &which.app);
            prop_assert_eq!(&merged.remote, &which.remote);
            let cautious = stronger.protected == Some(true) || weaker.protected == Some(true);
            prop_assert_eq!(merged.protected == Some(true), cautious);
        }

        #[test]
        fn merging_twice_changes_nothing_more(stronger in environments(), weaker in environments()) {
            let mut once = stronger;
            once.merge(weaker.clone());
            let mut twice = once.clone();
            twice.merge(weaker);
            prop_assert_eq!(once, twice);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,200}") {
            _ = parse(Path::new("greenroom.toml"), &text);
        }
    }
}
