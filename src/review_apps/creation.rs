//! Waiting until a review app is created.

use std::sync::Arc;
use std::time::Instant;

use crate::environment::{self, review_command as command};
use crate::error::{Error, Result};
use crate::heroku::{App, AppSetup, Client, ReviewApp};
use crate::hint::Hint;
use crate::model::ReviewAppStatus;
use crate::release::{OutputStreams, Polling};
use crate::terminal::Terminal;

/// Follows the creation of `review` to its end, with the output of its build and its `postdeploy` script on stderr, and
/// returns the app.
///
/// Exit 1 where it could not be created, 6 when `deadline` comes first. After an interrupt it goes on at Heroku.
pub fn wait_until_created(
    client: &Arc<Client>,
    terminal: &Terminal,
    review: ReviewApp,
    deadline: Instant,
) -> Result<App> {
    let output = OutputStreams::new(client, terminal, deadline);
    Creation::begin(client, terminal, review, output)?.follow(deadline)
}

/// Prints the output of the setup of `review` to its end, on stdout.
///
/// Exit 1 where the review app could not be created, 6 when `deadline` comes first.
pub fn print_setup(
    client: &Arc<Client>,
    terminal: &Terminal,
    review: ReviewApp,
    deadline: Instant,
) -> Result<()> {
    let output = OutputStreams::new(client, terminal, deadline).on_stdout();
    let mut creation = Creation::begin(client, terminal, review, output)?;
    if !creation.review.is_coming() {
        creation.show_whole(deadline)?;
    }
    creation.follow(deadline)?;
    Ok(())
}

/// A review app on its way.
struct Creation<'a> {
    client: &'a Arc<Client>,
    terminal: &'a Terminal,
    review: ReviewApp,
    /// The app, once it is known.
    app: Option<App>,
    setup: Option<AppSetup>,
    output: OutputStreams<'a>,
    polling: Polling<'a>,
}

impl<'a> Creation<'a> {
    fn begin(
        client: &'a Arc<Client>,
        terminal: &'a Terminal,
        review: ReviewApp,
        output: OutputStreams<'a>,
    ) -> Result<Self> {
        let polling = Polling::begin(terminal, review.described())?;
        Ok(Self { client, terminal, review, app: None, setup: None, output, polling })
    }

    /// Shows the output of a build that has ended.
    fn show_whole(&mut self, deadline: Instant) -> Result<()> {
        let Look { setup, app, .. } = look(self.client, &self.review, None, false)?;
        if let Some(url) = setup.as_ref().and_then(output_url) {
            let name = app.as_ref().map_or(&*self.review.branch, |app| app.name.as_ref());
            self.output.follow(name, url);
            self.output.show_until(deadline)?;
        }
        Ok(())
    }

    fn follow(mut self, deadline: Instant) -> Result<App> {
        while self.review.is_coming() {
            if Instant::now() >= deadline {
                return Err(self.timed_out());
            }
            self.polling.pause_showing(&self.output, deadline)?;
            let look = look(self.client, &self.review, self.setup.as_ref(), self.app.is_some());
            let Some(Look { review, setup, app }) = self.polling.seen(look)? else { continue };
            let Some(review) = review else { return Err(self.gone()) };
            self.review = review;
            self.setup = setup.or(self.setup);
            if let Some(app) = app.as_ref().filter(|_| self.app.is_none()) {
                self.terminal.status(&format!("setting up {}", app.name));
            }
            self.app = app.or(self.app);
            if let (Some(app), Some(url)) = (&self.app, self.setup.as_ref().and_then(output_url)) {
                self.output.follow(app.name.as_ref(), url);
            }
        }
        self.end()
    }

    /// What became of it.
    fn end(mut self) -> Result<App> {
        self.output.finish()?;
        // The script ends just before the review app does.
        let setup = match &self.review.app_setup {
            Some(id) => self.client.app_setup(&id.id)?.or(self.setup),
            None => self.setup,
        };
        let postdeploy = setup.as_ref().and_then(|setup| setup.postdeploy.as_ref());
        for line in postdeploy.and_then(|script| script.output.as_deref()).unwrap_or_default().lines() {
            self.output.show(&format!("postdeploy | {line}"))?;
        }
        match (&self.review.status, self.review.app.as_ref()) {
            (ReviewAppStatus::Created, Some(app)) => match self.app {
                Some(app) => Ok(app),
                None => self.client.app(&app.id),
            },
            (ReviewAppStatus::Errored, _) => Err(failed(&self.review, setup.as_ref())),
            (status, _) => Err(Error::failed(format!("{} is {status}", self.review.described()))),
        }
    }

    fn timed_out(&self) -> Error {
        Error::timed_out(format!(
            "{} is still {}, and goes on at Heroku",
            self.review.described(),
            self.review.status
        ))
        .hint(command(&self.review, "wait"))
    }

    fn gone(&self) -> Error {
        Error::failed(format!("{} was deleted meanwhile", self.review.described()))
    }
}

/// One look at a review app on its way.
struct Look {
    /// None once it is gone.
    review: Option<ReviewApp>,
    /// The setup, while its build is not known.
    setup: Option<AppSetup>,
    /// The app, where it was not known.
    app: Option<App>,
}

fn look(client: &Client, review: &ReviewApp, setup: Option<&AppSetup>, knows_app: bool) -> Result<Look> {
    let seen = if review.is_local {
        environment::look_again_at_local(client, review)?
    } else {
        client.review_app(&review.id)?
    };
    let Some(review) = seen else {
        return Ok(Look { review: None, setup: None, app: None });
    };
    let begun = setup.and_then(output_url).is_some();
    let setup = match review.app_setup.as_ref().filter(|_| !begun) {
        Some(id) => client.app_setup(&id.id)?,
        None => None,
    };
    let app = match review.app.as_ref().filter(|_| !knows_app) {
        Some(app) => Some(client.app(&app.id)?),
        None => None,
    };
    Ok(Look { review: Some(review), setup, app })
}

fn output_url(setup: &AppSetup) -> Option<&str> {
    setup.build.as_ref()?.output_stream_url.as_deref()
}

fn failed(review: &ReviewApp, setup: Option<&AppSetup>) -> Error {
    let why = setup.and_then(|setup| setup.failure_message.as_deref()).unwrap_or_else(|| review.failure());
    let mut error = Error::failed(format!("{} could not be created: {why}", review.described()));
    for wrong in setup.iter().flat_map(|setup| &setup.manifest_errors) {
        error = error.hint(Hint::text(format!("app.json: {wrong}")));
    }
    error.hint(command(review, "destroy").note("then create it again"))
}
