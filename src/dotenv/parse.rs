//! Reads assignments; an error names the line and shows nothing of it, as it may be secret.

use std::fmt::{self, Display, Formatter};
use std::ops::Range;
use std::path::Path;

use super::{BLANKS, is_name};
use crate::error::Error;

/// A variable that is set.
#[derive(Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Its name.
    pub name: String,
    /// Its value, without the quotes.
    pub value: String,
    /// The line of its name, from 1.
    pub line: usize,
    /// Where the value is in the text, its quotes included.
    pub(super) place: Range<usize>,
}

/// Something that is no assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line, from 1; of a value with several lines the first.
    pub line: usize,
    problem: &'static str,
}

impl SyntaxError {
    /// The error with the file's name in front: `.env:3: no = found`.
    pub fn in_file(self, file: &Path) -> Error {
        Error::usage(format!("{}:{}: {}", file.display(), self.line, self.problem))
    }
}

impl Display for SyntaxError {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        write!(to, "line {}: {}", self.line, self.problem)
    }
}

impl fmt::Debug for Assignment {
    /// Leaves out the value.
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        write!(to, "{} (line {})", self.name, self.line)
    }
}

/// The assignments in `text`, in its order. A name may be there twice: what that means is the reader's to say.
pub fn parse(text: &str) -> Result<Vec<Assignment>, SyntaxError> {
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Vec::new();
    let mut line = 1;
    while !rest.is_empty() {
        let (assignment, after) = statement(rest).map_err(|problem| SyntaxError { line, problem })?;
        found.extend(assignment.map(|(name, (value, start, end))| {
            let place = text.len() - start.len()..text.len() - end.len();
            Assignment { name: name.to_owned(), value, line, place }
        }));
        line += rest[..rest.len() - after.len()].matches('\n').count();
        rest = after;
    }
    Ok(found)
}

/// What was read from the front of a text, and what is behind it.
type Read<'t, T> = Result<(T, &'t str), &'static str>;

/// A value, the text that begins with it, and the text behind it.
type Value<'t> = (String, &'t str, &'t str);

/// The name and the value that `text` begins with, unless its first line is empty or a comment.
fn statement(text: &str) -> Read<'_, Option<(&str, Value<'_>)>> {
    let (line, after) = first_line(text);
    let line = line.trim_matches(BLANKS);
    if line.is_empty() || line.starts_with('#') {
        return Ok((None, after));
    }
    let (head, behind) = text.split_once('=').filter(|(head, _)| !head.contains('\n')).ok_or("no = found")?;
    let head = head.trim_matches(BLANKS);
    let name = match head.strip_prefix("export").filter(|name| name.starts_with(BLANKS)) {
        Some(name) => name.trim_matches(BLANKS),
        None => head,
    };
    if !is_name(name) {
        return Err("what is in front of the = is not a variable's name");
    }
    let (value, after) = value(behind)?;
    Ok((Some((name, value)), after))
}

/// The value that begins behind a `=`, and the lines behind its own.
fn value(text: &str) -> Read<'_, Value<'_>> {
    let start = text.trim_start_matches(BLANKS);
    let (value, end) = match start.chars().next() {
        Some('\'') => single_quoted(&start[1..])?,
        Some('"') => double_quoted(&start[1..])?,
        _ => return Ok(unquoted(text)),
    };
    let (line, after) = first_line(end);
    // A shell would add it to the value, others would drop it.
    if without_comment(line).trim_matches(BLANKS).is_empty() {
        Ok(((value, start, end), after))
    } else {
        Err("there is text behind the closing quote")
    }
}

/// A value up to the end of its line, or a comment.
fn unquoted(text: &str) -> (Value<'_>, &str) {
    let (line, after) = first_line(text);
    let padded = without_comment(line);
    let value = padded.trim_matches(BLANKS);
    // What is put in the place of nothing must not be a part of the comment.
    let before = if value.is_empty() { 0 } else { padded.len() - padded.trim_start_matches(BLANKS).len() };
    let start = &text[before..];
    ((value.to_owned(), start, &start[value.len()..]), after)
}

/// A value up to its closing quote, as it is.
fn single_quoted(text: &str) -> Read<'_, String> {
    let (value, behind) = text.split_once('\'').ok_or(NOT_CLOSED)?;
    Ok((value.replace("\r\n", "\n"), behind))
}

/// A value up to its closing quote, with its escapes read.
fn double_quoted(text: &str) -> Read<'_, String> {
    let mut value = String::new();
    let mut chars = text.chars();
    loop {
        match chars.next().ok_or(NOT_CLOSED)? {
            '"' => return Ok((value, chars.as_str())),
            '\\' => escaped(&mut chars, &mut value)?,
            // The line breaks are the file's, not the value's.
            '\r' if chars.as_str().starts_with('\n') => {}
            c => value.push(c),
        }
    }
}

/// Adds what stands behind a backslash in double quotes.
fn escaped(chars: &mut std::str::Chars<'_>, value: &mut String) -> Result<(), &'static str> {
    match chars.next().ok_or(NOT_CLOSED)? {
        'n' => value.push('\n'),
        'r' => value.push('\r'),
        't' => value.push('\t'),
        // The Heroku CLI escapes the exclamation mark, too.
        c @ ('"' | '\\' | '$' | '`' | '!') => value.push(c),
        // A line that goes on.
        '\n' => {}
        '\r' if chars.as_str().starts_with('\n') => {
            chars.next();
        }
        c => value.extend(['\\', c]),
    }
    Ok(())
}

const NOT_CLOSED: &str = "the quote that begins here is not closed";

/// The text up to the first line break, and the text behind that.
fn first_line(text: &str) -> (&str, &str) {
    let (line, after) = text.split_once('\n').unwrap_or((text, ""));
    (line.strip_suffix('\r').unwrap_or(line), after)
}

/// A line up to the `#` that begins a comment: one behind a blank.
fn without_comment(line: &str) -> &str {
    let begins = |(at, _): &(usize, &str)| line[..*at].ends_with(BLANKS);
    line.match_indices('#').find(begins).map_or(line, |(at, _)| &line[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String, usize)> {
        parse(text).unwrap().into_iter().map(|found| (found.name, found.value, found.line)).collect()
    }

    #[test]
    fn values_are_read_as_a_shell_reads_them() {
        for (text, value) in [
            ("A=", ""),
            ("A= ", ""),
            ("A= # nothing", ""),
            ("A=b", "b"),
            ("export A=b", "b"),
            ("  export\tA = b c  ", "b c"),
            ("A=b#c", "b#c"),
            ("A=#b", "#b"),
            ("A=b # c", "b"),
            ("A=b=c==", "b=c=="),
            ("A=C:\\dir\\n", "C:\\dir\\n"),
            ("A=it's", "it's"),
            ("A=$HOME $(id) `id`", "$HOME $(id) `id`"),
            ("A='b # c' # d", "b # c"),
            ("A='$HOME \"\\n'", "$HOME \"\\n"),
            ("A=\"b # c\"", "b # c"),
            ("A=\"$HOME ${X} $(id)\"", "$HOME ${X} $(id)"),
            (r#"A="\n\r\t\"\\\$\`\!\d""#, "\n\r\t\"\\$`!\\d"),
            ("A=\"one\ntwo\n\"", "one\ntwo\n"),
            ("A='one\r\ntwo'\r\n", "one\ntwo"),
            ("A=\"one\r\ntwo\"\r\n", "one\ntwo"),
            ("A=\"one\\\ntwo\"", "onetwo"),
            ("A=b\r\n", "b"),
            ("\u{feff}A=b", "b"),
            ("A.b-1=c", "c"),
        ] {
            let found = parse(text).unwrap();
            let [found] = found.as_slice() else { panic!("{text:?}: {found:?}") };
            assert_eq!((found.value.as_str(), found.line), (value, 1), "{text:?}");
        }
    }

    #[test]
    fn a_comment_sets_nothing_and_every_assignment_has_its_line() {
        let text = "# A=b\n\n  # C=d\nexport B='1\n2\n3'\nC=\"\n\" # the third\n\nexport=4\nB=5";
        let expected = [("B", "1\n2\n3", 4), ("C", "\n", 7), ("export", "4", 10), ("B", "5", 11)];
        let expected = expected.map(|(name, value, line)| (name.to_owned(), value.to_owned(), line));
        assert_eq!(read(text), expected);
        assert!(read("").is_empty() && read("\n\r\n \n").is_empty());
    }

    #[test]
    fn an_error_names_the_line_and_shows_nothing_of_it() {
        for (text, said) in [
            ("A=b\nsecret", "line 2: no = found"),
            ("A=b\nexport secret\nB=c", "line 2: no = found"),
            ("A=b\n=secret", "line 2: what is in front of the = is not a variable's name"),
            ("sec ret=x", "line 1: what is in front of the = is not a variable's name"),
            ("A='1\n2'\nB='secret\nC=d\n", "line 3: the quote that begins here is not closed"),
            ("A=\"secret\\", "line 1: the quote that begins here is not closed"),
            ("\nA='secret''x'", "line 2: there is text behind the closing quote"),
            ("A=\"b\"#c", "line 1: there is text behind the closing quote"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.to_string(), said, "{text:?}");
            let shown = error.in_file(Path::new(".env")).to_string();
            assert_eq!(shown, said.replacen("line ", ".env:", 1), "{text:?}");
        }
        assert!(!format!("{:?}", parse("A=secret").unwrap()).contains("secret"));
    }
}
