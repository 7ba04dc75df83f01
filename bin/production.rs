//! The `production` command: everything after it is done in the environment of that name.

fn main() -> std::process::ExitCode {
    greenroom::environment("production", greenroom::commands::of_apps)
}
