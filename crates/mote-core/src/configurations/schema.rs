//! Schemas: checked, compiled, kept in memory, applied to values.

use std::sync::Arc;

use jsonschema::{Draft, PatternOptions, Validator};
use mote_store::configurations as rows;
use serde_json::{Map, Value};

use super::bounds::bound;
use super::violation::MOST_TOLD;
use super::{Rejection, Violation};
use crate::cache::Kept;
use crate::{Error, Mote, ProductId};

/// Bytes of a schema at most.
const MOST_BYTES: usize = 128 * 1024;
/// Bytes of a compiled pattern at most. The engine takes time in proportion to pattern and text, whatever they are.
const MOST_PATTERN_BYTES: usize = 64 * 1024;
/// Compiled schemas kept at most.
const CAPACITY: usize = 200;
/// What applying a schema to values may cost: applications of a subschema to a value.
const MOST_WORK: u64 = 2_000_000;
/// What telling of all that is wrong may take: violations are kept in memory until then, each with its place. See [`telling`].
const MOST_TO_TELL: u64 = 100_000;
/// The same of a schema that is none.
const MOST_TO_TELL_OF_SCHEMA: u64 = 4 * MOST_TO_TELL;
/// Bytes of a place that count as much as what else a violation has.
const PLACE: u64 = 64;

/// What may stand at the top of a schema: the keywords of draft 7, and one of the vendor's.
const KEYWORDS: [&str; 46] = [
    "$comment",
    "$defs",
    "$id",
    "$ref",
    "$schema",
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "contains",
    "contentEncoding",
    "contentMediaType",
    "default",
    "definitions",
    "dependencies",
    "description",
    "else",
    "enum",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "if",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "minimumFirmwareVersion",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "patternProperties",
    "properties",
    "propertyNames",
    "readOnly",
    "required",
    "then",
    "title",
    "type",
];

/// A schema that can be applied.
#[derive(Debug)]
pub(super) struct Compiled {
    validator: Validator,
    cost: u64,
    /// Whether what is wrong is sought in each of several alternatives, all of which are kept until one is told of.
    has_alternatives: bool,
}

impl Compiled {
    /// Checks a schema, and makes it fit to be applied. Takes milliseconds for a large one: not for the runtime's threads.
    pub(super) fn new(schema: &Value) -> Result<Self, Rejection> {
        let size = serde_json::to_string(schema).map_or(usize::MAX, |text| text.len());
        if size > MOST_BYTES {
            let text = format!("should NOT have more than {MOST_BYTES} bytes");
            return Err(Rejection::schema(vec![Violation::of_ours("maxLength", String::new(), text)]));
        }
        if telling(schema, 0) > MOST_TO_TELL_OF_SCHEMA {
            let text = "should NOT have such long names with so much within them";
            return Err(Rejection::schema(vec![Violation::of_ours("maxLength", String::new(), text)]));
        }
        let unknown = schema.as_object().into_iter().flat_map(Map::keys);
        let unknown = unknown.filter(|key| !KEYWORDS.contains(&key.as_str())).take(MOST_TOLD);
        let unknown: Vec<_> = unknown
            .map(|key| Violation::additional(String::new(), "#/additionalProperties".into(), key))
            .collect();
        if !unknown.is_empty() {
            return Err(Rejection::schema(unknown));
        }
        if let Err(error) = jsonschema::draft7::meta::validate(schema) {
            return Err(Rejection::schema(Violation::of(&error)));
        }
        let bounded = bound(schema).map_err(|violation| Rejection::schema(vec![violation]))?;
        let patterns =
            PatternOptions::regex().size_limit(MOST_PATTERN_BYTES).dfa_size_limit(MOST_PATTERN_BYTES);
        let validator = jsonschema::options()
            .with_draft(Draft::Draft7)
            .offline()
            .should_validate_formats(true)
            .with_pattern_options(patterns)
            .build(&bounded.schema)
            .map_err(|error| Rejection::schema(Violation::of(&error)))?;
        Ok(Self { validator, cost: bounded.cost, has_alternatives: bounded.has_alternatives })
    }

    /// Whether values fit the schema.
    pub(super) fn check(&self, values: &Map<String, Value>) -> Result<(), Rejection> {
        let values = Value::Object(values.clone());
        let work = self.cost.saturating_mul(count(&values));
        if work > MOST_WORK {
            let text = "should NOT have so many values for a schema of this size";
            let violation = Violation::of_ours("maxProperties", String::new(), text);
            return Err(Rejection::values(vec![violation]));
        }
        let violations: Vec<_> = if self.cost.saturating_mul(telling(&values, 0)) <= MOST_TO_TELL {
            let wrong = self.validator.iter_errors(&values);
            wrong.flat_map(|error| Violation::of(&error)).take(MOST_TOLD).collect()
        } else if !self.has_alternatives {
            self.validator.validate(&values).err().iter().flat_map(Violation::of).collect()
        } else if self.validator.is_valid(&values) {
            Vec::new()
        } else {
            let text = "should match the schema; there is too much of both to tell where it does not";
            vec![Violation::of_ours("schema", String::new(), text)]
        };
        if violations.is_empty() { Ok(()) } else { Err(Rejection::values(violations)) }
    }
}

/// Compiles a schema and applies it: for the fuzzer.
#[cfg(feature = "fuzzing")]
pub fn fuzz(schema: &Value, values: &Map<String, Value>) {
    if let Ok(compiled) = Compiled::new(schema) {
        let _ = compiled.check(values);
    }
}

/// How many values there are, those within others too.
fn count(value: &Value) -> u64 {
    match value {
        Value::Array(list) => 1 + list.iter().map(count).sum::<u64>(),
        Value::Object(map) => 1 + map.values().map(count).sum::<u64>(),
        _ => 1,
    }
}

/// What telling takes where something is wrong with each value of these once, which are at a place of so many bytes.
fn telling(value: &Value, place: u64) -> u64 {
    /// Bytes that an index and what is between the steps of a place come to.
    const STEP: u64 = 5;
    let own = 1 + place / PLACE;
    match value {
        Value::Array(list) => own + list.iter().map(|value| telling(value, place + STEP)).sum::<u64>(),
        Value::Object(map) => {
            let within = map.iter().map(|(name, value)| telling(value, place + STEP + name.len() as u64));
            own + within.sum::<u64>()
        }
        _ => own,
    }
}

/// The schemas in use, compiled, by their version.
#[derive(Debug)]
pub struct SchemaCache(Kept<i64, Compiled>);

impl Default for SchemaCache {
    fn default() -> Self {
        Self(Kept::new(CAPACITY))
    }
}

impl Mote {
    /// The schemas that stand for some devices of a product, or for the product itself: of each its own, or else the
    /// product's; none where there is neither.
    pub(super) async fn schemas_for(
        &self,
        product: ProductId,
        devices: &[String],
    ) -> Result<Vec<Option<Arc<Compiled>>>, Error> {
        let mut places = devices.to_vec();
        places.push(rows::PRODUCT.into());
        let versions = self.store().read(move |db| rows::schema_versions(db, product.0, &places)).await?;
        let of = |place: &str| versions.iter().find(|(own, _)| own == place);
        let mut schemas = Vec::with_capacity(devices.len());
        for device in devices {
            schemas.push(match of(device).or_else(|| of(rows::PRODUCT)) {
                Some((place, version)) => self.compiled_schema(product, place.clone(), *version).await?,
                None => None,
            });
        }
        Ok(schemas)
    }

    async fn compiled_schema(
        &self,
        product: ProductId,
        place: String,
        version: i64,
    ) -> Result<Option<Arc<Compiled>>, Error> {
        let SchemaCache(kept) = self.configuration_schemas();
        if let Some(compiled) = kept.get(&version) {
            return Ok(Some(compiled));
        }
        let epoch = kept.epoch();
        let row = self.store().read(move |db| rows::schema(db, product.0, &place)).await?;
        // Gone meanwhile, or another already, which will do as well.
        let Some(row) = row else { return Ok(None) };
        let schema: Value = serde_json::from_str(&row.body)
            .map_err(|e| Error::Internal(format!("the schema of version {version} is no JSON: {e}")))?;
        let compiled = self.compile(schema).await?;
        kept.keep(row.version, &compiled, epoch);
        Ok(Some(compiled))
    }

    /// Compiles off the runtime's threads.
    pub(super) async fn compile(&self, schema: Value) -> Result<Arc<Compiled>, Error> {
        let compiled = tokio::task::spawn_blocking(move || Compiled::new(&schema)).await;
        let compiled =
            compiled.map_err(|e| Error::Internal(format!("a schema could not be compiled: {e}")))?;
        Ok(Arc::new(compiled.map_err(|rejection| Error::Rejected(Box::new(rejection)))?))
    }

    /// Keeps a schema that was just written.
    pub(super) fn keep_schema(&self, version: i64, compiled: &Arc<Compiled>) {
        let SchemaCache(kept) = self.configuration_schemas();
        kept.keep(version, compiled, kept.epoch());
    }
}

/// Checks values off the runtime's threads, each against its schema if it has one.
pub(super) async fn check_all(
    schemas: Vec<Option<Arc<Compiled>>>,
    values: Map<String, Value>,
) -> Result<(), Error> {
    let mut distinct: Vec<Arc<Compiled>> = Vec::new();
    for schema in schemas.into_iter().flatten() {
        if !distinct.iter().any(|known| Arc::ptr_eq(known, &schema)) {
            distinct.push(schema);
        }
    }
    if distinct.is_empty() {
        return Ok(());
    }
    let checked = tokio::task::spawn_blocking(move || distinct.iter().try_for_each(|one| one.check(&values)));
    let checked = checked.await.map_err(|e| Error::Internal(format!("values could not be checked: {e}")))?;
    checked.map_err(|rejection| Error::Rejected(Box::new(rejection)))
}

#[cfg(test)]
mod tests;
