//! Prints a change: additions green, removals red, protected names highlighted.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::{Terminal, sanitize_status};
use crate::error::Result;

const COMES: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const GOES: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));
const PROTECTED: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)));

impl Terminal {
    /// Prints a change on stderr, with the protected apps highlighted.
    pub fn change(&self, text: &str, protected: &[&str]) {
        self.say(&colored(text, protected));
    }

    /// Prints commits to stdout, a line each, that begin with `+` or `-`.
    pub fn print_change(&self, lines: &str) -> Result<()> {
        self.print(&colored(lines, &[]))
    }
}

/// `text`, sanitized, with its colors.
fn colored(text: &str, protected: &[&str]) -> String {
    let mut shown = String::with_capacity(text.len() + 64);
    for (place, line) in sanitize_status(text).split('\n').enumerate() {
        if place > 0 {
            shown.push('\n');
        }
        let sign = line.trim_start();
        let style = match () {
            () if sign.starts_with("+ ") => COMES,
            () if sign.starts_with("- ") => GOES,
            () => {
                emphasize(line, protected, &mut shown);
                continue;
            }
        };
        _ = write!(shown, "{style}{line}{style:#}");
    }
    shown
}

/// Appends the line, in which the first of these words stands out.
fn emphasize(line: &str, words: &[&str], to: &mut String) {
    let is_whole = |at: usize, word: &str| {
        let is_blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
        is_blank(line[..at].chars().next_back()) && is_blank(line[at + word.len()..].chars().next())
    };
    let place = |word: &&str| line.match_indices(*word).find(|(at, word)| is_whole(*at, word));
    match words.iter().find_map(place) {
        Some((at, word)) => {
            let (before, after) = (&line[..at], &line[at + word.len()..]);
            _ = write!(to, "{before}{PROTECTED}{word}{PROTECTED:#}{after}");
        }
        None => to.push_str(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn additions_removals_and_protected_names_have_colors() {
        let plan = "from playhouse  v9\nto   playhouse-production  v18\n     + 1a2b3c4 Dim\u{1b}[2J\n     - 2a2b3c4 Sell";
        assert_eq!(
            colored(plan, &["playhouse-production"]),
            "from playhouse  v9\nto   \u{1b}[1m\u{1b}[33mplayhouse-production\u{1b}[0m  v18\n\
             \u{1b}[32m     + 1a2b3c4 Dim\\u{1b}[2J\u{1b}[0m\n\u{1b}[31m     - 2a2b3c4 Sell\u{1b}[0m"
        );
        assert_eq!(colored("to   playhouse-2  v1", &["playhouse"]), "to   playhouse-2  v1");
        assert_eq!(colored("+ a\n", &[]), "\u{1b}[32m+ a\u{1b}[0m\n");
    }
}
