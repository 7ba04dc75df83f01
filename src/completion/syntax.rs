//! The flags and arguments of a command, in one form for ours and the Heroku CLI's.

use clap::{Arg, ArgAction};

use crate::commands::Command;
use crate::values::{Values, Words};

/// A command's flags and arguments.
#[derive(Clone, Debug, Default)]
pub(super) struct Syntax {
    pub(super) flags: Vec<Flag>,
    /// In their order.
    pub(super) arguments: Vec<Argument>,
}

/// A flag.
#[derive(Clone, Debug, Default)]
pub(super) struct Flag {
    /// The form that is offered: `--num`.
    pub(super) name: String,
    /// Other spellings: `-n`, aliases.
    pub(super) others: Vec<String>,
    /// One line.
    pub(super) help: String,
    /// Its value; `None` for a switch.
    pub(super) value: Option<Value>,
    /// Whether it may be given more than once.
    pub(super) repeats: bool,
    /// The names of flags that cannot be given with it.
    pub(super) rules_out: Vec<String>,
}

/// A positional argument.
#[derive(Clone, Debug, Default)]
pub(super) struct Argument {
    pub(super) value: Value,
    /// Whether it may be repeated.
    pub(super) repeats: bool,
    /// Whether it begins another command line, whose flags are not ours.
    pub(super) passed_on: bool,
    /// Whether it is allowed only after `--`.
    pub(super) after_dashes: bool,
}

/// The value of a flag or an argument.
#[derive(Clone, Debug, Default)]
pub(super) struct Value {
    pub(super) words: Vec<Words>,
    /// The allowed values, if they are listed.
    pub(super) options: Vec<String>,
    /// The delimiter of several values in one word.
    pub(super) delimiter: Option<char>,
}

impl Syntax {
    /// The syntax of one of our commands.
    pub(super) fn of(command: &Command) -> Self {
        let parsed = (command.augment)(clap::Command::new(command.name));
        let mut syntax = Self::default();
        for arg in parsed.get_arguments().filter(|arg| !arg.is_hide_set()) {
            if arg.is_positional() {
                syntax.arguments.push(argument(arg, command.values));
            } else {
                let others = parsed.get_arg_conflicts_with(arg).into_iter().filter_map(long);
                let rules_out = others.collect();
                syntax.flags.extend(flag(arg, command.values).map(|flag| Flag { rules_out, ..flag }));
            }
        }
        syntax
    }

    /// The flag with this spelling: `--num` or `-n`.
    pub(super) fn flag(&self, spelling: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.is(spelling))
    }
}

impl Flag {
    /// Whether this is one of its spellings.
    pub(super) fn is(&self, spelling: &str) -> bool {
        self.name == spelling || self.others.iter().any(|other| other == spelling)
    }

    /// Whether the two flags exclude each other.
    pub(super) fn conflicts_with(&self, other: &Self) -> bool {
        self.rules_out.contains(&other.name) || other.rules_out.contains(&self.name)
    }
}

fn flag(arg: &Arg, values: Values) -> Option<Flag> {
    let short = arg.get_short().map(|short| format!("-{short}"));
    let aliases = arg.get_all_aliases().unwrap_or_default().into_iter().map(|alias| format!("--{alias}"));
    let mut spellings = long(arg).into_iter().chain(short).chain(aliases);
    Some(Flag {
        name: spellings.next()?,
        others: spellings.collect(),
        help: first_line(arg),
        value: takes_value(arg).then(|| value(arg, values)),
        repeats: matches!(arg.get_action(), ArgAction::Append | ArgAction::Count),
        rules_out: Vec::new(),
    })
}

fn long(arg: &Arg) -> Option<String> {
    arg.get_long().map(|long| format!("--{long}"))
}

fn argument(arg: &Arg, values: Values) -> Argument {
    Argument {
        value: value(arg, values),
        repeats: matches!(arg.get_action(), ArgAction::Append),
        passed_on: arg.is_trailing_var_arg_set() || arg.is_last_set(),
        after_dashes: arg.is_last_set(),
    }
}

fn value(arg: &Arg, values: Values) -> Value {
    let told = values.iter().find(|(name, _)| arg.get_id() == name);
    let sources = told.map(|(_, sources)| sources.to_vec()).unwrap_or_default();
    let options = arg.get_possible_values().into_iter().filter(|option| !option.is_hide_set());
    let options = options.map(|option| option.get_name().to_owned()).collect();
    let lists = sources.contains(&Words::EnvironmentList).then_some(',');
    Value { words: sources, options, delimiter: arg.get_value_delimiter().or(lists) }
}

fn takes_value(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
}

fn first_line(arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    help.lines().next().unwrap_or_default().to_owned()
}
