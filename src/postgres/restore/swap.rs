//! Exchanges the names of databases, in one transaction: there is always one of the name, and a process that is killed
//! meanwhile changes nothing.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Deserialize;

use super::facts::{Facts, MAINTENANCE, may_end};
use super::preflight::refuse_sessions;
use crate::error::Result;
use crate::postgres::client::{Client, has_state, identifier, literal};

/// How often sessions are ended that came in between. PostgreSQL itself waits 5 s for them each time.
const ATTEMPTS: u32 = 6;

/// The state of a failure because of sessions in the database.
const IN_USE: &str = "55006";

/// The attributes of a database that do not move with its name, because they are in the server's catalogs.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Attributes {
    owner: String,
    /// The most sessions at a time; -1 for no limit.
    limit: i32,
    comment: Option<String>,
    /// `ALTER DATABASE … SET`, with the role that it is for.
    settings: Vec<Setting>,
    /// None where nobody has changed them.
    grants: Option<Vec<Grant>>,
}

#[derive(Debug, Deserialize)]
struct Setting {
    role: Option<String>,
    /// `name=value`.
    text: String,
}

#[derive(Debug, Deserialize)]
struct Grant {
    /// None for everybody.
    role: Option<String>,
    right: String,
    may_be_passed_on: bool,
}

/// A database that gets another name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rename<'a> {
    /// Its present name.
    pub from: &'a str,
    /// The name that it gets.
    pub to: &'a str,
}

impl Attributes {
    /// Those of a database.
    pub(super) fn of(client: &Client<'_>, database: &str) -> Result<Self> {
        let query = format!(
            "select jsonb_build_object('owner', pg_get_userbyid(d.datdba), 'limit', d.datconnlimit,
               'comment', shobj_description(d.oid, 'pg_database'),
               'settings', (select coalesce(jsonb_agg(jsonb_build_object('role', r.rolname, 'text', t.text)), '[]')
                 from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole,
                   unnest(s.setconfig) t(text) where s.setdatabase = d.oid),
               'grants', (select jsonb_agg(jsonb_build_object('role', g.rolname, 'right', a.privilege_type,
                   'may_be_passed_on', a.is_grantable))
                 from aclexplode(d.datacl) a left join pg_roles g on g.oid = a.grantee))
             from pg_database d where datname = {}",
            literal(database)
        );
        client.query(MAINTENANCE, &query)
    }

    /// The comment.
    pub(super) fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }

    /// The statements that give them to the database of this name, but for the comment.
    fn statements(&self, database: &str) -> String {
        let name = identifier(database);
        let mut all = format!("alter database {name} owner to {};\n", identifier(&self.owner));
        if self.limit != -1 {
            _ = writeln!(all, "alter database {name} connection limit {};", self.limit);
        }
        for setting in &self.settings {
            let Some((key, value)) = setting.text.split_once('=') else { continue };
            let whose = match &setting.role {
                Some(role) => format!("role {} in database {name}", identifier(role)),
                None => format!("database {name}"),
            };
            let value = if LISTS.contains(&key) {
                parts(value).iter().map(|part| literal(part)).collect::<Vec<_>>().join(", ")
            } else {
                literal(value)
            };
            let key: Vec<String> = key.split('.').map(identifier).collect();
            _ = writeln!(all, "alter {whose} set {} to {value};", key.join("."));
        }
        if let Some(grants) = &self.grants {
            _ = writeln!(all, "revoke all on database {name} from public;");
            for Grant { role, right, may_be_passed_on } in grants {
                let role = role.as_deref().map_or("public".to_owned(), identifier);
                let option = if *may_be_passed_on { " with grant option" } else { "" };
                _ = writeln!(all, "grant {right} on database {name} to {role}{option};");
            }
        }
        all
    }
}

/// The settings that are lists of names, each quoted by itself (`variable_is_guc_list_quote` in PostgreSQL's source).
const LISTS: [&str; 6] = [
    "local_preload_libraries",
    "search_path",
    "session_preload_libraries",
    "shared_preload_libraries",
    "temp_tablespaces",
    "unix_socket_directories",
];

/// The parts of such a list: `"$user", app`.
fn parts(list: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut rest = list.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, parts.last_mut()) {
            ('"', Some(part)) if quoted && rest.peek() == Some(&'"') => {
                rest.next();
                part.push('"');
            }
            ('"', _) => quoted = !quoted,
            (',', _) if !quoted => parts.push(String::new()),
            (c, _) if !quoted && c.is_whitespace() => {}
            (c, Some(part)) if quoted => part.push(c),
            (c, Some(part)) => part.extend(c.to_lowercase()),
            (_, None) => {}
        }
    }
    parts
}

/// Renames databases and gives the last one these attributes, all of it or nothing. Sessions in them are ended.
///
/// Exit 5 where some cannot be ended by our role.
pub(super) fn exchange(
    client: &Client<'_>,
    renames: &[Rename<'_>],
    attributes: Option<&Attributes>,
    comments: &[(&str, Option<String>)],
) -> Result<()> {
    let names: Vec<String> = renames.iter().map(|rename| literal(rename.from)).collect();
    let mut script = format!(
        "select pg_terminate_backend(a.pid) from pg_stat_activity a join pg_roles r on r.oid = a.usesysid \
         where a.datname in ({}) and a.pid <> pg_backend_pid() and {};\nbegin;\n",
        names.join(", "),
        may_end("r")
    );
    for Rename { from, to } in renames {
        _ = writeln!(script, "alter database {} rename to {};", identifier(from), identifier(to));
    }
    if let (Some(attributes), Some(last)) = (attributes, renames.last()) {
        script.push_str(&attributes.statements(last.to));
    }
    for (database, comment) in comments {
        let comment = comment.as_deref().map_or("null".to_owned(), literal);
        _ = writeln!(script, "comment on database {} is {comment};", identifier(database));
    }
    script.push_str("commit;");
    let mut attempt = 1;
    loop {
        match client.execute(MAINTENANCE, &script) {
            Err(error) if has_state(&error, IN_USE) => {
                for Rename { from, .. } in renames {
                    let oid: Option<u32> = client.query(
                        MAINTENANCE,
                        &format!(
                            "select to_json((select oid::bigint from pg_database where datname = {}))",
                            literal(from)
                        ),
                    )?;
                    let sessions = oid.map_or(Ok(Vec::new()), |oid| Facts::sessions(client, oid))?;
                    refuse_sessions(from, &sessions)?;
                }
                if attempt == ATTEMPTS {
                    return Err(
                        error.hint("stop what connects to it again and again, such as a server or a console")
                    );
                }
                attempt += 1;
                std::thread::sleep(Duration::from_millis(50));
            }
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_names_has_parts() {
        assert_eq!(parts(r#""$user", "a, ""b""", App"#), ["$user", "a, \"b\"", "app"]);
        assert_eq!(parts(r#""""#), [""]);
    }

    #[test]
    fn attributes_are_given_as_they_were_read() {
        let attributes: Attributes = serde_json::from_str(
            r#"{"owner": "ada", "limit": 7, "comment": null,
                "settings": [{"role": null, "text": "search_path=\"$user\", app"},
                             {"role": "o'k", "text": "app.secret=it's"}],
                "grants": [{"role": null, "right": "CONNECT", "may_be_passed_on": false},
                           {"role": "bob", "right": "CREATE", "may_be_passed_on": true}]}"#,
        )
        .unwrap();
        assert_eq!(
            attributes.statements("app"),
            "alter database \"app\" owner to \"ada\";\n\
             alter database \"app\" connection limit 7;\n\
             alter database \"app\" set \"search_path\" to '$user', 'app';\n\
             alter role \"o'k\" in database \"app\" set \"app\".\"secret\" to 'it''s';\n\
             revoke all on database \"app\" from public;\n\
             grant CONNECT on database \"app\" to public;\n\
             grant CREATE on database \"app\" to \"bob\" with grant option;\n"
        );
    }
}
