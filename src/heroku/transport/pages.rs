//! Lists, which the API gives page by page.

use std::collections::HashSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::Method;

use super::client::{Client, json};
use super::exchange::{self, Request};
use super::{Accept, ApiError};
use crate::error::{Error, Result};

/// The most pages and entries that a list is read to, and the most bytes that its pages may have together. No account has
/// as much; a server that always names a next page does.
const MOST_PAGES: usize = 200;
const MOST_ENTRIES: usize = 100_000;

/// The range that a filter and a long list begin with: the largest page that the API gives.
const FIRST_OF_ALL: &str = "id ..; max=1000";

impl Client {
    /// Reads a whole list, page by page: the range of the next request is what `Next-Range` says, until it says
    /// nothing.
    pub fn list<T: DeserializeOwned>(&self, path: &str, accept: Accept) -> Result<Vec<T>> {
        self.all(self.request(Method::GET, path, accept, None)?, usize::MAX)
    }

    /// The same in as few pages as the API allows, for what there may be hundreds of. Where a list cannot be read by that
    /// range, it is read as the API divides it.
    pub fn long_list<T: DeserializeOwned>(&self, path: &str, accept: Accept) -> Result<Vec<T>> {
        match self.pages(path, accept, FIRST_OF_ALL, usize::MAX) {
            Err(error) if is_about_the_range(&error) => self.list(path, accept),
            read => read,
        }
    }

    /// The same, with what is left out of each entry unless it is asked for: `include`, such as `config_vars`.
    pub fn list_including<T: DeserializeOwned>(
        &self,
        path: &str,
        accept: Accept,
        include: &'static str,
    ) -> Result<Vec<T>> {
        let request = self.request(Method::GET, path, accept, None)?;
        self.all(Request { include: Some(("accept-inclusion", include)), ..request }, usize::MAX)
    }

    /// The same, with these parts of each entry in full and not as a reference: `expand`, such as `plan`.
    pub fn list_expanding<T: DeserializeOwned>(
        &self,
        path: &str,
        accept: Accept,
        expand: &'static str,
    ) -> Result<Vec<T>> {
        let request = self.request(Method::GET, path, accept, None)?;
        self.all(Request { include: Some(("accept-expansion", expand)), ..request }, usize::MAX)
    }

    /// Reads one page of a list: `range` is the `Range` header, such as `version ..; max=15, order=desc`.
    pub fn page<T: DeserializeOwned>(&self, path: &str, accept: Accept, range: &str) -> Result<Vec<T>> {
        let request = self.request(Method::GET, path, accept, None)?;
        self.one(&Request { range: Some(range.to_owned()), ..request })
    }

    /// Reads a list from the page `range` on, until there are `most` of it.
    pub fn pages<T: DeserializeOwned>(
        &self,
        path: &str,
        accept: Accept,
        range: &str,
        most: usize,
    ) -> Result<Vec<T>> {
        let request = self.request(Method::GET, path, accept, None)?;
        self.all(Request { range: Some(range.to_owned()), ..request }, most)
    }

    /// Asks for a list with a POST that changes nothing, such as `/filters/apps`: repeated and read page by page like
    /// [`Client::list`].
    pub fn post_all<T, B>(&self, path: &str, accept: Accept, body: &B) -> Result<Vec<T>>
    where
        T: DeserializeOwned,
        B: Serialize + ?Sized,
    {
        let request = self.request(Method::POST, path, accept, Some(json(body)?))?;
        let request = Request { range: Some(FIRST_OF_ALL.to_owned()), repeatable: true, ..request };
        self.all(request, usize::MAX)
    }

    fn all<T: DeserializeOwned>(&self, mut request: Request, most: usize) -> Result<Vec<T>> {
        let mut all = Vec::new();
        let mut asked = HashSet::new();
        let mut bytes = 0;
        loop {
            let mut page = Vec::new();
            let answer = self.exchange(&request, &mut |answer| {
                page = serde_json::from_slice(answer.json())?;
                Ok(())
            })?;
            all.append(&mut page);
            bytes += answer.body.len();
            let Some(next) = answer.next_range().filter(|_| all.len() < most) else {
                all.truncate(most);
                return Ok(all);
            };
            if !asked.insert(next.to_owned()) {
                let message = format!("{request}: the API gives the same page again, so the list has no end");
                return Err(Error::failed(message));
            }
            if asked.len() >= MOST_PAGES || all.len() >= MOST_ENTRIES || bytes >= exchange::LARGEST {
                let (pages, entries) = (asked.len(), all.len());
                return Err(Error::failed(format!(
                    "{request}: the list has more than {pages} pages with {entries} entries, and was not read to its end"
                ))
                .hint("--verbose shows the requests; https://status.heroku.com says whether Heroku has trouble"));
            }
            request.range = Some(next.to_owned());
        }
    }
}

fn is_about_the_range(error: &Error) -> bool {
    matches!(ApiError::status_of(error), Some(400 | 416 | 422))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::test_server::{Server, answer};
    use super::*;

    #[test]
    fn a_list_is_read_to_its_end() {
        let server = Server::answering([
            answer(206, "next-range: id ]b..; max=200", "[1,2]"),
            answer(206, "Next-Range: id ]c..; max=200", "[3]"),
            answer(200, "", "[4]"),
        ]);
        assert_eq!(server.client().list::<u8>("/apps", Accept::V3).unwrap(), [1, 2, 3, 4]);
        let requests = server.requests();
        assert!(!requests[0].contains("\r\nrange:"));
        assert!(requests[1].contains("\r\nrange: id ]b..; max=200\r\n"));
        assert!(requests[2].contains("\r\nrange: id ]c..; max=200\r\n"));
    }

    #[test]
    fn a_last_page_may_be_a_206_and_a_200_ends_the_list() {
        let server = Server::answering([answer(206, "", "[1]"), answer(200, "next-range: id ]b..", "[2]")]);
        assert_eq!(server.client().list::<u8>("/apps", Accept::V3).unwrap(), [1]);
        assert_eq!(server.client().list::<u8>("/apps", Accept::V3).unwrap(), [2]);
    }

    #[test]
    fn a_list_without_end_is_an_error() {
        let page = |range: &str| answer(206, &format!("next-range: {range}"), "[1]");
        let server = Server::answering([page("a"), page("b"), page("a")]);
        let error = server.client().list::<u8>("/apps", Accept::V3).unwrap_err();
        assert!(error.to_string().contains("the same page again"), "{error}");
    }

    #[test]
    fn a_list_that_always_goes_on_is_given_up() {
        let server =
            Server::answering((0..300).map(|page| answer(206, &format!("next-range: {page}"), "[1]")));
        let error = server.client().list::<u8>("/apps", Accept::V3).unwrap_err();
        assert!(error.to_string().contains("more than 200 pages with 200 entries"), "{error}");
        assert_eq!(server.requests().len(), MOST_PAGES);
        let large = format!("[1{}]", ",1".repeat(40_000));
        let server =
            Server::answering((0..9).map(|page| answer(206, &format!("next-range: {page}"), &large)));
        assert!(server.client().list::<u8>("/apps", Accept::V3).is_err());
        assert_eq!(server.requests().len(), 3);
    }

    #[test]
    fn a_list_without_that_range_is_read_without_it() {
        let server = Server::answering([answer(416, "", "{}"), answer(200, "", "[1]")]);
        assert_eq!(server.client().long_list::<u8>("/x", Accept::V3).unwrap(), [1]);
        let ranges: Vec<bool> = server
            .requests()
            .iter()
            .map(|request| request.contains("\r\nrange: id ..; max=1000\r\n"))
            .collect();
        assert_eq!(ranges, [true, false]);
        let server = Server::answering([answer(403, "", "{}")]);
        assert!(server.client().long_list::<u8>("/x", Accept::V3).is_err());
    }

    #[test]
    fn a_page_asks_for_its_range_only() {
        let server = Server::answering([answer(206, "next-range: version ]9..", "[1]")]);
        let range = "version ..; max=15, order=desc";
        assert_eq!(server.client().page::<u8>("/apps/x/releases", Accept::Sdk, range).unwrap(), [1]);
        assert!(server.requests()[0].contains(&format!("\r\nrange: {range}\r\n")));
    }

    #[test]
    fn what_is_to_be_included_is_said_on_every_page() {
        let server = Server::answering([answer(206, "next-range: id ]b..", "[1]"), answer(200, "", "[2]")]);
        let path = "/apps/x/addon-attachments";
        assert_eq!(server.client().list_including::<u8>(path, Accept::Sdk, "config_vars").unwrap(), [1, 2]);
        let requests = server.requests();
        let said = |request: &String| request.contains("\r\naccept-inclusion: config_vars\r\n");
        assert!(requests.len() == 2 && requests.iter().all(said), "{requests:?}");
    }

    #[test]
    fn a_filter_is_read_to_its_end_and_repeated() {
        let server = Server::answering([
            answer(503, "", ""),
            answer(206, "next-range: id ]b..; max=1000", "[1]"),
            answer(200, "", "[2]"),
        ]);
        let body = json!({"in": {"id": []}});
        assert_eq!(
            server.client().post_all::<u8, _>("/filters/apps", Accept::Filters, &body).unwrap(),
            [1, 2]
        );
        let requests = server.requests();
        assert!(requests[1].contains("\r\nrange: id ..; max=1000\r\n"));
        assert!(requests[2].contains("\r\nrange: id ]b..; max=1000\r\n"));
        assert!(requests.iter().all(|request| request.ends_with(r#"{"in":{"id":[]}}"#)));
    }
}
