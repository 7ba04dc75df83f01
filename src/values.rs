//! Where the values of an argument come from. Every command says it of each of its own, beside the arguments.

use crate::inventory::Resource;

/// A source of words for an argument or a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// Anything may stand here, and nothing that could be known is likelier than the rest.
    Free,
    /// These are the usual ones.
    These(&'static [&'static str]),
    /// What Heroku knows of the environment's apps.
    Live(Resource),
    /// The same of another environment.
    LiveOf(&'static str, Resource),
    /// Config var names, each with `=`: their values are nobody's to offer.
    Assignment,
    /// `web=`, and behind a colon a dyno size: `web=2:standard-1x`.
    Scale,
    /// A dyno size, or `web=` with one.
    Resize,
    /// The environments that are known here.
    Environments,
    /// Several of them, separated by commas.
    EnvironmentList,
    /// The environments that are known here but for this one.
    OtherEnvironments,
    /// The environments that code comes from on its way to this one.
    Upstream,
    /// Branches, tags and the newest commits of the repository.
    Commits,
    /// Branches alone.
    Branches,
    /// The repository's remotes.
    Remotes,
    /// Files and folders.
    Files,
    /// Folders.
    Folders,
    /// A command on this machine, and then its arguments.
    LocalCommand,
    /// A command on a dyno, and then its arguments: the Procfile's process types, and files.
    DynoCommand,
    /// A command line of the environment that the word before names.
    Line,
}

/// What a command says of its arguments: each one's name, and where its values come from. Arguments that take no value,
/// or that list their values themselves, need none.
pub type Values = &'static [(&'static str, &'static [Words])];
