//! Filling templates in.

use std::borrow::Cow;

use serde_json::Value;

use super::{Node, Path, Template};

/// Bytes that may come of all the templates of one request.
pub(super) const MOST_BYTES: usize = 256 * 1024;
/// Pieces that may be written, and values gone through, for them: some milliseconds.
const MOST_STEPS: usize = 100_000;

/// More would come of a request's templates than is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more comes of the templates than the {MOST_BYTES} bytes, or takes more steps, than are allowed")]
pub(crate) struct TooMuch;

/// What the templates of one request may use up together.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes: usize,
    steps: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { bytes: MOST_BYTES, steps: MOST_STEPS }
    }
}

/// The values that a template has before it, innermost first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    value: &'a Value,
    outer: Option<&'a Scope<'a>>,
}

impl<'a> Scope<'a> {
    /// These values alone.
    pub(crate) fn new(value: &'a Value) -> Self {
        Self { value, outer: None }
    }

    /// `value` before these.
    pub(crate) fn within(&'a self, value: &'a Value) -> Self {
        Self { value, outer: Some(self) }
    }

    /// What a name stands for: the innermost value that has all of it.
    fn find(&self, path: &Path) -> &'a Value {
        let mut scope = *self;
        loop {
            match (walk(scope.value, path), scope.outer) {
                (Some(found), _) => return found,
                (None, Some(outer)) => scope = *outer,
                (None, None) => return &Value::Null,
            }
        }
    }
}

fn walk<'a>(value: &'a Value, path: &Path) -> Option<&'a Value> {
    path.0.iter().try_fold(value, |value, name| match value {
        Value::Object(object) => object.get(name),
        Value::Array(list) => list.get(name.parse::<usize>().ok()?),
        _ => None,
    })
}

struct Output<'a> {
    text: String,
    budget: &'a mut Budget,
}

impl Output<'_> {
    fn step(&mut self) -> Result<(), TooMuch> {
        self.budget.steps = self.budget.steps.checked_sub(1).ok_or(TooMuch)?;
        Ok(())
    }

    fn write(&mut self, text: &str) -> Result<(), TooMuch> {
        self.budget.bytes = self.budget.bytes.checked_sub(text.len()).ok_or(TooMuch)?;
        self.text.push_str(text);
        Ok(())
    }

    fn write_escaped(&mut self, text: &str) -> Result<(), TooMuch> {
        let mut rest = text;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            let entity = match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            };
            self.write(&rest[..at])?;
            self.write(entity)?;
            rest = &rest[at + 1..];
        }
        self.write(rest)
    }
}

impl Template {
    /// Fills it in.
    pub(crate) fn render(&self, scope: &Scope<'_>, budget: &mut Budget) -> Result<String, TooMuch> {
        let mut output = Output { text: String::new(), budget };
        render(&self.nodes, scope, &mut output)?;
        Ok(output.text)
    }
}

fn render(nodes: &[Node], scope: &Scope<'_>, output: &mut Output<'_>) -> Result<(), TooMuch> {
    let mut rest = nodes;
    while let Some((node, behind)) = rest.split_first() {
        output.step()?;
        rest = match node {
            Node::Text(text) => {
                output.write(text)?;
                behind
            }
            Node::Variable { path, escaped } => {
                let text = text_of(scope.find(path));
                if *escaped { output.write_escaped(&text) } else { output.write(&text) }?;
                behind
            }
            Node::Section { path, inverted, length } => {
                let (within, behind) = behind.split_at(*length);
                section(scope.find(path), *inverted, within, scope, output)?;
                behind
            }
        };
    }
    Ok(())
}

fn section(
    value: &Value,
    inverted: bool,
    within: &[Node],
    scope: &Scope<'_>,
    output: &mut Output<'_>,
) -> Result<(), TooMuch> {
    match (is_something(value), inverted, value) {
        (true, true, _) | (false, false, _) => Ok(()),
        (false, true, _) => render(within, scope, output),
        (true, false, Value::Array(list)) => list.iter().try_for_each(|element| {
            output.step()?;
            render(within, &scope.within(element), output)
        }),
        (true, false, value) => render(within, &scope.within(value), output),
    }
}

/// What is true in JavaScript, where empty lists are nothing too, as Mustache has it.
fn is_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(_) => true,
    }
}

/// A value as text, numbers as JavaScript writes them: a device's `20.0` reads `20`. Lists and objects are JSON.
pub(crate) fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e21 => {
                Cow::Owned(format!("{float:.0}"))
            }
            _ => Cow::Owned(number.to_string()),
        },
        other => Cow::Owned(other.to_string()),
    }
}
