//! `staging domains`: prints the app's domains as the Heroku CLI does.

use serde_json::Value;

use crate::context::Context;
use crate::error::Result;
use crate::model::{AppName, is_apex};
use crate::parallel::in_parallel;
use crate::terminal::{heading, listing};
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "List the app's domains and their DNS targets";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  production domains
  production domains --csv > domains.csv
  production domains --json | jq -r '.[].hostname'

It is what `heroku domains` prints, but more than 100 domains are printed without a question.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["domains"];

/// No argument takes a value.
pub const VALUES: Values = &[];

/// The flags of `heroku domains`; what selects, sorts or filters columns is left to it.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Print the custom domains as CSV
    #[arg(short, long)]
    csv: bool,
    /// The same as --json
    #[arg(short = 'j', hide = true)]
    j: bool,
}

/// The columns of `heroku domains`.
const COLUMNS: [&str; 4] = ["Domain Name", "DNS Record Type", "DNS Target", "SNI Endpoint"];

/// Prints the domains of the environment's apps.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let target = context.target()?;
    let client = context.heroku()?;
    let lists = in_parallel(&target.apps, |app| client.domains_as_told(app));
    let lists: Vec<Vec<Value>> = lists.into_iter().collect::<Result<_>>()?;
    if context.options.json || args.j {
        let all: Value = lists.into_iter().flatten().collect();
        return context.terminal.print_json(&all);
    }
    for (at, (app, domains)) in target.apps.iter().zip(&lists).enumerate() {
        let gap = if at == 0 { "" } else { "\n" };
        let block = block(app, domains, args.csv, context.terminal.width());
        context.terminal.print_lines(&format!("{gap}{block}"))?;
    }
    Ok(())
}

/// One app's domains as the Heroku CLI prints them.
fn block(app: &AppName, domains: &[Value], csv: bool, room: Option<usize>) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let own = domains.iter().find(|domain| domain["kind"] == "heroku");
    let own = own.map(|domain| text(&domain["hostname"])).unwrap_or_default();
    let heroku = format!("{}{own}\n", heading(&format!("{app} Heroku Domain")));
    let row = |domain: &Value| {
        let hostname = text(&domain["hostname"]);
        let record = if is_apex(&hostname) { "ALIAS or ANAME" } else { "CNAME" };
        vec![hostname, record.to_owned(), text(&domain["cname"]), text(&domain["sni_endpoint"]["name"])]
    };
    let rows: Vec<Vec<String>> =
        domains.iter().filter(|domain| domain["kind"] == "custom").map(row).collect();
    if rows.is_empty() {
        return heroku;
    }
    let table = if csv {
        let head = COLUMNS.map(str::to_owned).to_vec();
        [head].iter().chain(&rows).map(|row| csv_line(row)).collect()
    } else {
        listing(&COLUMNS, &rows, room) + "\n"
    };
    format!("{heroku}\n\n{}{table}", heading(&format!("{app} Custom Domains")))
}

/// A line of CSV.
fn csv_line(cells: &[String]) -> String {
    let quoted = |cell: &String| {
        let is_plain = !cell.contains(['"', '\n', '\r', ',']);
        if is_plain { cell.clone() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
    };
    cells.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n"
}
