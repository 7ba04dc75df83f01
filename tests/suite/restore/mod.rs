//! `development restore`, `backup` and `backups` on a real PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rehearsal::postgres::{Server, installed};

use super::scene::{Outcome, Scene};
use super::skipped;

mod asked;
mod backups;
mod from_heroku;
mod full_disk;
mod hooks;
mod interrupted;
mod kill;
mod matrix;
mod refused;
mod replaced;
mod secrets;
mod several;

/// The major that has Debian's extensions.
const MAJOR: u32 = 15;

/// What the database holds before a restore.
const OLD: &str = "create table notes (text text); insert into notes values ('old');";

/// What a dump holds that is restored.
const NEW: &str = "create table notes (text text); insert into notes values ('new');";

/// What Heroku puts into every database, beside what an app has there.
const HEROKUS: &str = "
    create schema _heroku;
    create function _heroku.log_create_ext() returns event_trigger language plpgsql as 'begin end';
    create event trigger log_create_ext on ddl_command_end execute function _heroku.log_create_ext();
    create schema heroku_ext;
    create extension citext with schema heroku_ext;
    create extension pg_stat_statements;
    comment on schema public is '';
    create table notes (id serial primary key, text heroku_ext.citext);
    insert into notes (text) values ('new');
    create table ar_internal_metadata (key text primary key, value text, created_at timestamp, updated_at timestamp);
    insert into ar_internal_metadata values ('environment', 'production'), ('schema_sha1', 'x');
    create table \"Odd names\" (note_id int references notes);
    insert into \"Odd names\" values (1);";

/// A database on a server, and a project that works on it.
pub struct Project {
    pub scene: Scene,
    pub server: &'static Server,
    pub database: String,
}

impl Project {
    /// One with what `OLD` makes; none, and noted as skipped, where there is no PostgreSQL of this major.
    pub fn with(major: u32) -> Option<Self> {
        let server = server(major)?;
        let database = fresh_name("app");
        server.psql("postgres", &format!("create database {database}")).expect("a database");
        server.psql(&database, OLD).expect("a table");
        let scene = scene_of(server, &server.url(&database));
        Some(Self { scene, server, database })
    }

    /// The same with the server whose tools can do everything.
    pub fn new() -> Option<Self> {
        Self::with(MAJOR)
    }

    /// The text of the database's note, as anybody sees it who connects now.
    pub fn note(&self) -> String {
        self.server.psql(&self.database, "select text from notes").expect("an answer")
    }

    /// The names of the databases beside it.
    pub fn beside(&self, what: &str) -> Vec<String> {
        let query = format!(
            "select datname from pg_database where datname like '{}\\_{what}\\_%' order by 1",
            self.database
        );
        self.server.psql("postgres", &query).expect("names").lines().map(str::to_owned).collect()
    }

    /// A dump of a database that this script has made.
    pub fn dump(&self, script: &str) -> PathBuf {
        dump(self.server, self.server.programs(), script, self.scene.folder())
    }

    /// Runs `development restore` with these words.
    pub fn restore(&self, words: &[&str]) -> Outcome {
        self.scene.run_words("development", &[&["restore"], words].concat())
    }

    /// Everything that a failed restore must have left: the old rows, and nothing beside them.
    pub fn assert_untouched(&self) {
        assert_eq!(self.note(), "old");
        assert_eq!(self.beside("restore"), [""; 0]);
        assert_eq!(self.beside("before"), [""; 0]);
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let names = [vec![self.database.clone()], self.beside("before"), self.beside("restore")].concat();
        for name in names {
            _ = self.server.psql("postgres", &format!("drop database if exists \"{name}\" with (force)"));
        }
    }
}

/// The server of this major; none, and noted as skipped, where it is not installed.
pub fn server(major: u32) -> Option<&'static Server> {
    if !installed().contains_key(&major) {
        skipped::skip(skipped::postgres(major));
        return None;
    }
    Some(Server::shared(major).expect("a server"))
}

/// A project whose database is at this URL, with the programs of the server's major.
pub fn scene_of(server: &Server, url: &str) -> Scene {
    let mut scene = Scene::bare();
    scene.set("DATABASE_URL", url).set("GREENROOM_PG_BIN", server.programs());
    scene
}

/// A name that no other test has.
pub fn fresh_name(what: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{what}_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A dump, by these programs, of a database that this script has made.
pub fn dump(server: &Server, programs: &Path, script: &str, folder: &Path) -> PathBuf {
    let source = fresh_name("source");
    server.psql("postgres", &format!("create database {source}")).expect("a database");
    server.psql(&source, script).expect("its tables");
    let file = folder.join(format!("{source}.dump"));
    let mut command = server.program("pg_dump");
    if programs != server.programs() {
        let mut other = std::process::Command::new(programs.join("pg_dump"));
        other.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command = other;
    }
    let output = command.args(["-Fc", "-d", &source, "-f"]).arg(&file).output().expect("pg_dump");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    server.psql("postgres", &format!("drop database {source}")).expect("no database");
    assert!(fs::metadata(&file).is_ok_and(|about| about.len() > 0));
    file
}
