//! The Procfile: an app's process types, each with its command.

use std::path::Path;

use crate::file;

/// The file's name, at the repository's root.
pub const NAME: &str = "Procfile";

/// The largest Procfile that is read, in bytes.
const LARGEST: u64 = 1 << 16;

/// The text of the Procfile in this folder; empty where there is none that can be read.
pub fn read(root: &Path) -> String {
    file::read_text(&root.join(NAME), LARGEST).unwrap_or_default()
}

/// The process types of a Procfile's text, with their commands, in its order.
pub fn process_types(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let (name, command) = line.trim_start().split_once(':')?;
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        is_name.then(|| (name, command.trim()))
    })
}

/// The command of a process type in a Procfile's text; none without that type.
pub fn command_of<'a>(text: &'a str, process_type: &str) -> Option<&'a str> {
    process_types(text).find(|(name, _)| *name == process_type).map(|(_, command)| command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_a_type_and_its_command() {
        let text =
            "web: node server.js --port 1:2\r\n  console: bin/rails console\n# note: no type\n\nempty:\n:x\n";
        let types: Vec<_> = process_types(text).collect();
        assert_eq!(
            types,
            [("web", "node server.js --port 1:2"), ("console", "bin/rails console"), ("empty", "")]
        );
        assert_eq!(command_of(text, "console"), Some("bin/rails console"));
        assert_eq!(command_of(text, "note"), None);
    }

    #[test]
    fn without_a_file_there_are_no_types() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()), "");
        std::fs::write(folder.path().join(NAME), "web: x\n").unwrap();
        assert_eq!(read(folder.path()), "web: x\n");
    }
}
