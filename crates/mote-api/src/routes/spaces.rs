//! Routes that accounts, products and organizations all have: one handler, several paths.

use super::described::{Extra, Routes};
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
pub(super) fn also_of(forms: &[Form], routes: Routes) -> Routes {
    at(forms, true, routes)
}

/// The routes of what accounts have not: declared without a product or organization, and only there with one. The handlers
/// take an [`crate::access::OfTeam`], and read further parameters of the path by name.
pub(super) fn only_of(forms: &[Form], routes: Routes) -> Routes {
    at(forms, false, routes)
}

fn at(forms: &[Form], of_account: bool, routes: Routes) -> Routes {
    routes.at(|path| {
        let rest = path.trim_start_matches("/v1/");
        let mut all: Vec<_> = forms
            .iter()
            .map(|form| {
                let (prefix, name) = form.parts();
                (format!("/v1/{prefix}/{{{name}}}/{rest}"), Some(Extra { name, description: None }))
            })
            .collect();
        if of_account {
            all.push((path, None));
        }
        all
    })
}
