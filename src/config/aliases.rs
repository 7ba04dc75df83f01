//! `[aliases]`: command lines by another name.

use std::path::PathBuf;

use crate::text::is_hostile;

/// An entry of `[aliases]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The words it stands for, at least one; the first is a command.
    pub words: Vec<String>,
    /// The file that has it.
    pub file: PathBuf,
}

/// The words of an alias. A repository must not answer the question that protects an environment, so none of them may.
pub(super) fn alias_words(name: &str, line: &str) -> Result<Vec<String>, String> {
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
