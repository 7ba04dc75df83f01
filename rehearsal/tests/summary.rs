//! The last word of `cargo test`: how many tests were skipped, and why. cargo runs test programs by package and name, and
//! this one comes after all others.
#![expect(clippy::print_stdout, reason = "it is all that this program does")]

mod common;

fn main() {
    // Other runners ask each program for the names of its tests: here are none.
    if !std::env::args_os().any(|word| word == "--list") {
        println!("\n{}", common::skipped::summary());
    }
}
