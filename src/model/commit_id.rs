//! Commits: by their full id, and as slugs, builds and people name them.

use std::borrow::Borrow;
use std::fmt::{self, Display};
use std::ops::Deref;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// A commit as a slug, a build or a person names it: by its full id, by an id shortened to 7 digits or more, or by any other
/// text, because Heroku records what the builder was given. Only a [`CommitId`] is handed to git.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct CommitName(String);

/// The full id of a commit: 40 hexadecimal digits, or 64 in a repository with SHA-256. It is a [`CommitName`] too.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct CommitId(CommitName);

impl CommitName {
    /// The commit that a text names by its id, full or shortened; none where the text is no id.
    pub fn of_id(text: &str) -> Option<Self> {
        let is_id = (7..=64).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_id.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The text as it was given; an id in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first seven digits of an id, for a person; of another text the first seven letters.
    pub fn short(&self) -> &str {
        self.0.get(..7).unwrap_or(&self.0)
    }

    /// The full id; none where the name is anything else.
    pub fn full(&self) -> Option<CommitId> {
        self.0.parse().ok()
    }

    /// Whether it is a shortened id.
    pub fn is_shortened(&self) -> bool {
        Self::of_id(&self.0).is_some() && self.full().is_none()
    }

    /// Whether both are ids of one commit. Either may be shortened.
    pub fn is(&self, other: &Self) -> bool {
        let length = self.0.len().min(other.0.len());
        Self::of_id(&self.0).is_some() && self.0.get(..length) == other.0.get(..length) && length >= 7
    }
}

impl From<String> for CommitName {
    fn from(text: String) -> Self {
        Self::of_id(&text).unwrap_or(Self(text))
    }
}

impl Display for CommitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Reads a field in which a commit may be recorded; none where it is missing, `null` or empty.
pub fn recorded_commit<'de, D: Deserializer<'de>>(from: D) -> Result<Option<CommitName>, D::Error> {
    let text: Option<String> = Deserialize::deserialize(from)?;
    Ok(text.filter(|text| !text.is_empty()).map(CommitName::from))
}

impl FromStr for CommitId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = CommitName::of_id(text).filter(|_| matches!(text.len(), 40 | 64));
        name.map(Self).ok_or_else(|| format!("{text:?} is not the full id of a commit"))
    }
}

impl Borrow<CommitName> for CommitId {
    fn borrow(&self) -> &CommitName {
        &self.0
    }
}

impl Deref for CommitId {
    type Target = CommitName;

    fn deref(&self) -> &CommitName {
        &self.0
    }
}

impl From<CommitId> for CommitName {
    fn from(id: CommitId) -> Self {
        id.0
    }
}

impl Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d";

    fn name(text: &str) -> CommitName {
        CommitName::from(text.to_owned())
    }

    #[test]
    fn only_a_full_id_goes_to_git() {
        assert_eq!(name(FULL).full().unwrap().to_string(), FULL);
        assert!(name(&"ab".repeat(32)).full().is_some());
        assert_eq!(name(&FULL.to_uppercase()), name(FULL));
        for other in ["", "HEAD", "1a2b3c4", "--upload-pack=x", &FULL[1..], &format!("{}g", &FULL[1..])] {
            assert!(name(other).full().is_none(), "{other}");
            assert_eq!(name(other).as_str(), other);
        }
    }

    #[test]
    fn short_and_full_ids_of_a_commit_match() {
        assert!(name(FULL).is(&name("1A2B3C4")) && name("1a2b3c4").is(&name("1A2B3C4d5e")));
        assert!(!name("1a2b3c").is(&name("1a2b3c")), "six digits are too few");
        assert!(!name("1a2b3c4").is(&name("1a2b3c5")));
        assert!(!name("release-7").is(&name("release-7")), "a text names no commit for sure");
    }

    #[test]
    fn the_short_form_has_seven_digits() {
        assert_eq!(name(FULL).short(), "1a2b3c4");
        assert_eq!((name("main").short(), name("größere").short()), ("main", "größe"));
    }

    #[test]
    fn an_empty_field_records_no_commit() {
        let read = |json: &str| recorded_commit(&mut serde_json::Deserializer::from_str(json)).unwrap();
        assert_eq!((read("null"), read("\"\""), read("\"v7\"")), (None, None, Some(name("v7"))));
    }
}
