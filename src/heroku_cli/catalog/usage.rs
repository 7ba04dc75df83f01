//! What a command takes: its arguments and flags.

use super::signs::{self, says};

/// The arguments and flags of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Its id, if it was looked up by an alias.
    pub id: String,
    /// Its visible flags by name, without `--app` and `--remote` if the environment fills in the app.
    pub flags: Vec<Flag>,
    /// Its arguments in their order.
    pub arguments: Vec<Argument>,
    /// Whether it accepts more arguments than it declares.
    pub takes_more: bool,
    /// Whether the environment's app is filled in.
    pub takes_app: bool,
}

/// A flag of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flag {
    /// The name after `--`.
    pub name: String,
    /// Other names that mean the same.
    pub aliases: Vec<String>,
    /// The letter after `-`.
    pub letter: Option<char>,
    /// Whether it takes a value.
    pub takes_value: bool,
    /// Whether it may be given more than once.
    pub repeats: bool,
    /// Whether `--no-NAME` is its opposite.
    pub has_opposite: bool,
    /// The allowed values, if they are listed.
    pub options: Vec<String>,
    /// One line of description.
    pub help: String,
}

/// A positional argument.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Whether it is hidden; it still has its position.
    pub hidden: bool,
    /// The allowed values, if they are listed.
    pub options: Vec<String>,
    /// One line of description.
    pub help: String,
}

impl Argument {
    /// Reads its line of the catalog.
    pub(super) fn from_line(line: &str) -> Option<Self> {
        let mut fields = line.split('\t');
        let name = fields.next()?.to_owned();
        let hidden = says(fields.next()?, signs::HIDDEN);
        let help = fields.next()?.to_owned();
        Some(Self { name, hidden, help, options: fields.map(str::to_owned).collect() })
    }
}

impl Flag {
    /// Reads its line of the catalog.
    pub(super) fn from_line(line: &str) -> Option<Self> {
        let mut fields = line.split('\t');
        let mut names = fields.next()?.split(' ').map(str::to_owned);
        let name = names.next()?;
        let letter = fields.next()?.chars().next();
        let signs = fields.next()?;
        let help = fields.next()?.to_owned();
        Some(Self {
            name,
            aliases: names.collect(),
            letter,
            takes_value: says(signs, signs::TAKES_VALUE),
            repeats: says(signs, signs::REPEATS),
            has_opposite: says(signs, signs::HAS_OPPOSITE),
            options: fields.map(str::to_owned).collect(),
            help,
        })
    }
}
