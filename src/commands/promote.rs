//! `production promote`: promotes a slug that was built and tried upstream, without building it again.

use std::ffi::OsString;
use std::time::Duration;

use crate::context::Context;
use crate::error::Result;
use crate::inventory::Resource;
use crate::model::AppName;
use crate::release::{self, PromoteRequest};
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Promote a slug from an upstream app to this environment";

/// Lines that can be pasted.
pub const EXAMPLES: &str =
    "  production promote                     from prepare if it has HEAD, else from staging
  production promote --from staging
  staging promote --commit HEAD --yes    in CI: this commit, or exit 1
  production --dry-run promote           the plan, and the request that would be sent";

/// The Heroku CLI's is `pipelines:promote`.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[
    ("from", &[Words::Upstream, Words::Live(Resource::Apps)]),
    ("commit", &[Words::Commits]),
    ("to", &[Words::Live(Resource::OwnApps)]),
    ("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)]),
];

/// The slug to promote, and its targets.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Promote the slug of this environment or app
    #[arg(long, value_name = "ENV|APP")]
    from: Option<String>,

    /// Promote only a slug of this commit [default in CI: the commit being built]
    #[arg(long, value_name = "REV")]
    commit: Option<String>,

    /// Promote only to these apps of the stage
    #[arg(long, value_name = "APP", value_delimiter = ',')]
    to: Vec<AppName>,

    /// Do not wait until the dynos are up on the release
    #[arg(long)]
    no_wait_dynos: bool,

    /// Wait at most this long for the release phase and the dynos: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = release::parse_wait_timeout, default_value = "30m")]
    wait_timeout: Duration,

    /// Replace commits that run there and are not in this one
    #[arg(long)]
    force: bool,

    /// Allow a commit that is not in the environment's branch
    #[arg(long)]
    any_branch: bool,
}

/// Promotes, waits until the dynos of every target run the slug, and prints each app's release.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    release::promote(context, &args.request())?.print(context)
}

impl Args {
    fn request(&self) -> PromoteRequest {
        PromoteRequest {
            from: self.from.clone(),
            commit: self.commit.clone(),
            to: self.to.clone(),
            force: self.force,
            any_branch: self.any_branch,
            wait_timeout: self.wait_timeout,
            wait_for_dynos: !self.no_wait_dynos,
            line: self.line(),
        }
    }

    /// The same command line, to be typed again.
    fn line(&self) -> Vec<OsString> {
        let to = self.to.iter().map(AppName::as_ref).collect::<Vec<_>>().join(",");
        let given = [
            ("--from", self.from.clone()),
            ("--commit", self.commit.clone()),
            ("--to", Some(to).filter(|to| !to.is_empty())),
        ];
        let given = given.into_iter().filter_map(|(flag, value)| Some([flag.to_owned(), value?]));
        let mut words: Vec<OsString> = vec!["promote".into()];
        words.extend(given.flatten().map(OsString::from));
        words.extend(self.force.then(|| "--force".into()));
        words.extend(self.any_branch.then(|| "--any-branch".into()));
        words.extend(self.no_wait_dynos.then(|| "--no-wait-dynos".into()));
        words.extend(release::wait_option(self.wait_timeout));
        words
    }
}
