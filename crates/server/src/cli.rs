//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::mail::{self, MailCommand};
use crate::commands::riders::{self, RidersArguments};
use crate::commands::{backup, check, copy, health, licences};
use crate::config::{Config, ConfigError};
use crate::console::{complain, say};
use crate::{demo, lambda, service, telemetry};

/// Exit code when the configuration prevents the start.
const MISCONFIGURED: u8 = 2;

/// Journeys of bikepackers, and who will be near on the same days.
///
/// Settings come from the environment and from `.env`; `.env.example` lists them all.
#[derive(Debug, Parser)]
#[command(name = "kairos", version = env!("KAIROS_VERSION"))]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Clone, Subcommand)]
enum Command {
    /// Serve the API (also without a command); on AWS Lambda, which it notices, to API Gateway
    Serve,
    /// Serve a store of its own, made anew at each start, with riders on real routes
    Demo,
    /// Print the OpenAPI document
    Openapi,
    /// Print what this configuration would do, how the database is, and what in it needs attention
    Check {
        /// First derive anew what follows from other data and is wrong; the service may run meanwhile
        #[arg(long)]
        repair: bool,
    },
    /// Print the licences of everything that the program is made of
    Licences,
    /// Ask the service that runs with this configuration how it is; the exit code is 0 if it is well
    Health,
    /// List, show, verify, invite and delete riders, while the service runs
    Riders(RidersArguments),
    /// Try whether mail leaves
    #[command(subcommand)]
    Mail(MailCommand),
    /// Write a SQLite database into a new file, while the service runs; `copy --from sqlite://FILE` restores it
    Backup {
        /// The file to write, which must not exist
        file: PathBuf,
    },
    /// Copy everything from one database to another; stop the service first
    Copy {
        /// The database to read, such as `sqlite://data/kairos.db`
        #[arg(long, value_name = "URL")]
        from: String,
        /// The database to fill, such as `mongodb://HOST/DATABASE`
        #[arg(long, value_name = "URL")]
        to: String,
        /// Continue an interrupted copy: add what is missing to a database that isn't empty
        #[arg(long)]
        resume: bool,
    },
}

impl Cli {
    /// Runs the command, and returns the exit code.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let config = match Config::load() {
            Ok(config) => config,
            Err(error) => return misconfigured(&error),
        };
        let command = self.command.unwrap_or(Command::Serve);
        if let Err(error) = prepare(&config, &command) {
            return failed(&error);
        }
        let run_time = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(run_time) => run_time,
            Err(error) => return failed(&error.into()),
        };
        let outcome = run_time.block_on(async {
            match command {
                Command::Serve if config.is_on_lambda => lambda::serve(config).await,
                Command::Serve => service::serve(config).await,
                Command::Demo => demo::serve(config).await,
                Command::Openapi => print_openapi(&config),
                Command::Licences => licences::print(),
                Command::Check { repair } => check::check(&config, repair).await,
                Command::Health => health::ask(&config).await,
                Command::Riders(arguments) => riders::run(&config, arguments).await,
                Command::Mail(command) => mail::run(&config, &command).await,
                Command::Backup { file } => backup::back_up(&config, &file).await,
                Command::Copy { from, to, resume } => copy::copy(&config, &from, &to, resume).await,
            }
        });
        // The program does not wait for tasks on blocking threads, such as the check of a password for a
        // client who has disconnected.
        run_time.shutdown_background();
        match outcome {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error),
        }
    }
}

/// Prepares the process: starts the log where needed, and TLS.
fn prepare(config: &Config, command: &Command) -> anyhow::Result<()> {
    if matches!(command, Command::Serve | Command::Demo) {
        telemetry::start(config.environment, &config.log)?;
        for warning in config.warnings() {
            tracing::warn!("{warning}");
        }
    }
    // TLS is for mail. The only possible failure is that a provider is already installed.
    drop(rustls::crypto::ring::default_provider().install_default());
    Ok(())
}

fn print_openapi(config: &Config) -> anyhow::Result<()> {
    say(serde_json::to_string_pretty(&kairos_api::openapi(
        &config.project_name,
    ))?);
    Ok(())
}

fn misconfigured(error: &ConfigError) -> ExitCode {
    complain(error);
    ExitCode::from(MISCONFIGURED)
}

fn failed(error: &anyhow::Error) -> ExitCode {
    complain(format_args!("kairos: {error:#}"));
    ExitCode::FAILURE
}
