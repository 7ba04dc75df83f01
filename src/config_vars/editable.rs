//! Config vars as a text that a person edits: a line `NAME=value` for each, as the Heroku CLI's `config:edit` has them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::shell_quote;
use crate::dotenv;
use crate::error::{Error, Result};
use crate::heroku::{ConfigVars, Secret};

/// The text, which [`read`] reads back exactly where every name is one that a file can set.
pub fn write(vars: &ConfigVars) -> String {
    let mut text = String::new();
    for (name, value) in vars {
        let value = value.reveal();
        // Editors take a carriage return for a line break, or drop it.
        let quoted = if value.contains('\r') { dotenv::on_one_line(value) } else { shell_quote(value) };
        _ = writeln!(text, "{name}={quoted}");
    }
    text
}

/// Reads such a text, and anything else in the dotenv format. Exit 2 for what is no assignment, and for a name that is there
/// twice; the error names the line and shows nothing of it.
pub fn read(text: &str) -> Result<ConfigVars> {
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    let mut vars = ConfigVars::new();
    for one in dotenv::parse(text).map_err(|error| Error::usage(error.to_string()))? {
        if let Some(first) = lines.insert(one.name.clone(), one.line) {
            let (line, name) = (one.line, one.name);
            return Err(Error::usage(format!("line {line}: {name} is in line {first} already")));
        }
        vars.insert(one.name, Secret::new(one.value));
    }
    Ok(vars)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_that_is_there_twice_is_an_error() {
        assert_eq!(read("A=1\n\nA=1").unwrap_err().to_string(), "line 3: A is in line 1 already");
        assert_eq!(read("A=1\nsecret").unwrap_err().to_string(), "line 2: no = found");
        assert!(read("# A=1\n").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_exactly(
            vars in proptest::collection::btree_map("[A-Za-z_][A-Za-z0-9_.-]{0,8}", "(?s).{0,20}|['\"\\\\$!`\n\r n]{0,9}", 0..6),
        ) {
            let vars: ConfigVars =
                vars.into_iter().map(|(name, value)| (name, Secret::new(value))).collect();
            let text = write(&vars);
            prop_assert_eq!(text.matches('\n').count(), vars.len());
            prop_assert_eq!(read(&text).unwrap(), vars.clone());
            prop_assert_eq!(read(&text.replace('\n', "\r\n")).unwrap(), vars);
        }
    }
}
