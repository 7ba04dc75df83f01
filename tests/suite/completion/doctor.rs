//! `greenroom doctor completion`, with each thing wrong that can be.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::super::pty::Pty;
use super::super::scene::{Scene, install_program, install_script, link_tool};
use super::prompt::home;

/// A scene with bash and the completion for it, a Heroku CLI, and somebody who is logged in.
fn healthy() -> Scene {
    let mut scene = Scene::playhouse();
    let tools = scene.folder().join("more");
    let package = scene.folder().join("lib/heroku");
    fs::create_dir_all(&tools).expect("a folder");
    fs::create_dir_all(package.join("bin")).expect("a folder");
    link_tool(&tools, "bash");
    for tool in ["sleep", "mv", "sh"] {
        link_tool(&tools, tool);
    }
    install_script(&package.join("bin/run.js"), "exit 0");
    fs::write(
        package.join("oclif.manifest.json"),
        r#"{"commands": {"ps": {"flags": {}}, "apps": {"flags": {}}}}"#,
    )
    .expect("a file");
    std::os::unix::fs::symlink("../lib/heroku/bin/run.js", tools.join("heroku")).expect("a link");
    scene.put_on_path(tools).set("SHELL", "/bin/bash");
    assert_eq!(scene.run("greenroom completions --install").status, Some(0));
    scene
}

/// What is not `ok`, without the binaries' folder.
fn findings(scene: &Scene) -> String {
    let outcome = scene.run("greenroom doctor completion");
    let binaries = super::super::scene::binaries().display().to_string();
    let lines = outcome.stdout.lines().filter(|line| !line.starts_with("ok "));
    let lines: Vec<_> = lines.map(|line| line.replace(&binaries, "[BINARIES]")).collect();
    let has_problem = lines.iter().any(|line| line.starts_with("problem "));
    assert_eq!(outcome.status, Some(i32::from(has_problem)), "{outcome}");
    assert_eq!(outcome.stderr, "");
    lines.join("\n")
}

#[test]
fn all_is_well() {
    let scene = healthy();
    let outcome = scene.run("greenroom doctor");
    assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(0), ""), "{outcome}");
    assert!(outcome.stdout.lines().all(|line| line.starts_with("ok ")), "{outcome}");
    assert!(outcome.stdout.contains(" knows the completion\n"), "{outcome}");
    // It is called what it is.
    let help = scene.run("greenroom doctor --help").stdout;
    assert!(help.starts_with("Check the set-up of Tab completion"), "{help}");
    let json = scene.run("greenroom doctor completion --json");
    let found: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(found[0]["level"], "ok");
    assert_eq!(found[0]["examination"], "completion");
    assert!(found[0]["hint"].is_null());
    assert_eq!(scene.run("greenroom doctor nonsense").status, Some(2));
    assert_eq!(scene.run("greenroom doctor --shell tcsh").status, Some(2));
}

#[test]
fn a_shell_that_knows_nothing() {
    let scene = healthy();
    assert_eq!(scene.run("greenroom completions bash --uninstall").status, Some(0));
    let found = findings(&scene);
    assert!(found.contains(" does not know the completion\n"), "{found}");
    assert!(found.contains("hint: greenroom completions bash --install"), "{found}");
    let json = scene.run("greenroom doctor --json");
    assert_eq!(json.status, Some(1), "{json}");
    assert!(json.stdout.contains(r#""level": "problem""#), "{json}");
}

#[test]
fn another_releases_files() {
    let scene = healthy();
    let stub = home(&scene).join(".local/share/greenroom/completions/greenroom.bash");
    let text = fs::read_to_string(&stub).expect("a file");
    fs::write(&stub, text + "\n# older\n").expect("a file");
    let rc = home(&scene).join(".bashrc");
    let text = fs::read_to_string(&rc).expect("a file");
    fs::write(&rc, text.replace("# <<<", "true\n# <<<")).expect("a file");
    insta::assert_snapshot!(findings(&scene).replace(&*scene.folder().to_string_lossy(), "[SCENE]"), @"
    warning  [SCENE]/home/.local/share/greenroom/completions/greenroom.bash is not this release's
             hint: greenroom completions bash --install
    warning  greenroom's block in [SCENE]/home/.bashrc is not this release's
             hint: greenroom completions bash --install
    ");
    fs::write(&rc, "# >>> greenroom completions >>>\n").expect("a file");
    let found = findings(&scene);
    assert!(found.contains(".bashrc:1: greenroom's block has no end"), "{found}");
}

#[test]
fn a_shell_that_hangs_or_ends_early() {
    let scene = healthy();
    let rc = home(&scene).join(".bashrc");
    fs::write(&rc, "sleep 3600\n").expect("a file");
    let found = findings(&scene);
    assert!(found.contains("problem  an interactive bash does not start within 10 s\n"), "{found}");
    fs::write(&rc, "exit 3\n").expect("a file");
    let found = findings(&scene);
    assert!(found.contains("problem  an interactive bash does not come to its end\n"), "{found}");
}

#[test]
fn a_shell_that_is_not_there_or_not_known() {
    let mut scene = healthy();
    scene.set("SHELL", "/bin/dash");
    insta::assert_snapshot!(findings(&scene), @"
    problem  dash is no shell that is known here
             hint: greenroom doctor completion --shell bash
    ");
    scene.set("SHELL", "");
    insta::assert_snapshot!(findings(&scene), @"
    problem  SHELL names no shell
             hint: greenroom doctor completion --shell bash
    ");
    scene.set("SHELL", "/usr/bin/pwsh");
    let found = findings(&scene);
    let missing = "problem  pwsh is not on PATH\n         hint: greenroom doctor completion --shell bash\n";
    assert!(found.contains(missing), "{found}");
    assert_eq!(scene.run("greenroom doctor completion --shell bash").status, Some(0));
}

/// A scene with the completion for this shell, and where its start-up file is; none where the shell is not installed.
fn healthy_in(shell: &str) -> Option<(Scene, PathBuf)> {
    if which::which(shell).is_err() {
        assert!(env::var_os("CI").is_none(), "{shell} must be installed in CI");
        return None;
    }
    let mut scene = healthy();
    let tools = scene.folder().join("more");
    if shell != "bash" {
        link_tool(&tools, shell);
        scene.set("SHELL", format!("/bin/{shell}"));
        assert_eq!(scene.run("greenroom completions --install").status, Some(0));
    }
    let file = match shell {
        "fish" => ".config/fish/config.fish".to_owned(),
        other => format!(".{other}rc"),
    };
    let file = home(&scene).join(file);
    assert_eq!(findings(&scene), "", "{shell}");
    Some((scene, file))
}

/// Adds a line to the end of a start-up file.
fn append(file: &Path, line: &str) {
    let text = fs::read_to_string(file).unwrap_or_default();
    fs::write(file, format!("{text}{line}\n")).expect("a file");
}

/// The folder that the home folder is in.
fn above_home(scene: &Scene) -> String {
    home(scene).parent().expect("a folder").display().to_string()
}

/// The only thing that is wrong; its line mends it.
fn mended(scene: &Scene) -> String {
    let found = findings(scene);
    let (problem, hint) = found.split_once("\n         hint: ").unwrap_or_else(|| panic!("no hint: {found}"));
    assert!(problem.starts_with("problem  ") && !problem.contains('\n') && !hint.contains('\n'), "{found}");
    let binaries = super::super::scene::binaries().display().to_string();
    let line = hint.replace("[BINARIES]", &binaries).replace("[SCENE]", &above_home(scene));
    let outcome = scene.run_words("bash", &["--norc", "-c", &line]);
    assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
    assert_eq!(findings(scene), "", "{line}");
    found
}

#[test]
fn a_start_up_file_that_sets_path_anew() {
    for (shell, line) in
        [("bash", "PATH=/nowhere"), ("zsh", "PATH=/nowhere"), ("fish", "set PATH /usr/bin /bin")]
    {
        let Some((scene, file)) = healthy_in(shell) else { continue };
        append(&file, line);
        let found = mended(&scene);
        let problem = format!("problem  {shell} finds no greenroom: a start-up file sets PATH anew\n");
        assert!(found.starts_with(&problem), "{found}");
    }
}

#[test]
fn a_tab_key_that_does_something_else() {
    for (shell, line, bound) in [
        ("bash", r#"bind '"\t": self-insert'"#, "self-insert"),
        ("bash", r#"bind '"\t": "  "'"#, r#""  ""#),
        ("bash", r#"bind -x '"\t": true'"#, "\"true\""),
        ("bash", r"bind -r '\t'", "nothing"),
        ("zsh", "bindkey '^I' self-insert", "self-insert"),
        ("zsh", "bindkey -r '^I'", "undefined-key"),
        ("fish", r"bind \t 'commandline -i x'", r"bind \t 'commandline -i x'"),
        ("fish", r"bind --erase --preset \t", "nothing"),
    ] {
        let Some((scene, file)) = healthy_in(shell) else { continue };
        append(&file, line);
        let found = mended(&scene);
        let problem = format!("problem  Tab completes nothing in {shell}: it is bound to {bound}\n");
        assert!(found.starts_with(&problem), "{line}: {found}");
    }
}

#[test]
fn a_bash_that_asks_nobody_what_to_complete() {
    let Some((scene, file)) = healthy_in("bash") else { return };
    append(&file, "shopt -u progcomp");
    insta::assert_snapshot!(mended(&scene), @"
    problem  bash asks nobody what to complete: progcomp is off
             hint: echo 'shopt -s progcomp' >>[SCENE]/home/.bashrc
    ");
}

#[test]
fn completions_of_a_persons_own() {
    for (shell, line, by) in [
        ("bash", "complete -W mine staging", "complete -W 'mine' staging"),
        ("bash", "complete -r staging", "nothing"),
        ("zsh", "mine() { compadd mine }; compdef mine staging", "mine"),
    ] {
        let Some((scene, file)) = healthy_in(shell) else { continue };
        if shell == "zsh" {
            let text = fs::read_to_string(&file).expect("a file");
            fs::write(&file, format!("autoload -Uz compinit; compinit -i\n{text}")).expect("a file");
        }
        append(&file, line);
        let found = mended(&scene);
        let problem = format!("problem  staging is completed by {by} in {shell}\n");
        assert!(found.starts_with(&problem), "{found}");
    }
    for (text, too) in [
        ("complete -c staging -a mine", ", too"),
        ("complete -c staging -e\ncomplete -c staging -a mine", ""),
    ] {
        let Some((scene, file)) = healthy_in("fish") else { return };
        let own = file.with_file_name("completions/staging.fish");
        fs::create_dir_all(own.parent().expect("a folder")).expect("a folder");
        fs::write(own, format!("{text}\n")).expect("a file");
        let problem =
            "problem  staging is completed by [SCENE]/home/.config/fish/completions/staging.fish in fish";
        assert!(mended(&scene).starts_with(&format!("{problem}{too}\n")), "{text}");
    }
}

#[test]
fn a_start_up_file_that_fails() {
    for (shell, failure, hint) in [
        ("bash", "nonsense: command not found", "bash -xic exit   # shows what is run, line by line"),
        ("zsh", "[SCENE]/home/.zshrc:1: command not found: nonsense", "${EDITOR:-vi} +1 [SCENE]/home/.zshrc"),
        ("fish", "fish: Unknown command: nonsense", "${EDITOR:-vi} +1 [SCENE]/home/.config/fish/config.fish"),
    ] {
        let Some((scene, file)) = healthy_in(shell) else { continue };
        let text = fs::read_to_string(&file).unwrap_or_default();
        fs::write(&file, format!("nonsense\n{text}")).expect("a file");
        let expected = format!("problem  a start-up file of {shell} fails: {failure}\n         hint: {hint}");
        assert_eq!(findings(&scene), expected);
    }
}

#[test]
fn a_start_up_file_that_ends_before_the_completion() {
    for (shell, line) in [("bash", "return"), ("zsh", "return")] {
        let Some((scene, file)) = healthy_in(shell) else { continue };
        let text = fs::read_to_string(&file).expect("a file");
        fs::write(&file, format!("{line}\n{text}")).expect("a file");
        let found = findings(&scene);
        let said = " does not know the completion, though it is installed: a start-up file ends before that is read\n";
        assert!(found.contains(said) && found.contains(" -xic exit   # "), "{found}");
    }
}

#[test]
fn a_start_up_file_that_reads_what_is_typed() {
    for shell in ["bash", "zsh", "fish"] {
        let Some((scene, file)) = healthy_in(shell) else { continue };
        append(&file, if shell == "fish" { "read answer" } else { "read -r answer" });
        let found = findings(&scene);
        let expected = format!(
            "problem  a start-up file of {shell} reads what is typed at the prompt\n         \
             hint: grep -nwE 'read|input|cat' {}   # let it read </dev/null",
            file.display().to_string().replace(&above_home(&scene), "[SCENE]")
        );
        assert_eq!(found, expected);
    }
}

#[test]
fn a_start_up_file_that_is_slow() {
    let Some((scene, file)) = healthy_in("bash") else { return };
    append(&file, "sleep 5");
    let found = findings(&scene);
    assert!(found.starts_with("problem  the start-up files of bash take "), "{found}");
    assert!(found.ends_with("bash -xic exit   # shows what is run, line by line"), "{found}");
}

#[test]
fn other_programs_of_the_same_name() {
    let mut scene = healthy();
    let folder = scene.folder().join("own");
    fs::create_dir(&folder).expect("a folder");
    install_script(&folder.join("staging"), "exit 0");
    install_program(&super::super::scene::binaries().join("review"), &folder.join("review"));
    scene.put_on_path(folder);
    let list = home(&scene).join(".local/share/greenroom/links");
    fs::write(list, "qa\n").expect("a file");
    insta::assert_snapshot!(findings(&scene).replace(&*scene.folder().to_string_lossy(), "[SCENE]"), @r#"
    problem  staging on PATH is another program: [SCENE]/own/staging
             hint: export PATH=[BINARIES]:"$PATH"
    warning  review on PATH is another installation's: [SCENE]/own/review
             hint: export PATH=[BINARIES]:"$PATH"
    warning  qa is not on PATH
             hint: greenroom link qa
    "#);
}

#[test]
fn no_heroku_and_nobody_logged_in() {
    let mut scene = healthy();
    fs::remove_file(scene.folder().join("lib/heroku/oclif.manifest.json")).expect("a file");
    let found = findings(&scene);
    assert!(found.contains("warning  the Heroku CLI's manifest cannot be read"), "{found}");
    fs::remove_file(scene.folder().join("more/heroku")).expect("a link");
    scene.set("HEROKU_API_KEY", "");
    insta::assert_snapshot!(findings(&scene), @"
    problem  the Heroku CLI is not on PATH: none of its commands are offered
             hint: npm install --global heroku
    warning  not logged in to [HEROKU]: no names from there are offered
             hint: heroku login
    ");
}

#[test]
fn a_zsh_without_its_completion_system() {
    if which::which("zsh").is_err() {
        return;
    }
    let mut scene = healthy();
    link_tool(&scene.folder().join("more"), "zsh");
    scene.set("SHELL", "/bin/zsh");
    fs::write(home(&scene).join(".zshrc"), "true\n").expect("a file");
    let found = findings(&scene);
    assert!(found.contains("problem  zsh's completion system is not started\n"), "{found}");
    assert_eq!(scene.run("greenroom completions --install").status, Some(0));
    assert_eq!(findings(&scene), "");
}

#[test]
fn a_zsh_whose_folder_is_named_in_a_file_of_its_own() {
    if which::which("zsh").is_err() {
        return;
    }
    let mut scene = healthy();
    link_tool(&scene.folder().join("more"), "zsh");
    scene.set("SHELL", "/bin/zsh");
    let folder = scene.folder().join("z");
    fs::create_dir(&folder).expect("a folder");
    fs::write(home(&scene).join(".zshenv"), format!("ZDOTDIR='{}'\n", folder.display())).expect("a file");
    assert_eq!(scene.run("greenroom completions --install").status, Some(0));
    let hint = "hint: ZDOTDIR=[SCENE]/z greenroom completions zsh --install";
    let found = findings(&scene);
    assert!(found.contains(" does not know the completion\n") && found.contains(hint), "{found}");
    scene.set("ZDOTDIR", &folder);
    assert_eq!(scene.run("greenroom completions --install").status, Some(0));
    assert_eq!(findings(&scene), "");
}

#[test]
fn other_shells_are_asked_too() {
    for (name, program) in [("fish", "fish"), ("nushell", "nu"), ("elvish", "elvish")] {
        if which::which(program).is_err() {
            continue;
        }
        let scene = healthy();
        link_tool(&scene.folder().join("more"), program);
        let examine = format!("greenroom doctor --shell {name}");
        let outcome = scene.run(&examine);
        assert_eq!(outcome.status, Some(1), "{outcome}");
        assert!(
            outcome.stdout.contains(&format!("hint: greenroom completions {name} --install\n")),
            "{outcome}"
        );
        assert_eq!(scene.run(&format!("greenroom completions {name} --install")).status, Some(0));
        let outcome = scene.run(&examine);
        assert_eq!(outcome.status, Some(0), "{outcome}");
        let asked = if name == "elvish" { "elvish was not asked" } else { " knows the completion\n" };
        assert!(outcome.stdout.contains(asked), "{outcome}");
    }
}

#[test]
fn at_a_terminal_the_shell_takes_it_from_nobody() {
    let scene = healthy();
    let mut command = scene.prepared("greenroom");
    command.args(["doctor", "completion"]);
    let shown = Pty::start(&command).end();
    assert_eq!(shown.code(), 0, "{}", shown.raw());
    assert!(shown.raw().contains(" knows the completion\n"), "{}", shown.raw());
}

#[test]
fn a_cache_that_is_of_no_use() {
    let mut scene = healthy();
    let cache = scene.folder().join("cache");
    scene.set("XDG_CACHE_HOME", &cache);
    let lists = cache.join("greenroom/completion");
    fs::create_dir_all(lists.join("api.heroku.com/playhouse-staging")).expect("a folder");
    fs::write(lists.join("api.heroku.com/playhouse-staging/dynos"), "web.1").expect("a file");
    fs::set_permissions(&lists, fs::Permissions::from_mode(0o755)).expect("a mode");
    let shown = |text: &str| text.replace(&*scene.folder().to_string_lossy(), "[SCENE]");
    insta::assert_snapshot!(shown(&findings(&scene)), @"
    problem  [SCENE]/cache/greenroom/completion can be read by others
             hint: chmod go-rwx [SCENE]/cache/greenroom/completion
    ");
    fs::set_permissions(&lists, fs::Permissions::from_mode(0o700)).expect("a mode");
    let outcome = scene.run("greenroom doctor");
    assert!(
        outcome
            .stdout
            .contains("ok       [SCENE]/cache/greenroom/completion holds 1 kB: lists of names, 1\n"),
        "{outcome}"
    );
    let failed = lists.join("api.heroku.com/playhouse-staging/config-vars.failed");
    fs::write(failed, "1000 HTTP 503\u{1b}[2J\n").expect("a file");
    let found = findings(&scene);
    assert!(
        found.starts_with("warning  api.heroku.com/playhouse-staging/config-vars could not be read "),
        "{found}"
    );
    assert!(found.contains(" days ago: HTTP 503") && !found.contains('\u{1b}'), "{found}");
    fs::remove_dir_all(&cache).expect("a folder");
    fs::write(&cache, "").expect("a file");
    let found = shown(&findings(&scene));
    assert!(
        found.starts_with("problem  nothing can be remembered in [SCENE]/cache/greenroom/completion: "),
        "{found}"
    );
}
