//! `review destroy`: destroys review apps.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;

use crate::confirm;
use crate::context::Context;
use crate::environment::{self, Selector};
use crate::error::{Kind, Result};
use crate::local_review;
use crate::release;
use crate::review_apps::{self, Obsolete};
use crate::terminal::{aligned, counted};
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Destroy a review app, or all that nobody needs any more";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  review destroy                 of the branch that is checked out
  review 42 destroy
  review destroy --merged        of branches that origin no longer has
  review destroy --stale 5       no release for five days

It asks first; without a terminal it wants --yes. The pr-predestroy script of app.json runs before. Of one that `review create
--local` made, greenroom runs it, and the app stays if it fails.";

/// No command of the Heroku CLI destroys them.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[
    ("stale", &[Words::These(&["5", "14", "30"])]),
    ("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)]),
];

/// Which review apps.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// All without a release for this many days
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..))]
    stale: Option<u16>,

    /// All whose branch origin no longer has
    #[arg(long)]
    merged: bool,

    /// Do not run the pr-predestroy script of one that `create --local` made
    #[arg(long)]
    no_predestroy: bool,

    /// Wait at most this long: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = release::parse_wait_timeout, default_value = "30m")]
    wait_timeout: Duration,
}

/// A destroyed review app as `--json` prints it.
#[derive(Serialize)]
struct Destroyed<'a> {
    number: Option<u64>,
    branch: &'a str,
}

/// Destroys them after a question, and waits until they are gone. Exit 1 where one of them could not be destroyed.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let deadline = Instant::now() + args.wait_timeout;
    let obsolete = obsolete(context, args)?;
    let client = context.heroku()?;
    if obsolete.is_empty() {
        context.terminal.status("nothing to destroy");
        return print(context, &[]);
    }
    for line in plan(&obsolete).lines() {
        context.terminal.status(line);
    }
    if context.options.dry_run {
        for one in &obsolete {
            local_review::describe_predestroy(context, &one.review)?;
            let line = client.describe_change(&review_apps::removal(&one.review));
            context.terminal.print_lines(&(line + "\n"))?;
        }
        return Ok(());
    }
    let question = format!("Destroy {} and their data?", counted(obsolete.len(), "review app"));
    confirm::agree(context, "review apps are destroyed with their data", &question, &again(args))?;
    let _limit = client.within(deadline);
    let mut destroyed = Vec::new();
    let mut failed = Vec::new();
    // All are asked for before one is waited for.
    let ask = |one: &Obsolete| {
        if !args.no_predestroy {
            local_review::predestroy(context, &one.review)?;
        }
        review_apps::destroy(client, &one.review)
    };
    let asked: Vec<_> = obsolete.iter().map(ask).collect();
    for (one, asked) in obsolete.iter().zip(asked) {
        let gone = asked
            .and_then(|()| review_apps::wait_until_gone(client, &context.terminal, &one.review, deadline));
        match gone {
            Ok(()) => {
                context.terminal.status(&format!("destroyed {}", one.review.described()));
                destroyed.push(Destroyed { number: one.review.pr_number, branch: &one.review.branch });
            }
            // After an interrupt the waiting ends.
            Err(error) if matches!(error.kind(), Kind::Silent(_)) => return Err(error),
            Err(error) => failed.push(error),
        }
    }
    print(context, &destroyed)?;
    let Some(last) = failed.pop() else { return Ok(()) };
    for error in failed {
        context.terminal.warn(&error.to_string());
    }
    Err(last)
}

/// The review apps to destroy.
fn obsolete(context: &Context, args: &Args) -> Result<Vec<Obsolete>> {
    if args.stale.is_none() && !args.merged {
        let selector = context.selector().unwrap_or(&Selector::CurrentBranch);
        let (_, review) = context.with_project(|project| environment::find_review_app(selector, project))?;
        let because = review.status.to_string();
        return Ok(if review.is_going() { Vec::new() } else { vec![Obsolete { review, because }] });
    }
    let (_, all) = context.with_project(environment::review_apps)?;
    let mut obsolete = Vec::new();
    if let Some(days) = args.stale {
        let ids: Vec<&str> = all.iter().filter_map(|review| Some(review.app.as_ref()?.id.as_str())).collect();
        let apps = if ids.is_empty() { Vec::new() } else { context.heroku()?.apps_by_id(&ids)? };
        obsolete = review_apps::stale(&all, &apps, days, Timestamp::now());
    }
    if args.merged {
        let merged = review_apps::merged(&all, &context.with_project(environment::branches_of_origin)?);
        let listed = |one: &Obsolete| obsolete.iter().any(|other| other.review.id == one.review.id);
        let more: Vec<Obsolete> = merged.into_iter().filter(|one| !listed(one)).collect();
        obsolete.extend(more);
    }
    Ok(obsolete)
}

/// What is about to be destroyed, a line for each.
fn plan(obsolete: &[Obsolete]) -> String {
    let row = |one: &Obsolete| {
        let number = one.review.pr_number.map_or_else(|| "-".to_owned(), |number| format!("#{number}"));
        vec![number, one.review.branch.clone(), one.because.clone()]
    };
    aligned(&obsolete.iter().map(row).collect::<Vec<_>>(), 2)
}

/// The command as it is typed again.
fn again(args: &Args) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["destroy".into()];
    if let Some(days) = args.stale {
        words.extend(["--stale".into(), days.to_string().into()]);
    }
    if args.merged {
        words.push("--merged".into());
    }
    if args.no_predestroy {
        words.push("--no-predestroy".into());
    }
    words
}

fn print(context: &Context, destroyed: &[Destroyed<'_>]) -> Result<()> {
    if context.options.json { context.terminal.print_json(&destroyed) } else { Ok(()) }
}
