//! Questions at a terminal: the confirmation before code moves, and two-factor codes.

use rehearsal::{Exchange, Fault, history};
use serde_json::json;

use super::{ASKS, at_a_terminal};
use crate::scene::Scene;

const CODE: &str = "Two-factor code: ";

fn made(scene: &Scene, line: &str) -> Vec<Exchange> {
    scene.heroku().exchanges().into_iter().filter(|exchange| exchange.line() == line).collect()
}

#[test]
fn declining_promotes_nothing() {
    for answer in ["n\r", "\r", "yeah\r", "no\r"] {
        let scene = Scene::playhouse();
        let mut pty = at_a_terminal(&scene, "production promote");
        pty.sees(ASKS, 1);
        // The plan is there before the question.
        pty.sees("+ 77978f9 Print tickets at home", 1).types(answer);
        let shown = pty.ends(5);
        shown.closes_with("nothing was changed");
        assert_eq!(scene.promotions(), 0);
        assert_eq!(scene.runs("playhouse-production").1, history::MAIN[1]);
    }
}

#[test]
fn confirming_promotes() {
    for answer in ["y\r", "YES\r"] {
        let scene = Scene::playhouse();
        let mut pty = at_a_terminal(&scene, "production promote");
        pty.sees(ASKS, 1).types(answer);
        let shown = pty.ends(0);
        shown.has("playhouse-production v19 77978f9\nhttps://playhouse-production-");
        assert_eq!(scene.runs("playhouse-production").1, history::MAIN[4]);
    }
}

#[test]
fn the_confirmed_plan_is_the_one_carried_out() {
    let scene = Scene::playhouse();
    let mut pty = at_a_terminal(&scene, "production promote");
    pty.sees(ASKS, 1);
    let release =
        json!({"status": "succeeded", "commit": history::MAIN[3], "description": "Deploy 23280a3f"});
    scene.release("playhouse-production", release);
    pty.types("y\r");
    let shown = pty.ends(5);
    shown.has("playhouse-production got another release meanwhile");
    assert_eq!(scene.promotions(), 0);
}

#[test]
fn unprotected_environments_ask_nothing() {
    let scene = Scene::playhouse();
    let shown = at_a_terminal(&scene, "staging promote").ends(0);
    assert!(!shown.raw().contains("[y/N]"));
    let shown = at_a_terminal(&scene, "production promote --yes").ends(0);
    assert!(!shown.raw().contains("[y/N]"));
}

#[test]
fn ctrl_d_and_ctrl_c_decline_the_question() {
    for (key, name) in [("\u{4}", "Ctrl-D"), ("\u{3}", "Ctrl-C")] {
        let scene = Scene::playhouse();
        let mut pty = at_a_terminal(&scene, "production promote");
        pty.sees(ASKS, 1).types(key);
        let shown = pty.end();
        assert!(shown.was_interrupted(), "{name}: {:?}", shown.status);
        assert!(name != "Ctrl-D" || shown.raw().ends_with('\n'), "the prompt comes next: {:?}", shown.raw());
        assert_eq!(scene.promotions(), 0);
    }
}

#[test]
fn confirmation_requires_a_terminal() {
    let scene = Scene::playhouse();
    let outcome = scene.run("production promote");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(
        outcome.stderr.contains("production is protected, and confirmation requires a terminal"),
        "{outcome}"
    );
    assert_eq!(scene.promotions(), 0);
}

#[test]
fn two_factor_codes_are_sent_with_the_request() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::two_factor("POST /pipeline-promotions", "123456", false));
    let mut pty = at_a_terminal(&scene, "production promote --yes");
    pty.sees(CODE, 1).types("654321\r");
    pty.sees(CODE, 2).types("123456\r");
    pty.ends(0);
    let posts = made(&scene, "POST /pipeline-promotions");
    let codes: Vec<_> =
        posts.iter().map(|post| post.headers.get("heroku-two-factor-code").map(String::as_str)).collect();
    assert_eq!(codes, [None, Some("654321"), Some("123456")]);
    assert_eq!(posts.iter().map(|post| post.status).collect::<Vec<_>>(), [403, 403, 201]);
    let others = scene.heroku().exchanges();
    let others = others.iter().filter(|exchange| exchange.line() != "POST /pipeline-promotions");
    assert_eq!(others.filter(|one| one.headers.contains_key("heroku-two-factor-code")).count(), 0);
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[4]);
}

#[test]
fn three_wrong_two_factor_codes_end_the_command() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::two_factor("POST /pipeline-promotions", "123456", false));
    let mut pty = at_a_terminal(&scene, "production promote --yes");
    for number in 1..=3 {
        pty.sees(CODE, number).types("000000\r");
    }
    let shown = pty.ends(4);
    assert_eq!(shown.raw().matches(CODE).count(), 3);
    assert_eq!(scene.promotions(), 4);
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[1]);
}

#[test]
fn two_factor_codes_for_an_app_are_sent_as_pre_authorization() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::two_factor("POST /pipeline-promotions", "123456", true));
    let mut pty = at_a_terminal(&scene, "production promote --yes");
    pty.sees(CODE, 1).types("654321\r");
    pty.sees(CODE, 2).types("123456\r");
    pty.ends(0);
    let given = made(&scene, "PUT /apps/playhouse-production/pre-authorizations");
    let codes: Vec<&str> = given.iter().map(|put| put.headers["heroku-two-factor-code"].as_str()).collect();
    assert_eq!(codes, ["654321", "123456"]);
    let posts = made(&scene, "POST /pipeline-promotions");
    assert_eq!(posts.iter().map(|post| post.status).collect::<Vec<_>>(), [403, 201]);
    assert!(posts.iter().all(|post| !post.headers.contains_key("heroku-two-factor-code")));
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[4]);
}

#[test]
fn an_empty_two_factor_code_sends_no_request() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::two_factor("POST /pipeline-promotions", "123456", false));
    let mut pty = at_a_terminal(&scene, "production promote --yes");
    pty.sees(CODE, 1).types("\r");
    pty.ends(4);
    assert_eq!(scene.promotions(), 1);
    let mut pty = at_a_terminal(&scene, "production promote --yes");
    pty.sees(CODE, 1).types("\u{3}");
    assert!(pty.end().was_interrupted());
    assert_eq!(scene.promotions(), 2);
}
