//! What a schema costs to apply, and what of it is left out for the validator.
//!
//! A schema is a graph: a subschema has others within it, and refers to others. Applied to a value, the ones reached are
//! applied in turn, each as often as there are ways to it. So ways are counted, and what has no end is refused: a schema
//! that comes back to itself. With the count bounded, what any values cost is bounded too.

use std::collections::HashMap;

use jsonschema::paths::LocationSegment;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::violation::{Violation, step};

/// What one application of a schema may cost: see [`weight`].
const MOST_COST: u64 = 5000;
/// How deep subschemas may be within, or refer to, one another.
const DEEPEST: u32 = 64;
/// Patterns in a schema at most, and bytes of one.
const MOST_PATTERNS: usize = 100;
const LONGEST_PATTERN: usize = 1000;
/// What matching a pattern counts for, beside a look at a type.
const PATTERN_COST: u64 = 50;

/// A schema whose cost is known.
#[derive(Debug, PartialEq)]
pub(super) struct Bounded {
    /// The schema without names of itself and its parts, which could lead references astray.
    pub(super) schema: Value,
    /// What one application costs.
    pub(super) cost: u64,
    /// Whether there are `anyOf` or `oneOf` in it.
    pub(super) has_alternatives: bool,
}

/// Where subschemas are, by keyword (JSON Schema draft 7).
enum Within {
    One,
    List,
    OneOrList,
    /// By name; a list instead of a schema is one of names (`dependencies`).
    Named,
    /// By name, for references alone.
    Kept,
}

fn within(keyword: &str) -> Option<Within> {
    Some(match keyword {
        "additionalItems"
        | "additionalProperties"
        | "contains"
        | "propertyNames"
        | "not"
        | "if"
        | "then"
        | "else" => Within::One,
        "allOf" | "anyOf" | "oneOf" => Within::List,
        "items" => Within::OneOrList,
        "properties" | "patternProperties" | "dependencies" => Within::Named,
        "definitions" | "$defs" => Within::Kept,
        _ => return None,
    })
}

/// A place in a schema.
#[derive(Default)]
struct At {
    /// As a JSON pointer (RFC 6901).
    pointer: String,
    /// In the manner of [`Violation::data_path`].
    place: String,
}

impl At {
    fn key(&self, key: &str) -> Self {
        let escaped = key.replace('~', "~0").replace('/', "~1");
        let named = step(&LocationSegment::Property(key.into()));
        Self { pointer: format!("{}/{escaped}", self.pointer), place: format!("{}{named}", self.place) }
    }

    fn index(&self, index: usize) -> Self {
        Self { pointer: format!("{}/{index}", self.pointer), place: format!("{}[{index}]", self.place) }
    }
}

struct Node {
    /// In the manner of [`Violation::data_path`].
    place: String,
    weight: u64,
    /// What is applied with it.
    parts: Vec<usize>,
    reference: Option<String>,
}

#[derive(Default)]
struct Graph {
    nodes: Vec<Node>,
    /// By JSON pointer (RFC 6901).
    places: HashMap<String, usize>,
    patterns: usize,
    has_alternatives: bool,
}

/// Bounds a schema that is well-formed as such.
pub(super) fn bound(schema: &Value) -> Result<Bounded, Violation> {
    let mut graph = Graph::default();
    let (root, cleaned) = graph.walk(schema, &At::default())?;
    if graph.patterns > MOST_PATTERNS {
        return Err(refuse("pattern", "", format!("may be there {MOST_PATTERNS} times at most")));
    }
    graph.link()?;
    let cost = graph.costs()?[root];
    if cost > MOST_COST {
        let text = format!("are {cost} with all that they refer to, and {MOST_COST} is the most");
        return Err(refuse("subschemas", "", text));
    }
    Ok(Bounded { schema: cleaned, cost, has_alternatives: graph.has_alternatives })
}

fn refuse(keyword: &str, place: &str, why: impl Into<String>) -> Violation {
    Violation::of_ours(keyword, place.to_owned(), format!("{keyword} {}", why.into()))
}

/// What a subschema costs by itself.
fn weight(schema: &Map<String, Value>, patterns: usize) -> u64 {
    let length = |keyword: &str| schema.get(keyword).and_then(Value::as_array).map_or(0, Vec::len) as u64;
    let unique = if schema.contains_key("uniqueItems") { 10 } else { 0 };
    1 + patterns as u64 * PATTERN_COST + length("enum") / 10 + length("required") / 10 + unique
}

impl Graph {
    /// Takes in a subschema and all within it: its number, and what of it the validator gets.
    fn walk(&mut self, schema: &Value, at: &At) -> Result<(usize, Value), Violation> {
        let number = self.nodes.len();
        self.places.insert(at.pointer.clone(), number);
        self.nodes.push(Node { place: at.place.clone(), weight: 1, parts: Vec::new(), reference: None });
        let Some(object) = schema.as_object() else { return Ok((number, schema.clone())) };
        let patterns = check_patterns(object, &at.place)?;
        self.patterns += patterns;
        self.has_alternatives |= object.contains_key("anyOf") || object.contains_key("oneOf");
        self.nodes[number].weight = weight(object, patterns);
        self.nodes[number].reference = object.get("$ref").and_then(Value::as_str).map(str::to_owned);
        let mut cleaned = Map::with_capacity(object.len());
        for (keyword, value) in object {
            if matches!(keyword.as_str(), "$id" | "$schema" | "$anchor") && value.is_string() {
                continue;
            }
            let at = at.key(keyword);
            let value = match (within(keyword), value) {
                (Some(Within::One | Within::OneOrList), Value::Object(_) | Value::Bool(_)) => {
                    self.part(number, value, &at, true)?
                }
                (Some(Within::List | Within::OneOrList), Value::Array(list)) => {
                    let parts = list.iter().enumerate();
                    let parts = parts.map(|(index, one)| self.part(number, one, &at.index(index), true));
                    Value::Array(parts.collect::<Result<_, _>>()?)
                }
                (Some(kind @ (Within::Named | Within::Kept)), Value::Object(map)) => {
                    let applied = matches!(kind, Within::Named);
                    let parts = map.iter().map(|(name, one)| {
                        let part = match one {
                            Value::Object(_) | Value::Bool(_) => {
                                self.part(number, one, &at.key(name), applied)?
                            }
                            other => other.clone(),
                        };
                        Ok((name.clone(), part))
                    });
                    Value::Object(parts.collect::<Result<_, _>>()?)
                }
                (_, other) => other.clone(),
            };
            cleaned.insert(keyword.clone(), value);
        }
        Ok((number, Value::Object(cleaned)))
    }

    fn part(&mut self, of: usize, schema: &Value, at: &At, applied: bool) -> Result<Value, Violation> {
        let (number, cleaned) = self.walk(schema, at)?;
        if applied {
            self.nodes[of].parts.push(number);
        }
        Ok(cleaned)
    }

    /// Makes references parts too. They lead to subschemas of the same schema, and nowhere else.
    fn link(&mut self) -> Result<(), Violation> {
        for number in 0..self.nodes.len() {
            let Some(reference) = self.nodes[number].reference.take() else { continue };
            let pointer =
                reference.strip_prefix('#').map(|rest| percent_decode_str(rest).decode_utf8_lossy());
            let found = pointer.and_then(|pointer| self.places.get(pointer.as_ref()).copied());
            let Some(found) = found else {
                let text =
                    "refers to a subschema of this schema, such as #/definitions/name, and to nothing else";
                return Err(refuse("$ref", &self.nodes[number].place, text));
            };
            self.nodes[number].parts.push(found);
        }
        Ok(())
    }

    /// What each subschema costs with its parts. Without recursion: a chain of references may be long.
    fn costs(&self) -> Result<Vec<u64>, Violation> {
        const OPEN: u32 = u32::MAX;
        let mut costs = vec![0_u64; self.nodes.len()];
        // Zero for one that was not looked at yet.
        let mut depths = vec![0_u32; self.nodes.len()];
        for first in 0..self.nodes.len() {
            let mut path = if depths[first] == 0 { vec![(first, 0)] } else { Vec::new() };
            while let Some((number, next)) = path.pop() {
                let node = &self.nodes[number];
                depths[number] = OPEN;
                if let Some(part) = node.parts.get(next).copied() {
                    path.push((number, next + 1));
                    match depths[part] {
                        OPEN => {
                            return Err(refuse("$ref", &node.place, "comes back to itself: that has no end"));
                        }
                        0 => path.push((part, 0)),
                        _ => {}
                    }
                    continue;
                }
                costs[number] =
                    node.parts.iter().fold(node.weight, |sum, part| sum.saturating_add(costs[*part]));
                depths[number] = 1 + node.parts.iter().map(|part| depths[*part]).max().unwrap_or(0);
                if depths[number] > DEEPEST {
                    let text = format!("are more than {DEEPEST} deep within one another");
                    return Err(refuse("subschemas", &node.place, text));
                }
            }
        }
        Ok(costs)
    }
}

/// How many patterns a subschema has of its own.
fn check_patterns(schema: &Map<String, Value>, place: &str) -> Result<usize, Violation> {
    let own = schema.get("pattern").and_then(Value::as_str);
    let names = schema.get("patternProperties").and_then(Value::as_object);
    let patterns =
        || own.into_iter().chain(names.into_iter().flat_map(|names| names.keys().map(String::as_str)));
    if patterns().any(|pattern| pattern.len() > LONGEST_PATTERN) {
        return Err(refuse("pattern", place, format!("has {LONGEST_PATTERN} bytes at most")));
    }
    Ok(patterns().count())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(schema: &Value) -> String {
        let violation = bound(schema).unwrap_err();
        format!("{} {}", violation.data_path, violation.message)
    }

    #[test]
    fn a_plain_schema_costs_its_subschemas() {
        let schema = json!({"properties": {"a": {"type": "string"}, "b": {"items": [{}, true]}}, "definitions": {"c": {}}});
        assert_eq!(bound(&schema).unwrap(), Bounded { schema, cost: 5, has_alternatives: false });
    }

    #[test]
    fn references_cost_what_they_lead_to_each_time() {
        let schema = json!({
            "definitions": {"a/b": {"allOf": [{}, {}]}, "c d": {"$ref": "#/definitions/a~1b"}},
            "properties": {"x": {"$ref": "#/definitions/c%20d"}, "y": {"$ref": "#/definitions/a~1b"}}
        });
        // The root, x and y; c d and a/b with its two; a/b with its two.
        assert_eq!(bound(&schema).unwrap().cost, 3 + 4 + 3);
    }

    #[test]
    fn names_of_schemas_are_left_out_and_properties_of_that_name_are_not() {
        let schema = json!({
            "$id": "https://example.com/x", "$schema": "https://particle.io/draft-07/schema#",
            "properties": {"$id": {"$id": "#/properties/x", "type": "string", "const": {"$id": "y"}}}
        });
        let cleaned = json!({"properties": {"$id": {"type": "string", "const": {"$id": "y"}}}});
        assert_eq!(bound(&schema).unwrap().schema, cleaned);
    }

    #[test]
    fn what_has_no_end_is_refused() {
        for endless in [
            json!({"$ref": "#"}),
            json!({"properties": {"a": {"$ref": "#"}}}),
            json!({"definitions": {"a": {"allOf": [{"$ref": "#/definitions/b"}]}, "b": {"not": {"$ref": "#/definitions/a"}}}}),
        ] {
            assert!(refusal(&endless).contains("comes back to itself"));
        }
        assert!(refusal(&json!({"items": {"$ref": "#"}})).starts_with(".items $ref"));
    }

    #[test]
    fn references_lead_nowhere_else() {
        for reference in [
            "http://localhost/x",
            "file:///etc/passwd",
            "other.json",
            "#name",
            "#/definitions/none",
            "#/enum/0",
            "#/",
        ] {
            let schema = json!({"enum": [{"$ref": "#"}], "properties": {"a": {"$ref": reference}}});
            assert!(refusal(&schema).starts_with(".properties.a $ref refers to"), "{reference}");
        }
    }

    #[test]
    fn a_schema_that_doubles_at_each_step_is_refused_at_once() {
        let mut definitions = Map::new();
        for level in 0..60 {
            let next = json!({"$ref": format!("#/definitions/d{}", level + 1)});
            definitions.insert(format!("d{level}"), json!({"allOf": [next, next]}));
        }
        definitions.insert("d60".into(), json!({}));
        let deep = json!({"definitions": definitions, "$ref": "#/definitions/d0"});
        assert!(refusal(&deep).contains("deep within one another"));
        definitions.insert("d20".into(), json!({}));
        let wide = json!({"definitions": definitions, "$ref": "#/definitions/d0"});
        assert!(refusal(&wide).contains("subschemas are"));
    }

    #[test]
    fn patterns_are_bounded_and_dear() {
        let schema = json!({"patternProperties": {"^a": {"pattern": "b"}}});
        assert_eq!(bound(&schema).unwrap().cost, 2 + 2 * PATTERN_COST);
        assert!(refusal(&json!({"pattern": "x".repeat(LONGEST_PATTERN + 1)})).contains("bytes at most"));
        let many: Map<_, _> = (0..101).map(|n| (format!("p{n}"), json!({"pattern": "x"}))).collect();
        assert!(refusal(&json!({ "properties": many })).contains("times at most"));
    }

    #[test]
    fn a_long_chain_does_not_overflow_the_stack() {
        let mut definitions: Map<_, _> = (0..3000)
            .map(|n| (format!("d{n}"), json!({"$ref": format!("#/definitions/d{}", n + 1)})))
            .collect();
        definitions.insert("d3000".into(), json!({}));
        assert!(refusal(&json!({ "definitions": definitions })).contains("deep within one another"));
    }
}
