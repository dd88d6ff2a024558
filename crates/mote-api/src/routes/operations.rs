//! Names of operations in the OpenAPI document: unique, of method and path, since handlers of several rooms are called
//! `list`, and some stand at several paths.

use utoipa::openapi::{OpenApi, PathItem};

/// Writes each path as OpenAPI has it, without the router's mark of a parameter that takes the rest of the path, and names
/// every operation, such as `getProductsByProductIdOrSlugDevices`.
pub(super) fn name(document: &mut OpenApi) {
    document.paths.paths = std::mem::take(&mut document.paths.paths)
        .into_iter()
        .map(|(path, item)| (path.replace("{*", "{"), item))
        .collect();
    for (path, item) in &mut document.paths.paths {
        let name = camel_case(path);
        let PathItem { get, put, post, delete, head, patch, .. } = item;
        let methods = [
            ("get", get),
            ("put", put),
            ("post", post),
            ("delete", delete),
            ("head", head),
            ("patch", patch),
        ];
        for (method, operation) in methods {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}{name}"));
            }
        }
    }
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
}
