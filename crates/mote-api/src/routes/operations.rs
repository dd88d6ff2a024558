//! What all operations of the OpenAPI document have: names, unique, of method and path, since handlers of several rooms are
//! called `list`, and some stand at several paths; and bodies as forms.

use utoipa::openapi::path::Operation;
use utoipa::openapi::{OpenApi, PathItem, RefOr};

use crate::body::FORM;

/// Writes each path as OpenAPI has it, without the router's mark of a parameter that takes the rest of the path, and names
/// every operation, such as `getProductsByProductIdOrSlugDevices`.
pub(super) fn name(document: &mut OpenApi) {
    document.paths.paths = std::mem::take(&mut document.paths.paths)
        .into_iter()
        .map(|(path, item)| (path.replace("{*", "{"), item))
        .collect();
    for (path, item) in &mut document.paths.paths {
        let name = camel_case(path);
        for (method, operation) in operations(item) {
            operation.operation_id = Some(format!("{method}{name}"));
        }
    }
}

/// Says of each body that is named as JSON alone that it may be a form as well, as [`crate::body::Input`] takes it.
pub(super) fn take_forms(document: &mut OpenApi) {
    for (_, operation) in document.paths.paths.values_mut().flat_map(operations) {
        let Some(RefOr::T(body)) = &mut operation.request_body else { continue };
        if let (1, Some(json)) = (body.content.len(), body.content.get("application/json")) {
            let form = json.clone();
            body.content.insert(FORM.into(), form);
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, put, post, delete, head, patch, .. } = item;
    let methods =
        [("get", get), ("put", put), ("post", post), ("delete", delete), ("head", head), ("patch", patch)];
    methods.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// `/v1/products/{productIdOrSlug}/devices` to `ProductsByProductIdOrSlugDevices`.
fn camel_case(path: &str) -> String {
    let mut name = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !matches!(*segment, "" | "v1")) {
        let parameter = segment.strip_prefix('{').and_then(|inner| inner.strip_suffix('}'));
        if parameter.is_some() {
            name.push_str("By");
        }
        for word in parameter.unwrap_or(segment).split(|c: char| !c.is_ascii_alphanumeric()) {
            let mut letters = word.chars();
            name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
            name.push_str(letters.as_str());
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn no_two_operations_have_the_same_name() {
        let document = serde_json::to_value(crate::document()).unwrap();
        let mut seen = HashSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in
                item.as_object().unwrap().iter().filter(|(key, _)| *key != "parameters")
            {
                let id = operation["operationId"].as_str().unwrap();
                assert!(seen.insert(id.to_owned()), "{id}: {method} {path}");
            }
        }
        assert!(seen.contains("getProductsByProductIdOrSlugDevices"));
    }

    #[test]
    fn a_body_may_be_a_form_where_it_is() {
        let document = serde_json::to_value(crate::document()).unwrap();
        let of = |method: &str, path: &str| {
            let body = &document["paths"][path][method]["requestBody"];
            body["content"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
        };
        let (json, form, file) =
            ("application/json", "application/x-www-form-urlencoded", "multipart/form-data");
        assert_eq!(of("post", "/v1/clients"), [json, form]);
        assert_eq!(of("post", "/oauth/token"), [form]);
        assert_eq!(of("post", "/v1/products/{productIdOrSlug}/devices"), [json, form, file]);
        assert_eq!(of("post", "/v1/libraries"), [file]);
        assert_eq!(of("put", "/v1/products/{productIdOrSlug}/config"), [json, "application/schema+json"]);
    }
}
