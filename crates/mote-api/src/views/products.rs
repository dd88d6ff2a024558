//! Products.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, header};
use mote_core::products::Product;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A product.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProductView {
    /// Above 1000.
    id: i64,
    /// The ID that goes into the product's firmware: the same.
    product_id: i64,
    platform_id: i32,
    name: String,
    /// The name in URLs.
    slug: String,
    description: String,
    /// Address of the account that owns it.
    user: Option<String>,
    /// Name of the organization that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    org: Option<String>,
    /// ID of that organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<String>,
    /// Names of its groups.
    groups: Vec<String>,
    #[schema(value_type = Object)]
    settings: Map<String, Value>,
    device_protection: &'static str,
    requires_activation_codes: bool,
}

impl From<&Product> for ProductView {
    fn from(product: &Product) -> Self {
        Self {
            id: product.id.0,
            product_id: product.id.0,
            platform_id: product.platform_id,
            name: product.name.clone(),
            slug: product.slug.clone(),
            description: product.description.clone(),
            user: product.owner_username.clone(),
            org: product.organization.as_ref().map(|organization| organization.name.clone()),
            organization_id: product.organization.as_ref().map(|organization| organization.id.to_hex()),
            groups: product.groups.iter().map(|group| group.name.clone()).collect(),
            settings: product.settings.as_json().clone(),
            device_protection: "disabled",
            requires_activation_codes: false,
        }
    }
}

/// One product.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProductAnswer {
    ok: bool,
    product: ProductView,
}

impl From<&Product> for ProductAnswer {
    fn from(product: &Product) -> Self {
        Self { ok: true, product: product.into() }
    }
}

/// Products.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProductsAnswer {
    products: Vec<ProductView>,
}

impl From<Vec<Product>> for ProductsAnswer {
    fn from(products: Vec<Product>) -> Self {
        Self { products: products.iter().map(Into::into).collect() }
    }
}

/// The bytes of `{"ok":true,"product":{…}}`, made once for as long as the product stays as it is.
pub(crate) struct RenderedProduct(Bytes);

impl RenderedProduct {
    pub(crate) fn answer(product: &Product) -> Response {
        let rendered = product.rendered(|product| {
            // A product is strings, numbers and JSON: it always serializes.
            Self(serde_json::to_vec(&ProductAnswer::from(product)).unwrap_or_default().into())
        });
        let json = const { HeaderValue::from_static("application/json") };
        // As it is, and not as bytes that turn out to be JSON: this is what programs ask for most.
        let mut answer = Response::new(Body::from(rendered.0.clone()));
        answer.headers_mut().insert(header::CONTENT_TYPE, json);
        answer
    }
}
