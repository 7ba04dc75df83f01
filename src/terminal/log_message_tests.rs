//! Lines in color, as `heroku logs` 11.10 colors them.

use super::super::log_colors::{Depth, LogColors};

/// The line after a timestamp, with `{33:` and `}` for the codes of the sixteen colors.
fn simple(line: &str) -> String {
    let mut out = String::new();
    LogColors::new(Depth::Ansi16).paint(line, &mut out);
    out.replace("\u{1b}[39m", "}").replace("\u{1b}[22m", "}").replace("\u{1b}[", "{")
}

fn message(line: &str) -> String {
    let colored = simple(line);
    colored.split_once('}').map_or(colored.clone(), |(_, rest)| rest.to_owned())
}

#[test]
fn a_request_at_the_router() {
    let line = r#"t heroku[router]: at=error code=H12 desc="Request timeout" method=GET path="/" dyno=web.1 connect=1ms service=30000ms status=503 bytes=0"#;
    assert_eq!(
        message(line),
        concat!(
            " {90mat=}{31merror} {90mcode=}{31m{1mH12}} {90mdesc=}{90m\"Request} {90mtimeout\"} {90mmethod=}{35mGET} ",
            "{90mpath=}{32m\"/\"} {90mdyno=}{36mweb.1} {90mconnect=}{32m1ms} {90mservice=}{31m30000ms} ",
            "{90mstatus=}{31m503} {90mbytes=}{90m0}"
        )
    );
    assert_eq!(
        message("t heroku[router]: a=b=c  d connect=0ms status=99"),
        " {90ma=}{90mb=c} {90md} {90mconnect=}0ms {90mstatus=}99"
    );
}

#[test]
fn a_header_takes_the_color_of_its_identifier() {
    assert_eq!(simple("t app[web.1]:   spaced "), "{36mt app[web.1]:} spaced");
    assert_eq!(simple("t heroku[router]:"), "{32mt heroku[router]:} ");
    assert_eq!(simple("nothing here"), "nothing here");
}

#[test]
fn the_life_of_a_process() {
    assert_eq!(
        message("t heroku[web.1]: State changed from starting to up"),
        " State changed from {36mstarting} to {32mup}"
    );
    assert_eq!(
        message("t heroku[run.1]: State changed from up to crashed"),
        " State changed from {32mup} to crashed"
    );
    assert_eq!(
        message("t heroku[web.1]: Process exited with status 143"),
        " Process exited with status {31m143}"
    );
    assert_eq!(
        message("t heroku[run.9]: Process exited with status 0"),
        " Process exited with status {32m0}"
    );
    assert_eq!(message("t heroku[web.1]: Process exited with status 1x"), " Process exited with status 1x");
    assert_eq!(
        message("t heroku[web.1]: Stopping all processes with SIGTERM"),
        " {31mStopping all processes with SIGTERM}"
    );
    assert_eq!(message("t heroku[web.1]: Restarting"), " {33mRestarting}");
}

#[test]
fn a_command_that_starts() {
    assert_eq!(
        message("t heroku[web.1]: Starting process with command `bin/x`"),
        " Starting process with command {1m`bin/x`}"
    );
    assert_eq!(
        message("t app[api]: Starting process with command `a` by user x@y"),
        " Starting process with command {1m`a`}{32m by user x@y}"
    );
    assert_eq!(
        message("t app[api]: Starting process with command `a`by user x@y"),
        " Starting process with command {1m`a`}by user {32mx@y}"
    );
    assert_eq!(message("t app[api]: Starting process with command `"), " Starting process with command `");
}

#[test]
fn builds_and_releases() {
    assert_eq!(message("t app[api]: Build succeeded"), " {32mBuild succeeded}");
    assert_eq!(message("t app[api]: Build failed -- check"), " {31mBuild failed -- check}");
    assert_eq!(message("t app[api]: Deploy abc123 by user a@b.c"), " Deploy {36mabc123} by user {32ma@b.c}");
    assert_eq!(
        message("t app[api]: Release v12 created by user a@b.c"),
        " Release {35mv12} created by user {32ma@b.c}"
    );
}

#[test]
fn requests_that_the_app_writes() {
    assert_eq!(
        message(r#"t app[web.1]: 1.2.3.4 - - [10/Oct/2024:13:55:36] "GET /x HTTP/1.1" 200 12"#),
        " {90m1.2.3.4 - - [10/Oct/2024:13:55:36] \"}{35mGET}{90m }{32m/x}{90m HTTP/1.1\" }{32m200}{90m 12}"
    );
    assert_eq!(message(r#"t app[web.1]: x "POST /a b HTTP/1.0" 5"#), " x \"{35mPOST}{32m /a b }HTTP/1.0\" 5");
}

#[test]
fn data_stores() {
    assert_eq!(message("t app[postgres]: source=DATABASE sample#x=1"), " {90msource=DATABASE sample#x=1}");
    assert_eq!(message("t app[heroku-redis]: source=R sample#a=1 \t "), " {90msource=R sample#a=1}");
    assert_eq!(
        message("t app[postgres.12]: [DATABASE] [1-1] CREATE TABLE \"x\" ("),
        " {90m[DATABASE] [1-1] }{35mCREATE TABLE}{36m \"x\" (}"
    );
}

#[test]
fn deep_terminals_get_the_exact_palette() {
    let mut out = String::new();
    LogColors::new(Depth::TrueColor).paint("t heroku[web.1]: Starting process with command `x`", &mut out);
    assert_eq!(
        out,
        "\u{1b}[38;2;80;211;213mt heroku[web.1]:\u{1b}[39m Starting process with command \u{1b}[48;5;237m\u{1b}[38;5;255m\u{1b}[1m`x`\u{1b}[22m\u{1b}[39m\u{1b}[49m"
    );
}

proptest::proptest! {
    #[test]
    fn nothing_but_color_and_spaces_changes(source in "(router|api|run|web|postgres|heroku-redis|x)", text in ".{0,120}") {
        let line = format!("t heroku[{source}.1]: {text}");
        let mut out = String::new();
        LogColors::new(Depth::TrueColor).paint(&line, &mut out);
        let codes = regex_lite::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        proptest::prop_assert_eq!(words(&codes.replace_all(&out, "")), words(&codes.replace_all(&line, "")));
    }
}
