//! Routes that accounts, products and organizations all have: one handler, several paths.

use mote_core::Mote;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn, Paths};
use utoipa::openapi::{ObjectBuilder, Required, Type};
use utoipa_axum::router::UtoipaMethodRouter;

use crate::access::{ORGANIZATION, PRODUCT};

/// A form of a path beside the account's.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// `/v1/products/{productIdOrSlug}/…`
    Product,
    /// `/v1/orgs/{orgIdOrSlug}/…`
    Organization,
}

impl Form {
    const fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::Product => ("products", PRODUCT),
            Self::Organization => ("orgs", ORGANIZATION),
        }
    }
}

/// The product's and the organization's form.
pub(super) const ALL: &[Form] = &[Form::Product, Form::Organization];
/// The organization's form alone.
pub(super) const ORGANIZATIONS: &[Form] = &[Form::Organization];
/// The product's form alone.
pub(super) const PRODUCTS: &[Form] = &[Form::Product];

/// The routes at the account's path, as they are declared, and at the others with the same handlers. These take an
/// [`crate::access::OfSpace`], and read further parameters of the path by name.
pub(super) fn also_of(forms: &[Form], routes: UtoipaMethodRouter<Mote>) -> UtoipaMethodRouter<Mote> {
    at(forms, true, routes)
}

/// The routes of what accounts have not: declared without a product or organization, and only there with one. The handlers
/// take an [`crate::access::OfTeam`], and read further parameters of the path by name.
pub(super) fn only_of(forms: &[Form], routes: UtoipaMethodRouter<Mote>) -> UtoipaMethodRouter<Mote> {
    at(forms, false, routes)
}

fn at(
    forms: &[Form],
    of_account: bool,
    (schemas, paths, router): UtoipaMethodRouter<Mote>,
) -> UtoipaMethodRouter<Mote> {
    let mut all = Paths::new();
    for (path, item) in paths.paths {
        let rest = path.trim_start_matches("/v1/");
        for form in forms {
            let (prefix, name) = form.parts();
            let mut item = item.clone();
            let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path);
            let text = ObjectBuilder::new().schema_type(Type::String);
            let parameter = parameter.required(Required::True).schema(Some(text)).build();
            item.parameters.get_or_insert_default().push(parameter.into());
            all.paths.insert(format!("/v1/{prefix}/{{{name}}}/{rest}"), item);
        }
        if of_account {
            all.paths.insert(path, item);
        }
    }
    (schemas, all, router)
}
