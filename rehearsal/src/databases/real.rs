//! Databases in a real server: made from a template, dumped, restored into.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::postgres::Server;
use crate::state::State;
use crate::state::databases::Database;

/// The database that all others begin as, and the owner of what is in it.
const TEMPLATE: &str = "playhouse_template";
const OWNER: &str = "playhouse_owner";

const LEFTOVERS: &str = include_str!("leftovers.sql");
const PLAYHOUSE: &str = include_str!("playhouse.sql");

/// Makes all databases real, if the settings name a major: starts the server and puts the real URLs into the config
/// vars. A database itself is made by [`make`].
pub(crate) fn make_real(state: &mut State) -> io::Result<()> {
    let Some(major) = state.settings.postgres else { return Ok(()) };
    let server = match state.databases.server {
        Some(server) => server,
        None => *state.databases.server.insert(Server::shared_by("heroku", major, prepare)?),
    };
    for app in 0..state.apps.len() {
        let mut leader: Option<Database> = None;
        for at in 0..state.apps[app].addons.len() {
            let addon = state.apps[app].addons[at].clone();
            if !addon.is_database() {
                continue;
            }
            if let Some(known) = state.databases.real.get(&addon.id) {
                leader.get_or_insert(known.clone());
                continue;
            }
            let database = match &leader {
                Some(leader) if addon.follows => leader.follower(),
                _ => Database::new(),
            };
            leader.get_or_insert(database.clone());
            let url = database.url(server.port());
            let old = state.apps[app].config.insert(addon.config_var(), url.clone());
            state.databases.real.insert(addon.id, database);
            // The same database elsewhere.
            for value in state.apps.iter_mut().flat_map(|app| app.config.values_mut()) {
                if old.as_ref() == Some(value) {
                    value.clone_from(&url);
                }
            }
            let transfers = state.apps.iter_mut().flat_map(|app| &mut app.resources.transfers);
            transfers.for_each(|transfer| transfer.replace(old.as_deref().unwrap_or_default(), &url));
        }
    }
    Ok(())
}

/// The roles and the template.
fn prepare(server: &Server) -> io::Result<()> {
    server.psql(
        "postgres",
        &format!(
            "create role with_password; create role heroku_admin; create role rds_superuser; create role {OWNER};
             create database {TEMPLATE};"
        ),
    )?;
    let grown = format!("set role {OWNER};\n{PLAYHOUSE}\nreset role;\n{LEFTOVERS}");
    server.psql(TEMPLATE, &format!("alter schema public owner to {OWNER};\n{grown}"))?;
    Ok(())
}

/// Makes the database of an add-on, unless it is there, and gives it. None if it is played.
pub(crate) fn make(state: &mut State, addon: &str) -> io::Result<Option<(&'static Server, Database)>> {
    make_real(state)?;
    let Some(server) = state.databases.server else { return Ok(None) };
    let Some(database) = state.databases.real.get(addon).cloned() else { return Ok(None) };
    if database.exists {
        return Ok(Some((server, database)));
    }
    if database.follows {
        let leader = state.databases.real.iter().find(|(_, one)| one.name == database.name && !one.follows);
        if let Some(leader) = leader.map(|(id, _)| id.clone()) {
            make(state, &leader)?;
        }
    }
    let Database { name, user, password, .. } = &database;
    server.psql(
        "postgres",
        &format!("create role {user} login password '{password}' in role with_password;"),
    )?;
    if database.follows {
        server.psql(
            "postgres",
            &format!(
                "alter role {user} set default_transaction_read_only = on; grant pg_read_all_data to {user};"
            ),
        )?;
    } else {
        let of_app = |app: &&crate::state::app::App| app.addons.iter().any(|own| own.id == addon);
        let app = state.apps.iter().find(of_app).map_or_else(String::new, |app| app.name().to_owned());
        server.psql("postgres", &format!("create database {name} template {TEMPLATE} owner {user};"))?;
        let orders = format!(
            "reassign owned by {OWNER} to {user}; insert into public.shows (title) values ('Tonight at {app}');"
        );
        server.psql(name, &orders)?;
    }
    if let Some(made) = state.databases.real.get_mut(addon) {
        made.exists = true;
    }
    Ok(Some((server, database)))
}

/// The answer to a query in the database of an add-on; none if it is played.
pub(crate) fn query(state: &mut State, addon: &str, sql: &str) -> io::Result<Option<String>> {
    let Some((server, database)) = make(state, addon)? else { return Ok(None) };
    server.psql(&database.name, sql).map(Some)
}

/// Dumps a database into a file, through a pipe as Heroku does: such a dump has no offsets.
pub(super) fn dump(server: &Server, database: &str, file: &Path) -> io::Result<()> {
    let mut pg_dump = server.program("pg_dump");
    pg_dump.args(["-Fc", "-d", database]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pg_dump.spawn()?;
    if let Some(mut output) = child.stdout.take() {
        io::copy(&mut output, &mut File::create(file)?)?;
    }
    finish(&child.wait_with_output()?).map(|_| ())
}

/// Restores a dump into a database: what it makes replaces what bears the same name, the rest stays. Gives what
/// `pg_restore` complained of.
pub(super) fn restore(server: &Server, database: &Database, file: &Path) -> io::Result<Vec<String>> {
    let listed = finish(&quiet(server.program("pg_restore").arg("-l").arg(file)).output()?)?;
    let there = server.psql(&database.name, "select extname from pg_extension")?;
    let kept: Vec<&str> = listed.lines().filter(|line| is_restored(line, &there)).collect();
    let list = file.with_extension("list");
    fs::write(&list, kept.join("\n"))?;
    let mut pg_restore = server.program("pg_restore");
    pg_restore.args(["--clean", "--if-exists", "--no-owner", "--no-acl", "--role", &database.user, "-L"]);
    let output = quiet(pg_restore.arg(&list).args(["-d", &database.name]).arg(file)).output()?;
    _ = fs::remove_file(&list);
    let said = String::from_utf8_lossy(&output.stderr);
    let errors: Vec<String> =
        said.lines().filter(|line| line.contains("error:")).map(str::to_owned).collect();
    if output.status.success() || said.contains("errors ignored on restore") {
        return Ok(errors);
    }
    Err(io::Error::other(said.trim_end().to_owned()))
}

/// Whether a line of the table of contents is the app's own, and not there already: Heroku's additions stay as they are.
fn is_restored(line: &str, extensions: &str) -> bool {
    let words: Vec<&str> = line.split(' ').skip(3).collect();
    match words[..] {
        ["EVENT", "TRIGGER", ..] | ["COMMENT", "-", "EXTENSION" | "SCHEMA", ..] | [_, "_heroku", ..] => false,
        ["SCHEMA", "-", name, ..] => !["_heroku", "heroku_ext", "public"].contains(&name),
        ["EXTENSION", "-", name, ..] => extensions.lines().all(|there| there != name),
        _ => true,
    }
}

/// Drops the database of an add-on and creates an empty one in its place.
pub(crate) fn reset(state: &mut State, addon: &str) -> io::Result<()> {
    let Some((server, Database { name, user, .. })) = make(state, addon)? else { return Ok(()) };
    server.psql(
        "postgres",
        &format!("drop database {name} with (force); create database {name} owner {user};"),
    )?;
    server.psql(&name, &format!("alter schema public owner to {user};\n{LEFTOVERS}"))?;
    Ok(())
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null())
}

fn finish(output: &std::process::Output) -> io::Result<String> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim_end().to_owned()))
}
