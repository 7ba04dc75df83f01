//! The files of a new project.

use super::create::empty;
use super::{done, read};

#[test]
fn a_procfile_and_a_manifest_are_written_where_they_are_missing() {
    let scene = empty();
    let outcome = done(&scene, "greenroom setup --create opera --write-files --yes");
    insta::assert_snapshot!(read(&scene, "Procfile"), @r#"
    web: bin/rails server -p $PORT -e $RAILS_ENV
    release: test -z "$DATABASE_URL" || bin/rails db:migrate
    "#);
    insta::assert_snapshot!(read(&scene, "app.json"), @r#"
    {
      "scripts": {
        "postdeploy": "test -z \"$DATABASE_URL\" || bin/rails db:migrate"
      }
    }
    "#);
    let (_, next) = outcome.stderr.split_once("next:\n").expect("what to type next");
    insta::assert_snapshot!(next, @"
    hint: git add greenroom.toml Procfile app.json && git commit --message 'Set up Heroku' && git push origin HEAD
    hint: staging deploy
    hint: production promote
    ");
    let scene = empty();
    scene.write("Procfile", "web: bin/web\n");
    let outcome = done(&scene, "greenroom setup --create opera --write-files --yes");
    assert!(outcome.stderr.contains("has  Procfile\n"), "{outcome}");
    assert_eq!(read(&scene, "Procfile"), "web: bin/web\n");
    assert_ne!(read(&scene, "app.json"), "");
}

#[test]
fn the_file_of_a_ci_service_is_written_for_the_project() {
    let scene = empty();
    _ = done(&scene, "greenroom setup --create opera --ci github --yes");
    insta::assert_snapshot!(read(&scene, ".github/workflows/ship.yml"), @r#"
    name: Ship
    on:
      push:
        branches: [main]
    concurrency: ship
    jobs:
      test:
        runs-on: ubuntu-latest
        steps:
          - uses: actions/checkout@v4
          - uses: ruby/setup-ruby@v1
            with:
              bundler-cache: true
          - run: bin/rails test
      staging:
        needs: [test]
        runs-on: ubuntu-latest
        env:
          HEROKU_API_KEY: ${{ secrets.HEROKU_API_KEY }}
        steps:
          - uses: actions/checkout@v4
            with:
              fetch-depth: 0
          - run: cargo install --locked --git https://github.com/greenroom-cli/greenroom --tag v0.1.0 greenroom
          - run: staging deploy "$GITHUB_SHA"
      promote:
        needs: [test, staging]
        runs-on: ubuntu-latest
        env:
          HEROKU_API_KEY: ${{ secrets.HEROKU_API_KEY }}
        steps:
          - uses: actions/checkout@v4
            with:
              fetch-depth: 0
          - run: cargo install --locked --git https://github.com/greenroom-cli/greenroom --tag v0.1.0 greenroom
          - run: production deploy --no-build "$GITHUB_SHA" --yes
    "#);
    assert_eq!(
        read(&scene, "greenroom.toml"),
        "pipeline = \"opera\"\n\n[environments.production]\nbranch = \"main\"\n"
    );
    let again = done(&scene, "greenroom setup --create opera --ci github --yes");
    assert!(again.stderr.contains("has  .github/workflows/ship.yml\n"), "{again}");
    for (service, path) in [("gitlab", ".gitlab-ci.yml"), ("circleci", ".circleci/config.yml")] {
        _ = done(&scene, &format!("greenroom setup --create opera --ci {service} --yes"));
        let text = read(&scene, path);
        assert!(text.contains("bin/rails test\n") && text.contains("staging deploy"), "{text}");
    }
}
