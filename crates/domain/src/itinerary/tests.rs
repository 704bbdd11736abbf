mod by_hand;
mod oracle;
mod pictures;
mod properties;
mod world;
