//! The initial state, `playhouse`: one pipeline with an app in each stage, two review apps, and the app `understudy`
//! outside of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clock::{ago, hours};
use crate::history::{CURTAIN_CALL, MAIN};
use crate::identity::Mint;
use crate::state::addon::{Addon, ESSENTIAL, PROVISIONED, REDIS, STANDARD};
use crate::state::build::{Build, Source};
use crate::state::buildpack::DETECTED;
use crate::state::logs;
use crate::state::pipeline::Pipeline;
use crate::state::release::{Release, Slug, Status};
use crate::state::resources::Resources;
use crate::state::review_app::{Connected, ReviewApp, ReviewConfig};
use crate::state::{State, owner};

/// One entry of an app's history.
enum Act {
    /// A release without a slug, before the first deploy.
    Bare(&'static str),
    /// `Deploy 1a2b3c4d` of the commit.
    Deploy(&'static str),
    /// `Promote APP vN 1a2b3c4d`, from another app.
    Promote(&'static str, u64, &'static str),
    /// `Set NAME config vars`.
    Set(&'static str, &'static str),
}

use Act::{Bare, Deploy, Promote, Set};

const BEGINNING: [Act; 3] =
    [Bare("Initial release"), Bare("Enable Logplex"), Bare("Attach DATABASE (@ref:postgresql-curved-12345)")];

/// The repository that the pipeline is connected to.
const REPOSITORY: &str = "stage/playhouse";

pub(super) fn playhouse(state: &mut State) {
    let mut pipeline = Pipeline::new(state.mint.uuid(), "playhouse".to_owned(), ago(hours(2000)));
    pipeline.connected = Some(Connected { full_name: REPOSITORY.to_owned(), path: None });
    pipeline.review_config = Some(ReviewConfig::new());
    state.pipelines.push(pipeline);
    let prepare = [
        Deploy(MAIN[0]),
        Set("LOG_LEVEL", "debug"),
        Deploy(MAIN[1]),
        Deploy(MAIN[2]),
        Deploy(MAIN[3]),
        Deploy(MAIN[4]),
    ];
    let staging = [
        Deploy(MAIN[0]),
        Set("LOG_LEVEL", "info"),
        Deploy(MAIN[1]),
        Set("WEB_CONCURRENCY", "2"),
        Promote("playhouse-prepare", 7, MAIN[2]),
        Promote("playhouse-prepare", 8, MAIN[3]),
        Set("LOG_LEVEL", "debug"),
        Set("SEATS_PER_ROW", "18"),
    ];
    let production = [
        Deploy(MAIN[0]),
        Set("LOG_LEVEL", "info"),
        Set("WEB_CONCURRENCY", "2"),
        Set("SEATS_PER_ROW", "18"),
        Set("BOX_OFFICE_OPENS", "10:00"),
        Set("BOX_OFFICE_CLOSES", "18:00"),
        Promote("playhouse-staging", 4, MAIN[0]),
        Set("LOG_LEVEL", "debug"),
        Set("LOG_LEVEL", "info"),
        Set("TICKET_PRINTER", "at-home"),
        Set("BOX_OFFICE_CLOSES", "19:30"),
        Set("SESSION_SECRET", "the-scottish-play"),
        Promote("playhouse-staging", 6, MAIN[1]),
        Set("WEB_CONCURRENCY", "4"),
        Set("LOG_LEVEL", "warn"),
    ];
    for (name, stage, acts, webs) in [
        ("playhouse-prepare", "development", &prepare[..], 0),
        ("playhouse-staging", "staging", &staging[..], 1),
        ("playhouse-production", "production", &production[..], 2),
    ] {
        let app = furnish(state, name, acts, webs);
        state.couple(app, 0, stage, ago(hours(1900)));
    }
    furnish(state, "understudy", &[Deploy(MAIN[0])], 1);
    let app = furnish(state, "playhouse-pr-42-x7k2", &[Deploy(CURTAIN_CALL[0]), Deploy(CURTAIN_CALL[1])], 1);
    state.couple(app, 0, "review", ago(hours(30)));
    build(state, app, CURTAIN_CALL[1]);
    let id = state.apps[app].id().to_owned();
    review(state, 42, "curtain-call", "created", Some(id));
    review(state, 43, "new-lights", "creating", None);
}

/// The build that made the newest release of a review app.
fn build(state: &mut State, app: usize, commit: &str) {
    let mint = Mint::new(0x3_0000);
    let newest = state.apps[app].releases.last();
    let (slug, release) = newest.map(|release| (release.slug.clone(), release.id.clone())).unzip();
    let time = newest.map_or_else(|| ago(hours(30)), |release| release.created_at.clone());
    state.builds.push(Build {
        id: mint.uuid(),
        app,
        status: Status::Succeeded,
        source: Source { version: Some(commit.to_owned()), ..Source::default() },
        buildpacks: state.apps[app].buildpacks.clone(),
        stack: "heroku-24".to_owned(),
        secret: format!("build-{}", mint.secret()),
        slug: slug.flatten(),
        release,
        created_at: time.clone(),
        updated_at: time,
    });
}

fn review(state: &mut State, number: u64, branch: &str, status: &str, app: Option<String>) {
    let id = state.mint.uuid();
    state.review_apps.push(ReviewApp {
        id,
        app,
        pipeline: 0,
        branch: branch.to_owned(),
        number: Some(number),
        status: status.to_owned(),
        created_at: ago(hours(30)),
        updated_at: ago(hours(30)),
        ..ReviewApp::default()
    });
}

/// Adds an app with a database, a history of releases and running dynos.
fn furnish(state: &mut State, name: &str, acts: &[Act], webs: u64) -> usize {
    let app = state.add_app(name, &ago(hours(1950)));
    fit_out(state, app);
    let mut age = 30 * u64::try_from(acts.len() + BEGINNING.len()).unwrap_or(1);
    let mut slug = None;
    for act in BEGINNING.iter().chain(acts) {
        age = age.saturating_sub(30).max(3);
        enact(state, app, act, age, &mut slug);
    }
    let slug = slug.and_then(|id| state.slug(&id).cloned());
    let (types, commit) = slug.map(|slug| (slug.process_types, slug.commit)).unwrap_or_default();
    let target = &mut state.apps[app];
    target.current = target.releases.last().map(|release| release.version);
    target.main = commit;
    target.buildpacks = vec![DETECTED.to_owned()];
    state.restage(app, &types);
    for formation in &mut state.apps[app].formation {
        formation.quantity = if formation.kind == "web" { webs } else { webs.min(1) };
    }
    state.restart(app, |_| true);
    let age = ago(hours(3));
    let target = &mut state.apps[app];
    target.fields.insert("released_at".to_owned(), age.clone().into());
    for dyno in &mut target.dynos {
        dyno.state = "up";
        dyno.created_at.clone_from(&age);
        dyno.updated_at.clone_from(&age);
    }
    let host = target.host();
    logs::seed(&mut target.log, &host);
    app
}

/// Adds a database; on staging and production a key-value store, domains and other resources; on production a follower
/// of the database.
fn fit_out(state: &mut State, app: usize) {
    let database = add_on(&state.mint, app, "postgresql-curved", "DATABASE");
    // A source of its own, so that the ids of other things do not depend on an app's resources.
    let mint = Mint::new(0x2_0000 + u64::try_from(app).unwrap_or_default());
    let store = || Addon { plan: &REDIS, ..add_on(&mint, app, "redis-round", "REDIS") };
    let target = &mut state.apps[app];
    (target.addons, target.resources) = match target.name() {
        "playhouse-staging" => (vec![database, store()], Resources::staging(&mint)),
        "playhouse-production" => {
            let follower =
                Addon { follows: true, ..add_on(&mint, app, "postgresql-flat", "HEROKU_POSTGRESQL_AMBER") };
            let databases = [database, follower].map(|addon| Addon { plan: &STANDARD, ..addon });
            (databases.into_iter().chain([store()]).collect(), Resources::production(&mint))
        }
        _ => (vec![database], Resources::default()),
    };
    for addon in &target.addons {
        target.config.insert(addon.config_var(), url_of(addon, app));
    }
    let url = target.config.get("DATABASE_URL").cloned().unwrap_or_default();
    target.resources.transfers.iter_mut().for_each(|transfer| transfer.tie(&url));
    target.config.insert("NODE_ENV".to_owned(), "production".to_owned());
}

fn add_on(mint: &Mint, app: usize, name: &str, alias: &str) -> Addon {
    Addon {
        id: mint.uuid(),
        name: format!("{name}-{}", 12_345 + app),
        plan: &ESSENTIAL,
        attachment: mint.uuid(),
        alias: alias.to_owned(),
        state: PROVISIONED,
        follows: false,
        created_at: ago(hours(1940)),
    }
}

fn url_of(addon: &Addon, app: usize) -> String {
    match &*addon.alias {
        "REDIS" => format!("rediss://:p4ss@store-{app}.playhouse.example:6380"),
        "DATABASE" => format!("postgres://u{app}:p4ss@db-{app}.playhouse.example:5432/d{app}"),
        _ => format!("postgres://u{app}:p4ss@follower-{app}.playhouse.example:5432/d{app}"),
    }
}

fn enact(state: &mut State, app: usize, act: &Act, age: u64, slug: &mut Option<String>) {
    let short = |commit: &str| commit[..8].to_owned();
    let description = match act {
        Bare(words) => (*words).to_owned(),
        Deploy(commit) => format!("Deploy {}", short(commit)),
        Promote(source, version, commit) => format!("Promote {source} v{version} {}", short(commit)),
        Set(name, value) => {
            state.apps[app].config.insert((*name).to_owned(), (*value).to_owned());
            format!("Set {name} config vars")
        }
    };
    if let Deploy(commit) | Promote(_, _, commit) = act {
        *slug = Some(slug_of(state, commit, age));
    }
    let time = ago(hours(age));
    let id = state.mint.uuid();
    let target = &mut state.apps[app];
    target.releases.push(Release {
        id,
        version: target.releases.last().map_or(0, |release| release.version) + 1,
        status: Status::Succeeded,
        description,
        slug: slug.clone(),
        output_stream_url: None,
        config: Arc::new(target.config.clone()),
        deployed: matches!(act, Deploy(_) | Promote(..)),
        user: owner(),
        created_at: time.clone(),
        updated_at: time,
    });
}

/// The slug of a commit: the same for all apps, as after promotions.
fn slug_of(state: &mut State, commit: &str, age: u64) -> String {
    if let Some(slug) = state.slugs.iter().find(|slug| slug.commit.as_deref() == Some(commit)) {
        return slug.id.clone();
    }
    let commands = [("web", "node server.js"), ("worker", "node worker.js")];
    let process_types: BTreeMap<_, _> =
        commands.into_iter().map(|(kind, command)| (kind.to_owned(), command.to_owned())).collect();
    let id = Mint::new(u64::from_str_radix(&commit[..4], 16).unwrap_or_default() + 1).uuid();
    let slug =
        Slug { id: id.clone(), commit: Some(commit.to_owned()), process_types, created_at: ago(hours(age)) };
    state.slugs.push(slug);
    id
}
