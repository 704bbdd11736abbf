//! The open connections, and the share of each client.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ipnet::IpNet;
use kairos_domain::client::Client;

use super::activity::Activity;
use super::bounds::ServerBounds;

/// The open connections.
///
/// Each client may hold a limited share of them. A new connection over its client's share, or over the total,
/// closes an idle one. HTTP clients reconnect, so that the closed client loses nothing.
#[derive(Debug)]
pub(super) struct Connections {
    open: Mutex<HashMap<u64, Connection>>,
    bounds: ServerBounds,
    trusted_proxies: Vec<IpNet>,
}

#[derive(Debug)]
struct Connection {
    /// `None` for a trusted proxy, which forwards requests of many clients and has no share.
    client: Option<Client>,
    activity: Arc<Activity>,
}

/// The decision about a new connection.
#[derive(Debug)]
pub(super) enum Admission {
    /// The connection is open until its place is dropped.
    Open(Place),
    /// The client holds its whole share, and none of its connections is idle.
    BeyondShare,
    /// All places are taken, and none can be freed.
    Full,
}

/// The place of one connection.
#[derive(Debug)]
pub(super) struct Place {
    connections: Arc<Connections>,
    number: u64,
    pub(super) activity: Arc<Activity>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.open().remove(&self.number);
    }
}

impl Connections {
    pub(super) fn new(bounds: ServerBounds, trusted_proxies: Vec<IpNet>) -> Self {
        Self {
            open: Mutex::default(),
            bounds,
            trusted_proxies,
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Connection>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds a place for a new connection. No `number` may be used twice.
    pub(super) fn admit(self: &Arc<Self>, number: u64, peer: IpAddr) -> Admission {
        let peer = peer.to_canonical();
        let is_proxy = self.trusted_proxies.iter().any(|network| network.contains(&peer));
        let client = (!is_proxy).then(|| Client::at(peer));
        let mut open = self.open();
        if client.is_some() && held(&open, client) >= self.bounds.connections_per_client {
            let own = |connection: &Connection| (connection.client == client).then_some(0);
            if !close_longest_idle(&mut open, own) {
                return Admission::BeyondShare;
            }
        }
        if open.len() >= self.bounds.connections {
            let mut shares: HashMap<Client, usize> = HashMap::new();
            for client in open.values().filter_map(|connection| connection.client) {
                *shares.entry(client).or_default() += 1;
            }
            let share = |connection: &Connection| shares.get(&connection.client?).copied();
            if !close_longest_idle(&mut open, share) {
                return Admission::Full;
            }
        }
        let activity = Arc::new(Activity::new());
        let connection = Connection {
            client,
            activity: Arc::clone(&activity),
        };
        open.insert(number, connection);
        drop(open);
        Admission::Open(Place {
            connections: Arc::clone(self),
            number,
            activity,
        })
    }
}

fn held(open: &HashMap<u64, Connection>, client: Option<Client>) -> usize {
    let own = open.values().filter(|connection| connection.client == client);
    own.count()
}

/// Closes the longest idle of the idle connections with the highest rank.
///
/// Connections without a rank stay open. Returns whether a connection was closed.
fn close_longest_idle(
    open: &mut HashMap<u64, Connection>,
    rank: impl Fn(&Connection) -> Option<usize>,
) -> bool {
    let idle = open.iter().filter_map(|(number, connection)| {
        let order = (rank(connection)?, Reverse(connection.activity.idle_since()?));
        Some((order, *number))
    });
    let Some((_, number)) = idle.max() else {
        return false;
    };
    if let Some(connection) = open.remove(&number) {
        connection.activity.evict();
    }
    true
}
