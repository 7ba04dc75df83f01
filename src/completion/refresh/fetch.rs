//! Each list as Heroku tells it, made into words and what they are.

use jiff::Timestamp;

use crate::completion::cache::{Line, MOST_LINES};
use crate::completion::live::Resource;
use crate::error::{Error, Result};
use crate::heroku::{
    Certificate, Client, Domain, Dyno, DynoSize, Feature, Formation, Release, ReviewApp, Transfer,
};
use crate::model::AppName;

/// A list of an app.
pub(super) fn of_app(client: &Client, resource: Resource, app: &AppName) -> Result<Vec<Line>> {
    Ok(match resource {
        Resource::ConfigVars => lines(&client.config_names(app)?, |name| Line::new(name, "")),
        Resource::Dynos => lines(&client.dynos(app.as_ref())?, dyno),
        Resource::ProcessTypes => lines(&client.formation(app)?, process_type),
        Resource::Addons => lines(&client.addons(app)?, |addon| Line::new(&addon.name, &addon.plan.name)),
        Resource::Attachments => {
            lines(&client.attachments(app)?, |attachment| Line::new(&attachment.name, &attachment.addon.name))
        }
        Resource::Domains => lines(&client.domains(app)?, domain),
        Resource::Releases => lines(&client.many_releases(app.as_ref(), MOST_LINES)?, release),
        Resource::RollbackTargets => {
            let mut releases = client.many_releases(app.as_ref(), MOST_LINES)?;
            releases.retain(|release| release.obstacle().is_none());
            lines(&releases, release)
        }
        Resource::Backups => backups(client.for_data()?.transfers(app)?),
        Resource::Features => lines(&client.features(app)?, feature),
        Resource::Drains => lines(&client.drains(app)?, |drain| Line::new(&drain.id, &drain.host())),
        Resource::Webhooks => lines(&client.webhooks(app)?, |webhook| {
            Line::new(&webhook.id, &format!("{} to {}", webhook.include.join(", "), webhook.host()))
        }),
        Resource::Certificates => lines(&client.certificates(app)?, certificate),
        Resource::Collaborators => lines(&client.collaborators(app)?, |collaborator| {
            Line::new(&collaborator.user.email, collaborator.role.as_deref().unwrap_or_default())
        }),
        other => return Err(no_list(other, "an app")),
    })
}

/// A list of the account.
pub(super) fn of_account(client: &Client, resource: Resource) -> Result<Vec<Line>> {
    Ok(match resource {
        Resource::DynoSizes => lines(&client.dyno_sizes()?, dyno_size),
        Resource::Pipelines => lines(&client.pipelines()?, |pipeline| Line::new(&pipeline.name, "")),
        Resource::Apps => lines(&client.app_names()?, |app| Line::new(app.as_ref(), "")),
        other => return Err(no_list(other, "the account")),
    })
}

/// The review apps that are there or on their way, the newest first: by pull request, else by branch.
pub(super) fn reviews(mut all: Vec<ReviewApp>) -> Vec<Line> {
    all.retain(ReviewApp::is_alive);
    all.sort_by(|one, other| other.created_at.cmp(&one.created_at));
    lines(&all, |review| match review.pr_number {
        Some(number) => Line::new(&number.to_string(), &review.branch),
        None => Line::new(&review.branch, "no pull request"),
    })
}

fn lines<T>(items: &[T], line: impl Fn(&T) -> Line) -> Vec<Line> {
    items.iter().map(line).collect()
}

fn no_list(resource: Resource, of: &str) -> Error {
    Error::failed(format!("{} is no list of {of}", resource.word()))
}

fn dyno(dyno: &Dyno) -> Line {
    Line::new(&dyno.name, &with_size(&dyno.state, &dyno.size, ", "))
}

fn process_type(formation: &Formation) -> Line {
    Line::new(&formation.kind, &with_size(&formation.quantity.to_string(), &formation.size, " × "))
}

/// Sizes are typed in small letters.
fn with_size(text: &str, size: &str, between: &str) -> String {
    if size.is_empty() { text.to_owned() } else { format!("{text}{between}{}", size.to_lowercase()) }
}

fn domain(domain: &Domain) -> Line {
    let help = match &domain.cname {
        Some(cname) => format!("to {cname}"),
        None => domain.kind.clone(),
    };
    Line::new(&domain.hostname, &help)
}

fn release(release: &Release) -> Line {
    let status = match release.status.as_str() {
        "succeeded" => String::new(),
        status => format!(" ({status})"),
    };
    let help = format!("{}{status}", release.description);
    Line { at: seconds(&release.created_at), ..Line::new(&format!("v{}", release.version), &help) }
}

/// The newest first; restores and copies are no backups.
fn backups(mut all: Vec<Transfer>) -> Vec<Line> {
    all.retain(Transfer::is_backup);
    all.sort_by(|one, other| other.created_at.cmp(&one.created_at));
    lines(&all, |transfer| {
        let (help, at) = match (&transfer.finished_at, &transfer.started_at, transfer.succeeded) {
            (Some(at), _, Some(true)) if transfer.warnings.is_some_and(|warnings| warnings > 0) => {
                ("completed with warnings", at)
            }
            (Some(at), _, Some(true)) => ("completed", at),
            (Some(at), ..) => ("failed", at),
            (None, Some(at), _) => ("begun", at),
            (None, None, _) => ("asked for", &transfer.created_at),
        };
        Line { at: seconds(at), ..Line::new(&transfer.name(), help) }
    })
}

fn feature(feature: &Feature) -> Line {
    let state = if feature.enabled { "on" } else { "off" };
    Line::new(&feature.name, &format!("{state}: {}", feature.description))
}

fn certificate(certificate: &Certificate) -> Line {
    let domains = certificate.ssl_cert.as_ref().map(|content| content.cert_domains.join(", "));
    Line::new(&certificate.name, &domains.unwrap_or_default())
}

fn dyno_size(size: &DynoSize) -> Line {
    let place = if size.private_space_only { ", in private spaces" } else { "" };
    Line::new(&size.name.to_lowercase(), &format!("{} GB{place}", size.memory))
}

/// Seconds since 1970 of a time in RFC 3339, as the data API writes it too: `2026-02-19 10:00:00 +0000`.
fn seconds(time: &str) -> Option<i64> {
    let plain = || time.parse::<Timestamp>().ok();
    let spaced = || jiff::fmt::strtime::parse("%Y-%m-%d %H:%M:%S %z", time).ok()?.to_timestamp().ok();
    Some(plain().or_else(spaced)?.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_write_a_time_are_read() {
        assert_eq!(seconds("1970-01-02T00:00:00Z"), Some(86_400));
        assert_eq!(seconds("1970-01-02 00:00:00 +0000"), Some(86_400));
        assert_eq!(seconds("1970-01-02 01:00:00 +0100"), Some(86_400));
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds(""), None);
    }
}
