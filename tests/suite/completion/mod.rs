//! Tab completion: what is offered, in each shell, and how it is installed and examined.

mod bash;
mod cache;
mod doctor;
mod elvish;
mod engine;
mod fish;
mod install;
mod nushell;
mod powershell;
mod prompt;
mod quiet;
mod table;
mod zsh;
