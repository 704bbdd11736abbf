use kairos_domain::journey::JourneyStatus;
use kairos_domain::mail::MailKind;
use kairos_domain::password::PasswordHash;
use kairos_domain::store::RotationOutcome;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_comes_with_its_key_and_its_days() {
    let scene = Scene::new().await;
    scene
        .cut_off_after_each_command(
            async |world| {
                let rider = rider(world).await;
                let mut marker = world.new_marker(&rider.journey, at(10.0, 22.0));
                marker.details.estimated_time = Some(day(80));
                (rider, marker)
            },
            async |world, (rider, marker)| {
                let write = keyed(world, &rider.user, marker.id.0);
                world.store.insert_marker(marker, &write).await
            },
            async |world, (rider, marker)| {
                let is_there = world.markers_of(&rider.journey).await.contains(marker);
                assert_eq!(has_key(world, &rider.user, marker.id.0).await, is_there);
                is_there
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_is_moved_with_its_days_or_not() {
    let scene = Scene::new().await;
    let moved = |marker: &Marker| {
        let mut marker = marker.clone();
        marker.details.position = at(11.0, 20.0);
        marker.details.estimated_time = Some(day(5));
        marker
    };
    scene
        .cut_off_after_each_command(
            rider,
            async |world, rider| {
                let write = world.write(rider.user.id);
                world
                    .store
                    .replace_marker(&rider.marker, &moved(&rider.marker), &write)
                    .await
            },
            async |world, rider| {
                let marker = world.store.marker(rider.journey.id, rider.marker.id).await;
                marker.unwrap().unwrap() == moved(&rider.marker)
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_is_removed_with_its_days_or_not() {
    let scene = Scene::new().await;
    scene
        .cut_off_after_each_command(
            rider,
            async |world, rider| {
                let write = world.write(rider.user.id);
                world.store.delete_marker(&rider.marker, &write).await
            },
            async |world, rider| world.markers_of(&rider.journey).await.len() == 1,
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn becoming_active_never_leaves_two_and_never_none() {
    let scene = Scene::new().await;
    let active = |journey: &Journey| Journey {
        status: JourneyStatus::Active,
        ..journey.clone()
    };
    scene
        .cut_off_after_each_command(
            async |world| {
                let rider = rider(world).await;
                let first = world
                    .journey_with(&rider.user, |journey| *journey = active(journey))
                    .await;
                (rider, first)
            },
            async |world, (rider, _)| {
                let write = world.write(rider.user.id);
                let after = active(&rider.journey);
                world.store.replace_journey(&rider.journey, &after, &write).await
            },
            async |world, (rider, first)| {
                let journeys = world.journeys_of(&rider.user).await;
                let mut active = journeys
                    .iter()
                    .filter(|journey| journey.status == JourneyStatus::Active);
                let id = active.next().unwrap().id;
                assert!(active.next().is_none(), "two journeys are active");
                assert!([rider.journey.id, first.id].contains(&id));
                id == rider.journey.id
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_active_journey_comes_with_its_key() {
    let scene = Scene::new().await;
    scene
        .cut_off_after_each_command(
            async |world| {
                let rider = rider(world).await;
                let mut journey = world.new_journey(&rider.user);
                journey.status = JourneyStatus::Active;
                (rider, journey)
            },
            async |world, (rider, journey)| {
                let write = keyed(world, &rider.user, journey.id.0);
                world.store.insert_journey(journey, &write).await
            },
            async |world, (rider, journey)| {
                let is_there = world.journeys_of(&rider.user).await.contains(journey);
                assert_eq!(has_key(world, &rider.user, journey.id.0).await, is_there);
                is_there
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_and_its_mail_come_together() {
    let scene = Scene::new().await;
    scene
        .cut_off_after_each_command(
            async |world| {
                let user = world.user(&format!("new{}@example.org", world.number()));
                world.registration(&user)
            },
            async |world, registration| unwrapped(world.store.register_user(registration).await.map(drop)),
            async |world, registration| {
                let is_there = world.store.user(registration.user.id).await.unwrap().is_some();
                let mails = world.store.lease_due_mails(now(), now(), 1000).await.unwrap();
                let has_mail = mails.iter().any(|mail| mail.id == registration.mail.id);
                assert_eq!(has_mail, is_there);
                is_there
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_comes_with_its_mail_and_ends_all_sessions_or_none() {
    let scene = Scene::new().await;
    scene
        .cut_off_after_each_command(
            async |world| {
                let rider = rider(world).await;
                let mut after = rider.user.clone();
                after.password = PasswordHash::stored("$2b$12$new".to_owned());
                after.credential_version += 1;
                let change = UserChange {
                    before: rider.user.clone(),
                    mails: vec![world.mail_to(&after, MailKind::ResetPassword)],
                    after,
                };
                (rider, change)
            },
            async |world, (_, change)| world.store.replace_user(change, None).await,
            async |world, (rider, change)| {
                let user = world.store.user(rider.user.id).await.unwrap().unwrap();
                let is_changed = user == change.after;
                assert!(is_changed || user == change.before);
                let sessions = scene.documents_with("sessions", "user_id", user.id.0).await;
                assert_eq!(sessions, u64::from(!is_changed));
                is_changed
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_traded_or_not() {
    let scene = Scene::new().await;
    scene
        .cut_off_after_each_command(
            async |world| {
                let rider = rider(world).await;
                let rotation = rotation(world, &rider.session);
                (rider, rotation)
            },
            async |world, (_, rotation)| {
                let outcome = world.store.rotate_refresh_token(rotation).await?;
                assert_eq!(outcome, RotationOutcome::Rotated);
                Ok(())
            },
            async |_, (_, rotation)| {
                let hash = bson::Binary {
                    subtype: bson::spec::BinarySubtype::Generic,
                    bytes: rotation.successor.bytes().to_vec(),
                };
                let traded = scene.database.collection::<Document>("sessions");
                let traded = traded
                    .count_documents(doc! { "tokens.hash": hash })
                    .await
                    .unwrap();
                traded == 1
            },
        )
        .await;
}
