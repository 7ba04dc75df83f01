//! A plan as JSON.

use serde::Serialize;

use super::{Plan, State};
use crate::context::Context;
use crate::error::Result;

/// A plan as `--json` prints it.
#[derive(Serialize)]
struct Answer<'a> {
    /// The app that the plan is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<&'a str>,
    plan: Vec<ItemAnswer<'a>>,
}

/// An item of the plan.
#[derive(Serialize)]
struct ItemAnswer<'a> {
    what: &'a str,
    /// `there`, `done`, `blocked`, or in a dry run and where it is only checked `to do`.
    state: &'static str,
    /// The request or command, in a dry run; the line that mends what is blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<String>,
}

/// Prints the plan as JSON, its steps in this state. A dry run passes the request or command of each step.
pub fn print_json(
    context: &Context,
    app: Option<&str>,
    plan: &Plan,
    state: &'static str,
    requests: Vec<String>,
) -> Result<()> {
    let mut requests = requests.into_iter();
    let items = plan.lines.iter().map(|item| {
        let (state, line) = match &item.state {
            State::Missing(_) => (state, requests.next()),
            State::There => ("there", None),
            State::Blocked(hint) => ("blocked", Some(hint.to_string())),
        };
        ItemAnswer { what: &item.text, state, line }
    });
    context.terminal.print_json(&Answer { app, plan: items.collect() })
}
