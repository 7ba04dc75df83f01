//! Notices in the API's response headers, each printed once.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::answer::Answer;

/// Below this many requests left, a person should know.
const FEW_LEFT: u32 = 100;

/// The texts that were said already.
#[derive(Debug, Default)]
pub(super) struct Notices {
    said: Mutex<HashSet<String>>,
}

impl Notices {
    /// The notices in the response's headers that were not printed before.
    pub(super) fn new_in(&self, answer: &Answer) -> Vec<String> {
        let warning = answer.header("x-heroku-warning").or_else(|| answer.header("warning-message"));
        let left = answer.header("ratelimit-remaining").and_then(|left| left.trim().parse::<u32>().ok());
        let few = left.filter(|left| *left < FEW_LEFT).map(|_| {
            format!("fewer than {FEW_LEFT} requests are left in this account's rate limit; about 75 a minute come back")
        });
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = warning.map(|text| without_label(text).to_owned()).into_iter().chain(few);
        texts.filter(|text| !text.is_empty() && said.insert(text.clone())).collect()
    }
}

fn without_label(text: &str) -> &str {
    let label = "warning:";
    match text.get(..label.len()) {
        Some(start) if start.eq_ignore_ascii_case(label) => text[label.len()..].trim(),
        _ => text.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&'static str, &str)]) -> Answer {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        Answer { status: 200, headers: headers.collect(), body: Vec::new() }
    }

    #[test]
    fn a_warning_is_said_once_and_without_its_label() {
        let notices = Notices::default();
        let both = answer(&[("x-heroku-warning", "Warning: stack is old"), ("warning-message", "other")]);
        assert_eq!(notices.new_in(&both), ["stack is old"]);
        assert!(notices.new_in(&both).is_empty());
        assert_eq!(notices.new_in(&answer(&[("warning-message", "other")])), ["other"]);
    }

    #[test]
    fn a_low_rate_limit_is_said_once() {
        let notices = Notices::default();
        assert!(notices.new_in(&answer(&[("ratelimit-remaining", "100")])).is_empty());
        assert_eq!(notices.new_in(&answer(&[("ratelimit-remaining", "99")])).len(), 1);
        assert!(notices.new_in(&answer(&[("ratelimit-remaining", "98")])).is_empty());
    }
}
