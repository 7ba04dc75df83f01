//! The colors of a log line: the header by who wrote it, the message by what Heroku is known to write there.
//!
//! Palette, order of assignment and rules are those of `heroku logs`, so that `web` is cyan in both.

use std::env;

use super::log_message;

/// A color of the palette, by the name that the Heroku CLI gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hue {
    Yellow,
    Green,
    Cyan,
    Magenta,
    Blue,
    Teal,
    Pink,
    Orange,
    Gray,
    Red,
}

/// The colors of identifiers, in the order of their first appearance.
const SLOTS: [Hue; 10] = [
    Hue::Yellow,
    Hue::Green,
    Hue::Cyan,
    Hue::Magenta,
    Hue::Blue,
    Hue::Teal,
    Hue::Pink,
    Hue::Yellow,
    Hue::Magenta,
    Hue::Orange,
];

/// Identifiers with a fixed color, so that they look the same in every session.
const KNOWN: [&str; 5] = ["run", "router", "web", "postgres", "heroku-postgres"];

/// The limit of remembered names, more than any formation has.
const REMEMBERED: usize = 512;

/// How many colors the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The sixteen named ones.
    Ansi16,
    /// The 256 of xterm.
    Ansi256,
    /// Red, green and blue, 8 bits each.
    TrueColor,
}

impl Depth {
    /// Reads it from `FORCE_COLOR`, `HEROKU_THEME`, `COLORTERM` and `TERM`.
    pub fn from_env() -> Self {
        Self::from_variables(&|name| env::var(name).unwrap_or_default())
    }

    fn from_variables(env: &dyn Fn(&str) -> String) -> Self {
        if env("HEROKU_THEME").trim().eq_ignore_ascii_case("simple") {
            return Depth::Ansi16;
        }
        match env("FORCE_COLOR").as_str() {
            "1" => return Depth::Ansi16,
            "2" => return Depth::Ansi256,
            "3" => return Depth::TrueColor,
            _ => {}
        }
        match env("COLORTERM").as_str() {
            "truecolor" | "24bit" => Depth::TrueColor,
            "ansi256" => Depth::Ansi256,
            "ansi" => Depth::Ansi16,
            _ if env("TERM").contains("-256") => Depth::Ansi256,
            _ => Depth::Ansi16,
        }
    }

    fn code(self, hue: Hue) -> &'static str {
        let (simple, indexed, exact) = match hue {
            Hue::Yellow => ("33", "38;5;185", "38;5;185"),
            Hue::Green => ("32", "38;5;40", "38;5;40"),
            Hue::Cyan => ("36", "38;5;116", "38;2;80;211;213"),
            Hue::Magenta => ("35", "38;5;206", "38;2;255;34;221"),
            Hue::Blue => ("34", "38;5;117", "38;5;117"),
            Hue::Teal => ("36", "38;5;43", "38;5;43"),
            Hue::Pink => ("35", "38;5;212", "38;5;212"),
            Hue::Orange => ("33", "38;5;214", "38;5;214"),
            Hue::Gray => ("90", "38;5;248", "38;5;248"),
            Hue::Red => ("31", "38;5;217", "38;2;255;135;135"),
        };
        match self {
            Depth::Ansi16 => simple,
            Depth::Ansi256 => indexed,
            Depth::TrueColor => exact,
        }
    }
}

/// Whether log lines are colored; `terminal` is whether other output is, `no_color` the flag.
///
/// `FORCE_COLOR`, which the Heroku CLI obeys, outranks all but the flag and Heroku's own switches.
pub fn enabled(terminal: bool, no_color: bool) -> bool {
    enabled_by(terminal, no_color, &|name| env::var(name).ok())
}

fn enabled_by(terminal: bool, no_color: bool, env: &dyn Fn(&str) -> Option<String>) -> bool {
    let off = |name| env(name).as_deref() == Some("0");
    if no_color || off("HEROKU_LOGS_COLOR") || off("HEROKU_COLOR") {
        return false;
    }
    match env("FORCE_COLOR") {
        Some(value) => !matches!(value.as_str(), "0" | "false"),
        None => terminal,
    }
}

/// Colors log lines and remembers which color each identifier got.
#[derive(Clone, Debug)]
pub struct LogColors {
    depth: Depth,
    seen: Vec<String>,
}

impl LogColors {
    /// No identifier has a color yet, except for the fixed ones.
    pub fn new(depth: Depth) -> Self {
        Self { depth, seen: KNOWN.map(str::to_owned).to_vec() }
    }

    /// Appends `line` to `out`, in color; a line without a header as it is.
    pub fn paint(&mut self, line: &str, out: &mut String) {
        let Some((header, identifier)) = header(line) else {
            out.push_str(line);
            return;
        };
        let hue = self.identifier(identifier);
        self.span(out, hue, &line[..header]);
        out.push(' ');
        log_message::paint(self, identifier, line[header..].trim(), out);
    }

    /// Appends the name of the app that a line came from, colored by the app's place among them.
    pub fn paint_app(&self, place: usize, name: &str, out: &mut String) {
        self.span(out, SLOTS[place % SLOTS.len()], name);
    }

    /// The color of `identifier`, such as `web` or `web.1`: its own, or the next that is free.
    pub(super) fn identifier(&mut self, identifier: &str) -> Hue {
        let name = identifier.split('.').next().unwrap_or_default();
        let place = self.seen.iter().position(|seen| seen == name).unwrap_or_else(|| {
            if self.seen.len() < REMEMBERED {
                self.seen.push(name.to_owned());
            }
            self.seen.len() - 1
        });
        SLOTS[place % SLOTS.len()]
    }

    /// Appends `text` in this color.
    pub(super) fn span(&self, out: &mut String, hue: Hue, text: &str) {
        wrap(out, &["\u{1b}[", self.depth.code(hue), "m"], text, "\u{1b}[39m");
    }

    /// Appends `text` in this color and bold.
    pub(super) fn bold(&self, out: &mut String, hue: Hue, text: &str) {
        wrap(out, &["\u{1b}[", self.depth.code(hue), "m\u{1b}[1m"], text, "\u{1b}[22m\u{1b}[39m");
    }

    /// Appends `text` as a command: bold, on a dark background if the terminal has one.
    pub(super) fn command(&self, out: &mut String, text: &str) {
        if self.depth == Depth::Ansi16 {
            wrap(out, &["\u{1b}[1m"], text, "\u{1b}[22m");
        } else {
            let ground = "\u{1b}[48;5;237m\u{1b}[38;5;255m\u{1b}[1m";
            wrap(out, &[ground], text, "\u{1b}[22m\u{1b}[39m\u{1b}[49m");
        }
    }
}

fn wrap(out: &mut String, open: &[&str], text: &str, close: &str) {
    if text.is_empty() {
        return;
    }
    out.extend(open.iter().copied());
    out.push_str(text);
    out.push_str(close);
}

/// Where the header of a line ends (after `]:`), and the identifier in its brackets without `.1`.
fn header(line: &str) -> Option<(usize, &str)> {
    let mut from = 0;
    while let Some(open) = line[from..].find('[') {
        let inside = &line[from + open + 1..];
        from += open + 1;
        let word = inside.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'));
        let identifier = &inside[..word?];
        let rest = inside[identifier.len()..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        if !identifier.is_empty() && rest.starts_with("]:") {
            return Some((line.len() - rest.len() + "]:".len(), identifier));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env_of<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn the_header_ends_at_the_first_identifier() {
        assert_eq!(header("t app[web.1]: a[x]: b"), Some((13, "web")));
        assert_eq!(header("t app[web-12-ab]: x"), Some((17, "web-12-ab")));
        assert_eq!(header("t app[.1]: z [q]: y"), Some((17, "q")));
        assert_eq!(header("t app[web.1]:"), Some((13, "web")));
        assert_eq!(header("t app[web.1.x]: y"), None);
        assert_eq!(header("no header [at all"), None);
        assert_eq!(header(""), None);
    }

    #[test]
    fn identifiers_take_the_next_slot_in_order() {
        let mut colors = LogColors::new(Depth::TrueColor);
        assert_eq!(colors.identifier("web.3"), Hue::Cyan);
        assert_eq!(colors.identifier("worker.1"), Hue::Teal);
        assert_eq!(colors.identifier("clock.1"), Hue::Pink);
        assert_eq!(colors.identifier("worker.2"), Hue::Teal);
        let rest = ["a", "b", "c", "d"].map(|name| colors.identifier(name));
        assert_eq!(rest, [Hue::Yellow, Hue::Magenta, Hue::Orange, Hue::Yellow]);
    }

    #[test]
    fn many_identifiers_take_no_more_memory() {
        let mut colors = LogColors::new(Depth::Ansi256);
        for number in 0..10 * REMEMBERED {
            colors.identifier(&format!("run-{number}"));
        }
        assert_eq!(colors.seen.len(), REMEMBERED);
    }

    #[test]
    fn the_depth_follows_the_environment() {
        let depth =
            |pairs: &[(&str, &str)]| Depth::from_variables(&|name| env_of(pairs)(name).unwrap_or_default());
        assert_eq!(depth(&[("TERM", "xterm-256color")]), Depth::Ansi256);
        assert_eq!(depth(&[("TERM", "xterm-256color"), ("COLORTERM", "24bit")]), Depth::TrueColor);
        assert_eq!(depth(&[("TERM", "xterm")]), Depth::Ansi16);
        assert_eq!(depth(&[("COLORTERM", "truecolor"), ("HEROKU_THEME", "Simple ")]), Depth::Ansi16);
        assert_eq!(depth(&[("COLORTERM", "truecolor"), ("FORCE_COLOR", "2")]), Depth::Ansi256);
    }

    #[test]
    fn color_is_switched_as_the_heroku_cli_does() {
        let enabled = |terminal, no_color, pairs| enabled_by(terminal, no_color, &env_of(pairs));
        assert!(enabled(true, false, &[]));
        assert!(!enabled(false, false, &[]));
        assert!(!enabled(true, true, &[("FORCE_COLOR", "1")]));
        assert!(enabled(false, false, &[("FORCE_COLOR", "")]));
        assert!(!enabled(true, false, &[("FORCE_COLOR", "0")]));
        assert!(!enabled(true, false, &[("FORCE_COLOR", "1"), ("HEROKU_LOGS_COLOR", "0")]));
        assert!(!enabled(true, false, &[("HEROKU_COLOR", "0")]));
        assert!(enabled(true, false, &[("HEROKU_COLOR", "1")]));
    }
}
