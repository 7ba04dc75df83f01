//! Requests each list from Heroku and turns it into words with descriptions.

use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::heroku::{
    Certificate, Client, Domain, Dyno, DynoSize, Feature, Formation, Release, ReviewApp, Transfer,
};
use crate::inventory::Resource;
use crate::inventory::cache::{CachedWord, MOST_WORDS};
use crate::model::{AppName, ReleaseStatus};

/// A list of an app.
pub(super) fn of_app(client: &Client, resource: Resource, app: &AppName) -> Result<Vec<CachedWord>> {
    Ok(match resource {
        Resource::ConfigVars => words(&client.config_names(app)?, |name| CachedWord::new(name, "")),
        Resource::Dynos => words(&client.dynos(app.as_ref())?, dyno),
        Resource::ProcessTypes => words(&client.formation(app)?, process_type),
        Resource::Addons => {
            words(&client.addons(app)?, |addon| CachedWord::new(&addon.name, &addon.plan.name))
        }
        Resource::Attachments => words(&client.attachments(app)?, |attachment| {
            CachedWord::new(&attachment.name, &attachment.addon.name)
        }),
        Resource::Domains => words(&client.domains(app)?, domain),
        Resource::Releases => words(&client.many_releases(app.as_ref(), MOST_WORDS)?, release),
        Resource::RollbackTargets => {
            let mut releases = client.many_releases(app.as_ref(), MOST_WORDS)?;
            releases.retain(|release| release.obstacle().is_none());
            words(&releases, release)
        }
        Resource::Backups => backups(client.for_data()?.transfers(app)?),
        Resource::Features => words(&client.features(app)?, feature),
        Resource::Drains => words(&client.drains(app)?, |drain| CachedWord::new(&drain.id, &drain.host())),
        Resource::Webhooks => words(&client.webhooks(app)?, |webhook| {
            CachedWord::new(&webhook.id, &format!("{} to {}", webhook.include.join(", "), webhook.host()))
        }),
        Resource::Certificates => words(&client.certificates(app)?, certificate),
        Resource::Collaborators => words(&client.collaborators(app)?, |collaborator| {
            CachedWord::new(&collaborator.user.email, collaborator.role.as_deref().unwrap_or_default())
        }),
        other => return Err(no_list(other, "an app")),
    })
}

/// A list of the account.
pub(super) fn of_account(client: &Client, resource: Resource) -> Result<Vec<CachedWord>> {
    Ok(match resource {
        Resource::DynoSizes => words(&client.dyno_sizes()?, dyno_size),
        Resource::Pipelines => words(&client.pipelines()?, |pipeline| CachedWord::new(&pipeline.name, "")),
        Resource::Apps => words(&client.app_names()?, |app| CachedWord::new(app.as_ref(), "")),
        other => return Err(no_list(other, "the account")),
    })
}

/// The review apps that exist or are being created, newest first; by pull request, or by branch if there is none.
pub(super) fn reviews(mut all: Vec<ReviewApp>) -> Vec<CachedWord> {
    all.retain(ReviewApp::is_alive);
    all.sort_by(|one, other| other.created_at.cmp(&one.created_at));
    words(&all, |review| match review.pr_number {
        Some(number) => CachedWord::new(&number.to_string(), &review.branch),
        None => CachedWord::new(&review.branch, "no pull request"),
    })
}

fn words<T>(items: &[T], line: impl Fn(&T) -> CachedWord) -> Vec<CachedWord> {
    items.iter().map(line).collect()
}

fn no_list(resource: Resource, of: &str) -> Error {
    Error::failed(format!("{} is not a list of {of}", resource.word()))
}

fn dyno(dyno: &Dyno) -> CachedWord {
    CachedWord::new(&dyno.name, &with_size(&dyno.state, dyno.size.as_deref().unwrap_or_default(), ", "))
}

fn process_type(formation: &Formation) -> CachedWord {
    CachedWord::new(&formation.kind, &with_size(&formation.quantity.to_string(), &formation.size, " × "))
}

/// Dyno sizes are typed in lower case.
fn with_size(text: &str, size: &str, between: &str) -> String {
    if size.is_empty() { text.to_owned() } else { format!("{text}{between}{}", size.to_lowercase()) }
}

fn domain(domain: &Domain) -> CachedWord {
    let help = match &domain.cname {
        Some(cname) => format!("to {cname}"),
        None => domain.kind.clone(),
    };
    CachedWord::new(&domain.hostname, &help)
}

fn release(release: &Release) -> CachedWord {
    let status = match &release.status {
        ReleaseStatus::Succeeded => String::new(),
        status => format!(" ({status})"),
    };
    let help = format!("{}{status}", release.description);
    CachedWord { at: seconds(&release.created_at), ..CachedWord::new(&format!("{}", release.version), &help) }
}

/// The backups among the transfers, newest first.
fn backups(mut all: Vec<Transfer>) -> Vec<CachedWord> {
    all.retain(Transfer::is_backup);
    all.sort_by(|one, other| other.created_at.cmp(&one.created_at));
    words(&all, |transfer| {
        let (help, at) = match (&transfer.finished_at, &transfer.started_at, transfer.succeeded) {
            (Some(at), _, Some(true)) if transfer.warnings.is_some_and(|warnings| warnings > 0) => {
                ("completed with warnings", at)
            }
            (Some(at), _, Some(true)) => ("completed", at),
            (Some(at), ..) => ("failed", at),
            (None, Some(at), _) => ("running", at),
            (None, None, _) => ("pending", &transfer.created_at),
        };
        CachedWord { at: seconds(at), ..CachedWord::new(&transfer.name(), help) }
    })
}

fn feature(feature: &Feature) -> CachedWord {
    let state = if feature.enabled { "on" } else { "off" };
    CachedWord::new(&feature.name, &format!("{state}: {}", feature.description))
}

fn certificate(certificate: &Certificate) -> CachedWord {
    let domains = certificate.ssl_cert.as_ref().map(|content| content.cert_domains.join(", "));
    CachedWord::new(&certificate.name, &domains.unwrap_or_default())
}

fn dyno_size(size: &DynoSize) -> CachedWord {
    let place = if size.private_space_only { ", in private spaces" } else { "" };
    CachedWord::new(&size.name.to_lowercase(), &format!("{} GB{place}", size.memory))
}

/// A time in RFC 3339, or as the data API writes it (`2026-02-19 10:00:00 +0000`), in seconds since 1970.
fn seconds(time: &str) -> Option<i64> {
    let plain = || time.parse::<Timestamp>().ok();
    let spaced = || jiff::fmt::strtime::parse("%Y-%m-%d %H:%M:%S %z", time).ok()?.to_timestamp().ok();
    Some(plain().or_else(spaced)?.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_both_apis_are_read() {
        assert_eq!(seconds("1970-01-02T00:00:00Z"), Some(86_400));
        assert_eq!(seconds("1970-01-02 00:00:00 +0000"), Some(86_400));
        assert_eq!(seconds("1970-01-02 01:00:00 +0100"), Some(86_400));
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds(""), None);
    }
}
