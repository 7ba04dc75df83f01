//! Roll-outs: a deploy is done once the dynos run it. No fault makes it look done, and none that is mended makes it fail.

use std::thread;
use std::time::Duration;

use rehearsal::{Fault, Settings};
use serde_json::{Value, json};

use crate::scene::{self, Outcome, Scene, until};

const APP: &str = "playhouse-staging";
const DYNOS: &str = "GET /apps/playhouse-staging/dynos";

/// Somebody else's doing.
type Act = fn(&Scene);

/// One roll-out, and how it ends.
struct Case {
    name: &'static str,
    /// How the rehearsal plays it.
    roll_out: Value,
    /// Web and worker dynos.
    formation: (u64, u64),
    /// Before the release.
    before: Act,
    /// Once the dynos were looked at.
    meanwhile: Act,
    line: &'static str,
    code: i32,
    /// In the error.
    said: &'static str,
}

impl Case {
    fn new(name: &'static str, roll_out: Value) -> Self {
        let nothing: Act = |_| {};
        Self {
            name,
            roll_out,
            formation: (2, 1),
            before: nothing,
            meanwhile: nothing,
            line: "staging promote --wait-timeout 40s",
            code: 0,
            said: "",
        }
    }

    fn plain(name: &'static str) -> Self {
        Self::new(name, json!({}))
    }

    fn with(self, web: u64, worker: u64) -> Self {
        Self { formation: (web, worker), ..self }
    }

    fn before(self, before: Act) -> Self {
        Self { before, ..self }
    }

    fn meanwhile(self, meanwhile: Act) -> Self {
        Self { meanwhile, ..self }
    }

    fn line(self, line: &'static str) -> Self {
        Self { line, ..self }
    }

    fn ends(self, code: i32, said: &'static str) -> Self {
        Self { code, said, ..self }
    }

    fn check(&self) {
        let settings = Settings { dyno_start_time: Duration::from_millis(150), ..Settings::default() };
        let mut scene = Scene::playhouse_with(settings);
        scene.set("GREENROOM_DYNO_SETTLE", "2");
        scale(&scene, self.formation.0, self.formation.1);
        until("the first dynos are up", || all_up(&scene));
        scene.panel("PUT", &format!("/apps/{APP}/roll-out"), self.roll_out.clone());
        (self.before)(&scene);
        let outcome = thread::scope(|scope| {
            let run = scope.spawn(|| scene.run(self.line));
            until("the dynos are looked at", || scene.count(DYNOS) > 0 || run.is_finished());
            (self.meanwhile)(&scene);
            run.join().expect("no panic in here")
        });
        assert_eq!(outcome.status, Some(self.code), "{}: {outcome}", self.name);
        assert!(outcome.stderr.contains(self.said), "{}: {outcome}", self.name);
        if self.code == 0 && self.roll_out["order"] != "asleep" {
            assert!(all_up(&scene), "{}: {}", self.name, scene.look(&format!("/apps/{APP}/dynos")));
        }
        // The release was made in any case, and not by halves.
        assert!(scene.current_release(APP)["version"].as_u64() > Some(11), "{}", self.name);
    }
}

fn scale(scene: &Scene, web: u64, worker: u64) {
    let updates = json!([{"type": "web", "quantity": web}, {"type": "worker", "quantity": worker}]);
    scene.ask("PATCH", &format!("/apps/{APP}/formation"), json!({ "updates": updates }));
}

/// Whether every dyno of the formation is up on the running release, and no other one is there.
fn all_up(scene: &Scene) -> bool {
    let version = &scene.current_release(APP)["version"];
    let wanted: u64 = scene
        .look(&format!("/apps/{APP}/formation"))
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|kind| kind["quantity"].as_u64())
        .sum();
    let dynos = scene.look(&format!("/apps/{APP}/dynos"));
    let dynos: Vec<&Value> =
        dynos.as_array().expect("a list").iter().filter(|dyno| dyno["type"] != "run").collect();
    dynos.len() as u64 == wanted
        && dynos.iter().all(|dyno| dyno["state"] == "up" && dyno["release"]["version"] == *version)
}

/// Checks all of them, some at a time.
fn check_all(cases: Vec<Case>) {
    let queue = std::sync::Mutex::new(cases);
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some(case) = { queue.lock().expect("no panic with the lock").pop() } {
                    case.check();
                }
            });
        }
    });
}

fn fault_of(route: &str, status: u16, times: u32) -> Fault {
    Fault::answer(route, status).times(times)
}

#[test]
fn what_comes_up_in_the_end_is_done() {
    check_all(vec![
        Case::plain("all at once"),
        Case::plain("one dyno").with(1, 0),
        Case::plain("a worker alone").with(0, 1),
        Case::plain("scaled to 0").with(0, 0),
        Case::new("a quarter at a time", json!({"order": "quarters"})).with(4, 1),
        Case::new("a quarter of ten at a time", json!({"order": "quarters"})).with(8, 2),
        Case::new("a quarter of one", json!({"order": "quarters"})).with(1, 0),
        Case::new("preboot", json!({"order": "preboot", "overlap_ms": 900})),
        Case::new("preboot without an overlap", json!({"order": "preboot"})).with(3, 0),
        Case::new("sleeping eco dynos", json!({"order": "asleep"})),
        Case::new(
            "a crash that is mended at once",
            json!({"starts": {"web": ["crash", "up"]}, "restarts": 1, "restart_after_ms": 300}),
        ),
        Case::new(
            "a worker's crash that is mended",
            json!({"starts": {"worker.1": ["up_then_crash", "up"]}, "up_for_ms": 100, "restarts": 1}),
        ),
        Case::plain("one-off dynos").before(|scene| {
            let sleep = json!({"command": "sleep 60", "attach": false});
            scene.ask("POST", &format!("/apps/{APP}/dynos"), sleep);
        }),
        Case::plain("a dyno of the release phase").before(|scene| {
            let id = "5f3a2c1e-0000-4000-8000-000000000003";
            let dyno = json!({"id": id, "name": "release.1", "type": "release", "state": "starting",
                "size": "Basic", "command": "bin/migrate", "attach_url": null, "app": {"id": id, "name": APP},
                "release": {"id": id, "version": 3}, "created_at": "2026-03-14T12:00:00Z",
                "updated_at": "2026-03-14T12:00:00Z"});
            let answer = json!({"kind": "answer", "route": DYNOS, "status": 200, "body": [dyno], "times": 2});
            scene.panel("POST", "/faults", answer);
        }),
        Case::plain("dynos answer 500").before(|scene| scene.heroku().inject(fault_of(DYNOS, 500, 4))),
        Case::plain("dynos answer 429").before(|scene| scene.heroku().inject(fault_of(DYNOS, 429, 2))),
        Case::plain("the formation answers 503").before(|scene| {
            scene.heroku().inject(fault_of("GET /apps/playhouse-staging/formation", 503, 3));
        }),
        Case::plain("connections break").before(|scene| {
            scene.heroku().inject(Fault::reset(DYNOS).times(2));
            scene.heroku().inject(Fault::truncate("GET /apps/playhouse-staging/formation").times(2));
        }),
    ]);
}

#[test]
fn what_others_do_meanwhile_is_taken_into_account() {
    check_all(vec![
        Case::new("scaled up", json!({"order": "quarters"})).meanwhile(|scene| scale(scene, 4, 2)),
        Case::new("scaled down", json!({"order": "quarters"}))
            .with(4, 2)
            .meanwhile(|scene| scale(scene, 1, 1)),
        Case::new("scaled to 0", json!({"starts": {"web": ["never"]}})).meanwhile(|scene| scale(scene, 0, 0)),
        Case::new("config vars", json!({"order": "quarters"})).with(4, 0).meanwhile(|scene| {
            scene.ask("PATCH", &format!("/apps/{APP}/config-vars"), json!({"CURTAIN": "red"}));
        }),
        Case::new("a failed release", json!({"order": "quarters"})).with(4, 0).meanwhile(|scene| {
            scene.release(APP, json!({"status": "failed", "description": "Deploy 1a2b3c4d"}));
        }),
        Case::plain("a restart").meanwhile(|scene| {
            scene.ask("DELETE", &format!("/apps/{APP}/dynos"), Value::Null);
        }),
        Case::new("other code", json!({"order": "quarters"}))
            .with(8, 0)
            .meanwhile(|scene| {
                let commit = rehearsal::history::MAIN[0];
                scene.release(APP, json!({"commit": commit, "description": "Deploy 1a2b3c4d"}));
            })
            .ends(1, "playhouse-staging v12 failed: other code was released meanwhile, v13\n"),
    ]);
}

#[test]
fn what_does_not_come_up_is_a_failure() {
    let crash = |name| Case::new(name, json!({"starts": {"web": ["crash"]}}));
    check_all(vec![
        crash("a crash at boot").ends(1, "playhouse-staging v12 failed: web.1 crashed\n"),
        Case::new("one of four", json!({"starts": {"web.3": ["crash"]}}))
            .with(4, 1)
            .ends(1, "failed: web.3 crashed\nhint: staging logs --dyno-name web.3\nhint: staging rollback\n"),
        Case::new("one of the second quarter", json!({"order": "quarters", "starts": {"web.2": ["crash"]}}))
            .with(4, 0)
            .ends(1, "failed: web.2 crashed\n"),
        Case::new("the new ones of a preboot", json!({"order": "preboot", "starts": {"web": ["crash"]}}))
            .ends(1, "failed: web.1 crashed\n"),
        Case::new(
            "crashed twice",
            json!({"starts": {"web": ["crash"]}, "restarts": 1, "restart_after_ms": 700}),
        )
        .ends(1, "failed: web.1 "),
        Case::new(
            "a crash loop",
            json!({"starts": {"web": ["crash"]}, "restarts": 99, "restart_after_ms": 100}),
        )
        .ends(1, "failed: web."),
        Case::new(
            "a worker in a crash loop",
            json!({"starts": {"worker": ["up_then_crash"]}, "up_for_ms": 200, "restarts": 99}),
        )
        .ends(1, "failed: worker.1 "),
        Case::new(
            "a web dyno that crashes after it bound its port",
            json!({"starts": {"web.1": ["up_then_crash"]}, "up_for_ms": 200, "restarts": 99}),
        )
        .ends(1, "failed: web.1 "),
        Case::new("R10", json!({"starts": {"web": ["boot_timeout"]}}))
            .ends(1, "heroku[web.1]: Error R10 (Boot timeout) -> Web process failed to bind to $PORT"),
        Case::new("a slow boot", json!({"starts": {"web": ["never"]}}))
            .line("staging promote --wait-timeout 3s")
            .ends(
                6,
                "error: playhouse-staging v12 is released, but not every dyno is up: web.1 is starting, ",
            ),
        Case::plain("dynos answer 500 for long")
            .before(|scene| scene.heroku().inject(Fault::answer(DYNOS, 500)))
            .line("staging promote --wait-timeout 3s")
            .ends(6, "is released, but not every dyno is up: no dyno was seen\nhint: staging ps:wait\n"),
        Case::plain("dynos answer 403")
            .before(|scene| scene.heroku().inject(Fault::answer(DYNOS, 403)))
            .ends(4, "error: released, but the dynos of playhouse-staging cannot be read\n"),
        Case::plain("no dynos are listed")
            .before(|scene| {
                let none = json!({"kind": "answer", "route": DYNOS, "status": 200, "body": [], "times": 999});
                scene.panel("POST", "/faults", none);
            })
            .line("staging promote --wait-timeout 3s")
            .ends(6, "2 of 2 web dynos are not there, 1 of 1 worker dynos are not there\n"),
        crash("a deploy by push").line("staging deploy --build").ends(1, "failed: web.1 crashed\n"),
        crash("a rollback")
            .line("staging rollback")
            .ends(1, "v12 failed: web.1 crashed\nhint: staging logs --dyno-name web.1\n"),
    ]);
}

/// The playhouse, where staging's web dyno crashes at boot.
fn with_a_crash() -> Scene {
    let scene = Scene::playhouse();
    scene.panel("PUT", &format!("/apps/{APP}/roll-out"), json!({"starts": {"web": ["crash"]}}));
    scene
}

/// What was said, without the lines of the log, which have times.
fn without_log(outcome: Outcome) -> Outcome {
    let lines = outcome.stderr.lines().filter(|line| !line.starts_with("  20"));
    let stderr = lines.fold(String::new(), |text, line| text + line + "\n");
    Outcome { stderr, ..outcome }
}

#[test]
fn a_crash_shows_the_dynos_last_lines_and_the_way_back() {
    let scene = with_a_crash();
    let outcome = scene.run("staging promote");
    assert!(
        outcome.stderr.contains("app[web.1]: cannot load such file -- missing (LoadError)\n"),
        "{outcome}"
    );
    assert!(!outcome.stderr.contains("GET /rows"), "of the release before: {outcome}");
    insta::assert_snapshot!(without_log(outcome), @"
    ------- stderr -------
    from playhouse-prepare  v9  77978f9 Print tickets at home
    to   playhouse-staging  v11  23280a3 Dim the house lights
         + 77978f9 Print tickets at home
    the last lines of web.1 on playhouse-staging:
    error: playhouse-staging v12 failed: web.1 crashed
    hint: staging logs --dyno-name web.1
    hint: staging rollback
    [exit status: 1]
    ");
    // The release runs, so nothing is promoted again; that it does not serve is not forgotten.
    insta::assert_snapshot!(without_log(scene.run("staging promote")), @"
    ------- stderr -------
    from playhouse-prepare  v9  77978f9 Print tickets at home
         playhouse-staging  runs it already
    the last lines of web.1 on playhouse-staging:
    error: playhouse-staging v12 failed: web.1 crashed
    hint: staging logs --dyno-name web.1
    hint: staging rollback
    [exit status: 1]
    ");
    assert_eq!(scene.promotions(), 1);
    let outcome = scene.run("staging deploy 77978f9 --json");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert_eq!(scene.run("staging rollback").status, Some(1), "it crashes too, here");
}

#[test]
fn nobody_has_to_wait_for_dynos() {
    let scene = with_a_crash();
    for line in ["promote", "deploy", "rollback v10"] {
        let outcome = scene.run(&format!("staging {line} --no-wait-dynos"));
        assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
    }
    assert_eq!(scene.count(DYNOS), 0);
}

#[test]
fn an_app_without_dynos_costs_one_look() {
    let scene = Scene::playhouse();
    scale(&scene, 0, 0);
    let outcome = scene.run("staging promote");
    assert_eq!((outcome.status, scene.count(DYNOS)), (Some(0), 1), "{outcome}");
}

#[test]
fn changes_are_told_line_by_line() {
    let settings = Settings { dyno_start_time: Duration::from_millis(700), ..Settings::default() };
    let scene = Scene::playhouse_with(settings);
    scale(&scene, 4, 0);
    until("the first dynos are up", || all_up(&scene));
    scene.panel("PUT", &format!("/apps/{APP}/roll-out"), json!({"order": "quarters"}));
    let outcome = scene.run("staging promote");
    for up in 1..4 {
        let line = format!("playhouse-staging: web {up}/4 up on v12");
        assert!(outcome.stderr.contains(&line), "{outcome}");
    }
}

#[test]
fn an_interrupt_says_that_the_dynos_go_on_starting() {
    let scene = Scene::playhouse();
    scene.panel("PUT", &format!("/apps/{APP}/roll-out"), json!({"starts": {"web": ["never"]}}));
    let mut command = scene.prepared("staging");
    let log = scene.folder().join("log");
    command.arg("promote").stderr(std::fs::File::create(&log).expect("a file"));
    let mut promote = command.spawn().expect("a process");
    until("the dynos are looked at", || scene.count(DYNOS) > 1);
    scene::signal("-INT", &promote.id().to_string());
    assert_eq!(scene::end(&mut promote).code(), Some(130));
    let said = std::fs::read_to_string(&log).expect("a file");
    assert!(
        said.ends_with("\ninterrupted: the start of the dynos of playhouse-staging continues at Heroku\n"),
        "{said}"
    );
}

#[test]
fn maintenance_mode_lasts_until_the_dynos_are_up() {
    let settings = Settings { dyno_start_time: Duration::from_millis(600), ..Settings::default() };
    let scene = Scene::playhouse_with(settings);
    let outcome = scene.run("staging deploy --maintenance");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    let requests = scene.requests();
    let last = |line: &str| requests.iter().rposition(|request| request == line);
    assert!(last(DYNOS) < last("PATCH /apps/playhouse-staging"), "{requests:#?}");
}
