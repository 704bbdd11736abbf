use std::fmt::Debug;

/// The page of a list that one read returns.
///
/// A page holds at most `limit` items with at most [`Page::MAX_TEXT_BYTES`] of texts, but at least one item
/// if any is left. An item that does not change meanwhile is in exactly one of the consecutive pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page<P> {
    /// The place after which the page begins; `None` is the beginning of the list.
    pub after: Option<P>,
    /// The most items.
    pub limit: u32,
}

/// The items of one page.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch<T: Listed> {
    /// The items in order.
    pub items: Vec<T>,
    /// The place of the last item, after which the next page begins.
    pub last: Option<T::Place>,
    /// Whether more items follow.
    pub has_more: bool,
}

/// An item of a list that is read in pages.
pub trait Listed: Send + Sync + 'static {
    /// The item's place in its list: no two items have the same.
    type Place: Copy + Debug + Ord + Send + Sync;

    /// Returns the item's place.
    fn place(&self) -> Self::Place;

    /// Returns the UTF-8 bytes of the item's texts.
    fn text_bytes(&self) -> i64;
}

impl<T: Listed> Default for Batch<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            last: None,
            has_more: false,
        }
    }
}

impl<P> Page<P> {
    /// The most items that are read at once.
    pub const MAX_ITEMS: u32 = 500;
    /// The most bytes of texts in a page of several items. In JSON, they can grow to six times as many.
    pub const MAX_TEXT_BYTES: i64 = 64 << 10;

    /// Takes the items of this page from the items that follow [`Self::after`].
    ///
    /// # Errors
    /// The first error among the items.
    pub fn take<T: Listed<Place = P>, E>(
        &self,
        following: impl Iterator<Item = Result<T, E>>,
    ) -> Result<Batch<T>, E> {
        let mut batch = Batch::default();
        let mut bytes = 0;
        for item in following {
            let item = item?;
            bytes += item.text_bytes();
            let is_full = bytes > Self::MAX_TEXT_BYTES && !batch.items.is_empty();
            if is_full || batch.items.len() >= self.limit as usize {
                batch.has_more = true;
                break;
            }
            batch.last = Some(item.place());
            batch.items.push(item);
        }
        Ok(batch)
    }
}
