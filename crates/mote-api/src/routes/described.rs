//! Routes with their descriptions. The router is made of them at every start, the OpenAPI document only when it is asked for:
//! as long as it is no text it takes megabytes, and time to make.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter};
use mote_core::Mote;
use utoipa::__dev::{SchemaReferences, Tags};
use utoipa::Path;
use utoipa::openapi::path::{HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{ObjectBuilder, OpenApi, RefOr, Required, Type};

type Schemas = Vec<(String, RefOr<Schema>)>;
/// Tells what a handler takes and answers.
type Describe = fn(&mut Schemas) -> (Vec<HttpMethod>, Operation);

/// Handlers of one path, described with `#[utoipa::path]`.
macro_rules! routes {
    ($($module:ident::$handler:ident),+ $(,)?) => {
        pastey::paste! {
            $crate::routes::described::Routes::default()
                $(.with::<$module::[<__path_ $handler>], _, _>($module::$handler))+
        }
    };
}
pub(super) use routes;

/// A parameter that a form of a path has beside those of its handlers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extra {
    pub(super) name: &'static str,
    pub(super) description: Option<&'static str>,
}

impl Extra {
    fn parameter(self) -> Parameter {
        ParameterBuilder::new()
            .name(self.name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(self.description)
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .build()
    }
}

/// Handlers of one path, or of several forms of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Routes {
    /// Where they stand, and what the path has there that the handlers do not tell of.
    forms: Vec<(String, Option<Extra>)>,
    methods: MethodRouter<Mote>,
    descriptions: Vec<Describe>,
}

impl Routes {
    /// One more handler of the same path.
    // What is called once for every handler stands apart from the handlers in the program, not on hundreds of its pages.
    #[cold]
    pub(super) fn with<D, H, T>(mut self, handler: H) -> Self
    where
        D: Path + SchemaReferences + for<'t> Tags<'t>,
        H: Handler<T, Mote>,
        T: 'static,
    {
        self.describe(D::path(), describe::<D>);
        if let Some(methods) = D::methods().iter().map(filter).reduce(MethodFilter::or) {
            self.methods = self.methods.on(methods, handler);
        }
        self
    }

    fn describe(&mut self, path: String, describe: Describe) {
        if self.forms.is_empty() {
            self.forms.push((path, None));
        } else {
            assert_eq!(self.forms[0].0, path, "handlers that stand together are of one path");
        }
        self.descriptions.push(describe);
    }

    /// The same handlers at other paths, which `forms` makes of the one that they are declared with.
    pub(super) fn at<F>(mut self, forms: impl Fn(String) -> F) -> Self
    where
        F: IntoIterator<Item = (String, Option<Extra>)>,
    {
        self.forms = self.forms.into_iter().flat_map(|(path, _)| forms(path)).collect();
        self
    }

    fn paths(&self, schemas: &mut Schemas) -> Vec<(String, PathItem)> {
        let described: Vec<_> = self.descriptions.iter().map(|describe| describe(schemas)).collect();
        let item = |extra: Option<Extra>| {
            let mut item = PathItem::default();
            for (methods, operation) in &described {
                item.merge_operations(PathItem::from_http_methods(methods.clone(), operation.clone()));
            }
            item.parameters = extra.map(|extra| vec![extra.parameter().into()]);
            item
        };
        self.forms.iter().map(|(path, extra)| (path.clone(), item(*extra))).collect()
    }
}

fn describe<D>(schemas: &mut Schemas) -> (Vec<HttpMethod>, Operation)
where
    D: Path + SchemaReferences + for<'t> Tags<'t>,
{
    D::schemas(schemas);
    let mut operation = D::operation();
    let tags = D::tags();
    if !tags.is_empty() {
        operation.tags.get_or_insert_default().extend(tags.into_iter().map(String::from));
    }
    (D::methods(), operation)
}

fn filter(method: &HttpMethod) -> MethodFilter {
    match method {
        HttpMethod::Get => MethodFilter::GET,
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Head => MethodFilter::HEAD,
        HttpMethod::Patch => MethodFilter::PATCH,
        HttpMethod::Trace => MethodFilter::TRACE,
        HttpMethod::Delete => MethodFilter::DELETE,
        HttpMethod::Options => MethodFilter::OPTIONS,
    }
}

/// Puts routes into a router.
pub(super) fn router(all: Vec<Routes>) -> Router<Mote> {
    all.into_iter().fold(Router::new(), |router, Routes { mut forms, methods, .. }| {
        // A copy takes as long as making it did, and most have one form.
        let Some((last, _)) = forms.pop() else { return router };
        let copies = |router: Router<Mote>, (path, _): (String, _)| router.route(&path, methods.clone());
        forms.into_iter().fold(router, copies).route(&last, methods)
    })
}

/// Puts routes into an OpenAPI document.
pub(super) fn describe_in(document: &mut OpenApi, all: &[Routes]) {
    let mut schemas = Schemas::new();
    for (path, item) in all.iter().flat_map(|routes| routes.paths(&mut schemas)) {
        match document.paths.paths.get_mut(&path) {
            Some(known) => known.merge_operations(item),
            None => _ = document.paths.paths.insert(path, item),
        }
    }
    document.components.get_or_insert_default().schemas.extend(schemas);
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn schemas_of_one_name_are_one() {
        let mut schemas = Schemas::new();
        for routes in crate::routes::api() {
            routes.paths(&mut schemas);
        }
        let mut known = HashMap::new();
        let mut doubled = std::collections::BTreeSet::new();
        for (name, schema) in schemas {
            let schema = serde_json::to_value(schema).unwrap();
            if known.entry(name.clone()).or_insert_with(|| schema.clone()) != &schema {
                doubled.insert(name);
            }
        }
        assert!(
            doubled.is_empty(),
            "other types of the same names: {doubled:?}; give them #[schema(as = …)]"
        );
    }
}
