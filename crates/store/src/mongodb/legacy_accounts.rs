//! Migrates accounts that the earlier service has created, or whose address it has changed.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use bson::{Bson, Document, RawDocumentBuf, doc};
use kairos_domain::email_address::EmailKey;
use kairos_domain::id::ObjectId;
use kairos_domain::store::StoreError;

use super::MongoStore;
use super::documents::{self, id_of, oid};

impl MongoStore {
    /// Sets `email_key` on all accounts that lack it.
    pub(super) async fn give_accounts_their_keys(&self) -> Result<(), StoreError> {
        let db = &self.connection;
        let keyless = doc! { "email_key": Bson::Null, "is_being_deleted": Bson::Null };
        let keyless = db
            .users
            .find(keyless)
            .projection(doc! { "email": 1, "is_verified": 1 });
        let without_address = self.give_keys(&db.all(keyless).await?).await?;
        if !without_address.is_empty() && !self.was_told_of_odd_accounts.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                users = without_address.join(" "),
                "these accounts have no address or no proper id; nobody can log in to them"
            );
        }
        Ok(())
    }

    /// Returns the accounts whose `email_key` is outdated. The earlier service has changed their address.
    pub(super) async fn accounts_with_outdated_keys(&self) -> Result<Vec<RawDocumentBuf>, StoreError> {
        let is_text = doc! { "$eq": [{ "$type": "$email" }, "string"] };
        let lower = doc! { "$cond": [is_text, { "$toLower": "$email" }, Bson::Null] };
        // The server lower-cases only ASCII letters, so it also returns some accounts whose key is up to
        // date.
        let differing = doc! { "$expr": { "$ne": ["$email_key", lower] } };
        self.outdated_among(doc! { "$or": [differing, has_key_beyond_ascii()] })
            .await
    }

    /// Updates keys of addresses with non-ASCII domains. Earlier versions of Kairos computed them
    /// differently.
    pub(super) async fn update_earlier_keys(&self) -> Result<(), StoreError> {
        let accounts = self.outdated_among(has_key_beyond_ascii()).await?;
        self.give_keys(&accounts).await.map(drop)
    }

    async fn outdated_among(&self, mut accounts: Document) -> Result<Vec<RawDocumentBuf>, StoreError> {
        accounts.insert("is_being_deleted", Bson::Null);
        // Accounts without a key are migrated more often.
        let with_key = doc! { "$and": [{ "email_key": { "$ne": Bson::Null } }, accounts] };
        let db = &self.connection;
        let differing = db.users.find(with_key);
        let fields = doc! { "email": 1, "email_key": 1, "is_verified": 1 };
        let mut accounts = db.all_in_long(differing.projection(fields)).await?;
        accounts.retain(has_outdated_key);
        Ok(accounts)
    }

    /// Updates `email_key` on the accounts with an address or with its key.
    ///
    /// Returns whether an account with another address held the key.
    pub(super) async fn migrate_accounts_of(&self, key: &EmailKey) -> Result<bool, StoreError> {
        let accounts = self.accounts_by_key_and_address(key).await?.concat();
        let is_held_wrongly = accounts
            .iter()
            .any(|account| has_key(account, key) && has_outdated_key(account));
        self.give_keys(&accounts).await?;
        Ok(is_held_wrongly)
    }

    /// Sets `email_key` on accounts. Of several accounts with one address, the one that can log in holds it
    /// in the unique index.
    ///
    /// Returns the ids of the accounts without an address.
    pub(super) async fn give_keys(&self, accounts: &[RawDocumentBuf]) -> Result<Vec<String>, StoreError> {
        let mut by_key: HashMap<EmailKey, Vec<Account<'_>>> = HashMap::new();
        let mut without_address = Vec::new();
        for user in accounts {
            match (user.get_str("email"), id_of(user, "user")) {
                (Ok(email), Ok(id)) => by_key.entry(EmailKey::of(email)).or_default().push(Account {
                    is_unverified: !user.get_bool("is_verified").unwrap_or(false),
                    id,
                    email,
                }),
                _ => without_address.extend(documents::raw_id(user)),
            }
        }
        for (key, mut accounts) in by_key {
            accounts.sort_unstable();
            for account in accounts {
                self.give_key(key.as_str(), &account).await?;
            }
        }
        Ok(without_address)
    }

    async fn give_key(&self, key: &str, account: &Account<'_>) -> Result<(), StoreError> {
        let db = &self.connection;
        let id = oid(account.id);
        let outdated = doc! { "_id": id, "email": account.email, "email_key": { "$ne": key } };
        let with_key =
            |is_unique: bool| doc! { "$set": { "email_key": key, "email_key_is_unique": is_unique } };
        let holder = doc! { "email_key": key, "email_key_is_unique": true, "_id": { "$ne": id } };
        let is_held = db.call(db.users.find_one(holder)).await?.is_some();
        // Another instance may set the key of another account first.
        if is_held
            || db
                .try_write(db.users.update_one(outdated.clone(), with_key(true)))
                .await?
                .is_err()
        {
            db.call(db.users.update_one(outdated, with_key(false))).await?;
        }
        Ok(())
    }

    /// Logs which accounts share an address. Adds an account that no longer shares its address to the unique
    /// index.
    pub(super) async fn report_shared_addresses(&self) -> Result<(), StoreError> {
        let db = &self.connection;
        let sharing = db
            .all(db.users.find(doc! { "email_key_is_unique": false }))
            .await?;
        let mut sharers = Vec::new();
        for user in sharing {
            let Ok(key) = user.get_str("email_key") else {
                continue;
            };
            let id = id_of(&user, "user")?;
            let alone = db.users.count_documents(doc! { "email_key": key });
            if db.call(alone).await? == 1 {
                let hold = doc! { "$set": { "email_key_is_unique": true } };
                drop(
                    db.try_write(db.users.update_one(doc! { "_id": oid(id) }, hold))
                        .await?,
                );
            } else {
                sharers.push(id.to_string());
            }
        }
        if !sharers.is_empty() {
            tracing::warn!(
                users = sharers.join(" "),
                "these accounts have an address that another account has as well; the verified, then the oldest one logs in by it"
            );
        }
        Ok(())
    }
}

/// An account whose key is missing or outdated. Of several with one address, the least in this order can log
/// in.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Account<'a> {
    is_unverified: bool,
    id: ObjectId,
    email: &'a str,
}

/// Returns the filter for keys with other characters than visible ASCII. The index of keys serves it.
fn has_key_beyond_ascii() -> Document {
    doc! { "email_key": { "$regex": "[^!-~]" } }
}

/// Checks whether an account has an address, and lacks the key of this address.
pub(super) fn has_outdated_key(account: &RawDocumentBuf) -> bool {
    let email = account.get_str("email");
    email.is_ok_and(|email| !has_key(account, &EmailKey::of(email)))
}

fn has_key(account: &RawDocumentBuf, key: &EmailKey) -> bool {
    account
        .get_str("email_key")
        .is_ok_and(|kept| kept == key.as_str())
}
