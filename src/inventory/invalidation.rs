//! Refreshing the lists that a command changes, be it one of ours or one of the Heroku CLI's.

use std::ffi::OsString;
use std::io::{self, PipeWriter, Read as _};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::cache::Cache;
use super::lookup::reviews;
use super::refresh::{self, Task};
use super::resource::Scope;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::heroku::Client;
use crate::model::{AppName, Resource};
use crate::process::internal;

use Resource::{
    Addons, Apps, Attachments, Backups, Certificates, Collaborators, ConfigVars, Domains, Drains, Pipelines,
    Releases, RollbackTargets, Webhooks,
};

const ATTACHED: &[Resource] = &[Addons, Attachments, ConfigVars, Releases, RollbackTargets];

/// The longest wait for the end of a command. After that its lists are refreshed while it still runs.
const LONGEST: Duration = Duration::from_secs(3600);

/// The lists that a command of the Heroku CLI changes.
fn of_command(command: &str) -> &'static [Resource] {
    match command {
        "config:set" | "config:add" | "config:unset" | "config:remove" | "config:edit" => {
            Resource::CONFIGURED
        }
        "addons:create"
        | "addons:add"
        | "addons:destroy"
        | "addons:remove"
        | "addons:attach"
        | "addons:detach"
        | "addons:rename"
        | "addons:upgrade"
        | "addons:downgrade"
        | "pg:promote"
        | "pg:connection-pooling:attach"
        | "pg:credentials:create"
        | "pg:credentials:destroy"
        | "redis:promote"
        | "data:pg:create"
        | "data:pg:destroy"
        | "data:pg:fork"
        | "data:pg:attachments:create"
        | "data:pg:attachments:destroy" => ATTACHED,
        "ps:scale" | "scale" | "dyno:scale" | "ps:resize" | "resize" | "ps:type" | "dyno:type"
        | "dyno:resize" => Resource::SCALED,
        "ps:restart" | "restart" | "dyno:restart" | "ps:stop" | "dyno:stop" | "ps:kill" | "dyno:kill"
        | "stop" | "kill" | "run:detached" => Resource::RESTARTED,
        "domains:add" | "domains:remove" | "domains:clear" | "domains:update" => &[Domains],
        "pg:backups:capture" | "pg:backups:cancel" | "pg:backups:delete" | "pg:backups:restore" => &[Backups],
        "features:enable" | "features:disable" | "labs:enable" | "labs:disable" => Resource::FEATURED,
        "drains:add" | "drains:remove" => &[Drains],
        "webhooks:add" | "webhooks:remove" | "webhooks:update" => &[Webhooks],
        "certs:add" | "certs:remove" | "certs:update" | "certs:auto:enable" | "certs:auto:disable" => {
            &[Certificates, Domains]
        }
        "access:add" | "access:remove" | "access:update" => &[Collaborators],
        "releases:rollback" | "rollback" => Resource::ROLLED_BACK,
        "container:release" | "container:rm" | "pipelines:promote" | "releases:retry" | "stack:set"
        | "apps:stacks:set" => Resource::RELEASED,
        "apps:create" | "create" | "apps:destroy" | "destroy" | "apps:delete" | "apps:rename" | "rename"
        | "apps:join" | "join" | "apps:leave" | "leave" => &[Apps],
        "pipelines:setup" => &[Apps, Pipelines],
        "pipelines:create" | "pipelines:destroy" | "pipelines:rename" => &[Pipelines],
        _ => &[],
    }
}

/// Marks the lists as outdated that the changes of this context's client made stale, whether or not they succeeded, and
/// starts to refresh them. Lists that are not in the cache are left alone.
pub fn refresh_changed(context: &Context) {
    let stale = context.connected().map(Client::take_stale).unwrap_or_default();
    if stale.is_empty() {
        return;
    }
    let Some(cache) = Cache::find() else { return };
    let mut done: Vec<(Option<AppName>, Resource)> = Vec::new();
    for (app, resource) in stale {
        // An account's list is the same whichever app was changed.
        let list = (app.filter(|_| resource.scope() == Scope::App), resource);
        if done.contains(&list) {
            continue;
        }
        let of_project = if resource == Resource::ReviewApps { reviews(&cache, context) } else { None };
        let of_project = of_project.filter(|task| task.list().is_kept());
        for task in kept(&cache, list.0.as_ref(), &[resource]).into_iter().chain(of_project) {
            if task.list().outdate().is_ok() {
                refresh::start(&task);
            }
        }
        done.push(list);
    }
}

/// Those of the lists of an app and of the account that are in the cache.
fn kept(cache: &Cache, app: Option<&AppName>, resources: &[Resource]) -> Vec<Task> {
    let task = |resource: &Resource| match (resource.scope(), app) {
        (Scope::App, Some(app)) => Some(Task::of_app(cache, app, *resource)),
        (Scope::Account, _) => Some(Task::of_account(cache, *resource)),
        _ => None,
    };
    resources.iter().filter_map(task).filter(|task| task.list().is_kept()).collect()
}

/// A background process that waits for the end of the program that replaces this one, and then refreshes the lists which
/// that program changed.
///
/// The background process reads a pipe whose other end the program inherits and never uses. Node closes it for the
/// programs that it starts itself.
pub struct Watch {
    /// Closed by the system when the last process that has it ends.
    _line: PipeWriter,
}

impl Watch {
    /// Starts the background process, if the Heroku CLI's `command` changes a list that is in the cache.
    pub fn over(command: &str, app: Option<&AppName>) -> Option<Self> {
        let resources = of_command(command);
        if resources.is_empty() {
            return None;
        }
        let kept = kept(&Cache::find()?, app, resources);
        if kept.is_empty() {
            return None;
        }
        let resources = kept.iter().map(|task| task.list().resource().word().to_owned());
        let words: Vec<String> = app.map(AppName::to_string).into_iter().chain(resources).collect();
        let words = if app.is_some() { words } else { [vec!["-".to_owned()], words].concat() };
        let (end, line) = io::pipe().ok()?;
        // Started before the pipe can be inherited: the background process must not hold the end that it waits for.
        internal::refresh_after(&words).and_then(|errand| errand.spawn_unseen(end)).ok()?;
        leave_open(&line).ok()?;
        Some(Self { _line: line })
    }
}

#[cfg(unix)]
fn leave_open(line: &PipeWriter) -> io::Result<()> {
    Ok(rustix::io::fcntl_setfd(line, rustix::io::FdFlags::empty())?)
}

/// Without `exec` this process waits for the program, and holds the pipe itself.
#[cfg(not(unix))]
fn leave_open(_: &PipeWriter) -> io::Result<()> {
    Ok(())
}

/// The `__refresh-after` command: waits until stdin is closed, and then refreshes lists. `words` are the app, or `-` for
/// none, and the names of the lists.
pub fn refresh_after(words: &[OsString]) -> Result<()> {
    let wrong = || Error::usage("__refresh-after is started by greenroom, and is not for people");
    let words: Option<Vec<&str>> = words.iter().map(|word| word.to_str()).collect();
    let words = words.ok_or_else(wrong)?;
    let (app, resources) = words.split_first().ok_or_else(wrong)?;
    let app: Option<AppName> = if *app == "-" { None } else { Some(app.parse().map_err(Error::usage)?) };
    let resources: Vec<Resource> = resources.iter().filter_map(|word| Resource::named(word)).collect();
    let (end, ended) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        // Nothing is ever written to the pipe.
        _ = io::stdin().read_to_end(&mut Vec::new());
        _ = end.send(());
    })?;
    _ = ended.recv_timeout(LONGEST);
    let cache = Cache::find().ok_or_else(wrong)?;
    let kept = kept(&cache, app.as_ref(), &resources);
    for task in &kept {
        task.list().outdate()?;
    }
    kept.iter().try_for_each(|task| refresh::again(&cache, task))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_an_app_makes_its_lists_old() {
        assert_eq!(of_command("container:rm"), Resource::RELEASED);
        assert_eq!(of_command("data:pg:fork"), ATTACHED);
        assert_eq!(of_command("pipelines:setup"), [Apps, Pipelines]);
        for command in ["apps:join", "join", "apps:leave", "leave"] {
            assert_eq!(of_command(command), [Apps], "{command}");
        }
    }

    #[test]
    fn what_only_reads_changes_nothing() {
        for command in
            ["config", "config:get", "ps", "addons", "pg:psql", "run", "logs", "domains", "releases", ""]
        {
            assert!(of_command(command).is_empty(), "{command}");
        }
        assert_eq!(of_command("config:set"), Resource::CONFIGURED);
    }
}
