//! Files that others may have made: a repository's, other programs', the cache. Here is the one place that opens them.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// Opens a regular file for reading. Anything else, such as a pipe or a device, is an error at once, because reading
/// it might never end.
pub fn open(path: &Path) -> io::Result<File> {
    let file = without_waiting(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a regular file")) }
}

/// The file's bytes; an error where there are more than `largest`.
pub fn read(path: &Path, largest: u64) -> io::Result<Vec<u8>> {
    read_from(open(path)?, largest)
}

/// The file's text; an error where there is more than `largest`.
pub fn read_text(path: &Path, largest: u64) -> io::Result<String> {
    String::from_utf8(read(path, largest)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// The same of a file that is open.
pub fn read_from(file: File, largest: u64) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len().min(largest);
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
    file.take(largest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > largest {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it is larger than {}", size_text(largest)),
        ));
    }
    Ok(bytes)
}

/// `1 MiB`.
fn size_text(bytes: u64) -> String {
    match (bytes >> 20, bytes >> 10) {
        (0, 0) => format!("{bytes} bytes"),
        (0, kib) => format!("{kib} KiB"),
        (mib, _) => format!("{mib} MiB"),
    }
}

/// The user whose file this is, where that is somebody who could mean harm: not this person, not whoever called sudo, and
/// not root, who needs no file for it.
#[cfg(unix)]
pub fn stranger(found: &Metadata) -> Option<u32> {
    let (owner, person) = (std::os::unix::fs::MetadataExt::uid(found), rustix::process::geteuid().as_raw());
    let called_sudo = || {
        let sudo_user = std::env::var("SUDO_UID").ok().filter(|_| person == 0);
        sudo_user.and_then(|uid| uid.parse().ok()) == Some(owner)
    };
    (owner != person && owner != 0 && !called_sudo()).then_some(owner)
}

/// The user whose file this is, where that can be told: it cannot here.
#[cfg(not(unix))]
pub fn stranger(_: &Metadata) -> Option<u32> {
    None
}

/// A pipe that nobody writes to is open at once, and a terminal does not become this process's.
#[cfg(unix)]
fn without_waiting(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn without_waiting(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_read_than_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "xxxx").unwrap();
        assert_eq!(read(&file, 4).unwrap(), b"xxxx");
        assert_eq!(read(&file, 3).unwrap_err().to_string(), "it is larger than 3 bytes");
        std::fs::write(&file, [0xff]).unwrap();
        assert!(read_text(&file, 4).is_err());
        assert_eq!([1000, 1 << 16, 1 << 21].map(size_text), ["1000 bytes", "64 KiB", "2 MiB"]);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        for device in ["/dev/zero", "/dev/tty", "/"] {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(device, &link).unwrap();
            assert!(read(&link, 4).is_err(), "{device}");
            std::fs::remove_file(link).unwrap();
        }
    }
}
