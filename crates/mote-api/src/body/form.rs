//! `application/x-www-form-urlencoded`, with the brackets that make a form a tree: `account_info[first_name]=Ada`,
//! `ids[]=1&ids[]=2`.

use serde_json::{Map, Value};

use crate::ApiError;

/// Fields of a form at most; devices to import are many.
const MOST_FIELDS: usize = 100_100;
/// Brackets behind a name at most.
const DEEPEST: usize = 4;

/// The fields of a form, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Reads a form.
    pub fn parse(bytes: &[u8]) -> Result<Self, ApiError> {
        Self::read("form", bytes)
    }

    /// Reads the query of an address, which is written as forms are.
    pub fn of_query(query: &str) -> Result<Self, ApiError> {
        Self::read("query", query.as_bytes())
    }

    fn read(what: &str, bytes: &[u8]) -> Result<Self, ApiError> {
        let decoded = || form_urlencoded::parse(bytes);
        // The decoder puts U+FFFD for what is not UTF-8; a caller who means it can send that in JSON.
        if decoded().any(|(name, value)| name.contains('\u{FFFD}') || value.contains('\u{FFFD}')) {
            return Err(ApiError::bad_request(format_args!("The {what} is not UTF-8")));
        }
        if decoded().any(|(name, value)| name.contains('\0') || value.contains('\0')) {
            return Err(super::has_nul(what));
        }
        let pairs: Vec<_> =
            decoded().take(MOST_FIELDS + 1).map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
        if pairs.len() > MOST_FIELDS {
            return Err(ApiError::bad_request(format_args!("The {what} has more than {MOST_FIELDS} fields")));
        }
        Ok(Self(pairs))
    }

    /// The value of a field that may come once.
    pub fn get(&self, name: &str) -> Result<Option<&str>, ApiError> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() { Err(twice(name)) } else { Ok(first) }
    }

    /// Those that have a value.
    pub fn filled(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(_, value)| !value.is_empty())
    }

    /// The form as a tree. A field twice is refused (RFC 6749 section 3.1: parameters must not repeat), unless its name
    /// ends in `[]`.
    pub fn into_object(self) -> Result<Map<String, Value>, ApiError> {
        let mut object = Map::new();
        for (name, value) in self.0 {
            let (root, brackets) = name.split_at(name.find('[').unwrap_or(name.len()));
            let path = inner_names(brackets).ok_or_else(|| malformed(&name))?;
            put(&mut object, root, &path, value).ok_or_else(|| twice(&name))?;
        }
        Ok(object)
    }
}

/// `[a][b]` to `a`, `b`; none where it is not that.
fn inner_names(brackets: &str) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut rest = brackets;
    while !rest.is_empty() {
        let (name, behind) = rest.strip_prefix('[')?.split_once(']')?;
        names.push(name);
        rest = behind;
    }
    (names.len() <= DEEPEST).then_some(names)
}

/// Puts a value where its name says; none where something stands there already, or something else than a tree.
fn put(object: &mut Map<String, Value>, name: &str, path: &[&str], value: String) -> Option<()> {
    match path {
        [] if object.contains_key(name) => None,
        [] => {
            object.insert(name.to_owned(), Value::String(value));
            Some(())
        }
        [""] => {
            let list = object.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut()?.push(Value::String(value));
            Some(())
        }
        [inner, rest @ ..] => {
            let tree = object.entry(name).or_insert_with(|| Value::Object(Map::new()));
            put(tree.as_object_mut()?, inner, rest, value)
        }
    }
}

fn shown(name: &str) -> String {
    name.chars().filter(char::is_ascii_graphic).take(40).collect()
}

fn twice(name: &str) -> ApiError {
    ApiError::bad_request(format_args!("{} comes more than once; send it once", shown(name)))
}

fn malformed(name: &str) -> ApiError {
    ApiError::bad_request(format_args!("{} is not a well-formed field name", shown(name)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(form: &str) -> Option<Value> {
        Pairs::parse(form.as_bytes()).ok()?.into_object().ok().map(Value::Object)
    }

    #[test]
    fn brackets_make_a_tree() {
        assert_eq!(
            object("a=1&account_info[first_name]=Ada+L&account_info[x][y]=2&ids[]=p&ids[]=q").unwrap(),
            json!({"a": "1", "account_info": {"first_name": "Ada L", "x": {"y": "2"}}, "ids": ["p", "q"]})
        );
        assert_eq!(object("").unwrap(), json!({}));
    }

    #[test]
    fn what_is_ambiguous_is_refused() {
        for form in [
            "a=1&a=2",
            "a=1&a[b]=2",
            "a[b]=1&a[b]=2",
            "a[b=1",
            "a[b]c=1",
            "a[1][2][3][4][5]=1",
            "a=%ff",
            "a=%00",
            "a%00=1",
            "ids[]=1&ids[x]=2",
        ] {
            assert_eq!(object(form), None, "{form}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = Pairs::parse(&bytes).and_then(Pairs::into_object);
        }

        #[test]
        fn plain_fields_come_back(fields in proptest::collection::btree_map("[a-z_]{1,8}", "[^\u{FFFD}\0]{0,20}", 0..8)) {
            let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
            let expected: Map<_, _> = fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
            proptest::prop_assert_eq!(object(&form), Some(Value::Object(expected)));
        }
    }
}
