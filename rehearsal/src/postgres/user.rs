//! The user that PostgreSQL's programs run as. They refuse to run as root, so root starts them as `postgres`, with `setpriv`.

use std::env;
use std::io;
use std::path::Path;
use std::process::Command;

/// The user that a server's programs run as.
#[derive(Debug)]
pub(super) struct User {
    /// The user and group of `postgres`, if this is root.
    other: Option<(u32, u32)>,
    /// Whether it needs capabilities to pass folders that only root can enter, such as a cache in root's home.
    privileged: bool,
}

/// The user whom Debian's packages make.
const NAME: &str = "postgres";

/// The options of `setpriv` for capabilities that bypass the permissions of folders, also in calls of `access`.
const PRIVILEGES: [&str; 3] =
    ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"];

impl User {
    /// The user of a server that needs these folders. Fails for root where there is no user `postgres`.
    pub(super) fn of_server(needed: &[&Path]) -> io::Result<Self> {
        if !is_root() {
            return Ok(Self { other: None, privileged: false });
        }
        let users = std::fs::read_to_string("/etc/passwd")?;
        let ids = users.lines().find_map(|line| {
            let mut fields = line.split(':');
            let (name, _, user, group) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
            (name == NAME).then_some((user.parse().ok()?, group.parse().ok()?))
        });
        let ids = ids.ok_or_else(|| io::Error::other("root needs a user `postgres` to run PostgreSQL as"))?;
        // The last one is ours, and is opened by `let_pass`.
        let is_closed = |path: &Path| path.ancestors().skip(1).any(is_closed);
        Ok(Self { other: Some(ids), privileged: needed.iter().any(|path| is_closed(path)) })
    }

    /// A program, started as this user with nothing in its environment that would redirect it.
    pub(super) fn command(&self, program: &Path) -> Command {
        let Some((user, group)) = self.other else { return quiet(program) };
        let mut command = quiet(Path::new("setpriv"));
        command.args([format!("--reuid={user}"), format!("--regid={group}"), "--init-groups".to_owned()]);
        if self.privileged {
            command.args(PRIVILEGES);
        }
        command.arg(program);
        command
    }

    /// Lets this user through a folder.
    pub(super) fn let_pass(&self, folder: &Path) -> io::Result<()> {
        #[cfg(unix)]
        if self.other.is_some() {
            use std::os::unix::fs::PermissionsExt as _;
            return std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o711));
        }
        _ = folder;
        Ok(())
    }

    /// Gives a folder to this user.
    pub(super) fn give(&self, folder: &Path) -> io::Result<()> {
        #[cfg(unix)]
        if let Some((user, group)) = self.other {
            return std::os::unix::fs::chown(folder, Some(user), Some(group));
        }
        _ = folder;
        Ok(())
    }
}

/// A command with English messages, and without variables such as PGHOST that could lead it to another server.
#[expect(clippy::disallowed_methods, reason = "the rehearsal is a server, and finds programs as servers do")]
pub(super) fn quiet(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C");
    command
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

/// Whether only some may enter this folder.
#[cfg(unix)]
fn is_closed(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(folder).is_ok_and(|about| about.permissions().mode() & 0o001 == 0)
}

#[cfg(not(unix))]
fn is_closed(_: &Path) -> bool {
    false
}
