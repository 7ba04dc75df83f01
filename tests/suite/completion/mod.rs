//! Tab completion: what is offered, in each shell, and how it is installed and examined.

mod bash;
mod cache;
mod candidates;
mod cases;
pub(crate) mod doctor;
mod elvish;
mod fish;
mod install;
mod nushell;
mod powershell;
mod prompt;
mod silence;
mod zsh;
