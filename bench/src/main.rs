//! Measures how fast Kairos is.
//!
//! The benchmark fills a store with a world, starts the real program on it, and sends requests over HTTP.
//!
//! Everything runs on one machine, the client included. The figures therefore compare measurements within one
//! run. They promise nothing for other machines.
#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]

mod cities;
mod hostile;
mod lambda;
mod load;
mod mongod_alone;
mod program;
mod questions;
mod table;
mod timing;
mod world;

use std::time::Duration;

use clap::{Parser, ValueEnum};
use kairos_domain::password::PasswordHash;

use load::{Load, Tokens};
use program::{Mode, Place, Program};
use questions::Question;
use table::Table;
use world::World;

/// Measures how fast Kairos answers, and what that costs
#[derive(Debug, Parser)]
struct Options {
    /// What to measure
    #[arg(value_enum, default_value = "everyday")]
    measure: Measure,
    /// Which store to measure
    #[arg(long, value_enum, default_value = "mongodb")]
    store: StoreKind,
    /// How many journeys, of 50 markers each, are in it; several numbers with commas between them are measured one after the other.
    /// By default 1000, and for discovery 1000,20000,100000
    #[arg(long, value_delimiter = ',')]
    journeys: Vec<u32>,
    /// How many connections ask everyday questions at once
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// How many seconds each question is asked
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// What the world is drawn from: the same number gives the same world
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A hostile client's attack, by its name in the table; may be given several times. By default all attacks run
    #[arg(long)]
    attack: Vec<String>,
    /// The address of the program that the attacker attacks
    #[arg(long, hide = true, default_value = "")]
    address: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measure {
    /// How fast accounts, journeys and markers are read, and markers added, on many connections, and what the
    /// database alone would give
    Everyday,
    /// How long discovery takes, one question after the other, in worlds of several sizes
    Discovery,
    /// Whether the time of an answer tells who has an account
    Timing,
    /// How long a function on AWS Lambda takes from its start to its first answer, and from then on
    Lambda,
    /// Whether a hostile client takes the service from an honest rider
    Hostile,
    /// The hostile client itself
    #[value(hide = true)]
    HostileAttacker,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StoreKind {
    Mongodb,
    Sqlite,
}

impl Options {
    fn sizes(&self) -> &[u32] {
        match (&*self.journeys, self.measure) {
            ([], Measure::Discovery) => &[1_000, 20_000, 100_000],
            ([], _) => &[1_000],
            (sizes, _) => sizes,
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    if options.measure == Measure::HostileAttacker {
        let time = Duration::from_secs(options.seconds);
        return hostile::attack(&options.attack.concat(), &options.address, time).await;
    }
    program::build()?;
    if options.measure == Measure::Lambda {
        return lambda::measure();
    }
    for journeys in options.sizes() {
        measure(&options, *journeys).await?;
    }
    Ok(())
}

async fn measure(options: &Options, journeys: u32) -> anyhow::Result<()> {
    let place = Place::new(options.store)?;
    let password = match options.measure {
        Measure::Hostile => hostile::password().await?,
        // The benchmark signs its tokens itself, so no rider logs in.
        _ => PasswordHash::stored("none".to_owned()),
    };
    let world = World::drawn(options.seed, journeys, password);
    println!(
        "{:?}, {} journeys, {} markers",
        options.store, world.journeys, world.markers
    );
    let filling = std::time::Instant::now();
    world.fill(&*place.open().await?).await?;
    println!("filled in {:.1} s", filling.elapsed().as_secs_f64());
    let time = Duration::from_secs(options.seconds);
    if options.measure == Measure::Hostile {
        return hostile::measure(&place, &world, &options.attack, time).await;
    }
    // The timing benchmark must reach the limits as in production. The other benchmarks write more than the
    // limits allow.
    let mode = match options.measure {
        Measure::Timing => Mode::Limited,
        _ => Mode::LoadTest,
    };
    let program = Program::start(&place, mode).await?;
    println!(
        "started in {:.0} ms, {:.1} MB\n",
        program.started_in.as_secs_f64() * 1000.0,
        program.memory_megabytes()?
    );
    let load = Load {
        address: program.address.clone(),
        time,
        tokens: Tokens::new(program::SECRET_KEY),
        journeys: world.journeys,
    };
    match options.measure {
        Measure::Everyday => {
            ask_all(&load, &questions::EVERYDAY, options.connections, &program).await?;
            if let Some(database) = &place.database {
                let alone = mongod_alone::ask(database, &world, options.connections, load.time).await?;
                println!("mongod alone, asked by the driver on as many connections:\n{alone}");
            }
        }
        Measure::Discovery => ask_all(&load, &questions::DISCOVERY, 1, &program).await?,
        Measure::Timing => timing::measure(&program, options.seed).await?,
        // These benchmarks start the program themselves.
        Measure::Lambda | Measure::Hostile | Measure::HostileAttacker => {}
    }
    Ok(())
}

/// Asks one question after the other, each on so many connections, and prints a table.
async fn ask_all(
    load: &Load,
    questions: &[Question],
    connections: usize,
    program: &Program,
) -> anyhow::Result<()> {
    let mut table = Table::default();
    for question in questions {
        let latencies = load.ask(*question, connections).await?;
        let megabytes = program.memory_megabytes()?;
        table.add(question.name, latencies, question.earlier, Some(megabytes));
    }
    println!("{table}");
    Ok(())
}
