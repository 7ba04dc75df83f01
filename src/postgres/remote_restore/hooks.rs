//! The project's SQL, run in an app's database once a restore has filled it: through its URL, by the `psql` of this machine.

use serde::Deserialize;

use crate::context::Context;
use crate::error::{Context as _, Error, Kind, Result};
use crate::heroku::{Client, DatabaseAttachment};
use crate::hint::Hint;
use crate::interrupts::Interrupts;
use crate::postgres::client::without_name;
use crate::postgres::psql;
use crate::postgres::reach::Reach;
use crate::postgres::restore::{Hook, Role, check_trust, configured_hooks};
use crate::postgres::variables;
use crate::process::{CommandLine, Ended};

/// Who we are there, and whether SQL of ours could start programs.
const ROLE: &str = "select jsonb_build_object('name', rolname, 'is_superuser', rolsuper, \
    'makes_databases', rolcreatedb, 'starts_programs', rolsuper or exists (select from pg_roles p \
    where p.rolname in ('pg_execute_server_program', 'pg_write_server_files') \
    and pg_has_role(r.oid, p.oid, 'member'))) from pg_roles r where rolname = current_user";

/// Hooks that can be run: they were read, and the database was connected to.
#[derive(Debug)]
pub(super) struct Hooks {
    hooks: Vec<Hook>,
    psql: CommandLine,
}

impl Hooks {
    /// The hooks of the project; none where there are none. What keeps them from being run refuses the restore: exit 5 for
    /// a program, a database that cannot be reached from here, or a role that is trusted with too much; exit 1 where psql
    /// is not here or cannot connect.
    pub(super) fn prepare(
        context: &Context,
        client: &Client,
        to: &DatabaseAttachment,
    ) -> Result<Option<Self>> {
        let hooks = configured_hooks(context)?;
        if hooks.is_empty() {
            return Ok(None);
        }
        if let Some(program) = hooks.iter().find(|hook| !hook.is_sql()) {
            return Err(Error::refused(format!(
                "{} is a program, and only SQL is run in an app's database",
                program.name
            )));
        }
        let url = match Reach::of(client, to)? {
            Reach::Url(url) => url,
            Reach::OnlyByHeroku(reason) => {
                let names = names(&hooks);
                return Err(Error::refused(format!("{names} cannot be run in {to}: {reason}")));
            }
        };
        psql::require()?;
        let line = psql::scripted(variables::connecting(&url, psql::program()));
        let line = line.env("PGSSLMODE", psql::tls_mode(&url));
        let prepared = Self { hooks, psql: line };
        let role = prepared.connect(context, to)?;
        check_trust(&prepared.hooks, &role, &context.terminal)?;
        Ok(Some(prepared))
    }

    fn connect(&self, context: &Context, to: &DatabaseAttachment) -> Result<Role> {
        let _progress = context.terminal.progress(format!("{} to answer", to.addon.name));
        let interrupts = Interrupts::listen()?;
        let asked = self.psql.clone().args(["--command", ROLE]).start_reading(std::process::Stdio::null())?;
        let output = match asked.output(|| interrupts.code())? {
            Ended::Left(output) => output,
            Ended::GivenUp(code) => return Err(Error::silent(code)),
        };
        if !output.is_success() {
            return Err(Error::failed(without_name(&output.complaint()).to_owned())
                .context(format!("cannot connect to {to}, in which {} is to be run", names(&self.hooks))));
        }
        let mut answer = serde_json::Deserializer::from_slice(&output.stdout);
        Role::deserialize(&mut answer)
            .map_err(|error| Error::from(error).context("an answer of PostgreSQL cannot be read"))
    }

    /// Runs them, one after the other.
    pub(super) fn run(&self, context: &Context, to: &DatabaseAttachment) -> Result<()> {
        let interrupts = Interrupts::listen()?;
        for hook in &self.hooks {
            context.terminal.status(&format!("running {} in {to}", hook.name));
            let _progress = context.terminal.progress(&hook.name);
            hook.run_sql(&psql::program(), &self.psql, Some(&interrupts))
                .context(|| format!("{} failed", hook.name))?;
        }
        Ok(())
    }

    /// The lines that tell what [`run`](Self::run) would do.
    pub(super) fn describe(&self, to: &DatabaseAttachment) -> Vec<String> {
        self.hooks.iter().map(|hook| format!("psql --file={} (in {})", hook.name, to.addon.name)).collect()
    }
}

fn names(hooks: &[Hook]) -> String {
    hooks.iter().map(|hook| hook.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Adds the way to do without hooks, where that is allowed.
pub(super) fn without(context: &Context, line: &[std::ffi::OsString], error: Error) -> Error {
    let demands = context.config().is_ok_and(|config| config.restore.require_hook == Some(true));
    if demands || matches!(error.kind(), Kind::Silent(_) | Kind::Usage) {
        return error;
    }
    let without = line.iter().cloned().chain(["--no-hook".into()]);
    let hint: Hint = context.command(without);
    error.hint(hint.note("leaves the data as it is in the backup"))
}
