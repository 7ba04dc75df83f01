//! How a person names a review app: by number, pull request, branch or app, or as the one of the branch that is checked out.

use std::fmt::{self, Display};

use super::pull_request::PullRequest;

/// How a person names a review app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// A pull request's number: `42`, `#42` or `--pr 42`.
    Number(u64),
    /// A pull request's URL.
    PullRequest(PullRequest),
    /// A branch and nothing else: `--branch NAME`.
    Branch(String),
    /// A word: a branch's name, or else an app's.
    Name(String),
    /// The branch that is checked out, or that the CI service builds.
    CurrentBranch,
}

impl Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Selector::Number(number) | Selector::PullRequest(PullRequest { number, .. }) => {
                write!(f, "pull request {number}")
            }
            Selector::Branch(branch) => write!(f, "branch {branch}"),
            Selector::Name(name) => write!(f, "branch or app {name}"),
            Selector::CurrentBranch => f.write_str("the current branch"),
        }
    }
}

impl Selector {
    /// The words that name the review app again; none for the branch that is checked out.
    pub fn words(&self) -> Vec<String> {
        match self {
            Selector::Number(number) | Selector::PullRequest(PullRequest { number, .. }) => {
                vec![number.to_string()]
            }
            Selector::Branch(branch) => vec!["--branch".to_owned(), branch.clone()],
            Selector::Name(name) => vec![name.clone()],
            Selector::CurrentBranch => Vec::new(),
        }
    }

    /// The pull request's number, where it names one.
    pub fn number(&self) -> Option<u64> {
        match self {
            Selector::Number(number) | Selector::PullRequest(PullRequest { number, .. }) => Some(*number),
            _ => None,
        }
    }

    /// The branch, where it may name one.
    pub fn branch(&self) -> Option<&str> {
        match self {
            Selector::Branch(branch) | Selector::Name(branch) => Some(branch),
            _ => None,
        }
    }

    /// Reads a word that can be nothing but a selector: a number, `#n`, or a pull request's URL.
    pub fn unmistakable(word: &str) -> Option<Self> {
        let digits = word.strip_prefix('#').unwrap_or(word);
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            return digits.parse().ok().map(Selector::Number);
        }
        PullRequest::of_url(word).map(Selector::PullRequest)
    }

    /// Reads any word as a selector; what is no number and no URL is a name.
    pub fn of_word(word: &str) -> Self {
        Self::unmistakable(word).unwrap_or_else(|| Selector::Name(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_can_be_nothing_else() {
        assert_eq!(Selector::unmistakable("42"), Some(Selector::Number(42)));
        assert_eq!(Selector::unmistakable("#42"), Some(Selector::Number(42)));
        let page = Selector::unmistakable("https://github.com/o/r/pull/42");
        assert_eq!(page.and_then(|page| page.number()), Some(42));
        for word in ["tail", "my-branch", "#", "42a", "https://github.com/o/r", "99999999999999999999999"] {
            assert_eq!(Selector::unmistakable(word), None, "{word}");
        }
        assert_eq!(Selector::of_word("my-branch"), Selector::Name("my-branch".into()));
    }

    #[test]
    fn the_words_that_name_it_again_are_no_command() {
        assert_eq!(Selector::Branch("tail".into()).words(), ["--branch", "tail"]);
        assert_eq!(Selector::of_word("#42").words(), ["42"]);
    }
}
