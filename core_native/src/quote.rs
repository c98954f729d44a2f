//! Texts of others in errors: whole where they are short, else their first characters.

use std::borrow::Cow;

/// Most characters of a text that an error shows.
pub const MAX_SHOWN: usize = 60;

/// The text, or its first characters with dots behind them.
pub fn shortened(text: &str) -> Cow<'_, str> {
    match start(text) {
        start if start.len() < text.len() => Cow::Owned(format!("{start}...")),
        whole => Cow::Borrowed(whole),
    }
}

/// The same in quotes, the dots outside, with what cannot be printed escaped.
pub fn quoted(text: &str) -> String {
    let start = start(text);
    let rest = if start.len() < text.len() { "..." } else { "" };
    format!("{start:?}{rest}")
}

/// The first characters of a text, all of a short one.
pub fn start(text: &str) -> &str {
    text.char_indices().nth(MAX_SHOWN).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        let (short, long) = ("\u{e9}".repeat(MAX_SHOWN), "\u{e9}".repeat(MAX_SHOWN + 1));
        assert_eq!(shortened(&short), short);
        assert_eq!(shortened(&long), format!("{short}..."));
        assert_eq!(quoted(&short), format!("{short:?}"));
        assert_eq!(quoted(&long), format!("{short:?}..."));
        assert_eq!(quoted("a\nb"), "\"a\\nb\"");
    }
}
