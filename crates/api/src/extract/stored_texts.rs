use std::collections::HashMap;

use kairos_domain::journey::Journey;
use kairos_domain::marker::{Marker, MarkerKind};
use kairos_domain::text::ProfileLine;
use kairos_domain::user::User;

/// The texts of a stored resource, by field name.
///
/// A request may repeat a stored text that breaks a rule, because the earlier service accepted such texts.
#[derive(Debug, Default)]
pub(crate) struct StoredTexts {
    texts: Vec<(&'static str, String)>,
    /// The texts of items, by their ids.
    items: HashMap<String, StoredTexts>,
}

impl StoredTexts {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let (_, text) = self.texts.iter().find(|(field, _)| *field == name)?;
        Some(text)
    }

    pub(super) fn of_item(&self, id: &str) -> Option<&Self> {
        self.items.get(&id.to_ascii_lowercase())
    }
}

impl From<Vec<(&'static str, String)>> for StoredTexts {
    fn from(texts: Vec<(&'static str, String)>) -> Self {
        let items = HashMap::new();
        Self { texts, items }
    }
}

impl From<&[Marker]> for StoredTexts {
    fn from(markers: &[Marker]) -> Self {
        let items = markers
            .iter()
            .map(|marker| (marker.id.to_string(), marker.into()));
        Self {
            texts: Vec::new(),
            items: items.collect(),
        }
    }
}

impl From<&User> for StoredTexts {
    fn from(user: &User) -> Self {
        let mut texts = vec![
            ("email", user.email.as_str().to_owned()),
            ("name", user.name.as_str().to_owned()),
        ];
        let contact = &user.contact;
        for (name, line) in [
            ("phonenumber", &contact.phonenumber),
            ("instagram", &contact.instagram),
            ("country", &contact.country),
        ] {
            texts.extend(line.clone().map(|line| (name, ProfileLine::into_string(line))));
        }
        texts.into()
    }
}

impl From<&Journey> for StoredTexts {
    fn from(journey: &Journey) -> Self {
        let texts = vec![
            ("name", journey.name.as_str().to_owned()),
            ("description", journey.description.as_str().to_owned()),
        ];
        texts.into()
    }
}

impl From<&Marker> for StoredTexts {
    fn from(marker: &Marker) -> Self {
        let details = &marker.details;
        let mut texts = vec![
            ("name", details.name.as_str().to_owned()),
            ("notes", details.notes.as_str().to_owned()),
        ];
        // The day of a planned marker is left out: it is checked when the marker becomes past.
        if let (MarkerKind::Past, Some(day)) = (details.kind, details.timestamp) {
            texts.push(("timestamp", day.to_string()));
        }
        texts.into()
    }
}
