//! Credentials: checked, and stored from stdin.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use super::{fresh_clone, remotes};
use crate::scene::{Outcome, Scene};

const TOKEN: &str = "rehearsal-token";
const OTHERS: &str = "# mine\nmachine example.com\n  login me\n  password other-secret\n";

/// A clone in which nobody is logged in.
fn logged_out() -> Scene {
    let mut scene = fresh_clone();
    scene.set("HEROKU_API_KEY", "");
    scene
}

fn home(scene: &Scene) -> std::path::PathBuf {
    scene.variable("HOME").expect("a home").into()
}

fn give(scene: &Scene, token: &str, line: &str) -> Outcome {
    let given = scene.folder().join("given");
    fs::write(&given, token).expect("a file");
    let mut words = line.split(' ');
    let mut command = scene.prepared(words.next().expect("a program"));
    let outcome =
        scene.finish(command.args(words).stdin(Stdio::from(fs::File::open(&given).expect("a file"))));
    assert!(!outcome.to_string().contains(TOKEN), "{outcome}");
    assert!(!outcome.to_string().contains("other-secret"), "{outcome}");
    outcome
}

#[test]
fn without_a_login_nothing_is_done() {
    let scene = logged_out();
    insta::assert_snapshot!(scene.run("greenroom setup --yes"), @"
    ------- stderr -------
    error: not logged in to [HEROKU]
    hint: heroku login
    hint: greenroom setup --token-stdin   # reads a token from stdin, and stores it
    [exit status: 4]
    ");
    insta::assert_snapshot!(scene.run("greenroom setup --check"), @"
    ------- stderr -------
    no   not logged in to [HEROKU]
    error: not logged in to [HEROKU]
    hint: heroku login
    [exit status: 1]
    ");
    assert_eq!(remotes(&scene), "");
}

#[test]
fn a_token_that_heroku_does_not_accept_is_said() {
    let mut scene = fresh_clone();
    scene.set("HEROKU_API_KEY", "wrong");
    insta::assert_snapshot!(scene.run("greenroom setup --check"), @"
    ------- stderr -------
    no   Invalid credentials provided
    error: Invalid credentials provided
    hint: HEROKU_API_KEY is not valid: set another one, or `unset HEROKU_API_KEY`
    [exit status: 1]
    ");
}

#[test]
fn a_token_from_stdin_is_stored_beside_the_others() {
    let scene = logged_out();
    let netrc = home(&scene).join(".netrc");
    fs::write(&netrc, OTHERS).expect("a file");
    fs::set_permissions(&netrc, fs::Permissions::from_mode(0o644)).expect("permissions");
    let dry = give(&scene, TOKEN, "greenroom setup --dry-run --token-stdin");
    insta::assert_snapshot!(dry, @"
    store the token of director@playhouse.example for [HEROKU] in [SCENE]/home/.netrc
    ------- stderr -------
    error: not logged in to [HEROKU]
    hint: heroku login
    hint: greenroom setup --token-stdin   # reads a token from stdin, and stores it
    [exit status: 4]
    ");
    assert_eq!(fs::read_to_string(&netrc).expect("a file"), OTHERS);
    let outcome = give(&scene, &format!("{TOKEN}\n"), "greenroom setup --token-stdin --yes");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert!(
        outcome.stderr.starts_with(
            "done store the token of director@playhouse.example for [HEROKU] in [SCENE]/home/.netrc\n\
             has  login as director@playhouse.example, with the netrc file\n"
        ),
        "{outcome}"
    );
    let text = fs::read_to_string(&netrc).expect("a file");
    let machine = scene.heroku().url().replace("http://", "");
    let entry = format!("machine {machine}\n  login director@playhouse.example\n  password {TOKEN}\n");
    assert_eq!(text, format!("{entry}{OTHERS}"));
    assert_eq!(fs::metadata(&netrc).expect("a file").permissions().mode() & 0o777, 0o600);
    assert_eq!(scene.run("staging which").stdout, "playhouse-staging\n");
    // Once more, in place of the first.
    let outcome = give(&scene, TOKEN, "greenroom setup --token-stdin --yes");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(fs::read_to_string(&netrc).expect("a file"), text);
}

#[test]
fn a_link_to_the_netrc_file_stays_one() {
    let scene = logged_out();
    let dotfiles = scene.folder().join("dotfiles");
    fs::write(&dotfiles, OTHERS).expect("a file");
    std::os::unix::fs::symlink(&dotfiles, home(&scene).join(".netrc")).expect("a link");
    assert_eq!(give(&scene, TOKEN, "greenroom setup --token-stdin --yes").status, Some(0));
    assert!(home(&scene).join(".netrc").is_symlink());
    assert!(fs::read_to_string(&dotfiles).expect("a file").ends_with(OTHERS));
}

#[test]
fn a_token_that_is_none_is_not_stored() {
    let scene = logged_out();
    insta::assert_snapshot!(give(&scene, "wrong", "greenroom setup --token-stdin --yes"), @"
    ------- stderr -------
    error: the token was not stored
      caused by: Invalid credentials provided.
      caused by: GET /account: HTTP 401 unauthorized
    hint: heroku login
    [exit status: 4]
    ");
    insta::assert_snapshot!(give(&scene, "two words", "greenroom setup --token-stdin --yes"), @"
    ------- stderr -------
    error: what standard input holds is no token: blanks or other odd characters
    [exit status: 2]
    ");
    insta::assert_snapshot!(give(&scene, "\n", "greenroom setup --token-stdin --yes"), @"
    ------- stderr -------
    error: no token came on stdin
    hint: heroku auth:token | greenroom setup --token-stdin
    [exit status: 2]
    ");
    assert!(!home(&scene).join(".netrc").exists());
    fs::write(home(&scene).join(".netrc.gpg"), "secret").expect("a file");
    insta::assert_snapshot!(give(&scene, TOKEN, "greenroom setup --token-stdin --yes"), @"
    ------- stderr -------
    error: [SCENE]/home/.netrc.gpg is encrypted, and was not changed
    hint: heroku login
    [exit status: 5]
    ");
}

#[test]
fn a_token_that_goes_before_it_is_named() {
    let mut scene = fresh_clone();
    assert_eq!(give(&scene, TOKEN, "greenroom setup --token-stdin --yes").status, Some(0), "the same one");
    scene.set("HEROKU_API_KEY", "another");
    let outcome = give(&scene, TOKEN, "greenroom setup --token-stdin --yes");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(
        outcome.stderr.contains("HEROKU_API_KEY goes before it\nhint: unset HEROKU_API_KEY\n"),
        "{outcome}"
    );
}
