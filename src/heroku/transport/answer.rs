//! A whole answer, read to its end.

use std::time::Duration;

use ureq::http::HeaderMap;

/// The API's response, whatever the status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Whether it was done: any 2xx.
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the same request may well succeed a moment later.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self.status, 429 | 500 | 502 | 503 | 504)
    }

    /// The body's JSON; an empty body is `null`.
    pub(super) fn json(&self) -> &[u8] {
        if self.body.is_empty() { b"null" } else { &self.body }
    }

    /// Whether it is a page for a browser, which the API never gives: something between here and there may have answered.
    pub(super) fn is_web_page(&self) -> bool {
        let kind = self.header("content-type").unwrap_or_default().trim_start();
        kind.get(..9).is_some_and(|kind| kind.eq_ignore_ascii_case("text/html"))
            || self.body.trim_ascii_start().first() == Some(&b'<')
    }

    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// How long the server asks to wait; of its two forms only the seconds are read.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        Some(Duration::from_secs(self.header("retry-after")?.trim().parse().ok()?))
    }

    /// The range of the next page: present on a 206 that is not the last page.
    pub(super) fn next_range(&self) -> Option<&str> {
        if self.status == 206 { self.header("next-range") } else { None }
    }

    /// Where a redirect points.
    pub(super) fn location(&self) -> Option<&str> {
        if matches!(self.status, 301 | 302 | 303 | 307 | 308) { self.header("location") } else { None }
    }
}
