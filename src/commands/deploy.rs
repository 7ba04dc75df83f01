//! `staging deploy`: deploys a commit from the slug that was prepared for it, else from a build.

use std::ffi::OsString;
use std::time::Duration;

use crate::context::Context;
use crate::error::Result;
use crate::release::{self, BuildPolicy, DeployRequest};
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Deploy a commit: promote the slug prepared for it, or build it";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging deploy                   HEAD: promoted if prepare has it, else pushed
  production deploy v1.4 --yes     in CI: exit 1 if the release phase fails or a dyno crashes
  production deploy --no-build     only a slug that prepare has or is building
  review 42 deploy --source        build from an archive of the commit, without git push";

/// The Heroku CLI deploys by git alone.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values =
    &[("revision", &[Words::Commits]), ("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)])];

/// The commit to deploy, and how.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The commit: a branch, a tag, an id [default: HEAD]
    revision: Option<String>,

    /// Build the commit even if a slug of it exists
    #[arg(long)]
    build: bool,

    /// Never build: exit 1 if no slug of the commit exists
    #[arg(long, conflicts_with_all = ["build", "source"])]
    no_build: bool,

    /// Do not wait for a build of the commit that is under way on prepare
    #[arg(long)]
    no_wait_prepared: bool,

    /// Build from an archive of the commit instead of a git push
    #[arg(long)]
    source: bool,

    /// Replace commits that run there and are not in this one
    #[arg(long)]
    force: bool,

    /// Allow a commit that is not in the environment's branch
    #[arg(long)]
    any_branch: bool,

    /// Enable maintenance mode during the deploy
    #[arg(long)]
    maintenance: bool,

    /// Do not wait until the dynos are up on the release
    #[arg(long)]
    no_wait_dynos: bool,

    /// Wait at most this long for the build, the release phase and the dynos: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = release::parse_wait_timeout, default_value = "30m")]
    wait_timeout: Duration,
}

/// Deploys, waits until the apps' dynos run the commit, and prints each app's release.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    release::deploy(context, &args.request())?.print(context)
}

impl Args {
    fn request(&self) -> DeployRequest {
        DeployRequest {
            revision: self.revision.clone(),
            build: match (self.build, self.no_build) {
                (true, _) => BuildPolicy::Always,
                (_, true) => BuildPolicy::Never,
                _ => BuildPolicy::IfNeeded,
            },
            archive: self.source,
            wait_for_prepared: !self.no_wait_prepared,
            force: self.force,
            any_branch: self.any_branch,
            maintenance: self.maintenance,
            wait_timeout: self.wait_timeout,
            wait_for_dynos: !self.no_wait_dynos,
            line: self.line(),
        }
    }

    /// The same command line, to be typed again.
    fn line(&self) -> Vec<OsString> {
        let flags = [
            (self.build, "--build"),
            (self.no_build, "--no-build"),
            (self.no_wait_prepared, "--no-wait-prepared"),
            (self.source, "--source"),
            (self.force, "--force"),
            (self.any_branch, "--any-branch"),
            (self.maintenance, "--maintenance"),
            (self.no_wait_dynos, "--no-wait-dynos"),
        ];
        let mut words: Vec<OsString> = vec!["deploy".into()];
        words.extend(self.revision.as_ref().map(OsString::from));
        words.extend(flags.into_iter().filter(|(given, _)| *given).map(|(_, flag)| flag.into()));
        words.extend(release::wait_option(self.wait_timeout));
        words
    }
}
