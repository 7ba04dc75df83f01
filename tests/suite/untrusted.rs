//! A repository is not trusted: nothing in it can run a program.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::json;

use super::scene::{Outcome, Scene, install_script, link_tool};

/// A clone whose files all try to run one program.
struct Trap {
    scene: Scene,
    evil: PathBuf,
    marker: PathBuf,
}

impl Trap {
    fn new() -> Self {
        let scene = Scene::playhouse();
        let (evil, marker) = (scene.folder().join("evil"), scene.folder().join("marker"));
        fs::write(&evil, format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\n", marker.display())).expect("a file");
        fs::set_permissions(&evil, fs::Permissions::from_mode(0o755)).expect("permissions");
        Self { scene, evil, marker }
    }

    /// Adds to the repository's own configuration; `EVIL` stands for the program.
    fn configure(&self, text: &str) -> &Self {
        let path = self.scene.repository().join(".git/config");
        let before = fs::read_to_string(&path).expect("a configuration");
        let added = text.replace("EVIL", &self.evil.display().to_string());
        fs::write(path, format!("{before}{added}\n")).expect("a configuration");
        self
    }

    /// The names under which the program ran since the last call.
    fn sprung(&self) -> Option<String> {
        let ran = fs::read_to_string(&self.marker).ok()?;
        fs::remove_file(&self.marker).expect("a file");
        Some(ran)
    }

    /// Checks that git itself runs the program; otherwise the tests here would prove nothing.
    fn is_set(&self, arguments: &[&str]) {
        _ = self.scene.prepared("git").args(arguments).output().expect("git");
        assert!(self.sprung().is_some(), "git {arguments:?} does not spring the trap");
    }

    fn run(&self, line: &str) -> Outcome {
        let mut words = line.split_whitespace();
        self.run_words(words.next().expect("a program"), &words.collect::<Vec<_>>())
    }

    fn run_words(&self, program: &str, arguments: &[&str]) -> Outcome {
        let outcome = self.scene.run_words(program, arguments);
        assert_eq!(self.sprung(), None, "{program} {arguments:?}: {outcome}");
        outcome
    }

    /// Runs every command that reads the repository.
    fn run_all(&self) {
        for (line, code) in [
            ("staging which", 0),
            ("review which", 1),
            ("production --dry-run promote --force", 0),
            ("production --dry-run promote --force --commit HEAD", 0),
            ("production --dry-run promote --force --commit main --from prepare", 0),
            ("staging --dry-run ship --test true", 0),
            ("greenroom on staging,production which", 0),
            ("staging logs -n 1", 0),
            ("staging --dry-run features", 0),
            ("prepare wait", 0),
            ("staging --dry-run deploy", 0),
            ("staging deploy --build", 0),
            ("prepare deploy --source --build", 0),
            ("staging diff --stat", 0),
            ("staging diff --stat --json HEAD", 0),
            ("staging sha", 0),
            ("staging releases", 0),
            ("production --dry-run rollback", 0),
            ("production status", 0),
            ("production promote --yes --force", 0),
        ] {
            let outcome = self.run(line);
            if line != "review which" {
                assert_eq!(outcome.status, Some(code), "{line}: {outcome}");
            }
        }
    }
}

/// A commit with a fake signature, on `main` and in the slug of prepare.
fn signed_commit(scene: &Scene) {
    let text = scene.git(&["cat-file", "commit", "HEAD"]);
    let (head, message) = text.split_once("\n\n").expect("a commit");
    let parent = scene.git(&["rev-parse", "HEAD"]);
    let tree = head.lines().next().expect("a tree");
    let people: Vec<&str> =
        head.lines().filter(|line| line.starts_with("author") || line.starts_with("committer")).collect();
    let signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----";
    let commit = format!("{tree}\nparent {parent}{}\n{signature}\n\nSigned: {message}", people.join("\n"));
    let file = scene.folder().join("commit");
    fs::write(&file, commit).expect("a file");
    let id = scene.git(&["hash-object", "-t", "commit", "-w", &file.display().to_string()]).trim().to_owned();
    for reference in ["refs/heads/main", "refs/remotes/origin/main"] {
        scene.git(&["update-ref", reference, &id]);
    }
    let release = json!({ "commit": id });
    scene.release("playhouse-prepare", release);
}

#[test]
fn git_configuration_runs_no_program() {
    let trap = Trap::new();
    signed_commit(&trap.scene);
    trap.configure(
        "[core]\n\tfsmonitor = EVIL\n\tpager = EVIL\n\tsshCommand = EVIL\n\taskPass = EVIL\n\teditor = EVIL\n\
         \thooksPath = .\n\tgitProxy = EVIL\n\talternateRefsCommand = EVIL\n\
         [log]\n\tshowSignature = true\n[gpg]\n\tprogram = EVIL\n[gpg \"ssh\"]\n\tprogram = EVIL\n\
         [diff]\n\texternal = EVIL\n[pager]\n\tlog = EVIL\n\tcat-file = EVIL\n\trev-parse = EVIL\n\
         [credential]\n\thelper = EVIL\n[sequence]\n\teditor = EVIL\n[interactive]\n\tdiffFilter = EVIL\n\
         [filter \"evil\"]\n\tsmudge = EVIL\n\tclean = EVIL\n\tprocess = EVIL\n\
         [diff \"evil\"]\n\ttextconv = EVIL\n\tcommand = EVIL\n\
         [alias]\n\tlog = !EVIL\n\trev-parse = !EVIL\n\tcat-file = !EVIL\n\twhich = !EVIL",
    );
    trap.scene.write(".gitattributes", "* filter=evil diff=evil\n");
    trap.is_set(&["status"]);
    trap.is_set(&["log", "-1", "--format=%H"]);
    trap.run_all();
}

#[test]
fn missing_commits_are_not_fetched() {
    let trap = Trap::new();
    trap.configure(
        "[core]\n\trepositoryFormatVersion = 1\n[extensions]\n\tpartialClone = lazy\n\
         [remote \"lazy\"]\n\turl = .\n\tpromisor = true\n\tpartialCloneFilter = blob:none\n\tuploadpack = EVIL",
    );
    let absent = "1234567890123456789012345678901234567890";
    trap.is_set(&["cat-file", "-e", absent]);
    let release = json!({ "commit": absent });
    trap.scene.release("playhouse-production", release);
    let outcome = trap.run("production --dry-run promote");
    assert!(outcome.stderr.contains("1234567 (not in this repository)"), "{outcome}");
    trap.run_all();
}

#[test]
fn an_embedded_bare_repository_runs_no_program() {
    let trap = Trap::new();
    let bare = trap.scene.repository().join("vendor/bare");
    trap.scene.git(&["clone", "--quiet", "--bare", ".", "vendor/bare"]);
    let configuration = fs::read_to_string(bare.join("config")).expect("a configuration");
    let added = format!(
        "[core]\n\tfsmonitor = {0}\n\tbare = false\n\tworktree = .\n[log]\n\tshowSignature = true\n[gpg]\n\tprogram = {0}\n\
         [remote \"staging\"]\n\turl = https://git.heroku.com/playhouse-staging.git\n",
        trap.evil.display()
    );
    fs::write(bare.join("config"), format!("{configuration}{added}")).expect("a configuration");
    for line in ["staging which", "staging --dry-run promote"] {
        let mut words = line.split(' ');
        let mut command = trap.scene.prepared(words.next().expect("a program"));
        let outcome = trap.scene.finish(command.args(words).current_dir(&bare));
        assert_eq!(trap.sprung(), None, "{line}: {outcome}");
    }
}

#[test]
fn programs_in_the_repository_are_not_found() {
    let mut trap = Trap::new();
    for name in ["git", "heroku", "security", "secret-tool", "sh", "gpg"] {
        fs::copy(&trap.evil, trap.scene.repository().join(name)).expect("a copy");
    }
    trap.run_all();
    // Even where the path says "look here first".
    for here in ["", ".", "./"] {
        trap.scene.put_on_path(PathBuf::from(here));
        trap.run_all();
        assert_eq!(trap.run("staging features").status, Some(1), "there is no CLI");
    }
}

#[test]
fn child_processes_find_no_programs_in_the_repository() {
    let mut trap = Trap::new();
    let tools = trap.scene.folder().join("further");
    fs::create_dir(&tools).expect("a folder");
    for tool in ["sh", "env", "true"] {
        link_tool(&tools, tool);
    }
    install_script(&tools.join("heroku"), "node; env node; exit 7");
    fs::copy(&trap.evil, trap.scene.repository().join("node")).expect("a copy");
    trap.scene.put_on_path(tools);
    for here in ["", ".", "./"] {
        trap.scene.put_on_path(PathBuf::from(here));
        let shell = trap.scene.prepared("sh").args(["-c", "node"]).output().expect("a shell");
        assert!(shell.status.success() && trap.sprung().is_some(), "a shell would have run it: {shell:?}");
        assert_eq!(trap.run("staging features").status, Some(7));
        trap.scene.commit("Something to ship");
        let outcome =
            trap.run_words("staging", &["ship", "--yes", "--test", "node || true", "--smoke", "node"]);
        assert!(outcome.stderr.contains("node"), "{outcome}");
        assert!(!outcome.stderr.contains("tested"), "{outcome}");
    }
}

#[test]
fn remote_urls_run_no_program() {
    let trap = Trap::new();
    let url = format!("ext::{} %S", trap.evil.display());
    trap.scene.git(&["config", "--global", "protocol.ext.allow", "always"]);
    trap.scene.git(&["remote", "set-url", "origin", &url]);
    trap.is_set(&["ls-remote", "origin"]);
    trap.scene.commit_here("Not pushed yet");
    let outcome = trap.run("production deploy --yes");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stderr.contains("transport 'ext' not allowed"), "{outcome}");
}

#[test]
fn invalid_app_names_are_not_used() {
    for name in [
        "--help",
        "-rf",
        "../../account",
        "playhouse staging",
        "playhouse/../x",
        "a?b=c",
        "x#y",
        "",
        "Playhouse",
        "x.y",
        "\\u001b[2J",
        "playhouse-staging\\n",
        "$(touch marker)",
        "1playhouse",
    ] {
        let trap = Trap::new();
        for text in [
            format!("[environments.staging]\napp = \"{name}\"\n"),
            format!("[environments.staging]\napps = [\"playhouse-staging\", \"{name}\"]\n"),
        ] {
            trap.scene.write("greenroom.toml", text);
            for line in [
                "staging which",
                "staging --dry-run features",
                "staging features",
                "staging logs",
                "staging promote",
            ] {
                let outcome = trap.run(line);
                assert_eq!(
                    (outcome.status, outcome.stdout.as_str()),
                    (Some(2), ""),
                    "{name}, {line}: {outcome}"
                );
                assert!(!outcome.stderr.contains('\u{1b}'), "{outcome}");
            }
        }
        assert_eq!(trap.scene.requests(), [""; 0], "{name}");
    }
}

#[test]
fn names_in_configuration_cannot_change_request_paths() {
    let trap = Trap::new();
    for text in [
        "pipeline = \"../account\"\n[environments.qa]\nstage = \"staging\"\n",
        "pipeline = \"x/../../apps\"\n[environments.qa]\nstage = \"staging\"\n",
        "[environments.qa]\nremote = \"--upload-pack=evil\"\n",
        "[environments.qa]\npipeline = \"playhouse\"\nstage = \"../x\"\n",
    ] {
        trap.scene.write("greenroom.toml", text);
        let outcome = trap.run("greenroom on qa which");
        assert!(matches!(outcome.status, Some(1..=3)), "{text}: {outcome}");
    }
    for exchange in trap.scene.heroku().exchanges() {
        assert!(
            !exchange.path.contains("/../") && !exchange.path.starts_with("/account"),
            "{}",
            exchange.path
        );
    }
}
