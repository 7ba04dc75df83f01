//! `review check`: each thing that breaks a first review app.

use serde_json::{Value, json};

use super::super::scene::Scene;

/// What `review check` says of these files.
fn checked(files: &[(&str, &str)]) -> String {
    let scene = Scene::playhouse();
    for (name, text) in files {
        scene.write(name, text);
    }
    scene.run("review check").to_string()
}

#[test]
fn files_in_order_have_no_findings() {
    let manifest = json!({
        "scripts": {"postdeploy": "bin/rails db:seed"}, "addons": ["heroku-postgresql:essential-0"],
        "formation": {"web": {"quantity": 1}}, "env": {"SECRET_KEY_BASE": {"generator": "secret"}},
    });
    insta::assert_snapshot!(checked(&[
        ("bin/rails", ""),
        ("Procfile", "web: bin/rails server\nrelease: bin/rails db:migrate\n"),
        ("app.json", &manifest.to_string()),
    ]), @"
    ------- stderr -------
    app.json and Procfile have nothing that would break a review app
    ");
}

#[test]
fn flaws_of_the_files_are_told_with_their_lines() {
    let manifest = "{\n  \"addon\": [],\n  \"env\": {\n    \"WORKERS\": {\"value\": 2}\n  },\n  \
                    \"formation\": {\n    \"wbe\": {\"quantity\": 1}\n  }\n}\n";
    insta::assert_snapshot!(checked(&[("Procfile", "wen bin/server\nworker: rake\n"), ("app.json", manifest)]), @"
    problem  Procfile:1 is no process type: wen bin/server
             Heroku ignores the line
             hint: web: COMMAND   # a name, a colon, a command
    warning  the Procfile has no process type web
             without it the app answers no requests, unless the buildpack adds one
             hint: web: COMMAND   # in the Procfile
    warning  app.json:2: addon is unknown, and ignored; did you mean addons?
             hint: https://devcenter.heroku.com/articles/app-json-schema
    problem  app.json:4: env.WORKERS.value must be a string, not a number
             Heroku creates no review app from it
             hint: https://devcenter.heroku.com/articles/app-json-schema
    problem  app.json scales process type wbe, which the Procfile does not have
             Heroku refuses to scale it, and the review app stays errored
             hint: add it to the Procfile, or remove it from formation in app.json
    [exit status: 1]
    ");
    insta::assert_snapshot!(checked(&[("app.json", "{\n  \"name\": \"playhouse\",\n}\n")]), @"
    problem  app.json:3: it is not valid JSON: trailing comma at line 3 column 1
             Heroku creates no review app from it
             hint: https://devcenter.heroku.com/articles/app-json-schema
    [exit status: 1]
    ");
}

#[test]
fn what_breaks_a_first_review_app_is_named() {
    insta::assert_snapshot!(checked(&[("bin/rails", ""), ("Procfile", "web: bin/rails server\n")]), @"
    warning  neither the release phase nor `postdeploy` migrates the database (bin/rails db:migrate)
             a new app's database has no tables
             hint: release: COMMAND   # in the Procfile, with the command that migrates
    ");
    insta::assert_snapshot!(checked(&[
        ("bin/rails", ""),
        ("Procfile", "web: bin/rails server\nrelease: bin/rails db:migrate db:seed\n"),
        ("app.json", "{}"),
    ]), @r#"
    warning  the Procfile's release phase loads data (seed): bin/rails db:migrate db:seed
             it runs with each release, in production too; `postdeploy` runs once, when an app is created
             hint: "scripts": {"postdeploy": "COMMAND"}   # in app.json
    problem  the release phase needs a database (bin/rails db:migrate db:seed), and app.json has no add-on for one
             the first release of a review app fails
             hint: "addons": ["heroku-postgresql:essential-0"]   # in app.json
    [exit status: 1]
    "#);
}

#[test]
fn required_variables_are_compared_with_what_the_pipeline_gives() {
    let mut scene = Scene::playhouse();
    scene.write(
        "app.json",
        r#"{"env": {"STRIPE_KEY": {"required": true}, "MAIL_KEY": {}, "EXTRA": {"required": false}}}"#,
    );
    let vars = "/pipelines/playhouse/stage/review/config-vars";
    let pipeline = scene.look("/pipelines/playhouse")["id"].as_str().map(str::to_owned).expect("an id");
    scene.ask("PATCH", &vars.replace("playhouse", &pipeline), json!({"MAIL_KEY": "x"}));
    insta::assert_snapshot!(scene.run("review check"), @"
    problem  app.json requires STRIPE_KEY, which the pipeline's review apps do not get
             no review app is created without it
             hint: review stage-config STRIPE_KEY=VALUE
    [exit status: 1]
    ");
    let listed: Value = serde_json::from_str(&scene.run("review check --json").stdout).expect("JSON");
    assert_eq!(listed[0]["level"], "problem");
    scene.set("HEROKU_API_KEY", "");
    insta::assert_snapshot!(scene.run("review check"), @"unknown  whether the pipeline gives review apps MAIL_KEY, STRIPE_KEY: not logged in to [HEROKU]");
}
