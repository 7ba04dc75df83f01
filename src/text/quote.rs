//! Words as a shell reads them: the one place where a line to paste is put together.

use std::ffi::{OsStr, OsString};

use crate::text::is_hostile;

/// `word` as a POSIX shell reads it back unchanged. What is not UTF-8 is shown with replacement characters.
pub fn quote(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=/.,:@%+^".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The words as one line that a person can paste into a shell. Whatever is in them, the shell reads these very words.
pub fn join<W: AsRef<OsStr>>(words: impl IntoIterator<Item = W>) -> String {
    words.into_iter().map(|word| pasted(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// A command, and words that are none of its flags, such as the name of a remote: behind `--` where one would be read as
/// a flag.
pub fn with_operands<W: AsRef<OsStr>>(
    command: &[&str],
    operands: impl IntoIterator<Item = W>,
) -> Vec<OsString> {
    let operands: Vec<OsString> = operands.into_iter().map(|word| word.as_ref().to_owned()).collect();
    let end_of_flags = operands.iter().any(|word| word.as_encoded_bytes().starts_with(b"-"));
    let command = command.iter().map(OsString::from);
    command.chain(end_of_flags.then(|| "--".into())).chain(operands).collect()
}

/// [`quote`] where the word can be shown on one line of a terminal; else with escapes, which bash, zsh and ksh read.
fn pasted(word: &OsStr) -> String {
    let shown = |text: &str| !text.chars().any(|c| is_hostile(c) || c == '\t');
    if word.to_str().is_some_and(shown) {
        return quote(word);
    }
    let byte = |byte: &u8| match byte {
        b'\'' | b'\\' => format!("\\{}", char::from(*byte)),
        b'\n' => "\\n".to_owned(),
        b' '..=b'~' => char::from(*byte).to_string(),
        byte => format!("\\x{byte:02x}"),
    };
    format!("$'{}'", word.as_encoded_bytes().iter().map(byte).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_quoted_only_where_a_shell_would_read_them_otherwise() {
        let quoted = |word: &str| quote(OsStr::new(word));
        assert_eq!(quoted("ps:scale"), "ps:scale");
        assert_eq!(quoted("web=2"), "web=2");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    }

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(join(["git", "push", "origin", "$(id);x"]), "git push origin '$(id);x'");
        assert_eq!(join(["rm", "a\nb\u{1b}'\\"]), r"rm $'a\nb\x1b\'\\'");
        assert_eq!(join(["rm", "\u{202e}x"]), r"rm $'\xe2\x80\xaex'");
    }

    #[test]
    fn what_looks_like_a_flag_is_no_flag() {
        assert_eq!(with_operands(&["git", "fetch"], ["staging"]), ["git", "fetch", "staging"]);
        assert_eq!(with_operands(&["git", "fetch"], ["--all"]), ["git", "fetch", "--", "--all"]);
    }

    /// What bash makes of a line's words.
    #[cfg(unix)]
    #[expect(clippy::disallowed_methods, reason = "a shell is what the line is for")]
    fn read_by_bash(line: &str) -> Vec<OsString> {
        use std::os::unix::ffi::OsStringExt;
        let script = format!("printf '%s\\0' {line}");
        let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
        let words = output.stdout.split(|byte| *byte == 0).map(|word| OsString::from_vec(word.to_owned()));
        let mut words: Vec<OsString> = words.collect();
        words.pop();
        words
    }

    #[cfg(unix)]
    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn bash_reads_the_words_back(
            words in proptest::collection::vec(proptest::collection::vec(1..=255_u8, 0..12), 1..20)
        ) {
            use std::os::unix::ffi::OsStringExt;
            let words: Vec<OsString> = words.into_iter().map(OsString::from_vec).collect();
            let line = join(&words);
            prop_assert!(!line.chars().any(is_hostile), "{}", line);
            prop_assert_eq!(read_by_bash(&line), words);
        }
    }
}
