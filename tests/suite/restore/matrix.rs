//! Every version of a dump, on every version of a server, with the programs of every version: each works, or is refused
//! before anything is touched.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rehearsal::postgres::installed;

use super::{NEW, Project, dump, server};

const MAJORS: [u32; 4] = [15, 16, 17, 18];

/// What must come of it.
#[derive(Debug, PartialEq)]
enum Outcome {
    Works,
    /// The programs cannot read the dump.
    NotRead,
}

/// A dump of 15 is read by all, of 16 from 16 on, of 17 and 18 from 17 on. All write SQL that every server here knows.
fn expected(dump: u32, tools: u32) -> Outcome {
    let least = match dump {
        15 => 15,
        16 => 16,
        _ => 17,
    };
    if tools >= least { Outcome::Works } else { Outcome::NotRead }
}

#[test]
fn each_version_of_dump_server_and_tools_is_as_told() {
    if MAJORS.iter().any(|major| server(*major).is_none()) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let dumps: BTreeMap<u32, PathBuf> = MAJORS
        .map(|major| {
            let server = server(major).unwrap();
            (major, dump(server, server.programs(), NEW, folder.path()))
        })
        .into();
    std::thread::scope(|scope| {
        for on in MAJORS {
            let dumps = &dumps;
            scope.spawn(move || {
                for (of, file) in dumps {
                    for with in MAJORS {
                        check(on, *of, with, file.to_str().unwrap());
                    }
                }
            });
        }
    });
}

fn check(on: u32, of: u32, with: u32, file: &str) {
    let mut project = Project::with(on).unwrap();
    project.scene.set("GREENROOM_PG_BIN", &installed()[&with]);
    let outcome = project.restore(&[file]);
    let told = format!("dump {of} on server {on} with tools {with}: {outcome}");
    match expected(of, with) {
        Outcome::Works => {
            assert_eq!((outcome.status, project.note().as_str()), (Some(0), "new"), "{told}");
        }
        Outcome::NotRead => {
            assert_eq!(outcome.status, Some(1), "{told}");
            assert!(outcome.stderr.contains("no installed pg_restore can read this dump"), "{told}");
            assert!(outcome.stderr.contains("hint: sudo apt-get install postgresql-client-"), "{told}");
            project.assert_untouched();
        }
    }
}
