//! Measures whether one hostile client can deny the service to the other clients.
//!
//! Each attack runs next to an honest rider, against a freshly started program. Attacker, server and rider
//! share the processors of one machine. The attacker is therefore a separate process with the lowest
//! priority.

mod attacker;
mod attacks;
mod hoards;
mod honest_rider;
mod odd_requests;
mod report;
mod requests;
mod status_lines;
mod turn;

use std::net::Ipv4Addr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use kairos_domain::client::Client;
use kairos_domain::password::{NewPassword, PasswordHash, PasswordHasher};
use tokio::process::Command;
use tokio::time::{interval, sleep};

use crate::load::Tokens;
use crate::program::{Mode, Place, Program, SECRET_KEY};
use crate::world::World;

pub(crate) use attacker::attack;
use attacks::{ATTACKS, Attack};
use honest_rider::HonestRider;
use report::{Report, Row};

/// The password of every rider.
const PASSWORD: &str = "on two wheels";

/// The time for which an attack runs before the rider's first request.
const HEAD_START: Duration = Duration::from_millis(500);

/// The interval at which the memory of the program is sampled.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Returns the hash of every rider's password.
pub(crate) async fn password() -> anyhow::Result<PasswordHash> {
    let hasher = PasswordHasher::new(PasswordHasher::COST, std::num::NonZeroUsize::MIN);
    let this_machine = Client::at(Ipv4Addr::LOCALHOST.into());
    Ok(hasher.hash(this_machine, NewPassword::parse(PASSWORD)?).await?)
}

/// Runs the named attacks, or all of them if none is named, and prints a table.
///
/// Returns an error if a target was missed.
pub(crate) async fn measure(
    place: &Place,
    world: &World,
    names: &[String],
    time: Duration,
) -> anyhow::Result<()> {
    for name in names {
        ensure!(
            ATTACKS.iter().any(|attack| attack.name == name),
            "there is no attack {name:?}"
        );
    }
    hoards::fill(world, &*place.open().await?).await?;
    let mut report = Report::default();
    for (number, attack) in (0..).zip(ATTACKS) {
        if names.is_empty() || names.iter().any(|name| name == attack.name) {
            report.add(&beside(place, attack, number, time).await?);
        }
    }
    report.verdict()
}

/// Runs the honest rider next to an attack.
async fn beside(place: &Place, attack: &'static Attack, number: u8, time: Duration) -> anyhow::Result<Row> {
    let program = Program::start(place, Mode::Production).await?;
    let seconds = (HEAD_START + time).as_secs() + 1;
    let attacker = Command::new("nice")
        .args(["-n", "19"])
        .arg(std::env::current_exe()?)
        .args(["hostile-attacker", "--attack", attack.name])
        .args(["--address", &program.address])
        .args(["--seconds", &seconds.to_string()])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("the attacker can't be started")?;
    let attacker = tokio::spawn(attacker.wait_with_output());
    let rider = HonestRider::new(
        &program.address,
        Tokens::new(SECRET_KEY),
        Ipv4Addr::new(127, 1, 0, number + 1),
        attack.is_on_passwords,
    );
    let ride = async {
        sleep(HEAD_START).await;
        rider.ride(time).await
    };
    let (experience, megabytes) = beside_memory(&program, ride).await?;
    let answers = String::from_utf8(attacker.await??.stdout)?;
    Ok(Row {
        attack: attack.name,
        experience: experience?,
        megabytes,
        answers: answers.split_whitespace().collect::<Vec<_>>().join(" "),
    })
}

/// Waits for a future, and returns the peak memory of the program meanwhile.
async fn beside_memory<T>(program: &Program, work: impl Future<Output = T>) -> anyhow::Result<(T, f64)> {
    let mut work = std::pin::pin!(work);
    let mut looks = interval(BETWEEN_LOOKS);
    let mut largest = 0_f64;
    loop {
        tokio::select! {
            done = &mut work => return Ok((done, largest)),
            _ = looks.tick() => largest = largest.max(program.memory_megabytes()?),
        }
    }
}
