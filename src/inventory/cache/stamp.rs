//! Small files beside a list: when something happened to it, and why. `1763783253123 HTTP 503`.

use std::io;
use std::path::Path;

use super::{LARGEST, folder, now, tidy};
use crate::private_file::{self, replace};

/// The extension of the file that says since when a list is outdated.
pub(super) const CHANGED: &str = "changed";

/// The extension of the file that says when the last refresh failed.
pub(super) const FAILED: &str = "failed";

/// The longest reason, in characters.
const LONGEST_REASON: usize = 300;

/// Writes the present time and a reason, on one line.
pub(super) fn write(file: &Path, reason: &str) -> io::Result<()> {
    let reason: String = reason.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let reason: String = reason.chars().take(LONGEST_REASON).collect();
    replace(file, &format!("{} {reason}\n", now()))
}

/// The time, in milliseconds since 1970, and the reason. A time in the future is ignored.
pub(super) fn read(file: &Path) -> Option<(u64, String)> {
    let text = private_file::read(file, LARGEST)?;
    let (when, reason) = text.strip_suffix('\n')?.split_once(' ')?;
    let when = when.parse().ok().filter(|when| *when <= now())?;
    Some((when, reason.to_owned()))
}

/// The lists whose last refresh failed, the newest failure first: each with the seconds since then and the reason.
pub fn failures() -> Vec<(String, i64, String)> {
    folder().map(|all| failures_in(&all)).unwrap_or_default()
}

fn failures_in(all: &Path) -> Vec<(String, i64, String)> {
    let now = now();
    let mut failures: Vec<_> = tidy::files(all)
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == FAILED))
        .filter_map(|file| {
            let (when, reason) = read(&file)?;
            let list = file.strip_prefix(all).ok()?.with_extension("").display().to_string();
            Some((list, i64::try_from(now.saturating_sub(when) / 1000).ok()?, reason))
        })
        .collect();
    failures.sort_unstable_by_key(|(_, since, _)| *since);
    failures
}

#[cfg(test)]
mod tests {
    use super::super::tests::cache;
    use super::*;
    use crate::inventory::Resource;
    use crate::model::AppName;

    #[test]
    fn failures_are_reported_with_their_reasons() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path());
        assert!(failures_in(folder.path()).is_empty());
        let app: AppName = "playhouse".parse().unwrap();
        cache.of_app(&app, Resource::Dynos).fail("HTTP 503").unwrap();
        cache.of_app(&app, Resource::Domains).keep(now(), &[]).unwrap();
        let [(list, since, reason)] = &failures_in(folder.path())[..] else { panic!("there is one") };
        assert_eq!((list.as_str(), reason.as_str()), ("api.heroku.com/playhouse/dynos", "HTTP 503"));
        assert!((0..60).contains(since));
    }
}
