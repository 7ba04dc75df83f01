//! The URL of a page of an app: its web URL and a path, joined as browsers do (WHATWG URL Standard).

use std::fmt::Write as _;

/// The URL of the page at `path` of the app whose `web_url` the API gave; a path may have a query and a fragment. What
/// may not stand in a URL is percent-encoded. A text says why there is none: `path` names another site, or the web URL is
/// none that can be opened.
pub fn page_url(web_url: &str, path: &str) -> Result<String, String> {
    let host = web_url.strip_prefix("https://").or_else(|| web_url.strip_prefix("http://"));
    let host = host.and_then(|rest| rest.split('/').next()).filter(|host| is_host(host));
    let host = host.ok_or_else(|| format!("its web URL cannot be opened: {web_url:?}"))?;
    let trimmed = path.trim_matches(|c: char| c <= ' ');
    let path: String = trimmed.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let (path, fragment) = part(&path, '#');
    let (path, query) = part(path, '?');
    let path = path.replace('\\', "/");
    if path.starts_with("//") || has_scheme(&path) {
        return Err(format!("{trimmed:?} is a page of another site, and only the app's are opened"));
    }
    let mut url = format!("https://{host}/");
    encode(&without_dots(&path), "`{}\"<>", &mut url);
    for (mark, text, set) in [('?', query, "\"#<>'"), ('#', fragment, "\"<>`")] {
        if let Some(text) = text {
            url.push(mark);
            encode(text, set, &mut url);
        }
    }
    Ok(url)
}

/// Whether this is a name or an IPv4 address, perhaps with a port.
fn is_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    !name.is_empty() && name.bytes().all(is_of_name) && port.parse::<u16>().is_ok()
}

/// The text before `mark`, and the one behind it.
fn part(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, behind)| (before, Some(behind)))
}

/// Whether this begins as `https:` does.
fn has_scheme(path: &str) -> bool {
    let Some((scheme, _)) = path.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// The path without its leading slash, and without `.` and `..`, which are followed.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = segments.next() {
        let dots = segment.to_ascii_lowercase().replace("%2e", ".");
        if dots == ".." {
            kept.pop();
        }
        if !matches!(&*dots, "." | "..") {
            kept.push(segment);
        } else if segments.peek().is_none() {
            kept.push("");
        }
    }
    kept.join("/")
}

/// Appends `text` with controls, blanks, what is beyond ASCII, and what is in `set` percent-encoded.
fn encode(text: &str, set: &str, url: &mut String) {
    for byte in text.bytes() {
        if matches!(byte, b'!'..=b'~') && !set.as_bytes().contains(&byte) {
            url.push(char::from(byte));
        } else {
            _ = write!(url, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WEB: &str = "https://playhouse-1a2b.herokuapp.com/";

    #[test]
    fn pages_are_where_a_browser_finds_them() {
        // What Node's `new URL(path, base)` says.
        for (path, page) in [
            ("", ""),
            ("/", ""),
            ("seats", "seats"),
            ("/seats?row=a b&x=\"q''\"#top frag`<", "seats?row=a%20b&x=%22q%27%27%22#top%20frag%60%3C"),
            ("a/./b/../c", "a/c"),
            ("../../x", "x"),
            ("a/..", ""),
            ("a/.", "a/"),
            ("%2e%2E/x", "x"),
            ("seats^{1}|`<>\"", "seats^%7B1%7D|%60%3C%3E%22"),
            ("ä/語?ö=é#ü", "%C3%A4/%E8%AA%9E?%C3%B6=%C3%A9#%C3%BC"),
            ("a\\b\\..\\c", "a/c"),
            ("?x", "?x"),
            ("#y", "#y"),
            ("  /trim me ", "trim%20me"),
            ("a\tb\nc", "abc"),
            ("a%zz%41", "a%zz%41"),
            ("a?b?c#d#e", "a?b?c#d#e"),
            ("a?x\\y", "a?x\\y"),
            ("/\u{1}\u{7f}", "%01%7F"),
            ("a;b,c=@:$&!*()+~[]", "a;b,c=@:$&!*()+~[]"),
            ("@evil.com/", "@evil.com/"),
            (".evil.com", ".evil.com"),
            (":80/x", ":80/x"),
            ("/a//b", "a//b"),
            ("a//", "a//"),
            ("..//x", "/x"),
        ] {
            assert_eq!(page_url(WEB, path), Ok(format!("{WEB}{page}")), "{path:?}");
        }
    }

    #[test]
    fn another_site_is_not_opened() {
        for path in ["//evil.com", "\\\\evil.com", "/\\evil.com", "https://evil.com/", "javascript:alert(1)"]
        {
            assert!(page_url(WEB, path).unwrap_err().contains("another site"), "{path}");
        }
        for web in ["", "file:///etc/passwd", "https:///x", "https://a b/", "https://u@h/", "https://h:x/"] {
            assert!(page_url(web, "").unwrap_err().contains("cannot be opened"), "{web}");
        }
        assert_eq!(page_url("http://h.herokuapp.com/", "x").unwrap(), "https://h.herokuapp.com/x");
    }

    proptest! {
        #[test]
        fn whatever_the_path_the_host_stays(path in any::<String>()) {
            if let Ok(url) = page_url(WEB, &path) {
                prop_assert!(url.starts_with(WEB) && url.bytes().all(|byte| byte.is_ascii_graphic()), "{url}");
            }
        }
    }
}
