//! The indexes and their purposes. Every start creates the missing ones and leaves existing ones alone.

use bson::{Document, RawDocumentBuf, doc};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kairos_domain::marker::MarkerKind;
use kairos_domain::store::StoreError;
use mongodb::error::Error;
use mongodb::options::IndexOptions;
use mongodb::{Collection, IndexModel};

use super::MongoStore;
use super::error::{is_there_otherwise, taken, translate};
use super::users::case_insensitive;

/// Limit of concurrent commands that create indexes, besides the one for journeys. Each needs a connection.
/// Opening a connection takes longer than a command that finds its indexes in place.
const COMMANDS_AT_ONCE: usize = 2;

/// Rejects a second account with the same address. If the earlier service left two such accounts, the index
/// contains only one of them.
pub(super) const ONE_ACCOUNT_AN_ADDRESS: &str = "one_account_an_address";

/// Rejects a second active journey of a rider.
pub(super) const ONE_ACTIVE_JOURNEY_A_RIDER: &str = "one_active_journey_a_rider";

/// Returns the keys of the index in riding order, which covers the queries for itineraries.
pub(super) fn riding_order_keys() -> Document {
    doc! { "journey_id": 1, "derived.order": 1, "derived.place": 1 }
}

/// Returns the index that finds documents marked for deletion.
fn being_deleted() -> IndexModel {
    partial(
        "being_deleted",
        doc! { "is_being_deleted": 1 },
        doc! { "is_being_deleted": true },
    )
}

fn of_users() -> Vec<IndexModel> {
    vec![
        unique(
            ONE_ACCOUNT_AN_ADDRESS,
            doc! { "email_key": 1 },
            doc! { "email_key_is_unique": true },
        ),
        // For logins. Accounts of the earlier service lack the key at first. This index contains them as
        // null, so the query finds them, too.
        plain("by_email_key", doc! { "email_key": 1, "_id": 1 }),
        by_address(),
        partial(
            "sharing_an_address",
            doc! { "email_key_is_unique": 1 },
            doc! { "email_key_is_unique": false },
        ),
        // Waiting mails are fields of their rider's document.
        partial(
            "mails_by_due_time",
            doc! { "mails.due_at": 1 },
            doc! { "mails.due_at": { "$exists": true } },
        ),
        unique(
            "one_mail_an_id",
            doc! { "mails._id": 1 },
            doc! { "mails._id": { "$exists": true } },
        ),
        being_deleted(),
    ]
}

fn of_journeys() -> Vec<IndexModel> {
    vec![
        plain("of_a_rider", doc! { "user_id": 1, "created_at": 1, "_id": 1 }),
        unique(
            ONE_ACTIVE_JOURNEY_A_RIDER,
            doc! { "user_id": 1, "active": 1 },
            doc! { "active": true },
        ),
        // Finds journeys that have yet to be migrated. They lack the field, so the index contains them as
        // null.
        plain("by_is_derived", doc! { "is_derived": 1, "_id": 1 }),
        being_deleted(),
    ]
}

fn of_markers() -> Vec<IndexModel> {
    vec![
        plain("of_a_journey", doc! { "journey_id": 1, "_id": 1 }),
        plain("in_riding_order", riding_order_keys()),
        // Finds past markers of a day later than tomorrow, which the earlier service accepts.
        partial(
            "past_by_day",
            doc! { "timestamp": 1, "journey_id": 1 },
            doc! { "marker_type": MarkerKind::Past.as_str() },
        ),
        // One key for each level of cells. The index contains markers that have yet to be migrated as null.
        plain("by_derived_cells", doc! { "derived.cells": 1 }),
    ]
}

fn of_sessions() -> Vec<IndexModel> {
    vec![
        plain("of_a_rider", doc! { "user_id": 1 }),
        unique(
            "one_session_an_earlier_token",
            doc! { "earlier_token.hash": 1 },
            doc! { "earlier_token.hash": { "$exists": true } },
        ),
        expiring("keep_until"),
    ]
}

fn of_idempotency_keys() -> Vec<IndexModel> {
    vec![
        plain("of_a_rider", doc! { "rider": 1, "number": 1 }),
        expiring("expires_at"),
    ]
}

/// Returns the index that every collection has. Its creation creates the collection, so that no act has to.
///
/// The ids of lines and their parts begin with the journey, so this index finds those of a journey.
fn of_ids() -> IndexModel {
    plain("_id_", doc! { "_id": 1 })
}

/// Returns the index that finds accounts whose address the earlier service has changed. Their `email_key` is
/// outdated.
fn by_address() -> IndexModel {
    let mut by_address = plain("by_address", doc! { "email": 1 });
    if let Some(options) = &mut by_address.options {
        options.collation = Some(case_insensitive());
    }
    by_address
}

/// Returns a TTL index: MongoDB deletes a document within about a minute after the instant in `field`.
fn expiring(field: &str) -> IndexModel {
    let mut expiring = plain("expiring", doc! { field: 1 });
    if let Some(options) = &mut expiring.options {
        options.expire_after = Some(std::time::Duration::ZERO);
    }
    expiring
}

impl MongoStore {
    /// Creates the missing indexes.
    pub(super) async fn make_indexes(&self) -> Result<(), StoreError> {
        let db = &self.connection;
        let others = [
            (&db.users, of_users()),
            (&db.markers, of_markers()),
            (&db.sessions, of_sessions()),
            (
                &db.itinerary_spans,
                vec![plain("by_day_cells", doc! { "day_cells": 1 })],
            ),
            (&db.lines, vec![of_ids()]),
            (&db.line_parts, vec![of_ids()]),
            (&db.schedules, vec![of_ids()]),
            (&db.idempotency_keys, of_idempotency_keys()),
            (&db.invitations, vec![expiring("expires_at")]),
            (&db.counted_acts, vec![expiring("keep_until")]),
            (&db.known_clients, vec![expiring("known_until")]),
        ];
        let others = stream::iter(others)
            .map(async |(collection, indexes)| make(collection, indexes).await.map_err(translate))
            .buffer_unordered(COMMANDS_AT_ONCE)
            .try_collect::<()>();
        let journeys = async {
            // The unique index cannot be created while a rider has several active journeys, as the earlier
            // service allowed.
            match make(&db.journeys, of_journeys()).await {
                Err(error) if taken(&error).is_some() => {
                    self.leave_one_active_journey_a_rider().await?;
                    make(&db.journeys, of_journeys()).await.map_err(translate)
                }
                made => made.map_err(translate),
            }
        };
        tokio::try_join!(journeys, others)?;
        Ok(())
    }
}

/// Creates the indexes of a collection, without a timeout. Building one over a large collection takes longer
/// than the limit of a call. The server continues if this process stops.
async fn make(collection: &Collection<RawDocumentBuf>, indexes: Vec<IndexModel>) -> Result<(), Error> {
    match collection.create_indexes(indexes.clone()).await {
        Err(error) if is_there_otherwise(&error) => {}
        made => return made.map(drop),
    }
    for index in indexes {
        let name = index.options.as_ref().and_then(|options| options.name.clone());
        match collection.create_index(index).await {
            Err(error) if is_there_otherwise(&error) => tracing::warn!(
                collection = collection.name(),
                index = name,
                "an index over the same fields is there with another name or other options, and is left alone"
            ),
            made => drop(made?),
        }
    }
    Ok(())
}

fn plain(name: &str, keys: Document) -> IndexModel {
    let options = IndexOptions::builder().name(name.to_owned()).build();
    IndexModel::builder().keys(keys).options(options).build()
}

fn partial(name: &str, keys: Document, filter: Document) -> IndexModel {
    let options = IndexOptions::builder()
        .name(name.to_owned())
        .partial_filter_expression(filter)
        .build();
    IndexModel::builder().keys(keys).options(options).build()
}

fn unique(name: &str, keys: Document, filter: Document) -> IndexModel {
    let options = IndexOptions::builder()
        .name(name.to_owned())
        .partial_filter_expression(filter)
        .unique(true)
        .build();
    IndexModel::builder().keys(keys).options(options).build()
}
