use proptest::prelude::*;

use super::*;

/// An entry: its client, and its number among all that joined.
type Entry = (u8, usize);
type Queue = FairQueue<Entry>;

fn client(number: u8) -> Client {
    Client::at([192, 0, 2, number].into())
}

fn join(queue: &mut Queue, of: u8, number: usize) -> Result<Ticket, HashingError> {
    queue.join(client(of), (of, number))
}

/// A queue with one slot of which client 1 has all its places, the first in the slot; and its tickets.
fn one_client_has_all_its_places() -> (Queue, HashMap<Entry, Ticket>) {
    let mut queue = Queue::new(1);
    let mut tickets = HashMap::new();
    for number in 0..Queue::MAX_OF_ONE_CLIENT {
        tickets.insert((1, number), join(&mut queue, 1, number).unwrap());
    }
    assert_eq!(queue.start(), Some((1, 0)));
    (queue, tickets)
}

#[test]
fn a_client_beyond_its_share_is_refused_and_another_is_next() {
    let (mut queue, tickets) = one_client_has_all_its_places();
    assert!(matches!(join(&mut queue, 1, 16), Err(HashingError::ShareUsed)));
    join(&mut queue, 2, 0).unwrap();
    assert_eq!(queue.start(), None);
    queue.leave(tickets[&(1, 0)]);
    assert_eq!(queue.start(), Some((2, 0)));
}

#[test]
fn a_client_alone_has_every_slot() {
    let mut queue = Queue::new(3);
    for number in 0..5 {
        join(&mut queue, 1, number).unwrap();
    }
    let started: Vec<_> = std::iter::from_fn(|| queue.start()).collect();
    assert_eq!(started, [(1, 0), (1, 1), (1, 2)]);
}

#[test]
fn sixty_four_places_are_all_there_are() {
    let mut queue = Queue::new(1);
    join(&mut queue, 0, 0).unwrap();
    queue.start().unwrap();
    let tickets: Vec<_> = (0..64)
        .map(|number| join(&mut queue, 1 + number / 16, usize::from(number)).unwrap())
        .collect();
    assert!(matches!(join(&mut queue, 9, 0), Err(HashingError::QueueFull)));
    // A client with its whole share is told so, whether the queue is full or not.
    assert!(matches!(join(&mut queue, 1, 0), Err(HashingError::ShareUsed)));
    queue.leave(tickets[20]);
    join(&mut queue, 9, 0).unwrap();
}

#[test]
fn clients_are_served_in_turn() {
    let (mut queue, mut tickets) = one_client_has_all_its_places();
    for (of, number) in [(2, 0), (2, 1), (3, 0), (2, 2)] {
        tickets.insert((of, number), join(&mut queue, of, number).unwrap());
    }
    let mut running = (1, 0);
    for expected in [(2, 0), (3, 0), (1, 1), (2, 1), (1, 2), (2, 2), (1, 3), (1, 4)] {
        queue.leave(tickets[&running]);
        assert_eq!(queue.start(), Some(expected));
        running = expected;
    }
}

#[derive(Debug, Clone)]
enum Act {
    Join(u8),
    /// The place with this index among those that wait, or run, gives up or ends.
    GiveUp(prop::sample::Index),
    End(prop::sample::Index),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (0..8_u8).prop_map(Act::Join),
        // One client joins as often as all others together.
        3 => Just(Act::Join(0)),
        1 => any::<prop::sample::Index>().prop_map(Act::GiveUp),
        3 => any::<prop::sample::Index>().prop_map(Act::End),
    ]
}

/// What the queue should hold, kept in the simplest way.
struct Model {
    slots: usize,
    waiting: Vec<(Entry, Ticket)>,
    running: Vec<(Entry, Ticket)>,
    /// For each client that waits without a slot: the turns of every client since it began to.
    turns: HashMap<u8, HashMap<u8, usize>>,
}

impl Model {
    fn count(places: &[(Entry, Ticket)], of: u8) -> usize {
        places.iter().filter(|((client, _), _)| *client == of).count()
    }

    fn start_all(&mut self, queue: &mut Queue) {
        self.note_turns();
        while let Some(entry) = queue.start() {
            let of = entry.0;
            let first = self.waiting.iter().position(|((client, _), _)| *client == of);
            let (expected, ticket) = self.waiting.remove(first.expect("it waits"));
            assert_eq!(entry, expected, "a client's own places are served in their order");
            self.running.push((entry, ticket));
            self.turns.remove(&of);
            for (waiting, turns) in &mut self.turns {
                let taken = turns.entry(of).or_default();
                *taken += 1;
                assert!(
                    *taken <= 1,
                    "client {of} had two turns while client {waiting} waited"
                );
            }
        }
        assert!(self.running.len() <= self.slots);
        assert!(self.waiting.is_empty() || self.running.len() == self.slots);
    }

    /// Begins to count for each client that waits without a slot, and ends with each that doesn't.
    fn note_turns(&mut self) {
        for of in 0..8 {
            if Self::count(&self.waiting, of) == 0 || Self::count(&self.running, of) > 0 {
                self.turns.remove(&of);
            } else {
                self.turns.entry(of).or_default();
            }
        }
    }
}

proptest! {
    #[test]
    fn however_clients_come_and_go_no_other_is_served_twice_before_one_that_waits(
        slots in 1..4_usize,
        acts in prop::collection::vec(act(), 1..400),
    ) {
        let mut queue = Queue::new(slots);
        let mut model = Model { slots, waiting: Vec::new(), running: Vec::new(), turns: HashMap::new() };
        for (number, act) in acts.into_iter().enumerate() {
            match act {
                Act::Join(of) => {
                    let held = Model::count(&model.waiting, of) + Model::count(&model.running, of);
                    match join(&mut queue, of, number) {
                        Ok(ticket) => {
                            prop_assert!(held < 16 && model.waiting.len() < 64);
                            model.waiting.push(((of, number), ticket));
                        }
                        Err(HashingError::ShareUsed) => prop_assert_eq!(held, 16),
                        Err(_) => prop_assert_eq!(model.waiting.len(), 64),
                    }
                }
                Act::GiveUp(index) if !model.waiting.is_empty() => {
                    let (_, ticket) = model.waiting.remove(index.index(model.waiting.len()));
                    queue.leave(ticket);
                }
                Act::End(index) if !model.running.is_empty() => {
                    let (_, ticket) = model.running.remove(index.index(model.running.len()));
                    queue.leave(ticket);
                }
                Act::GiveUp(_) | Act::End(_) => {}
            }
            model.start_all(&mut queue);
        }
        // Whatever still waits is served in the end, and then the queue holds nothing.
        while let Some((_, ticket)) = model.running.pop() {
            queue.leave(ticket);
            model.start_all(&mut queue);
        }
        prop_assert!(model.waiting.is_empty());
        prop_assert!(queue.clients.is_empty());
        prop_assert_eq!(queue.free_slots, slots);
    }
}
