//! Writes the catalog from the manifests.

use std::fmt::{self, Write as _};

use super::signs;
use crate::heroku_cli::digest::Sources;
use crate::heroku_cli::location::Place;
use crate::heroku_cli::manifests::{Command, Manifests, is_word};
use crate::heroku_cli::plain_text::first_line;

/// The three parts of the catalog.
pub(super) fn digest(place: &Place, sources: &mut Sources) -> Option<String> {
    let all = Manifests::read(place, sources)?;
    let mut text = String::from("\n");
    for (id, command) in all.commands.iter().filter(|(_, command)| !command.hidden) {
        writeln!(text, "{id}\t{}", first_line(command.words(), id)).ok()?;
    }
    text.push('\n');
    for (name, description) in &all.topics {
        writeln!(text, "{name}\t{}", first_line(description, name)).ok()?;
    }
    text.push('\n');
    for (alias, id) in &all.aliases {
        writeln!(text, "@{alias}\t{id}").ok()?;
    }
    for (id, command) in &all.commands {
        write_usage(&mut text, id, command).ok()?;
    }
    Some(text)
}

fn write_usage(text: &mut String, id: &str, command: &Command) -> fmt::Result {
    let (takes_app, takes_remote) = (command.takes_app(id), command.takes_remote(id));
    let more = (!command.is_strict(), signs::TAKES_MORE);
    writeln!(text, "={id}\t{}", letters([more, (takes_app, signs::TAKES_APP)]))?;
    for argument in &command.args {
        let hidden = letters([(argument.hidden, signs::HIDDEN)]);
        let help = first_line(argument.words(), id);
        writeln!(text, ".{}\t{hidden}\t{help}{}", first_line(&argument.name, id), fields(&argument.options))?;
    }
    for (name, flag) in &command.flags {
        let is_ours = (takes_app && name == "app") || (takes_remote && name == "remote");
        if flag.hidden || is_ours || !is_word(name) {
            continue;
        }
        let aliases = flag.aliases.iter().filter(|alias| is_word(alias));
        let names: Vec<&str> = [name].into_iter().chain(aliases).map(String::as_str).collect();
        let signs = letters([
            (flag.takes_value(), signs::TAKES_VALUE),
            (flag.multiple, signs::REPEATS),
            (flag.allow_no, signs::HAS_OPPOSITE),
        ]);
        let letter = flag.letters().next().unwrap_or_default();
        let help = first_line(flag.words(), id);
        writeln!(text, "-{}\t{letter}\t{signs}\t{help}{}", names.join(" "), fields(&flag.options))?;
    }
    Ok(())
}

/// The letters of what is so.
fn letters<const N: usize>(signs: [(bool, char); N]) -> String {
    signs.into_iter().filter(|(is_so, _)| *is_so).map(|(_, letter)| letter).collect()
}

/// Each option after a tab.
fn fields(options: &[String]) -> String {
    let shown = options.iter().map(String::as_str).filter(|option| !option.contains(char::is_control));
    shown.flat_map(|option| ["\t", option]).collect()
}
