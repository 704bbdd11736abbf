//! Names and descriptions within the domain's bounds.

use kairos_domain::text::{Name, Prose};

use crate::FileLine;

/// The name of a journey whose file has none.
const DEFAULT_NAME: &str = "Imported journey";

pub(super) fn name(own: Option<&str>, lines: &[FileLine], file_name: Option<&str>) -> Name {
    let mut names = lines.iter().filter_map(|line| line.name.as_deref());
    let of_the_only_line = names.next().filter(|first| names.all(|name| name == *first));
    let candidates = [own, of_the_only_line, file_name.map(stem)];
    candidates
        .into_iter()
        .flatten()
        .find_map(cut_name)
        .unwrap_or_else(|| Name::stored(DEFAULT_NAME.into()))
}

/// Returns a file name without its folders and its ending.
fn stem(file_name: &str) -> &str {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

pub(super) fn cut_name(text: &str) -> Option<Name> {
    let end = text
        .char_indices()
        .nth(Name::MAX_CHARS)
        .map_or(text.len(), |(end, _)| end);
    Name::parse(text.get(..end).unwrap_or_default()).ok()
}

pub(super) fn prose(text: &str) -> Prose {
    // The reader cut the text already.
    Prose::parse(text).unwrap_or_default()
}
