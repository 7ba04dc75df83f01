//! The `review` command: everything after it is done in the environment of that name.

fn main() -> std::process::ExitCode {
    greenroom::environment("review", greenroom::commands::of_review)
}
