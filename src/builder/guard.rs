//! The guard of a release command: a test in front that skips the rest on an app without a database.

/// Words that open a group of commands, and words that close one.
const OPEN: [&str; 7] = ["{", "(", "if", "case", "for", "while", "until"];
const CLOSE: [&str; 5] = ["}", ")", "fi", "esac", "done"];

/// Operators that join commands, the longer ones first.
const JOINTS: [&str; 7] = ["&&", "||", ";", "&", "|", "(", ")"];

/// Continues only where there is a database.
const GUARD: &str = "test -z \"$DATABASE_URL\" ||";

/// The command with a guard that skips all of it on an app without a database.
pub fn guarded(command: &str) -> String {
    let command = command.strip_prefix(GUARD).unwrap_or(command).trim();
    let several = words(command).iter().any(|word| JOINTS.contains(word));
    if several {
        let end = if command.ends_with([';', '&']) { "" } else { ";" };
        format!("{GUARD} {{ {command}{end} }}")
    } else {
        format!("{GUARD} {command}")
    }
}

/// Whether `command` begins with a test (`test -z "$DATABASE_URL" || …`, `[ …`, `if …`) that guards all of it.
///
/// In `test … || a && b`, `b` runs whatever the test's result.
pub(super) fn is_guarded(command: &str) -> bool {
    let words = words(command);
    let mut joints = Vec::new();
    let mut depth = 0_usize;
    for (at, word) in words.iter().enumerate() {
        if OPEN.contains(word) {
            depth += 1;
        } else if CLOSE.contains(word) {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && ["&&", "||", ";", "&"].contains(word) {
            joints.extend(words.get(at + 1).map(|next| (*word, *next)));
        }
    }
    match words.first() {
        Some(&"if") => joints.is_empty(),
        Some(&("test" | "[" | "[[")) => joints.first().is_none_or(|(first, next)| {
            *next == "exit" || (first.len() == 2 && joints.iter().all(|(joint, _)| joint == first))
        }),
        _ => false,
    }
}

/// The words and operators of a shell command, with their quotes.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() && !rest.starts_with('#') {
        let joint = JOINTS.into_iter().find(|joint| rest.starts_with(joint) && !rest.starts_with("&>"));
        let end = joint.map_or_else(|| end_of_word(rest), str::len);
        words.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    words
}

/// The end of the first word of `text`: a blank or an operator outside quotes.
fn end_of_word(text: &str) -> usize {
    let mut quote = None;
    let mut before = ' ';
    for (at, now) in text.char_indices() {
        let escaped = before == '\\' && quote != Some('\'');
        if escaped {
            before = ' ';
            continue;
        }
        let redirects = now == '&' && (before == '>' || text[at..].starts_with("&>"));
        let ends = now.is_whitespace() || [';', '&', '|', '(', ')'].contains(&now);
        match quote {
            None if ends && !redirects => return at,
            None if ['"', '\''].contains(&now) => quote = Some(now),
            Some(open) if open == now => quote = None,
            _ => {}
        }
        before = now;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_guards_everything_is_a_guard() {
        for command in [
            "test -z \"$DATABASE_URL\" || bin/rails db:migrate",
            "test -z \"$DATABASE_URL\" || { bin/rails db:migrate && bin/rails db:seed; }",
            "test -z \"$DATABASE_URL\" || (bin/migrate; bin/seed)",
            "test -z \"$DATABASE_URL\" || bin/migrate || bin/mourn",
            "test -z \"$DATABASE_URL\" || bin/migrate 2>&1 | tee log",
            "test -z \"$DATABASE_URL\" || bin/migrate 'a && b' \"c; d\" e\\;f # && g;",
            "test -z \"$DATABASE_URL\" || bin/migrate;",
            "[ -n \"$DATABASE_URL\" ] && bin/migrate && bin/seed",
            "[[ -z $DATABASE_URL ]] && exit 0; bin/migrate; bin/seed",
            "if [ -n \"$DATABASE_URL\" ]; then bin/migrate; bin/seed; fi",
        ] {
            assert!(is_guarded(command), "{command}");
        }
    }

    #[test]
    fn a_test_that_guards_only_a_part_is_not_a_guard() {
        for command in [
            "bin/rails db:migrate",
            "bin/migrate && test -f seeds",
            "tester || bin/migrate",
            "test -z \"$DATABASE_URL\" || bin/migrate && bin/seed",
            "test -z \"$DATABASE_URL\" || bin/migrate; bin/seed",
            "test -z \"$DATABASE_URL\"; bin/migrate",
            "test -z \"$DATABASE_URL\" || bin/migrate & bin/seed",
            "test -z \"$DATABASE_URL\" || { bin/migrate; } && bin/seed",
            "test -z \"$DATABASE_URL\" || { bin/migrate; }; bin/seed",
            "test -n \"$DATABASE_URL\" && bin/migrate || bin/seed",
            "if [ -n \"$DATABASE_URL\" ]; then bin/migrate; fi; bin/seed",
            "",
        ] {
            assert!(!is_guarded(command), "{command}");
        }
    }

    #[test]
    fn a_guard_covers_the_whole_command() {
        for (command, line) in [
            ("bin/migrate", "test -z \"$DATABASE_URL\" || bin/migrate"),
            ("bin/rake 'a;b'", "test -z \"$DATABASE_URL\" || bin/rake 'a;b'"),
            ("bin/migrate && bin/seed", "test -z \"$DATABASE_URL\" || { bin/migrate && bin/seed; }"),
            (
                "test -z \"$DATABASE_URL\" || bin/migrate && bin/seed",
                "test -z \"$DATABASE_URL\" || { bin/migrate && bin/seed; }",
            ),
            ("bin/migrate; bin/seed;", "test -z \"$DATABASE_URL\" || { bin/migrate; bin/seed; }"),
        ] {
            assert_eq!(guarded(command), line);
            assert!(is_guarded(line), "{line}");
        }
    }
}
