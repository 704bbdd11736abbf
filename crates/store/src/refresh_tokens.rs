//! The refresh tokens of a session: which of them are valid, and what a use changes. Both stores call this
//! module in a transaction.
//!
//! A used token is valid within its grace period. After that, it is valid while the session has unused
//! successors that name it as their predecessor. The first use of a successor removes this name from all
//! successors.

use std::cmp::Reverse;
use std::collections::HashSet;

use kairos_domain::store::{MOST_UNUSED_TOKENS, Rotation};
use kairos_domain::token::TokenHash;

use crate::administration::{SessionRecord, TokenRecord};

/// The state of a token when it is presented.
enum Use {
    First,
    WithinGrace,
    Late,
}

/// Adds the successor of the presented token to a session. Returns `false` if the token is not valid; the
/// caller then ends the session.
pub(crate) fn rotate(session: &mut SessionRecord, rotation: &Rotation) -> bool {
    let Some(usage) = take(session, rotation) else {
        return false;
    };
    let presented = rotation.presented.hash;
    let tokens = &mut session.tokens;
    let has_unused_successor = tokens.iter().any(|token| token.predecessor == Some(presented));
    let predecessor = match usage {
        Use::First => Some(presented),
        // If a successor was used, the new one does not prolong the validity of its predecessor.
        Use::WithinGrace => has_unused_successor.then_some(presented),
        Use::Late if has_unused_successor => {
            tokens.retain(|token| token.predecessor != Some(presented));
            Some(presented)
        }
        Use::Late => return false,
    };
    forget(tokens, rotation);
    tokens.push(TokenRecord {
        predecessor,
        ..TokenRecord::unused(rotation.successor, rotation.expires_at)
    });
    session.expires_at = rotation.expires_at;
    true
}

/// Marks the presented token as used. Returns `None` if the session does not contain the token.
fn take(session: &mut SessionRecord, rotation: &Rotation) -> Option<Use> {
    let presented = rotation.presented.hash;
    let legacy = session.legacy_token.as_ref();
    let first_use = match legacy.filter(|legacy| legacy.hash == presented) {
        Some(legacy) => legacy.first_used_at,
        None => {
            let tokens = &mut session.tokens;
            let token = tokens.iter_mut().find(|token| token.hash == presented)?;
            match token.first_used_at {
                Some(first_use) => first_use,
                None => {
                    token.first_used_at = Some(rotation.now);
                    if let Some(predecessor) = token.predecessor {
                        end_validity(tokens, predecessor);
                    }
                    return Some(Use::First);
                }
            }
        }
    };
    Some(if first_use >= rotation.end_of_grace() {
        Use::WithinGrace
    } else {
        Use::Late
    })
}

/// Ends the validity of a used token after its grace period, because one of its successors is used.
fn end_validity(tokens: &mut [TokenRecord], predecessor: TokenHash) {
    for token in tokens {
        token.predecessor = token.predecessor.filter(|name| *name != predecessor);
    }
}

/// Deletes expired tokens, used ones that are no longer valid, and the unused ones over the limit.
///
/// An unknown token ends the session, just like one that is no longer valid.
fn forget(tokens: &mut Vec<TokenRecord>, rotation: &Rotation) {
    tokens.retain(|token| token.expires_at > rotation.now);
    let (mut unused, mut used): (Vec<_>, Vec<_>) =
        tokens.drain(..).partition(|token| token.first_used_at.is_none());
    unused.sort_by_key(|token| Reverse(token.expires_at));
    // The successor is added later, so that `MOST_UNUSED_TOKENS` remain.
    unused.truncate(MOST_UNUSED_TOKENS - 1);
    let end_of_grace = rotation.end_of_grace();
    let mut predecessors: HashSet<_> = unused.iter().filter_map(|token| token.predecessor).collect();
    predecessors.insert(rotation.presented.hash);
    used.retain(|token| {
        token.first_used_at.is_some_and(|used| used >= end_of_grace) || predecessors.contains(&token.hash)
    });
    used.append(&mut unused);
    *tokens = used;
}
