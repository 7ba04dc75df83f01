//! How a person names a review app: by number, pull request, branch, or as the one of the branch that is checked out.

use std::fmt::{self, Display};

/// How a person names a review app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// A pull request's number: `42` or `#42`.
    Number(u64),
    /// A pull request's URL, with the repository (`owner/name`) it is of.
    PullRequest {
        /// `owner/name`.
        repository: String,
        /// The pull request's number.
        number: u64,
    },
    /// A branch.
    Branch(String),
    /// The branch that is checked out.
    CurrentBranch,
}

impl Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Selector::Number(number) | Selector::PullRequest { number, .. } => {
                write!(f, "pull request {number}")
            }
            Selector::Branch(branch) => write!(f, "branch {branch}"),
            Selector::CurrentBranch => f.write_str("the current branch"),
        }
    }
}

impl Selector {
    /// The word that names the review app again; none for the branch that is checked out.
    pub fn word(&self) -> Option<String> {
        match self {
            Selector::Number(number) | Selector::PullRequest { number, .. } => Some(number.to_string()),
            Selector::Branch(branch) => Some(branch.clone()),
            Selector::CurrentBranch => None,
        }
    }

    /// Reads a word that can be nothing but a selector: a number, `#n`, or a pull request's URL.
    pub fn unmistakable(word: &str) -> Option<Self> {
        let digits = word.strip_prefix('#').unwrap_or(word);
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            return digits.parse().ok().map(Selector::Number);
        }
        let path = word.strip_prefix("https://")?.split_once('/')?.1;
        let mut parts = path.split(['/', '?', '#']);
        let (owner, name) = (parts.next()?, parts.next()?);
        if parts.next()? != "pull" {
            return None;
        }
        let number = parts.next()?.parse().ok()?;
        Some(Selector::PullRequest { repository: format!("{owner}/{name}"), number })
    }

    /// Reads any word as a selector; what is no number and no URL is a branch.
    pub fn of_word(word: &str) -> Self {
        Self::unmistakable(word).unwrap_or_else(|| Selector::Branch(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_can_be_nothing_else() {
        assert_eq!(Selector::unmistakable("42"), Some(Selector::Number(42)));
        assert_eq!(Selector::unmistakable("#42"), Some(Selector::Number(42)));
        for url in ["https://github.com/o/r/pull/42", "https://github.com/o/r/pull/42/files?w=1#diff"] {
            let meant = Selector::PullRequest { repository: "o/r".into(), number: 42 };
            assert_eq!(Selector::unmistakable(url), Some(meant), "{url}");
        }
        for word in ["tail", "my-branch", "#", "42a", "https://github.com/o/r", "99999999999999999999999"] {
            assert_eq!(Selector::unmistakable(word), None, "{word}");
        }
        assert_eq!(Selector::of_word("my-branch"), Selector::Branch("my-branch".into()));
    }
}
