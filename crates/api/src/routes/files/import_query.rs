use kairos_formats::assign::TakeAs;
use utoipa::ToSchema;

use crate::extract::{Fields, parsers};

/// The use of the lines and waypoints of a file.
#[derive(Clone, Copy, ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "describes the words of `read_take_as`")]
pub(crate) enum ImportAs {
    Auto,
    Plan,
    Past,
}

const WORDS: [(&str, TakeAs); 3] = [
    ("auto", TakeAs::Auto),
    ("plan", TakeAs::Plan),
    ("past", TakeAs::Past),
];

/// Reads the query parameter `as`.
pub(super) fn read_take_as(fields: &mut Fields<'_>) -> Option<TakeAs> {
    fields
        .optional("as", parsers::one_of(&WORDS))
        .map(Option::unwrap_or_default)
}
