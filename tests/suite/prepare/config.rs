//! `prepare setup` and config vars: which are copied; their values are not shown.

use rehearsal::Fault;
use serde_json::json;

use super::{SECRET, at_a_terminal, changes, config_of, opera, refused};

#[test]
fn release_commands_are_mentioned() {
    let scene = opera();
    scene.write("Procfile", "web: node server.js\nrelease: bin/migrate\n");
    scene.git(&["add", "Procfile"]);
    scene.git(&["commit", "--quiet", "--message", "Migrate on release"]);
    let outcome = scene.run("prepare --dry-run setup");
    assert!(
        outcome.stderr.ends_with(
            "warning: the Procfile's release command runs on opera-prepare too, with each build: bin/migrate\n\
             hint: release: test -z \"$DATABASE_URL\" || bin/migrate\n"
        ),
        "{outcome}"
    );
    let (command, guarded) =
        ("bin/migrate && bin/seed", "test -z \"$DATABASE_URL\" || sh -c 'bin/migrate && bin/seed'");
    scene.write("Procfile", format!("web: node server.js\nrelease: {command}\n"));
    scene.git(&["commit", "--quiet", "--all", "--message", "Seed on release"]);
    let outcome = scene.run("prepare --dry-run setup");
    assert!(outcome.stderr.ends_with(&format!("{command}\nhint: release: {guarded}\n")), "{outcome}");
    scene.write("Procfile", format!("web: node server.js\nrelease: {guarded}\n"));
    scene.git(&["commit", "--quiet", "--all", "--message", "Only where there is a database"]);
    let outcome = scene.run("prepare --dry-run setup");
    assert!(!outcome.stderr.contains("release command"), "{outcome}");
}

#[test]
fn an_add_on_of_another_app_keeps_all_its_config_vars() {
    let scene = opera();
    let vars = json!({ "KAFKA_URL": "kafka://orchestra", "KAFKA_CLIENT_CERT": SECRET });
    let attachment = json!({ "name": "KAFKA", "app": "understudy", "config_vars": vars });
    scene.panel("POST", "/apps/opera-production/addon-attachments", attachment);
    for name in ["KAFKA_URL", "KAFKA_CLIENT_CERT"] {
        let outcome = refused(&scene, &format!("prepare setup --config {name} --yes"));
        assert_eq!(outcome.status, Some(5), "{outcome}");
        assert!(outcome.stderr.contains(&format!("error: {name} belongs to an add-on; ")), "{outcome}");
    }
    assert_eq!(scene.run("prepare setup --yes").status, Some(0));
    scene.ask("PATCH", "/apps/opera-prepare/config-vars", json!({ "KAFKA_CLIENT_CERT": SECRET }));
    let outcome = scene.run("prepare check");
    assert!(
        outcome.stdout.starts_with("drift add-ons     opera-prepare has the add-on's KAFKA_CLIENT_CERT"),
        "{outcome}"
    );
    assert!(!outcome.to_string().contains(SECRET), "{outcome}");
}

#[test]
fn config_var_values_are_never_shown() {
    let scene = opera();
    for line in [
        "prepare --dry-run setup --config NPM_TOKEN,ASSET_HOST",
        "prepare --verbose --dry-run setup --config NPM_TOKEN",
        "prepare --verbose setup --config NPM_TOKEN --config ASSET_HOST --yes",
        "prepare --verbose setup --config NPM_TOKEN",
        "prepare --verbose check",
        "prepare --json --verbose check --config NPM_TOKEN,ASSET_HOST",
    ] {
        let outcome = scene.run(line);
        assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
        for value in [SECRET, "cdn.example.com", scene.heroku().token()] {
            assert!(!outcome.to_string().contains(value), "{line}: {outcome}");
        }
    }
    let exchanges = scene.heroku().exchanges();
    let sent = exchanges.iter().find(|exchange| exchange.line() == "PATCH /apps/opera-prepare/config-vars");
    assert_eq!(sent.expect("a request").body["NPM_TOKEN"], SECRET);
    // Not where something goes wrong either.
    for fault in [
        Fault::answer("* /apps/*/config-vars", 422),
        Fault::garble("* /apps/*/config-vars"),
        Fault::truncate("* /apps/*/config-vars"),
    ] {
        let scene = opera();
        scene.heroku().inject(fault.clone());
        let outcome = scene.run("prepare --verbose setup --config NPM_TOKEN --yes");
        assert_ne!(outcome.status, Some(0), "{fault:?}: {outcome}");
        assert!(!outcome.to_string().contains(SECRET), "{fault:?}: {outcome}");
    }
}

#[test]
fn config_vars_are_chosen_from_a_list() {
    const WHICH: &str = "Which of these do builds read? Numbers or names, Enter for none: ";
    const QUESTION: &str = "Set up opera-prepare? [y/N] ";
    for (answer, chosen) in [
        ("2\r", json!({ "NPM_TOKEN": SECRET })),
        ("NPM_TOKEN, 1\r", json!({ "NPM_TOKEN": SECRET, "ASSET_HOST": "cdn.example.com" })),
        ("\r", json!({})),
    ] {
        let scene = opera();
        let mut pty = at_a_terminal(&scene, "prepare setup");
        pty.sees("   1  ASSET_HOST", 1).sees("   2  NPM_TOKEN", 1).sees(WHICH, 1).types(answer);
        pty.sees(QUESTION, 1).types("y\r");
        let shown = pty.ends(0);
        assert!(!shown.raw().contains(SECRET), "{}", shown.raw());
        assert_eq!(config_of(&scene, "opera-prepare"), chosen);
        // Builds have been; nothing is left to be asked.
        let shown = at_a_terminal(&scene, "prepare setup").end();
        assert!(shown.raw().ends_with("nothing to do\n"), "{}", shown.raw());
    }
    for (answer, code) in [("3\r", 2), ("NPM_TOKN\r", 2)] {
        let scene = opera();
        let mut pty = at_a_terminal(&scene, "prepare setup");
        pty.sees(WHICH, 1).types(answer);
        assert_eq!(pty.end().code(), code);
    }
}

#[test]
fn declining_sets_nothing_up() {
    for answer in ["n\r", "\r", "\u{4}"] {
        let scene = opera();
        let before = scene.requests().len();
        let mut pty = at_a_terminal(&scene, "prepare setup --config NPM_TOKEN");
        pty.sees("do   create app opera-prepare", 1).sees("Set up opera-prepare? [y/N] ", 1).types(answer);
        let code = pty.end().code();
        assert_eq!(code, if answer == "\u{4}" { 130 } else { 5 });
        assert_eq!(changes(&scene, before), [""; 0]);
    }
}
