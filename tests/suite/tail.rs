//! `tail` and `logs`: each line is printed once, whatever happens to the stream.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rehearsal::Fault;
use serde_json::{Value, json};

use super::scene::{self, Scene, install_script};

/// A playhouse whose apps write no log lines by themselves.
struct Stage {
    scene: Scene,
}

impl Stage {
    fn new() -> Self {
        Self { scene: Scene::quiet() }
    }

    /// Adds numbered lines to the log of playhouse-staging.
    fn say(&self, numbers: std::ops::Range<usize>) {
        let lines: Vec<String> = numbers.map(line).collect();
        self.scene.panel("POST", "/apps/playhouse-staging/logs", json!({ "lines": lines }));
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.scene.prepared(words[0]);
        command.args(&words[1..]);
        command
    }

    fn run(&self, words: &[&str]) -> Ran {
        Ran::of(self.command(words).output().expect("a program that starts"))
    }

    /// Starts a command whose stdout is read line by line.
    fn start(&self, words: &[&str], idle: &str) -> Running {
        let mut command = self.command(words);
        command.env("GREENROOM_TAIL_IDLE", idle).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("a program that starts");
        let stdout = BufReader::new(child.stdout.take().expect("stdout"));
        Running { child, stdout }
    }

    fn sessions(&self) -> usize {
        self.scene
            .heroku()
            .exchanges()
            .iter()
            .filter(|exchange| exchange.path.ends_with("/log-sessions"))
            .count()
    }
}

fn line(number: usize) -> String {
    format!("2024-01-01T00:00:00.000000+00:00 app[web.1]: Sold seat {number}")
}

fn lines(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(line).collect()
}

struct Ran {
    stdout: Vec<u8>,
    stderr: String,
    code: Option<i32>,
}

impl Ran {
    fn of(output: std::process::Output) -> Self {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        Self { stdout: output.stdout, stderr, code: output.status.code() }
    }

    fn lines(&self) -> Vec<String> {
        String::from_utf8_lossy(&self.stdout).lines().map(str::to_owned).collect()
    }
}

struct Running {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Running {
    /// The next lines that are printed.
    fn next(&mut self, count: usize) -> Vec<String> {
        let next = |_| {
            let mut line = String::new();
            self.stdout.read_line(&mut line).expect("stdout");
            line.trim_end_matches('\n').to_owned()
        };
        (0..count).map(next).collect()
    }

    /// Ends it with a signal; returns its status and stderr.
    fn stop(self, signal: &str) -> (ExitStatus, String) {
        let id = self.child.id().to_string();
        scene::signal(signal, &id);
        self.wait()
    }

    fn wait(mut self) -> (ExitStatus, String) {
        drop(self.stdout);
        let mut stderr = String::new();
        self.child.stderr.take().expect("stderr").read_to_string(&mut stderr).expect("stderr");
        (self.child.wait().expect("an end"), stderr)
    }
}

#[test]
fn logs_prints_the_last_lines() {
    let stage = Stage::new();
    stage.say(0..300);
    let ran = stage.run(&["staging", "logs"]);
    assert_eq!((ran.lines(), ran.stderr.as_str(), ran.code), (lines(200..300), "", Some(0)));
    assert_eq!(stage.run(&["staging", "logs", "-n", "3"]).lines(), lines(297..300));
    assert_eq!(stage.sessions(), 2);
}

#[test]
fn filters_are_sent_to_heroku() {
    let stage = Stage::new();
    let say = ["app[web.1]: a", "heroku[web.1]: b", "app[worker.1]: c", "app[web.2]: d"]
        .map(|text| format!("2024 {text}"));
    stage.scene.panel("POST", "/apps/playhouse-staging/logs", json!({ "lines": say }));
    let shown = |words: &[&str]| {
        let ran = stage.run(&[&["staging", "logs", "-n", "2"], words].concat());
        ran.lines().iter().map(|line| line[line.len() - 1..].to_owned()).collect::<String>()
    };
    assert_eq!(shown(&["-p", "web"]), "bd");
    assert_eq!(shown(&["--ps", "web", "--source", "app"]), "ad");
    assert_eq!(shown(&["--dyno", "web.1"]), "ab");
    assert_eq!(stage.run(&["staging", "logs", "-p", "web", "-d", "web.1"]).code, Some(2));
}

#[test]
fn piped_logs_are_byte_exact() {
    let stage = Stage::new();
    let bytes =
        b"2024 app[web.1]: caf\xe9 \x1b[31mred \x1b[2J\x07 \xf0\x9f\n2024 app[web.1]:   two  \n".to_vec();
    let encoded = "MjAyNCBhcHBbd2ViLjFdOiBjYWbpIBtbMzFtcmVkIBtbMkoHIPCfCjIwMjQgYXBwW3dlYi4xXTogICB0d28gIAo=";
    stage.scene.panel("POST", "/apps/playhouse-staging/logs", json!({ "base64": encoded }));
    assert_eq!(stage.run(&["staging", "logs", "-n", "2"]).stdout, bytes);
    let long = format!("2024 app[web.1]: {}", "x".repeat(200_000));
    stage.scene.panel("POST", "/apps/playhouse-staging/logs", json!({ "lines": [long] }));
    assert_eq!(stage.run(&["staging", "logs", "-n", "1"]).lines(), [long]);
}

#[test]
fn json_and_grep() {
    let stage = Stage::new();
    stage.say(0..20);
    let ran = stage.run(&["staging", "logs", "-n", "20", "--json", "--grep", "seat 7$", "--grep=seat 1[12]"]);
    let objects: Vec<Value> =
        ran.lines().iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let messages: Vec<&str> = objects.iter().filter_map(|object| object["message"].as_str()).collect();
    assert_eq!(messages, ["Sold seat 7", "Sold seat 11", "Sold seat 12"]);
    assert_eq!(objects[0]["app"], "playhouse-staging");
    assert_eq!(objects[0]["dyno"], "web.1");
    let ran = stage.run(&["staging", "logs", "--grep", "a(b"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("--grep \"a(b\" is not a regular expression"), "{}", ran.stderr);
}

#[test]
fn tail_reconnects_after_drops() {
    let stage = Stage::new();
    stage.say(0..50);
    stage.scene.heroku().inject(Fault::drop_stream("GET /logs/*", 20).times(1));
    stage.scene.heroku().inject(Fault::answer("GET /logs/*", 404).times(1));
    let mut tail = stage.start(&["staging", "tail", "-n", "30"], "20");
    assert_eq!(tail.next(30), lines(20..50));
    stage.say(50..60);
    assert_eq!(tail.next(10), lines(50..60));
    let (_, stderr) = tail.stop("-TERM");
    let said: Vec<&str> = stderr.lines().collect();
    assert_eq!(said.len(), 1, "{stderr}");
    assert!(said[0].starts_with("log stream of playhouse-staging dropped ("), "{stderr}");
    assert!(said[0].ends_with("); resumed, nothing missing"), "{stderr}");
}

#[test]
fn tail_reconnects_after_silence() {
    // A quiet app looks the same: it is no news that nothing is missing.
    for (words, said) in [
        (&["staging", "tail", "-n", "8"] as &[&str], ""),
        (
            &["staging", "tail", "-n", "8", "--verbose"],
            "log stream of playhouse-staging dropped (nothing came for too long); resumed, nothing missing\n",
        ),
    ] {
        let stage = Stage::new();
        stage.say(0..10);
        stage.scene.heroku().inject(Fault::idle_stream("GET /logs/*", 5).times(1));
        let mut tail = stage.start(words, "0.5");
        assert_eq!(tail.next(8), lines(2..10));
        stage.say(10..12);
        assert_eq!(tail.next(2), lines(10..12));
        let (_, stderr) = tail.stop("-TERM");
        assert_eq!(stderr.matches("log stream").count(), said.lines().count(), "{stderr}");
        assert!(stderr.ends_with(said), "{stderr}");
    }
}

#[test]
fn gaps_are_reported() {
    let stage = Stage::new();
    stage.say(0..10);
    stage.scene.heroku().inject(Fault::drop_stream("GET /logs/*", 10).times(1));
    stage.scene.heroku().inject(Fault::answer("GET /logs/*", 503).times(2));
    let mut tail = stage.start(&["staging", "tail", "-n", "10"], "20");
    assert_eq!(tail.next(10), lines(0..10));
    stage.say(10..2000);
    assert_eq!(tail.next(1500), lines(500..2000));
    let (_, stderr) = tail.stop("-TERM");
    assert!(stderr.ends_with("resumed, some lines may be missing\n"), "{stderr}");
}

#[test]
fn incomplete_logs_are_reported() {
    let stage = Stage::new();
    stage.say(0..300);
    stage.scene.heroku().inject(Fault::drop_stream("GET /logs/*", 40).times(1));
    let ran = stage.run(&["staging", "logs", "--num", "200"]);
    assert_eq!((ran.lines(), ran.code), (lines(100..300), Some(0)));
    assert!(ran.stderr.ends_with("resumed, nothing missing\n"), "{}", ran.stderr);
    stage.scene.heroku().inject(Fault::drop_stream("GET /logs/*", 40).times(1));
    stage.scene.heroku().inject(Fault::answer("GET /logs/*", 502).times(1));
    stage.scene.heroku().inject(Fault::answer("GET /logs/*", 502).times(1));
    assert_eq!(stage.run(&["staging", "logs", "--num", "200"]).lines(), lines(100..300));
}

#[test]
fn refused_log_sessions_are_not_retried() {
    let stage = Stage::new();
    for (status, code) in [(401, 4), (403, 4), (404, 1)] {
        let before = stage.sessions();
        stage.scene.heroku().inject(Fault::answer("POST /apps/*/log-sessions", status).times(1));
        let ran = stage.run(&["staging", "tail"]);
        assert_eq!((ran.code, stage.sessions() - before), (Some(code), 1), "{}", ran.stderr);
        assert!(ran.stdout.is_empty());
    }
}

#[test]
fn a_closed_pipe_ends_the_tail_quietly() {
    let stage = Stage::new();
    stage.scene.panel("PUT", "/apps/playhouse-staging/logs", json!({ "generate": 1_000_000 }));
    let mut logs = stage.start(&["staging", "logs"], "20");
    assert!(logs.next(1)[0].ends_with("ticket 0000001"));
    let (status, stderr) = logs.wait();
    assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_stream_that_ends_within_a_line_prints_whole_lines() {
    let stage = Stage::new();
    stage.say(0..10);
    stage.scene.heroku().inject(Fault::tear_stream("GET /logs/*", 5).times(1));
    let mut tail = stage.start(&["staging", "tail", "-n", "10"], "20");
    assert_eq!(tail.next(10), lines(0..10));
    let (_, stderr) = tail.stop("-TERM");
    assert!(stderr.ends_with("(the service ended it); resumed, nothing missing\n"), "{stderr}");
    // Where nothing more is to be had, what came of the line is shown.
    stage.scene.heroku().inject(Fault::tear_stream("GET /logs/*", 5).times(1));
    stage.scene.heroku().inject(Fault::answer("GET /logs/*", 502));
    let mut tail = stage.start(&["staging", "tail", "-n", "10"], "20");
    assert_eq!(tail.next(5), lines(0..5));
    let part = tail.next(1).remove(0);
    assert!(part.len() > 20 && line(5).starts_with(&part) && part != line(5), "{part:?}");
    tail.stop("-TERM");
}

#[test]
fn a_closed_pipe_ends_a_silent_tail() {
    let stage = Stage::new();
    stage.say(0..3);
    let tail = ["staging", "tail", "-n", "3"];
    for words in [&tail as &[&str], &[&tail[..], &["--grep", "no such line"]].concat()] {
        let mut tail = stage.start(words, "60");
        if words.len() == 4 {
            assert_eq!(tail.next(3), lines(0..3));
        }
        let begun = Instant::now();
        let (status, stderr) = tail.wait();
        assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    }
}

#[test]
fn missing_credentials_have_a_login_hint() {
    let mut stage = Stage::new();
    stage.scene.set("HEROKU_API_KEY", "");
    let refused = |stage: &Stage, line: &str, hint: &str| {
        let outcome = stage.scene.run(line);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(4), ""), "{line}: {outcome}");
        assert!(outcome.stderr.contains(hint), "{line}: {outcome}");
    };
    for line in ["staging logs", "production tail", "staging logs --grep Error"] {
        refused(&stage, line, "hint: heroku login\n");
    }
    let tools = stage.scene.folder().join("bin");
    fs::create_dir_all(&tools).expect("a folder");
    install_script(&tools.join("heroku"), "echo heroku \"$@\"");
    stage.scene.put_on_path(tools);
    // The Heroku CLI may have a login of its own; but it has neither `--grep` nor lines of JSON.
    let forwarded = stage.scene.run("production tail --verbose -p web");
    assert_eq!(forwarded.stdout, "heroku logs --app=playhouse-production --tail -p web\n", "{forwarded}");
    refused(&stage, "staging logs --grep Error", "hint: heroku login\n");
    refused(&stage, "staging logs --json", "\"hints\":[\"heroku login\"]");
}

#[test]
fn an_interrupt_ends_the_tail_at_once() {
    let stage = Stage::new();
    stage.say(0..1);
    let mut tail = stage.start(&["staging", "tail", "-n", "1"], "20");
    tail.next(1);
    let begun = Instant::now();
    let (status, _) = tail.stop("-INT");
    assert!(status.signal() == Some(2) || status.code() == Some(130), "{status}");
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[test]
fn lines_of_several_apps_are_prefixed() {
    let stage = Stage::new();
    let config = "[environments.all]\napps = [\"playhouse-staging\", \"playhouse-production\"]\n";
    fs::write(stage.scene.repository().join("greenroom.toml"), config).expect("a file");
    stage.say(0..3);
    let say = json!({ "lines": ["2024 app[web.1]: from production"] });
    stage.scene.panel("POST", "/apps/playhouse-production/logs", say);
    let ran = stage.run(&["greenroom", "on", "all", "logs", "-n", "1"]);
    let mut printed = ran.lines();
    printed.sort();
    assert_eq!(
        printed,
        [
            "playhouse-production | 2024 app[web.1]: from production".to_owned(),
            format!("playhouse-staging    | {}", line(2)),
        ]
    );
    stage.scene.heroku().inject(Fault::answer("POST /apps/playhouse-production/log-sessions", 403));
    let ran = stage.run(&["greenroom", "on", "all", "logs", "-n", "1"]);
    assert_eq!((ran.lines().len(), ran.code), (1, Some(4)));
    assert!(ran.stderr.contains("no more log of playhouse-production"), "{}", ran.stderr);
}

#[test]
fn fir_apps_fall_back_to_the_heroku_cli() {
    let stage = Stage::new();
    stage.scene.panel("PATCH", "/apps/playhouse-staging", json!({ "generation": { "name": "fir" } }));
    let tools = stage.scene.folder().join("bin");
    fs::create_dir_all(&tools).expect("a folder");
    install_script(&tools.join("heroku"), "echo \"$@\"");
    let mut command = stage.command(&["staging", "tail", "-p", "web"]);
    let output =
        command.env("PATH", format!("{}:/usr/bin:/bin", tools.display())).output().expect("a program");
    let ran = Ran::of(output);
    assert_eq!(ran.lines(), ["logs --app=playhouse-staging --tail --process-type=web"], "{}", ran.stderr);
}

#[test]
fn a_dry_run_makes_no_requests() {
    let stage = Stage::new();
    let ran = stage.run(&["staging", "tail", "--dry-run", "-n", "5"]);
    let printed = String::from_utf8(ran.stdout).expect("UTF-8");
    assert!(printed.contains("/apps/playhouse-staging/log-sessions"), "{printed}");
    assert!(printed.contains(r#"{"lines":5,"tail":true}"#), "{printed}");
    assert!(!printed.contains(stage.scene.heroku().token()), "{printed}");
    assert!(stage.scene.heroku().exchanges().is_empty());
}

#[test]
fn available_lines_are_printed_at_once() {
    let stage = Stage::new();
    stage.say(1..4);
    stage.scene.heroku().inject(Fault::hang("GET /apps/*"));
    let begun = Instant::now();
    let ran = stage.run(&["staging", "logs", "-n", "2"]);
    assert_eq!(ran.lines(), [line(2), line(3)], "{}", ran.stderr);
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    assert_eq!(ran.stderr, "");
}

#[test]
fn dry_run_lines_can_be_pasted() {
    let mut stage = Stage::new();
    stage.say(1..4);
    let ran = stage.run(&["staging", "logs", "--dry-run", "-n", "2"]);
    let printed = String::from_utf8(ran.stdout).expect("UTF-8");
    stage.scene.put_on_path("/usr/bin".into());
    let ran = stage.run(&["sh", "-c", &printed]);
    for number in [2, 3] {
        assert!(
            ran.lines().iter().any(|read| read.contains(&line(number))),
            "{number}: {printed}\n{}",
            ran.stderr
        );
    }
}
