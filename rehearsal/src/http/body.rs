//! The bodies of answers: whole, or as they come.

use std::convert::Infallible;
use std::error::Error;

use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Bytes, Frame};

/// What breaks a body off; the client sees a reset.
pub(crate) type Broken = Box<dyn Error + Send + Sync>;

/// What follows an answer's headers.
pub(crate) type Body = UnsyncBoxBody<Bytes, Broken>;

/// An answer.
pub(crate) type Response = hyper::Response<Body>;

/// A body that is there.
pub(crate) fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never: Infallible| match never {}).boxed_unsync()
}

/// A body that comes piece by piece.
pub(crate) fn stream<E: Into<Broken>>(pieces: impl Stream<Item = Result<Bytes, E>> + Send + 'static) -> Body {
    StreamBody::new(pieces.map_ok(Frame::data).map(|piece| piece.map_err(Into::into))).boxed_unsync()
}

/// All of a body; what came of one that broke off is nothing.
pub(crate) async fn read(body: impl hyper::body::Body<Data = Bytes>) -> Bytes {
    body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default()
}
