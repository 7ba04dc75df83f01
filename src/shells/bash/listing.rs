//! How bash lists the words: each with its help, in two columns.

use super::quoting::{Kind, quote_onto};
use super::{Entry, Purpose, Question};
use crate::terminal::cut;

/// Each as it is listed.
pub(super) fn rows(entries: &[Entry<'_>], question: &Question) -> Vec<String> {
    let kept = question.kept();
    let typed = |entry: &Entry<'_>| {
        let mut text = String::new();
        quote_onto(&mut text, &entry.candidate.word[kept..], question.line.current.quote, entry.kind);
        text
    };
    let shown = |entry: &Entry<'_>| match question.purpose {
        Purpose::List => listed(entry),
        _ => typed(entry),
    };
    let plain: Vec<String> = entries.iter().map(shown).collect();
    let has_help = entries.iter().any(|entry| !entry.candidate.help.is_empty());
    if !has_help || question.purpose == Purpose::InsertAll {
        return plain;
    }
    let helps = entries.iter().map(|entry| entry.candidate.help.as_str());
    let described =
        described(&plain.iter().map(String::as_str).zip(helps).collect::<Vec<_>>(), question.columns);
    // A word that is filled up with blanks has more in common with one that has some within.
    let fits = || common(described.iter()) == common(plain.iter());
    if question.purpose == Purpose::List || fits() { described } else { plain }
}

/// What is shown of it where nothing is put into the line: of a path its last part, as readline does.
fn listed(entry: &Entry<'_>) -> String {
    let word = &entry.candidate.word;
    if entry.kind == Kind::Word {
        return word.clone();
    }
    let end = word.strip_suffix('/').unwrap_or(word);
    word[end.rfind('/').map_or(0, |slash| slash + 1)..].to_owned()
}

/// The words with their help, in two columns, if there is any.
fn described(rows: &[(&str, &str)], columns: usize) -> Vec<String> {
    let length = |text: &str| text.chars().count();
    let Some(widest) = rows.iter().filter(|(_, help)| !help.is_empty()).map(|(word, _)| length(word)).max()
    else {
        return rows.iter().map(|(word, _)| (*word).to_owned()).collect();
    };
    // A line as wide as the screen would be followed by an empty one.
    let room = columns.saturating_sub(1);
    let widest = widest.min(room / 2);
    let row = |(word, help): &(&str, &str)| {
        let left = room.saturating_sub(widest.max(length(word)) + 4);
        if help.is_empty() || left < 8 {
            return (*word).to_owned();
        }
        format!("{word:widest$}  ({})", cut(help, left))
    };
    let mut lines: Vec<String> = rows.iter().map(row).collect();
    // Readline puts short lines beside each other; one that is wider than half the screen prevents it.
    if let Some(first) = lines.first_mut() {
        *first = format!("{first:width$}", width = room / 2 + 1);
    }
    lines
}

/// Their common prefix.
fn common<'t>(texts: impl Iterator<Item = &'t String>) -> &'t str {
    texts
        .map(String::as_str)
        .reduce(|one, other| {
            let same = one.char_indices().zip(other.chars()).find(|((_, one), other)| one != other);
            &one[..same.map_or(one.len().min(other.len()), |((at, _), _)| at)]
        })
        .unwrap_or_default()
}
