use std::collections::BTreeSet;

use kairos_test_lambda::{HttpAnswer, HttpRequest};
use serde_json::{Value, json};

use super::{Deployed, token};

/// A rider who goes everywhere.
struct Rider {
    deployed: Deployed,
    token: String,
    gone: BTreeSet<String>,
}

impl Rider {
    /// Goes a documented way, with the names in its path filled in.
    fn go(
        &mut self,
        method: &str,
        way: &str,
        names: &[&str],
        query: &str,
        body: Option<Value>,
    ) -> HttpAnswer {
        self.gone.insert(format!("{method} /api/v1{way}"));
        let mut path = String::new();
        let mut names = names.iter();
        for part in way.split_inclusive('/') {
            let slash = if part.ends_with('/') { "/" } else { "" };
            path += if part.starts_with('{') {
                names.next().unwrap()
            } else {
                part.trim_end_matches('/')
            };
            path += slash;
        }
        let mut request = HttpRequest::new(method, &format!("/api/v1{path}{query}"));
        if !self.token.is_empty() {
            request = request.header("authorization", &format!("Bearer {}", self.token));
        }
        if let Some(body) = body {
            request = request.body("application/json", body.to_string());
        }
        self.deployed.send(&request)
    }

    fn expect(&mut self, status: u16, method: &str, way: &str, names: &[&str], body: Option<Value>) -> Value {
        let answer = self.go(method, way, names, "", body);
        assert_eq!(answer.status, status, "{method} {way}: {}", answer.text());
        if answer.body.is_empty() {
            Value::Null
        } else {
            answer.json()
        }
    }

    fn log_in(&mut self, password: &str) -> Value {
        let form = format!("username=ann@example.org&password={password}");
        let request =
            HttpRequest::new("POST", "/api/v1/auth/token").body("application/x-www-form-urlencoded", form);
        self.gone.insert("POST /api/v1/auth/token".to_owned());
        let answer = self.deployed.send(&request);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let tokens = answer.json();
        tokens["access_token"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.token);
        tokens
    }
}

fn id(thing: &Value) -> String {
    thing["_id"].as_str().unwrap().to_owned()
}

/// All ways that the document names.
fn documented(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().unwrap();
    let ways = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    ways.collect()
}

#[test]
fn every_route_is_answered_behind_api_gateway() {
    let mut rider = Rider {
        deployed: Deployed::start(),
        token: String::new(),
        gone: BTreeSet::new(),
    };
    an_account_begins(&mut rider);
    let me = rider.expect(200, "GET", "/users/me", &[], None);
    a_journey_is_ridden(&mut rider, &id(&me));
    an_account_ends(&mut rider, &id(&me));
    for way in ["/", "/mongodb", "/health"] {
        rider.expect(200, "GET", way, &[], None);
    }
    let document = rider.deployed.get("/api/v1/openapi.json").json();
    let missed: Vec<_> = documented(&document).difference(&rider.gone).cloned().collect();
    assert!(missed.is_empty(), "{missed:?}");
    let undocumented: Vec<_> = rider.gone.difference(&documented(&document)).cloned().collect();
    assert!(undocumented.is_empty(), "{undocumented:?}");
}

fn an_account_begins(rider: &mut Rider) {
    let registration = json!({"email": "ann@example.org", "name": "Ann", "password": "on two wheels"});
    rider.expect(201, "POST", "/users/register", &[], Some(registration));
    let email = json!({"email": "ann@example.org"});
    rider.expect(
        202,
        "POST",
        "/users/resend-verification",
        &[],
        Some(email.clone()),
    );
    let verify = token(rider.deployed.provider.so_many_mails(2).last().unwrap());
    let answer = rider.go(
        "GET",
        "/users/verify-email",
        &[],
        &format!("?token={verify}"),
        None,
    );
    assert_eq!(answer.status, 200);
    rider.expect(202, "POST", "/users/reset-password", &[], Some(email));
    let reset = token(rider.deployed.provider.so_many_mails(3).last().unwrap());
    let password = json!({"token": reset, "new_password": "on three wheels"});
    rider.expect(200, "POST", "/users/update-password", &[], Some(password));
    let tokens = rider.log_in("on three wheels");
    let refresh = json!({"refresh_token": tokens["refresh_token"]});
    let tokens = rider.expect(200, "POST", "/auth/refresh", &[], Some(refresh));
    let log_out = json!({"refresh_token": tokens["refresh_token"]});
    rider.expect(204, "POST", "/auth/logout", &[], Some(log_out));
    let change = json!({"current_password": "on three wheels", "new_password": "on two wheels"});
    let tokens = rider.expect(200, "POST", "/users/me/password", &[], Some(change));
    tokens["access_token"]
        .as_str()
        .unwrap()
        .clone_into(&mut rider.token);
}

fn a_journey_is_ridden(rider: &mut Rider, me: &str) {
    let journey = json!({"name": "Down the Danube", "active": true});
    let journey = id(&rider.expect(201, "POST", "/journeys/", &[], Some(journey)));
    let journey = &[&*journey];
    rider.expect(200, "GET", "/journeys/{journey_id}", journey, None);
    let update = json!({"name": "Down the Danube, slowly"});
    rider.expect(200, "PUT", "/journeys/{journey_id}", journey, Some(update));
    rider.expect(200, "GET", "/users/{user_id}/journeys", &[me], None);
    rider.expect(200, "GET", "/users/{user_id}/journeys/active", &[me], None);
    rider.expect(200, "GET", "/users/me/journeys", &[], None);
    rider.expect(200, "GET", "/users/me/journeys/active", &[], None);
    let marker = json!({"name": "Ulm", "marker_type": "plan", "coordinates": {"coordinates": [9.99, 48.4]}});
    let added = rider.expect(
        201,
        "POST",
        "/journeys/{journey_id}/markers",
        journey,
        Some(marker.clone()),
    );
    let added = &[journey[0], &*id(&added)];
    rider.expect(200, "GET", "/journeys/{journey_id}/markers", journey, None);
    rider.expect(
        200,
        "GET",
        "/journeys/{journey_id}/markers/{marker_id}",
        added,
        None,
    );
    rider.expect(
        200,
        "PUT",
        "/journeys/{journey_id}/markers/{marker_id}",
        added,
        Some(marker),
    );
    rider.expect(
        200,
        "PATCH",
        "/journeys/{journey_id}/markers/{marker_id}",
        added,
        Some(json!({"notes": "Bread"})),
    );
    rider.expect(200, "GET", "/journeys/{journey_id}/stats", journey, None);
    rider.expect(200, "GET", "/journeys/{journey_id}/nearby", journey, None);
    rider.expect(
        200,
        "GET",
        "/journeys/{journey_id}/journeys/nearby",
        journey,
        None,
    );
    rider.expect(200, "GET", "/journeys/{journey_id}/encounters", journey, None);
    let near = rider.go(
        "GET",
        "/journeys/nearby",
        &[],
        "?longitude=9.99&latitude=48.4",
        None,
    );
    assert_eq!(near.text(), "[]");
    let found = rider.go("GET", "/places", &[], "?q=Ulm", None);
    assert_eq!(found.status, 200, "{}", found.text());
    rider.expect(
        204,
        "DELETE",
        "/journeys/{journey_id}/markers/{marker_id}",
        added,
        None,
    );
    a_journey_has_lines(rider, journey);
    rider.expect(204, "PATCH", "/journeys/{journey_id}/active", journey, None);
    rider.expect(204, "PATCH", "/journeys/{journey_id}", journey, None);
    rider.expect(204, "DELETE", "/journeys/{journey_id}", journey, None);
}

fn a_journey_has_lines(rider: &mut Rider, journey: &[&str]) {
    let line = json!({"type": "LineString", "coordinates": [[9.99, 48.4], [13.43, 48.57]]});
    for way in ["/journeys/{journey_id}/route", "/journeys/{journey_id}/track"] {
        rider.expect(200, "PUT", way, journey, Some(line.clone()));
        let got = rider.expect(200, "GET", way, journey, None);
        assert_eq!(got["geometry"]["coordinates"], json!([line["coordinates"]]));
    }
    let position = json!([{"coordinates": [9.99, 48.4], "time": "2026-05-01T08:00:00Z"}]);
    let way = "/journeys/{journey_id}/track/positions";
    rider.expect(200, "POST", way, journey, Some(position));
    let batch = json!({"put": [{"name": "Linz", "marker_type": "plan", "coordinates": {"coordinates": [14.3, 48.3]}}]});
    rider.expect(
        200,
        "POST",
        "/journeys/{journey_id}/markers/batch",
        journey,
        Some(batch),
    );
    let exported = rider.go(
        "GET",
        "/journeys/{journey_id}/export",
        journey,
        "?format=geojson",
        None,
    );
    let exported = exported.json();
    let schedule = json!({"start_date": "2026-06-01", "meters_per_day": 80_000});
    let way = "/journeys/{journey_id}/schedule";
    rider.expect(200, "PUT", way, journey, Some(schedule));
    rider.expect(200, "GET", way, journey, None);
    let days = rider.expect(200, "GET", "/journeys/{journey_id}/itinerary", journey, None);
    assert_eq!(days[0]["source"], "route");
    rider.expect(204, "DELETE", way, journey, None);
    for way in ["/journeys/{journey_id}/route", "/journeys/{journey_id}/track"] {
        rider.expect(204, "DELETE", way, journey, None);
    }
    rider.expect(
        200,
        "POST",
        "/journeys/{journey_id}/import",
        journey,
        Some(exported.clone()),
    );
    let report = rider.expect(201, "POST", "/journeys/import", &[], Some(exported));
    assert_eq!(report["markers_created"], 1);
}

fn an_account_ends(rider: &mut Rider, me: &str) {
    let profile = json!({
        "name": "Ann", "country": "Austria", "email": "anna@example.org", "current_password": "on two wheels",
    });
    rider.expect(200, "PUT", "/users/{user_id}", &[me], Some(profile));
    // One to the new address, and one to the old.
    assert_eq!(rider.deployed.provider.so_many_mails(5).len(), 5);
    rider.expect(200, "GET", "/users/{user_id}", &[me], None);
    rider.expect(200, "DELETE", "/users/{user_id}", &[me], None);
    rider.expect(401, "GET", "/users/me", &[], None);
}
