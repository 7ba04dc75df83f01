//! A notification that a dyno has started, by the terminal that is in another window now.

use std::env;
use std::ffi::OsStr;
use std::io::Write as _;
use std::time::Duration;

use crate::error::Result;
use crate::terminal::Terminal;
use crate::variable;

/// The variables that turn notifications off with `0`: ours, and the official CLI's.
const SWITCHES: [&str; 2] = ["GREENROOM_NOTIFICATIONS", "HEROKU_NOTIFICATIONS"];

/// The variable that says how long a dyno may take to start without a notification, and its default.
const AFTER: &str = "GREENROOM_NOTIFY_AFTER";
const SLOW: Duration = Duration::from_secs(20);

/// How long a dyno may take to start without a notification.
pub(super) fn after() -> Result<Duration> {
    variable::seconds(AFTER, env::var_os(AFTER).as_deref(), SLOW)
}

/// Sends the notification, if stderr is a terminal and nobody has turned them off.
pub(super) fn send(terminal: &Terminal, title: &str, text: &str) {
    let is_off = |name: &str| env::var_os(name).is_some_and(|value| value == "0");
    if !terminal.stderr_is_terminal() || SWITCHES.iter().any(|name| is_off(name)) {
        return;
    }
    let term = env::var_os("TERM").unwrap_or_default();
    let sequence = sequence(title, text, &term, env::var_os("VTE_VERSION").is_some());
    // It is not worth an error.
    _ = terminal.stderr().into_inner().write_all(sequence.as_bytes());
}

/// OSC 777 for terminals that know that one only, else OSC 9.
fn sequence(title: &str, text: &str, term: &OsStr, is_vte: bool) -> String {
    let harmless = |text: &str| text.replace(|c: char| c.is_control() || c == ';', " ");
    let (title, text) = (harmless(title), harmless(text));
    let term = term.to_string_lossy();
    if is_vte || term.starts_with("rxvt") || term.starts_with("foot") {
        format!("\x1b]777;notify;{title};{text}\x07")
    } else {
        format!("\x1b]9;{title}: {text}\x07")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_is_one_sequence() {
        let xterm = sequence("playhouse", "run.1 is up;\x1b]0;x\x07", OsStr::new("xterm-256color"), false);
        assert_eq!(xterm, "\x1b]9;playhouse: run.1 is up  ]0 x \x07");
        assert_eq!(sequence("a", "b", OsStr::new("xterm"), true), "\x1b]777;notify;a;b\x07");
        assert_eq!(sequence("a", "b", OsStr::new("foot"), false), "\x1b]777;notify;a;b\x07");
    }
}
