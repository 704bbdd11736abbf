use std::collections::HashSet;

use chrono::TimeDelta;
use futures_util::future::join_all;
use kairos_domain::id::MailId;
use kairos_domain::mail::{MailKind, OutboxMail};
use kairos_domain::user::User;

use crate::fixtures::{World, now};

/// A rider whose registration mail is gone.
async fn rider(world: &World) -> User {
    let user = world.rider().await;
    for mail in lease(world, 0, 1, 100).await {
        world.store.remove_mail(mail.id).await.unwrap();
    }
    user
}

/// A mail that was put in so many seconds from now.
async fn mail(world: &World, user: &User, seconds: i64) -> OutboxMail {
    let mut mail = world.mail_to(user, MailKind::ResetPassword);
    mail.created_at += TimeDelta::seconds(seconds);
    assert!(world.store.enqueue_mail(&mail).await.unwrap());
    mail
}

async fn lease(world: &World, at: i64, until: i64, limit: u32) -> Vec<OutboxMail> {
    let seconds = |seconds| now() + TimeDelta::seconds(seconds);
    world
        .store
        .lease_due_mails(seconds(at), seconds(until), limit)
        .await
        .unwrap()
}

fn attempted(mail: &OutboxMail, attempts: u32) -> OutboxMail {
    OutboxMail {
        attempts,
        ..mail.clone()
    }
}

pub(crate) async fn a_mail_is_leased_to_one_caller_until_the_lease_ends(world: &World) {
    let user = rider(world).await;
    let mail = mail(world, &user, 0).await;
    assert_eq!(lease(world, -1, 60, 10).await, []);
    assert_eq!(lease(world, 0, 60, 10).await, [attempted(&mail, 1)]);
    assert_eq!(lease(world, 59, 120, 10).await, []);
    assert_eq!(lease(world, 60, 120, 10).await, [attempted(&mail, 2)]);
}

pub(crate) async fn the_longest_due_mail_comes_first_and_no_more_than_asked_for(world: &World) {
    let user = rider(world).await;
    let second = mail(world, &user, 5).await;
    let first = mail(world, &user, 2).await;
    let third = mail(world, &user, 9).await;
    let ids = |mails: Vec<OutboxMail>| mails.into_iter().map(|mail| mail.id).collect::<Vec<_>>();
    assert_eq!(ids(lease(world, 10, 60, 2).await), [first.id, second.id]);
    assert_eq!(ids(lease(world, 10, 60, 2).await), [third.id]);
}

pub(crate) async fn a_postponed_mail_rests(world: &World) {
    let user = rider(world).await;
    let mail = mail(world, &user, 0).await;
    lease(world, 0, 60, 1).await;
    world
        .store
        .postpone_mail(mail.id, now() + TimeDelta::seconds(5))
        .await
        .unwrap();
    assert_eq!(lease(world, 4, 60, 1).await, []);
    assert_eq!(lease(world, 5, 60, 1).await, [attempted(&mail, 2)]);
    // One that is gone by then is not brought back.
    world.store.remove_mail(mail.id).await.unwrap();
    world.store.postpone_mail(mail.id, now()).await.unwrap();
    assert_eq!(lease(world, 1000, 2000, 1).await, []);
}

pub(crate) async fn a_removed_mail_is_gone_and_may_be_removed_again(world: &World) {
    let user = rider(world).await;
    let (mail, other) = (mail(world, &user, 0).await, mail(world, &user, 0).await);
    for _ in 0..2 {
        world.store.remove_mail(mail.id).await.unwrap();
    }
    world.store.remove_mail(MailId(world.id())).await.unwrap();
    assert_eq!(lease(world, 0, 60, 10).await, [attempted(&other, 1)]);
}

pub(crate) async fn the_next_mail_due_is_known(world: &World) {
    let user = rider(world).await;
    let next = async || world.store.next_mail_due().await.unwrap();
    assert_eq!(next().await, None);
    mail(world, &user, 7).await;
    let soon = mail(world, &user, 3).await;
    assert_eq!(next().await, Some(soon.created_at));
    lease(world, 3, 60, 10).await;
    assert_eq!(next().await, Some(now() + TimeDelta::seconds(7)));
    lease(world, 7, 90, 10).await;
    assert_eq!(next().await, Some(now() + TimeDelta::seconds(60)));
}

pub(crate) async fn a_mail_to_nobody_is_not_added(world: &World) {
    let nobody = world.user("nobody@example.org");
    let mail = world.mail_to(&nobody, MailKind::ResetPassword);
    assert!(!world.store.enqueue_mail(&mail).await.unwrap());
    assert_eq!(world.store.next_mail_due().await.unwrap(), None);
}

pub(crate) async fn two_workers_never_hold_one_mail(world: &World) {
    let user = rider(world).await;
    for _ in 0..40 {
        mail(world, &user, 0).await;
    }
    let leases = join_all((0..10).map(|_| lease(world, 0, 60, 7))).await;
    let ids: Vec<_> = leases.into_iter().flatten().map(|mail| mail.id).collect();
    assert_eq!(ids.len(), 40);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 40);
}
