//! `app.json`, which tells Heroku how to set up a new app (<https://devcenter.heroku.com/articles/app-json-schema>).

use std::io::{self, ErrorKind};
use std::path::Path;

use serde_json::Value;

use crate::file;

mod flaw;
mod lines;
mod setup;
mod shape;

pub use flaw::Flaw;
pub use setup::{Addon, EnvVar, Formation, Setup};

/// The file's name, at the repository's root.
pub const NAME: &str = "app.json";

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// The environment whose entries replace the others in a review app.
const REVIEW: &str = "review";

/// The contents of an `app.json`.
#[derive(Clone, Debug, Default)]
pub struct AppManifest {
    text: String,
    json: Value,
}

impl AppManifest {
    /// The file in this folder; `None` where there is none.
    pub fn read(root: &Path) -> io::Result<Option<Result<Self, Flaw>>> {
        match file::read_text(&root.join(NAME), LARGEST) {
            Ok(text) => Ok(Some(Self::parse(text))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a file's text; fails where it is not a JSON object.
    pub fn parse(text: String) -> Result<Self, Flaw> {
        let json: Value = serde_json::from_str(&text).map_err(|error| Flaw::of_syntax(&error))?;
        if !json.is_object() {
            return Err(Flaw::fatal(Some(1), "it is not a JSON object"));
        }
        Ok(Self { text, json })
    }

    /// The entries that Heroku would refuse or ignore, in the order of the file.
    pub fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = shape::flaws(&self.json);
        for flaw in &mut flaws {
            flaw.line = lines::line_of(&self.text, &flaw.path);
        }
        flaws.sort_by_key(|flaw| flaw.line);
        flaws
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_object_is_a_flaw_with_its_line() {
        let flaw = AppManifest::parse("{\n  \"name\": }".to_owned()).unwrap_err();
        assert_eq!((flaw.line, flaw.is_fatal), (Some(2), true));
        assert_eq!(AppManifest::parse("[]".to_owned()).unwrap_err().text, "it is not a JSON object");
    }
}
