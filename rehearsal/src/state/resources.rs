//! Domains, certificates, log drains, webhooks and backups of an app.

use serde_json::{Value, json};

use crate::clock::{ago, ahead, hours};
use crate::identity::Mint;
use crate::state::transfer::{self, Transfer};

/// The lists as the API returns them, without the field `app`.
#[derive(Debug, Default)]
pub(crate) struct Resources {
    /// Besides the one that every app has.
    pub(crate) domains: Vec<Value>,
    pub(crate) sni_endpoints: Vec<Value>,
    pub(crate) log_drains: Vec<Value>,
    pub(crate) webhooks: Vec<Value>,
    /// Backups, restores and copies of its databases.
    pub(crate) transfers: Vec<Transfer>,
}

impl Resources {
    /// The resources of staging: one of each.
    pub(crate) fn staging(mint: &Mint) -> Self {
        Self {
            domains: vec![domain(mint, "staging.playhouse.example", None)],
            log_drains: vec![log_drain(mint, "https://logs.playhouse.example/staging")],
            webhooks: vec![webhook(mint, "https://hooks.playhouse.example/staging", &["api:build"])],
            transfers: vec![Transfer::backup(mint, 1, 72)],
            ..Self::default()
        }
    }

    /// The resources of production: two domains with their certificates, and backups of each kind.
    pub(crate) fn production(mint: &Mint) -> Self {
        let names = ["www.playhouse.example", "tickets.playhouse.example"];
        let certificates: Vec<Value> = names.iter().map(|name| sni_endpoint(mint, name)).collect();
        let domains = names.iter().zip(&certificates);
        let mut resources = Self {
            domains: domains.map(|(name, certificate)| domain(mint, name, Some(certificate))).collect(),
            sni_endpoints: certificates,
            log_drains: vec![
                log_drain(mint, "https://logs.playhouse.example/production"),
                log_drain(mint, "syslog+tls://archive.playhouse.example:6514"),
            ],
            webhooks: vec![
                webhook(mint, "https://hooks.playhouse.example/releases", &["api:release"]),
                webhook(mint, "https://hooks.playhouse.example/dynos", &["dyno", "api:formation"]),
            ],
            transfers: transfer::production(mint),
        };
        for (certificate, domain) in resources.sni_endpoints.iter_mut().zip(&resources.domains) {
            certificate["domains"] = json!([domain["id"]]);
        }
        resources
    }
}

/// A custom domain, with its certificate if it has one.
pub(crate) fn domain(mint: &Mint, hostname: &str, certificate: Option<&Value>) -> Value {
    let since = ago(hours(1900));
    json!({
        "id": mint.uuid(),
        "hostname": hostname,
        "cname": format!("{}.herokudns.com", &mint.secret()[..24]),
        "kind": "custom",
        "status": "succeeded",
        "acm_status": certificate.map(|_| "cert issued"),
        "acm_status_reason": null,
        "sni_endpoint": certificate.map(|it| json!({ "id": it["id"], "name": it["name"] })),
        "created_at": since,
        "updated_at": since,
    })
}

fn sni_endpoint(mint: &Mint, hostname: &str) -> Value {
    let since = ago(hours(1900));
    json!({
        "id": mint.uuid(),
        "name": format!("{}-certificate", hostname.split('.').next().unwrap_or_default()),
        "display_name": null,
        "certificate_chain": "-----BEGIN CERTIFICATE----- ...",
        "domains": [],
        "ssl_cert": {
            "id": mint.uuid(),
            "ca_signed?": true,
            "self_signed?": false,
            "cert_domains": [hostname],
            "issuer": "/C=US/O=Let's Encrypt/CN=R11",
            "subject": format!("/CN={hostname}"),
            "starts_at": ago(hours(800)),
            "expires_at": ahead(hours(1360)),
        },
        "created_at": since,
        "updated_at": since,
    })
}

/// A drain to this URL.
pub(crate) fn log_drain(mint: &Mint, url: &str) -> Value {
    let since = ago(hours(1800));
    json!({
        "id": mint.uuid(),
        "addon": null,
        "token": format!("d.{}", mint.uuid()),
        "url": url,
        "created_at": since,
        "updated_at": since,
    })
}

/// A webhook to this URL, for these events.
pub(crate) fn webhook(mint: &Mint, url: &str, include: &[&str]) -> Value {
    let since = ago(hours(1700));
    json!({
        "id": mint.uuid(),
        "include": include,
        "level": "notify",
        "url": url,
        "created_at": since,
        "updated_at": since,
    })
}
