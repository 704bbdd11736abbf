//! How fast Kairos is: fills a store with a world, starts the real program on it, and drives it over HTTP.
//!
//! Everything runs on one machine, the client included, so that the figures are ratios of one run rather than promises.
#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]

mod load;
mod mongod_alone;
mod program;
mod table;
mod timing;
mod world;

use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};

use load::Load;
use program::{Place, Program};
use table::Table;
use world::World;

/// Measures how fast Kairos answers, and what its database alone would give; or whether the time of an answer tells who has an account
#[derive(Debug, Parser)]
struct Options {
    /// What to measure
    #[arg(value_enum, default_value = "speed")]
    measure: Measure,
    /// Which store to measure
    #[arg(long, value_enum, default_value = "mongodb")]
    store: StoreKind,
    /// How many journeys, of 50 markers each, are in it
    #[arg(long, default_value_t = 1_000)]
    journeys: u32,
    /// How many connections ask at once
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// How many seconds each question is asked
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// What the world is drawn from: the same number gives the same world
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measure {
    /// How fast questions are answered
    Speed,
    /// Whether the time of an answer tells who has an account
    Timing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StoreKind {
    Mongodb,
    Sqlite,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    program::build()?;
    let place = Place::new(options.store)?;
    let world = World::drawn(options.seed, options.journeys)?;
    println!(
        "{:?}, {} journeys, {} markers, {} connections",
        options.store,
        world.journeys.len(),
        world.markers,
        options.connections
    );
    let filling = std::time::Instant::now();
    world.fill(&*place.open().await?).await?;
    println!("filled in {:.1} s", filling.elapsed().as_secs_f64());
    let program = Program::start(&place).await?;
    println!(
        "started in {:.0} ms, {:.1} MB\n",
        program.started_in.as_secs_f64() * 1000.0,
        program.memory_megabytes()?
    );
    match options.measure {
        Measure::Speed => measure_speed(&options, &place, &world, &program).await,
        Measure::Timing => timing::measure(&program, options.seed).await,
    }
}

async fn measure_speed(
    options: &Options,
    place: &Place,
    world: &World,
    program: &Program,
) -> anyhow::Result<()> {
    let token = load::log_in(program, world::EMAIL, world::PASSWORD)
        .await
        .context("the benchmark's rider can't log in")?;
    let load = Load {
        address: program.address.clone(),
        token,
        connections: options.connections,
        time: Duration::from_secs(options.seconds),
        journeys: world.journeys.iter().map(ToString::to_string).collect(),
    };
    let mut table = Table::default();
    for question in load::QUESTIONS {
        table.add(question.name, question.earlier, load.ask(question).await?);
    }
    println!("{table}");
    println!("memory after that: {:.1} MB", program.memory_megabytes()?);
    if let Some(database) = &place.database {
        let alone = mongod_alone::ask(database, world, options.connections, load.time).await?;
        println!("\nmongod alone, asked by the driver on as many connections:\n{alone}");
    }
    Ok(())
}
