//! The person's browser: started with a URL as one argument, never through a shell. Where there is none, the URL is
//! printed.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::context::Context;
use crate::error::Result;
use crate::model::AppName;
use crate::process::CommandLine;

/// An opener that still runs after this long has found a browser.
const STARTED: Duration = Duration::from_secs(1);

/// A page that was asked for, as `--json` prints it.
#[derive(Serialize)]
struct Page<'a> {
    environment: &'a str,
    /// Null for a pipeline's page.
    app: Option<&'a AppName>,
    url: &'a str,
    /// Whether a browser was started.
    opened: bool,
}

/// Opens the page of `app`, or of its pipeline, and says so; prints the URL alone in a dry run, or if no browser starts.
pub fn open(context: &Context, app: Option<&AppName>, url: &str) -> Result<()> {
    let outcome = if context.options.dry_run { Ok(false) } else { start(url).map(|()| true) };
    let opened = matches!(outcome, Ok(true));
    if let Err(why) = outcome {
        context.terminal.status(&format!("no browser was opened: {why}"));
    }
    if context.options.json {
        let environment = &context.target()?.environment;
        return context.terminal.print_json(&Page { environment, app, url, opened });
    }
    let line = if opened { format!("Opening {url}...\n") } else { format!("{url}\n") };
    context.terminal.print(&line)
}

/// Starts a browser; the text says why none did.
fn start(url: &str) -> Result<(), String> {
    let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    if let Some(chosen) = variable("BROWSER") {
        let Some(line) = chosen_browser(&chosen, url) else {
            return Err(format!("BROWSER names no program on PATH: {}", chosen.to_string_lossy()));
        };
        // It may be one that is drawn on this terminal, so it has that until it ends.
        let ended = line.spawn().and_then(|mut browser| Ok(browser.wait()?));
        return match ended {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{line} failed ({status})")),
            Err(error) => Err(error.to_string()),
        };
    }
    let has_display = cfg!(not(unix))
        || cfg!(target_os = "macos")
        || ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].iter().any(|name| variable(name).is_some());
    if !has_display {
        return Err("there is no display (set BROWSER to one that needs none)".to_owned());
    }
    let Some(opener) = OPENERS.iter().find_map(|(name, words)| Some(CommandLine::find(name)?.args(*words)))
    else {
        let names: Vec<&str> = OPENERS.iter().map(|(name, _)| *name).collect();
        return Err(format!("{} was not found on PATH", names.join(" or ")));
    };
    unseen(&opener.args([url]))
}

/// The system's programs that open a URL, each with the words before it; the first that is on PATH is used.
const OPENERS: &[(&str, &[&str])] = if cfg!(target_os = "macos") {
    &[("open", &[])]
} else if cfg!(windows) {
    &[("rundll32", &["url.dll,FileProtocolHandler"])]
} else {
    // On Windows Subsystem for Linux, `wslview` opens the browser of Windows.
    &[("wslview", &[]), ("xdg-open", &[])]
};

/// The first of the browsers in `BROWSER` that exists, with the URL in place of `%s` or behind its words. Several are
/// separated by colons.
fn chosen_browser(chosen: &OsStr, url: &str) -> Option<CommandLine> {
    env::split_paths(chosen).find_map(|one| {
        let one = one.to_str()?.to_owned();
        let mut words = one.split_whitespace();
        let name = words.next()?;
        let path = Path::new(name);
        let program = if path.is_absolute() {
            path.is_file().then(|| CommandLine::at(path, name))?
        } else {
            CommandLine::find(name)?
        };
        let mut words: Vec<OsString> = words.map(|word| word.replace("%s", url).into()).collect();
        if !one.contains("%s") {
            words.push(url.into());
        }
        Some(program.args(words))
    })
}

/// Starts an opener without this terminal, and waits until it ends or has had time to fail.
fn unseen(opener: &CommandLine) -> Result<(), String> {
    let mut child = opener.spawn_unseen(std::process::Stdio::null()).map_err(|error| error.to_string())?;
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("{} failed ({status})", opener.program().display())),
            Ok(None) if begun.elapsed() < STARTED => thread::sleep(Duration::from_millis(10)),
            Ok(None) => return Ok(()),
            Err(error) => return Err(error.to_string()),
        }
    }
}
