//! PostgreSQL servers. Without the programs of a major, its test is skipped.

mod common;

use std::io;
use std::net::TcpStream;
use std::process::Stdio;

use common::skipped;
use rehearsal::postgres::{Server, installed};

/// What a member of `with_password` is told.
fn connect(server: &Server, password: Option<&str>) -> io::Result<(bool, String)> {
    let mut psql = server.program("psql");
    psql.env("PGUSER", "dev").args(["-X", "-w", "-A", "-t", "-d", "postgres", "-c", "select 1"]);
    if let Some(password) = password {
        psql.env("PGPASSWORD", password);
    }
    let output = psql.stdin(Stdio::null()).output()?;
    Ok((output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

#[test]
fn a_server_of_each_major_answers_and_is_gone_when_it_is_dropped() -> io::Result<()> {
    for major in 15..=18 {
        if !installed().contains_key(&major) {
            skipped::skip(skipped::postgres(major));
            continue;
        }
        let server = Server::start(major)?;
        let folder = server.socket_folder();
        assert!(folder.join(format!(".s.PGSQL.{}", server.port())).exists());
        assert!(server.psql("postgres", "show server_version_num")?.starts_with(&major.to_string()));
        server.psql(
            "postgres",
            "create role with_password; create role dev login password 'x' in role with_password",
        )?;
        assert!(connect(&server, Some("x"))?.0);
        let (connected, said) = connect(&server, None)?;
        assert!(!connected && said.contains("no password supplied"), "{said}");
        let failed = server.psql("postgres", "select 1/0; select 2").unwrap_err().to_string();
        assert!(failed.contains("division by zero"), "{failed}");
        let port = server.port();
        drop(server);
        assert!(!folder.exists());
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    }
    Ok(())
}

/// A process that dies cannot stop its server; `owned_by_a_process_that_is_killed` is run as one.
#[cfg(target_os = "linux")]
#[test]
#[expect(clippy::disallowed_methods, reason = "the test runs itself")]
fn a_server_ends_with_its_process() -> io::Result<()> {
    use std::io::{Read as _, Write as _};
    use std::process::Command;

    if std::env::var_os("REHEARSAL_TEST_SERVER").is_some() {
        let server = Server::start(15)?;
        writeln!(io::stdout(), "postmaster {} ", server.id())?;
        std::thread::sleep(std::time::Duration::from_secs(60));
    }
    if !installed().contains_key(&15) {
        skipped::skip(skipped::postgres(15));
        return Ok(());
    }
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--exact", "a_server_ends_with_its_process", "--nocapture"])
        .env("REHEARSAL_TEST_SERVER", "1")
        .stdout(Stdio::piped())
        .spawn()?;
    let mut said = String::new();
    let mut output = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
    let mut piece = [0; 256];
    while !said.contains("postmaster ") || !said.ends_with('\n') {
        let length = output.read(&mut piece)?;
        assert!(length > 0, "{said}");
        said.push_str(&String::from_utf8_lossy(&piece[..length]));
    }
    let id = said.split("postmaster ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    let process = std::path::PathBuf::from(format!("/proc/{id}/stat"));
    assert!(process.exists(), "{said}");
    child.kill()?;
    child.wait()?;
    common::wait("the end of the server", || {
        // Whoever inherits it may take a while to notice its end.
        std::fs::read_to_string(&process).map_or(true, |stat| stat.contains(") Z "))
    });
    Ok(())
}
