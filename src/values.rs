//! What an argument's values are. Each command declares it for its own arguments, as `VALUES`; completion offers them.

use crate::inventory::Resource;

/// A source of values for an argument or a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// Free text: nothing is offered.
    Free,
    /// These values.
    These(&'static [&'static str]),
    /// The names that the environment's apps have at Heroku.
    Live(Resource),
    /// The same for another environment.
    LiveOf(&'static str, Resource),
    /// Names of config vars, each with `=` behind it. Their values are never offered.
    Assignment,
    /// A process type with `=`; behind a colon, a dyno size: `web=2:standard-1x`.
    Scale,
    /// A dyno size, or a process type, `=` and a dyno size.
    Resize,
    /// Environments of this project.
    Environments,
    /// Several environments, separated by commas.
    EnvironmentList,
    /// Environments of this project without the one the command runs in.
    OtherEnvironments,
    /// The environments that code passes through before it reaches this one.
    Upstream,
    /// Branches, tags and the newest commits of the repository.
    Commits,
    /// Branches.
    Branches,
    /// The numbers of pull requests with a review app.
    ReviewNumbers,
    /// The branches with a review app.
    ReviewBranches,
    /// The repository's git remotes.
    Remotes,
    /// Files and folders.
    Files,
    /// Folders.
    Folders,
    /// A command on this machine, followed by its arguments.
    LocalCommand,
    /// A command on a dyno, followed by its arguments: process types of the Procfile, and files.
    DynoCommand,
    /// A command line for the environments that the argument before names.
    Line,
}

/// The sources of values of a command's arguments, by the argument's name. Arguments without a value, or with possible
/// values of their own, need none.
pub type Values = &'static [(&'static str, &'static [Words])];
