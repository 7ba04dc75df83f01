//! `staging releases:output`: prints what a release phase wrote, and follows one that runs.

use std::io::{self, BufRead, BufReader, Write};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::heroku::{Client, HttpStatus, Release, Stream};
use crate::inventory::Resource;
use crate::model::{AppName, ReleaseStatus, ReleaseVersion};
use crate::release::{Polling, newest_or, release_id};
use crate::terminal::{Terminal, closed_or_failed, sanitize_line};
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Print the output of a release phase, and follow one that runs";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  production releases:output
  production releases:output v17
  staging releases:output > migration.log

It is what `heroku releases:output` prints; one that has not started is waited for, and a stream that drops is opened
again. The exit code does not depend on how the release phase ends: `releases:info` shows that.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["releases:output"];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("release", &[Words::Live(Resource::Releases)])];

/// Which release.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The release's version or id [default: the newest]
    #[arg(value_name = "RELEASE", value_parser = release_id)]
    release: Option<String>,
}

/// A stream that is silent for this long is opened again.
const IDLE: Duration = Duration::from_secs(300);

/// No release phase runs as long.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// How often the output of a release phase that has ended is opened again, and the pause before.
const DROPS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(200);

/// Longer lines are printed in pieces; in bytes.
const LONGEST_LINE: u64 = 64 * 1024;

/// The output of a release phase, as `--json` prints it.
#[derive(Serialize)]
struct Printed<'a> {
    app: &'a AppName,
    version: ReleaseVersion,
    /// As of the end of the output.
    status: ReleaseStatus,
    /// Null where the release has none.
    output: Option<String>,
}

/// Prints the output of a release of each of the environment's apps, one after the other.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let target = context.target()?;
    let client = context.heroku()?;
    let id = args.release.as_deref();
    let mut printed = Vec::new();
    for app in &target.apps {
        let release = serde_json::from_value(newest_or(client, app, id)?)?;
        let prefix = if target.apps.len() > 1 { format!("{app} | ") } else { String::new() };
        let to = if context.options.json {
            To::Memory(Vec::new())
        } else {
            To::Stdout { prefix, terminal: &context.terminal }
        };
        printed.push(print(context, client, app, release, to)?);
    }
    if context.options.json { context.terminal.print_json(&printed) } else { Ok(()) }
}

/// Prints one release's output to its end.
fn print<'a>(
    context: &Context,
    client: &Arc<Client>,
    app: &'a AppName,
    mut release: Release,
    mut to: To<'_>,
) -> Result<Printed<'a>> {
    let version = release.version;
    let Some(url) = release.output_stream_url.take() else {
        context.terminal.warn(&format!("{version} of {app} has no output of a release phase"));
        return Ok(Printed { app, version, status: release.status, output: None });
    };
    let was_pending = release.is_pending();
    let (mut lines, mut drops) = (0, 0);
    while let Some(stream) = started(context, client, app, &mut release, &url)? {
        let ended = to.write(stream, &mut lines)?;
        if was_pending {
            release.status = client.release(app.as_ref(), &release.id)?.status;
        }
        match ended {
            End::Whole => break,
            End::Cut if drops == DROPS && !release.is_pending() => {
                return Err(Error::failed(format!("the output of {version} of {app} drops each time")));
            }
            End::Cut => context.terminal.detail(|| format!("the output of {app} dropped; opened again")),
        }
        drops += 1;
        thread::sleep(PAUSE);
    }
    if release.status == ReleaseStatus::Failed {
        context.terminal.status(&format!("the release phase of {version} of {app} failed"));
    }
    let output = match to {
        To::Memory(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        To::Stdout { .. } => None,
    };
    Ok(Printed { app, version, status: release.status, output })
}

/// The stream, once the release phase has started; none if that ended without one.
fn started(
    context: &Context,
    client: &Client,
    app: &AppName,
    release: &mut Release,
    url: &str,
) -> Result<Option<Stream>> {
    let what = format!("the release phase of {} of {app}", release.version);
    let mut polling = Polling::begin(&context.terminal, what)?;
    let look = || match client.stream(url, &[], IDLE) {
        Ok(stream) => Ok(Some(Some(stream))),
        Err(error) if error.downcast_ref::<HttpStatus>().is_some_and(|http| http.status == 404) => {
            if !release.is_pending() {
                return Ok(Some(None));
            }
            // Once more after its end, in case it began just before that.
            release.status = client.release(app.as_ref(), &release.id)?.status;
            Ok(None)
        }
        Err(error) => Err(error),
    };
    let found = polling.until(Instant::now() + LONGEST, look, |error| error)?.flatten();
    if found.is_none() {
        context.terminal.warn(&format!("the output of {} of {app} is gone", release.version));
    }
    Ok(found)
}

/// Where the output goes.
enum To<'a> {
    Memory(Vec<u8>),
    Stdout { prefix: String, terminal: &'a Terminal },
}

/// How a stream ended.
enum End {
    Whole,
    /// The connection ended before the output did.
    Cut,
}

impl To<'_> {
    /// Writes the stream's lines after the first `lines`, and counts them.
    fn write(&mut self, stream: Stream, lines: &mut u64) -> Result<End> {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        let mut seen = 0;
        loop {
            line.clear();
            match io::Read::take(&mut reader, LONGEST_LINE).read_until(b'\n', &mut line) {
                Ok(0) => return Ok(End::Whole),
                Err(_) => return Ok(End::Cut),
                Ok(_) => seen += 1,
            }
            if seen > *lines {
                *lines = seen;
                self.line(&line)?;
            }
        }
    }

    /// Writes a line, with its line feed. A terminal is shown control sequences other than color, and obeys none.
    fn line(&mut self, line: &[u8]) -> Result<()> {
        let (prefix, terminal) = match self {
            Self::Memory(bytes) => {
                bytes.extend_from_slice(line);
                return Ok(());
            }
            Self::Stdout { prefix, terminal } => (prefix, terminal),
        };
        let mut stdout = io::stdout().lock();
        let written = if terminal.stdout_is_terminal() {
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            writeln!(stdout, "{prefix}{}", sanitize_line(text, terminal.colors_stdout()))
        } else {
            stdout.write_all(prefix.as_bytes()).and_then(|()| stdout.write_all(line))
        };
        written.and_then(|()| stdout.flush()).map_err(closed_or_failed)
    }
}
