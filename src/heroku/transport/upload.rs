//! Uploads to URLs that the platform hands out.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::thread;

use ureq::http;

use super::api_error::HttpStatus;
use super::client::Client;
use super::fault::{Fault, STATUS};
use super::retry::{ATTEMPTS, Attempts};
use crate::error::{Error, Result};

impl Client {
    /// Puts a file at a URL that the platform handed out, from its beginning, with no token: the URL is the credential,
    /// and is in no message. Putting it twice does no harm, so it is repeated after network faults.
    pub fn upload(&self, url: &str, file: &File) -> Result<()> {
        let origin = self.handed_out(url)?;
        let mut attempts = Attempts::begin(None);
        loop {
            let fault = match self.send_file(url, file) {
                Ok(status) if (200..300).contains(&status) => return Ok(()),
                Ok(status) => {
                    let error = Error::failed(HttpStatus { status, host: origin.host().to_owned() });
                    return Err(error.context("the archive was not taken").hint(STATUS));
                }
                Err(fault) => fault,
            };
            let next = if fault.may_pass() { attempts.next(None) } else { None };
            let Some((number, pause)) = next else {
                return Err(fault.into_error(&origin, &format!("PUT {origin}/…")));
            };
            self.terminal.status(&format!("PUT {origin}/…: {fault}; trying again ({number} of {ATTEMPTS})"));
            thread::sleep(pause);
        }
    }

    fn send_file(&self, url: &str, mut file: &File) -> Result<u16, Fault> {
        file.seek(SeekFrom::Start(0)).map_err(ureq::Error::from)?;
        let request = http::Request::put(url).body(file).map_err(ureq::Error::from)?;
        // How long it takes depends on the file: each write has a limit, and the answer.
        let request = self
            .agent
            .configure_request(request)
            .timeout_per_call(None)
            .timeout_recv_response(Some(self.time))
            .build();
        let response = self.agent.run(request).map_err(|error| Fault::in_time(error, self.time))?;
        Ok(response.status().as_u16())
    }
}
