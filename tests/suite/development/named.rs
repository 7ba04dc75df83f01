//! Which database is named, and which ones are refused.

use super::Scene;

/// A project without a database of its own.
fn scene() -> Scene {
    let mut scene = Scene::bare();
    for name in ["PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "DATABASE_URL"] {
        scene.set(name, "");
    }
    scene
}

#[test]
fn the_first_that_names_a_database_wins() {
    let mut scene = scene();
    insta::assert_snapshot!(scene.run("development which"), @r#"
    ------- stderr -------
    error: no database of this machine found
      caused by: looked at: DATABASE_URL, .env, config/database.yml, config/dev.exs, prisma/schema.prisma, config/config.json, compose files
    hint: development which --to NAME   # a name, or a postgres:// URL
    hint: development.database = "NAME"   # in greenroom.toml, above its first [section]
    [exit status: 2]
    "#);
    scene.set("DATABASE_URL", "postgres://dev:hunter2@127.0.0.1:5433/playhouse_dev?sslmode=disable");
    insta::assert_snapshot!(scene.run("development which"), @"playhouse_dev on 127.0.0.1:5433 as dev (from DATABASE_URL in the environment)");
    scene.write("greenroom.toml", "[development]\ndatabase = \"playhouse_two\"\n");
    insta::assert_snapshot!(scene.run("development which"), @"playhouse_two on 127.0.0.1:5433 as dev (from greenroom.toml:2; its server from DATABASE_URL in the environment)");
    insta::assert_snapshot!(scene.run("development which --to playhouse_three"), @"playhouse_three on 127.0.0.1:5433 as dev (from --to; its server from DATABASE_URL in the environment)");
    insta::assert_snapshot!(scene.run("development which --to postgres:///four?host=/run/pg"), @"four on /run/pg:5432 (from --to)");
    insta::assert_snapshot!(scene.run("development which --json"), @r#"
    {
      "environment": "development",
      "database": "playhouse_two",
      "host": "127.0.0.1",
      "port": 5433,
      "user": "dev",
      "source": "greenroom.toml:2",
      "server_source": "DATABASE_URL in the environment"
    }
    "#);
    insta::assert_snapshot!(scene.run("greenroom on development which"), @"playhouse_two on 127.0.0.1:5433 as dev (from greenroom.toml:2; its server from DATABASE_URL in the environment)");
}

#[test]
fn what_is_open_is_libpqs() {
    let mut scene = scene();
    insta::assert_snapshot!(scene.run("development which --to app"), @"app on the local socket:5432 (from --to)");
    scene
        .set("PGHOST", "/run/postgresql")
        .set("PGPORT", "6000")
        .set("PGUSER", "ben")
        .set("PGPASSWORD", "hunter2");
    insta::assert_snapshot!(scene.run("development which --to app"), @"app on /run/postgresql:6000 as ben (from --to; its server from PGHOST in the environment)");
    scene.set("PGHOST", "db.example");
    insta::assert_snapshot!(scene.run("development which --to app"), @"
    ------- stderr -------
    error: app is on db.example (from PGHOST in the environment), which is not this machine
    hint: development which --remote-ok db.example   # if it is a database to develop with
    [exit status: 5]
    ");
    assert_eq!(scene.run("development which --to app --remote-ok DB.example").status, Some(0));
}

#[test]
fn a_url_that_cannot_be_read_is_not_shown() {
    let mut scene = scene();
    for url in ["mysql://u:hunter2@h/x", "postgres://u:hunter2@h:port/x", "postgres://u:hunter2@h"] {
        scene.set("DATABASE_URL", url);
        let outcome = scene.run("development which");
        assert_eq!(outcome.status, Some(2), "{outcome}");
        assert!(!outcome.to_string().contains("hunter2"), "{outcome}");
    }
}

#[test]
fn postgresqls_own_databases_and_production_are_refused() {
    let mut scene = scene();
    for name in ["postgres", "template1"] {
        assert_eq!(scene.run(&format!("development which --to {name}")).status, Some(5));
    }
    scene.set("RAILS_ENV", "production");
    insta::assert_snapshot!(scene.run("development which --to app"), @"
    ------- stderr -------
    error: RAILS_ENV says production, and development is not
    hint: unset RAILS_ENV
    [exit status: 5]
    ");
}
