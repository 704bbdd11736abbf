use async_trait::async_trait;
use kairos_domain::id::{JourneyId, ObjectId, UserId};
use kairos_domain::line::LineKind;
use kairos_domain::store::StoreError;
use rusqlite::{Connection, Transaction};

use super::error::Fault;
use super::itinerary::{self, Changed};
use super::{SqliteStore, line_figures, records, rows, usage};
use crate::administration::{
    AdminStore, Inspection, JOURNEYS_WITH_WRONG_ITINERARIES, JOURNEYS_WITH_WRONG_USAGE,
    LINES_WITH_WRONG_FIGURES, MARKERS_IN_WRONG_CELLS, RIDERS_WITH_WRONG_USAGE, Record, RecordCursor,
    RecordKind, RecordPage, finding,
};

const RECORDS_A_PAGE: u32 = 1_000;

#[async_trait]
impl AdminStore for SqliteStore {
    fn is_new(&self) -> bool {
        self.connections.is_new
    }

    async fn inspect(&self) -> Result<Inspection, StoreError> {
        self.connections.examine(examine).await
    }

    async fn repair(&self) -> Result<Vec<String>, StoreError> {
        let wrong = self.connections.examine(Wrong::find).await?;
        let told = wrong.told();
        self.mend(vec![()], |db, ()| {
            db.execute(
                "UPDATE markers SET cell = finest_cell(longitude, latitude)
                 WHERE cell IS NOT finest_cell(longitude, latitude)",
                [],
            )?;
            Ok(())
        })
        .await?;
        self.mend(wrong.itineraries, |db, id| {
            itinerary::follow(db, id, Changed::Any)
        })
        .await?;
        self.mend(wrong.lines, line_figures::derive).await?;
        self.mend(wrong.journeys, usage::derive_journey).await?;
        self.mend(wrong.riders, usage::derive_rider).await?;
        Ok(told)
    }

    async fn count_records(&self, kind: RecordKind) -> Result<u64, StoreError> {
        self.connections.examine(move |db| records::count(db, kind)).await
    }

    async fn records_after(
        &self,
        kind: RecordKind,
        after: Option<RecordCursor>,
        limit: u32,
    ) -> Result<RecordPage, StoreError> {
        self.connections
            .examine(move |db| records::page(db, kind, after, limit))
            .await
    }

    async fn add_records(&self, records: &[Record]) -> Result<Vec<ObjectId>, StoreError> {
        let records = records.to_vec();
        self.connections
            .write(move |db| records::add_all(db, &records))
            .await
    }
}

impl SqliteStore {
    /// Repairs items one by one, each in its own transaction.
    async fn mend<T: Send + 'static>(
        &self,
        things: Vec<T>,
        mend: fn(&Transaction<'_>, T) -> Result<(), Fault>,
    ) -> Result<(), StoreError> {
        for thing in things {
            let mended: Result<(), StoreError> = self.connections.write(move |db| mend(db, thing)).await;
            mended?;
        }
        Ok(())
    }
}

fn examine(db: &Connection) -> Result<Inspection, Fault> {
    let schema: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let mut counts = Vec::new();
    for kind in RecordKind::ALL {
        counts.push((kind.as_str(), records::count(db, kind)?));
    }
    let mut findings = Vec::new();
    for kind in RecordKind::ALL {
        let what = format!("{} that can't be read", kind.as_str());
        findings.extend(finding(&what, &unreadable(db, kind)?));
    }
    for (what, query) in [
        (
            "accounts that share their address with another one",
            "SELECT lower(hex(id)) FROM users WHERE NOT email_key_is_unique",
        ),
        (
            "damaged places of the file",
            "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
        ),
        (
            "rows that have lost their parent",
            "SELECT \"table\" || ' ' || rowid FROM pragma_foreign_key_check",
        ),
        (
            "journeys that are gone but for some of their rows",
            "SELECT lower(hex(journey_id)) FROM (
                 SELECT journey_id FROM markers UNION SELECT journey_id FROM itinerary_days
                 UNION SELECT journey_id FROM lines UNION SELECT journey_id FROM line_parts
                 UNION SELECT journey_id FROM schedules
             ) WHERE journey_id NOT IN (SELECT id FROM journeys) AND journey_id NOT IN (SELECT journey_id FROM deletions)",
        ),
        (
            "deleted journeys of which a running server has yet to remove the rest",
            "SELECT lower(hex(journey_id)) FROM deletions",
        ),
    ] {
        findings.extend(finding(what, &texts(db, query)?));
    }
    findings.extend(Wrong::find(db)?.told());
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

fn unreadable(db: &Connection, kind: RecordKind) -> Result<Vec<String>, Fault> {
    let mut unreadable = Vec::new();
    let mut after = None;
    loop {
        let page = records::page(db, kind, after, RECORDS_A_PAGE)?;
        unreadable.extend(page.unreadable);
        if page.last.is_none() {
            return Ok(unreadable);
        }
        after = page.last;
    }
}

/// Derived data that differs from its source.
struct Wrong {
    markers: Vec<String>,
    itineraries: Vec<JourneyId>,
    lines: Vec<(JourneyId, LineKind)>,
    journeys: Vec<JourneyId>,
    riders: Vec<UserId>,
}

impl Wrong {
    fn find(db: &Connection) -> Result<Self, Fault> {
        Ok(Self {
            markers: texts(
                db,
                "SELECT lower(hex(id)) FROM markers WHERE cell IS NOT finest_cell(longitude, latitude)",
            )?,
            itineraries: itinerary::wrong_journeys(db)?,
            lines: line_figures::wrong_lines(db)?,
            journeys: usage::wrong_journeys(db)?,
            riders: usage::wrong_riders(db)?,
        })
    }

    fn told(&self) -> Vec<String> {
        let journeys = |ids: &[JourneyId]| ids.iter().map(JourneyId::to_string).collect::<Vec<_>>();
        let lines = self.lines.iter();
        let lines: Vec<_> = lines
            .map(|(id, kind)| format!("{} {id}", kind.as_str()))
            .collect();
        let riders: Vec<_> = self.riders.iter().map(UserId::to_string).collect();
        let findings = [
            finding(MARKERS_IN_WRONG_CELLS, &self.markers),
            finding(JOURNEYS_WITH_WRONG_ITINERARIES, &journeys(&self.itineraries)),
            finding(LINES_WITH_WRONG_FIGURES, &lines),
            finding(JOURNEYS_WITH_WRONG_USAGE, &journeys(&self.journeys)),
            finding(RIDERS_WITH_WRONG_USAGE, &riders),
        ];
        findings.into_iter().flatten().collect()
    }
}

fn texts(db: &Connection, query: &str) -> Result<Vec<String>, Fault> {
    let mut query = db.prepare(query)?;
    rows::all(query.query([])?, |row| Ok(row.get(0)?))
}
