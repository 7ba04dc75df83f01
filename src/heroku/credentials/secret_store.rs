//! The system's secret store, in which `heroku login` keeps the token: asked with the official CLI's own commands.

use std::ffi::OsString;

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::{Lookup, deadline, programs};
use crate::heroku::cli_data_dir;
use crate::process;

/// The service under which the official CLI files the token.
const SERVICE: &str = "heroku-cli";

/// A store without a session to unlock it in may hang, as `secret-tool` does over SSH.
const DEADLINE: Duration = Duration::from_secs(10);

/// macOS asks a person whether the program may have the secret.
const DEADLINE_OF_A_PERSON: Duration = Duration::from_secs(60);

/// Names the account in the environment, so that no quoting can go wrong.
const VAULT: &str = "[void][Windows.Security.Credentials.PasswordVault,Windows.Security.Credentials,\
    ContentType=WindowsRuntime]; (New-Object Windows.Security.Credentials.PasswordVault)\
    .Retrieve('heroku-cli', $env:GREENROOM_ACCOUNT).Password";

/// The token of the account that `heroku login` left behind.
///
/// None where `login.json` names no account, where `HEROKU_NETRC_WRITE=true` says that netrc is used instead, and
/// where the store is absent or does not answer: the token may then still be in the netrc file.
pub(super) fn token(env: Lookup) -> Option<String> {
    if env("HEROKU_NETRC_WRITE").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return None;
    }
    let account = account(env)?;
    let (program, arguments, usual) = command(&account, env)?;
    let variables = [("GREENROOM_ACCOUNT", account.as_str())];
    let written = programs::output(&program, &arguments, &variables, deadline(usual, env)).ok()?;
    let token = String::from_utf8(written).ok()?.trim().to_owned();
    (!token.is_empty()).then_some(token)
}

/// The account that `login.json` names.
pub(super) fn account(env: Lookup) -> Option<String> {
    #[derive(Deserialize)]
    struct Login {
        account: String,
    }
    let json = crate::file::read(&cli_data_dir(env)?.join("login.json"), 1 << 20).ok()?;
    let login: Login = serde_json::from_slice(&json).ok()?;
    (!login.account.is_empty()).then_some(login.account)
}

/// The program of this system's store, its arguments, and how long it may take.
fn command(account: &str, env: Lookup) -> Option<(PathBuf, Vec<OsString>, Duration)> {
    let arguments = |words: &[&str]| words.iter().map(OsString::from).collect();
    if cfg!(target_os = "macos") {
        let program = which::which_global("/usr/bin/security").ok()?;
        let words = ["find-generic-password", "-a", account, "-s", SERVICE, "-w"];
        return Some((program, arguments(&words), DEADLINE_OF_A_PERSON));
    }
    if cfg!(windows) {
        let program = process::find("powershell", env("PATH")?.as_os_str())?;
        return Some((program, arguments(&["-NoProfile", "-NonInteractive", "-Command", VAULT]), DEADLINE));
    }
    let program = process::find("secret-tool", env("PATH")?.as_os_str())?;
    Some((program, arguments(&["lookup", "service", SERVICE, "account", account]), DEADLINE))
}
