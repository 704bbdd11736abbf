//! The nearest-first search that both stores share.
//!
//! This module contains the numbers in the spatial index, the order of reading them, and the nearest marker
//! of each journey.

mod chord;
mod expanding_search;
mod morton_cell;
mod nearest_markers;
mod origin_tree;

pub(crate) use chord::chord_of;
pub(crate) use expanding_search::{CODE_LEVELS, ExpandingSearch, Grid};
pub(crate) use morton_cell::MortonCell;
pub(crate) use nearest_markers::Ranked;
