//! How a scope is refused that nobody knows.

use super::SCOPE_NAMES;
use crate::Error;

/// That there is no such scope, with those that are likest to it: of the same word, or else the words.
pub(super) fn unknown_scope(name: &str) -> Error {
    let word_of = |scope: &str| scope.trim().split(['.', ':']).next().unwrap_or_default().to_owned();
    let word = word_of(name);
    let of_word: Vec<_> = SCOPE_NAMES.into_iter().filter(|known| word_of(known) == word).collect();
    let known = if of_word.is_empty() {
        let mut words: Vec<_> = SCOPE_NAMES.into_iter().map(word_of).collect();
        words.dedup();
        format!("a scope is a word and a deed, such as devices:list, and the words are {}", words.join(", "))
    } else {
        format!("of {word} there are {}", of_word.join(", "))
    };
    Error::invalid("scopes", format!("do not include {}; {known}", quoted(name)))
}

/// Characters of a quoted value at most.
const LONGEST_QUOTE: usize = 40;

/// What somebody sent, for a sentence: its beginning, and what cannot be seen written as escapes.
fn quoted(text: &str) -> String {
    let start: String = text.chars().take(LONGEST_QUOTE).collect();
    let rest = if start.len() < text.len() { "…" } else { "" };
    format!("\"{}{rest}\"", start.escape_debug())
}

#[cfg(test)]
mod tests {
    use crate::authorization::Scopes;

    #[test]
    fn a_refusal_names_what_is_unknown() {
        let told = |name: &str| Scopes::parse(&["devices:list".into(), name.into()]).unwrap_err().to_string();
        let near = told("sims:lst");
        assert!(near.starts_with("scopes: do not include \"sims:lst\"; of sims there are sims"), "{near}");
        let far = told("foo:bar");
        assert!(far.contains("\"foo:bar\"") && far.contains("the words are audit, clients, "), "{far}");
        assert!(told("a\n\u{202e}\"").contains(r#""a\n\u{202e}\"""#), "{}", told("a\n\u{202e}\""));
        let long = told(&"é".repeat(5000));
        assert!(long.contains(&format!("\"{}…\"", "é".repeat(40))) && long.len() < 600, "{long}");
        assert!(Scopes::parse(&[]).unwrap_err().to_string().contains("at least one"));
    }
}
