//! The data structure of the queue for the hashing threads.

use std::collections::{HashMap, VecDeque};

use super::HashingError;
use crate::client::Client;

/// A queue for a fixed number of slots that serves its clients in turn.
///
/// The next slot goes to the waiting client with the fewest slots. Among equals, it goes to the client that
/// has waited longest since its last slot. Between two turns of a waiting client, every other client gets at
/// most one turn.
#[derive(Debug)]
pub(super) struct FairQueue<T> {
    free_slots: usize,
    clients: HashMap<Client, Share<T>>,
    next_number: u64,
}

/// The places of one client in the queue and in slots.
#[derive(Debug)]
struct Share<T> {
    waiting: VecDeque<(u64, T)>,
    /// The number of slots that the client holds.
    running: usize,
    /// The logical time at which the client arrived or last returned a slot.
    waits_since: u64,
}

/// A place in the queue or, later, in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    client: Client,
    number: u64,
}

impl<T> FairQueue<T> {
    /// The most places in the queue, without those in slots.
    pub(super) const MAX_WAITING: usize = 64;
    /// The most places of one client, including its slots.
    pub(super) const MAX_OF_ONE_CLIENT: usize = 16;

    pub(super) fn new(slots: usize) -> Self {
        Self {
            free_slots: slots,
            clients: HashMap::new(),
            next_number: 0,
        }
    }

    /// Adds a place at the end of the client's own places. [`Self::start`] returns `entry` at its turn.
    pub(super) fn join(&mut self, client: Client, entry: T) -> Result<Ticket, HashingError> {
        let held = self
            .clients
            .get(&client)
            .map_or(0, |share| share.waiting.len() + share.running);
        if held >= Self::MAX_OF_ONE_CLIENT {
            return Err(HashingError::ShareUsed);
        }
        if self.waiting() >= Self::MAX_WAITING {
            return Err(HashingError::QueueFull);
        }
        let number = self.number();
        let share = self.clients.entry(client).or_insert_with(|| Share {
            waiting: VecDeque::new(),
            running: 0,
            waits_since: number,
        });
        share.waiting.push_back((number, entry));
        Ok(Ticket { client, number })
    }

    /// Moves the next place into a free slot and returns its entry; `None` if no slot is free.
    pub(super) fn start(&mut self) -> Option<T> {
        self.free_slots.checked_sub(1)?;
        let next = self
            .clients
            .values_mut()
            .filter(|share| !share.waiting.is_empty())
            .min_by_key(|share| (share.running, share.waits_since))?;
        let (_, entry) = next.waiting.pop_front()?;
        next.running += 1;
        self.free_slots -= 1;
        Some(entry)
    }

    /// Returns a place, whether it is in the queue or in a slot.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        let now = self.number();
        let Some(share) = self.clients.get_mut(&ticket.client) else {
            return;
        };
        let place = share
            .waiting
            .iter()
            .position(|(number, _)| *number == ticket.number);
        if let Some(place) = place {
            share.waiting.remove(place);
        } else {
            share.running -= 1;
            share.waits_since = now;
            self.free_slots += 1;
        }
        if share.waiting.is_empty() && share.running == 0 {
            self.clients.remove(&ticket.client);
        }
    }

    fn waiting(&self) -> usize {
        self.clients.values().map(|share| share.waiting.len()).sum()
    }

    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }
}

#[cfg(test)]
mod tests;
