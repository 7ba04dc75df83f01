//! The Heroku CLI's commands that take no `--app`, for when its manifest cannot be read (as of heroku 11.10).

/// Sorted, so that it can be searched.
#[rustfmt::skip]
const WITHOUT_APP: &[&str] = &[
    "2fa", "2fa:disable", "accounts", "accounts:add", "accounts:current", "accounts:remove",
    "accounts:set", "addons:plans", "addons:rename", "addons:services", "apps", "apps:create", "apps:diff",
    "apps:favorites", "apps:list", "auth:2fa", "auth:2fa:disable", "auth:login", "auth:logout",
    "auth:token", "auth:whoami", "authorizations", "authorizations:create", "authorizations:destroy",
    "authorizations:info", "authorizations:revoke", "authorizations:rotate", "authorizations:update",
    "autocomplete", "autocomplete:create", "autocomplete:doctor", "autocomplete:script", "buildpacks:info",
    "buildpacks:search", "buildpacks:versions", "ci:migrate-manifest", "clients", "clients:create",
    "clients:destroy", "clients:info", "clients:rotate", "clients:update", "commands", "container:login",
    "container:logout", "create", "dashboard", "data:pg:docs", "data:pg:levels", "drains:get",
    "drains:set", "git:credentials", "help", "keys", "keys:add", "keys:clear", "keys:remove", "list",
    "local", "local:run", "local:start", "local:version", "login", "logout", "mcp:start", "members",
    "members:add", "members:remove", "members:set", "orgs", "orgs:open", "pipelines", "pipelines:connect",
    "pipelines:destroy", "pipelines:info", "pipelines:open", "pipelines:rename", "pipelines:setup",
    "pipelines:transfer", "plugins", "plugins:add", "plugins:available", "plugins:inspect",
    "plugins:install", "plugins:link", "plugins:remove", "plugins:reset", "plugins:uninstall",
    "plugins:unlink", "plugins:update", "regions", "repl", "reviewapps:create", "reviewapps:wait",
    "search", "sessions", "sessions:destroy", "spaces", "spaces:create", "spaces:destroy",
    "spaces:drains:get", "spaces:drains:set", "spaces:hosts", "spaces:info", "spaces:peering:info",
    "spaces:peerings", "spaces:peerings:accept", "spaces:peerings:destroy", "spaces:peerings:info",
    "spaces:ps", "spaces:rename", "spaces:topology", "spaces:transfer", "spaces:trusted-ips",
    "spaces:trusted-ips:add", "spaces:trusted-ips:remove", "spaces:vpn:config", "spaces:vpn:connect",
    "spaces:vpn:connections", "spaces:vpn:destroy", "spaces:vpn:info", "spaces:vpn:update",
    "spaces:vpn:wait", "spaces:wait", "status", "teams", "telemetry:info", "telemetry:update",
    "trusted-ips", "trusted-ips:add", "trusted-ips:remove", "twofactor", "twofactor:disable", "update",
    "version", "version:info", "which", "whoami",
];

/// Words that begin the CLI's commands that do take an app: enough to tell a command from a branch.
#[rustfmt::skip]
pub(super) const COMMON: &[&str] = &[
    "access", "addons", "apps", "autocomplete", "buildpacks", "certs", "ci", "config", "console",
    "container", "create", "data", "destroy", "domains", "drains", "features", "git", "info", "join",
    "kill", "labs", "leave", "lock", "logs", "maintenance", "notifications", "open", "pg", "pipelines",
    "ps", "psql", "rake", "redis", "releases", "rename", "resize", "restart", "reviewapps", "rollback",
    "run", "scale", "stack", "stop", "telemetry", "unlock", "usage", "webhooks",
];

/// Whether `command` takes no `--app`.
pub(super) fn lists(command: &str) -> bool {
    WITHOUT_APP.binary_search(&command).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_can_be_searched() {
        assert!(WITHOUT_APP.is_sorted());
        assert!(lists("regions") && lists("plugins:install") && !lists("ps"));
    }
}
