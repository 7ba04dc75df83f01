//! Git over HTTP: one bare repository for each app, served by `git http-backend`.

mod backend;
mod push;
mod sideband;

use hyper::body::Bytes;
use hyper::http::HeaderValue;

use crate::http::body::Response;
use crate::http::call::Call;
use crate::repositories::repository;
use crate::state::{Shared, lock};
use backend::{backend, plain};

/// Answers `/{app}.git/…`.
pub(crate) async fn serve(shared: &Shared, call: &Call, body: Bytes) -> Response {
    let Some((name, service)) = call.path.trim_start_matches('/').split_once(".git/") else {
        return plain(404, "Not found.\n");
    };
    let found = {
        let state = lock(shared);
        if !call.has_password(&state.settings.token) {
            let mut response = plain(401, "Invalid credentials provided.\n");
            response
                .headers_mut()
                .insert("www-authenticate", HeaderValue::from_static("Basic realm=\"Git\""));
            return response;
        }
        state.app(name).and_then(|app| {
            let failed = |_| crate::http::answer::Answer::usual(500);
            repository(&state, app).map(|repository| (app, repository)).map_err(failed)
        })
    };
    match found {
        Err(answer) if answer.status == 404 => plain(404, &format!("No such app as {name}.\n")),
        Err(_) => plain(500, "The repository cannot be opened.\n"),
        Ok((app, repository)) if service == "git-receive-pack" => {
            // In a task of its own, so that a client that disconnects does not stop the push.
            let serving = push::serve(shared.clone(), call.clone(), app, repository, body);
            tokio::spawn(serving).await.unwrap_or_else(|error| plain(500, &format!("{error}\n")))
        }
        Ok((_, repository)) => match backend(&repository, call, &body, None).await {
            Ok(answer) => answer.response(),
            Err(error) => plain(500, &format!("{error}\n")),
        },
    }
}
