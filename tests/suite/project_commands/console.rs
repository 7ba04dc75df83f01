//! `console`.

use serde_json::json;

use super::{deployed, deployed_with, last_command, redacted, requested};
use crate::pty::Pty;
use crate::scene::Scene;

#[test]
fn the_console_of_each_framework_runs_on_the_dyno() {
    let scene = deployed();
    let phoenix = "[app: :playhouse]\n{:phoenix, \"~> 1.7\"}\n";
    for (file, text, told, expected) in [
        ("bin/rails", "", "Rails: bin/rails", "<rails><console><--sandbox><a b> POOL_SIZE="),
        (
            "Gemfile.lock",
            "    railties (8.0.1)\n",
            "Rails: Gemfile.lock",
            "<bundle><exec><rails><console><--sandbox><a b> POOL_SIZE=",
        ),
        (
            "manage.py",
            "import django",
            "Django: manage.py",
            "<python><manage.py><shell><--sandbox><a b> POOL_SIZE=",
        ),
        ("mix.exs", phoenix, "Phoenix: mix.exs", "<iex><-S><mix><--sandbox><a b> POOL_SIZE=2"),
        ("artisan", "", "Laravel: artisan", "<php><artisan><tinker><--sandbox><a b> POOL_SIZE="),
        ("package.json", "{}", "Node: package.json", "<node><--sandbox><a b> POOL_SIZE="),
    ] {
        scene.write(file, text);
        let outcome = scene.run_words("staging", &["--verbose", "console", "--sandbox", "a b"]);
        assert_eq!((outcome.stdout.trim_end(), outcome.status), (expected, Some(0)), "{outcome}");
        assert!(outcome.stderr.contains(&format!("{told}\n")), "{outcome}");
        std::fs::remove_file(scene.repository().join(file)).expect("a file");
    }
}

#[test]
fn the_configuration_names_the_console() {
    let scene = deployed();
    scene.write("package.json", "{}");
    scene.write("greenroom.toml", "[commands]\nconsole = \"cd fake && ./node\"\n");
    let outcome = scene.run_words("staging", &["console", "it's"]);
    assert_eq!(outcome.stdout, "<node><it's> POOL_SIZE=\n", "{outcome}");
    assert_eq!(last_command(&scene), r"bash -c 'cd fake && ./node '\''it'\''\'\'''\''s'\'''");
    scene.write("greenroom.toml", "[commands]\nconsole = \"\"\n");
    insta::assert_snapshot!(scene.run("staging console"), @"
    ------- stderr -------
    error: [SCENE]/playhouse/greenroom.toml: [commands]: `console` is empty
    [exit status: 2]
    ");
}

#[test]
fn a_process_type_of_the_procfile_names_the_console() {
    let scene = deployed();
    scene.write("bin/rails", "");
    scene.write("Procfile", "web: node server.js\nconsole: fake/node --procfile\n");
    let types = json!({ "process_types": { "web": "node server.js", "console": "fake/node --procfile" } });
    scene.change_slug("playhouse-staging", types);
    let outcome = scene.run_words("staging", &["console", "a b"]);
    assert_eq!(outcome.stdout, "<node><--procfile><a b> POOL_SIZE=\n", "{outcome}");
    assert_eq!(last_command(&scene), "console 'a b'", "Heroku replaces only a bare word");
}

#[test]
fn without_a_known_console_the_key_is_named() {
    let scene = Scene::quiet();
    std::fs::remove_file(scene.repository().join("package.json")).expect("a file");
    insta::assert_snapshot!(scene.run("staging console"), @r#"
    ------- stderr -------
    error: no console command found
      caused by: greenroom.toml has no [commands] console, the Procfile no type console, and [SCENE]/playhouse is not a Rails, Django, Phoenix, Laravel or Node project
    hint: commands.console = "bin/rails console"   # in greenroom.toml, above its first [section]
    [exit status: 2]
    "#);
    assert!(requested(&scene).is_empty());
}

#[test]
fn options_are_those_of_run_and_the_rest_is_the_consoles() {
    let scene = deployed();
    scene.write("package.json", "{}");
    let line = "staging console -s standard-2x --env STATUS=7 --no-tty -x --version -s";
    let outcome = scene.run(line);
    assert_eq!(
        (outcome.stdout.trim_end(), outcome.status),
        ("<node><--version><-s> POOL_SIZE=", Some(7)),
        "{outcome}"
    );
    let body = requested(&scene).pop().expect("a dyno");
    assert_eq!((&body["size"], &body["force_no_tty"]), (&json!("standard-2x"), &json!(true)));
    assert_eq!(body["env"]["STATUS"], "7");
    insta::assert_snapshot!(scene.run("staging --dry-run console -e TOKEN=secret"), @r#"curl -X POST [HEROKU]/apps/playhouse-staging/dynos -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"attach":true,"command":"node ; echo \"￿ heroku-command-exit-status: $?\"","env":{"TOKEN":"[hidden]"},"time_to_live":86400}'"#);
    assert_eq!(requested(&scene).len(), 1);
}

#[test]
fn the_console_is_a_terminal() {
    let scene = deployed_with(&[(
        "fake/node",
        r#"printf '> '; while read -r line; do test "$line" = leave && exit 3; echo "said $line"; printf '> '; done; echo end"#,
    )]);
    scene.write("package.json", "{}");
    let before = Pty::modes_of_a_new_one();
    let mut pty = Pty::start(scene.prepared("staging").arg("console"));
    pty.sees("> ", 1).types("caf\u{e9}\r").sees("said caf\u{e9}", 1).types("leave\r");
    let shown = pty.ends(3);
    assert_eq!(shown.modes, before);
    assert!(!shown.raw().contains("is protected"), "{}", shown.raw());
    let mut pty = Pty::start(scene.prepared("staging").arg("console"));
    pty.sees("> ", 1).types("\x04").sees("end", 1);
    pty.ends(0);
}

#[test]
fn a_console_of_production_says_so_first() {
    let scene = Scene::quiet();
    let outcome = scene.run("production console --eval 0");
    insta::assert_snapshot!(redacted(&outcome), @"
    ------- stderr -------
    production: playhouse-production is protected
    Running node --eval 0 on playhouse-production... up, run.1234
    ");
}
