//! Measures the database alone: the driver reads the same documents, without Kairos.

use std::time::{Duration, Instant};

use bson::oid::ObjectId as Oid;
use bson::{Document, RawDocumentBuf, doc};
use fastrand::Rng;
use kairos_domain::id::ObjectId;
use kairos_test_mongod::TestDatabase;
use mongodb::Collection;
use tokio::task::JoinSet;

use crate::table::{Answered, Latencies, Table};
use crate::world::World;

/// Reads a rider, and then the markers of a journey, for a while each.
pub(crate) async fn ask(
    database: &TestDatabase,
    world: &World,
    connections: usize,
    time: Duration,
) -> anyhow::Result<Table> {
    let database = database.database().await;
    let journeys: Vec<_> = (0..world.journeys)
        .map(|number| World::journey_id(number).0)
        .collect();
    let riders: Vec<_> = (0..world.journeys).map(|number| World::rider(number).0).collect();
    let mut table = Table::default();
    for (name, collection, field, ids) in [
        ("a rider by id", "users", "_id", &riders),
        ("50 markers by journey", "markers", "journey_id", &journeys),
    ] {
        let mut asking = JoinSet::new();
        let begun = Instant::now();
        let deadline = begun + time;
        for number in (0..).take(connections) {
            let collection = database.collection(collection);
            let ids = ids.clone();
            asking.spawn(ask_until(deadline, collection, field, ids, number));
        }
        let mut all = Vec::new();
        while let Some(latencies) = asking.join_next().await {
            all.extend(latencies??);
        }
        table.add(name, Latencies::new(all, begun.elapsed()), None, None);
    }
    Ok(table)
}

async fn ask_until(
    deadline: Instant,
    collection: Collection<RawDocumentBuf>,
    field: &'static str,
    ids: Vec<ObjectId>,
    seed: u64,
) -> anyhow::Result<Vec<Answered>> {
    let mut random = Rng::with_seed(seed);
    let mut latencies = Vec::new();
    while Instant::now() < deadline {
        let Some(id) = random.choice(&ids) else { break };
        let filter: Document = doc! { field: Oid::from_bytes(id.bytes()) };
        let asked = Instant::now();
        let mut found = collection.find(filter).await?;
        while found.advance().await? {}
        latencies.push(Answered {
            time: asked.elapsed(),
            is_given: true,
        });
    }
    Ok(latencies)
}
