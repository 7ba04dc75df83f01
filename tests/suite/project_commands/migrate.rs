//! `migrate`.

use std::fs;

use rehearsal::Fault;
use serde_json::json;

use super::{deployed, redacted, requested, restarts};
use crate::scene::{Scene, install_script};

#[test]
fn the_migration_of_each_framework_runs_on_the_dyno() {
    let scene = deployed();
    let phoenix = "[app: :playhouse]\n{:phoenix, \"~> 1.7\"}\n";
    let prisma = r#"{"dependencies": {"prisma": "6"}}"#;
    let knex = r#"{"dependencies": {"knex": "3"}}"#;
    let sequelize = r#"{"dependencies": {"sequelize-cli": "6"}}"#;
    for (done, (file, text, expected)) in [
        ("bin/rails", "", "<rails><db:migrate> POOL_SIZE="),
        ("Gemfile.lock", "    railties (4.2.1)\n", "<bundle><exec><rake><db:migrate> POOL_SIZE="),
        ("manage.py", "import django", "<python><manage.py><migrate><--noinput> POOL_SIZE="),
        ("mix.exs", phoenix, "<mix><ecto.migrate> POOL_SIZE=2"),
        ("artisan", "", "<php><artisan><migrate><--force> POOL_SIZE="),
        ("package.json", prisma, "<npx><--no-install><prisma><migrate><deploy> POOL_SIZE="),
        ("package.json", knex, "<npx><--no-install><knex><migrate:latest> POOL_SIZE="),
        ("package.json", sequelize, "<npx><--no-install><sequelize-cli><db:migrate> POOL_SIZE="),
    ]
    .into_iter()
    .enumerate()
    {
        scene.write(file, text);
        let outcome = scene.run("staging migrate");
        assert_eq!((outcome.stdout.trim_end(), outcome.status), (expected, Some(0)), "{outcome}");
        assert!(outcome.stderr.ends_with("restarting all dynos on playhouse-staging\n"), "{outcome}");
        assert_eq!(restarts(&scene), done + 1);
        fs::remove_file(scene.repository().join(file)).expect("a file");
    }
}

#[test]
fn an_image_of_phoenix_has_a_release() {
    let scene = deployed();
    scene.write("mix.exs", "[app: :playhouse]\n{:phoenix, \"~> 1.7\"}\n");
    scene.write("heroku.yml", "");
    scene.write("rel/overlays/bin/migrate", "");
    assert_eq!(scene.run("staging migrate").stdout, "<migrate> POOL_SIZE=\n");
    let outcome = scene.run("staging --dry-run console");
    assert!(outcome.stdout.contains("bin/playhouse start_iex ;"), "{outcome}");
}

#[test]
fn the_app_is_restarted_after_the_migration() {
    let scene = deployed();
    scene.write("bin/rails", "");
    insta::assert_snapshot!(redacted(&scene.run("staging migrate VERSION=1")), @"
    <rails><db:migrate><VERSION=1> POOL_SIZE=
    ------- stderr -------
    Running bin/rails db:migrate VERSION=1 on playhouse-staging... up, run.1234
    restarting all dynos on playhouse-staging
    ");
    let changes: Vec<_> = scene.requests().into_iter().filter(|line| !line.starts_with("GET")).collect();
    let [.., made, restarted] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(made, "POST /apps/playhouse-staging/dynos");
    assert_eq!(restarted, "DELETE /apps/playhouse-staging/dynos");
    let outcome = scene.run("staging migrate --no-restart -- --trace");
    assert_eq!(outcome.stdout, "<rails><db:migrate><--trace> POOL_SIZE=\n", "{outcome}");
    assert_eq!(restarts(&scene), 1);
}

#[test]
fn after_a_migration_that_failed_nothing_is_restarted() {
    let scene = deployed();
    scene.write("bin/rails", "");
    insta::assert_snapshot!(redacted(&scene.run("staging migrate --env STATUS=7")), @"
    <rails><db:migrate> POOL_SIZE=
    ------- stderr -------
    Running bin/rails db:migrate on playhouse-staging... up, run.1234
    the migration ended with exit code 7; playhouse-staging was not restarted
    [exit status: 7]
    ");
    let outcome = scene.run("staging migrate --no-restart --env STATUS=130");
    assert_eq!(outcome.status, Some(130), "{outcome}");
    assert!(outcome.stderr.ends_with("the migration ended with exit code 130\n"), "{outcome}");
    scene.heroku().inject(Fault::CutOneOff {
        app: "playhouse-staging".into(),
        after_bytes: 3,
        times: Some(1),
    });
    insta::assert_snapshot!(redacted(&scene.run("staging migrate")), @"
    <ra------- stderr -------
    Running bin/rails db:migrate on playhouse-staging... up, run.1234
    error: the connection to run.1234 ended without an exit status
    hint: staging logs --dyno-name run.1234   # what it wrote to the app's log
    hint: staging ps   # whether it still runs
    hint: staging ps:stop run.1234   # stop it
    hint: staging ps:restart   # once the migration has succeeded
    [exit status: 1]
    ");
    assert_eq!(requested(&scene).len(), 3);
    assert_eq!(restarts(&scene), 0);
}

#[test]
fn a_restart_that_failed_does_not_hide_the_migration() {
    let scene = deployed();
    scene.write("bin/rails", "");
    scene.heroku().inject(
        Fault::answer("DELETE /apps/*/dynos", 403).body(json!({"id": "forbidden", "message": "No."})),
    );
    insta::assert_snapshot!(redacted(&scene.run("staging migrate")), @"
    <rails><db:migrate> POOL_SIZE=
    ------- stderr -------
    Running bin/rails db:migrate on playhouse-staging... up, run.1234
    error: the migration succeeded, but playhouse-staging was not restarted
      caused by: No.
      caused by: DELETE /apps/playhouse-staging/dynos: HTTP 403 forbidden
    hint: heroku auth:whoami   # is this the account that has access?
    hint: staging ps:restart
    [exit status: 4]
    ");
}

#[test]
fn a_release_phase_that_migrates_is_told_of() {
    let scene = deployed();
    scene.write("bin/rails", "");
    scene.write("Procfile", "release: bin/rails db:migrate\n");
    let outcome = scene.run("staging migrate");
    assert_eq!(outcome.stdout, "<rails><db:migrate> POOL_SIZE=\n", "{outcome}");
    insta::assert_snapshot!(outcome.stderr.lines().next().unwrap_or_default(), @"the release phase migrates already (bin/rails db:migrate); this applies what is pending all the same, such as after a restore");
    assert_eq!(restarts(&scene), 1);
    scene.write("Procfile", "release: bin/assets\n");
    assert!(!scene.run("staging migrate").stderr.contains("release phase"));
}

#[test]
fn a_dry_run_prints_both_requests() {
    let scene = deployed();
    scene.write("greenroom.toml", "[commands]\nmigrate = \"bin/schema up\"\n");
    insta::assert_snapshot!(scene.run("staging --dry-run migrate"), @r#"
    curl -X POST [HEROKU]/apps/playhouse-staging/dynos -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d '{"attach":true,"command":"bin/schema up ; echo \"￿ heroku-command-exit-status: $?\"","env":{},"time_to_live":86400}'
    curl -X DELETE [HEROKU]/apps/playhouse-staging/dynos -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3.sdk'
    "#);
    let outcome = scene.run("staging --dry-run migrate --no-restart");
    assert_eq!(outcome.stdout.lines().count(), 1, "{outcome}");
    assert!(requested(&scene).is_empty() && restarts(&scene) == 0);
}

#[test]
fn without_a_known_migration_the_key_is_named() {
    let scene = Scene::quiet();
    insta::assert_snapshot!(scene.run("staging migrate"), @r#"
    ------- stderr -------
    error: no migration command found
      caused by: greenroom.toml has no [commands] migrate, the Procfile no type migrate, and package.json has none of prisma, knex, sequelize-cli among its dependencies
    hint: commands.migrate = "bin/rails db:migrate"   # in greenroom.toml, above its first [section]
    [exit status: 2]
    "#);
    insta::assert_snapshot!(scene.run("staging migrate --no-restrat"), @"
    ------- stderr -------
    error: unexpected argument '--no-restrat' found

      tip: a similar argument exists: '--no-restart'
      tip: to pass '--no-restrat' as a value, use '-- --no-restrat'

    Usage: staging migrate --no-restart [ARGS]...

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert!(scene.requests().is_empty());
}

#[test]
fn the_heroku_cli_migrates_where_only_it_can() {
    let mut scene = deployed();
    scene.write("bin/rails", "");
    let tools = scene.folder().join("cli");
    fs::create_dir_all(&tools).expect("a folder");
    install_script(&tools.join("heroku"), r#"printf '<%s>' "$@"; echo; case $1 in run) exit $STATUS;; esac"#);
    scene.put_on_path(tools);
    scene.panel("PATCH", "/apps/playhouse-staging", json!({ "generation": "fir" }));
    scene.set("STATUS", "0");
    insta::assert_snapshot!(scene.run("staging migrate"), @"
    <run><--app=playhouse-staging><--exit-code><--><bin/rails db:migrate>
    <ps:restart><--app=playhouse-staging>
    ");
    insta::assert_snapshot!(scene.run("staging --dry-run migrate"), @"
    heroku run --app=playhouse-staging --exit-code -- 'bin/rails db:migrate'
    heroku ps:restart --app=playhouse-staging
    ");
    insta::assert_snapshot!(scene.run_words("staging", &["console", "a b"]), @"<run><--app=playhouse-staging><--exit-code><--><bin/rails console 'a b'>");
    scene.set("STATUS", "9");
    insta::assert_snapshot!(scene.run("staging migrate"), @"
    <run><--app=playhouse-staging><--exit-code><--><bin/rails db:migrate>
    ------- stderr -------
    the migration ended with exit code 9; playhouse-staging was not restarted
    [exit status: 9]
    ");
    assert!(requested(&scene).is_empty() && restarts(&scene) == 0);
}
