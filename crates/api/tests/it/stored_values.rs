//! Values that the earlier service stored are not judged again, although they break a rule of today.

use chrono::NaiveDate;
use kairos_domain::email_address::EmailAddress;
use kairos_domain::id::{JourneyId, MarkerId, UserId};
use kairos_domain::mail::MailKind;
use kairos_domain::store::{UserChange, Write};
use kairos_domain::text::{Name, ProfileLine, Prose};
use serde_json::{Value, json};

use crate::it::support::{Actor, App, PASSWORD};

const ADDRESS: &str = "two..dots@example.com";

fn write(app: &App, rider: UserId) -> Write {
    use kairos_domain::clock::Clock as _;
    Write {
        rider,
        now: app.clock.now(),
        is_limited: false,
        key: None,
    }
}

fn long_name() -> Name {
    Name::stored("x".repeat(250))
}

/// Gives a rider what the earlier service would have taken.
async fn make_odd(app: &App, rider: &Actor<'_>) {
    let before = app
        .store
        .user(rider.id().parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let mut after = before.clone();
    after.email = EmailAddress::stored(ADDRESS.to_owned());
    after.name = long_name();
    after.contact.phonenumber = Some(ProfileLine::stored("1".repeat(250)));
    let change = UserChange {
        before,
        after,
        mails: Vec::new(),
    };
    app.store.replace_user(&change, None).await.unwrap();
}

/// A journey with a marker, both with texts of the earlier service; the marker is dated 2043.
async fn odd_journey(app: &App, rider: &Actor<'_>) -> (String, String) {
    let journey = rider.journey("Danube").await;
    let marker = rider.marker(&journey, "past", [16.4, 48.2], "2026-05-01").await;
    let user = rider.id().parse().unwrap();
    let id: JourneyId = journey.parse().unwrap();
    let before = app.store.journey(id, user).await.unwrap().unwrap();
    let mut after = before.clone();
    (after.name, after.description) = (long_name(), Prose::stored("x".repeat(10_001)));
    let write = write(app, user);
    app.store.replace_journey(&before, &after, &write).await.unwrap();
    let marker_id: MarkerId = marker.parse().unwrap();
    let before = app.store.marker(id, marker_id).await.unwrap().unwrap();
    let mut after = before.clone();
    (after.details.name, after.details.notes) = (
        Name::stored("\u{200b}".to_owned()),
        Prose::stored("x".repeat(10_001)),
    );
    after.details.timestamp = NaiveDate::from_ymd_opt(2043, 1, 1);
    app.store.replace_marker(&before, &after, &write).await.unwrap();
    (journey, marker)
}

fn with(object: &Value, field: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[field] = value;
    object
}

#[tokio::test]
async fn an_account_keeps_working_with_what_the_earlier_service_accepted() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    make_odd(&app, &ann).await;
    let ann = app.sign_in(ADDRESS).await;
    let nobody = app.anonymous();
    nobody
        .post("/auth/refresh", json!({"refresh_token": ann.refresh_token()}))
        .await
        .expect(200);
    nobody
        .post("/users/reset-password", json!({"email": ADDRESS}))
        .await
        .expect(202);
    app.mailed_token(ADDRESS, MailKind::ResetPassword).await;

    let path = format!("/users/{}", ann.id());
    let profile = ann.get("/users/me").await.expect(200).json();
    assert_eq!(ann.put(&path, profile.clone()).await.expect(200).json(), profile);
    let renamed = with(&profile, "name", json!("Ann"));
    ann.put(&path, renamed).await.expect(200);
    // By now it is another value than the stored one, as any other that breaks the rule is.
    ann.put(&path, profile.clone())
        .await
        .faults(&["string_too_long at body.name"]);
    let changed = with(&profile, "phonenumber", json!("2".repeat(250)));
    ann.put(&path, with(&changed, "password", json!(null)))
        .await
        .faults(&[
            "string_too_long at body.name",
            "string_too_long at body.phonenumber",
        ]);
    // Nor does it count for anybody else.
    bob.put(&path, profile.clone()).await.faults(&[
        "string_too_long at body.name",
        "string_too_long at body.phonenumber",
        "value_error at body.email",
    ]);
    let registration = json!({"email": "a..b@example.com", "name": "R", "password": PASSWORD});
    nobody
        .post("/users/register", registration)
        .await
        .faults(&["value_error at body.email"]);
}

#[tokio::test]
async fn a_journey_keeps_what_the_earlier_service_accepted() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let (id, _) = odd_journey(&app, &ann).await;
    let path = format!("/journeys/{id}");
    let journey = ann.get(&path).await.expect(200).json();
    assert_eq!(ann.put(&path, journey.clone()).await.expect(200).json(), journey);
    assert_eq!(
        ann.patch_json(&path, journey.clone()).await.expect(200).json(),
        journey
    );
    let longer = with(&journey, "description", json!("y".repeat(10_001)));
    ann.put(&path, longer.clone())
        .await
        .faults(&["string_too_long at body.description"]);
    ann.patch_json(&path, with(&longer, "visibility", json!("secret")))
        .await
        .faults(&[
            "string_too_long at body.description",
            "literal_error at body.visibility",
        ]);
    let faults = [
        "string_too_long at body.name",
        "string_too_long at body.description",
    ];
    bob.put(&path, journey.clone()).await.faults(&faults);
    bob.patch_json(&path, journey.clone()).await.faults(&faults);
    ann.post("/journeys/", journey).await.faults(&faults);
}

#[tokio::test]
async fn a_marker_keeps_what_the_earlier_service_accepted_and_its_day_too() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let (journey, id) = odd_journey(&app, &ann).await;
    let path = format!("/journeys/{journey}/markers/{id}");
    let marker = ann.get(&path).await.expect(200).json();
    assert_eq!(ann.put(&path, marker.clone()).await.expect(200).json(), marker);
    assert_eq!(
        ann.patch_json(&path, marker.clone()).await.expect(200).json(),
        marker
    );
    ann.patch_json(&path, json!({"estimated_time": "2044-01-01"}))
        .await
        .expect(200);
    let faults = [
        "value_error at body.name",
        "string_too_long at body.notes",
        "value_error at body.timestamp",
    ];
    bob.put(&path, marker.clone()).await.faults(&faults);
    ann.post(&format!("/journeys/{journey}/markers"), marker.clone())
        .await
        .faults(&faults);
    let later = with(&marker, "timestamp", json!("2043-01-02"));
    ann.put(&path, later.clone())
        .await
        .faults(&["value_error at body.timestamp"]);
    ann.patch_json(&path, json!({"timestamp": "2043-01-02"}))
        .await
        .faults(&["value_error at body.timestamp"]);
    ann.patch_json(&path, later)
        .await
        .faults(&["value_error at body.timestamp"]);
}

#[tokio::test]
async fn a_past_marker_is_dated_tomorrow_at_the_latest() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let journey = ann.journey("Danube").await;
    let markers = format!("/journeys/{journey}/markers");
    let marker = |kind: &str, day: &str| {
        json!({
            "name": "Here", "marker_type": kind, "coordinates": {"coordinates": [16.4, 48.2]}, "timestamp": day,
        })
    };
    ann.post(&markers, marker("past", "2026-05-16")).await.expect(201);
    ann.post(
        &markers,
        with(&marker("past", "2026-05-17"), "name", json!("\u{3164}")),
    )
    .await
    .faults(&["value_error at body.name", "value_error at body.timestamp"]);
    // The timestamp of a plan says nothing until the plan becomes a past marker.
    let plan = ann
        .post(&markers, marker("plan", "2043-01-01"))
        .await
        .expect(201)
        .id();
    let path = format!("{markers}/{plan}");
    ann.put(&path, marker("past", "2043-01-01"))
        .await
        .faults(&["value_error at body.timestamp"]);
    ann.patch_json(&path, json!({"marker_type": "past"}))
        .await
        .faults(&["value_error at body.timestamp"]);
    ann.patch_json(&path, json!({"marker_type": "past", "timestamp": "2026-05-16"}))
        .await
        .expect(200);
    app.wait(chrono::TimeDelta::days(1));
    let ann = app.sign_in(ann.email()).await;
    ann.patch_json(&path, json!({"timestamp": "2026-05-17"}))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_past_marker_of_the_far_future_has_no_day_in_the_stats() {
    let app = App::start().await;
    let ann = app.rider("ann").await;
    let (journey, _) = odd_journey(&app, &ann).await;
    ann.marker(&journey, "plan", [16.5, 48.3], "2026-06-01").await;
    let stats = ann
        .get(&format!("/journeys/{journey}/stats"))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&stats["first_date"], &stats["last_date"], &stats["days"]),
        (&json!("2026-06-01"), &json!("2026-06-01"), &json!(1))
    );
    assert_eq!(stats["past_markers"], 1);
}

#[tokio::test]
async fn a_rider_with_a_past_marker_of_the_far_future_is_met() {
    let app = App::start().await;
    let (ann, bob) = (app.rider("ann").await, app.rider("bob").await);
    let (odd, _) = odd_journey(&app, &ann).await;
    ann.marker(&odd, "plan", [16.5, 48.3], "2026-06-01").await;
    let journey = bob.journey("Danube").await;
    bob.marker(&journey, "plan", [16.5, 48.3], "2026-06-01").await;
    for (rider, mine, theirs) in [(&ann, &odd, &journey), (&bob, &journey, &odd)] {
        let met = rider
            .get(&format!("/journeys/{mine}/encounters"))
            .await
            .expect(200)
            .json();
        assert_eq!(met.as_array().unwrap().len(), 1, "{met}");
        assert_eq!(
            (&met[0]["journey_id"], &met[0]["date"]),
            (&json!(theirs), &json!("2026-06-01"))
        );
    }
}
