//! The colors inside a log line's message, for the known messages of the platform.

use std::sync::LazyLock;

use regex_lite::{Captures, Regex};

use super::log_colors::{Hue, LogColors};

/// Appends the message of a line that `identifier` wrote, in color where its form is known.
pub(super) fn paint(colors: &mut LogColors, identifier: &str, message: &str, out: &mut String) {
    let known = match identifier {
        "router" => {
            router(colors, message, out);
            true
        }
        "api" => api(colors, message, out),
        "run" => process(colors, message, out),
        "web" => process(colors, message, out) || web(colors, message, out),
        "postgres" | "heroku-postgres" => postgres(colors, message, out) || sample(colors, message, out),
        "heroku-redis" => sample(colors, message, out),
        _ => false,
    };
    if !known {
        out.push_str(message);
    }
}

/// `key=value` pairs: keys dimmed, values colored by meaning.
fn router(colors: &mut LogColors, message: &str, out: &mut String) {
    for (place, pair) in message.split_whitespace().enumerate() {
        if place > 0 {
            out.push(' ');
        }
        let Some((key, value)) = pair.split_once('=') else {
            colors.span(out, Hue::Gray, pair);
            continue;
        };
        colors.span(out, Hue::Gray, &pair[..=key.len()]);
        let hue = match key {
            "at" if value == "error" => Some(Hue::Red),
            "code" => {
                colors.bold(out, Hue::Red, value);
                continue;
            }
            "connect" | "service" => duration(value),
            "dyno" => Some(colors.identifier(value)),
            "method" => Some(Hue::Magenta),
            "path" => Some(Hue::Green),
            "status" => status(value),
            _ => Some(Hue::Gray),
        };
        maybe(colors, out, hue, value);
    }
}

fn maybe(colors: &LogColors, out: &mut String, hue: Option<Hue>, text: &str) {
    match hue {
        Some(hue) => colors.span(out, hue, text),
        None => out.push_str(text),
    }
}

fn duration(value: &str) -> Option<Hue> {
    let digits = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    match value[..digits].parse().unwrap_or(0_u64) {
        0 => None,
        1..100 => Some(Hue::Green),
        100..500 => Some(Hue::Teal),
        500..5000 => Some(Hue::Orange),
        _ => Some(Hue::Red),
    }
}

fn status(code: &str) -> Option<Hue> {
    match code.parse::<u32>().ok()? {
        200..300 => Some(Hue::Green),
        300..400 => Some(Hue::Teal),
        400..500 => Some(Hue::Orange),
        500..600 => Some(Hue::Red),
        _ => None,
    }
}

/// Messages of `app[api]` about builds, deploys and releases.
fn api(colors: &LogColors, message: &str, out: &mut String) -> bool {
    if message == "Build succeeded" {
        colors.span(out, Hue::Green, message);
    } else if message.starts_with("Build failed") {
        colors.span(out, Hue::Red, message);
    } else if let Some(user) = message.strip_prefix("Build started by user ") {
        out.push_str("Build started by user ");
        colors.span(out, Hue::Green, user);
    } else if let Some(rest) = message.strip_prefix("Deploy ") {
        return by_user(colors, out, "Deploy ", rest, " by user ", Hue::Cyan);
    } else if let Some(rest) = message.strip_prefix("Release ") {
        return by_user(colors, out, "Release ", rest, " created by user ", Hue::Magenta);
    } else {
        return starting(colors, message, out);
    }
    true
}

/// A resource, a verb, and who did it.
fn by_user(colors: &LogColors, out: &mut String, start: &str, rest: &str, between: &str, hue: Hue) -> bool {
    match rest.split_once(between) {
        Some((word, user)) if is_word(word) && !user.is_empty() => {
            out.push_str(start);
            colors.span(out, hue, word);
            out.push_str(between);
            colors.span(out, Hue::Green, user);
            true
        }
        _ => false,
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// State changes of a process: started, changed, exited.
fn process(colors: &LogColors, message: &str, out: &mut String) -> bool {
    if message == "Stopping all processes with SIGTERM" {
        colors.span(out, Hue::Red, message);
        return true;
    }
    if let Some(code) = message.strip_prefix("Process exited with status ") {
        let all_digits = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
        if all_digits {
            out.push_str("Process exited with status ");
            colors.span(out, if code == "0" { Hue::Green } else { Hue::Red }, code);
        }
        return all_digits;
    }
    if let Some((from, to)) =
        message.strip_prefix("State changed from ").and_then(|rest| rest.split_once(" to "))
    {
        if !is_word(from) || !is_word(to) {
            return false;
        }
        out.push_str("State changed from ");
        maybe(colors, out, state(from), from);
        out.push_str(" to ");
        maybe(colors, out, state(to), to);
        return true;
    }
    starting(colors, message, out)
}

fn state(name: &str) -> Option<Hue> {
    match name {
        "complete" | "up" => Some(Hue::Green),
        "starting" => Some(Hue::Teal),
        "down" => Some(Hue::Red),
        _ => None,
    }
}

/// ``Starting process with command `bin/web` by user …``.
fn starting(colors: &LogColors, message: &str, out: &mut String) -> bool {
    const START: &str = "Starting process with command ";
    let Some(rest) = message.strip_prefix(START).filter(|rest| rest.starts_with('`')) else { return false };
    let Some(end) = rest.rfind('`').filter(|end| *end > 1) else { return false };
    let (command, user) = rest.split_at(end + 1);
    out.push_str(START);
    colors.command(out, command);
    let user = user.strip_prefix("by user ").inspect(|_| out.push_str("by user ")).unwrap_or(user);
    colors.span(out, Hue::Green, user);
    true
}

/// Requests, as Apache and as frameworks write them, and the end of a free dyno's sleep.
fn web(colors: &LogColors, message: &str, out: &mut String) -> bool {
    static APACHE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"^(\d+\.\d+\.\d+\.\d+ -[^-]*- \[[^\]]+\] ")(\w+)( )([^ ]+)( HTTP/\d+\.\d+" )(\d+)( .+)$"#,
        )
        .ok()
    });
    static REQUEST: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"^(.* ")(\w+)(.+)(HTTP/\d+\.\d+" .*)$"#).ok());
    if matches!(message, "Unidling" | "Restarting") {
        colors.span(out, Hue::Yellow, message);
        return true;
    }
    // Most messages are no request; the expressions need not look at them.
    if !message.contains("HTTP/") {
        return false;
    }
    let captures =
        |regex: &'static LazyLock<Option<Regex>>| regex.as_ref().and_then(|it| it.captures(message));
    if let Some(found) = captures(&APACHE) {
        let (gray, code) = (Some(Hue::Gray), status(&found[6]));
        let hues = [gray, Some(Hue::Magenta), gray, Some(Hue::Green), gray, code, gray];
        groups(colors, out, &found, &hues);
        return true;
    }
    if let Some(found) = captures(&REQUEST) {
        groups(colors, out, &found, &[None, Some(Hue::Magenta), Some(Hue::Green), None]);
        return true;
    }
    false
}

fn groups(colors: &LogColors, out: &mut String, found: &Captures<'_>, hues: &[Option<Hue>]) {
    for (group, hue) in hues.iter().enumerate() {
        maybe(colors, out, *hue, &found[group + 1]);
    }
}

/// A laid-out table.
fn postgres(colors: &LogColors, message: &str, out: &mut String) -> bool {
    const CREATE: &str = "CREATE TABLE";
    let Some(place) = message.rfind(CREATE).filter(|_| message.starts_with("[DATABASE]")) else {
        return false;
    };
    colors.span(out, Hue::Gray, &message[..place]);
    colors.span(out, Hue::Magenta, CREATE);
    colors.span(out, Hue::Cyan, &message[place + CREATE.len()..]);
    true
}

/// The measurements that a data store writes every minute.
fn sample(colors: &LogColors, message: &str, out: &mut String) -> bool {
    let is_sample = message
        .match_indices(" sample#")
        .any(|(place, _)| message[..place].rsplit_once("source=").is_some_and(|(_, source)| is_word(source)));
    if is_sample {
        colors.span(out, Hue::Gray, message);
    }
    is_sample
}

#[cfg(test)]
#[path = "log_message_tests.rs"]
mod tests;
