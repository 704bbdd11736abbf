//! Names without differences of case, diacritics and punctuation.
//!
//! The build and the search fold alike.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Returns a name in lower case, without diacritics, with one space for each run of other characters.
///
/// Letters that Unicode doesn't decompose, such as `ø` and `ß`, become the letters that people type for them.
pub(crate) fn folded(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    let letters = name.nfkd().filter(|letter| !is_combining_mark(*letter));
    for letter in letters.flat_map(char::to_lowercase) {
        match letter {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            'ł' => folded.push('l'),
            // Some languages write these inside of words.
            '\'' | '’' | 'ʼ' | 'ʻ' | '`' => {}
            letter if letter.is_alphanumeric() => folded.push(letter),
            // `to_lowercase` makes a combining mark of the dot of `İ`.
            mark if is_combining_mark(mark) => {}
            _ if folded.is_empty() || folded.ends_with(' ') => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}
