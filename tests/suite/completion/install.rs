//! `greenroom completions --install`, with other files in the home folder, and in real shells.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::prompt::{CLEARS, PROMPT, Prompt, home, set_up};
use crate::pty::Pty;
use crate::scene::Scene;

const SHELLS: [&str; 6] = ["bash", "zsh", "fish", "elvish", "nushell", "powershell"];

/// The files below a folder with their contents.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                files.insert(path.clone(), fs::read(&path).expect("a file"));
            }
        }
    }
    files
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}

#[test]
fn the_stub_is_printed() {
    let scene = Scene::bare();
    for shell in SHELLS {
        let outcome = scene.run(&format!("greenroom completions {shell}"));
        assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(0), ""), "{outcome}");
        assert!(outcome.stdout.contains("__complete"), "{outcome}");
    }
    assert_eq!(
        scene.run("greenroom completions nu").stdout,
        scene.run("greenroom completions nushell").stdout
    );
    let mut scene = scene;
    scene.set("SHELL", "/usr/local/bin/zsh");
    assert_eq!(scene.run("greenroom completions").stdout, scene.run("greenroom completions zsh").stdout);
}

#[test]
fn unknown_shells_are_refused() {
    let mut scene = Scene::bare();
    insta::assert_snapshot!(scene.run("greenroom completions"), @"
    ------- stderr -------
    error: $SHELL is not set
    hint: choose one: greenroom completions bash|zsh|fish|elvish|nushell|powershell
    [exit status: 2]
    ");
    insta::assert_snapshot!(scene.run("greenroom completions tcsh --install"), @"
    ------- stderr -------
    error: invalid value 'tcsh' for '[SHELL]'
      [possible values: bash, zsh, fish, elvish, nushell, powershell]

      tip: a similar value exists: 'zsh'

    For more information, try '--help'.
    [exit status: 2]
    ");
    scene.set("SHELL", "/bin/dash");
    insta::assert_snapshot!(scene.run("greenroom completions --install"), @"
    ------- stderr -------
    error: unknown shell `dash`
    hint: choose one: greenroom completions bash|zsh|fish|elvish|nushell|powershell
    [exit status: 2]
    ");
    assert_eq!(scene.run("greenroom completions bash --install --uninstall").status, Some(2));
}

#[test]
fn uninstall_removes_what_install_wrote() {
    let scene = Scene::bare();
    let home = home(&scene);
    // With a line end, and without one.
    put(&home.join(".bashrc"), "alias ll='ls -l'\n");
    put(&home.join(".zshrc"), "alias ll='ls -l'");
    put(&home.join(".bash_profile"), "export EDITOR=vi\n");
    let before = files(&home);
    for shell in SHELLS {
        let install = format!("greenroom completions {shell} --install");
        let tried = scene.run(&format!("{install} --dry-run"));
        assert_eq!((tried.status, tried.stderr.as_str()), (Some(0), ""), "{tried}");
        assert_eq!(files(&home), before, "{tried}");
        let first = scene.run(&install);
        assert_eq!((first.status, first.stdout.as_str()), (Some(0), ""), "{first}");
        let installed = files(&home);
        for path in installed.keys().filter(|path| before.get(*path) != installed.get(*path)) {
            let shown = path.display().to_string().replace(&*scene.folder().to_string_lossy(), "[SCENE]");
            assert!(
                first.stderr.contains(&shown) && tried.stdout.contains(&shown),
                "{shown}: {first}\n{tried}"
            );
        }
        let second = scene.run(&install);
        assert!(second.stderr.lines().all(|line| line.ends_with(" is up to date")), "{second}");
        assert_eq!(files(&home), installed);
        let gone = scene.run(&format!("greenroom completions {shell} --uninstall"));
        assert_eq!(gone.status, Some(0), "{gone}");
        assert_eq!(files(&home), before, "{gone}");
        let nothing = scene.run(&format!("greenroom completions {shell} --uninstall"));
        assert_eq!(nothing.stderr, format!("nothing is installed for {shell}\n"));
    }
    assert!(!home.join(".local/share/greenroom").exists());
}

#[test]
fn install_prints_what_it_does() {
    let scene = Scene::bare();
    put(&home(&scene).join(".bashrc"), "true\n");
    insta::assert_snapshot!(scene.run("greenroom completions bash --install --dry-run"), @r#"
    write [SCENE]/home/.local/share/greenroom/completions/greenroom.bash
    add to [SCENE]/home/.bashrc, between two markers:
        [ ! -r "$HOME"/.local/share/greenroom/completions/greenroom.bash ] || . "$HOME"/.local/share/greenroom/completions/greenroom.bash
    "#);
    insta::assert_snapshot!(scene.run("greenroom completions bash --install"), @"
    ------- stderr -------
    wrote [SCENE]/home/.local/share/greenroom/completions/greenroom.bash
    added a block to [SCENE]/home/.bashrc
    a new bash completes greenroom's commands; if Tab offers nothing:
    hint: greenroom doctor completion --shell bash
    ");
    insta::assert_snapshot!(scene.run("greenroom completions bash --install"), @"
    ------- stderr -------
    [SCENE]/home/.local/share/greenroom/completions/greenroom.bash is up to date
    the block in [SCENE]/home/.bashrc is up to date
    ");
    let stub = home(&scene).join(".local/share/greenroom/completions/greenroom.bash");
    put(&stub, "# an older release's: __complete\n");
    let rc = home(&scene).join(".bashrc");
    put(&rc, &fs::read_to_string(&rc).expect("a file").replace("[ ! -r ", "# mine\n[ ! -r "));
    insta::assert_snapshot!(scene.run("greenroom completions bash --install"), @"
    ------- stderr -------
    updated [SCENE]/home/.local/share/greenroom/completions/greenroom.bash
    updated the block in [SCENE]/home/.bashrc
    a new bash completes greenroom's commands; if Tab offers nothing:
    hint: greenroom doctor completion --shell bash
    ");
    insta::assert_snapshot!(fs::read_to_string(&rc).expect("a file"), @r#"
    true
    # >>> greenroom completions >>>
    [ ! -r "$HOME"/.local/share/greenroom/completions/greenroom.bash ] || . "$HOME"/.local/share/greenroom/completions/greenroom.bash
    # <<< greenroom completions <<<
    "#);
    insta::assert_snapshot!(scene.run("greenroom completions bash --uninstall --dry-run"), @"
    remove the block from [SCENE]/home/.bashrc
    remove [SCENE]/home/.local/share/greenroom/completions/greenroom.bash
    ");
    insta::assert_snapshot!(scene.run("greenroom completions bash --uninstall"), @"
    ------- stderr -------
    removed the block from [SCENE]/home/.bashrc
    removed [SCENE]/home/.local/share/greenroom/completions/greenroom.bash
    ");
}

#[test]
fn bash_login_files_are_considered() {
    let Some(scene) = set_up("bash") else { return };
    let home = home(&scene);
    let has_block = |file: &str| {
        let text = fs::read_to_string(home.join(file)).unwrap_or_default();
        text.contains(">>> greenroom") && text.contains("/greenroom.bash")
    };
    let install = || assert_eq!(scene.run("greenroom completions bash --install").status, Some(0));
    let uninstall = || assert_eq!(scene.run("greenroom completions bash --uninstall").status, Some(0));
    put(&home.join(".profile"), ". ~/.bashrc\n");
    install();
    assert!(has_block(".bashrc") && !has_block(".profile"));
    // What is read for all users is no reason to think that the person's own is.
    put(&home.join(".profile"), ". /etc/bashrc\n");
    install();
    assert!(has_block(".profile"));
    // Other shells read that file, too.
    let sh = scene.run_words("bash", &["-c", "unset BASH_VERSION; . ~/.profile; complete -p staging"]);
    assert!(sh.stderr.contains("no completion specification"), "{sh}");
    put(&home.join(".bash_profile"), "true\n");
    install();
    assert!(has_block(".bash_profile"));
    // Whatever was written there since, all of them go.
    put(
        &home.join(".bash_profile"),
        &(fs::read_to_string(home.join(".bash_profile")).unwrap() + ". ~/.bashrc\n"),
    );
    uninstall();
    assert!([".bashrc", ".bash_profile", ".profile"].iter().all(|file| !has_block(file)));
    assert_eq!(fs::read_to_string(home.join(".profile")).expect("a file"), ". /etc/bashrc\n");
}

#[test]
fn a_terminal_gets_install_instructions() {
    let mut scene = Scene::bare();
    scene.set("SHELL", "/bin/zsh").set("NO_COLOR", "1");
    let mut command = scene.prepared("greenroom");
    command.arg("completions");
    let shown = Pty::start(&command).ends(0);
    assert!(shown.raw().trim_end().ends_with("hint: greenroom completions zsh --install"), "{}", shown.raw());
}

#[test]
fn symlinks_and_file_modes_are_kept() {
    let scene = Scene::bare();
    let home = home(&scene);
    put(&scene.folder().join("dotfiles/zshrc"), "true\n");
    let target = scene.folder().join("dotfiles/zshrc");
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).expect("a mode");
    std::os::unix::fs::symlink("../dotfiles/zshrc", home.join(".zshrc")).expect("a link");
    assert_eq!(scene.run("greenroom completions zsh --install").status, Some(0));
    assert_eq!(fs::read_link(home.join(".zshrc")).expect("a link"), Path::new("../dotfiles/zshrc"));
    assert_eq!(fs::metadata(&target).expect("a file").permissions().mode() & 0o777, 0o640);
    assert!(
        fs::read_to_string(&target).expect("a file").starts_with("true\n# >>> greenroom completions >>>\n")
    );
    assert_eq!(scene.run("greenroom completions zsh --uninstall").status, Some(0));
    assert!(home.join(".zshrc").is_symlink());
    assert_eq!(fs::read_to_string(&target).expect("a file"), "true\n");
    // The folder where zsh was told to look.
    let mut scene = scene;
    scene.set("ZDOTDIR", scene.folder().join("z"));
    assert_eq!(scene.run("greenroom completions zsh --install").status, Some(0));
    assert!(scene.folder().join("z/.zshrc").is_file());
}

#[test]
fn unsuitable_files_are_left_alone() {
    let scene = Scene::bare();
    let rc = home(&scene).join(".bashrc");
    let refused = |text: &[u8]| {
        fs::write(&rc, text).expect("a file");
        let outcome = scene.run("greenroom completions bash --install");
        assert_eq!(fs::read(&rc).expect("a file"), text);
        assert_eq!(files(&home(&scene)).len(), 1, "nothing else was made: {outcome}");
        outcome
    };
    insta::assert_snapshot!(refused(b"true\n# >>> greenroom completions >>>\nmy lines\n"), @"
    ------- stderr -------
    error: [SCENE]/home/.bashrc:2: the greenroom block has no end marker
    hint: add this line where the block ends: # <<< greenroom completions <<<
    [exit status: 1]
    ");
    insta::assert_snapshot!(refused(b"\xff\xfet\0r\0u\0e\0\n\0"), @"
    ------- stderr -------
    error: [SCENE]/home/.bashrc is not a UTF-8 text file
    hint: save it as UTF-8
    [exit status: 1]
    ");
    fs::write(&rc, "true\n").expect("a file");
    fs::set_permissions(&rc, fs::Permissions::from_mode(0o444)).expect("a mode");
    insta::assert_snapshot!(scene.run("greenroom completions bash --install"), @"
    ------- stderr -------
    error: [SCENE]/home/.bashrc is write-protected
    hint: chmod u+w [SCENE]/home/.bashrc
    [exit status: 1]
    ");
    fs::remove_file(&rc).expect("a file");
    std::os::unix::fs::symlink("nowhere", &rc).expect("a link");
    insta::assert_snapshot!(scene.run("greenroom completions bash --install"), @"
    ------- stderr -------
    error: [SCENE]/home/.bashrc is a broken symbolic link
    hint: ls -l [SCENE]/home/.bashrc
    [exit status: 1]
    ");
    fs::remove_file(&rc).expect("a link");
    put(&home(&scene).join(".config/fish/conf.d/greenroom.fish"), "# somebody else's\n");
    insta::assert_snapshot!(scene.run("greenroom completions fish --install"), @"
    ------- stderr -------
    error: [SCENE]/home/.config/fish/conf.d/greenroom.fish exists, and is not greenroom's
    hint: ls -l [SCENE]/home/.config/fish/conf.d/greenroom.fish
    [exit status: 1]
    ");
    assert_eq!(scene.run("greenroom completions fish --uninstall").status, Some(1));
}

/// Installs into a home with these settings, and asserts that a new shell completes.
fn completes(shell: &str, program: &str, settings: &[(&str, String)]) {
    let Some(scene) = set_up(program) else { return };
    for (file, text) in settings {
        put(&home(&scene).join(file), text);
    }
    let before = files(&home(&scene));
    let outcome = scene.run(&format!("greenroom completions {shell} --install"));
    assert_eq!(outcome.status, Some(0), "{outcome}");
    let mut prompt = Prompt::start(&scene.prepared(program));
    assert_eq!(prompt.tab("staging ta", &[]).text, "staging tail ");
    drop(prompt);
    let outcome = scene.run(&format!("greenroom completions {shell} --uninstall"));
    assert_eq!(outcome.status, Some(0), "{outcome}");
    let after = files(&home(&scene));
    assert!(before.iter().all(|(path, text)| after.get(path) == Some(text)), "{outcome}");
}

#[test]
fn a_new_bash_completes() {
    let settings = format!("PS1='{PROMPT}'\nbind 'set enable-bracketed-paste off'\n");
    completes("bash", "bash", &[(".bashrc", settings)]);
}

#[test]
fn a_new_zsh_completes_with_and_without_a_completion_system() {
    let settings = format!("PS1='{PROMPT}'\n");
    completes("zsh", "zsh", &[(".zshrc", settings.clone())]);
    completes("zsh", "zsh", &[(".zshrc", format!("autoload -Uz compinit && compinit -u\n{settings}"))]);
}

#[test]
fn a_new_fish_completes() {
    let settings = format!(
        "set -g fish_greeting\nset -g fish_autosuggestion_enabled 0\nfunction fish_title; end\n\
         function fish_prompt; echo -n '{PROMPT}'; end\n{CLEARS}\n"
    );
    completes("fish", "fish", &[(".config/fish/config.fish", settings)]);
}

#[test]
fn a_new_elvish_completes() {
    let settings = format!(
        "set edit:insert:binding[Ctrl-L] = $edit:clear~\nset edit:insert:binding[Ctrl-E] = $edit:move-dot-eol~\n\
         set edit:prompt = {{ put '{PROMPT}' }}\nset edit:rprompt = {{ }}\n"
    );
    completes("elvish", "elvish", &[(".config/elvish/rc.elv", settings)]);
}

#[test]
fn a_new_nushell_completes() {
    let settings = format!(
        "$env.config.show_banner = false\n$env.PROMPT_COMMAND = {{|| '' }}\n\
         $env.PROMPT_COMMAND_RIGHT = {{|| '' }}\n$env.PROMPT_INDICATOR = '{PROMPT}'\n"
    );
    completes("nushell", "nu", &[(".config/nushell/config.nu", settings)]);
}
