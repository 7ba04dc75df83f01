//! The login.

use std::io::{self, Read};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::heroku::{AcceptedToken, ApiError, NotLoggedIn};
use crate::hint::Hint;
use crate::steps::PlanItem;

/// No token is longer; in bytes.
const LONGEST: u64 = 4096;

/// The login, as Heroku confirms it.
pub(super) fn login(context: &Context) -> Result<PlanItem> {
    let asked = context.heroku().and_then(|client| Ok((client.account()?.0.email, client.token_source())));
    match asked {
        Ok((email, source)) => Ok(PlanItem::there(format!("login as {email}, with {source}"))),
        Err(error) if is_absent(&error) => {
            let hint = error.hints().next().cloned().unwrap_or_else(|| Hint::heroku(["login"]));
            let said = error.chain().next().unwrap_or_default();
            Ok(PlanItem::blocked(said.trim_end_matches('.'), hint))
        }
        Err(error) => Err(error),
    }
}

/// Whether nobody is logged in, or with a token that Heroku does not accept.
fn is_absent(error: &Error) -> bool {
    error.downcast_ref::<NotLoggedIn>().is_some()
        || error.downcast_ref().is_some_and(|refusal: &ApiError| refusal.status == 401)
}

/// Reads a token from stdin and stores it, once Heroku has accepted it. A dry run says where.
pub fn store_token(context: &Context) -> Result<()> {
    let mut text = String::new();
    io::stdin().take(LONGEST).read_to_string(&mut text)?;
    let text = text.trim();
    if text.is_empty() {
        return Err(
            Error::usage("no token came on stdin").hint("heroku auth:token | greenroom setup --token-stdin")
        );
    }
    let token = AcceptedToken::check(&context.terminal, text)?;
    let file = token.file().display().to_string();
    let what = format!("the token of {} for {} in {file}", token.email, token.machines());
    if context.options.dry_run {
        return context.terminal.print_lines(&format!("store {what}\n"));
    }
    token.store()?;
    context.terminal.status(&format!("done store {what}"));
    Ok(())
}
