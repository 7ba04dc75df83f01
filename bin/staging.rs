//! The `staging` command: everything after it is done in the environment of that name.

fn main() -> std::process::ExitCode {
    greenroom::environment("staging", greenroom::commands::of_apps)
}
