use serde_json::json;

use super::*;

fn compiled(schema: &Value) -> Compiled {
    Compiled::new(schema).unwrap_or_else(|rejection| panic!("{rejection}"))
}

fn said(values: &Value, schema: &Value) -> String {
    match compiled(schema).check(values.as_object().unwrap()) {
        Ok(()) => "fits".into(),
        Err(rejection) => rejection.to_string(),
    }
}

fn refused(schema: &Value) -> String {
    match Compiled::new(schema) {
        Ok(_) => "fits".into(),
        Err(rejection) => rejection.to_string(),
    }
}

#[test]
fn the_keywords_are_sorted_and_each_once() {
    assert!(KEYWORDS.is_sorted() && KEYWORDS.windows(2).all(|pair| pair[0] != pair[1]));
}

/// Contract: Configuration-SetProductConfigSchema.
#[test]
fn the_documented_schema_is_taken_and_its_unknown_key_refused_as_documented() {
    let mut schema = json!({
        "$schema": "https://particle.io/draft-07/schema#", "type": "object", "title": "Fake Custom Schema",
        "description": "A customized JSON schema for testing", "required": ["foo"],
        "properties": {
            "foo": {"$id": "#/properties/foo", "type": "integer", "title": "Foo", "default": 1, "examples": [1, 2, 3], "minimum": 0},
            "bar": {"$id": "#/properties/bar", "type": "string", "title": "Bar", "default": "", "examples": ["one"]}
        }
    });
    assert_eq!(said(&json!({"foo": 1, "bar": "x"}), &schema), "fits");
    assert_eq!(said(&json!({"foo": 1.5}), &schema), "data.foo should be integer");
    assert_eq!(
        said(&json!({"foo": -1, "bar": 2}), &schema),
        "data.bar should be string, data.foo should be >= 0"
    );
    assert_eq!(said(&json!({}), &schema), "data should have required property 'foo'");
    schema["nope"] = json!(true);
    let rejection = Compiled::new(&schema).unwrap_err();
    assert_eq!(rejection.message, "Invalid Schema");
    assert_eq!(rejection.to_string(), "data should NOT have additional properties");
    let [violation] = rejection.violations.as_slice() else { panic!("{rejection:?}") };
    assert_eq!((violation.keyword.as_str(), violation.data_path.as_str()), ("additionalProperties", ""));
    assert_eq!(violation.schema_path, "#/additionalProperties");
    assert_eq!(Value::Object(violation.params.clone()), json!({"additionalProperty": "nope"}));
}

#[test]
fn messages_point_at_the_place() {
    let schema = json!({
        "definitions": {"name": {"type": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-z]+$"}},
        "additionalProperties": false,
        "properties": {
            "list": {"type": "array", "maxItems": 3, "uniqueItems": true, "items": {"$ref": "#/definitions/name"}},
            "odd key": {"enum": ["on", "off"]},
            "n": {"type": ["integer", "null"], "exclusiveMaximum": 10, "multipleOf": 5},
            "mail": {"format": "email"},
            "never": false,
            "one": {"oneOf": [{"type": "integer"}, {"minimum": 3}]}
        }
    });
    for (values, expected) in [
        (json!({"list": ["ab", "x"]}), "data.list[1] should NOT be shorter than 2 characters"),
        (json!({"list": ["abcde"]}), "data.list[0] should NOT be longer than 4 characters"),
        (json!({"list": ["A1"]}), "data.list[0] should match pattern \"^[a-z]+$\""),
        (json!({"list": ["ab", "ab"]}), "data.list should NOT have duplicate items"),
        (json!({"list": ["aa", "bb", "cc", "dd"]}), "data.list should NOT have more than 3 items"),
        (json!({"odd key": 1}), "data['odd key'] should be equal to one of the allowed values"),
        (json!({"n": "x"}), "data.n should be null,integer"),
        (json!({"n": 10}), "data.n should be < 10"),
        (json!({"n": 4}), "data.n should be multiple of 5"),
        (json!({"mail": "nobody"}), "data.mail should match format \"email\""),
        (json!({"never": 1}), "data.never should not be there"),
        (json!({"one": 4}), "data.one should match exactly one schema in oneOf"),
        (json!({"other": 4}), "data should NOT have additional properties"),
    ] {
        assert_eq!(said(&values, &schema), expected, "{values}");
    }
    let secret = json!({"properties": {"a": {"maxLength": 3, "not": {"const": "hunter2"}}}});
    assert!(!said(&json!({"a": "hunter2"}), &secret).contains("hunter2"));
}

#[test]
fn schemas_that_are_none_are_refused_with_their_place() {
    for (schema, expected) in [
        (json!({"type": "thing"}), "data.type "),
        (json!({"properties": {"a": {"minimum": "0"}}}), "data.properties.a.minimum should be number"),
        (json!({"required": "a"}), "data.required should be array"),
        (
            json!({"properties": {"a": {"pattern": "("}}}),
            "data.properties.a.pattern should match format \"regex\"",
        ),
        (json!({"properties": {"a": {"$ref": "http://localhost:1/x"}}}), "data.properties.a $ref refers to"),
        (json!({"allOf": [{"$ref": "#"}]}), "data.allOf[0] $ref comes back to itself"),
    ] {
        let text = refused(&schema);
        assert!(text.starts_with(expected), "{schema}: {text}");
    }
    let large = json!({"description": "x".repeat(MOST_BYTES)});
    assert!(refused(&large).contains("bytes"));
}

/// The engine has no backtracking: what it cannot do without is refused, and what is slow elsewhere is quick.
#[test]
fn hostile_patterns_are_refused_or_harmless() {
    for pattern in ["(?=a)b", "(a)\\1", "((a{1000}){1000}){1000}", "[a-z]{60000}"] {
        assert_ne!(refused(&json!({"properties": {"a": {"pattern": pattern}}})), "fits", "{pattern}");
    }
    let schema =
        json!({"properties": {"a": {"pattern": "^(a+)+$"}, "b": {"pattern": "^(([a-z])+.)+[A-Z]([a-z])+$"}}});
    let text = format!("{}!", "a".repeat(10_000));
    let began = std::time::Instant::now();
    assert!(said(&json!({"a": text, "b": text}), &schema).contains("should match pattern"));
    assert!(began.elapsed().as_secs() < 5);
}

#[test]
fn work_is_bounded_whatever_the_values() {
    let part = json!({"type": "integer"});
    let schema = json!({"properties": {"list": {"items": {"allOf": vec![part; 1000]}}}});
    let list = |length: usize| json!({"list": vec![Value::from("x"); length]});
    let few = compiled(&schema).check(list(50).as_object().unwrap()).unwrap_err();
    assert_eq!(few.violations.len(), MOST_TOLD);
    let some = compiled(&schema).check(list(1500).as_object().unwrap()).unwrap_err();
    assert_eq!(some.violations.len(), 1, "beyond some work the first is told of");
    let many = compiled(&schema).check(list(5000).as_object().unwrap()).unwrap_err();
    assert!(many.to_string().contains("so many values"));
}

/// Violations are kept until they are told of, each with its place and those of all alternatives.
#[test]
fn what_telling_takes_is_bounded_whatever_the_names_and_alternatives() {
    let text = json!({"type": "string"});
    let list = json!({"additionalProperties": {"items": {"allOf": vec![&text; 10]}}});
    let named = |length: usize| json!({"n".repeat(length): vec![0; 1000]});
    let told = |schema: &Value, values: &Value| {
        compiled(schema).check(values.as_object().unwrap()).unwrap_err().violations.len()
    };
    assert_eq!(told(&list, &named(10)), MOST_TOLD);
    assert_eq!(told(&list, &named(10_000)), 1, "a thousand places of ten thousand bytes");
    let alternatives = json!({"properties": {"list": {"anyOf": [{"items": {"allOf": vec![&text; 200]}}]}}});
    let schema = compiled(&alternatives);
    let check = |value: Value| schema.check(json!({"list": vec![value; 5000]}).as_object().unwrap());
    assert!(check(json!("x")).is_ok());
    let refused = check(json!(0)).unwrap_err().to_string();
    assert_eq!(refused, "data should match the schema; there is too much of both to tell where it does not");
    for within in [json!({"properties": {"n".repeat(60_000): {"items": vec![0; 20_000]}}}), {
        let parts: Map<_, _> = (0..5000).map(|n| (format!("p{n}"), json!({}))).collect();
        json!({"definitions": {"n".repeat(60_000): {"definitions": parts}}})
    }] {
        assert_eq!(self::refused(&within), "data should NOT have such long names with so much within them");
    }
}

proptest::proptest! {
    /// Whatever a schema says: an answer, in time, and never a panic.
    #[test]
    fn no_schema_makes_it_panic(
        keyword in proptest::sample::select(&KEYWORDS[..]),
        inner in proptest::sample::select(&KEYWORDS[..]),
        text in "[a-z#/$(){}*\\[\\]\\\\0-9]{0,12}",
        number in -3_i64..70,
    ) {
        let texts = [json!(text), json!(number), json!([text]), json!([{inner: text}]), json!({inner: number})];
        let mut nested: Vec<Value> = texts.into_iter().map(|value| json!({ keyword: value })).collect();
        nested.push(json!({ keyword: {text.clone(): {inner: {text.clone(): true}}} }));
        for schema in nested {
            if let Ok(compiled) = Compiled::new(&schema) {
                let values = json!({text.clone(): [text.clone(), number, null], "a": {}});
                let _ = compiled.check(values.as_object().unwrap());
            }
        }
    }
}
