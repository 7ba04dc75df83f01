//! Downloading a backup: into a file that nobody else can read, resumed where it broke off, and whole or not there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Context as _, Error, Result};
use crate::heroku::{Client, HttpStatus, Part, Secret, SignedUrl};
use crate::hint::Hint;
use crate::interrupts::Interrupts;
use crate::private_file;
use crate::terminal::{Progress, Terminal};
use crate::{duration, text};

/// How long a download may stand still before it is begun again where it stopped.
const IDLE: Duration = Duration::from_secs(30);

/// How often in a row it is begun again without a byte more.
const ATTEMPTS: u32 = 5;

/// The end of the name of a file that is not whole yet.
const PART: &str = ".part";

/// A backup to download.
pub struct Download<'a> {
    /// The client whose API handed the URL out.
    pub client: &'a Client,
    /// Where progress goes.
    pub terminal: &'a Terminal,
    /// The backup's name for messages, such as `b042 of playhouse-production`.
    pub what: &'a str,
}

impl Download<'_> {
    /// Downloads into `file`, which is replaced once everything is there. `sign` gives a URL, and another one when the
    /// first has expired. Gives the number of bytes.
    ///
    /// What arrived before is in `file.part`, beside a note of what it is a part of; it is kept when this ends early.
    pub fn to_file(&self, file: &Path, mut sign: impl FnMut() -> Result<SignedUrl>) -> Result<u64> {
        let (part, note) = (beside(file, PART), beside(file, ".part-of"));
        let interrupts = Interrupts::listen()?;
        let progress = self.terminal.progress(self.what);
        let mut url = sign()?.url;
        let (mut failures, mut renewed) = (0, false);
        loop {
            let before = fs::metadata(&part).map_or(0, |found| found.len());
            let mut transfer = Transfer { progress: &progress, what: self.what, part: &part, note: &note };
            match transfer.go_on(self.client, &url, before, &interrupts) {
                Ok(length) => return finish(file, &part, &note, length),
                Err(error) if interrupts.code().is_some() => return Err(error),
                Err(error) if is_full(&error) => {
                    let line = Hint::line(["development", "backups", "--prune"]);
                    return Err(self.told(error).hint(line.note("removes kept dumps and databases")));
                }
                Err(error) => {
                    let status = error.downcast_ref::<HttpStatus>().map(|answer| answer.status);
                    let after = fs::metadata(&part).map_or(0, |found| found.len());
                    failures = if after > before { 0 } else { failures + 1 };
                    match status {
                        // Everything is there already, or it is another file now.
                        Some(416) if before > 0 => _ = fs::remove_file(&part),
                        // Its time is over, or never came: one more URL is asked for.
                        Some(401 | 403 | 410) if !renewed => {
                            renewed = true;
                            url = sign()?.url;
                            continue;
                        }
                        Some(status) if status < 500 && status != 408 && status != 429 => {
                            return Err(self.told(error));
                        }
                        _ if failures >= ATTEMPTS => return Err(self.told(error)),
                        _ => {}
                    }
                    self.terminal.detail(|| format!("the download broke off and goes on: {error}"));
                    thread::sleep(Duration::from_millis(100) * failures);
                }
            }
        }
    }

    fn told(&self, error: Error) -> Error {
        error.context(format!("{} was not downloaded", self.what))
    }
}

/// Whether there is no room for the file. Trying again would not make any.
fn is_full(error: &Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    kind.is_some_and(|kind| matches!(kind, FileTooLarge | QuotaExceeded | StorageFull))
}

/// One request and what it brings.
struct Transfer<'a> {
    progress: &'a Progress,
    what: &'a str,
    part: &'a Path,
    note: &'a Path,
}

impl Transfer<'_> {
    /// Reads what is missing; gives the length of the whole.
    fn go_on(&mut self, client: &Client, url: &Secret, have: u64, interrupts: &Interrupts) -> Result<u64> {
        let tag = fs::read_to_string(self.note).ok().filter(|tag| !tag.is_empty());
        let have = if tag.is_some() { have } else { 0 };
        let from = tag.as_deref().filter(|_| have > 0).map(|tag| (have, tag));
        let part: Part = client.part(url.reveal(), from, IDLE)?;
        if part.start != 0 && part.start != have {
            return Err(Error::failed("the answer is another part than was asked for"));
        }
        let mut file = private(self.part, part.start == 0)?;
        // Without a tag, nobody could tell later what it is a part of.
        fs::write(self.note, part.tag.as_deref().unwrap_or_default())?;
        let mut body = part.body;
        let mut meter = Meter { begun: Instant::now(), at_first: part.start, shown: Instant::now() };
        let mut done = part.start;
        let mut piece = vec![0; 128 * 1024];
        loop {
            if let Some(code) = interrupts.code() {
                return Err(Error::silent(code));
            }
            let length = body.read(&mut piece)?;
            if length == 0 {
                break;
            }
            file.write_all(&piece[..length]).context(|| format!("cannot write {}", self.part.display()))?;
            done += length as u64;
            meter.show(self, done, part.length);
        }
        file.sync_all()?;
        match part.length {
            Some(whole) if whole != done => Err(Error::failed(format!("{done} of {whole} bytes arrived"))),
            Some(whole) => Ok(whole),
            None => Err(Error::failed("the answer does not tell its length, so it cannot be checked")),
        }
    }
}

/// How much is there, how fast it comes, and how long it takes.
struct Meter {
    begun: Instant,
    at_first: u64,
    shown: Instant,
}

impl Meter {
    fn show(&mut self, transfer: &Transfer<'_>, done: u64, whole: Option<u64>) {
        if self.shown.elapsed() < Duration::from_millis(200) {
            return;
        }
        self.shown = Instant::now();
        let millis = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        let speed = (done - self.at_first).saturating_mul(1000) / millis;
        let left = whole.and_then(|whole| whole.saturating_sub(done).checked_div(speed));
        let left = left.map(|left| format!(", {} left", duration::elapsed(Duration::from_secs(left))));
        let of = whole.map(|whole| format!(" of {}", text::size(whole)));
        let (of, left) = (of.unwrap_or_default(), left.unwrap_or_default());
        let what = transfer.what;
        transfer.progress.show(format!("{what}: {}{of}, {}/s{left}", text::size(done), text::size(speed)));
    }
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// The file to add to, or, `anew`, an empty one. Nobody else can read it from the first byte on, and what is there must
/// be a plain file: a link could lead anywhere.
fn private(file: &Path, anew: bool) -> Result<File> {
    let open = || -> io::Result<File> {
        if fs::symlink_metadata(file).is_ok_and(|found| !found.is_file()) {
            return Err(io::Error::other("it is not a plain file"));
        }
        if anew {
            match fs::remove_file(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(file)
    };
    open().context(|| format!("cannot write {}", file.display()))
}

/// Puts the whole file where it belongs.
fn finish(file: &Path, part: &Path, note: &Path, length: u64) -> Result<u64> {
    fs::rename(part, file).context(|| format!("cannot write {}", file.display()))?;
    _ = fs::remove_file(note);
    // The name is safe only once its folder is.
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(length)
}

/// Where the backups of an app are kept on this machine: named by the transfer's id, as numbers are only its app's.
pub fn kept(app: &crate::model::AppName, name: &str, uuid: &str) -> Result<PathBuf> {
    let folder = private_file::folder().ok_or_else(|| Error::failed("there is no folder for caches here"))?;
    let folder = folder.join("backups").join(app.as_ref());
    private_file::make_folder(&folder).context(|| format!("cannot make {}", folder.display()))?;
    let plain: String =
        uuid.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
    Ok(folder.join(format!("{name}-{plain}.dump")))
}
