use async_trait::async_trait;
use kairos_domain::store::StoreError;
use rusqlite::Connection;

use super::SqliteStore;
use super::error::Fault;
use crate::administration::{Inspect, Inspection, RecordKind, finding};

#[async_trait]
impl Inspect for SqliteStore {
    async fn inspect(&self) -> Result<Inspection, StoreError> {
        self.connections.examine(examine).await
    }
}

fn examine(db: &Connection) -> Result<Inspection, Fault> {
    let schema: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let mut counts = Vec::new();
    for kind in RecordKind::ALL {
        counts.push((kind.as_str(), super::transfer::count(db, kind)?));
    }
    let mut findings = Vec::new();
    findings.extend(finding(
        "accounts that share their address with another one",
        &texts(
            db,
            "SELECT lower(hex(id)) FROM users WHERE NOT email_key_is_unique",
        )?,
    ));
    let broken = texts(db, "SELECT integrity_check FROM pragma_integrity_check")?;
    if broken != ["ok"] {
        findings.extend(finding("damaged places of the file", &broken));
    }
    findings.extend(finding(
        "rows that have lost their parent",
        &texts(
            db,
            "SELECT \"table\" || ' ' || rowid FROM pragma_foreign_key_check",
        )?,
    ));
    Ok(Inspection {
        database: format!("SQLite {}, schema {schema}", rusqlite::version()),
        counts,
        indexes: texts(
            db,
            "SELECT tbl_name || '.' || name || ' ('
                 || (SELECT group_concat(ifnull(name, 'expression'), ', ') FROM pragma_index_info(sqlite_schema.name)) || ')'
             FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY tbl_name, name",
        )?,
        findings,
    })
}

fn texts(db: &Connection, query: &str) -> Result<Vec<String>, Fault> {
    let mut query = db.prepare(query)?;
    let texts = query.query_map([], |row| row.get(0))?;
    Ok(texts.collect::<rusqlite::Result<_>>()?)
}
