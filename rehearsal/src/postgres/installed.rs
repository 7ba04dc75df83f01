//! Which majors of PostgreSQL this machine has: Debian's in `/usr/lib/postgresql`, and those in the folder that
//! `GREENROOM_POSTGRES` names, each as `N/bin`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Where Debian and its children put every major.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The folders of programs by major. One that `GREENROOM_POSTGRES` names goes before the system's.
pub fn installed() -> BTreeMap<u32, PathBuf> {
    let named = env::var_os("GREENROOM_POSTGRES").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let mut found = within(Path::new(DEBIAN));
    found.extend(named.as_deref().map(within).unwrap_or_default());
    found
}

/// The majors below a folder that have what a server needs.
fn within(folder: &Path) -> BTreeMap<u32, PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let majors = entries.filter_map(|entry| {
        let major = entry.file_name().to_str()?.parse().ok()?;
        let programs = entry.path().join("bin");
        let is_whole = ["initdb", "postgres", "psql", "pg_dump", "pg_restore"]
            .iter()
            .all(|program| programs.join(program).is_file());
        is_whole.then_some((major, programs))
    });
    majors.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_major_is_a_folder_with_all_programs() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        for (major, programs) in [
            ("15", &["initdb", "postgres", "psql", "pg_dump", "pg_restore"][..]),
            ("16", &["psql", "pg_dump", "pg_restore"]),
            ("current", &["initdb", "postgres", "psql", "pg_dump", "pg_restore"]),
        ] {
            let bin = folder.path().join(major).join("bin");
            fs::create_dir_all(&bin)?;
            programs.iter().try_for_each(|program| fs::write(bin.join(program), ""))?;
        }
        assert_eq!(within(folder.path()), BTreeMap::from([(15, folder.path().join("15/bin"))]));
        Ok(())
    }
}
