//! The release command that would run on the app that builds.

use super::guard::is_guarded;
use crate::error::Result;
use crate::git::Repository;
use crate::procfile;

/// The `release:` command of the Procfile in HEAD, if it runs unconditionally.
///
/// A command guarded by a test (`test -z "$DATABASE_URL" || …`, `[ …`) decides by itself whether to run.
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
    (!command.is_empty() && !is_guarded(command)).then_some(command)
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
            (
                "release: test -z \"$DATABASE_URL\" || bin/migrate && bin/seed",
                Some("test -z \"$DATABASE_URL\" || bin/migrate && bin/seed"),
            ),
            ("release:tester", Some("tester")),
            ("release:\n", None),
            ("# release: x\nweb: node server.js\n", None),
            ("", None),
        ] {
            assert_eq!(unconditional(procfile), command, "{procfile:?}");
        }
    }
}
