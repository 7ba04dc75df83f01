//! Turns the CLI's descriptions into one line of plain text.

use anstream::adapter::strip_str;

use crate::terminal::cut;
use crate::text::is_hostile;

/// The most characters of a line that are kept.
const LENGTH: usize = 100;

/// The first line of `text` that is not empty, without markup; `command` is whose text it is.
pub(super) fn first_line(text: &str, command: &str) -> String {
    let text = strip_str(text).to_string();
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let plain: String = filled_in(line, command).chars().filter(|c| !is_markup(*c)).collect();
    cut(&plain.split_whitespace().collect::<Vec<_>>().join(" "), LENGTH)
}

/// oclif's templates: `<%= config.bin %>` and `<%= command.id %>` are known, others are left out.
fn filled_in(line: &str, command: &str) -> String {
    let mut parts = line.split("<%");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (template, after) = part.split_once("%>").unwrap_or((part, ""));
        text += match template.trim_start_matches(['=', '-']).trim() {
            "config.bin" => "heroku",
            "command.id" => command,
            _ => "",
        };
        text += after;
    }
    text
}

/// Markdown's backticks, and what could drive a terminal or end a line of a digest. Blanks are dealt with later.
fn is_markup(c: char) -> bool {
    c == '`' || is_hostile(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_left_without_markup() {
        let line = |text| first_line(text, "plugins:inspect");
        assert_eq!(line("\n    add an SSH key\n    if no KEY is given\n  "), "add an SSH key");
        assert_eq!(line("List all <%= config.bin %> commands."), "List all heroku commands.");
        assert_eq!(line("see `<%- command.id %>` <%- other || 1 %> now <% cut"), "see plugins:inspect now");
        assert_eq!(line("\u{1b}[1mbold\u{1b}[0m\tand\u{7} \u{202e}quiet"), "bold and quiet");
        assert_eq!(line(""), "");
        assert_eq!(line(&"ä".repeat(101)), "ä".repeat(99) + "…");
    }
}
