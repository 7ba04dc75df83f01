//! `development` is this machine, where commands do not run yet.

use std::ffi::{OsStr, OsString};

use crate::config::Environment;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::text::{quote, with_operands};

/// Refuses to run `words` in `development`, unless that is an app by configuration or by a git remote of this name. Exit 2,
/// with the line that runs them here, and the one for the app in the pipeline's stage.
pub fn refuse_this_machine(context: &Context, words: &[OsString]) -> Result<()> {
    let name = "development";
    if context.name != name {
        return Ok(());
    }
    let is_an_app = context.with_project(|project| {
        let configured = project.config.environments.get(name);
        let has_remote = || project.heroku_remotes().iter().any(|(remote, _)| remote.name == name);
        Ok(configured.is_some_and(Environment::names_an_app) || has_remote())
    })?;
    if is_an_app {
        return Ok(());
    }
    let here = Hint::heroku(with_operands(&["local:run"], local(words)));
    Err(Error::usage("development is this machine, and commands do not run here yet")
        .hint(here.note("on this machine, with the variables in .env"))
        .hint(Hint::line(["prepare", "which"]).note("the app in the pipeline's stage development")))
}

/// The words as `heroku local:run` takes them: it quotes each for a shell.
fn local(words: &[OsString]) -> Vec<OsString> {
    let split = match words {
        [line] => split(line),
        words => words.to_vec(),
    };
    let is_assignment = split.first().is_some_and(|word| word.as_encoded_bytes().contains(&b'='));
    is_assignment.then(|| "env".into()).into_iter().chain(split).collect()
}

/// A line of shell: its words, if they are plain.
fn split(line: &OsStr) -> Vec<OsString> {
    match line.to_str() {
        Some(text) if text.split_whitespace().all(|word| quote(OsStr::new(word)) == word) => {
            text.split_whitespace().map(OsString::from).collect()
        }
        _ => vec!["sh".into(), "-c".into(), line.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_line_has_the_same_words() {
        let line = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            Hint::heroku(with_operands(&["local:run"], local(&words))).to_string()
        };
        assert_eq!(line(&["bin/rails", "console"]), "heroku local:run bin/rails console");
        assert_eq!(line(&["rake stats"]), "heroku local:run rake stats");
        assert_eq!(line(&["a | b"]), "heroku local:run -- sh -c 'a | b'");
        assert_eq!(
            line(&["POOL_SIZE=2", "iex", "-S", "mix"]),
            "heroku local:run -- env POOL_SIZE=2 iex -S mix"
        );
    }
}
