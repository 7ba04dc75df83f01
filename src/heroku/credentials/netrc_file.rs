//! The netrc file: where it is, and reading it, also where gpg has encrypted it.

use std::ffi::OsString;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Lookup;
use crate::error::{Error, Result};
use crate::process::internal::UNATTENDED;

/// How long gpg may take, with a person typing a passphrase.
pub(super) const GPG: Duration = Duration::from_secs(60);

/// No netrc file is larger; in bytes.
const LARGEST: u64 = 1 << 20;

/// The token of this machine in the netrc file, encrypted or not; exit 4 where the file cannot be read.
pub(super) fn token(machine: &str, env: Lookup) -> Result<Option<String>> {
    let Some(file) = netrc_file(env) else { return Ok(None) };
    let encrypted = encrypted(&file);
    let content = if encrypted.exists() { decrypted(&encrypted, env)? } else { read(&file)? };
    Ok(super::netrc::password(&String::from_utf8_lossy(&content), machine).filter(|token| !token.is_empty()))
}

/// The path of the netrc file, which may not exist.
pub(super) fn netrc_file(env: Lookup) -> Option<PathBuf> {
    let value = |name| env(name).filter(|value| !value.is_empty());
    if !cfg!(windows) {
        return Some(PathBuf::from(value("HOME")?).join(".netrc"));
    }
    let drive_and_path = || {
        let mut home = value("HOMEDRIVE")?;
        home.push(value("HOMEPATH")?);
        Some(home)
    };
    let home = value("HOME").or_else(drive_and_path).or_else(|| value("USERPROFILE"))?;
    Some(PathBuf::from(home).join("_netrc"))
}

/// The same file, encrypted.
pub(super) fn encrypted(netrc: &Path) -> PathBuf {
    let mut encrypted = netrc.as_os_str().to_owned();
    encrypted.push(".gpg");
    PathBuf::from(encrypted)
}

/// The file's bytes; none of them where there is no such file.
pub(super) fn read(file: &Path) -> Result<Vec<u8>> {
    match crate::file::read(file, LARGEST) {
        Ok(content) => Ok(content),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::denied(error).context(format!("cannot read {}", file.display()))),
    }
}

/// Replaces the file in one step; only its owner may read it. A link is followed.
pub(super) fn replace(file: &Path, text: &str) -> Result<()> {
    let target = if file.is_symlink() { file.canonicalize() } else { Ok(file.to_owned()) };
    let write = |target: &Path| -> std::io::Result<()> {
        // Readable by nobody else from the first byte on.
        let folder = target.parent().unwrap_or(Path::new("."));
        let mut draft = tempfile::Builder::new().prefix(".greenroom-").tempfile_in(folder)?;
        draft.write_all(text.as_bytes())?;
        draft.as_file().sync_all()?;
        draft.persist(target)?;
        Ok(())
    };
    target.and_then(|target| write(&target)).map_err(|error| {
        Error::from(error).context(format!("cannot write {}", file.display())).hint_line([
            "ls".as_ref(),
            "-ld".as_ref(),
            file.as_os_str(),
        ])
    })
}

/// The official CLI's own way: where `.netrc.gpg` is, `.netrc` is not looked at.
fn decrypted(file: &Path, env: Lookup) -> Result<Vec<u8>> {
    let failed = || format!("cannot decrypt {}", file.display());
    let gpg = env("PATH").and_then(|path| crate::process::find("gpg", &path));
    let gpg = gpg.ok_or_else(|| Error::denied("gpg is not on PATH").context(failed()))?;
    let mut arguments: Vec<OsString> = vec!["--batch".into(), "--quiet".into()];
    // The agent may know the passphrase; a person is not asked for it.
    arguments.extend(env(UNATTENDED).map(|_| "--pinentry-mode=error".into()));
    arguments.extend(["--decrypt".into(), file.into()]);
    super::programs::output(&gpg, &arguments, &[], super::deadline(GPG, env)).map_err(|error| {
        Error::denied(error)
            .context(failed())
            .hint_line(["gpg".as_ref(), "--decrypt".as_ref(), file.as_os_str()])
            .hint("HEROKU_API_KEY goes before it")
    })
}
