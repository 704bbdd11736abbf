//! Accounts: registration, log-in, sessions, passwords, profiles.
