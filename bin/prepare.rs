//! The `prepare` command: everything after it is done in the environment of that name.

fn main() -> std::process::ExitCode {
    greenroom::environment("prepare", greenroom::commands::of_prepare)
}
