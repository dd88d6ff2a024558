//! Whether a binary is firmware of a product.

use super::binary::Binary;
use super::platforms::platform_name;
use crate::Error;
use crate::products::Product;

/// Refuses what is not a whole application of the product's platform, product ID and version, and says which it is not.
pub(super) fn check(bytes: &[u8], product: &Product, version: i32) -> Result<(), Error> {
    let refused = |why: String| Err(Error::invalid("file", why));
    if bytes.starts_with(b"PK\x03\x04") {
        return refused("it is a bundle (zip); bundles are not taken, send the .bin alone".into());
    }
    let binary = Binary::parse(bytes).map_err(|error| Error::invalid("file", error.to_string()))?;
    let (prefix, suffix) = (&binary.prefix, &binary.suffix);
    if !prefix.function.is_application() {
        return refused(format!("it is {}, not an application", prefix.function.name()));
    }
    if i32::from(prefix.platform_id) != product.platform_id {
        return refused(format!(
            "it was built for platform {}, and this product's devices are of platform {}",
            platform_name(prefix.platform_id.into()),
            platform_name(product.platform_id.into())
        ));
    }
    // From Device OS 4 on a source names no product, and its binary has the platform's number in that place.
    let named_one = |built: &i64| *built != product.id.0 && *built != i64::from(prefix.platform_id);
    if let Some(built) = suffix.product_id.map(i64::from).filter(named_one) {
        return refused(format!(
            "it was built for product {built}, and this is product {}: see PRODUCT_ID in its source",
            product.id
        ));
    }
    match suffix.product_version.map(i32::from) {
        None => refused("it has no product version: put PRODUCT_VERSION into its source".into()),
        Some(built) if built != version => {
            let hint = "see PRODUCT_VERSION in its source";
            refused(format!("it was built as version {built}, and the request says {version}: {hint}"))
        }
        Some(_) => Ok(()),
    }
}
