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

/// A type that is read from the fields of a request.
pub(crate) trait Input: Sized {
    /// Reads every field, even after a fault, so that all faults are found.
    ///
    /// Returns `None` if a field is at fault; `fields` has recorded the fault.
    fn read(fields: &mut Fields<'_>) -> Option<Self>;
}

/// The fields of a request, and the faults found so far.
///
/// The reading methods return `None` for a faulty field and `Some` for a valid one. Callers apply `?` only
/// after all fields are read.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    sources: Vec<(Part, &'a Entries)>,
    /// The part of the request in which a missing field is reported.
    expected_in: Part,
    path: Option<&'a RawPathParams>,
    stored: Option<&'a StoredTexts>,
    /// The current day in UTC.
    today: Option<NaiveDate>,
    faults: Vec<ValidationError>,
}

impl<'a> Fields<'a> {
    /// Creates the fields. Lookups try the sources in this order.
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

    /// Sets the stored texts, which parsers accept unchecked.
    pub(super) fn of_stored(self, stored: &'a StoredTexts) -> Self {
        Self {
            stored: Some(stored),
            ..self
        }
    }

    /// Sets the current day, which limits the days of past markers.
    pub(super) fn on(self, today: NaiveDate) -> Self {
        Self {
            today: Some(today),
            ..self
        }
    }

    /// Reads an input, or returns all of its faults.
    pub(super) fn finish<T: Input>(mut self) -> Result<T, ApiError> {
        let input = T::read(&mut self);
        match input {
            Some(input) if self.faults.is_empty() => Ok(input),
            _ => Err(ApiError::validation(self.faults)),
        }
    }

    /// Reads a field that must be present.
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

    /// Reads a field that may be absent.
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

    /// Reads a field that may be absent or null.
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

    /// Reads a list of values in JSON, which may be absent.
    pub(crate) fn list<T>(
        &mut self,
        name: &'static str,
        parser: impl Fn(RawValue<'_>) -> Result<T, Objection>,
    ) -> Option<Vec<T>> {
        let (part, items) = self.array(name)?;
        let faults_before = self.faults.len();
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match parser(RawValue::Json(item)) {
                Ok(value) => values.push(value),
                Err(objection) => {
                    let objection = objection.at_index(index, item);
                    self.faults.push(objection.at(part, name, None));
                }
            }
        }
        (self.faults.len() == faults_before).then_some(values)
    }

    /// Reads a list of objects in JSON, which may be absent.
    pub(crate) fn items<T: Input>(&mut self, name: &'static str) -> Option<Vec<T>> {
        let (part, items) = self.array(name)?;
        let faults_before = self.faults.len();
        let mut inputs = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let Value::Object(object) = item else {
                let objection = Objection::no_object().at_index(index, item);
                self.faults.push(objection.at(part, name, None));
                continue;
            };
            let id = object.get("_id").and_then(Value::as_str);
            let entries = Entries::Json(object.clone());
            let mut fields = Fields {
                sources: vec![(part, &entries)],
                expected_in: part,
                path: self.path,
                stored: self.stored.and_then(|stored| stored.of_item(id?)),
                today: self.today,
                faults: Vec::new(),
            };
            inputs.extend(T::read(&mut fields));
            let faults = fields.faults.into_iter();
            self.faults.extend(faults.map(|fault| fault.inside(name, index)));
        }
        (self.faults.len() == faults_before).then_some(inputs)
    }

    /// Returns the number of items of a list in JSON.
    pub(crate) fn count(&self, name: &str) -> usize {
        match self.find(name) {
            Some((_, RawValue::Json(Value::Array(items)))) => items.len(),
            _ => 0,
        }
    }

    fn array(&mut self, name: &'static str) -> Option<(Part, &'a [Value])> {
        match self.find(name) {
            None => Some((self.expected_in, &[])),
            Some((part, RawValue::Json(Value::Array(items)))) => Some((part, items)),
            Some(_) => {
                self.object(name, Objection::new("list_type", "Input should be a valid list"));
                None
            }
        }
    }

    /// Reads a list of words, which may be absent. A word may occur several times.
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

    /// Adds an objection to a field that was read, such as a conflict with another field.
    pub(crate) fn object(&mut self, name: &'static str, objection: Objection) {
        let (part, value) = match self.find(name) {
            Some((part, raw)) => (part, raw.to_value()),
            None => (self.expected_in, None),
        };
        self.faults.push(objection.at(part, name, value.as_ref()));
    }

    /// Adds an objection to an item of a list that was read, or to a field of the item.
    pub(crate) fn object_to_item(
        &mut self,
        list: &'static str,
        index: usize,
        field: Option<&'static str>,
        objection: Objection,
    ) {
        let objection = match field {
            Some(field) => objection.in_field(field, None),
            None => objection,
        };
        let fault = objection
            .at_index(index, &Value::Null)
            .at(self.expected_in, list, None);
        self.faults.push(fault);
    }

    /// Returns an id in the path. The `Path` of the handler has already checked its form.
    pub(crate) fn id_in_path<I: FromStr>(&self, name: &str) -> Option<I> {
        let (_, text) = self.path?.iter().find(|(key, _)| *key == name)?;
        text.parse().ok()
    }

    /// Adds an objection to a past marker's day later than tomorrow, unless that day is stored.
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
