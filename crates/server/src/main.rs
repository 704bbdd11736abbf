//! `kairos`, the program. See [`kairos_server`].

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    kairos_server::cli::Cli::parse().run()
}
