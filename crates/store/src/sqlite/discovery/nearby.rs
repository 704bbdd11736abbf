use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, MarkerId, ObjectId};
use kairos_domain::store::{NearbyMatch, NearbySearch, StoreError};
use rusqlite::{Connection, Row, named_params};

use crate::nearby::{BoundingBox, NearestMarkers, Origins};
use crate::sqlite::error::Fault;
use crate::sqlite::journeys;

/// The markers of others in a box. The index goes first, whatever the planner would think of it.
const MARKERS_IN_BOX: &str = "
    SELECT markers.id, markers.journey_id, markers.longitude, markers.latitude
    FROM marker_places
        CROSS JOIN markers ON markers.number = marker_places.number
        CROSS JOIN journeys ON journeys.id = markers.journey_id
    WHERE x_max >= :x_from AND x_min <= :x_to
        AND y_max >= :y_from AND y_min <= :y_to
        AND z_max >= :z_from AND z_min <= :z_to
        AND journeys.visibility = 'public'
        AND journeys.user_id <> :except_owner
        AND (:include_completed OR journeys.status <> 'completed')";

pub(super) fn journeys_within(db: &Connection, search: &NearbySearch) -> Result<Vec<NearbyMatch>, Fault> {
    let origins = Origins::new(&search.origins, search.radius_metres);
    let mut nearest = NearestMarkers::default();
    for area in origins.search_areas() {
        take_markers_in(db, &area, search, &origins, &mut nearest)?;
    }
    let mut ranking = nearest.ranked();
    ranking.truncate(search.limit as usize);
    ranking
        .into_iter()
        .map(|ranked| {
            let gone =
                || StoreError::Failed(format!("journey {} left its snapshot", ranked.journey_id).into());
            Ok(NearbyMatch {
                journey: journeys::find(db, ranked.journey_id)?.ok_or_else(gone)?,
                marker_id: ranked.marker_id,
                distance: ranked.distance,
            })
        })
        .collect()
}

fn take_markers_in(
    db: &Connection,
    area: &BoundingBox,
    search: &NearbySearch,
    origins: &Origins,
    nearest: &mut NearestMarkers,
) -> Result<(), Fault> {
    let mut query = db.prepare_cached(MARKERS_IN_BOX)?;
    let mut markers = query.query(named_params! {
        ":x_from": area.from.x, ":x_to": area.to.x,
        ":y_from": area.from.y, ":y_to": area.to.y,
        ":z_from": area.from.z, ":z_to": area.to.z,
        ":except_owner": search.except_owner.0.bytes(),
        ":include_completed": search.include_completed,
    })?;
    while let Some(row) = markers.next()? {
        let marker = Candidate::read(row)?;
        if let Some(distance) = origins.distance_to(marker.position) {
            nearest.offer(marker.journey_id, distance, marker.id);
        }
    }
    Ok(())
}

struct Candidate {
    id: MarkerId,
    journey_id: JourneyId,
    position: Position,
}

impl Candidate {
    fn read(row: &Row<'_>) -> Result<Self, Fault> {
        let id = MarkerId(ObjectId::from_bytes(row.get(0)?));
        let position = Position::new(row.get(2)?, row.get(3)?, None);
        Ok(Self {
            id,
            journey_id: JourneyId(ObjectId::from_bytes(row.get(1)?)),
            position: position.map_err(|problem| StoreError::Corrupt {
                what: "marker",
                id: id.to_string(),
                problem: problem.to_string(),
            })?,
        })
    }
}
