//! `kairos demo`: the service on a store of its own, with one rider on each of a few real routes.

mod routes;
mod seed;

use std::fs::{self, File};
use std::io;
use std::path::Path;

use anyhow::{Context as _, ensure};

use crate::compose::{self, Pace};
use crate::config::{Config, Database, Environment, MailDelivery, secret_key};
use crate::console::say;
use crate::service::{self, Door};
use seed::DemoRider;

/// Creates a new store for the demo and serves it until SIGTERM or Ctrl-C.
///
/// The database of `DATABASE_URL` stays untouched. Mails become files, whatever delivery is configured.
///
/// # Errors
/// A sentence for the operator about the problem that prevents the start.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    ensure!(
        config.environment == Environment::Local,
        "the demo's passwords are known to all, so it runs with ENVIRONMENT=local only"
    );
    let data_dir = config.data_dir.join("demo");
    let config = Config {
        database: Database::Sqlite(data_dir.join("kairos.db")),
        mail_delivery: MailDelivery::Folder(data_dir.join("outbox")),
        data_dir,
        ..config
    };
    let door = Door::open(&config).await?;
    let _lock = start_afresh(&config.data_dir)?;
    let service = compose::service(&config, door.port, Pace::OF_A_SERVER).await?;
    let rider = seed::seed(&service).await?;
    service::announce(&config, door.port);
    introduce(&rider, &config.host.http_url(door.port));
    door.serve(service).await
}

/// Deletes the files of an earlier demo, and returns a lock on the folder.
///
/// The lock is held as long as the file is open. It keeps a second demo from deleting the files of a running
/// one.
fn start_afresh(data_dir: &Path) -> anyhow::Result<File> {
    secret_key::create_private_folder(data_dir)
        .with_context(|| format!("can't make {}", data_dir.display()))?;
    let lock = File::create(data_dir.with_extension("lock"))?;
    lock.try_lock()
        .with_context(|| format!("another demo uses {}", data_dir.display()))?;
    match fs::remove_dir_all(data_dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("can't clear {}", data_dir.display()))
        }
        _ => Ok(lock),
    }
}

/// Prints the credentials of a rider, and commands to explore the demo.
fn introduce(rider: &DemoRider, url: &str) {
    let DemoRider {
        email,
        password,
        journey_id,
    } = rider;
    let journey = format!("{url}/api/v1/journeys/{journey_id}");
    say(format_args!(
        "\nSign in as {email} with the password {password}. Who will be there on the same days, and who comes near?\n"
    ));
    say(format_args!(
        "  TOKEN=$(curl -s {url}/api/v1/auth/token -d username={email} -d password={password} | cut -d '\"' -f 4)"
    ));
    say(format_args!(
        "  curl -s {journey}/encounters -H \"authorization: Bearer $TOKEN\""
    ));
    say(format_args!(
        "  curl -s '{journey}/journeys/nearby?max_distance_meters=50000' -H \"authorization: Bearer $TOKEN\"\n"
    ));
}
