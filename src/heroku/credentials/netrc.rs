//! Reads a netrc file: `machine NAME login NAME password WORD`, as curl and the official CLI write it.

use std::iter::Peekable;
use std::ops::Range;
use std::str::Chars;

/// The password of the first `machine` of this name.
///
/// A `default` entry is not used: the official CLI does not, and its password is meant for no host in particular.
pub(super) fn password(text: &str, machine: &str) -> Option<String> {
    let mut words = Words { rest: text.trim_start_matches('\u{feff}').chars().peekable() };
    while let Some(keyword) = words.keyword() {
        match keyword.as_str() {
            "machine" => {
                let name = words.value()?;
                if name == machine {
                    return entry_password(&mut words);
                }
            }
            "macdef" => words.skip_macro(),
            "login" | "password" | "account" => drop(words.value()),
            // `default`, and unknown values.
            _ => {}
        }
    }
    None
}

/// The password of the entry whose name was read just now.
fn entry_password(words: &mut Words) -> Option<String> {
    while let Some(keyword) = words.keyword() {
        match keyword.as_str() {
            "password" => return words.value(),
            "login" | "account" => drop(words.value()),
            "macdef" => words.skip_macro(),
            "machine" | "default" => return None,
            _ => {}
        }
    }
    None
}

/// The text with this login and password for `machine`: in place of those that the first entry of this name has, else as
/// the first entry of all. Other entries, comments and macros stay as they are.
pub(super) fn with_password(text: &str, machine: &str, login: &str, password: &str) -> String {
    let entry =
        format!("machine {}\n  login {}\n  password {}", quoted(machine), quoted(login), quoted(password));
    if let Some(range) = range(text, machine) {
        return format!("{}{entry}{}", &text[..range.start], &text[range.end..]);
    }
    // In front: behind `default` it would not be found, and behind an open macro it would be a part of that.
    let body = text.trim_start_matches('\u{feff}');
    let mark = &text[..text.len() - body.len()];
    format!("{mark}{entry}\n{body}")
}

/// Where the first entry of `machine` stands, from its keyword to its last value.
fn range(text: &str, machine: &str) -> Option<Range<usize>> {
    let mut words = Words { rest: text.trim_start_matches('\u{feff}').chars().peekable() };
    let at = |rest: &Peekable<Chars>| text.len() - rest.clone().map(char::len_utf8).sum::<usize>();
    loop {
        let keyword = words.keyword()?;
        let behind = words.rest.clone();
        match keyword.as_str() {
            "machine" if words.value()? == machine => {
                let before = text[..at(&behind)].trim_end_matches('"').strip_suffix("machine")?;
                let start = before.trim_end_matches('"').len();
                let mut end = at(&words.rest);
                while let Some("login" | "password" | "account") = words.keyword().as_deref() {
                    words.value();
                    end = at(&words.rest);
                }
                return Some(start..end);
            }
            "macdef" => words.skip_macro(),
            "login" | "password" | "account" => drop(words.value()),
            _ => {}
        }
    }
}

/// A value as the file has it.
fn quoted(value: &str) -> String {
    let is_plain = !value.is_empty() && !value.contains(|c: char| c.is_whitespace() || "\"\\#".contains(c));
    if is_plain {
        value.to_owned()
    } else {
        format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// The words of the file, one after the other.
struct Words<'a> {
    rest: Peekable<Chars<'a>>,
}

impl Words<'_> {
    /// The next word where a keyword may stand; there, `#` begins a comment that ends with the line.
    fn keyword(&mut self) -> Option<String> {
        loop {
            let word = self.value()?;
            if !word.starts_with('#') {
                return Some(word);
            }
            // The line's end was not read yet, only the first word of the comment.
            while self.rest.next_if(|c| *c != '\n').is_some() {}
        }
    }

    /// The next word, whatever it begins with; between quotes it may hold blanks, and `\` takes what follows as it is.
    fn value(&mut self) -> Option<String> {
        while self.rest.next_if(|c| c.is_whitespace()).is_some() {}
        let mut word = String::new();
        if self.rest.next_if_eq(&'"').is_some() {
            loop {
                match self.rest.next() {
                    // A quote that is never closed ends with the line.
                    None | Some('"' | '\n') => return Some(word),
                    Some('\\') => word.extend(self.rest.next()),
                    Some(c) => word.push(c),
                }
            }
        }
        while let Some(c) = self.rest.next_if(|c| !c.is_whitespace()) {
            word.push(c);
        }
        (!word.is_empty()).then_some(word)
    }

    /// Skips a macro: all lines up to an empty one.
    fn skip_macro(&mut self) {
        let mut line_is_empty = false;
        for c in self.rest.by_ref() {
            match c {
                '\n' if line_is_empty => return,
                '\n' => line_is_empty = true,
                '\r' => {}
                _ => line_is_empty = false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn heroku(text: &str) -> Option<String> {
        password(text, "api.heroku.com")
    }

    #[test]
    fn the_official_cli_s_file_is_read() {
        let text = "machine api.heroku.com\n  login me@example.com\n  password abc-1\n\
                    machine git.heroku.com\n  login me@example.com\n  password abc-2\n";
        assert_eq!(heroku(text).as_deref(), Some("abc-1"));
        assert_eq!(password(text, "git.heroku.com").as_deref(), Some("abc-2"));
        assert_eq!(heroku(&text.replace('\n', "\r\n")).as_deref(), Some("abc-1"));
        assert_eq!(password(text, "127.0.0.1:5055"), None);
    }

    #[test]
    fn the_first_machine_of_a_name_wins() {
        assert_eq!(
            heroku("machine api.heroku.com password a machine api.heroku.com password b").as_deref(),
            Some("a")
        );
        assert_eq!(heroku("machine api.heroku.com login x machine api.heroku.com password b"), None);
        assert_eq!(heroku("default password d"), None);
        assert_eq!(heroku("machine api.heroku.com login x default password d"), None);
    }

    #[test]
    fn a_value_may_look_like_a_keyword_a_comment_or_a_sentence() {
        let text = "# machine api.heroku.com password no\nmachine x login machine password api.heroku.com # machine\n\
                    machine api.heroku.com account \"a b\" login \"q\\\"q\" password #hash # end";
        assert_eq!(heroku(text).as_deref(), Some("#hash"));
        assert_eq!(heroku("machine \"api.heroku.com\" password \"a\\\\b\"").as_deref(), Some("a\\b"));
        assert_eq!(heroku("machine api.heroku.com password \"open\n").as_deref(), Some("open"));
    }

    #[test]
    fn macros_are_skipped() {
        let text = "machine x\nmacdef init\nmachine api.heroku.com password no\n\nmachine api.heroku.com password yes\n";
        assert_eq!(heroku(text).as_deref(), Some("yes"));
        assert_eq!(heroku("macdef init\nmachine api.heroku.com password no"), None);
    }

    #[test]
    fn a_password_is_set_and_all_else_is_kept() {
        let set = |text: &str| with_password(text, "api.heroku.com", "me@example.com", "new");
        let entry = "machine api.heroku.com\n  login me@example.com\n  password new";
        let mine = "# mine\nmachine x login a password b # note\n";
        let old = "machine api.heroku.com\n\tlogin other\n\tpassword \"o ld\"";
        let rest =
            "\n# after\nmachine git.heroku.com login a password c\n\nmacdef init\nmachine api.heroku.com\n";
        for (text, expected) in [
            (String::new(), format!("{entry}\n")),
            (mine.to_owned(), format!("{entry}\n{mine}")),
            ("default login x password y".to_owned(), format!("{entry}\ndefault login x password y")),
            (format!("{mine}{old}{rest}"), format!("{mine}{entry}{rest}")),
            (format!("{mine}{old}"), format!("{mine}{entry}")),
            ("machine api.heroku.com".to_owned(), entry.to_owned()),
            (format!("\u{feff}{mine}"), format!("\u{feff}{entry}\n{mine}")),
            (rest.to_owned(), format!("{entry}\n{rest}")),
        ] {
            assert_eq!(set(&text), expected, "{text:?}");
            assert_eq!(set(&expected), expected, "a second time changes nothing");
            assert_eq!(heroku(&expected).as_deref(), Some("new"));
        }
    }

    proptest! {
        #[test]
        fn what_is_set_is_found_and_other_machines_are_kept(
            words in prop::collection::vec(prop::sample::select(vec![
                "machine", "api.heroku.com", "x", "password", "login", "default", "macdef", "\"", "#", "\n", "\n\n", " "
            ]), 0..40),
            secret in "[ -~]{1,20}"
        ) {
            let text = words.join(" ");
            let set = with_password(&text, "api.heroku.com", "me", &secret);
            prop_assert_eq!(password(&set, "api.heroku.com"), Some(secret));
            prop_assert_eq!(password(&set, "x"), password(&text, "x"));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), machine in any::<String>()) {
            let _ = password(&text, &machine);
        }

        #[test]
        fn nor_does_a_heap_of_its_own_words(words in prop::collection::vec(
            prop::sample::select(vec!["machine", "api.heroku.com", "password", "login", "default", "macdef", "\"", "\\", "#", "\n", "\n\n", "\r\n", " "]), 0..40)
        ) {
            let _ = heroku(&words.concat());
            let _ = heroku(&words.join(" "));
        }

        #[test]
        fn a_quoted_password_comes_back(secret in "[ -~]{1,40}") {
            let quoted = secret.replace('\\', "\\\\").replace('"', "\\\"");
            let text = format!("machine api.heroku.com login me password \"{quoted}\"\n");
            prop_assert_eq!(heroku(&text), Some(secret));
        }
    }
}
