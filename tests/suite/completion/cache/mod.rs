//! Names from Heroku: the cache of the lists that Tab offers, which a process in the background refreshes.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::scene::{Scene, install_script, link_tool, until};

mod files;
mod refresh;

const VARS: &str = "GET /apps/playhouse-staging/config-vars";

/// The playhouse with a Heroku CLI laid out as npm does it. It creates the file `begun`, and exits when the file `go` exists.
fn playhouse() -> Scene {
    const COMMANDS: [(&str, Option<&str>); 15] = [
        ("config", None),
        ("config:get", None),
        ("pg:promote", None),
        ("ps:stop", Some("dyno_name")),
        ("ps:scale", None),
        ("ps:type", None),
        ("addons:info", Some("addon")),
        ("domains:add", Some("hostname")),
        ("domains:remove", Some("hostname")),
        ("releases:info", Some("release")),
        ("pg:backups:url", Some("backup_id")),
        ("features:enable", Some("feature")),
        ("drains:remove", Some("url")),
        ("webhooks:info", Some("id")),
        ("access:remove", Some("email")),
    ];
    let mut scene = Scene::playhouse();
    let package = cli(&scene).join("node_modules/heroku");
    fs::create_dir_all(package.join("bin")).expect("a folder");
    let commands = COMMANDS.map(|(id, argument)| {
        let arguments = argument.map(|name| (name.to_owned(), json!({ "name": name })));
        let flags = json!({ "app": { "name": "app", "char": "a", "type": "option" } });
        (
            id.to_owned(),
            json!({ "id": id, "args": arguments.into_iter().collect::<Map<_, _>>(), "flags": flags }),
        )
    });
    let manifest = json!({ "version": "11.10.0", "commands": commands.into_iter().collect::<Map<_, _>>() });
    fs::write(package.join("oclif.manifest.json"), manifest.to_string()).expect("a file");
    link_tool(&cli(&scene), "sleep");
    let wait = format!(": > {0}/begun\nwhile [ ! -e {0}/go ]; do sleep 0.02; done", cli(&scene).display());
    install_script(&package.join("bin/heroku"), &wait);
    symlink(package.join("bin/heroku"), cli(&scene).join("heroku")).expect("a link");
    scene.put_on_path(cli(&scene));
    scene
}

/// The folder of the Heroku CLI, with the files `begun` and `go`.
fn cli(scene: &Scene) -> PathBuf {
    scene.folder().join("cli")
}

/// The shell's question at the end of a line.
fn asked(scene: &Scene, line: &str) -> Command {
    let mut command = scene.prepared("greenroom");
    command.args(["__complete", "fish", line]);
    command
}

/// The candidates at the end of a line with their descriptions. Flags, which are offered where no name is known, are left
/// out.
fn offered(scene: &Scene, line: &str) -> String {
    let output = asked(scene, line).output().expect("an answer");
    assert!(output.status.success() && output.stderr.is_empty(), "{line}: {output:?}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    // The first line tells of paths.
    let rest = text.split_once('\n').map(|(_, rest)| rest).unwrap_or_default();
    rest.split_inclusive('\n').filter(|line| !line.starts_with("--")).collect()
}

/// The candidates at the end of a line.
fn words(scene: &Scene, line: &str) -> Vec<String> {
    offered(scene, line).lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()
}

/// Waits for a value.
fn soon<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let found = Cell::new(None);
    until(what, || {
        let looked = look();
        let is_there = looked.is_some();
        found.set(looked);
        is_there
    });
    found.take().expect(what)
}

/// Waits until the candidates contain `part`.
fn offered_with(scene: &Scene, line: &str, part: &str) -> String {
    soon(line, || Some(offered(scene, line)).filter(|offered| offered.contains(part)))
}

/// Waits until there are candidates.
fn offered_soon(scene: &Scene, line: &str) -> String {
    soon(line, || Some(offered(scene, line)).filter(|offered| !offered.is_empty()))
}

/// The cache folder of this scene's Heroku.
fn folder(scene: &Scene) -> PathBuf {
    let home = scene.repository().parent().expect("a folder").join("home");
    home.join(".cache/greenroom/completion").join(format!("127.0.0.1_{}", scene.heroku().port()))
}

/// The cached list of an app.
fn list(scene: &Scene, app: &str, resource: &str) -> PathBuf {
    folder(scene).join(app).join(resource)
}

fn config(scene: &Scene) -> PathBuf {
    list(scene, "playhouse-staging", "config-vars")
}

/// Every file and folder below.
fn below(folder: &Path) -> Vec<PathBuf> {
    let within = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    within.flat_map(|path| [vec![path.clone()], below(&path)].concat()).collect()
}

fn count(scene: &Scene, request: &str) -> usize {
    scene.requests().iter().filter(|line| *line == request).count()
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
    u64::try_from(since.as_millis()).expect("a time before the end")
}

/// Marks a list as outdated, as a change does.
fn outdate(list: &Path) {
    fs::write(list.with_extension("changed"), format!("{} \n", now())).expect("a file");
}

/// Whether no process is refreshing the list.
fn is_idle(list: &Path) -> bool {
    let lock = fs::File::options().read(true).write(true).open(list.with_extension("lock"));
    lock.is_ok_and(|lock| lock.try_lock().is_ok())
}

fn set_config(scene: &Scene, app: &str, vars: &Value) {
    let path = format!("/_rehearsal/apps/{app}/config-vars");
    assert_eq!(scene.heroku().call("PATCH", &path, Some(vars.clone())).0, 200);
}

#[test]
fn names_from_heroku_are_offered() {
    let mut scene = playhouse();
    scene.set("HEROKU_DATA_HOST", "127.0.0.1");
    insta::assert_snapshot!(offered_soon(&scene, "production config:get "), @"
    BOX_OFFICE_CLOSES	
    BOX_OFFICE_OPENS	
    DATABASE_URL	
    HEROKU_POSTGRESQL_AMBER_URL	
    LOG_LEVEL	
    NODE_ENV	
    REDIS_URL	
    SEATS_PER_ROW	
    SESSION_SECRET	
    TICKET_PRINTER	
    WEB_CONCURRENCY
    ");
    insta::assert_snapshot!(offered_soon(&scene, "production ps:stop "), @"
    web.1	up, basic
    web.2	up, basic
    worker.1	up, basic
    ");
    insta::assert_snapshot!(offered_soon(&scene, "production ps:scale "), @"
    web=	2 × basic
    worker=	1 × basic
    ");
    assert_eq!(words(&scene, "production ps:scale web=3 "), ["worker="]);
    // Two lists, each of which may be there first.
    offered_with(&scene, "production addons:info ", "postgresql-curved-");
    insta::assert_snapshot!(offered_with(&scene, "production addons:info ", "AMBER"), @"
    postgresql-curved-12347	heroku-postgresql:standard-0
    postgresql-flat-12347	heroku-postgresql:standard-0
    redis-round-12347	heroku-redis:mini
    DATABASE	postgresql-curved-12347
    HEROKU_POSTGRESQL_AMBER	postgresql-flat-12347
    REDIS	redis-round-12347
    ");
    let domains = offered_soon(&scene, "production domains:remove ");
    assert!(domains.contains(".herokuapp.com\theroku\nwww.playhouse.example\tto "), "{domains}");
    insta::assert_snapshot!(offered_soon(&scene, "production releases:info "), @"
    v18	Set LOG_LEVEL config vars, 3 h ago
    v17	Set WEB_CONCURRENCY config vars, 1 day ago
    v16	Promote playhouse-staging v6 b293934d, 2 days ago
    v15	Set SESSION_SECRET config vars, 3 days ago
    v14	Set BOX_OFFICE_CLOSES config vars, 5 days ago
    v13	Set TICKET_PRINTER config vars, 6 days ago
    v12	Set LOG_LEVEL config vars, 7 days ago
    v11	Set LOG_LEVEL config vars, 8 days ago
    v10	Promote playhouse-staging v4 d4e6408a, 10 days ago
    v9	Set BOX_OFFICE_CLOSES config vars, 11 days ago
    v8	Set BOX_OFFICE_OPENS config vars, 12 days ago
    v7	Set SEATS_PER_ROW config vars, 13 days ago
    v6	Set WEB_CONCURRENCY config vars, 15 days ago
    v5	Set LOG_LEVEL config vars, 16 days ago
    v4	Deploy d4e6408a, 17 days ago
    v3	Attach DATABASE (@ref:postgresql-curved-12345), 18 days ago
    v2	Enable Logplex, 20 days ago
    v1	Initial release, 21 days ago
    ");
    insta::assert_snapshot!(offered_soon(&scene, "production pg:backups:url "), @"
    a004	failed, 1 day ago
    a002	completed, 2 days ago
    b001	completed, 3 days ago
    ");
    insta::assert_snapshot!(offered_soon(&scene, "production features:enable "), @"
    preboot	off: Turns on preboot.
    runtime-dyno-metadata	off: Turns on runtime dyno metadata.
    runtime-dyno-build-metadata	off: Turns on runtime dyno build metadata.
    log-runtime-metrics	off: Turns on log runtime metrics.
    ");
    insta::assert_snapshot!(offered_soon(&scene, "production access:remove "), @"
    director@playhouse.example	owner
    prompter@playhouse.example	collaborator
    ");
    insta::assert_snapshot!(offered_soon(&scene, "production ps:type web="), @"
    web=eco	0.5 GB
    web=basic	0.5 GB
    web=standard-1x	0.5 GB
    web=standard-2x	1 GB
    web=performance-m	2.5 GB
    web=performance-l	14 GB
    web=performance-l-ram	30 GB
    web=performance-xl	62 GB
    web=performance-2xl	126 GB
    ");
    let reviews = offered_with(&scene, "review ", "42");
    assert!(reviews.starts_with("42\tcurtain-call\n43\tnew-lights\n"), "{reviews}");
}

#[test]
fn an_app_found_through_the_pipeline_is_cached_per_configuration() {
    let scene = playhouse();
    scene.git(&["remote", "remove", "staging"]);
    let by_pipeline = offered_soon(&scene, "staging config:get ");
    assert!(by_pipeline.contains("DATABASE_URL"), "{by_pipeline}");
    let couplings = || scene.requests().iter().filter(|line| line.ends_with("pipeline-couplings")).count();
    let (asked, files) = (couplings(), below(&folder(&scene)).len());
    assert_eq!(offered(&scene, "staging config:get "), by_pipeline);
    assert_eq!(couplings(), asked, "remembered");
    // Another pipeline is another question: what was remembered is no answer to it.
    scene.write("greenroom.toml", "pipeline = \"nowhere\"\n");
    assert_eq!(offered(&scene, "staging config:get "), "");
    until("another question", || below(&folder(&scene)).len() > files);
    scene.write("greenroom.toml", "");
    assert_eq!(offered(&scene, "staging config:get "), by_pipeline);
    // Real commands ask for themselves, whatever is remembered.
    let before = couplings();
    assert!(scene.run("staging which").stdout.starts_with("playhouse-staging"));
    assert!(couplings() > before);
}

#[test]
fn names_of_several_apps_are_merged_without_duplicates() {
    let scene = playhouse();
    scene.write(
        "greenroom.toml",
        "[environments.both]\napps = [\"playhouse-staging\", \"playhouse-production\"]\n",
    );
    set_config(&scene, "playhouse-staging", &json!({ "ONLY_STAGING": "1" }));
    set_config(&scene, "playhouse-production", &json!({ "ONLY_PRODUCTION": "1" }));
    let line = "greenroom on both config:get ";
    let found = soon("both", || {
        let found = words(&scene, line);
        let has = |name: &str| found.iter().any(|word| word == name);
        (has("ONLY_STAGING") && has("ONLY_PRODUCTION")).then_some(found)
    });
    let once: BTreeSet<&String> = found.iter().collect();
    assert_eq!(once.len(), found.len(), "{found:?}");
}

#[test]
fn the_number_of_refreshing_processes_is_limited() {
    let scene = playhouse();
    let apps: Vec<String> = (0..40).map(|number| format!("\"crowd-{number}\"")).collect();
    scene.write("greenroom.toml", format!("[environments.crowd]\napps = [{}]\n", apps.join(", ")));
    assert_eq!(offered(&scene, "greenroom on crowd config:get "), "");
    let is_lock = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "lock");
    assert_eq!(below(&folder(&scene)).into_iter().filter(is_lock).count(), 8);
}
