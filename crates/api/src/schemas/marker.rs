use chrono::{DateTime, NaiveDate, Utc};
use kairos_domain::id::{JourneyId, MarkerId, UserId};
use kairos_domain::marker;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Coordinates, ListItem, text};

/// A marker on a journey. Answers have every field. Only those that a client has to send are required,
/// because clients of the earlier service use this type for both.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "_id": "665f1c2ab8e4d90012a4c7e3",
    "journey_id": "665f1c2ab8e4d90012a4c7e2",
    "owner_id": "665f1c2ab8e4d90012a4c7e1",
    "name": "Passau",
    "notes": "Camp where the three rivers meet.",
    "marker_type": "plan",
    "coordinates": {"type": "Point", "coordinates": [13.43, 48.57]},
    "timestamp": null,
    "estimated_time": "2027-06-06",
    "created_at": "2026-05-15T12:00:00.123Z",
}))]
pub(crate) struct Marker {
    /// Id of the marker.
    #[serde(rename = "_id", serialize_with = "text::id")]
    #[schema(value_type = String, required = false)]
    id: MarkerId,
    /// Id of the journey that the marker is on.
    #[serde(serialize_with = "text::id")]
    #[schema(value_type = String, required = false)]
    journey_id: JourneyId,
    /// Id of the rider whose journey it is.
    #[serde(serialize_with = "text::id")]
    #[schema(value_type = String, required = false)]
    owner_id: UserId,
    /// Name of the place.
    name: String,
    /// Notes of the owner. Empty if there are none.
    #[schema(required = false)]
    notes: String,
    #[schema(inline)]
    marker_type: MarkerType,
    /// Position of the place.
    coordinates: Coordinates,
    /// Day (UTC) on which the rider was there. Null if it is not known.
    #[serde(serialize_with = "text::optional_day")]
    timestamp: Option<NaiveDate>,
    /// Day (UTC) on which the rider means to be there. Null if it is not known.
    #[serde(serialize_with = "text::optional_day")]
    estimated_time: Option<NaiveDate>,
    /// Time (UTC) at which the marker was created.
    #[serde(serialize_with = "text::instant")]
    #[schema(required = false)]
    created_at: DateTime<Utc>,
}

/// `past`: the rider has been there. `plan`: the rider means to be there.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MarkerType {
    Past,
    Plan,
}

impl From<marker::MarkerKind> for MarkerType {
    fn from(kind: marker::MarkerKind) -> Self {
        match kind {
            marker::MarkerKind::Past => Self::Past,
            marker::MarkerKind::Plan => Self::Plan,
        }
    }
}

impl ListItem for Marker {
    /// Appends the fields one by one. `serde_json` searches every key, id and day for characters to escape,
    /// which takes most of its time.
    fn append(&self, json: &mut Vec<u8>) {
        json.extend_from_slice(br#"{"_id":"#);
        text::append_id(self.id, json);
        json.extend_from_slice(br#","journey_id":"#);
        text::append_id(self.journey_id, json);
        json.extend_from_slice(br#","owner_id":"#);
        text::append_id(self.owner_id, json);
        json.extend_from_slice(br#","name":"#);
        text::append_text(&self.name, json);
        json.extend_from_slice(br#","notes":"#);
        text::append_text(&self.notes, json);
        json.extend_from_slice(match self.marker_type {
            MarkerType::Past => br#","marker_type":"past","coordinates":"#,
            MarkerType::Plan => br#","marker_type":"plan","coordinates":"#,
        });
        self.coordinates.append(json);
        json.extend_from_slice(br#","timestamp":"#);
        text::append_optional_day(self.timestamp, json);
        json.extend_from_slice(br#","estimated_time":"#);
        text::append_optional_day(self.estimated_time, json);
        json.extend_from_slice(br#","created_at":"#);
        text::append_instant(self.created_at, json);
        json.push(b'}');
    }
}

impl From<marker::Marker> for Marker {
    fn from(marker: marker::Marker) -> Self {
        let details = marker.details;
        Self {
            id: marker.id,
            journey_id: marker.journey_id,
            owner_id: marker.owner_id,
            name: details.name.into_string(),
            notes: details.notes.into_string(),
            marker_type: details.kind.into(),
            coordinates: details.position.into(),
            timestamp: details.timestamp,
            estimated_time: details.estimated_time,
            created_at: marker.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use kairos_domain::geo::Position;
    use kairos_domain::id::ObjectId;
    use proptest::prelude::*;

    use super::*;

    fn id() -> impl Strategy<Value = ObjectId> {
        any::<[u8; 12]>().prop_map(ObjectId::from_bytes)
    }

    /// Texts of any characters, or of those that JSON escapes and their neighbours.
    fn text() -> impl Strategy<Value = String> {
        let odd = prop::sample::select(vec![
            '\0', '\n', '\u{1f}', ' ', '!', '"', '#', '[', '\\', ']', '/', '\u{7f}', '\u{80}', '\u{2028}',
            'é', '🚲',
        ]);
        prop_oneof![
            any::<String>(),
            prop::collection::vec(odd, 0..40).prop_map(String::from_iter),
            "[ -~]{0,80}",
        ]
    }

    /// Any instant of the calendar, with years of more than four digits and before the first.
    fn instant() -> impl Strategy<Value = DateTime<Utc>> {
        let millis =
            DateTime::<Utc>::MIN_UTC.timestamp_millis()..=DateTime::<Utc>::MAX_UTC.timestamp_millis();
        let near = -62_200_000_000_000..=253_500_000_000_000_i64;
        prop_oneof![millis, near].prop_map(|millis| DateTime::from_timestamp_millis(millis).unwrap())
    }

    fn day() -> impl Strategy<Value = Option<NaiveDate>> {
        prop::option::of(instant().prop_map(|at| at.date_naive()))
    }

    fn position() -> impl Strategy<Value = Position> {
        let elevation =
            prop::option::of(prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO);
        (-180.0..=180.0, -90.0..=90.0, elevation).prop_map(|(longitude, latitude, elevation)| {
            Position::new(longitude, latitude, elevation).unwrap()
        })
    }

    proptest! {
        #[test]
        fn a_marker_in_a_list_is_written_as_serde_writes_it(
            (id, journey_id, owner_id) in (id(), id(), id()),
            (name, notes) in (text(), text()),
            is_past in any::<bool>(),
            position in position(),
            (timestamp, estimated_time) in (day(), day()),
            created_at in instant(),
        ) {
            let marker = Marker {
                id: MarkerId(id),
                journey_id: JourneyId(journey_id),
                owner_id: UserId(owner_id),
                name,
                notes,
                marker_type: if is_past { MarkerType::Past } else { MarkerType::Plan },
                coordinates: position.into(),
                timestamp,
                estimated_time,
                created_at,
            };
            let mut json = Vec::new();
            marker.append(&mut json);
            prop_assert_eq!(String::from_utf8(json).unwrap(), serde_json::to_string(&marker).unwrap());
        }
    }
}
