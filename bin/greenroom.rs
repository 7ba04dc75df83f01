//! The suite's own commands; called under another name, it is the environment of that name.

fn main() -> std::process::ExitCode {
    greenroom::suite()
}
