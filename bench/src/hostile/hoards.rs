//! The journeys that attackers list and delete.

use chrono::Days;
use kairos_domain::geo::Position;
use kairos_domain::id::MarkerId;
use kairos_domain::journey::Journey;
use kairos_domain::marker::{Marker, MarkerDetails, MarkerKind};
use kairos_domain::text::{Name, Prose};
use kairos_store::administration::{AdminStore, Record};

use crate::world::{World, add, marker_id, today};

/// The number of a rider and of their journey. Its markers make a list of 25 MB.
pub(super) const LONG: u32 = u32::MAX - 10;

/// The number of a rider and of their journey. Its markers make a list of 602 MB.
///
/// JSON escapes each character of the notes as six characters. Today's limits forbid so much text in a
/// journey, but an older database may contain it.
pub(super) const ESCAPED: u32 = u32::MAX - 11;

/// The number of a rider with [`HOARDED`] journeys, and of the first of these journeys.
pub(super) const HOARDER: u32 = u32::MAX - 40;

/// The number of the first of [`HOARDED`] riders with one large journey each.
pub(super) const DELETERS: u32 = u32::MAX - 60;

/// The number of large journeys deleted with one account. As many are deleted one by one.
pub(super) const HOARDED: u32 = 10;

/// The number of markers in a large journey: the most that are allowed.
const MARKERS: u32 = 10_000;

/// Adds these journeys to a store.
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

/// Adds a journey and its markers, and its rider if the rider does not exist yet.
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
            // In the South Pacific, far from every other journey.
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
