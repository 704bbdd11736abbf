//! Lists that are read page by page, so that no whole list is held in memory.

use std::sync::Arc;

use async_trait::async_trait;

use crate::store::{Batch, Listed, Page, StoreError};

/// The part of a list that a reader requests. It is read while the response is sent.
///
/// Each page is a read of its own. An item that moves meanwhile may appear at its old place, at its new
/// place, at both or at neither. An item that does not change appears exactly once.
pub struct PagedList<T: Listed> {
    pages: Arc<dyn Pages<T>>,
    first: Vec<T>,
    /// The place of the last item that was read.
    place: Option<T::Place>,
    /// Whether more pages follow.
    has_more: bool,
    /// The last place of the requested part; `None` is the end of the list.
    end: Option<T::Place>,
    /// The estimated number of items in a page, from the sizes in the last page.
    items_a_page: u32,
    next_part: Option<T::Place>,
}

/// The source of the pages of a list.
#[async_trait]
pub(crate) trait Pages<T: Listed>: Send + Sync {
    /// Reads a page. Returns `None` if the list is gone or hidden from its reader.
    async fn read(&self, page: Page<T::Place>) -> Result<Option<Batch<T>>, StoreError>;
}

/// Why a list could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadOnError {
    /// The list was deleted or hidden after its first page.
    #[error("the list was deleted or hidden while it was read")]
    Gone,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<T: Listed> PagedList<T> {
    /// Reads the first page of a part: at most `limit` items after `after`.
    ///
    /// Returns `None` if there is no such list.
    pub(crate) async fn open(
        pages: Arc<dyn Pages<T>>,
        after: Option<T::Place>,
        limit: Option<u32>,
    ) -> Result<Option<Self>, StoreError> {
        let page = Page {
            after,
            limit: Self::first_limit(limit),
        };
        match pages.read(page).await? {
            Some(first) => Self::begin(pages, first, limit).await.map(Some),
            None => Ok(None),
        }
    }

    /// Returns the maximum number of items in the first page of a part.
    pub(crate) fn first_limit(limit: Option<u32>) -> u32 {
        let most = Page::<T::Place>::MAX_ITEMS;
        limit.map_or(most, |limit| limit.min(most))
    }

    /// Begins a part of at most `limit` items with its first page, which the caller has read.
    pub(crate) async fn begin(
        pages: Arc<dyn Pages<T>>,
        first: Batch<T>,
        limit: Option<u32>,
    ) -> Result<Self, StoreError> {
        let mut list = Self {
            pages,
            place: first.last,
            has_more: first.has_more,
            end: None,
            items_a_page: items_a_page(&first.items),
            first: first.items,
            next_part: None,
        };
        if let Some(limit) = limit.filter(|_| first.has_more) {
            list.find_end(limit).await?;
        }
        Ok(list)
    }

    /// Finds the end of the part, which may be longer than the first page.
    async fn find_end(&mut self, limit: u32) -> Result<(), StoreError> {
        let mut missing = limit.saturating_sub(count(&self.first));
        let (mut end, mut has_more) = (self.place, true);
        let mut items_a_page = self.items_a_page;
        self.has_more = missing > 0;
        while missing > 0 && has_more {
            let page = Page {
                after: end,
                limit: missing.min(items_a_page),
            };
            let Some(batch) = self.pages.read(page).await? else {
                break;
            };
            missing = missing.saturating_sub(count(&batch.items));
            end = batch.last.or(end);
            has_more = batch.has_more;
            items_a_page = self::items_a_page(&batch.items);
        }
        self.end = end;
        self.next_part = end.filter(|_| has_more);
        Ok(())
    }

    /// Checks whether the first page holds the whole part.
    #[must_use]
    pub const fn is_one_page(&self) -> bool {
        !self.has_more
    }

    /// Returns the place after which the next part begins, if the limit cut the list off.
    #[must_use]
    pub const fn next_part(&self) -> Option<T::Place> {
        self.next_part
    }

    /// Takes the items of the first page. They are empty only if the list is empty.
    #[must_use]
    pub fn take_first(&mut self) -> Vec<T> {
        std::mem::take(&mut self.first)
    }

    /// Reads the next page. Returns `None` at the end.
    ///
    /// # Errors
    /// [`ReadOnError`].
    pub async fn read_on(&mut self) -> Result<Option<Vec<T>>, ReadOnError> {
        if !self.has_more {
            return Ok(None);
        }
        let page = Page {
            after: self.place,
            limit: self.items_a_page,
        };
        let mut batch = self.pages.read(page).await?.ok_or(ReadOnError::Gone)?;
        self.items_a_page = items_a_page(&batch.items);
        self.place = batch.last.or(self.place);
        self.has_more = batch.has_more && (self.end.is_none() || self.place < self.end);
        if let Some(end) = self.end {
            batch.items.retain(|item| item.place() <= end);
        }
        Ok(Some(batch.items))
    }
}

/// Returns the number of items of this size that fill a page.
///
/// A store that learns the sizes only after the read then reads no more than it needs.
fn items_a_page<T: Listed>(items: &[T]) -> u32 {
    let bytes: i64 = items.iter().map(Listed::text_bytes).sum();
    let fitting = i64::from(count(items)) * Page::<T::Place>::MAX_TEXT_BYTES / bytes.max(1);
    u32::try_from(fitting)
        .unwrap_or(u32::MAX)
        .clamp(1, Page::<T::Place>::MAX_ITEMS)
}

fn count<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// A number in a list, and the bytes of its text.
    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Item(u32, i64);

    impl Listed for Item {
        type Place = u32;

        fn place(&self) -> u32 {
            self.0
        }

        fn text_bytes(&self) -> i64 {
            self.1
        }
    }

    /// A list that may change between its pages, and the pages that were read.
    struct Numbers {
        items: Mutex<Option<Vec<Item>>>,
        read: Mutex<Vec<Page<u32>>>,
    }

    #[async_trait]
    impl Pages<Item> for Numbers {
        async fn read(&self, page: Page<u32>) -> Result<Option<Batch<Item>>, StoreError> {
            self.read.lock().unwrap().push(page);
            let items = self.items.lock().unwrap().clone();
            Ok(items.map(|items| {
                let following = items.into_iter().filter(|item| Some(item.0) > page.after);
                page.take(following.map(Ok::<_, StoreError>)).unwrap()
            }))
        }
    }

    fn numbers(count: u32, bytes: i64) -> Arc<Numbers> {
        Arc::new(Numbers {
            items: Mutex::new(Some((1..=count).map(|number| Item(number, bytes)).collect())),
            read: Mutex::default(),
        })
    }

    async fn open(numbers: &Arc<Numbers>, after: Option<u32>, limit: Option<u32>) -> PagedList<Item> {
        let pages = Arc::clone(numbers) as Arc<dyn Pages<Item>>;
        PagedList::open(pages, after, limit).await.unwrap().unwrap()
    }

    async fn rest(mut list: PagedList<Item>) -> Vec<u32> {
        let mut all = list.take_first();
        while let Some(items) = list.read_on().await.unwrap() {
            all.extend(items);
        }
        all.iter().map(|item| item.0).collect()
    }

    #[tokio::test]
    async fn every_item_is_there_once_whatever_its_size() {
        for (count, bytes) in [
            (0, 1),
            (1, 1 << 20),
            (500, 0),
            (1_700, 300),
            (20, 40_000),
            (9, 70_000),
        ] {
            for limit in [None, Some(1), Some(9), Some(500), Some(1_000)] {
                for after in [None, Some(4)] {
                    let first = after.unwrap_or(0) + 1;
                    let last = limit.map_or(count, |limit| count.min(first - 1 + limit));
                    let list = open(&numbers(count, bytes), after, limit).await;
                    let is_last = limit.is_none() || last == count;
                    assert_eq!(list.next_part(), (!is_last && last >= first).then_some(last));
                    assert_eq!(rest(list).await, Vec::from_iter(first..=last));
                }
            }
        }
    }

    #[tokio::test]
    async fn a_list_that_fits_into_a_page_is_read_at_once() {
        for (count, limit) in [(500, None), (501, Some(500)), (50, Some(50)), (0, None)] {
            let numbers = numbers(count, 100);
            assert!(open(&numbers, None, limit).await.is_one_page());
            assert_eq!(numbers.read.lock().unwrap().len(), 1);
        }
        assert!(!open(&numbers(501, 0), None, None).await.is_one_page());
    }

    #[tokio::test]
    async fn no_more_items_are_asked_for_than_fit_by_their_size() {
        let numbers = numbers(100, 20_000);
        rest(open(&numbers, None, None).await).await;
        let read = numbers.read.lock().unwrap();
        assert!(read.iter().skip(1).all(|page| page.limit == 3), "{read:?}");
    }

    #[tokio::test]
    async fn items_that_come_and_go_meanwhile_move_no_other() {
        let numbers = numbers(1_000, 0);
        let mut list = open(&numbers, None, Some(900)).await;
        let mut all = list.take_first();
        let change = |items: &mut Vec<Item>| {
            // The last item that was read, one that was not, and the one at the end of the part.
            items.retain(|item| ![500, 600, 900].contains(&item.0));
        };
        change(numbers.items.lock().unwrap().as_mut().unwrap());
        while let Some(items) = list.read_on().await.unwrap() {
            all.extend(items);
        }
        let expected = (1..900).filter(|number| *number != 600);
        assert!(all.iter().map(|item| item.0).eq(expected));
    }

    #[tokio::test]
    async fn a_list_that_vanishes_is_not_read_to_its_end() {
        let numbers = numbers(1_000, 0);
        let mut list = open(&numbers, None, None).await;
        numbers.items.lock().unwrap().take();
        assert!(matches!(list.read_on().await, Err(ReadOnError::Gone)));
    }
}
