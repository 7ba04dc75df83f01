//! The command string of a one-off dyno: what was typed, as the dyno's shell reads it back.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;

use super::marker;
use crate::error::{Error, Result};
use crate::text::quote;

/// Words that a shell takes for syntax where a command's name stands.
const RESERVED: [&str; 18] = [
    "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select",
    "then", "time", "until", "while", "!",
];

/// Commands that end or replace the shell that runs them, so that nothing after them is run.
const ENDING: [&str; 7] = [".", "eval", "exec", "exit", "logout", "return", "source"];

/// The shell that a line is wrapped in where it is more than plain words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// As on all of Heroku's stacks.
    Bash,
    /// In a container image there may be no other.
    Sh,
}

impl Shell {
    /// A command that runs `line` in a shell of its own, and ends with its status, whatever the line's end is.
    fn wrap(self, line: &str) -> String {
        let name = match self {
            Self::Bash => "bash",
            Self::Sh => "sh",
        };
        format!("{name} -c {}", quote(OsStr::new(line)))
    }
}

/// The command of these words, at least one.
///
/// Several words are one command, and arrive as they were typed. Its name stays bare where it can, as Heroku replaces a
/// process type of the Procfile only then; so do assignments before it. A single word is a line of shell.
///
/// Exit 2 where there is no command.
pub fn of_words(words: &[OsString], shell: Shell) -> Result<String> {
    match words {
        [line] if line.to_string_lossy().trim().is_empty() => Err(no_command()),
        [line] => Ok(of_line(line, shell)),
        [] => Err(no_command()),
        words => Ok(of_arguments(words, shell)),
    }
}

/// `command`, followed by what reports its exit status. The space before `;` keeps its first word bare.
pub fn reporting(command: &str) -> String {
    format!("{command} ; echo \"{} $?\"", marker::TEXT)
}

fn no_command() -> Error {
    Error::usage("no command given").hint("staging run rails console")
}

fn of_line(line: &OsStr, shell: Shell) -> String {
    let plain = |word: &str| quote(OsStr::new(word)) == word;
    match line.to_str() {
        Some(text) if !text.contains('\n') && text.split_whitespace().all(plain) => {
            let name = text.split_whitespace().find(|word| !is_assignment(word)).unwrap_or_default();
            let text = text.trim();
            if is_unsafe_bare(name) { shell.wrap(text) } else { text.to_owned() }
        }
        Some(text) => shell.wrap(text),
        // What is not text can only be a part of a word.
        None => exact(line),
    }
}

fn of_arguments(words: &[OsString], shell: Shell) -> String {
    let mut command = String::new();
    let mut name = None;
    for word in words {
        if !command.is_empty() {
            command.push(' ');
        }
        let text = word.to_string_lossy();
        if name.is_none()
            && let Some((variable, value)) = text.split_once('=')
            && is_assignment(&text)
        {
            _ = write!(command, "{variable}={}", quote(OsStr::new(value)));
            continue;
        }
        let is_name = name.is_none();
        let is_syntax = is_name && RESERVED.contains(&&*text);
        if is_syntax {
            _ = write!(command, "'{text}'");
        } else {
            command.push_str(&exact(word));
        }
        name.get_or_insert(text);
    }
    if name.is_some_and(|name| ENDING.contains(&&*name)) { shell.wrap(&command) } else { command }
}

/// Whether the shell would not go on, or not even begin, after a command of this name.
fn is_unsafe_bare(name: &str) -> bool {
    ENDING.contains(&name) || RESERVED.contains(&name)
}

/// Whether a shell takes `word` for an assignment before a command's name.
fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    let mut letters = name.chars();
    let begins = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic() || letter == '_');
    begins && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// The word, quoted. JSON carries text only: bytes that are none are written by the dyno's shell.
fn exact(word: &OsStr) -> String {
    if let Some(text) = word.to_str() {
        return quote(OsStr::new(text));
    }
    let mut quoted = String::new();
    for chunk in word.as_encoded_bytes().utf8_chunks() {
        if !chunk.valid().is_empty() {
            quoted.push_str(&quote(OsStr::new(chunk.valid())));
        }
        if !chunk.invalid().is_empty() {
            quoted.push_str("\"$(printf '");
            for byte in chunk.invalid() {
                _ = write!(quoted, "\\{byte:03o}");
            }
            quoted.push_str("')\"");
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn command(words: &[&str]) -> String {
        of_words(&words.iter().map(OsString::from).collect::<Vec<_>>(), Shell::Bash).unwrap()
    }

    #[test]
    fn several_words_are_one_command() {
        assert_eq!(command(&["rails", "runner", "puts 1"]), "rails runner 'puts 1'");
        assert_eq!(command(&["worker", "$HOME", ""]), "worker '$HOME' ''");
        assert_eq!(command(&["echo", "--", "hi", "hi"]), "echo -- hi hi");
        assert_eq!(
            command(&["RAILS_ENV=test", "A=b c", "rake", "x=y z"]),
            "RAILS_ENV=test A='b c' rake 'x=y z'"
        );
        assert_eq!(command(&["if", "x"]), "'if' x");
        assert_eq!(command(&["exit", "3"]), "bash -c 'exit 3'");
    }

    #[test]
    fn one_word_is_a_line_of_shell() {
        assert_eq!(command(&["rails console"]), "rails console");
        assert_eq!(command(&["  worker "]), "worker");
        assert_eq!(command(&["a | b"]), "bash -c 'a | b'");
        assert_eq!(command(&["exit 3"]), "bash -c 'exit 3'");
        assert_eq!(command(&["A=1 exec rails c"]), "bash -c 'A=1 exec rails c'");
        assert_eq!(command(&["ls # it's"]), r"bash -c 'ls # it'\''s'");
        let in_image = of_words(&["a;b".into()], Shell::Sh).unwrap();
        assert_eq!(in_image, "sh -c 'a;b'");
    }

    #[test]
    fn without_a_command_it_is_a_usage_error() {
        for words in [vec![], vec![OsString::new()], vec![" \n".into()]] {
            assert_eq!(of_words(&words, Shell::Bash).unwrap_err().kind().exit_code(), 2);
        }
    }

    #[test]
    fn the_status_is_reported_after_the_command() {
        let reported = "ls -l ; echo \"\u{ffff} heroku-command-exit-status: $?\"";
        assert_eq!(reporting("ls -l"), reported);
    }

    /// What a shell on a dyno makes of a command string: its output, without the marker, and the status in the marker.
    #[cfg(unix)]
    #[expect(clippy::disallowed_methods, reason = "a shell is what the string is for")]
    fn run_by(shell: &str, command: &str) -> (Vec<u8>, Option<u8>) {
        let output = std::process::Command::new(shell)
            .args(["-c", &reporting(command)])
            .stderr(std::process::Stdio::null())
            .output()
            .unwrap();
        let (mut shown, mut marker) = (Vec::new(), marker::Marker::default());
        marker.feed(&output.stdout, &mut shown);
        (shown, marker.finish(&mut Vec::new()))
    }

    #[cfg(unix)]
    #[test]
    fn awkward_lines_report_their_own_status() {
        for (line, status) in [
            ("true", 0),
            ("false", 1),
            ("exit 3", 3),
            ("exit", 0),
            ("  exit 4  ", 4),
            ("exec sh -c 'exit 5'", 5),
            ("return 6 2>/dev/null || exit 6", 6),
            ("(exit 7)", 7),
            ("false;", 1),
            ("exit 8;", 8),
            ("sleep 0 &", 0),
            ("false & wait $!", 1),
            ("true # comment", 0),
            ("false # comment", 1),
            ("# only a comment", 0),
            ("cat <<EOF\na\nEOF", 0),
            ("cat <<EOF >/dev/null; exit 9\na\nEOF\n", 9),
            ("cat <<'EOF'\n$x \" ' `\nEOF", 0),
            ("kill -9 $$", 137),
            ("kill -TERM $$", 143),
            ("sh -c 'kill -INT $$'", 130),
            ("true && exit 10", 10),
            ("false || exit 11", 11),
            ("true | false", 1),
            ("false | true", 0),
            ("set -o pipefail; false | true", 1),
            ("set -e; false; exit 12", 1),
            ("if true; then exit 13; fi", 13),
            ("while true; do exit 14; done", 14),
            ("f() { return 15; }; f", 15),
            ("{ exit 16; }", 16),
            ("no-such-program-here", 127),
            ("./no/such/file", 127),
            ("/", 126),
            ("echo \"it's\"; exit 17", 17),
            ("echo 'a'\\''b'; exit 18", 18),
            ("echo hi \\", 0),
            ("exit 19\n", 19),
            ("\nexit 20", 20),
            ("trap 'exit 21' EXIT; true", 21),
            ("eval 'exit 22'", 22),
            ("A=1 exit 23", 23),
            ("test a = b", 1),
            ("[ a = a ]", 0),
            ("exit 255", 255),
            ("echo \"unclosed", 2),
            ("printf 'no newline'; exit 24", 24),
        ] {
            let command = of_words(&[line.into()], Shell::Bash).unwrap();
            // The platform's own shell may be either.
            for shell in ["bash", "dash"] {
                if which::which(shell).is_ok() {
                    assert_eq!(run_by(shell, &command).1, Some(status), "{shell}: {line:?} as {command}");
                }
            }
        }
    }

    #[cfg(unix)]
    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn a_shell_reads_the_words_back(
            words in proptest::collection::vec(proptest::collection::vec(1..=255_u8, 0..12), 1..20)
        ) {
            use std::os::unix::ffi::OsStringExt;
            let words: Vec<OsString> = words.into_iter().map(OsString::from_vec).collect();
            let printf = ["printf", "%s\\0"].map(OsString::from);
            let command = of_words(&[&printf, words.as_slice()].concat(), Shell::Bash).unwrap();
            let (written, status) = run_by("sh", &command);
            prop_assert_eq!(status, Some(0));
            let expected: Vec<u8> =
                words.iter().flat_map(|word| [word.as_encoded_bytes(), b"\0"].concat()).collect();
            prop_assert_eq!(written, expected, "{}", command);
        }
    }
}
