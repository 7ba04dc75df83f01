//! `ps`, `ps:scale`, `ps:restart`, `ps:stop`, `ps:wait` and `maintenance`.

use serde_json::json;

use super::{Case, check};

#[test]
fn dyno_commands_do_what_the_cli_does() {
    check(&[
        Case::of("ps").environment("production").by_the_cli(),
        Case::of("releases --json -n 2").given(|scene| {
            scene.release("playhouse-staging", json!({"status": "failed", "description": "Deploy 🎭"}));
        }),
        Case::of("rollback v999").differs("2 is for bad usage only", ("", 2), ("", 5)),
        Case::of("maintenance:on").by_the_cli(),
    ]);
}
