//! What nobody may see of an answer: values of secrets, and credentials that a receiver repeats.

use memchr::memmem::Finder;
use zeroize::Zeroizing;

use super::settings::MASK;

/// Texts that are masked wherever they stand.
#[derive(Debug, Default)]
pub(super) struct Redaction(Zeroizing<Vec<String>>);

impl Redaction {
    /// Of these texts, as they are and as JSON has them within its quotes.
    pub(super) fn of(texts: impl IntoIterator<Item = String>) -> Self {
        let mut all = Vec::new();
        for text in texts.into_iter().filter(|text| !text.is_empty()) {
            let escaped = within_quotes(&text);
            // Some write a solidus with a backslash before it (RFC 8259 section 7).
            let solidus = escaped.replace('/', "\\/");
            all.extend([solidus, escaped, text]);
        }
        // Of those that begin at the same place the longest is masked, so that no end of it is left.
        all.sort_unstable_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        all.dedup();
        Self(Zeroizing::new(all))
    }

    /// Whether there is nothing to mask.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text without them.
    pub(super) fn text(&self, text: String) -> String {
        if self.is_empty() {
            return text;
        }
        // What is masked begins and ends between characters.
        String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned()
    }

    /// The same of bytes that may be no text. What was masked is not looked at again.
    pub(super) fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let finders: Vec<_> = self.0.iter().map(|text| Finder::new(text.as_bytes())).collect();
        let find = |finder: &Finder, from: usize| finder.find(&bytes[from..]).map(|at| from + at);
        // Where each stands next.
        let mut next: Vec<_> = finders.iter().map(|finder| find(finder, 0)).collect();
        let (mut masked, mut done) = (Vec::with_capacity(bytes.len()), 0);
        // Of several at one place the first, which is the longest.
        let earliest = |next: &[Option<usize>]| {
            let places = next.iter().zip(&finders);
            places.filter_map(|(at, finder)| Some(((*at)?, finder.needle().len()))).min_by_key(|(at, _)| *at)
        };
        while let Some((at, length)) = earliest(&next) {
            masked.extend_from_slice(&bytes[done..at]);
            masked.extend_from_slice(MASK.as_bytes());
            done = at + length;
            for (finder, next) in finders.iter().zip(&mut next) {
                if next.is_some_and(|at| at < done) {
                    *next = find(finder, done);
                }
            }
        }
        masked.extend_from_slice(&bytes[done..]);
        masked
    }
}

/// A text as JSON has it, without the quotes around it.
fn within_quotes(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(hidden: &[&str], text: &str) -> String {
        Redaction::of(hidden.iter().copied().map(str::to_owned)).text(text.to_owned())
    }

    #[test]
    fn all_of_what_is_hidden_is_masked() {
        assert_eq!(redacted(&[], "as it is"), "as it is");
        assert_eq!(redacted(&["", "key"], "my key, your key"), "my [[SENSITIVE]], your [[SENSITIVE]]");
        // The longest, whichever came first.
        assert_eq!(redacted(&["s3cret", "s3cret-and-more"], "s3cret-and-more"), "[[SENSITIVE]]");
        assert_eq!(redacted(&["ab", "bcd"], "abcd bcd"), "[[SENSITIVE]]cd [[SENSITIVE]]");
        assert_eq!(redacted(&["ü"], "für"), "f[[SENSITIVE]]r");
    }

    #[test]
    fn json_hides_nothing_by_its_escapes() {
        let hidden = "a\"b/c\\d";
        let json = serde_json::json!({ "said": hidden }).to_string();
        assert_eq!(redacted(&[hidden], &json), r#"{"said":"[[SENSITIVE]]"}"#);
        assert_eq!(redacted(&[hidden], &json.replace('/', "\\/")), r#"{"said":"[[SENSITIVE]]"}"#);
    }

    #[test]
    fn what_is_no_text_is_looked_into_too() {
        let redaction = Redaction::of(["key".to_owned()]);
        assert_eq!(redaction.bytes(b"\xffkey\xfe"), b"\xff[[SENSITIVE]]\xfe");
    }

    #[test]
    fn a_mask_is_not_masked_again() {
        let hidden = (0..200).map(|number| "SENSITIVE"[..=number % 9].to_owned());
        let masked = Redaction::of(hidden).text("SENSITIVE".repeat(1000));
        assert_eq!(masked, MASK.repeat(1000));
    }

    proptest::proptest! {
        #[test]
        fn nothing_of_it_is_left(hidden in proptest::collection::vec("[a-c]{1,3}", 1..5), text in "[a-d]{0,40}") {
            let masked = redacted(&hidden.iter().map(String::as_str).collect::<Vec<_>>(), &text);
            let rest = masked.replace(MASK, "|");
            proptest::prop_assert!(hidden.iter().all(|hidden| !rest.contains(hidden.as_str())), "{}", rest);
        }
    }
}
