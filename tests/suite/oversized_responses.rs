//! Oversized and endless responses: they must not cost unlimited time, memory or requests.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::scene::{Outcome, Scene};

/// A server in place of the Platform API.
struct Host {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Host {
    /// Answers each request with what `answer` writes, until the client closes the connection.
    fn answering(
        answer: impl Fn(&mut TcpStream, usize) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (heard, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let (heard, answer) = (Arc::clone(&heard), Arc::clone(&answer));
                thread::spawn(move || serve(connection, &heard, &*answer));
            }
        });
        Self { url, requests }
    }

    /// Runs a command line with a timeout in seconds, four seconds of CPU and 400 MB of memory.
    fn run(&self, line: &str, patience: &str) -> (Outcome, Duration) {
        let mut scene = Scene::bare();
        scene.set("HEROKU_HOST", &self.url).set("HEROKU_API_KEY", "token").set("GREENROOM_TIMEOUT", patience);
        scene.put_on_path("/bin".into());
        let qa = "[environments.qa]\npipeline = \"playhouse\"\nstage = \"staging\"\n";
        let staging = "[environments.staging]\napp = \"playhouse-staging\"\n";
        scene.write("greenroom.toml", format!("{staging}{qa}"));
        let begun = Instant::now();
        let limits = format!("ulimit -t 4; ulimit -v 400000; exec {line}");
        let outcome = scene.run_words("sh", &["-c", &limits]);
        (outcome, begun.elapsed())
    }

    fn requests(&self) -> usize {
        self.requests.lock().expect("a list").len()
    }
}

fn serve(
    mut connection: TcpStream,
    requests: &Mutex<Vec<String>>,
    answer: &dyn Fn(&mut TcpStream, usize) -> std::io::Result<()>,
) {
    let mut reader = BufReader::new(connection.try_clone().expect("a connection"));
    loop {
        let mut head = String::new();
        while reader.read_line(&mut head).unwrap_or(0) > 2 {}
        if head.is_empty() {
            return;
        }
        let lower = head.to_lowercase();
        let length = lower.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a number"))];
        reader.read_exact(&mut body).expect("a body");
        let number = {
            let mut requests = requests.lock().expect("a list");
            requests.push(head);
            requests.len()
        };
        if answer(&mut connection, number).is_err() {
            return;
        }
    }
}

/// The same bytes without end.
fn flood(beginning: &'static str, again: &str) -> impl Fn(&mut TcpStream, usize) -> std::io::Result<()> {
    let again = again.repeat(4096);
    move |to, _| {
        to.write_all(beginning.as_bytes())?;
        loop {
            to.write_all(again.as_bytes())?;
        }
    }
}

/// A compressed body of about a gigabyte.
fn bomb(status: &'static str) -> impl Fn(&mut TcpStream, usize) -> std::io::Result<()> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&vec![b' '; 8 << 20]).expect("memory");
    let packed = packed.finish().expect("memory").repeat(128);
    move |to, _| {
        write!(
            to,
            "HTTP/1.1 {status}\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            packed.len()
        )?;
        to.write_all(&packed)
    }
}

fn assert_given_up(host: &Host, status: i32, said: &str) {
    let (outcome, time) = host.run("staging releases", "20");
    assert_eq!(outcome.status, Some(status), "{outcome}");
    assert!(outcome.stderr.contains(said) && outcome.stderr.contains("hint: "), "{outcome}");
    assert!(outcome.stdout.is_empty(), "{outcome}");
    assert!(time < Duration::from_secs(15), "{time:?}: {outcome}");
}

#[test]
fn endless_trailers() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n";
    let host = Host::answering(flood(head, "x-trailer: more\r\n"));
    let (outcome, time) = host.run("staging releases", "1");
    assert!(matches!(outcome.status, Some(1 | 6)), "{outcome}");
    assert!(outcome.stderr.contains("127.0.0.1") && outcome.stderr.contains("hint: "), "{outcome}");
    assert!(time < Duration::from_secs(6), "{time:?}: {outcome}");
}

#[test]
fn endless_interim_responses() {
    let host = Host::answering(flood("", "HTTP/1.1 100 Continue\r\n\r\n"));
    let (outcome, time) = host.run("staging releases", "1");
    assert!(matches!(outcome.status, Some(1 | 6)), "{outcome}");
    assert!(time < Duration::from_secs(9), "{time:?}: {outcome}");
}

#[test]
fn an_endless_response_head() {
    let host = Host::answering(flood("HTTP/1.1 200 OK\r\n", "x-more: yes\r\n"));
    assert_given_up(&host, 1, "127.0.0.1");
}

#[test]
fn an_endless_response_body() {
    let host = Host::answering(flood("HTTP/1.1 200 OK\r\n\r\n[", "          "));
    let (outcome, _) = host.run("staging releases", "1");
    assert!(matches!(outcome.status, Some(1 | 6)), "{outcome}");
    let host = Host::answering(flood("HTTP/1.1 500 No\r\n\r\n[", "          "));
    assert_given_up(&host, 1, "HTTP 500 from 127.0.0.1");
}

#[test]
fn a_body_that_decompresses_to_a_gigabyte() {
    assert_given_up(&Host::answering(bomb("200 OK")), 1, "is larger than 64 MiB and was not read");
    assert_given_up(&Host::answering(bomb("422 No")), 1, "HTTP 422 from 127.0.0.1");
}

#[test]
fn an_error_of_many_parts() {
    // As a tree of values it would take a hundred times its size.
    let body = format!(r#"{{"id":"x","message":"No.","more":[{}0]}}"#, "{},".repeat(20 << 20));
    let host = Host::answering(move |to, _| {
        write!(to, "HTTP/1.1 422 No\r\ncontent-length: {}\r\n\r\n", body.len())?;
        to.write_all(body.as_bytes())
    });
    assert_given_up(&host, 1, "HTTP 422 from 127.0.0.1");
}

#[test]
fn a_sign_in_page() {
    let host = Host::answering(|to, _| {
        write!(to, "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 16\r\n\r\n<h1>Sign in</h1>")
    });
    assert_given_up(&host, 1, "127.0.0.1 answered with a web page instead of data");
    assert_eq!(host.requests(), 1, "it is the same page the next time");
}

#[test]
fn a_list_with_endless_pages() {
    let host = Host::answering(|to, number| {
        write!(to, "HTTP/1.1 206 Some\r\nnext-range: id ]{number}..\r\ncontent-length: 2\r\n\r\n[]")
    });
    let (outcome, _) = host.run("greenroom on qa which", "20");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("the list has more than 200 pages"), "{outcome}");
    assert_eq!(host.requests(), 200);
}
