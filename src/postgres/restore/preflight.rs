//! What is looked at before anything is changed: rights, ownership, extensions, sessions, space.

use std::path::Path;

use super::facts::{Facts, Session};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::postgres::client::identifier;
use crate::postgres::contents::{Contents, STATISTICS};
use crate::postgres::local::LocalDatabase;
use crate::terminal::counted;
use crate::text::size;

/// The versions of PostgreSQL that databases can be swapped on: older ones cannot end the sessions of a leftover.
const OLDEST: u32 = 12;

/// Refuses what could not be finished, before it is begun. Exit 5.
pub(super) fn check_server(facts: &Facts, database: &LocalDatabase) -> Result<()> {
    let name = &database.name;
    if let Some(role) = facts.managed.first().filter(|_| database.is_on_this_machine()) {
        return Err(Error::refused(format!(
            "{} leads to a managed server, and not to one of this machine: it has the role {role}",
            database.server()
        ))
        .hint("is it a tunnel? --to names another database"));
    }
    if facts.major() < OLDEST {
        return Err(Error::refused(format!(
            "the server is PostgreSQL {}; it takes {OLDEST} or newer",
            facts.major()
        )));
    }
    if let Some(old) = &facts.database {
        if old.is_template {
            return Err(Error::refused(format!("{name} is a template of other databases")));
        }
        if !old.is_ours && !facts.role.is_superuser {
            return Err(Error::refused(format!(
                "{name} belongs to {}, and {} may not replace it",
                old.owner, facts.role.name
            ))
            .hint(Hint::text(format!(
                "alter database {} owner to {};   # as {} or a superuser",
                identifier(name),
                identifier(&facts.role.name),
                old.owner
            ))));
        }
        refuse_sessions(name, &old.sessions)?;
    }
    if !facts.role.makes_databases {
        let role = &facts.role.name;
        return Err(Error::refused(format!("{role} may not make databases"))
            .hint(Hint::text(format!("alter role {} createdb;   # as a superuser", identifier(role)))));
    }
    Ok(())
}

/// Fails where sessions cannot be ended by our role.
pub(super) fn refuse_sessions(database: &str, sessions: &[Session]) -> Result<()> {
    if sessions.is_empty() {
        return Ok(());
    }
    let told = |session: &Session| {
        let application = session.application.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
        format!("process {} (role {}{application})", session.pid, session.role)
    };
    let all: Vec<String> = sessions.iter().map(told).collect();
    Err(Error::refused(format!(
        "{database} is in use by {} that this role may not end: {}",
        counted(sessions.len(), "session"),
        all.join("; ")
    ))
    .hint("close it and try again"))
}

/// The extensions of the dump that are not restored; exit 5 where one is needed and cannot be created.
pub(super) fn check_extensions(facts: &Facts, contents: &Contents) -> Result<Vec<&'static str>> {
    let available = |name: &str| facts.extensions.iter().find(|extension| extension.name == name);
    let mut without = Vec::new();
    if !(facts.role.is_superuser && acts_as_itself(facts) && available(STATISTICS).is_some()) {
        without.push(STATISTICS);
    }
    let needed = || contents.extensions().into_iter().filter(|name| !without.contains(name));
    let missing: Vec<&str> = needed().filter(|name| available(name).is_none()).collect();
    if !missing.is_empty() {
        return Err(Error::refused(format!(
            "the dump needs {} that this server (PostgreSQL {}) does not have: {}",
            if missing.len() == 1 { "an extension" } else { "extensions" },
            facts.major(),
            missing.join(", ")
        ))
        .hint("select name from pg_available_extensions;   # lists those that are installed"));
    }
    let untrusted: Vec<&str> =
        needed().filter(|name| available(name).is_some_and(|extension| !extension.is_trusted)).collect();
    let creates_any = facts.role.is_superuser && acts_as_itself(facts);
    if !untrusted.is_empty() && !creates_any {
        let role = facts.database.as_ref().map_or(&facts.role.name, |old| &old.owner);
        return Err(Error::refused(format!(
            "the dump needs {}, which only a superuser can create, and {role} is none",
            untrusted.join(", ")
        ))
        .hint(Hint::text(format!(
            "alter role {} superuser;   # on a server of this machine",
            identifier(role)
        ))));
    }
    Ok(without)
}

/// Whether what is restored will belong to our role, rather than to another one that owns the database.
pub(super) fn acts_as_itself(facts: &Facts) -> bool {
    facts.database.as_ref().is_none_or(|old| old.owner == facts.role.name)
}

/// Refuses where the server's disk is on this machine and cannot hold a second database. Exit 5.
///
/// `expected` is the size of the dumped database, where that is known: it takes half as much again for the log. Otherwise
/// the dump's own size is the least that it can take.
pub(super) fn check_space(
    facts: &Facts,
    database: &LocalDatabase,
    dump: u64,
    expected: Option<u64>,
) -> Result<()> {
    let Some(folder) = facts.folder.as_deref().filter(|_| database.is_on_this_machine()) else {
        return Ok(());
    };
    let Some(free) = free_space(Path::new(folder)) else { return Ok(()) };
    let needed = expected.map_or(dump, |bytes| bytes + bytes / 2);
    if free >= needed {
        return Ok(());
    }
    Err(Error::refused(format!(
        "the disk of {folder} has {} free, and the database takes about {}: a full disk would stop the server",
        size(free),
        size(needed)
    ))
    .hint(Hint::line(["development", "backups", "--prune"]).note("removes kept dumps and databases")))
}

/// The bytes that are free for others than root, where the folder is on this machine.
#[cfg(unix)]
fn free_space(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

#[cfg(not(unix))]
fn free_space(_: &Path) -> Option<u64> {
    None
}
