//! The bodies of answers: complete, or streamed.

use std::convert::Infallible;
use std::error::Error;

use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Bytes, Frame};

/// An error that breaks a body off; the client sees a reset.
pub(crate) type Broken = Box<dyn Error + Send + Sync>;

/// The body of an answer.
pub(crate) type Body = UnsyncBoxBody<Bytes, Broken>;

/// An answer.
pub(crate) type Response = hyper::Response<Body>;

/// A complete body.
pub(crate) fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never: Infallible| match never {}).boxed_unsync()
}

/// A streamed body.
pub(crate) fn stream<E: Into<Broken>>(pieces: impl Stream<Item = Result<Bytes, E>> + Send + 'static) -> Body {
    StreamBody::new(pieces.map_ok(Frame::data).map(|piece| piece.map_err(Into::into))).boxed_unsync()
}

/// Reads a whole body; one that breaks off counts as empty.
pub(crate) async fn read(body: impl hyper::body::Body<Data = Bytes>) -> Bytes {
    body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default()
}
