//! What is wrong with a schema or with values, in the manner of the contract's example.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::paths::{Location, LocationSegment};
use serde_json::{Map, Value, json};

/// Violations told of at most.
pub(super) const MOST_TOLD: usize = 20;
/// Characters of a name or pattern in a message at most.
const LONGEST_SHOWN: usize = 100;
/// Values of an `enum` that are listed at most.
const MOST_LISTED: usize = 50;

/// Why a schema or values were refused (contract: Configuration-SetProductConfigSchema).
#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    /// What was refused.
    pub message: &'static str,
    /// What is wrong with it.
    pub violations: Vec<Violation>,
}

impl Rejection {
    pub(super) fn schema(violations: Vec<Violation>) -> Self {
        Self { message: "Invalid Schema", violations }
    }

    pub(super) fn values(violations: Vec<Violation>) -> Self {
        Self { message: "Invalid Configuration", violations }
    }
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, violation) in self.violations.iter().enumerate() {
            let separator = if number == 0 { "" } else { ", " };
            write!(f, "{separator}data{} {}", violation.data_path, violation.message)?;
        }
        Ok(())
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// The keyword of the schema that is not met.
    pub keyword: String,
    /// The place in what was sent: `.location.radius`, `.list[2]`; empty for all of it.
    pub data_path: String,
    /// The place of the keyword in the schema: `#/properties/location/type`.
    pub schema_path: String,
    /// What the keyword asks for.
    pub params: Map<String, Value>,
    /// What is wrong, without repeating the value.
    pub message: String,
}

impl Violation {
    /// One that no keyword of a JSON Schema stands for.
    pub(super) fn of_ours(keyword: &str, data_path: String, message: impl Into<String>) -> Self {
        let schema_path = format!("#/{keyword}");
        Self { keyword: keyword.into(), data_path, schema_path, params: Map::new(), message: message.into() }
    }

    /// A key that may not stand there.
    pub(super) fn additional(data_path: String, schema_path: String, key: &str) -> Self {
        let params = json!({"additionalProperty": shown(key)});
        Self {
            keyword: "additionalProperties".into(),
            data_path,
            schema_path,
            params: params.as_object().cloned().unwrap_or_default(),
            message: "should NOT have additional properties".into(),
        }
    }

    /// What a validator found.
    pub(super) fn of(error: &ValidationError<'_>) -> Vec<Self> {
        let data_path = data_path(error.instance_path());
        let schema_path = format!("#{}", error.schema_path().as_str());
        if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
            let keys = unexpected.iter().take(MOST_TOLD);
            return keys.map(|key| Self::additional(data_path.clone(), schema_path.clone(), key)).collect();
        }
        let (params, message) = said(error);
        let params = params.as_object().cloned().unwrap_or_default();
        vec![Self { keyword: error.kind().keyword().to_owned(), data_path, schema_path, params, message }]
    }
}

/// The place in what was sent, as JavaScript would write it.
fn data_path(place: &Location) -> String {
    place.segments().map(|segment| step(&segment)).collect()
}

pub(super) fn step(segment: &LocationSegment<'_>) -> String {
    match segment {
        LocationSegment::Index(index) => format!("[{index}]"),
        LocationSegment::Property(name) => {
            let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if plain { format!(".{}", shown(name)) } else { format!("['{}']", shown(name)) }
        }
    }
}

fn shown(text: &str) -> String {
    text.chars().take(LONGEST_SHOWN).collect()
}

fn said(error: &ValidationError<'_>) -> (Value, String) {
    use ValidationErrorKind as Kind;
    let bound = |comparison: &str, limit: &Value, exclusive: bool| {
        let params = json!({"comparison": comparison, "limit": limit, "exclusive": exclusive});
        (params, format!("should be {comparison} {limit}"))
    };
    let count = |limit: u64, text: String| (json!({ "limit": limit }), text);
    match error.kind() {
        Kind::Required { property } => {
            let name = shown(property.as_str().unwrap_or_default());
            (json!({"missingProperty": name}), format!("should have required property '{name}'"))
        }
        Kind::Type { kind } => {
            let names = match kind {
                TypeKind::Single(one) => one.to_string(),
                TypeKind::Multiple(some) => {
                    some.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(",")
                }
            };
            (json!({"type": names}), format!("should be {names}"))
        }
        Kind::Minimum { limit } => bound(">=", limit, false),
        Kind::Maximum { limit } => bound("<=", limit, false),
        Kind::ExclusiveMinimum { limit } => bound(">", limit, true),
        Kind::ExclusiveMaximum { limit } => bound("<", limit, true),
        Kind::MultipleOf { multiple_of } => {
            (json!({"multipleOf": multiple_of}), format!("should be multiple of {multiple_of}"))
        }
        Kind::MinLength { limit } => count(*limit, format!("should NOT be shorter than {limit} characters")),
        Kind::MaxLength { limit } => count(*limit, format!("should NOT be longer than {limit} characters")),
        Kind::MinItems { limit } => count(*limit, format!("should NOT have fewer than {limit} items")),
        Kind::MaxItems { limit } => count(*limit, format!("should NOT have more than {limit} items")),
        Kind::MinProperties { limit } => {
            count(*limit, format!("should NOT have fewer than {limit} properties"))
        }
        Kind::MaxProperties { limit } => {
            count(*limit, format!("should NOT have more than {limit} properties"))
        }
        Kind::Pattern { pattern } => {
            let pattern = shown(pattern);
            (json!({ "pattern": pattern }), format!("should match pattern \"{pattern}\""))
        }
        Kind::Format { format } => {
            let format = shown(format);
            (json!({ "format": format }), format!("should match format \"{format}\""))
        }
        Kind::Enum { options } => {
            let listed = options.as_array().filter(|list| list.len() <= MOST_LISTED);
            (json!({"allowedValues": listed}), "should be equal to one of the allowed values".into())
        }
        Kind::Constant { .. } => (json!({}), "should be equal to constant".into()),
        Kind::UniqueItems => (json!({}), "should NOT have duplicate items".into()),
        Kind::Contains => (json!({}), "should contain a valid item".into()),
        Kind::AdditionalItems { limit } => {
            (json!({ "limit": limit }), format!("should NOT have more than {limit} items"))
        }
        Kind::PropertyNames { .. } => (json!({}), "should have valid property names only".into()),
        Kind::AnyOf { .. } => (json!({}), "should match some schema in anyOf".into()),
        Kind::OneOfNotValid { .. } | Kind::OneOfMultipleValid { .. } => {
            (json!({}), "should match exactly one schema in oneOf".into())
        }
        Kind::Not { .. } => (json!({}), "should NOT be valid".into()),
        Kind::FalseSchema => (json!({}), "should not be there".into()),
        _ => (json!({}), shown(&error.masked().to_string())),
    }
}
