//! Journeys as files, and back.

use serde_json::{Value, json};

use crate::it::support::{Actor, App};

const UNKNOWN: &str = "5f43a1b2c3d4e5f60718293a";

/// Everything of a journey that comes back from a file.
async fn contents(rider: &Actor<'_>, journey: &str) -> Value {
    let path = format!("/journeys/{journey}");
    let known = rider.get(&path).await.expect(200).json();
    let mut markers = rider.get(&format!("{path}/markers")).await.expect(200).json();
    for marker in markers.as_array_mut().unwrap() {
        let fields = marker.as_object_mut().unwrap();
        for field in ["_id", "journey_id", "owner_id", "created_at"] {
            fields.remove(field).unwrap();
        }
    }
    let line = async |name: &str| {
        let answer = rider.get(&format!("{path}/{name}")).await;
        if answer.status == 404 {
            Value::Null
        } else {
            answer.expect(200).json()
        }
    };
    json!({
        "name": known["name"], "description": known["description"], "markers": markers,
        "route": line("route").await, "track": line("track").await,
    })
}

/// A small generator of arbitrary journeys (xorshift64*).
struct Arbitrary(u64);

impl Arbitrary {
    fn number(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % below
    }

    fn degrees(&mut self, most: i64) -> f64 {
        let units =
            i64::try_from(self.number(2 * most.unsigned_abs() * 10_000_000)).unwrap() - most * 10_000_000;
        units as f64 / 1e7
    }

    fn text(&mut self) -> String {
        const PIECES: [&str; 10] = ["Ulm", " ", "&", "<b>", "]]>", "\"", "ü", "🚲", "\n", "'"];
        let length = self.number(8);
        (0..length)
            .map(|_| PIECES[usize::try_from(self.number(10)).unwrap()])
            .collect()
    }

    fn position(&mut self) -> Value {
        let mut numbers = vec![json!(self.degrees(180)), json!(self.degrees(90))];
        if self.number(2) == 0 {
            numbers.push(json!(self.number(90_000) as f64 / 10.0));
        }
        Value::Array(numbers)
    }

    fn date(&mut self) -> Value {
        match self.number(4) {
            0 => Value::Null,
            day => format!("2026-05-{:02}", day * 4).into(),
        }
    }

    fn marker(&mut self) -> Value {
        let kind = ["past", "plan"][usize::try_from(self.number(2)).unwrap()];
        json!({
            "name": format!("n{}", self.text()), "notes": self.text(), "marker_type": kind,
            "coordinates": {"coordinates": self.position()},
            "timestamp": self.date(), "estimated_time": self.date(),
        })
    }

    /// A line near Ulm, with times or without.
    fn line(&mut self, is_timed: bool) -> Value {
        let (mut coordinates, mut times) = (Vec::new(), Vec::new());
        for segment in 0..=self.number(3) {
            let count = 2 + self.number(1_400);
            coordinates.push(Vec::from_iter((0..count).map(|_| {
                let mut numbers = vec![
                    json!(10.0 + self.degrees(1) / 1e2),
                    json!(48.4 + self.degrees(1) / 1e2),
                ];
                if self.number(2) == 0 {
                    numbers.push(json!(self.number(90_000) as f64 / 10.0));
                }
                Value::Array(numbers)
            })));
            times.push(Vec::from_iter((0..count).map(|position| {
                match self.number(5) {
                    0 => Value::Null,
                    _ => format!(
                        "2026-05-1{segment}T{:02}:{:02}:00.{:03}Z",
                        position / 60,
                        position % 60,
                        self.number(1_000)
                    )
                    .into(),
                }
            })));
        }
        let properties = if is_timed {
            json!({ "times": times })
        } else {
            json!({})
        };
        json!({
            "type": "Feature", "properties": properties,
            "geometry": {"type": "MultiLineString", "coordinates": coordinates},
        })
    }
}

#[tokio::test]
async fn an_exported_journey_is_imported_as_the_same() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    for seed in 1..=8 {
        let mut any = Arbitrary(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let named = json!({"name": format!("n{}", any.text()), "description": any.text()});
        let journey = ann.post("/journeys/", named).await.expect(201).id();
        let path = format!("/journeys/{journey}");
        let count = [0, 1, 40, 600][usize::try_from(any.number(4)).unwrap()];
        let markers: Vec<_> = (0..count).map(|_| any.marker()).collect();
        ann.post(&format!("{path}/markers/batch"), json!({"put": markers}))
            .await
            .expect(200);
        if any.number(3) > 0 {
            ann.put(&format!("{path}/route"), any.line(false))
                .await
                .expect(200);
        }
        if any.number(3) > 0 {
            ann.put(&format!("{path}/track"), any.line(true))
                .await
                .expect(200);
        }
        let expected = contents(&ann, &journey).await;
        for format in ["gpx", "geojson"] {
            let file = bob
                .get(&format!("{path}/export?format={format}"))
                .await
                .expect(200)
                .body;
            let report = bob
                .post_file("/journeys/import", file.clone())
                .await
                .expect(201)
                .json();
            assert_eq!(
                report["skipped"],
                json!({"count": 0, "entries": []}),
                "{seed} {format}"
            );
            let copy = report["journey"]["_id"].as_str().unwrap();
            assert_eq!(contents(&bob, copy).await, expected, "{seed} {format}");
            // Into the same journey, the file adds nothing.
            let again = bob
                .post_file(&format!("/journeys/{copy}/import?replace=true"), file)
                .await
                .expect(200);
            assert_eq!(again.json()["markers_created"], 0);
            assert_eq!(contents(&bob, copy).await, expected, "{seed} {format}");
            bob.delete(&format!("/journeys/{copy}")).await.expect(204);
        }
        ann.delete(&path).await.expect(204);
    }
}

#[tokio::test]
async fn a_file_is_named_after_its_journey() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("Über \"die\" Alpen / 2026.1").await;
    let path = format!("/journeys/{journey}/export");
    for (query, ending, media_type) in [
        ("", "gpx", "application/gpx+xml"),
        ("?format=gpx", "gpx", "application/gpx+xml"),
        ("?format=geojson", "geojson", "application/geo+json"),
        ("?format=kml", "kml", "application/vnd.google-earth.kml+xml"),
    ] {
        let file = ann.get(&format!("{path}{query}")).await.expect(200);
        let name = "%C3%9Cber%20%22die%22%20Alpen%20-%202026.1";
        assert_eq!(
            file.header("content-disposition"),
            format!("attachment; filename*=UTF-8''{name}.{ending}")
        );
        assert_eq!(file.header("content-type"), media_type);
    }
    ann.get(&format!("{path}?format=fit"))
        .await
        .faults(&["literal_error at query.format"]);
}

#[tokio::test]
async fn a_journey_is_exported_for_those_who_may_see_it() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let journey = ann.journey("Danube").await;
    let path = format!("/journeys/{journey}/export");
    let file = bob.get(&path).await.expect(200);
    let text = String::from_utf8(file.body.to_vec()).unwrap();
    for secret in [ann.id(), ann.email(), &journey] {
        assert!(!text.contains(secret), "{text}");
    }
    app.anonymous().get(&path).await.refuses(401, "Not authenticated");
    ann.get(&format!("/journeys/{UNKNOWN}/export"))
        .await
        .refuses(404, "Journey not found");
    ann.get("/journeys/x/export")
        .await
        .refuses(400, "Invalid journey ID format");
    ann.patch_json(&format!("/journeys/{journey}"), json!({"visibility": "private"}))
        .await
        .expect(200);
    bob.get(&path).await.refuses(404, "Journey not found");
    ann.get(&path).await.expect(200);
}
