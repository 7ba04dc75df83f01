//! The line of an entry in a JSON text.

use std::collections::HashMap;

use serde_json::value::RawValue;

/// The line, from 1, of the value that these keys lead to; in a list a key is the place, from 0. None where they lead
/// nowhere.
pub(super) fn line_of(text: &str, path: &[String]) -> Option<usize> {
    let mut part = text;
    for key in path {
        part = child(part, key)?;
    }
    // A part is borrowed from the text, so its address tells its place.
    let at = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let before = text.get(..at)?;
    Some(before.lines().count().max(1) + usize::from(before.ends_with('\n') && !before.is_empty()))
}

/// The text of the value under a key.
fn child<'a>(part: &'a str, key: &str) -> Option<&'a str> {
    if part.trim_start().starts_with('[') {
        let list: Vec<&'a RawValue> = serde_json::from_str(part).ok()?;
        return Some(list.get(key.parse::<usize>().ok()?)?.get());
    }
    let map: HashMap<String, &'a RawValue> = serde_json::from_str(part).ok()?;
    Some(map.get(key)?.get())
}

#[cfg(test)]
mod tests {
    use super::line_of;

    #[test]
    fn entries_are_found_by_their_keys() {
        let text = "{\n  \"env\": {\n    \"A\": \"A\",\n    \"B\": {\"value\": 1}},\n  \"list\": [\n    1,\n    {\"A\": 2}]\n}\n";
        let line = |path: &str| {
            let path: Vec<String> = path.split_whitespace().map(str::to_owned).collect();
            line_of(text, &path)
        };
        assert_eq!(line(""), Some(1));
        assert_eq!(line("env"), Some(2));
        assert_eq!(line("env A"), Some(3));
        assert_eq!(line("env B value"), Some(4));
        assert_eq!(line("list 0"), Some(6));
        assert_eq!(line("list 1 A"), Some(7));
        assert_eq!(line("list 7"), None);
        assert_eq!(line("nothing"), None);
    }
}
