//! Reads a journey's markers in riding order, page by page.
//!
//! An index sorts the markers in this order (`derived.order`). Markers that the earlier service wrote lack
//! the field until the migration of their journey. The order of such a journey is then computed from the
//! markers' other fields.

use bson::{Bson, Document, RawDocumentBuf, doc};
use kairos_domain::id::JourneyId;
use kairos_domain::marker::{Marker, MarkerPlace, RidingOrder};
use kairos_domain::store::{Batch, Page, StoreError};
use mongodb::Cursor;
use mongodb::options::Hint;

use super::MongoStore;
use super::documents::{
    self, binary, marker_place, marker_place_of_index, oid, order_of, riding_order, riding_order_bytes,
};
use super::indexes::riding_order_keys;
use super::markers::owner_of;

/// Markers in one reply of the server. A journey rarely has more.
const MARKERS_A_BATCH: u32 = 100;

/// Places of markers in one reply of the server. The store converts them while the next reply is on its way.
const ENTRIES_A_BATCH: u32 = 2_000;

impl MongoStore {
    pub(super) async fn page_of_markers(
        &self,
        journey_id: JourneyId,
        page: Page<RidingOrder>,
    ) -> Result<Batch<Marker>, StoreError> {
        match self.page_by_index(journey_id, page).await? {
            Some(batch) => Ok(batch),
            None => self.page_by_fields(journey_id, page).await,
        }
    }

    /// Reads a page from the index in riding order; `None` if the index lacks some marker, or if an earlier
    /// version of Kairos has marked some as deleted.
    async fn page_by_index(
        &self,
        journey_id: JourneyId,
        page: Page<RidingOrder>,
    ) -> Result<Option<Batch<Marker>>, StoreError> {
        let db = &self.connection;
        let mut following = doc! { "journey_id": oid(journey_id.0) };
        if let Some(after) = &page.after {
            following.insert("derived.order", doc! { "$gt": binary(riding_order_bytes(after)) });
        }
        let limit = page.limit.saturating_add(1);
        // The server takes longer to leave out the derived fields than to send them.
        let markers = db
            .markers
            .find(following)
            .sort(riding_order_keys())
            .hint(Hint::Keys(riding_order_keys()))
            .limit(limit.into())
            .batch_size(MARKERS_A_BATCH);
        let (documents, are_all_ordered) = tokio::try_join!(self.fill_page(markers), async {
            // The index sorts markers without an order first.
            match page.after {
                None => Ok(true),
                Some(_) => self.are_all_ordered(journey_id).await,
            }
        })?;
        let first = documents.first();
        if !are_all_ordered || first.is_some_and(|first| order_of(first).is_none()) {
            return Ok(None);
        }
        let markers = self.read(&documents).await?;
        if markers.len() < documents.len() {
            return Ok(None);
        }
        let mut batch = page.take(markers.into_iter().map(Ok::<_, StoreError>))?;
        // The earlier service may have changed fields that determine a marker's order. The marker then keeps
        // its old place in the list until a repair of the index.
        let last = documents.iter().take(batch.items.len()).next_back();
        batch.last = last.and_then(|last| riding_order(order_of(last)?));
        Ok(Some(batch))
    }

    /// Reads documents until their texts fill a page, and at least the one behind a first that fills it alone:
    /// a page says whether more follow.
    ///
    /// The server knows no limit in bytes. Without this one, it would send megabytes for a page of kilobytes.
    async fn fill_page(
        &self,
        markers: impl IntoFuture<Output = mongodb::error::Result<Cursor<RawDocumentBuf>>>,
    ) -> Result<Vec<RawDocumentBuf>, StoreError> {
        let db = &self.connection;
        let mut markers = db.call(markers).await?;
        let mut documents = Vec::new();
        let mut bytes = 0;
        let is_full = |bytes, count| bytes > Page::<RidingOrder>::MAX_TEXT_BYTES && count > 1;
        while !is_full(bytes, documents.len()) && db.call(markers.advance()).await? {
            let marker = markers.current();
            bytes += documents::text_bytes(marker);
            documents.push(marker.to_owned());
        }
        Ok(documents)
    }

    async fn are_all_ordered(&self, journey_id: JourneyId) -> Result<bool, StoreError> {
        let db = &self.connection;
        let unordered = doc! { "journey_id": oid(journey_id.0), "derived.order": Bson::Null };
        let unordered = db
            .markers
            .find_one(unordered)
            .hint(Hint::Keys(riding_order_keys()));
        Ok(db.call(unordered).await?.is_none())
    }

    /// Reads a page without the index.
    async fn page_by_fields(
        &self,
        journey_id: JourneyId,
        page: Page<RidingOrder>,
    ) -> Result<Batch<Marker>, StoreError> {
        let db = &self.connection;
        let places = self.places_by_fields(journey_id).await?;
        let orders = places.iter().map(|place| place.order);
        let mut following = orders.filter(|order| Some(*order) > page.after);
        let ids: Vec<_> = following
            .by_ref()
            .take(page.limit as usize)
            .map(|order| oid(order.id.0))
            .collect();
        let mut these = of_journey(journey_id);
        these.insert("_id", doc! { "$in": ids });
        let markers = db
            .markers
            .find(these)
            .projection(doc! { "derived": 0 })
            .batch_size(page.limit);
        let mut markers = self.read(&db.all(markers).await?).await?;
        markers.sort_by_key(Marker::riding_order);
        let mut batch = page.take(markers.into_iter().map(Ok::<_, StoreError>))?;
        batch.has_more |= following.next().is_some();
        Ok(batch)
    }

    /// Reads the riding order and positions of all markers of a journey.
    ///
    /// Uses the index if it contains all of them.
    pub(super) async fn places_of_markers(
        &self,
        journey_id: JourneyId,
    ) -> Result<Vec<MarkerPlace>, StoreError> {
        let db = &self.connection;
        let entries = db
            .markers
            .find(doc! { "journey_id": oid(journey_id.0) })
            .sort(riding_order_keys())
            .hint(Hint::Keys(riding_order_keys()))
            .projection(doc! { "_id": 0, "derived.order": 1, "derived.place": 1 })
            .batch_size(ENTRIES_A_BATCH);
        let places = db.map_all(entries, marker_place_of_index).await?;
        match places.into_iter().collect::<Option<Vec<_>>>() {
            Some(places) => Ok(places),
            None => self.places_by_fields(journey_id).await,
        }
    }

    async fn places_by_fields(&self, journey_id: JourneyId) -> Result<Vec<MarkerPlace>, StoreError> {
        let db = &self.connection;
        let markers = db
            .markers
            .find(of_journey(journey_id))
            .projection(doc! {
                "marker_type": 1, "timestamp": 1, "estimated_time": 1, "created_at": 1, "coordinates": 1,
            })
            .batch_size(ENTRIES_A_BATCH);
        let places = db.map_all(markers, marker_place).await?;
        let mut places = places.into_iter().collect::<Result<Vec<_>, _>>()?;
        places.sort_unstable_by_key(|place| place.order);
        Ok(places)
    }

    /// Converts documents to markers.
    pub(super) async fn read(&self, documents: &[RawDocumentBuf]) -> Result<Vec<Marker>, StoreError> {
        let owners = self.missing_owners(documents).await?;
        let markers = documents
            .iter()
            .filter_map(|document| documents::marker(document, owner_of(document, &owners)).transpose());
        markers.collect()
    }
}

/// Returns the filter for a journey's markers. Excludes those that an earlier version of Kairos has marked as
/// deleted.
fn of_journey(journey_id: JourneyId) -> Document {
    doc! { "journey_id": oid(journey_id.0), "is_being_deleted": Bson::Null }
}
