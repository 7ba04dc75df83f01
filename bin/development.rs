//! The `development` command: everything after it is done in the environment of that name.

fn main() -> std::process::ExitCode {
    greenroom::environment("development", greenroom::commands::of_development)
}
