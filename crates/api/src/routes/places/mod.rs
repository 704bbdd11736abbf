pub(crate) mod search;
