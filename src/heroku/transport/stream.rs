//! Reads from URLs that the platform returns: logs, output of builds and releases.

use std::io::{self, ErrorKind, Read};
use std::time::Duration;

use ureq::BodyReader;
use ureq::http;
use ureq::http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG};

use super::api_error::HttpStatus;
use super::client::Client;
use super::fault::Fault;
use super::origin::Origin;
use crate::error::{Error, Result};

const REDIRECTS: usize = 10;

/// The response body of such a URL, read as it comes.
///
/// A read fails with [`ErrorKind::TimedOut`] when nothing came for the idle time, and with
/// [`ErrorKind::UnexpectedEof`] when the connection ended before the body did.
pub struct Stream {
    content_type: String,
    body: BodyReader<'static>,
}

impl Stream {
    /// The `Content-Type`, as it was sent; empty if there was none.
    pub fn content_type(&self) -> &str {
        &self.content_type
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.body.read(buffer).map_err(|error| match ureq::Error::from(error) {
            ureq::Error::Io(error) => error,
            ureq::Error::Timeout(_) => io::Error::new(ErrorKind::TimedOut, "nothing came in time"),
            other => other.into_io(),
        })
    }
}

/// A file that the platform handed out a URL for, or its rest.
pub struct Part {
    /// The number of the first byte that is read.
    pub start: u64,
    /// The length of the whole file; none if it was not told.
    pub length: Option<u64>,
    /// What the file is called in this version, for the next request; none if it has no such name.
    pub tag: Option<String>,
    /// The bytes, to be read as those of a [`Stream`].
    pub body: Stream,
}

impl Client {
    /// Opens a file as [`Client::stream`] does: whole, or from a byte on if it still has this tag. It is never compressed
    /// on the way, so that lengths can be compared, and no other host is followed to but over https.
    pub fn part(&self, url: &str, from: Option<(u64, &str)>, idle: Duration) -> Result<Part> {
        let range = from.map(|(start, tag)| (format!("bytes={start}-"), tag));
        let mut headers = vec![("Accept-Encoding", "identity")];
        if let Some((range, tag)) = &range {
            headers.extend([("Range", range.as_str()), ("If-Range", tag)]);
        }
        let (head, body) = self.open_stream(url, &headers, idle)?;
        let text = |name| head.headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
        let number = |text: &str| text.parse::<u64>().ok();
        let sent = text(CONTENT_LENGTH).and_then(number);
        let (start, length) = match (head.status.as_u16(), text(CONTENT_RANGE)) {
            (206, Some(range)) => {
                let told = range.strip_prefix("bytes ").and_then(|range| range.split_once('/'));
                let start = told.and_then(|(span, _)| number(span.split('-').next()?));
                let start =
                    start.ok_or_else(|| Error::failed("the answer does not tell which part it is"))?;
                (start, told.and_then(|(_, whole)| number(whole)))
            }
            (200, _) => (0, sent),
            (status, _) => return Err(Error::failed(format!("the answer has the unknown status {status}"))),
        };
        Ok(Part {
            start,
            length,
            tag: text(ETAG).filter(|tag| !tag.starts_with("W/")).map(str::to_owned),
            body,
        })
    }

    /// Opens a URL that the platform returned, with these headers and without the token.
    ///
    /// It must be https, or plain http on loopback if the API is there too. `idle` is how long the head of the answer may
    /// take, and each read after it; there is no deadline for the whole. A status other than 2xx is an error that
    /// carries [`HttpStatus`]; nothing is repeated. The URL itself is in no message, as it may hold a secret.
    pub fn stream(&self, url: &str, headers: &[(&str, &str)], idle: Duration) -> Result<Stream> {
        Ok(self.open_stream(url, headers, idle)?.1)
    }

    fn open_stream(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        idle: Duration,
    ) -> Result<(http::response::Parts, Stream)> {
        let mut url = url.to_owned();
        for _ in 0..=REDIRECTS {
            let origin = self.handed_out(&url)?;
            let response = self
                .open(&url, headers, idle)
                .map_err(|fault| fault.into_error(&origin, &format!("GET {origin}/…")))?;
            let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
            let location =
                if response.status().is_redirection() { header(http::header::LOCATION) } else { None };
            if let Some(location) = location {
                url = if location.starts_with('/') && !location.starts_with("//") {
                    format!("{origin}{location}")
                } else {
                    location.to_owned()
                };
                continue;
            }
            let status = response.status();
            if !status.is_success() {
                let host = origin.host().to_owned();
                return Err(Error::failed(HttpStatus { status: status.as_u16(), host }));
            }
            let content_type = header(CONTENT_TYPE).unwrap_or_default().to_owned();
            let (head, body) = response.into_parts();
            return Ok((head, Stream { content_type, body: body.into_reader() }));
        }
        Err(Error::failed("the platform handed out a URL that redirects without end"))
    }

    pub(super) fn handed_out(&self, url: &str) -> Result<Origin> {
        let origin = Origin::of_url(url)
            .ok_or_else(|| Error::failed("the platform handed out a URL that cannot be opened safely"))?;
        if self.api.may_hand_out(&origin) {
            return Ok(origin);
        }
        Err(Error::failed(format!("the platform handed out a URL on {origin}, which is not https")))
    }

    fn open(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        idle: Duration,
    ) -> Result<http::Response<ureq::Body>, Fault> {
        let mut request = http::Request::get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).map_err(ureq::Error::from)?;
        let request = self
            .agent
            .configure_request(request)
            .timeout_per_call(None)
            .timeout_recv_response(Some(idle))
            .timeout_per_read(Some(idle))
            .build();
        self.agent.run(request).map_err(|error| Fault::in_time(error, idle))
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_server::{HANG, Server, answer, dripping};
    use super::*;
    use crate::error::Kind;

    const IDLE: Duration = Duration::from_millis(300);

    fn open(server: &Server, path: &str) -> Result<Stream> {
        server.client().stream(&format!("{}{path}", server.url), &[("Accept", "text/event-stream")], IDLE)
    }

    #[test]
    fn a_stream_carries_no_token_and_tells_its_type() {
        let server = Server::answering([answer(200, "content-type: text/event-stream", "data: 1\n\n")]);
        let mut stream = open(&server, "/logs?key=1").unwrap();
        assert_eq!(stream.content_type(), "text/event-stream");
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert_eq!(text, "data: 1\n\n");
        let request = &server.requests()[0];
        assert!(request.contains("accept: text/event-stream\r\n") && !request.contains("token"), "{request}");
    }

    #[test]
    fn a_failed_status_is_typed_and_hides_the_url() {
        let server = Server::answering([answer(404, "", "gone")]);
        let error = open(&server, "/logs?key=secret").err().unwrap();
        assert_eq!(error.downcast_ref::<HttpStatus>().unwrap().status, 404);
        assert!(!error.to_string().contains("secret"));
        let server = Server::answering([HANG]);
        let error = open(&server, "/logs?key=secret").err().unwrap();
        assert_eq!(error.kind(), Kind::TimedOut);
        assert!(!format!("{error} {error:?}").contains("secret"));
    }

    #[test]
    fn an_idle_stream_times_out_and_a_cut_one_says_so() {
        // A length that is never reached: the server closes, or the deadline of a read comes first.
        let cut = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nhalf";
        let server = Server::answering([cut]);
        let error = open(&server, "/").unwrap().read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let held = std::thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            io::Write::write_all(&mut connection, cut.as_bytes()).unwrap();
            std::thread::sleep(Duration::from_secs(2));
        });
        let mut stream = server.client().stream(&url, &[], IDLE).unwrap();
        assert_eq!(stream.read_to_end(&mut Vec::new()).unwrap_err().kind(), ErrorKind::TimedOut);
        held.join().unwrap();
    }

    #[test]
    fn a_slow_head_has_the_time_of_one_read() {
        let server = Server::answering([dripping("HTTP/1.1 200 OK\r\nx-long: ")]);
        let begun = std::time::Instant::now();
        assert_eq!(open(&server, "/logs").err().unwrap().kind(), Kind::TimedOut);
        assert!(begun.elapsed() < 3 * IDLE, "{:?}", begun.elapsed());
    }

    #[test]
    fn a_stream_outlives_the_deadline_of_requests() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            std::thread::sleep(Duration::from_millis(600));
            io::Write::write_all(&mut connection, b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").unwrap();
            std::thread::sleep(Duration::from_millis(600));
            io::Write::write_all(&mut connection, b"line\n").unwrap();
        });
        let client = Server::answering([""; 0]).client();
        let mut text = String::new();
        client.stream(&url, &[], Duration::from_secs(5)).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "line\n");
    }

    #[test]
    fn unsafe_urls_are_not_opened() {
        let server = Server::answering([answer(302, "location: http://logs.example.com/", "")]);
        let client = server.client();
        for url in ["http://logs.example.com/", "http://a:b@127.0.0.1/", "file:///etc/hostname", "logs", ""] {
            assert!(client.stream(url, &[], IDLE).err().unwrap().to_string().contains("handed out"), "{url}");
        }
        assert!(open(&server, "/").err().unwrap().to_string().contains("not https"));
    }
}
