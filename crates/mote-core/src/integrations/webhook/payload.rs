//! What a webhook sends in its body.

use http::Method;
use serde_json::{Map, Value};

use super::super::template::{Budget, Scope, Template, TooMuch};
use super::template;
use crate::Error;

/// What a request's body is made of.
#[derive(Debug)]
pub(crate) enum Payload {
    /// Nothing is said: the default fields alone, as a form, or in the query of a GET.
    Defaults,
    /// JSON.
    Json(Shape),
    /// A form; in the query of a GET.
    Form(Vec<(Template, Template)>),
    /// Any text.
    Body(Template),
}

/// JSON with templates in it, or a template that makes JSON.
#[derive(Debug)]
pub(crate) enum Shape {
    /// Text, of which JSON may come once it is filled in.
    Text(Template),
    /// JSON whose keys and texts are templates.
    Tree(Tree),
}

/// JSON with templates in the place of keys and texts.
#[derive(Debug)]
pub(crate) enum Tree {
    Plain(Value),
    Text(Template),
    List(Vec<Tree>),
    Object(Vec<(Template, Tree)>),
}

impl Payload {
    pub(super) fn compile(settings: &Map<String, Value>, method: &Method) -> Result<Self, Error> {
        let given = |name: &str| settings.get(name);
        match (given("json"), given("form"), given("body")) {
            (Some(_), None, None) | (None, None, Some(_)) if method == Method::GET => Err(Error::invalid(
                "requestType",
                "is GET, which has no body: give query instead of json or body",
            )),
            (None, None, None) => Ok(Self::Defaults),
            (Some(json), None, None) => Ok(Self::Json(Shape::compile("json", json)?)),
            (None, Some(_), None) => Ok(Self::Form(super::pairs("form", settings)?)),
            (None, None, Some(body)) => Ok(Self::Body(template("body", body.as_str().unwrap_or_default())?)),
            (json, ..) => {
                let field = if json.is_some() { "json" } else { "form" };
                Err(Error::invalid(field, "is not the only payload: give one of json, form and body"))
            }
        }
    }
}

impl Shape {
    /// Looks into what a field says. Text without a template in it must be JSON as it stands, for `json`.
    pub(crate) fn compile(name: &'static str, value: &Value) -> Result<Self, Error> {
        match value {
            Value::String(text) => {
                let text = template(name, text)?;
                let no_json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_err();
                if name == "json" && text.as_plain().is_some_and(no_json) {
                    return Err(Error::invalid(name, "is an object, or text with the JSON of one"));
                }
                Ok(Self::Text(text))
            }
            Value::Object(_) | Value::Array(_) => Ok(Self::Tree(Tree::compile(name, value)?)),
            _ => Err(Error::invalid(name, "is an object, or text")),
        }
    }

    /// Fills it in: text, or the JSON of a tree.
    pub(crate) fn render(&self, scope: &Scope<'_>, budget: &mut Budget) -> Result<String, TooMuch> {
        match self {
            Self::Text(template) => template.render(scope, budget),
            Self::Tree(tree) => Ok(tree.render(scope, budget)?.to_string()),
        }
    }
}

impl Tree {
    fn compile(name: &'static str, value: &Value) -> Result<Self, Error> {
        Ok(match value {
            Value::String(text) => Self::Text(template(name, text)?),
            Value::Array(list) => {
                Self::List(list.iter().map(|inner| Self::compile(name, inner)).collect::<Result<_, _>>()?)
            }
            Value::Object(object) => Self::Object(
                object
                    .iter()
                    .map(|(key, inner)| Ok((template(name, key)?, Self::compile(name, inner)?)))
                    .collect::<Result<_, Error>>()?,
            ),
            plain => Self::Plain(plain.clone()),
        })
    }

    pub(crate) fn render(&self, scope: &Scope<'_>, budget: &mut Budget) -> Result<Value, TooMuch> {
        Ok(match self {
            Self::Plain(value) => value.clone(),
            Self::Text(template) => Value::String(template.render(scope, budget)?),
            Self::List(list) => {
                Value::Array(list.iter().map(|tree| tree.render(scope, budget)).collect::<Result<_, _>>()?)
            }
            Self::Object(pairs) => {
                let mut object = Map::new();
                for (key, tree) in pairs {
                    object.insert(key.render(scope, budget)?, tree.render(scope, budget)?);
                }
                Value::Object(object)
            }
        })
    }
}
