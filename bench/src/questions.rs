//! The requests that measure the program.

use fastrand::Rng;

use crate::world::World;

/// A kind of request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    /// The name in the table.
    pub(crate) name: &'static str,
    /// The path below `/api/v1`. `{journey}` stands for a journey of the requesting rider.
    pub(crate) path: &'static str,
    /// The marker to add, if the request is a write.
    pub(crate) write: Option<Write>,
    /// The rider who sends the request.
    pub(crate) who: Who,
    /// The requests per second of the earlier service, on a machine of two cores with 16 connections.
    pub(crate) earlier: Option<f64>,
}

/// A marker that is added.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Write {
    /// A marker for a day of the journey, which changes the itinerary.
    Dated,
    /// A marker without a day, which does not change the itinerary.
    Undated,
}

/// The rider who sends a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Who {
    /// Always the same rider, with a request about any public journey.
    One,
    /// A random rider, with a request about their own journey.
    Anyone,
    /// A random rider who may meet others from today on, with a request about their own journey.
    AnyoneOnTheWay,
    /// The rider who adds markers to a journey of a thousand markers.
    TheGreatPlanner,
    /// The rider who adds markers to a long journey.
    TheGreatScribe,
    /// The rider whose journey has ten thousand markers.
    TheGreatTraveller,
}

impl Who {
    /// Picks the numbers of the next rider and journey. The world has `journeys` journeys.
    pub(crate) fn draw(self, journeys: u32, random: &mut Rng) -> (u32, u32) {
        let mut numbers = std::iter::repeat_with(|| random.u32(0..journeys));
        let asking_about_their_own = match self {
            Self::One => {
                let public = numbers.find(|number| !World::is_private(*number));
                return (0, public.unwrap_or_default());
            }
            Self::Anyone => numbers.next(),
            Self::AnyoneOnTheWay => numbers.find(|number| World::may_be_met(*number)),
            Self::TheGreatPlanner => Some(World::GREAT_PLANNER),
            Self::TheGreatScribe => Some(World::GREAT_SCRIBE),
            Self::TheGreatTraveller => Some(World::GREAT_TRAVELLER),
        };
        let number = asking_about_their_own.unwrap_or_default();
        (number, number)
    }
}

impl Write {
    /// Returns a marker anywhere in Europe, as JSON for the API.
    pub(crate) fn body(self, journey: u32, random: &mut Rng) -> String {
        let (longitude, latitude) = (random.f64() * 30.0 - 5.0, random.f64() * 15.0 + 40.0);
        let day = match self {
            Self::Dated => format!(",\"estimated_time\":\"{}\"", World::day_of(journey, random)),
            Self::Undated => String::new(),
        };
        format!(
            "{{\"name\":\"Camp\",\"marker_type\":\"plan\",\"coordinates\":{{\"coordinates\":[{longitude},{latitude}]}}{day}}}"
        )
    }
}

/// The requests of everyday use, sent on all connections at once.
pub(crate) const EVERYDAY: [Question; 6] = [
    Question {
        name: "a sign of life of the store",
        path: "/mongodb",
        write: None,
        who: Who::One,
        earlier: None,
    },
    Question {
        name: "/users/me",
        path: "/users/me",
        write: None,
        who: Who::One,
        earlier: Some(1_458.0),
    },
    Question {
        name: "a journey",
        path: "/journeys/{journey}",
        write: None,
        who: Who::One,
        earlier: Some(841.0),
    },
    Question {
        name: "a journey's 50 markers",
        path: "/journeys/{journey}/markers",
        write: None,
        who: Who::One,
        earlier: Some(318.0),
    },
    Question {
        name: "add an undated marker",
        path: "/journeys/{journey}/markers",
        write: Some(Write::Undated),
        who: Who::Anyone,
        earlier: None,
    },
    Question {
        name: "add a dated marker",
        path: "/journeys/{journey}/markers",
        write: Some(Write::Dated),
        who: Who::Anyone,
        earlier: None,
    },
];

/// The discovery requests, sent one after the other.
pub(crate) const DISCOVERY: [Question; 12] = [
    Question {
        name: "pong, for comparison",
        path: "/",
        write: None,
        who: Who::One,
        earlier: None,
    },
    Question {
        name: "nearby",
        path: "/journeys/{journey}/journeys/nearby",
        write: None,
        who: Who::Anyone,
        earlier: None,
    },
    Question {
        name: "nearby, 500 within 500 km",
        path: "/journeys/{journey}/journeys/nearby?limit=500&max_distance_meters=500000",
        write: None,
        who: Who::Anyone,
        earlier: None,
    },
    Question {
        name: "nearby, of 10 000 markers",
        path: "/journeys/{journey}/journeys/nearby",
        write: None,
        who: Who::TheGreatTraveller,
        earlier: None,
    },
    Question {
        name: "nearby, of 10 000, 500 within 500 km",
        path: "/journeys/{journey}/journeys/nearby?limit=500&max_distance_meters=500000",
        write: None,
        who: Who::TheGreatTraveller,
        earlier: None,
    },
    Question {
        name: "encounters",
        path: "/journeys/{journey}/encounters",
        write: None,
        who: Who::AnyoneOnTheWay,
        earlier: None,
    },
    Question {
        name: "encounters, 14 days and 200 km apart",
        path: "/journeys/{journey}/encounters?within_days=14&max_distance_meters=200000&limit=500",
        write: None,
        who: Who::AnyoneOnTheWay,
        earlier: None,
    },
    Question {
        name: "add an undated marker to 50",
        path: "/journeys/{journey}/markers",
        write: Some(Write::Undated),
        who: Who::Anyone,
        earlier: None,
    },
    Question {
        name: "add a dated marker to 50",
        path: "/journeys/{journey}/markers",
        write: Some(Write::Dated),
        who: Who::Anyone,
        earlier: None,
    },
    Question {
        name: "add a dated marker to 1 000",
        path: "/journeys/{journey}/markers",
        write: Some(Write::Dated),
        who: Who::TheGreatPlanner,
        earlier: None,
    },
    Question {
        name: "add an undated marker to 9 000",
        path: "/journeys/{journey}/markers",
        write: Some(Write::Undated),
        who: Who::TheGreatScribe,
        earlier: None,
    },
    Question {
        name: "add a dated marker to 9 000",
        path: "/journeys/{journey}/markers",
        write: Some(Write::Dated),
        who: Who::TheGreatScribe,
        earlier: None,
    },
];
