//! One configuration file: how it is read, and what its errors name.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::Deserialize;

use super::PROJECT_FILE;
use super::aliases::{Alias, alias_words};
use super::environment::{Environment, check};
use super::sections::{Commands, Located, Release, Restore};
use crate::error::{Error, Kind, Result};
use crate::file;
use crate::hint::Hint;
use crate::text::nearest;

/// The largest configuration file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) pipeline: Option<String>,
    #[serde(default)]
    pub(super) release: Release,
    #[serde(default)]
    pub(super) commands: Commands,
    #[serde(default, rename = "aliases")]
    pub(super) alias_lines: BTreeMap<String, String>,
    #[serde(skip)]
    pub(super) aliases: BTreeMap<String, Alias>,
    #[serde(default)]
    pub(super) development: DevelopmentSection,
    #[serde(default)]
    pub(super) restore: Restore,
    #[serde(default)]
    pub(super) environments: BTreeMap<String, Environment>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DevelopmentSection {
    pub(super) database: Option<toml::Spanned<String>>,
    #[serde(skip)]
    pub(super) located: Option<Located>,
}

impl fmt::Debug for DevelopmentSection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.located.fmt(f)
    }
}

/// `$XDG_CONFIG_HOME/greenroom/config.toml`, on macOS too.
pub(super) fn personal_file() -> Option<PathBuf> {
    Some(etcetera::base_strategy::choose_base_strategy().ok()?.config_dir().join("greenroom/config.toml"))
}

/// The file's text, or none where there is no such file.
pub(super) fn read_text(path: &Path, must_be_ours: bool) -> Result<Option<String>> {
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
pub(super) fn parse(path: &Path, text: &str) -> Result<File> {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::Config;
    use crate::model::Stage;

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
    fn production_is_protected_unless_told_otherwise() {
        let mut config = Config::default();
        assert!(config.is_protected("production") && !config.is_protected("staging"));
        config.merge(read("[environments.production]\nprotected = false"));
        assert!(!config.is_protected("production"));
        config.merge(read("[environments.production]\nprotected = true"));
        assert!(config.is_protected("production"), "a person's caution is not taken away");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,200}") {
            _ = parse(Path::new("greenroom.toml"), &text);
        }
    }
}
