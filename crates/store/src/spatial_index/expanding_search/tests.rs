use kairos_domain::geo::distance;
use kairos_domain::id::{ObjectId, UserId};
use kairos_domain::store::Around;
use proptest::prelude::*;

use super::*;

fn id(number: u16) -> ObjectId {
    let [a, b] = number.to_be_bytes();
    ObjectId::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, a, b])
}

fn at(longitude: f64, latitude: f64) -> Position {
    Position::new(longitude, latitude, None).unwrap()
}

fn search(radius_metres: f64, limit: u32) -> NearbySearch {
    NearbySearch {
        around: Around::Point(at(0.0, 0.0)),
        radius_metres,
        reader: UserId(id(0)),
        except_owner: UserId(id(0)),
        include_completed: true,
        limit,
    }
}

/// A store of journeys with one marker each, which counts the markers that were read.
struct Journeys<'a> {
    places: &'a [Position],
    searches: usize,
    markers_read: usize,
}

impl<'a> Journeys<'a> {
    fn at(places: &'a [Position]) -> Self {
        Self {
            places,
            searches: 0,
            markers_read: 0,
        }
    }

    fn nearest(
        &mut self,
        origins: &[Position],
        search: &NearbySearch,
        grid: &'static Grid,
        guessed_markers: u64,
    ) -> Vec<Ranked> {
        let expanding = ExpandingSearch::new(origins, search, grid, guessed_markers, Effort::unlimited());
        let mut expanding = expanding.unwrap();
        let mut found = Vec::new();
        while found.len() < search.limit as usize && !expanding.is_exhausted() {
            let ranges = MortonCell::ranges(&expanding.widen(found.len()).unwrap());
            self.searches += 1;
            for (number, place) in (0..).zip(self.places) {
                let finest = *MortonCell::of(*place, MortonCell::FINEST).finest().start();
                if ranges.iter().any(|range| range.contains(&finest)) {
                    self.markers_read += 1;
                    expanding
                        .offer(JourneyId(id(number)), MarkerId(id(number)), *place)
                        .unwrap();
                }
            }
            found = expanding.ranking();
        }
        found.truncate(search.limit as usize);
        found
    }
}

fn by_definition(places: &[Position], origins: &[Position], search: &NearbySearch) -> Vec<Ranked> {
    let to_origins = |place: &Position| origins.iter().map(|origin| distance(*origin, *place)).min();
    let mut ranking: Vec<_> = (0..)
        .zip(places)
        .filter_map(|(number, place)| {
            Some(Ranked {
                distance: to_origins(place)?,
                journey_id: JourneyId(id(number)),
                marker_id: MarkerId(id(number)),
                position: *place,
            })
        })
        .filter(|ranked| ranked.distance.metres() <= search.radius_metres)
        .collect();
    ranking.sort_unstable_by_key(|ranked| (ranked.distance, ranked.journey_id));
    ranking.truncate(search.limit as usize);
    ranking
}

fn place() -> impl Strategy<Value = Position> {
    prop_oneof![
        // Crowds with many equal distances, sparse areas, a pole, and both sides of the antimeridian.
        (-4..=4_i32, -4..=4_i32).prop_map(|(x, y)| (f64::from(x) * 0.01, f64::from(y) * 0.01)),
        (-4.0..4.0, -4.0..4.0),
        (-180.0..=180.0, Just(90.0)),
        (prop_oneof![Just(180.0), Just(-180.0), Just(179.99)], -0.02..0.02),
    ]
    .prop_map(|(longitude, latitude)| at(longitude, latitude))
}

proptest! {
    #[test]
    fn widening_finds_what_one_search_of_the_whole_circle_finds(
        places in prop::collection::vec(place(), 0..60),
        origins in prop::collection::vec(place(), 1..8),
        radius in prop_oneof![Just(0.0), 0.0..2_500.0, 0.0..500_000.0],
        limit in 1..40_u32,
        guessed_markers in prop_oneof![Just(0), 0..100_u64, 0..10_000_000_000_u64],
    ) {
        let search = search(radius, limit);
        let expected = by_definition(&places, &origins, &search);
        for grid in [&Grid::OF_RANGES, &Grid::OF_CODES] {
            prop_assert_eq!(&Journeys::at(&places).nearest(&origins, &search, grid, guessed_markers), &expected);
        }
    }
}

#[test]
fn a_lonely_place_is_searched_up_to_the_greatest_distance_in_a_few_steps() {
    let far = [at(0.0, 80.0)];
    let mut journeys = Journeys::at(&far);
    assert_eq!(
        journeys.nearest(
            &[at(0.0, 0.0)],
            &search(500_000.0, 50),
            &Grid::OF_CODES,
            1_000_000
        ),
        []
    );
    assert!(journeys.searches <= 6, "{}", journeys.searches);
}

#[test]
fn a_crowded_place_is_searched_no_further_than_needed() {
    // A journey every hundred metres along a meridian.
    let crowd: Vec<_> = (0..5_000)
        .map(|number| at(0.0, f64::from(number) * 0.001))
        .collect();
    for guessed_markers in [5_000_000, 100_000_000_000] {
        let mut journeys = Journeys::at(&crowd);
        let found = journeys.nearest(
            &[at(0.0, 0.0)],
            &search(500_000.0, 20),
            &Grid::OF_CODES,
            guessed_markers,
        );
        assert_eq!(found.len(), 20);
        assert!(journeys.markers_read < 500, "{}", journeys.markers_read);
    }
}

#[test]
fn markers_cells_origins_and_journeys_are_efforts() {
    let origins = [at(0.0, 0.0); 10];
    let of_journey = NearbySearch {
        around: Around::Journey(JourneyId(id(1))),
        ..search(1_000.0, 1)
    };
    let begin = |origins: &[Position]| {
        ExpandingSearch::new(origins, &of_journey, &Grid::OF_RANGES, 1, Effort::short())
    };
    assert!(matches!(begin(&[at(0.0, 0.0); 5_001]), Err(StoreError::TooSlow)));
    let cells = begin(&origins).unwrap().widen(0).unwrap().len();
    let left = 20_000 - 4 * origins.len() - cells;
    // The markers of the journey itself are read, too.
    for journey in [1, 2] {
        let mut expanding = begin(&origins).unwrap();
        expanding.widen(0).unwrap();
        let mut offer = || expanding.offer(JourneyId(id(journey)), MarkerId(id(1)), at(0.0, 0.0));
        for _ in 0..left {
            offer().unwrap();
        }
        assert!(matches!(offer(), Err(StoreError::TooSlow)));
        assert_eq!(expanding.ranking().len(), usize::from(journey == 2));
    }
    let mut expanding = begin(&origins).unwrap();
    expanding.spend_on_journeys(1_900).unwrap();
    assert!(expanding.spend_on_journeys(100).is_err());
}
