//! The release command that would run on the app that builds.

use crate::error::Result;
use crate::git::Repository;
use crate::procfile;
use crate::text::quote;

/// The words that begin a test.
const TESTS: [&str; 4] = ["test", "[", "[[", "if"];

/// The `release:` command of the Procfile in HEAD, unless it begins with a test: such a command decides by itself where it
/// runs.
pub fn release_command(repository: Option<&Repository>) -> Result<Option<String>> {
    let Some((repository, head)) = repository.and_then(|repository| Some((repository, repository.head()?)))
    else {
        return Ok(None);
    };
    let procfile = repository.file_at(&head, procfile::NAME)?.unwrap_or_default();
    Ok(unconditional(&procfile).map(str::to_owned))
}

fn unconditional(procfile: &str) -> Option<&str> {
    let command = procfile::command_of(procfile, "release")?;
    let first = command.split_whitespace().next()?;
    (!TESTS.contains(&first)).then_some(command)
}

/// The command behind a test that skips it on an app without a database. What is more than a program and its arguments is
/// quoted as a whole, so that the test covers all of it.
pub fn guarded(command: &str) -> String {
    let is_plain = command.split_whitespace().all(|word| quote(word.as_ref()) == word);
    let shell = if is_plain { command.to_owned() } else { format!("sh -c {}", quote(command.as_ref())) };
    format!("test -z \"$DATABASE_URL\" || {shell}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guarded_commands_are_not_reported() {
        for (procfile, command) in [
            ("web: node server.js\nrelease: bin/rails db:migrate\n", Some("bin/rails db:migrate")),
            ("release: test -z \"$DATABASE_URL\" || bin/rails db:migrate", None),
            ("release: [ -z \"$DATABASE_URL\" ] || bin/rails db:migrate", None),
            ("release: if [ -n \"$DATABASE_URL\" ]; then bin/migrate; fi", None),
            ("release:tester", Some("tester")),
            ("release:\n", None),
            ("# release: x\nweb: node server.js\n", None),
            ("", None),
        ] {
            assert_eq!(unconditional(procfile), command, "{procfile:?}");
        }
    }

    #[test]
    fn a_guard_covers_the_whole_command() {
        for (command, line) in [
            ("bin/rails db:migrate", "bin/rails db:migrate"),
            ("bin/migrate && bin/seed", "sh -c 'bin/migrate && bin/seed'"),
            ("bin/migrate; bin/seed; # twice", "sh -c 'bin/migrate; bin/seed; # twice'"),
            ("bin/rake 'a;b'", r"sh -c 'bin/rake '\''a;b'\'''"),
        ] {
            assert_eq!(guarded(command), format!("test -z \"$DATABASE_URL\" || {line}"));
            assert_eq!(unconditional(&format!("release: {}", guarded(command))), None);
        }
    }
}
