//! Finds what the cursor is in: a flag's name, a flag's value or an argument.

use super::syntax::{Argument, Flag, Syntax, Value};

/// What may be typed at the cursor.
#[derive(Debug)]
pub(super) enum CursorContext<'s> {
    /// A flag's name: the flags that may still be given.
    Flag(Vec<&'s Flag>),
    /// A value.
    Value(ExpectedValue<'s>),
    /// No more arguments, only these flags.
    Beyond(Vec<&'s Flag>),
}

/// A value that is expected.
#[derive(Debug)]
pub(super) struct ExpectedValue<'s> {
    pub(super) value: &'s Value,
    /// Bytes of the word at the cursor that come before the value: 7 in `--dyno=web`.
    pub(super) after: usize,
    /// The values given so far for the same flag or argument.
    pub(super) given: Vec<String>,
    /// The number of words between the command's name and this argument: where a nested command line begins
    /// in the line.
    pub(super) begins: usize,
    /// The flags that may be typed here as well.
    pub(super) flags: Vec<&'s Flag>,
}

/// Reads `words`, which follow the command's name, and finds what `current` is.
pub(super) fn cursor_context<'s>(syntax: &'s Syntax, words: &[String], current: &str) -> CursorContext<'s> {
    let read = Read::over(syntax, words);
    if let Some((flag, value)) = read.waits {
        return read.value(value, 0, current, read.given(flag));
    }
    if !read.dashes && read.inner.is_none() && current.starts_with('-') {
        return read.at_flag(current);
    }
    match read.argument {
        Some(argument) => read.value(&argument.value, 0, current, read.here.clone()),
        None => CursorContext::Beyond(read.free_flags()),
    }
}

/// The state after reading the words before the cursor.
struct Read<'s> {
    syntax: &'s Syntax,
    /// The next argument.
    argument: Option<&'s Argument>,
    /// The values given for that argument so far.
    here: Vec<String>,
    /// The flags that were given, with their values.
    flags: Vec<(&'s Flag, Option<String>)>,
    /// The flag whose value comes next.
    waits: Option<(&'s Flag, &'s Value)>,
    /// Whether `--` was read.
    dashes: bool,
    /// Where a nested command line began.
    inner: Option<usize>,
    count: usize,
}

impl<'s> Read<'s> {
    fn over(syntax: &'s Syntax, words: &[String]) -> Self {
        let mut turns = syntax.arguments.iter().filter(|argument| !argument.after_dashes);
        let mut read = Self {
            syntax,
            argument: turns.next(),
            here: Vec::new(),
            flags: Vec::new(),
            waits: None,
            dashes: false,
            inner: None,
            count: words.len(),
        };
        for (place, word) in words.iter().enumerate() {
            if read.inner.is_some() {
                read.here.push(word.clone());
            } else if let Some((flag, _)) = read.waits.take() {
                read.flags.push((flag, Some(word.clone())));
            } else if !read.dashes && word == "--" {
                read.dashes = true;
                if let Some(last) = syntax.arguments.iter().find(|argument| argument.after_dashes) {
                    read.argument = Some(last);
                    read.here.clear();
                }
            } else if !read.dashes && word.len() > 1 && word.starts_with('-') {
                read.flag(word);
            } else {
                read.take(word, place, &mut turns);
            }
        }
        read
    }

    /// A word that is an argument.
    fn take(&mut self, word: &str, place: usize, turns: &mut impl Iterator<Item = &'s Argument>) {
        let Some(argument) = self.argument else { return };
        if argument.passed_on {
            self.inner = Some(place);
        }
        if argument.passed_on || argument.repeats {
            self.here.push(word.to_owned());
        } else {
            self.argument = turns.next();
        }
    }

    /// A word that is a flag, or several letters of flags.
    fn flag(&mut self, word: &str) {
        let Some((flag, value)) = self.spelled(word) else { return };
        match (&flag.value, value) {
            (Some(wanted), None) => self.waits = Some((flag, wanted)),
            (_, value) => self.flags.push((flag, value.map(|at| word[at..].to_owned()))),
        }
    }

    /// The flag that a word ends with, and where in the word its value begins, if it does there.
    fn spelled(&mut self, word: &str) -> Option<(&'s Flag, Option<usize>)> {
        if let Some(equals) = word.find('=').filter(|_| word.starts_with("--")) {
            return Some((self.syntax.flag(&word[..equals])?, Some(equals + 1)));
        }
        if word.starts_with("--") {
            return Some((self.syntax.flag(word)?, None));
        }
        for (at, letter) in word.char_indices().skip(1) {
            let flag = self.syntax.flag(&format!("-{letter}"))?;
            let rest = at + letter.len_utf8();
            if rest == word.len() {
                return Some((flag, None));
            }
            if flag.value.is_some() {
                return Some((flag, Some(rest + usize::from(word[rest..].starts_with('=')))));
            }
            self.flags.push((flag, None));
        }
        None
    }

    /// The cursor is in a word that begins with a dash.
    fn at_flag(mut self, current: &str) -> CursorContext<'s> {
        if let Some((flag, Some(after))) = self.spelled(current) {
            return match &flag.value {
                Some(value) => self.value(value, after, current, self.given(flag)),
                None => CursorContext::Flag(Vec::new()),
            };
        }
        CursorContext::Flag(self.free_flags())
    }

    fn value(
        &self,
        value: &'s Value,
        after: usize,
        current: &str,
        mut given: Vec<String>,
    ) -> CursorContext<'s> {
        let typed = &current[after..];
        let inside =
            value.delimiter.and_then(|delimiter| typed.rfind(delimiter).map(|at| at + delimiter.len_utf8()));
        if let (Some(delimiter), Some(inside)) = (value.delimiter, inside) {
            given.extend(typed[..inside].split(delimiter).map(str::to_owned));
        }
        CursorContext::Value(ExpectedValue {
            value,
            after: after + inside.unwrap_or(0),
            given,
            begins: self.inner.unwrap_or(self.count),
            flags: if self.dashes || self.inner.is_some() || self.waits.is_some() || after > 0 {
                Vec::new()
            } else {
                self.free_flags()
            },
        })
    }

    /// What was given with the same flag before.
    fn given(&self, flag: &Flag) -> Vec<String> {
        let same = self.flags.iter().filter(|(given, _)| given.name == flag.name);
        let values = same.filter_map(|(_, value)| value.as_deref());
        match flag.value.as_ref().and_then(|value| value.delimiter) {
            Some(delimiter) => values.flat_map(|value| value.split(delimiter)).map(str::to_owned).collect(),
            None => values.map(str::to_owned).collect(),
        }
    }

    /// The flags that were not given yet, or may be given again, and that go with those that were given.
    fn free_flags(&self) -> Vec<&'s Flag> {
        let fits = |flag: &Flag, given: &Flag| {
            (flag.repeats || given.name != flag.name) && !flag.conflicts_with(given)
        };
        let is_free = |flag: &&Flag| self.flags.iter().all(|(given, _)| fits(flag, given));
        self.syntax.flags.iter().filter(is_free).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Words;

    fn flag(name: &str, letter: &str, takes: Option<Words>) -> Flag {
        let value = takes.map(|words| Value { words: vec![words], ..Value::default() });
        Flag { name: name.to_owned(), others: vec![letter.to_owned()], value, ..Flag::default() }
    }

    fn argument(words: Words) -> Argument {
        Argument { value: Value { words: vec![words], ..Value::default() }, ..Argument::default() }
    }

    /// `--follow`, `--num N`, `--to A,B`, a commit, and then files.
    fn syntax() -> Syntax {
        let mut to = flag("--to", "-o", Some(Words::Environments));
        to.repeats = true;
        to.value.as_mut().unwrap().delimiter = Some(',');
        Syntax {
            flags: vec![flag("--follow", "-f", None), flag("--num", "-n", Some(Words::Free)), to],
            arguments: vec![argument(Words::Commits), Argument { repeats: true, ..argument(Words::Files) }],
        }
    }

    /// What is expected, in a few words.
    fn told(syntax: &Syntax, line: &str) -> String {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let current = words.pop().unwrap();
        let names =
            |flags: Vec<&Flag>| flags.iter().map(|flag| flag.name.clone()).collect::<Vec<_>>().join(" ");
        match cursor_context(syntax, &words, &current) {
            CursorContext::Flag(free) => format!("a flag: {}", names(free)).trim_end().to_owned(),
            CursorContext::Beyond(free) => format!("beyond: {}", names(free)),
            CursorContext::Value(expected) => format!(
                "{:?} after {} given {}",
                expected.value.words[0],
                expected.after,
                expected.given.join(" ")
            )
            .trim_end()
            .to_owned(),
        }
    }

    #[test]
    fn every_place_in_a_line_is_known() {
        let syntax = syntax();
        for (line, expected) in [
            ("", "Commits after 0 given"),
            ("ma", "Commits after 0 given"),
            ("-", "a flag: --follow --num --to"),
            ("--n", "a flag: --follow --num --to"),
            ("--follow --", "a flag: --num --to"),
            ("-f -", "a flag: --num --to"),
            ("--num ", "Free after 0 given"),
            ("-n ", "Free after 0 given"),
            ("-fn ", "Free after 0 given"),
            ("--num=", "Free after 6 given"),
            ("-n5", "Free after 2 given"),
            ("-n=5", "Free after 3 given"),
            ("--num 5 ", "Commits after 0 given"),
            ("--num --follow ", "Commits after 0 given"),
            ("main ", "Files after 0 given"),
            ("main a ", "Files after 0 given a"),
            ("main --follow b c ", "Files after 0 given b c"),
            ("-- --n", "Commits after 0 given"),
            ("--to ", "Environments after 0 given"),
            ("--to a,b,", "Environments after 4 given a b"),
            ("--to=a,", "Environments after 7 given a"),
            ("--to qa --to ", "Environments after 0 given qa"),
            ("--nonsense ", "Commits after 0 given"),
            ("--follow=", "a flag:"),
        ] {
            assert_eq!(told(&syntax, line), expected, "{line:?}");
        }
    }

    #[test]
    fn a_command_line_within_the_line_has_no_flags_of_ours() {
        let inner = Argument { passed_on: true, repeats: true, ..argument(Words::DynoCommand) };
        let syntax = Syntax { flags: vec![flag("--size", "-s", Some(Words::Free))], arguments: vec![inner] };
        for (line, expected) in [
            ("--s", "a flag: --size"),
            ("--size x ", "DynoCommand after 0 given"),
            ("ls --s", "DynoCommand after 0 given ls"),
            ("-- --s", "DynoCommand after 0 given"),
            ("-- ls -- --s", "DynoCommand after 0 given ls --"),
        ] {
            assert_eq!(told(&syntax, line), expected, "{line:?}");
        }
    }

    #[test]
    fn what_stands_behind_dashes_only_stands_there() {
        let last =
            Argument { passed_on: true, repeats: true, after_dashes: true, ..argument(Words::LocalCommand) };
        let syntax = Syntax {
            flags: vec![flag("--port", "-p", Some(Words::Free))],
            arguments: vec![argument(Words::Free), last],
        };
        for (line, expected) in [
            ("", "Free after 0 given"),
            ("serve ", "beyond: --port"),
            ("-- ", "LocalCommand after 0 given"),
            ("serve --port 1 -- ", "LocalCommand after 0 given"),
            ("-- bash -", "LocalCommand after 0 given bash"),
        ] {
            assert_eq!(told(&syntax, line), expected, "{line:?}");
        }
    }
}
