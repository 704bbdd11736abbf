use std::str::FromStr;

use axum::extract::RawPathParams;
use chrono::NaiveDate;
use kairos_domain::marker::is_after_tomorrow;
use serde_json::Value;

use super::parsed_size::check_words;
use super::raw_value::{Entries, RawValue};
use super::stored_texts::StoredTexts;
use super::validation_error::{Objection, Part, ValidationError};
use crate::error::ApiError;

/// Something that is read from the fields of a request.
pub(crate) trait Input: Sized {
    /// Reads every field, also after one that is at fault, so that all faults are found. `None` if there was one, which
    /// `fields` knows then.
    fn read(fields: &mut Fields<'_>) -> Option<Self>;
}

/// The fields of a request, and what is wrong with them so far.
///
/// The methods give `None` after a fault. What is there and fine comes in `Some`, so that `?` may wait
/// until all fields are read.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    sources: Vec<(Part, &'a Entries)>,
    /// Where a field should have been if it is nowhere.
    expected_in: Part,
    path: Option<&'a RawPathParams>,
    stored: Option<&'a StoredTexts>,
    /// The day it is in UTC.
    today: Option<NaiveDate>,
    faults: Vec<ValidationError>,
}

impl<'a> Fields<'a> {
    /// Fields that are looked for in the sources, in this order.
    pub(super) fn new(
        sources: Vec<(Part, &'a Entries)>,
        expected_in: Part,
        path: Option<&'a RawPathParams>,
    ) -> Self {
        Self {
            sources,
            expected_in,
            path,
            stored: None,
            today: None,
            faults: Vec::new(),
        }
    }

    /// The same fields of something that is stored already.
    pub(super) fn of_stored(self, stored: &'a StoredTexts) -> Self {
        Self {
            stored: Some(stored),
            ..self
        }
    }

    /// The same fields on a day.
    pub(super) fn on(self, today: NaiveDate) -> Self {
        Self {
            today: Some(today),
            ..self
        }
    }

    /// Reads an input, or gives everything that is wrong with it.
    pub(super) fn finish<T: Input>(mut self) -> Result<T, ApiError> {
        let input = T::read(&mut self);
        match input {
            Some(input) if self.faults.is_empty() => Ok(input),
            _ => Err(ApiError::validation(self.faults)),
        }
    }

    /// A field that has to be there.
    pub(crate) fn required<T, E: Into<Vec<Objection>>>(
        &mut self,
        name: &'static str,
        parser: impl FnOnce(RawValue<'_>) -> Result<T, E>,
    ) -> Option<T> {
        let Some((part, raw)) = self.find(name) else {
            self.faults
                .push(Objection::missing().at(self.expected_in, name, None));
            return None;
        };
        self.parse(part, name, raw, parser)
    }

    /// A field that may be left out.
    #[expect(clippy::option_option, reason = "a fault, absent, there")]
    pub(crate) fn optional<T, E: Into<Vec<Objection>>>(
        &mut self,
        name: &'static str,
        parser: impl FnOnce(RawValue<'_>) -> Result<T, E>,
    ) -> Option<Option<T>> {
        match self.find(name) {
            None => Some(None),
            Some((part, raw)) => self.parse(part, name, raw, parser).map(Some),
        }
    }

    /// A field that may be left out or null.
    #[expect(clippy::option_option, reason = "a fault, absent, there")]
    pub(crate) fn nullable<T, E: Into<Vec<Objection>>>(
        &mut self,
        name: &'static str,
        parser: impl FnOnce(RawValue<'_>) -> Result<T, E>,
    ) -> Option<Option<T>> {
        match self.find(name) {
            Some((_, raw)) if raw.is_null() => Some(None),
            _ => self.optional(name, parser),
        }
    }

    /// A list of words that may be left out. A word may be given several times.
    pub(crate) fn words<T>(
        &mut self,
        name: &'static str,
        parser: impl Fn(RawValue<'_>) -> Result<T, Objection>,
    ) -> Option<Vec<T>> {
        let faults_before = self.faults.len();
        let mut words = Vec::new();
        for (part, entries) in &self.sources {
            let raws = entries.words(name);
            if let Err(objection) = check_words(raws.len()) {
                self.faults.push(objection.at(*part, name, None));
                continue;
            }
            for (index, raw) in raws.into_iter().enumerate() {
                match parser(raw) {
                    Ok(word) => words.push(word),
                    Err(objection) => {
                        let value = raw.to_value();
                        let objection = objection.at_index(index, value.as_ref().unwrap_or(&Value::Null));
                        self.faults.push(objection.at(*part, name, None));
                    }
                }
            }
        }
        (self.faults.len() == faults_before).then_some(words)
    }

    /// Adds an objection to a field that could be read, such as one that does not fit another.
    pub(crate) fn object(&mut self, name: &'static str, objection: Objection) {
        let (part, value) = match self.find(name) {
            Some((part, raw)) => (part, raw.to_value()),
            None => (self.expected_in, None),
        };
        self.faults.push(objection.at(part, name, value.as_ref()));
    }

    /// An id in the path, which the handler has found well-formed by then.
    pub(crate) fn id_in_path<I: FromStr>(&self, name: &str) -> Option<I> {
        let (_, text) = self.path?.iter().find(|(key, _)| *key == name)?;
        text.parse().ok()
    }

    /// Objects to a day of a past marker that is later than tomorrow, unless it is the stored one.
    pub(crate) fn check_past_day(&mut self, name: &'static str, day: NaiveDate) {
        let is_ahead = self.today.is_some_and(|today| is_after_tomorrow(day, today));
        if is_ahead && self.stored(name) != Some(day.to_string().as_str()) {
            self.object(name, Objection::past_in_future());
        }
    }

    fn stored(&self, name: &str) -> Option<&'a str> {
        self.stored?.get(name)
    }

    fn find(&self, name: &str) -> Option<(Part, RawValue<'a>)> {
        self.sources
            .iter()
            .find_map(|(part, entries)| entries.get(name).map(|raw| (*part, raw)))
    }

    fn parse<T, E: Into<Vec<Objection>>>(
        &mut self,
        part: Part,
        name: &'static str,
        raw: RawValue<'_>,
        parser: impl FnOnce(RawValue<'_>) -> Result<T, E>,
    ) -> Option<T> {
        let stored = self.stored(name).filter(|stored| raw.as_text() == Some(*stored));
        match parser(stored.map_or(raw, RawValue::Stored)) {
            Ok(value) => Some(value),
            Err(objections) => {
                let faults = objections.into().into_iter();
                self.faults
                    .extend(faults.map(|objection| objection.at(part, name, raw.to_value().as_ref())));
                None
            }
        }
    }
}
