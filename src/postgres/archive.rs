//! The header of an archive in PostgreSQL's custom format: who wrote it, of what, and which `pg_restore` can read it.
//!
//! Source: `ReadHead` in PostgreSQL's `pg_backup_archiver.c`; checked against the archives of `pg_dump` 15 to 18.

use std::io::{self, Read};
use std::path::Path;

use crate::error::{Error, Result};
use crate::file;
use crate::hint::Hint;

/// The header of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The version of the archive's format, such as (1, 16).
    pub format: (u8, u8),
    /// The database that was dumped.
    pub database: String,
    /// The version of the server that it was on, such as `17.4`.
    pub server: String,
    /// The version of the `pg_dump` that wrote it.
    pub pg_dump: String,
}

/// The magic bytes at the start of an archive.
const MAGIC: &[u8] = b"PGDMP";

/// The code of the custom format.
const CUSTOM: u8 = 1;

/// The longest text that a header may hold, in bytes.
const LONGEST: usize = 4096;

/// Reads the header of a file; exit 1 where it is no archive, saying what it seems to be.
pub fn read_header(path: &Path) -> Result<Header> {
    let shown = path.display();
    let opened = file::open(path);
    let mut file = opened.map_err(|error| Error::from(error).context(format!("cannot read {shown}")))?;
    let length = file.metadata()?.len();
    let mut start = Vec::new();
    Read::by_ref(&mut file).take(4 * LONGEST as u64).read_to_end(&mut start)?;
    parse(&start).map_err(|fault| match fault {
        Fault::NotAnArchive => not_an_archive(path, &start, length),
        Fault::CutOff => Error::failed(format!("{shown} is incomplete: it ends after {length} bytes")),
        Fault::OtherFormat => {
            Error::failed(format!("{shown} is an archive in another format than pg_dump's custom format"))
                .hint(
                    Hint::line(["pg_dump", "--format=custom", "--file=FILE", "DATABASE"])
                        .note("writes one that can be restored"),
                )
        }
    })
}

impl Header {
    /// The major version of the server that was dumped, where it can be read.
    pub fn server_major(&self) -> Option<u32> {
        major(&self.server)
    }

    /// The first major version of `pg_restore` that can read it.
    ///
    /// Format 1.15 came with PostgreSQL 16 and 1.16 with 17; 1.14 and older are read by every version in use.
    pub fn least_reader(&self) -> u32 {
        match self.format {
            (1, ..=14) => 12,
            (1, 15) => 16,
            (1, 16) => 17,
            // A format from after this was written: as new as what wrote it.
            _ => major(&self.pg_dump).unwrap_or(19).max(19),
        }
    }
}

/// `17` of `17.4 (Debian 17.4-1)`, `18beta1` or `15.18`.
pub fn major(version: &str) -> Option<u32> {
    let digits = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    version[..digits].parse().ok()
}

#[derive(Debug, PartialEq, Eq)]
enum Fault {
    NotAnArchive,
    OtherFormat,
    CutOff,
}

fn not_an_archive(path: &Path, start: &[u8], length: u64) -> Error {
    let shown = path.display();
    let text = String::from_utf8_lossy(start);
    let begins = text.trim_start();
    if length == 0 {
        return Error::failed(format!("{shown} is empty"));
    }
    if begins.starts_with('<') {
        return Error::failed(format!("{shown} is a web page or XML, not a dump: the download failed"));
    }
    if begins.starts_with("--") || begins.contains("PostgreSQL database dump") {
        return Error::failed(format!(
            "{shown} is a dump in plain SQL; only pg_dump's custom format can be restored"
        ))
        .hint(Hint::line(["pg_dump", "--format=custom", "--file=FILE", "DATABASE"]).note("writes that"));
    }
    Error::failed(format!("{shown} is not an archive of pg_dump"))
}

fn parse(bytes: &[u8]) -> Result<Header, Fault> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(Fault::NotAnArchive)?;
    let mut reader = Reader { rest, integer: 4 };
    let [major, minor, _revision, integer, _offset, format] = reader.bytes()?;
    if major != 1 || !(1..=8).contains(&integer) {
        return Err(Fault::NotAnArchive);
    }
    if format != CUSTOM {
        return Err(Fault::OtherFormat);
    }
    reader.integer = usize::from(integer);
    // How it is compressed.
    if (major, minor) >= (1, 15) {
        reader.bytes::<1>()?;
    } else {
        reader.integer()?;
    }
    // When it was written: seconds, minutes, hours, day, month, year, daylight saving time.
    for _ in 0..7 {
        reader.integer()?;
    }
    let [database, server, pg_dump] = [reader.text()?, reader.text()?, reader.text()?];
    Ok(Header { format: (major, minor), database, server, pg_dump })
}

struct Reader<'b> {
    rest: &'b [u8],
    /// The bytes of an integer.
    integer: usize,
}

impl Reader<'_> {
    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        let read: io::Result<()> = self.rest.read_exact(&mut bytes);
        read.map(|()| bytes).map_err(|_| Fault::CutOff)
    }

    /// A sign, and the bytes of the amount, the lowest first.
    fn integer(&mut self) -> Result<i64, Fault> {
        let [sign] = self.bytes()?;
        let mut amount = 0_i64;
        for place in 0..self.integer {
            let [byte] = self.bytes()?;
            amount |= i64::from(byte).checked_shl(8 * u32::try_from(place).unwrap_or(0)).unwrap_or(0);
        }
        Ok(if sign == 0 { amount } else { -amount })
    }

    /// A length, and as many bytes; no text has the length -1.
    fn text(&mut self) -> Result<String, Fault> {
        let length = usize::try_from(self.integer()?.max(0)).unwrap_or(usize::MAX);
        if length > LONGEST {
            return Err(Fault::NotAnArchive);
        }
        let (text, rest) = self.rest.split_at_checked(length).ok_or(Fault::CutOff)?;
        self.rest = rest;
        Ok(String::from_utf8_lossy(text).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn integer(value: i32) -> Vec<u8> {
        let sign = u8::from(value < 0);
        [&[sign][..], &value.unsigned_abs().to_le_bytes()].concat()
    }

    fn header(minor: u8, compression: &[u8], texts: [&str; 3]) -> Vec<u8> {
        let mut bytes = [MAGIC, &[1, minor, 0, 4, 8, CUSTOM], compression].concat();
        (0..7).for_each(|_| bytes.extend(integer(1)));
        for text in texts {
            bytes.extend(integer(i32::try_from(text.len()).unwrap()));
            bytes.extend(text.as_bytes());
        }
        bytes
    }

    #[test]
    fn both_forms_of_compression_are_read() {
        let texts = ["app", "17.4 (Debian)", "18.0"];
        let old = parse(&header(14, &integer(-1), texts)).unwrap();
        let new = parse(&header(16, &[3], texts)).unwrap();
        assert_eq!((old.format, old.least_reader()), ((1, 14), 12));
        assert_eq!((new.format, new.least_reader()), ((1, 16), 17));
        assert_eq!(
            (new.database.as_str(), new.server_major(), major(&new.pg_dump)),
            ("app", Some(17), Some(18))
        );
        assert_eq!(parse(&header(15, &[1], texts)).unwrap().least_reader(), 16);
        assert_eq!(parse(&header(17, &[1], texts)).unwrap().least_reader(), 19);
    }

    #[test]
    fn what_is_no_archive_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        for (text, said) in [
            (&b""[..], "is empty"),
            (b"<?xml version='1.0'?><Error>", "is a web page or XML"),
            (b"--\n-- PostgreSQL database dump\n", "is a dump in plain SQL"),
            (b"PGDM", "is not an archive"),
            (b"PGDMP\x01\x0e", "is incomplete"),
            (b"PGDMP\x01\x0e\x00\x04\x08\x03", "another format"),
        ] {
            std::fs::write(&file, text).unwrap();
            let error = read_header(&file).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&[MAGIC, &bytes].concat());
        }
    }
}
