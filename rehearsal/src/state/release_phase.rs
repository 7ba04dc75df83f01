//! The release phase (`docs/heroku.md#release-phase`). The release command of a Procfile is never run, only simulated:
//! `exit N` with N other than 0, and any command with the word `false`, fails; `echo WORDS` prints the words; any other
//! command reports that it ran. With a guard, `test -z "$NAME" || …`, nothing happens on an app without that config
//! var; the guard covers one command, or several in braces.

use std::time::Duration;

use crate::faults::Fault;
use crate::state::State;
use crate::state::release::ConfigVars;
use crate::state::script::Script;

/// Simulates the release command of `release`; its output goes to the stream `secret`.
pub(crate) fn run(state: &State, app: usize, release: &str, secret: &str, command: &str) {
    let name = state.apps[app].name().to_owned();
    let guarded = is_guarded(command, &state.apps[app].config);
    let mut script = if guarded { Script { lines: Vec::new(), succeeds: true } } else { Script::of(command) };
    if let Some(Fault::FailReleasePhase { output, .. }) =
        state.faults.about(|fault| matches!(fault, Fault::FailReleasePhase { app, .. } if *app == name))
    {
        script = Script { lines: output.lines().map(str::to_owned).collect(), succeeds: false };
    }
    let stalls =
        state.faults.about(|fault| matches!(fault, Fault::StallReleasePhase { app } if *app == name));
    script.lines.insert(0, format!("Running release command `{command}`..."));
    let steps = u32::try_from(script.lines.len()).unwrap_or(u32::MAX).saturating_add(2);
    Play {
        release: release.to_owned(),
        secret: secret.to_owned(),
        succeeds: script.succeeds,
        lines: script.lines.into_iter(),
        stalls: stalls.is_some(),
        pause: if guarded { Duration::ZERO } else { state.settings.release_phase_time / steps },
    }
    .begin(state);
}

/// Whether a guard skips the command on an app with these config vars.
fn is_guarded(command: &str, config: &ConfigVars) -> bool {
    let guard = command.strip_prefix("test -z \"$").and_then(|rest| rest.split_once("\" ||"));
    guard.is_some_and(|(name, rest)| holds(rest.trim()) && config.get(name).is_none_or(String::is_empty))
}

/// Whether a guard covers everything after its `||`: one command, or one pair of braces.
fn holds(rest: &str) -> bool {
    match rest.strip_prefix("{ ") {
        Some(group) => group.strip_suffix("; }").is_some_and(|group| !group.contains(['{', '}'])),
        None => !rest.contains("&&") && !rest.contains(';'),
    }
}

/// A release command that is being simulated.
struct Play {
    release: String,
    secret: String,
    lines: std::vec::IntoIter<String>,
    succeeds: bool,
    stalls: bool,
    pause: Duration,
}

impl Play {
    /// Starts the output after a pause, writes it line by line, and then ends the release.
    fn begin(self, state: &State) {
        state.later(self.pause, move |state| {
            if let Some(output) = state.outputs.get_mut(&self.secret) {
                output.start();
            }
            self.go_on(state);
        });
    }

    fn go_on(mut self, state: &mut State) {
        match self.lines.next() {
            Some(line) => {
                if let Some(output) = state.outputs.get_mut(&self.secret) {
                    output.line(&line);
                }
                if let Some((app, _)) = state.find_release(&self.release) {
                    state.apps[app].log.say("app", "release.1", &line);
                }
                state.later(self.pause, move |state| self.go_on(state));
            }
            None if !self.stalls => self.end(state),
            None => {}
        }
    }

    /// The status is set before the stream ends: clients read it as soon as the stream has ended.
    fn end(self, state: &mut State) {
        state.finish(&self.release, self.succeeds);
        state.settle_promotion(&self.release, self.succeeds);
        if let Some(output) = state.outputs.get_mut(&self.secret) {
            output.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_skips_the_command_without_its_config_var() {
        let with = |value: &str| ConfigVars::from([("DATABASE_URL".to_owned(), value.to_owned())]);
        let guarded = "test -z \"$DATABASE_URL\" || bin/migrate";
        assert!(is_guarded(guarded, &ConfigVars::new()) && is_guarded(guarded, &with("")));
        assert!(
            !is_guarded(guarded, &with("postgres://x")) && !is_guarded("bin/migrate", &ConfigVars::new())
        );
    }

    #[test]
    fn a_guard_covers_one_command_or_one_pair_of_braces() {
        let nothing = ConfigVars::new();
        for rest in ["{ bin/migrate && bin/seed; }", "{ bin/migrate; bin/seed; }", "bin/migrate || bin/mourn"]
        {
            assert!(is_guarded(&format!("test -z \"$DATABASE_URL\" || {rest}"), &nothing), "{rest}");
        }
        for rest in ["bin/migrate && bin/seed", "bin/migrate; bin/seed", "{ bin/migrate; } && { bin/seed; }"]
        {
            assert!(!is_guarded(&format!("test -z \"$DATABASE_URL\" || {rest}"), &nothing), "{rest}");
        }
    }
}
