//! The journeys that attackers list and delete.

use chrono::Days;
use kairos_domain::geo::Position;
use kairos_domain::id::MarkerId;
use kairos_domain::journey::Journey;
use kairos_domain::marker::{Marker, MarkerDetails, MarkerKind};
use kairos_domain::text::{Name, Prose};
use kairos_store::administration::{AdminStore, Record};

use crate::world::{World, add, marker_id, today};

/// The number of a rider and their journey, whose markers are a list of 25 MB.
pub(super) const LONG: u32 = u32::MAX - 10;

/// The number of a rider and their journey, whose markers are a list of 602 MB: each character of their notes is six in JSON. A
/// journey may not hold so much text, but an older database may.
pub(super) const ESCAPED: u32 = u32::MAX - 11;

/// The number of a rider with [`HOARDED`] journeys. It is also the number of the first of them.
pub(super) const HOARDER: u32 = u32::MAX - 40;

/// The number of the first of as many riders with one large journey each.
pub(super) const DELETERS: u32 = u32::MAX - 60;

/// How many large journeys are deleted with one account, and how many one by one.
pub(super) const HOARDED: u32 = 10;

/// The markers of a large journey: as many as it may have.
const MARKERS: u32 = 10_000;

/// Adds the journeys to a store.
pub(super) async fn fill(world: &World, store: &dyn AdminStore) -> anyhow::Result<()> {
    let long = "Water at the cemetery. ".repeat(95);
    let escaped = "\u{1}".repeat(10_000);
    add_journey(world, store, LONG, LONG, &long).await?;
    add_journey(world, store, ESCAPED, ESCAPED, &escaped).await?;
    for number in 0..HOARDED {
        add_journey(world, store, HOARDER, HOARDER + number, "").await?;
        add_journey(world, store, DELETERS + number, DELETERS + number, "").await?;
    }
    Ok(())
}

/// Adds a journey and its markers, and its rider if there is none.
async fn add_journey(
    world: &World,
    store: &dyn AdminStore,
    rider: u32,
    number: u32,
    notes: &str,
) -> anyhow::Result<()> {
    let journey = Journey {
        user_id: World::rider(rider),
        ..World::journey(number)?
    };
    let notes = Prose::parse(notes)?;
    let details = |marker: u32| -> anyhow::Result<MarkerDetails> {
        Ok(MarkerDetails {
            name: Name::parse("Camp")?,
            notes: notes.clone(),
            kind: MarkerKind::Plan,
            // In the south of the Pacific, where no other journey comes near.
            position: Position::new(-120.0 + f64::from(marker) / 1e3, -50.0, None)?,
            timestamp: None,
            estimated_time: Some(today().date_naive() + Days::new(marker.into())),
        })
    };
    add(store, &[Record::User(world.user(rider)?)]).await?;
    add(store, &[Record::Journey(journey)]).await?;
    let markers = (0..MARKERS).map(|marker| {
        Ok(Record::Marker(Marker {
            id: MarkerId(marker_id(number, marker)),
            journey_id: World::journey_id(number),
            owner_id: World::rider(rider),
            created_at: today(),
            details: details(marker)?,
        }))
    });
    add(store, &markers.collect::<anyhow::Result<Vec<_>>>()?).await
}
