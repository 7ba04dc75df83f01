//! `staging releases:info`: prints a release as the Heroku CLI does.

use serde_json::Value;

use crate::context::Context;
use crate::error::Result;
use crate::heroku::ConfigVars;
use crate::inventory::Resource;
use crate::parallel::{both, in_parallel};
use crate::release::{newest_or, release_id};
use crate::terminal::{fields, heading, value};
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Show a release: who made it, what changed, its config vars";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  production releases:info
  production releases:info v17
  staging releases:info --json | jq -r .status

It is what `heroku releases:info` prints, the values of the config vars included. With --json there are none.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["releases:info"];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("release", &[Words::Live(Resource::Releases)])];

/// Which release, and how it is printed.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The release's version or id [default: the newest]
    #[arg(value_name = "RELEASE", value_parser = release_id)]
    release: Option<String>,
    /// Print the config vars as key=value lines, quoted for a shell
    #[arg(short, long)]
    shell: bool,
}

/// Prints the release of each of the environment's apps.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let target = context.target()?;
    let client = context.heroku()?;
    let id = args.release.as_deref().filter(|id| *id != "current");
    if context.options.json {
        let told = in_parallel(&target.apps, |app| newest_or(client, app, id));
        let told: Vec<Value> = told.into_iter().collect::<Result<_>>()?;
        return match told.as_slice() {
            [one] => context.terminal.print_json(one),
            several => context.terminal.print_json(&several),
        };
    }
    let told = in_parallel(&target.apps, |app| {
        let Some(id) = id else {
            let release = newest_or(client, app, None)?;
            let vars = client.config_vars_of(app.as_ref(), &release["version"].to_string())?;
            return Ok((release, vars));
        };
        let (release, vars) =
            both(|| newest_or(client, app, Some(id)), || client.config_vars_of(app.as_ref(), id));
        Ok((release?, vars?))
    });
    let told: Vec<(Value, ConfigVars)> = told.into_iter().collect::<Result<_>>()?;
    for (app, (release, vars)) in target.apps.iter().zip(told) {
        let heading = if target.apps.len() > 1 { heading(app.as_ref()) } else { String::new() };
        context.terminal.print_lines(&format!("{heading}{}", block(&release, &vars, args.shell)))?;
    }
    Ok(())
}

/// One release as the Heroku CLI prints it.
fn block(release: &Value, vars: &ConfigVars, shell: bool) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let became = match release["status"].as_str() {
        Some("expired") => " (release expired)",
        Some("failed") => " (release command failed)",
        Some("pending") => " (release command executing)",
        _ => "",
    };
    let plans = release["addon_plan_names"].as_array();
    let eligible = if release["eligible_for_rollback"] == true { "Yes" } else { "No" };
    let about = fields(&[
        ("Add-ons", plans.into_iter().flatten().map(text).collect()),
        ("By", vec![value(&text(&release["user"]["email"]))]),
        ("Change", vec![value(&format!("{}{became}", text(&release["description"])))]),
        ("Eligible for Rollback?", vec![eligible.to_owned()]),
        ("When", vec![text(&release["created_at"])]),
    ]);
    let config = if shell {
        let lines = vars.iter().map(|(name, var)| [name, "=", &quoted(var.reveal()), "\n"].concat());
        lines.collect()
    } else if vars.is_empty() {
        // The CLI prints an empty line for no fields.
        "\n".to_owned()
    } else {
        let vars: Vec<_> = vars.iter().map(|(name, var)| (name, vec![value(var.reveal())])).collect();
        fields(&vars)
    };
    let version = format!("v{}", release["version"]);
    let headings =
        [format!("Release {version}"), format!("{version} Config vars")].map(|text| heading(&text));
    format!("{}{about}\n{}{config}", headings[0], headings[1])
}

/// A value quoted for a shell as the Heroku CLI does: in single quotes, or in double quotes where it has a single quote
/// or a line feed.
fn quoted(value: &str) -> String {
    let special = |c: char| c.is_whitespace() || "\"#!$&'()*,:;<=>?@[\\]^`{|}".contains(c);
    if !value.contains(special) {
        return value.to_owned();
    }
    if !value.contains(['\'', '\n']) {
        return format!("'{value}'");
    }
    let mut text = String::from('"');
    for c in value.chars() {
        match c {
            '\n' => text += "\\n",
            '"' | '\\' | '$' | '`' | '!' => text.extend(['\\', c]),
            c => text.push(c),
        }
    }
    text + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_as_the_cli_does() {
        for (value, shown) in [
            ("plain-1.2/x", "plain-1.2/x"),
            ("", ""),
            ("two words", "'two words'"),
            ("a$b\"c\\d", "'a$b\"c\\d'"),
            ("it's $5!", "\"it's \\$5\\!\""),
            ("a\nb`\"\\", "\"a\\nb\\`\\\"\\\\\""),
        ] {
            assert_eq!(quoted(value), shown);
        }
    }
}
