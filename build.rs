//! Leaves the unwinding tables out of release binaries, which abort on a panic: a seventh of each file, half a
//! megabyte. On Linux only, whose linkers take the script; a stripped binary has no backtrace to lose.

use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

const SCRIPT: &str =
    "SECTIONS { /DISCARD/ : { *(.eh_frame) *(.eh_frame_hdr) *(.gcc_except_table*) } } INSERT AFTER .text;\n";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    // The profile `release` aborts: see Cargo.toml.
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") {
        let script = PathBuf::from(env::var("OUT_DIR")?).join("without-unwinding.ld");
        fs::write(&script, SCRIPT)?;
        println!("cargo:rustc-link-arg-bins=-Wl,-T,{}", script.display());
    }
    Ok(())
}
