use std::borrow::Cow;
use std::fmt;

use kairos_domain::id::MarkerId;
use kairos_domain::journeys::BatchFault;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// One thing that is wrong with a request. The words of `type` are those of pydantic, which the clients know.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ValidationError, example = json!({
    "type": "less_than_equal",
    "loc": ["body", "coordinates", "coordinates", 0],
    "msg": "Input should be less than or equal to 180",
    "input": 181,
}))]
pub(crate) struct ValidationError {
    /// A stable word for programs.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: &'static str,
    /// Place of the fault: `body`, `query` or `header`, then field names and list indexes.
    #[schema(inline)]
    loc: Vec<Step>,
    /// One sentence for people that says what is wrong.
    #[schema(value_type = String)]
    msg: Cow<'static, str>,
    /// The value that was received, cut if it is long. Absent for secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Value>,
}

// The log shows this text. It omits the input, which may hold anything.
impl fmt::Display for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at ", self.kind)?;
        for (depth, step) in self.loc.iter().enumerate() {
            let dot = if depth > 0 { "." } else { "" };
            match step {
                Step::Name(name) => write!(f, "{dot}{name}")?,
                Step::Index(index) => write!(f, "{dot}{index}")?,
            }
        }
        Ok(())
    }
}

/// The part of a request that an input came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Body,
    Query,
    Header,
}

/// A step on the way to the place of a fault.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Step {
    #[schema(value_type = String)]
    Name(Cow<'static, str>),
    Index(usize),
}

/// A fault that a parser found, without its place in the request.
#[derive(Debug)]
pub(crate) struct Objection {
    kind: &'static str,
    msg: Cow<'static, str>,
    below: Vec<Step>,
    shown: Shown,
}

/// The part of the faulty value that the answer shows.
#[derive(Debug)]
enum Shown {
    /// The whole field.
    Field,
    /// A value inside the field.
    Inner(Value),
    /// Nothing, because the value is secret or absent.
    Nothing,
}

impl Objection {
    pub(super) fn new(kind: &'static str, msg: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            msg: msg.into(),
            below: Vec::new(),
            shown: Shown::Field,
        }
    }

    pub(super) fn no_object() -> Self {
        let msg = "Input should be a valid dictionary or object to extract fields from";
        Self::new("model_attributes_type", msg)
    }

    /// Returns an objection to a value of the right type that breaks a rule of this service.
    pub(crate) fn value(msg: &'static str) -> Self {
        Self::new("value_error", format!("Value error, {msg}"))
    }

    /// Returns the objection to a past marker whose day is later than tomorrow.
    pub(crate) fn past_in_future() -> Self {
        Self::value("a past marker must not be later than tomorrow")
    }

    pub(crate) fn too_many(subject: &str, most: usize) -> Self {
        Self {
            shown: Shown::Nothing,
            ..Self::new("too_long", format!("{subject} should have at most {most} items"))
        }
    }

    /// Returns the objection to a value that is neither a list nor a collection of features.
    pub(crate) fn no_list_of_positions() -> Self {
        Self::new(
            "list_type",
            "Input should be a valid list, or a GeoJSON FeatureCollection",
        )
    }

    pub(crate) fn repeated_id() -> Self {
        Self {
            shown: Shown::Nothing,
            ..Self::value("each _id may occur once")
        }
    }

    pub(crate) fn missing() -> Self {
        Self {
            shown: Shown::Nothing,
            ..Self::new("missing", "Field required")
        }
    }

    /// Returns the sentence of the fault.
    pub(crate) fn msg(&self) -> &str {
        &self.msg
    }

    /// Hides the value: answers never repeat passwords or tokens.
    pub(super) fn secret(mut self) -> Self {
        self.shown = Shown::Nothing;
        self
    }

    /// Places the objection at a named member of the value.
    pub(super) fn in_field(mut self, name: &'static str, value: Option<&Value>) -> Self {
        self.below.insert(0, Step::Name(name.into()));
        self.show(value);
        self
    }

    /// Places the objection at an item of the value.
    pub(super) fn at_index(mut self, index: usize, value: &Value) -> Self {
        self.below.insert(0, Step::Index(index));
        self.show(Some(value));
        self
    }

    fn show(&mut self, value: Option<&Value>) {
        if let (Shown::Field, Some(value)) = (&self.shown, value) {
            self.shown = Shown::Inner(excerpt(value));
        }
    }

    /// Converts the objection to a validation error at a field of a request.
    pub(crate) fn at(
        self,
        part: Part,
        field: impl Into<Cow<'static, str>>,
        value: Option<&Value>,
    ) -> ValidationError {
        let mut loc = vec![part.step(), Step::Name(field.into())];
        loc.extend(self.below);
        let input = match self.shown {
            Shown::Field => value.map(excerpt),
            Shown::Inner(value) => Some(value),
            Shown::Nothing => None,
        };
        ValidationError {
            kind: self.kind,
            loc,
            msg: self.msg,
            input,
        }
    }

    /// Converts the objection to a validation error of a whole part of a request.
    pub(crate) fn of_whole(self, part: Part, value: Option<&Value>) -> ValidationError {
        ValidationError {
            kind: self.kind,
            loc: vec![part.step()],
            msg: self.msg,
            input: value.map(excerpt),
        }
    }
}

impl From<Objection> for Vec<Objection> {
    fn from(objection: Objection) -> Self {
        vec![objection]
    }
}

impl ValidationError {
    /// Returns the error of a patch that would leave a past marker later than tomorrow.
    pub(crate) fn past_in_future() -> Self {
        Objection::past_in_future().at(Part::Body, "timestamp", None)
    }

    /// Returns the error of a body that is no JSON object.
    ///
    /// The error does not show the value: without field names, any part of it may be a secret.
    pub(crate) fn no_object() -> Self {
        let msg = "Input should be a valid dictionary or object to extract fields from";
        Objection::new("model_attributes_type", msg).of_whole(Part::Body, None)
    }

    /// Returns the error of an item of a batch.
    pub(crate) fn of_batch(fault: BatchFault) -> Self {
        match fault {
            BatchFault::UnknownPut(index, id) => Self::unknown_marker("put", index, id),
            BatchFault::UnknownDelete(index, id) => Self::unknown_marker("delete", index, id),
            BatchFault::PastInFuture(index) => Self::past_in_future().inside("put", index),
        }
    }

    fn unknown_marker(list: &'static str, index: usize, id: MarkerId) -> Self {
        let id = Value::String(id.to_string());
        let objection = Objection::new("unknown_marker", "the journey has no such marker");
        let objection = match list {
            "put" => objection.in_field("_id", Some(&id)),
            _ => objection,
        };
        objection.at_index(index, &id).at(Part::Body, list, None)
    }

    /// Moves the error to an item of a list.
    pub(super) fn inside(mut self, list: &'static str, index: usize) -> Self {
        // The first step is the part of the request.
        let at = self.loc.len().min(1);
        self.loc
            .splice(at..at, [Step::Name(list.into()), Step::Index(index)]);
        self
    }

    /// Returns the error of a body that is no list of positions.
    pub(crate) fn no_positions(objection: Objection) -> Self {
        objection.of_whole(Part::Body, None)
    }

    /// Returns the error of a page that starts after an item that is not in the list.
    pub(crate) fn not_in_list(field: &'static str) -> Self {
        Objection::value("not in this list").at(Part::Query, field, None)
    }
}

impl Part {
    const fn step(self) -> Step {
        Step::Name(Cow::Borrowed(match self {
            Self::Body => "body",
            Self::Query => "query",
            Self::Header => "header",
        }))
    }
}

/// The most characters of a text that an answer repeats.
const LONGEST_TEXT: usize = 200;

/// Returns a value for an answer, cut so that a large input does not make a large answer.
fn excerpt(value: &Value) -> Value {
    match value {
        Value::String(text) => cut(text).map_or_else(|| value.clone(), Value::String),
        Value::Array(_) | Value::Object(_) => {
            cut(&value.to_string()).map_or_else(|| value.clone(), Value::String)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// Returns the start of a text that is too long, or `None` if the text is short enough.
fn cut(text: &str) -> Option<String> {
    let (end, _) = text.char_indices().nth(LONGEST_TEXT)?;
    text.get(..end).map(|beginning| format!("{beginning}…"))
}
