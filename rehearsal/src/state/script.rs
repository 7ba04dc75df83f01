//! Commands that are simulated and not run: those of the release phase, and `postdeploy` scripts.

/// The output of a command, and whether it succeeds.
pub(crate) struct Script {
    pub(crate) lines: Vec<String>,
    pub(crate) succeeds: bool,
}

impl Script {
    /// What the words of a command promise: `echo` prints, `exit N` and `false` fail, all else reports that it ran.
    pub(crate) fn of(command: &str) -> Self {
        let words: Vec<&str> = command.split_whitespace().collect();
        let exits = words.iter().position(|word| *word == "exit").and_then(|at| words.get(at + 1));
        let status = exits.and_then(|word| word.trim_end_matches(';').parse::<i32>().ok());
        let succeeds = !words.contains(&"false") && status.is_none_or(|status| status == 0);
        let mut lines = Vec::new();
        if words.first() == Some(&"echo") {
            lines.push(words[1..].join(" ").trim_matches(['"', '\'']).to_owned());
        } else {
            lines.push(format!("Starting {}", words.first().unwrap_or(&"nothing")));
        }
        lines.push(if succeeds {
            "Done.".to_owned()
        } else {
            format!("Exited with status {}", status.unwrap_or(1))
        });
        Self { lines, succeeds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_simulated() {
        let ends = |command| Script::of(command).succeeds;
        assert!(ends("bin/rails db:migrate") && ends("exit 0") && ends("echo exit"));
        assert!(!ends("exit 3") && !ends("bin/check && false") && !ends("echo no; exit 1"));
        assert_eq!(Script::of("echo \"Migrated two tables\"").lines[0], "Migrated two tables");
    }
}
