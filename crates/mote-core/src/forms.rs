//! Values as forms bring them: all of them are text.

use serde_json::{Map, Value};

/// True or false, in JSON or as a form has it.
pub(crate) fn as_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text == "true" => Some(true),
        Value::String(text) if text == "false" => Some(false),
        _ => None,
    }
}

/// Makes of a field that is to be true or false what it is, where a form brought its text.
pub(crate) fn read_bool(fields: &mut Map<String, Value>, name: &str) {
    if let Some(value) = fields.get_mut(name) {
        *value = as_bool(value).map_or_else(|| value.take(), Value::Bool);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_that_says_true_or_false_is_read_and_nothing_else() {
        for (given, kept) in [
            (json!("false"), json!(false)),
            (json!("true"), json!(true)),
            (json!(true), json!(true)),
            (json!("yes"), json!("yes")),
            (json!(1), json!(1)),
        ] {
            let mut fields =
                Map::from_iter([("a".to_owned(), given.clone()), ("b".to_owned(), given.clone())]);
            read_bool(&mut fields, "a");
            read_bool(&mut fields, "c");
            assert_eq!(Value::Object(fields), json!({"a": kept, "b": given}));
        }
    }
}
