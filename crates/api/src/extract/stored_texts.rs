use kairos_domain::journey::Journey;
use kairos_domain::marker::{Marker, MarkerKind};
use kairos_domain::text::ProfileLine;
use kairos_domain::user::User;

/// The texts of a stored resource, by field name.
///
/// A request may repeat a stored text that breaks a rule, because the earlier service accepted such texts.
#[derive(Debug)]
pub(crate) struct StoredTexts(Vec<(&'static str, String)>);

impl StoredTexts {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let (_, text) = self.0.iter().find(|(field, _)| *field == name)?;
        Some(text)
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
        Self(texts)
    }
}

impl From<&Journey> for StoredTexts {
    fn from(journey: &Journey) -> Self {
        Self(vec![
            ("name", journey.name.as_str().to_owned()),
            ("description", journey.description.as_str().to_owned()),
        ])
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
        Self(texts)
    }
}
