//! The last line of `cargo test`, which counts skipped tests.

use std::fs;
use std::path::Path;

use super::skipped::told;

#[test]
fn the_summary_counts_skipped_tests_and_reasons() {
    assert_eq!(told(""), "skipped 0 tests");
    let notes = "skipped\tfish\tone\nskipped\tfish\tone\nskipped\tthe CLI\ttwo\nwithout\tthe schema\tthree\n\
                 skipped\tthe CLI\tone\nwithout\tthe schema\tfour\n";
    assert_eq!(
        told(notes),
        "skipped 2 tests: 1 for want of fish, 2 for want of the CLI; 2 ran without the schema"
    );
    assert_eq!(told("skipped\tfish\tone\n"), "skipped 1 test: 1 for want of fish");
}

#[test]
fn the_summary_is_the_last_test_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rehearsal/tests");
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let programs = files.filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
    let last = programs.max().expect("a file");
    assert!(last.ends_with("summary.rs"), "cargo runs test programs by name: {}", last.display());
}
