//! A server for tests: one prepared answer per connection, and then none.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::Client;
use crate::error::Result;
use crate::terminal::Terminal;

/// Closes the connection without an answer.
pub(in crate::heroku) const CLOSE: &str = "";
/// Says nothing for longer than a test's deadline.
pub(in crate::heroku) const HANG: &str = "hang";

/// Sends this, then one more byte every few milliseconds, as long as anybody listens.
pub(in crate::heroku) fn dripping(beginning: &str) -> String {
    format!("{DRIP}{beginning}")
}

const DRIP: &str = "drip ";

/// An answer with this status, these header lines and this body.
pub(in crate::heroku) fn answer(status: u16, headers: &str, body: &str) -> String {
    let headers = headers.lines().fold(String::new(), |all, line| all + line.trim() + "\r\n");
    let length = body.len();
    format!("HTTP/1.1 {status} Word\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
}

/// The server and what it was asked.
pub(in crate::heroku) struct Server {
    pub(in crate::heroku) url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Gives these answers, each to one connection. After the last, connections are refused.
    pub(in crate::heroku) fn answering(answers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let answers: Vec<String> =
            answers.into_iter().map(|answer| answer.into().replace("{self}", &url)).collect();
        let heard = Arc::clone(&requests);
        thread::spawn(move || {
            for answer in answers {
                let (connection, _) = listener.accept().unwrap();
                heard.lock().unwrap().push(request(&connection));
                respond(connection, &answer);
            }
        });
        Self { url, requests }
    }

    /// Keeps each connection for one more request, and closes it without an answer to that one.
    pub(in crate::heroku) fn closing_upon_the_second() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&requests);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                heard.lock().unwrap().push(request(&connection));
                connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
                let heard = Arc::clone(&heard);
                thread::spawn(move || {
                    // It fails if the client leaves first.
                    if connection.peek(&mut [0]).is_ok_and(|length| length > 0) {
                        heard.lock().unwrap().push(request(&connection));
                    }
                });
            }
        });
        Self { url, requests }
    }

    /// A client of this server, with the token `token` and a short deadline.
    pub(in crate::heroku) fn client(&self) -> Client {
        self.client_with(&[]).unwrap()
    }

    /// A client with more variables in its environment.
    pub(in crate::heroku) fn client_with(&self, variables: &[(&str, &str)]) -> Result<Client> {
        let mut all = HashMap::from([
            ("HEROKU_HOST", self.url.as_str()),
            ("HEROKU_API_KEY", "token"),
            ("GREENROOM_TIMEOUT", "0.3"),
        ]);
        all.extend(variables.iter().copied());
        Client::in_environment(&Terminal::captured(), &|name| all.get(name).map(Into::into))
    }

    /// The requests so far, each with its head in lower case, and its body.
    pub(in crate::heroku) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn request(connection: &TcpStream) -> String {
    let mut reader = BufReader::new(connection);
    let mut head = String::new();
    while reader.read_line(&mut head).unwrap() > 2 {}
    let lower = head.to_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    lower + &String::from_utf8(body).unwrap()
}

fn respond(mut connection: TcpStream, answer: &str) {
    if answer == HANG {
        thread::spawn(move || {
            thread::sleep(Duration::from_secs(5));
            drop(connection);
        });
    } else if let Some(beginning) = answer.strip_prefix(DRIP) {
        connection.write_all(beginning.as_bytes()).unwrap();
        thread::spawn(move || {
            while connection.write_all(b"x").is_ok() {
                thread::sleep(Duration::from_millis(10));
            }
        });
    } else {
        connection.write_all(answer.as_bytes()).unwrap();
    }
}
