//! Prints the last line of `cargo test`: how many tests were skipped, and why. Cargo runs test programs by package and name,
//! and this one is the last.
#![expect(clippy::print_stdout, reason = "it is all that this program does")]

mod common;

fn main() {
    // Other runners ask each program for the names of its tests; there are none here.
    if !std::env::args_os().any(|word| word == "--list") {
        println!("\n{}", common::skipped::summary());
    }
}
