//! A rider who writes, and remembers what was acknowledged.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::{Value, json};

use crate::program::{Program, json};

/// How long the answer to one request may take. MongoDB aborts what a killed process has left open after some
/// seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request that a rider makes, and makes again until it is answered.
#[derive(Debug, Clone)]
struct Act {
    method: &'static str,
    path: String,
    body: Value,
    /// The `Idempotency-Key` of an act that creates something.
    key: Option<String>,
    effect: Effect,
}

/// The change that an act makes.
#[derive(Debug, Clone)]
enum Effect {
    CreateJourney,
    Activate(String),
    DeleteJourney(String),
    CreateMarker(String),
    ReplaceMarker(String),
    DeleteMarker(String, String),
}

/// A rider, and all that they were told is so.
pub(super) struct Writer {
    token: String,
    random: Rng,
    keys: u32,
    /// The markers of each journey, by their ids, as the server gave them.
    journeys: BTreeMap<String, BTreeMap<String, Value>>,
    active: Option<String>,
    /// The act whose answer did not come.
    pending: Option<Act>,
    /// The last act that created something, and the id of what it created.
    created: Option<(Act, String)>,
    acknowledged: usize,
}

impl Writer {
    pub(super) fn new(token: String, seed: u64) -> Self {
        Self {
            token,
            random: Rng::with_seed(seed),
            keys: 0,
            journeys: BTreeMap::new(),
            active: None,
            pending: None,
            created: None,
            acknowledged: 0,
        }
    }

    /// Writes until the server is gone.
    pub(super) fn write_until_killed(&mut self, port: u16) {
        loop {
            let act = self.pending.take().unwrap_or_else(|| self.draw());
            if !self.carry_out(port, act) {
                return;
            }
            if self.random.u8(..) < 40 && !self.repeat(port) {
                return;
            }
        }
    }

    /// Makes the request again whose answer did not come, and the last one that created something.
    pub(super) fn finish(&mut self, port: u16) {
        if let Some(act) = self.pending.take() {
            assert!(self.carry_out(port, act));
        }
        assert!(self.repeat(port));
        assert!(self.acknowledged > 10);
    }

    /// Carries out an act and notes what came of it; `false` if the server is gone, and the act may be done
    /// or not.
    fn carry_out(&mut self, port: u16, act: Act) -> bool {
        match self.send(port, &act) {
            Some((status, body)) => {
                self.acknowledge(act, status, &body);
                true
            }
            None => {
                self.pending = Some(act);
                false
            }
        }
    }

    /// Makes the last request again that created something: nothing is created a second time.
    fn repeat(&self, port: u16) -> bool {
        let Some((act, id)) = &self.created else {
            return true;
        };
        let Some((status, body)) = self.send(port, act) else {
            return false;
        };
        assert!(
            status == 404 || (status == 201 && body["_id"] == **id),
            "{act:?}: {status} {body}"
        );
        true
    }

    fn draw(&mut self) -> Act {
        let journey = self.any_of(self.journeys.keys().cloned().collect());
        let markers = journey.as_ref().and_then(|id| self.journeys.get(id));
        let marker = self.any_of(markers.map(|it| it.keys().cloned().collect()).unwrap_or_default());
        match (self.random.u8(0..20), journey, marker) {
            (0..=7, Some(journey), _) => Act {
                method: "POST",
                path: format!("/journeys/{journey}/markers"),
                body: self.marker(),
                key: Some(self.new_key()),
                effect: Effect::CreateMarker(journey),
            },
            (8..=11, Some(journey), Some(marker)) => Act {
                method: "PUT",
                path: format!("/journeys/{journey}/markers/{marker}"),
                body: self.marker(),
                key: None,
                effect: Effect::ReplaceMarker(journey),
            },
            (12..=14, Some(journey), Some(marker)) => Act {
                method: "DELETE",
                path: format!("/journeys/{journey}/markers/{marker}"),
                body: Value::Null,
                key: None,
                effect: Effect::DeleteMarker(journey, marker),
            },
            (15..=16, Some(journey), _) => Act {
                method: "PATCH",
                path: format!("/journeys/{journey}/active"),
                body: json!({"active": true}),
                key: None,
                effect: Effect::Activate(journey),
            },
            (17, Some(journey), _) if self.journeys.len() > 2 => Act {
                method: "DELETE",
                path: format!("/journeys/{journey}"),
                body: Value::Null,
                key: None,
                effect: Effect::DeleteJourney(journey),
            },
            _ => Act {
                method: "POST",
                path: "/journeys/".to_owned(),
                body: json!({"name": format!("Road {}", self.keys)}),
                key: Some(self.new_key()),
                effect: Effect::CreateJourney,
            },
        }
    }

    fn any_of(&mut self, mut ids: Vec<String>) -> Option<String> {
        (!ids.is_empty()).then(|| ids.swap_remove(self.random.usize(0..ids.len())))
    }

    fn new_key(&mut self) -> String {
        self.keys += 1;
        format!("key-{}", self.keys)
    }

    fn marker(&mut self) -> Value {
        json!({
            "name": format!("Camp {}", self.random.u16(..)),
            "marker_type": "plan",
            "coordinates": {"coordinates": [self.random.i16(-170..170), self.random.i16(-80..80)]},
            "estimated_time": format!("2031-05-{:02}", self.random.u8(1..=31)),
        })
    }

    fn acknowledge(&mut self, act: Act, status: u16, body: &Value) {
        self.acknowledged += 1;
        let is_expected = match act.effect {
            // What was deleted before its answer got lost is gone.
            Effect::DeleteJourney(_) | Effect::DeleteMarker(..) => matches!(status, 204 | 404),
            Effect::CreateJourney | Effect::CreateMarker(_) => status == 201,
            Effect::Activate(_) => status == 204,
            Effect::ReplaceMarker(_) => status == 200,
        };
        assert!(is_expected, "{act:?}: {status} {body}");
        let id = body["_id"].as_str().unwrap_or_default().to_owned();
        let created = act.key.is_some().then(|| (act.clone(), id.clone()));
        self.created = created.or(self.created.take());
        match act.effect {
            Effect::CreateJourney => drop(self.journeys.insert(id, BTreeMap::new())),
            Effect::Activate(journey) => self.active = Some(journey),
            Effect::DeleteJourney(journey) => {
                self.journeys.remove(&journey);
                self.active.take_if(|active| *active == journey);
            }
            Effect::CreateMarker(journey) | Effect::ReplaceMarker(journey) => {
                self.journeys.get_mut(&journey).unwrap().insert(id, body.clone());
            }
            Effect::DeleteMarker(journey, marker) => {
                self.journeys.get_mut(&journey).unwrap().remove(&marker);
            }
        }
    }

    /// Sends a request, again and again while the database is busy; `None` if no whole answer comes.
    fn send(&self, port: u16, act: &Act) -> Option<(u16, Value)> {
        let began = Instant::now();
        loop {
            let (status, body) = exchange(port, &self.token, act)?;
            // 409 without a state that allows it: the request under this key has not ended.
            if !matches!(status, 503 | 409) {
                return Some((status, body));
            }
            assert!(began.elapsed() < PATIENCE, "{act:?}: {status} {body}");
        }
    }

    /// Checks that the server has what it acknowledged, and nothing else.
    pub(super) fn check(&self, program: &Program) {
        let get = |path: &str| json(&program.request_as(&self.token, "GET", path, ""));
        let journeys = get("/users/me/journeys");
        let journeys = journeys.as_array().unwrap();
        let ids: Vec<&str> = journeys
            .iter()
            .map(|journey| journey["_id"].as_str().unwrap())
            .collect();
        let mut expected: Vec<&String> = self.journeys.keys().collect();
        expected.sort();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, expected);
        for journey in journeys {
            let id = journey["_id"].as_str().unwrap();
            assert_eq!(journey["active"], self.active.as_deref() == Some(id), "{journey}");
            let markers = get(&format!("/journeys/{id}/markers"));
            let markers: BTreeMap<String, Value> = markers
                .as_array()
                .unwrap()
                .iter()
                .map(|marker| (marker["_id"].as_str().unwrap().to_owned(), marker.clone()))
                .collect();
            assert_eq!(markers, self.journeys[id]);
        }
    }
}

/// Sends a request, and returns the status and the body of a whole answer.
fn exchange(port: u16, token: &str, act: &Act) -> Option<(u16, Value)> {
    let body = match &act.body {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    let mut request = format!(
        "{} /api/v1{} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
         authorization: Bearer {token}\r\ncontent-length: {}\r\n",
        act.method,
        act.path,
        body.len()
    );
    if let Some(key) = &act.key {
        write!(request, "idempotency-key: {key}\r\n").ok()?;
    }
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(format!("{request}\r\n{body}").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    match status {
        204 => Some((status, Value::Null)),
        _ => Some((status, serde_json::from_str(body).ok()?)),
    }
}
