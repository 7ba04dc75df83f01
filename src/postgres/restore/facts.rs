//! What the server says of itself, of our role, and of the database that is to be replaced: asked once, before anything
//! is changed.

use serde::Deserialize;

use crate::error::Result;
use crate::postgres::MANAGED_ROLES;
use crate::postgres::client::{Client, has_state, identifier, literal};

/// The facts about the server that a restore depends on.
#[derive(Debug, Deserialize)]
pub(super) struct Facts {
    /// The version as a number: 170004.
    pub version: u32,
    /// Our role.
    pub role: Role,
    /// The roles that only managed servers have.
    pub managed: Vec<String>,
    /// The database of this name; none where there is none.
    pub database: Option<Database>,
    /// The extensions that can be created.
    pub extensions: Vec<Extension>,
    /// The folder of the server's files, where we may know it.
    pub folder: Option<String>,
    /// The collation and character classes that a new database has by default.
    pub template: Locale,
}

/// Our role on the server.
#[derive(Debug, Deserialize)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Whether it may do everything.
    pub is_superuser: bool,
    /// Whether it may make databases.
    pub makes_databases: bool,
    /// Whether SQL of it can start programs or write files on the server's machine.
    pub starts_programs: bool,
}

/// A database, with all that a rename would leave behind.
#[derive(Debug, Deserialize)]
pub(super) struct Database {
    /// Its owner.
    pub owner: String,
    /// Whether our role is the owner or a member of it.
    pub is_ours: bool,
    /// Whether it is a template.
    pub is_template: bool,
    /// Its encoding.
    pub encoding: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its collation.
    pub locale: Locale,
    /// The sessions in it that we may not end.
    pub sessions: Vec<Session>,
}

/// How texts are sorted.
#[derive(Debug, Deserialize)]
pub(super) struct Locale {
    /// The encoding.
    pub encoding: String,
    /// `LC_COLLATE`.
    pub collate: String,
    /// `LC_CTYPE`.
    pub ctype: String,
    /// `c` for the C library, `i` for ICU, `b` for PostgreSQL itself.
    pub provider: Option<String>,
    /// The locale of a provider other than the C library.
    pub name: Option<String>,
}

/// A session that we may not end.
#[derive(Debug, Deserialize)]
pub(super) struct Session {
    /// Its process on the server.
    pub pid: u32,
    /// Its role.
    pub role: String,
    /// The session's `application_name`.
    pub application: Option<String>,
}

/// An extension that can be created.
#[derive(Debug, Deserialize)]
pub(super) struct Extension {
    /// Its name.
    pub name: String,
    /// Whether the owner of a database may create it there without being a superuser.
    pub is_trusted: bool,
}

/// A row of `pg_database` as a [`Locale`]: its columns differ from version to version, and JSON has those that are there.
fn locale(row: &str) -> String {
    format!(
        "jsonb_build_object('encoding', pg_encoding_to_char(({row}->>'encoding')::int), 'collate', {row}->>'datcollate', \
         'ctype', {row}->>'datctype', 'provider', {row}->>'datlocprovider', \
         'name', coalesce({row}->>'datlocale', {row}->>'daticulocale'))"
    )
}

/// The sessions in the database of `oid` that we may not end, as an array.
fn sessions(oid: &str) -> String {
    format!(
        "(select coalesce(jsonb_agg(jsonb_build_object('pid', a.pid, 'role', r.rolname, 'application', \
         nullif(a.application_name, ''))), '[]') from pg_stat_activity a join pg_roles r on r.oid = a.usesysid \
         where a.datid = {oid} and not ({}))",
        may_end("r")
    )
}

/// Whether we may end a session of the role in this row of `pg_roles`.
pub(super) fn may_end(role: &str) -> String {
    format!(
        "((select rolsuper from pg_roles where rolname = current_user) or \
         (not {role}.rolsuper and pg_has_role({role}.oid, 'member')))"
    )
}

impl Facts {
    /// Asks for them.
    pub(super) fn ask(client: &Client<'_>) -> Result<Self> {
        let name = literal(&client.database.name);
        let query = format!(
            "select jsonb_build_object(
               'version', current_setting('server_version_num')::int,
               'role', (select jsonb_build_object('name', rolname, 'is_superuser', rolsuper,
                   'makes_databases', rolcreatedb or rolsuper, 'starts_programs', rolsuper or exists (
                     select from pg_roles p where p.rolname in ('pg_execute_server_program', 'pg_write_server_files')
                     and pg_has_role(r.oid, p.oid, 'member'))) from pg_roles r where rolname = current_user),
               'managed', (select coalesce(jsonb_agg(rolname), '[]') from pg_roles where rolname in ({MANAGED_ROLES})),
               'folder', (select setting from pg_settings where name = 'data_directory'),
               'extensions', (select jsonb_agg(jsonb_build_object('name', e.name, 'is_trusted', exists (
                   select from pg_available_extension_versions v where v.name = e.name
                   and v.version = e.default_version and (v.trusted or not v.superuser))))
                   from pg_available_extensions e),
               'template', (select {template} from (select to_jsonb(d) j from pg_database d
                   where datname = 'template0') t),
               'database', (select jsonb_build_object('owner', pg_get_userbyid(t.datdba),
                   'is_ours', pg_has_role(t.datdba, 'member'), 'is_template', t.datistemplate,
                   'encoding', pg_encoding_to_char(t.encoding),
                   'size', case when pg_has_role(t.datdba, 'member') then pg_database_size(t.oid) else 0 end,
                   'locale', {locale}, 'sessions', {sessions})
                 from (select *, to_jsonb(d) j from pg_database d where datname = {name}) t))",
            template = locale("t.j"),
            locale = locale("t.j"),
            sessions = sessions("t.oid"),
        );
        client.query(MAINTENANCE, &query)
    }

    /// The server's major version.
    pub(super) fn major(&self) -> u32 {
        self.version / 10_000
    }

    /// The sessions in the database of this object id that we may not end.
    pub(super) fn sessions(client: &Client<'_>, oid: u32) -> Result<Vec<Session>> {
        client.query(MAINTENANCE, &format!("select {}", sessions(&oid.to_string())))
    }
}

/// The database that one is connected to while others are made and renamed.
pub(super) const MAINTENANCE: &str = "postgres";

/// Ends what runs in a database and removes it.
pub(super) fn drop_database(client: &Client<'_>, name: &str) -> Result<()> {
    let name = identifier(name);
    let dropped = client.execute(MAINTENANCE, &format!("drop database if exists {name} with (force);"));
    match dropped {
        // Before PostgreSQL 13 sessions could not be ended by it.
        Err(error) if has_state(&error, "42601") => {
            client.execute(MAINTENANCE, &format!("drop database if exists {name};"))
        }
        done => done,
    }
}
