//! Chooses a shell: by name, by executable, or by `$SHELL`.

use std::env;
use std::path::Path;

use clap::builder::{PossibleValue, PossibleValuesParser};

use super::{SHELLS, Shell};
use crate::error::{Error, Result};
use crate::hint::Hint;

/// The shell of this name.
pub fn named(name: &str) -> Option<&'static dyn Shell> {
    SHELLS.iter().copied().find(|shell| shell.name() == name)
}

/// The shell of this name, or whose executable has this name.
pub fn of_program(name: &str) -> Option<&'static dyn Shell> {
    named(name).or_else(|| SHELLS.iter().copied().find(|shell| shell.program() == name))
}

/// The shell called `name`; if there is no name, the one that `$SHELL` names. Exit 2 if it is not supported.
pub fn chosen(name: Option<&str>) -> Result<&'static dyn Shell> {
    let own = env::var_os("SHELL").unwrap_or_default();
    let own = Path::new(&own).file_stem().unwrap_or_default().to_string_lossy();
    let name = name.unwrap_or(&own);
    of_program(name).ok_or_else(|| {
        let known: Vec<_> = SHELLS.iter().map(|shell| shell.name()).collect();
        let failure =
            if name.is_empty() { "$SHELL is not set".to_owned() } else { format!("unknown shell `{name}`") };
        Error::usage(failure)
            .hint(Hint::text(format!("choose one: greenroom completions {}", known.join("|"))))
    })
}

/// A parser for an argument that names a shell; the names of executables are aliases.
pub fn value_parser() -> PossibleValuesParser {
    PossibleValuesParser::new(SHELLS.iter().map(|shell| {
        let alias = Some(shell.program()).filter(|program| *program != shell.name());
        PossibleValue::new(shell.name()).aliases(alias)
    }))
}
