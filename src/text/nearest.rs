//! "Did you mean …?"

use strsim::damerau_levenshtein;

/// How far two names are from each other: in letters to add, leave out, change or swap. 0 where one is in the other.
pub fn distance(one: &str, other: &str) -> usize {
    let is_part = !one.is_empty() && (one.contains(other) || other.contains(one));
    if is_part { 0 } else { damerau_levenshtein(one, other) }
}

/// Shorter names begin too many others.
const PREFIX: usize = 4;

/// The one of the `known` names that `word` is most likely a misspelling or an abbreviation of; none where no name is
/// close. A misspelling differs in one letter, and in one more for every four of its length.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let distance = |name: &str| {
        let most = 1 + name.len().min(word.len()) / 4;
        // Comparing takes the product of both lengths, so names of other lengths are not compared.
        let comparable = name.chars().count().abs_diff(length) <= most;
        let misspelled = comparable.then(|| damerau_levenshtein(word, name)).filter(|found| *found <= most);
        let abbreviated =
            name.len().min(word.len()) >= PREFIX && (name.starts_with(word) || word.starts_with(name));
        misspelled.or(abbreviated.then(|| name.len().max(word.len())))
    };
    known.into_iter().filter_map(|name| Some((distance(name)?, name))).min().map(|(_, name)| name)
}

/// The items, those first whose names are most like one of `words`; the same name before all others.
pub fn nearest_first<T>(words: &[String], mut items: Vec<T>, name: impl Fn(&T) -> &str) -> Vec<T> {
    items.sort_by_cached_key(|item| {
        let name = name(item);
        (words.iter().map(|word| (name != word, distance(name, word))).min(), name.to_owned())
    });
    items
}

#[cfg(test)]
mod tests {
    use super::{nearest, nearest_first};

    #[test]
    fn names_are_sorted_by_likeness() {
        let names = vec!["opera", "ballet", "playhouse-eu", "playhose", "playhouse"];
        let sorted = nearest_first(&["opus".to_owned(), "playhouse".to_owned()], names, |name| name);
        assert_eq!(sorted[..3], ["playhouse", "playhouse-eu", "playhose"]);
    }

    #[test]
    fn misspelled_and_abbreviated_names_are_recognized() {
        let known = ["production", "staging", "ps", "ps:scale"];
        for (word, name) in [
            ("prodction", Some("production")),
            ("stagign", Some("staging")),
            ("prod", Some("production")),
            ("ps:scael", Some("ps:scale")),
            ("p", Some("ps")),
            ("xyz", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), name, "{word}");
        }
    }
}
