//! Checks the login and the way to Heroku: token, account, clock, proxy.

use super::facts::{Facts, Reached};
use crate::duration::rough;
use crate::finding::{Finding, Level};
use crate::heroku::{Account, Authorization, Client, NotLoggedIn};
use crate::hint::Hint;

/// By how many seconds the clocks may differ: ages are shown in minutes.
const SKEW: i64 = 60;

/// How many seconds before its end a token is reported: a week.
const SOON: i64 = 7 * 24 * 3600;

/// What an unknown certificate means.
const REPLACED: &str =
    "something between here and Heroku replaces its certificate, as proxies and virus scanners do";

/// Checks what every request depends on.
pub(super) fn examine(facts: &Facts<'_>) -> Vec<Finding> {
    let client = match facts.context.heroku() {
        Ok(client) => client,
        Err(error) if error.downcast_ref::<NotLoggedIn>().is_some() => {
            return vec![
                Finding::of(Level::Problem, &error)
                    .because("only forwarded commands work, and only those that need no login")
                    .hint(Hint::heroku(["login"])),
            ];
        }
        Err(error) => return vec![Finding::of(Level::Problem, &error)],
    };
    let mut findings = Vec::new();
    if let Some(proxy) = client.proxy() {
        findings.push(Finding::ok(format!("requests go through the proxy {proxy}")));
    }
    match facts.account() {
        Ok(Reached { account, ahead }) => {
            findings.push(Finding::ok(format!(
                "logged in as {}, by {}",
                account.email,
                client.token_source()
            )));
            findings.extend(standing(account));
            findings.extend(ahead.and_then(clock));
            findings.extend(token(client));
        }
        Err(error) => {
            let is_tls = error.to_string().contains("certificate");
            let why = if is_tls { REPLACED } else { "commands that ask Heroku fail" };
            findings.push(Finding::of(Level::Problem, error).because(why));
        }
    }
    findings
}

/// What Heroku holds against the account.
fn standing(account: &Account) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(since) = &account.suspended_at {
        findings.push(
            Finding::problem(format!("the account has been suspended since {since}"))
                .because("Heroku refuses its requests")
                .hint("https://help.heroku.com"),
        );
    }
    if let Some(since) = &account.delinquent_at {
        findings.push(
            Finding::warning(format!("the account has been delinquent since {since}"))
                .because("Heroku will stop its apps")
                .hint("https://dashboard.heroku.com/account/billing"),
        );
    }
    if !account.two_factor_authentication && !account.federated {
        findings.push(
            Finding::warning("two-factor authentication is off")
                .because("whoever learns the password can deploy to production")
                .hint("https://dashboard.heroku.com/account/security"),
        );
    }
    findings
}

/// Whether this machine's clock is wrong.
fn clock(ahead: i64) -> Option<Finding> {
    if ahead.abs() <= SKEW {
        return None;
    }
    let (far, way) = (rough(ahead.abs()), if ahead > 0 { "ahead of" } else { "behind" });
    Some(
        Finding::warning(format!("this machine's clock is {far} {way} Heroku's"))
            .because("ages are wrong, and certificates and signed URLs may seem expired")
            .hint("timedatectl set-ntp true   # on Linux with systemd"),
    )
}

/// What the token may do, and for how long.
fn token(client: &Client) -> Vec<Finding> {
    let Authorization { expires_in, scope } = match client.authorization() {
        Ok(Some(authorization)) => authorization,
        // Heroku lists it only to a token that may see the account's identity.
        Ok(None) => return Vec::new(),
        Err(error) => return vec![Finding::unknown(format!("the token's scope and expiry: {error}"))],
    };
    let mut findings = Vec::new();
    if let Some(left) = expires_in.filter(|left| *left < SOON) {
        findings.push(
            Finding::warning(format!("the token expires in {}", rough(left.max(0))))
                .because("commands will be refused then")
                .hint(Hint::heroku(["login"])),
        );
    }
    let may_write = scope.iter().any(|scope| scope == "global" || scope.starts_with("write"));
    if !may_write {
        findings.push(
            Finding::warning(format!("the token may only read ({})", scope.join(", ")))
                .because("deploys, promotions and config changes will be refused")
                .hint(Hint::heroku(["login"])),
        );
    }
    findings
}
