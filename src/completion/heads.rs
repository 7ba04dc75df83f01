//! Command names: ours, and the Heroku CLI's grouped by topic.

use crate::commands::Table;
use crate::heroku_cli::Catalog;
use crate::shells::Candidate;

/// A command name.
struct Head<'a> {
    word: &'a str,
    help: &'a str,
    is_ours: bool,
}

/// Completes `typed`: our commands first, then the CLI's. A topic's commands are shown once no other topic matches:
/// `p` offers `pg` and `ps`, `pg:` what is in `pg`, and `pg:backups` what is in there.
pub(super) fn heads(ours: &Table, theirs: Option<&Catalog>, typed: &str) -> Vec<Candidate> {
    let mut known: Vec<Head<'_>> = Vec::new();
    for command in ours.iter() {
        // An alias is offered only once it is being typed.
        let others = command.aliases.iter().copied().filter(|_| !typed.is_empty());
        let words = [command.name].into_iter().chain(others);
        known.extend(words.map(|word| Head { word, help: command.about, is_ours: true }));
    }
    // The table is in this order, except for aliases.
    known.sort_by_key(|head| head.word);
    known.push(Head {
        word: "help",
        help: "Print this message or the help of the given command",
        is_ours: true,
    });
    known.retain(|head| head.word.starts_with(typed));
    let count = known.len();
    for (word, help) in theirs.into_iter().flat_map(|catalog| catalog.commands(typed)) {
        if !known[..count].iter().any(|ours| ours.word == word) {
            known.push(Head { word, help, is_ours: false });
        }
    }
    if let (true, Some(catalog)) = (known.is_empty(), theirs) {
        known.extend(catalog.aliases(typed).map(|(word, help)| Head { word, help, is_ours: false }));
    }
    let mut shown = at_depth(&known, depth(&known, typed));
    shown.sort_by_key(|shown| !shown.is_ours);
    let candidate = |shown: Shown<'_>| match shown.help {
        Some(help) => Candidate { word: shown.word.to_owned(), help: help.to_owned(), goes_on: false },
        None => Candidate {
            word: format!("{}:", shown.word),
            help: theirs.and_then(|catalog| catalog.topic(shown.word)).unwrap_or_default().to_owned(),
            goes_on: true,
        },
    };
    shown.into_iter().map(candidate).collect()
}

/// A command, or a topic that is not a command.
struct Shown<'a> {
    word: &'a str,
    help: Option<&'a str>,
    is_ours: bool,
}

/// The most colons in the names that are shown: as many as were typed, or more if all share a longer prefix.
fn depth(known: &[Head<'_>], typed: &str) -> usize {
    let mut depth = typed.matches(':').count();
    loop {
        let mut cut = known.iter().map(|head| upto(head.word, depth));
        let Some(first) = cut.next() else { return depth };
        let goes_deeper = known.iter().any(|head| head.word.len() > first.len());
        if !goes_deeper || cut.any(|other| other != first) {
            return depth;
        }
        depth += 1;
    }
}

fn at_depth<'a>(known: &[Head<'a>], depth: usize) -> Vec<Shown<'a>> {
    let mut shown: Vec<Shown<'a>> = Vec::new();
    for head in known {
        let word = upto(head.word, depth);
        let is_whole = word.len() == head.word.len();
        match shown.iter_mut().rev().find(|shown| shown.word == word) {
            Some(there) if is_whole && there.help.is_none() => there.help = Some(head.help),
            Some(_) => {}
            None => shown.push(Shown { word, help: is_whole.then_some(head.help), is_ours: head.is_ours }),
        }
    }
    shown
}

/// The part of a command's name up to this many colons.
fn upto(word: &str, colons: usize) -> &str {
    word.match_indices(':').nth(colons).map_or(word, |(at, _)| &word[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(known: &[&'static str], typed: &str) -> String {
        let known: Vec<Head<'_>> = known
            .iter()
            .filter(|word| word.starts_with(typed))
            .map(|word| Head { word, help: "", is_ours: false })
            .collect();
        let shown = at_depth(&known, depth(&known, typed));
        let words = shown
            .iter()
            .map(|shown| format!("{}{}", shown.word, if shown.help.is_some() { "" } else { ":" }));
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_topic_opens_once_no_other_is_left() {
        let known = [
            "auth:login",
            "auth:token",
            "config",
            "config:get",
            "pg",
            "pg-x",
            "pg:backups",
            "pg:backups:url",
            "pg:ps",
            "ps",
            "ps:scale",
        ];
        for (typed, words) in [
            ("", "auth: config pg pg-x ps"),
            ("a", "auth:login auth:token"),
            ("c", "config config:get"),
            ("p", "pg pg-x ps"),
            ("pg", "pg pg-x"),
            ("pg:", "pg:backups pg:ps"),
            ("pg:b", "pg:backups pg:backups:url"),
            ("pg:backups:", "pg:backups:url"),
            ("ps:sc", "ps:scale"),
            ("nothing", ""),
        ] {
            assert_eq!(shown(&known, typed), words, "{typed:?}");
        }
    }
}
