//! What Tab offers of Heroku: from a cache that is never wrong, never in the way, and read anew behind the prompt.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rehearsal::Fault;
use serde_json::{Map, Value, json};

use super::scene::{Scene, end, install_script, link_tool, until};

const VARS: &str = "GET /apps/playhouse-staging/config-vars";

/// The playhouse with a Heroku CLI that takes its time, in the form that npm gives it: it begins, and ends when it may.
fn playhouse() -> Scene {
    const COMMANDS: [(&str, Option<&str>); 15] = [
        ("config", None),
        ("config:get", None),
        ("config:set", None),
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

/// Where the Heroku CLI is, and the files by which it is led.
fn cli(scene: &Scene) -> PathBuf {
    scene.folder().join("cli")
}

/// The shell's question at the end of a line.
fn asked(scene: &Scene, line: &str) -> Command {
    let mut command = scene.prepared("greenroom");
    command.args(["__complete", "fish", line]);
    command
}

/// What is offered at the end of a line, each with its help.
fn offered(scene: &Scene, line: &str) -> String {
    let output = asked(scene, line).output().expect("an answer");
    assert!(output.status.success() && output.stderr.is_empty(), "{line}: {output:?}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    // The first line tells of paths.
    text.split_once('\n').map(|(_, rest)| rest.to_owned()).unwrap_or_default()
}

/// The words alone.
fn words(scene: &Scene, line: &str) -> Vec<String> {
    offered(scene, line).lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()
}

/// What must come soon.
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

/// What is offered once this is among it.
fn offered_with(scene: &Scene, line: &str, part: &str) -> String {
    soon(line, || Some(offered(scene, line)).filter(|offered| offered.contains(part)))
}

/// What is offered once there is anything.
fn offered_soon(scene: &Scene, line: &str) -> String {
    soon(line, || Some(offered(scene, line)).filter(|offered| !offered.is_empty()))
}

/// The folder of this scene's Heroku.
fn folder(scene: &Scene) -> PathBuf {
    let home = scene.repository().parent().expect("a folder").join("home");
    home.join(".cache/greenroom/completion").join(format!("127.0.0.1_{}", scene.heroku().port()))
}

/// The list of an app.
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

/// Marks a list as it is marked where something was changed.
fn outdate(list: &Path) {
    fs::write(list.with_extension("changed"), format!("{} \n", now())).expect("a file");
}

/// Whether nobody reads the list anew.
fn is_idle(list: &Path) -> bool {
    let lock = fs::File::options().read(true).write(true).open(list.with_extension("lock"));
    lock.is_ok_and(|lock| lock.try_lock().is_ok())
}

fn set_config(scene: &Scene, app: &str, vars: &Value) {
    let path = format!("/_rehearsal/apps/{app}/config-vars");
    assert_eq!(scene.heroku().call("PATCH", &path, Some(vars.clone())).0, 200);
}

#[test]
fn what_heroku_knows_is_offered() {
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
fn nobody_else_can_read_it_and_no_secret_is_in_it() {
    let mut scene = playhouse();
    scene.set("HEROKU_DATA_HOST", "127.0.0.1");
    let lines =
        ["config:get ", "ps:stop ", "addons:info ", "releases:info ", "pg:backups:url ", "access:remove "];
    for line in lines {
        offered_soon(&scene, &format!("production {line}"));
    }
    let drains =
        ["drains:remove ", "webhooks:info "].map(|line| offered_soon(&scene, &format!("production {line}")));
    assert!(drains[0].contains("logs.playhouse.example") && drains[1].contains("hooks.playhouse.example"));
    let token = scene.heroku().token();
    let secrets = [token, "nobodys-business", "p4ss", "https://logs", "https://hooks", "https://backups"];
    let all = folder(&scene);
    let files = below(all.parent().expect("a folder"));
    assert!(files.len() > 16);
    for path in files {
        let found = fs::symlink_metadata(&path).expect("a file");
        let mode = found.mode() & 0o777;
        assert_eq!(mode, if found.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        let text = if found.is_dir() { String::new() } else { fs::read_to_string(&path).expect("text") };
        for secret in &secrets {
            assert!(!text.contains(secret), "{secret} is in {}", path.display());
        }
    }
    assert_eq!(
        fs::metadata(all.parent().expect("a folder")).expect("a folder").permissions().mode() & 0o777,
        0o700
    );
}

#[test]
fn what_is_not_an_entry_is_not_believed_and_replaced() {
    let scene = playhouse();
    let truth = offered_soon(&scene, "staging config:get ");
    let file = config(&scene);
    let whole = fs::read_to_string(&file).expect("an entry");
    let elsewhere = scene.folder().join("elsewhere");
    fs::write(&elsewhere, whole.replace("DATABASE", "DATABASES")).expect("a file");
    let cut = &whole[..whole.len() / 2];
    let future = whole.replacen(&whole[36..49], &(now() + 3_600_000).to_string(), 1);
    let dynos = list(&scene, "playhouse-staging", "dynos");
    offered_soon(&scene, "staging ps:stop ");
    let dynos = fs::read_to_string(dynos).expect("an entry");
    let bad = [
        cut,
        "",
        "DATABASE_URL\t\n",
        &whole.replace("completion-1", "completion-2"),
        &whole.replace("DATABASE", "DATABASES"),
        &whole.replace("playhouse-staging", "playhouse-production"),
        &future,
        &dynos,
        &format!("{whole}{}", "x".repeat(3 << 20)),
    ];
    for (number, text) in bad.iter().enumerate() {
        fs::write(&file, text).expect("a file");
        let answer = offered_soon(&scene, "staging config:get ");
        assert_eq!(answer, truth, "{number}");
        until("a whole file", || fs::read_to_string(&file).is_ok_and(|text| text.len() == whole.len()));
    }
    fs::remove_file(&file).expect("a file");
    symlink(&elsewhere, &file).expect("a link");
    assert_eq!(offered_soon(&scene, "staging config:get "), truth);
    until("a file again", || fs::symlink_metadata(&file).is_ok_and(|found| found.is_file()));
    assert!(fs::read_to_string(elsewhere).expect("a file").contains("DATABASES"), "left alone");
}

#[test]
fn a_heroku_that_never_answers_is_not_waited_for() {
    let scene = playhouse();
    scene.heroku().inject(Fault::hang(VARS));
    let begun = Instant::now();
    for _ in 0..5 {
        assert_eq!(offered(&scene, "staging config:get "), "");
    }
    // Whoever asks gives up after twenty seconds, and after thirty at the most.
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(!is_idle(&config(&scene)), "somebody still waits for the answer");
    until("a request", || count(&scene, VARS) > 0);
    assert_eq!(count(&scene, VARS), 1, "one asks for all");
}

#[test]
fn a_refusal_is_remembered_for_a_while() {
    let scene = playhouse();
    scene.heroku().inject(Fault::answer(VARS, 403));
    let failed = config(&scene).with_extension("failed");
    assert_eq!(offered(&scene, "staging config:get "), "");
    let reason = soon("a reason", || fs::read_to_string(&failed).ok());
    assert!(reason.contains("forbidden") || reason.contains("access"), "{reason}");
    for _ in 0..3 {
        assert_eq!(offered(&scene, "staging config:get "), "");
    }
    assert_eq!(count(&scene, VARS), 1);
    scene.heroku().heal();
    assert_eq!(offered(&scene, "staging config:get "), "", "not yet");
    fs::write(&failed, format!("{} {}", now() - 31_000, reason.split_once(' ').expect("a time").1))
        .expect("a file");
    assert!(offered_soon(&scene, "staging config:get ").contains("DATABASE_URL"));
    assert_eq!(count(&scene, VARS), 2);
    assert!(!failed.exists());
}

#[test]
fn ten_shells_at_once_ask_once_and_get_the_same() {
    let scene = playhouse();
    scene.heroku().inject(Fault::slow(VARS, Duration::from_millis(60)));
    let shells: Vec<Child> = (0..10)
        .map(|_| asked(&scene, "staging config:get ").stdout(Stdio::piped()).spawn().expect("a program"))
        .collect();
    let answers: BTreeSet<String> = shells
        .into_iter()
        .map(|shell| String::from_utf8(shell.wait_with_output().expect("an answer").stdout).expect("UTF-8"))
        .filter(|answer| answer.contains('\t'))
        .collect();
    let truth = offered_soon(&scene, "staging config:get ");
    assert_eq!(count(&scene, VARS), 1);
    assert!(answers.len() <= 1 && answers.iter().all(|answer| answer.trim_start() == truth), "{answers:?}");
}

#[test]
fn without_a_cache_folder_or_a_login_there_is_nothing_and_no_noise() {
    let mut scene = playhouse();
    let file = scene.folder().join("file");
    fs::write(&file, "").expect("a file");
    scene.set("XDG_CACHE_HOME", file.join("below"));
    assert_eq!(offered(&scene, "staging config:get "), "");
    assert_eq!(count(&scene, VARS), 0);
    let mut scene = playhouse();
    scene.set("HEROKU_API_KEY", "");
    assert_eq!(offered(&scene, "staging config:get "), "");
    let reason = soon("a reason", || fs::read_to_string(config(&scene).with_extension("failed")).ok());
    assert!(reason.contains("not logged in"), "{reason}");
    scene.set("HEROKU_HOST", "http://example.com");
    assert_eq!(offered(&scene, "staging config:get "), "");
}

#[test]
fn an_app_that_only_the_pipeline_tells_is_remembered_with_all_that_it_depends_on() {
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
fn all_apps_of_an_environment_are_asked_for_and_each_word_is_offered_once() {
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
fn a_repository_cannot_make_tab_start_a_crowd() {
    let scene = playhouse();
    let apps: Vec<String> = (0..40).map(|number| format!("\"crowd-{number}\"")).collect();
    scene.write("greenroom.toml", format!("[environments.crowd]\napps = [{}]\n", apps.join(", ")));
    assert_eq!(offered(&scene, "greenroom on crowd config:get "), "");
    let is_lock = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "lock");
    assert_eq!(below(&folder(&scene)).into_iter().filter(is_lock).count(), 8);
}

#[test]
fn old_lists_are_offered_while_they_are_read_anew() {
    let scene = playhouse();
    let old = offered_soon(&scene, "staging config:get ");
    let text = fs::read_to_string(config(&scene)).expect("an entry");
    set_config(&scene, "playhouse-staging", &json!({ "NEW_SCENE": "1" }));
    assert_eq!(offered(&scene, "staging config:get "), old, "new enough");
    assert_eq!(count(&scene, VARS), 1);
    outdate(&config(&scene));
    let new = soon("what is new", || {
        let answer = offered(&scene, "staging config:get ");
        assert!(answer == old || answer.contains("NEW_SCENE"), "{answer}");
        answer.contains("NEW_SCENE").then_some(answer)
    });
    assert_eq!(new.lines().count(), old.lines().count() + 1);
    assert!(fs::read_to_string(config(&scene)).expect("an entry") != text);
}

#[test]
fn our_own_changes_are_there_at_once() {
    let scene = playhouse();
    let before = words(&scene, "production releases:info ").len();
    let before = before.max(offered_soon(&scene, "production releases:info ").lines().count());
    let outcome = scene.run("production rollback --yes");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    let after = soon("the new release", || {
        let after = words(&scene, "production releases:info ");
        (after.len() > before).then_some(after)
    });
    assert_eq!(after.len(), before + 1);
    // Nobody offers anything of staging, so nothing is read.
    assert!(!list(&scene, "playhouse-staging", "releases").exists());
}

#[test]
fn what_the_heroku_cli_changes_is_read_when_it_ends() {
    let scene = playhouse();
    let cli = cli(&scene);
    let old = offered_soon(&scene, "staging config:get ");
    let mut child = scene.prepared("staging").args(["config:set", "NEW_SCENE=1"]).spawn().expect("a program");
    until("the CLI", || cli.join("begun").exists());
    assert_eq!(offered(&scene, "staging config:get "), old);
    set_config(&scene, "playhouse-staging", &json!({ "NEW_SCENE": "1" }));
    assert_eq!(count(&scene, VARS), 1, "nothing is read before its end");
    fs::write(cli.join("go"), "").expect("a file");
    assert_eq!(end(&mut child).code(), Some(0));
    // No Tab is pressed meanwhile.
    until("the new name", || fs::read_to_string(config(&scene)).is_ok_and(|text| text.contains("NEW_SCENE")));
    assert!(offered(&scene, "staging config:get ").contains("NEW_SCENE"));
}

#[test]
fn what_is_not_offered_is_not_read_when_the_heroku_cli_ends() {
    let scene = playhouse();
    let cli = cli(&scene);
    fs::write(cli.join("go"), "").expect("a file");
    assert_eq!(scene.run("staging config:set NEW_SCENE=1").status, Some(0));
    assert!(!folder(&scene).exists());
    offered_soon(&scene, "staging ps:stop ");
    until("peace", || is_idle(&list(&scene, "playhouse-staging", "dynos")));
    let asked = scene.requests().len();
    assert_eq!(scene.run("staging domains:add www.example.com").status, Some(0));
    assert_eq!(scene.run("staging config").status, Some(0));
    assert!(!list(&scene, "playhouse-staging", "dynos.changed").exists());
    assert_eq!(scene.requests().len(), asked);
}

#[test]
fn the_cache_stays_small() {
    let scene = playhouse();
    for number in 0..450 {
        let file = list(&scene, &format!("app-{number}"), "dynos");
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(&file, "x".repeat(100)).expect("a file");
        fs::write(file.with_extension("lock"), "").expect("a file");
    }
    offered_soon(&scene, "staging config:get ");
    let lists =
        || below(&folder(&scene)).into_iter().filter(|path| path.is_file() && path.extension().is_none());
    until("room", || lists().count() <= 400);
    assert!(config(&scene).exists());
    until("no empty folders", || fs::read_dir(folder(&scene)).is_ok_and(|folders| folders.count() <= 400));
}

/// The names of one generation of config vars.
fn generation(number: usize) -> Vec<String> {
    (0..40).map(|name| format!("SCENE_{number:03}_{name:02}")).collect()
}

/// Puts a generation in the place of the one before, in one step.
fn renew(scene: &Scene, number: usize) {
    let mut vars: Map<String, Value> =
        generation(number).into_iter().map(|name| (name, json!("x"))).collect();
    if let Some(before) = number.checked_sub(1) {
        vars.extend(generation(before).into_iter().map(|name| (name, Value::Null)));
    }
    set_config(scene, "playhouse-staging", &Value::Object(vars));
}

/// The processes of this scene that read lists anew.
fn readers(scene: &Scene) -> Vec<String> {
    let url = scene.heroku().url();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_reader = |path: &Path| {
        let holds = |file: &str, word: &str| {
            let bytes = fs::read(path.join(file)).unwrap_or_default();
            bytes.split(|byte| *byte == 0).any(|text| text == word.as_bytes())
        };
        holds("cmdline", "__refresh") && holds("environ", &format!("HEROKU_HOST={url}"))
    };
    let readers = processes.map(|process| process.path()).filter(|path| is_reader(path));
    readers.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect()
}

#[test]
fn no_answer_is_ever_partial_or_mixed_whatever_happens_to_who_reads() {
    const ROUNDS: usize = 12;
    let scene = playhouse();
    let vars = scene.heroku().call("GET", "/apps/playhouse-staging/config-vars", None).1;
    let names = vars.as_object().expect("config vars").keys().map(|name| (name.clone(), Value::Null));
    set_config(&scene, "playhouse-staging", &Value::Object(names.collect()));
    renew(&scene, 0);
    offered_soon(&scene, "staging config:get ");
    let file = config(&scene);
    let mut seen = BTreeSet::new();
    let mut killed = 0;
    for round in 1..ROUNDS {
        renew(&scene, round);
        match round % 4 {
            0 => scene.heroku().inject(Fault::truncate(VARS).times(2)),
            1 => scene.heroku().inject(Fault::slow(VARS, Duration::from_millis(40))),
            2 => scene.heroku().inject(Fault::answer(VARS, 403).times(1)),
            _ => scene.heroku().inject(Fault::garble(VARS).times(1)),
        }
        outdate(&file);
        let shells: Vec<Child> = (0..20)
            .map(|number| {
                if number % 5 == 0 {
                    // Several may read at once: nobody holds this lock.
                    _ = fs::remove_file(file.with_extension("lock"));
                }
                asked(&scene, "staging config:get ").stdout(Stdio::piped()).spawn().expect("a program")
            })
            .collect();
        if round % 2 == 1 {
            for reader in readers(&scene) {
                killed +=
                    usize::from(Command::new("kill").args(["-9", &reader]).status().expect("kill").success());
            }
        }
        for shell in shells {
            let answer = shell.wait_with_output().expect("an answer");
            let text = String::from_utf8(answer.stdout).expect("UTF-8");
            let words: Vec<String> =
                text.lines().skip(1).map(|line| line.trim_end_matches('\t').to_owned()).collect();
            let whole = (0..=round).find(|number| generation(*number) == words);
            seen.insert(whole.unwrap_or_else(|| panic!("round {round}: {words:?}")));
        }
        scene.heroku().heal();
        _ = fs::remove_file(file.with_extension("failed"));
    }
    assert!(seen.len() > 2, "answers were renewed: {seen:?}");
    assert!(killed > 0, "some were killed");
    let newest = generation(ROUNDS - 1);
    until("the newest", || words(&scene, "staging config:get ") == newest);
}
