use async_trait::async_trait;
use kairos_domain::id::{JourneyId, ObjectId};
use kairos_domain::store::StoreError;
use rusqlite::{Connection, Transaction};

use super::SqliteStore;
use super::error::Fault;
use super::{rows, tracks};
use crate::administration::{
    Inspect, Inspection, JOURNEYS_WITH_WRONG_TRACKS, MARKERS_IN_WRONG_CELLS, RecordKind, finding,
};

#[async_trait]
impl Inspect for SqliteStore {
    async fn inspect(&self) -> Result<Inspection, StoreError> {
        self.connections.examine(examine).await
    }

    async fn repair(&self) -> Result<Vec<String>, StoreError> {
        let wrong = self.connections.examine(out_of_step).await?;
        let told = told(&wrong);
        self.connections.write(move |db| put_in_step(db, &wrong)).await?;
        self.renew_missing_tracks().await?;
        Ok(told)
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
    let behind = texts(db, "SELECT lower(hex(id)) FROM journeys WHERE NOT has_track")?;
    findings.extend(finding(
        "journeys whose tracks a running server has yet to draw",
        &behind,
    ));
    findings.extend(told(&out_of_step(db)?));
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

/// What is not as it follows from other data.
struct OutOfStep {
    markers: Vec<String>,
    journeys: Vec<JourneyId>,
}

fn out_of_step(db: &Connection) -> Result<OutOfStep, Fault> {
    let markers = texts(
        db,
        "SELECT lower(hex(id)) FROM markers WHERE cell IS NOT finest_cell(longitude, latitude)",
    )?;
    let mut query = db.prepare("SELECT id FROM journeys WHERE has_track")?;
    let ids = rows::all(query.query([])?, |row| {
        Ok(JourneyId(ObjectId::from_bytes(row.get(0)?)))
    })?;
    let mut journeys = Vec::new();
    for id in ids {
        if !tracks::is_in_step(db, id)? {
            journeys.push(id);
        }
    }
    Ok(OutOfStep { markers, journeys })
}

fn put_in_step(db: &Transaction<'_>, wrong: &OutOfStep) -> Result<(), Fault> {
    db.execute(
        "UPDATE markers SET cell = finest_cell(longitude, latitude) WHERE cell IS NOT finest_cell(longitude, latitude)",
        [],
    )?;
    wrong.journeys.iter().try_for_each(|id| tracks::forget(db, *id))
}

fn told(wrong: &OutOfStep) -> Vec<String> {
    let journeys: Vec<_> = wrong.journeys.iter().map(JourneyId::to_string).collect();
    let findings = [
        finding(MARKERS_IN_WRONG_CELLS, &wrong.markers),
        finding(JOURNEYS_WITH_WRONG_TRACKS, &journeys),
    ];
    findings.into_iter().flatten().collect()
}

fn texts(db: &Connection, query: &str) -> Result<Vec<String>, Fault> {
    let mut query = db.prepare(query)?;
    let texts = query.query_map([], |row| row.get(0))?;
    Ok(texts.collect::<rusqlite::Result<_>>()?)
}
