//! Sizes, times and counts as the Heroku CLI's libraries print them.

use jiff::Timestamp;

/// `30 MB` for a size in bytes, rounded to whole units of 1024 (the package `filesize`).
pub(super) fn file_size(bytes: u64) -> String {
    const UNITS: [&str; 7] = ["B", "KB", "MB", "GB", "TB", "PB", "EB"];
    let mut at = 0;
    while at < 6 && bytes >> (10 * (at + 1)) > 0 {
        at += 1;
    }
    let unit = 1 << (10 * at);
    let rounded = bytes / unit + u64::from(at > 0 && bytes % unit >= unit / 2);
    match rounded {
        1024 if at < 6 => format!("1 {}", UNITS[at + 1]),
        rounded => format!("{rounded} {}", UNITS[at]),
    }
}

/// A time in RFC 3339 as JavaScript's `toISOString` writes it; as it was if it is none.
pub(super) fn iso(time: &str) -> String {
    let parsed = time.parse::<Timestamp>();
    parsed.map_or_else(|_| time.to_owned(), |time| time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())
}

/// `{ web: 2, worker: 1 }`, over several lines where that is long (Node's `inspect`).
pub(super) fn counts(counts: &[(String, usize)]) -> String {
    let is_plain = |key: &str| {
        !key.starts_with(|c: char| c.is_ascii_digit())
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let entry = |(key, count): &(String, usize)| {
        let quote = if is_plain(key) { "" } else { "'" };
        format!("{quote}{key}{quote}: {count}")
    };
    let entries: Vec<String> = counts.iter().map(entry).collect();
    let length = entries.iter().map(String::len).sum::<usize>() + 2 * entries.len() + 11;
    match entries.len() {
        0 => "{}".to_owned(),
        _ if length <= 80 => format!("{{ {} }}", entries.join(", ")),
        _ => format!("{{\n  {}\n}}", entries.join(",\n  ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_whole_units() {
        // What Node says.
        for (bytes, shown) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KB"),
            (1535, "1 KB"),
            (1536, "2 KB"),
            (1_048_575, "1 MB"),
            (1_048_576, "1 MB"),
            (31_457_280, "30 MB"),
            (524_288_000, "500 MB"),
            (1_610_612_736, "2 GB"),
        ] {
            assert_eq!(file_size(bytes), shown, "{bytes}");
        }
        assert_eq!(file_size(u64::MAX), "16 EB");
    }

    #[test]
    fn times_have_milliseconds() {
        assert_eq!(iso("2026-03-14T12:00:00Z"), "2026-03-14T12:00:00.000Z");
        assert_eq!(iso("2026-03-14T12:00:00.123456+01:00"), "2026-03-14T11:00:00.123Z");
        assert_eq!(iso("soon"), "soon");
    }

    #[test]
    fn counts_are_an_object() {
        let counts =
            |keys: &[&str]| counts(&keys.iter().map(|key| ((*key).to_owned(), 1)).collect::<Vec<_>>());
        assert_eq!(counts(&[]), "{}");
        assert_eq!(counts(&["web", "my-worker", "2nd"]), "{ web: 1, 'my-worker': 1, '2nd': 1 }");
        let long = ["a".repeat(30), "b".repeat(30), "c".repeat(30)];
        let long: Vec<&str> = long.iter().map(String::as_str).collect();
        assert_eq!(counts(&long), format!("{{\n  {}: 1,\n  {}: 1,\n  {}: 1\n}}", long[0], long[1], long[2]));
    }
}
