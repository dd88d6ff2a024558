//! Recovery codes: ten of them, each good for one sign-in without the app.

/// Codes that an account gets.
pub const COUNT: usize = 10;
/// Letters and digits that cannot be taken for one another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of a code: 60 bits.
const LENGTH: usize = 12;

/// A new code, written `abcdef-ghjkmn`.
#[must_use]
pub fn generate() -> String {
    let mut bytes = [0; LENGTH];
    crate::keys::random::fill(&mut bytes);
    let mut code: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect();
    code.insert(LENGTH / 2, '-');
    code
}

/// A code as typed, brought to the form that is digested: case, hyphens and spaces do not count. None if it is no
/// recovery code (a one-time code has six digits).
#[must_use]
pub fn normalize(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| !matches!(c, '-' | ' '))
        .take(LENGTH + 1)
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect();
    let whole = code.len() == LENGTH && code.bytes().all(|b| ALPHABET.contains(&b));
    whole.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_comes_to_what_was_made() {
        let code = generate();
        assert_eq!(code.len(), LENGTH + 1);
        let plain = code.replace('-', "");
        assert_eq!(normalize(&code), Some(plain.clone()));
        assert_eq!(normalize(&code.to_uppercase().replace('-', " ")), Some(plain));
        assert_eq!(normalize("123456"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = normalize(&text);
        }
    }
}
