//! Digests of the CLI's manifests, cached until one of their source files changes.

use std::fmt::Write as _;

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::location::Place;
use crate::file;
use crate::private_file;

/// The last line, which shows that the file is complete.
const END: &str = "end\n";

/// The largest manifest that is read, in bytes.
const LARGEST_SOURCE: u64 = 64 << 20;

/// The largest digest that is read, in bytes.
const LARGEST: u64 = 4 << 20;

/// A kind of digest.
pub(super) struct Form {
    /// Its file in the cache.
    pub(super) file: &'static str,
    /// The version of the format; other versions are not read.
    pub(super) version: u32,
    /// Makes the digest's lines.
    pub(super) make: fn(&Place, &mut Sources) -> Option<String>,
}

/// A cached digest: the CLI's location, a line for each source, an empty line, the body, `end`.
pub(super) struct Digest {
    text: String,
    /// Where the body begins.
    body: usize,
}

impl Digest {
    /// The digest of the CLI on PATH.
    pub(super) fn installed(form: &Form) -> Option<Self> {
        let place = Place::of(super::program()?.program())?;
        Self::of(&place, form, private_file::folder().as_deref())
    }

    /// Reads the digest from the cache if its sources are unchanged; else makes it and caches it.
    pub(super) fn of(place: &Place, form: &Form, cache: Option<&Path>) -> Option<Self> {
        let head = head(place, form);
        let file = cache.map(|folder| folder.join(form.file));
        if let Some(digest) = file.as_deref().and_then(|file| Self::kept(file, &head)) {
            return Some(digest);
        }
        let mut sources = Sources::default();
        let body = (form.make)(place, &mut sources)?;
        let head = format!("{head}{}\n", sources.lines);
        let digest = Self { body: head.len(), text: head + &body };
        if let Some(file) = file {
            // Without a cache the next start is a few milliseconds slower.
            _ = private_file::replace(&file, &format!("{}{END}", digest.text));
        }
        Some(digest)
    }

    /// The cached digest, if it is complete and its sources are unchanged.
    fn kept(file: &Path, head: &str) -> Option<Self> {
        let mut text = private_file::read(file, LARGEST)?;
        let whole = text.strip_suffix(END)?.len();
        let mut body = head.len();
        let mut lines = text.strip_prefix(head)?.split_inclusive('\n');
        loop {
            let line = lines.next()?;
            body += line.len();
            let line = line.strip_suffix('\n')?;
            if line.is_empty() {
                break;
            }
            let (was, path) = line.split_once('\t')?;
            if state(Path::new(path)) != was {
                return None;
            }
        }
        text.truncate(whole);
        Some(Self { text, body })
    }

    /// What [`Form::make`] made.
    pub(super) fn body(&self) -> &str {
        &self.text[self.body..]
    }
}

/// The source files of a digest, each with its size and time when it was read.
#[derive(Default)]
pub(super) struct Sources {
    lines: String,
}

impl Sources {
    /// The file's bytes; a missing file is recorded too.
    pub(super) fn read(&mut self, path: &Path) -> Option<Vec<u8>> {
        // Read before the file's contents, so that the next start notices a change in between.
        _ = writeln!(self.lines, "{}\t{}", state(path), path.display());
        file::read(path, LARGEST_SOURCE).ok()
    }
}

/// The first line of a digest.
fn head(place: &Place, form: &Form) -> String {
    let Place { package, data } = place;
    let data = data.as_deref().unwrap_or(Path::new(""));
    format!("greenroom-{}-{}\t{}\t{}\n", form.file, form.version, package.display(), data.display())
}

/// A file's size and time of change; `-` where there is none.
fn state(path: &Path) -> String {
    let of = || {
        let found = fs::metadata(path).ok()?;
        let changed = found.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(format!("{} {}.{}", found.len(), changed.as_secs(), changed.subsec_nanos()))
    };
    of().unwrap_or_else(|| "-".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Form = Form {
        file: "heroku-test",
        version: 1,
        make: |place, sources| {
            let mut body = String::new();
            for name in ["one", "two"] {
                let text = sources.read(&place.package.join(name)).unwrap_or(b"none".to_vec());
                writeln!(body, "{}", String::from_utf8(text).ok()?).ok()?;
            }
            Some(body)
        },
    };

    /// The body of the digest as it is now, of a package in this folder.
    fn now(folder: &Path, form: &Form) -> String {
        let place = Place { package: folder.to_owned(), data: None };
        Digest::of(&place, form, Some(&folder.join("deep/cache"))).unwrap().body().to_owned()
    }

    /// The same form, which tells whether it was made.
    const TELLING: Form = Form { make: |_, _| Some("made anew\n".to_owned()), ..FORM };

    #[test]
    fn it_is_kept_until_a_source_changes_or_appears() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(folder.join("one"), "1").unwrap();
        assert_eq!(now(folder, &FORM), "1\nnone\n");
        assert_eq!(now(folder, &TELLING), "1\nnone\n");
        fs::write(folder.join("two"), "2").unwrap();
        assert_eq!(now(folder, &FORM), "1\n2\n");
        fs::write(folder.join("one"), "longer").unwrap();
        assert_eq!(now(folder, &TELLING), "made anew\n");
    }

    #[test]
    fn what_is_cut_short_or_of_another_version_or_place_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let cache = folder.join("deep/cache").join(FORM.file);
        now(folder, &FORM);
        assert_eq!(now(folder, &Form { version: 2, ..TELLING }), "made anew\n");
        now(folder, &FORM);
        let whole = fs::read_to_string(&cache).unwrap();
        for cut in 0..whole.len() {
            fs::write(&cache, &whole[..cut]).unwrap();
            assert_eq!(now(folder, &TELLING), "made anew\n", "{cut}");
        }
        let elsewhere = Place { package: folder.to_owned(), data: Some(folder.join("data")) };
        let digest = Digest::of(&elsewhere, &FORM, Some(&folder.join("deep/cache"))).unwrap();
        assert_eq!(digest.body(), "none\nnone\n");
        assert_eq!(now(folder, &TELLING), "made anew\n");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_plain_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::create_dir_all(folder.join("deep/cache")).unwrap();
        let cache = folder.join("deep/cache").join(FORM.file);
        let mkfifo = crate::process::CommandLine::find("mkfifo").unwrap();
        assert!(mkfifo.args([&cache]).output(std::time::Duration::from_secs(10)).unwrap().is_success());
        assert_eq!(now(folder, &TELLING), "made anew\n");
        assert!(fs::symlink_metadata(&cache).unwrap().is_file());
        fs::remove_file(&cache).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &cache).unwrap();
        assert_eq!(now(folder, &TELLING), "made anew\n");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        now(folder.path(), &FORM);
        let kept = fs::metadata(folder.path().join("deep/cache").join(FORM.file)).unwrap();
        assert_eq!(kept.permissions().mode() & 0o777, 0o600);
    }
}
